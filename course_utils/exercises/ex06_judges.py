"""Notebook 06: how E6.4 is judged, and what slips are known by that draw a line somewhere else.

In E6.4 the signs and the order of W's columns are free: so W W^T is compared, with b and sigma, and
then the columns have to be orthogonal; and the judge, which sees the outputs alone, has to know the
data: they are the same for every seed.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._engine.compare import as_tensor, difference, parts_of, tolerance
from course_utils.exercises._engine.exercise import Case, Outputs, curried
from course_utils.exercises.ex06_inputs import SIZES, SPECTRA, active_cases, ppca_cases
from course_utils.toys import LinearGaussian

PARTS = ("W", "b", "sigma")


def judge_ppca(outputs: Outputs) -> str | None:
    """Shapes as they are; then W W^T, b and sigma; then whether W's columns are orthogonal."""
    for case, output in zip(ppca_cases(0), outputs, strict=True):
        found = _wrong_model(case, output) or _not_orthogonal(parts_of(output)[0])
        if found:
            return f"With {case.label}: {found}"
    return None


def only_turned(outputs: Outputs) -> bool:
    """Whether an answer that is not accepted has the right p(x) all the same."""
    pairs = zip(ppca_cases(0), outputs, strict=True)
    return not any(_wrong_model(case, output) for case, output in pairs)


def _wrong_model(case: Case, output: Any) -> str | None:
    """What is wrong with p(x): the shapes, W W^T, b or sigma."""
    model = LinearGaussian.fit_ml(*case.args)
    expected = model.W, model.b, torch.tensor(model.sigma, dtype=torch.float64)
    names = "W @ W.T", *PARTS[1:]
    return _wrong_shape(expected, output) or difference(_free(expected), _free(output), names)


def _not_orthogonal(w: Any) -> str | None:
    """What is wrong with the angles between the columns of a W whose W W^T is right."""
    columns = as_tensor(w)
    products = columns.double().T @ columns.double()
    lengths = products.diagonal().sqrt()
    cosines = (products / lengths / lengths[:, None]).triu(diagonal=1).abs()
    if cosines.max() <= tolerance(columns)["rtol"]:
        return None
    i, j = divmod(int(cosines.argmax()), len(cosines))
    return (
        "`W @ W.T`, `b` and `sigma` are right, but W's columns are not orthogonal: "
        f"entry [{i}, {j}] of `W.T @ W` is {products[i, j]:.3g}."
    )


def _wrong_shape(expected: tuple, output: Any) -> str | None:
    """What is wrong with the kind or the shape of an output; its values are taken as they are."""
    tensors = [as_tensor(part) for part in parts_of(output)]
    wanted = [
        ours if ours is not None and ours.shape == part.shape and ours.dtype != torch.bool else part
        for ours, part in zip(tensors, expected, strict=False)
    ]
    return difference(wanted, output, PARTS)


def _free(output: Any) -> list[Tensor]:
    """Its parts with W W^T for W: what does not change with a rotation of W's columns."""
    parts = [as_tensor(part) for part in parts_of(output)]
    if parts and parts[0].dim() == 2:
        w = parts[0] if parts[0].dtype.is_floating_point else parts[0].double()
        parts[0] = w @ w.T
    return parts


def up_to_signs(output: Any) -> tuple:
    """Shape of W and the sizes in W W^T, b, sigma, in single precision.

    For whoever takes rows for columns, the signs are those that eigh or svd happened to give.
    """
    parts = [as_tensor(part).float() for part in parts_of(output)]
    for w in parts[:1]:
        sizes = (w @ w.T if w.dim() == 2 else w).abs()
        parts[0] = torch.cat([torch.tensor(w.shape), sizes.flatten()])
    return tuple(parts)


# What a cautious rule multiplies a threshold by, or adds to it.
_FACTORS = torch.linspace(0.4, 3, 521, dtype=torch.float64)
_AMOUNTS = torch.logspace(-4, 0, 401, dtype=torch.float64)


