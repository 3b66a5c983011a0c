"""The conditional explorer of classes without a browser: pictures, words, refusals."""

import math
import re

import numpy as np
import pytest
import torch
from conditional_cases import cvae, each_case, explorer
from explorers import assert_refused_in_words, digits

from course_utils.densities import DiagonalNormal
from course_utils.models import CVAE, VAE, Regressor
from course_utils.widgets import conditional_explorer
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.conditional import ClassState, conditional_picture

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


# --- refusals ---


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"z": "ab"}, "z should be the numbers of a latent, but 'ab' came; try (0.5, 1.0)"),
        ({"z": (0.0, math.nan)}, "but nan came"),
        ({"axes": (0, 0)}, "axes should be two different latents, but (0, 0) came; try (0, 1)"),
        ({"digit": -1}, "digit should be a whole number from 0 to 19, but -1 came"),
        ({"digit": 3.0}, "but 3.0 came; the explorer opens with digit=0"),
        ({"digit": True}, "but True came"),
        ({"chosen": -1}, "chosen should be the number of a code or None, but -1 came"),
    ],
)
def test_bad_state_is_refused_in_words(wrong, says):
    assert_refused_in_words(explorer, ClassState, wrong, says)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"z": (0.0,)}, "z should be 2 numbers, one a latent, but 1 came"),
        ({"axes": (0, 2)}, "axes should be two different latents, from 0 to 1, but (0, 2) came"),
        ({"digit": 10}, "digit should be a class from 0 to 9, but 10 came"),
        ({"chosen": 40}, "chosen should be a code from 0 to 39, but 40 came"),
    ],
)
def test_what_does_not_fit_the_model_is_refused_in_words(wrong, says):
    widget = explorer()
    with pytest.raises(ValueError, match=re.escape(says)):
        explorer(**wrong)
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=re.escape(says)):
        setattr(widget, name, value)
    assert widget.state == ClassState()


def test_without_codes_there_is_none_to_choose():
    with pytest.raises(ValueError, match="chosen=0 needs codes on the pad, but there are none"):
        conditional_explorer(cvae(), chosen=0)


def nan_decoder():
    model = cvae()
    with torch.no_grad():
        model.decoder[0].weight.fill_(math.nan)
    return model


def tanh_decoder():
    model = cvae()
    model.decoder[1] = torch.nn.Tanh()
    return model


def wide_prior():
    model = cvae(prior="learned", shape=(8, 4), classes=32)
    model.prior_network = torch.nn.Sequential(
        torch.nn.Linear(32, 30_000), torch.nn.ReLU(), torch.nn.Linear(30_000, 4)
    )
    return model


@pytest.mark.parametrize(
    ("model", "data", "says"),
    [
        (VAE((8, 8), 2), None, "cvae should be a CVAE, but a VAE came; try models.CVAE((28, 28)"),
        (Regressor((8, 8), 10), None, "cvae should be a CVAE, but a Regressor came"),
        (None, None, "cvae should be a CVAE, but a NoneType came"),
        (
            CVAE((8, 8), 2, 21),
            None,
            "condition_dim should be 2 to 20 for classes, or 64 for left halves as large as x, "
            "but 21 came; try CVAE((8, 8), latent_dim=2, condition_dim=10)",
        ),
        (CVAE((8, 8), 2, 1), None, "but 1 came"),
        (CVAE((64,), 2, 10), None, "pictures should be (H, W), but its image_shape is (64,)"),
        (cvae(), "digits", "data should be an ImageData, but a str came"),
        (cvae(shape=(6, 6)), digits(), "the model draws pictures of 6x6, but the images of"),
        (cvae(classes=5), digits(), "labels should lie from 0 to 4"),
        (nan_decoder(), None, "pictures should be finite"),
        (
            tanh_decoder(),
            None,
            "the decoder should run in the browser: linear layers with ReLU between them, "
            "1,000,000 weights at most, but Sequential with 1,216 came",
        ),
        (
            cvae(hidden=(1300,), shape=(28, 28)),
            None,
            "1,000,000 weights at most, but Sequential with 1,034,800 came; try a CVAE with "
            "hidden=(256, 256)",
        ),
        (wide_prior(), None, "the prior network should run in the browser"),
    ],
)
def test_models_and_data_that_do_not_fit_are_refused_in_words(model, data, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        conditional_explorer(model, data)
