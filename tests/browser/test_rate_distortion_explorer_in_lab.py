"""The explorer of rate and distortion in a real JupyterLab: by mouse, keyboard, touch, Python."""

from explorer_actions import (
    assert_drawn,
    drag,
    in_python,
    press,
    reading,
    said,
    show_light,
    touch,
)
from explorer_cases import ARROWS, AsEveryExplorer
from explorers import rates
from lab_in_chromium import run_cell

from course_utils.widgets.rate_distortion import RateDistortionState, rate_distortion_picture

SAID = ".rd-said"
WIDGET = rates()
AVERAGES = "draws 0 → 1 (R and D did not move: they are averages over draws). "


def picture(**state):
    """What Python computes for this state, the rest as at the opening."""
    return rate_distortion_picture(RateDistortionState(**state), WIDGET.shown)


sees, answers = reading(SAID, lambda **state: picture(**state).text)


def on_plane(page, model: int) -> tuple[float, float]:
    """Where a network stands, in shares of the canvas: as `planeScale` has it."""
    box, plane = page.locator(".rd-pad").bounding_box(), WIDGET.shown.plane
    point, (rate, distortion) = plane.points[model], plane.reach
    across = 50 + (box["width"] - 62) * point.distortion / distortion
    down = box["height"] - 40 - (box["height"] - 50) * point.rate / rate
    return across / box["width"], down / box["height"]


def assert_shown(page, expected) -> None:
    """The pixels are those of a RateDistortionPicture."""
    for name in ("original", "decoded", "optimum"):
        assert_drawn(page, f".rd-{name}", getattr(expected, name))
    assert page.locator(".rd-samples canvas").count() == len(expected.samples) == 10
    for i, sample in enumerate(expected.samples):
        assert_drawn(page, ".rd-samples canvas", sample, i)


def test_a_drag_goes_to_the_network_under_the_pointer(light):
    drag(light, ".rd-pad", on_plane(light, 0), on_plane(light, 3))
    words = sees(light, model=3)
    assert words.startswith("network 0 (sigma 0.15) → 3 (sigma 0.50) (R fell by ")
    assert_shown(light, picture(model=3))
    assert in_python(light) == {"model": 3, "image": 0, "seed": 0}


def test_a_finger_goes_along_the_networks(explorer):
    touch(explorer, ".rd-pad", on_plane(explorer, 1), on_plane(explorer, 2), (0.1, 0.1))
    assert in_python(explorer)["model"] == 2


def test_pictures_are_picked_by_select(light):
    light.locator(".cx select").select_option("7")
    assert sees(light, image=7).startswith("picture 0 → 7. R ")
    assert_shown(light, picture(image=7))
    assert light.locator(".cx option").all_inner_texts() == [str(i) for i in range(12)]


def test_numbers_are_those_of_python(explorer):
    run_cell(explorer, 1, "w.model, w.image = 2, 4")
    text = sees(explorer, model=2, image=4)
    for name in ("rate", "distortion", "needed"):
        assert f" {explorer.locator(f'[data-number={name}]').inner_text()}" in text
    for name in ("linear", "own"):
        rate, distortion = explorer.locator(f"[data-number={name}]").inner_text().split(", ")
        assert f"R {rate}, D {distortion}" in text


def test_other_draws_come_round_again(light):
    words = answers(light, "[data-do=again]", "Enter", seed=1)
    assert words.startswith(AVERAGES)
    assert_shown(light, picture(seed=1))
    answers(light, "[data-do=again]", *["Enter"] * 4, seed=0)
    assert in_python(light)["seed"] == 0
    assert_shown(light, picture())


def test_a_drag_over_all_networks_says_one_thing_once_it_rests(explorer):
    drag(explorer, ".rd-pad", on_plane(explorer, 0), on_plane(explorer, 4), steps=20)
    assert said(explorer, SAID).startswith("network 0 (sigma 0.15) → 4 (sigma 1.20) (R fell by ")


class TestAsEveryExplorer(AsEveryExplorer):
    maker, given = "rate_distortion_explorer", "networks(), load('digits')"
    setup = "from course_utils.data import load\nfrom explorers import networks"
    sees, name = staticmethod(sees), "rates"
    pad, most = ".rd-pad", 120_000
    moved = "w.model, w.image, w.seed = 2, 5, 3", {"model": 2, "image": 5, "seed": 3}
    themes = {"opening": "pass", "middle": "w.model, w.image = 2, 5", "collapsed": "w.model = 4"}
    stops = "model image previous next again reset"
    label = ("another network", "another picture", "Shift")
    beside = (".rd-original", ".rd-optimum")
    keys = [
        (".rd-pad", ARROWS, {"model": 3}),
        (".rd-pad", "ArrowDown Shift+ArrowDown ArrowUp", {"image": 5}),
        (".rd-pad", "Shift+ArrowRight", {"model": 4}),
        ("[data-do=next]", "Enter Enter", {"image": 7}),
        ("[data-do=previous]", "Enter b", {"image": 6}),
        ("[data-field=model]", "ArrowLeft", {"model": 3}),
        ("[data-field=image]", "ArrowDown", {"image": 7}),
        ("[data-do=again]", "Space", {"seed": 1}),
        ("[data-do=reset]", "Enter", None, "Reset. "),
    ]

    def check_opened(self, page):
        answers(page, self.pad, "ArrowRight", "ArrowDown", model=1, image=1)
        press(page, "[data-do=again]", "Enter")
        show_light(page, self.pad)
        assert_shown(page, picture(model=1, image=1, seed=1))
