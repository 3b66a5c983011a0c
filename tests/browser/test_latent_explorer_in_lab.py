"""The latent explorer in a real JupyterLab: by mouse, keyboard and touch, of other models, too."""

import numpy as np
import pytest
import torch
from explorer_actions import (
    GREYS,
    PIXELS,
    assert_drawn,
    drag,
    in_python,
    ink,
    press,
    said,
    show_light,
    tab_stops,
)
from explorer_cases import (
    ARROWS,
    AsEveryExplorer,
    OverLatents,
    assert_fits_a_narrow_page,
    rows_of_codes,
)
from explorers import digits, vae
from lab_in_chromium import code_cell, in_lab, run_cell, screenshot
from latent_page import SPAN, WIDGET, A, B, answers, click, mu, on_pad, picture, sees

from course_utils.toys import FourPixels
from course_utils.widgets import latent_explorer


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


def test_the_buttons_stay_where_they_are(explorer):
    def places():
        return [button.bounding_box() for button in explorer.locator(".cx button").all()]

    before = places()
    answers(explorer, "[data-do=next]", "Enter", chosen=0, z=mu(0))
    explorer.locator("input[value=interpolate]").check()
    assert places() == before and explorer.locator(".lt-chosen").is_visible()


# --- other models ---


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
    answers(page, "[data-do=same]", "Enter", widget=widget, z=chosen, axes=axes[::-1], chosen=0)
    assert in_python(page)["axes"] == list(axes[::-1])


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
    answers(page, ".lt-pad", "ArrowRight", "ArrowUp", widget=widget, z=(0.1,))
    drag(page, ".lt-pad", (0.5, 0.3), (0.9, 0.6))
    z = in_python(page)["z"]
    assert len(z) == 1 and z[0] > 1
    press(page, ".lt-pad", "Home", "Enter")
    nearest = int(np.abs(widget.codes.mu[:, 0]).argmin())
    sees(page, widget, z=widget.codes.mu[nearest].tolist(), chosen=nearest)
    screenshot(code_cell(page, 0), "latent_line")


def test_many_latents_fit_a_narrow_page(other):
    page = other("vae(20), digits()", latent_explorer(vae(20), digits()))
    run_cell(page, 1, "w.chosen, w.other, w.mode = 3, 4, 'interpolate'")
    assert_fits_a_narrow_page(page, "latent_of_20")


def test_python_decodes_what_the_browser_cannot(other, light):
    widget = latent_explorer(FourPixels())
    page = other("FourPixels()", widget)
    for key, z in [("Shift+ArrowRight", 0.5), ("ArrowLeft", 0.4), ("End", 0.4), ("Home", 0.0)]:
        answers(page, ".lt-pad", key, widget=widget, z=(z,))
        ours = np.round(255 * picture(widget, z=(z,)).image.ravel()) / 255
        np.testing.assert_allclose(ink(page, ".lt-picture"), ours, atol=0.003)
    drag(page, ".lt-pad", (0.3, 0.5), (0.8, 0.5))
    page.mouse.move(5, 5)
    z = in_python(page)["z"]
    assert_drawn(page, ".lt-picture", picture(widget, z=z).image)
    assert page.locator("input[value=interpolate]").is_disabled()


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
    assert_drawn(page, ".lt-picture", expected.image)
    for i in range(page.locator(".lt-strip canvas").count()):
        assert_drawn(page, ".lt-strip canvas", expected.strip[i], i)


def test_a_python_that_does_not_answer_is_named_until_it_does(other, light):
    widget = latent_explorer(FourPixels())
    page, where = other("FourPixels()", widget), light.locator(".lt-where")
    in_lab(page, "kernel.requestExecute({code: 'import time; time.sleep(5)'});")
    press(page, ".lt-pad", "Shift+ArrowRight")
    page.wait_for_timeout(2500)
    assert where.inner_text() == (
        "decoded in Python, which does not answer: run this cell in a notebook"
    )
    late = said(page, ".lt-said")
    assert "z = 0.50: " in late and late.endswith(f"an older one: it is {where.inner_text()}.")
    sees(page, widget, z=(0.5,))
    page.wait_for_timeout(3500)
    assert_drawn(page, ".lt-picture", picture(widget, z=(0.5,)).image)
    assert "at z" in where.inner_text()


class TestAsEveryExplorer(AsEveryExplorer, OverLatents):
    maker, given = "latent_explorer", "vae(), digits()"
    setup = """import torch
from course_utils.toys import FourPixels
from explorers import digits, vae"""
    sees, picture = staticmethod(sees), staticmethod(picture)
    widget, drawn = WIDGET, "Drawn. "
    name, most = "latent", 70_000
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

    stops = "mode previous nearest next draw reset"
    label = ("Arrow keys",)
    keys = [
        (".lt-pad", ARROWS, {"z": (0.5, 0.0)}),
        (".lt-pad", "ArrowUp Shift+ArrowDown", {"z": (0.5, -0.4)}),
        (".lt-pad", "Home", None),
        *rows_of_codes(WIDGET.codes.mu),
    ]

    @staticmethod
    def shows(page, expected):
        assert_drawn(page, ".lt-picture", expected.image)

    def check_keys(self, page):
        assert in_python(page)["chosen"] == 0

    def check_opened(self, page):
        answers(page, self.pad, "ArrowRight", z=(0.1, 0.0), chosen=5)
        answers(page, "[data-do=next]", "Enter", z=mu(6), chosen=6)
        show_light(page, self.pad)
        for name, pixels in (("picture", "image"), ("original", "original")):
            assert_drawn(page, f".lt-{name}", getattr(picture(z=mu(6), chosen=6), pixels))

    def check_theme(self, page, theme):
        paper, ink_of = (255, 17) if theme == "JupyterLab Light" else (24, 255)
        expected = paper + (ink_of - paper) * picture(chosen=A).reconstruction.ravel()
        greys = page.locator(".lt-strip canvas").first.evaluate(GREYS)
        np.testing.assert_allclose(greys, expected, atol=1)
