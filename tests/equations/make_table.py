"""The table equation -> cell -> test: `python tests/equations/make_table.py` writes it anew.

An equation is stated in a notebook's text by its tag, computed by the code cells of that notebook
that name it ("eq. 3.4", "eqs. 3.4 and 3.5", "eqs. 3.6 to 3.10", on one line), and tested by the
tests marked `@pytest.mark.equation("3.4")`. `CHECKS` look for gaps.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
STORED = ROOT / "tests" / "equations" / "EQUATIONS.md"
TAG = re.compile(r"\\tag\{([^}]*)\}")
NUMBER = r"\d+\.\d+"
LINKED = rf"\)?(?:,|,?[ \t]+(?:and|or|to))[ \t]+\(?{NUMBER}"
NAMED = re.compile(rf"\b(?:eqs?\.|equations?)\s+\(?{NUMBER}(?:{LINKED})*", re.IGNORECASE)
HEAD = """# Every numbered equation, the cell that computes it, and its tests

Written by `python tests/equations/make_table.py`; `test_equations.py` checks it for gaps.
`[n]` is the n-th code cell, the number that stands beside it in the stored notebook.

| equation | stated in | computed in | tested by |
|---|---|---|---|
"""


class Statement(NamedTuple):
    """A tag in the text: \\tag{3.4}, stated in notebook 03 under this heading."""

    number: str
    notebook: str
    heading: str


class Naming(NamedTuple):
    """A place that names an equation: "[7]" of notebook 03, or "test_toys.py::test_this"."""

    number: str
    file: str
    place: str


class Course(NamedTuple):
    """All that the table and the checks look at."""

    stated: list[Statement]
    cells: list[Naming]
    tests: list[Naming]
    elsewhere: list[Naming]  # in the notebooks' text and the package: pointers, no computation


def collect(root: Path) -> Course:
    """Read notebooks/*.ipynb, tests/**/*.py and course_utils/**/*.py below a folder."""
    course = Course([], [], [], [])
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
        course.stated.extend(stated_in(texts, path.stem))
        course.elsewhere.extend(named_in("\n\n".join(texts), path.stem, "text"))
        for n, code in enumerate(run_cells(cells), 1):
            course.cells.extend(named_in(code, path.stem, f"[{n}]"))
    for path in sorted((root / "tests").rglob("*.py")):
        course.tests.extend(marked_in(path))
    for path in sorted((root / "course_utils").rglob("*.py")):
        course.elsewhere.extend(named_in(path.read_text(encoding="utf-8"), path.name, "source"))
    return course


def run_cells(cells: list[dict]) -> list[str]:
    """Sources of the code cells that a run numbers: the empty and the skipped get no number."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    kept = [cell for cell in code if "skip-execution" not in cell["metadata"].get("tags", [])]
    sources = ["".join(cell["source"]) for cell in kept]
    return [source for source in sources if source.strip()]


def stated_in(texts: list[str], notebook: str) -> Iterator[Statement]:
    """The tags, each with the heading of its section; those of exercises are one level below."""
    heading = ""
    for text in texts:
        fenced = False
        for line in text.splitlines():
            fenced ^= line.startswith("```")
            if re.match(r"##? ", line) and not fenced:
                heading = line.lstrip("#●○ ").strip()
            for tag in TAG.findall(line):
                yield Statement(tag, notebook, heading)


def named_in(text: str, file: str, place: str) -> Iterator[Naming]:
    """Every equation named in a text, once; "3.6 to 3.10" names all in between."""
    found = [number for named in NAMED.findall(text) for number in expanded(named)]
    for number in dict.fromkeys(found):
        yield Naming(number, file, place)


def expanded(named: str) -> list[str]:
    """The numbers in "eqs. 3.4, 3.6 to 3.8": 3.4, 3.6, 3.7, 3.8."""
    numbers: list[str] = []
    for link, notebook, last in re.findall(r"(\bto\s+\(?)?(\d+)\.(\d+)", named):
        before, _, first = numbers[-1].partition(".") if link else ("", "", "")
        start = int(first) + 1 if before == notebook else int(last)
        numbers += [f"{notebook}.{n}" for n in range(start, int(last) + 1)]
    return numbers


def marked_in(path: Path) -> Iterator[Naming]:
    """The equations that the marks in a test file name: read, not imported."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            parts = [part for mark in node.decorator_list for part in ast.walk(mark)]
            calls = [part for part in parts if isinstance(part, ast.Call)]
            marks = [call for call in calls if ast.unparse(call.func) == "pytest.mark.equation"]
            for argument in (argument for mark in marks for argument in mark.args):
                yield Naming(ast.literal_eval(argument), path.name, node.name)


def not_in_order(course: Course) -> list[str]:
    """Notebook 03 should state 3.1, 3.2, 3.3, ..., in this order: so no number stands twice."""
    return [
        f"{notebook} should state {expected} here, but {equation.number} stands there"
        for notebook, equations in groupby(course.stated, lambda equation: equation.notebook)
        for n, equation in enumerate(equations, 1)
        if equation.number != (expected := f"{int(notebook[:2])}.{n}")
    ]


def without_a_cell(course: Course) -> list[str]:
    """Equations that no code cell of their own notebook computes."""
    computed = {(cell.number, cell.file) for cell in course.cells}
    return [
        f"{equation.number} ({equation.heading}) is named by no code cell of {equation.notebook}"
        for equation in course.stated
        if (equation.number, equation.notebook) not in computed
    ]


def without_a_test(course: Course) -> list[str]:
    """Equations that no test is marked with."""
    tested = {test.number for test in course.tests}
    return [
        f'{equation.number} has no test marked @pytest.mark.equation("{equation.number}")'
        for equation in course.stated
        if equation.number not in tested
    ]


def unknown(course: Course) -> list[str]:
    """Cells, tests, texts and docstrings that name an equation nobody states."""
    stated = {equation.number for equation in course.stated}
    namings = [*course.cells, *course.tests, *course.elsewhere]
    return [
        f"{file} {place} names {number}, which no notebook states"
        for number, file, place in namings
        if number not in stated
    ]


CHECKS = [not_in_order, without_a_cell, without_a_test, unknown]


def table(course: Course) -> str:
    """The Markdown table, one line per equation, in the order of the notebooks."""
    lines = []
    for equation in course.stated:
        cells = [c for c in course.cells if c.number == equation.number]
        here = [c.place for c in cells if c.file == equation.notebook]
        away = [f"{c.file[:2]} {c.place}" for c in cells if c.file != equation.notebook]
        tests = [f"{t.file}::{t.place}" for t in course.tests if t.number == equation.number]
        stated = f"{equation.notebook[:2]}, {equation.heading}".replace("|", r"\|")
        columns = (equation.number, stated, ", ".join(here + away), "<br>".join(sorted(set(tests))))
        lines.append("| " + " | ".join(column or "-" for column in columns) + " |\n")
    return HEAD + "".join(lines)


def main() -> int:
    """Write the table; print the gaps, and say by the exit status whether there are any."""
    course = collect(ROOT)
    STORED.write_text(table(course), encoding="utf-8")
    gaps = [gap for check in CHECKS for gap in check(course)]
    print(*gaps, f"{len(course.stated)} equations, {len(gaps)} gaps", sep="\n")
    return bool(gaps)


if __name__ == "__main__":
    sys.exit(main())
