"""How long the notebooks take: the formula, and what they and the README say."""

import math
import re
from pathlib import Path

import pytest
from places import NOTEBOOKS, ROOT, cells_of, each_notebook, markdown_of, sources_of

from course_utils.exercises._engine.minutes import STOP, Minutes, minutes_of

BARS = (25, 80, 80, 85, 85, 85, 80, 80, 75, 65)  # of the core, by number
MOST_EXERCISES = 22  # printed minutes in the core
SITTING = 60
TIME = re.compile(
    r"^\*\*Time:\*\* (\d+) minutes\b[^\d\n]*?(?:, (\d+) more for those marked ○)?\.$", re.MULTILINE
)


def notebook(*cells):
    """A notebook of such cells: text begins with "#" or anything, code with ">"."""
    kinds = ("code" if cell.startswith(">") else "markdown" for cell in cells)
    pairs = zip(kinds, cells, strict=True)
    return {"cells": [{"cell_type": kind, "source": [text.lstrip(">")]} for kind, text in pairs]}


def core(*cells):
    """What is counted as core."""
    return minutes_of(notebook(*cells))[0]


def test_each_part_has_its_weight():
    counted = Minutes(words=120, equations=2, lines=10, predictions=3, exercises=10)
    assert counted.total == pytest.approx(1 + 3 + 1 + 6 + 13)
    assert (counted + counted).total == pytest.approx(2 * counted.total)


def test_words_are_runs_of_letters_outside_code_formulas_and_links():
    text = "# Two words\nthe `code x` of $p(x)$ a 12 3b é [link here](to/some_place.md) naïve."
    assert core(text) == Minutes(words=7)


def test_a_fold_is_not_counted():
    text = "Open it:\n<details><summary>Answer</summary>\n\nlong $$ a = b $$\n</details>\nend"
    assert core(text) == Minutes(words=3)


def test_equations_are_pairs_of_double_dollars_and_hold_no_words():
    assert core("so $$ \\log p = \\text{many words} \\tag{1.1} $$ and\n$$\na = b\n$$") == Minutes(
        words=2, equations=2
    )


def test_code_lines_are_those_not_blank_and_predictions_are_calls_at_a_line_s_beginning():
    code = '>predict("P1.1")\n\nx = 1\n  \n# a comment\nprint("predict(")'
    assert core(code) == Minutes(lines=4, predictions=1)


def test_a_section_is_deeper_by_its_heading_alone_and_until_the_next():
    found, _, deeper = minutes_of(
        notebook(
            "## ● 1 · One\nword", "## ○ 2 · Two\nword", ">x\ny", "### ○ three\nword", "## ● Four"
        )
    )
    assert found == Minutes(words=3) and deeper == Minutes(words=4, lines=2)


def test_an_exercise_is_practice_by_its_own_heading_and_counts_its_printed_minutes():
    heading = "### Exercise E3.2 (difficulty 2, 8 minutes)"
    assert core("## ● A\n" + heading).exercises == 8
    found, _, deeper = minutes_of(notebook("## ● A", heading + " · practice ○\nwords here"))
    assert found.exercises == 0 and deeper.exercises == 8 and found.words > deeper.words
    assert minutes_of(notebook("## ○ A", heading))[2].exercises == 8


def test_the_stop_ends_what_comes_before_and_without_one_all_does():
    cells = ["## ● A\nword word", f"## ● B\nword\n\n{STOP} more", "## ● C\nword"]
    found, before, _ = minutes_of(notebook(*cells))
    assert before.words == 2 + 1 + 5 + 0 and found.words == before.words + 1
    assert minutes_of(notebook("word"))[1] == Minutes(words=1)


def counted(path: Path) -> tuple[Minutes, Minutes, Minutes]:
    """Of a notebook of the course."""
    return minutes_of({"cells": cells_of(path)})


def up_to_five(minutes: float) -> int:
    return 5 * math.ceil(minutes / 5)


def printed(path: Path) -> tuple[int, int]:
    """What the notebook says: minutes of its core, and of the rest."""
    found = TIME.findall(markdown_of(path))
    assert len(found) == 1, "expected one line **Time:** of the usual form"
    return int(found[0][0]), int(found[0][1] or 0)


@each_notebook
def test_a_notebook_says_how_long_it_takes(path):
    found, _, deeper = counted(path)
    assert printed(path) == (up_to_five(found.total), up_to_five(deeper.total))


@each_notebook
def test_a_notebook_s_core_is_short(path):
    found, _, _ = counted(path)
    assert found.total <= BARS[int(path.stem[:2])]
    assert found.exercises <= MOST_EXERCISES


@each_notebook
def test_a_notebook_may_be_left_within_the_hour(path):
    """The first has no such place, and is short."""
    places = sum(STOP in text for text in sources_of(path, "markdown"))
    assert places == (not path.stem.startswith("00"))
    assert counted(path)[1].total < SITTING


def test_the_readme_says_the_same():
    assert minutes_in_table((ROOT / "README.md").read_text(encoding="utf-8")) == printed_by_all()


def test_the_map_of_the_first_notebook_says_the_same():
    """Of all but itself, which it has no link to."""
    first, *others = NOTEBOOKS
    text = markdown_of(first)
    assert minutes_in_table(text) == {path.stem: printed_by_all()[path.stem] for path in others}
    (own,) = re.findall(r"^\| 00 .*\| (\d+) \|$", text, re.MULTILINE)
    assert (int(own), int(own)) == printed_by_all()[first.stem]


def minutes_in_table(text: str) -> dict[str, tuple[int, int]]:
    """Of each notebook with a link and minutes in its row: those of its core, and of all."""
    rows = re.findall(r"[(/](\d\d_\w+)\.ipynb\) \|.*\| (\d+)(?: / (\d+))? \|", text)
    return {name: (int(core), int(all_ or core)) for name, core, all_ in rows}


def printed_by_all() -> dict[str, tuple[int, int]]:
    """What the notebooks say, in the same form."""
    pairs = {path.stem: printed(path) for path in NOTEBOOKS}
    return {name: (core, core + deeper) for name, (core, deeper) in pairs.items()}
