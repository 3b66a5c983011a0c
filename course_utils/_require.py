"""Checks at the door: every refusal says what was expected, what came, and what to try."""

import cmath
import inspect
import math
import numbers
from collections.abc import Callable, Sequence
from functools import partial, reduce, wraps

import numpy as np
import torch
from torch import Generator, Tensor

LARGEST = 2**40  # of a count: what is larger is a slip, and torch's own complaint obscure
NO_NOISE = "; the limit of no noise at all has no density: try a small one such as 0.01"
TENSOR_WAYS = (
    "{}.images",  # of an ImageData
    "{}.mu",  # of a q
    "{}.elbo",
    "torch.as_tensor({})",
    "torch.stack({})",
    "torch.as_tensor([int(word) for word in {}])",
    "{}.to_dense()",
    "{}.dequantize()",
    "{}.real",
    "torch.nested.to_padded_tensor({}, 0.0)",
)


def advise(name: str, value: object, steps: Sequence[tuple[Sequence[str], Callable]]) -> str:
    """ "; try ..." with what leads from the value to one that fits, or "" where nothing does.

    Args:    steps: (ways, fits): expressions, "{}" being what there is so far, of which the first
             is taken whose value fits. What is advised has been tried.
    """
    code = name
    for ways, fits in steps:
        tried = (way.format(code) for way in ways)
        code = next((code for code in tried if _leads(code, fits, {name: value})), None)
        if code is None:
            return ""
    return f"; try {code}"


