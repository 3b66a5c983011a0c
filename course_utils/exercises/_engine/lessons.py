"""What a notebook's file tells the engine: minutes of its core, equations, closing sentences."""

import functools
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

from course_utils.exercises._engine.minutes import minutes_of, pieces_of

ROOT = Path(__file__).parents[3]  # the clone, if there is one
LINE = "_" * 14  # to write on
GAP = rf"\text{{{LINE}}}"
_DISPLAYED = re.compile(r"\$\$((?:(?!\$\$).)*?)\\tag\{([\d.]+)\}", re.DOTALL)
_TOKEN = re.compile(r"\\(?:begin|end)\{\w+\*?\}|\\[A-Za-z]+|\\.|.", re.DOTALL)
_RELATIONS = {"=", r"\approx", r"\sim", r"\le", r"\ge"}
_ENDS = _RELATIONS | {"+", "-", ",", "&", "\\\\", r"\quad", r"\qquad", r"\text"}
_DEPTH = dict.fromkeys((*"([{", r"\lVert", r"\{"), 1)
_DEPTH |= dict.fromkeys((*")]}", r"\rVert", r"\}"), -1)
_SPACES = (" ", "\n", r"\,", r"\;", r"\!", r"\ ", ".")  # and a full stop
_IN_WORDS = (  # innermost first
    (r"\\(left|right|[bB]igg?|quad|qquad|begin|end)(?![a-zA-Z])", " "),
    (r"\\[,;!]|\{(aligned|pmatrix)\}", " "),
    (r"\\[lr]Vert", "‖"),
    (r"\\partial", "∂"),
    (r"([_^])\{(\w)\}", r"\1\2"),
    (r"([_^]|\\(?:sqrt|hat|widehat|bar))\{([^{}]*)\}", r"\1(\2)"),
    (r"\\(?:math(?:cal|bb|rm)|operatorname|text|underbrace)(?:\{([^{}]*)\})?(?!\{)", r"\1"),
    (r"\\t?frac *(?:(\w)|\{([^{}]*)\}) *(?:(\w)|\{([^{}]*)\})", r"(\1\2)/(\3\4)"),
    (r"\((\w+)\)/", r"\1/"),
    (r"/\((\w)\)", r"/\1"),
)


Equation = tuple[str, str, int]  # its number, its TeX, the place of its cell


@dataclass(frozen=True)
class Lesson:
    """The cells of a notebook, as they stand in its file."""

    cells: tuple[dict, ...]

    @functools.cached_property
    def sources(self) -> list[str]:
        """The texts of the cells."""
        return ["".join(cell["source"]) for cell in self.cells]

    @property
    def title(self) -> str:
        """Its first heading."""
        found = re.search(r"^# (.+)$", "\n".join(self.sources), re.MULTILINE)
        return found[1].strip() if found else ""

    def place(self, name: str) -> int:
        """The last cell that speaks of the exercise or prediction; -1 if none does."""
        return max((i for i, text in enumerate(self.sources) if f'"{name}"' in text), default=-1)

    def core(self, place: int = -1) -> float:
        """Minutes of its core behind this cell, by the formula."""
        before = minutes_of({"cells": self.cells[: place + 1]})[0]
        return minutes_of({"cells": self.cells})[0].total - before.total

    def equations(self) -> list[Equation]:
        """Those with numbers in its core."""
        return [
            (found[2], found[1].strip(), piece.place)
            for piece in pieces_of(self.cells)
            if not (piece.is_code or piece.aside or piece.small)
            for found in _DISPLAYED.finditer(piece.text)
        ]

    def sentences(self) -> list[str]:
        """What it comes down to, "In four sentences."."""
        pattern = r"\*\*In four sentences\.\*\*\s*(.+?)(?:\n\n|\Z)"
        found = re.search(pattern, "\n\n".join(self.sources), re.DOTALL)
        return re.split(r"(?<=\.) (?=[A-Z$])", " ".join(found[1].split())) if found else []


def find_lesson(notebook: str) -> Lesson | None:
    """The learner's copy of a notebook or the original; None where no file can be read."""
    for folder in (Path.cwd(), ROOT / "my_course", ROOT / "notebooks"):
        copies = folder.glob(f"{notebook}_*.ipynb")
        for path in sorted(copies, key=lambda path: len(path.name)):  # "02_x (new)" comes last
            try:
                document = json.loads(path.read_text(encoding="utf-8"))
                if "course" in document["metadata"]:
                    lesson = Lesson(tuple(document["cells"]))
                    lesson.core()
                    return lesson
            except (OSError, ValueError, LookupError, TypeError, RecursionError):
                continue  # not one of ours, or no longer
    return None


def gapped(tex: str) -> str | None:
    """An equation without its longest term on the right; None if it has no right side."""
    terms: list[list[str]] = [[]]
    depth, right, gaps = 0, False, []
    for token in _TOKEN.findall(tex):
        depth += _DEPTH.get(token, 0)
        if depth == 0 and (token in _ENDS or token.startswith((r"\begin", r"\end"))):
            right = token in _RELATIONS or (right and token in ("+", "-", "&"))
            terms += [[token], []]
            gaps += [len(terms) - 1] if right else []
        else:
            terms[-1].append(token)
    if not gaps:
        return None
    longest = max(gaps, key=lambda i: sum(token not in _SPACES for token in terms[i]))
    terms[longest] = [" ", GAP, " "]
    return "".join(map("".join, terms))


def mathml(tex: str, display: str = "block") -> str:
    """A formula for browsers, which need nothing to show it."""
    from course_utils._jupyter import formulas  # slow to import

    return formulas.mathml(tex, display)


def plain(tex: str) -> str:
    """A formula for a terminal: "E_q(z) log p(x) = -1/2 σ^2"."""
    before = ""
    while before != tex:
        before = tex
        for pattern, words in _IN_WORDS:
            tex = re.sub(pattern, words, tex)
    tex = re.sub(r"\\\\|[{}&]", " ", tex)
    return " ".join(re.sub(r"\\([A-Za-z]+|.)", _sign, tex).split())


def _sign(command: re.Match) -> str:
    sign = html.unescape(f"&{command[1]};")  # HTML has TeX's names for most
    return f" {command[1]} " if sign.startswith("&") else sign
