"""Notebook 06, E6.1: what people write instead of even shares of the prior, and the hints.

Grids that differ only in where they end are endless: they are known by what they have in common,
even steps of z or even steps of the share below z.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import as_tensor, same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex06_inputs import SIZES


def _shares(n: int) -> Tensor:
    return (torch.arange(n, dtype=torch.float64) + 0.5) / n


def _at(shares: Callable[[int], Tensor]) -> Callable[[int], Tensor]:
    """The right function, of other shares."""
    return lambda n: torch.special.ndtri(shares(n).double())


def _of(function: Callable[[Tensor], Tensor]) -> Callable[[int], Tensor]:
    """Another function, of the right shares."""
    return lambda n: function(_shares(n))


def _linspace(low: float, high: float) -> Callable[[int], Tensor]:
    return lambda n: torch.linspace(low, high, n, dtype=torch.float64)


def quantiles(n: int) -> Tensor:
    """The right answer, for mistakes that lie elsewhere."""
    return torch.special.ndtri(_shares(n))


def _same_ends(n: int) -> Tensor:
    return _linspace(*quantiles(n)[[0, -1]].tolist())(n)


def _numbers(outputs: Sequence[Any]) -> list[Tensor]:
    """The outputs in double precision; [] if one has not n finite numbers."""
    found = [as_tensor(output) for output in outputs]
    fits = all(
        t is not None and t.shape == (n,) and bool(t.isfinite().all())
        for t, n in zip(found, SIZES, strict=True)
    )
    return [t.double() for t in found] if fits else []


def _evenly(values: Tensor) -> bool:
    """Whether the steps are equal (to single precision) and not zero."""
    steps = values.diff()
    close = torch.allclose(steps, steps.mean().expand_as(steps), rtol=1e-3, atol=1e-5)
    return close and bool(steps.abs().min() > 1e-4)


def _even_steps(outputs: Sequence[Any]) -> bool:
    """Whether z itself goes in even steps."""
    found = _numbers(outputs)
    return bool(found) and all(map(_evenly, found))


def _even_shares(outputs: Sequence[Any]) -> bool:
    """Whether the share below z goes in even steps upwards, from whatever start to what end."""
    found = [torch.special.ndtr(z) for z in _numbers(outputs)]
    return bool(found) and all(_evenly(u) and u[0] < u[-1] for u in found)


def _draws(outputs: Sequence[Any]) -> bool:
    """Whether the same n gives other values the second time."""
    found = _numbers(outputs)
    return bool(found) and not same_outputs([found[0]], [found[-1]])


QUANTILES = (
    Mistake(
        "no inverse",
        _shares,
        "You return the shares: numbers between 0 and 1, in even steps. Which z has that share of "
        "the prior below it?",
        also_wrong=(
            _linspace(0, 1),
            lambda n: torch.arange(n) / n,
            lambda n: torch.arange(1, n + 1) / n,
            lambda n: torch.arange(1, n + 1) / (n + 1),
        ),
    ),
    Mistake(
        "forward instead of inverse",
        _of(torch.special.ndtr),
        "You ask which share lies below u, but u is a share already. Which function goes back, "
        "from a share to the z that has it below?",
        also_wrong=(
            _of(lambda u: (1 + torch.erf(u)) / 2),
            _of(torch.erf),
            _of(lambda u: torch.erf(2 * u - 1)),
            _of(lambda u: 2**0.5 * torch.erf(2 * u - 1)),
            lambda n: torch.special.ndtr(quantiles(n).exp()),
            _of(lambda u: torch.distributions.Normal(0.0, 1.0).log_prob(u).exp()),
        ),
    ),
    Mistake(
        "shares from 0 to 1",
        _at(_linspace(0, 1)),
        "Your first and last share are 0 and 1, and only minus and plus infinity have those below "
        "them. Each of the n shares is a piece of width 1/n: where is the middle of the first?",
    ),
    Mistake(
        "left end of each share",
        _at(lambda n: torch.arange(n) / n),
        "Your i-th position is the left end of its share, and the first share begins at minus "
        "infinity. How far from its left end is the middle of a piece of width 1/n?",
    ),
    Mistake(
        "right end of each share",
        _at(lambda n: torch.arange(1, n + 1) / n),
        "Your i-th position is the right end of its share, and the last share ends at infinity. "
        "Does your i begin at 0? The middle lies half a share back.",
    ),
    Mistake(
        "borders of the shares",
        _at(lambda n: torch.linspace(0, 1, n + 1)),
        "You return borders between the shares: n shares have n + 1 borders, two of them at "
        "infinity. Asked is one position inside each share.",
        also_wrong=(_at(lambda n: torch.arange(1, n) / n),),
    ),
    Mistake(
        "n + 1 in place of n",
        _at(lambda n: torch.arange(1, n + 1) / (n + 1)),
        "Close: yours cut the prior into n + 1 even pieces and stand on the n borders, so each end "
        "keeps a whole piece beyond it. Equation 6.1 cuts n pieces and stands in the middle of "
        "each: which share is then left beyond the first position?",
    ),
    Mistake(
        "one place off",
        _at(lambda n: (torch.arange(1, n + 1) + 0.5) / n),
        "Your shares are one place off: each should be where its neighbour is. Beyond the last "
        "piece (or before the first) there is none, so one of your z is nan. In equation 6.1 the "
        "first i is 0 and the last is n - 1: what are yours?",
        also_wrong=(
            _at(lambda n: (torch.arange(n) + 1.5) / n),
            _at(lambda n: (torch.arange(n) - 0.5) / n),
        ),
    ),
    Mistake(
        "half of one share",
        _at(lambda n: torch.arange(n) + 0.5 / n),
        "All your shares but the first are above 1, so their z are nan: only the 1/2 is divided by "
        "n. Where do the brackets stand in equation 6.1?",
    ),
    Mistake(
        "lopsided shares",
        _at(lambda n: (torch.arange(n) + 0.5) / (n + 1)),
        "Your first share is not as far from 0 as your last is from 1, so the positions lean to "
        "one side. Print the shares for n = 2: two halves have their middles at 1/4 and 3/4. Which "
        "number of pieces do you divide by?",
        also_wrong=(
            _at(lambda n: (torch.arange(n) + 0.5) / (n - 1)),
            _at(lambda n: (torch.arange(1, n + 1) + 0.5) / (n + 1)),
            _at(lambda n: torch.arange(n) / (n + 1)),
        ),
    ),
    Mistake(
        "erfinv without the root of 2",
        _of(lambda u: torch.erfinv(2 * u - 1)),
        "Your positions are right but for one factor, the same throughout. `erf` belongs to a "
        "normal of variance 1/2; the prior has variance 1. Which factor takes one to the other?",
        also_wrong=(
            _of(lambda u: 2 * torch.erfinv(2 * u - 1)),
            _of(lambda u: torch.erfinv(2 * u - 1) / 2**0.5),
        ),
    ),
    Mistake(
        "erfinv of the shares",
        _of(lambda u: 2**0.5 * torch.erfinv(u)),
        "None of your positions is negative, yet half of the prior is. `erfinv` takes numbers from "
        "-1 to 1, a share goes from 0 to 1. What should half of everything become?",
        also_wrong=(
            _of(torch.erfinv),
            _of(lambda u: 2**0.5 * torch.erfinv(2 * u)),
            _of(lambda u: 2**0.5 * torch.erfinv(u - 0.5)),
        ),
    ),
    Mistake(
        "another distribution",
        _of(torch.logit),
        "Even shares, but of another distribution than the prior: log(u / (1 - u)), say, belongs "
        "to the logistic. The prior is N(0, 1), mean 0 and standard deviation 1.",
        also_wrong=(
            _of(lambda u: torch.tan(torch.pi * (u - 0.5))),
            lambda n: 2 * quantiles(n),
            lambda n: 1.5 * quantiles(n),
            lambda n: 1 + quantiles(n),
            lambda n: 0.5 + quantiles(n),
        ),
    ),
    Mistake(
        "from the top",
        lambda n: -quantiles(n),
        "All the positions are right, but they run from the top down. Equation 6.1 begins with the "
        "smallest, i = 0.",
        also_wrong=(lambda n: quantiles(n).abs(), lambda n: quantiles(n).abs().sort().values),
    ),
    Mistake(
        "a grid",
        lambda n: torch.cartesian_prod(quantiles(n), quantiles(n)),
        "You return a whole grid. Asked are the n positions along one axis, shape (n,); the grid "
        "uses them twice.",
        also_wrong=(
            lambda n: torch.cartesian_prod(quantiles(n), quantiles(n)).reshape(n, n, 2),
            lambda n: quantiles(n).expand(n, n),
        ),
    ),
    Mistake(
        "random draws",
        lambda n: torch.randn(n, dtype=torch.float64).sort().values,
        "The same n gives other positions the second time: you draw from the prior. Draws have "
        "gaps and clusters; the positions of equation 6.1 are those where no share is missed.",
        also_wrong=(lambda n: torch.randn(n), lambda n: torch.special.ndtri(torch.rand(n))),
        looks_like=_draws,
    ),
    Mistake(
        "even steps of z",
        _linspace(-2.0, 2.0),
        "Your z go in even steps, so many of them stand where the prior is thin: between 1.5 and 2 "
        "lies 4 % of it, between 0 and 0.5 19 %. Let the shares go in even steps, not z.",
        also_wrong=(
            _same_ends,
            *(_linspace(-end, end) for end in (1.0, 1.5, 1.96, 2.5, 3.0, 4.0, 5.0)),
        ),
        looks_like=_even_steps,
    ),
    Mistake(
        "trimmed shares",
        _at(_linspace(0.05, 0.95)),
        "Your shares go in even steps, but not from the right start to the right end: with "
        "`linspace(0.05, 0.95, n)`, say, the ends stay where they are, whatever n is. Of n even "
        "pieces, which shares lie below the middles of the first and of the last?",
        also_wrong=tuple(
            _at(_linspace(end, 1 - end)) for end in (0.001, 0.01, 0.02, 0.025, 0.1, 0.2)
        ),
        looks_like=_even_shares,
    ),
)
