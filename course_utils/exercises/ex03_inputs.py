"""Notebook 03's inputs: no L is 2 and no sigma is 1, and models come twice, too; and E3.6's judge.

The lines of E3.6's derivation all follow "KL(q_phi(z|x) || p_theta(z|x))". Swapping number and
place (1 with 3, 2 with 5, 4 with 6) gives the same list, so whoever writes each line's place
instead is right as well.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from course_utils.exercises._engine.exercise import Case, Cases, drawn, rand, randn

MODELS = ((1.5, 0.3, 0.5), (-0.8, 1.1, 0.7), (0.6, -0.4, 1.3))  # a, b, sigma; eq. 1.3 first
# Means and log-variances of E3.5's grids, as steps from the best ones (one mode) or from the middle
# (two modes). The best pair is a clear one, and mistakes that change the variance by different
# factors end at different steps, as far as possible: below the least variance all are alike.
SHARP_MEANS = (-0.55, -0.36, -0.2, 0.03, 0.24, 0.4, 0.62)
SHARP_WIDTHS = (-0.9, -0.66, -0.43, -0.21, 0.04, 0.28, 0.48, 0.59, 0.7, 0.84, 1.2, 1.63, 1.9)
FAR_MEANS = (-4.2, 3.0, -3.6, 4.6, 5.2)  # all far from the posterior mean, and unsorted
FAR_WIDTHS = (0.6, 1.25, -0.22, 0.3, -1.2, 0.05, -0.7, -2.3, -2.9, -3.3, 0.95, 1.6)
RISING = (
    (-2.0, -1.6, -1.22, -0.75, -0.3, 0.1, 0.6, 0.9, 1.24, 1.6, 2.1),
    (-3.5, -2.9, -2.42, -1.8, -1.2, -0.6, -0.1, 0.25, 0.7),
)
FALLING = (
    (2.2, 1.7, 1.28, 0.8, 0.35, -0.1, -0.5, -0.85, -1.26, -1.6, -2.0, -2.4),
    (0.6, 0.1, -0.5, -1.1, -1.75, -2.42, -3.3),
)
LOPSIDED = (0.0, -0.5, -1.1), (-0.7, 0.0, 0.5, -1.3)
Steps = tuple[Sequence[float], Sequence[float]]


@drawn
def kl_cases(g: Generator) -> Cases:
    """E3.1: two sizes, then one latent alone."""
    for shape in ((4, 3), (2, 5), (6, 1)):
        yield Case(f"mu and log_var {shape}", (randn(g, *shape), randn(g, *shape)), (0, 1))


@drawn
def kl_normal_cases(g: Generator) -> Cases:
    """E3.2: three sizes; no case is the pair that the notebook's prediction asks about."""
    for shape in ((4, 3), (2, 5), (3, 1)):
        mu_p, log_var_p = randn(g, *shape), 0.8 * randn(g, *shape)
        mu_q = mu_p + _away_from_zero(g, shape, 0.4, 1.6)
        log_var_q = log_var_p + _away_from_zero(g, shape, 0.3, 1.2)
        args = (mu_q, log_var_q, mu_p, log_var_p)
        yield Case(f"four tensors {shape}", args, (0, 1, 2, 3))


@drawn
def off_posterior_cases(g: Generator) -> Cases:
    """E3.3, E3.4: three models and x of theirs; q two standard deviations off the posterior.

    q is wider or narrower, too, so that no part of a gradient is a small rest of large numbers.
    """
    for size, (a, b, sigma) in zip((4, 7, 5), MODELS, strict=True):
        x = a * randn(g, size) + b + sigma * randn(g, size)
        precision = 1 + a**2 / sigma**2  # of p(z | x), eq. 1.11
        m, v = (a / sigma**2) * (x - b) / precision, 1 / precision
        mu = m + _away_from_zero(g, (size,), 1.5, 2.5) * v**0.5
        log_var = math.log(v) + _away_from_zero(g, (size,), 0.3, 1.0)
        label = f"x, mu, log_var ({size},), a = {a}, b = {b}, sigma = {sigma}"
        yield Case(label, (x, mu, log_var, a, b, sigma), (1, 2))


@drawn
def fit_q_cases(g: Generator) -> Cases:
    """E3.5: posteriors with one mode, sharp, wide and lopsided, and with two unequal ones.

    The grids move with the posterior, so that for every seed the best q is the same step of them.
    """
    m, far_m, t, s = (2 * rand(g, 4) - 1).tolist()
    yield _one_mode("sharp", 0.3 * m, (0.5, 0.1, 1.0), (SHARP_MEANS, SHARP_WIDTHS))
    yield _two_modes(t, 0.4, RISING, 331)
    yield _one_mode("wide", far_m, (0.5, 1.0, 4.0), (FAR_MEANS, FAR_WIDTHS))
    yield _two_modes(s, -0.5, FALLING, 301)
    u = torch.linspace(-9, 3, 241, dtype=torch.float64)
    # log p(x, z) = u - exp(u): mode 0 and curvature -1, but the best q is N(-1/2, 1).
    yield _grid_case("one lopsided mode", u - u.exp(), s + u, (s, 0), LOPSIDED)
    # Far out the best q is 0.
    yield _one_mode("narrow", 0.3 * m, (0.5, 0.1, 1.0), (SHARP_MEANS, SHARP_WIDTHS), reach=60)


