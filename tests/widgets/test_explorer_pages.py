"""What the explorers' pages make of what was sent, by node: as Python does, and on their own."""

import base64
import math
from functools import partial

import explorers
import numpy as np
import pytest
import torch
from explorers import HALF, classes, completions, digits, latent, left_half, rates, vae
from twins import Twins, by_node, by_page, files_of, needs_node

from course_utils import widgets
from course_utils.data import ImageData
from course_utils.models import Autoencoder
from course_utils.widgets import elbo_explorer, latent_explorer
from course_utils.widgets._shared.words import signed
from course_utils.widgets.conditional import ClassState, HalfState
from course_utils.widgets.elbo import ElboState, e_step, elbo_picture, m_step
from course_utils.widgets.latent import LatentState
from course_utils.widgets.rate_distortion import RateDistortionState, rate_distortion_picture
from course_utils.widgets.strokes import StrokeState

pytestmark = needs_node
page = partial(by_page, by_node)
PLAIN = [widgets.monte_carlo_explorer, elbo_explorer, widgets.gradient_explorer]


class TestByNode(Twins):
    @pytest.fixture
    def javascript(self):
        return by_node


@pytest.mark.parametrize("make", [*PLAIN, rates])
def test_the_page_opens_with_the_state_of_python(make):
    assert page(make(), "() => START") == vars(make().state)


def test_the_page_of_the_writer_holds_the_fields_of_the_state():
    assert page(widgets.stroke_writer(), "() => TRAITS") == list(vars(StrokeState()))


def test_a_number_that_rounds_to_zero_has_no_sign():
    numbers, texts = [-0.004, 0.004, -1.006, 12.3], ["0.00", "0.00", "−1.01", "12.30"]
    assert [signed(value) for value in numbers] == texts
    run = "(values) => values.map((v) => signed(v))"
    assert by_node(files_of(PLAIN[0]()), run, numbers) == texts


# --- words about a move ---


def elbo_words(*states: ElboState, by: str = "") -> str:
    """About a move from the first to the second."""
    run = "(_, states, by) => changed(...states.map(picture), by)"
    return page(elbo_explorer(), run, states, by)


def test_words_about_a_move_of_q():
    before, after = ElboState(), e_step(ElboState())
    gap = elbo_picture(before).gap
    assert elbo_words(before, after, by="E-step") == (
        "E-step: mu 0.50 → 1.70. log p(x) did not move: it does not know q. "
        f"The gap shrank by {gap:.2f}, and the ELBO rose by as much."
    )
    assert f"The gap grew by {gap:.2f}, and the ELBO fell" in elbo_words(after, before)
    wider = ElboState(log_var=math.log(0.5) + 0.001)
    assert elbo_words(before, wider) == (
        "sd 0.71 → 0.71. log p(x) did not move: it does not know q. "
        "The gap and the ELBO stayed within 0.01."
    )


def test_words_about_a_move_of_a():
    before = e_step(ElboState())
    after = m_step(before)
    old, new = elbo_picture(before), elbo_picture(after)
    rises = [getattr(new, name) - getattr(old, name) for name in ("log_px", "elbo", "gap")]
    assert elbo_words(before, after, by="M-step") == (
        "M-step: a 0.50 → 0.85. KL(q‖p(z)) did not move: it does not know a. "
        "log p(x) rose by {:.2f}; the ELBO rose by {:.2f}; the gap rose by {:.2f}.".format(*rises)
    )
    assert "log p(x) fell by" in elbo_words(after, before)
    both = elbo_words(ElboState(), after)
    assert "does not know" not in both and both.startswith("mu 0.50 → 1.70, a 0.50 → 0.85. ")


def test_words_when_nothing_moves_or_everything_does():
    state = e_step(ElboState())
    assert elbo_words(state, state) == ""
    at_its_best = "E-step: nothing moves, it is at its best already."
    assert elbo_words(state, state, by="E-step") == at_its_best
    other = "Model: two roots. Another model has another log p(x)."
    assert elbo_words(state, ElboState("two roots")) == other


