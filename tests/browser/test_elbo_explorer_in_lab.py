"""The ELBO explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import json
import math

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
from test_elbo_explorer import STATES, assert_agrees, random_states

from course_utils.widgets import _view
from course_utils.widgets.elbo_explorer import ElboState, e_step, elbo_picture, m_step

OPENING = "from course_utils.widgets import elbo_explorer\nw = elbo_explorer()\nw"
ASK = "import json; print(json.dumps(vars(w.state)))"
SAID = ".el-said"
MATHS = """async ([code, name, states]) => {
    const module = await import(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})));
    return states.map(module[name]); }"""


@pytest.fixture(scope="module")
def opened(browser, lab):
    """One notebook for all tests: its first cell shows an explorer, the second is for Python."""
    write_notebook(lab.folder / "elbo.ipynb", OPENING, "w.state")
    with new_page(browser) as page:
        open_notebook(page, lab, "elbo.ipynb")
        run_all(page)
        yield page


@pytest.fixture
def explorer(opened):
    """The page with a fresh explorer, and no problem noted yet."""
    run_cell(opened, 0)
    opened.problems.clear()
    sees(opened, ElboState())
    return opened


def sees(page, state: ElboState) -> str:
    """The read-out comes to say what Python computes for this state; all that it says."""
    return says(page, SAID, elbo_picture(state).text)


def in_python(page) -> ElboState:
    """The state as the kernel has it, once the page has come to rest."""
    page.wait_for_timeout(400)
    return ElboState(**json.loads(run_cell(page, 1, ASK)))


def computed(page, name: str, states) -> list:
    code = (_view.HERE / "elbo_math.js").read_text(encoding="utf-8")
    return page.evaluate(MATHS, [code, name, [vars(state) for state in states]])


def test_chromium_computes_the_same_pictures(page):
    for state, theirs in zip(STATES, computed(page, "picture", STATES), strict=True):
        assert_agrees(theirs, elbo_picture(state))


@pytest.mark.parametrize("model", ["linear", "two roots"])
def test_chromium_takes_the_same_steps(page, model):
    states = random_states(model, n=100, seed=2)
    for name, step in [("eStep", e_step), ("mStep", m_step)]:
        for state, after in zip(states, computed(page, name, states), strict=True):
            ours = vars(step(state))
            assert after.pop("model") == ours.pop("model")
            assert after == pytest.approx(ours, rel=1e-9, abs=1e-12)


def test_a_drag_moves_mean_and_width_of_q_and_reaches_python(explorer):
    drag(explorer, ".el-pad", (0.4, 0.6), (0.7, 0.3))
    state = in_python(explorer)
    words = sees(explorer, state)
    assert 1.4 < state.mu < 2.1  # 0.7 of the way from -4 to 4, less the axis
    height = 1 / math.sqrt(2 * math.pi * math.exp(state.log_var))
    assert 1.0 < height < 1.4  # 0.7 of the way up to 1.6, less the axis
    assert state.a == 0.5
    assert words.startswith(f"mu 0.50 → {state.mu:.2f}, sd 0.71 → ")
    assert "log p(x) did not move: it does not know q. The gap shrank by" in words
    assert not explorer.problems


def test_a_drag_on_the_curves_moves_a_alone(explorer):
    drag(explorer, ".el-curves", (0.5, 0.5), (0.995, 0.2))
    words = sees(explorer, ElboState(a=3.0))
    assert words.startswith("a 0.50 → 3.00. KL(q‖p(z)) did not move: it does not know a. ")
    assert not explorer.problems


def test_arrow_keys_move_q_and_never_reach_the_notebook(explorer):
    cells = explorer.locator(".jp-Cell").count()
    explorer.locator(".el-pad").focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowLeft", "b", "d", "d"):
        explorer.keyboard.press(key)
    sees(explorer, ElboState(mu=0.75))
    for key in ("ArrowUp", "Shift+ArrowUp", "ArrowDown"):
        explorer.keyboard.press(key)
    sees(explorer, ElboState(mu=0.75, log_var=-1.19))
    assert explorer.locator(".jp-Cell").count() == cells
    assert not explorer.problems


def test_every_control_is_reached_by_tab_and_the_sliders_answer(explorer):
    explorer.locator(".el-pad").focus()
    assert tab_stops(explorer, 7) == ["model", "mu", "log_var", "a", "e", "m", "reset"]
    for field, key in [("mu", "End"), ("log_var", "Home"), ("a", "ArrowRight")]:
        explorer.locator(f"input[data-field={field}]").focus()
        explorer.keyboard.press(key)
    sees(explorer, ElboState(mu=4.0, log_var=-6.0, a=0.51))
    text = explorer.locator("input[data-field=log_var]").get_attribute("aria-valuetext")
    assert text == "−6.00 (sd 0.05)"
    assert not explorer.problems


def test_the_two_steps_by_keyboard_are_em(explorer):
    state = ElboState()
    explorer.locator("[data-do=e]").focus()
    explorer.keyboard.press("Enter")
    state = e_step(state)
    assert sees(explorer, state).startswith("E-step: mu 0.50 → 1.70. log p(x) did not move")
    explorer.keyboard.press("Tab")
    explorer.keyboard.press("Enter")
    state = m_step(state)
    assert sees(explorer, state).startswith("M-step: a 0.50 → 0.85. KL(q‖p(z)) did not move")
    explorer.locator("[data-do=m]").press("Enter")
    assert said(explorer, SAID).startswith("M-step: nothing moves, it is at its best already.")
    explorer.keyboard.press("Tab")
    explorer.keyboard.press("Enter")
    sees(explorer, ElboState())
    assert not explorer.problems


def test_a_step_starts_where_the_one_under_way_would_have_ended(explorer):
    explorer.evaluate(
        """() => { for (const name of ['e', 'm', 'e', 'm'])
        document.querySelector(`[data-do=${name}]`).click(); }"""
    )
    state = ElboState()
    for step in (e_step, m_step, e_step, m_step):
        state = step(state)
    assert sees(explorer, state).startswith("E- and M-steps: ")
    after = in_python(explorer)
    assert [after.mu, after.log_var, after.a] == pytest.approx(
        [state.mu, state.log_var, state.a], rel=1e-9
    )


def test_a_hand_ends_a_step_that_is_under_way(explorer):
    explorer.evaluate(
        """() => { document.querySelector('[data-do=e]').click();
        const slider = document.querySelector('input[data-field=mu]');
        slider.value = -3;
        slider.dispatchEvent(new Event('input', {bubbles: true})); }"""
    )
    explorer.wait_for_timeout(500)
    assert in_python(explorer).mu == -3.0
    assert not said(explorer, SAID).startswith("E-step")


def test_two_roots_by_keyboard_hold_one_mode(explorer):
    explorer.locator(".cx select").focus()
    explorer.keyboard.press("ArrowDown")
    words = sees(explorer, ElboState("two roots"))
    assert words.startswith("Model: two roots. Another model has another log p(x).")
    explorer.locator("[data-do=e]").press("Enter")
    sees(explorer, e_step(ElboState("two roots")))
    assert "it holds one mode only" in said(explorer, SAID)
    assert in_python(explorer).model == "two roots"
    explorer.locator("[data-do=reset]").press("Enter")
    sees(explorer, ElboState("two roots"))
    assert not explorer.problems


def test_python_moves_the_picture(explorer):
    pictures = (".el-pad", ".el-sums", ".el-curves")
    pixels = "c => c.toDataURL()"
    before = [explorer.locator(name).evaluate(pixels) for name in pictures]
    run_cell(explorer, 1, "w.mu, w.log_var, w.a = 1.02, -2.302585092994046, 1.5")
    state = ElboState(mu=1.02, log_var=-2.302585092994046, a=1.5)
    sees(explorer, state)
    after = [explorer.locator(name).evaluate(pixels) for name in pictures]
    assert all(old != new for old, new in zip(before, after, strict=True))
    picture = elbo_picture(state)
    shown = explorer.locator("[data-number]").all_inner_texts()
    log_px, elbo, rec = (f"−{-v:.2f}" for v in (picture.log_px, picture.elbo, picture.rec))
    assert shown == [log_px, elbo, "0.00", elbo, rec, f"{picture.kl:.2f}"]
    assert not explorer.problems


def test_an_exception_is_shown(explorer):
    """Words instead of a blank picture."""
    explorer.evaluate(
        """() => { document.querySelector('.el-pad').getContext = () => {
        throw new Error('no paint today'); }; }"""
    )
    explorer.locator(".el-pad").focus()
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
    saved = json.loads((lab.folder / "elbo.ipynb").read_text())
    assert "image/png" in saved["cells"][0]["outputs"][0]["data"]
    # The old kernel would still hold the widget; a new one knows nothing of it.
    explorer.evaluate(f"() => {{ {NOTEBOOK} return panel.sessionContext.shutdown(); }}")
    open_notebook(explorer, lab, "elbo.ipynb")
    explorer.locator("[data-do=e]").press("Enter")
    sees(explorer, e_step(ElboState()))


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_follows_the_theme(explorer, theme):
    explorer.evaluate(THEME, theme)
    explorer.wait_for_timeout(1000)
    for name, state in {
        "opening": "pass",
        "narrow": "w.mu, w.log_var, w.a = 1.4, -2.5, 1.0",
        "beyond": "w.mu, w.log_var = -3, -5",
        "roots": "w.model, w.mu, w.log_var = 'two roots', 1.19, -4.14",
    }.items():
        run_cell(explorer, 1, state)
        explorer.wait_for_timeout(500)
        screenshot(code_cell(explorer, 0), f"elbo_{name}_{theme.split()[1].lower()}")
    assert light_ink(explorer, ".cx") == (theme == "JupyterLab Dark")
    assert not explorer.problems


def test_on_a_narrow_page_the_pictures_stand_below_each_other(explorer):
    wide = explorer.viewport_size
    explorer.set_viewport_size({"width": 760, "height": 1300})
    explorer.wait_for_timeout(800)
    screenshot(code_cell(explorer, 0), "elbo_narrow_page")
    boxes = [explorer.locator(f".el-{name}").bounding_box() for name in ("pad", "sums", "curves")]
    explorer.set_viewport_size(wide)
    tops = [box["y"] for box in boxes]
    assert tops == sorted(tops) and tops[1] > tops[0] + boxes[0]["height"]
    assert all(box["width"] <= 760 for box in boxes)
