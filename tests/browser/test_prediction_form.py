"""The form of a prediction in Chromium: by keyboard alone, in JupyterLab and on exported pages."""

import pytest
from explorer_actions import THEME, ask_python, tab_to
from explorer_actions import press_keys as press
from exports import exported_to
from lab_in_chromium import (
    code_cell,
    in_lab,
    open_notebook,
    run_all,
    run_cell,
    screenshot,
    sources_in,
    wait_for_lab,
)
from offline import open_file

from course_utils.exercises._engine.predict import CONFIDENCE, PredictionForm
from course_utils.exercises._engine.registry import find_prediction

ID = "P2.3"
PREDICTION, OTHER = find_prediction(ID), find_prediction("P2.4")
FIRST, SECOND, *_ = PREDICTION.choices
FRESH = """import os, tempfile
os.environ["COURSE_STATE"] = tempfile.mkdtemp()
from course_utils.exercises import predict, reveal
from course_utils.exercises._engine.predict import find_prediction, stored"""
CELLS = (FRESH, f'predict("{ID}")', f'reveal("{ID}", outcome="It took many draws.")')
SETUP, FORM, REVEAL = range(len(CELLS))
PARTLY = "Kept once both are answered."
ALONE = "Only on this page so far."
FOCUS = "() => { const { name, value } = document.activeElement; return [name, value]; }"
CHECKED = """form => Object.fromEntries([...form.querySelectorAll(':checked')]
    .map(({ name, value }) => [name, value]))"""
# Of the focused element: the ring's width, and its contrast to what lies behind.
RING = """() => { const input = document.activeElement, { outlineWidth, outlineStyle, outlineColor }
      = getComputedStyle(input);
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const isClear = colour => numbers(colour)[3] === 0;
    let behind = input;
    while (behind.parentElement && isClear(getComputedStyle(behind).backgroundColor))
      behind = behind.parentElement;
    const light = colour => numbers(colour).slice(0, 3)
      .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0.05);
    const [a, b] = [light(outlineColor), light(getComputedStyle(behind).backgroundColor)];
    return [outlineStyle, parseFloat(outlineWidth), Math.max(a, b) / Math.min(a, b)]; }"""
ICON = """form => { const shown = [];
    for (let at = form; at; at = at.parentElement)
      shown.push(getComputedStyle(at, '::before').content);
    return shown.filter(content => content.includes('\\uf127')); }"""


def said(form, text: str) -> None:
    """Wait until this is all that the status says."""
    form.get_by_role("status").get_by_text(text, exact=True).wait_for(timeout=10_000)


def change_theme(page, name: str) -> None:
    page.evaluate(THEME, name)
    page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=10_000)


def notebook_now(page) -> list:
    """All that a stray key could change."""
    place = in_lab(page, "return [panel.content.activeCellIndex, panel.content.mode];")
    return [*place, *sources_in(page)]


@pytest.fixture(scope="module")
def opened(opened_with):
    page = opened_with("prediction", *CELLS)
    run_all(page, until=FORM)
    return page


@pytest.fixture
def form(opened):
    """A form of a learner who begins; the focus is on its cell."""
    run_cell(opened, SETUP)
    run_cell(opened, FORM)
    opened.problems.clear()
    in_lab(opened, "panel.content.activeCellIndex = given; panel.content.activate();", FORM)
    form = code_cell(opened, FORM).locator("form.cp")
    form.wait_for()
    yield form
    assert not opened.problems, opened.problems


def test_it_is_named_in_all_its_parts(form):
    """Two groups that are named by what is asked, with a radio button for each answer."""
    question = form.get_by_role("group", name=PREDICTION.question, exact=True)
    sure = form.get_by_role("group", name="How sure are you?", exact=True)
    for group, names in ((question, PREDICTION.choices), (sure, CONFIDENCE)):
        assert group.get_by_role("radio").count() == len(names)
        for name in names:
            assert group.get_by_role("radio", name=name, exact=True).count() == 1
    assert form.get_by_role("status").inner_text() == ""
    assert form.evaluate(CHECKED) == {}


def test_keys_choose_and_leave_the_notebook_alone(opened, form):
    before = notebook_now(opened)
    tab_to(opened, "[name=choice]")
    press(opened, "Space", "ArrowDown", *"xddabyzm", "Enter", "Delete", "ArrowDown", "ArrowUp")
    assert opened.evaluate(FOCUS) == ["choice", "1"] and form.evaluate(CHECKED) == {"choice": "1"}
    said(form, PARTLY)
    press(opened, "Tab")
    assert opened.evaluate(FOCUS) == ["confidence", "guess"]
    press(opened, "ArrowRight", *"xdd0", "Escape", "Enter")
    said(form, "Kept.")
    assert form.evaluate(CHECKED) == {"choice": "1", "confidence": "rather"}
    assert notebook_now(opened) == before
    kept = {"choice": SECOND, "confidence": "rather", "revealed": False}
    assert ask_python(opened, f'stored(find_prediction("{ID}"))') == kept
    screenshot(form, "prediction_form")


