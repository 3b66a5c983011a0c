"""The ELBO explorer beside its numbers: its words, its still, its view, its twin in JS."""

import json
import math

import numpy as np
import pytest
from elbo_cases import MATHS, STATES, each_model, random_states
from explorer_views import (
    assert_one_module,
    assert_opens_as_python,
    assert_same_picture,
    assert_words_and_a_still,
    needs_node,
)
from explorers import assert_refused_in_words, by_node

from course_utils.plots import PALETTE
from course_utils.widgets import elbo_explorer
from course_utils.widgets._shared.view import HERE, read_esm
from course_utils.widgets.elbo import ElboState, e_step, elbo_picture, m_step
from course_utils.widgets.elbo._explorer import FILES


def test_words_hold_both_identities_in_numbers():
    picture = elbo_picture(ElboState())
    assert picture.text.startswith("Linear, a = 0.50, q = N(0.50, 0.71²): ")
    numbers = [f"{v:.2f}".replace("-", "−") for v in (picture.log_px, picture.elbo, picture.gap)]
    assert "log p(x) {} = ELBO {} + gap {};".format(*numbers) in picture.text
    assert f"ELBO = rec −{-picture.rec:.2f} − KL {picture.kl:.2f}." in picture.text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"model": "cubic"}, "no model called 'cubic'; known are: linear, two roots"),
        ({"model": ["linear"]}, "no model called ['linear']"),
        ({"mu": 4.5}, "mu should be a number from -4 to 4, but 4.5 came"),
        ({"log_var": -7}, "log_var should be a number from -6 to 2, but -7 came"),
        ({"mu": None}, "but None came"),
        ({"log_var": math.nan}, "but nan came; the explorer opens with log_var=-0.6931"),
        ({"a": "1"}, "a should be a number from -3 to 3, but '1' came"),
        ({"a": True}, "but True came"),
    ],
)
def test_bad_state_is_refused_in_words(wrong, says):
    assert_refused_in_words(elbo_explorer, ElboState, wrong, says)


def test_the_view_holds_the_state_and_little_else():
    widget = elbo_explorer("two roots", mu=0.25, log_var=-2, a=np.float64(1.5))
    assert widget.state == ElboState("two roots", 0.25, -2.0, 1.5)
    saved = widget.get_state()
    assert {name: saved[name] for name in vars(widget.state)} == vars(widget.state)
    assert len(json.dumps(saved)) < 40_000
    widget.mu = 1
    assert widget.state == ElboState("two roots", 1.0, -2.0, 1.5)
    widget.model = "linear"
    assert widget.state == ElboState("linear", 1.0, -2.0, 1.5)


def test_without_a_browser_there_are_words_and_a_still():
    call = "elbo_explorer('linear', 0.5, -0.6931, 0.5)"
    words = f"{call}: {elbo_picture(ElboState()).text}"
    assert_words_and_a_still(elbo_explorer, words, most=50_000)


def test_the_still_shows_the_picture():
    widget = elbo_explorer(mu=0.4, a=1.2)
    picture = elbo_picture(widget.state)
    densities, sums, curves = widget.still().axes
    lines = {line.get_label(): line.get_ydata() for line in densities.lines}
    np.testing.assert_array_equal(lines["p(z|x)"], picture.posterior)
    np.testing.assert_array_equal(lines["q(z)"], picture.q)
    spans = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in sums.patches]
    log_px, elbo, rec = picture.log_px, picture.elbo, picture.rec
    expected = [(log_px, 0), (elbo, log_px), (elbo, 0), (elbo, rec), (rec, 0)]
    np.testing.assert_allclose(spans, expected)
    lines = {line.get_label(): line.get_ydata() for line in curves.lines}
    np.testing.assert_array_equal(lines["ELBO"], picture.elbo_of_a)
    np.testing.assert_array_equal(lines["log p(x)"], picture.log_px_of_a)


def test_the_page_uses_the_colour_of_the_gap():
    for name in ("elbo/pictures.js", "elbo/explorer.css"):
        assert PALETTE["gap"] in (HERE / name).read_text(encoding="utf-8").upper()


def test_one_browser_module_is_made_of_several_files():
    assert_one_module(FILES, least=30)


# --- the twin in JS ---


def in_javascript(run: str, *given):
    """What a function makes of some states and texts."""
    given = [[vars(state) for state in item] if isinstance(item, list) else item for item in given]
    return by_node(read_esm(*MATHS), run, *given)


@needs_node
def test_the_page_opens_with_the_state_of_python():
    assert_opens_as_python(FILES, ElboState)


@needs_node
def test_javascript_computes_the_same_picture():
    theirs = in_javascript("states => states.map(picture)", STATES)
    for state, made in zip(STATES, theirs, strict=True):
        assert_same_picture(made, elbo_picture(state))


@needs_node
@each_model
def test_javascript_takes_the_same_steps(model):
    states = random_states(model, n=100, seed=1)
    for name, step in [("eStep", e_step), ("mStep", m_step)]:
        theirs = in_javascript(f"states => states.map({name})", states)
        for state, after in zip(states, theirs, strict=True):
            ours = vars(step(state))
            assert after.pop("model") == ours.pop("model")
            assert after == pytest.approx(ours, rel=1e-9, abs=1e-12)


def words(before: ElboState, after: ElboState, by: str = "") -> str:
    """What the read-out says about a move."""
    run = "(states, by) => changed(...states.map(picture), by)"
    return in_javascript(run, [before, after], by)


@needs_node
def test_words_about_a_move_of_q():
    before, after = ElboState(), e_step(ElboState())
    gap = elbo_picture(before).gap
    assert words(before, after, "E-step") == (
        "E-step: mu 0.50 → 1.70. log p(x) did not move: it does not know q. "
        f"The gap shrank by {gap:.2f}, and the ELBO rose by as much."
    )
    assert f"The gap grew by {gap:.2f}, and the ELBO fell" in words(after, before)
    wider = ElboState(log_var=math.log(0.5) + 0.001)
    assert words(before, wider) == (
        "sd 0.71 → 0.71. log p(x) did not move: it does not know q. "
        "The gap and the ELBO stayed within 0.01."
    )


@needs_node
def test_words_about_a_move_of_a():
    before = e_step(ElboState())
    after = m_step(before)
    old, new = elbo_picture(before), elbo_picture(after)
    said = words(before, after, "M-step")
    assert said == (
        "M-step: a 0.50 → 0.85. KL(q‖p(z)) did not move: it does not know a. "
        f"log p(x) rose by {new.log_px - old.log_px:.2f}; "
        f"the ELBO rose by {new.elbo - old.elbo:.2f}; the gap rose by {new.gap - old.gap:.2f}."
    )
    assert "log p(x) fell by" in words(after, before)
    both = words(ElboState(), after)
    assert "does not know" not in both and both.startswith("mu 0.50 → 1.70, a 0.50 → 0.85. ")


@needs_node
def test_words_when_nothing_moves_or_everything_does():
    state = e_step(ElboState())
    assert words(state, state) == ""
    assert words(state, state, "E-step") == "E-step: nothing moves, it is at its best already."
    other = ElboState("two roots")
    assert words(state, other) == "Model: two roots. Another model has another log p(x)."
