"""The latent explorer in a real JupyterLab: moved by mouse, by keyboard, by touch, from Python."""

import inspect
import json

import explorer_cases
import numpy as np
import pytest
import torch
from explorer_actions import PIXELS, THEME, drag, in_python, press, rest, says, tab_stops
from explorers import digits
from lab_in_chromium import NOTEBOOK, code_cell, run_cell, screenshot
from latent_cases import vae

from course_utils.toys import FourPixels
from course_utils.widgets import latent_explorer
from course_utils.widgets.latent import LatentState, latent_picture

MAKER = "latent_explorer"
SAID = ".lt-said"
SETUP = f"""import torch
from course_utils.data import ImageData, load
from course_utils.models import VAE
from course_utils.toys import FourPixels
{inspect.getsource(vae)}
{inspect.getsource(digits)}"""
OPENING = "vae(), digits()"
WIDGET = latent_explorer(vae(), digits())
SPAN = WIDGET.recipe["span"]
# A decoded picture as greys, a row after the other.
GREYS = """canvas => { const { width, height } = canvas;
    return [...canvas.getContext('2d').getImageData(0, 0, width, height).data]
      .filter((_, i) => i % 4 === 0); }"""


def picture(widget=WIDGET, **state):
    """What Python computes for this state, the rest as at the opening."""
    state = LatentState(**(vars(widget.state) | state))
    return latent_picture(state, widget.decoder, widget.codes)


def sees(page, widget=WIDGET, **state) -> str:
    """The read-out comes to say what Python computes for this state; all that it says."""
    return says(page, SAID, picture(widget, **state).text)


opened, explorer = explorer_cases.explorer_fixtures(MAKER, sees, setup=SETUP, given=OPENING)
other = explorer_cases.other_fixture(sees, OPENING)
light = explorer_cases.light_fixture(".lt-pad")


def ink(page, selector: str) -> np.ndarray:
    """What a picture on the page shows, as inks in [0, 1]; the theme is to be the light one."""
    greys = np.array(page.locator(selector).first.evaluate(GREYS))
    return (255 - greys) / (255 - 17)


def on_pad(page, z) -> tuple[float, float]:
    """Where a place of the pad is, in shares of its size: as `padScale` has it."""
    box = page.locator(".lt-pad").bounding_box()
    side = min(box["width"] - 54, box["height"] - 70)
    across, up = (side * (value / (2 * SPAN) + 0.5) for value in z)
    return (46 + across) / box["width"], (8 + side - up) / box["height"]


def click(page, z) -> None:
    box = page.locator(".lt-pad").bounding_box()
    across, down = on_pad(page, z)
    position = {"x": across * box["width"], "y": down * box["height"]}
    page.locator(".lt-pad").click(position=position)


def alone(but=()) -> int:
    """The code furthest from all others: no click on it can mean another."""
    mu = WIDGET.codes.mu
    gaps = np.linalg.norm(mu[:, None] - mu, axis=-1) + 1e9 * np.eye(len(mu))
    gaps = gaps.min(axis=1)
    gaps[list(but)] = 0
    return int(gaps.argmax())


A = alone()
B = alone(but=[A])


def mu(code: int) -> list[float]:
    return WIDGET.codes.mu[code].tolist()


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
    np.testing.assert_allclose(ink(light, ".lt-picture"), picture(z=z).image.ravel(), atol=0.005)
    assert "at the pointer" in light.locator(".lt-where").inner_text()
    light.mouse.move(5, 5)
    rest(light, ".lt-pad")
    changed = [
        i for i, (a, b) in enumerate(zip(before, light.evaluate(PIXELS), strict=True)) if a != b
    ]
    assert not changed, f"a look is no move, yet these canvases changed: {changed}"
    assert in_python(light)["z"] == [0, 0] and not light.problems


