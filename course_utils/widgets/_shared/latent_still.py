"""The latent explorer as a figure, for places that cannot run it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from course_utils.plots import PALETTE

GREYS = {"cmap": "gray_r", "vmin": 0, "vmax": 1, "interpolation": "nearest"}
# As on the page: Petroff (2021), "Accessible color sequences", each with a shape of its own.
INKS = ["#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#92dadd"]
INKS += ["#a96b59", "#e76300", "#b9ac70", "#717581", "#832db6"]
BAR = [(-1.3, -0.5), (1.3, -0.5), (1.3, 0.5), (-1.3, 0.5)]
SHAPES = ["o", "s", "^", "v", "D", (4, 1, 0), (4, 1, 45), "*", "d", BAR]


def draw_still(picture, codes) -> Figure:
    """The pad of a LatentPicture, the decoded picture, the chosen code; on a walk its strip too."""
    walk, chosen = picture.strip is not None, picture.state.chosen is not None
    figure = Figure(figsize=(10 if chosen else 8, 5.8 if walk else 4.2), layout="constrained")
    top, *below = np.atleast_1d(figure.subfigures(2, 1, height_ratios=(3.4, 1)) if walk else figure)
    ratios = (2.2, 1.7, 1, 1) if chosen else (2.2, 1.7)
    pad, image, *others = top.subplots(1, len(ratios), width_ratios=ratios)
    draw_pad(pad, picture, codes, (np.zeros_like(picture.z), np.ones_like(picture.z)))
    draw_picture(image, picture.image, "decoded at z")
    if chosen:
        original, decoded = others
        draw_picture(original, picture.original, "original x")
        draw_picture(decoded, picture.reconstruction, "decoded at μ")
    if walk:
        for i, ax in enumerate(below[0].subplots(1, len(picture.strip))):
            draw_picture(ax, picture.strip[i], f"t = {i / (len(picture.strip) - 1):.3g}")
    return figure


def draw_picture(ax: Axes, pixels: np.ndarray | None, title: str) -> None:
    """Grey pixels under a title; without pixels an empty place."""
    ax.set_visible(pixels is not None)
    if pixels is not None:
        ax.imshow(pixels, **GREYS)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=9)


def draw_pad(ax: Axes, picture, codes, prior: tuple[np.ndarray, np.ndarray]) -> None:
    """Codes by label, the prior, q of the chosen code, the place z.

    Args:    prior: its mean and standard deviation, (L,) each.
    """
    axes, span, (mu, sd) = picture.state.axes, codes.span, prior
    heights = _heights(codes, axes)
    labels = np.array(codes.labels, dtype=int)
    for label in sorted(set(codes.labels)):
        rows = labels == label
        look = {"c": INKS[label % 10], "marker": SHAPES[label % 10], "label": label}
        look |= {"edgecolors": "0.45", "linewidths": 0.3}  # a rim sets pale inks off
        ax.scatter(codes.mu[rows, axes[0]], heights[rows], s=20, **look)
    outline = {"fill": False, "color": PALETTE["p"]}
    _draw_normal(ax, _place(mu, axes), sd[axes[0]], sd[axes[-1]], **outline)
    _draw_chosen(ax, picture, codes, heights)
    ax.plot(*_place(picture.z, axes), marker="+", color="black", markersize=14, markeredgewidth=2)
    ax.set(xlim=(-span, span), ylim=(-span, span), aspect="equal", xlabel=f"z[{axes[0]}]")
    ax.set_ylabel(f"z[{axes[1]}]" if len(axes) > 1 else "label")
    if len(codes):
        ax.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1, 1), borderpad=0.2)


def _draw_normal(ax: Axes, centre, width: float, height: float, **look) -> None:
    """One and two standard deviations around its mean."""
    for deviations in (1, 2):
        ax.add_patch(Ellipse(centre, 2 * deviations * width, 2 * deviations * height, **look))


def _heights(codes, axes) -> np.ndarray:
    """Of each code on the pad: its second latent; of one latent a lane for each label."""
    if len(axes) > 1:
        return codes.mu[:, axes[1]]
    return codes.span * (0.9 - 0.2 * (np.array(codes.labels, dtype=int) % 10))


def _place(z, axes) -> tuple[float, float]:
    return z[axes[0]], z[axes[1]] if len(axes) > 1 else 0.0


def _draw_chosen(ax: Axes, picture, codes, heights: np.ndarray) -> None:
    state = picture.state
    ends = [] if state.chosen is None else [state.chosen]
    ends += [state.other] if getattr(picture, "strip", None) is not None else []
    ax.plot(codes.mu[ends, state.axes[0]], heights[ends], "o-", color="black", mfc="none", ms=9)
    if state.chosen is None or codes.log_var is None:
        return
    sd = np.exp(codes.log_var[state.chosen][list(state.axes)].astype(float) / 2)
    width, height = sd[0], sd[1] if len(sd) > 1 else 0.05 * codes.span
    centre = (codes.mu[state.chosen, state.axes[0]], heights[state.chosen])
    look = {"edgecolor": PALETTE["q"], "linestyle": "--", "facecolor": PALETTE["q"] + "33"}
    _draw_normal(ax, centre, width, height, **look)
