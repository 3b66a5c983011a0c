"""The conditional explorer where y is a class: every digit in one style, the style on a pad."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from course_utils._require import require_value
from course_utils.data import ImageData
from course_utils.models import CVAE
from course_utils.widgets._shared import latent_state as pad
from course_utils.widgets._shared import latent_words as words
from course_utils.widgets._shared.latent_codes import LatentCodes, codes_of
from course_utils.widgets._shared.latent_decoder import BrowserDecoder
from course_utils.widgets._shared.state import State, checked, number
from course_utils.widgets._shared.view import SHARED, explorer_of
from course_utils.widgets._shared.words import sayer
from course_utils.widgets.conditional import _networks as networks
from course_utils.widgets.conditional._still import draw_classes

OWN = [f"conditional/{part}.js" for part in ("decoder", "classes_words", "classes_page", "classes")]
TABLES = (words.TABLE, "conditional/classes.toml")
FILES = (*TABLES, *SHARED, *pad.PAD, *OWN)
CSS = ("_shared/latent.css", "conditional/explorer.css")
PAGE = {"files": FILES, "css": CSS, "sends": pad.SENDS}
say = sayer(*TABLES)


@dataclass(frozen=True)
class ClassState(State):
    """What a learner can move.

    Args:    z: the style, as many numbers as the model has latents; axes: which two of its latents
             (of one: the one) the pad shows, counted from 0; digit: the class shown large;
             chosen: the number of a code, or None.
    Raises:  ValueError if a value is of another kind or out of its range.
    """

    z: Sequence[float] = checked((0.0, 0.0), pad.to_numbers)
    axes: Sequence[int] = checked((0, 1), pad.to_axes)
    digit: int = number(0, (0, networks.MOST_CLASSES - 1))
    chosen: int | None = checked(None, pad.to_code)


@dataclass(frozen=True, eq=False)
class Classes:
    """A CVAE given a class, as numbers: all that its pictures are made of."""

    decoder: BrowserDecoder  # pictures of (n, L + C) rows, z before a one-hot y
    mu_p: np.ndarray  # (C, L), of p(z | y), a row for each class
    log_var_p: np.ndarray  # (C, L)
    learned: bool  # whether those rows differ
    codes: LatentCodes  # what lies on the pad

    def __len__(self) -> int:
        """C, the number of classes."""
        return len(self.mu_p)

    def prior(self, digit: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of p(z | y = digit): (L,) float64 each."""
        mu, log_var = self.mu_p[digit].astype(float), self.log_var_p[digit].astype(float)
        return mu, np.exp(log_var / 2)

    def log_prior(self, z: Sequence[float], digit: int) -> float:
        """Log p(z | y = digit), nats."""
        mu, sd = self.prior(digit)
        return words.log_prior(tuple((np.array(z) - mu) / sd)) - float(np.log(sd).sum())

    def share_beyond(self, z: Sequence[float], digit: int) -> float:
        """The share of draws from p(z | y = digit) that are less likely than z."""
        mu, sd = self.prior(digit)
        return words.share_beyond(tuple((np.array(z) - mu) / sd))

    @property
    def span(self) -> float:
        """How far the pad reaches from 0: to every code, and to two deviations of every prior."""
        furthest = np.abs(self.mu_p) + 2 * np.exp(self.log_var_p.astype(float) / 2)
        return max(self.codes.span, float(np.ceil(2.1 * furthest.max()) / 2) * self.learned)


@dataclass(frozen=True, eq=False)
class ClassPicture:
    """What the explorer shows for one state.

    Args:    z: (L,), the style; images: (C, H, W) float32, each class decoded at z, in [0, 1];
             image: (H, W), that of the digit; log_pz: log p(z | y = digit), nats; beyond: share of
             the draws from p(z | y = digit) further out; original: (H, W) of the chosen code, or
             None; text: the finding in words.
    """

    state: ClassState
    z: tuple[float, ...]
    images: np.ndarray
    image: np.ndarray
    log_pz: float
    beyond: float
    original: np.ndarray | None
    text: str


