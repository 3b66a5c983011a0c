"""The conditional linear-Gaussian model: exact answers a second way, and draws."""

import math

import pytest
import torch
from conditional_toy import SIGMA, B, C, D, K, L, evidence, model_of
from routes import LINE, assert_same_but_for_rounding, generator, integral, lies_near, randn
from torch import distributions as dist
from torch.testing import assert_close
from vae_fixtures import plane

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.toys import LinearGaussian
from course_utils.toys._latent_model import grid_posterior

LATENTS = pytest.mark.parametrize("latents", [1, L])

# The exact answers


@LATENTS
def test_evidence_agrees_with_torch(latents, x, y):
    model = model_of(latents)
    assert_close(model.given(y).log_px(x), evidence(model, y).log_prob(x))


@LATENTS
def test_evidence_is_the_integral_of_likelihood_times_prior(latents, x, y):
    """The right side by a sum over a line, or over a plane."""
    given = model_of(latents).given(y)
    z, area = (LINE, LINE[1, 0] - LINE[0, 0]) if latents == 1 else plane()
    joint = given.log_likelihood(x, z[:, None]) + given.log_prior(z)[:, None]
    assert_close(given.log_px(x), joint.logsumexp(0) + math.log(area), rtol=1e-10, atol=1e-10)


def test_bayes_rule_holds_at_any_z(wide, x, y):
    given, z = wide.given(y), randn(K, B, L, seed=6)
    right = given.log_likelihood(x, z) + given.log_prior(z) - given.posterior(x).log_prob(z)
    assert_close(right, evidence(wide, y).log_prob(x).expand(K, B), rtol=1e-11, atol=1e-11)


def test_the_posterior_is_what_conditioning_the_joint_normal_gives(wide, x, y):
    """Cov(z, x) Cov(x)^-1 (x - E[x | y]): needs no precision of z."""
    law, q = evidence(wide, y), wide.given(y).posterior(x)
    gain = torch.linalg.solve(law.covariance_matrix[0], wide.W).T
    assert isinstance(q, FullNormal)
    assert_close(q.mu, (x - law.mean) @ gain.T)
    assert_close(q.scale_tril @ q.scale_tril.T, torch.eye(L).double() - gain @ wide.W)


def test_the_posterior_on_a_grid_is_the_posterior(x, y):
    given = model_of(1).given(y)
    on_grid = grid_posterior(given, x, LINE)
    assert_close(on_grid, given.posterior(x).log_prob(LINE[:, None]), rtol=1e-9, atol=1e-8)
    assert_close(integral(on_grid.exp()), torch.ones(B).double())


def test_the_likelihood_agrees_with_torch_in_all_three_shapes(wide, x, y):
    for z in (randn(B, L), randn(K, B, L), randn(K, 1, L)):
        mean = z @ wide.W.T + y @ wide.A.T + wide.b
        expected = dist.Normal(mean, SIGMA).log_prob(x).sum(-1)
        assert_close(wide.given(y).log_likelihood(x, z), expected, rtol=1e-11, atol=1e-11)


def test_the_exact_bound_is_evidence_minus_gap(wide, x, y):
    given = wide.given(y)
    mu, tril = given.posterior(x)
    posterior = FullNormal(mu, tril.expand(B, L, L))
    q = DiagonalNormal(randn(B, L), randn(B, L, seed=1))
    bound, rec, divergence = given.exact_elbo(x, q)
    assert_close(bound, given.log_px(x) - kl(q, posterior))
    assert_close(bound, rec - divergence)
    assert_close(given.exact_elbo(x, posterior).elbo, given.log_px(x))


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


# Draws


def test_samples_have_the_model_s_moments(wide, y):
    n = 100_000
    z, x = wide.sample(y[:1].expand(n, C), generator=generator())
    assert (z.shape, x.shape) == ((n, L), (n, D))
    law = evidence(wide, y[:1])
    deviations = x - law.mean
    assert lies_near(deviations, torch.zeros(D))
    assert lies_near(deviations[:, :, None] * deviations[:, None], law.covariance_matrix[0])
    assert lies_near(z[:, :, None] * deviations[:, None], wide.W.T)
    z_again, x_again = wide.given(y[:1]).sample(n, generator=generator())
    assert torch.equal(z, z_again)  # the generator decides everything
    assert_same_but_for_rounding(x, x_again, C + L + 2)


def test_each_row_of_y_is_drawn_around_its_own_offset(wide, y):
    """The same noise throughout: two samples differ by A (y - y')."""
    one, two = (wide.sample(c, generator=generator())[1] for c in (y, y.flip(0)))
    assert_close(one - two, (y - y.flip(0)) @ wide.A.T)
    before = torch.get_rng_state()
    wide.sample(y, generator=generator())
    assert torch.equal(torch.get_rng_state(), before)
