"""Checks at the door: every refusal says what was expected, what came, and what to try."""

import cmath
import math
import numbers

import numpy as np
import torch
from torch import Tensor


def require_tensor(**values: object) -> None:
    """Refuse anything but a torch tensor, e.g. a NumPy array or a list."""
    for name, value in values.items():
        if not isinstance(value, Tensor):
            raise ValueError(
                f"{name} should be a torch tensor, but a {type(value).__name__} came; "
                f"try torch.as_tensor({name})."
            )


def require_same_shape(**tensors: Tensor) -> None:
    """Refuse tensors of different shapes, since broadcasting would hide the mistake."""
    require_tensor(**tensors)
    shapes = {name: tuple(t.shape) for name, t in tensors.items()}
    if len(set(shapes.values())) > 1:
        came = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        hint = "if one is shared by all examples, say so with .expand(...)."
        raise ValueError(f"expected equal shapes, but these came: {came}; {hint}")
    require_an_axis(**tensors)


def require_same_last_axis(**tensors: Tensor) -> None:
    """Refuse tensors whose last axes differ or whose leading axes do not broadcast."""
    require_an_axis(**tensors)
    if len({t.shape for t in tensors.values()}) == 1:
        return
    came = ", ".join(f"{name} {tuple(t.shape)}" for name, t in tensors.items())
    if len({t.shape[-1] for t in tensors.values()}) > 1:
        hint = "the last axis counts dimensions of one example."
        raise ValueError(f"expected equal last axes, but these came: {came}; {hint}")
    try:
        np.broadcast_shapes(*(t.shape for t in tensors.values()))  # torch's imports sympy
    except ValueError:
        raise ValueError(
            f"expected leading axes that broadcast, but these came: {came}; "
            f"the course orders axes (K samples, B batch, dimensions): try z[:, None]."
        ) from None


def require_an_axis(**tensors: Tensor) -> None:
    """Refuse a bare number: densities sum over the last axis, so there must be one."""
    require_tensor(**tensors)
    for name, t in tensors.items():
        if t.dim() == 0:
            raise ValueError(
                f"{name} should have at least one axis, but a single number came; "
                f"try {name}.reshape(1, 1) for one example of one dimension."
            )


def require_finite(**tensors: Tensor) -> None:
    """Refuse NaN and infinite entries."""
    for name, t in tensors.items():
        # A tenth of the time that looking at each entry takes; but a sum may overflow.
        if cmath.isfinite(t.detach().sum().item()):
            continue
        bad = ~torch.isfinite(t)
        if bad.any():
            raise ValueError(
                f"{name} should be finite, but {int(bad.sum())} of {t.numel()} entries are NaN or "
                f"infinite; look at {name}[~{name}.isfinite()] to see where they come from."
            )


def require_pixels(**tensors: Tensor) -> None:
    """Refuse values outside [0, 1]."""
    for name, t in tensors.items():
        low, high = (bound.item() for bound in t.detach().aminmax()) if t.numel() else (0, 1)
        if not (low >= 0 and high <= 1):  # also catches NaN
            raise ValueError(
                f"{name} should be pixels in [0, 1], but values from {low:.4g} to {high:.4g} "
                f"came; divide by the largest grey level, and look for NaN."
            )


def require_not_empty(**tensors: Tensor) -> None:
    """Refuse a tensor without entries."""
    require_tensor(**tensors)
    for name, t in tensors.items():
        if t.numel() == 0:
            raise ValueError(
                f"{name} should hold at least one example, but its shape is {tuple(t.shape)}; "
                f"check the mask or slice that made it."
            )


def require_count(**values: object) -> None:
    """Refuse anything but a whole number of at least 1."""
    for name, value in values.items():
        if not is_number(value, numbers.Integral) or value < 1:
            raise ValueError(
                f"{name} should be a whole number of at least 1, but {value!r} came; "
                f"for powers of ten write 10**5, not 1e5."
            )


def require_positive(**values: object) -> None:
    """Refuse anything but a finite number above 0."""
    for name, value in values.items():
        if not is_number(value) or not 0 < value < math.inf:
            hint = "the limit of no noise at all has no density: try a small one such as 0.01."
            raise ValueError(f"{name} should be a number above 0, but {value!r} came; {hint}")


def is_number(value: object, kind: type = numbers.Real) -> bool:
    """Whether it is a number of that kind; to Python a bool would be one as well."""
    return isinstance(value, kind) and not isinstance(value, bool)


def require_known(what: str, name: object, known: list[str]) -> None:
    """Refuse a name that is not in the list, and show the list."""
    if name not in known:
        raise ValueError(f"there is no {what} called {name!r}; known are: {', '.join(known)}.")
