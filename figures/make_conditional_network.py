"""The conditional VAE as a network: y goes to both halves in training, to the decoder at test."""

import _network as net
from _figure import add_arrow, add_box, add_text, new_card, save
from _network import DRAWN, FORWARD, SEEN
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots import PALETTE

TRAIN, TEST = 3.75, 1.25  # the two rows
GIVEN, ENCODER, CODE, Z, DECODER, OUT = 0.5, 1.9, 3.65, 5.3, 6.75, 8.6
UP, DOWN = 1.25, 0.95  # KL and ELBO above a row, the way of y below it


def make() -> Figure:
    """Training above, test below, each part in the same column."""
    ax = new_card(9.8, 5.6)
    add_training(ax)
    add_test(ax)
    return ax.figure


def add_training(ax: Axes) -> None:
    """The encoder sees x and y; z comes from q, the noise from outside."""
    top = TRAIN + UP
    add_text(ax, (0.18, 5.33), "In training", size=15, ha="left", weight="bold")
    net.add_circle(ax, (GIVEN, TRAIN + 0.38), "$x$", **SEEN)
    net.add_circle(ax, (GIVEN, TRAIN - 0.38), "$y$", **SEEN)
    net.add_coder(ax, ENCODER, "encoder\n" r"$\phi$", role="q", y=TRAIN)
    words = "$q(z|x,y)$\n" r"$\mu,\ \log\,\sigma^2$"
    add_box(ax, (CODE, TRAIN), (1.4, 0.9), words, ec=PALETTE["q"], ls="--")
    net.add_circle(ax, (Z, TRAIN), "$z$", **DRAWN)
    add_text(ax, (Z, TRAIN - 0.48), r"$\mu+\sigma\,\epsilon$", size=12)
    add_box(ax, (CODE, top), (2.3, 0.62), ec=PALETTE["gap"], hatch="/////")
    add_box(ax, (CODE, top), (2.08, 0.4), r"KL$(q(z|x,y)\,\Vert\,p(z|y))$", lw=0, fontsize=12)
    add_box(ax, (OUT, top), (1.9, 0.62), "ELBO = rec − KL")
    add_decoder(ax, TRAIN, GIVEN, "rec\n" r"$\approx\log\,p(x|z,y)$")
    for start, end in (
        ((GIVEN + 0.27, TRAIN + 0.38), (ENCODER - 0.5, TRAIN + 0.38)),
        ((GIVEN + 0.27, TRAIN - 0.38), (ENCODER - 0.5, TRAIN - 0.38)),
        ((ENCODER + 0.5, TRAIN), (CODE - 0.7, TRAIN)),
        ((CODE + 0.7, TRAIN), (Z - 0.27, TRAIN)),
        ((CODE, TRAIN + 0.45), (CODE, top - 0.31)),
        ((CODE + 1.15, top), (OUT - 0.95, top)),
        ((OUT, TRAIN + 0.45), (OUT, top - 0.31)),
    ):
        add_arrow(ax, start, end, **FORWARD)


def add_test(ax: Axes) -> None:
    """No x, so no encoder: z comes from the prior, y from whoever asks."""
    add_text(ax, (0.18, 2.33), "At test time", size=15, ha="left", weight="bold")
    net.add_coder(ax, ENCODER, "no $x$,\nno\nencoder", role="q", ghost=True, y=TEST)
    net.add_circle(ax, (Z, TEST), "$z$", **DRAWN)
    add_text(ax, (Z - 0.4, TEST), r"$z\sim p(z|y)=N(0,\,I)$", ha="right")
    net.add_circle(ax, (CODE, TEST - DOWN), "$y$", **SEEN)
    add_text(ax, (CODE - 0.4, TEST - DOWN), "what is asked for", ha="right")
    add_decoder(ax, TEST, CODE, "mean of\n$p(x|z,y)$")


def add_decoder(ax: Axes, row: float, y_at: float, words: str) -> None:
    """The half that both rows share: z and y go in."""
    low = row - DOWN
    net.add_coder(ax, DECODER, "decoder\n" r"$\theta$", role="p", y=row)
    add_box(ax, (OUT, row), (1.7, 0.9), words, ec=PALETTE["p"])
    start = (y_at + 0.27, low) if row == TEST else (y_at, row - 0.65)
    corners = [(DECODER, low), (DECODER, row - 0.65)]
    add_arrow(ax, start, *([(y_at, low)] if row == TRAIN else []), *corners, **FORWARD)
    add_arrow(ax, (Z + 0.27, row), (DECODER - 0.5, row), **FORWARD)
    add_arrow(ax, (DECODER + 0.5, row), (OUT - 0.85, row), **FORWARD)


if __name__ == "__main__":
    save(make, __file__)