@pytest.mark.parametrize(
    ("make", "after", "move", "says"),
    [
        (
            latent,
            LatentState((0.5, -1.0), (1, 0), 3, "interpolate", 4, 0.25),
            "describeChange",
            "mode explore → interpolate, axes z[0], z[1] → z[1], z[0], code none → 3, "
            "second code none → 4, t 0.50 → 0.25, z (0.00, 0.00) → (0.50, −1.00). ",
        ),
        (
            classes,
            ClassState((0.5, -1.0), (1, 0), 3, 4),
            "describeClassChange",
            "class 0 → 3, code none → 4, axes z[0], z[1] → z[1], z[0], "
            "z (0.00, 0.00) → (0.50, −1.00). ",
        ),
    ],
)
def test_words_about_a_move_come_before_what_it_means(make, after, move, says):
    widget, moved = make(), make(**vars(after))
    run = f"(sent, before, state) => {move}(sent.recipe, codesOf(sent), {{ before, state }})"
    opening = widget.state
    assert page(widget, run, opening, after) == says + moved.picture.text
    assert page(widget, run, opening, opening) == widget.picture.text


def test_words_about_another_half_come_before_what_it_means():
    run = """(sent, before, state) => describeHalfChange(sent.recipe, { before, state,
      shown: { variance: 1, errors: null } })"""
    words = page(completions(), run, HalfState(7), HalfState(HALF, 3, 0.5))
    start = "left half picture 7 → drawn, seed 0 → 3, spread 1.00 → 0.50. A left half drawn by hand"
    assert words.startswith(start)


def test_words_about_another_network_or_other_draws_come_before_what_it_means():
    widget, before = rates(), RateDistortionState()
    first, _, third, *_ = widget.shown.plane.points
    rate, distortion = first.rate - third.rate, third.distortion - first.distortion
    by = f"R fell by {rate:.2f}, D {'rose' if distortion > 0 else 'fell'} by {abs(distortion):.2f}"
    network = f"network 0 (sigma 0.15) → 2 (sigma 0.40) ({by}), picture 0 → 7. "
    draws = "draws 0 → 3 (R and D did not move: they are averages over draws). "
    run = "(sent, to) => describeChange(sent.recipe, to)"
    for after, moved in [
        (RateDistortionState(2, 7), network),
        (RateDistortionState(seed=3), draws),
        (RateDistortionState(image=1, seed=3), "picture 0 → 1, draws 0 → 3. "),
        (before, ""),
    ]:
        text = rate_distortion_picture(after, widget.shown).text
        assert page(widget, run, {"before": before, "state": after}) == moved + text
    text = widget.picture.text
    assert page(widget, run, {"state": before}) == text, "at first nothing has moved"


def test_a_place_of_the_plane_belongs_to_the_nearest_network():
    run = """(sent, canvas) => { const { recipe } = sent;
      const { at } = planeScale(recipe.reach, canvas.clientWidth, canvas.clientHeight);
      return recipe.points.map(({ rate, distortion }) => { const [x, y] = at([rate, distortion]);
        return nearestTo([x + 1, y - 1], recipe, canvas); }); }"""
    found = page(rates(), run, {"clientWidth": 500, "clientHeight": 340})
    assert found == [0, 1, 2, 3, 4]


# --- what was packed ---


def test_javascript_reads_every_kind_of_half():
    """Zeros, subnormals, powers, fractions, both signs: bit for bit."""
    kinds = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = kinds[np.isfinite(kinds)]
    text = base64.b64encode(finite.astype("<f2").tobytes()).decode()
    theirs = page(latent(), "(_, text) => [...floatsOf(view(text), true)]", text)
    np.testing.assert_array_equal(np.array(theirs, np.float32), finite.astype(np.float32))


