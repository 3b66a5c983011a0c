"""What the latent explorer says; `words.js` says the same, of the same tables."""

import math
from collections.abc import Sequence

import numpy as np

from course_utils.widgets._shared.latent_codes import LatentCodes, kl_of
from course_utils.widgets._shared.latent_words import (
    TABLE,
    listed,
    log_prior,
    named,
    place,
    share_beyond,
    share_text,
)
from course_utils.widgets._shared.words import sayer

TABLES = (TABLE, "latent/words.toml")
say = sayer(*TABLES)


def describe(state, codes: LatentCodes, z: Sequence[float], *, standard_prior: bool) -> str:
    """The place and, in words, what is chosen there."""
    where = say(
        "prior" if standard_prior else "standard",
        place=place(z, state.axes),
        height=log_prior(z),
        share=share_text(share_beyond(z)),
    )
    if state.mode == "interpolate":
        return _about_walk(state, codes, where)
    return f"{where}." if state.chosen is None else f"{where}. {_about_code(state, codes)}"


def _about_code(state, codes: LatentCodes) -> str:
    name = named(state.chosen, codes)
    if codes.log_var is None:
        return say("point", name=name)
    mu, log_var = codes.mu[state.chosen], codes.log_var[state.chosen]
    axes = list(state.axes)
    return say(
        "code_on_axes" if len(mu) > len(axes) else "code",
        name=name,
        mean=listed(mu[axes].tolist()),
        sd=listed(np.exp(log_var[axes].astype(float) / 2).tolist()),
        kl=math.fsum(kl_of(mu, log_var)),
        latents=len(mu),
    )


def _about_walk(state, codes: LatentCodes, where: str) -> str:
    if state.chosen is None:
        return say("no_start", where=where)
    name, other = named(state.chosen, codes), state.other
    if other is None:
        return say("no_end", name=name, where=where)
    label = codes.labels[other]
    return say("walk", name=name, other=other, label=label, t=state.t, where=where)
