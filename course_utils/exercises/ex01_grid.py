"""Notebook 01, E1.3 and E1.5: the pieces that right and wrong answers on a grid share."""

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from course_utils.exercises._exercise import Mistake

Answer = Callable[[Tensor, Tensor, float, float, float], Tensor]
ROOT_2PI = math.sqrt(2 * math.pi)
# Spacings that people write as a number: the notebook's own, round ones, those of our grids.
FIXED_STEPS = (0.125, 0.04, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5)


def step(grid: Tensor) -> Tensor:
    """The distance between neighbours on the grid."""
    return grid[1] - grid[0]


def step_too_small(grid: Tensor) -> Tensor:
    """The range divided by the number of points, of which there is one more than of gaps."""
    return (grid[-1] - grid[0]) / len(grid)


def prior(grid: Tensor) -> Tensor:
    """p(z) on the grid: (G,) -> (G, 1)."""
    return (-0.5 * grid[:, None] ** 2).exp() / ROOT_2PI


def likelihood(x: Tensor, grid: Tensor, a: float, b: float, sd: float) -> Tensor:
    """p(x | z) on the grid: (B,), (G,) -> (G, B)."""
    return (-0.5 * ((x - a * grid[:, None] - b) / sd) ** 2).exp() / (ROOT_2PI * sd)


def with_pieces(rule: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Answer:
    """An answer made of p(x | z), (G, B), p(z), (G, 1), and the grid, (G,)."""
    return lambda x, grid, a, b, sigma: rule(likelihood(x, grid, a, b, sigma), prior(grid), grid)


def with_other_model(right: Answer, change: Callable[[float, float, float], Any]) -> Answer:
    """The right answer to a question about other a, b, sigma."""
    return lambda x, grid, a, b, sigma: right(x, grid, *change(a, b, sigma))


def model_slips(right: Answer, *more: Answer) -> tuple[Mistake, ...]:
    """The right answer to the question about a wrong p(x | z); more: with still other means."""

    def of(change: Callable[[float, float, float], Any]) -> Answer:
        return with_other_model(right, change)

    return (
        Mistake(
            "sigma as the variance",
            of(lambda a, b, sigma: (a, b, sigma**0.5)),
            "sigma is the standard deviation of the noise; you use it as the variance. The "
            "variance is sigma squared.",
        ),
        Mistake(
            "sigma^2 as the standard deviation",
            of(lambda a, b, sigma: (a, b, sigma**2)),
            "sigma is squared once too often. In (x - a z - b)^2 / sigma^2 the variance stands "
            "below, and `torch.distributions.Normal` wants the standard deviation, sigma itself.",
        ),
        Mistake(
            "another mean",
            of(lambda a, b, sigma: (a, 0.0, sigma)),
            "The mean of x given z is a z + b. In yours a, b or a sign is missing, or in the wrong "
            "place.",
            also_wrong=(
                of(lambda a, b, sigma: (1.0, b, sigma)),
                of(lambda a, b, sigma: (a, -b, sigma)),
                of(lambda a, b, sigma: (a, a * b, sigma)),
                of(lambda a, b, sigma: (b, a, sigma)),
                *more,
            ),
        ),
    )
