"""Notebook 03, E3.6: the shuffled lines of a derivation, and which line cannot stand where it is.

All lines follow "KL(q_phi(z|x) || p_theta(z|x))". Swapping number and place (1 with 3, 2 with 5,
4 with 6) gives the same list, so whoever writes each line's place instead is right as well.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from course_utils.exercises._exercise import Case, Mistake

ORDER = (3, 5, 1, 6, 2, 4)

LINES = {  # as the notebook shows them
    1: (
        r"= \int q_\phi(z \mid x) \left( \log p_\theta(x)"
        r" + \log \frac{q_\phi(z \mid x)}{p_\theta(z, x)} \right) dz"
    ),
    2: (
        r"= \log p_\theta(x) + \int q_\phi(z \mid x)"
        r" \log \frac{q_\phi(z \mid x)}{p_\theta(x \mid z)\, p_\theta(z)} \, dz"
    ),
    3: r"= \int q_\phi(z \mid x) \log \frac{q_\phi(z \mid x)}{p_\theta(z \mid x)} \, dz",
    4: (
        r"= \log p_\theta(x) + \mathrm{KL}(q_\phi(z \mid x) \,\Vert\, p_\theta(z))"
        r" - \mathbb{E}_{q_\phi(z \mid x)} \log p_\theta(x \mid z)"
    ),
    5: r"= \int q_\phi(z \mid x) \log \frac{q_\phi(z \mid x)\, p_\theta(x)}{p_\theta(z, x)} \, dz",
    6: (
        r"= \log p_\theta(x)"
        r" + \int q_\phi(z \mid x) \log \frac{q_\phi(z \mid x)}{p_\theta(z, x)} \, dz"
    ),
}

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
    place = _first_misplaced(order)
    if place is None:
        return None
    line = order[place]
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


def _first_misplaced(order: list[int]) -> int | None:
    """The first place, from 0, at which another line should stand."""
    pairs = enumerate(zip(order, ORDER, strict=True))
    return next((place for place, (have, want) in pairs if have != want), None)


def _all_six(outputs: Sequence[Any]) -> list[int] | None:
    """The order, if it holds the six numbers once each."""
    order = order_of(outputs[0])
    return order if order is not None and sorted(order) == sorted(ORDER) else None


def _too_early(line: int) -> Callable[[Sequence[Any]], bool]:
    """Whether the first misplaced line is that one; the definition stands first."""

    def looks_like(outputs: Sequence[Any]) -> bool:
        order = _all_six(outputs)
        place = _first_misplaced(order) if order else None
        return bool(place) and order[place] == line

    return looks_like


def _reversed(outputs: Sequence[Any]) -> bool:
    return _all_six(outputs) == list(ORDER[::-1])


def _not_defined_first(outputs: Sequence[Any]) -> bool:
    order = _all_six(outputs)
    return order is not None and order[0] != ORDER[0]


def _from_zero(outputs: Sequence[Any]) -> bool:
    order = order_of(outputs[0])
    return order is not None and sorted(order) == [n - 1 for n in sorted(ORDER)]


ORDERING = (
    Mistake(
        "reversed",
        lambda: (4, 2, 6, 1, 5, 3),
        "Every step is right and taken backwards. The derivation starts from what the KL is and "
        "ends with terms that can be computed.",
        looks_like=_reversed,
    ),
    Mistake(
        "counted from 0",
        lambda: (2, 4, 0, 5, 1, 3),
        "The lines are numbered as they are printed, from 1: Python's counting from 0 is not "
        "needed here.",
        looks_like=_from_zero,
    ),
    Mistake(
        "definition not first",
        lambda: (5, 3, 1, 6, 2, 4),
        "Start from the meaning of the symbol: a KL is an average, under its first argument, of a "
        "log-ratio of its two arguments and of nothing else (equation 3.6).",
        also_wrong=(lambda: (1, 2, 3, 4, 5, 6), lambda: (6, 2, 4, 3, 5, 1)),
        looks_like=_not_defined_first,
    ),
    Mistake(
        "split before Bayes",
        lambda: (3, 1, 5, 6, 2, 4),
        "A logarithm is split after its factors are there. Where does p_theta(x) come from? In "
        "the line you start from there is only the posterior.",
        looks_like=_too_early(1),
    ),
    Mistake(
        "pulled out before it is split off",
        lambda: (3, 5, 6, 1, 2, 4),
        "What leaves an integral is a term that does not depend on z (there q integrates to 1). "
        "As long as p_theta(x) is a factor inside a logarithm with z in it, it cannot leave.",
        also_wrong=(lambda: (3, 6, 5, 1, 2, 4),),
        looks_like=_too_early(6),
    ),
    Mistake(
        "factored too early",
        lambda: (3, 5, 1, 2, 6, 4),
        "Look at what stands beside the integral in that line: it has been brought out by then. "
        "One rule a line: has the line above done that?",
        also_wrong=(lambda: (3, 2, 5, 1, 6, 4), lambda: (3, 5, 2, 1, 6, 4)),
        looks_like=_too_early(2),
    ),
    Mistake(
        "regrouped before it is factored",
        lambda: (3, 5, 1, 6, 4, 2),
        "Regrouping makes a KL of q and p_theta(z). As long as the joint p_theta(z, x) stands in "
        "one piece there is no p_theta(z) to put into it.",
        also_wrong=(lambda: (3, 4, 5, 1, 6, 2), lambda: (3, 5, 4, 1, 6, 2)),
        looks_like=_too_early(4),
    ),
)
