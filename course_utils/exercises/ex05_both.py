"""Notebook 05, E5.5: one thing handed back where two are asked for, and the hint for it."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import parts_of
from course_utils.exercises._exercise import Mistake


def _pair(decode, z, u) -> tuple[Tensor, Tensor]:
    """The right answer, with pixels of true and false."""
    means = decode(z).sigmoid()
    return means, u < means


def _not_both(outputs: Sequence[Any]) -> bool:
    """Whether the means are missing: one thing comes back, or the pixels and what is no mean."""
    pairs = [[torch.as_tensor(part).double() for part in parts_of(output)] for output in outputs]
    if all(len(pair) == 1 for pair in pairs):
        return True
    return all(
        len(pair) == 2
        and bool(((pair[0] == 0) | (pair[0] == 1)).all())
        and bool((pair[1] - 0.5).abs().max() > 0.5)
        for pair in pairs
    )


NOT_BOTH = Mistake(
    "not both",
    lambda decode, z, u: (_pair(decode, z, u)[1].to(u.dtype), decode(z)),
    "Two things are asked for, the means and x, in this order: `return means, x`. The means are "
    "the probabilities of the pixels, x is one draw with them; the notebook shows both.",
    also_wrong=(
        lambda decode, z, u: _pair(decode, z, u)[1].to(u.dtype),
        lambda decode, z, u: _pair(decode, z, u)[1],
        lambda decode, z, u: (_pair(decode, z, u)[1],),
        lambda decode, z, u: _pair(decode, z, u)[0],
        lambda decode, z, u: torch.stack(_pair(decode, z, u)),
        lambda decode, z, u: torch.bernoulli(_pair(decode, z, u)[0]),
        lambda decode, z, u: (u < 0.5).to(u.dtype),
        lambda decode, z, u: (_pair(decode, z, u)[1], decode(z)),
    ),
    looks_like=_not_both,
)
