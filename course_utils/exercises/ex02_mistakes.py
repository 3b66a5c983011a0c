"""Notebook 02, E2.1, E2.2, E2.4: what people write instead, and the hint for each."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises._exercise import Mistake


def safe(a: Tensor, dim: int) -> Tensor:
    """The right log-mean-exp, for mistakes that lie elsewhere."""
    return torch.logsumexp(a, dim) - math.log(a.shape[dim])


# What people subtract before `exp` instead of each column's largest value.
BAD_SHIFTS = (
    lambda log_w: log_w.mean(0),
    lambda log_w: log_w.median(0).values,
    lambda log_w: log_w.mean(),
    lambda log_w: torch.tensor(-800.0, dtype=log_w.dtype),
)


def _by(statistic: Callable[[Tensor, int], Tensor]) -> Callable[[Tensor, int], Tensor]:
    """Log-mean-exp with another statistic than the maximum as the shift."""

    def wrong(a: Tensor, dim: int) -> Tensor:
        shift = statistic(a, dim)
        return (a - shift.unsqueeze(dim)).exp().mean(dim).log() + shift

    return wrong


def one_shift_for_all(log_w: Callable[..., Tensor]) -> Mistake:
    """For an exercise that averages exp(log_w) over axis 0: the right formula, a bad shift."""

    def by(statistic: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
        return lambda *args: _by(lambda a, dim: statistic(a))(log_w(*args), 0)

    return Mistake(
        "one shift for all",
        by(Tensor.max),
        "You subtract something before `exp`, but not the largest value of each column: one number "
        "for all examples, or a mean, lets some under- or overflow. E2.1 along axis 0 is safe.",
        also_wrong=tuple(map(by, BAD_SHIFTS)),
    )


LOG_MEAN_EXP = (
    Mistake(
        "naive",
        lambda a, dim: a.exp().mean(dim).log(),
        "`exp(-800)` is zero and `exp(800)` infinite before the average is taken. Take the "
        "largest value out first and add it back at the end (equation 2.3).",
    ),
    Mistake(
        "no -log n",
        lambda a, dim: torch.logsumexp(a, dim),
        "You are too high by exactly log n: that is the log of the sum. A mean divides by the "
        "number of terms. What does dividing by n do to a logarithm?",
    ),
    Mistake(
        "max",
        lambda a, dim: a.amax(dim),
        "You return the largest value alone. It dominates, but the other terms are still there: "
        "after subtracting it, exp, mean and log remain to be done.",
    ),
    Mistake(
        "always axis 0",
        lambda a, dim: safe(a, 0),
        "The average runs over the first axis, whatever `dim` says. Hand `dim` on to every "
        "function that reduces.",
    ),
    Mistake(
        "always the last axis",
        lambda a, dim: safe(a, -1),
        "The average runs over the last axis, whatever `dim` says. Hand `dim` on to every "
        "function that reduces.",
    ),
    Mistake(
        "mean of logs",
        lambda a, dim: a.mean(dim),
        "That is the mean of the logs. Average probabilities, then take the log (Jensen's "
        "inequality says that the other way round is lower).",
    ),
    Mistake(
        "one maximum for all",
        lambda a, dim: (a - a.max()).exp().mean(dim).log() + a.max(),
        "One maximum for the whole tensor saves only the column that holds it: a column 780 "
        "below still underflows. Each average needs the maximum along its own `dim`.",
    ),
    Mistake(
        "not the largest",
        _by(lambda a, dim: a.mean(dim)),
        "The algebra is right, but what you subtract has to be the largest value along `dim`. With "
        "a mean, a median, a constant or the first entry, a larger one may overflow in `exp`.",
        also_wrong=(
            _by(lambda a, dim: a.median(dim).values),
            _by(lambda a, dim: a.amin(dim)),
            _by(lambda a, dim: a.select(dim, 0)),
            _by(lambda a, dim: a.select(dim, -1)),
            lambda a, dim: (a + 800).exp().mean(dim).log() - 800,
        ),
    ),
    Mistake(
        "no dim",
        lambda a, dim: safe(a.flatten(), 0),
        "One number for the whole tensor is left. There is an average for each column or row: hand "
        "`dim` to every function that reduces, also to the one that finds the largest value.",
        also_wrong=(lambda a, dim: a.max(),),
    ),
    Mistake(
        "not added back",
        lambda a, dim: safe(a, dim) - a.amax(dim),
        "You have subtracted the largest value m and stopped there. Each exp(a - m) is e^m times "
        "too small; in the logarithm that is a sum: add m back at the end.",
    ),
    Mistake(
        "subtracted twice",
        lambda a, dim: safe(a, dim) - 2 * a.amax(dim),
        "The largest value is subtracted at the end as well. Dividing by e^m inside the average is "
        "made good by *adding* m to its logarithm.",
    ),
    Mistake(
        "keepdim to the end",
        lambda a, dim: safe(a, dim) + 0 * a.amax(dim, keepdim=True).nan_to_num(),
        "Two shapes have met: the mean has lost the axis `dim`, the largest value still has it "
        "with length 1 (`keepdim`), and they broadcast. Add back `a.amax(dim)`, without `keepdim`.",
    ),
)


def _log_p(model, x, z):
    return model.log_likelihood(x, z[:, None])


NAIVE_LOG_PX = (
    Mistake(
        "mean of logs",
        lambda model, x, z: _log_p(model, x, z).mean(0),
        "That is the mean of log p(x|z). Average probabilities, then take the log (Jensen's "
        "inequality says that the other way round is lower).",
    ),
    Mistake(
        "p(z) twice",
        lambda model, x, z: safe(_log_p(model, x, z) + model.log_prior(z)[:, None], 0),
        "p(z) is in there twice. The draws come from the prior already, so likely z are drawn "
        "more often; multiplying by p(z) counts it again.",
    ),
    Mistake(
        "no -log n",
        lambda model, x, z: torch.logsumexp(_log_p(model, x, z), 0),
        "You are too high by exactly log n: a sum over the draws, not their average.",
    ),
    Mistake(
        "p, not log p",
        lambda model, x, z: _log_p(model, x, z).exp().mean(0),
        "That is an estimate of p(x). The task asks for its logarithm, which survives for pictures "
        "where p(x) itself is rounded to zero.",
    ),
    Mistake(
        "average over the batch",
        lambda model, x, z: safe(_log_p(model, x, z), 1),
        "The B examples have been averaged away. Each x keeps its own log p(x); average over the "
        "draws, which are the first axis of (n, B).",
        also_wrong=(
            lambda model, x, z: safe(_log_p(model, x, z).flatten(), 0),
            lambda model, x, z: safe(_log_p(model, x, z), 0).mean(),
        ),
    ),
    Mistake(
        "underflow",
        lambda model, x, z: _log_p(model, x, z).exp().mean(0).log(),
        "Right for likelihoods of ordinary size, but `exp(-800)` is zero. You have a function for "
        "averages of such numbers: E2.1.",
    ),
    one_shift_for_all(_log_p),
    Mistake(
        "a fixed n",
        lambda model, x, z: torch.logsumexp(_log_p(model, x, z), 0) - math.log(6),
        "The 6 does not hold for every z. The number of draws is `len(z)`.",
    ),
)


def _ess_by(shift: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The effective sample size, with something subtracted first that may be a bad choice."""

    def wrong(log_w: Tensor) -> Tensor:
        w = (log_w - shift(log_w)).exp()
        return w.sum(0) ** 2 / (w**2).sum(0)

    return wrong


