"""Notebook 01, E1.3: what people write instead of p(x) on a grid, and the hint for each."""

from collections.abc import Callable

from torch import Tensor

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex01_grid import (
    FIXED_STEPS,
    ROOT_2PI,
    Answer,
    model_slips,
    step,
    step_too_small,
    with_other_model,
    with_pieces,
)

_right = with_pieces(lambda p_xz, p_z, grid: step(grid) * (p_xz * p_z).sum(0))


def _by_log(rule: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Answer:
    """An answer made of log p(x | z), log p(z) and the grid."""
    return with_pieces(lambda p_xz, p_z, grid: rule(p_xz.log(), p_z.log(), grid))


def _with_step(size: float) -> Answer:
    return with_pieces(lambda p_xz, p_z, grid: size * (p_xz * p_z).sum(0))


MARGINAL = (
    Mistake(
        "no p(z)",
        with_pieces(lambda p_xz, p_z, grid: step(grid) * p_xz.sum(0)),
        "p(z) is missing: every z of the grid counts alike, so that an x far from b comes out as "
        "dense as one near it. The integrand is p(x|z) p(z).",
    ),
    Mistake(
        "average over the grid",
        with_pieces(lambda p_xz, p_z, grid: p_xz.mean(0)),
        "That is the average of p(x|z) over the grid's points. It would be p(x) if the z were "
        "drawn from the prior; a grid is not drawn, it covers everything evenly. So p(z) has to "
        "be written, and a sum times the spacing stands for the integral.",
    ),
    Mistake(
        "no spacing",
        with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).sum(0)),
        "The heights are added up, but an integral is an area: each height is times the width of "
        "its strip. A grid twice as fine would double your answer. How far apart are the points?",
    ),
    Mistake(
        "mean instead of an integral",
        with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).mean(0)),
        "You divide by the number of points. An integral is the sum of the heights times the "
        "spacing: p(z) is in there already and does the weighing, so nothing is averaged.",
    ),
    Mistake(
        "one gap too many",
        with_pieces(lambda p_xz, p_z, grid: step_too_small(grid) * (p_xz * p_z).sum(0)),
        "Nearly: your spacing is a little too small. G points have G - 1 gaps between them. "
        "`grid[1] - grid[0]` needs no counting.",
    ),
    Mistake(
        "a fixed spacing",
        _with_step(FIXED_STEPS[0]),
        "The spacing you use is right for one grid at most. Take it from the grid that came: "
        "`grid[1] - grid[0]`.",
        also_wrong=tuple(map(_with_step, FIXED_STEPS[1:])),
    ),
    Mistake(
        "spacing squared",
        with_pieces(lambda p_xz, p_z, grid: step(grid) ** 2 * (p_xz * p_z).sum(0)),
        "The spacing is in there twice, or divides. One integral over z, one spacing, and it "
        "multiplies the sum.",
        also_wrong=(
            with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).sum(0) / step(grid)),
            with_pieces(lambda p_xz, p_z, grid: step(grid) * (p_xz * p_z).mean(0)),
        ),
    ),
    Mistake(
        "sum of logs",
        _by_log(lambda log_xz, log_z, grid: step(grid) * (log_xz + log_z).sum(0)),
        "You integrate logarithms. Equation 1.5 adds densities: log p(x|z) averaged over z is "
        "another number, and no density. Turn the logs back with `exp` first, then add up.",
        also_wrong=(
            _by_log(lambda log_xz, log_z, grid: (log_xz + log_z).sum(0)),
            _by_log(lambda log_xz, log_z, grid: step(grid) * (log_xz * log_z).sum(0)),
            _by_log(lambda log_xz, log_z, grid: (log_xz * log_z).sum(0)),
            _by_log(lambda log_xz, log_z, grid: (log_xz + log_z).sum(0).exp()),
            _by_log(lambda log_xz, log_z, grid: (step(grid) * (log_xz + log_z).sum(0)).exp()),
            _by_log(lambda log_xz, log_z, grid: (log_xz + log_z).mean(0)),
            _by_log(lambda log_xz, log_z, grid: (log_xz + log_z).mean(0).exp()),
            _by_log(lambda log_xz, log_z, grid: step(grid) * log_xz.sum(0)),
            _by_log(lambda log_xz, log_z, grid: log_xz.mean(0)),
            _by_log(lambda log_xz, log_z, grid: step(grid) * (log_xz * log_z.exp()).sum(0)),
            _by_log(lambda log_xz, log_z, grid: (step(grid) * log_xz * log_z.exp()).sum(0).exp()),
        ),
    ),
    Mistake(
        "sum instead of product",
        with_pieces(lambda p_xz, p_z, grid: step(grid) * (p_xz + p_z).sum(0)),
        "You add p(z) to p(x|z). The joint density is their product (equation 1.4).",
    ),
    Mistake(
        "log p(x)",
        lambda *args: _right(*args).log(),
        "That is log p(x). The task asks for the density itself.",
    ),
    *model_slips(_right, with_other_model(_right, lambda a, b, sigma: (0.0, 0.0, sigma))),
    Mistake(
        "no 1 / (sqrt(2 pi) sigma)",
        lambda x, grid, a, b, sigma: _right(x, grid, a, b, sigma) * ROOT_2PI * sigma,
        "Both p(x|z) and p(z) are densities and bring their own factor, 1 / (sqrt(2 pi) sigma) "
        "and 1 / sqrt(2 pi). One is missing, or incomplete: sigma belongs to it too.",
        also_wrong=(
            lambda x, grid, a, b, sigma: _right(x, grid, a, b, sigma) * ROOT_2PI,
            lambda x, grid, a, b, sigma: _right(x, grid, a, b, sigma) * ROOT_2PI**2 * sigma,
            lambda x, grid, a, b, sigma: _right(x, grid, a, b, sigma) * ROOT_2PI**2,
            lambda x, grid, a, b, sigma: _right(x, grid, a, b, sigma) * sigma,
            lambda x, grid, a, b, sigma: _right(x, grid, a, b, sigma) / sigma,
        ),
    ),
    Mistake(
        "wrong axis",
        with_pieces(lambda p_xz, p_z, grid: step(grid) * (p_xz * p_z).sum(1)),
        "You have added up over the x, and one number for each z is left. Each x keeps its own "
        "p(x); the sum runs over the grid.",
        also_wrong=(
            with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).sum(1)),
            with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).mean(1)),
            with_pieces(lambda p_xz, p_z, grid: step(grid) * (p_xz * p_z).sum()),
            with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).sum()),
            with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).mean()),
        ),
    ),
    Mistake(
        "not added up",
        with_pieces(lambda p_xz, p_z, grid: p_xz * p_z),
        "That is the joint density for each z and each x. Equation 1.5 adds it up over z.",
        also_wrong=(
            with_pieces(lambda p_xz, p_z, grid: step(grid) * p_xz * p_z),
            with_pieces(lambda p_xz, p_z, grid: (p_xz * p_z).T),
            with_pieces(lambda p_xz, p_z, grid: (step(grid) * p_xz * p_z).T),
        ),
    ),
)
