"""The writer of digits beside its pictures: its state, its view, its still."""

import json

import numpy as np
import pytest
import torch

from course_utils.data._skeletons import SKELETONS
from course_utils.strokes import draw, sample_factors
from course_utils.widgets import stroke_writer
from course_utils.widgets.strokes import StrokeState, stroke_picture
from course_utils.widgets.strokes._knobs import value_of
from course_utils.widgets.strokes._writer import RANGES


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


def test_the_recipe_is_sent_once_and_cannot_be_set():
    widget = stroke_writer()
    recipe = json.loads(json.dumps(widget.get_state()["recipe"]))
    for digit, lines in enumerate(recipe["skeletons"]):
        for line, points in zip(lines, SKELETONS[digit], strict=True):
            np.testing.assert_array_equal(line, points)
    assert recipe["start"] == json.loads(json.dumps(vars(StrokeState())))
    with pytest.raises(Exception, match="read-only"):
        widget.recipe = {}


def test_the_words_tell_a_wobble():
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
