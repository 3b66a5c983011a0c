"""The numbers of the latent and conditional explorers: what the model itself decodes and says."""

import explorers
import numpy as np
import pytest
import torch
from explorers import HALF, classes, completions, cvae, each, each_prior, halves, latent, vae

from course_utils.densities import DiagonalNormal, kl_to_standard_normal
from course_utils.widgets._shared.latent_words import share_beyond
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.conditional import conditional_picture
from course_utils.widgets.latent import latent_picture


def chi_squared_tail(latents, squares):
    """P(|z|^2 > squares) for z from N(0, I)."""
    numbers = torch.tensor([latents / 2, squares / 2], dtype=torch.float64)
    return torch.special.gammaincc(*numbers).item()


@pytest.mark.parametrize("latents", [1, 2, 3, 7, 20, 101])
@pytest.mark.parametrize("length", [0.0, 0.3, 1.0, 3.0, 9.0, 40.0])
def test_the_share_further_out_is_a_chi_squared_tail(latents, length):
    z = np.linspace(1, 2, latents)
    z *= length / np.linalg.norm(z)
    tail = chi_squared_tail(latents, (z**2).sum())
    assert share_beyond(tuple(z)) == pytest.approx(tail, rel=1e-9, abs=1e-200)  # below: 0


# --- latents ---


@each(explorers.LATENT)
def test_the_picture_is_what_the_model_decodes_at_z(latents, state):
    """A chosen code shows its original, its reconstruction and its KL."""
    model, data, widget = vae(latents), explorers.digits(), latent(latents)
    picture = latent_picture(state, widget.decoder, widget.codes)
    with torch.no_grad():
        expected = model.mean_x(torch.tensor([picture.z]))[0]
    np.testing.assert_allclose(picture.image, expected, atol=1e-3)
    assert picture.image.shape == (8, 8)
    z = torch.tensor([picture.z], dtype=torch.float64)
    assert picture.log_pz == pytest.approx(model.log_prior(z).item(), rel=1e-12)
    if state.chosen is None:
        assert picture.original is picture.reconstruction is picture.kl is None
        return
    x = data.images[state.chosen][None]
    np.testing.assert_allclose(picture.original, x[0], atol=0.5 / 255 + 1e-7)
    np.testing.assert_allclose(picture.reconstruction, model.reconstruct(x)[0], atol=1e-3)
    q = model.encode(x)
    expected = kl_to_standard_normal(q.mu.double(), q.log_var.double()).item()
    assert picture.kl == pytest.approx(expected, rel=1e-4)
    assert f"= {two_decimals(picture.kl)} nats" in picture.text or state.mode == "interpolate"


def test_a_walk_goes_straight_from_one_code_to_the_other():
    """At t the latent is (1 - t) mu_A + t mu_B, and the strip holds t = 0, 1/8, ... 1."""
    model, picture = vae(), latent(chosen=3, other=17, mode="interpolate", t=0.25).picture
    mu = model.encode(explorers.digits().images).mu.detach()
    a, b = mu[3], mu[17]
    np.testing.assert_allclose(picture.z, a + 0.25 * (b - a), rtol=1e-5)
    steps = torch.linspace(0, 1, 9)[:, None]
    with torch.no_grad():
        expected = model.mean_x((1 - steps) * a + steps * b)
    np.testing.assert_allclose(picture.strip, expected, atol=1e-3)
    # Rows of one product in float32, which a library may add in ways of their own.
    rounding = {"rtol": 0, "atol": 16 * 10 * np.finfo(np.float32).eps}  # 16 terms, 10 together
    np.testing.assert_allclose(picture.strip[2], picture.image, **rounding)
    np.testing.assert_allclose(picture.strip[0], picture.reconstruction, **rounding)


def test_without_two_codes_there_is_no_walk():
    widget = latent(chosen=3, z=(1.0, 2.0), mode="interpolate")
    assert widget.picture.strip is None and widget.picture.z == (1.0, 2.0)
    widget.other = 5
    assert widget.picture.strip.shape == (9, 8, 8)
    widget.mode = "explore"
    assert widget.picture.strip is None and widget.picture.z == (1.0, 2.0)


