"""Reads the texts of exercises, predictions and questions: Markdown in `text/`, one kind of page.

An exercise's page has front matter, a ladder of hints, and slips: a name, the edits that make it of
the reference (or a whole `def`), and the hint for whoever made it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parents[1] / "text"

_MATTER = {"title": 0, "difficulty": 3, "minutes": 60, "points": 10}  # and the largest number

Lines = list[tuple[int, str]]  # with their numbers in the file


class TextError(ValueError):
    """A page that cannot be read: its name, the line, and the mend."""


@dataclass(frozen=True)
class Item:
    """One wrong answer: an edit of the reference, or a whole `def`; `line` is its place."""

    line: int
    code: str
    whole: bool


@dataclass(frozen=True)
class SlipText:
    """A slip as its page has it; `known_by` names a predicate of its outputs, or is ""."""

    name: str
    line: int
    items: tuple[Item, ...]
    known_by: str
    hint: str


@dataclass(frozen=True)
class ExerciseText:
    """All that is told of an exercise."""

    file: str
    title: str
    difficulty: int
    minutes: int
    points: int
    hints: tuple[str, ...]
    slips: tuple[SlipText, ...]


def read_exercise(path: Path) -> ExerciseText:
    """The page of an exercise.

    Raises:  TextError with file, line and mend.
    """
    matter, body = _front_matter(path)
    sections = {title: lines for title, _, lines in parts(path, body, "## ")}
    for title in sections.keys() - {"Hints", "Slips"}:
        raise error_at(path, 1, f"`## {title}` should be `## Hints` or `## Slips`")
    slips = tuple(_slip(path, *part) for part in parts(path, sections.get("Slips", []), "### "))
    names: set[str] = set()
    for slip in slips:
        if slip.name in names:
            raise error_at(
                path, slip.line, f"`{slip.name}` is the name of a slip above; rename one"
            )
        names.add(slip.name)
    hints = tuple(_numbered(path, sections.get("Hints", [])))
    return ExerciseText(path.name, hints=hints, slips=slips, **matter)


def read_lines(path: Path) -> Lines:
    """The lines of a page."""
    return list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))


def _front_matter(path: Path) -> tuple[dict, Lines]:
    lines = read_lines(path)
    marks = [number for number, line in lines if line == "---"]
    if len(marks) < 2 or marks[0] != 1:
        raise error_at(path, 1, "expected `---`, lines `key: value`, and `---`")
    pairs = {}
    for number, line in lines[1 : marks[1] - 1]:
        key, colon, value = line.partition(": ")
        if not colon or key not in _MATTER:
            raise error_at(
                path, number, f"expected one of {', '.join(_MATTER)}, then `: ` and a value"
            )
        if key != "title" and not (value.isdecimal() and 0 < int(value) <= _MATTER[key]):
            mend = f"{key} should be a whole number from 1 to {_MATTER[key]}, not {value}"
            raise error_at(path, number, mend)
        pairs[key] = value if key == "title" else int(value)
    for key in _MATTER.keys() - pairs.keys():
        raise error_at(path, marks[1], f"`{key}: ...` is missing above this line")
    return pairs, lines[marks[1] :]


def parts(path: Path, lines: Lines, mark: str) -> Iterator[tuple[str, int, Lines]]:
    """What stands under each heading that begins with `mark`; nothing may stand before them."""
    found: list[tuple[str, int, Lines]] = []
    fenced = False
    for number, line in lines:
        fenced ^= line.startswith("```")
        if line.startswith(mark) and not fenced:
            found.append((line.removeprefix(mark).strip(), number, []))
        elif found:
            found[-1][2].append((number, line))
        elif line.strip():
            raise error_at(path, number, f"expected a heading `{mark}...` before any text")
    return iter(found)


def _slip(path: Path, name: str, line: int, lines: Lines) -> SlipText:
    items, known_by = [], ""
    rest = list(lines)
    while rest and (rest[0][1].startswith(("- ", "```")) or not rest[0][1].strip()):
        number, text = rest.pop(0)
        if text.startswith("- known by "):
            known_by = text.removeprefix("- known by ").strip("` ")
        elif text.startswith("- "):
            items.append(Item(number, text.removeprefix("- ").strip(), whole=False))
        elif text.startswith("```"):
            items.append(Item(number + 1, _fenced(path, number, rest), whole=True))
    for number, text in rest:
        if text.startswith(("- ", "```")):
            raise error_at(path, number, "items come before the hint; move this one up")
    hint = " ".join(text.strip() for _, text in rest if text.strip())
    if not hint:
        raise error_at(path, line, f"`{name}` needs a hint below its items")
    if not items:
        raise error_at(path, line, f"`{name}` needs an item, such as - `old` → `new`")
    return SlipText(name, line, tuple(items), known_by, hint)


def _fenced(path: Path, number: int, rest: Lines) -> str:
    code = []
    while rest and not rest[0][1].startswith("```"):
        code.append(rest.pop(0)[1])
    if not rest:
        raise error_at(path, number, "this block is not closed by ```")
    rest.pop(0)
    return "\n".join(code) + "\n"


def _numbered(path: Path, lines: Lines) -> list[str]:
    """The entries of a numbered list, each on one line or more."""
    entries: list[str] = []
    for number, line in lines:
        if re.match(rf"{len(entries) + 1}\. ", line):
            entries.append(line.partition(". ")[2])
        elif line.strip() and entries:
            entries[-1] += f" {line.strip()}"
        elif line.strip():
            raise error_at(path, number, "expected a list that begins with `1. `")
    return entries


def error_at(path: Path, line: int, mend: str) -> TextError:
    return TextError(f"{path.name}, line {line}: {mend}")
