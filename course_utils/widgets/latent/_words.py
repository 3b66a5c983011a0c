"""What the latent explorer says; `words.js` says the same, of the same tables."""

import math
from collections.abc import Sequence

import numpy as np

from course_utils.widgets._shared import latent_words as words
from course_utils.widgets._shared.latent_codes import LatentCodes, kl_of
from course_utils.widgets._shared.words import sayer

TABLES = (words.TABLE, "latent/words.toml")
say = sayer(*TABLES)


def describe(state, codes: LatentCodes, z: Sequence[float], *, standard_prior: bool) -> str:
    """The place and, in words, what is chosen there."""
    name, share = "prior" if standard_prior else "standard", words.share_beyond(z)
    place, height = words.place(z, state.axes), words.log_prior(z)
    where = say(name, place=place, height=height, share=words.share_text(share))
    if state.mode == "interpolate":
        return _about_walk(state, codes, where)
    return f"{where}." if state.chosen is None else f"{where}. {_about_code(state, codes)}"


def _about_code(state, codes: LatentCodes) -> str:
    name = words.named(state.chosen, codes)
    if codes.log_var is None:
        return say("point", name=name)
    mu, log_var = codes.mu[state.chosen], codes.log_var[state.chosen]
    axes = list(state.axes)
    sd = words.listed(np.exp(log_var[axes].astype(float) / 2).tolist())
    mean, kl = words.listed(mu[axes].tolist()), math.fsum(kl_of(mu, log_var))
    sentence = "code_on_axes" if len(mu) > len(axes) else "code"
    return say(sentence, name=name, mean=mean, sd=sd, kl=kl, latents=len(mu))


def _about_walk(state, codes: LatentCodes, where: str) -> str:
    if state.chosen is None:
        return say("no_start", where=where)
    name, other = words.named(state.chosen, codes), state.other
    if other is None:
        return say("no_end", name=name, where=where)
    label = codes.labels[other]
    return say("walk", name=name, other=other, label=label, t=state.t, where=where)
