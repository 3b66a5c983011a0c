"""The writer of digits in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import numpy as np
import pytest
from explorer_actions import FOCUSED, THEME, drag, drag_and_listen, press, reading, said, tab_stops
from explorer_actions import in_python as values_in_python
from explorer_cases import ARROWS, AsEveryExplorer
from lab_in_chromium import code_cell, in_lab, run_cell, screenshot

from course_utils.widgets.strokes import StrokeState, stroke_picture
from course_utils.widgets.strokes._writer import RANGES

SAID = ".sw-said"
PLAIN, BUTTONS = "slant weight size angle", "both digit style reset"
WOBBLES = [f"wobble {number}" for number in range(1, 9)]
LARGER = "size 0.96 → 0.97: of usual size; under p(z) 42 % of writers"
# The large picture as 28 x 28 inks in [0, 1]: one pixel of the canvas out of each square.
INK = """() => { const pad = document.querySelector('.sw-pad'), step = pad.width / 28;
    const { data } = pad.getContext('2d').getImageData(0, 0, pad.width, pad.height);
    const grey = (i, j) => data[4 * (Math.floor((i + .5) * step) * pad.width
      + Math.floor((j + .5) * step))];
    return Array.from({length: 784}, (_, k) => grey(Math.floor(k / 28), k % 28)); }"""


def text_of(**state) -> str:
    """What Python says of this state, after what it says of the knob."""
    return stroke_picture(StrokeState(**state)).text.partition(": ")[2]


def in_python(page) -> StrokeState:
    return StrokeState(**values_in_python(page))


sees, answers = reading(SAID, text_of)


def test_the_page_shows_the_picture_that_python_computes(explorer):
    explorer.evaluate(THEME, "JupyterLab Light")  # ink on white, whatever an earlier test left
    run_cell(explorer, 1, "w.digit, w.slant, w.wobble = 8, 0.41, [0.5, -1, 1, 2, -2, 0, 1, 0.3]")
    explorer.wait_for_timeout(400)
    expected = stroke_picture(in_python(explorer)).image
    greys = np.array(explorer.evaluate(INK)).reshape(28, 28)
    np.testing.assert_allclose(greys, 255 + (17 - 255) * expected, atol=1)


def test_a_drag_on_the_picture_turns_slant_and_weight_and_reaches_python(explorer):
    heard = drag_and_listen(explorer, ".sw-pad", SAID, (0.3, 0.5), (0.6, 0.3))
    state = in_python(explorer)
    assert state.slant == pytest.approx(0.1 + 0.3 * 0.95, abs=0.01)
    assert state.weight == pytest.approx(2.5 + 0.2 * 2.7, abs=0.05)
    assert state.knob == "slant"
    assert heard[0].startswith("weight 2.50 → ") and "; slant 0.10 → " in heard[0]
    assert f"→ {state.weight:.2f}; slant " in heard[-1] and f" → {state.slant:.2f}: " in heard[-1]
    sees(explorer, **vars(state))
    drag(explorer, ".sw-pad", (0.5, 0.2), (0.5, 0.9))
    assert in_python(explorer).knob == "weight" and in_python(explorer).weight == pytest.approx(1.3)


def test_a_click_on_the_picture_moves_nothing(explorer):
    explorer.locator(".sw-pad").click(position={"x": 30, "y": 30})
    assert explorer.evaluate(FOCUSED) == "sw-pad"
    assert in_python(explorer) == StrokeState()


def test_every_knob_answers_the_keyboard(explorer):
    press(explorer, ".cx summary", "Enter")
    explorer.locator("input[data-field=angle]").focus()
    assert tab_stops(explorer, 13) == ["summary", *WOBBLES, *BUTTONS.split()]
    ends = {name: RANGES[name][1] for name in PLAIN.split()}
    for name in [*ends, *WOBBLES]:
        press(explorer, f"input[data-field='{name}']", "End")
    state = {**ends, "wobble": (2.0,) * 8, "knob": "wobble 8"}
    sees(explorer, **state)
    state |= {"digit": 4, "knob": "digit"}
    answers(explorer, "input[data-field=digit]:checked", "ArrowRight", **state)
    assert explorer.evaluate("() => document.activeElement.value") == "4"
    for slider in explorer.locator(".sw-knob input").all():
        assert len(slider.get_attribute("aria-valuetext").split(", ")) >= 2
        assert slider.get_attribute("aria-label")
    assert in_python(explorer) == StrokeState(**state)


@pytest.mark.parametrize("busy_s", [0, 1.5])
def test_no_move_is_lost_to_the_echo_of_an_older_one(explorer, busy_s):
    """The kernel repeats what it was told, late: that must not undo what was moved since."""
    busy = f"import time; time.sleep({busy_s})"
    in_lab(explorer, "kernel.requestExecute({code: given});", busy)
    explorer.evaluate(
        """async () => { for (let value = -1; value <= 2; value++) for (let k = 1; k <= 8; k++) {
        const slider = document.querySelector(`[data-field='wobble ${k}']`);
        slider.value = value;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        await new Promise((done) => setTimeout(done, 30)); } }"""
    )
    sees(explorer, wobble=(2.0,) * 8, knob="wobble 8")
    assert in_python(explorer) == StrokeState(wobble=(2.0,) * 8, knob="wobble 8")


def test_the_buttons_draw_from_the_prior_and_go_back(explorer):
    def draws(name: str) -> tuple[str, StrokeState]:
        press(explorer, f"button[data-do={name}]", "Enter")
        words = said(explorer, SAID)
        state = in_python(explorer)
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


def test_a_drag_along_the_strip_turns_its_knob(explorer):
    drag(explorer, ".sw-strip", (0.5, 0.5), (0.99, 0.5))
    sees(explorer, slant=0.55)
    explorer.locator("input[data-field=digit]").nth(5).check(force=True)
    sees(explorer, slant=0.55, digit=5, knob="digit")
    drag(explorer, ".sw-strip", (0.5, 0.5), (0.95, 0.5))
    sees(explorer, slant=0.55, digit=9, knob="digit")
    assert explorer.locator("input[data-field=digit]:checked").get_attribute("value") == "9"


class TestAsEveryExplorer(AsEveryExplorer):
    maker, sees, name = "stroke_writer", staticmethod(sees), "writer"
    pad, most = ".sw-pad", 40_000
    moved = "w.angle = 0.2", {"angle": 0.2, "knob": "angle"}
    saved = "w.digit = 6"
    themes = {
        "opening": "w.slant = 0.1",
        "weight": "w.slant, w.weight = 0.32, 3.4",
        "digit": "w.wobble, w.digit = [1, 0, -1.2, 0.5, 0, 0.3, 0, 2], 8",
    }

    stops = f"digit {PLAIN} summary {BUTTONS}"
    keys = [
        (".sw-pad", ARROWS, {"slant": 0.15, "knob": "slant"}),
        (".sw-pad", "Shift+ArrowUp d d b b", {"weight": 2.75, "knob": "weight"}),
        (".sw-pad", "7", {"digit": 7, "knob": "digit"}, "digit 3 → 7: "),
        ("[data-field=size]", "ArrowRight d d b b", {"size": 0.97, "knob": "size"}, LARGER),
    ]

    def check_narrow(self, page):
        page.locator(".cx details").evaluate("part => { part.open = true; }")

    def check_moved(self, page):
        words = "angle 0.00 → 0.20 rad: turned to the right; under p(z) 2.3 % of"
        assert said(page, SAID).startswith(words)
        assert page.locator(".sw-alone figcaption span").inner_text() == "angle"

    def check_opened(self, page):
        answers(page, self.pad, "ArrowRight", digit=6, slant=0.11)
        page.locator("button[data-do=both]").click()
        assert said(page, SAID).startswith("Drawn from p(z), all knobs: 6 → ")

    def check_theme(self, page, theme):
        page.locator(".cx details").evaluate("part => { part.open = true; }")
        press(page, "input[data-field='wobble 5']", "Shift+ArrowRight")
        page.wait_for_timeout(500)
        screenshot(code_cell(page, 0), f"writer_wobble_{theme.split()[1].lower()}")
        assert page.evaluate(INK)[0] == (24 if theme == "JupyterLab Dark" else 255)
