"""Figure of the README: one estimator, two models. Run it to write two_averages.svg anew."""

from _figure import save
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.estimators import TRUST
from course_utils.plots import PALETTE, STYLE
from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture


def plot_running(ax: Axes, latents: int) -> None:
    """The running naive estimate of log p(x), its error band, and the exact value."""
    picture = monte_carlo_picture(MonteCarloState(dimension=latents, sigma=0.3, n=100_000, seed=1))
    shown = picture.draws >= 10
    n, estimate, error = (a[shown] for a in (picture.draws, picture.estimate, picture.std_error))
    void = picture.ess[shown] < TRUST
    band = (estimate - error, estimate + error)
    ax.fill_between(n, *band, where=~void, color=PALETTE["q"], alpha=0.3, lw=0, label="± 1 SE")
    ax.fill_between(
        n, *band, where=void, fc="none", ec=PALETTE["q"], hatch="///", lw=0, label="± 1 SE, void"
    )
    ax.axhline(picture.exact, label="exact", **STYLE["p"])
    ax.plot(n, estimate, label="naive Monte Carlo", **STYLE["q"])
    ax.set(xscale="log", xlabel="draws n", ylabel="log p(x) [nats]", title=f"{latents} latents")


def make() -> Figure:
    """Both panels; the same bytes at every run of one matplotlib version."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    for ax, latents in zip(figure.subplots(1, 2), (2, 20), strict=True):
        plot_running(ax, latents)
    figure.axes[1].legend(loc="lower right", fontsize=8)
    return figure


if __name__ == "__main__":
    save(make, __file__)
