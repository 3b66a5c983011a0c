"""Notebook 06, E6.2: what people write to find the latents in use, and the hint for each.

Thresholds on other measures than the variance are endless: they are known by the measure, which
is larger for each latent that is called active than for any that is not.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import as_tensor
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex06_inputs import active_cases

Measure = Callable[[Tensor], Tensor]  # (N, L) -> (L,)

_LEAST = 0.01  # Burda et al. (2016)


def _variance(mu: Tensor) -> Tensor:
    return mu.var(dim=0, correction=0)


def _from_mean(mu: Tensor) -> Tensor:
    """How far each mu lies from its latent's mean, (N, L)."""
    return (mu - mu.mean(0)).abs()


def _from_median(mu: Tensor) -> Tensor:
    return (mu - mu.median(0).values).abs()


def _range(mu: Tensor) -> Tensor:
    return mu.amax(0) - mu.amin(0)


def _between(share: float) -> Measure:
    """The distance between the quantiles that leave this share out, half of it on either side."""
    return lambda mu: mu.quantile(1 - share / 2, dim=0) - mu.quantile(share / 2, dim=0)


def _flags(of: Measure, least: float = _LEAST) -> Callable[[Tensor], Tensor]:
    """Something else of mu, compared with some threshold."""
    return lambda mu: of(mu) > least


