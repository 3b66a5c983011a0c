"""The checks at the door: what they let through, and that each refusal says what to do."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils import _require as _checks

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=3),
)
shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)


def refusal(check, **values):
    """The message of a refusal, or None if all was well; any other exception is a bug."""
    try:
        check(**values)
    except ValueError as err:
        return str(err)
    return None


@given(anything)
def test_a_count_is_a_whole_number_of_at_least_one(value):
    message = refusal(_checks.require_count, n=value)
    good = type(value) is int and value >= 1
    assert (message is None) == good
    if message:
        assert message.startswith("n should be a whole number")
        assert repr(value) in message


@given(anything)
def test_a_positive_number_is_finite_and_above_zero(value):
    message = refusal(_checks.require_positive, sigma=value)
    good = type(value) in (int, float) and math.isfinite(value) and value > 0
    assert (message is None) == good
    if message:
        assert "sigma should be a number above 0" in message


@given(shapes, shapes)
def test_equal_shapes_pass_and_others_are_both_named(left, right):
    message = refusal(_checks.require_same_shape, a=torch.zeros(left), b=torch.zeros(right))
    assert (message is None) == (left == right and left != ())
    if message and left != right:
        assert f"a {left}" in message
        assert f"b {right}" in message


@given(shapes, shapes)
def test_last_axes_agree_and_leading_axes_broadcast(left, right):
    message = refusal(_checks.require_same_last_axis, a=torch.zeros(left), b=torch.zeros(right))
    try:
        torch.broadcast_shapes(left, right)
        fits = bool(left and right) and left[-1] == right[-1]
    except RuntimeError:
        fits = False
    assert (message is None) == fits


@given(st.lists(st.floats(width=32), min_size=1, max_size=6))
def test_finite_means_every_entry_and_the_bad_ones_are_counted(values):
    message = refusal(_checks.require_finite, x=torch.tensor(values))
    bad = sum(not math.isfinite(value) for value in values)
    assert (message is None) == (bad == 0)
    if message:
        assert f"{bad} of {len(values)} entries" in message


@given(shapes)
def test_an_empty_tensor_is_refused_with_its_shape(shape):
    message = refusal(_checks.require_not_empty, x=torch.zeros(shape))
    assert (message is None) == (0 not in shape)
    if message:
        assert str(shape) in message


def test_unknown_names_get_the_list():
    with pytest.raises(ValueError, match="no data set called 'mnits'; known are: digits, mnist"):
        _checks.require_known("data set", "mnits", ["digits", "mnist"])
    assert refusal(_checks.require_tensor, x=[1.0]).endswith("try torch.as_tensor(x).")
