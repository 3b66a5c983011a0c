"""The linear-Gaussian model, alone and given y: exact answers a second way, draws, and `fit_ml`."""

import numpy as np
import pytest
import torch
from conditional_toy import SIGMA, B, C, D, K, L, evidence, model_of
from routes import LINE, M1, assert_same_but_for_rounding, generator, integral, lies_near, randn
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.toys import LinearGaussian
from course_utils.toys._latent_model import grid_posterior


@pytest.fixture(params=["alone", "given y"])
def linear(request, wide, y):
    """The model of x, and its p(x) by torch: a normal for all x, or for each one of its own."""
    if request.param == "given y":
        return wide.given(y), evidence(wide, y)
    return LinearGaussian(wide.W, wide.b, SIGMA), evidence(wide, torch.zeros(C).double())


# The exact answers


def test_evidence_agrees_with_torch(linear, x):
    model, law = linear
    assert_close(model.log_px(x), law.log_prob(x))


def test_bayes_rule_holds_at_any_z(linear, x):
    """log p(x | z) + log p(z) - log p(z | x) is log p(x) whatever z is asked."""
    (model, law), z = linear, randn(K, B, L, seed=6)
    right = model.log_likelihood(x, z) + model.log_prior(z) - model.posterior(x).log_prob(z)
    assert_close(right, law.log_prob(x).expand(K, B), rtol=1e-11, atol=1e-11)


def test_the_posterior_is_what_conditioning_the_joint_normal_gives(linear, wide, x):
    """Cov(z, x) Cov(x)^-1 (x - E[x]): needs no precision of z."""
    model, law = linear
    q = model.posterior(x)
    gain = torch.linalg.solve(wide.W @ wide.W.T + SIGMA**2 * torch.eye(D).double(), wide.W).T
    assert isinstance(q, FullNormal)
    assert_close(q.mu, (x - law.mean) @ gain.T)
    assert_close(q.scale_tril @ q.scale_tril.T, torch.eye(L).double() - gain @ wide.W)


def test_the_posterior_on_a_grid_is_the_posterior(x, y):
    for model, data in ((model_of(1).given(y), x), (M1, torch.tensor([[2.0], [0.0]]))):
        on_grid = grid_posterior(model, data, LINE)
        exact = model.posterior(data).log_prob(LINE[:, None])
        assert_close(on_grid, exact, rtol=1e-10, atol=1e-9)
        assert_close(integral(on_grid.exp()), torch.ones(len(data)).double())


def test_the_likelihood_agrees_with_torch_in_all_three_shapes(linear, wide, x):
    model, law = linear
    for z in (randn(B, L), randn(K, B, L), randn(K, 1, L)):
        expected = dist.Normal(z @ wide.W.T + law.mean, SIGMA).log_prob(x).sum(-1)
        assert_close(model.log_likelihood(x, z), expected, rtol=1e-11, atol=1e-11)


