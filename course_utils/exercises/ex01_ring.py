"""Notebook 01, E1.4: what people write instead of the ring's map, and the hint for each."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises._exercise import Mistake


def _direction(z: Tensor) -> Tensor:
    return z / _norm(z)


def _norm(z: Tensor) -> Tensor:
    return z.norm(dim=1, keepdim=True)


def _divided_by(size: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The right sum with something else than ||z|| below."""
    return lambda z: z / 10 + z / size(z)


RING = (
    Mistake(
        "norm over axis 0",
        _divided_by(lambda z: z.norm(dim=0)),
        "Your norms run down the columns: they mix the n points, of which each should find its "
        "own way. The two numbers of a point lie along the last axis: `dim=1`.",
    ),
    Mistake(
        "norm of the whole tensor",
        _divided_by(lambda z: z.norm()),
        "`z.norm()` without a `dim` is one number for all points together. Each point is divided "
        "by its own distance from 0: one norm per row.",
        also_wrong=(_divided_by(lambda z: z.norm(dim=1).sum()),),
    ),
    Mistake(
        "no keepdim",
        _divided_by(lambda z: z.norm(dim=1)),
        "The norms are right, but they have lost their axis: (n, 2) / (n,) divides *columns*, and "
        "works by accident, since here n = 2; with any other n it stops. Keep the axis: "
        "`z.norm(dim=1, keepdim=True)` is (n, 1).",
    ),
    Mistake(
        "squared norm",
        _divided_by(lambda z: _norm(z) ** 2),
        "You divide by the squared distance without its root, or take one root too many. "
        "z / ||z|| has to have length 1, wherever z is; try (3, 4), which is 5 long.",
        also_wrong=(
            _divided_by(lambda z: (z**2).sum(1)),
            _divided_by(lambda z: _norm(z).sqrt()),
        ),
    ),
    Mistake(
        "another norm",
        _divided_by(lambda z: z.abs().sum(1, keepdim=True)),
        "You divide by something else than the length of z: the sum or the largest of its "
        "numbers. ||z|| is the root of the sum of their squares.",
        also_wrong=(
            _divided_by(lambda z: z.sum(1, keepdim=True)),
            _divided_by(lambda z: z.abs().amax(1, keepdim=True)),
            _divided_by(lambda z: z.abs().mean(1, keepdim=True)),
            _divided_by(lambda z: (z**2).mean(1, keepdim=True).sqrt()),
            _divided_by(lambda z: z.std(1, keepdim=True)),
        ),
    ),
    Mistake(
        "each number by its own size",
        lambda z: z / 10 + z.sign(),
        "You divide each number by its own size, and only its sign is left: four points, no ring. "
        "Both numbers of a point are divided by the same length.",
    ),
    Mistake(
        "only the direction",
        _direction,
        "All your points lie at distance 1 exactly. Either z/10 is missing, or the norm divides "
        "the whole sum, which takes z/10 away again: only the second z is divided.",
    ),
    Mistake(
        "brackets",
        lambda z: (z / 10 + z) / _norm(z),
        "Look at the brackets: z/10 stands alone, and z/||z|| stands alone. Only the second z is "
        "divided by the norm, only the first by 10.",
        also_wrong=(
            lambda z: (z + _direction(z)) / 10,
            lambda z: z / (10 + _norm(z)),
            lambda z: z / 10 / _norm(z),
            lambda z: z / 10 + _direction(z) / 10,
        ),
    ),
    Mistake(
        "not divided by 10",
        lambda z: z + _direction(z),
        "z/10 makes the ring a little thick: a tenth of z, no more. Yours keeps all of z, or "
        "multiplies, and the ring becomes a cloud.",
        also_wrong=(lambda z: 10 * z + _direction(z), lambda z: z / 100 + _direction(z)),
    ),
    Mistake(
        "1 instead of the direction",
        lambda z: z / 10 + 1,
        "z / ||z|| has length 1, but is not the number 1: it is an arrow, (n, 2), which still "
        "says where z lies. Yours moves all points the same way.",
        also_wrong=(lambda z: z / 10 + torch.ones_like(z) / 2**0.5,),
    ),
    Mistake(
        "times the norm",
        lambda z: z / 10 + z * _norm(z),
        "You multiply by the norm, or add it. z *divided* by its own length is an arrow of length "
        "1, and that makes a ring of a cloud.",
        also_wrong=(lambda z: z / 10 + _norm(z), lambda z: z / 10 + 1 / _norm(z)),
    ),
    Mistake(
        "minus",
        lambda z: z / 10 - _direction(z),
        "The direction is subtracted, which sends each point to the other side. Add it.",
        also_wrong=(lambda z: _direction(z) - z / 10,),
    ),
    Mistake(
        "transposed",
        lambda z: (z / 10 + _direction(z)).T,
        "The numbers are right, but turned over: the answer is (n, 2) like z, one point per row. "
        "Turn it back, or keep the norms' axis (`keepdim=True`) instead of turning z.",
    ),
)
