"""Notebook 06: how E6.4 is judged, and what slips are known by that draw a line somewhere else.

In E6.4 the signs and the order of W's columns are free: so W W^T is compared, with b and sigma, and
then the columns have to be orthogonal; and the judge, which sees the outputs alone, has to know the
data: they are the same for every seed.
"""

import functools
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._engine.compare import (
    as_tensor,
    difference,
    parts_of,
    same_outputs,
    tolerance,
)
from course_utils.exercises._engine.exercise import Outputs
from course_utils.exercises.ex06_inputs import SIZES, SPECTRA, active_cases, ppca_cases

PARTS = ("W", "b", "sigma")


def _ppca(x: Tensor, latent_dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """The right answer: eq. 6.4."""
    values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))  # the smallest first
    sigma2 = values[:-latent_dim].mean()
    W = vectors[:, -latent_dim:] * (values[-latent_dim:] - sigma2).sqrt()
    return W, x.mean(0), sigma2.sqrt()


def judge_ppca(outputs: Outputs) -> str | None:
    """Shapes as they are; then W W^T, b and sigma; then whether W's columns are orthogonal."""
    for case, output in zip(ppca_cases(0), outputs, strict=True):
        found = _wrong_model(_ppca(*case.args), output) or _not_orthogonal(parts_of(output)[0])
        if found:
            return f"With {case.label}: {found}"
    return None


def only_turned(outputs: Outputs) -> bool:
    """Whether an answer that is not accepted has the right p(x) all the same."""
    pairs = zip(ppca_cases(0), outputs, strict=True)
    return not any(_wrong_model(_ppca(*case.args), output) for case, output in pairs)


def _wrong_model(expected: tuple, output: Any) -> str | None:
    """What is wrong with p(x): the shapes, W W^T, b or sigma."""
    return _wrong_shape(expected, output) or difference(
        _free(expected), _free(output), ("W @ W.T", *PARTS[1:])
    )


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


def ppca_alike(outputs, other_outputs):
    """Whether two answers agree in shapes, b, sigma and W W^T, up to W W^T's signs (E6.4).

    The signs are those that eigh or svd happened to give, for whoever takes rows for columns.
    """
    shapes = [_shapes(outputs), _shapes(other_outputs)]
    return shapes[0] == shapes[1] and same_outputs(_signless(outputs), _signless(other_outputs))


def _shapes(outputs):
    """Of each part of each output (E6.4)."""
    return [[as_tensor(part).shape for part in parts_of(output)] for output in outputs]


def _signless(outputs):
    """Each output in single precision, with the sizes in W W^T for a matrix W (E6.4)."""
    found = []
    for output in outputs:
        w, *others = [as_tensor(part).float() for part in parts_of(output)]
        found.append(((w @ w.T).abs() if w.dim() == 2 else w.abs(), *others))
    return found


# What a cautious rule multiplies sigma2 by, or adds to it (E6.5).
_FACTORS = torch.linspace(0.5, 3, 501, dtype=torch.float64)
_AMOUNTS = torch.logspace(-4, 0, 401, dtype=torch.float64)


def by_a_margin(outputs):
    """Whether some factor on sigma2, or some amount added or taken, counts as these do (E6.5)."""
    found = [as_tensor(output) for output in outputs]
    if any(count is None or count.dim() > 0 for count in found):
        return False
    pairs = zip(SPECTRA, found, strict=True)
    fits = [torch.stack(_counts_fit(*case, count)) for case, count in pairs]
    return bool(torch.stack(fits).all(0).any())


def _counts_fit(values, sigma2, latent_dim, count):
    """For each threshold near sigma2: whether it counts so, with the cap; the same without."""
    thresholds = torch.cat([sigma2 * _FACTORS, sigma2 + _AMOUNTS, sigma2 - _AMOUNTS])
    counts = (torch.tensor(values, dtype=torch.float64) > thresholds[:, None]).sum(1)
    return counts.clamp(max=latent_dim) == count, counts == count


def even_steps(outputs):
    """Whether z goes in even steps, up or down (E6.1)."""
    found = _positions(outputs)
    return bool(found) and all(map(_evenly, found))


