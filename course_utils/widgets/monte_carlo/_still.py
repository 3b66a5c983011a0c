"""The Monte Carlo explorer as a figure, for places that cannot run it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.estimators import TRUST
from course_utils.plots import PALETTE, STYLE

FIRST_SHOWN = 10  # earlier running values may lie thousands of nats away


def draw_still(picture) -> Figure:
    """The weights and the running estimate of a MonteCarloPicture, side by side."""
    figure = Figure(figsize=(8, 2.9), layout="constrained")
    weights, running = figure.subplots(1, 2, width_ratios=(1, 1.6))
    _draw_weights(weights, picture)
    _draw_running(running, picture)
    return figure


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