def test_matrix_product_keeps_its_digits_far_from_the_origin():
    """|x|^2 - 2 x.m + |m|^2 cancels badly unless it is centred."""
    model = LinearGaussian(0.01 * randn(D, L), 1e4 * torch.ones(D), 0.01)
    z, x = model.sample(B, generator=generator())
    draws = randn(K, 1, L)
    slow = model.log_likelihood(x, draws.expand(K, B, L))
    assert_close(model.log_likelihood(x, draws), slow, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("sigma", [1e-3, 1e-6, 1e-8])
def test_evidence_keeps_its_digits_where_the_noise_vanishes(sigma):
    """W W^T + sigma^2 I is then singular to the machine; a QR basis keeps the two parts apart."""
    W, b = randn(D, L, seed=1), randn(D, seed=2)
    x = LinearGaussian(W, b, sigma).sample(B, generator=generator())[1]
    basis = torch.linalg.qr(W, mode="complete").Q  # the first L columns span W, the rest is noise
    inside, outside = ((x - b) @ basis).split([L, D - L], dim=1)
    square = (basis[:, :L].T @ W) @ (basis[:, :L].T @ W).T + sigma**2 * torch.eye(L).double()
    expected = dist.MultivariateNormal(torch.zeros(L).double(), square).log_prob(inside)
    expected += dist.Normal(0.0, sigma).log_prob(outside).sum(-1)
    assert_close(LinearGaussian(W, b, sigma).log_px(x), expected, rtol=1e-6, atol=1e-6)


def test_matrix_product_gives_way_where_the_noise_is_tiny():
    model = LinearGaussian(randn(D, L), torch.zeros(D), 1e-9)
    z, x = model.sample(B, generator=generator())
    assert_close(model.log_likelihood(x, z[:, None]).diagonal(), model.log_likelihood(x, z))


def test_the_exact_bound_is_evidence_minus_gap(linear, x):
    """log p(x) - KL(q || posterior) = rec - KL(q || prior), for both shapes of q."""
    model, _ = linear
    mu, tril = model.posterior(x)
    posterior = FullNormal(mu, tril.expand(B, L, L))
    correlated = torch.linalg.cholesky(torch.eye(L) + 0.3 * torch.ones(L, L)).double()
    mean = randn(B, L)
    for q in (DiagonalNormal(mean, randn(B, L, seed=1)), FullNormal(mean, correlated), posterior):
        bound, rec, divergence = model.exact_elbo(x, q)
        assert_close(bound, model.log_px(x) - kl(q, posterior))
        assert_close(bound, rec - divergence)
    assert_close(bound, model.log_px(x))


def test_exact_rec_is_the_average_over_draws_of_q(linear, x):
    (model, _), q = linear, DiagonalNormal(randn(B, L), randn(B, L, seed=1))
    draws = model.log_likelihood(x, q.rsample(randn(100_000, B, L)))
    assert lies_near(draws, model.exact_elbo(x, q).rec)


# The condition


def test_y_of_one_row_holds_for_all(wide, x, y):
    """A y is one product or B of them, which add C terms each and b, in an order of their own."""
    one, each = wide.given(y[:1]), wide.given(y[:1].expand(B, C))
    z, q = randn(K, B, L), DiagonalNormal(randn(B, L), randn(B, L, seed=1))
    assert_same_but_for_rounding(one.b.expand(B, D), each.b, C + 1)
    for number in (
        lambda given: given.log_px(x),
        lambda given: given.posterior(x).mu,
        lambda given: given.log_likelihood(x, z),
        lambda given: given.exact_elbo(x, q).elbo,
    ):  # an ulp of the mean grows by |x - mean| / sigma^2 in a log-density: at most 30 here
        assert_same_but_for_rounding(number(one), number(each), 30 * D * (C + 1))
    (z_one, x_one), (z_each, x_each) = (m.sample(B, generator=generator()) for m in (one, each))
    assert torch.equal(z_one, z_each)  # the noise
    assert_same_but_for_rounding(x_one, x_each, C + L + 2)


def test_each_row_is_a_linear_gaussian_with_its_own_offset(wide, x, y):
    together = wide.given(y).log_px(x)
    for i, offset in enumerate(y @ wide.A.T + wide.b):
        alone = LinearGaussian(wide.W, offset, SIGMA).log_px(x[i : i + 1])
        assert_close(together[i : i + 1], alone)
    assert (wide.given(y.flip(0)).log_px(x) - together).abs().min() > 0.1


def test_no_condition_is_the_model_without_one(wide, x):
    free = LinearGaussian(wide.W, wide.b, SIGMA)
    assert_close(wide.given(torch.zeros(1, C)).log_px(x), free.log_px(x))


def test_pictures_are_flattened_and_other_types_promoted(wide, x):
    y = torch.eye(C)[torch.arange(B) % C]
    expected = wide.given(y.double()).log_px(x)
    for kind in (torch.float32, torch.int64, torch.bool):
        assert torch.equal(wide.given(y.to(kind)).log_px(x), expected)
    assert torch.equal(wide.given(y).log_px(x.reshape(B, 2, 3)), expected)
    assert wide.given(y).log_px(x.float()).dtype == torch.float64
    alone, grey = LinearGaussian(wide.W, wide.b, SIGMA), torch.rand(B, 2, 3, generator=generator())
    assert_close(alone.log_px(grey), alone.log_px(grey.reshape(B, D).double()))


# Draws


@pytest.mark.equation("7.5")
def test_samples_have_the_model_s_moments(wide, y):
    n, alone = 100_000, LinearGaussian(wide.W, wide.b, SIGMA)
    rows, one_row = y[:1].expand(n, C), wide.given(y[:1])
    for draw, again, law in (
        (lambda g: alone.sample(n, generator=g), alone, evidence(wide, torch.zeros(1, C).double())),
        (lambda g: wide.sample(rows, generator=g), one_row, evidence(wide, y[:1])),
    ):
        z, x = draw(generator())
        assert (z.shape, x.shape) == ((n, L), (n, D))
        deviations = x - law.mean
        assert lies_near(deviations, torch.zeros(D))
        assert lies_near(deviations[:, :, None] * deviations[:, None], law.covariance_matrix[0])
        assert lies_near(z[:, :, None] * deviations[:, None], wide.W.T)
        z_again, x_again = again.sample(n, generator=generator())
        assert torch.equal(z, z_again)  # the generator decides everything
        assert_same_but_for_rounding(x, x_again, C + L + 2)


def test_each_row_of_y_is_drawn_around_its_own_offset(wide, y):
    """The same noise throughout: two samples differ by A (y - y')."""
    one, two = (wide.sample(c, generator=generator())[1] for c in (y, y.flip(0)))
    assert_close(one - two, (y - y.flip(0)) @ wide.A.T)
    before = torch.get_rng_state()
    wide.sample(y, generator=generator())
    assert torch.equal(torch.get_rng_state(), before)


# The model that fits best


def test_fit_ml_is_a_stationary_maximum():
    """No small change of W, b or sigma raises the likelihood of the data it was fitted to."""
    x = randn(200, D) @ randn(D, D, seed=1) + 1
    best = LinearGaussian.fit_ml(x, L)
    top = best.log_px(x).sum()
    for seed in range(20):
        W = best.W + 1e-3 * randn(D, L, seed=seed)
        b = best.b + 1e-3 * randn(D, seed=seed)
        for other in (
            LinearGaussian(W, best.b, best.sigma),
            LinearGaussian(best.W, b, best.sigma),
            LinearGaussian(best.W, best.b, best.sigma * (1 + 1e-3 * (-1) ** seed)),
        ):
            assert other.log_px(x).sum() < top


def test_fit_ml_with_sigma_held_finds_the_best_w_for_it():
    x = randn(200, D) @ randn(D, D, seed=1)
    held = LinearGaussian.fit_ml(x, L, sigma=0.9)
    assert held.sigma == 0.9
    nudged = LinearGaussian(held.W * 1.01, held.b, 0.9)
    assert held.log_px(x).sum() > nudged.log_px(x).sum()


def test_fit_ml_repeats_itself_and_recovers_its_model():
    truth = LinearGaussian(randn(D, 1), randn(D, seed=1), 0.3)
    x = truth.sample(50_000, generator=generator())[1]
    fitted = LinearGaussian.fit_ml(x, 1)
    assert fitted.sigma == pytest.approx(0.3, rel=0.02)
    assert abs(np.corrcoef(fitted.W[:, 0], truth.W[:, 0])[0, 1]) > 0.999
    assert_close(fitted.W, LinearGaussian.fit_ml(x, 1).W, rtol=0, atol=0)