def test_a_drag_moves_z_and_reaches_python(light):
    drag(light, ".lt-pad", on_pad(light, (0, 0)), on_pad(light, (2.5, 1.5)))
    state = in_python(light)
    assert state["z"] == pytest.approx([2.5, 1.5], abs=0.03) and state["chosen"] is None
    assert sees(light, z=state["z"]).startswith("z (0.00, 0.00) → (2.")
    light.mouse.move(5, 5)
    shown = picture(z=state["z"])
    np.testing.assert_allclose(ink(light, ".lt-picture"), shown.image.ravel(), atol=0.005)
    numbers = light.locator("[data-number]").all_inner_texts()
    assert f"log p(z) = {numbers[1]};" in shown.text and f"; {numbers[2]} of draws" in shown.text
    drag(light, ".lt-pad", on_pad(light, (0, 0)), (0.999, 0.001))
    assert in_python(light)["z"] == [SPAN, SPAN], "z stays on the pad"
    assert not light.problems


def test_a_click_on_a_code_chooses_it(light):
    click(light, mu(A))
    words = sees(light, chosen=A, z=mu(A))
    assert words.startswith(f"code none → {A}, z (0.00, 0.00) → (")
    assert in_python(light) == {**vars(WIDGET.state), "axes": [0, 1], "chosen": A, "z": mu(A)}
    expected = picture(chosen=A)
    for name in ("original", "reconstruction"):
        shown, ours = ink(light, f".lt-{name}"), getattr(expected, name).ravel()
        np.testing.assert_allclose(shown, ours, atol=0.005, err_msg=name)
    label = WIDGET.codes.labels[A]
    assert light.locator(".lt-name").inner_text() == f"Code {A}, labelled {label} in the data set"
    far = (-SPAN, SPAN)
    assert np.linalg.norm(WIDGET.codes.mu - far, axis=1).min() > 1
    click(light, far)
    sees(light, chosen=A, z=far)
    light.keyboard.press("Escape")
    sees(light, z=far)
    assert not light.locator(".lt-chosen").is_visible() and not light.problems


def test_a_finger_moves_z_and_leaves_nothing_hovering(explorer):
    explorer.evaluate(
        """() => { const pad = document.querySelector('.lt-pad'), box = pad.getBoundingClientRect();
        const touch = (type, x, y, buttons) => pad.dispatchEvent(new PointerEvent(type,
          {bubbles: true, pointerType: 'touch', buttons, clientX: box.left + x * box.width,
            clientY: box.top + y * box.height}));
        touch('pointerdown', .5, .5, 1); touch('pointermove', .9, .2, 1);
        touch('pointerup', .9, .2, 0); touch('pointermove', .3, .8, 0); }"""
    )
    state = in_python(explorer)
    assert state["z"][0] > 2 and state["z"][1] > 1 and state["chosen"] is None
    assert "at z" in explorer.locator(".lt-where").inner_text()
    style = explorer.locator(".lt-pad").evaluate("e => getComputedStyle(e).touchAction")
    assert style == "none", "a drag would scroll the page"


def test_arrow_keys_move_z_and_never_reach_the_notebook(explorer):
    cells = explorer.locator(".jp-Cell").count()
    press(explorer, ".lt-pad", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "b", "d", "d")
    sees(explorer, z=(0.5, 0.0))
    press(explorer, ".lt-pad", "ArrowUp", "Shift+ArrowDown")
    sees(explorer, z=(0.5, -0.4))
    press(explorer, ".lt-pad", "Home")
    sees(explorer)
    assert explorer.locator(".jp-Cell").count() == cells
    assert not explorer.problems


