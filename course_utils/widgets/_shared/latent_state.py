"""What a learner can move on the pad of a latent space, and whether it fits a model."""

import numbers
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from course_utils._require import is_number, require_value
from course_utils.widgets._shared.latent_codes import LatentCodes
from course_utils.widgets._shared.state import State, checked, choice, number, number_within

PARTS = ("decoder", "words", "pictures", "page", "moves", "pad")
PAD = [f"_shared/latent_{part}.js" for part in PARTS]
SENDS = ("weights", "packed_codes", "packed_originals")
FURTHEST = 1000  # of a latent from 0


def is_count(value: object) -> bool:
    """Whether it is a whole number of at least 0."""
    return is_number(value, numbers.Integral) and value >= 0


def to_numbers(name: str, z: object) -> tuple[float, ...]:
    """A latent out of a list, a tuple, an array or a tensor."""
    values = z.tolist() if isinstance(z, np.ndarray | torch.Tensor) else z
    good = isinstance(values, list | tuple) and len(values) > 0
    require_value(name, z, good, "the numbers of a latent", "; try (0.5, 1.0)")
    return tuple(number_within((-FURTHEST, FURTHEST), name, value, 0.0) for value in values)


def to_axes(name: str, axes: object) -> tuple[int, ...]:
    """One latent or two, counted from 0."""
    listed = isinstance(axes, list | tuple) and 1 <= len(axes) <= 2
    good = listed and len({*map(repr, axes)}) == len(axes) and all(map(is_count, axes))
    require_value(name, axes, good, "two different latents", "; try (0, 1)")
    return tuple(map(int, axes))


def to_code(name: str, value: object) -> int | None:
    """The number of a code, or None."""
    good = value is None or is_count(value)
    require_value(name, value, good, "the number of a code or None", "")
    return value if value is None else int(value)


@dataclass(frozen=True)
class LatentState(State):
    """What a learner can move.

    Args:    z: the latent, as many numbers as the model has; axes: which two of its latents (of
             one: the one) the pad shows, counted from 0; chosen: the number of a code, or None;
             mode: "explore", the picture is that of z, or "interpolate", it is that of
             (1 - t) mu(chosen) + t mu(other); other: a second code, or None; t: 0 to 1.
    Raises:  ValueError if a value is of another kind or out of its range.
    """

    z: Sequence[float] = checked((0.0, 0.0), to_numbers)
    axes: Sequence[int] = checked((0, 1), to_axes)
    chosen: int | None = checked(None, to_code)
    mode: str = choice("explore", ["explore", "interpolate"])
    other: int | None = checked(None, to_code)
    t: float = number(0.5, (0, 1))


def require_fit(name: str, value: object, latents: int, codes: int) -> None:
    """Refuse a value of the state that a model of so many latents, or so many codes, has not."""
    if name == "z":
        count = len(value)
        require_value(name, count, count == latents, f"{latents} numbers, one a latent", "")
    if name == "axes":
        good = len(value) == min(2, latents) and max(value) < latents
        known = "two different latents" if latents > 1 else "(0,), the one latent"
        require_value(name, value, good, f"{known}, from 0 to {latents - 1}", "")
    is_code = name in ("chosen", "other") and value is not None
    if codes and is_code:
        require_value(name, value, value < codes, f"a code from 0 to {codes - 1}", "")
    if not codes and (is_code or value == "interpolate"):
        raise ValueError(
            f"{name}={value!r} needs codes on the pad, but there are none; "
            f"give the explorer data, images to encode, after the model."
        )


def recipe_of(opening: State, decoder, span: float, codes: LatentCodes) -> dict:
    """What every page with a pad is told once."""
    return {
        "start": asdict(opening),  # the state with which it opens
        "image": decoder.image_shape,  # (H, W)
        "span": span,  # how far the pad reaches from 0
        "codes": codes.sent,  # what lies on it
        "decoder": decoder.sent,  # None where Python decodes
    }


def opening_of(latents: int, codes: LatentCodes) -> dict:
    """z = 0; of more than two latents the two that the codes use most."""
    if latents <= 2 or not codes.mean_kl:
        axes = tuple(range(min(2, latents)))
    else:
        axes = tuple(sorted(np.argsort(codes.mean_kl)[-2:].tolist()))
    return {"z": (0.0,) * latents, "axes": axes}
