"""At training time, z = mu + sigma eps: the gradient of rec goes on to the encoder."""

import _network as net
from _figure import add_arrow, add_box, add_text, save
from _network import CODE, FORWARD, FROM_REC, LANE, LOG_VAR, MU, PLUS, SAMPLING, TIMES, R, Y
from matplotlib.axes import Axes
from matplotlib.figure import Figure

RIGHT = CODE + 0.475  # of the boxes of mu and log sigma^2
EPS = 0.4  # the row of the noise


def make() -> Figure:
    """The sampling step is taken apart; what is random comes in from the side."""
    ax = net.new_network_card("With reparameterization")
    net.add_training(ax)
    net.add_gradients(ax)
    add_box(ax, (SAMPLING, Y), (1.4, 1.5), **net.DRAWN)
    add_text(ax, (SAMPLING, Y + 0.93), r"$z=\mu+\sigma\,\epsilon$", size=15)
    net.add_step(ax, (TIMES, LOG_VAR), "×")
    net.add_step(ax, (PLUS, Y), "+")
    add_forward(ax)
    add_backward(ax)
    net.add_lesson(ax, net.ENCODER, "learns from\nboth terms", weight="bold")
    return ax.figure


def add_forward(ax: Axes) -> None:
    """z = mu + sigma eps, with eps from outside."""
    add_text(ax, (CODE + 0.8, LOG_VAR - 0.16), r"$\sigma$")
    net.add_circle(ax, (TIMES, EPS), r"$\epsilon$", **net.DRAWN)
    words = r"$\epsilon\sim N(0,\,I)$" "\nneeds no gradient"
    add_text(ax, (TIMES + 0.37, EPS), words, size=12, ha="left")
    add_arrow(ax, (TIMES, EPS + 0.27), (TIMES, LOG_VAR - R), **FORWARD)
    add_arrow(ax, (RIGHT, MU), (PLUS, MU), (PLUS, Y + R), **FORWARD)
    add_arrow(ax, (RIGHT, LOG_VAR), (TIMES - R, LOG_VAR), **FORWARD)
    add_arrow(ax, (TIMES + R, LOG_VAR), (PLUS, LOG_VAR), (PLUS, Y - R), **FORWARD)
    add_arrow(ax, (PLUS + R, Y), (SAMPLING + 0.7, Y), head=False, **FORWARD)


def add_backward(ax: Axes) -> None:
    """The gradient of rec, which goes back through plus and times, past the noise."""
    low, left = Y - LANE, PLUS - 0.14
    upper, lower = MU - 0.14, LOG_VAR + 0.14
    add_arrow(ax, (net.Z - 0.22, low), (PLUS + 0.1, low), **FROM_REC)
    add_arrow(ax, (left, Y + 0.12), (left, upper), (RIGHT, upper), **FROM_REC)
    add_arrow(ax, (left, Y - 0.12), (TIMES + 0.13, lower), **FROM_REC)
    add_arrow(ax, (TIMES - 0.13, lower), (RIGHT, lower), **FROM_REC)
    add_arrow(ax, (CODE - 0.65, low), (net.ENCODER + 0.5, low), **FROM_REC)


if __name__ == "__main__":
    save(make, __file__)
