"""Where a place of a latent space is, in words, and how likely; `latent_words.js` says the same."""

import math
from collections.abc import Sequence

from course_utils.densities import LOG_2PI
from course_utils.widgets._shared.latent_codes import LatentCodes
from course_utils.widgets._shared.words import sayer, two_decimals

TABLE = "_shared/latent_words.toml"
say = sayer(TABLE)


def log_prior(z: Sequence[float]) -> float:
    """Log N(z; 0, I), nats."""
    return -0.5 * (len(z) * LOG_2PI + _squares(z))


def share_beyond(z: Sequence[float]) -> float:
    """The share of draws from N(0, I) that lie further from 0: a chi-squared tail, as a sum."""
    x, odd = _squares(z) / 2, len(z) % 2
    if x > 700:  # exp(-x) is 0 in double precision soon after
        return 0.0
    term = 2 * math.sqrt(x / math.pi) if odd else 1.0
    total = 0.0
    for k in range(len(z) // 2):
        total += term
        term *= x / (k + 1 + odd / 2)
    return math.exp(-x) * total + odd * math.erfc(math.sqrt(x))


def _squares(z: Sequence[float]) -> float:
    return math.fsum(v * v for v in z)


def place(z: Sequence[float], axes: Sequence[int]) -> str:
    """Up to two latents in full; of more, those shown, and how long the others are together."""
    if len(z) <= 2:
        return say("z", numbers=listed(z))
    shown = ", ".join(say("on_axis", axis=axis, value=z[axis]) for axis in axes)
    others = [v for i, v in enumerate(z) if i not in axes]
    length, count = math.sqrt(_squares(others)), len(others)
    return say("others" if count > 1 else "another", shown=shown, count=count, length=length)


def listed(values: Sequence[float]) -> str:
    """One number as it is, several in brackets."""
    numbers = ", ".join(map(two_decimals, values))
    return numbers if len(values) == 1 else f"({numbers})"


def share_text(share: float) -> str:
    """In per cent, but of fewer than one in a thousand no number."""
    if share < 0.001:
        return say("rare")
    digits = 0 if share >= 0.1 else 1
    return f"{math.floor(100 * 10**digits * share + 0.5) / 10**digits:z.{digits}f} %"


def named(code: int, codes: LatentCodes) -> str:
    """A code by its number and the label that came with it: no model has seen that label."""
    return say("named", code=code, label=codes.labels[code])
