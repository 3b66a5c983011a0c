"""At test time: of the network only the decoder is left."""

import _network as net
from _figure import GREY, PALE, add_arrow, add_box, add_text, save
from _network import DECODER, FORWARD, LOG_VAR, PLUS, REC, SAMPLING, TIMES, Y, Z
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots import PALETTE

SAMPLE = 3.1  # the row of the new picture


def make() -> Figure:
    """Pale is what training needed and generating does not."""
    ax = net.new_network_card("At test time")
    add_what_is_gone(ax)
    net.add_circle(ax, (Z, Y), "$z$", **net.DRAWN)
    add_text(ax, (Z, Y - 0.62), r"$z\sim N(0,\,I)$")
    net.add_coder(ax, DECODER, "decoder\n" r"$\theta$", role="p")
    add_box(ax, (REC, Y), (1.4, 0.85), "mean of\n$p(x|z)$", ec=PALETTE["p"])
    net.add_circle(ax, (REC, SAMPLE), "$x$", **net.DRAWN)
    words = r"a sample $x\sim p(x|z)$" "\nadds its noise"
    add_text(ax, (REC - 0.42, SAMPLE), words, ha="right")
    add_arrow(ax, (Z + 0.27, Y), (DECODER - 0.5, Y), **FORWARD)
    add_arrow(ax, (DECODER + 0.5, Y), (REC - 0.7, Y), **FORWARD)
    add_arrow(ax, (REC, Y + 0.425), (REC, SAMPLE - 0.27), **FORWARD)
    return ax.figure


def add_what_is_gone(ax: Axes) -> None:
    """The encoder, times and plus, where the pictures of training have them."""
    net.add_circle(ax, (net.X, Y), "$x$", ec=PALE)
    net.add_coder(ax, net.ENCODER, "encoder\n" r"$\phi$", role="q", ghost=True)
    net.add_code(ax, ghost=True)
    add_box(ax, (SAMPLING, Y), (1.4, 1.5), ec=PALE)
    net.add_step(ax, (TIMES, LOG_VAR), "×", ghost=True)
    net.add_step(ax, (PLUS, Y), "+", ghost=True)
    net.add_circle(ax, (TIMES, 0.4), r"$\epsilon$", ec=PALE)
    add_text(ax, (net.CODE, SAMPLE), "no longer needed: encoder, times, plus", color=GREY)


if __name__ == "__main__":
    save(make, __file__)
