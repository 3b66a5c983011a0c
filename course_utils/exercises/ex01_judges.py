"""Notebook 01, E1.2: the answer draws noise, so it and its slips are judged by statistics.

Runs, in the order of `ex01_inputs.sample_cases`: two long ones, then three short ones, of which
the first two have equal generators and the third another. A slip is known by the question to which
it would be a right answer: with sigma^2 for sigma, say.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._engine.compare import as_tensor, difference, parts_of, same_outputs
from course_utils.exercises.ex01_inputs import FAMOUS, LONG, SHORT

PARTS = ("z", "x")
BEYOND_TWO = math.erfc(math.sqrt(2))  # of a normal: the share more than two sigmas from its mean
Run = tuple[Tensor, Tensor, float, float, float]  # z, x, a, b, sigma
Known = Callable[[Sequence[Any]], bool]


def judge_sampling(outputs: Sequence[Any]) -> str | None:
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
    return difference(wanted, output, PARTS)


def long_runs(outputs: Sequence[Any]) -> list[Run]:
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


def same_for_every_generator(outputs: Sequence[Any]) -> bool:
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


def _each(holds: Callable[..., bool]) -> Known:
    """Whether something holds for both long runs."""

    def known(outputs: Sequence[Any]) -> bool:
        runs = long_runs(outputs)
        return bool(runs) and all(holds(*run) for run in runs)

    return known


def _right_for(readings: Callable[..., list[Run]]) -> Known:
    """Whether both long runs are right once read in one of these ways."""

    def known(outputs: Sequence[Any]) -> bool:
        ways = zip(*(readings(*run) for run in long_runs(outputs)), strict=True)
        return any(not any(first_off(*run) for run in way) for way in ways)

    return known


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


def no_random_noise(outputs: Sequence[Any]) -> bool:
    """Whether x - a z is one number in each run, and the same for every generator."""
    pairs = [list(map(as_tensor, parts_of(output))) for output in outputs[3:5]]
    return _plus_a_number(outputs) and _is(*(x - FAMOUS[0] * z for z, x in pairs))
