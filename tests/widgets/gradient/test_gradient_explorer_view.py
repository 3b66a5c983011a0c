"""The gradient explorer beside its numbers: its words, its still, its view, its twin in JS."""

import json
import math

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
from gradient_cases import MATHS, STATES, each_state

from course_utils.plots import PALETTE
from course_utils.widgets import gradient_explorer
from course_utils.widgets._shared.view import HERE, read_esm
from course_utils.widgets.gradient import GradientState, gradient_picture
from course_utils.widgets.gradient._explorer import FILES
from course_utils.widgets.gradient._words import fixed, plain, shown


def test_words_say_what_it_costs_and_when_it_is_wrong():
    texts = {state: gradient_picture(state).text for state in STATES}
    opening = gradient_picture(STATES[0])
    assert f"score function {fixed(opening.score_mean[-1], 2)} ± " in texts[STATES[0]]
    assert "multiplies it by noise" in texts[STATES[2]]
    assert "takes the 10 away" in texts[STATES[3]]
    assert "pathwise is the noisier one" in gradient_picture(GradientState("sin 3z", sigma=2)).text
    assert "says the same at every draw" in texts[STATES[8]]
    assert "wrong at any n" in texts[STATES[9]] and "differentiable f" in texts[STATES[9]]
    symmetric = gradient_picture(GradientState("step", 0.0, parameter="sigma")).text
    assert "Right here by coincidence" in symmetric and "wrong at any n" not in symmetric


def test_numbers_are_rounded_as_a_browser_does():
    assert [fixed(0.125, 2), fixed(-0.125, 2), fixed(-0.001, 2)] == ["0.13", "−0.13", "0.00"]
    assert [shown(1234.5), shown(0.05), shown(99.0), shown(1e-5)] == [
        "1,235",
        "0.050",
        "99.00",
        "0.00",
    ]
    assert [plain(1.0), plain(-0.5), plain(0.0), plain(0.25)] == ["1", "−0.5", "0", "0.25"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"f": "z^3"}, "there is no f called 'z^3'; known are: z^2, z^2 + 10, sin 3z, |z|, step"),
        ({"parameter": "log_var"}, "no parameter called 'log_var'; known are: mu, sigma"),
        ({"mu": 3.5}, "mu should be a number from -3.0 to 3.0, but 3.5 came"),
        ({"mu": math.nan}, "but nan came"),
        ({"sigma": 0}, "sigma should be a number from 0.1 to 2.0, but 0 came"),
        ({"sigma": "0.5"}, "but '0.5' came"),
        ({"n": 1e4}, "n should be a whole number from 10 to 10000"),
        ({"n": 5}, "opens with n=1000"),
        ({"seed": 100}, "seed should be a whole number from 0 to 99"),
        ({"mu": True}, "but True came"),
        ({"mu": None}, "mu should be a number from -3.0 to 3.0, but None came"),
        ({"baseline": 1}, "baseline should be True or False, but 1 came"),
    ],
)
def test_bad_state_is_refused_in_words(wrong, says):
    assert_refused_in_words(gradient_explorer, GradientState, wrong, says)


def test_the_view_holds_the_state_and_little_else():
    widget = gradient_explorer("|z|", -1, 0.4, 200, 7, parameter="sigma", baseline=True)
    assert widget.state == GradientState("|z|", -1.0, 0.4, 200, 7, "sigma", True)
    saved = widget.get_state()
    assert {name: saved[name] for name in vars(widget.state)} == vars(widget.state)
    assert len(json.dumps(saved)) < 40_000
    widget.mu, widget.n, widget.baseline = -0.0, np.int64(50), np.bool_(False)
    assert str(widget.state.mu) == "0.0" and type(widget.state.n) is int
    assert widget.state.baseline is False


def test_without_a_browser_there_are_words_and_a_still():
    call = "gradient_explorer('z^2', 1.0, 0.5, 1000, 0, parameter='mu', baseline=False)"
    words = f"{call}: {gradient_picture(GradientState()).text}"
    assert_words_and_a_still(gradient_explorer, words, most=60_000)


@each_state
def test_the_still_shows_the_picture(state):
    widget = gradient_explorer(**vars(state))
    picture = gradient_picture(state)
    function, _, score, path, running = widget.still().axes
    assert len(function.lines[1].get_xdata()) == min(200, state.n)
    for ax, counts in ((score, picture.score_counts), (path, picture.path_counts)):
        heights = [bar.get_height() for bar in ax.patches]
        np.testing.assert_allclose(heights, np.append(counts[1:-1], counts[[0, -1]]) / state.n)
    lines = {line.get_label(): line.get_ydata() for line in running.lines}
    np.testing.assert_array_equal(lines["score function"], picture.score_mean)
    np.testing.assert_array_equal(lines["pathwise"], picture.path_mean)
    assert set(lines["exact"]) == {picture.exact}


def test_one_browser_module_is_made_of_several_files():
    assert_one_module(FILES, least=50)
    css = (HERE / "gradient/explorer.css").read_text(encoding="utf-8").upper()
    assert PALETTE["samples"] in css and PALETTE["q"] in css


@needs_node
def test_the_page_opens_with_the_state_of_python():
    assert_opens_as_python(FILES, GradientState)


@needs_node
def test_javascript_computes_the_same_picture():
    theirs = by_node(
        read_esm(*MATHS), "states => states.map(picture)", [vars(state) for state in STATES]
    )
    for state, made in zip(STATES, theirs, strict=True):
        assert_same_picture(made, gradient_picture(state))
