"""Notebook 00: one trivial exercise, to see how they work; its words are in `text/`."""

import torch

from course_utils.exercises._engine.exercise import Case, Exercise


def my_average(p):
    """Average p, shape (K, B), over the K samples: shape (B,)."""
    return p.mean(dim=0)


def _cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    return [
        Case(
            f"p of shape ({k}, {b}): {k} samples for each of {b} examples",
            (torch.rand(k, b, generator=generator, dtype=torch.float64),),
        )
        for k, b in ((6, 4), (9, 2))  # two sizes: a 6 written as a number shows
    ]


EXERCISES = (Exercise("E0.1", my_average, _cases),)
