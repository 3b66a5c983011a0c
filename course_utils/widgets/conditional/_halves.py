"""The conditional explorer where y is a left half: draw or pick one, and see what completes it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from course_utils.data import ImageData
from course_utils.models import CVAE, LOG_VAR_RANGE
from course_utils.widgets._shared.latent_codes import bytes_of, packed_pictures, require_images
from course_utils.widgets._shared.latent_decoder import BrowserDecoder, BrowserNetwork
from course_utils.widgets._shared.latent_state import is_count
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets._shared.state import State, checked, number
from course_utils.widgets._shared.view import SHARED, explorer_of
from course_utils.widgets._shared.words import sayer
from course_utils.widgets.conditional._networks import conditional_decoder, prior_network
from course_utils.widgets.conditional._still import draw_halves

PARTS = ("normals", "latent_decoder", "latent_pictures")
OWN = ("decoder", "halves_words", "halves_math", "halves_page", "halves")
TABLE = "conditional/halves.toml"
FILES = [TABLE, *SHARED, *(f"_shared/{part}.js" for part in PARTS)]
FILES += [f"conditional/{part}.js" for part in OWN]
CSS = ("_shared/latent.css", "conditional/explorer.css")
SENDS = ("weights", "prior_weights", "packed_originals")
PAGE = {"files": FILES, "css": CSS, "sends": SENDS}
MOST_PICTURES = 40  # of data, whose pixels travel with the notebook
SHOWN, DRAWS = 9, 64  # completions shown, and those that the mean is of
say = sayer(TABLE)
RANGES = {"seed": (0, 99), "spread": (0, 1.5)}


def _half(_: str, left: object) -> int | tuple[tuple[float, ...], ...] | None:
    """A number of at least 0, or rows of hundredths; None where there is no ink."""
    if left is None:
        return None
    if is_count(left):
        return int(left)
    rows = left.detach().cpu().numpy() if isinstance(left, torch.Tensor) else left
    try:
        pixels = np.array(rows, dtype=float)
    except (TypeError, ValueError):
        pixels = np.zeros(0)
    if pixels.ndim != 2 or not pixels.size or not (pixels.min() >= 0 and pixels.max() <= 1):
        shape = getattr(left, "shape", None)
        came = repr(left)[:60] if shape is None else f"an array {tuple(shape)}"
        raise ValueError(
            f"left should be the number of a picture, (H, W) pixels in [0, 1] or None, but "
            f"{came} came; try left=torch.zeros(28, 14)."
        )
    return tuple(map(tuple, pixels.round(2).tolist())) if pixels.round(2).any() else None


@dataclass(frozen=True)
class HalfState(State):
    """What a learner can move.

    Args:    left: the left half y: the number of a picture of the data, or (H, W) pixels in [0, 1],
             ink is 1 (kept in hundredths), or None for an empty one; seed: which draws of the
             noise, 0 to 99; spread: what the noise is multiplied by, 0 to 1.5, 1 is the model.
    Raises:  ValueError if a value is of another kind or out of its range.
    """

    left: int | Sequence[Sequence[float]] | None = checked(None, _half)
    seed: int = number(0, RANGES["seed"])
    spread: float = number(1.0, RANGES["spread"])


@dataclass(frozen=True, eq=False)
class Halves:
    """A CVAE given a left half, as numbers: all that its pictures are made of."""

    decoder: BrowserDecoder  # right halves of (n, L + C) rows, z before y
    prior: BrowserNetwork | None  # from y to mu and log_var of p(z | y); None for N(0, I)
    latent_dim: int  # L
    wholes: np.ndarray  # (N, H, 2W) uint8, ink is 255, the pictures to pick from

    def left(self, state: HalfState) -> np.ndarray:
        """The left half that a state means: (H, W) float32."""
        height, width = self.decoder.image_shape
        if state.left is None:
            return np.zeros((height, width), np.float32)
        if isinstance(state.left, int):
            return self.wholes[state.left][:, :width] / np.float32(255)
        return np.array(state.left, np.float32)

    def prior_given(self, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of p(z | y): (L,) float64 each."""
        if self.prior is None:
            return np.zeros(self.latent_dim), np.ones(self.latent_dim)
        mu, log_var = self.prior.outputs(left.ravel()).double().numpy().reshape(2, -1)
        return mu, np.exp(log_var.clip(*LOG_VAR_RANGE) / 2)


@dataclass(frozen=True, eq=False)
class HalfPicture:
    """What the explorer shows for one state.

    Args:    left: (H, W), the condition y; z: (64, L), draws from p(z | y); completions:
             (9, H, 2W), y and beside it E[x | z, y] at the first nine; mean: (H, 2W), y and the
             mean of all 64; truth: (H, 2W) of the data, or None; variance: of the 64 around their
             mean, summed over pixels; errors: squared errors against the true right half, summed
             over pixels, of a draw on average, of the mean, of the nearest of the nine, or None;
             draws: 64; text: the finding in words. A draw's error is the mean's plus the variance.
    """

    state: HalfState
    left: np.ndarray
    z: np.ndarray
    completions: np.ndarray
    mean: np.ndarray
    truth: np.ndarray | None
    variance: float
    errors: tuple[float, float, float] | None
    draws: int = DRAWS
    text: str = ""