ESS = (
    Mistake(
        "not normalised",
        lambda log_w: 1 / (log_w.exp() ** 2).sum(0),
        "The weights are not normalised: adding 5 to every log_w changes your answer, though it "
        "changes no draw's share. Divide the weights by their sum first.",
        also_wrong=(lambda log_w: 1 / ((log_w - log_w.amax(0)).exp() ** 2).sum(0),),
    ),
    Mistake(
        "last axis",
        lambda log_w: 1 / (torch.softmax(log_w, -1) ** 2).sum(-1),
        "You have one number per draw; there should be one per example. The draws are the first "
        "axis of (K, B).",
    ),
    Mistake(
        "underflow",
        _ess_by(lambda log_w: torch.tensor(0.0)),
        "Right for log-weights of ordinary size, but `exp(-800)` is zero, and 0/0 is nan. Shares "
        "stay the same if you subtract the largest log_w of each column first, as "
        "`torch.softmax` does.",
    ),
    Mistake(
        "one maximum for all",
        _ess_by(Tensor.max),
        "One maximum for the whole tensor saves only the column that holds it: a column 800 below "
        "still underflows. Subtract the largest log_w of each column, or use `torch.softmax`.",
    ),
    Mistake(
        "not the largest",
        _ess_by(lambda log_w: log_w.mean(0)),
        "Shares do not change, whatever you subtract; but `exp` has to survive it. With a mean, a "
        "median or a constant, a larger log_w may overflow. Take the largest of each column.",
        also_wrong=tuple(map(_ess_by, BAD_SHIFTS)),
    ),
    Mistake(
        "1 / largest weight",
        lambda log_w: 1 / torch.softmax(log_w, 0).amax(0),
        "1 over the largest share looks at a single draw. The effective sample size uses all of "
        "them: sum the squared shares.",
    ),
    Mistake(
        "fraction",
        lambda log_w: 1 / (torch.softmax(log_w, 0) ** 2).sum(0) / len(log_w),
        "That is the fraction ESS / K. The task asks for a number of draws, between 1 and K.",
    ),
    Mistake(
        "not squared",
        lambda log_w: 1 / torch.softmax(log_w, 0).sum(0),
        "The shares add up to 1 whatever they are. What tells equal shares from unequal ones is "
        "the sum of their squares.",
    ),
    Mistake(
        "no exp",
        lambda log_w: log_w.sum(0) ** 2 / (log_w**2).sum(0),
        "These are log-weights: equation 2.7 is about the weights themselves, w = exp(log_w) "
        "(taken with care, see E2.1).",
    ),
    Mistake(
        "upside down",
        lambda log_w: (torch.softmax(log_w, 0) ** 2).sum(0),
        "The sum of squared shares lies between 1/K and 1. The number of draws is 1 over it.",
    ),
)