def test_javascript_unpacks_the_codes_and_the_originals():
    for widget in (
        latent(),
        latent(5),
        latent_explorer(explorers.bringing_codes(vae())),
        latent_explorer(vae(kind=Autoencoder), digits()),
        latent_explorer(vae()),
    ):
        run = "(sent) => { const codes = codesOf(sent);"
        run += "return { ...codes, originals: codes.originals.map((o) => [...o]) }; }"
        theirs, ours = page(widget, run), widget.codes
        np.testing.assert_array_equal(np.reshape(theirs["mu"], ours.mu.shape), ours.mu)
        spread = [] if ours.log_var is None else ours.log_var.tolist()
        assert theirs["logVar"] == spread and theirs["labels"] == ours.labels
        pixels = np.zeros((0, 64)) if ours.originals is None else ours.originals.reshape(-1, 64)
        np.testing.assert_allclose(np.reshape(theirs["originals"], pixels.shape), pixels / 255)


def test_javascript_unpacks_dark_light_and_long_runs():
    """Runs of zeros longer than 255, runs at both ends, and none at all."""
    images = torch.zeros(4, 28, 28)
    images[1] = 1
    images[2, 0, 0] = images[2, 27, 27] = 0.5
    images[3, ::2, ::3] = 0.25
    widget = latent_explorer(vae(side=28), ImageData(images, torch.arange(4)))
    theirs = page(widget, "(sent) => codesOf(sent).originals.map((o) => [...o])")
    np.testing.assert_allclose(theirs, widget.codes.originals.reshape(4, 784) / 255)
    assert len(widget.packed_originals) < 1500


# --- the brush ---


def blank(height, width):
    return [[0] * width for _ in range(height)]


def brushed(rows, *strokes):
    """Rows after strokes, each its two ends and whether it erases."""
    run = """(_, rows, strokes) =>
      strokes.reduce((rows, [ends, erase]) => brushed(rows, ends, erase), rows)"""
    return page(completions(), run, rows, strokes)


def test_on_28_rows_a_stroke_is_as_wide_as_a_pen_with_a_grey_rim():
    """Across a line through pixel centres: the ink adds up to 2 pixels, its rim is grey."""
    rows = np.array(brushed(blank(28, 14), ([[7.5, 4.5], [7.5, 20.5]], False)))
    across = rows[12]
    assert across.sum() == pytest.approx(2, abs=0.1) and across[7] == 1
    assert 0 < across[6] == across[8] < 1 and not across[:5].any() and not across[10:].any()
    assert (rows[4:21, 7] == 1).all() and not rows[:2].any() and not rows[24:].any()


def test_on_8_rows_a_stroke_is_one_pixel_wide():
    rows = np.array(brushed(blank(8, 4), ([[1.5, 2.5], [1.5, 5.5]], False)))
    assert (rows[2:6, 1] == 1).all()
    assert rows.sum() == 4


def test_ink_is_added_and_erased_and_an_empty_half_is_none():
    dot, line = [[2.5, 3.5], [2.5, 3.5]], [[0.5, 0.5], [3.5, 6.5]]
    once = brushed(blank(8, 4), (line, False))
    assert brushed(blank(8, 4), (line, False), (line, False)) == once
    both = np.array(brushed(blank(8, 4), (line, False), (dot, False)))
    assert (both >= np.array(once)).all() and both[3, 2] == 1
    without = np.array(brushed(once, (dot, True)))
    assert without[3, 2] == 0 and (without <= np.array(once)).all() and without.any()
    assert brushed(blank(8, 4), (dot, False), (dot, True)) is None


def test_a_picked_half_can_be_drawn_on():
    """Its pixels in hundredths, as a state holds them."""
    run = "(sent, left) => rowsOf(left, wholesOf(sent), sent.recipe.image)"
    rows = page(completions(), run, 7)
    np.testing.assert_allclose(rows, left_half(HalfState(7)), atol=0.005 + 0.5 / 255)
    assert HalfState(rows).left == tuple(map(tuple, rows))
    assert page(completions(), run, None) == blank(8, 4)
    assert page(completions(), run, HALF) == [list(row) for row in HALF]
