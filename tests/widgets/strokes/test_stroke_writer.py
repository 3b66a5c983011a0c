"""The writer of digits without a browser: its pictures, its words, its still, its twin in JS."""

import base64
import json
import math
import re
import shutil
import subprocess

import numpy as np
import pytest
import torch
from explorers import assert_refused_in_words

from course_utils import strokes
from course_utils.data._skeletons import SKELETONS
from course_utils.strokes import Factors, draw, sample_factors
from course_utils.widgets import stroke_writer
from course_utils.widgets._shared import view as _view
from course_utils.widgets._shared.view import read_esm
from course_utils.widgets.strokes import StrokeState, StrokeWriter, stroke_picture
from course_utils.widgets.strokes._knobs import (
    BY_NAME,
    KNOBS,
    NAMES,
    NO_NOISE,
    TYPICAL,
    share_beyond,
    shown,
    value_of,
)
from course_utils.widgets.strokes._writer import FILES, RANGES

MATHS = ("strokes/math.js", "strokes/words.js")
each_knob = pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)


def cases() -> list[StrokeState]:
    """Every digit with drawn styles, and with each knob at each end; every knob in the strip."""
    factors = sample_factors(60, generator=torch.Generator().manual_seed(0))
    drawn = [
        StrokeState(i % 10, slant, weight, size, angle, tuple(wobble), NAMES[i % len(NAMES)])
        for i, (slant, weight, size, angle, wobble) in enumerate(
            zip(*(column.tolist() for column in list(factors)[1:]), strict=True)
        )
    ]
    low, high = ({name: ends[k] for name, ends in strokes.RANGES.items()} for k in (0, 1))
    extreme = [
        StrokeState(digit, **{**ends, "wobble": (ends["wobble"],) * 8}, knob=knob)
        for digit, (ends, knob) in enumerate([(low, "slant"), (high, "wobble 8")] * 5)
    ]
    return [StrokeState(), *extreme, *drawn]


def as_factors(state: StrokeState) -> Factors:
    """One image's factors."""
    row = [torch.tensor([getattr(state, name)]) for name in RANGES]
    return Factors(row[0], *(column.float() for column in row[1:]))


# --- the picture ---


@pytest.mark.parametrize("state", cases()[:25], ids=str)
def test_the_picture_is_what_the_writer_draws(state):
    picture = stroke_picture(state)
    np.testing.assert_array_equal(picture.image, draw(as_factors(state))[0])
    assert picture.knob == state.knob and picture.state is state
    turned = strip_states(picture)
    for value, image, one in zip(picture.strip_values, picture.strip, turned, strict=True):
        assert value_of(one, state.knob) == value
        np.testing.assert_array_equal(image, draw(as_factors(one))[0])


def strip_states(picture) -> list[StrokeState]:
    """The states of the small pictures, made by hand: all as it stands but for the one knob."""
    states = []
    for value in picture.strip_values.tolist():
        row = {name: getattr(picture.state, name) for name in RANGES}
        if picture.knob.startswith("wobble"):
            at = int(picture.knob[-1]) - 1
            row["wobble"] = (*row["wobble"][:at], value, *row["wobble"][at + 1 :])
        else:
            row[picture.knob] = value
        states.append(StrokeState(**row))
    return states


@each_knob
def test_the_strip_goes_from_the_lowest_to_the_highest_value(knob):
    picture = stroke_picture(StrokeState(knob=knob.name))
    low, high = RANGES[knob.name.split()[0]]
    assert picture.strip.shape == (9, 28, 28) and picture.image.shape == (28, 28)
    np.testing.assert_allclose(picture.strip_values, np.linspace(low, high, 9))
    moves = np.abs(np.diff(picture.strip, axis=0)).sum((1, 2))
    assert moves.min() > 0.5, "each step of a knob should move some ink"


def test_the_strip_of_the_digit_shows_all_ten_in_one_style():
    picture = stroke_picture(StrokeState(digit=7, slant=0.4, knob="digit"))
    assert picture.strip.shape == (10, 28, 28)
    np.testing.assert_array_equal(picture.strip_values, range(10))
    np.testing.assert_array_equal(picture.strip[7], picture.image)


