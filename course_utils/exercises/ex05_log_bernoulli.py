"""Notebook 05, E5.1: what people write instead of log p(x|z) of black-or-white pixels."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex05_large_logits import Answer, by_probability, log_pixels, logs, pixel


def _whole(change: Callable[[Tensor], Tensor]) -> Answer:
    """The right terms (B, D), then made something else of."""
    return lambda x, logits: change(log_pixels(x, logits))


def _exchanged(change: Callable[[Tensor], Tensor]) -> Answer:
    """The same of terms in which x and the logits have changed places."""
    return lambda x, logits: change(log_pixels(logits, x))


# What torch's losses make of the terms (B, D), with either sign.
_REDUCED = (
    Tensor.mean,
    Tensor.sum,
    Tensor.neg,
    lambda values: values,
    lambda values: values.mean(-1),
    lambda values: -values.mean(),
    lambda values: -values.sum(),
    lambda values: -values.mean(-1),
)
_bce = functional.binary_cross_entropy

LOG_BERNOULLI = (
    Mistake(
        "not added up",
        _whole(lambda terms: terms),
        "One number for each pixel comes back, (B, D). Pixels are independent given z: what "
        "becomes of their log-probabilities, if the probabilities multiply?",
        also_wrong=(_whole(Tensor.neg),),
    ),
    Mistake(
        "mean over the pixels",
        _whole(lambda terms: terms.mean(-1)),
        "You average over the D pixels. Probabilities of independent pixels multiply, so their "
        "logarithms add up. An average would make 784 pixels say as little as one.",
        also_wrong=(_whole(lambda terms: -terms.mean(-1)),),
    ),
    Mistake(
        "one number for all",
        _whole(Tensor.mean),
        "One number for the whole batch is left. Each picture has a log-probability of its own, "
        "(B,). (torch's losses average over everything unless told `reduction=`; what should it "
        "be here?)",
        also_wrong=(
            _whole(lambda terms: -terms.mean()),
            _whole(Tensor.sum),
            _whole(lambda terms: -terms.sum()),
            _whole(lambda terms: terms.sum(-1).mean()),
            *(
                lambda x, lo, sign=sign, by=by: sign * _bce(lo.sigmoid(), x, reduction=by)
                for sign in (1, -1)
                for by in ("mean", "sum")
            ),
        ),
    ),
    Mistake(
        "summed over the batch",
        _whole(lambda terms: terms.sum(0)),
        "The B pictures have been added together, and the D pixels kept apart. Which of the two "
        "axes of (B, D) should go?",
        also_wrong=(
            _whole(lambda terms: terms.mean(0)),
            _whole(lambda terms: -terms.sum(0)),
            _whole(lambda terms: -terms.mean(0)),
        ),
    ),
    Mistake(
        "the loss",
        _whole(lambda terms: -terms.sum(-1)),
        "The size is right, the sign is not: that is the cross-entropy, a loss to be made small. "
        "Can the log of a probability be above 0?",
    ),
    Mistake(
        "sigmoid twice",
        lambda x, lo: log_pixels(x, lo.sigmoid()).sum(-1),
        "Two sigmoids: one by you, one inside the function (or the formula) that wants logits. "
        "Then no pixel's probability leaves [0.5, 0.73]. Who applies the sigmoid here, and how "
        "often?",
        also_wrong=(
            lambda x, lo: -log_pixels(x, lo.sigmoid()).sum(-1),
            *(
                lambda x, lo, change=change: change(log_pixels(x, lo.sigmoid()))
                for change in _REDUCED
            ),
            by_probability(lambda x, p: logs(x, p.sigmoid())),
            pixel(lambda x, lo: x * lo.sigmoid() - (1 + lo.sigmoid().exp()).log()),
        ),
    ),
    Mistake(
        "logits taken for probabilities",
        pixel(logs),
        "You take the log of the logits, or of 1 minus them, as if they were probabilities. A "
        "logit may be any number, also below 0: which function makes a probability of it?",
        also_wrong=(
            pixel(lambda x, lo: logs(x, lo.clamp(1e-7, 1 - 1e-7))),
            pixel(lambda x, lo: torch.where(x == 1, lo.log(), (1 - lo).log())),
            pixel(lambda x, lo: x * lo + (1 - x) * (1 - lo)),
        ),
    ),
    Mistake(
        "only the white pixels",
        pixel(lambda x, lo: x * functional.logsigmoid(lo)),
        "Only the pixels with x = 1 count in yours. A black pixel has a probability too, 1 - p, "
        "and says just as much.",
        also_wrong=(by_probability(lambda x, p: x * p.log()),),
    ),
    Mistake(
        "only the black pixels",
        pixel(lambda x, lo: -(1 - x) * functional.softplus(lo)),
        "Only the pixels with x = 0 count in yours. What is the log-probability of a white one?",
        also_wrong=(by_probability(lambda x, p: (1 - x) * (1 - p).log()),),
    ),
    Mistake(
        "without its log",
        pixel(lambda x, lo: x * lo),
        "That is x times the logits alone. It has no upper end: a decoder could raise its logits "
        "for white pixels for ever. What keeps the probabilities of 0 and 1 adding up to 1?",
        also_wrong=(pixel(lambda x, lo: (2 * x - 1) * lo), pixel(lambda x, lo: -x * lo)),
    ),
    Mistake(
        "a sign inside",
        pixel(lambda x, lo: x * lo - functional.softplus(-lo)),
        "A sign is wrong inside the sum. Try one pixel by hand: x = 0 and a large logit, that is, "
        "the decoder is sure of white, and it is black. How far below 0 should the sum be?",
        also_wrong=(
            pixel(lambda x, lo: x * lo + functional.softplus(lo)),
            pixel(lambda x, lo: x * lo + functional.softplus(-lo)),
            pixel(lambda x, lo: -x * lo - functional.softplus(lo)),
            pixel(lambda x, lo: -x * functional.softplus(-lo) + (1 - x) * functional.softplus(lo)),
            by_probability(lambda x, p: x * p.log() - (1 - x) * (1 - p).log()),
        ),
    ),
    Mistake(
        "log(1 - p) taken apart",
        by_probability(lambda x, p: x * p.log() + (1 - x) * (1 - p.log())),
        "For black pixels you have 1 - log p. The 1 belongs inside: the log of (1 - p). Which of "
        "your brackets closes too early?",
        also_wrong=(
            pixel(lambda x, lo: 1 - x + (2 * x - 1) * functional.logsigmoid(lo)),
            pixel(lambda x, lo: (2 * x - 1) * functional.logsigmoid(lo)),
        ),
    ),
    Mistake(
        "black and white exchanged",
        pixel(lambda x, lo: (1 - x) * lo - functional.softplus(lo)),
        "Black and white have changed places: yours is large where the decoder is wrong. p, the "
        "sigmoid of the logit, is the probability of x = 1.",
        also_wrong=(by_probability(lambda x, p: logs(1 - x, p)),),
    ),
    Mistake(
        "arguments exchanged",
        _exchanged(lambda values: values.sum(-1)),
        "x and the logits have changed places: yours treats the picture as logits. In which order "
        "does the function that you call want them?",
        also_wrong=(
            *map(_exchanged, (lambda values: -values.sum(-1), *_REDUCED)),
            lambda x, lo: log_pixels(lo.sigmoid(), x).sum(-1),
            lambda x, lo: -log_pixels(lo.sigmoid(), x).sum(-1),
            lambda x, lo: -_bce(x, lo.sigmoid(), reduction="none").sum(-1),
            lambda x, lo: -_bce(x, lo.sigmoid()),
            lambda x, lo: _bce(x, lo.sigmoid()),
        ),
    ),
    Mistake(
        "in bits",
        _whole(lambda terms: terms.sum(-1) / math.log(2)),
        "You count in bits (or to base 10). This course counts in nats: the natural logarithm.",
        also_wrong=(_whole(lambda terms: terms.sum(-1) / math.log(10)),),
    ),
    Mistake(
        "probabilities, not logs",
        lambda x, lo: log_pixels(x, lo).sum(-1).exp(),
        "Those are probabilities; their logarithm is asked for. The product over 784 pixels would "
        "be rounded to 0, and sums of probabilities mean nothing.",
        also_wrong=(
            by_probability(lambda x, p: x * p + (1 - x) * (1 - p)),
            pixel(lambda x, lo: log_pixels(x, lo).exp()),
            lambda x, lo: log_pixels(x, lo).exp().sum(-1).log(),
        ),
    ),
    Mistake(
        "a squared error",
        by_probability(lambda x, p: -((x - p) ** 2)),
        "That is a squared error: at best the log-density of *normal* pixels, less a constant. "
        "Which probability has a pixel that is 0 or 1?",
        also_wrong=(
            by_probability(lambda x, p: (x - p) ** 2),
            by_probability(lambda x, p: -(x - p).abs()),
            pixel(lambda x, lo: -((x - lo) ** 2)),
            lambda x, lo: -((x - lo.sigmoid()) ** 2).mean(-1),
            lambda x, lo: ((x - lo.sigmoid()) ** 2).mean(-1),
        ),
    ),
    Mistake(
        "one winner",
        lambda x, lo: (x * lo.log_softmax(-1)).sum(-1),
        "A softmax lets the D pixels compete for one place: their probabilities add up to 1 over "
        "the picture. Here each pixel decides for itself between 0 and 1.",
        also_wrong=(
            lambda x, lo: x.mul(lo).sum(-1) - lo.logsumexp(-1),
            lambda x, lo: functional.cross_entropy(lo, x, reduction="none"),
            lambda x, lo: log_pixels(x.sum(-1), lo.sum(-1)),
            lambda x, lo: x.mul(lo).sum(-1) - functional.softplus(lo.sum(-1)),
        ),
    ),
)
