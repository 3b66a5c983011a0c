"""Notebook 06, E6.5: what people count instead of the latents that survive, and the hints."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import as_tensor
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex06_inputs import SPECTRA

# What a cautious rule multiplies sigma2 by, or adds to it.
_FACTORS = torch.linspace(0.5, 3, 501, dtype=torch.float64)
_AMOUNTS = torch.logspace(-4, 0, 401, dtype=torch.float64)

Answer = Callable[[Tensor, float, int], Tensor]


def _first(flags: Callable[[Tensor, float], Tensor]) -> Answer:
    """Counts the first latent_dim flags: the right cap with another rule."""
    return lambda values, sigma2, latent_dim: flags(values, sigma2)[:latent_dim].sum()


def _all(flags: Callable[[Tensor, float], Tensor]) -> Answer:
    """Counts all flags, with no cap."""
    return lambda values, sigma2, latent_dim: flags(values, sigma2).sum()


def _rule(name: str, hint: str, *rules: Callable[[Tensor, float], Tensor]) -> Mistake:
    """Another rule, with the cap and without."""
    answers = [answer for rule in rules for answer in (_first(rule), _all(rule))]
    return Mistake(name, answers[0], hint, also_wrong=tuple(answers[1:]))


def _above(values: Tensor, sigma2: float) -> Tensor:
    return values > sigma2


def _of_count(change: Callable[[Tensor, int], Tensor]) -> Answer:
    """The right count, then made something else of: change(count, latent_dim)."""
    return lambda values, sigma2, latent_dim: change(
        _first(_above)(values, sigma2, latent_dim), latent_dim
    )


def _by_a_margin(outputs: Sequence[Any]) -> bool:
    """Whether some factor on sigma2, or some amount added or taken, counts as these do."""
    found = [as_tensor(output) for output in outputs]
    if any(count is None or count.dim() > 0 for count in found):
        return False
    thresholds = (
        lambda sigma2: sigma2 * _FACTORS,
        lambda sigma2: sigma2 + _AMOUNTS,
        lambda sigma2: sigma2 - _AMOUNTS,
    )
    return any(_some_threshold(found, of, cap) for of in thresholds for cap in (True, False))


def _some_threshold(found: list[Tensor], of: Callable[[float], Tensor], cap: bool) -> bool:
    """Whether one and the same of these thresholds gives the counts found, case by case."""
    fits = True
    for (values, sigma2, latent_dim), count in zip(SPECTRA, found, strict=True):
        counts = (torch.tensor(values, dtype=torch.float64) > of(sigma2)[:, None]).sum(1)
        fits &= (counts.clamp(max=latent_dim) if cap else counts) == count
    return bool(fits.any())


def _margin(of: Callable[[float], float]) -> tuple[Answer, Answer]:
    """Another threshold, made of sigma2, with the cap and without."""
    return tuple(count(lambda values, sigma2: values > of(sigma2)) for count in (_first, _all))


ACTIVE_COUNT = (
    Mistake(
        "no cap",
        _all(_above),
        "You count all directions that stand above the noise. How many of them can a model with "
        "`latent_dim` latents take?",
    ),
    Mistake(
        "every latent",
        lambda values, sigma2, latent_dim: torch.tensor(latent_dim),
        "You return latent_dim, whatever the noise. That is so where sigma^2 is fitted (it is then "
        "the mean of what is discarded). Here it is given: what happens to a latent whose "
        "direction varies less than the noise?",
        also_wrong=(
            lambda values, sigma2, latent_dim: torch.tensor(min(latent_dim, len(values))),
            lambda values, sigma2, latent_dim: torch.tensor(len(values)),
            lambda values, sigma2, latent_dim: (values[:latent_dim] > 0).sum(),
            lambda values, sigma2, latent_dim: (values > values[latent_dim:].mean()).sum(),
        ),
    ),
    _rule(
        "sigma for sigma^2",
        "You compare a variance with a standard deviation (or their squares crosswise). `sigma2` "
        "is the noise's variance and lambda is the variance along a direction: both as they come.",
        lambda values, sigma2: values > sigma2**0.5,
        lambda values, sigma2: values > sigma2**2,
    ),
    _rule(
        "prior variance",
        "You compare with 1, the prior's variance. The prior is that of z, and lambda is in units "
        "of x. Which other variance of x does a latent compete with?",
        lambda values, sigma2: values > 1,
        lambda values, sigma2: values > 1 + sigma2,
        lambda values, sigma2: values * sigma2 > 1,
    ),
    Mistake(
        "those switched off",
        _of_count(lambda count, latent_dim: latent_dim - count),
        "You count what varies less than the noise: the latents that switch themselves off. Asked "
        "is how many stay in use.",
        also_wrong=(
            _all(lambda values, sigma2: values < sigma2),
            lambda values, sigma2, latent_dim: len(values) - (values[:latent_dim] > sigma2).sum(),
        ),
    ),
    _rule(
        "share of the variance",
        "You compare shares of the whole variance with sigma^2. sigma^2 is no share, it is a "
        "variance in units of x, as lambda is: they are compared as they come.",
        lambda values, sigma2: values / values.sum() > sigma2,
        lambda values, sigma2: values / values.mean() > sigma2,
        lambda values, sigma2: values / values[0] > sigma2,
    ),
    _rule(
        "noise counted twice",
        "You ask lambda to be twice the noise. A column of W has the squared length "
        "lambda - sigma^2: from where on is that more than nothing?",
        lambda values, sigma2: values - sigma2 > sigma2,
    ),
    _rule(
        "signal above 1",
        "You ask lambda - sigma^2, what is left for W, to exceed 1 or sigma. It is a squared "
        "length: from where on is there a column at all?",
        lambda values, sigma2: values - sigma2 > sigma2**0.5,
    ),
    _rule(
        "added up",
        "You add up eigenvalues before comparing, as when PCA is to explain a share of the "
        "variance. Each latent stands for itself: its own direction against the noise in that "
        "direction.",
        lambda values, sigma2: values.cumsum(0) > sigma2,
        lambda values, sigma2: values.flip(0).cumsum(0).flip(0) > sigma2,
        lambda values, sigma2: values.cumsum(0) < sigma2,
        lambda values, sigma2: values.cumsum(0) / values.sum() > sigma2,
        lambda values, sigma2: values.cumsum(0) / values.sum() < 1 - sigma2,
        lambda values, sigma2: values.cumsum(0) / values.sum() < 0.95,
        lambda values, sigma2: values.cumsum(0) / values.sum() < 0.9,
    ),
    _rule(
        "noise shared out",
        "You share sigma^2 out over the D directions, or add it up over them. The noise has the "
        "variance sigma^2 in *every* direction.",
        lambda values, sigma2: values > sigma2 / len(values),
        lambda values, sigma2: values > sigma2 * len(values),
    ),
    Mistake(
        "the smallest",
        lambda values, sigma2, latent_dim: (values[-latent_dim:] > sigma2).sum(),
        "You look at the last `latent_dim` eigenvalues. They come in descending order here: which "
        "ones do the latents take?",
        also_wrong=(lambda values, sigma2, latent_dim: (values[latent_dim:] > sigma2).sum(),),
    ),
    Mistake(
        "larger instead of smaller",
        lambda values, sigma2, latent_dim: (values > sigma2).sum().clamp(min=latent_dim),
        "Of the two numbers, directions above the noise and latents, you take the larger. Both "
        "limit the count.",
    ),
    Mistake(
        "one too few",
        _of_count(lambda count, latent_dim: count - 1),
        "One too few, or the number of the last one in use: numbers begin at 0, counts at 1.",
    ),
    Mistake(
        "one too many",
        _of_count(lambda count, latent_dim: count + 1),
        "One too many. Do you stop at the first eigenvalue below the noise, or count it as well?",
        also_wrong=(
            lambda values, sigma2, latent_dim: ((values > sigma2).sum() + 1).clamp(max=latent_dim),
        ),
    ),
    Mistake(
        "flags",
        lambda values, sigma2, latent_dim: values[:latent_dim] > sigma2,
        "You return true or false for each latent. Asked is how many of them are true.",
        also_wrong=(lambda values, sigma2, latent_dim: values > sigma2,),
    ),
    Mistake(
        "the eigenvalues",
        lambda values, sigma2, latent_dim: values[:latent_dim][values[:latent_dim] > sigma2],
        "You return the eigenvalues above the noise. Asked is how many they are.",
        also_wrong=(
            lambda values, sigma2, latent_dim: values[values > sigma2],
            lambda values, sigma2, latent_dim: values[values > sigma2].sum(),
            lambda values, sigma2, latent_dim: values[:latent_dim].relu().sum(),
            lambda values, sigma2, latent_dim: (values[:latent_dim] - sigma2).relu(),
            lambda values, sigma2, latent_dim: (values[:latent_dim] - sigma2).relu().sum(),
        ),
    ),
    Mistake(
        "a share of the latents",
        _of_count(lambda count, latent_dim: count / latent_dim),
        "You return a share. Asked is a number of latents: a sum, not a mean.",
        also_wrong=(lambda values, sigma2, latent_dim: (values > sigma2).double().mean(),),
    ),
    Mistake(
        "is there one",
        lambda values, sigma2, latent_dim: (values[:latent_dim] > sigma2).any(),
        "You return one true or false. Asked is a number: how many?",
        also_wrong=(lambda values, sigma2, latent_dim: (values[:latent_dim] > sigma2).all(),),
    ),
    Mistake(
        "a margin",
        _margin(lambda sigma2: 1.1 * sigma2)[0],
        "Your threshold is near sigma^2, but not there: a factor on it, or an amount added or "
        "taken. A column of W has the squared length lambda - sigma^2: how far above 0 must that "
        "be for the column to be there?",
        also_wrong=(
            _margin(lambda sigma2: 1.1 * sigma2)[1],
            *_margin(lambda sigma2: 1.01 * sigma2),
            *_margin(lambda sigma2: 1.25 * sigma2),
            *_margin(lambda sigma2: 0.99 * sigma2),
            *_margin(lambda sigma2: 0.9 * sigma2),
            *_margin(lambda sigma2: sigma2 + 0.001),
            *_margin(lambda sigma2: sigma2 + 0.01),
            *_margin(lambda sigma2: sigma2 + 0.1),
            *_margin(lambda sigma2: sigma2 - 0.01),
        ),
        looks_like=_by_a_margin,
    ),
)
