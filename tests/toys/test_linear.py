"""The linear-Gaussian model, alone and given y: exact answers a second way, draws."""

import pytest
import torch
from conditional_toy import SIGMA, B, C, D, K, L, evidence, model_of
from routes import assert_same_but_for_rounding, generator, lies_near, randn
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.toys import LinearGaussian

WIDE, X, Y = model_of(), 2 * randn(B, D, seed=4), randn(B, C, seed=5)
ALONE, GIVEN = LinearGaussian(WIDE.W, WIDE.b, SIGMA), WIDE.given(Y)
Q = DiagonalNormal(randn(B, L), randn(B, L, seed=1))
# The model, and its p(x) by torch: a normal for all x, or for each one of its own.
MODELS = {
    "alone": (ALONE, evidence(WIDE, torch.zeros(C).double())),
    "given y": (GIVEN, evidence(WIDE, Y)),
}
each_model = pytest.mark.parametrize(("model", "law"), MODELS.values(), ids=MODELS)


# The exact answers


@each_model
def test_likelihood_evidence_and_posterior_are_those_of_the_joint_normal(model, law):
    """Bayes' rule holds at any z; conditioning by Cov(z, x) Cov(x)^-1 needs no precision of z."""
    for z in (randn(B, L), randn(K, B, L), randn(K, 1, L)):
        expected = dist.Normal(z @ WIDE.W.T + law.mean, SIGMA).log_prob(X).sum(-1)
        assert_close(model.log_likelihood(X, z), expected, rtol=1e-11, atol=1e-11)
    assert_close(model.log_px(X), law.log_prob(X))
    z, q = randn(K, B, L, seed=6), model.posterior(X)
    right = model.log_likelihood(X, z) + model.log_prior(z) - q.log_prob(z)
    assert_close(right, law.log_prob(X).expand(K, B), rtol=1e-11, atol=1e-11)
    gain = torch.linalg.solve(WIDE.W @ WIDE.W.T + SIGMA**2 * torch.eye(D).double(), WIDE.W).T
    assert isinstance(q, FullNormal)
    assert_close(q.mu, (X - law.mean) @ gain.T)
    assert_close(q.scale_tril @ q.scale_tril.T, torch.eye(L).double() - gain @ WIDE.W)


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


@each_model
def test_the_exact_bound_is_evidence_minus_gap(model, law):
    """log p(x) - KL(q || posterior) = rec - KL(q || prior), for both shapes of q."""
    mu, tril = model.posterior(X)
    posterior = FullNormal(mu, tril.expand(B, L, L))
    correlated = torch.linalg.cholesky(torch.eye(L) + 0.3 * torch.ones(L, L)).double()
    for q in (Q, FullNormal(Q.mu, correlated), posterior):
        bound, rec, divergence = model.exact_elbo(X, q)
        assert_close(bound, model.log_px(X) - kl(q, posterior))
        assert_close(bound, rec - divergence)
    assert_close(bound, model.log_px(X))
    draws = model.log_likelihood(X, Q.rsample(randn(100_000, B, L)))
    assert lies_near(draws, model.exact_elbo(X, Q).rec)


# The condition


def test_a_y_of_one_row_is_that_row_for_all():
    """A y is one product or B of them, which add C terms each and b, in an order of their own."""
    one, each, z = WIDE.given(Y[:1]), WIDE.given(Y[:1].expand(B, C)), randn(K, B, L)
    assert_same_but_for_rounding(one.b.expand(B, D), each.b, C + 1)
    for number in (
        lambda given: given.log_px(X),
        lambda given: given.posterior(X).mu,
        lambda given: given.log_likelihood(X, z),
        lambda given: given.exact_elbo(X, Q).elbo,
    ):  # an ulp of the mean grows by |x - mean| / sigma^2 in a log-density: at most 30 here
        assert_same_but_for_rounding(number(one), number(each), 30 * D * (C + 1))
    (z_one, x_one), (z_each, x_each) = (m.sample(B, generator=generator()) for m in (one, each))
    assert torch.equal(z_one, z_each)  # the noise
    assert_same_but_for_rounding(x_one, x_each, C + L + 2)


def test_each_row_is_a_linear_gaussian_with_its_own_offset():
    together = GIVEN.log_px(X)
    for i, offset in enumerate(Y @ WIDE.A.T + WIDE.b):
        alone = LinearGaussian(WIDE.W, offset, SIGMA).log_px(X[i : i + 1])
        assert_close(together[i : i + 1], alone)
    assert (WIDE.given(Y.flip(0)).log_px(X) - together).abs().min() > 0.1
    assert_close(WIDE.given(torch.zeros(1, C)).log_px(X), ALONE.log_px(X))
    assert (WIDE.data_dim, WIDE.latent_dim, WIDE.condition_dim) == (D, L, C)


def test_pictures_are_flattened_and_other_types_promoted():
    y = torch.eye(C)[torch.arange(B) % C]
    expected = WIDE.given(y.double()).log_px(X)
    for kind in (torch.float32, torch.int64, torch.bool):
        assert torch.equal(WIDE.given(y.to(kind)).log_px(X), expected)
    assert torch.equal(WIDE.given(y).log_px(X.reshape(B, 2, 3)), expected)
    assert WIDE.given(y).log_px(X.float()).dtype == torch.float64
    q, q_float = (FullNormal(Q.mu.to(t), torch.eye(L).to(t)) for t in (torch.double, torch.float))
    assert_close(ALONE.exact_elbo(X, q_float).rec, ALONE.exact_elbo(X, q).rec, rtol=1e-6, atol=0)
    grey = torch.rand(B, 2, 3, generator=generator())
    assert_close(ALONE.log_px(grey), ALONE.log_px(grey.reshape(B, D).double()))


# Draws


@pytest.mark.equation("7.5")
def test_samples_have_the_model_s_moments():
    n, no_y, y = 100_000, torch.zeros(1, C).double(), Y[:1]
    for draw, again, law in (
        (lambda g: ALONE.sample(n, generator=g), ALONE, evidence(WIDE, no_y)),
        (lambda g: WIDE.sample(y.expand(n, C), generator=g), WIDE.given(y), evidence(WIDE, y)),
    ):
        z, x = draw(generator())
        assert (z.shape, x.shape) == ((n, L), (n, D))
        deviations = x - law.mean
        assert lies_near(deviations, torch.zeros(D))
        assert lies_near(deviations[:, :, None] * deviations[:, None], law.covariance_matrix[0])
        assert lies_near(z[:, :, None] * deviations[:, None], WIDE.W.T)
        z_again, x_again = again.sample(n, generator=generator())
        assert torch.equal(z, z_again)  # the generator decides everything
        assert_same_but_for_rounding(x, x_again, C + L + 2)


def test_each_row_of_y_is_drawn_around_its_own_offset():
    """The same noise throughout: two samples differ by A (y - y')."""
    one, two = (WIDE.sample(y, generator=generator())[1] for y in (Y, Y.flip(0)))
    assert_close(one - two, (Y - Y.flip(0)) @ WIDE.A.T)
    before = torch.get_rng_state()
    WIDE.sample(Y, generator=generator())
    assert torch.equal(torch.get_rng_state(), before)
