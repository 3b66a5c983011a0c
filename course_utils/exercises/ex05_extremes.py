"""Notebook 05, E5.3: right values of -ELBO until a logit or a log-variance is large."""

from dataclasses import replace

from torch import Tensor

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex05_large_logits import HELD_UP, OVERFLOWS, SIGMOID_THEN_LOG
from course_utils.exercises.ex05_negative_elbo import NEGATIVE_ELBO
from course_utils.exercises.ex05_terms import (
    Answer,
    Terms,
    by_probability,
    draws,
    kl_is,
    rec_is,
    sigma,
)

Bounds = tuple[float | None, float | None]


def _everywhere(bounds: Bounds) -> Answer:
    """log_var held between bounds, in the draw and in the KL."""

    def wrong(x, encode, decode, eps):
        def held(x: Tensor) -> tuple[Tensor, Tensor]:
            mu, log_var = encode(x)
            return mu, log_var.clamp(*bounds)

        return Terms(x, held, decode, eps).loss

    return wrong


def _in_z(bounds: Bounds) -> Answer:
    return draws(lambda mu, lv, eps: mu + sigma(lv.clamp(*bounds)) * eps)


def _in_kl(bounds: Bounds) -> Answer:
    def kls(mu: Tensor, log_var: Tensor) -> Tensor:
        held = log_var.clamp(*bounds)
        return 0.5 * (mu**2 + held.exp() - 1 - held)

    return kl_is(kls)


# At some round number, on both sides or on one.
_HELD = (
    *map(_everywhere, ((-2, 2), (-1, 1), (-3, 3), (-4, 4), (-5, 5))),
    *map(_everywhere, ((-2, None), (None, 2), (-5, None), (None, 0), (None, 5))),
    *(way((-c, c)) for way in (_in_z, _in_kl) for c in (2, 5)),
)

_EXTREMES = (
    Mistake(
        "sigmoid, then log",
        rec_is(SIGMOID_THEN_LOG[0]),
        "Right while the decoder is in doubt, infinite or NaN once it is sure: the sigmoid of a "
        "logit of 40 *is* 1 in the computer, and the log of 1 - p that of 0. Training makes a "
        "decoder sure. E5.1 was about this: which form of log p(x|z) takes the logits themselves?",
        also_wrong=tuple(map(rec_is, SIGMOID_THEN_LOG[1:])),
    ),
    Mistake(
        "exp overflows",
        rec_is(OVERFLOWS[0]),
        "Right until a logit is larger than 88: then e^l is more than 32 bits can hold, and "
        "log(1 + e^l) infinite, where it should be l. In E5.1 a function of torch's knew that.",
        also_wrong=tuple(map(rec_is, OVERFLOWS[1:])),
    ),
    Mistake(
        "logits held up",
        rec_is(HELD_UP[0]),
        "A decoder that is sure and wrong should pay its whole logit, pixel by pixel; yours stops "
        "paying. Something holds the logarithm up: a clamp, a small number added by hand, or the "
        "one inside torch's functions of probabilities (`binary_cross_entropy` stops at 100). "
        "There the gradient is 0, and nothing is learned. E5.1 takes the logits as they are.",
        also_wrong=tuple(map(rec_is, HELD_UP[1:])),
    ),
    Mistake(
        "log_var held",
        _HELD[0],
        "Right while log_var is near 0: further out yours is cut off, in z, in the KL or in both. "
        "A latent that says much about x needs a small sigma (log_var = -6 is sigma = 0.05), and "
        "at a bound its gradient is 0. Where a clamp is needed, the encoder has it.",
        also_wrong=_HELD[1:],
    ),
)


# Combinations that are often met, and those of them in which torch's losses reduce.
_OFTEN = ("KL mean over the latents", "both averaged", "KL summed over the batch", "the ELBO")
_OFTEN += ("KL subtracted", "no KL", "variance as sigma", "no noise", "the KL is not right")
_REDUCED = ("mean over the pixels", "averaged over the batch")


def _also_by_probability(mistake: Mistake) -> Mistake:
    """The same mistake, known also where log p(x|z) goes through p and fails for large logits."""
    known = (mistake.wrong, *(mistake.also_wrong if mistake.name in _REDUCED else ()))
    held = tuple(by_probability(wrong, nan=False) for wrong in known)
    nan = by_probability(mistake.wrong, nan=True)
    return replace(mistake, also_wrong=(*mistake.also_wrong, *held, nan))


# Whoever makes two mistakes at once is told of the other one first.
NEGATIVE_ELBO_MISTAKES = (
    *(_also_by_probability(m) if m.name in (*_OFTEN, *_REDUCED) else m for m in NEGATIVE_ELBO),
    *_EXTREMES,
)
