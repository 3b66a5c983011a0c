"""Inputs of notebook 01's exercises, away from points where wrong answers would look right.

Sizes differ between the axes, so that a wrong axis shows, and come twice, so that a size written
as a number shows. No variance, slope or noise is 1, and no mean is 0.
"""

import torch
from torch import Generator

from course_utils.exercises._engine.exercise import Case, randn

FAMOUS = (1.5, 0.3, 0.5)  # the a, b, sigma of the notebook
LONG = ((3000, *FAMOUS), (4000, -0.8, 2.0, 2.0))  # n, a, b, sigma; an (n, n) must still fit
SHORT = 5  # draws where only repeatability is in question
# Posterior standard deviations .32, .66, .96 on steps of .125, .25, .5: every rule agrees.
GRIDS = ((-8.0, 8.0, 129), (-7.0, 9.0, 65), (-7.5, 7.5, 31))
MODELS = (FAMOUS, (-0.8, 1.0, 0.7), (0.6, -1.2, 2.0))
BATCHES = (4, 6, 37)  # the last is longer than its grid


def log_normal_cases(seed: int) -> list[Case]:
    """E1.1: variances below 1, and of both kinds; the gradients in mu and log_var."""
    g = Generator().manual_seed(seed)
    return [_normal_case(g, 4, 3, centre=-1.0), _normal_case(g, 2, 5, centre=1.5)]


def _normal_case(g: Generator, batch: int, dim: int, *, centre: float) -> Case:
    mu, log_var = 2 * randn(g, batch, dim), centre + 0.5 * randn(g, batch, dim)
    x = mu + 1.5 * (0.5 * log_var).exp() * randn(g, batch, dim)
    return Case(f"x, mu and log_var of shape ({batch}, {dim})", (x, mu, log_var), (1, 2))


def sample_cases(seed: int) -> list[Case]:
    """E1.2: two long runs; three short ones, two with equal generators and one with another."""
    runs = [*LONG, *((SHORT, *FAMOUS) for _ in range(3))]
    return [
        Case(
            f"n = {n}, a = {a}, b = {b}, sigma = {sigma}",
            (n, a, b, sigma, Generator().manual_seed(10 * seed + stream)),
        )
        for (n, a, b, sigma), stream in zip(runs, (0, 1, 2, 2, 3), strict=True)
    ]


def grid_cases(seed: int) -> list[Case]:
    """E1.3 and E1.5: three models, grids and spacings; B below G twice and once above it."""
    g = Generator().manual_seed(seed)
    cases = []
    for (a, b, sigma), (low, high, points), batch in zip(MODELS, GRIDS, BATCHES, strict=True):
        x = a * randn(g, batch) + b + sigma * randn(g, batch)
        grid = torch.linspace(low, high, points, dtype=torch.float64)
        # The label stands behind an exception too: shapes that do not meet are the usual one.
        label = f"x of shape ({batch},) and grid ({points},), where each x meets each z"
        cases.append(Case(label, (x, grid, a, b, sigma)))
    return cases


def ring_cases(seed: int) -> list[Case]:
    """E1.4: two points twice, where a lost axis is silent, and a single one.

    With any other n, (n, 2) / (n,) stops with torch's own error, which names no axis.
    """
    g = Generator().manual_seed(seed)
    return [Case(f"z of shape ({n}, 2)", (randn(g, n, 2),)) for n in (2, 1, 2)]
