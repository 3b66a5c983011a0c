"""The network of a VAE, always in the same place, so that its three pictures can be compared."""

from _figure import GREY, INK, PALE, add_arrow, add_box, add_text, new_card
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, Polygon

from course_utils.plots import PALETTE, STYLE

Y, TOP = 1.62, 3.25  # the main row, the row of KL and ELBO
LANE = 0.17  # gradients run this far below a row
X, ENCODER, CODE, SAMPLING, Z, DECODER, REC = 0.45, 1.62, 3.2, 5.0, 6.4, 7.6, 9.2
MU, LOG_VAR = Y + 0.45, Y - 0.45
TIMES, PLUS, R = 4.65, 5.3, 0.17  # the two signs in the sampling step, and their radius
DRAWN = {"ec": PALETTE["samples"], "ls": (0, (1.2, 0.8))}  # dots, as samples have in a plot
SEEN = {"ec": PALETTE["data"], "fc": (PALETTE["data"], 0.25)}
FORWARD = {"color": GREY, "lw": 1.4}
FROM_REC = {"color": PALETTE["p"], "lw": 2.6}
FROM_KL = {"color": PALETTE["gap"], "lw": 2.6, "ls": (0, (1.6, 0.9))}


def new_network_card(title: str) -> Axes:
    """A card for the whole network, with its title."""
    ax = new_card(10.2, 4.2)
    add_text(ax, (0.18, 3.93), title, size=15, ha="left", weight="bold")
    return ax


def add_circle(ax: Axes, xy: tuple, text: str, *, r: float = 0.27, **look) -> None:
    """A variable or a sign."""
    ax.add_patch(Ellipse(xy, 2 * r, 2 * r, **({"fc": "white", "ec": INK, "lw": 1.8} | look)))
    add_text(ax, xy, text, size=15, color=GREY if look.get("ec") == PALE else INK)


def add_coder(
    ax: Axes, x: float, text: str, *, role: str, ghost: bool = False, y: float = Y
) -> None:
    """A network as a trapezoid: the encoder ("q") narrows, the decoder ("p") widens."""
    left, right = (0.8, 0.5) if role == "q" else (0.5, 0.8)
    corners = [(x - 0.5, y - left), (x + 0.5, y - right), (x + 0.5, y + right), (x - 0.5, y + left)]
    color = PALE if ghost else PALETTE[role]
    look = {"ec": color, "fc": (color, 0 if ghost else 0.12), "lw": 1.8}
    ax.add_patch(Polygon(corners, ls="-" if ghost else STYLE[role]["linestyle"], **look))
    add_text(ax, (x, y), text, color=GREY if ghost else INK)


def add_code(ax: Axes, *, ghost: bool = False) -> None:
    """What the encoder says: mu and log sigma^2."""
    color = PALE if ghost else PALETTE["q"]
    look = {"ec": color, "ls": "-" if ghost else "--", "textcolor": GREY if ghost else INK}
    add_box(ax, (CODE, MU), (0.95, 0.5), r"$\mu$", **look)
    add_box(ax, (CODE, LOG_VAR), (0.95, 0.5), r"$\log\,\sigma^2$", **look)


def add_training(ax: Axes) -> None:
    """All of the network at training time but how z is drawn, and what flows forward through it."""
    add_circle(ax, (X, Y), "$x$", **SEEN)
    add_coder(ax, ENCODER, "encoder\n" r"$\phi$", role="q")
    frame = {"ec": PALETTE["q"], "fc": (PALETTE["q"], 0.06), "lw": 0}
    add_box(ax, (CODE, Y), (1.3, 1.75), **frame)
    add_code(ax)
    add_text(ax, (CODE, Y), "$q(z|x)$")
    add_circle(ax, (Z, Y), "$z$", **DRAWN)
    add_coder(ax, DECODER, "decoder\n" r"$\theta$", role="p")
    add_box(ax, (REC, Y), (1.4, 0.85), "rec\n" r"$\approx\log\,p(x|z)$", ec=PALETTE["p"])
    add_circle(ax, (REC, 0.4), "$x$", **SEEN)
    add_box(ax, (CODE, TOP), (2.0, 0.7), ec=PALETTE["gap"], hatch="/////")
    add_box(ax, (CODE, TOP), (1.76, 0.46), r"KL$(q(z|x)\,\Vert\,p(z))$", lw=0)
    add_box(ax, (REC, TOP), (1.8, 0.62), "ELBO = rec − KL")
    _add_forward_arrows(ax)


def _add_forward_arrows(ax: Axes) -> None:
    for start, end in (
        ((X + 0.27, Y), (ENCODER - 0.5, Y)),
        ((ENCODER + 0.5, Y), (CODE - 0.65, Y)),
        ((SAMPLING + 0.7, Y), (Z - 0.27, Y)),
        ((Z + 0.27, Y), (DECODER - 0.5, Y)),
        ((DECODER + 0.5, Y), (REC - 0.7, Y)),
        ((REC, 0.67), (REC, Y - 0.425)),
        ((REC, Y + 0.425), (REC, TOP - 0.31)),
        ((CODE, Y + 0.875), (CODE, TOP - 0.35)),
        ((CODE + 1.0, TOP), (REC - 0.9, TOP)),
    ):
        add_arrow(ax, start, end, **FORWARD)


def add_gradients(ax: Axes) -> None:
    """The gradients' ways back that do not depend on how z is drawn, and what the arrows mean."""
    low, lower = Y - LANE, Y - 2 * LANE
    add_arrow(ax, (REC + LANE, TOP - 0.31), (REC + LANE, Y + 0.425), **FROM_REC)
    add_arrow(ax, (REC - 0.7, low), (DECODER + 0.5, low), **FROM_REC)
    add_arrow(ax, (DECODER - 0.5, low), (Z + 0.22, low), **FROM_REC)
    add_arrow(ax, (REC - 0.9, TOP - LANE), (CODE + 1.0, TOP - LANE), **FROM_KL)
    add_arrow(ax, (CODE + LANE, TOP - 0.35), (CODE + LANE, Y + 0.875), **FROM_KL)
    add_arrow(ax, (CODE - 0.65, lower), (ENCODER + 0.5, lower), **FROM_KL)
    add_lesson(ax, DECODER, "learns from rec")
    for x, look, words in (
        (4.6, FORWARD, "forward"),
        (6.0, FROM_REC, "gradient of rec"),
        (8.05, FROM_KL, "gradient of KL"),
    ):
        ways = ((x, 3.93), (x + 0.4, 3.93))
        add_arrow(ax, *(ways if look is FORWARD else ways[::-1]), **look)
        add_text(ax, (x + 0.5, 3.93), words, size=12, ha="left")


def add_step(ax: Axes, xy: tuple, sign: str, *, ghost: bool = False) -> None:
    """A plus or a times."""
    add_circle(ax, xy, sign, ec=PALE if ghost else INK, r=R, lw=1.4)


def add_lesson(ax: Axes, x: float, words: str, **look) -> None:
    """Below a network: what it learns from."""
    add_text(ax, (x, 0.6), words, size=12, va="top", **look)