def test_the_same_knobs_give_the_same_picture():
    """No noise: x is a function of z, and the words say so."""
    state = cases()[20]
    first, again = stroke_picture(state), stroke_picture(StrokeState(**vars(state)))
    np.testing.assert_array_equal(first.image, again.image)
    assert first.text == again.text and first.text.endswith(NO_NOISE)


# --- the prior ---


def test_the_knobs_know_the_prior_of_the_writer():
    """Drawn again from the knobs' own numbers, the factors are the same to the last bit."""
    n, generator = 500, torch.Generator().manual_seed(3)
    assert torch.equal(
        torch.randint(10, (n,), generator=generator),
        (expected := sample_factors(n, generator=torch.Generator().manual_seed(3))).digit,
    )
    for name in ("slant", "weight", "size", "angle", "wobble"):
        knob = BY_NAME[name if name != "wobble" else "wobble 1"]
        eps = torch.randn(n, *getattr(expected, name).shape[1:], generator=generator)
        value = (knob.mean + knob.deviation * eps).clamp(knob.low, knob.high)
        assert torch.equal(value, getattr(expected, name)), name


@each_knob
def test_the_share_of_writers_beyond_is_that_of_drawn_ones(knob):
    """In between, and at both ends where the cut normal has its atoms: within 5 std errors."""
    n = 20_000
    factors = sample_factors(n, generator=torch.Generator().manual_seed(1))
    base, _, number = knob.name.partition(" ")
    drawn = getattr(factors, base).double()
    drawn = drawn[:, int(number) - 1] if number else drawn
    for value in (knob.low, knob.mean - 0.7 * knob.deviation, knob.mean + knob.deviation):
        share = share_beyond(knob, value)
        counted = (drawn <= value + 1e-6 if value < knob.mean else drawn > value).double().mean()
        assert abs(counted - share) < 5 * math.sqrt(share * (1 - share) / n)


def test_the_typical_length_of_a_wobble_is_the_median():
    wobble = sample_factors(20_000, generator=torch.Generator().manual_seed(2)).wobble
    assert f"{wobble.norm(dim=1).median():.1f}" == str(TYPICAL)


# --- the words ---


def test_words_say_what_a_value_means_and_how_likely_it_is():
    text = stroke_picture(StrokeState(slant=0.32)).text
    assert text == (
        "slant 0.32: leans right; under p(z) 14 % of writers lean more to the right. The digit 3: "
        "slant 0.32, weight 2.50 px, size 0.96, angle 0.00 rad, no wobble. " + NO_NOISE
    )
    left = stroke_picture(StrokeState(slant=-0.4)).text
    assert left.startswith("slant −0.40: leans left; under p(z) 0.6 % of writers sit here, where")
    bent = stroke_picture(StrokeState(wobble=(0, 0, 0, 0, 1.5, 0, 0, 2), knob="wobble 5")).text
    assert bent.startswith("wobble 5 (sag) 1.50: both sides down; under p(z) 6.7 % of writers")
    assert "wobble of length 2.50 (2.7 is typical)" in bent
    digit = stroke_picture(StrokeState(digit=8, knob="digit")).text
    assert digit.startswith("digit 8: ") and "1 chance in 10" in digit


def moments(image: np.ndarray) -> dict[str, float]:
    """Where the ink lies: its width, height, lean, and how these differ between the halves."""
    y, x = np.mgrid[:28, :28] - 13.5
    ink = image / image.sum()
    top, left = (y < 0) * image, (x < 0) * image

    def wide(part: np.ndarray) -> float:
        mean = (part * x).sum() / part.sum()
        return (part * (x - mean) ** 2).sum() / part.sum()

    def high(part: np.ndarray) -> float:
        mean = (part * y).sum() / part.sum()
        return (part * (y - mean) ** 2).sum() / part.sum()

    return {
        "right per pixel up": -(ink * x * y).sum() / (ink * y * y).sum(),
        "ink": image.sum(),
        "height": (ink * y * y).sum(),
        "width": (ink * x * x).sum(),
        "wider below": wide(image - top) - wide(top),
        "sides down": (ink * x * x * y).sum(),
        "ends right": (ink * y * y * x).sum(),
        "lower half right": ((image - top) * x).sum() / (image - top).sum()
        - (top * x).sum() / top.sum(),
        "taller on the right": high(image - left) - high(left),
        "lower half larger": (ink * y**3).sum(),
        "right side down": ((image - left) * y).sum() / (image - left).sum()
        - (left * y).sum() / left.sum(),
    }


