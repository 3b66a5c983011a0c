"""Numbers that depend on training, beside their band over seeds; and what must be right."""

import json
import math
import os

from course_utils._require import is_number
from course_utils.exercises._engine.render import Page, line, show


def band(name: str, value: float, low: float, high: float) -> None:
    """Show whether value lies between low and high, the band over seeds, machines and versions.

    Args:    name: what is measured, with its unit; value: a number or a tensor of one number;
             low, high: the ends of the band, in the same unit.
    Raises:  ValueError if one is no number, or low is not below high; AssertionError if value lies
             outside and COURSE_STRICT=1.
    """
    value = value.item() if hasattr(value, "numel") and value.numel() == 1 else value
    for what, number in {"value": value, "low": low, "high": high}.items():
        if not is_number(number):
            raise ValueError(
                f"{what} should be a number, but a {type(number).__name__} came; try float({what})."
            )
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            f"expected finite low < high, but {low!r} and {high!r} came; exchange them if they "
            "are in the wrong order."
        )
    note(name, value, low, high)
    if low <= value <= high:
        show(line(f"{name} = {value:.4g}, between {low:g} and {high:g} over seeds and machines"))
        return
    page = Page(f"{name} = {value:.4g}", "outside the band")
    show(page.say(f"Over seeds and machines it lies between {low:g} and {high:g}."))
    if course_strict():
        raise AssertionError(repr(page))


def note(name: str, value: float, low: float, high: float) -> None:
    """Add a number and its bounds to the file COURSE_GATES, if there is one: for the rehearsal."""
    if "COURSE_GATES" in os.environ:
        with open(os.environ["COURSE_GATES"], "a", encoding="utf-8") as file:
            file.write(json.dumps([name, value, low, high]) + "\n")


def course_strict() -> bool:
    """COURSE_STRICT=1: the course's own tests run, with all solutions in place."""
    return os.environ.get("COURSE_STRICT") == "1"


def must_be_right() -> bool:
    """Under COURSE_STRICT, and when nbgrader grades (NBGRADER_EXECUTION)."""
    return course_strict() or bool(os.environ.get("NBGRADER_EXECUTION"))
