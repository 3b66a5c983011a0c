"""What the conditional explorer sends to the page, and what the page makes of it, by node."""

import json

import conditional_cases
import explorers
import halves_cases
import numpy as np
import pytest
import torch
from conditional_cases import cvae
from explorers import needs_node, round_to_halves
from halves_cases import HALF, halves, left_half
from twins import CONDITIONAL, opening, sent

from course_utils.widgets import conditional_explorer
from course_utils.widgets._shared.view import HERE
from course_utils.widgets.conditional import (
    ClassState,
    HalfState,
    _classes,
    _halves,
    conditional_picture,
)


def by_node(run: str, *given):
    """What a function of JavaScript makes of what is given."""
    return explorers.by_node(CONDITIONAL, opening(run), *given)


# --- classes ---


@needs_node
def test_words_about_a_move_come_before_what_it_means():
    widget = conditional_cases.explorer()
    before, after = ClassState(), ClassState((0.5, -1.0), (1, 0), 3, 4)
    run = """(sent, before, state) =>
      describeClassChange(sent.recipe, codesOf(sent), { before, state })"""
    text = conditional_picture(after, widget.shown).text
    assert by_node(run, sent(widget), vars(before), vars(after)) == (
        "class 0 → 3, code none → 4, axes z[0], z[1] → z[1], z[0], "
        f"z (0.00, 0.00) → (0.50, −1.00). {text}"
    )
    assert by_node(run, sent(widget), vars(before), vars(before)) == widget.picture.text


# --- halves ---


@needs_node
def test_words_about_another_half_come_before_what_it_means():
    run = """(sent, before, state) => describeHalfChange(sent.recipe, { before, state,
      shown: { variance: 1, errors: null } })"""
    given = vars(HalfState(7)), vars(HalfState(HALF, 3, 0.5))
    words = by_node(run, sent(halves_cases.explorer()), *given)
    start = "left half picture 7 → drawn, seed 0 → 3, spread 1.00 → 0.50. A left half drawn by hand"
    assert words.startswith(start)


# --- the brush ---

BRUSH = (
    "(rows, strokes) => strokes.reduce((rows, [ends, erase]) => brushed(rows, ends, erase), rows)"
)


def blank(height, width):
    return [[0] * width for _ in range(height)]


@needs_node
def test_on_28_rows_a_stroke_is_as_wide_as_a_pen_with_a_grey_rim():
    """Across a line through pixel centres: the ink adds up to 2 pixels, its rim is grey."""
    rows = np.array(by_node(BRUSH, blank(28, 14), [[[[7.5, 4.5], [7.5, 20.5]], False]]))
    across = rows[12]
    assert across.sum() == pytest.approx(2, abs=0.1) and across[7] == 1
    assert 0 < across[6] == across[8] < 1 and not across[:5].any() and not across[10:].any()
    assert (rows[4:21, 7] == 1).all() and not rows[:2].any() and not rows[24:].any()


@needs_node
def test_on_8_rows_a_stroke_is_one_pixel_wide():
    rows = np.array(by_node(BRUSH, blank(8, 4), [[[[1.5, 2.5], [1.5, 5.5]], False]]))
    assert (rows[2:6, 1] == 1).all()
    assert rows.sum() == 4


@needs_node
def test_ink_is_added_and_erased_and_an_empty_half_is_none():
    dot, line = [[2.5, 3.5], [2.5, 3.5]], [[0.5, 0.5], [3.5, 6.5]]
    once = by_node(BRUSH, blank(8, 4), [[line, False]])
    assert by_node(BRUSH, blank(8, 4), [[line, False], [line, False]]) == once
    both = np.array(by_node(BRUSH, blank(8, 4), [[line, False], [dot, False]]))
    assert (both >= np.array(once)).all() and both[3, 2] == 1
    without = np.array(by_node(BRUSH, once, [[dot, True]]))
    assert without[3, 2] == 0 and (without <= np.array(once)).all() and without.any()
    assert by_node(BRUSH, blank(8, 4), [[dot, False], [dot, True]]) is None


@needs_node
def test_a_picked_half_can_be_drawn_on():
    """Its pixels in hundredths, as a state holds them."""
    widget = halves_cases.explorer()
    run = "(sent, left) => rowsOf(left, wholesOf(sent), sent.recipe.image)"
    rows = by_node(run, sent(widget), 7)
    np.testing.assert_allclose(rows, left_half(HalfState(7)), atol=0.005 + 0.5 / 255)
    assert HalfState(rows).left == tuple(map(tuple, rows))
    assert by_node(run, sent(widget), None) == blank(8, 4)
    assert by_node(run, sent(widget), HALF) == [list(row) for row in HALF]


# --- what is sent ---


def size_of(widget) -> int:
    """Characters in a saved notebook, its code left out."""
    saved = {k: v for k, v in widget.get_state().items() if k not in ("_esm", "_css")}
    return sum(4 * (len(v) + 2) // 3 if isinstance(v, bytes) else len(json.dumps(v))
               for v in saved.values())  # fmt: skip


def test_the_state_of_a_decoder_in_exact_halves_stays_below_0_8_mb():
    """12-256-256-784 without pixels, and with 40 whole pictures to pick from."""
    model = cvae(2, 10, hidden=(256, 256), shape=(28, 28))
    round_to_halves(model)
    widget = conditional_explorer(model)
    assert widget.shown.decoder.half and widget.shown.decoder.sizes == [12, 256, 256, 784]
    assert 700_000 < size_of(widget) < 800_000


def test_a_prior_network_travels_as_halves_only_where_those_are_exact():
    model = halves()
    rounded = conditional_explorer(model)
    assert not rounded.recipe["prior"]["half"]
    round_to_halves(model)
    exact = conditional_explorer(model)
    assert exact.recipe["prior"]["half"] and exact.shown.decoder.half
    assert 2 * len(exact.prior_weights) == len(rounded.prior_weights)
    assert conditional_explorer(halves("fixed")).prior_weights == b""


def test_the_weights_are_those_of_the_moment():
    model = halves()
    widget = conditional_explorer(model)
    before = widget.picture.mean
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1)
    np.testing.assert_array_equal(widget.picture.mean, before)
    assert np.abs(conditional_explorer(model).picture.mean - before).max() > 0.05


def test_the_files_of_the_twin_are_those_of_the_page():
    sent_files = {*_classes.FILES, *_halves.FILES}
    assert {*CONDITIONAL} <= sent_files
    assert all((HERE / name).stat().st_size for name in sent_files)
