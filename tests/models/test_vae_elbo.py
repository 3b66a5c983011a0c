"""The VAE's bound and its gradients, each number a second way."""

import math

import pytest
import torch
from routes import generator
from torch import nn
from torch.testing import assert_close
from vae_fixtures import (
    SHAPE,
    SHORT,
    B,
    D,
    K,
    L,
    each_kind,
    each_network,
    elbo_by_hand,
    exact_elbo,
    exact_log_px,
    pictures,
    pixel_law,
    randn,
    small_vae,
)

from course_utils import estimators
from course_utils.densities import DiagonalNormal

# The bound


@each_kind
def test_the_bound_and_its_terms_agree_with_torch(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(K, B, L)
    terms, by_hand = model.elbo(x, eps=eps), elbo_by_hand(model, x, eps)
    for name in ("elbo", "rec", "kl"):
        got = getattr(terms, name)
        assert (got.shape, got.dtype) == ((B,), torch.float32)
        assert_close(got.double(), getattr(by_hand, name), **SHORT)


@each_kind
def test_the_estimator_of_notebook_03_runs_on_it(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(K, B, L)
    general = estimators.elbo(model, x, model.encode(x), eps)
    assert_close(tuple(model.elbo(x, eps=eps)), tuple(general), **SHORT)


@each_kind
def test_the_bound_lies_below_the_evidence_by_its_gap(kind):
    """Both by a grid over z; the mean over draws meets the one, and stays below the other."""
    model, x, n = small_vae(kind), pictures(kind), 50_000
    bound, log_px = exact_elbo(model, x), exact_log_px(model, x)
    # Halving the step quarters the error, so a third of this is left: less than any error bar here.
    assert_close(log_px, exact_log_px(model, x, n=201), rtol=0, atol=1e-3)
    assert (log_px - bound > 0.01).all()
    for picture, exact, above in zip(x, bound, log_px, strict=True):
        draws = model.elbo(picture.expand(n, D), generator=generator()).elbo.detach().double()
        error = draws.std() / math.sqrt(n)
        assert (draws.mean() - exact).abs() < 5 * error
        assert draws.mean() < above


@each_kind
@pytest.mark.parametrize("estimator", ["prior", "encoder"])
def test_estimates_of_the_evidence_meet_the_integral(kind, estimator):
    model, x = small_vae(kind), pictures(kind)
    if estimator == "prior":
        found = estimators.naive_monte_carlo(model, x, 100_000, generator=generator())
    else:
        q = model.encode(x)
        wide = DiagonalNormal(q.mu, q.log_var + 1)  # a q too narrow has weights without variance
        found = estimators.importance_sampling(model, x, wide, 100_000, generator=generator())
    assert (found.ess > 1000).all()
    assert ((found.log_px - exact_log_px(model, x)).abs() < 5 * found.std_error).all()


@each_kind
def test_the_three_shapes_of_latents_agree(kind):
    model, x, z = small_vae(kind), pictures(kind), randn(K, 1, L)
    shared = model.log_likelihood(x, z)
    each = model.log_likelihood(x, z.expand(K, B, L))
    rows = torch.stack([model.log_likelihood(x, row.expand(B, L)) for row in z])
    assert shared.shape == each.shape == (K, B)
    assert_close(shared, each, rtol=1e-5, atol=1e-5)
    assert_close(rows, each, rtol=1e-5, atol=1e-5)
    assert_close(each.double(), pixel_law(model, z).log_prob(x.double()).sum(-1), **SHORT)


@each_kind
def test_the_shapes_of_latents_agree_in_their_gradients(kind):
    model, x, z = small_vae(kind), pictures(kind), randn(K, 1, L)

    def gradients(latents):
        value = model.log_likelihood(x, latents).square().sum()
        parameters = [*model.decoder.parameters(), *model.pixels.parameters()]
        return torch.autograd.grad(value, parameters)

    assert_close(gradients(z), gradients(z.expand(K, B, L)), rtol=1e-3, atol=1e-2)


@each_kind
def test_pictures_come_flat_or_not_and_of_any_type(kind):
    model, eps = small_vae(kind), randn(B, L)
    x = pictures("bernoulli")
    flat = model.elbo(x, eps=eps).elbo
    for other in (x.reshape(B, *SHAPE), x.double(), x.bool(), x.byte()):
        assert torch.equal(model.elbo(other, eps=eps).elbo, flat)


@each_kind
def test_examples_do_not_know_of_each_other(kind):
    """The same batch twice: every row as before."""
    model, x, eps = small_vae(kind), pictures(kind), randn(B, L)
    once, twice = model.elbo(x, eps=eps), model.elbo(x.repeat(2, 1), eps=eps.repeat(2, 1))
    for one, two in zip(once, twice, strict=True):
        assert_close(two, one.repeat(2), rtol=1e-6, atol=1e-6)


@each_kind
def test_twice_the_pixels_double_the_reconstruction_alone(kind):
    """A mean over the pixels would leave rec as it is."""
    model, x, eps = small_vae(kind), pictures(kind), randn(B, L)
    wide = small_vae(kind)
    wide.data_dim = 2 * D
    twice = wide.encoder[0].weight.repeat(1, 2) / 2  # sees the same picture, in two halves
    wide.encoder[0].weight = nn.Parameter(twice)
    for name in ("weight", "bias"):
        rows = getattr(wide.decoder[2], name)
        setattr(wide.decoder[2], name, nn.Parameter(torch.cat([rows, rows])))
    once, double = model.elbo(x, eps=eps), wide.elbo(x.repeat(1, 2), eps=eps)
    assert_close(double.rec, 2 * once.rec, **SHORT)
    assert_close(double.kl, once.kl, **SHORT)


@each_kind
def test_many_draws_are_averaged(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(K, B, L)
    each = [model.elbo(x, eps=one) for one in eps]
    together = model.elbo(x, eps=eps)
    assert_close(together.rec, torch.stack([terms.rec for terms in each]).mean(0))
    assert torch.equal(together.kl, each[0].kl)
    assert each[0].rec[0] != each[1].rec[0]


@each_kind
def test_beta_weighs_the_kl_in_the_bound_alone(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(B, L)
    plain, heavy = model.elbo(x, eps=eps), model.elbo(x, eps=eps, beta=4.0)
    assert torch.equal(heavy.rec, plain.rec)
    assert torch.equal(heavy.kl, plain.kl)
    assert_close(heavy.elbo, plain.rec - 4 * plain.kl)
    assert_close(plain.elbo, plain.rec - plain.kl)


@each_kind
def test_noise_comes_from_the_generator_and_from_nowhere_else(kind):
    model, x = small_vae(kind), pictures(kind)
    before = torch.get_rng_state()
    drawn = model.elbo(x, generator=generator(3)).elbo
    model.generate(2, generator=generator())
    model.sample_x(randn(B, L), generator=generator())
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(drawn, model.elbo(x, eps=randn(B, L, seed=3)).elbo)
    assert (drawn != model.elbo(x, generator=generator(4)).elbo).all()


# Gradients


@each_network
@each_kind
def test_gradients_reach_every_parameter(network, kind):
    model = small_vae(kind, network=network)
    model.elbo(pictures(kind), eps=randn(B, L)).elbo.mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


@each_kind
def test_the_reconstruction_reaches_both_heads(kind):
    """At mu = 0, log_var = 0 the KL has no slope: what arrives there came through z."""
    model = small_vae(kind)
    last = model.encoder[-1]
    with torch.no_grad():
        last.weight.zero_(), last.bias.zero_()
    terms = model.elbo(pictures(kind), eps=randn(B, L))
    (from_kl,) = torch.autograd.grad(terms.kl.sum(), last.bias, retain_graph=True)
    (from_rec,) = torch.autograd.grad(terms.rec.sum(), last.bias)
    assert_close(from_kl, torch.zeros(2 * L), rtol=0, atol=0)
    assert from_rec.abs().min() > 1e-3


@each_kind
def test_pictures_and_draws_carry_no_graph(kind):
    model, x, z = small_vae(kind), pictures(kind), randn(B, L)
    assert model.mean_x(z).requires_grad  # to follow a picture's slope in z
    for picture in (model.generate(2), model.sample_x(z), model.reconstruct(x)):
        assert not picture.requires_grad
