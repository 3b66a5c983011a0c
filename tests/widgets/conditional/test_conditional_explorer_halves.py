"""The conditional explorer of halves without a browser: pictures, words, view, still."""

import numpy as np
import pytest
import torch
from explorers import digits
from halves_cases import HALF, each_prior, each_state, explorer, halves, left_half

from course_utils.data import ImageData
from course_utils.widgets import conditional_explorer
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.conditional import HalfExplorer, HalfState, conditional_picture

# --- the picture ---


@each_prior
@each_state
def test_completions_are_what_the_model_decodes_at_draws_from_its_prior(prior, state):
    model, widget = halves(prior), explorer(prior)
    picture = conditional_picture(state, widget.shown)
    y = left_half(state)
    with torch.no_grad():
        p = model.prior_given(y[None])
    eps = torch.from_numpy(standard_normals(state.seed, 64, 3)).float()
    z = p.mu + state.spread * (p.log_var / 2).exp() * eps
    np.testing.assert_allclose(picture.z, z, atol=1e-2)  # y is kept in 255ths
    expected = model.generate(y[None], torch.from_numpy(picture.z).float()).numpy()
    np.testing.assert_allclose(picture.completions[:, :, 4:], expected[:9], atol=2e-3)
    np.testing.assert_allclose(picture.mean[:, 4:], expected.mean(axis=0), atol=2e-3)
    for whole in (*picture.completions, picture.mean):
        np.testing.assert_allclose(whole[:, :4], y, atol=0.5 / 255 + 1e-6)


@each_prior
@pytest.mark.parametrize("left", [0, 17])
@pytest.mark.parametrize("spread", [0.4, 1.0, 1.5])
def test_the_error_of_a_draw_is_that_of_the_mean_and_the_variance(prior, left, spread):
    """E |x_k - x|^2 = |mean - x|^2 + E |x_k - mean|^2, exactly, over the 64 draws."""
    widget = explorer(prior, left=left, spread=spread)
    one, mean, best = widget.picture.errors
    assert one == pytest.approx(mean + widget.picture.variance, rel=1e-9)
    assert best < one and widget.picture.variance > 1e-3
    truth = digits().images[left, :, 4:].numpy()
    ours = ((widget.picture.completions[:, :, 4:] - truth) ** 2).sum(axis=(1, 2)).min()
    assert best == pytest.approx(ours, rel=0.05)


def test_without_noise_all_completions_are_the_mean():
    picture = explorer(spread=0).picture
    for whole in picture.completions:
        np.testing.assert_allclose(whole, picture.mean, atol=1e-6)
    assert picture.variance < 1e-9 and picture.errors[0] == pytest.approx(picture.errors[1])


def test_other_seeds_are_other_draws_and_more_spread_varies_more():
    first, second = explorer(seed=0).picture, explorer(seed=1).picture
    assert np.abs(first.completions - second.completions).max() > 0.01
    variances = [explorer(spread=s).picture.variance for s in (0.25, 0.5, 1.0, 1.5)]
    assert variances == sorted(variances) and variances[0] > 0


def test_the_truth_is_the_picture_itself_and_a_drawn_half_has_none():
    picture = explorer(left=17).picture
    np.testing.assert_allclose(picture.truth, digits().images[17], atol=0.5 / 255 + 1e-7)
    np.testing.assert_array_equal(picture.completions[0][:, :4], picture.truth[:, :4])
    drawn = explorer(left=HALF).picture
    assert drawn.truth is None and drawn.errors is None
    np.testing.assert_allclose(drawn.left, np.array(HALF), atol=1e-6)


# --- words ---


def test_words_for_a_picture_a_drawing_and_an_empty_half():
    picture = explorer(left=7, seed=3, spread=0.5).picture
    one, mean, best = map(two_decimals, picture.errors)
    assert picture.text == (
        "The left half of picture 7. Nine draws of z from p(z|y), seed 3, their noise times 0.50; "
        f"64 such draws vary by {two_decimals(picture.variance)}. Off the true right half by {one} "
        f"for a draw on average, {mean} for the mean of 64, {best} for the nearest of the nine."
    )
    ink = int((np.array(HALF) > 0).sum())
    drawn = explorer(left=HALF).picture.text
    assert drawn.startswith(f"A left half drawn by hand, ink on {ink} of 32 pixels. Nine draws ")
    assert "Off the true" not in drawn
    empty = explorer("fixed", left=None).picture.text
    assert empty.startswith("The left half is empty: draw in it, by mouse, finger or keys. Nine ")
    assert " draws of z from N(0, I), seed 0; 64 such draws vary by " in empty


@each_state
def test_no_class_is_ever_named(state):
    text = repr(explorer(**vars(state)))
    assert "label" not in text and "class" not in text and "digit" not in text


# --- the view ---


def test_as_many_numbers_as_pixels_mean_halves():
    widget = explorer()
    assert isinstance(widget, HalfExplorer) and widget.state == HalfState(0)
    assert conditional_explorer(halves()).state == HalfState(None)


def test_no_more_than_40_pictures_are_taken():
    images = torch.rand(60, 8, 8, generator=torch.Generator().manual_seed(0))
    widget = conditional_explorer(halves(), ImageData(images, torch.zeros(60, dtype=torch.int64)))
    assert widget.recipe["pictures"] == 40 and widget.shown.wholes.shape == (40, 8, 8)


@each_state
def test_the_still_shows_the_half_the_nine_their_mean_and_the_truth(state):
    widget = explorer(**vars(state))
    picture = widget.picture
    left, *nine, mean, truth = widget.still().axes
    np.testing.assert_array_equal(left.images[0].get_array(), picture.left)
    for ax, pixels in zip(nine, picture.completions, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), pixels)
    np.testing.assert_array_equal(mean.images[0].get_array(), picture.mean)
    assert mean.get_title() == "mean of 64"
    assert truth.get_visible() == (picture.truth is not None)
