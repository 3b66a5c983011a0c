"""Inputs of notebook 01's exercises: no variance, slope or noise is 1, and no mean is 0."""

import torch
from torch import Generator

from course_utils.exercises._engine.exercise import Case, Cases, drawn, randn

FAMOUS = (1.5, 0.3, 0.5)  # the a, b, sigma of the notebook
LONG = ((3000, *FAMOUS), (4000, -0.8, 2.0, 2.0))  # n, a, b, sigma; an (n, n) must still fit
SHORT = 5  # draws where only repeatability is in question
# Posterior standard deviations .32, .66, .96 on steps of .125, .25, .5: every rule agrees.
GRIDS = ((-8.0, 8.0, 129), (-7.0, 9.0, 65), (-7.5, 7.5, 31))
MODELS = (FAMOUS, (-0.8, 1.0, 0.7), (0.6, -1.2, 2.0))
BATCHES = (4, 6, 37)  # the last is longer than its grid


@drawn
def log_normal_cases(g: Generator) -> Cases:
    """E1.1: variances below 1, and of both kinds; the gradients in mu and log_var."""
    for shape, centre in (((4, 3), -1.0), ((2, 5), 1.5)):
        mu, log_var = 2 * randn(g, *shape), centre + 0.5 * randn(g, *shape)
        x = mu + 1.5 * (0.5 * log_var).exp() * randn(g, *shape)
        yield Case(f"x, mu and log_var of shape {shape}", (x, mu, log_var), (1, 2))


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


@drawn
def grid_cases(g: Generator) -> Cases:
    """E1.3 and E1.5: three models, grids and spacings; B below G twice and once above it."""
    for (a, b, sigma), (low, high, points), batch in zip(MODELS, GRIDS, BATCHES, strict=True):
        x = a * randn(g, batch) + b + sigma * randn(g, batch)
        grid = torch.linspace(low, high, points, dtype=torch.float64)
        # The label stands behind an exception too: shapes that do not meet are the usual one.
        label = f"x of shape ({batch},) and grid ({points},), where each x meets each z"
        yield Case(label, (x, grid, a, b, sigma))


@drawn
def ring_cases(g: Generator) -> Cases:
    """E1.4: two points twice, where a lost axis is silent, and a single one.

    With any other n, (n, 2) / (n,) stops with torch's own error, which names no axis.
    """
    for n in (2, 1, 2):
        yield Case(f"z of shape ({n}, 2)", (randn(g, n, 2),))
