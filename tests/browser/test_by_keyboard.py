"""A notebook worked through by keyboard alone, as somebody does who uses no mouse."""

import json
import re

from explorer_actions import press_keys as press
from explorer_actions import tab_to
from lab_in_chromium import copy_for_learner, errors_shown, in_lab, open_notebook, wait_for_lab

from course_utils.exercises._engine.registry import find_prediction

NAME, PREDICTION, EXERCISE = "03_kl_and_elbo.ipynb", "P3.1", "E3.1"
WRONG = "return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).mean(-1)"
RIGHT = "return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)"
ACTIVE = "const cell = panel.content.activeCell; "
SOURCE = ACTIVE + "return cell.model.sharedModel.getSource();"
SAID = ACTIVE + "return cell.outputArea.node.innerText;"
RUN = """kernel.status === 'idle' && panel.content.widgets[given].model.executionCount !== null
    && panel.content.widgets[given].model.executionState === 'idle'"""


def run_down_to(page, text: str | None) -> None:
    """Shift+Enter on each cell, until the next one has the text; to the end where it is None."""
    for _ in range(200):
        source, last = in_lab(page, SOURCE), in_lab(page, "return panel.content.widgets.length - 1")
        at = in_lab(page, "return panel.content.activeCellIndex")
        if text is not None and text in source:
            return
        press(page, "Shift+Enter")
        if at == last:
            return
        assert in_lab(page, "return panel.content.activeCellIndex") == at + 1, "no step was made"
    raise AssertionError(f"Shift+Enter does not lead to {text!r}")


def run_here(page) -> str:
    """Ctrl+Enter, and what the cell says then."""
    at = in_lab(
        page, ACTIVE + "cell.model.executionCount = null; return panel.content.activeCellIndex"
    )
    press(page, "Control+Enter")
    wait_for_lab(page, RUN, at, within_ms=60_000)
    return re.sub(r"\s+", " ", in_lab(page, SAID))


def write(page, line: int, text: str) -> None:
    """In the active cell, one line anew."""
    press(page, "Enter", "Control+Home")
    press(page, "ArrowDown", times=line)
    press(page, "Home", "Shift+End")
    page.keyboard.type(text)


def test_a_whole_notebook_is_worked_through_by_keyboard_alone(page, lab):
    path = copy_for_learner(lab, NAME)
    open_notebook(page, lab, path)
    choice = find_prediction(PREDICTION).choices[0]

    run_down_to(page, f'predict("{PREDICTION}"')
    run_here(page)
    tab_to(page, "fieldset input[type=radio]", most=60)
    press(page, "Space", "Tab", "ArrowRight")
    assert page.evaluate("() => document.activeElement.closest('fieldset').elements[1].checked")
    press(page, "Shift+Enter")

    run_down_to(page, f'check("{EXERCISE}"')
    stub = in_lab(page, SOURCE).splitlines()
    line = next(i for i, text in enumerate(stub) if text.strip().startswith("..."))
    write(page, line, WRONG)
    refused = run_here(page)
    assert "[not yet]" in refused and "too small: a mean over the latents" in refused
    press(page, "b")
    write(page, 0, f'hint("{EXERCISE}")')
    assert "Equation 3.4 has sigma^2 and its logarithm in it." in run_here(page)
    press(page, "ArrowUp")
    write(page, line, RIGHT)
    assert "[right]" in run_here(page)

    run_down_to(page, "elbo_explorer()")
    run_here(page)
    tab_to(page, "[role=application]", most=60)
    page.get_by_text("q is not the posterior.").wait_for()
    press(page, "ArrowRight")
    tab_to(page, "[data-do=e]", most=60)
    press(page, "Enter")
    page.get_by_text("E-step: mu 0.5").wait_for()
    press(page, "Shift+Enter")

    run_down_to(page, None)
    wait_for_lab(page, "kernel.status === 'idle'", within_ms=120_000)
    press(page, "Control+s")
    wait_for_lab(page, "panel.context.model.dirty === false", within_ms=10_000)
    saved = json.loads((lab.folder / path).read_text(encoding="utf-8"))
    text = json.dumps(saved["cells"], ensure_ascii=False)
    assert RIGHT in text and f"{choice} (rather)" in text and not errors_shown(page)
    assert not page.problems
