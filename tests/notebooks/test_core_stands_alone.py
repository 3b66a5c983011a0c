"""Whoever leaves out what is marked ○ misses nothing that a later part marked ● needs.

Read, not run: names that cells make and take, equations and sections that texts point to, and
predictions. Exercises marked "practice ○" stay where they are and run, so they count as ●. A text
may point to what may be skipped if it says so: "(○ section 9)".
"""

import re
from collections.abc import Iterator

import make_table
import pytest
from core_pieces import PROMISE, Course, Piece, needs_and_makes, read_course
from places import NOTEBOOKS, cells_of, each_notebook

from course_utils.exercises._engine.text import TEXTS

FOLD = re.compile(r"<details>.*?</details>|^\*\*Read next\..*$", re.DOTALL | re.MULTILINE)
IN_BRACKETS = re.compile(r"\((\d+\.\d+)\)")
NUMBERS = r"(?P<numbers>\d+(?:(?:, | and | to )\d+)*)"
LINK = r"\[?(?P<notebook>\d\d)(?:\]\([^)]*\))?"
SECTIONS = [  # those of another notebook first
    re.compile(rf"\bsections? {NUMBERS} (?:of|in) (?:notebook )?{LINK}"),
    re.compile(rf"\bnotebook {LINK}(?:'s|,)? \(?(?:○ )?sections? {NUMBERS}"),
    re.compile(rf"\bsections? {NUMBERS}(?!\.?\d)"),
]


def missing_names(course: Course, number: str) -> Iterator[str]:
    """Names that a cell marked ● takes from one marked ○."""
    last: dict[str, Piece] = {}
    for piece in course.code_of(number):
        needs, makes = needs_and_makes(piece.text)
        for name in sorted(needs & last.keys()):
            if piece.core and not last[name].core:
                yield f"{number} {piece.place} takes `{name}` from {last[name].place}, marked ○"
        last |= dict.fromkeys(makes, piece)


def missing_references(course: Course, number: str) -> Iterator[str]:
    """Equations and sections marked ○, or not there, that something marked ● points to."""
    for piece in course.pieces:
        if piece.notebook != number or not piece.core:
            continue
        here = f"{number} {piece.place}"
        text = FOLD.sub("", piece.text)
        for tag in equations_in(text, piece.code):
            if tag in course.tags:
                yield f"{here} points to ({tag}) in {course.tags[tag]}, marked ○"
        for target in sections_in(text, number):
            if not course.sections.get(target, False):
                what = "is marked ○" if target in course.sections else "is not there"
                yield f"{here} points to section {target[1]} of {target[0]}, which {what}"


def missing_promises(course: Course, number: str) -> Iterator[str]:
    """Predictions asked and revealed under different marks, or revealed and not asked before."""
    asked: set[str] = set()
    for piece in course.code_of(number):
        for verb, name in PROMISE.findall(piece.text):
            asked |= {name} if verb == "predict" else set()
            if verb == "reveal" and name not in asked:
                yield f"{number} {piece.place} reveals {name}, not asked before"
            elif verb == "reveal" and piece.core != course.promises[name].core:
                asker = course.promises[name].place
                yield f"{number} {piece.place} reveals {name} of {asker}, and one is marked ○"


GAPS = [missing_names, missing_references, missing_promises]


def equations_in(text: str, code: bool) -> Iterator[str]:
    """The equations that a text names; in code "eq. 3.4" alone, since (3.4) is a number there."""
    spans = list(make_table.NAMED.finditer(text)) + ([] if code else [*IN_BRACKETS.finditer(text)])
    for span in spans:
        if not excused(text, span.start()):
            yield from make_table.expanded(span[0])


def sections_in(text: str, number: str) -> Iterator[tuple[str, int]]:
    """Notebook and number of each section that a text points to."""
    for pattern in SECTIONS:
        for span in pattern.finditer(text):
            if "○" in span[0] or excused(text, span.start()):
                continue
            for section in re.findall(r"\d+", span["numbers"]):
                yield (span.groupdict().get("notebook") or number), int(section)
        text = pattern.sub("", text)


def excused(text: str, start: int) -> bool:
    """Whether ○ stands right before, as in "(○ section 9)"."""
    return text[:start].rstrip(" (").endswith("○")


@pytest.fixture(scope="module")
def course() -> Course:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(TEXTS.glob("*.md"))}
    read = {path.name[:2]: {"cells": cells_of(path)} for path in NOTEBOOKS}
    return read_course(read, {page: text for page, text in texts.items() if page != "any"})


