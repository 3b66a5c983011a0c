"""Notebook 00: one trivial exercise and one prediction, to see how both work."""

import torch

from course_utils.exercises._exercise import Case, Exercise, Mistake, Prediction

RECALL = ()
PREDICTIONS = (
    Prediction(
        id="P0.1",
        question="A fair coin is tossed 100 times. How likely are exactly 50 heads?",
        choices=("about 1 %", "about 8 %", "about 25 %", "about 50 %"),
        right="about 8 %",
        because=(
            "The number of heads has mean 50 and standard deviation 5, so some ten numbers share "
            "most of the probability, and the likeliest of them gets 8 %. The likeliest outcome "
            "need not be likely."
        ),
    ),
)


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


EXERCISES = (
    Exercise(
        id="E0.1",
        title="An average over samples",
        difficulty=1,
        minutes=3,
        points=1,
        reference=my_average,
        cases=_cases,
        mistakes=(
            Mistake(
                "mean over everything",
                lambda p: p.mean(),
                "You have averaged over samples and examples, and one number is left. Every "
                "example has its own answer: tell `mean` which axis to average over.",
            ),
            Mistake(
                "mean over the last axis",
                lambda p: p.mean(dim=-1),
                "You have averaged over the examples: one number per sample is left. The course "
                "orders axes (K samples, B batch, dimensions). Which number names the K samples?",
            ),
            Mistake(
                "sum",
                lambda p: p.sum(dim=0),
                "That is the sum over the samples. What turns a sum of K numbers into an average?",
            ),
            Mistake(
                "a fixed K",
                lambda p: p.sum(dim=0) / 6,
                "The 6 is true of one p only. The number of samples is the length of p's first "
                "axis, `len(p)`; or let `mean` count them.",
            ),
        ),
        hints=(
            "p has two axes. What does each count, and which one should be gone in the answer?",
            "A tensor's methods take the axis to reduce as `dim=`; axes are counted from 0.",
            "With `p.sum(dim=0)` the K samples are gone, and B sums are left. You want averages.",
        ),
    ),
)