def _changed(change: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The right flags, then made something else of."""
    return lambda mu: change(_variance(mu) > _LEAST)


@functools.cache
def _some_codes() -> tuple[Tensor, ...]:
    """Each case's mu; another seed has the same numbers in each column, in another order."""
    return tuple(case.args[0] for case in active_cases(0))


def _by(*measures: Measure) -> Callable[[Sequence[Any]], bool]:
    """Whether the flags are those of one of these measures and some threshold."""
    return lambda outputs: any(_parted(measure, outputs) for measure in measures)


def _parted(measure: Measure, outputs: Sequence[Any]) -> bool:
    codes, flags = _some_codes(), [as_tensor(output) for output in outputs]
    for mu, flag in zip(codes, flags, strict=True):
        if flag is None or flag.dtype != torch.bool or flag.shape != mu.shape[1:]:
            return False
    active, sizes = torch.cat(flags), torch.cat([measure(mu) for mu in codes])
    both = bool(active.any()) and not active.all()
    return both and bool(sizes[active].min() > sizes[~active].max())


# What compares the variance comes first: what is far from the threshold looks like many a measure.
ACTIVE_UNITS = (
    Mistake(
        "any difference at all",
        _flags(_variance, 0.0),
        "Every latent passes: in floating point no mu is exactly the same for all pictures. The "
        "variance has to be larger than 0.01.",
        also_wrong=(lambda mu: torch.ones(mu.shape[1], dtype=torch.bool),),
    ),
    Mistake(
        "none",
        _flags(_variance, torch.inf),
        "None of your latents is in use, but some of these are. Print the variances: which of them "
        "are above 0.01?",
        also_wrong=(_flags(_variance, 1.0), _flags(lambda mu: -_variance(mu))),
    ),
    Mistake(
        "standard deviation",
        _flags(lambda mu: mu.std(0)),
        "You compare the standard deviation with 0.01. The threshold is one of the variance. What "
        "would it be for the standard deviation?",
        also_wrong=(
            _flags(lambda mu: mu.std(0, correction=0)),
            _flags(_variance, 1e-4),
        ),
    ),
    Mistake(
        "another threshold",
        _flags(_variance, 0.1),
        "The spread is right, the threshold is not: the variance is compared with 0.01, as it "
        "stands. (0.1 is the threshold of the standard deviation, and `var` has squared already.)",
        also_wrong=(
            _flags(_variance, 0.05),
            _flags(_variance, 0.5),
            _flags(lambda mu: _variance(mu) ** 2),
            *(_flags(lambda mu: mu.std(0), least) for least in (0.05, 0.08, 0.15)),
            *(_flags(_variance, least) for least in (0.001, 0.005, 0.02)),
        ),
        looks_like=_by(_variance, lambda mu: mu.var(0)),
    ),
    Mistake(
        "sum of squares",
        _flags(lambda mu: ((mu - mu.mean(0)) ** 2).sum(0)),
        "You add up the squared distances. The variance is their mean: with more pictures your sum "
        "grows, and with enough of them any latent would pass.",
        also_wrong=(
            _flags(lambda mu: ((mu - mu.mean(0)) ** 2).sum(0), 0.3),
            _flags(lambda mu: ((mu - mu.mean(0)) ** 2).sum(0), 1.0),
        ),
        looks_like=_by(lambda mu: ((mu - mu.mean(0)) ** 2).sum(0)),
    ),
    Mistake(
        "compared with other latents",
        _flags(lambda mu: _variance(mu) / _variance(mu).amax()),
        "You compare a latent's variance with that of the others. Then whether it is in use would "
        "depend on them. The threshold is 0.01 for each, whatever the others do.",
        also_wrong=(
            _flags(lambda mu: _variance(mu) / _variance(mu).sum()),
            _flags(lambda mu: _variance(mu) - _variance(mu).mean(), 0.0),
            _flags(lambda mu: _variance(mu) - _variance(mu).median(), 0.0),
        ),
    ),
    Mistake(
        "mean of mu",
        _flags(lambda mu: mu.mean(0)),
        "You ask how large the mean of mu is over pictures. A latent whose mu is 0.7 for every "
        "picture tells none from another. What does a latent in use do from picture to picture?",
        also_wrong=(
            _flags(lambda mu: mu.mean(0).abs()),
            _flags(lambda mu: mu.mean(0) ** 2),
            _flags(lambda mu: mu.mean(0).abs(), 0.1),
        ),
        looks_like=_by(lambda mu: mu.mean(0), lambda mu: mu.mean(0).abs()),
    ),
    Mistake(
        "size of mu",
        _flags(lambda mu: mu.abs().mean(0)),
        "You ask how far mu lies from 0, for some picture or on average. Mu may lie far from 0 and "
        "still be the same for all pictures. From where should the distance be measured?",
        also_wrong=(
            lambda mu: (mu.abs() > _LEAST).any(0),
            lambda mu: (mu > _LEAST).any(0),
            _flags(lambda mu: mu.abs().amax(0), 0.1),
            _flags(lambda mu: mu.abs().median(0).values, 0.1),
        ),
        looks_like=_by(
            lambda mu: mu.abs().mean(0),
            lambda mu: mu.abs().median(0).values,
            lambda mu: mu.abs().amax(0),
            lambda mu: mu.amax(0),
            lambda mu: -mu.amin(0),
        ),
    ),
    Mistake(
        "mean square",
        _flags(lambda mu: (mu**2).mean(0)),
        "You average mu^2. That is the variance only if mu is 0 on average: a constant mu of 0.7 "
        "has the mean square 0.49 and no variance. What has to come off before squaring?",
        also_wrong=(
            _flags(lambda mu: (mu**2).mean(0).sqrt()),
            _flags(lambda mu: (mu**2).mean(0), 0.1),
        ),
        looks_like=_by(lambda mu: (mu**2).mean(0)),
    ),
    Mistake(
        "largest difference",
        _flags(_range),
        "A range is not a variance, whatever the threshold, nor is the largest distance from the "
        "mean: one picture far out makes it large, however alike the others are, and it grows with "
        "the number of pictures. Which average over all of them is asked?",
        also_wrong=(
            *(_flags(_range, least) for least in (0.1, 0.2, 0.4, 0.5, 1.0)),
            *(_flags(lambda mu: _from_mean(mu).amax(0), least) for least in (0.01, 0.1, 0.2)),
            _flags(lambda mu: _range(mu) ** 2),
            _flags(lambda mu: _from_median(mu).amax(0), 0.1),
        ),
        looks_like=_by(
            _range,
            lambda mu: _from_mean(mu).amax(0),
            lambda mu: _from_median(mu).amax(0),
        ),
    ),
    Mistake(
        "mean absolute deviation",
        _flags(lambda mu: _from_mean(mu).mean(0)),
        "A mean absolute deviation, or a distance between quantiles, is not a variance, whatever "
        "the threshold: a few pictures far out count for less in it than in the variance. What is "
        "done to each distance from the mean before they are averaged?",
        also_wrong=(
            *(_flags(lambda mu: _from_mean(mu).mean(0), least) for least in (0.05, 0.08, 0.1)),
            *(_flags(lambda mu: _from_median(mu).mean(0), least) for least in (0.01, 0.08, 0.1)),
            *(_flags(lambda mu: _from_median(mu).median(0).values, x) for x in (0.01, 0.1)),
            *(_flags(_between(0.5), least) for least in (0.01, 0.1, 0.13)),
            _flags(_between(0.2), 0.1),
        ),
        looks_like=_by(
            lambda mu: _from_mean(mu).mean(0),
            lambda mu: _from_median(mu).mean(0),
            lambda mu: _from_mean(mu).median(0).values,
            lambda mu: _from_median(mu).median(0).values,
            *map(_between, (0.1, 0.2, 0.5)),
        ),
    ),
    Mistake(
        "across the latents",
        _flags(lambda mu: mu.var(1, correction=0)),
        "You have one answer a picture: your variance runs over the latents of one picture. One "
        "answer a latent is asked, over the pictures. Which axis of (N, L) holds the pictures?",
        also_wrong=(
            _flags(lambda mu: mu.mean(1)),
            _flags(lambda mu: mu.mean(1).abs()),
            _flags(lambda mu: mu.std(1)),
        ),
    ),
    Mistake(
        "everything at once",
        _flags(lambda mu: mu.var()),
        "One verdict for the whole matrix: pictures and latents have been thrown together. Each "
        "latent has a verdict of its own, shape (L,).",
        also_wrong=(
            lambda mu: (_variance(mu) > _LEAST).any(),
            lambda mu: (_variance(mu) > _LEAST).all(),
            _flags(lambda mu: _variance(mu).mean()),
        ),
    ),
    Mistake(
        "each entry",
        _flags(lambda mu: mu.abs()),
        "You have a verdict for every entry of mu. Asked is one for each latent: what becomes of "
        "the axis of the pictures?",
        also_wrong=(
            _flags(lambda mu: mu),
            _flags(lambda mu: (mu - mu.mean(0)).abs()),
            _flags(lambda mu: (mu - mu.mean(0)) ** 2),
        ),
    ),
    Mistake(
        "upside down",
        _changed(torch.logical_not),
        "Upside down: true where the latent hardly moves. In use are those whose mu varies *more* "
        "than the threshold.",
    ),
    Mistake(
        "a count",
        _changed(torch.sum),
        "You return how many latents are in use. Which ones? Asked is true or false for each, "
        "shape (L,).",
        also_wrong=(_changed(lambda flags: flags.double().mean()),),
    ),
    Mistake(
        "numbers for flags",
        _changed(lambda flags: flags.nonzero()[:, 0]),
        "You return numbers: which latents are in use, or 0 and 1 for each. Asked is true or false "
        "for every latent: `mu[:, flags]` then picks those in use, whereas 0 and 1 would be taken "
        "for the first two columns.",
        also_wrong=(_changed(torch.nonzero), _changed(Tensor.int)),
    ),
    Mistake(
        "the variances",
        _variance,
        "You return the variances. Which of them say that the latent is in use? Compare them with "
        "the threshold.",
        also_wrong=(
            lambda mu: mu.var(0),
            lambda mu: mu.std(0),
            lambda mu: mu.std(0, correction=0),
            lambda mu: mu[:, _variance(mu) > _LEAST],
            lambda mu: _variance(mu) * (_variance(mu) > _LEAST),
        ),
    ),
    Mistake(
        "a matrix of covariances",
        _flags(lambda mu: torch.cov(mu.T)),
        "You have a verdict for every pair of latents. The variances are the covariances of each "
        "latent with itself: where do they stand in the matrix?",
        also_wrong=(_flags(lambda mu: torch.cov(mu)), lambda mu: torch.cov(mu.T)),
    ),
)