def _leads(code: str, fits: Callable, names: dict) -> bool:
    try:
        return bool(fits(eval(code, {"torch": torch}, names)))  # an expression from our tables
    except (AttributeError, IndexError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return False


def require_tensor(**values: object) -> None:
    """Refuse anything but a torch tensor of real numbers: arrays, lists, sparse, complex, ..."""
    for name, value in values.items():
        if not _is_plain(value):
            came = f"a {type(value).__name__}"
            if isinstance(value, Tensor):
                other = "a sparse, nested, complex or quantized one"
                came = "one without numbers (device meta)" if value.is_meta else other
            ways = () if isinstance(value, (bytes, dict)) else TENSOR_WAYS
            way = advise(name, value, [(ways, _is_plain)]) or "; make one such as torch.zeros(2, 3)"
            raise ValueError(f"{name} should be a torch tensor, but {came} came{way}.")


def require_fit(
    expected: str,
    fits: Callable[[Tensor], bool],
    *steps: tuple[Sequence[str], Callable] | Sequence[str] | Callable,
    otherwise: str = "",
    **tensors: Tensor,
) -> None:
    """Refuse tensors that do not fit, and say what makes one of them fit.

    Args:    steps: for `advise`, or the ways of the only step, or what makes a step if asked;
             otherwise: said if none leads there.
    """
    require_tensor(**tensors)
    for name, t in tensors.items():
        if not fits(t):
            made = [step() if callable(step) else step for step in steps]
            tried = [step if callable(step[-1]) else (step, fits) for step in made]
            way = (steps and advise(name, t, tried)) or otherwise
            came = f"{t.dtype} of shape " * ("of shape" in expected) + str(tuple(t.shape))
            raise ValueError(f"{name} should be {expected}, but {came} came{way}.")


def _is_plain(value: object) -> bool:
    return (
        isinstance(value, Tensor)
        and value.layout is torch.strided
        and not (value.is_nested or value.is_meta or value.is_quantized or value.is_complex())
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
        hint = "the course orders axes (K samples, B batch, dimensions): try z[:, None]."
        words = f"expected leading axes that broadcast, but these came: {came}; {hint}"
        raise ValueError(words) from None


def require_an_axis(**tensors: Tensor) -> None:
    """Refuse a bare number: densities sum over the last axis, so there must be one."""
    require_tensor(**tensors)
    for name, t in tensors.items():
        if not t.numel():
            require_not_empty(**{name: t})
        if t.dim() == 0:
            way = f"try {name}.reshape(1, 1) for one example of one dimension."
            came = f"a single number came; {way}"
            raise ValueError(f"{name} should have at least one axis, but {came}")


def require_finite(**tensors: Tensor) -> None:
    """Refuse NaN and infinite entries."""
    for name, t in tensors.items():
        if not _is_finite(t):
            bad = ~torch.isfinite(t)
            rows = "{0}[{0}.flatten(1).isfinite().all(1)]" if t.dim() > 1 else "{0}[{0}.isfinite()]"
            way = advise(name, t, [((rows,), torch.numel)])
            raise ValueError(
                f"{name} should be finite, but {int(bad.sum())} of {t.numel()} entries are NaN or "
                f"infinite{way and way + ' for the sound rows'}; (~{name}.isfinite()).nonzero() "
                f"tells where."
            )


def _is_finite(t: Tensor) -> bool:
    """Whether all of it is; inside torch.func.vmap nobody can look, and it is taken to be."""
    try:
        # A tenth of the time that looking at each entry takes; but a sum may overflow.
        return cmath.isfinite(t.detach().sum().item()) or bool(t.isfinite().all())
    except RuntimeError as error:
        if "vmap" in str(error):
            return True
        raise


def require_log_weights(**tensors: Tensor) -> None:
    """Refuse NaN and +inf; -inf is a weight of zero and fine."""
    require_not_empty(**tensors)
    for name, t in tensors.items():
        if t.isnan().any() or (t == math.inf).any():
            came = "NaN or inf came; look for inf - inf or a division by 0."
            raise ValueError(f"{name} should be numbers below infinity, but {came}")


def require_axis(dim: object, axes: int) -> None:
    """Refuse what names no axis of a tensor of so many."""
    if not is_number(dim, numbers.Integral) or not -axes <= dim < axes:
        came = f"{shown(dim)} came; try dim=0."
        raise ValueError(f"dim should name one of the {axes} axes of a, but {came}")


def as_numbers(t: Tensor) -> Tensor:
    """Floats as they are, bools and whole numbers as floats of torch's default precision."""
    return t if t.is_floating_point() else t.to(torch.get_default_dtype())


def of_one_type(*tensors: Tensor) -> list[Tensor]:
    """As sums and products do it by themselves, and torch.linalg does not."""
    dtype = reduce(torch.promote_types, (t.dtype for t in tensors))
    return [t.to(dtype) for t in tensors]


def no_overflow(density: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Give a density its numbers as floats, and refuse what is NaN, infinite or too large for them.

    Looked for where the result is not finite: it has a number where they have a row.
    """

    def as_float(t: object) -> object:
        return as_numbers(t) if _is_plain(t) else t

    @wraps(density)
    def checked(*args, **kwargs) -> Tensor:
        args, kwargs = [*map(as_float, args)], {name: as_float(t) for name, t in kwargs.items()}
        result = density(*args, **kwargs)
        if _is_finite(result):
            return result
        given = inspect.signature(density).bind(*args, **kwargs).arguments
        require_finite(**{name: t for name, t in given.items() if isinstance(t, Tensor)})

        def fits(name: str, t: Tensor) -> bool:
            return density(**given | {name: t}).isfinite().all()

        ways = ("{}.double()", "{}.clamp(-30, 20)")
        tries = [advise(name, t, [(ways, partial(fits, name))]) for name, t in given.items()]
        bad, largest = (~result.isfinite()).sum(), torch.finfo(result.dtype).max
        raise ValueError(
            f"{density.__name__} should be finite, but {bad} of {result.numel()} values came out "
            f"NaN or infinite, since {result.dtype} ends at {largest:.0e}{max(tries, key=len)}."
        )

    return checked


def require_not_empty(**tensors: Tensor) -> None:
    """Refuse a tensor without entries."""
    require_tensor(**tensors)
    for name, t in tensors.items():
        if t.numel() == 0:
            came = f"shape {tuple(t.shape)} came; check the mask or slice that made it."
            raise ValueError(f"{name} should hold at least one example, but {came}")


def require_value(name: str, value: object, good: bool, expected: str, hint: str) -> None:
    """Refuse a value that is not good, and show it."""
    if not good:
        raise ValueError(f"{name} should be {expected}, but {shown(value)} came{hint}.")


def require_kind(name: str, value: object, kind: type, expected: str, hint: str) -> None:
    """Refuse a value of another kind, and name its type."""
    if not isinstance(value, kind):
        came = f"a {type(value).__name__} came"
        raise ValueError(f"{name} should be {expected}, but {came}{hint}.")


def require_count(**values: object) -> None:
    """Refuse anything but a whole number of at least 1."""
    for name, value in values.items():
        near = is_number(value) and 1 <= value <= LARGEST
        good = near and isinstance(value, numbers.Integral)
        way = f"; try {int(value) if near else 100}, and for powers of ten write 10**5, not 1e5"
        require_value(name, value, good, "a whole number of at least 1", way)


def require_positive(hint: str = NO_NOISE, /, **values: object) -> None:
    """Refuse anything but a finite number above 0."""
    for name, value in values.items():
        good = is_number(value) and 0 < value < math.inf
        require_value(name, value, good, "a number above 0", hint)


def require_weight(**values: object) -> None:
    """Refuse anything but a number from 0 to a million."""
    for name, value in values.items():
        good = is_number(value) and 0 <= value <= 1e6
        steps = [(("float({})", "abs({})"), lambda v: 0 <= v <= 1e6)]
        way = "" if good else advise(name, value, steps)
        require_value(name, value, good, "a number from 0 to 1e6", way)


def require_generator(generator: object) -> None:
    """Refuse anything but a source of random numbers, or None for torch's own."""
    seed = generator if is_number(generator, numbers.Integral) else 0
    way = f"; try torch.Generator().manual_seed({seed})"
    require_kind("generator", generator, Generator | None, "a torch.Generator", way)


def is_number(value: object, kind: type = numbers.Real) -> bool:
    """Whether it is a number of that kind; to Python a bool would be one as well."""
    return isinstance(value, kind) and not isinstance(value, bool)


def require_known(what: str, name: object, known: list[str]) -> None:
    """Refuse a name that is not in the list, and show the list."""
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"there is no {what} called {shown(name)}; known are: {', '.join(known)}.")


def shown(value: object) -> str:
    """What came, as far as it fits into a sentence."""
    text = repr(value)
    return text if len(text) < 80 else f"{text[:60]} ... {text[-9:]}"
