"""Reads the texts of exercises, predictions and questions: Markdown in `text/`, one kind of page.

An exercise's page has front matter, a ladder of hints, and slips: a name, the edits that make it of
the reference (or a whole `def`), and the hint for whoever made it. A notebook's page, `02.md`, has
questions from memory and predictions.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parents[1] / "text"

_MATTER = {"title": 0, "difficulty": 3, "minutes": 60, "points": 10}  # and the largest number
_CHOICES = ("- [ ] ", "- [x] ")
Lines = Sequence[tuple[int, str]]  # with their numbers in the file


class TextError(ValueError):
    """A page that cannot be read: its name, the line, and the mend."""


@dataclass(frozen=True)
class Part:
    """What stands below a heading: its file, title and place, and the lines."""

    file: str
    title: str
    line: int
    lines: Lines

    def parts(self, mark: str) -> list["Part"]:
        """What stands under each heading that begins with mark; nothing may stand before them."""
        found: list[Part] = []
        fenced = False
        for number, line in self.lines:
            fenced ^= line.startswith("```")
            if line.startswith(mark) and not fenced:
                found.append(Part(self.file, line.removeprefix(mark).strip(), number, []))
            elif found:
                found[-1].lines.append((number, line))
            elif line.strip():
                raise self.error(f"expected a heading `{mark}...` before any text", number)
        return found

    def error(self, mend: str, line: int | None = None) -> TextError:
        """At this line, or at the heading."""
        return TextError(f"{self.file}, line {line or self.line}: {mend}")


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


@dataclass(frozen=True)
class Prediction:
    """A question asked before its surprising output."""

    id: str
    question: str
    choices: tuple[str, ...]  # at least two
    right: str  # one of them
    because: str  # the explanation at the reveal
    replies: dict[str, str]  # to wrong ones: why it tempts, and of what it is true


@dataclass(frozen=True)
class Question:
    """A question from memory and its model answer."""

    question: str
    answer: str


def read_page(path: Path) -> Part:
    """All lines of a page; TextError if there is none."""
    if not path.exists():
        raise TextError(f"{path.name}: there is no such page in the folder text/")
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return Part(path.name, "", 1, list(lines))


def read_exercise(path: Path) -> ExerciseText:
    """The page of an exercise.

    Raises:  TextError with file, line and mend.
    """
    matter, body = _front_matter(read_page(path))
    hints: list[str] = []
    slips: dict[str, SlipText] = {}
    for section in body.parts("## "):
        if section.title == "Hints":
            hints += _numbered(section)
        elif section.title != "Slips":
            raise section.error(f"`## {section.title}` should be `## Hints` or `## Slips`")
        else:
            for part in section.parts("### "):
                if part.title in slips:
                    raise part.error(f"`{part.title}` is the name of a slip above; rename one")
                slips[part.title] = read_slip(part)
    return ExerciseText(path.name, hints=tuple(hints), slips=tuple(slips.values()), **matter)


def read_questions(path: Path) -> tuple[tuple[Question, ...], tuple[Prediction, ...]]:
    """The questions from memory that open a notebook, and the notebook's predictions.

    Raises:  TextError with file, line and mend.
    """
    recall: list[Question] = []
    predictions: list[Prediction] = []
    for section in read_page(path).parts("## "):
        if section.title == "From memory":
            recall += map(_question, section.parts("### "))
        elif section.title == "Predictions":
            predictions += map(_prediction, section.parts("### "))
        else:
            mend = f"`## {section.title}` should be `## From memory` or `## Predictions`"
            raise section.error(mend)
    return tuple(recall), tuple(predictions)


def joined(lines: Lines) -> str:
    """Paragraphs as one line."""
    return " ".join(text.strip() for _, text in lines if text.strip())


def _front_matter(page: Part) -> tuple[dict, Part]:
    marks = [number for number, line in page.lines if line == "---"]
    if len(marks) < 2 or marks[0] != 1:
        raise page.error("expected `---`, lines `key: value`, and `---`")
    pairs: dict = {}
    for number, line in page.lines[1 : marks[1] - 1]:
        key, colon, value = line.partition(": ")
        if not colon or key not in _MATTER:
            raise page.error(f"expected one of {', '.join(_MATTER)}, then `: ` and a value", number)
        if key != "title" and not (value.isdecimal() and 0 < int(value) <= _MATTER[key]):
            mend = f"{key} should be a whole number from 1 to {_MATTER[key]}, not {value}"
            raise page.error(mend, number)
        pairs[key] = value if key == "title" else int(value)
    for key in _MATTER.keys() - pairs.keys():
        raise page.error(f"`{key}: ...` is missing above this line", marks[1])
    return pairs, Part(page.file, "", marks[1], page.lines[marks[1] :])


def read_slip(part: Part) -> SlipText:
    """What stands below the heading of a slip: its items and its hint."""
    items, known_by = [], ""
    rest = list(part.lines)
    while rest and (rest[0][1].startswith(("- ", "```")) or not rest[0][1].strip()):
        number, text = rest.pop(0)
        if text.startswith("- known by "):
            known_by = text.removeprefix("- known by ").strip("` ")
        elif text.startswith("- "):
            items.append(Item(number, text.removeprefix("- ").strip(), whole=False))
        elif text.startswith("```"):
            end = next((i for i, (_, line) in enumerate(rest) if line.startswith("```")), None)
            if end is None:
                raise part.error("this block is not closed by ```", number)
            code = "".join(f"{line}\n" for _, line in rest[:end])
            items.append(Item(number + 1, code, whole=True))
            del rest[: end + 1]
    for number, text in rest:
        if text.startswith(("- ", "```")):
            raise part.error("items come before the hint; move this one up", number)
    if not joined(rest):
        raise part.error(f"`{part.title}` needs a hint below its items")
    if not items:
        raise part.error(f"`{part.title}` needs an item, such as - `old` → `new`")
    return SlipText(part.title, part.line, tuple(items), known_by, joined(rest))


def _numbered(part: Part) -> list[str]:
    entries: list[str] = []
    for number, line in part.lines:
        if re.match(rf"{len(entries) + 1}\. ", line):
            entries.append(line.partition(". ")[2])
        elif line.strip() and entries:
            entries[-1] += f" {line.strip()}"
        elif line.strip():
            raise part.error("expected a list that begins with `1. `", number)
    return entries


def _question(part: Part) -> Question:
    question = list(itertools.takewhile(lambda line: line[1].strip(), part.lines))
    answer = joined(part.lines[len(question) :])
    if not answer:
        raise part.error(f"question {part.title} needs an empty line, and its answer below")
    return Question(joined(question), answer)


def _prediction(part: Part) -> Prediction:
    places = [i for i, (_, text) in enumerate(part.lines) if text.startswith(_CHOICES)]
    question = joined(part.lines[: places[0]]) if places else ""
    choices, replies, right, rest = [], {}, [], []
    for i, end in zip(places, [*places[1:], len(part.lines)], strict=True):
        if joined(rest):
            raise part.error("indent a reply to the choice above by two spaces", rest[0][0])
        mark, _, words = part.lines[i][1].partition("] ")
        choices.append(words.strip())
        right += [words.strip()] * mark.endswith("x")
        below = itertools.takewhile(lambda line: line[1].startswith("  "), part.lines[i + 1 : end])
        reply = list(below)
        if reply:
            replies[choices[-1]] = joined(reply)
        rest = part.lines[i + 1 + len(reply) : end]
    because = joined(rest)
    if len(choices) < 2 or len(right) != 1 or not question or not because:
        mend = "a question, two or more choices `- [ ] words`, the right one `- [x] words`, and why"
        raise part.error(f"{part.title} needs {mend}")
    return Prediction(part.title, question, tuple(choices), right[0], because, replies)
