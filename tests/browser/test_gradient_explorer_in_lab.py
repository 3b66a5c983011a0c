"""The gradient explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import explorer_cases
import pytest
from explorer_actions import drag, in_chromium, in_python, press, says, tab_stops
from explorer_views import assert_same_picture
from gradient_cases import MATHS, STATES
from lab_in_chromium import run_cell

from course_utils.widgets.gradient import GradientState, gradient_picture

MAKER = "gradient_explorer"
SAID = ".gr-said"


def sees(page, **state) -> str:
    """The read-out comes to say what Python computes for this state."""
    return says(page, SAID, gradient_picture(GradientState(**state)).text)


opened, explorer = explorer_cases.explorer_fixtures(MAKER, sees)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_chromium_computes_the_same_picture(page, state):
    theirs = in_chromium(page, MATHS, "picture", vars(state))
    assert_same_picture(theirs, gradient_picture(state))


def test_a_drag_on_the_pad_moves_mu_and_sigma_and_reaches_python(explorer):
    drag(explorer, ".gr-pad", (0.6, 0.5), (0.35, 0.2))
    moved = in_python(explorer)
    assert -2.5 < moved["mu"] < -0.5 and 0.8 < moved["sigma"] < 2
    words = sees(explorer, **moved)
    assert words.startswith("mu ") and "(every draw moved along)" in words
    assert not explorer.problems


def test_arrow_keys_move_the_pad_and_never_reach_the_notebook(explorer):
    cells = explorer.locator(".jp-Cell").count()
    press(explorer, ".gr-pad", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "b", "d", "d")
    sees(explorer, mu=1.25)
    explorer.keyboard.press("ArrowUp")
    sees(explorer, mu=1.25, sigma=0.56)
    explorer.keyboard.press("Shift+ArrowDown")
    words = sees(explorer, mu=1.25, sigma=0.31)
    assert words.startswith("sigma 0.56 → 0.31 (each draw moved in proportion to its eps). ")
    assert explorer.locator(".jp-Cell").count() == cells
    assert not explorer.problems


def test_every_control_answers_the_keyboard(explorer):
    explorer.locator(".gr-pad").focus()
    reached = tab_stops(explorer, 9)
    sliders = ["mu", "sigma", "n", "seed"]
    assert reached == [*sliders, "f", "parameter", "baseline", "draw", "reset"]
    state = {}
    for selector, key, change in [
        ("input[data-field=mu]", "ArrowLeft", {"mu": 0.95}),
        ("input[data-field=sigma]", "End", {"sigma": 2.0}),
        ("input[data-field=n]", "End", {"n": 10_000}),
        ("input[data-field=seed]", "ArrowRight", {"seed": 1}),
        ("select[data-field=f]", "ArrowDown", {"f": "z^2 + 10"}),
        ("input[value=mu]", "ArrowRight", {"parameter": "sigma"}),
        ("input[data-field=baseline]", "Space", {"baseline": True}),
        ("[data-do=draw]", "Enter", {"seed": 2}),
    ]:
        press(explorer, selector, key)
        state |= change
        sees(explorer, **state)
    press(explorer, "[data-do=reset]", "Space")
    sees(explorer)
    assert not explorer.problems


@pytest.mark.parametrize("step", [1, -1])
def test_no_arrow_press_on_a_slider_is_lost(explorer, step):
    """sigma and n are rounded: a rounding back to where it was would hold the slider there."""
    for field, first, last, presses in [("sigma", 0.1, 2.0, 27), ("n", 10, 10_000, 61)]:
        low, high = (first, last) if step == 1 else (last, first)
        run_cell(explorer, 1, f"w.{field} = {low}")
        keys = ["ArrowRight" if step == 1 else "ArrowLeft"] * presses
        press(explorer, f"input[data-field={field}]", *keys)
        assert in_python(explorer)[field] == high


def test_every_control_has_a_name_and_a_visible_focus(explorer):
    controls = explorer.locator(".cx input, .cx select, .cx button, .gr-pad")
    assert controls.count() == 11
    for i in range(controls.count()):
        control = controls.nth(i)
        name = control.evaluate(
            "e => e.getAttribute('aria-label') || (e.labels?.[0] ?? e).textContent.trim()"
        )
        assert name
        control.focus()
        explorer.keyboard.press("Shift")  # from now on the page knows that a keyboard is in use
        assert control.evaluate("e => getComputedStyle(e).outlineWidth") == "3px", name


def test_a_drag_on_the_running_averages_sets_the_number_of_draws(explorer):
    drag(explorer, ".gr-running", (0.5, 0.5), (0.99, 0.5))
    sees(explorer, n=10_000)
    assert not explorer.problems


def test_python_moves_the_picture(explorer):
    explorer_cases.assert_python_moves_every_picture(
        explorer,
        "w.f, w.mu, w.parameter = 'step', 0.5, 'sigma'",
        lambda: sees(explorer, f="step", mu=0.5, parameter="sigma"),
    )
    assert explorer.locator("[data-number=ratio]").inner_text() == "—"
    path = explorer.locator("[data-number=path]")
    assert path.inner_text() == "0.000 ± 0.000"
    assert "wavy" in path.evaluate("e => getComputedStyle(e).textDecoration")


def test_numbers_are_those_of_python(explorer):
    expected = {
        "exact": "2.00",
        "score": "1.92 ± 0.14",
        "path": "1.960 ± 0.032",
        "scoreVariance": "20.01",
        "pathVariance": "1.02",
        "needed": "× 21.75",
    }
    text = gradient_picture(GradientState()).text
    for name, number in expected.items():
        assert explorer.locator(f"[data-number={name}]").inner_text() == number
        assert number.removeprefix("× ") in text


def test_an_exception_is_shown(explorer):
    explorer_cases.assert_an_exception_is_shown(explorer, ".gr-pad")


def test_a_saved_notebook_works_before_anything_is_run(explorer, lab):
    explorer_cases.assert_saved_small(explorer, lab, MAKER, most=40_000)
    press(explorer, ".gr-pad", "ArrowRight")
    sees(explorer, mu=1.05)


@explorer_cases.each_theme
def test_it_follows_the_theme(explorer, theme):
    states = {
        "opening": "w.n = 10_000",
        "constant": "w.f = 'z^2 + 10'",
        "step": "w.f, w.mu, w.sigma, w.n = 'step', 0.5, 1, 300",
    }
    explorer_cases.assert_it_follows_the_theme(explorer, theme, "gradient", states)
