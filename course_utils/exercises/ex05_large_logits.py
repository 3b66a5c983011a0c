"""Notebook 05, E5.1: formulas of log p(x|z) that are right until a logit is large.

E5.3 knows them again, in its first term.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Bernoulli
from torch.nn import functional

from course_utils.exercises._exercise import Mistake

Answer = Callable[[Tensor, Tensor], Tensor]


def log_pixels(x: Tensor, logits: Tensor) -> Tensor:
    """The right log-probability of each pixel, (B, D)."""
    return x * logits - functional.softplus(logits)


def pixel(term: Answer) -> Answer:
    """Another formula in x and the logits for one pixel, added up over the right axis."""
    return lambda x, logits: term(x, logits).sum(-1)


def by_probability(term: Answer) -> Answer:
    """Another formula in x and p = sigmoid(logits) for one pixel, added up."""
    return lambda x, logits: term(x, logits.sigmoid()).sum(-1)


def logs(x: Tensor, p: Tensor) -> Tensor:
    """Each pixel's log-probability by way of p."""
    return x * p.log() + (1 - x) * (1 - p).log()


SIGMOID_THEN_LOG = (
    by_probability(logs),
    by_probability(lambda x, p: torch.where(x == 1, p.log(), (1 - p).log())),
    by_probability(lambda x, p: (p**x * (1 - p) ** (1 - x)).log()),
    by_probability(lambda x, p: (x * p + (1 - x) * (1 - p)).log()),
    by_probability(lambda x, p: x * (p / (1 - p)).log() + (1 - p).log()),
    lambda x, lo: (lo.sigmoid() ** x * (1 - lo.sigmoid()) ** (1 - x)).prod(-1).log(),
)

OVERFLOWS = (
    pixel(lambda x, lo: x * lo - (1 + lo.exp()).log()),
    pixel(lambda x, lo: x * lo - lo.exp().log1p()),
    pixel(lambda x, lo: -x * (-lo).exp().log1p() - (1 - x) * lo.exp().log1p()),
    pixel(lambda x, lo: -torch.where(x == 1, (-lo).exp().log1p(), lo.exp().log1p())),
    pixel(lambda x, lo: x * lo.sigmoid().log() + (1 - x) * (-lo).sigmoid().log()),
    pixel(lambda x, lo: torch.where(x == 1, lo.sigmoid(), (-lo).sigmoid()).log()),
)


def _kept_from_infinity(*sizes: float) -> tuple[Answer, ...]:
    """By a small number inside the logarithms."""
    added = [lambda x, p, c=c: x * (p + c).log() + (1 - x) * (1 - p + c).log() for c in sizes]
    both = [lambda x, p, c=c: logs(x, p.clamp(c, 1 - c)) for c in sizes if c > 1e-7 / 2]
    return tuple(map(by_probability, (*added, *both)))


# E5.3 knows these by their values; E5.1 knows them and others by what large logits cost.
HELD_UP = (
    by_probability(lambda x, p: -functional.binary_cross_entropy(p, x, reduction="none")),
    *_kept_from_infinity(1e-12, 1e-10, 1e-8, 1e-7, 1e-6),
    lambda x, lo: Bernoulli(lo.sigmoid()).log_prob(x).sum(-1),
    *(
        lambda x, lo, c=c: log_pixels(x, lo.clamp(-c, c)).sum(-1)
        for c in (3, 5, 10, 15, 20, 30, 50, 88, 100)
    ),
)
CLAMPED = (
    *HELD_UP,
    *_kept_from_infinity(1e-5, 1e-3),
    *(
        by_probability(
            lambda x, p, c=c: x * p.clamp(min=c).log() + (1 - x) * (1 - p).clamp(min=c).log()
        )
        for c in (1e-12, 1e-8, 1e-7, 1e-6, 1e-3)
    ),
)

CUT_SHORT = tuple(
    pixel(lambda x, lo, t=t: x * lo - functional.softplus(lo, threshold=t))
    for t in (5, 2, 3, 4, 6, 7, 8, 9, 10)
)


def _held_up(outputs: Sequence[Any]) -> bool:
    """Whether logits five times as large cost less than three times as much."""
    some, five_times = (torch.as_tensor(output).double().abs() for output in outputs[-2:])
    finite = some.shape == five_times.shape and bool((some + five_times).isfinite().all())
    one_a_picture = finite and some.dim() == 1
    return one_a_picture and bool((some > 0).all() and (five_times < 3 * some).all())


LARGE_LOGITS = (
    Mistake(
        "sigmoid, then log",
        SIGMOID_THEN_LOG[0],
        "Right for small logits, infinite or NaN for large ones: in the computer the sigmoid of 40 "
        "*is* 1, and log(1 - p) the log of 0. Can you write log p and log(1 - p) in the logits, "
        "without going through p?",
        also_wrong=SIGMOID_THEN_LOG[1:],
    ),
    Mistake(
        "exp overflows",
        OVERFLOWS[0],
        "Your formula is right, also at logits of 40. But e^200 is more than 32 bits can hold, and "
        "e^-200 less: infinity or 0, and the log makes it no better. For a large logit l, which "
        "simple number is log(1 + e^l) close to? torch has a function that knows, `softplus`.",
        also_wrong=OVERFLOWS[1:],
    ),
    Mistake(
        "cut short",
        CUT_SHORT[0],
        "Your log(1 + e^l) becomes l too early: at l = 6 the two still differ by 0.0025, for every "
        "pixel. torch's `softplus` has a threshold of its own for that, 20; does it need another?",
        also_wrong=CUT_SHORT[1:],
    ),
    Mistake(
        "clamped",
        CLAMPED[0],
        "Logits of 200 cost you hardly more than logits of 40, where it should be five times as "
        "much. Something holds the logarithm up: a clamp, a small number added by hand, or the one "
        "inside torch's own functions of probabilities. A decoder that is sure and wrong gets off "
        "lightly, and learns nothing there. What takes the logits themselves?",
        also_wrong=CLAMPED[1:],
        looks_like=_held_up,
    ),
)


def _where_of_logs(x: Tensor, logits: Tensor) -> Tensor:
    return x * logits - torch.where(
        logits > 0, logits + (-logits).exp().log1p(), logits.exp().log1p()
    )


# The values of these are right.
BRANCHES = (
    pixel(_where_of_logs),
    pixel(lambda x, lo: x * lo - torch.where(lo > 20, lo, lo.exp().log1p())),
)
BRANCHES_HINT = (
    "The values are right, the gradient is NaN: `torch.where` differentiates both branches, "
    "and the one it does not take overflows; infinity times 0 is NaN. Is there a form in which "
    "nothing overflows, for either sign?"
)
LOG_BERNOULLI_GRADIENTS = (
    Mistake("where", BRANCHES[0], BRANCHES_HINT, also_wrong=BRANCHES[1:]),
    Mistake(
        "cut off",
        lambda x, lo: log_pixels(x, lo.detach()).sum(-1),
        "No gradient reaches the logits: a decoder behind your function would learn nothing. Look "
        "for `.detach()`, `.data`, `no_grad` or a new `torch.tensor(...)`.",
    ),
)
