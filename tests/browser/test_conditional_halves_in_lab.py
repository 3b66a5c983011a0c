"""The conditional explorer of halves in a real JupyterLab: drawn by mouse, keyboard, touch."""

import numpy as np
from explorer_actions import (
    GREYS,
    assert_drawn,
    drag,
    drag_and_listen,
    in_python,
    press,
    reading,
    show_light,
    touch,
)
from explorer_cases import AsEveryExplorer
from explorers import digits, halves
from lab_in_chromium import run_cell

from course_utils.widgets import conditional_explorer
from course_utils.widgets.conditional import HalfState, conditional_picture

SAID = ".lt-said"
WIDGET = conditional_explorer(halves(), digits())


def picture(**state):
    """What Python computes for this state, the rest as at the opening."""
    return conditional_picture(HalfState(**(vars(WIDGET.state) | state)), WIDGET.shown)


sees, answers = reading(SAID, lambda **state: picture(**state).text)


def assert_shown(page, expected) -> None:
    """The nine, their mean and the truth are those of a HalfPicture."""
    assert page.locator(".cd-completion").count() == 9
    for i, whole in enumerate(expected.completions):
        assert_drawn(page, ".cd-completion", whole, i)
    assert_drawn(page, ".cd-mean", expected.mean)
    assert page.locator(".cd-true").is_visible() == (expected.truth is not None)
    if expected.truth is not None:
        assert_drawn(page, ".cd-truth", expected.truth)


def test_a_stroke_by_mouse_is_completed(light):
    light.locator("[data-do=clear]").click()
    assert sees(light, left=None).startswith("left half picture 0 → empty. ")
    assert_shown(light, picture(left=None))
    drag(light, ".cd-pad", (0.375, 0.2), (0.375, 0.8))
    left = in_python(light)["left"]
    rows = np.array(left)
    assert rows.shape == (8, 4) and (rows[2:6, 1] == 1).all() and not rows[:, 3].any()
    words = sees(light, left=left)
    assert words.startswith("left half empty → drawn. A left half drawn by hand, ink on ")
    assert_shown(light, picture(left=left))
    light.locator("input[value=erase]").check()
    drag(light, ".cd-pad", (0.375, 0.1), (0.375, 0.5))
    after = np.array(in_python(light)["left"])
    assert (after <= rows).all() and after[2, 1] == 0 and after[5, 1] == 1
    light.locator("input[value=draw]").check()


def test_a_finger_draws(explorer):
    explorer.locator("[data-do=clear]").click()
    touch(explorer, ".cd-pad", (0.6, 0.2), (0.6, 0.9), (0.1, 0.1))
    rows = np.array(in_python(explorer)["left"])
    assert (rows[2:7, 2] > 0.9).all() and not rows[0].any()


def test_the_keyboard_draws_and_erases(explorer):
    press(explorer, "[data-do=clear]", "Enter")
    pad = ".cd-pad"
    press(explorer, pad, "ArrowUp", "ArrowLeft")
    assert explorer.locator(".cd-pen").inner_text() == "pen at row 4, column 2"
    assert in_python(explorer)["left"] is None, "to move the pen draws nothing"
    press(explorer, pad, "Space", "Shift+ArrowDown", "Shift+ArrowDown", "ArrowRight", "b")
    rows = np.zeros((8, 4))
    rows[3:6, 1] = 1
    np.testing.assert_array_equal(in_python(explorer)["left"], rows)
    sees(explorer, left=rows)
    press(explorer, pad, "ArrowLeft", "Delete", "ArrowUp", "Backspace")
    rows[4:6, 1] = 0
    sees(explorer, left=rows)
    press(explorer, pad, "ArrowUp", "ArrowLeft", times=9)
    assert explorer.locator(".cd-pen").inner_text() == "pen at row 1, column 1"


def test_a_picked_half_can_be_changed_by_hand(light):
    drag(light, ".cd-pad", (0.1, 0.5), (0.1, 0.6))
    left = in_python(light)["left"]
    before = picture().left
    assert (np.array(left) >= before - 0.006).all() and np.abs(left - before).max() > 0.5
    sees(light, left=left)
    assert light.locator(".cx select").input_value() == "drawn"
    assert_shown(light, picture(left=left))


def test_halves_are_picked_by_select(light):
    light.locator(".cx select").select_option("7")
    assert sees(light, left=7).startswith("left half picture 0 → picture 7. ")
    assert_shown(light, picture(left=7))
    for number in light.locator("[data-number]").all_inner_texts():
        assert f" {number}" in picture(left=7).text
    light.locator(".cx select").select_option("drawn")
    sees(light, left=None)
    assert light.locator("[data-number=one]").inner_text() == "–"


def test_other_draws_and_less_spread(light):
    answers(light, "[data-do=again]", "Enter", "Enter", seed=2)
    assert_shown(light, picture(seed=2))
    answers(light, "input[data-field=spread]", "Home", seed=2, spread=0)
    nine = light.locator(".cd-completion")
    first = nine.first.evaluate(GREYS)
    assert all(one.evaluate(GREYS) == first for one in nine.all()), "without noise all are alike"
    answers(light, "input[data-field=spread]", "End", "ArrowLeft", seed=2, spread=1.45)
    assert_shown(light, picture(seed=2, spread=1.45))
    run_cell(light, 1, "w.seed = 99")
    answers(light, "[data-do=again]", "Enter", seed=0, spread=1.45)
    assert in_python(light)["seed"] == 0


def test_a_stroke_says_one_thing_once_it_rests(explorer):
    first, *later = drag_and_listen(explorer, ".cd-pad", SAID, (0.2, 0.2), (0.77, 0.77))
    assert first.startswith("left half picture 0 → drawn. A left half drawn by hand")
    assert all(words.startswith("A left half drawn by hand") for words in later)


class TestAsEveryExplorer(AsEveryExplorer):
    maker, given = "conditional_explorer", "halves(), digits()"
    setup = "import torch\nfrom explorers import digits, halves"
    sees, name = staticmethod(sees), "halves"
    pad, most = ".cd-pad", 80_000
    moved = "w.left, w.seed, w.spread = 5, 3, 1.3", {"left": 5, "seed": 3, "spread": 1.3}
    saved = "w.left = None"
    themes = {"opening": "pass", "empty": "w.left = None", "drawn": "w.left = torch.eye(8)[:, :4]"}
    stops = "tool clear spread again reset left previous next"
    label = ("Arrow keys move the pen", "Space", "Delete")
    beside = (".cd-pad", ".cd-grid")
    keys = [
        ("[data-do=next]", "Enter Enter", {"left": 2}),
        ("[data-do=previous]", "Enter Enter Enter", {"left": 39}),
        ("[data-do=clear]", "Enter b", {"left": None}),
        ("[data-do=previous]", "Enter", {"left": 39}),
        ("[data-do=reset]", "Enter", None, "Reset. "),
        ("[data-do=next]", "Enter", {"left": 1}),
    ]

    def check_keys(self, page):
        assert page.locator(".cx select").input_value() == "1"

    def check_opened(self, page):
        rows = np.zeros((8, 4))
        rows[4, 2] = 1
        answers(page, self.pad, "Space", left=rows)
        show_light(page, self.pad)
        assert_shown(page, picture(left=rows))