def class_picture(state: ClassState, classes: Classes) -> ClassPicture:
    """Everything the explorer shows, computed without a browser; `conditional/*.js` agree."""
    count = len(classes)
    rows = np.concatenate([np.tile(state.z, (count, 1)), np.eye(count)], axis=1)
    images = classes.decoder(rows)
    image, original = images[state.digit], classes.codes.original(state.chosen)
    log_pz = classes.log_prior(state.z, state.digit)
    beyond = classes.share_beyond(state.z, state.digit)
    text = _describe(state, classes)
    return ClassPicture(state, state.z, images, image, log_pz, beyond, original, text)


def _describe(state: ClassState, classes: Classes) -> str:
    """The style, how likely it is, and what is decoded there; `classes_words.js` says the same."""
    at = {"place": words.place(state.z, state.axes), "digit": state.digit}
    height = classes.log_prior(state.z, state.digit)
    share = words.share_text(classes.share_beyond(state.z, state.digit))
    prior = "prior_of_class" if classes.learned else "prior"
    where = say(prior, **at, height=height, share=share)
    best = f" {_about_best(state, classes)}" if classes.learned else ""
    return f"{where}.{best} {_about_style(state, classes)}"


def _about_best(state: ClassState, classes: Classes) -> str:
    """For which class this z is likeliest: under a learned prior they differ."""
    heights = [classes.log_prior(state.z, digit) for digit in range(len(classes))]
    return say("likeliest", best=heights.index(max(heights)), height=max(heights))


def _about_style(state: ClassState, classes: Classes) -> str:
    shown = {"classes": len(classes), "digit": state.digit}
    if state.chosen is None:
        return say("style", **shown)
    mu = classes.codes.mu[state.chosen].tolist()
    name = words.named(state.chosen, classes.codes)
    own = words.listed([mu[axis] for axis in state.axes])
    sentence = "style_of_image" if mu == list(state.z) else "style_and_image"
    return say(sentence, name=name, own=own, **shown)


class ClassExplorer(explorer_of(ClassState, class_picture, draw_classes, **PAGE)):
    """The thin view: its traits are the state, and what the page needs to compute the rest.

    Raises:  ValueError, as ClassState does, on assignment too, and for what does not fit the model
             (as many latents and classes as it has, codes that are there).
    """

    def __init__(self, cvae: CVAE, data: ImageData | None = None, **state: object) -> None:
        """Open with a state; the weights are those of this moment."""
        decoder, learned = networks.conditional_decoder(cvae), cvae.prior_kind == "learned"
        codes = codes_of(cvae, data, decoder.image_shape, labelled=True)
        self.shown = shown = Classes(decoder, *networks.class_priors(cvae), learned, codes)
        self.beside = (shown,)
        self.model_name, self.latent_dim = type(cvae).__name__, cvae.latent_dim
        opening = ClassState(**(pad.opening_of(cvae.latent_dim, codes) | state))
        if learned and "z" not in state:  # 0 may be far from every p(z | y)
            mean = shown.mu_p[opening.digit % len(shown)].astype(float)
            opening = replace(opening, z=mean.round(2))
        super().__init__(**vars(opening))
        prior = {"mu": shown.mu_p.tolist(), "log_var": shown.log_var_p.tolist()}
        recipe = pad.recipe_of(opening, decoder, shown.span, codes)
        recipe |= {"classes": len(shown), "prior": prior if learned else None}  # None: all N(0, I)
        self.send_once(recipe, weights=decoder.weights, **codes.packed)

    def __repr__(self) -> str:
        size = f"{self.latent_dim} latent{'s' * (self.latent_dim > 1)}, {len(self.shown)} classes"
        size += f", {len(self.shown.codes)} codes"
        return f"conditional_explorer({self.model_name}, {size}): {self.picture.text}"

    def require_fit(self, name: str, value: object) -> None:
        if name == "digit":
            last = len(self.shown) - 1
            require_value(name, value, value <= last, f"a class from 0 to {last}", "")
        pad.require_fit(name, value, self.latent_dim, len(self.shown.codes))
