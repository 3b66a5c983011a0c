"""What a learner can move: fields that are checked, in frozen dataclasses."""

import numbers
from collections.abc import Callable, Iterable
from dataclasses import field, fields

from course_utils._require import is_number, require_known, require_value


class State:
    """The base of a frozen dataclass, each field `checked`, a `number` or a `choice`."""

    def __post_init__(self) -> None:
        """Hold what the checks make of the values."""
        for part in fields(self):
            value = part.metadata["check"](part.name, getattr(self, part.name))
            object.__setattr__(self, part.name, value)


def checked(opening: object, check: Callable[[str, object], object]) -> object:
    """A field: check(name, value) is what it holds; what it cannot hold raises a ValueError."""
    return field(default=opening, metadata={"check": check})


def number(opening: float, limits: tuple[float, float]) -> float:
    """A field for the numbers of `number_within`."""
    return checked(opening, lambda name, value: number_within(limits, name, value, opening))


def choice(opening: str, known: Iterable[str]) -> str:
    """A field for one of these names."""
    return checked(opening, lambda name, value: require_known(name, value, [*known]) or value)


def number_within(limits: tuple[float, float], name: str, value: object, opening: float) -> float:
    """A number of a state: whole if the explorer opens with a whole number, else a float.

    Raises:  ValueError if the value is no such number, or not within the limits.
    """
    (low, high), whole = limits, isinstance(opening, int)
    good = is_number(value, numbers.Integral if whole else numbers.Real) and low <= value <= high
    expected = f"{'a whole number' if whole else 'a number'} from {low} to {high}"
    hint = f"; the explorer opens with {name}={round(opening, 4)}"
    require_value(name, value, good, expected, hint)
    return int(value) if whole else float(value) + 0.0  # -0.0 becomes 0.0
