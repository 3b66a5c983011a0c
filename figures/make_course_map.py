"""The notebooks, and which is needed for which."""

from _figure import GREY, INK, add_arrow, add_box, add_text, new_card, save
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WRITTEN = tuple(f"{number:02}" for number in range(10))  # the others are in preparation
NAMES = {
    "00": "start here",
    "01": "latent\nvariables",
    "02": "naive\nMonte Carlo",
    "03": "KL and\nthe ELBO",
    "04": "reparameter-\nization",
    "05": "the VAE",
    "06": "its latent\nspace",
    "07": "the conditional\nVAE",
    "08": "how good\nis it?",
    "09": "rate and\ndistortion",
    "10": "the clinic",
    "11": "where next",
}
# where the boxes stand, in inches: 00 to 04 above, 05 between, 06 to 11 below
ABOVE, BELOW = [1.0 + 2.2 * i for i in range(5)], [1.0 + 1.76 * i for i in range(6)]
ROWS = {"top": 4.2, "05": 2.65, "bottom": 0.95}
PLACES = {f"{i:02}": (ABOVE[i], ROWS["top"]) for i in range(5)}
PLACES |= {f"{i:02}": (BELOW[i - 6], ROWS["bottom"]) for i in range(6, 12)}
PLACES["05"] = ((ABOVE[3] + ABOVE[4]) / 2, ROWS["05"])
BUS = 1.8  # where the arrow from 05 branches
WIDTH, HEIGHT, SIDE, HALF = 1.6, 1.0, 0.8, 0.5
LOOKS = {True: {"fc": "#3A3A3A", "ec": "#3A3A3A"}, False: {"ec": GREY, "ls": (0, (3, 2))}}


def make() -> Figure:
    """All twelve boxes, filled where there is a notebook to read."""
    ax = new_card(10.8, 4.95)
    add_arrows(ax)
    for number, name in NAMES.items():
        (x, y), written = PLACES[number], number in WRITTEN
        color = "white" if written else INK
        add_box(ax, (x, y), (WIDTH, HEIGHT), **LOOKS[written])
        add_text(ax, (x, y + 0.27), number, size=15, weight="bold", color=color)
        add_text(ax, (x, y - 0.15), name, color=color)
    add_key(ax)
    return ax.figure


def add_key(ax: Axes) -> None:
    """What arrows, boxes and the mark in the notebooks mean."""
    add_arrow(ax, (0.25, 3.3), (0.65, 3.3))
    add_box(ax, (0.45, 2.98), (0.4, 0.22), **LOOKS[True])
    add_box(ax, (0.45, 2.66), (0.4, 0.22), **LOOKS[False])
    add_text(ax, (0.45, 2.34), "○", size=15)
    words = ("is needed for", "written", "in preparation", "in a notebook: may be skipped")
    for row, line in enumerate(words):
        add_text(ax, (0.8, 3.3 - 0.32 * row), line, size=12, ha="left")


def add_arrows(ax: Axes) -> None:
    """The chain, what 05 takes from 03 and 04, what needs 05, what 08 takes from 02, 09 from 06."""
    for left, right in zip(ABOVE, ABOVE[1:], strict=False):
        add_arrow(ax, (left + SIDE, ROWS["top"]), (right - SIDE, ROWS["top"]))
    x5, top, bottom = PLACES["05"][0], ROWS["top"] - HALF, ROWS["bottom"] + HALF
    for side, words, align in ((-0.45, "the identity", "right"), (0.45, "the trick", "left")):
        add_arrow(ax, (x5 + side, top), (x5 + side, ROWS["05"] + HALF))
        add_text(ax, (x5 + 1.25 * side, 3.42), words, size=12, ha=align)
    add_arrow(ax, (x5, ROWS["05"] - HALF), (x5, BUS), head=False)
    for x in BELOW:
        add_arrow(ax, (x5, BUS), (x, BUS), (x, bottom))
    x2 = (PLACES["02"][0] + PLACES["08"][0]) / 2
    # a gap in the branch, since this arrow crosses it and does not join
    add_arrow(ax, (x2, BUS + 0.1), (x2, BUS - 0.1), head=False, color="white", lw=10)
    add_arrow(ax, (x2, top), (x2, bottom))
    add_text(ax, (x2 - 0.1, 2.65), "importance\nweights", size=12, ha="right")
    (x6, _), (x9, _), below = PLACES["06"], PLACES["09"], ROWS["bottom"] - HALF
    add_arrow(ax, (x6, below), (x6, 0.2), (x9, 0.2), (x9, below))


if __name__ == "__main__":
    save(make, __file__)
