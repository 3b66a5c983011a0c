"""The checks at the door: what they let through, and that each refusal says what to do."""

import math
import re
from contextlib import nullcontext

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


def refusal(words, *, unless):
    """A ValueError that begins so, unless all is well; any other exception is a bug."""
    return nullcontext() if unless else pytest.raises(ValueError, match="^" + re.escape(words))


@given(anything)
def test_a_count_is_a_whole_number_of_at_least_one(value):
    good = type(value) is int and 1 <= value <= _checks.LARGEST
    said = f"n should be a whole number of at least 1, but {_checks.shown(value)} came"
    with refusal(said, unless=good):
        _checks.require_count(n=value)


@given(anything)
def test_a_positive_number_is_finite_and_above_zero(value):
    good = type(value) in (int, float) and math.isfinite(value) and value > 0
    with refusal("sigma should be a number above 0", unless=good):
        _checks.require_positive(sigma=value)


@given(shapes, shapes)
def test_equal_shapes_pass_and_others_are_both_named(left, right):
    named = f"expected equal shapes, but these came: a {left}, b {right};"
    good = left == right != () and 0 not in left
    with refusal("a should h" if left == right else named, unless=good):
        _checks.require_same_shape(a=torch.zeros(left), b=torch.zeros(right))


@given(shapes, shapes)
def test_last_axes_agree_and_leading_axes_broadcast(left, right):
    try:
        torch.broadcast_shapes(left, right)
        fits = bool(left and right) and left[-1] == right[-1] and 0 not in left + right
    except RuntimeError:
        fits = False
    with refusal("", unless=fits):
        _checks.require_same_last_axis(a=torch.zeros(left), b=torch.zeros(right))


@given(st.lists(st.floats(width=32), min_size=1, max_size=6))
def test_finite_means_every_entry_and_the_bad_ones_are_counted(values):
    bad = sum(not math.isfinite(value) for value in values)
    with refusal(f"x should be finite, but {bad} of {len(values)} entries", unless=bad == 0):
        _checks.require_finite(x=torch.tensor(values))


@given(shapes)
def test_an_empty_tensor_is_refused_with_its_shape(shape):
    said = f"x should hold at least one example, but shape {shape} came;"
    with refusal(said, unless=0 not in shape):
        _checks.require_not_empty(x=torch.zeros(shape))


def test_unknown_names_get_the_list():
    with pytest.raises(ValueError, match="no data set called 'mnits'; known are: digits, mnist"):
        _checks.require_known("data set", "mnits", ["digits", "mnist"])


def test_what_is_no_tensor_gets_the_way_to_one():
    with pytest.raises(ValueError, match=r"try torch\.as_tensor\(x\)\.$"):
        _checks.require_tensor(x=[1.0])
