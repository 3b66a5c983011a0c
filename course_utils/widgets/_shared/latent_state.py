"""What a learner can move on the pad of a latent space, and whether it fits a model."""

import numbers
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from course_utils._require import require_known
from course_utils.widgets._shared.latent_codes import LatentCodes
from course_utils.widgets._shared.view import number_within

MODES = ["explore", "interpolate"]
FURTHEST = 1000  # of a latent from 0


@dataclass(frozen=True)
class LatentState:
    """What a learner can move.

    Args:    z: the latent, as many numbers as the model has; axes: which two of its latents (of
             one: the one) the pad shows, counted from 0; chosen: the number of a code, or None;
             mode: "explore", the picture is that of z, or "interpolate", it is that of
             (1 - t) mu(chosen) + t mu(other); other: a second code, or None; t: 0 to 1.
    Raises:  ValueError if a value is of another kind or out of its range.
    """

    z: Sequence[float] = (0.0, 0.0)
    axes: Sequence[int] = (0, 1)
    chosen: int | None = None
    mode: str = "explore"
    other: int | None = None
    t: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what no explorer can show."""
        object.__setattr__(self, "z", _numbers(self.z))
        object.__setattr__(self, "axes", _axes(self.axes))
        for name in ("chosen", "other"):
            object.__setattr__(self, name, _code_number(name, getattr(self, name)))
        require_known("mode", self.mode, MODES)
        object.__setattr__(self, "t", number_within((0, 1), "t", self.t, LatentState.t))


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


def _numbers(z: object) -> tuple[float, ...]:
    values = z.tolist() if isinstance(z, np.ndarray | torch.Tensor) else z
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"z should be the numbers of a latent, but {z!r} came; try (0.5, 1.0).")
    return tuple(number_within((-FURTHEST, FURTHEST), "z", value, 0.0) for value in values)


def _axes(axes: object) -> tuple[int, ...]:
    listed = isinstance(axes, list | tuple) and 1 <= len(axes) <= 2
    if not (listed and len({*map(repr, axes)}) == len(axes) and all(map(_is_count, axes))):
        raise ValueError(f"axes should be two different latents, but {axes!r} came; try (0, 1).")
    return tuple(map(int, axes))


def _code_number(name: str, value: object) -> int | None:
    if value is not None and not _is_count(value):
        raise ValueError(f"{name} should be the number of a code or None, but {value!r} came.")
    return value if value is None else int(value)


def _is_count(value: object) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and value >= 0