def test_enter_and_the_buttons_choose_codes(explorer):
    nearest = int(np.linalg.norm(WIDGET.codes.mu, axis=1).argmin())
    press(explorer, ".lt-pad", "Enter")
    sees(explorer, chosen=nearest, z=mu(nearest))
    press(explorer, "[data-do=next]", "Enter", "Enter")
    sees(explorer, chosen=(nearest + 2) % 40, z=mu((nearest + 2) % 40))
    press(explorer, "[data-do=previous]", "Enter")
    sees(explorer, chosen=(nearest + 1) % 40, z=mu((nearest + 1) % 40))
    press(explorer, ".lt-pad", "Home")
    press(explorer, "[data-do=nearest]", "Space")
    sees(explorer, chosen=nearest, z=mu(nearest))
    press(explorer, "[data-do=reset]", "Enter")
    assert sees(explorer).startswith("Reset. ")
    press(explorer, "[data-do=previous]", "Enter")
    sees(explorer, chosen=39, z=mu(39))
    press(explorer, "[data-do=next]", "Enter")
    sees(explorer, chosen=0, z=mu(0))
    assert in_python(explorer)["chosen"] == 0
    assert not explorer.problems


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
    assert in_python(explorer)["chosen"] is None and not explorer.problems


# --- interpolate ---


def test_a_drag_from_code_to_code_is_a_walk(light):
    light.locator("input[value=interpolate]").check()
    assert sees(light, mode="interpolate").startswith("mode explore → interpolate. ")
    drag(light, ".lt-pad", on_pad(light, mu(A)), on_pad(light, mu(B)))
    state = in_python(light)
    assert (state["chosen"], state["other"], state["t"]) == (A, B, 0.5)
    expected = picture(mode="interpolate", chosen=A, other=B)
    sees(light, mode="interpolate", chosen=A, other=B, z=mu(A))
    np.testing.assert_allclose(ink(light, ".lt-picture"), expected.image.ravel(), atol=0.005)
    strip = light.locator(".lt-strip canvas")
    assert strip.count() == 9
    for i, pixels in enumerate(expected.strip):
        shown = (255 - np.array(strip.nth(i).evaluate(GREYS))) / (255 - 17)
        np.testing.assert_allclose(shown, pixels.ravel(), atol=0.005)
    drag(light, ".lt-strip", (0.5, 0.5), (0.99, 0.5))
    sees(light, mode="interpolate", chosen=A, other=B, t=1.0)
    assert not light.problems


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
    assert in_python(explorer)["other"] is None and not explorer.problems


def test_a_walk_by_keyboard(explorer):
    press(explorer, "input[value=explore]", "ArrowDown")
    sees(explorer, mode="interpolate")
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
    press(explorer, "input[data-field=t]", "End", "ArrowLeft")
    sees(explorer, **walk, t=0.99)
    press(explorer, "input[data-field=t]", "Home")
    sees(explorer, **walk, t=0)
    press(explorer, "input[data-field=t]", *["ArrowRight"] * 3)
    sees(explorer, **walk, t=0.03)
    there = picture(**walk, t=0.03).z
    press(explorer, "input[value=interpolate]", "ArrowUp")
    sees(explorer, mode="explore", chosen=first, z=there)
    assert in_python(explorer)["z"] == pytest.approx(there)
    press(explorer, "[data-do=reset]", "Enter")
    sees(explorer)
    assert not explorer.problems


# --- one latent, many, and models that Python decodes ---


def test_many_latents_have_axes_to_choose_and_sliders(other):
    widget = latent_explorer(vae(5), digits())
    page, start = other("vae(5), digits()", widget), widget.axes
    rest = [i for i in range(5) if i not in start]
    assert page.locator(".lt-list input:visible").count() == 3
    press(page, f"input[data-field=z{rest[0]}]", "ArrowRight", "End")
    z = [0.0] * 5
    z[rest[0]] = widget.recipe["span"]
    sees(page, widget, z=z)
    page.locator("[data-field=axis0]").select_option(str(rest[0]))
    axes = (rest[0], start[1])
    words = f"axes z[{start[0]}], z[{start[1]}] → z[{axes[0]}], z[{axes[1]}]"
    assert sees(page, widget, z=z, axes=axes).startswith(words)
    page.locator("[data-field=axis1]").select_option(str(axes[0]))
    sees(page, widget, z=z, axes=axes[::-1])
    assert page.locator(f"input[data-field=z{start[0]}]").is_visible()
    assert not page.locator(f"input[data-field=z{rest[0]}]").is_visible()
    assert page.locator("[data-do=same]").is_disabled()
    press(page, "[data-do=next]", "Enter")
    chosen = widget.codes.mu[0].tolist()
    sees(page, widget, z=chosen, axes=axes[::-1], chosen=0)
    press(page, "[data-do=zero]", "Enter")
    kept = [v if i in axes else 0.0 for i, v in enumerate(chosen)]
    sees(page, widget, z=kept, axes=axes[::-1], chosen=0)
    press(page, "[data-do=same]", "Enter")
    sees(page, widget, z=chosen, axes=axes[::-1], chosen=0)
    assert in_python(page)["axes"] == list(axes[::-1]) and not page.problems