def even_shares(outputs):
    """Whether the share below z goes up in even steps, from whatever start to what end (E6.1)."""
    found = [torch.special.ndtr(z) for z in _positions(outputs)]
    return bool(found) and all(_evenly(u) and u[0] < u[-1] for u in found)


def _positions(outputs):
    """The outputs in double precision; [] if one is not n finite numbers (E6.1)."""
    found = [as_tensor(output) for output in outputs]
    for z, n in zip(found, SIZES, strict=True):
        if z is None or z.shape != (n,) or not z.isfinite().all():
            return []
    return [z.double() for z in found]


def _evenly(values):
    """Whether the steps are equal (to single precision) and not zero."""
    steps = values.diff()
    close = torch.allclose(steps, steps.mean().expand_as(steps), rtol=1e-3, atol=1e-5)
    return close and bool(steps.abs().min() > 1e-4)


def by_variance(outputs):
    """Whether some threshold on the variance gives these flags (E6.2)."""
    return _by_a_threshold(outputs, [(mu.var(0, correction=0), mu.var(0)) for mu in _codes()])


def by_sum_of_squares(outputs):
    """Whether some threshold on the sum of squared distances gives these flags (E6.2)."""
    return _by_a_threshold(outputs, [(_from_mean(mu).square().sum(0),) for mu in _codes()])


def by_mean(outputs):
    """Whether some threshold on the mean of mu, or on its size, gives these flags (E6.2)."""
    return _by_a_threshold(outputs, [(mu.mean(0), mu.mean(0).abs()) for mu in _codes()])


def by_size(outputs):
    """Whether some threshold on the size of mu, most often or at most, gives them (E6.2)."""
    sizes = [(mu.abs().mean(0), mu.abs().median(0).values) for mu in _codes()]
    largest = [(mu.abs().amax(0), mu.amax(0), -mu.amin(0)) for mu in _codes()]
    return _by_a_threshold(outputs, sizes) or _by_a_threshold(outputs, largest)


def by_mean_square(outputs):
    """Whether some threshold on the mean of mu^2 gives these flags (E6.2)."""
    return _by_a_threshold(outputs, [(mu.square().mean(0),) for mu in _codes()])


def by_range(outputs):
    """Whether some threshold on the range, or the largest distance from a middle, does (E6.2)."""
    ranges = [(mu.amax(0) - mu.amin(0),) for mu in _codes()]
    largest = [(_from_mean(mu).amax(0), _from_median(mu).amax(0)) for mu in _codes()]
    return _by_a_threshold(outputs, ranges) or _by_a_threshold(outputs, largest)


def by_mean_deviation(outputs):
    """Whether some threshold on an average distance, or one between quantiles, does (E6.2)."""
    distances = [(_from_mean(mu), _from_median(mu)) for mu in _codes()]
    means = [tuple(d.mean(0) for d in both) for both in distances]
    medians = [tuple(d.median(0).values for d in both) for both in distances]
    between = [_between(mu) for mu in _codes()]
    return any(_by_a_threshold(outputs, sizes) for sizes in (means, medians, between))


def _between(mu):
    """Distances between the quantiles that leave out 5, 10 or 25 % of the pictures at each end."""
    return tuple(mu.quantile(1 - end, dim=0) - mu.quantile(end, dim=0) for end in (0.05, 0.1, 0.25))


def _from_mean(mu):
    """How far each mu lies from its latent's mean, (N, L)."""
    return (mu - mu.mean(0)).abs()


def _from_median(mu):
    """How far each mu lies from its latent's median, (N, L)."""
    return (mu - mu.median(0).values).abs()


@functools.cache
def _codes():
    """Each case's mu; another seed has the same numbers in each column, in another order (E6.2)."""
    return tuple(case.args[0] for case in active_cases(0))


def _by_a_threshold(outputs, sizes):
    """Whether one measure parts true from false; sizes: for each case the measures, each (L,)."""
    flags = [as_tensor(output) for output in outputs]
    for mu, flag in zip(_codes(), flags, strict=True):
        if flag is None or flag.dtype != torch.bool or flag.shape != mu.shape[1:]:
            return False
    active = torch.cat(flags)
    if active.all() or not active.any():
        return False
    measures = map(torch.cat, zip(*sizes, strict=True))
    return any(bool(size[active].min() > size[~active].max()) for size in measures)
