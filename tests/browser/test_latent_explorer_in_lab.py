"""The latent explorer in a real JupyterLab: moved by mouse, by keyboard, by touch, from Python."""

import explorer_cases
import numpy as np
import pytest
from explorer_actions import (
    GREYS,
    PIXELS,
    THEME,
    assert_drawn,
    drag,
    in_python,
    press,
    rest,
    tab_stops,
    touch,
)
from latent_page import (
    MAKER,
    OPENING,
    SETUP,
    SPAN,
    WIDGET,
    A,
    B,
    answers,
    click,
    mu,
    on_pad,
    picture,
    sees,
)

opened, explorer = explorer_cases.explorer_fixtures(MAKER, sees, setup=SETUP, given=OPENING)
light = explorer_cases.light_fixture(".lt-pad")


# --- explore ---


def test_the_picture_follows_the_pointer_and_comes_back(light):
    pad = light.locator(".lt-pad").bounding_box()
    before = light.evaluate(PIXELS)
    across, down = on_pad(light, (1.0, -2.0))
    light.mouse.move(pad["x"] + across * pad["width"], pad["y"] + down * pad["height"])
    rest(light, ".lt-pad")
    shown = light.locator("[data-number=z]").inner_text()
    z = [float(v) for v in shown.strip("()").replace("−", "-").split(", ")]
    assert z == pytest.approx([1.0, -2.0], abs=0.02)
    assert_drawn(light, ".lt-picture", picture(z=z).image)
    assert "at the pointer" in light.locator(".lt-where").inner_text()
    light.mouse.move(5, 5)
    rest(light, ".lt-pad")
    changed = [
        i for i, (a, b) in enumerate(zip(before, light.evaluate(PIXELS), strict=True)) if a != b
    ]
    assert not changed, f"a look is no move, yet these canvases changed: {changed}"
    assert in_python(light)["z"] == [0, 0]


def test_a_drag_moves_z_and_reaches_python(light):
    drag(light, ".lt-pad", on_pad(light, (0, 0)), on_pad(light, (2.5, 1.5)))
    state = in_python(light)
    assert state["z"] == pytest.approx([2.5, 1.5], abs=0.03) and state["chosen"] is None
    assert sees(light, z=state["z"]).startswith("z (0.00, 0.00) → (2.")
    light.mouse.move(5, 5)
    shown = picture(z=state["z"])
    assert_drawn(light, ".lt-picture", shown.image)
    numbers = light.locator("[data-number]").all_inner_texts()
    assert f"log p(z) = {numbers[1]};" in shown.text and f"; {numbers[2]} of draws" in shown.text
    drag(light, ".lt-pad", on_pad(light, (0, 0)), (0.999, 0.001))
    assert in_python(light)["z"] == [SPAN, SPAN], "z stays on the pad"


def test_a_click_on_a_code_chooses_it(light):
    click(light, mu(A))
    words = sees(light, chosen=A, z=mu(A))
    assert words.startswith(f"code none → {A}, z (0.00, 0.00) → (")
    assert in_python(light) == {**vars(WIDGET.state), "axes": [0, 1], "chosen": A, "z": mu(A)}
    expected = picture(chosen=A)
    for name in ("original", "reconstruction"):
        assert_drawn(light, f".lt-{name}", getattr(expected, name))
    label = WIDGET.codes.labels[A]
    assert light.locator(".lt-name").inner_text() == f"Code {A}, labelled {label} in the data set"
    far = (-SPAN, SPAN)
    assert np.linalg.norm(WIDGET.codes.mu - far, axis=1).min() > 1
    click(light, far)
    sees(light, chosen=A, z=far)
    light.keyboard.press("Escape")
    sees(light, z=far)
    assert not light.locator(".lt-chosen").is_visible()