@each_notebook
@pytest.mark.parametrize("gaps", GAPS, ids=lambda gaps: gaps.__name__)
def test_nothing_that_is_needed_may_be_skipped(gaps, path, course):
    assert list(gaps(course, path.name[:2])) == []


GOOD = {
    "02": [
        "# 02\n## ● 1 · A\n$$ a \\tag{2.1} $$ section 1, ○ section 2, eq. 2.1",
        "code: import torch\nn = 3",
        "## ○ 2 · B\n$$ b \\tag{2.2} $$ (2.2), section 2",
        "code: extra = n\npredict('P2.2')\nreveal('P2.2')",
        "## ● 3 · C\n(○: 2.2 is about b.)\n<details>(2.2)</details>\n"
        "### Exercise E2.2 · practice ○\n### Exercise E2.1",
        "code: mine = check('E2.1', f := print)\npredict('P2.1')",
        "### ○ Aside",
        "code: aside = 2 * extra",
        "### And on",
        "code: reveal('P2.1')\nfor i in range(n):\n    mine(i, [k for k in [n]])",
    ],
    "03": [
        "# 03\n## ● 1 · D\nsection 3 of notebook 02, [02](x), notebook 02 (○ section 2)",
        "code: 1",
    ],
}
PAGES = {
    "02": "## From memory\n### 1\nWhat?\n## Predictions\n### P2.2\n(2.2)",
    "E2.1": "eq. 2.1",
    "E2.2": "(2.2)",
}


def gaps_in(number="", cell=0, old="", new="", pages=PAGES) -> list[str]:
    """Those of a small course, one of whose cells or pages is changed."""
    read = {}
    for name, sources in GOOD.items():
        texts = list(sources)
        if name == number:
            assert old in texts[cell]
            texts[cell] = texts[cell].replace(old, new)
        kinds = [("code" if text.startswith("code: ") else "markdown") for text in texts]
        cells = zip(kinds, (text.removeprefix("code: ") for text in texts), strict=True)
        read[name] = {"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells]}
    course = read_course(read, pages)
    return [gap for number in read for gaps in GAPS for gap in gaps(course, number)]


def test_a_course_whose_core_stands_alone_has_no_gap():
    assert gaps_in() == []


@pytest.mark.parametrize(
    ("number", "cell", "old", "new", "told"),
    [
        ("02", 9, "mine(i", "mine(extra", "02 [9] takes `extra` from [3], marked ○"),
        ("02", 9, "mine(i", "mine(aside", "02 [9] takes `aside` from [7], marked ○"),
        ("02", 3, "extra = n", "extra = n; n = 4", "02 [9] takes `n` from [3], marked ○"),
        ("02", 5, "mine = ", "extra += ", "02 [5] takes `extra` from [3], marked ○"),
        ("02", 4, "○: 2.2", "2.2), (", "02 [4] points to (2.2) in 02 [2], marked ○"),
        ("02", 9, "range(n)", "range(n):  # eq. 2.2", "02 [9] points to (2.2) in 02 [2]"),
        (
            "02",
            0,
            "○ section 2",
            "sections 1 and 2",
            "02 [0] points to section 2 of 02, which is m",
        ),
        ("02", 0, "○ section 2", "section 4", "02 [0] points to section 4 of 02, which is not"),
        ("03", 0, "section 3 of", "section 2 of", "03 [0] points to section 2 of 02, which is m"),
        ("03", 0, "(○ section 2)", "(section 2)", "03 [0] points to section 2 of 02, which is m"),
        ("03", 0, " (○ section 2)", "'s section 2", "03 [0] points to section 2 of 02, which is m"),
        ("02", 3, "reveal('P2.2')", "", ""),
        ("02", 9, "P2.1", "P2.2", "02 [9] reveals P2.2 of [3], and one is marked ○"),
        ("02", 9, "P2.1", "P2.3", "02 [9] reveals P2.3, not asked before"),
    ],
)
def test_each_kind_of_gap_is_found(number, cell, old, new, told):
    gaps = gaps_in(number, cell, old, new)
    assert told in " ".join(gaps) and bool(gaps) == bool(told)


@pytest.mark.parametrize(
    ("page", "old", "new", "told"),
    [
        ("02", "What?", "What does (2.2) say?", "02 02.md, 1 points to (2.2) in 02 [2], marked ○"),
        ("02", "P2.2\n", "P2.1\n", "02 02.md, P2.1 points to (2.2) in 02 [2], marked ○"),
        ("E2.1", "2.1", "2.2", "02 E2.1.md points to (2.2) in 02 [2], marked ○"),
    ],
)
def test_pages_are_read_as_well(page, old, new, told):
    assert gaps_in(pages=PAGES | {page: PAGES[page].replace(old, new)}) == [told]
