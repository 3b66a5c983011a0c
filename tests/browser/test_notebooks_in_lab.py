"""Notebooks 00 and 02 as a learner meets them: opened, run, moved, answered."""

import re

import pytest
from lab_in_chromium import (
    code_cell,
    copy_for_learner,
    errors_shown,
    find_cell,
    open_notebook,
    run_all,
    run_cell,
    screenshot,
    source_of,
)

from course_utils.exercises._registry import find_exercise, find_prediction

NAIVE = "return a.exp().mean(dim).log()"
RIGHT = "return a.logsumexp(dim) - torch.tensor(a.shape[dim]).log()"


@pytest.fixture
def lesson(page, lab):
    """Notebook 02 as a learner gets it, run from top to bottom."""
    open_notebook(page, lab, copy_for_learner(lab, "02_naive_monte_carlo.ipynb"))
    run_all(page)
    return page


def answer(page, cell: int, stub: str, body: str) -> str:
    """What the check says once the stub's dots are replaced by a line of code."""
    source, dots = re.subn(r"^( +)\.\.\..*$", rf"\g<1>{body}", stub, flags=re.MULTILINE)
    assert dots == 1, f"expected one line of dots in the stub, but it is:\n{stub}"
    said = run_cell(page, cell, source)
    screenshot(code_cell(page, cell), f"exercise_{'right' if body == RIGHT else 'wrong'}")
    return re.sub(r"\s+", " ", said)


def as_shown(hint: str) -> str:
    """A hint as the page shows it: its code no longer in backticks."""
    return hint.replace("`", "")


def test_the_first_notebook_runs(page, lab):
    open_notebook(page, lab, copy_for_learner(lab, "00_start_here.ipynb"))
    run_all(page)
    assert errors_shown(page) == []
    assert not page.problems
    screenshot(page, "00_start_here")


def test_the_lesson_runs_and_its_explorer_moves(lesson):
    assert errors_shown(lesson) == []
    explorer = code_cell(lesson, find_cell(lesson, "monte_carlo_explorer("))
    said = explorer.locator(".mc-said")
    explorer.locator(".mc-pad").scroll_into_view_if_needed()
    box = explorer.locator(".mc-pad").bounding_box()
    lesson.wait_for_timeout(400)
    first = said.inner_text()
    lesson.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    lesson.mouse.down()
    lesson.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    lesson.mouse.up()
    lesson.wait_for_timeout(400)
    dragged = said.inner_text()
    lesson.keyboard.press("ArrowLeft")
    lesson.wait_for_timeout(400)
    assert len({first, dragged, said.inner_text()}) == 3
    assert said.inner_text().startswith("dimension ")
    screenshot(explorer, "02_explorer")
    assert not lesson.problems


def test_a_wrong_answer_gets_its_hint_and_a_right_one_is_accepted(lesson):
    cell = find_cell(lesson, 'check("E2.1"')
    hints = {mistake.name: as_shown(mistake.hint) for mistake in find_exercise("E2.1").mistakes}
    stub = source_of(lesson, cell)
    assert "waiting" in code_cell(lesson, cell).inner_text()
    wrong = answer(lesson, cell, stub, NAIVE)
    assert hints["naive"] in wrong and "[not yet]" in wrong
    right = answer(lesson, cell, stub, RIGHT)
    assert "[right]" in right
    assert errors_shown(lesson) == [] and not lesson.problems


def test_a_prediction_is_made_by_keyboard(lesson):
    form = code_cell(lesson, find_cell(lesson, 'predict("P2.1"'))
    form.locator("input[type=radio]").first.focus()
    lesson.keyboard.press("Space")
    for _ in range(12):
        lesson.keyboard.press("Tab")
        if lesson.evaluate("() => document.activeElement.matches('.noUi-handle')"):
            lesson.keyboard.press("ArrowRight")
        if lesson.evaluate("() => document.activeElement.matches('button.jupyter-button')"):
            break
    lesson.keyboard.press("Enter")
    remembered = form.get_by_text("Remembered:")
    remembered.wait_for(timeout=10_000)
    choice = find_prediction("P2.1").choices[0]
    assert remembered.inner_text() == f"Remembered: {choice} (80 % sure)."
    screenshot(form, "prediction")
    assert not lesson.problems
