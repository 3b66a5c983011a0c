"""The writer of digits: its pictures, its prior, its knobs."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from stroke_cases import as_factors, cases, column

from course_utils.data._skeletons import SKELETONS
from course_utils.strokes import draw, sample_factors
from course_utils.widgets import stroke_writer
from course_utils.widgets.strokes import StrokeState, stroke_picture
from course_utils.widgets.strokes._knobs import BY_NAME, KNOBS, TYPICAL, share_beyond, value_of
from course_utils.widgets.strokes._writer import RANGES

each_knob = pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)


# --- the picture ---


@pytest.mark.parametrize("state", cases()[:25], ids=str)
def test_the_picture_is_what_the_writer_draws(state):
    picture = stroke_picture(state)
    np.testing.assert_array_equal(picture.image, draw(as_factors(state))[0])
    assert picture.knob == state.knob and picture.state is state
    for value, image in zip(picture.strip_values, picture.strip, strict=True):
        one = turned(state, value.item())
        assert value_of(one, state.knob) == value
        np.testing.assert_array_equal(image, draw(as_factors(one))[0])


def turned(state: StrokeState, value: float) -> StrokeState:
    """The state of a small picture, made by hand: all as it stands but for the one knob."""
    name, _, number = state.knob.partition(" ")
    if not number:
        return replace(state, **{name: value})
    at = int(number) - 1
    return replace(state, wobble=(*state.wobble[:at], value, *state.wobble[at + 1 :]))


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


# --- the prior ---


def test_the_knobs_know_the_prior_of_the_writer():
    """Drawn again from the knobs' own numbers, the factors are the same to the last bit."""
    n, generator = 500, torch.Generator().manual_seed(3)
    expected = sample_factors(n, generator=torch.Generator().manual_seed(3))
    assert torch.equal(torch.randint(10, (n,), generator=generator), expected.digit)
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
    drawn = column(factors, knob).double()
    for value in (knob.low, knob.mean - 0.7 * knob.deviation, knob.mean + knob.deviation):
        share = share_beyond(knob, value)
        counted = (drawn <= value + 1e-6 if value < knob.mean else drawn > value).double().mean()
        assert abs(counted - share) < 5 * math.sqrt(share * (1 - share) / n)


def test_the_typical_length_of_a_wobble_is_the_median():
    wobble = sample_factors(20_000, generator=torch.Generator().manual_seed(2)).wobble
    assert f"{wobble.norm(dim=1).median():.1f}" == str(TYPICAL)


# --- the knobs ---


def moments(image: np.ndarray) -> dict[str, float]:
    """Where the ink lies: its width, height, lean, and how these differ between the halves."""
    y, x = np.mgrid[:28, :28] - 13.5
    ink = image / image.sum()
    top, left = (y < 0) * image, (x < 0) * image
    below, right = image - top, image - left

    def mean(part: np.ndarray, axis: np.ndarray) -> float:
        return (part * axis).sum() / part.sum()

    def variance(part: np.ndarray, axis: np.ndarray) -> float:
        return mean(part, (axis - mean(part, axis)) ** 2)

    return {
        "right per pixel up": -(ink * x * y).sum() / (ink * y * y).sum(),
        "ink": image.sum(),
        "height": (ink * y * y).sum(),
        "width": (ink * x * x).sum(),
        "wider below": variance(below, x) - variance(top, x),
        "sides down": (ink * x * x * y).sum(),
        "ends right": (ink * y * y * x).sum(),
        "lower half right": mean(below, x) - mean(top, x),
        "taller on the right": variance(right, y) - variance(left, y),
        "lower half larger": (ink * y**3).sum(),
        "right side down": mean(right, y) - mean(left, y),
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


@pytest.mark.parametrize("knob", ["wobble", "wobble 9", 3])
def test_an_unknown_knob_is_refused_with_the_known_ones(knob):
    with pytest.raises(ValueError, match="known are: digit, slant, weight, .*wobble 8"):
        StrokeState(knob=knob)
    with pytest.raises(ValueError, match="there is no knob"):
        stroke_writer().knob = knob


def test_factors_of_the_writer_are_welcome_as_they_come():
    """Zero-dimensional tensors; and float32 rounds 0.55, the end of slant, upwards."""
    factors = sample_factors(200, generator=torch.Generator().manual_seed(0))
    at = int(factors.slant.argmax())
    assert factors.slant[at].item() > RANGES["slant"][1]
    state = StrokeState(*(column[at] for column in factors))
    assert state.slant == RANGES["slant"][1] and type(state.digit) is int
    np.testing.assert_allclose(stroke_picture(state).image, draw(factors)[at], atol=1e-6)


def test_a_knob_moved_from_python_is_the_one_last_touched():
    """The page says itself which it is: a draw from p(z) moves all knobs and touches none."""
    widget = stroke_writer(digit=5, weight=3.0)
    touched = [widget.knob]
    for name, value in [("size", 0.9), ("wobble", [0] * 5 + [1, 0.2, 0]), ("digit", 2)]:
        setattr(widget, name, value)
        touched.append(widget.knob)
    assert touched == ["slant", "size", "wobble 6", "digit"]
    widget = stroke_writer()
    widget.set_state({"digit": 4, "slant": 0.2, "wobble": [0.1] * 8})
    assert widget.state == StrokeState(4, 0.2, wobble=(0.1,) * 8, knob="slant")
    widget.set_state({"angle": 0.1, "knob": "angle"})
    assert widget.state.knob == "angle"
    widget.weight = 3
    assert widget.state.knob == "weight"


def test_the_recipe_is_sent_once_and_cannot_be_set():
    widget = stroke_writer()
    recipe = json.loads(json.dumps(widget.get_state()["recipe"]))
    for digit, lines in enumerate(recipe["skeletons"]):
        for line, points in zip(lines, SKELETONS[digit], strict=True):
            np.testing.assert_array_equal(line, points)
    assert recipe["start"] == json.loads(json.dumps(vars(StrokeState())))
    with pytest.raises(Exception, match="read-only"):
        widget.recipe = {}
