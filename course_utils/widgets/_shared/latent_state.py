"""What a learner can move on the pad of a latent space, and whether it fits a model."""

import numbers
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from course_utils._require import is_number, shown
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
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(
            f"z should be the numbers of a latent, but {shown(z)} came; try (0.5, 1.0)."
        )
    return tuple(number_within((-FURTHEST, FURTHEST), name, value, 0.0) for value in values)


def to_axes(_: str, axes: object) -> tuple[int, ...]:
    """One latent or two, counted from 0."""
    listed = isinstance(axes, list | tuple) and 1 <= len(axes) <= 2
    if not (listed and len({*map(repr, axes)}) == len(axes) and all(map(is_count, axes))):
        raise ValueError(
            f"axes should be two different latents, but {shown(axes)} came; try (0, 1)."
        )
    return tuple(map(int, axes))


def to_code(name: str, value: object) -> int | None:
    """The number of a code, or None."""
    if value is not None and not is_count(value):
        raise ValueError(f"{name} should be the number of a code or None, but {shown(value)} came.")
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
    if name == "z" and len(value) != latents:
        raise ValueError(f"z should be {latents} numbers, one a latent, but {len(value)} came.")
    if name == "axes" and (len(value) != min(2, latents) or max(value) >= latents):
        count = "two different latents" if latents > 1 else "(0,), the one latent"
        raise ValueError(f"axes should be {count}, from 0 to {latents - 1}, but {value} came.")
    is_code = name in ("chosen", "other") and value is not None
    if codes and is_code and value >= codes:
        raise ValueError(f"{name} should be a code from 0 to {codes - 1}, but {value} came.")
    if not codes and (is_code or value == "interpolate"):
        raise ValueError(
            f"{name}={value!r} needs codes on the pad, but there are none; "
            f"give the explorer data, images to encode, after the model."
        )


def opening_of(latents: int, codes: LatentCodes) -> dict:
    """z = 0; of more than two latents the two that the codes use most."""
    if latents <= 2 or not codes.mean_kl:
        axes = tuple(range(min(2, latents)))
    else:
        axes = tuple(sorted(np.argsort(codes.mean_kl)[-2:].tolist()))
    return {"z": (0.0,) * latents, "axes": axes}