def _one_mode(
    width: str, m: float, numbers: tuple[float, float, float], steps: Steps, reach: int = 10
) -> Case:
    """z ~ N(0, prior variance), x | z ~ N(a z + 0.3, sigma^2), at the x with posterior mean m."""
    a, sigma, prior = numbers
    v = 1 / (1 / prior + a**2 / sigma**2)
    x = _double(0.3 + m * sigma**2 / (a * v))
    half = reach * v**0.5
    z = torch.linspace(-half, half, 28 * reach + 3, dtype=torch.float64) + m
    log_joint = _log_normal(x, a * z + 0.3, sigma**2) + _log_normal(z, 0, prior)
    return _grid_case(f"one {width} mode", log_joint, z, (m, math.log(v)), steps)


def _two_modes(middle: float, tilt: float, steps: Steps, size: int) -> Case:
    """x = z^2 + noise seen from another origin; the prior's mean makes one mode the higher."""
    u = torch.linspace(-5, 5, size, dtype=torch.float64)  # exp(log_joint) stays above 0
    log_joint = _log_normal(_double(2.0), u**2, 0.6) + _log_normal(u, tilt, 1)
    return _grid_case("two modes", log_joint, middle + u, (middle, 0), steps)


def _grid_case(
    label: str, log_joint: Tensor, z: Tensor, origin: tuple[float, float], steps: Steps
) -> Case:
    mus, log_vars = (o + _double(step) for o, step in zip(origin, steps, strict=True))
    sizes = f"{len(mus)} means, {len(log_vars)} log-variances, {len(z)} grid points"
    return Case(f"a posterior of {label}, {sizes}", (log_joint, z, mus, log_vars))


def _away_from_zero(g: Generator, shape: tuple[int, ...], low: float, high: float) -> Tensor:
    """Uniform between low and high, of either sign."""
    length = low + (high - low) * rand(g, shape)
    return length * (1 - 2 * torch.randint(2, shape, generator=g))


def _log_normal(x: Tensor, mean: Tensor | float, var: float) -> Tensor:
    return -0.5 * (math.log(2 * math.pi * var) + (x - mean) ** 2 / var)


def _double(value: float | Sequence[float]) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


# --- E3.6: the order of shuffled lines, and which line cannot stand where it is ---

ORDER = (3, 5, 1, 6, 2, 4)

# What each line needs above it; the definition needs nothing.
_NEEDS = {
    1: "a logarithm with p_theta(x) in it, to split",
    2: "p_theta(z, x) in an integral with log p_theta(x) outside of it",
    4: "p_theta(x|z) and p_theta(z) as two factors",
    5: "p_theta(z|x) in an integral, to put Bayes' rule in",
    6: "log p_theta(x) as a term of its own inside the integral",
}


def judge_order(outputs: Sequence[Any]) -> str | None:
    """The first line that cannot stand at its place and why; nothing of what should."""
    order = order_of(outputs[0])
    if order is None:
        return (
            "expected the six numbers in order, such as (1, 2, 3, 4, 5, 6); yours is a "
            f"{type(outputs[0]).__name__} that cannot be read so."
        )
    if sorted(order) != sorted(ORDER):
        return f"expected the numbers 1 to 6, each once; {_miscounted(order)}."
    place, line = _misplaced(outputs)
    if place < 0:
        return None
    if place == 0:
        return f"Line {line} cannot come first: it needs {_NEEDS[line]}. Nothing is above it yet."
    return (
        f"Line {line} cannot stand at place {place + 1}: it needs {_NEEDS[line]}. "
        f"What stands above it is right, but has not brought that yet."
    )


def order_of(output: Any) -> list[int] | None:
    """An answer as a list of whole numbers: a tuple, a list, an array, or digits in a string."""
    if isinstance(output, (str, int)):
        output = [mark for mark in str(output) if mark.isdigit()]
    elif isinstance(output, (Tensor, np.ndarray)):
        output = np.ravel(output.tolist()).tolist()
    if not isinstance(output, (tuple, list)):
        return None
    try:
        numbers = [float(number) for number in output]
    except (TypeError, ValueError):
        return None
    return [int(n) for n in numbers] if all(n.is_integer() for n in numbers) else None


def order_cases(seed: int) -> list[Case]:
    """E3.6 has no inputs, whatever the seed."""
    return [Case("your order", ())]


def _miscounted(order: list[int]) -> str:
    texts = [
        (sorted(set(ORDER) - set(order)), "missing"),
        (sorted({n for n in order if order.count(n) > 1}), "there twice or more"),
        (sorted(set(order) - set(ORDER)), "no line's number"),
    ]
    return "; ".join(f"{', '.join(map(str, who))}: {what}" for who, what in texts if who)


def reversed_order(outputs: Sequence[Any]) -> bool:
    """Whether the right order is taken backwards."""
    return order_of(outputs[0]) == list(ORDER[::-1])


def counted_from_zero(outputs: Sequence[Any]) -> bool:
    """Whether the numbers are 0 to 5, in any order."""
    return sorted(order_of(outputs[0]) or []) == [n - 1 for n in sorted(ORDER)]


def definition_not_first(outputs: Sequence[Any]) -> bool:
    """Whether another line than the definition stands first."""
    return _misplaced(outputs)[0] == 0


def _too_early(line: int) -> Callable[[Sequence[Any]], bool]:
    """Whether this line is the first out of place, below the definition."""
    return lambda outputs: _misplaced(outputs)[0] > 0 and _misplaced(outputs)[1] == line


split_too_early, factored_too_early = _too_early(1), _too_early(2)
regrouped_too_early, pulled_out_too_early = _too_early(4), _too_early(6)


def _misplaced(outputs: Sequence[Any]) -> tuple[int, int]:
    """Place, from 0, and number of the first misplaced line; -1, 0 if there is none of the six."""
    order = order_of(outputs[0])
    six = order if order and sorted(order) == sorted(ORDER) else ORDER
    pairs = enumerate(zip(six, ORDER, strict=True))
    return next(((place, line) for place, (line, wanted) in pairs if line != wanted), (-1, 0))
