"""The gradient explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

from explorer_actions import drag, in_python, press, reading
from explorer_cases import ARROWS, AsEveryExplorer
from lab_in_chromium import run_cell

from course_utils.widgets.gradient import GradientState, gradient_picture

SQUEEZED = "sigma 0.56 → 0.31 (each draw moved in proportion to its eps). "
sees, answers = reading(".gr-said", lambda **state: gradient_picture(GradientState(**state)).text)


def test_a_drag_on_the_pad_moves_mu_and_sigma_and_reaches_python(explorer):
    drag(explorer, ".gr-pad", (0.6, 0.5), (0.35, 0.2))
    moved = in_python(explorer)
    assert -2.5 < moved["mu"] < -0.5 and 0.8 < moved["sigma"] < 2
    words = sees(explorer, **moved)
    assert words.startswith("mu ") and "(every draw moved along)" in words


def test_no_arrow_press_on_a_slider_is_lost(explorer):
    """sigma and n are rounded: a rounding back to where it was would hold the slider there."""
    for field, low, high, presses in [("sigma", 0.1, 2.0, 27), ("n", 10, 10_000, 61)]:
        run_cell(explorer, 1, f"w.{field} = {low}")
        for key, end in [("ArrowRight", high), ("ArrowLeft", low)]:
            press(explorer, f"input[data-field={field}]", key, times=presses)
            assert in_python(explorer)[field] == end, (field, key)


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


class TestAsEveryExplorer(AsEveryExplorer):
    maker, sees, name = "gradient_explorer", staticmethod(sees), "gradient"
    pad, most = ".gr-pad", 40_000
    moved = (
        "w.f, w.mu, w.parameter = 'step', 0.5, 'sigma'",
        {"f": "step", "mu": 0.5, "parameter": "sigma"},
    )
    themes = {
        "opening": "w.n = 10_000",
        "constant": "w.f = 'z^2 + 10'",
        "step": "w.f, w.mu, w.sigma, w.n = 'step', 0.5, 1, 300",
    }
    stops = "mu sigma n seed f parameter baseline draw reset"
    keys = [
        (".gr-pad", ARROWS, {"mu": 1.25}),
        (".gr-pad", "ArrowUp", {"sigma": 0.56}),
        (".gr-pad", "Shift+ArrowDown", {"sigma": 0.31}, SQUEEZED),
        ("[data-do=reset]", "Enter", None),
        ("[data-field=mu]", "ArrowLeft", {"mu": 0.95}),
        ("[data-field=sigma]", "End", {"sigma": 2.0}),
        ("[data-field=n]", "End", {"n": 10_000}),
        ("[data-field=seed]", "ArrowRight", {"seed": 1}),
        ("[data-field=f]", "ArrowDown", {"f": "z^2 + 10"}),
        ("[value=mu]", "ArrowRight", {"parameter": "sigma"}),
        ("[data-field=baseline]", "Space", {"baseline": True}),
        ("[data-do=draw]", "Enter", {"seed": 2}),
        ("[data-do=reset]", "Space", None),
    ]

    def check_moved(self, page):
        assert page.locator("[data-number=ratio]").inner_text() == "—"
        path = page.locator("[data-number=path]")
        assert path.inner_text() == "0.000 ± 0.000"
        assert "wavy" in path.evaluate("e => getComputedStyle(e).textDecoration")

    def check_opened(self, page):
        answers(page, ".gr-pad", "ArrowRight", mu=1.05)