@pytest.mark.parametrize(
    ("knob", "grows", "says"),
    [
        ("slant", "right per pixel up", "leans right"),
        ("weight", "ink", "a thick stroke"),
        ("size", "height", "large"),
        ("angle", "right per pixel up", "turned to the right"),
        ("wobble 1", "ends right", "top and bottom to the right"),
        ("wobble 2", "wider below", "wider below"),
        ("wobble 3", "lower half right", "upper half left, lower half right"),
        ("wobble 4", "width", "broader"),
        ("wobble 5", "sides down", "both sides down"),
        ("wobble 6", "taller on the right", "taller on the right"),
        ("wobble 7", "right side down", "left half up, right half down"),
        ("wobble 8", "lower half larger", "smaller above, larger below"),
    ],
)
def test_the_words_of_a_knob_are_what_it_does_to_the_ink(knob, grows, says):
    """The measure grows from each small picture to the next, for more than one digit."""
    for digit in (0, 8):
        strip = stroke_picture(StrokeState(digit=digit, slant=0.0, knob=knob)).strip
        assert np.diff([moments(image)[grows] for image in strip]).min() > 0
    assert BY_NAME[knob].above == says


def test_numbers_are_rounded_upwards_at_a_half_and_keep_their_minus():
    assert [shown(v) for v in (0.125, -0.125, -0.001, 2)] == ["0.13", "−0.12", "0.00", "2.00"]


# --- the state and the view ---


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"digit": 10}, "digit should be a whole number from 0 to 9, but 10 came"),
        ({"digit": 3.0}, "digit should be a whole number"),
        ({"digit": True}, "but True came"),
        ({"slant": 0.6}, "slant should be a number from -0.4 to 0.55, but 0.6 came"),
        ({"weight": math.nan}, "but nan came; the explorer opens with 2.5"),
        ({"size": "1"}, "size should be a number from 0.8 to 1.05, but '1' came"),
        ({"angle": None}, "angle should be a number from -0.2 to 0.2, but None came"),
        ({"wobble": [0.0] * 7}, "wobble should be 8 numbers"),
        ({"wobble": 0.0}, "wobble should be 8 numbers, but 0.0 came; try [0.0] * 8"),
        ({"wobble": [3] + [0] * 7}, "wobble should be a number from -2.0 to 2.0, but 3 came"),
    ],
)
def test_bad_state_is_refused_in_words(wrong, says):
    assert_refused_in_words(stroke_writer, StrokeState, wrong, says)


@pytest.mark.parametrize("knob", ["wobble", "wobble 9", 3])
def test_an_unknown_knob_is_refused_with_the_known_ones(knob):
    with pytest.raises(ValueError, match="known are: digit, slant, weight, .*wobble 8"):
        StrokeState(knob=knob)
    with pytest.raises(ValueError, match="there is no knob"):
        stroke_writer().knob = knob


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor])
def test_a_wobble_may_be_a_list_an_array_or_a_tensor(kind):
    widget = stroke_writer(wobble=kind([0.5] * 8))
    assert widget.wobble == (0.5,) * 8
    widget.wobble = kind([0.25, -1] + [0] * 6)
    assert widget.state.wobble == (0.25, -1, 0, 0, 0, 0, 0, 0)
    assert all(type(w) is float for w in widget.wobble)


def test_factors_of_the_writer_are_welcome_as_they_come():
    """Zero-dimensional tensors; and float32 rounds 0.55, the end of slant, upwards."""
    factors = sample_factors(200, generator=torch.Generator().manual_seed(0))
    at = int(factors.slant.argmax())
    assert factors.slant[at].item() > RANGES["slant"][1]
    state = StrokeState(*(column[at] for column in factors))
    assert state.slant == RANGES["slant"][1] and type(state.digit) is int
    np.testing.assert_allclose(stroke_picture(state).image, draw(factors)[at], atol=1e-6)