def test_a_finger_moves_z_and_leaves_nothing_hovering(explorer):
    touch(explorer, ".lt-pad", (0.5, 0.5), (0.9, 0.2), (0.3, 0.8))
    state = in_python(explorer)
    assert state["z"][0] > 2 and state["z"][1] > 1 and state["chosen"] is None
    assert "at z" in explorer.locator(".lt-where").inner_text()
    style = explorer.locator(".lt-pad").evaluate("e => getComputedStyle(e).touchAction")
    assert style == "none", "a drag would scroll the page"


def test_arrow_keys_move_z_and_never_reach_the_notebook(explorer):
    press(explorer, ".lt-pad", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "d", "d", "b", "b")
    sees(explorer, z=(0.5, 0.0))
    answers(explorer, ".lt-pad", "ArrowUp", "Shift+ArrowDown", z=(0.5, -0.4))
    answers(explorer, ".lt-pad", "Home")


def test_enter_and_the_buttons_choose_codes(explorer):
    nearest = int(np.linalg.norm(WIDGET.codes.mu, axis=1).argmin())
    answers(explorer, ".lt-pad", "Enter", chosen=nearest, z=mu(nearest))
    press(explorer, "[data-do=next]", "Enter", "Enter")
    sees(explorer, chosen=(nearest + 2) % 40, z=mu((nearest + 2) % 40))
    press(explorer, "[data-do=previous]", "Enter")
    sees(explorer, chosen=(nearest + 1) % 40, z=mu((nearest + 1) % 40))
    press(explorer, ".lt-pad", "Home")
    answers(explorer, "[data-do=nearest]", "Space", chosen=nearest, z=mu(nearest))
    assert answers(explorer, "[data-do=reset]", "Enter").startswith("Reset. ")
    answers(explorer, "[data-do=previous]", "Enter", chosen=39, z=mu(39))
    answers(explorer, "[data-do=next]", "Enter", chosen=0, z=mu(0))
    assert in_python(explorer)["chosen"] == 0


def test_a_draw_from_the_prior_is_another_z_each_time(explorer):
    drawn = []
    for _ in range(4):
        press(explorer, "[data-do=draw]", "Enter")
        drawn.append(in_python(explorer)["z"])
        assert sees(explorer, z=drawn[-1]).startswith("Drawn. ")
    assert len({tuple(z) for z in drawn}) == 4
    assert np.abs(drawn).max() <= SPAN


def test_every_control_is_reached_by_tab_and_has_a_name(explorer):
    explorer.locator(".lt-pad").focus()
    stops = ["mode", "previous", "nearest", "next", "draw", "reset"]
    assert tab_stops(explorer, 6) == stops
    for element in explorer.locator(".cx button, .cx select, .cx input").all():
        name = element.evaluate("e => e.textContent || e.closest('label').textContent")
        assert name.strip()
    assert "Arrow keys" in explorer.locator(".lt-pad").get_attribute("aria-label")
    explorer.locator(".lt-pad").focus()
    explorer.keyboard.press("ArrowLeft")
    outline = explorer.locator(".lt-pad").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"


def test_the_code_that_a_click_would_choose_is_ringed(explorer):
    def pad_under(z) -> str:
        across, down = on_pad(explorer, z)
        box = explorer.locator(".lt-pad").bounding_box()
        explorer.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        return explorer.evaluate(PIXELS)[1]

    explorer.mouse.move(5, 5)
    explorer.locator("input[value=interpolate]").check()
    bare, at_a, at_b = explorer.evaluate(PIXELS)[1], pad_under(mu(A)), pad_under(mu(B))
    assert len({bare, at_a, at_b}) == 3
    explorer.mouse.move(5, 5)
    assert explorer.evaluate(PIXELS)[1] == bare
    assert in_python(explorer)["chosen"] is None


# --- interpolate ---


