"""The ELBO explorer beside its numbers: its words, its still, words about a move."""

import math

import numpy as np
from elbo_cases import MATHS
from explorers import by_node, needs_node

from course_utils.plots import PALETTE
from course_utils.widgets import elbo_explorer
from course_utils.widgets._shared.view import HERE
from course_utils.widgets.elbo import ElboState, e_step, elbo_picture, m_step


def test_words_hold_both_identities_in_numbers():
    picture = elbo_picture(ElboState())
    assert picture.text.startswith("Linear, a = 0.50, q = N(0.50, 0.71²): ")
    numbers = [f"{v:.2f}".replace("-", "−") for v in (picture.log_px, picture.elbo, picture.gap)]
    assert "log p(x) {} = ELBO {} + gap {};".format(*numbers) in picture.text
    assert f"ELBO = rec −{-picture.rec:.2f} − KL {picture.kl:.2f}." in picture.text


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


# --- the twin in JS ---


def words(before: ElboState, after: ElboState, by: str = "") -> str:
    """What the read-out says about a move."""
    run = "(states, by) => changed(...states.map(picture), by)"
    return by_node(MATHS, run, [vars(before), vars(after)], by)


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
