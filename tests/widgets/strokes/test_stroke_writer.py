"""The writer of digits: its pictures, its prior, its words."""

import math

import numpy as np
import pytest
import torch
from stroke_cases import as_factors, cases

from course_utils.strokes import draw, sample_factors
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.strokes import StrokeState, stroke_picture
from course_utils.widgets.strokes._knobs import (
    BY_NAME,
    KNOBS,
    TYPICAL,
    share_beyond,
    value_of,
)
from course_utils.widgets.strokes._writer import RANGES

NO_NOISE = "Same knobs, same picture: this writer adds no noise."
each_knob = pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)


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
    assert [two_decimals(v) for v in (0.125, -0.125, -0.001, 2)] == [
        "0.13",
        "−0.12",
        "0.00",
        "2.00",
    ]
