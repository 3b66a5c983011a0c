"""The gradient explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import json

import pytest
from explorer_actions import THEME, drag, light_ink, says, tab_stops
from lab_in_chromium import (
    NOTEBOOK,
    code_cell,
    new_page,
    open_notebook,
    run_all,
    run_cell,
    screenshot,
    write_notebook,
)
from test_gradient_explorer import STATES
from test_gradient_explorer_view import assert_agrees

from course_utils.widgets import _view
from course_utils.widgets.gradient_explorer import GradientState, gradient_picture

OPENING = "from course_utils.widgets import gradient_explorer\nw = gradient_explorer()\nw"
STATE = "import json; print(json.dumps(vars(w.state)))"
SAID = ".gr-said"
RUN = """async ([code, state]) => {
    const module = await import(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})));
    return module.picture(state); }"""


@pytest.fixture(scope="module")
def opened(browser, lab):
    """One notebook for all tests: its first cell shows an explorer, the second is for Python."""
    write_notebook(lab.folder / "gradients.ipynb", OPENING, "w.state")
    with new_page(browser) as page:
        open_notebook(page, lab, "gradients.ipynb")
        run_all(page)
        yield page


@pytest.fixture
def explorer(opened):
    """The page with a fresh explorer, and no problem noted yet."""
    run_cell(opened, 0)
    opened.problems.clear()
    sees(opened)
    return opened


def sees(page, **state) -> str:
    """The read-out comes to say what Python computes for this state."""
    return says(page, SAID, gradient_picture(GradientState(**state)).text)


def pixels(page, selector: str) -> str:
    return page.locator(selector).evaluate("c => c.toDataURL()")


@pytest.mark.parametrize("state", STATES, ids=str)
def test_chromium_computes_the_same_picture(page, state):
    code = (_view.HERE / "gradient_math.js").read_text(encoding="utf-8")
    assert_agrees(page.evaluate(RUN, [code, vars(state)]), gradient_picture(state))


def test_a_drag_on_the_pad_moves_mu_and_sigma_and_reaches_python(explorer):
    drag(explorer, ".gr-pad", (0.6, 0.5), (0.35, 0.2))
    explorer.wait_for_timeout(600)
    moved = json.loads(run_cell(explorer, 1, STATE))
    assert -2.5 < moved["mu"] < -0.5 and 0.8 < moved["sigma"] < 2
    words = sees(explorer, **moved)
    assert words.startswith("mu ") and "(every draw moved along)" in words
    assert not explorer.problems


def test_arrow_keys_move_the_pad_and_never_reach_the_notebook(explorer):
    cells = explorer.locator(".jp-Cell").count()
    explorer.locator(".gr-pad").focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowLeft", "b", "d", "d"):
        explorer.keyboard.press(key)
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
        explorer.locator(selector).focus()
        explorer.keyboard.press(key)
        state |= change
        sees(explorer, **state)
    explorer.locator("[data-do=reset]").focus()
    explorer.keyboard.press("Space")
    sees(explorer)
    assert not explorer.problems


@pytest.mark.parametrize("step", [1, -1])
def test_no_arrow_press_on_a_slider_is_lost(explorer, step):
    """sigma and n are rounded: a rounding back to where it was would hold the slider there."""
    for field, first, last, presses in [("sigma", 0.1, 2.0, 27), ("n", 10, 10_000, 61)]:
        low, high = (first, last) if step == 1 else (last, first)
        run_cell(explorer, 1, f"w.{field} = {low}")
        explorer.locator(f"input[data-field={field}]").focus()
        for _ in range(presses):
            explorer.keyboard.press("ArrowRight" if step == 1 else "ArrowLeft")
        explorer.wait_for_timeout(600)
        assert json.loads(run_cell(explorer, 1, STATE))[field] == high


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
    before = [pixels(explorer, f".gr-{part}") for part in ("pad", "draws", "running")]
    run_cell(explorer, 1, "w.f, w.mu, w.parameter = 'step', 0.5, 'sigma'")
    sees(explorer, f="step", mu=0.5, parameter="sigma")
    after = [pixels(explorer, f".gr-{part}") for part in ("pad", "draws", "running")]
    assert not set(before) & set(after)
    assert explorer.locator("[data-number=ratio]").inner_text() == "—"
    path = explorer.locator("[data-number=path]")
    assert path.inner_text() == "0.000 ± 0.000"
    assert "wavy" in path.evaluate("e => getComputedStyle(e).textDecoration")
    assert not explorer.problems


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
    """Words instead of a blank picture."""
    explorer.evaluate(
        """() => { document.querySelector('.gr-pad').getContext = () => {
        throw new Error('no paint today'); }; }"""
    )
    explorer.locator(".gr-pad").focus()
    explorer.keyboard.press("ArrowRight")
    alert = explorer.locator(".cx-error")
    alert.wait_for(state="visible")
    assert "no paint today" in alert.inner_text()
    assert any("no paint today" in problem for problem in explorer.problems)


def test_a_saved_notebook_works_before_anything_is_run(explorer, lab):
    explorer.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    explorer.wait_for_function(
        f"() => {{ {NOTEBOOK} return panel.context.model.dirty === false; }}", timeout=10_000
    )
    saved = json.loads((lab.folder / "gradients.ipynb").read_text())
    widgets = saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert max(len(json.dumps(widget)) for widget in widgets.values()) < 40_000
    assert "image/png" in saved["cells"][0]["outputs"][0]["data"]
    # The old kernel would still hold the widget; a new one knows nothing of it.
    explorer.evaluate(f"() => {{ {NOTEBOOK} return panel.sessionContext.shutdown(); }}")
    open_notebook(explorer, lab, "gradients.ipynb")
    explorer.locator(".gr-pad").focus()
    explorer.keyboard.press("ArrowRight")
    sees(explorer, mu=1.05)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_follows_the_theme(explorer, theme):
    explorer.evaluate(THEME, theme)
    explorer.wait_for_timeout(1000)
    for name, state in {
        "opening": "w.n = 10_000",
        "constant": "w.f = 'z^2 + 10'",
        "step": "w.f, w.mu, w.sigma, w.n = 'step', 0.5, 1, 300",
    }.items():
        run_cell(explorer, 1, state)
        explorer.wait_for_timeout(500)
        screenshot(code_cell(explorer, 0), f"gradient_{name}_{theme.split()[1].lower()}")
    assert light_ink(explorer, ".cx") == (theme == "JupyterLab Dark")
    assert not explorer.problems
