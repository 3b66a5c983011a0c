"""Pictures and draws of a VAE, and the autoencoder beside it."""

import math

import pytest
import torch
from routes import generator
from torch.testing import assert_close
from vae_fixtures import (
    SHAPE,
    SHORT,
    B,
    L,
    NotToBeUsed,
    each_kind,
    each_network,
    pictures,
    pixel_law,
    randn,
    small_vae,
)

from course_utils.models import VAE, Autoencoder

# Pictures and draws


@each_kind
def test_generation_needs_no_encoder(kind):
    model = small_vae(kind)
    model.encoder = NotToBeUsed()
    with pytest.raises(AssertionError, match="the encoder was asked"):
        model.encode(pictures(kind))
    made = model.generate(7, generator=generator())
    assert made.shape == (7, *SHAPE)
    assert torch.equal(made, model.mean_x(model.sample_prior(7, generator=generator())))
    assert not torch.equal(made, model.generate(7, generator=generator(1)))


@each_kind
def test_latents_are_drawn_from_a_standard_normal(kind):
    model, n = small_vae(kind), 100_000
    z = model.sample_prior(n, generator=generator())
    assert (z.shape, z.dtype) == ((n, L), torch.float32)
    assert (z.mean(0).abs() < 5 / math.sqrt(n)).all()
    assert ((z.var(0) - 1).abs() < 5 * math.sqrt(2 / n)).all()
    standard = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
    assert_close(model.log_prior(z), standard)
    assert_close(model.prior.log_prob(z), standard)


@each_kind
def test_draws_of_x_have_the_mean_and_the_noise_of_their_pixels(kind):
    model, n = small_vae(kind), 100_000
    z = randn(1, L)
    mean = model.mean_x(z)[0]
    x = model.sample_x(z.expand(n, L), generator=generator())
    if kind == "bernoulli":
        assert set(x.unique().tolist()) == {0.0, 1.0}
        variance = mean * (1 - mean)
    else:
        assert (x < 0).any() and (x > 1).any()  # noise is not cut at the ends
        variance = model.pixels.sigma.detach().square().expand(SHAPE)
    deviations = x - mean
    assert (deviations.mean(0).abs() < 5 * (variance / n).sqrt()).all()
    squares = deviations.square()
    assert ((squares.mean(0) - variance).abs() < 5 * squares.std(0) / math.sqrt(n)).all()
    pair = deviations[:, 0, 0] * deviations[:, 1, 2]  # given z, pixels are independent
    assert pair.mean().abs() < 5 * pair.std() / math.sqrt(n)


@each_network
@each_kind
def test_a_reconstruction_is_the_same_every_time(network, kind):
    model, x = small_vae(kind, network=network), pictures(kind)
    first = model.reconstruct(x)
    torch.rand(3)  # the global generator moves on
    assert torch.equal(model.reconstruct(x), first)
    code = model.encode(x) if network is Autoencoder else model.encode(x).mu
    assert torch.equal(first, model.mean_x(code))
    assert first.shape == (B, *SHAPE)


# The autoencoder


@each_kind
def test_an_autoencoder_has_no_noise_and_no_kl(kind):
    model, x = small_vae(kind, network=Autoencoder), pictures(kind)
    terms = model.elbo(x, generator=generator(0))
    assert torch.equal(terms.kl, torch.zeros(B))
    assert torch.equal(terms.elbo, terms.rec)
    assert torch.equal(terms.rec, model.elbo(x, generator=generator(1), beta=3.0).elbo)
    code = model.encode(x)
    assert code.shape == (B, L)
    law = pixel_law(model, code.detach())
    assert_close(terms.rec.double(), law.log_prob(x.double()).sum(-1), **SHORT)


def test_an_autoencoder_has_one_output_a_latent():
    vae, plain = VAE(SHAPE, L, (5,)), Autoencoder(SHAPE, L, (5,))
    assert (vae.encoder[-1].out_features, plain.encoder[-1].out_features) == (2 * L, L)
    assert repr(plain) == f"Autoencoder(6-5-2, bernoulli, {35 + 12 + 15 + 36} parameters)"
