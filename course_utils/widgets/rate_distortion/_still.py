"""The explorer of rate and distortion as a figure, for places that cannot run it."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots import PALETTE, STYLE
from course_utils.widgets._shared.latent_still import draw_picture


def draw_still(picture, sweep) -> Figure:
    """The plane, the test picture beside what becomes of it, and the samples."""
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.1, 1))
    _draw_plane(left.subplots(), picture, sweep)
    top, below = right.subfigures(2, 1)
    original, decoded, optimum = top.subplots(1, 3)
    draw_picture(original, picture.original, f"test picture {picture.state.image}")
    draw_picture(decoded, picture.decoded, "network")
    draw_picture(optimum, picture.optimum, "linear optimum")
    below.suptitle("samples of the network, z ~ N(0, I)", fontsize=9)
    for ax, pixels in zip(below.subplots(2, 5).flat, picture.samples, strict=True):
        draw_picture(ax, pixels, "")
    return figure


def _draw_plane(ax: Axes, picture, sweep) -> None:
    point, points, (top, right) = picture.point, sweep.plane.points, sweep.plane.reach
    rates, distortions = zip(*sweep.plane.curve, strict=True)
    ax.plot(distortions, rates, **STYLE["p"], label="the Gaussian")
    places = [p.distortion for p in points], [p.rate for p in points]
    ax.plot(*places, **STYLE["q"], marker="o", label="networks")
    ends = [point.needed, point.rate]
    ax.plot([point.distortion] * 2, ends, color=PALETTE["gap"], lw=4, label="between the two")
    rim = {"linestyle": "none", "mfc": "white", "mew": 2}
    ax.plot(point.distortion, point.rate, "o", mec=PALETTE["q"], ms=11, **rim)
    ax.plot(*point.linear[1::-1], "D", mec=PALETTE["p"], ms=7, label="linear optimum", **rim)
    own = point.own[picture.state.image]
    ax.plot(*own[::-1], "x", color="black", ms=8, mew=2, label="this picture")
    ax.set(xlim=(0, right), ylim=(0, top), ylabel="rate R [nats]")
    ax.set_xlabel("distortion D: expected squared error, summed over pixels")
    ax.legend(fontsize=7, loc="upper right", framealpha=0.9)
