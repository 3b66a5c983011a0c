"""The Monte Carlo explorer as a figure, for places that cannot run it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from course_utils.estimators import TRUST
from course_utils.plots import PALETTE, STYLE

LEVELS = [3, 6, 10, 20]  # of log10 of the draws needed
FIRST_SHOWN = 10  # earlier running values may lie thousands of nats away


def draw_still(picture, log10_needed: Callable) -> Figure:
    """The map of a MonteCarloPicture, its weights and its running estimate, side by side.

    Args:    log10_needed(state): of the draws for a 10 % error.
    """
    figure = Figure(figsize=(10, 2.9), layout="constrained")
    needed, weights, running = figure.subplots(1, 3, width_ratios=(1.2, 1, 1.6))
    _draw_map(needed, picture.state, log10_needed)
    _draw_weights(weights, picture)
    _draw_running(running, picture)
    return figure


def _draw_map(ax: Axes, state, log10_needed: Callable) -> None:
    """For every model how many draws it takes, and up to where the present n is enough."""
    dimensions, sigmas = range(1, 21), np.geomspace(0.05, 1, 25)
    rows = [[replace(state, dimension=d, sigma=s) for d in dimensions] for s in sigmas]
    needed = np.array([[log10_needed(model) for model in row] for row in rows])
    ax.set(yscale="log", xlabel="dimension L", ylabel="noise σ")
    ax.pcolormesh(dimensions, sigmas, needed, cmap="viridis_r", vmin=1, vmax=30, shading="nearest")
    crossed = [level for level in LEVELS if needed.min() < level < needed.max()]
    if crossed:
        lines = ax.contour(dimensions, sigmas, needed, crossed, colors="white", linewidths=1)
        for name in ax.clabel(lines, fmt=lambda level: f"10^{level:g}", fontsize=8):
            name.set_path_effects([withStroke(linewidth=2, foreground="0.2")])
    if needed.min() < np.log10(state.n) < needed.max():
        look = {"colors": PALETTE["q"], "linestyles": "--", "linewidths": 2}
        ax.contour(dimensions, sigmas, needed, [np.log10(state.n)], **look)
    ax.plot(state.dimension, state.sigma, "o", mfc="white", mec="black", mew=2, ms=8)
    ax.set_xticks([1, 5, 10, 15, 20])
    ax.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"], minor=False)
    ax.set_yticks([], minor=True)
    ax.set_title("draws for a 10 % error (dashed: n)", fontsize=8)


def _draw_weights(ax: Axes, picture) -> None:
    rank = np.arange(1, len(picture.shares) + 1)
    ax.bar(rank, picture.shares, color=PALETTE["samples"])
    rest = 1.3 * len(rank)
    ax.bar(rest, picture.others, width=4, color="white", edgecolor=PALETTE["data"], hatch="///")
    ax.set_xticks([1, len(rank), rest], ["1", f"{len(rank)}", "rest"])
    ax.set(ylim=(0, 1), xlabel="draws, by weight", ylabel="share of the total weight")


def _draw_running(ax: Axes, picture) -> None:
    n = picture.draws
    seen = np.append(picture.estimate[n >= FIRST_SHOWN], picture.exact)
    room = max(0.25, 0.08 * np.ptp(seen))
    low, high = seen.min() - room, seen.max() + room
    void = picture.ess < TRUST
    band = picture.estimate - picture.std_error, picture.estimate + picture.std_error
    q = PALETTE["q"]
    ax.fill_between(n, *band, where=~void, color=q, alpha=0.25, lw=0, label="± 1 std error")
    hatched = {"facecolor": "none", "edgecolor": "0.75", "hatch": "///", "lw": 0}
    ax.fill_between(n, low, high, where=void, **hatched, label=f"void: ESS < {TRUST}")
    ax.axhline(picture.exact, **STYLE["p"], label="exact")
    ax.plot(n, picture.estimate, **STYLE["q"], label="estimate")
    ax.set(xscale="log", xlim=(1, 1e5), ylim=(low, high))
    ax.set(xlabel="number of draws n", ylabel="log p(x) [nats]")
    ax.legend(fontsize=7, loc="lower right", framealpha=0.9)
