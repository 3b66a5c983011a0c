"""The conditional explorer of classes in a real JupyterLab: by mouse, keyboard, touch, Python."""

import torch
from explorer_actions import assert_drawn, drag, in_python, press, reading, show_light
from explorer_cases import AsEveryExplorer, OverLatents, rows_of_codes
from explorers import cvae, digits
from lab_in_chromium import code_cell, screenshot

from course_utils.data import ImageData
from course_utils.widgets import conditional_explorer
from course_utils.widgets.conditional import ClassState, conditional_picture

WIDGET = conditional_explorer(cvae(), digits())
MU = WIDGET.shown.codes.mu


def picture(widget=WIDGET, **state):
    """What Python computes for this state, the rest as at the opening."""
    return conditional_picture(ClassState(**(vars(widget.state) | state)), widget.shown)


sees, answers = reading(".lt-said", lambda *widget, **state: picture(*widget, **state).text)


def assert_shown(page, expected) -> None:
    """The row of classes and the large picture are those of a ClassPicture."""
    assert_drawn(page, ".lt-picture", expected.image)
    assert page.locator(".cd-row canvas").count() == len(expected.images)
    for i, pixels in enumerate(expected.images):
        assert_drawn(page, ".cd-row canvas", pixels, i)


def test_a_drag_moves_every_class_and_reaches_python(light):
    assert_shown(light, picture())
    drag(light, ".lt-pad", (0.5, 0.5), (0.8, 0.3))
    light.mouse.move(5, 5)
    state = in_python(light)
    assert state["z"][0] > 1 and state["z"][1] > 0.5 and state["digit"] == 0
    assert sees(light, z=state["z"]).startswith("z (0.00, 0.00) → (")
    assert_shown(light, picture(z=state["z"]))


def test_a_class_is_chosen_by_click(light):
    light.locator(".cd-row label").nth(4).click()
    assert sees(light, digit=4).startswith("class 0 → 4. ")
    assert_shown(light, picture(digit=4))
    assert light.locator(".cd-digit").inner_text() == "4"


def test_a_style_is_that_of_an_image_until_it_is_let_go(light):
    nearest = int((MU**2).sum(1).argmin())
    words = answers(light, ".lt-pad", "Enter", chosen=nearest, z=MU[nearest].tolist())
    assert "This is the style of image " in words
    label = WIDGET.shown.codes.labels[nearest]
    name = f"Image {nearest}, labelled {label} in the data set"
    assert light.locator(".lt-name").inner_text() == name
    assert_drawn(light, ".lt-original", picture(chosen=nearest).original)
    answers(light, ".lt-pad", "Escape", z=MU[nearest].tolist())
    assert not light.locator(".lt-chosen").is_visible()


# --- a learned prior, many latents, few classes ---


def test_a_learned_prior_moves_with_the_class(other):
    model = cvae(prior="learned")
    widget = conditional_explorer(model, digits())
    page = other("cvae(prior='learned'), digits()", widget)
    assert page.locator(".lt-prior").inner_text() == "p(z|y=0)"
    before = page.locator(".lt-codes").evaluate("c => c.toDataURL()")
    answers(page, ".lt-pad", "6", widget=widget, digit=6)
    assert page.locator(".lt-prior").inner_text() == "p(z|y=6)"
    assert page.locator(".lt-codes").evaluate("c => c.toDataURL()") != before
    shown = page.locator("[data-number=density]").inner_text()
    assert f"log p(z|y=6) = {shown};" in picture(widget, digit=6).text
    press(page, "[data-do=draw]", "Enter")
    z = in_python(page)["z"]
    assert sees(page, widget, digit=6, z=z).startswith("Drawn from p(z|y=6). ")


def test_of_many_latents_the_others_have_sliders(other):
    three = ImageData(digits().images[:9], torch.arange(9) % 3)
    widget = conditional_explorer(cvae(4, 3), three)
    page = other("cvae(4, 3), ImageData(digits().images[:9], torch.arange(9) % 3)", widget)
    assert page.locator(".cd-row canvas").count() == 3
    page.locator(".cx summary").click()
    rest_of = [i for i in range(4) if i not in widget.axes]
    press(page, f"input[data-field=z{rest_of[0]}]", "End")
    z = [0.0] * 4
    z[rest_of[0]] = widget.recipe["span"]
    sees(page, widget, z=z)
    page.locator("[data-field=axis0]").select_option(str(rest_of[0]))
    sees(page, widget, z=z, axes=(rest_of[0], widget.axes[1]))
    answers(page, ".lt-pad", "7", widget=widget, z=z, axes=(rest_of[0], widget.axes[1]))
    answers(page, "[data-do=zero]", "Enter", widget=widget, z=z, axes=(rest_of[0], widget.axes[1]))
    screenshot(code_cell(page, 0), "conditional_many")


def test_a_style_of_one_latent_is_a_line(other):
    widget = conditional_explorer(cvae(1), digits())
    page = other("cvae(1), digits()", widget)
    answers(page, ".lt-pad", "ArrowRight", "2", widget=widget, z=(0.1,), digit=2)
    screenshot(code_cell(page, 0), "conditional_line")


class TestAsEveryExplorer(AsEveryExplorer, OverLatents):
    maker, given = "conditional_explorer", "cvae(), digits()"
    setup = """import torch
from course_utils.data import ImageData
from explorers import cvae, digits"""
    sees, picture, shows = map(staticmethod, (sees, picture, assert_shown))
    widget, drawn = WIDGET, "Drawn from p(z). "
    name, most = "conditional", 80_000
    moved = (
        "w.chosen = 3; w.z, w.axes, w.digit, w.chosen = (2, 1), (1, 0), 5, 9",
        {"z": (2, 1), "axes": (1, 0), "digit": 5, "chosen": 9},
    )
    saved, narrow = "w.chosen = 5", "w.chosen = 7"
    themes = {"opening": "pass", "chosen": "w.chosen, w.z, w.digit = 7, w.shown.codes.mu[7], 4"}
    stops = "previous nearest next draw reset digit"
    label = ("Arrow keys",)
    keys = [
        (".lt-pad", "ArrowRight Shift+ArrowRight ArrowDown d d b b", {"z": (0.6, -0.1)}),
        (".lt-pad", "Home", None),
        *rows_of_codes(MU),
        (".lt-pad", "7", {"digit": 7}),
        (".cd-row input:checked", "ArrowRight ArrowRight ArrowLeft", {"digit": 8}),
        (".lt-pad", "Control+3", {}),
    ]

    def check_keys(self, page):
        assert page.locator(".cd-row input:checked").get_attribute("value") == "8"
        state = in_python(page)
        assert (state["digit"], state["chosen"]) == (8, 0)

    def check_opened(self, page):
        answers(page, self.pad, "ArrowRight", "4", z=(0.1, 0.0), chosen=5, digit=4)
        show_light(page, self.pad)
        assert_shown(page, picture(z=(0.1, 0.0), chosen=5, digit=4))
