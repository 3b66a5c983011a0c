"""Notebook 02, E2.5: what people write instead of importance weights, and the hint for each."""

import math

import torch

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex02_mistakes import one_shift_for_all, safe


def _log_w(model, x, z, log_q):
    return model.log_likelihood(x, z) + model.log_prior(z) - log_q


IMPORTANCE_LOG_PX = (
    Mistake(
        "no weights",
        lambda model, x, z, log_q: safe(model.log_likelihood(x, z), 0),
        "That averages p(x|z) over draws from q without correcting for q: it is not p(x), but too "
        "high, since q prefers z that explain x. Each draw needs the weight p(z) / q(z).",
    ),
    Mistake(
        "no p(z)",
        lambda model, x, z, log_q: safe(model.log_likelihood(x, z) - log_q, 0),
        "p(z) is missing. It was hidden in the naive estimate, where the draws came from it; now "
        "they come from q, so it has to be written: `model.log_prior(z)`.",
    ),
    Mistake(
        "no q(z)",
        lambda model, x, z, log_q: safe(model.log_likelihood(x, z) + model.log_prior(z), 0),
        "q(z) is missing: z that q prefers are drawn too often, and dividing by q(z) makes up "
        "for it.",
    ),
    Mistake(
        "times q(z)",
        lambda model, x, z, log_q: safe(model.log_likelihood(x, z) + model.log_prior(z) + log_q, 0),
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
    Mistake(
        "product of logs",
        lambda model, x, z, log_q: safe(model.log_likelihood(x, z) * model.log_prior(z) / log_q, 0),
        "You multiply and divide the logarithms themselves. The log of a product is a sum of logs, "
        "that of a quotient a difference.",
        also_wrong=(
            lambda model, x, z, log_q: safe(
                model.log_likelihood(x, z) * model.log_prior(z) - log_q, 0
            ),
            lambda model, x, z, log_q: safe(
                model.log_likelihood(x, z) + model.log_prior(z) / log_q, 0
            ),
        ),
    ),
    Mistake(
        "weight upside down",
        lambda model, x, z, log_q: safe(model.log_likelihood(x, z) - model.log_prior(z) + log_q, 0),
        "The weight is upside down: p(z) belongs above and q(z) below, so that draws which q "
        "favours count less.",
    ),
    Mistake(
        "average over the batch",
        lambda *args: safe(_log_w(*args), 1),
        "The B examples have been averaged away. Each x keeps its own log p(x); average over the "
        "draws, which are the first axis of (n, B).",
        also_wrong=(lambda *args: safe(_log_w(*args).flatten(), 0),),
    ),
    one_shift_for_all(_log_w),
    Mistake(
        "a fixed n",
        lambda *args: torch.logsumexp(_log_w(*args), 0) - math.log(7),
        "The 7 does not hold for every z. The number of draws is `len(z)`.",
    ),
)
