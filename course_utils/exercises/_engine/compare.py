"""Compares an answer's values with the right ones: kind first, then shape, then entries.

Answers may come as torch tensors, NumPy arrays or Python numbers, in double or single precision.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

# Relative and absolute. Other algebra costs a few last digits, single precision costs half of
# them; a test asserts that every known mistake is further away than the looser pair. Absolute:
# an error bar of zero comes out as the root of a rounding error, sqrt(2e-16) = 1.5e-8 at most.
DOUBLE = {"rtol": 1e-6, "atol": 1e-7}
SINGLE = {"rtol": 1e-4, "atol": 1e-4}

GRADIENT_CUT = "the gradient is cut: no derivative reaches the input."
NO_WAY_BACK = (
    "Only, no derivative comes back through it, as one would through torch's operations. Nothing "
    "here asks for one; a network behind such a function would learn nothing."
)


def parts_of(output: Any) -> tuple:
    """The parts of an answer: a tuple's (or list's) entries, else the one value."""
    return tuple(output) if isinstance(output, (tuple, list)) else (output,)


def unstacked(output: Any, expected: Any) -> Any:
    """A stack of values that have the right ones' shapes as a tuple of them, all else as it is."""
    if not (isinstance(expected, tuple) and isinstance(output, (Tensor, np.ndarray))):
        return output
    shapes = [(len(expected), *np.shape(part)) for part in expected]
    return tuple(output) if all(tuple(output.shape) == shape for shape in shapes) else output


def as_tensor(value: Any) -> Tensor | None:
    """The value as a tensor on the CPU, or None if it is no number or array of numbers."""
    if not isinstance(value, (Tensor, np.ndarray, np.generic, int, float)):
        return None
    try:
        if isinstance(value, np.ndarray) and value.size <= 10**7:  # strides, byte order, read-only
            value = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
        tensor = torch.as_tensor(value).detach().cpu()
    except (TypeError, ValueError, RuntimeError):  # objects, text, too large for 64 bits, meta, ...
        return None
    odd = tensor.is_complex() or tensor.is_quantized or tensor.is_nested
    return None if odd or tensor.layout != torch.strided else tensor


def tolerance(value: Tensor) -> dict[str, float]:
    """DOUBLE, or SINGLE for a float32 tensor (and anything shorter)."""
    short = value.dtype.is_floating_point and value.dtype.itemsize < 8
    return SINGLE if short else DOUBLE


def difference(expected: Any, came: Any, names: Sequence[str] = ()) -> str | None:
    """What is wrong with an answer, in one sentence, or None if it agrees."""
    right, parts = parts_of(expected), parts_of(came)
    if names and len(parts) != len(names):
        wanted = ", ".join(f"`{name}`" for name in names)
        return f"expected {len(names)} values, {wanted}; yours returns {kind_of(came)}."
    if not names and isinstance(came, (tuple, list)):
        return f"expected one tensor, yours returns {kind_of(came)}."
    for i, (want, have) in enumerate(zip(right, parts, strict=True)):
        found = _part_difference(torch.as_tensor(want), have)
        if found:
            return f"`{names[i]}`: {found}" if names else found
    return None


def same_outputs(ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    """Whether two functions gave the same on all cases: shapes and values, NaN equal to NaN."""
    pairs = itertools.zip_longest(ours, theirs)  # one may be computed on the way
    parts = ((parts_of(mine), parts_of(other)) for mine, other in pairs)
    return all(len(a) == len(b) and all(map(_same_part, a, b)) for a, b in parts)


def gradient_difference(expected: Tensor, came: Tensor | None) -> str | None:
    """What is wrong with a gradient, in one sentence, or None if it agrees."""
    if came is None:
        return GRADIENT_CUT
    right = _close(expected, came).all()
    return None if right else f"the gradient is not: {_first_entry(expected, came)}"


def same_gradients(ours: Sequence[Tensor | None], theirs: Sequence[Tensor | None]) -> bool:
    """Whether two functions have the same gradients: the same cut, the same values elsewhere."""
    pairs = zip(ours, theirs, strict=True)
    return all((a is None and b is None) or _same_part(a, b) for a, b in pairs)


def _same_part(ours: Any, theirs: Any) -> bool:
    a, b = as_tensor(ours), as_tensor(theirs)
    if a is None or b is None or a.shape != b.shape or _is_bool(a) != _is_bool(b):
        return False
    return bool(_close(a, b).all())


def _close(expected: Tensor, came: Tensor) -> Tensor:
    """Which entries agree, in the precision of the less precise; NaN equals NaN."""
    looser = max(tolerance(expected), tolerance(came), key=lambda t: t["rtol"])
    return torch.isclose(came.double(), expected.double(), equal_nan=True, **looser)


def _part_difference(expected: Tensor, came: Any) -> str | None:
    value = as_tensor(came)
    if value is None:
        return f"expected a tensor of numbers, yours is {kind_of(came)}."
    if value.shape != expected.shape:
        return _shape_difference(tuple(expected.shape), tuple(value.shape))
    if _is_bool(expected) != _is_bool(value):
        wanted = "true or false (bool)" if _is_bool(expected) else "numbers"
        return f"expected {wanted}, yours has dtype {value.dtype}."
    return None if _same_part(expected, value) else _first_entry(expected, value)


def _shape_difference(expected: tuple, came: tuple) -> str:
    text = f"expected shape {expected}, yours {came}."
    squeezed = tuple(size for size in came if size != 1)
    if squeezed == tuple(size for size in expected if size != 1):
        text += " An axis of length 1 is too many or missing: look for `keepdim` and indexing."
    return text


def _first_entry(expected: Tensor, came: Tensor) -> str:
    """The first differing entry: its index, what was expected, what came."""
    index = tuple((~_close(expected, came)).nonzero()[0].tolist())
    where = f"entry {list(index)}: " if index else ""
    want, have = _digits(expected[index].item(), came[index].item())
    return f"the shape is right, a value is not: {where}expected {want}, yours {have}."


def _digits(expected: float, came: float) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to see that they differ."""
    if isinstance(expected, bool):
        return str(expected), str(came)
    for digits in (5, 8, 12):
        texts = f"{expected:.{digits}g}", f"{came:.{digits}g}"
        if texts[0] != texts[1]:
            return texts
    return repr(expected), repr(came)


def _is_bool(value: Tensor) -> bool:
    return value.dtype == torch.bool


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    if isinstance(value, (tuple, list)):
        name = type(value).__name__
        if isinstance(getattr(value, "values", None), Tensor):  # of x.min(dim), x.sort(dim), ...
            return f"the pair of values and indices that `{name}` makes: take its `.values`"
        return f"a {name} of {len(value)}"
    if isinstance(value, Tensor) and as_tensor(value) is None:
        return f"a tensor of {value.dtype}, {value.layout}, on {value.device}"
    return "nothing (None)" if value is None else f"a {type(value).__name__}"
