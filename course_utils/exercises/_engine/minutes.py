"""How long a notebook takes, by a formula that strangers' own times were fitted to.

Words / 120, 1.5 a displayed equation, .1 a line of code, 2 a prediction, and 1.3 times the minutes
printed at its exercises. A section counts as core unless its `##` heading has ○; so does all that
stands in it, folds (`<details>`) excepted, and an exercise unless its `###` heading says ○. The
mark STOP says where a first evening may end.
"""

import re
from dataclasses import astuple, dataclass

STOP = "**First evening ends here.**"
FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
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


def minutes_of(notebook: dict) -> tuple[Minutes, Minutes, Minutes]:
    """Core, core before the mark STOP, and the rest (○, without folds), of a notebook's JSON."""
    core, deeper, before = Minutes(), Minutes(), None
    aside = False  # in a section marked ○
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            pieces = [(aside, _of_code(source))]
        else:
            pieces = []
            for part in re.split(r"(?m)^(?=#{1,3} )", source):
                heading = part.partition("\n")[0]
                aside = "○" in heading if heading.startswith(("# ", "## ")) else aside
                pieces += [(aside, _of_words(part))]
                if found := _EXERCISE.match(heading):
                    practice = aside or "○" in heading
                    pieces += [(practice, Minutes(exercises=int(found[1])))]
                if STOP in part:
                    before = core + sum((m for one, m in pieces if not one), Minutes())
        core = sum((m for one, m in pieces if not one), core)
        deeper = sum((m for one, m in pieces if one), deeper)
    return core, before or core, deeper


def _of_code(source: str) -> Minutes:
    lines = sum(bool(line.strip()) for line in source.splitlines())
    return Minutes(lines=lines, predictions=len(_PREDICTION.findall(source)))


def _of_words(text: str) -> Minutes:
    text = FOLD.sub("", text)
    words = _WORD.findall(_NO_WORDS.sub(" ", _EQUATION.sub(" ", text)))
    return Minutes(words=len(words), equations=len(_EQUATION.findall(text)))
