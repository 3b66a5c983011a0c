"""The Monte Carlo explorer beside its numbers: its words, its still, its view, its twin in JS."""

import json
import math
import re

import numpy as np
import pytest
from explorer_views import (
    assert_one_module,
    assert_opens_as_python,
    assert_same_picture,
    assert_words_and_a_still,
    needs_node,
)
from explorers import assert_refused_in_words, by_node
from monte_carlo_cases import MATHS, STATES

from course_utils.estimators import TRUST
from course_utils.plots import PALETTE
from course_utils.widgets import monte_carlo_explorer
from course_utils.widgets._shared.view import HERE, Explorer, read_esm
from course_utils.widgets._shared.words import signed
from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture
from course_utils.widgets.monte_carlo._explorer import FILES


def test_words_say_when_the_error_bar_is_void():
    good, void = monte_carlo_picture(STATES[0]), monte_carlo_picture(STATES[2])
    assert good.ess[-1] > TRUST > void.ess[-1]
    assert f"± {good.std_error[-1]:.2f}" in good.text and "void" not in good.text
    assert "(error bar void)" in void.text and "nats too low" in void.text
    assert f"exactly −{-good.exact:.2f}" in good.text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"dimension": 0}, "dimension should be a whole number from 1 to 20, but 0 came"),
        ({"dimension": 2.0}, "dimension should be a whole number"),
        ({"sigma": 0}, "sigma should be a number from 0.05 to 1.0, but 0 came"),
        ({"sigma": math.nan}, "but nan came"),
        ({"sigma": "0.3"}, "but '0.3' came"),
        ({"n": 1e5}, "n should be a whole number from 10 to 100000"),
        ({"n": 5}, "opens with n=1000"),
        ({"seed": 100}, "seed should be a whole number from 0 to 99"),
        ({"proposal": True}, "proposal should be a number from 0.0 to 1.0, but True came"),
        ({"sigma": None}, "sigma should be a number from 0.05 to 1.0, but None came"),
    ],
)
def test_bad_state_is_refused_in_words(wrong, says):
    assert_refused_in_words(monte_carlo_explorer, MonteCarloState, wrong, says)


def test_whole_numbers_of_numpy_are_welcome():
    state = MonteCarloState(dimension=np.int64(3), sigma=1)
    assert state == MonteCarloState(dimension=3, sigma=1.0)
    assert type(state.dimension) is int and type(state.sigma) is float


def test_the_view_holds_the_state_and_little_else():
    widget = monte_carlo_explorer(dimension=4, sigma=0.5, n=200, seed=7, proposal=0.25)
    assert widget.state == MonteCarloState(4, 0.5, 200, 7, 0.25)
    saved = widget.get_state()
    assert {name: saved[name] for name in vars(widget.state)} == vars(widget.state)
    assert len(json.dumps(saved)) < 30_000
    widget.sigma = 1
    assert widget.state == MonteCarloState(4, 1.0, 200, 7, 0.25)


def test_without_a_browser_there_are_words_and_a_still():
    opening = monte_carlo_picture(MonteCarloState())
    words = f"monte_carlo_explorer(2, 0.3, 1000, 0, 0.0): {opening.text}"
    assert_words_and_a_still(monte_carlo_explorer, words, most=40_000)


def test_the_still_shows_the_picture():
    widget = monte_carlo_explorer(dimension=8, n=3000)
    picture = monte_carlo_picture(widget.state)
    weights, running = widget.still().axes
    heights = [bar.get_height() for bar in weights.patches]
    np.testing.assert_allclose(heights, [*picture.shares, picture.others])
    lines = {line.get_label(): line.get_ydata() for line in running.lines}
    np.testing.assert_array_equal(lines["estimate"], picture.estimate)
    assert set(lines["exact"]) == {picture.exact}
    assert running.get_ylabel() == "log p(x) [nats]"


def test_an_explorer_without_a_still_says_so():
    with pytest.raises(NotImplementedError, match="Explorer should define still"):
        Explorer(_esm="export default {}").still()


def test_the_page_uses_the_colours_of_the_course():
    text = (HERE / "_shared/canvas.js").read_text(encoding="utf-8")
    roles = dict(re.findall(r'(\w+): "(#[0-9A-F]{6})"', text))
    assert roles == {name: PALETTE[name] for name in ("p", "q", "samples", "data")}
    css = (HERE / "_shared/explorer.css").read_text(encoding="utf-8").upper()
    assert PALETTE["p"] in css and PALETTE["q"] in css


def test_one_browser_module_is_made_of_several_files():
    assert_one_module(FILES, least=30)


@needs_node
def test_the_page_opens_with_the_state_of_python():
    assert_opens_as_python(FILES, MonteCarloState)


@needs_node
def test_javascript_computes_the_same_picture():
    theirs = by_node(
        read_esm(*MATHS), "(states) => states.map(picture)", [vars(state) for state in STATES]
    )
    for state, made in zip(STATES, theirs, strict=True):
        assert_same_picture(made, monte_carlo_picture(state))


@needs_node
def test_a_number_that_rounds_to_zero_has_no_sign():
    numbers, texts = [-0.004, 0.004, -1.006, 12.3], ["0.00", "0.00", "−1.01", "12.30"]
    assert [signed(value) for value in numbers] == texts
    assert by_node(read_esm(*MATHS), "(values) => values.map((v) => signed(v))", numbers) == texts
