"""The gradient explorer beside its numbers: its words, its still."""

import numpy as np
from gradient_cases import STATES, each_state

from course_utils.plots import PALETTE
from course_utils.widgets import gradient_explorer
from course_utils.widgets._shared.view import HERE
from course_utils.widgets.gradient import GradientState, gradient_picture
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


def test_the_page_uses_the_colours_of_the_course():
    css = (HERE / "gradient/explorer.css").read_text(encoding="utf-8").upper()
    assert PALETTE["samples"] in css and PALETTE["q"] in css
