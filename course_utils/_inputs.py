"""One reading of pictures, conditions and latents, whichever function they come to.

Whoever takes one of them reads it here, so that no two functions read the same input differently.
"""

import math
from functools import partial

import torch
from torch import Tensor

from course_utils._require import (
    advise,
    as_numbers,
    require_finite,
    require_fit,
    require_not_empty,
    require_tensor,
)

SHAPE_WAYS = (
    "{}",
    "{}[None]",
    "{}.squeeze(1)",
    "{}.squeeze(-1)",
    "{}.transpose(-1, -2)",
    "{}.movedim(-1, 1)",
    "{}.double().mean(1)",  # channels to grey
    "{}.double().mean(-1)",
    "{}.t()",
)
LABEL_WAYS = ("{}", "{}.squeeze(1)", "{}.long()", "{}.squeeze(1).long()")
OTHER_DATA = "; perhaps the model was made for other data"
ORDER = "; if these are labels, x comes first and then y"
CONDITION_WAYS = (*LABEL_WAYS, *(f"{way} - 1" for way in LABEL_WAYS), "{}[None]")


def as_floats(t: Tensor) -> Tensor:
    """As `as_numbers`, but bytes of 0 to 255 as t / 255."""
    return t.float().div_(255) if t.dtype == torch.uint8 else as_numbers(t)


def require_pixels(**tensors: Tensor) -> None:
    """Refuse what is neither floats in [0, 1], nor bools, nor bytes of 0 to 255."""
    require_tensor(**tensors)
    for name, t in tensors.items():
        if _are_pixels(t):
            continue
        require_finite(**{name: t})
        low, high = _bounds(t)
        expected = f"{name} should be pixels in [0, 1], or bytes"
        if t.dtype == torch.uint8:
            way = f"try {name}.float() for pixels of 0 and 1, {name} / 255 for dark grey ones."
            came = f"bytes came of which none is above {high:g}; {way}"
            raise ValueError(f"{expected} that count from 0 to 255, but {came}")
        came = f"{t.dtype} from {low:.4g} to {high:.4g} came{advise(name, t, [pixel_step(t)])}"
        raise ValueError(f"{expected} of 0 to 255, but {came}.")


def require_pictures(x: Tensor, image_shape: tuple[int, ...] | None, name: str = "x") -> None:
    """Refuse what is not pictures of that shape, (B, D) or (B, H, W), or has no pixels.

    Args:    image_shape: (H, W), or whatever the model's is; None: any.
    """
    require_tensor(**{name: x})
    flat, *shape = (math.prod(image_shape), *image_shape) if image_shape else ("D", "H", "W")

    def fits(t: Tensor) -> bool:
        size = tuple(t.shape[1:])
        return len(size) in (1, 2) if image_shape is None else size in (tuple(shape), (flat,))

    require_fit(
        f"pictures, (B, {flat}) or (B, {', '.join(map(str, shape))})",
        fits,
        (SHAPE_WAYS, fits),
        partial(pixel_step, x),
        otherwise=ORDER if is_labels(x) else OTHER_DATA,
        **{name: x},
    )
    require_not_empty(**{name: x})
    require_pixels(**{name: x})


def require_condition(y: Tensor, condition_dim: int | None) -> None:
    """Refuse what is neither labels (B,) below condition_dim, nor that many numbers a row.

    Args:    condition_dim: None: labels of any size, rows of any length.
    """
    require_not_empty(y=y)
    if _is_condition(y, condition_dim):
        return
    whole = not y.is_floating_point() or bool((y == y.round()).all())
    ways = [way for way in CONDITION_WAYS if whole or "long" not in way]
    if y.dim() == 1 and len(y) == condition_dim:
        ways = ["{}[None]", *ways]  # one row of numbers, rather than as many labels
    way = advise("y", y, [(ways, lambda t: _is_condition(t, condition_dim))])
    if is_labels(y):
        low, high = _bounds(y)
        more = f"; {int(high) + 1} classes need condition_dim={int(high) + 1}" * (low >= 0)
        came = f"labels from {low:g} to {high:g} came{way or more}."
        known = f"since the model has condition_dim {condition_dim}"
        raise ValueError(f"labels y should lie from 0 to {condition_dim - 1}, {known}, but {came}")
    require_finite(y=y)
    if y.dtype == torch.uint8:
        require_pixels(y=y)
    expected = f"(B,) labels or {condition_dim or 'some'} numbers for each picture"
    raise ValueError(f"y should be {expected}, but {y.dtype} of shape {tuple(y.shape)} came{way}.")


def is_labels(y: Tensor) -> bool:
    """Whether y is one whole number per picture."""
    return y.dim() <= 1 and not y.is_floating_point()


def read_latents(z: Tensor, latent_dim: int) -> Tensor:
    """Latents (..., L) as finite floats, whatever axes stand before the last."""
    ways = ("{}[..., None]", "{}.t()", f"{{}}.reshape(1, {latent_dim})")
    expected = f"(..., {latent_dim}), one number for each latent"
    require_fit(expected, lambda t: t.dim() > 0 and t.shape[-1] == latent_dim, ways, z=z)
    require_finite(z=z)
    return as_numbers(z)


def _bounds(t: Tensor) -> tuple[float, float]:
    """Lowest and highest value; NaN if one is; 0 and 1 of nothing."""
    if not t.numel():
        return 0, 1
    low, high = (t if t.dtype != torch.bool else t.byte()).detach().aminmax()
    return low.item(), high.item()


def _are_pixels(t: Tensor) -> bool:
    low, high = _bounds(t)
    if t.dtype == torch.uint8:
        return high > 1
    return t.dtype == torch.bool or (t.is_floating_point() and low >= 0 and high <= 1)


def pixel_step(t: Tensor) -> tuple:
    """For `advise`: the way from values of t's range to pixels, and whether it led there."""
    low, high = _bounds(t)
    ways = (
        (t.dtype == torch.uint8 and high > 1, "{0} / 255"),
        (not math.isfinite(low + high), "{0}[{0}.flatten(1).isfinite().all(1)]"),  # sound pictures
        (low >= 0 and high <= 1, "{0}.float()"),
        (low >= -0.1 and high <= 1.1, "{0}.clamp(0, 1)"),
        (low >= -1 and high <= 1, "({0} + 1) / 2"),
        (low >= 0 and high <= 8, "{0} / {0}.max()"),
        (low >= 0 and high <= 16, "{0} / 16"),
        (low >= 0 and high <= 255, "{0} / 255"),
        (True, "({0} - {0}.min()) / ({0}.max() - {0}.min())"),
    )
    way = next(way for leads, way in ways if leads)
    return (("{0}", way), lambda t: t.numel() and _are_pixels(t))


def _is_condition(y: Tensor, condition_dim: int | None) -> bool:
    low, high = _bounds(y)
    if is_labels(y):
        return condition_dim is None or (low >= 0 and high < condition_dim)
    if y.dim() < 2 or condition_dim not in (None, y[0].numel()):
        return False
    return math.isfinite(low + high) and (y.dtype != torch.uint8 or high > 1)
