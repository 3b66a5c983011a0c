"""The explorer of notebook 09: along a curve from many nats and little error to no nats at all.

Networks of several sigmas stand in the plane of rate and distortion, as measured on test pictures,
and so does the linear VAE of the same sigma; the Gaussian's curve is that of the training pictures.
Every picture is decoded when the explorer is made, so that a page needs no decoder.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from course_utils._require import require_value
from course_utils.data import ImageData
from course_utils.models import VAE
from course_utils.widgets._shared.latent_codes import packed_pictures
from course_utils.widgets._shared.state import State, number
from course_utils.widgets._shared.view import SHARED, explorer_of
from course_utils.widgets._shared.words import sayer
from course_utils.widgets.rate_distortion import _networks as networks
from course_utils.widgets.rate_distortion._still import draw_still

SAME = 0.005  # nats: a smaller difference would be said to be 0.00
TABLE = "rate_distortion/words.toml"
OWN = ("words", "plane", "page", "explorer")
FILES = [TABLE, *SHARED, "_shared/latent_decoder.js", "_shared/latent_pictures.js"]
FILES += [f"rate_distortion/{part}.js" for part in OWN]
PAGE = {"files": FILES, "css": ("rate_distortion/explorer.css",), "sends": ("packed_pixels",)}
say = sayer(TABLE)


@dataclass(frozen=True)
class RateDistortionState(State):
    """What a learner can move.

    Args:    model: the number of a network, in the order given; image: that of a test picture;
             seed: which draws of z the pictures are decoded from, 0 to 4.
    Raises:  ValueError if a value is no whole number, or out of range.
    """

    model: int = number(0, (0, networks.MOST - 1))
    image: int = number(0, (0, networks.MOST - 1))
    seed: int = number(0, (0, networks.SEEDS - 1))


@dataclass(frozen=True, eq=False)
class RateDistortionPicture:
    """What the explorer shows for one state.

    Args:    point: the network's sigma, rate, distortion, and what the Gaussian needs there;
             original, decoded, optimum: (H, W), the test picture, and what the network and the
             linear optimum make of it; samples: (10, H, W) of the network; text: the finding.
    """

    state: RateDistortionState
    point: networks.Point
    original: np.ndarray
    decoded: np.ndarray
    optimum: np.ndarray
    samples: np.ndarray
    text: str


def rate_distortion_picture(
    state: RateDistortionState, sweep: networks.Sweep
) -> RateDistortionPicture:
    """Everything the explorer shows, looked up without a browser; sweep: `explorer.shown`."""
    at, point = (state.model, state.seed), sweep.plane.points[state.model]
    three = (part[state.image] for part in (sweep.originals, sweep.decoded[at], sweep.optimum[at]))
    pixels = (part / np.float32(255) for part in (*three, sweep.samples[at]))
    return RateDistortionPicture(state, point, *pixels, describe(state, point, sweep.plane.tested))


def describe(state: RateDistortionState, point: networks.Point, tested: int) -> str:
    """The network against the Gaussian, then the linear optimum, then the one picture.

    `words.js` says the same.
    """
    names = "rate", "distortion", "needed"
    linear = dict(zip(names, point.linear, strict=True))
    own = dict(zip(names, point.own[state.image], strict=False))
    parts = {
        "linear": say("linear" if linear["rate"] else "nothing", **linear, side=_side(**linear)),
        "own": say("own", **own, image=state.image),
    }
    here = {name: getattr(point, name) for name in names}
    return say("network", **here, **parts, side=_side(**here), sigma=point.sigma, tested=tested)


def _side(rate: float, needed: float, **_: float) -> str:
    gap = rate - needed
    return say("on" if abs(gap) < SAME else "below" if gap < 0 else "above", gap=abs(gap))


class RateDistortionExplorer(
    explorer_of(RateDistortionState, rate_distortion_picture, draw_still, **PAGE)
):
    """The thin view: its traits are the state, and what the page needs to look up the rest.

    Raises:  ValueError, as RateDistortionState does, on assignment too, and for the number of a
             network or a picture that is not there.
    """

    def __init__(self, models: Sequence[VAE], data: ImageData, **state: int) -> None:
        """Open with a state; the networks are those of this moment."""
        self.shown = sweep = networks.sweep_of(models, data)
        self.beside = (sweep,)
        super().__init__(**vars(RateDistortionState(**state)))
        parts = sweep.originals, sweep.decoded, sweep.optimum, sweep.samples
        self.send_once(asdict(sweep.plane), packed_pixels=b"".join(map(packed_pictures, parts)))

    def __repr__(self) -> str:
        height, width = self.shown.plane.image
        models, images = len(self.shown.plane.points), self.shown.plane.images
        size = f"{models} networks, {images} pictures of {height}x{width}"
        return f"rate_distortion_explorer({size}): {self.picture.text}"

    def require_fit(self, name: str, value: int) -> None:
        plane = self.shown.plane
        counts = {"model": len(plane.points), "image": plane.images, "seed": plane.seeds}
        require_value(name, value, value < counts[name], f"from 0 to {counts[name] - 1}", "")


def rate_distortion_explorer(
    models: Sequence[VAE], data: ImageData, **state: int
) -> RateDistortionExplorer:
    """An explorer of rate against distortion: networks of several sigmas beside a Gaussian.

    Args:    models: 2 to 12 trained VAEs with likelihood="gaussian", of pictures of one size, in
             the order in which one goes through them, e.g. from the smallest sigma; data: what
             load(...) gives: the Gaussian is that of data.train (at most 10 000 pictures), rates
             and distortions are means over data.test (at most 1000), of which one can choose among
             the first 12; state: as in RateDistortionState, e.g. model=2, each settable later too.
    Raises:  ValueError if models or data are no such things, or do not fit one another.
    """
    return RateDistortionExplorer(models, data, **state)
