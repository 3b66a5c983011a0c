"""Notebook 06, E6.4: judges W, b, sigma, where the signs and the order of W's columns are free.

So W W^T is compared, with b and sigma, and then the columns have to be orthogonal; and the judge,
which sees the outputs alone, has to know the data: they are the same for every seed. Mistakes are
known by the same three, or by one of them where an answer has two mistakes at once.
"""

import functools
from collections.abc import Callable, Sequence
from math import isclose, isnan
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_utils.exercises._compare import SINGLE, as_tensor, difference, parts_of, tolerance
from course_utils.exercises.ex06_inputs import ppca_cases

PARTS = ("W", "b", "sigma")
Answer = Callable[[Tensor, int], tuple]
Print = tuple[tuple[int, ...], list[float]]


def ppca(x: Tensor, latent_dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """The right answer: eq. 6.4."""
    values, vectors = spectrum((x - x.mean(0)).T @ (x - x.mean(0)) / len(x))
    sigma2 = values[latent_dim:].mean()
    scale = (values[:latent_dim] - sigma2).sqrt()
    return vectors[:, :latent_dim] * scale, x.mean(0), sigma2.sqrt()


def spectrum(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues in descending order and their eigenvectors, the columns."""
    values, vectors = torch.linalg.eigh(matrix)
    return values.flip(0), vectors.flip(1)


def judge_ppca(outputs: Sequence[Any]) -> str | None:
    """Shapes as they are; then W W^T, b and sigma; then whether W's columns are orthogonal."""
    for case, output in zip(ppca_cases(0), outputs, strict=True):
        found = _wrong_model(ppca(*case.args), output) or _not_orthogonal(parts_of(output)[0])
        if found:
            return f"With {case.label}: {found}"
    return None


def only_turned(outputs: Sequence[Any]) -> bool:
    """Whether an answer that is not accepted has the right p(x) all the same."""
    pairs = zip(ppca_cases(0), outputs, strict=True)
    return not any(_wrong_model(ppca(*case.args), output) for case, output in pairs)


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


class Known(NamedTuple):
    """A mistake in all its spellings."""

    name: str
    hint: str
    wrongs: tuple[Answer, ...]


def diagnosis(known: Sequence[Known], outputs: Sequence[Any]) -> str | None:
    """The first mistake with the same outputs; else the first that explains one wrong part."""
    ours = _prints_of(outputs)
    spellings = [(mistake.name, wrong) for mistake in known for wrong in mistake.wrongs]
    for name, wrong in spellings:
        if _same(_prints(wrong), ours):
            return name
    for i in range(min(len(PARTS), *map(len, ours))):
        for name, wrong in spellings:
            if _only_wrong_part(wrong) == i and _same_part(i, _prints(wrong), ours):
                return name
    return None


def _prints_of(outputs: Sequence[Any]) -> list[list[Print]]:
    """What a mistake is known by, case by case: the shape and the numbers of each part.

    For W the numbers are the sizes in W W^T, not the signs: whoever takes rows for columns has the
    signs that eigh or svd happened to give.
    """
    found = []
    for output in outputs:
        shapes = [tuple(as_tensor(part).shape) for part in parts_of(output)]
        values = [part.double().flatten() for part in _free(output)]
        values[:1] = [value.abs() for value in values[:1]]
        found.append([(s, v.tolist()) for s, v in zip(shapes, values, strict=True)])
    return found


@functools.cache
def _prints(answer: Answer) -> list[list[Print]]:
    return _prints_of([answer(*case.args) for case in ppca_cases(0)])


@functools.cache
def _only_wrong_part(wrong: Answer) -> int | None:
    """The number of the one part in which a mistake differs from the right answer, or None."""
    differing = [i for i in range(len(PARTS)) if not _same_part(i, _prints(ppca), _prints(wrong))]
    return differing[0] if len(differing) == 1 else None


def _same(ours: list[list[Print]], theirs: list[list[Print]]) -> bool:
    lengths = [[len(prints) for prints in both] for both in (ours, theirs)]
    return lengths[0] == lengths[1] and all(
        _same_part(i, ours, theirs) for i in range(lengths[0][0])
    )


def _same_part(number: int, ours: list[list[Print]], theirs: list[list[Print]]) -> bool:
    """In plain Python, which ends at the first difference: there are many mistakes to ask."""
    for mine, other in zip(ours, theirs, strict=True):
        (shape, values), (its_shape, its_values) = mine[number], other[number]
        if shape != its_shape or not all(map(_close, values, its_values)):
            return False
    return True


def _close(a: float, b: float) -> bool:
    """Equal in single precision; nan equals nan."""
    if isnan(a) or isnan(b):
        return isnan(a) and isnan(b)
    return a == b or isclose(a, b, rel_tol=SINGLE["rtol"], abs_tol=SINGLE["atol"])
