"""The Monte Carlo explorer beside its numbers: its words, its still."""

import re

import numpy as np
from explorers import by_node, needs_node
from monte_carlo_cases import MATHS, STATES

from course_utils.estimators import TRUST
from course_utils.plots import PALETTE
from course_utils.widgets import monte_carlo_explorer
from course_utils.widgets._shared.view import HERE
from course_utils.widgets._shared.words import signed
from course_utils.widgets.monte_carlo import monte_carlo_picture


def test_words_say_when_the_error_bar_is_void():
    good, void = monte_carlo_picture(STATES[0]), monte_carlo_picture(STATES[2])
    assert good.ess[-1] > TRUST > void.ess[-1]
    assert f"± {good.std_error[-1]:.2f}" in good.text and "void" not in good.text
    assert "(error bar void)" in void.text and "nats too low" in void.text
    assert f"exactly −{-good.exact:.2f}" in good.text


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


def test_the_page_uses_the_colours_of_the_course():
    text = (HERE / "_shared/canvas.js").read_text(encoding="utf-8")
    roles = dict(re.findall(r'(\w+): "(#[0-9A-F]{6})"', text))
    assert roles == {name: PALETTE[name] for name in ("p", "q", "samples", "data")}
    css = (HERE / "_shared/explorer.css").read_text(encoding="utf-8").upper()
    assert PALETTE["p"] in css and PALETTE["q"] in css


@needs_node
def test_a_number_that_rounds_to_zero_has_no_sign():
    numbers, texts = [-0.004, 0.004, -1.006, 12.3], ["0.00", "0.00", "−1.01", "12.30"]
    assert [signed(value) for value in numbers] == texts
    assert by_node(MATHS, "(values) => values.map((v) => signed(v))", numbers) == texts
