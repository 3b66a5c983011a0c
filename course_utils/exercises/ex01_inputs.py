"""Notebook 01's inputs, and how E1.2 is judged; no variance, slope or noise is 1, no mean is 0.

The answer to E1.2 draws noise, so it and its slips are judged by statistics of the runs in
`sample_cases`. A slip is known by the question to which it would be a right answer: with sigma^2
for sigma, say.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Generator, Tensor

from course_utils.exercises._engine.compare import as_tensor, difference, parts_of, same_outputs
from course_utils.exercises._engine.exercise import Case, Cases, Outputs, curried, drawn, randn

FAMOUS = (1.5, 0.3, 0.5)  # the a, b, sigma of the notebook
LONG = ((3000, *FAMOUS), (4000, -0.8, 2.0, 2.0))  # n, a, b, sigma; an (n, n) must still fit
SHORT = 5  # draws where only repeatability is in question
# Posterior standard deviations .32, .66, .96 on steps of .125, .25, .5: every rule agrees.
GRIDS = ((-8.0, 8.0, 129), (-7.0, 9.0, 65), (-7.5, 7.5, 31))
MODELS = (FAMOUS, (-0.8, 1.0, 0.7), (0.6, -1.2, 2.0))
BATCHES = (4, 6, 37)  # the last is longer than its grid
BEYOND_TWO = math.erfc(math.sqrt(2))  # of a normal: the share more than two sigmas from its mean
Run = tuple[Tensor, Tensor, float, float, float]  # z, x, a, b, sigma


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
    labels = [f"n = {n}, a = {a}, b = {b}, sigma = {sigma}" for n, a, b, sigma in runs]
    return [
        Case(label, (*run, Generator().manual_seed(10 * seed + stream)))
        for label, run, stream in zip(labels, runs, (0, 1, 2, 2, 3), strict=True)
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


def judge_sampling(outputs: Outputs) -> str | None:
    """Shapes; each statistic within five standard errors; driven by the generator alone."""
    sizes = [n for n, *_ in LONG] + [SHORT] * 3
    for n, output in zip(sizes, outputs, strict=True):
        found = _wrong_shape(n, output)
        if found:
            return f"With n = {n}: {found}"
    for (n, a, b, sigma), (z, x, *_) in zip(LONG, long_runs(outputs), strict=True):
        found = first_off(z, x, a, b, sigma)
        if found:
            return f"With n = {n}, a = {a}, b = {b}, sigma = {sigma}: {found}"
    if not same_outputs(outputs[2:3], outputs[3:4]):
        return "Two runs with equal generators gave different draws."
    if same_for_every_generator(outputs):
        return "Two runs with different generators gave the same draws."
    return None


def _wrong_shape(n: int, output: Any) -> str | None:
    """What is wrong with the kind or the shape of an output; its values are taken as they are."""
    tensors = [as_tensor(part) for part in parts_of(output)]
    wanted = [t if t is not None and t.shape == (n,) else torch.zeros(n) for t in tensors]
    return difference(wanted, output, ("z", "x"))


def long_runs(outputs: Outputs) -> list[Run]:
    """The two long runs in double precision with their a, b, sigma; [] if a shape is wrong."""
    if any(_wrong_shape(n, output) for (n, *_), output in zip(LONG, outputs, strict=False)):
        return []
    drawn = [[as_tensor(p).double() for p in parts_of(o)] for o in outputs[: len(LONG)]]
    return [(z, x, a, b, sigma) for (_, a, b, sigma), (z, x) in zip(LONG, drawn, strict=True)]


def statistics(
    z: Tensor, x: Tensor, a: float, b: float, sigma: float
) -> Iterator[tuple[str, float, float, float]]:
    """What it is, its value, what it should be, its standard error: ten for a run."""
    n, noise = len(z), x - a * z - b
    draws = ("z", z, 0.0, 1.0), ("x", x, b, a**2 + sigma**2), ("x - a z - b", noise, 0.0, sigma**2)
    for name, values, mean, variance in draws:
        from_mean = values - mean
        beyond = (from_mean.abs() > 2 * variance**0.5).double().mean().item()
        error = math.sqrt(BEYOND_TWO * (1 - BEYOND_TWO) / n)
        yield f"mean of {name}", values.mean().item(), mean, math.sqrt(variance / n)
        came = (from_mean**2).mean().item()
        yield f"variance of {name}", came, variance, variance * math.sqrt(2 / n)
        yield f"share of {name} beyond two standard deviations", beyond, BEYOND_TWO, error
    together = (z * noise).mean().item()
    yield "covariance of z and x - a z - b", together, 0.0, sigma / math.sqrt(n)


def first_off(z: Tensor, x: Tensor, a: float, b: float, sigma: float) -> str:
    """The first statistic more than five standard errors off (or nan), or ""."""
    for name, came, wanted, error in statistics(z, x, a, b, sigma):
        if not abs(came - wanted) <= 5 * error:
            return (
                f"the {name} should be {wanted:.3g} within {5 * error:.2g} (five standard "
                f"errors), yours is {came:.3g}."
            )
    return ""


def same_for_every_generator(outputs: Outputs) -> bool:
    """Whether different generators (the fourth and fifth run) gave the same z, or the same x."""
    return any(map(_is, *(map(as_tensor, parts_of(o)) for o in outputs[3:5])))


def _is(ours: Tensor, theirs: Tensor) -> bool:
    """Equal up to single precision."""
    close = {"rtol": 1e-4, "atol": 1e-4}
    return ours.shape == theirs.shape and torch.allclose(ours.double(), theirs.double(), **close)


def _flat(values: Tensor) -> bool:
    return _is(values, values.mean().expand_as(values))


def _in_unit(values: Tensor) -> bool:
    return bool((values > -1e-4).all() and (values < 1 + 1e-4).all())


# --- slips ---


@curried
def _each(outputs: Outputs, holds: Callable[..., bool]) -> bool:
    """Whether something holds for both long runs."""
    runs = long_runs(outputs)
    return bool(runs) and all(holds(*run) for run in runs)


@curried
def _right_for(outputs: Outputs, readings: Callable[..., list[Run]]) -> bool:
    """Whether both long runs are right once read in one of these ways."""
    ways = zip(*(readings(*run) for run in long_runs(outputs)), strict=True)
    return any(not any(first_off(*run) for run in way) for way in ways)


no_noise = _each(lambda z, x, a, b, sigma: _is(x, a * z + b))
same_noise = _each(lambda z, x, a, b, sigma: _is(x, (a + sigma) * z + b))
one_value = _each(lambda z, x, a, b, sigma: _flat(z) or _flat(x - a * z - b))
uniform = _each(lambda z, x, a, b, sigma: _in_unit(z) or _in_unit((x - a * z - b) / sigma))
sigma_squared = _right_for(lambda z, x, a, b, sigma: [(z, x, a, b, sigma**2)])
root_of_sigma = _right_for(lambda z, x, a, b, sigma: [(z, x, a, b, sigma**0.5)])
noise_not_scaled = _right_for(
    lambda z, x, a, b, sigma: [(z, x, a, b, s) for s in (1.0, 1 / sigma, abs(a) * sigma)]
)
noise_of_another_width = _right_for(
    lambda z, x, a, b, sigma: [(z, x, a, b, (x - a * z - b).std().item())]
)
z_of_another_width = _right_for(  # all z scaled, or moved, and x right for them
    lambda z, x, a, b, sigma: [((z - z.mean()) / z.std(), x, a * z.std(), a * z.mean() + b, sigma)]
)
another_z = _right_for(  # x is independent of z, and as it should be by itself
    lambda z, x, a, b, sigma: [(z, x, 0.0, b, (a**2 + sigma**2) ** 0.5)]
)
without_z = _right_for(lambda z, x, a, b, sigma: [(z, x, 0.0, b, sigma)])
another_mean = _right_for(
    lambda z, x, a, b, sigma: [
        (z, x, slope, start, sigma)
        for slope, start in ((a, 0.0), (1.0, b), (b, a), (a, a * b), (a, -b), (-a, b))
    ]
)
swapped = _right_for(lambda z, x, a, b, sigma: [(x, z, a, b, sigma)])
moved_z = _right_for(  # a z + b, z + b or a z stands in the place of z
    lambda z, x, a, b, sigma: [(u, x, a, b, sigma) for u in ((z - b) / a, z - b, z / a)]
)
_plus_a_number = _each(lambda z, x, a, b, sigma: _flat(x - a * z))


def no_random_noise(outputs: Outputs) -> bool:
    """Whether x - a z is one number in each run, and the same for every generator."""
    pairs = [list(map(as_tensor, parts_of(output))) for output in outputs[3:5]]
    return _plus_a_number(outputs) and _is(*(x - FAMOUS[0] * z for z, x in pairs))
