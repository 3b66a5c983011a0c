"""Review in JupyterLab by keyboard alone, what progress, tables and bands look like, and sheets."""

import re

import pytest
from axe import issues
from explorer_actions import THEME, ask_python, press_keys, tab_to
from lab_in_chromium import code_cell, in_lab, run_all, run_cell, screenshot, sources_in

from course_utils.exercises._engine.sheets import write_sheets

MET = """import os, tempfile, time
os.environ["COURSE_STATE"] = tempfile.mkdtemp()
from course_utils.exercises import *
from course_utils.exercises._engine import state as memory
memory.clock = lambda: time.time() - 2 * 86400
for name, choice, sure in (("P2.1", "about 0.01", "rather"), ("P3.2", "the same", "sure")):
    predict(name, choice=choice, confidence=sure)
    reveal(name)
check("E3.1", lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var))
memory.clock = time.time"""
SHOWN = """band("−ELBO, drawn digits", 24.2, 24, 24.8)
band("KL, drawn digits", 30, 24, 24.8)
table(["", "mine", "exact"], [("KL", 0.28315, 0.2832), ("draws", 10000, "any")])
progress("00")"""
RIGHT = "{name: it['right'] for name, it in memory.read()['reviews'].items() if 'right' in it}"
CELLS = (MET, "review()", SHOWN)
FORM, ALL = 1, 2
FOCUS = "() => document.activeElement.dataset.part || ''"


@pytest.fixture(scope="module")
def opened(opened_with):
    page = opened_with("review", *CELLS)
    run_all(page)
    return page


@pytest.fixture
def form(opened):
    """The form, at its first question."""
    run_cell(opened, 0)
    run_cell(opened, FORM)
    opened.problems.clear()
    form = code_cell(opened, FORM).locator(".cr")
    form.wait_for()
    yield form
    assert not opened.problems, opened.problems


def test_a_question_is_answered_opened_and_rated_by_keyboard(opened, form):
    before = sources_in(opened)
    form.get_by_text("1 of ").wait_for()
    assert "P3.2, which surprised you" in form.inner_text()  # one was sure of that
    assert "about twice as much" not in form.inner_text()
    opened.get_by_role("button", name="Show the answer").focus()
    opened.keyboard.press("Enter")
    form.get_by_text("about twice as much").wait_for()
    assert opened.evaluate(FOCUS) == "answer"
    press_keys(opened, "x", "d", "d", "ArrowDown")
    tab_to(opened, "[data-part=right]")
    opened.keyboard.press("Enter")
    form.get_by_text("2 of ").wait_for()
    assert opened.evaluate(FOCUS) == "question"
    tab_to(opened, "[data-part=open]")
    opened.keyboard.press("Space")
    tab_to(opened, "[data-part=missed]")
    opened.keyboard.press("Enter")
    form.get_by_text("3 of ").wait_for()
    assert sources_in(opened) == before
    assert "Not kept" not in form.inner_text()
    rated = ask_python(opened, RIGHT)
    assert rated["P2.1"] == [] and [day[:2] for day in rated["P3.2"]] == ["20"]


def test_after_the_last_question_it_is_over(opened, form):
    while form.get_by_role("button", name="Show the answer").is_visible():
        form.get_by_role("button", name="Show the answer").click()
        form.get_by_role("button", name="Right").click()
    form.get_by_text("That was all for today.").wait_for()
    assert form.get_by_role("button").count() == 0


def test_without_a_kernel_it_says_that_nothing_is_kept(opened, form):
    in_lab(opened, "return panel.sessionContext.shutdown();")
    form.get_by_role("button", name="Show the answer").click()
    form.get_by_role("button", name="Right").click()
    form.get_by_text("Not kept: run this cell").wait_for(timeout=5_000)
    opened.problems.clear()  # Lab reports that it could not send
    in_lab(opened, "return panel.sessionContext.restartKernel();")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_nobody_is_shut_out(opened, form, theme):
    run_cell(opened, ALL)
    opened.evaluate(THEME, theme)
    opened.wait_for_timeout(500)
    form.get_by_role("button", name="Show the answer").click()
    outputs = ".jp-Notebook .jp-OutputArea-output"
    assert issues(opened, outputs) == []
    for index in (FORM, ALL):
        screenshot(code_cell(opened, index), f"review_{index}_{theme.split()[1].lower()}")
    opened.evaluate(THEME, "JupyterLab Light")


def test_sheets_are_two_pages_and_for_everybody(browser, tmp_path):
    for path in write_sheets(tmp_path):
        page = browser.new_page()
        page.goto(path.as_uri())
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2, path.name
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        page.set_viewport_size({"width": 794, "height": 1123})
        assert not page.evaluate(wide), path.name
        assert issues(page) == [], path.name
        page.close()
