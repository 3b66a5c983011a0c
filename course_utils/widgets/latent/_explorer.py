"""The explorer of notebooks 00, 05 and 06: walk through a latent space, and see what it decodes to.

A pad over two latents with the codes of images on it, and the picture of the place under the
pointer, decoded in the browser from weights that are sent once.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import traitlets

from course_utils.data import ImageData
from course_utils.models import Autoencoder
from course_utils.widgets._shared import latent_decoder as decoders
from course_utils.widgets._shared import latent_state as pad
from course_utils.widgets._shared import latent_words as words
from course_utils.widgets._shared.latent_codes import LatentCodes, codes_of, kl_of
from course_utils.widgets._shared.latent_state import LatentState
from course_utils.widgets._shared.latent_still import draw_still as draw
from course_utils.widgets._shared.view import SHARED, explorer_of
from course_utils.widgets._shared.words import sayer

TABLES = (words.TABLE, "latent/words.toml")
OWN = [f"latent/{part}.js" for part in ("words", "source", "page", "explorer")]
FILES = (*TABLES, *SHARED, *pad.PAD, *OWN)
PAGE = {"files": FILES, "css": ["_shared/latent.css"], "sends": pad.SENDS}
STRIP = 9  # pictures from one code to the other
MOST_ASKED = 32  # latents that a page may have decoded at once
say = sayer(*TABLES)


@dataclass(frozen=True, eq=False)
class LatentPicture:
    """What the explorer shows for one state.

    Args:    z: (L,) where the picture is; image: (H, W) float32, decoded there, in [0, 1];
             log_pz: log N(z; 0, I), nats; beyond: share of the draws from N(0, I) further from 0;
             original, reconstruction: (H, W) of the chosen code, the latter decoded at its mean,
             or None; kl: of its q to N(0, I), nats, or None; strip: (9, H, W), from the chosen code
             to the other at t = 0, 1/8, ... 1, or None; text: the finding in words.
    """

    state: LatentState
    z: tuple[float, ...]
    image: np.ndarray
    log_pz: float
    beyond: float
    original: np.ndarray | None
    reconstruction: np.ndarray | None
    kl: float | None
    strip: np.ndarray | None
    text: str


def latent_picture(
    state: LatentState,
    decoder: decoders.BrowserDecoder | decoders.KernelDecoder,
    codes: LatentCodes,
    standard_prior: bool = True,
) -> LatentPicture:
    """Everything the explorer shows, computed without a browser; `_shared/latent_*.js` agree.

    Args:    decoder: pictures (n, H, W) of latents (n, L); codes: what lies on the pad;
             standard_prior: whether N(0, I) is the model's prior, as the words then say.
    """
    z, chosen, kl = shown_z(state, codes), state.chosen, None
    image, *others = decoder(np.array(wanted(state, codes)))
    reconstruction = None if chosen is None else others.pop(0)
    if chosen is not None and codes.log_var is not None:
        kl = float(kl_of(codes.mu[chosen], codes.log_var[chosen]).sum())
    of_code = codes.original(chosen), reconstruction, kl
    strip = np.stack(others) if others else None
    text = _describe(state, codes, z, standard_prior=standard_prior)
    likely = words.log_prior(z), words.share_beyond(z)
    return LatentPicture(state, z, image, *likely, *of_code, strip, text)


def shown_z(state: LatentState, codes: LatentCodes) -> tuple[float, ...]:
    """Where the large picture is: at z, or between two codes."""
    return _between(state, codes, state.t) if _walks(state) else state.z


def wanted(state: LatentState, codes: LatentCodes) -> list[tuple[float, ...]]:
    """The latents to decode: of the large picture, the reconstruction, the strip."""
    chosen = [] if state.chosen is None else [tuple(codes.mu[state.chosen].tolist())]
    steps = [i / (STRIP - 1) for i in range(STRIP)] if _walks(state) else []
    return [shown_z(state, codes), *chosen, *(_between(state, codes, t) for t in steps)]


def _walks(state: LatentState) -> bool:
    return state.mode == "interpolate" and None not in (state.chosen, state.other)


def _between(state: LatentState, codes: LatentCodes, t: float) -> tuple[float, ...]:
    start, end = codes.mu[[state.chosen, state.other]].astype(float)
    return tuple(((1 - t) * start + t * end).tolist())


def _describe(state: LatentState, codes: LatentCodes, z, *, standard_prior: bool) -> str:
    """The place and, in words, what is chosen there; `words.js` says the same."""
    name, share = "prior" if standard_prior else "standard", words.share_beyond(z)
    place, height = words.place(z, state.axes), words.log_prior(z)
    where = say(name, place=place, height=height, share=words.share_text(share))
    if state.mode == "interpolate":
        return _about_walk(state, codes, where)
    return f"{where}." if state.chosen is None else f"{where}. {_about_code(state, codes)}"


def _about_code(state: LatentState, codes: LatentCodes) -> str:
    name = words.named(state.chosen, codes)
    if codes.log_var is None:
        return say("point", name=name)
    mu, log_var = codes.mu[state.chosen], codes.log_var[state.chosen]
    axes = list(state.axes)
    sd = words.listed(np.exp(log_var[axes].astype(float) / 2).tolist())
    mean, kl = words.listed(mu[axes].tolist()), math.fsum(kl_of(mu, log_var))
    sentence = "code_on_axes" if len(mu) > len(axes) else "code"
    return say(sentence, name=name, mean=mean, sd=sd, kl=kl, latents=len(mu))


def _about_walk(state: LatentState, codes: LatentCodes, where: str) -> str:
    if state.chosen is None:
        return say("no_start", where=where)
    name, other = words.named(state.chosen, codes), state.other
    if other is None:
        return say("no_end", name=name, where=where)
    label = codes.labels[other]
    return say("walk", name=name, other=other, label=label, t=state.t, where=where)


class LatentExplorer(
    explorer_of(LatentState, latent_picture, lambda shown, _, codes, __: draw(shown, codes), **PAGE)
):
    """The thin view: its traits are the state, and what the page needs to compute the rest.

    Raises:  ValueError, as LatentState does, on assignment too, and for what does not fit the model
             (as many latents as it has, codes that are there).
    """

    asked = traitlets.Any({"id": 0, "z": []}).tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)

    def __init__(self, model, data: ImageData | None = None, **state: object) -> None:
        """Open with a state; the weights are those of this moment."""
        self.decoder = decoder = decoders.decoder_of(model)
        self.codes = codes = codes_of(model, data, decoder.image_shape)
        self.model_name, self.latent_dim = type(model).__name__, model.latent_dim
        self.standard_prior = _is_standard(model)
        self.beside = decoder, codes, self.standard_prior
        opening = LatentState(**(pad.opening_of(model.latent_dim, codes) | state))
        super().__init__(**vars(opening))
        recipe = pad.recipe_of(opening, decoder, codes.span, codes)
        recipe["standard_prior"] = self.standard_prior  # whether N(0, I) is the model's prior
        self.send_once(recipe, weights=decoder.weights, **codes.packed)
        if isinstance(decoder, decoders.KernelDecoder):
            self._decode({"id": 0, "z": wanted(opening, codes)})
            self.observe(lambda change: self._decode(change["new"]), "asked")

    def __repr__(self) -> str:
        size = f"{self.latent_dim} latent{'s' * (self.latent_dim > 1)}, {len(self.codes)} codes"
        return f"latent_explorer({self.model_name}, {size}): {self.picture.text}"

    def _decode(self, asked: dict) -> None:
        """Answer the page with pixels as bytes."""
        z = np.array(asked["z"], dtype=np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent_dim or len(z) > MOST_ASKED:
            raise ValueError(
                f"the page should ask for up to {MOST_ASKED} latents of {self.latent_dim} numbers, "
                f"but {z.shape} came."
            )
        pixels = np.round(255 * self.decoder(z)).astype(np.uint8).tobytes()
        self.answer = {"id": asked["id"], "z": asked["z"], "pixels": pixels}

    def require_fit(self, name: str, value: object) -> None:
        pad.require_fit(name, value, self.latent_dim, len(self.codes))


def latent_explorer(model, data: ImageData | None = None, **state: object) -> LatentExplorer:
    """An explorer of a model's latent space: move over the pad, the decoded picture follows.

    Args:    model: a VAE, or whatever has latent_dim and mean_x(z). Small decoders run in the
             browser, the others in Python; data: images to place on the pad (the first 400, by
             model.encode), or None for model.codes where the model has them; state: as in
             LatentState, e.g. z=(0.5, 1.0), each settable later too (w.z = (0.5, 1.0)).
    Raises:  ValueError if model or data are of another kind, do not fit each other, or a value of
             the state does not fit them.
    """
    return LatentExplorer(model, data, **state)


@torch.no_grad()
def _is_standard(model) -> bool:
    """Whether the prior is N(0, I): an autoencoder has none, other models may have another."""
    if isinstance(model, Autoencoder) or not callable(getattr(model, "log_prior", None)):
        return False
    points = torch.linspace(-1, 2, 3 * model.latent_dim).reshape(3, model.latent_dim)
    expected = [words.log_prior(tuple(z)) for z in points.tolist()]
    return bool(np.allclose(model.log_prior(points).cpu(), expected, atol=1e-4))
