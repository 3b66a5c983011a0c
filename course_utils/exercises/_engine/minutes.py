"""How long a notebook takes, by a formula that strangers' own times were fitted to.

Words / 120, 1.5 a displayed equation, .1 a line of code, 2 a prediction, and 1.3 times the minutes
printed at its exercises. A section counts as core unless its `##` heading has ○; so does all that
stands in it, folds (`<details>`) excepted, and an exercise unless its `###` heading says ○. The
mark STOP says where a first evening may end.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import NamedTuple

STOP = "**First evening ends here.**"
_FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
_EQUATION = re.compile(r"\$\$.*?\$\$", re.DOTALL)
_NO_WORDS = re.compile(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)")  # code, formulas, targets of links
_WORD = re.compile(r"[^\W\d_]{2,}")
_EXERCISE = re.compile(r"### .*\bE\d+\.\d+.*?(\d+) minutes")
_PREDICTION = re.compile(r"^predict\(", re.MULTILINE)


@dataclass(frozen=True)
class Minutes:
    """What was counted, exercises in the minutes that they print."""

    words: int = 0
    equations: int = 0
    lines: int = 0
    predictions: int = 0
    exercises: int = 0

    def __add__(self, other: "Minutes") -> "Minutes":
        return Minutes(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def total(self) -> float:
        """Minutes, by the formula."""
        words, code = self.words / 120, 0.1 * self.lines
        return words + 1.5 * self.equations + code + 2 * self.predictions + 1.3 * self.exercises


class Piece(NamedTuple):
    """Code, or text below one heading, without folds."""

    place: int  # of its cell
    text: str
    is_code: bool
    aside: bool  # in a section marked ○
    small: bool  # below a `###` heading marked ○


def pieces_of(cells: Iterable[dict]) -> Iterator[Piece]:
    """A notebook's cells of code, and its text, heading by heading."""
    aside = small = False
    for place, cell in enumerate(cells):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            yield Piece(place, source, True, aside, small)
            continue
        for text in re.split(r"(?m)^(?=#{1,3} )", _FOLD.sub("", source)):
            marked = "○" in text.partition("\n")[0]
            if text.startswith(("# ", "## ")):
                aside, small = marked, False
            elif text.startswith("### "):
                small = marked
            yield Piece(place, text, False, aside, small)


def minutes_of(notebook: dict) -> tuple[Minutes, Minutes, Minutes]:
    """Core, core before the mark STOP, and the rest (○, without folds), of a notebook's JSON."""
    counted = {False: Minutes(), True: Minutes()}  # by whether it is left aside
    before = None
    for _, text, is_code, aside, small in pieces_of(notebook["cells"]):
        counted[aside] += _of_code(text) if is_code else _of_words(text)
        if not is_code and (found := _EXERCISE.match(text)):
            counted[aside or small] += Minutes(exercises=int(found[1]))
        if not is_code and STOP in text:
            before = counted[False]
    return counted[False], before or counted[False], counted[True]


def _of_code(source: str) -> Minutes:
    lines = sum(bool(line.strip()) for line in source.splitlines())
    return Minutes(lines=lines, predictions=len(_PREDICTION.findall(source)))


def _of_words(text: str) -> Minutes:
    words = _WORD.findall(_NO_WORDS.sub(" ", _EQUATION.sub(" ", text)))
    return Minutes(words=len(words), equations=len(_EQUATION.findall(text)))