def test_a_drag_from_code_to_code_is_a_walk(light):
    light.locator("input[value=interpolate]").check()
    assert sees(light, mode="interpolate").startswith("mode explore → interpolate. ")
    drag(light, ".lt-pad", on_pad(light, mu(A)), on_pad(light, mu(B)))
    state = in_python(light)
    assert (state["chosen"], state["other"], state["t"]) == (A, B, 0.5)
    expected = picture(mode="interpolate", chosen=A, other=B)
    sees(light, mode="interpolate", chosen=A, other=B, z=mu(A))
    assert_drawn(light, ".lt-picture", expected.image)
    assert light.locator(".lt-strip canvas").count() == 9
    for i, pixels in enumerate(expected.strip):
        assert_drawn(light, ".lt-strip canvas", pixels, i)
    drag(light, ".lt-strip", (0.5, 0.5), (0.99, 0.5))
    sees(light, mode="interpolate", chosen=A, other=B, t=1.0)


def test_two_clicks_are_a_walk_and_a_third_begins_anew(explorer):
    explorer.locator("input[value=interpolate]").check()
    click(explorer, mu(A))
    sees(explorer, mode="interpolate", chosen=A, z=mu(A))
    assert not explorer.locator(".lt-walk").is_visible()
    click(explorer, mu(B))
    sees(explorer, mode="interpolate", chosen=A, other=B, z=mu(A))
    assert explorer.locator(".lt-walk").is_visible()
    click(explorer, mu(B))
    sees(explorer, mode="interpolate", chosen=B, z=mu(B))
    assert in_python(explorer)["other"] is None


def test_a_walk_by_keyboard(explorer):
    answers(explorer, "input[value=explore]", "ArrowDown", mode="interpolate")
    press(explorer, ".lt-pad", "Enter", "Enter")
    order = np.linalg.norm(WIDGET.codes.mu, axis=1).argsort()
    first = int(order[0])
    gaps = np.linalg.norm(WIDGET.codes.mu - WIDGET.codes.mu[first], axis=1)
    second = int(gaps.argsort()[1])
    walk = {"mode": "interpolate", "chosen": first}
    sees(explorer, **walk, other=second)
    press(explorer, "[data-do=next]", "Enter")
    walk["other"] = (second + 1) % 40
    sees(explorer, **walk)
    answers(explorer, "input[data-field=t]", "End", "ArrowLeft", **walk, t=0.99)
    answers(explorer, "input[data-field=t]", "Home", **walk, t=0)
    answers(explorer, "input[data-field=t]", "ArrowRight", times=3, **walk, t=0.03)
    there = picture(**walk, t=0.03).z
    answers(explorer, "input[value=interpolate]", "ArrowUp", mode="explore", chosen=first, z=there)
    assert in_python(explorer)["z"] == pytest.approx(there)
    answers(explorer, "[data-do=reset]", "Enter")


class TestAsEveryExplorer(explorer_cases.AsEveryExplorer):
    maker, sees, name, pad, most = MAKER, staticmethod(sees), "latent", ".lt-pad", 70_000
    moved = (
        "w.z, w.axes, w.chosen, w.other, w.t, w.mode = (2, 1), (1, 0), 3, 9, 0.3, 'interpolate'",
        {"z": (2, 1), "axes": (1, 0), "chosen": 3, "other": 9, "t": 0.3, "mode": "interpolate"},
    )
    saved = "w.chosen = 5"
    themes = {
        "opening": "pass",
        "chosen": f"w.chosen = {A}",
        "walk": f"w.other, w.mode = {B}, 'interpolate'",
    }

    def check_opened(self, page):
        answers(page, self.pad, "ArrowRight", z=(0.1, 0.0), chosen=5)
        answers(page, "[data-do=next]", "Enter", z=mu(6), chosen=6)
        page.evaluate(THEME, "JupyterLab Light")
        rest(page, self.pad)
        for name, pixels in (("picture", "image"), ("original", "original")):
            assert_drawn(page, f".lt-{name}", getattr(picture(z=mu(6), chosen=6), pixels))

    def check_theme(self, page, theme):
        paper, ink_of = (255, 17) if theme == "JupyterLab Light" else (24, 255)
        expected = paper + (ink_of - paper) * picture(chosen=A).reconstruction.ravel()
        greys = page.locator(".lt-strip canvas").first.evaluate(GREYS)
        np.testing.assert_allclose(greys, expected, atol=1)
