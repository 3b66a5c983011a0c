"""At training time, z simply sampled: what rec knows does not reach the encoder."""

import _network as net
from _figure import add_arrow, add_box, add_text, save
from _network import CODE, FORWARD, FROM_REC, LANE, LOG_VAR, MU, SAMPLING, Y
from matplotlib.figure import Figure


def make() -> Figure:
    """The sampling step is a node, and the gradient of rec ends there."""
    ax = net.new_network_card("Without reparameterization")
    net.add_training(ax)
    net.add_gradients(ax)
    words = "sample\n" r"$z\sim N(\mu,\,\sigma^2)$"
    add_box(ax, (SAMPLING, Y), (1.4, 1.5), words, **net.DRAWN)
    for y in (MU, LOG_VAR):
        add_arrow(ax, (CODE + 0.475, y), (SAMPLING - 0.7, y), **FORWARD)
    stop, low = SAMPLING + 0.75, Y - LANE
    add_arrow(ax, (net.Z - 0.22, low), (stop + 0.02, low), **FROM_REC)
    add_arrow(ax, (stop, low - 0.17), (stop, low + 0.11), head=False, **FROM_REC | {"lw": 4})
    add_arrow(ax, (stop, 0.65), (stop, low - 0.17), head=False, lw=1)
    add_text(ax, (stop, 0.6), "the gradient\nstops here", weight="bold", va="top")
    net.add_lesson(ax, net.ENCODER, "learns from\nthe KL alone", weight="bold")
    return ax.figure


if __name__ == "__main__":
    save(make, __file__)
