"""Slips that any exercise may meet, with their hints: `text/any.md`."""

import functools
import inspect
from collections.abc import Callable

from course_utils.exercises._engine.exercise import Slip
from course_utils.exercises._engine.text import TEXTS, SlipText, read_page, read_slip


@functools.cache
def _slips() -> dict[str, SlipText]:
    sections = read_page(TEXTS / "any.md").parts("## ")
    return {part.title: read_slip(part) for section in sections for part in section.parts("### ")}


def named(name: str, **blanks: object) -> Slip:
    """The slip of this name; what stands in its hint's blanks."""
    return Slip(name, _slips()[name].hint.format(**blanks))


def understood(says: str, answer: Callable) -> dict[str, str]:
    """Mistake and hint of the first with a piece in what is said, and a name in the answer's code.

    Its items are the pieces; it is `known by` the name, if by any.
    """
    code = answer.__code__ if inspect.isfunction(answer) else None
    names = {"", *code.co_names, *code.co_varnames} if code else {""}
    for slip in _slips().values():
        if slip.known_by in names and any(item.code in says for item in slip.items):
            return {"mistake": slip.name, "hint": slip.hint}
    return {}
