"""Slips that any exercise may meet, known by words of an error, or by what became of the values.

An exercise's own slips come first; these are for answers that none of them explains. Their names
and hints are in `text/any.md`.
"""

import functools
import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import torch
from torch import Tensor

from course_utils.exercises._engine.compare import as_tensor, same_outputs
from course_utils.exercises._engine.exercise import Slip
from course_utils.exercises._engine.text import TEXTS, SlipText, read_page, read_slip

_STEPS: dict[str, Callable[[Tensor], Tensor]] = {
    "the logarithm of": torch.log,
    "exp of": torch.exp,
    "the square of": torch.square,
    "the square root of": torch.sqrt,
    "one divided by": torch.reciprocal,
}
Found = Iterator[tuple[str, str]]  # names, and what stands in the blank `what` of their hints
Tensors = list[Tensor]


@functools.cache
def _slips() -> dict[str, SlipText]:
    sections = read_page(TEXTS / "any.md").parts("## ")
    return {part.title: read_slip(part) for section in sections for part in section.parts("### ")}


def named(name: str, **blanks: object) -> Slip:
    """The slip of this name; what stands in its hint's blanks."""
    return Slip(name, _slips()[name].hint.format(**blanks))


def understood(says: str, answer: Callable) -> Slip | None:
    """The first with a piece in what is said, and a name in the answer's code.

    Its items are the pieces; it is `known by` the name, if by any.
    """
    code = answer.__code__ if inspect.isfunction(answer) else None
    names = {"", *code.co_names, *code.co_varnames} if code else {""}
    for slip in _slips().values():
        if slip.known_by in names and any(item.code in says for item in slip.items):
            return Slip(slip.name, slip.hint)
    return None


def family_of(expected: Sequence, outputs: Sequence, value: str) -> Slip | None:
    """What one part of an answer has to do with the right one on all cases, if anything.

    Args:    expected, outputs: one entry a case; value: what the part is called.
    """
    right, came = ([as_tensor(entry) for entry in entries] for entries in (expected, outputs))
    if any(entry is None or entry.dtype == torch.bool for entry in (*right, *came)):
        return None
    for name, what in itertools.chain(_remade(right, came), _moved(right, came)):
        pairs = ((tuple(r.shape), tuple(c.shape)) for r, c in zip(right, came, strict=True))
        shape, other = next((pair for pair in pairs if len({*pair}) > 1), (right[0].shape,) * 2)
        return named(name, value=value, shape=tuple(shape), came=tuple(other), what=what)
    return None


def _remade(right: Tensors, came: Tensors) -> Found:
    """What makes these values of the right ones, apart from axes of length 1."""
    theirs = [c.squeeze() for c in came]
    for name, what, remake in _ways(range(min(r.dim() for r in right))):
        with suppress(RuntimeError):  # the cases have different numbers of axes
            made = [remake(r.double()).squeeze() for r in right]
            tells = any((m.isfinite() & (m.abs() > 1e-3)).any() for m in made)  # 0 is 0's sum
            if tells and same_outputs(made, theirs):
                yield name, what
    if not any(c.is_floating_point() for c in came) and any((r != r.round()).any() for r in right):
        yield "whole numbers", str(came[0].dtype)


def _ways(axes: range) -> Iterator[tuple[str, str, Callable[[Tensor], Tensor]]]:
    yield "minus the right value", "", torch.neg
    yield "an axis of length 1", "", torch.clone
    for way, reduce in ("sum", torch.sum), ("mean", torch.mean):
        yield f"{way} over an axis too many", "all of it", reduce
        for i in axes:
            yield f"{way} over an axis too many", f"axis {i}", lambda r, i=i, f=reduce: f(r, i)
    for i in axes:
        yield "the order reversed", f"axis {i}", lambda r, i=i: r.flip(i)
    for order in itertools.permutations(axes):
        yield "axes exchanged", "", lambda r, order=order: r.permute(order)
    for words, step in _STEPS.items():
        yield "a step too many or too few", words, step


def _moved(right: Tensors, came: Tensors) -> Found:
    """By a constant, or by a factor, which may go with a size."""
    pairs = [*zip(right, came, strict=True)]
    if any(r.shape != c.shape or not r.isfinite().any() for r, c in pairs):
        return
    at = [r.abs().where(r.isfinite(), 0).argmax() for r in right]
    telling = [r for r in right if len(r[r.isfinite() & (r != 0)].unique()) > 1]
    for name, of, put, some, shown in (
        ("constant", torch.sub, torch.add, any, "{:+.3g}".format),
        ("constant factor", torch.div, torch.mul, all, _number),
    ):
        each = zip(at, pairs, strict=True)
        numbers = [of(c.double().flatten()[i], r.flatten()[i]).item() for i, (r, c) in each]
        moved = [put(r, number) for r, number in zip(right, numbers, strict=True)]
        tells = some(abs(n) > 1e-6 for n in numbers) and all(map(math.isfinite, numbers))
        if not tells or not same_outputs(moved, came):
            continue
        if max(numbers) - min(numbers) < 1e-3 * abs(numbers[0]):
            yield f"a {name}", shown(numbers[0])
        elif len(telling) > 1:  # a single number is a multiple of any other
            yield f"a {name.split()[-1]} that depends on the sizes", ", ".join(map(shown, numbers))


def _number(factor: float) -> str:
    """0.5 as 1/2, and whatever else with as many digits as it takes to tell it from 1."""
    inverse = round(1 / factor)
    if inverse > 1 and abs(factor * inverse - 1) < 1e-4:
        return f"1/{inverse}"
    return f"{factor:.6g}" if abs(factor - 1) < 0.01 else f"{factor:.3g}"