def test_a_knob_moved_from_python_is_the_one_last_touched():
    widget = stroke_writer(digit=5, weight=3.0)
    assert widget.knob == "slant"
    touched = []
    for name, value in [("size", 0.9), ("wobble", [0] * 5 + [1, 0.2, 0]), ("digit", 2)]:
        setattr(widget, name, value)
        touched.append(widget.knob)
    assert touched == ["size", "wobble 6", "digit"]


def test_what_the_page_moves_leaves_the_knob_to_the_page():
    """A draw from p(z) moves all knobs and touches none."""
    widget = stroke_writer()
    widget.set_state({"digit": 4, "slant": 0.2, "wobble": [0.1] * 8})
    assert widget.state == StrokeState(4, 0.2, wobble=(0.1,) * 8, knob="slant")
    widget.set_state({"angle": 0.1, "knob": "angle"})
    assert widget.state.knob == "angle"
    widget.weight = 3
    assert widget.state.knob == "weight"


def test_the_view_holds_the_state_and_little_else():
    widget = stroke_writer(1, 0.2, 3, 1, 0.1, wobble=[0.5] * 8)
    assert widget.state == StrokeState(1, 0.2, 3.0, 1.0, 0.1, (0.5,) * 8)
    saved = json.loads(json.dumps(widget.get_state()))
    assert {name: saved[name] for name in RANGES} == {
        **{"digit": 1, "slant": 0.2, "weight": 3.0, "size": 1.0, "angle": 0.1},
        **{"wobble": [0.5] * 8},
    }
    assert len(json.dumps(saved)) < 40_000


def test_the_recipe_is_sent_once_and_cannot_be_set():
    widget = stroke_writer()
    recipe = json.loads(json.dumps(widget.get_state()["recipe"]))
    for digit, lines in enumerate(recipe["skeletons"]):
        for line, points in zip(lines, SKELETONS[digit], strict=True):
            np.testing.assert_array_equal(line, points)
    assert recipe["start"] == json.loads(json.dumps(vars(StrokeState())))
    with pytest.raises(Exception, match="read-only"):
        widget.recipe = {}


def test_without_a_browser_there_are_words_and_a_still():
    data, _ = stroke_writer()._repr_mimebundle_()
    again, _ = stroke_writer()._repr_mimebundle_()
    opening = stroke_picture(StrokeState())
    assert data["text/plain"] == f"stroke_writer(3, 0.1, 2.5, 0.96, 0.0): {opening.text}"
    assert data["image/png"] == again["image/png"]
    assert "application/vnd.jupyter.widget-view+json" in data
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG") and len(png) < 40_000
    bent = stroke_writer(wobble=[0, 0, 0.5, 0, 0, 0, 0, 0])
    assert repr(bent).startswith(
        "stroke_writer(3, 0.1, 2.5, 0.96, 0.0, wobble=[0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]): "
    )


@pytest.mark.parametrize("knob", ["weight", "wobble 2", "digit"])
def test_the_still_shows_the_picture(knob):
    widget = stroke_writer(digit=6, weight=3.1)
    widget.knob = knob
    picture = stroke_picture(widget.state)
    large, density, strip = widget.still().axes[:3]
    np.testing.assert_array_equal(large.images[0].get_array(), picture.image)
    small = [axes.images[0].get_array() for axes in strip.child_axes]
    np.testing.assert_array_equal(small, picture.strip)
    np.testing.assert_allclose(strip.get_xticks(), picture.strip_values)
    assert set(density.lines[-1].get_xdata()) == {value_of(widget.state, knob)}
    assert strip.get_xlabel() == {"weight": "weight [px]"}.get(knob, knob)


def test_the_density_of_the_still_is_that_of_the_prior():
    density = stroke_writer().still().axes[1]
    z, p = density.lines[0].get_data()
    mean, deviation = torch.tensor([0.1, 0.2], dtype=torch.float64)
    expected = torch.distributions.Normal(mean, deviation).log_prob(torch.as_tensor(z)).exp()
    np.testing.assert_allclose(p, expected)


