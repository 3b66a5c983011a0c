"""The ELBO explorer as a figure, for places that cannot run it."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots import PALETTE, STYLE

NATS = (-10, 0.6)


def draw_still(picture) -> Figure:
    """The densities, the two sums and the curves over a of an ElboPicture, side by side."""
    figure = Figure(figsize=(10, 2.9), layout="constrained")
    densities, sums, curves = figure.subplots(1, 3, width_ratios=(1.2, 1.2, 1))
    _draw_densities(densities, picture)
    _draw_sums(sums, picture)
    _draw_curves(curves, picture)
    return figure


def _draw_densities(ax: Axes, picture) -> None:
    ax.plot(picture.z, picture.prior, color=PALETTE["p"], lw=0.8, label="p(z)")
    ax.plot(picture.z, picture.posterior, **STYLE["p"], label="p(z|x)")
    ax.plot(picture.z, picture.q, **STYLE["q"], label="q(z)")
    ax.set(xlim=(-4, 4), ylim=(0, None), xlabel="latent z", ylabel="density")
    ax.legend(fontsize=7, loc="upper left", framealpha=0.9)


def _draw_sums(ax: Axes, picture) -> None:
    log_px, elbo, rec = picture.log_px, picture.elbo, picture.rec
    rows = {  # name: (lower end, length, role, whether it is a difference of two others)
        f"log p(x)  {log_px:z.2f}": (0, log_px, "p", False),
        f"gap  {picture.gap:z.2f}": (elbo, log_px - elbo, "gap", True),
        f"ELBO  {elbo:z.2f}": (0, elbo, "q", False),
        f"KL  {picture.kl:z.2f}": (elbo, rec - elbo, "q", True),
        f"rec  {rec:z.2f}": (0, rec, "q", False),
    }
    for row, (left, length, role, hatched) in enumerate(rows.values()):
        look = {"hatch": "///", "facecolor": "none"} if hatched else {"alpha": 0.5}
        color = PALETTE[role]
        ax.barh(row, length, left=left, height=0.7, color=color, edgecolor=color, **look)
    ax.axvline(0, color=PALETTE["data"], lw=0.8)
    ax.set_yticks(range(len(rows)), [name.replace("-", "−") for name in rows])
    ax.set(xlim=NATS, xlabel="nats")
    ax.invert_yaxis()


def _draw_curves(ax: Axes, picture) -> None:
    ax.plot(picture.a_grid, picture.log_px_of_a, **STYLE["p"], label="log p(x)")
    ax.plot(picture.a_grid, picture.elbo_of_a, **STYLE["q"], label="ELBO")
    ax.axvline(picture.state.a, color=PALETTE["data"], lw=0.8)
    ax.plot([picture.state.a] * 2, [picture.elbo, picture.log_px], color=PALETTE["gap"], lw=4)
    best = picture.best_a, picture.best_elbo  # where the M-step goes
    ax.plot(*best, "o", mfc="white", mec=PALETTE["q"], mew=2)
    ax.annotate("M", best, (4, 4), textcoords="offset points", annotation_clip=True)
    ax.set(xlim=(-3, 3), ylim=(-9, -1), xlabel="the model's a", ylabel="nats")
    ax.legend(fontsize=7, loc="upper center", framealpha=0.9)
