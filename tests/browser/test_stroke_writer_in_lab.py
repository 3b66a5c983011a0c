"""The writer of digits in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import explorer_cases
import numpy as np
import pytest
from explorer_actions import (
    FOCUSED,
    THEME,
    drag,
    drag_and_listen,
    in_chromium,
    press,
    said,
    says,
    tab_stops,
)
from explorer_actions import in_python as values_in_python
from lab_in_chromium import NOTEBOOK, code_cell, run_cell, screenshot
from stroke_cases import MATHS, RUN, assert_agrees, cases

from course_utils.widgets import stroke_writer
from course_utils.widgets.strokes import StrokeState, stroke_picture
from course_utils.widgets.strokes._writer import RANGES

MAKER = "stroke_writer"
SAID = ".sw-said"
WOBBLES = [f"wobble {number}" for number in range(1, 9)]
# The large picture as 28 x 28 inks in [0, 1]: one pixel of the canvas out of each square.
INK = """() => { const pad = document.querySelector('.sw-pad'), step = pad.width / 28;
    const { data } = pad.getContext('2d').getImageData(0, 0, pad.width, pad.height);
    const grey = (i, j) => data[4 * (Math.floor((i + .5) * step) * pad.width
      + Math.floor((j + .5) * step))];
    return Array.from({length: 784}, (_, k) => grey(Math.floor(k / 28), k % 28)); }"""


def sees(page, **state) -> str:
    """The read-out comes to say what Python computes for this state; all that it says."""
    return says(page, SAID, stroke_picture(StrokeState(**state)).text.partition(": ")[2])


def in_python(page) -> StrokeState:
    return StrokeState(**values_in_python(page))


opened, writer = explorer_cases.explorer_fixtures(MAKER, sees)


def test_chromium_writes_the_same_digits(page):
    states = cases()
    given = stroke_writer().recipe, [vars(state) for state in states]
    assert_agrees(in_chromium(page, MATHS, RUN, *given), states)


def test_the_page_shows_the_picture_that_python_computes(writer):
    writer.evaluate(THEME, "JupyterLab Light")  # ink on white, whatever an earlier test left
    run_cell(writer, 1, "w.digit, w.slant, w.wobble = 8, 0.41, [0.5, -1, 1, 2, -2, 0, 1, 0.3]")
    writer.wait_for_timeout(400)
    expected = stroke_picture(in_python(writer)).image
    greys = np.array(writer.evaluate(INK)).reshape(28, 28)
    np.testing.assert_allclose(greys, 255 + (17 - 255) * expected, atol=1)
    assert not writer.problems


def test_a_drag_on_the_picture_turns_slant_and_weight_and_reaches_python(writer):
    heard = drag_and_listen(writer, ".sw-pad", SAID, (0.3, 0.5), (0.6, 0.3))
    state = in_python(writer)
    assert state.slant == pytest.approx(0.1 + 0.3 * 0.95, abs=0.01)
    assert state.weight == pytest.approx(2.5 + 0.2 * 2.7, abs=0.05)
    assert state.knob == "slant"
    assert heard[0].startswith("weight 2.50 → ") and "; slant 0.10 → " in heard[0]
    assert f"→ {state.weight:.2f}; slant " in heard[-1] and f" → {state.slant:.2f}: " in heard[-1]
    sees(writer, **vars(state))
    drag(writer, ".sw-pad", (0.5, 0.2), (0.5, 0.9))
    assert in_python(writer).knob == "weight" and in_python(writer).weight == pytest.approx(1.3)
    assert not writer.problems


def test_a_click_on_the_picture_moves_nothing(writer):
    writer.locator(".sw-pad").click(position={"x": 30, "y": 30})
    assert writer.evaluate(FOCUSED) == "sw-pad"
    assert in_python(writer) == StrokeState()


def test_arrow_and_digit_keys_never_reach_the_notebook(writer):
    cells = writer.locator(".jp-Cell").count()
    keys = ["ArrowRight", "Shift+ArrowRight", "ArrowLeft", "Shift+ArrowUp", "b", "d", "d"]
    press(writer, ".sw-pad", *keys)
    sees(writer, slant=0.15, weight=2.75, knob="weight")
    writer.keyboard.press("7")
    assert sees(writer, digit=7, slant=0.15, weight=2.75, knob="digit").startswith("digit 3 → 7: ")
    press(writer, "input[data-field=size]", "ArrowRight", "b", "d", "d")
    words = sees(writer, digit=7, slant=0.15, weight=2.75, size=0.97, knob="size")
    assert words.startswith("size 0.96 → 0.97: of usual size; under p(z) 42 % of writers")
    assert writer.locator(".jp-Cell").count() == cells
    assert not writer.problems


def test_every_knob_and_button_is_reached_by_tab(writer):
    writer.locator(".sw-pad").focus()
    plain = ["slant", "weight", "size", "angle"]
    buttons = ["both", "digit", "style", "reset"]
    assert tab_stops(writer, 10) == ["digit", *plain, "summary", *buttons]
    press(writer, ".cx summary", "Enter")
    writer.locator("input[data-field=angle]").focus()
    assert tab_stops(writer, 13) == ["summary", *WOBBLES, *buttons]
    assert not writer.problems


def test_every_knob_answers_the_keyboard(writer):
    writer.locator(".cx summary").click()
    ends = {name: RANGES[name.split()[0]][1] for name in ["slant", "weight", "size", "angle"]}
    for name in [*ends, *WOBBLES]:
        press(writer, f"input[data-field='{name}']", "End")
    state = {**ends, "wobble": (2.0,) * 8, "knob": "wobble 8"}
    sees(writer, **state)
    press(writer, "input[data-field=digit]:checked", "ArrowRight")
    state |= {"digit": 4, "knob": "digit"}
    sees(writer, **state)
    assert writer.evaluate("() => document.activeElement.value") == "4"
    for slider in writer.locator(".sw-knob input").all():
        assert len(slider.get_attribute("aria-valuetext").split(", ")) >= 2
        assert slider.get_attribute("aria-label")
    assert in_python(writer) == StrokeState(**state)
    assert not writer.problems


@pytest.mark.parametrize("busy_s", [0, 1.5])
def test_no_move_is_lost_to_the_echo_of_an_older_one(writer, busy_s):
    """The kernel repeats what it was told, late: that must not undo what was moved since."""
    writer.evaluate(
        f"() => {{ {NOTEBOOK} kernel.requestExecute({{code: 'import time; time.sleep({busy_s})'}});"
        "}"
    )
    writer.evaluate(
        """async () => { for (let value = -1; value <= 2; value++) for (let k = 1; k <= 8; k++) {
        const slider = document.querySelector(`[data-field='wobble ${k}']`);
        slider.value = value;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        await new Promise((done) => setTimeout(done, 30)); } }"""
    )
    sees(writer, wobble=(2.0,) * 8, knob="wobble 8")
    assert in_python(writer) == StrokeState(wobble=(2.0,) * 8, knob="wobble 8")
    assert not writer.problems


def test_the_buttons_draw_from_the_prior_and_go_back(writer):
    def draws(name: str) -> tuple[str, StrokeState]:
        press(writer, f"button[data-do={name}]", "Enter")
        words = said(writer, SAID)
        state = in_python(writer)
        assert words.endswith(stroke_picture(state).text)
        return words, state

    words, drawn = draws("both")
    assert words.startswith(f"Drawn from p(z), all knobs: 3 → {drawn.digit}. ")
    assert drawn.slant != 0.1 and len(set(drawn.wobble)) == 8
    assert drawn.knob == "slant", "a draw touches no single knob"
    words, styled = draws("style")
    assert words.startswith("Drawn from p(z), the style alone. ")
    assert styled.digit == drawn.digit and styled.slant != drawn.slant
    words, other = draws("digit")
    assert words.startswith(f"Drawn from p(z), the digit alone: {drawn.digit} → {other.digit}. ")
    assert {**vars(other), "digit": 0} == {**vars(styled), "digit": 0}
    words, start = draws("reset")
    assert words.startswith("Reset. ") and start == StrokeState()
    assert not writer.problems


def test_a_drag_along_the_strip_turns_its_knob(writer):
    drag(writer, ".sw-strip", (0.5, 0.5), (0.99, 0.5))
    sees(writer, slant=0.55)
    writer.locator("input[data-field=digit]").nth(5).check(force=True)
    sees(writer, slant=0.55, digit=5, knob="digit")
    drag(writer, ".sw-strip", (0.5, 0.5), (0.95, 0.5))
    sees(writer, slant=0.55, digit=9, knob="digit")
    assert writer.locator("input[data-field=digit]:checked").get_attribute("value") == "9"
    assert not writer.problems


def test_python_moves_the_picture(writer):
    before = writer.evaluate(INK)
    state = {"angle": 0.2, "knob": "angle"}
    explorer_cases.assert_python_moves_every_picture(
        writer, "w.angle = 0.2", lambda: sees(writer, **state)
    )
    words = "angle 0.00 → 0.20 rad: turned to the right; under p(z) 2.3 % of"
    assert said(writer, SAID).startswith(words)
    assert writer.locator(".sw-alone figcaption span").inner_text() == "angle"
    assert writer.evaluate(INK) != before


def test_an_exception_is_shown(writer):
    explorer_cases.assert_an_exception_is_shown(writer, ".sw-pad")


def test_a_saved_notebook_works_before_anything_is_run(writer, lab):
    run_cell(writer, 1, "w.digit = 6")
    explorer_cases.assert_saved_small(writer, lab, MAKER, most=40_000)
    press(writer, ".sw-pad", "ArrowRight")
    sees(writer, digit=6, slant=0.11)
    writer.locator("button[data-do=both]").click()
    assert said(writer, SAID).startswith("Drawn from p(z), all knobs: 6 → ")


def test_on_a_narrow_page_nothing_sticks_out(writer):
    """Half a screen beside another document: all of it still inside the cell."""
    wide = writer.viewport_size
    writer.set_viewport_size({"width": 760, "height": 1000})
    writer.wait_for_timeout(800)
    writer.locator(".cx summary").click()
    screenshot(code_cell(writer, 0), "writer_narrow")
    over = writer.locator(".cx").evaluate("e => [e.scrollWidth - e.clientWidth, e.clientWidth]")
    writer.set_viewport_size(wide)
    writer.wait_for_timeout(800)
    assert over[0] <= 0 and over[1] < 700
    assert not writer.problems


@explorer_cases.each_theme
def test_it_follows_the_theme(writer, theme):
    states = {
        "opening": "w.slant = 0.1",
        "weight": "w.slant, w.weight = 0.32, 3.4",
        "digit": "w.wobble, w.digit = [1, 0, -1.2, 0.5, 0, 0.3, 0, 2], 8",
    }
    explorer_cases.assert_it_follows_the_theme(writer, theme, "writer", states)
    writer.locator(".cx summary").click()
    press(writer, "input[data-field='wobble 5']", "Shift+ArrowRight")
    writer.wait_for_timeout(500)
    screenshot(code_cell(writer, 0), f"writer_wobble_{theme.split()[1].lower()}")
    corner = writer.evaluate(INK)[0]
    assert corner == (24 if theme == "JupyterLab Dark" else 255)
    assert not writer.problems
