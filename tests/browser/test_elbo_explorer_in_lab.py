"""The ELBO explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import math

import pytest
from axe import in_colours
from explorer_actions import LISTEN, drag_and_listen, in_python, reading, rest, said, show_light
from explorer_cases import ARROWS, AsEveryExplorer

from course_utils.widgets.elbo import ElboState, e_step, elbo_picture, m_step

SAID = ".el-said"
OPENING, ROOTS = ElboState(), ElboState("two roots")
BEST_Q = e_step(OPENING)
M_STEP = "M-step: a 0.50 → 0.85. KL(q‖p(z)) did not move"
OTHER_MODEL = "Model: two roots. Another model has another log p(x)."
# Pixels of a canvas that are white, not merely empty.
WHITE = """canvas => { const { width, height } = canvas;
    const all = new Uint32Array(canvas.getContext('2d')
      .getImageData(0, 0, width, height).data.buffer);
    return all.filter(rgba => rgba === 0xffffffff).length; }"""
sees, answers = reading(SAID, lambda **state: elbo_picture(ElboState(**state)).text)


def test_a_drag_moves_mean_and_width_of_q_and_reaches_python(explorer):
    heard = drag_and_listen(explorer, ".el-pad", SAID, (0.4, 0.6), (0.7, 0.3))
    state = ElboState(**in_python(explorer))
    sees(explorer, **vars(state))
    assert 1.4 < state.mu < 2.1  # 0.7 of the way from -4 to 4, less the axis
    height = 1 / math.sqrt(2 * math.pi * math.exp(state.log_var))
    assert 1.0 < height < 1.4  # 0.7 of the way up to 1.6, less the axis
    assert state.a == 0.5
    assert heard[0].startswith("mu 0.50 → ") and ", sd 0.71 → " in heard[0]
    assert f" → {state.mu:.2f}, sd " in heard[-1]
    assert all("log p(x) did not move: it does not know q. The gap " in words for words in heard)
    assert elbo_picture(state).gap < elbo_picture(OPENING).gap
    assert len(heard) > 1 or "The gap shrank by" in heard[0]


def test_in_high_contrast_its_ink_is_the_system_s(explorer):
    """White on black here; Lab's own light theme knows nothing of it."""
    show_light(explorer, ".el-pad")
    assert explorer.locator(".el-sums").evaluate(WHITE) == 0
    in_colours(explorer, "forced")
    rest(explorer, ".el-pad")
    assert explorer.locator(".el-sums").evaluate(WHITE) > 50
    in_colours(explorer, "light")
    rest(explorer, ".el-pad")
    assert explorer.locator(".el-sums").evaluate(WHITE) == 0


def test_a_drag_on_the_curves_moves_a_alone(explorer):
    heard = drag_and_listen(explorer, ".el-curves", SAID, (0.5, 0.5), (0.995, 0.2))
    sees(explorer, a=3.0)
    assert heard[0].startswith("a 0.50 → ")
    assert "→ 3.00. KL(q‖p(z)) did not move: it does not know a. " in heard[-1]


def test_a_step_on_a_slow_machine_is_told_once_and_whole(explorer):
    explorer.evaluate(LISTEN, SAID)
    explorer.evaluate(
        """() => { const quick = window.requestAnimationFrame;
        window.requestAnimationFrame = run => setTimeout(() => run(performance.now()), 400);
        setTimeout(() => { window.requestAnimationFrame = quick; }, 1500);
        document.querySelector('[data-do=e]').click(); }"""
    )
    words = sees(explorer, **vars(BEST_Q))
    assert words.startswith("E-step: mu 0.50 → 1.70. log p(x) did not move")
    assert explorer.evaluate("() => window.heard") == [words]


def test_a_step_starts_where_the_one_under_way_would_have_ended(explorer):
    explorer.evaluate(
        """() => { for (const name of ['e', 'm', 'e', 'm'])
        document.querySelector(`[data-do=${name}]`).click(); }"""
    )
    state = OPENING
    for step in (e_step, m_step, e_step, m_step):
        state = step(state)
    assert sees(explorer, **vars(state)).startswith("E- and M-steps: ")
    after = ElboState(**in_python(explorer))
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
    assert in_python(explorer)["mu"] == -3.0
    assert not said(explorer, SAID).startswith("E-step")


class TestAsEveryExplorer(AsEveryExplorer):
    maker, sees, name = "elbo_explorer", staticmethod(sees), "elbo"
    pad, most = ".el-pad", 40_000
    moved = (
        "w.mu, w.log_var, w.a = 1.02, -2.302585092994046, 1.5",
        {"mu": 1.02, "log_var": -2.302585092994046, "a": 1.5},
    )
    themes = {
        "opening": "pass",
        "narrow": "w.mu, w.log_var, w.a = 1.4, -2.5, 1.0",
        "beyond": "w.mu, w.log_var = -3, -5",
        "roots": "w.model, w.mu, w.log_var = 'two roots', 1.19, -4.14",
    }
    stops = "model mu log_var a e m reset"
    keys = [
        (".el-pad", ARROWS, {"mu": 0.75}),
        (".el-pad", "ArrowUp Shift+ArrowUp ArrowDown", {"log_var": -1.19}),
        ("[data-do=reset]", "Enter", None),
        ("[data-do=e]", "Enter", vars(BEST_Q), "E-step: mu 0.50 → 1.70. log p(x) did not move"),
        ("[data-do=e]", "Tab Enter", vars(m_step(BEST_Q)), M_STEP),
        ("[data-do=m]", "Enter", {}, "M-step: nothing moves, it is at its best already."),
        ("[data-do=m]", "Tab Enter", None),
        (".cx select", "ArrowDown", {"model": "two roots"}, OTHER_MODEL),
        ("[data-do=e]", "Enter", vars(e_step(ROOTS))),
        ("[data-do=reset]", "Enter", vars(ROOTS)),
        ("[data-field=mu]", "End", {"mu": 4.0}),
        ("[data-field=log_var]", "Home", {"log_var": -6.0}),
        ("[data-field=a]", "ArrowRight", {"a": 0.51}),
    ]

    def check_keys(self, page):
        text = page.locator("[data-field=log_var]").get_attribute("aria-valuetext")
        assert text == "−6.00 (sd 0.05)"
        assert in_python(page)["model"] == "two roots"

    def check_moved(self, page):
        picture = elbo_picture(ElboState(**self.moved[1]))
        shown = page.locator("[data-number]").all_inner_texts()
        log_px, elbo, rec = (f"−{-v:.2f}" for v in (picture.log_px, picture.elbo, picture.rec))
        assert shown == [log_px, elbo, "0.00", elbo, rec, f"{picture.kl:.2f}"]

    def check_narrow(self, page):
        """The pictures stand below each other."""
        boxes = [page.locator(f".el-{name}").bounding_box() for name in ("pad", "sums", "curves")]
        tops = [box["y"] for box in boxes]
        assert tops == sorted(tops) and tops[1] > tops[0] + boxes[0]["height"]
        assert all(box["width"] <= 760 for box in boxes)

    def check_opened(self, page):
        answers(page, "[data-do=e]", "Enter", **vars(BEST_Q))