def half_picture(state: HalfState, halves: Halves) -> HalfPicture:
    """Everything the explorer shows, computed without a browser; `conditional/*.js` agree."""
    left = halves.left(state)
    mu, sd = halves.prior_given(left)
    z = mu + state.spread * sd * standard_normals(state.seed, DRAWS, halves.latent_dim)
    rights = halves.decoder(np.hstack([z, np.tile(left.ravel(), (DRAWS, 1))])).astype(float)
    mean, truth, errors = rights.mean(axis=0), None, None
    if isinstance(state.left, int):
        truth = halves.wholes[state.left] / np.float32(255)
        right = truth[:, left.shape[1] :]
        each = ((rights - right) ** 2).sum(axis=(1, 2))
        of_mean = ((mean - right) ** 2).sum()
        errors = float(each.mean()), float(of_mean), float(each[:SHOWN].min())
    completions = np.stack([np.hstack([left, right]) for right in rights[:SHOWN]])
    variance = float(((rights - mean) ** 2).sum() / DRAWS)
    wholes = completions, np.hstack([left, mean]), truth
    text = _describe(state, variance, errors, learned=halves.prior is not None)
    return HalfPicture(state, left, z, *wholes, variance, errors, text=text)


def _describe(state: HalfState, variance: float, errors, *, learned: bool) -> str:
    """Which half is completed, from which draws, and how far apart; as `halves_words.js` has it."""
    half, prior = _about_left(state.left), "p(z|y)" if learned else "N(0, I)"
    asked = {"half": half, "prior": prior, "seed": state.seed, "spread": state.spread}
    name = "draws" if state.spread == 1 else "draws_spread"
    text = say(name, **asked, count=DRAWS, variance=variance)
    if errors is None:
        return text
    one, mean, best = errors
    return f"{text} {say('errors', one=one, mean=mean, best=best, count=DRAWS)}"


def _about_left(left: int | Sequence[Sequence[float]] | None) -> str:
    if left is None:
        return say("empty")
    if isinstance(left, int):
        return say("picked", left=left)
    ink = sum(value > 0 for row in left for value in row)
    return say("drawn", ink=ink, pixels=len(left) * len(left[0]))


class HalfExplorer(
    explorer_of(HalfState, half_picture, lambda picture, _: draw_halves(picture), **PAGE)
):
    """The thin view: its traits are the state, and what the page needs to compute the rest.

    Raises:  ValueError, as HalfState does, on assignment too, and for what does not fit (pictures
             that are there, a half of the model's size).
    """

    def __init__(self, cvae: CVAE, data: ImageData | None = None, **state: object) -> None:
        """Open with a state; the weights are those of this moment."""
        wholes = wholes_of(data, cvae.image_shape)
        decoder, prior = conditional_decoder(cvae), prior_network(cvae)
        self.shown = Halves(decoder, prior, cvae.latent_dim, wholes)
        self.beside, self.model_name = (self.shown,), type(cvae).__name__
        opening = HalfState(**({"left": 0 if len(wholes) else None} | state))
        super().__init__(**vars(opening))
        recipe = {
            "start": asdict(opening),  # the state with which it opens
            "image": decoder.image_shape,  # (H, W) of a half
            "pictures": len(wholes),  # how many to pick from
            "latents": cvae.latent_dim,
            "decoder": decoder.sent,
            "prior": prior and prior.sent,  # None where it is N(0, I)
            "ranges": RANGES,  # of the sliders
            "log_var_range": LOG_VAR_RANGE,
            "shown": SHOWN,
            "draws": DRAWS,
        }
        weights = {"weights": decoder.weights, "prior_weights": prior.weights if prior else b""}
        self.send_once(recipe, **weights, packed_originals=packed_pictures(wholes))

    def __repr__(self) -> str:
        (height, width), count = self.shown.decoder.image_shape, len(self.shown.wholes)
        size = f"halves of {height}x{width}, {count} pictures"
        return f"conditional_explorer({self.model_name}, {size}): {self.picture.text}"

    def require_fit(self, name: str, value: object) -> None:
        pictures, (height, width) = len(self.shown.wholes), self.shown.decoder.image_shape
        if name == "left" and isinstance(value, int) and value >= pictures:
            raise ValueError(
                f"left should be a picture from 0 to {pictures - 1}, but {value} came."
                if pictures
                else f"left={value} needs pictures to pick from, but there are none; try "
                f"conditional_explorer(cvae, data) with whole pictures."
            )
        if isinstance(value, tuple) and (len(value), len(value[0])) != (height, width):
            raise ValueError(
                f"left should be a half of {height}x{width} pixels, but {len(value)}x"
                f"{len(value[0])} came; of whole pictures take [:, :{width}]."
            )


def wholes_of(data: ImageData | None, half_shape: tuple[int, int]) -> np.ndarray:
    """The first 40 pictures of data as bytes, twice as wide as a half: (N, H, 2W) uint8.

    Raises:  ValueError if data is no ImageData, or its images are of another size.
    """
    height, width = half_shape[0], 2 * half_shape[1]
    if data is None:
        return np.zeros((0, height, width), np.uint8)
    require_images(data)
    if tuple(data.images.shape[1:]) != (height, width):
        came = "x".join(map(str, data.images.shape[1:]))
        raise ValueError(
            f"data should be whole pictures of {height}x{width}, whose left halves are y and right "
            f"halves x, but those of {data!r} are {came}; give it images before they are cut."
        )
    return bytes_of(data.images[:MOST_PICTURES])
