"""Notebook 02, E2.6: what people write instead of the error bar, or of the rule when it is void."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import as_tensor, parts_of
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex02_inputs import EQUAL
from course_utils.exercises.ex02_mistakes import BAD_SHIFTS


def _squared_shares(log_w: Tensor) -> Tensor:
    return (torch.softmax(log_w, 0) ** 2).sum(0)


def _ess(log_w: Tensor) -> Tensor:
    return 1 / _squared_shares(log_w)


def _course_ess(log_w: Tensor, shift: Tensor | None = None) -> Tensor:
    w = (log_w - (log_w.amax(0) if shift is None else shift)).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)


def _bar(log_w: Tensor) -> Tensor:
    return (1 / _ess(log_w) - 1 / len(log_w)).clamp(min=0).sqrt()


def _largest(log_w: Tensor) -> Tensor:
    return torch.softmax(log_w, 0).amax(0)


def _plain_std(values: Tensor, log_w: Tensor, correction: int) -> tuple[Tensor, Tensor]:
    return values.std(0, correction=correction) / len(log_w) ** 0.5, _ess(log_w) < 10


def _void_if(rule: Callable[[Tensor], Tensor]) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """The right error bar with another rule for void."""
    return lambda log_w: (_bar(log_w), rule(log_w))


def _by(shift: Callable[[Tensor], Tensor]) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """The right formulas, with something subtracted first that may be a bad choice."""

    def wrong(log_w: Tensor) -> tuple[Tensor, Tensor]:
        ess = _course_ess(log_w, shift(log_w))
        return (1 / ess - 1 / len(log_w)).clamp(min=0).sqrt(), ess < 10

    return wrong


def _nan_for_equal_weights_alone(outputs: Sequence[Any]) -> bool:
    """Whether the error bar is nan there and nowhere else; in which columns is up to rounding."""
    bars = [as_tensor(part) for output in outputs for part in parts_of(output)[:1]]
    nan = [bool(bar.isnan().any()) for bar in bars]
    return nan == [i == EQUAL for i in range(len(outputs))]


ERROR_BAR = (
    Mistake(
        "spread of log-weights",
        lambda log_w: _plain_std(log_w, log_w, 1),
        "You took the spread of the log-weights. The estimate averages weights, so its error "
        "follows from the spread of the weights.",
        also_wrong=(lambda log_w: _plain_std(log_w, log_w, 0),),
    ),
    Mistake(
        "no -1/K",
        lambda log_w: ((1 / _ess(log_w)).sqrt(), _ess(log_w) < 10),
        "Try K equal weights: they have no spread, so the error is zero, and ESS = K. Yours gives "
        "1/sqrt(K) there. Something is missing under the root.",
    ),
    Mistake(
        "K of the wrong axis",
        lambda log_w: (
            (1 / _ess(log_w) - 1 / log_w.shape[1]).clamp(min=0).sqrt(),
            _ess(log_w) < 10,
        ),
        "Your K is the number of examples. The draws lie along the first axis of (K, B), so their "
        "number is `log_w.shape[0]`, or `len(log_w)`.",
    ),
    Mistake(
        "last axis",
        lambda log_w: (_bar(log_w.T), _ess(log_w.T) < 10),
        "You have one number per draw; there should be one per example. The draws are the first "
        "axis of (K, B): reduce over axis 0.",
    ),
    Mistake(
        "error of p",
        lambda log_w: _plain_std(log_w.exp(), log_w, 1),
        "That is the error of p_hat, in units of the weights. The error of its logarithm is the "
        "relative one: divide by the mean weight.",
        also_wrong=(
            lambda log_w: _plain_std(log_w.exp(), log_w, 0),
            lambda log_w: _plain_std((log_w - log_w.amax(0)).exp(), log_w, 1),
            lambda log_w: _plain_std((log_w - log_w.amax(0)).exp(), log_w, 0),
        ),
    ),
    Mistake(
        "no root",
        lambda log_w: (_bar(log_w) ** 2, _ess(log_w) < 10),
        "That is the squared error. Take the root.",
    ),
    Mistake(
        "no clamp",
        lambda log_w: ((1 / _ess(log_w) - 1 / len(log_w)).sqrt(), _ess(log_w) < 10),
        "Right, but for equal weights: there 1/ESS - 1/K is zero but for rounding, which may leave "
        "a hair less, and the root of that is nan. Clamp it at 0 first, `.clamp(min=0)`.",
        also_wrong=(
            lambda log_w: ((_squared_shares(log_w) - 1 / len(log_w)).sqrt(), _ess(log_w) < 10),
            lambda log_w: ((1 / _course_ess(log_w) - 1 / len(log_w)).sqrt(), _ess(log_w) < 10),
        ),
        looks_like=_nan_for_equal_weights_alone,
    ),
    Mistake(
        "underflow",
        _by(lambda log_w: torch.tensor(0.0)),
        "Right for log-weights of ordinary size, but `exp(-800)` is zero, and 0/0 is nan. Subtract "
        "the largest log_w of each column first; neither answer changes by it.",
    ),
    Mistake(
        "one shift for all",
        _by(Tensor.max),
        "You subtract something before `exp`, but not the largest log_w of each column: one number "
        "for all, or a mean, leaves some columns to under- or overflow.",
        also_wrong=tuple(map(_by, BAD_SHIFTS)),
    ),
    Mistake(
        "void upside down",
        _void_if(lambda log_w: _ess(log_w) > 10),
        "The error bar is right; void is upside down. Few effective draws make a bar void.",
    ),
    Mistake(
        "void by fraction",
        _void_if(lambda log_w: _ess(log_w) / len(log_w) < 0.1),
        "The error bar is right; void is decided by the fraction ESS / K. 100 effective draws of "
        "2000 are a fair sample, 6 of 40 are not: compare the number itself with 10.",
        also_wrong=(
            _void_if(lambda log_w: _ess(log_w) / len(log_w) < 0.01),
            _void_if(lambda log_w: _ess(log_w) / len(log_w) < 0.25),
        ),
    ),
    Mistake(
        "void by another rule",
        _void_if(lambda log_w: _bar(log_w) > 0.3),
        "The error bar is right; void is decided by something else: another limit, the bar's own "
        "size (small even where it is worth nothing) or the largest share. Compare the effective "
        "sample size itself with 10.",
        also_wrong=(
            *(_void_if(lambda log_w, a=a: _bar(log_w) > a) for a in (0.1, 0.25, 0.1**0.5, 0.5)),
            *(_void_if(lambda log_w, a=a: _largest(log_w) > a) for a in (0.1, 0.2, 0.5)),
            *(_void_if(lambda log_w, a=a: _ess(log_w) < a) for a in (2, 5, 20, 30, 100)),
        ),
    ),
)
