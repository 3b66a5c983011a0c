"""The conditional explorer of classes without a browser: pictures, words."""

import math

import numpy as np
import pytest
import torch
from conditional_cases import cvae, each_case, explorer
from explorers import digits

from course_utils.densities import DiagonalNormal
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.conditional import conditional_picture

# --- the picture ---


@each_case
def test_every_class_is_what_the_model_decodes_at_z(latents, prior, state):
    model, widget = cvae(latents, prior=prior), explorer(latents, prior)
    picture = conditional_picture(state, widget.shown)
    expected = model.generate(torch.arange(10), torch.tensor(state.z))
    np.testing.assert_allclose(picture.images, expected, atol=1e-3)
    np.testing.assert_array_equal(picture.image, picture.images[state.digit])
    assert picture.images.shape == (10, 8, 8)
    assert np.abs(picture.images[0] - picture.images[1]).max() > 0.05, "y should matter"


@each_case
def test_the_density_is_that_of_the_prior_given_the_class(latents, prior, state):
    model, widget = cvae(latents, prior=prior), explorer(latents, prior)
    picture = conditional_picture(state, widget.shown)
    with torch.no_grad():
        p = model.prior_given(torch.tensor([state.digit]))
    p = DiagonalNormal(p.mu.double(), p.log_var.double())
    z = torch.tensor([state.z], dtype=torch.float64)
    assert picture.log_pz == pytest.approx(p.log_prob(z).item(), rel=1e-6)
    squares = ((z - p.mu) ** 2 / p.log_var.exp()).sum() / 2
    share = torch.special.gammaincc(torch.tensor(latents / 2, dtype=torch.float64), squares)
    assert picture.beyond == pytest.approx(share.item(), rel=1e-5, abs=1e-200)


def test_a_chosen_code_is_where_the_encoder_puts_the_image_with_its_label():
    model, data, widget = cvae(), digits(), explorer()
    with torch.no_grad():
        q = model.encode(data.images, data.labels)
    np.testing.assert_allclose(widget.shown.codes.mu, q.mu, atol=1e-6)
    np.testing.assert_allclose(widget.shown.codes.log_var, q.log_var, atol=1e-6)
    with torch.no_grad():
        other = model.encode(data.images, (data.labels + 1) % 10)
    assert (q.mu - other.mu).abs().max() > 0.1, "the encoder should look at the label"
    widget.chosen = 3
    np.testing.assert_allclose(widget.picture.original, data.images[3], atol=0.5 / 255 + 1e-7)


def test_the_style_of_an_image_asked_for_with_its_own_label_is_its_reconstruction():
    model, data, widget = cvae(), digits(), explorer()
    label = data.labels[3].item()
    widget.chosen, widget.z, widget.digit = 3, widget.shown.codes.mu[3], label
    expected = model.reconstruct(data.images[3:4], data.labels[3:4])[0]
    np.testing.assert_allclose(widget.picture.image, expected, atol=1e-3)


# --- words ---


def test_words_for_a_place_a_code_and_its_style():
    widget = explorer(z=(0.5, -1.2), digit=3)
    log_pz = two_decimals(-math.log(2 * math.pi) - 0.5 * (0.25 + 1.44))
    beyond = 100 * math.exp(-0.5 * (0.25 + 1.44))
    start = f"z = (0.50, −1.20): log p(z) = {log_pz} nats; {beyond:.0f} % of draws from the prior"
    every = "all 10 classes, 3 shown large."
    assert widget.picture.text == f"{start} lie further out. Decoded in this one style: {every}"
    widget.chosen = 7
    name = f"image 7, labelled {digits().labels[7]} in the data set"
    own = ", ".join(map(two_decimals, widget.shown.codes.mu[7]))
    assert widget.picture.text.endswith(f"{every} I{name[1:]}, has its own at ({own}).")
    widget.z = widget.shown.codes.mu[7]
    assert widget.picture.text.endswith(f" This is the style of {name}: {every}")


def test_under_a_learned_prior_the_words_name_the_class():
    model, widget = cvae(prior="learned"), explorer(prior="learned", digit=3, z=(0.5, 1.0))
    with torch.no_grad():
        p = model.prior_given(torch.arange(10))
    heights = p.log_prob(torch.tensor([[0.5, 1.0]]).expand(10, 2)).tolist()
    best = int(np.argmax(heights))
    assert f": log p(z|y=3) = {two_decimals(heights[3])} nats; " in widget.picture.text
    assert " of draws from p(z|y=3) lie further out. " in widget.picture.text
    assert (
        f"likeliest for class {best}: log p(z|y={best}) = {two_decimals(heights[best])}. "
        in widget.picture.text
    )
    assert "likeliest" not in explorer().picture.text
