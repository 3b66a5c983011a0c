"""The gradient explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import explorer_cases
import pytest
from explorer_actions import drag, in_python, press, reading, tab_stops
from lab_in_chromium import run_cell

from course_utils.widgets.gradient import GradientState, gradient_picture

MAKER = "gradient_explorer"


sees, answers = reading(".gr-said", lambda **state: gradient_picture(GradientState(**state)).text)
opened, explorer = explorer_cases.explorer_fixtures(MAKER, sees)


def test_a_drag_on_the_pad_moves_mu_and_sigma_and_reaches_python(explorer):
    drag(explorer, ".gr-pad", (0.6, 0.5), (0.35, 0.2))
    moved = in_python(explorer)
    assert -2.5 < moved["mu"] < -0.5 and 0.8 < moved["sigma"] < 2
    words = sees(explorer, **moved)
    assert words.startswith("mu ") and "(every draw moved along)" in words


def test_arrow_keys_move_the_pad_and_never_reach_the_notebook(explorer):
    press(explorer, ".gr-pad", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "d", "d", "b", "b")
    sees(explorer, mu=1.25)
    answers(explorer, ".gr-pad", "ArrowUp", mu=1.25, sigma=0.56)
    words = answers(explorer, ".gr-pad", "Shift+ArrowDown", mu=1.25, sigma=0.31)
    assert words.startswith("sigma 0.56 → 0.31 (each draw moved in proportion to its eps). ")


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
        state |= change
        answers(explorer, selector, key, **state)
    answers(explorer, "[data-do=reset]", "Space")


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


class TestAsEveryExplorer(explorer_cases.AsEveryExplorer):
    maker, sees, name, pad, most = MAKER, staticmethod(sees), "gradient", ".gr-pad", 40_000
    moved = (
        "w.f, w.mu, w.parameter = 'step', 0.5, 'sigma'",
        {"f": "step", "mu": 0.5, "parameter": "sigma"},
    )
    themes = {
        "opening": "w.n = 10_000",
        "constant": "w.f = 'z^2 + 10'",
        "step": "w.f, w.mu, w.sigma, w.n = 'step', 0.5, 1, 300",
    }

    def check_moved(self, page):
        assert page.locator("[data-number=ratio]").inner_text() == "—"
        path = page.locator("[data-number=path]")
        assert path.inner_text() == "0.000 ± 0.000"
        assert "wavy" in path.evaluate("e => getComputedStyle(e).textDecoration")

    def check_opened(self, page):
        answers(page, self.pad, "ArrowRight", mu=1.05)
