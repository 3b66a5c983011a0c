"""Notebook 02: what people write instead, and the hint for each (E2.3: `ex02_rms`)."""

import math

import torch
from torch import Tensor

from course_utils.exercises._exercise import Mistake


def _safe(a: Tensor, dim: int) -> Tensor:
    return torch.logsumexp(a, dim) - math.log(a.shape[dim])


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
        lambda a, dim: _safe(a, 0),
        "The average runs over the first axis, whatever `dim` says. Hand `dim` on to every "
        "function that reduces.",
    ),
    Mistake(
        "always the last axis",
        lambda a, dim: _safe(a, -1),
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
)


NAIVE_LOG_PX = (
    Mistake(
        "mean of logs",
        lambda model, x, z: model.log_likelihood(x, z[:, None]).mean(0),
        "That is the mean of log p(x|z). Average probabilities, then take the log (Jensen's "
        "inequality says that the other way round is lower).",
    ),
    Mistake(
        "p(z) twice",
        lambda model, x, z: _safe(
            model.log_likelihood(x, z[:, None]) + model.log_prior(z)[:, None], 0
        ),
        "p(z) is in there twice. The draws come from the prior already, so likely z are drawn "
        "more often; multiplying by p(z) counts it again.",
    ),
    Mistake(
        "no -log n",
        lambda model, x, z: torch.logsumexp(model.log_likelihood(x, z[:, None]), 0),
        "You are too high by exactly log n: a sum over the draws, not their average.",
    ),
    Mistake(
        "p, not log p",
        lambda model, x, z: model.log_likelihood(x, z[:, None]).exp().mean(0),
        "That is an estimate of p(x). The task asks for its logarithm, which survives for pictures "
        "where p(x) itself is rounded to zero.",
    ),
    Mistake(
        "average over the batch",
        lambda model, x, z: _safe(model.log_likelihood(x, z[:, None]), 1),
        "The B examples have been averaged away. Each x keeps its own log p(x); average over the "
        "draws, which are the first axis of (n, B).",
        also_wrong=(
            lambda model, x, z: _safe(model.log_likelihood(x, z[:, None]).flatten(), 0),
            lambda model, x, z: _safe(model.log_likelihood(x, z[:, None]), 0).mean(),
        ),
    ),
    Mistake(
        "underflow",
        lambda model, x, z: model.log_likelihood(x, z[:, None]).exp().mean(0).log(),
        "Right for likelihoods of ordinary size, but `exp(-800)` is zero. You have a function for "
        "averages of such numbers: E2.1.",
    ),
)


def _plain_ess(log_w: Tensor) -> Tensor:
    w = log_w.exp()
    return w.sum(0) ** 2 / (w**2).sum(0)


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
        _plain_ess,
        "Right for log-weights of ordinary size, but `exp(-800)` is zero, and 0/0 is nan. Shares "
        "do not change if you subtract the largest log_w first; `torch.softmax` does it.",
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
        "upside down",
        lambda log_w: (torch.softmax(log_w, 0) ** 2).sum(0),
        "The sum of squared shares lies between 1/K and 1. The number of draws is 1 over it.",
    ),
)


def _log_w(model, x, z, log_q):
    return model.log_likelihood(x, z) + model.log_prior(z) - log_q


IMPORTANCE_LOG_PX = (
    Mistake(
        "no weights",
        lambda model, x, z, log_q: _safe(model.log_likelihood(x, z), 0),
        "That averages p(x|z) over draws from q without correcting for q: it is not p(x), but too "
        "high, since q prefers z that explain x. Each draw needs the weight p(z) / q(z).",
    ),
    Mistake(
        "no p(z)",
        lambda model, x, z, log_q: _safe(model.log_likelihood(x, z) - log_q, 0),
        "p(z) is missing. It was hidden in the naive estimate, where the draws came from it; now "
        "they come from q, so it has to be written: `model.log_prior(z)`.",
    ),
    Mistake(
        "no q(z)",
        lambda model, x, z, log_q: _safe(model.log_likelihood(x, z) + model.log_prior(z), 0),
        "q(z) is missing: z that q prefers are drawn too often, and dividing by q(z) makes up "
        "for it.",
    ),
    Mistake(
        "times q(z)",
        lambda model, x, z, log_q: _safe(
            model.log_likelihood(x, z) + model.log_prior(z) + log_q, 0
        ),
        "You multiply by q(z). Draws that q prefers come too often already: divide, which in logs "
        "is a minus.",
    ),
    Mistake(
        "mean of logs",
        lambda *args: _log_w(*args).mean(0),
        "That is the mean of the log-weights. Average the weights, then take the log. (Remember "
        "this number, though: notebook 03 gives it a name.)",
    ),
    Mistake(
        "no -log n",
        lambda *args: torch.logsumexp(_log_w(*args), 0),
        "You are too high by exactly log n: a sum of the weights, not their average.",
    ),
    Mistake(
        "underflow",
        lambda *args: _log_w(*args).exp().mean(0).log(),
        "Right for weights of ordinary size, but `exp(-800)` is zero. You have a function for "
        "averages of such numbers: E2.1.",
    ),
)


def _ess(log_w: Tensor) -> Tensor:
    return 1 / (torch.softmax(log_w, 0) ** 2).sum(0)


def _bar(log_w: Tensor) -> Tensor:
    return (1 / _ess(log_w) - 1 / len(log_w)).sqrt()


def _plain_std(values: Tensor, log_w: Tensor, correction: int) -> tuple[Tensor, Tensor]:
    return values.std(0, correction=correction) / len(log_w) ** 0.5, _ess(log_w) < 10


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
        "void upside down",
        lambda log_w: (_bar(log_w), _ess(log_w) > 10),
        "The error bar is right; void is upside down. Few effective draws make a bar void.",
    ),
    Mistake(
        "void by fraction",
        lambda log_w: (_bar(log_w), _ess(log_w) / len(log_w) < 0.1),
        "The error bar is right; void is decided by the fraction ESS / K. 100 effective draws of "
        "2000 are a fair sample, 6 of 40 are not: compare the number itself with 10.",
    ),
)
