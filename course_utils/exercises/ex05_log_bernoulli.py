"""Notebook 05, E5.1: what people write instead of log p(x|z) of black-or-white pixels."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Bernoulli
from torch.nn import functional

from course_utils.exercises._exercise import Mistake

Answer = Callable[[Tensor, Tensor], Tensor]


def _terms(x: Tensor, logits: Tensor) -> Tensor:
    """The right log-probability of each pixel, (B, D)."""
    return x * logits - functional.softplus(logits)


def _whole(change: Callable[[Tensor], Tensor]) -> Answer:
    """The right terms (B, D), then made something else of."""
    return lambda x, logits: change(_terms(x, logits))


def _pixel(term: Answer) -> Answer:
    """Another formula in x and the logits for one pixel, added up over the right axis."""
    return lambda x, logits: term(x, logits).sum(-1)


def _by_probability(term: Answer) -> Answer:
    """Another formula in x and p = sigmoid(logits) for one pixel, added up."""
    return lambda x, logits: term(x, logits.sigmoid()).sum(-1)


def _logs(x: Tensor, p: Tensor) -> Tensor:
    return x * p.log() + (1 - x) * (1 - p).log()


def _clamped() -> tuple[Answer, ...]:
    """The logarithms kept from infinity by a small number."""
    sizes = (1e-12, 1e-8, 1e-7, 1e-6, 1e-3)
    added = [lambda x, p, c=c: x * (p + c).log() + (1 - x) * (1 - p + c).log() for c in sizes]
    below = [
        lambda x, p, c=c: x * p.clamp(min=c).log() + (1 - x) * (1 - p).clamp(min=c).log()
        for c in sizes
    ]
    both = [lambda x, p, c=c: _logs(x, p.clamp(c, 1 - c)) for c in sizes[2:]]
    return tuple(map(_by_probability, (*added, *below, *both)))


def _held_up(outputs: Sequence[Any]) -> bool:
    """Whether logits five times as large cost less than three times as much."""
    some, five_times = (torch.as_tensor(output).double().abs() for output in outputs[2:])
    finite = some.shape == five_times.shape and bool((some + five_times).isfinite().all())
    return finite and bool((some > 0).all() and (five_times < 3 * some).all())


LOG_BERNOULLI = (
    Mistake(
        "sigmoid, then log",
        _by_probability(_logs),
        "Right for small logits, infinite or NaN for large ones: in the computer the sigmoid of 40 "
        "*is* 1, and log(1 - p) the log of 0. Can you write log p and log(1 - p) in the logits, "
        "without going through p?",
        also_wrong=(
            _by_probability(lambda x, p: torch.where(x == 1, p.log(), (1 - p).log())),
            _by_probability(lambda x, p: (p**x * (1 - p) ** (1 - x)).log()),
            _by_probability(lambda x, p: (x * p + (1 - x) * (1 - p)).log()),
            _by_probability(lambda x, p: x * (p / (1 - p)).log() + (1 - p).log()),
            lambda x, lo: (lo.sigmoid() ** x * (1 - lo.sigmoid()) ** (1 - x)).prod(-1).log(),
        ),
    ),
    Mistake(
        "exp overflows",
        _pixel(lambda x, lo: x * lo - (1 + lo.exp()).log()),
        "Your formula is right, also at logits of 40. But e^200 is more than 32 bits can hold, and "
        "e^-200 less: infinity or 0, and the log makes it no better. For a large logit l, which "
        "simple number is log(1 + e^l) close to? torch has a function that knows, `softplus`.",
        also_wrong=(
            _pixel(lambda x, lo: x * lo - lo.exp().log1p()),
            _pixel(lambda x, lo: -x * (-lo).exp().log1p() - (1 - x) * lo.exp().log1p()),
            _pixel(lambda x, lo: -torch.where(x == 1, (-lo).exp().log1p(), lo.exp().log1p())),
            _pixel(lambda x, lo: x * lo.sigmoid().log() + (1 - x) * (-lo).sigmoid().log()),
            _pixel(lambda x, lo: torch.where(x == 1, lo.sigmoid(), (-lo).sigmoid()).log()),
        ),
    ),
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
        lambda x, lo: _terms(x, lo.sigmoid()).sum(-1),
        "Two sigmoids: one by you, one inside the function (or the formula) that wants logits. "
        "Then no pixel's probability leaves [0.5, 0.73]. Who applies the sigmoid here, and how "
        "often?",
        also_wrong=(
            lambda x, lo: -_terms(x, lo.sigmoid()).sum(-1),
            lambda x, lo: _terms(x, lo.sigmoid()).mean(-1),
            _by_probability(lambda x, p: _logs(x, p.sigmoid())),
            _pixel(lambda x, lo: x * lo.sigmoid() - (1 + lo.sigmoid().exp()).log()),
        ),
    ),
    Mistake(
        "logits taken for probabilities",
        _pixel(_logs),
        "You take the log of the logits, or of 1 minus them, as if they were probabilities. A "
        "logit may be any number, also below 0: which function makes a probability of it?",
        also_wrong=(
            _pixel(lambda x, lo: _logs(x, lo.clamp(1e-7, 1 - 1e-7))),
            _pixel(lambda x, lo: torch.where(x == 1, lo.log(), (1 - lo).log())),
            _pixel(lambda x, lo: x * lo + (1 - x) * (1 - lo)),
        ),
    ),
    Mistake(
        "only the white pixels",
        _pixel(lambda x, lo: x * functional.logsigmoid(lo)),
        "Only the pixels with x = 1 count in yours. A black pixel has a probability too, 1 - p, "
        "and says just as much.",
        also_wrong=(_by_probability(lambda x, p: x * p.log()),),
    ),
    Mistake(
        "only the black pixels",
        _pixel(lambda x, lo: -(1 - x) * functional.softplus(lo)),
        "Only the pixels with x = 0 count in yours. What is the log-probability of a white one?",
        also_wrong=(_by_probability(lambda x, p: (1 - x) * (1 - p).log()),),
    ),
    Mistake(
        "without its log",
        _pixel(lambda x, lo: x * lo),
        "That is x times the logits alone. It has no upper end: a decoder could raise its logits "
        "for white pixels for ever. What keeps the probabilities of 0 and 1 adding up to 1?",
        also_wrong=(_pixel(lambda x, lo: (2 * x - 1) * lo), _pixel(lambda x, lo: -x * lo)),
    ),
    Mistake(
        "a sign inside",
        _pixel(lambda x, lo: x * lo - functional.softplus(-lo)),
        "A sign is wrong inside the sum. Try one pixel by hand: x = 0 and a large logit, that is, "
        "the decoder is sure of white, and it is black. How far below 0 should the sum be?",
        also_wrong=(
            _pixel(lambda x, lo: x * lo + functional.softplus(lo)),
            _pixel(lambda x, lo: x * lo + functional.softplus(-lo)),
            _pixel(lambda x, lo: -x * lo - functional.softplus(lo)),
            _pixel(lambda x, lo: -x * functional.softplus(-lo) + (1 - x) * functional.softplus(lo)),
            _by_probability(lambda x, p: x * p.log() - (1 - x) * (1 - p).log()),
        ),
    ),
    Mistake(
        "log(1 - p) taken apart",
        _by_probability(lambda x, p: x * p.log() + (1 - x) * (1 - p.log())),
        "For black pixels you have 1 - log p. The 1 belongs inside: the log of (1 - p). Which of "
        "your brackets closes too early?",
        also_wrong=(
            _pixel(lambda x, lo: 1 - x + (2 * x - 1) * functional.logsigmoid(lo)),
            _pixel(lambda x, lo: (2 * x - 1) * functional.logsigmoid(lo)),
        ),
    ),
    Mistake(
        "black and white exchanged",
        _pixel(lambda x, lo: (1 - x) * lo - functional.softplus(lo)),
        "Black and white have changed places: yours is large where the decoder is wrong. p, the "
        "sigmoid of the logit, is the probability of x = 1.",
        also_wrong=(_by_probability(lambda x, p: _logs(1 - x, p)),),
    ),
    Mistake(
        "arguments exchanged",
        lambda x, lo: _terms(lo, x).sum(-1),
        "x and the logits have changed places: yours treats the picture as logits. In which order "
        "does the function that you call want them?",
        also_wrong=(
            lambda x, lo: -_terms(lo, x).sum(-1),
            lambda x, lo: _terms(lo.sigmoid(), x).sum(-1),
            lambda x, lo: -_terms(lo.sigmoid(), x).sum(-1),
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
        lambda x, lo: _terms(x, lo).sum(-1).exp(),
        "Those are probabilities; their logarithm is asked for. The product over 784 pixels would "
        "be rounded to 0, and sums of probabilities mean nothing.",
        also_wrong=(
            _by_probability(lambda x, p: x * p + (1 - x) * (1 - p)),
            _pixel(lambda x, lo: _terms(x, lo).exp()),
            lambda x, lo: _terms(x, lo).exp().sum(-1).log(),
        ),
    ),
    Mistake(
        "a squared error",
        _by_probability(lambda x, p: -((x - p) ** 2)),
        "That is a squared error: at best the log-density of *normal* pixels, less a constant. "
        "Which probability has a pixel that is 0 or 1?",
        also_wrong=(
            _by_probability(lambda x, p: (x - p) ** 2),
            _by_probability(lambda x, p: -(x - p).abs()),
            _pixel(lambda x, lo: -((x - lo) ** 2)),
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
            lambda x, lo: _terms(x.sum(-1), lo.sum(-1)),
            lambda x, lo: x.mul(lo).sum(-1) - functional.softplus(lo.sum(-1)),
        ),
    ),
    Mistake(
        "clamped",
        _by_probability(lambda x, p: -functional.binary_cross_entropy(p, x, reduction="none")),
        "Logits of 200 cost you hardly more than logits of 40, where it should be five times as "
        "much. Something holds the logarithm up: a clamp, a small number added by hand, or the one "
        "inside torch's own functions of probabilities. A decoder that is sure and wrong gets off "
        "lightly, and learns nothing there. What takes the logits themselves?",
        also_wrong=(
            *_clamped(),
            lambda x, lo: Bernoulli(lo.sigmoid()).log_prob(x).sum(-1),
            lambda x, lo: _terms(x, lo.clamp(-20, 20)).sum(-1),
            lambda x, lo: _terms(x, lo.clamp(-100, 100)).sum(-1),
        ),
        looks_like=_held_up,
    ),
)


def _where_of_logs(x: Tensor, logits: Tensor) -> Tensor:
    return x * logits - torch.where(
        logits > 0, logits + (-logits).exp().log1p(), logits.exp().log1p()
    )


# The values of these are right.
LOG_BERNOULLI_GRADIENTS = (
    Mistake(
        "where",
        _pixel(_where_of_logs),
        "The values are right, the gradient is NaN: `torch.where` differentiates both branches, "
        "and the one it does not take overflows; infinity times 0 is NaN. Is there a form in which "
        "nothing overflows, for either sign?",
        also_wrong=(_pixel(lambda x, lo: x * lo - torch.where(lo > 20, lo, lo.exp().log1p())),),
    ),
    Mistake(
        "cut off",
        lambda x, lo: _terms(x, lo.detach()).sum(-1),
        "No gradient reaches the logits: a decoder behind your function would learn nothing. Look "
        "for `.detach()`, `.data`, `no_grad` or a new `torch.tensor(...)`.",
    ),
)