def test_what_is_pressed_with_control_is_the_notebook_s(opened, form):
    in_lab(opened, "panel.context.model.dirty = true;")
    tab_to(opened, "[name=choice]")
    press(opened, "Space", "Control+s")
    wait_for_lab(opened, "!panel.context.model.dirty", within_ms=10_000)
    assert form.evaluate(CHECKED) == {"choice": "0"} and opened.evaluate(FOCUS)[0] == "choice"


def test_shift_and_enter_go_on_to_the_next_cell(opened, form):
    tab_to(opened, "[name=choice]")
    press(opened, "Space", "Shift+Enter")
    wait_for_lab(opened, "panel.content.activeCellIndex === given", FORM + 1, within_ms=10_000)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_focus_is_seen(opened, form, theme):
    change_theme(opened, theme)
    for name in ("choice", "confidence"):
        tab_to(opened, f"[name={name}]")
        style, width, contrast = opened.evaluate(RING)
        assert style == "solid" and width >= 2 and contrast >= 3
    screenshot(form, f"prediction_form_{theme.split()[1].lower()}")
    change_theme(opened, "JupyterLab Light")


def test_after_the_reveal_it_is_final(opened, form):
    form.get_by_role("radio", name=FIRST, exact=True).check()
    form.get_by_role("radio", name="sure", exact=True).check()
    said(form, "Kept.")
    out = run_cell(opened, REVEAL)
    assert "What came out: It took many draws." in out and f"You said: {FIRST} (sure)" in out
    form = code_cell(opened, FORM).locator("form.cp")
    said(form, f"You said: {FIRST} (sure).")
    assert form.get_by_role("radio", disabled=True).count() == len(PREDICTION.choices) + 3
    assert form.evaluate(CHECKED) == {"choice": "0", "confidence": "sure"}
    screenshot(code_cell(opened, REVEAL), "prediction_revealed")


def test_a_saved_notebook_without_its_kernel_shows_what_was_kept(opened, form, lab):
    """Its form still works, and says how far."""
    form.get_by_role("radio", name=FIRST, exact=True).check()
    form.get_by_role("radio", name="guess", exact=True).check()
    said(form, "Kept.")
    in_lab(opened, "return app.commands.execute('docmanager:save');")
    in_lab(opened, "return kernel && panel.sessionContext.shutdown();")
    open_notebook(opened, lab, "prediction.ipynb")
    form = code_cell(opened, FORM).locator("form.cp")
    said(form, "Kept.")
    assert form.evaluate(CHECKED) == {"choice": "0", "confidence": "guess"}
    assert form.evaluate(ICON) == []
    form.get_by_role("radio", name=SECOND, exact=True).check()
    form.get_by_text(ALONE).wait_for(timeout=10_000)
    form.get_by_role("radio", name=FIRST, exact=True).check()
    said(form, "Kept.")


@pytest.fixture
def exported(offline, tmp_path, fresh_learner):
    """A page with two forms, opened from the disk without a network."""
    open_file(offline, exported_to(tmp_path, PredictionForm(PREDICTION), PredictionForm(OTHER)))
    return offline


def test_an_exported_page_has_forms_that_work_and_say_how_far(exported):
    forms = exported.locator("form.cp")
    first, second = forms.nth(0), forms.nth(1)
    first.wait_for()
    tab_to(exported, "[name=choice]")
    press(exported, "ArrowDown", "Enter", "Tab", "ArrowRight", "Tab")
    tab_to(exported, "[name=choice]")
    press(exported, "Space")
    assert first.evaluate(CHECKED) == {"choice": "1", "confidence": "rather"}
    assert second.evaluate(CHECKED) == {"choice": "0"}  # the two do not share their groups
    first.get_by_text(ALONE).wait_for(timeout=10_000)
    said(second, PARTLY)
    assert exported.url.endswith("page.html")  # Enter sends no form away


def test_a_narrow_page_cuts_nothing(exported):
    exported.set_viewport_size({"width": 320, "height": 800})
    form = exported.locator("form.cp").first
    form.wait_for()
    cut = form.evaluate(
        "form => [...form.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1"
        " && e.clientWidth).map(e => e.outerHTML.slice(0, 60))"
    )
    assert cut == []
    inside = "f => f.getBoundingClientRect().right <= document.documentElement.clientWidth"
    assert form.evaluate(inside)


def test_without_scripts_the_question_and_its_choices_are_there(exported):
    session = exported.context.new_cdp_session(exported)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    exported.reload()
    page = exported.get_by_role("status").first
    page.wait_for(state="visible", timeout=5000)
    text = page.inner_text()
    for words in (PREDICTION.question, *PREDICTION.choices, f'predict("{ID}", choice="..."'):
        assert words in text
    screenshot(exported, "prediction_without_scripts")
