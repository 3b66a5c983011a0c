"""The Monte Carlo explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import json

import pytest
from explorer_actions import THEME, drag, light_ink, said, says, tab_stops
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

from course_utils.widgets.monte_carlo_explorer import MonteCarloState, monte_carlo_picture

OPENING = "from course_utils.widgets import monte_carlo_explorer\nw = monte_carlo_explorer()\nw"
SAID = ".mc-said"


@pytest.fixture(scope="module")
def opened(browser, lab):
    """One notebook for all tests: its first cell shows an explorer, the second is for Python."""
    write_notebook(lab.folder / "explorer.ipynb", OPENING, "w.state")
    with new_page(browser) as page:
        open_notebook(page, lab, "explorer.ipynb")
        run_all(page)
        yield page


@pytest.fixture
def explorer(opened):
    """The page with a fresh explorer, and no problem noted yet."""
    run_cell(opened, 0)
    opened.problems.clear()
    sees(opened)
    return opened


def sees(page, **state) -> None:
    """The read-out comes to say what Python computes for this state."""
    says(page, SAID, monte_carlo_picture(MonteCarloState(**state)).text)


def test_a_drag_on_the_pad_moves_dimension_and_sigma_and_reaches_python(explorer):
    first = said(explorer, SAID)
    drag(explorer, ".mc-pad", (0.25, 0.3), (0.9, 0.5))
    words = said(explorer, SAID)
    assert words != first
    assert words.startswith("dimension 2 →")
    state = run_cell(explorer, 1, "import json; print(json.dumps(vars(w.state)))")
    moved = json.loads(state)
    assert moved["dimension"] > 15 and 0.1 < moved["sigma"] < 0.4
    sees(explorer, **moved)
    assert not explorer.problems


def test_arrow_keys_move_the_pad_and_never_reach_the_notebook(explorer):
    cells = explorer.locator(".jp-Cell").count()
    explorer.locator(".mc-pad").focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowLeft", "b", "d", "d"):
        explorer.keyboard.press(key)
    sees(explorer, dimension=7)
    explorer.locator("input[data-field=n]").focus()
    for key in ("ArrowRight", "b", "d", "d"):
        explorer.keyboard.press(key)
    sees(explorer, dimension=7, n=1100)
    assert explorer.locator(".jp-Cell").count() == cells
    assert not explorer.problems


def test_every_slider_and_button_answers_the_keyboard(explorer):
    explorer.locator(".mc-pad").focus()
    stops = ["dimension", "sigma", "n", "proposal", "seed", "draw", "reset"]
    assert tab_stops(explorer, 7) == stops
    explorer.locator("input[data-field=proposal]").focus()
    explorer.keyboard.press("End")
    sees(explorer, proposal=1.0)
    explorer.locator("[data-do=draw]").focus()
    explorer.keyboard.press("Enter")
    sees(explorer, proposal=1.0, seed=1)
    explorer.locator("[data-do=reset]").focus()
    explorer.keyboard.press("Enter")
    sees(explorer)
    assert not explorer.problems


def test_a_drag_on_the_running_estimate_sets_the_number_of_draws(explorer):
    drag(explorer, ".mc-running", (0.5, 0.5), (0.99, 0.5))
    sees(explorer, n=100_000)
    assert not explorer.problems


def test_python_moves_the_picture(explorer):
    before = explorer.locator(".mc-running").evaluate("c => c.toDataURL()")
    run_cell(explorer, 1, "w.dimension = 20; w.sigma = 0.5")
    sees(explorer, dimension=20, sigma=0.5)
    assert explorer.locator("[data-number=bar]").inner_text().startswith("void: ESS")
    assert explorer.locator(".mc-running").evaluate("c => c.toDataURL()") != before
    assert not explorer.problems


def test_an_exception_is_shown(explorer):
    """Words instead of a blank picture."""
    explorer.evaluate(
        """() => { document.querySelector('.mc-pad').getContext = () => {
        throw new Error('no paint today'); }; }"""
    )
    explorer.locator(".mc-pad").focus()
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
    saved = json.loads((lab.folder / "explorer.ipynb").read_text())
    widgets = saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert max(len(json.dumps(widget)) for widget in widgets.values()) < 30_000
    assert "image/png" in saved["cells"][0]["outputs"][0]["data"]
    # The old kernel would still hold the widget; a new one knows nothing of it.
    explorer.evaluate(f"() => {{ {NOTEBOOK} return panel.sessionContext.shutdown(); }}")
    open_notebook(explorer, lab, "explorer.ipynb")
    explorer.locator(".mc-pad").focus()
    explorer.keyboard.press("ArrowRight")
    sees(explorer, dimension=3)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_follows_the_theme(explorer, theme):
    explorer.evaluate(THEME, theme)
    explorer.wait_for_timeout(1000)
    for name, state in {
        "opening": "w.n = 10_000",
        "collapsed": "w.dimension, w.sigma = 20, 0.3",
        "repaired": "w.proposal = 0.9",
    }.items():
        run_cell(explorer, 1, state)
        explorer.wait_for_timeout(500)
        screenshot(code_cell(explorer, 0), f"explorer_{name}_{theme.split()[1].lower()}")
    assert light_ink(explorer, ".cx") == (theme == "JupyterLab Dark")
    assert not explorer.problems