def by_a_margin(outputs: Outputs, cases: Sequence[tuple] = SPECTRA) -> bool:
    """Whether some factor on the threshold, or some amount added or taken, counts as these do.

    Args:    cases: eigenvalues, the threshold, latent_dim; without them those of E6.5.
    """
    found = [as_tensor(output) for output in outputs]
    if any(count.dim() > 0 for count in found):
        return False
    fits = []  # by case, with the cap at latent_dim or without, and threshold
    for (values, level, latent_dim), count in zip(cases, found, strict=True):
        thresholds = torch.cat([level * _FACTORS, level + _AMOUNTS, level - _AMOUNTS])
        counts = (torch.tensor(values, dtype=torch.float64) > thresholds[:, None]).sum(1)
        fits.append(torch.stack([counts.clamp(max=latent_dim) == count, counts == count]))
    return bool(torch.stack(fits).all(0).any())


@curried
def _rising_evenly(outputs: Outputs, measure: Callable[[Tensor], Tensor]) -> bool:
    """Whether z is n finite numbers, whose measure goes up in steps equal to single precision."""
    found = [as_tensor(output).double() for output in outputs]
    if any(z.shape != (n,) or not z.isfinite().all() for z, n in zip(found, SIZES, strict=True)):
        return False
    steps = [measure(z).diff() for z in found]
    equal = (torch.allclose(s, s.mean().expand_as(s), rtol=1e-3, atol=1e-5) for s in steps)
    return all(equal) and all(bool(s.min() > 1e-4) for s in steps)


# E6.1: z itself, up or down; the share below it, from whatever start to what end.
even_steps = _rising_evenly(lambda z: z * (z[-1] - z[0]).sign())
even_shares = _rising_evenly(torch.special.ndtr)


@curried
def _parted_by(outputs: Outputs, *measures: Callable[[Tensor], Tensor]) -> bool:
    """Whether some threshold on one of these measures of mu, (N, L) -> (L,), gives E6.2's flags."""
    flags = [as_tensor(output) for output in outputs]
    pairs = zip(flags, _codes(), strict=True)
    if any(flag.dtype != torch.bool or flag.shape != mu.shape[1:] for flag, mu in pairs):
        return False
    active = torch.cat(flags)
    if active.all() or not active.any():
        return False
    sizes = (torch.cat([measure(mu) for mu in _codes()]) for measure in measures)
    return any(bool(size[active].min() > size[~active].max()) for size in sizes)


@functools.cache
def _codes() -> tuple[Tensor, ...]:
    """Each case's mu; another seed has the same numbers in each column, in another order."""
    return tuple(case.args[0] for case in active_cases(0))


def _from_mean(mu: Tensor) -> Tensor:
    return (mu - mu.mean(0)).abs()


def _from_median(mu: Tensor) -> Tensor:
    return (mu - mu.median(0).values).abs()


by_variance = _parted_by(lambda mu: mu.var(0, correction=0), lambda mu: mu.var(0))
by_sum_of_squares = _parted_by(lambda mu: _from_mean(mu).square().sum(0))
by_mean = _parted_by(lambda mu: mu.mean(0), lambda mu: mu.mean(0).abs())
by_size = _parted_by(
    lambda mu: mu.abs().mean(0),
    lambda mu: mu.abs().median(0).values,
    lambda mu: mu.abs().amax(0),
    lambda mu: mu.amax(0),
    lambda mu: -mu.amin(0),
)
by_mean_square = _parted_by(lambda mu: mu.square().mean(0), lambda mu: mu.square().sum(0))
by_range = _parted_by(
    lambda mu: mu.amax(0) - mu.amin(0),
    lambda mu: _from_mean(mu).amax(0),
    lambda mu: _from_median(mu).amax(0),
)
by_mean_deviation = _parted_by(
    lambda mu: _from_mean(mu).mean(0),
    lambda mu: _from_median(mu).mean(0),
    lambda mu: _from_mean(mu).median(0).values,
    lambda mu: _from_median(mu).median(0).values,
    # between the quantiles that leave out this share of the pictures at each end
    *(lambda mu, e=e: mu.quantile(1 - e, dim=0) - mu.quantile(e, dim=0) for e in (0.05, 0.1, 0.25)),
)