# --- the twin in the browser ---


def test_one_browser_module_is_made_of_several_files():
    assert not re.search(r"^(import|//|\s)", read_esm(*FILES), re.MULTILINE)
    text = "\n".join((_view.HERE / name).read_text(encoding="utf-8") for name in FILES)
    names = re.findall(r"^(?:export )?(?:function|const|let) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 40  # a name twice would be a syntax error on the page
    assert StrokeWriter._esm == read_esm(*FILES)


@pytest.mark.skipif(not shutil.which("node"), reason="no node; tests/browser runs it in Chromium")
def test_javascript_writes_the_same_digits():
    recipe, states = json.dumps(stroke_writer().recipe), cases()
    code = f"""{read_esm(*MATHS)}
        const run = {RUN};
        console.log(JSON.stringify(run({recipe}, {json.dumps([vars(s) for s in states])})));"""
    command = ["node", "--input-type=module", "-"]
    out = subprocess.run(command, input=code, capture_output=True, check=True, encoding="utf-8")
    assert_agrees(json.loads(out.stdout), states)


# Everything the browser computes for some states, and some draws from its prior.
RUN = """(recipe, states) => {
  const images = states.map((state) => [...drawDigit(recipe, state)]);
  const values = states.map((state) => stripValues(recipe, state.knob));
  const strips = states.slice(0, 20).map((state, i) => values[i].map((value) =>
    [...drawDigit(recipe, turned(state, state.knob, value))]));
  const texts = states.map((state) => describeState(recipe, state));
  const uniform = uniformFrom(1);
  const styles = Array.from({ length: 5000 }, () => sampleStyle(recipe, uniform));
  const digits = Array.from({ length: 5000 }, () => sampleDigit(uniform));
  const change = describeChange(recipe, states[0], { ...states[0], slant: 0.32, weight: 3 });
  return { images, values, strips, texts, styles, digits, change };
}"""


def assert_agrees(theirs: dict, states: list[StrokeState]) -> None:
    """The browser's pictures equal Python's to 1e-3 of full ink, its words to the letter."""
    pictures = [stroke_picture(state) for state in states]
    images = np.stack([picture.image.ravel() for picture in pictures])
    assert np.abs(images - theirs["images"]).max() < 1e-3
    for picture, values, text in zip(pictures, theirs["values"], theirs["texts"], strict=True):
        np.testing.assert_allclose(values, picture.strip_values, rtol=1e-12, atol=1e-12)
        assert text == picture.text
    for picture, strip in zip(pictures, theirs["strips"], strict=False):
        ours = picture.strip.reshape(len(picture.strip), -1)
        assert np.abs(ours - strip).max() < 1e-3
    assert theirs["change"].startswith(
        "weight 2.50 → 3.00; slant 0.10 → 0.32: leans right; under p(z) 14 % of writers lean"
    )
    assert_drawn_from_the_prior(theirs["styles"], theirs["digits"])


def assert_drawn_from_the_prior(styles: list[dict], digits: list[int]) -> None:
    """The whole distribution of each knob, its atoms at the ends too, and that of the digits."""
    n = len(styles)
    columns = []
    for knob in KNOBS:
        base, _, number = knob.name.partition(" ")
        z = np.array([s[base][int(number) - 1] if number else s[base] for s in styles])
        assert z.min() == knob.low and z.max() == knob.high
        inside = np.sort(z)[(np.sort(z) > knob.low) & (np.sort(z) < knob.high)]
        below = torch.special.ndtr(torch.as_tensor((inside - knob.mean) / knob.deviation)).numpy()
        counted = (np.searchsorted(np.sort(z), inside) + 0.5) / n
        assert np.abs(below - counted).max() < 2.3 / math.sqrt(n)  # Kolmogorov: 5e-5
        columns.append(z)
    off = np.corrcoef([*columns, digits]) - np.eye(len(KNOBS) + 1)
    assert np.abs(off).max() < 5 / math.sqrt(n)
    counts = np.bincount(digits, minlength=10)
    assert len(counts) == 10
    assert np.abs(counts - n / 10).max() < 5 * math.sqrt(n * 0.1 * 0.9)