# --- classes ---


@each_prior
@each(explorers.CLASSES)
def test_every_class_is_what_the_model_decodes_at_z(latents, prior, state):
    """Under the density of the prior given the class."""
    model, widget = cvae(latents, prior=prior), classes(latents, prior)
    picture = conditional_picture(state, widget.shown)
    expected = model.generate(torch.arange(10), torch.tensor(state.z))
    np.testing.assert_allclose(picture.images, expected, atol=1e-3)
    np.testing.assert_array_equal(picture.image, picture.images[state.digit])
    assert picture.images.shape == (10, 8, 8)
    assert np.abs(picture.images[0] - picture.images[1]).max() > 0.05, "y should matter"
    with torch.no_grad():
        p = model.prior_given(torch.tensor([state.digit]))
    p = DiagonalNormal(p.mu.double(), p.log_var.double())
    z = torch.tensor([state.z], dtype=torch.float64)
    assert picture.log_pz == pytest.approx(p.log_prob(z).item(), rel=1e-6)
    tail = chi_squared_tail(latents, ((z - p.mu) ** 2 / p.log_var.exp()).sum())
    assert picture.beyond == pytest.approx(tail, rel=1e-5, abs=1e-200)


def test_a_chosen_code_is_where_the_encoder_puts_the_image_with_its_label():
    """Asked for with that label, its style is its reconstruction."""
    model, data, widget = cvae(), explorers.digits(), classes()
    with torch.no_grad():
        q, other = (model.encode(data.images, (data.labels + k) % 10) for k in (0, 1))
    codes = widget.shown.codes
    np.testing.assert_allclose(codes.mu, q.mu, atol=1e-6)
    np.testing.assert_allclose(codes.log_var, q.log_var, atol=1e-6)
    assert (q.mu - other.mu).abs().max() > 0.1, "the encoder should look at the label"
    widget.chosen, widget.z, widget.digit = 3, codes.mu[3], data.labels[3].item()
    np.testing.assert_allclose(widget.picture.original, data.images[3], atol=0.5 / 255 + 1e-7)
    expected = model.reconstruct(data.images[3:4], data.labels[3:4])[0]
    np.testing.assert_allclose(widget.picture.image, expected, atol=1e-3)


# --- halves ---


@each_prior
@each(explorers.HALVES)
def test_completions_are_what_the_model_decodes_at_draws_from_its_prior(prior, state):
    model, picture = halves(prior), completions(prior, **vars(state)).picture
    y = explorers.left_half(state)
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
    picture = completions(prior, left=left, spread=spread).picture
    one, mean, best = picture.errors
    assert one == pytest.approx(mean + picture.variance, rel=1e-9)
    assert best < one and picture.variance > 1e-3
    truth = explorers.digits().images[left, :, 4:].numpy()
    ours = ((picture.completions[:, :, 4:] - truth) ** 2).sum(axis=(1, 2)).min()
    assert best == pytest.approx(ours, rel=0.05)


def test_without_noise_all_completions_are_the_mean_and_more_spread_varies_more():
    picture = completions(spread=0).picture
    for whole in picture.completions:
        np.testing.assert_allclose(whole, picture.mean, atol=1e-6)
    assert picture.variance < 1e-9 and picture.errors[0] == pytest.approx(picture.errors[1])
    variances = [completions(spread=s).picture.variance for s in (0.25, 0.5, 1.0, 1.5)]
    assert variances == sorted(variances) and variances[0] > 0
    first, second = (completions(seed=seed).picture.completions for seed in (0, 1))
    assert np.abs(first - second).max() > 0.01, "other seeds are other draws"


def test_the_truth_is_the_picture_itself_and_a_drawn_half_has_none():
    picture = completions(left=17).picture
    np.testing.assert_allclose(picture.truth, explorers.digits().images[17], atol=0.5 / 255 + 1e-7)
    np.testing.assert_array_equal(picture.completions[0][:, :4], picture.truth[:, :4])
    drawn = completions(left=HALF).picture
    assert drawn.truth is None and drawn.errors is None
    np.testing.assert_allclose(drawn.left, np.array(HALF), atol=1e-6)
