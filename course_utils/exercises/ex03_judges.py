"""Notebook 03, E3.6: the shuffled lines of a derivation, and which line cannot stand where it is.

All lines follow "KL(q_phi(z|x) || p_theta(z|x))". Swapping number and place (1 with 3, 2 with 5,
4 with 6) gives the same list, so whoever writes each line's place instead is right as well.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from course_utils.exercises._engine.exercise import Case

ORDER = (3, 5, 1, 6, 2, 4)

# What each line needs above it; the definition needs nothing.
_NEEDS = {
    1: "a logarithm with p_theta(x) in it, to split",
    2: "p_theta(z, x) in an integral with log p_theta(x) outside of it",
    4: "p_theta(x|z) and p_theta(z) as two factors",
    5: "p_theta(z|x) in an integral, to put Bayes' rule in",
    6: "log p_theta(x) as a term of its own inside the integral",
}


def judge_order(outputs: Sequence[Any]) -> str | None:
    """The first line that cannot stand at its place and why; nothing of what should."""
    order = order_of(outputs[0])
    if order is None:
        return (
            "expected the six numbers in order, such as (1, 2, 3, 4, 5, 6); yours is a "
            f"{type(outputs[0]).__name__} that cannot be read so."
        )
    if sorted(order) != sorted(ORDER):
        return f"expected the numbers 1 to 6, each once; {_miscounted(order)}."
    place, line = _misplaced(outputs)
    if place < 0:
        return None
    if place == 0:
        return f"Line {line} cannot come first: it needs {_NEEDS[line]}. Nothing is above it yet."
    return (
        f"Line {line} cannot stand at place {place + 1}: it needs {_NEEDS[line]}. "
        f"What stands above it is right, but has not brought that yet."
    )


def order_of(output: Any) -> list[int] | None:
    """An answer as a list of whole numbers: a tuple, a list, an array, or digits in a string."""
    if isinstance(output, (str, int)):
        output = [mark for mark in str(output) if mark.isdigit()]
    elif isinstance(output, (Tensor, np.ndarray)):
        output = np.ravel(output.tolist()).tolist()
    if not isinstance(output, (tuple, list)):
        return None
    try:
        numbers = [float(number) for number in output]
    except (TypeError, ValueError):
        return None
    return [int(n) for n in numbers] if all(n.is_integer() for n in numbers) else None


def order_cases(seed: int) -> list[Case]:
    """E3.6 has no inputs, whatever the seed."""
    return [Case("your order", ())]


def _miscounted(order: list[int]) -> str:
    texts = [
        (sorted(set(ORDER) - set(order)), "missing"),
        (sorted({n for n in order if order.count(n) > 1}), "there twice or more"),
        (sorted(set(order) - set(ORDER)), "no line's number"),
    ]
    return "; ".join(f"{', '.join(map(str, who))}: {what}" for who, what in texts if who)


def reversed_order(outputs: Sequence[Any]) -> bool:
    """Whether the right order is taken backwards."""
    return order_of(outputs[0]) == list(ORDER[::-1])


def counted_from_zero(outputs: Sequence[Any]) -> bool:
    """Whether the numbers are 0 to 5, in any order."""
    order = order_of(outputs[0])
    return order is not None and sorted(order) == [n - 1 for n in sorted(ORDER)]


def definition_not_first(outputs: Sequence[Any]) -> bool:
    """Whether another line than the definition stands first."""
    return _misplaced(outputs)[0] == 0


def _too_early(line: int) -> Callable[[Sequence[Any]], bool]:
    """Whether this line is the first out of place, below the definition."""
    return lambda outputs: _misplaced(outputs)[0] > 0 and _misplaced(outputs)[1] == line


split_too_early, factored_too_early = _too_early(1), _too_early(2)
regrouped_too_early, pulled_out_too_early = _too_early(4), _too_early(6)


def _misplaced(outputs: Sequence[Any]) -> tuple[int, int]:
    """Place, from 0, and number of the first misplaced line; -1, 0 if there is none of the six."""
    order = order_of(outputs[0])
    six = order if order and sorted(order) == sorted(ORDER) else ORDER
    pairs = enumerate(zip(six, ORDER, strict=True))
    return next(((place, line) for place, (line, wanted) in pairs if line != wanted), (-1, 0))
