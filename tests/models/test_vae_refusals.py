"""What a VAE and an autoencoder refuse, in words."""

import math

import pytest
import torch
from vae_fixtures import (
    GREY,
    ONES,
    SHAPE,
    B,
    D,
    K,
    L,
    each_kind,
    each_network,
    small_vae,
)

from course_utils.models import VAE


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image_shape": 28}, r"image_shape should be a tuple of sizes, but 28 came"),
        ({"image_shape": "28"}, "image_shape should be a tuple of sizes"),
        ({"image_shape": ()}, "image_shape should name at least one size"),
        ({"image_shape": (28, 0)}, "image_shape should be a whole number of at least 1"),
        ({"image_shape": (2.5, 3)}, "image_shape should be a whole number"),
        ({"latent_dim": 0}, "latent_dim should be a whole number of at least 1"),
        ({"latent_dim": -2}, "latent_dim should be a whole number of at least 1"),
        ({"latent_dim": 2.0}, "latent_dim should be a whole number"),
        ({"latent_dim": True}, "latent_dim should be a whole number"),
        ({"hidden": 400}, "hidden should be a tuple of sizes, but 400 came"),
        ({"hidden": (400, -1)}, "hidden should be a whole number of at least 1"),
        ({"likelihood": "normal"}, "no likelihood called 'normal'; known are: bernoulli"),
        ({"likelihood": None}, "no likelihood called None"),
        (GREY | {"sigma": 0}, "sigma should be a number above 0, but 0 came"),
        (GREY | {"sigma": -0.1}, "sigma should be a number above 0"),
        (GREY | {"sigma": math.nan}, "sigma should be a number above 0"),
        (GREY | {"sigma": math.inf}, "sigma should be a number above 0"),
        (GREY | {"sigma": "free"}, "sigma should be a number above 0"),
    ],
)
@each_network
def test_what_is_no_model_is_refused(network, change, says):
    with pytest.raises(ValueError, match=says):
        network(**{"image_shape": SHAPE, "latent_dim": L, "hidden": (5,)} | change)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (torch.full((B, D), math.nan), "x should be finite, but 24 of 24"),
        (torch.full((B, D), math.inf), "x should be finite"),
        (torch.ones(B, D + 1), "6 numbers an example, but 7 came"),
        (torch.ones(B, 3, 3), "6 numbers an example, but 9 came"),
        (torch.ones(D), r"x should be \(B, D\) or \(B, H, W\)"),
        (torch.ones(B, 1, 2, 3), r"x should be \(B, D\) or \(B, H, W\)"),
        (torch.ones(0, D), "x should hold at least one example"),
        (ONES.numpy(), "x should be a torch tensor, but a ndarray came"),
        (ONES.tolist(), "x should be a torch tensor, but a list came"),
    ],
)
@each_network
@each_kind
def test_what_is_no_data_is_refused(network, kind, x, says):
    model = small_vae(kind, network=network)
    for use in (
        model.encode,
        model.elbo,
        model.reconstruct,
        lambda x: model.log_likelihood(x, torch.zeros(K, 1, L)),
    ):
        with pytest.raises(ValueError, match=says):
            use(x)


@pytest.mark.parametrize("x", [255 * ONES, -ONES, 1.01 * ONES], ids=["bytes", "signed", "over"])
@pytest.mark.parametrize("lead", [(B,), (K, B), (K, 1)])
def test_black_or_white_refuses_pixels_outside(x, lead):
    model = small_vae("bernoulli")
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
        model.log_likelihood(x, torch.zeros(*lead, L))
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
        model.elbo(x)


def test_normal_pixels_may_leave_the_range():
    """Data with noise of their own do."""
    assert small_vae("fixed").elbo(1.5 * ONES).elbo.isfinite().all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m.decode(torch.zeros(B, L + 1)), r"z should be \(\.\.\., 2\), one number for"),
        (lambda m: m.decode(torch.tensor(1.0)), r"but \(\) came"),
        (lambda m: m.decode([0.0, 1.0]), "z should be a torch tensor"),
        (lambda m: m.mean_x(torch.zeros(B, 1)), r"but \(4, 1\) came"),
        (lambda m: m.sample_x(torch.zeros(B, D)), r"try z\.reshape\(-1, 2\)"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(3, L)), r"write z\[:, None\]"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(K, 3, L)), "z should be"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(B, 1)), "z should be"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(L)), "z should be"),
        (lambda m: m.log_likelihood(ONES, [[0.0, 0.0]]), "z should be a torch tensor"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(1, L)), "fresh noise for each x"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(B, L + 1)), r"eps should be \(4, 2\)"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(K, 1, L)), "eps should be"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(0, B, L)), "eps should hold at least one"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(L)), "eps should be"),
        (lambda m: m.elbo(ONES, eps=torch.full((B, L), torch.nan)), "eps should be finite"),
        (lambda m: m.elbo(ONES, eps=0.5), "eps should be a torch tensor, but a float"),
        (lambda m: m.generate(0), "n should be a whole number of at least 1"),
        (lambda m: m.generate(1e3), r"write 10\*\*5, not 1e5"),
        (lambda m: m.sample_prior(-1), "n should be a whole number of at least 1"),
    ],
)
@each_kind
def test_latents_and_noise_that_do_not_fit_are_refused(kind, call, says):
    with pytest.raises(ValueError, match=says):
        call(small_vae(kind))


def test_a_picture_on_its_side_is_refused():
    """Turned, it has as many pixels; flat rows say nothing of their shape and pass."""
    model = small_vae("bernoulli")
    turned = ONES.reshape(B, *reversed(model.image_shape))
    with pytest.raises(ValueError, match=r"x should be pictures of \(2, 3\), but \(3, 2\) came"):
        model.elbo(turned)
    assert model.elbo(ONES.reshape(B, -1)).elbo.shape == (B,)


def test_sizes_that_are_no_tuple_are_told_one_that_fits():
    with pytest.raises(ValueError, match=r"hidden should be a tuple of sizes.*try \(400,\)"):
        VAE((2, 3), 2, hidden=400)


def test_a_model_made_double_takes_data_of_any_type():
    model = small_vae("bernoulli").double()
    assert model.elbo(ONES.float()).elbo.dtype == torch.float64


def test_weights_bring_their_fixed_sigma_along():
    fixed = {"hidden": (), "likelihood": "gaussian"}
    source, other = (VAE((2, 3), 2, **fixed, sigma=sigma) for sigma in (0.3, 0.9))
    other.load_state_dict(source.state_dict())
    assert other.pixels.sigma.item() == pytest.approx(0.3, rel=1e-6)