def test_the_controls_of_many_latents_are_reached_by_tab(other):
    widget = latent_explorer(vae(5), digits())
    page = other("vae(5), digits()", widget)
    page.locator("[data-do=reset]").focus()
    sliders = [f"z{i}" for i in range(5) if i not in widget.axes]
    assert tab_stops(page, 6) == ["axis0", "axis1", "zero", *sliders]
    texts = page.locator("[data-field=axis0] option").all_inner_texts()
    assert texts == [
        f"z[{i}] · mean KL {kl:.2f}" for i, kl in enumerate(widget.recipe["codes"]["mean_kl"])
    ]


def test_one_latent_is_a_line(other):
    widget = latent_explorer(vae(1), digits())
    page = other("vae(1), digits()", widget)
    press(page, ".lt-pad", "ArrowRight", "ArrowUp")
    sees(page, widget, z=(0.1,))
    drag(page, ".lt-pad", (0.5, 0.3), (0.9, 0.6))
    z = in_python(page)["z"]
    assert len(z) == 1 and z[0] > 1
    press(page, ".lt-pad", "Home", "Enter")
    nearest = int(np.abs(widget.codes.mu[:, 0]).argmin())
    sees(page, widget, z=widget.codes.mu[nearest].tolist(), chosen=nearest)
    screenshot(code_cell(page, 0), "latent_line")
    assert not page.problems


def test_python_decodes_what_the_browser_cannot(other, light):
    widget = latent_explorer(FourPixels())
    page = other("FourPixels()", widget)
    for key, z in [("Shift+ArrowRight", 0.5), ("ArrowLeft", 0.4), ("End", 0.4), ("Home", 0.0)]:
        press(page, ".lt-pad", key)
        sees(page, widget, z=(z,))
        ours = np.round(255 * picture(widget, z=(z,)).image.ravel()) / 255
        np.testing.assert_allclose(ink(page, ".lt-picture"), ours, atol=0.003)
    drag(page, ".lt-pad", (0.3, 0.5), (0.8, 0.5))
    page.mouse.move(5, 5)
    z = in_python(page)["z"]
    ours = picture(widget, z=z).image.ravel()
    np.testing.assert_allclose(ink(page, ".lt-picture"), ours, atol=0.005)
    assert page.locator("input[value=interpolate]").is_disabled() and not page.problems


def test_python_decodes_a_whole_walk(other, light):
    model = vae()
    model.decoder.append(torch.nn.Identity())
    widget = latent_explorer(model, digits())
    run_cell(light, 1, "m = vae(); m.decoder.append(torch.nn.Identity())")
    page = other("m, digits()", widget)
    run_cell(page, 1, "w.mode, w.chosen, w.other, w.t = 'interpolate', 3, 4, 0.25")
    walk = {"mode": "interpolate", "chosen": 3, "other": 4, "t": 0.25}
    sees(page, widget, **walk)
    expected = picture(widget, **walk)
    np.testing.assert_allclose(ink(page, ".lt-picture"), expected.image.ravel(), atol=0.005)
    for i, canvas in enumerate(page.locator(".lt-strip canvas").all()):
        shown = (255 - np.array(canvas.evaluate(GREYS))) / (255 - 17)
        np.testing.assert_allclose(shown, expected.strip[i].ravel(), atol=0.005)
    assert not page.problems


