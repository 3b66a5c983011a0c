"""The gradient explorer as a figure, for places that cannot run it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots import PALETTE, STYLE
from course_utils.widgets.gradient._functions import FUNCTIONS, draws

FIRST_SHOWN = 10  # earlier averages may lie far away
DOTS = 200
WINDOW = 5.0  # z from -5 to 5
SCORE = {"color": PALETTE["samples"], "linestyle": ":"}
PATH = STYLE["q"]


def draw_still(picture) -> Figure:
    """The function and its draws, one gradient per draw, and the two running averages."""
    figure = Figure(figsize=(10, 3), layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=(1, 1, 1.3))
    _draw_function(left.subplots(), picture.state)
    score, path = middle.subplots(2, 1, sharex=True)
    _draw_histogram(score, picture, picture.score_counts, "score function")
    _draw_histogram(path, picture, picture.path_counts, "pathwise")
    path.set_xlabel("gradient from one draw")
    _draw_running(right.subplots(), picture)
    return figure


def _draw_function(ax: Axes, state) -> None:
    z, grid = draws(state)[:DOTS], np.linspace(-WINDOW, WINDOW, 401)
    f = FUNCTIONS[state.f].value
    ax.plot(grid, f(grid), color="0.3", lw=1, label="f(z)")
    look = STYLE["samples"] | {"marker": "o", "alpha": 0.5}
    ax.plot(z, f(z), **look, ms=3, label="draws")
    density = ax.twinx()
    q = np.exp(-0.5 * ((grid - state.mu) / state.sigma) ** 2)
    density.fill_between(grid, q, color=PALETTE["q"], alpha=0.2, lw=0)
    density.set(ylim=(0, 3), yticks=[])
    low, high = f(grid).min(), f(grid).max()
    ax.set(xlim=(-WINDOW, WINDOW), ylim=(low - 0.25 * (high - low), high + 0.1 * (high - low)))
    ax.set(xlabel="z (shaded: q)", ylabel=f"f(z) = {state.f}")
    ax.legend(fontsize=7, loc="upper center", framealpha=0.9)


def _draw_histogram(ax: Axes, picture, counts: np.ndarray, name: str) -> None:
    edges, n = picture.edges, picture.state.n
    width = edges[1] - edges[0]
    look = {"color": (SCORE if name == "score function" else PATH)["color"]}
    ax.bar(edges[:-1], counts[1:-1] / n, width, align="edge", **look)
    beyond = {"color": "white", "edgecolor": PALETTE["data"], "hatch": "////"}
    ax.bar([edges[0] - 2 * width, edges[-1] + width], counts[[0, -1]] / n, width, **beyond)
    ax.axvline(picture.exact, **STYLE["p"])
    ax.set_title(name, fontsize=8)
    ax.set_ylabel("share")


def _draw_running(ax: Axes, picture) -> None:
    ax.axhline(picture.exact, **STYLE["p"], label="exact")
    for name, look, mean, error in [
        ("score function", SCORE, picture.score_mean, picture.score_error),
        ("pathwise", PATH, picture.path_mean, picture.path_error),
    ]:
        band = mean - error, mean + error
        ax.fill_between(picture.draws, *band, color=look["color"], alpha=0.25, lw=0)
        ax.plot(picture.draws, mean, **look, label=name)
    late = picture.draws >= FIRST_SHOWN
    seen = np.concatenate([picture.score_mean[late], picture.path_mean[late], [picture.exact]])
    room = max(0.02, 0.15 * np.ptp(seen))
    ax.set(xscale="log", xlim=(2, 1e4), ylim=(seen.min() - room, seen.max() + room))
    ax.set(xlabel="number of draws n (bands: ± 1 SE)", ylabel=f"d/d{picture.state.parameter} E[f]")
    ax.legend(fontsize=7, loc="upper right", framealpha=0.9)
