"""Graphical models: the model p on the left, the encoder q on the right, each with its plate."""

import daft
import matplotlib.pyplot as plt
from _figure import INK
from matplotlib.figure import Figure

from course_utils.plots import PALETTE, STYLE

INCH, NODE = 2.54, 0.64  # daft measures in centimetres; a node's width in inches
SIDES = {"p": 0.3, "q": 5.05}  # where the plates begin
WIDTH, HEIGHT, PLATE = 8.1, 3.6, (2.75, 2.7)


def new_graph(p: str, q: str) -> daft.PGM:
    """A card with a plate for each side and its title (p, q); coordinates are inches."""
    pgm = daft.PGM(
        (WIDTH, HEIGHT), (0, 0), grid_unit=INCH, node_unit=NODE * INCH, line_width=1.8, node_ec=INK
    )
    for left, title in zip(SIDES.values(), (p, q), strict=True):
        look = {"ec": INK, "fc": "none", "lw": 1.4}
        pgm.add_plate([left, 0.3, *PLATE], label="$N$ images", fontsize=13, rect_params=look)
        pgm.add_text(left, 3.17, title, fontsize=14)
    return pgm


def add_node(pgm: daft.PGM, name: str, at: tuple, *, seen: bool = False) -> None:
    """A variable, called by the letter that its name begins with; grey if it is observed."""
    look = {"fc": "#D0D0D0" if seen else "white"}
    pgm.add_node(name, f"${name[0]}$", *at, fontsize=18, plot_params=look)


def add_parameters(pgm: daft.PGM) -> None:
    """Theta of p and phi of q: no circles, since they are no random variables."""
    look = {"ec": "none", "fc": "none"}
    for name, at in (("theta", (SIDES["p"] + 3.2, 1.1)), ("phi", (SIDES["q"] - 0.45, 2.4))):
        pgm.add_node(name, rf"$\{name}$", *at, scale=0.6, fontsize=18, plot_params=look)


def add_edges(pgm: daft.PGM, role: str, end: str, *starts: str) -> None:
    """What `end` depends on: by p (solid) or by q (dashed)."""
    color, dashes = PALETTE[role], STYLE[role]["linestyle"]
    line = {"color": color, "linestyle": dashes, "linewidth": 2.4}
    # the head apart from the line: daft draws there and back, which fills the gaps between dashes
    head = {"fc": color, "ec": "none", "linewidth": 0, "head_length": 0.38, "head_width": 0.32}
    for start in starts:
        pgm.add_edge(start, end, directed=False, plot_params=line)
        pgm.add_edge(start, end, plot_params=head)


def add_words(pgm: daft.PGM, at: tuple, words: str, *, size: float = 15) -> None:
    """A line of text that begins at a place."""
    pgm.add_text(*at, words, fontsize=size)


def render(pgm: daft.PGM) -> Figure:
    """The drawing, as a figure that pyplot forgets."""
    pgm.render()
    plt.close(pgm.figure)
    return pgm.figure