def test_a_python_that_does_not_answer_is_named_until_it_does(other, light):
    widget = latent_explorer(FourPixels())
    page, where = other("FourPixels()", widget), light.locator(".lt-where")
    page.evaluate(f"() => {{ {NOTEBOOK} kernel.requestExecute("
                  "{code: 'import time; time.sleep(5)'}); }")  # fmt: skip
    press(page, ".lt-pad", "Shift+ArrowRight")
    page.wait_for_timeout(2500)
    assert where.inner_text() == (
        "decoded in Python, which does not answer: run this cell in a notebook"
    )
    sees(page, widget, z=(0.5,))
    page.wait_for_timeout(3500)
    ours = picture(widget, z=(0.5,)).image.ravel()
    np.testing.assert_allclose(ink(page, ".lt-picture"), ours, atol=0.005)
    assert "at z" in where.inner_text() and not page.problems


# --- as every explorer ---


def test_python_moves_every_picture(explorer):
    source = (
        "w.z, w.axes, w.chosen, w.other, w.t, w.mode = (2, 1), (1, 0), 3, 9, 0.3, 'interpolate'"
    )
    state = {"z": (2, 1), "axes": (1, 0), "chosen": 3, "other": 9, "t": 0.3, "mode": "interpolate"}
    explorer_cases.assert_python_moves_every_picture(
        explorer, source, lambda: sees(explorer, **state)
    )


def test_an_exception_is_shown(explorer):
    explorer_cases.assert_an_exception_is_shown(explorer, ".lt-pad")


def test_a_saved_notebook_works_before_anything_is_run(explorer, lab):
    run_cell(explorer, 1, "w.chosen = 5")
    explorer_cases.assert_saved_small(explorer, lab, MAKER, most=70_000)
    press(explorer, ".lt-pad", "ArrowRight")
    sees(explorer, z=(0.1, 0.0), chosen=5)
    press(explorer, "[data-do=next]", "Enter")
    sees(explorer, z=mu(6), chosen=6)
    explorer.evaluate(THEME, "JupyterLab Light")
    rest(explorer, ".lt-pad")
    for name, pixels in (("picture", "image"), ("original", "original")):
        ours = getattr(picture(z=mu(6), chosen=6), pixels).ravel()
        np.testing.assert_allclose(ink(explorer, f".lt-{name}"), ours, atol=0.005)
    assert json.loads((lab.folder / f"{MAKER}.ipynb").read_text())["cells"][0]["outputs"]


@explorer_cases.each_theme
def test_it_follows_the_theme(explorer, theme):
    states = {
        "opening": "pass",
        "chosen": f"w.chosen = {A}",
        "walk": f"w.other, w.mode = {B}, 'interpolate'",
    }
    explorer_cases.assert_it_follows_the_theme(explorer, theme, "latent", states)
    paper, ink_of = (255, 17) if theme == "JupyterLab Light" else (24, 255)
    expected = paper + (ink_of - paper) * picture(chosen=A).reconstruction.ravel()
    greys = explorer.locator(".lt-strip canvas").first.evaluate(GREYS)
    np.testing.assert_allclose(greys, expected, atol=1)


def test_on_a_narrow_page_nothing_sticks_out(other):
    widget = latent_explorer(vae(20), digits())
    page = other("vae(20), digits()", widget)
    run_cell(page, 1, "w.chosen, w.other, w.mode = 3, 4, 'interpolate'")
    wide = page.viewport_size
    page.set_viewport_size({"width": 760, "height": 1500})
    page.wait_for_timeout(800)
    screenshot(code_cell(page, 0), "latent_narrow")
    over = page.locator(".cx").evaluate("e => [e.scrollWidth - e.clientWidth, e.clientWidth]")
    page.set_viewport_size(wide)
    page.wait_for_timeout(800)
    assert over[0] <= 0 and over[1] < 700
    assert not page.problems
