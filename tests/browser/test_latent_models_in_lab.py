"""The latent explorer in a real JupyterLab, of one latent, of many, and decoded in Python."""

import explorer_cases
import numpy as np
import torch
from explorer_actions import assert_drawn, drag, in_python, ink, press, tab_stops
from explorers import digits
from lab_in_chromium import NOTEBOOK, code_cell, run_cell, screenshot
from latent_cases import vae
from latent_page import MAKER, OPENING, SETUP, answers, picture, sees

from course_utils.toys import FourPixels
from course_utils.widgets import latent_explorer

opened, explorer = explorer_cases.explorer_fixtures(MAKER, sees, setup=SETUP, given=OPENING)
other = explorer_cases.other_fixture(sees, OPENING)
light = explorer_cases.light_fixture(".lt-pad")


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


def test_on_a_narrow_page_nothing_sticks_out(other):
    page = other("vae(20), digits()", latent_explorer(vae(20), digits()))
    run_cell(page, 1, "w.chosen, w.other, w.mode = 3, 4, 'interpolate'")
    explorer_cases.assert_fits_a_narrow_page(page, "latent")


# --- models that Python decodes ---


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
    page.evaluate(f"() => {{ {NOTEBOOK} kernel.requestExecute("
                  "{code: 'import time; time.sleep(5)'}); }")  # fmt: skip
    press(page, ".lt-pad", "Shift+ArrowRight")
    page.wait_for_timeout(2500)
    assert where.inner_text() == (
        "decoded in Python, which does not answer: run this cell in a notebook"
    )
    sees(page, widget, z=(0.5,))
    page.wait_for_timeout(3500)
    assert_drawn(page, ".lt-picture", picture(widget, z=(0.5,)).image)
    assert "at z" in where.inner_text()
