"""What the latent explorer says; `latent_words.js` says it word for word."""

import math

import numpy as np

from course_utils.widgets._shared.latent_codes import LatentCodes, kl_of

LOG_2PI = math.log(2 * math.pi)


def two_decimals(value: float) -> str:
    """Halves upwards, with a true minus."""
    return f"{math.floor(100 * value + 0.5) / 100:z.2f}".replace("-", "−")


def log_prior(z: tuple[float, ...]) -> float:
    """Log N(z; 0, I), nats."""
    return -0.5 * (len(z) * LOG_2PI + math.fsum(v * v for v in z))


def share_beyond(z: tuple[float, ...]) -> float:
    """The share of draws from N(0, I) that lie further from 0: a chi-squared tail, as a sum."""
    x, odd = math.fsum(v * v for v in z) / 2, len(z) % 2
    if x > 700:  # exp(-x) is 0 in double precision soon after
        return 0.0
    term = 2 * math.sqrt(x / math.pi) if odd else 1.0
    total = 0.0
    for k in range(len(z) // 2):
        total += term
        term *= x / (k + 1 + odd / 2)
    return math.exp(-x) * total + odd * math.erfc(math.sqrt(x))


def describe(state, codes: LatentCodes, z: tuple[float, ...], *, standard_prior: bool) -> str:
    """The place and, in words, what is chosen there."""
    where = _about_place(z, state.axes, standard_prior)
    if state.mode == "interpolate":
        return _about_walk(state, codes, where)
    if state.chosen is None:
        return f"{where}."
    return f"{where}. {_about_code(state, codes)}"


def _about_place(z: tuple[float, ...], axes: tuple[int, ...], standard_prior: bool) -> str:
    names = ("log p(z)", "the prior") if standard_prior else ("log N(z; 0, I)", "N(0, I)")
    return f"{place(z, axes)}: {under(*names, log_prior(z), share_beyond(z))}"


def under(density: str, whom: str, height: float, share: float) -> str:
    """How likely a place is: `density` is `height`, `share` of draws from `whom` lie beyond."""
    return (
        f"{density} = {two_decimals(height)} nats; "
        f"{_share_text(share)} of draws from {whom} lie further out"
    )


def place(z: tuple[float, ...], axes: tuple[int, ...]) -> str:
    """Up to two latents in full; of more, those shown, and how long the others are together."""
    if len(z) <= 2:
        return f"z = {listed(z)}"
    shown = ", ".join(f"z[{axis}] = {two_decimals(z[axis])}" for axis in axes)
    length = math.sqrt(math.fsum(v * v for i, v in enumerate(z) if i not in axes))
    rest = len(z) - len(axes)
    return f"{shown}, the other{f' {rest}' * (rest > 1)} of length {two_decimals(length)}"


def listed(values) -> str:
    """One number as it is, several in brackets."""
    numbers = ", ".join(map(two_decimals, values))
    return numbers if len(values) == 1 else f"({numbers})"


def _share_text(share: float) -> str:
    if share < 0.001:
        return "fewer than 1 in 1000"
    digits = 0 if share >= 0.1 else 1
    return f"{math.floor(100 * 10**digits * share + 0.5) / 10**digits:z.{digits}f} %"


def _about_code(state, codes: LatentCodes) -> str:
    start = f"Code {named(state.chosen, codes)}"
    if codes.log_var is None:
        return f"{start}, is a point: this encoder gives no q(z|x)."
    mu, log_var = codes.mu[state.chosen], codes.log_var[state.chosen]
    kl = two_decimals(math.fsum(kl_of(mu, log_var)))
    axes, latents = list(state.axes), len(mu)
    sd = np.exp(log_var[axes].astype(float) / 2)
    on = " on these axes" if latents > len(axes) else ""
    in_all = f" in all {latents} latents" if on else ""
    return (
        f"{start}: q(z|x) has mean {listed(mu[axes].tolist())} and standard deviation "
        f"{listed(sd.tolist())}{on}, KL(q‖N(0, I)) = {kl} nats{in_all}."
    )


def named(index: int, codes: LatentCodes) -> str:
    """A code by its number and the label that came with it: no model has seen that label."""
    return f"{index}, labelled {codes.labels[index]} in the data set"


def _about_walk(state, codes: LatentCodes, where: str) -> str:
    if state.chosen is None:
        return f"{where}. Choose the first code."
    start = f"From code {named(state.chosen, codes)}"
    if state.other is None:
        return f"{start}: choose the second code. {where}."
    end = f"{state.other}, labelled {codes.labels[state.other]}"
    return f"{start}, to code {end}: t = {two_decimals(state.t)}, {where}."
