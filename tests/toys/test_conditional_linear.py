"""The conditional linear-Gaussian model: exact answers a second way, and all estimators on it."""

import math

import numpy as np
import pytest
import torch
from routes import LINE, assert_same_but_for_rounding, integral, lies_near, randn
from torch import distributions as dist
from torch.testing import assert_close
from vae_fixtures import plane

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.estimators import (
    elbo,
    importance_sampling,
    naive_monte_carlo,
    pathwise_gradient,
    score_function_gradient,
)
from course_utils.toys import ConditionalLinearGaussian, LinearGaussian
from course_utils.toys._latent_model import grid_posterior

K, B, D, L, C = 5, 4, 6, 2, 3
SIGMA = 0.7
LATENTS = pytest.mark.parametrize("latents", [1, L])


def model_of(latents=L):
    return ConditionalLinearGaussian(
        randn(D, latents, seed=1), randn(D, C, seed=2), randn(D, seed=3), SIGMA
    )


@pytest.fixture
def wide():
    return model_of()


@pytest.fixture
def x():
    return 2 * randn(B, D, seed=4)


@pytest.fixture
def y():
    return randn(B, C, seed=5)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def evidence(model, y):
    """p(x | y) by torch."""
    covariance = model.W @ model.W.T + SIGMA**2 * torch.eye(D).double()
    return dist.MultivariateNormal(y @ model.A.T + model.b, covariance)


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


# The estimators of notebooks 02 to 04


def test_importance_sampling_with_the_posterior_has_no_error(wide, x, y):
    given = wide.given(y)
    found = importance_sampling(given, x, given.posterior(x), 7, generator=generator())
    assert_close(found.log_px, evidence(wide, y).log_prob(x), rtol=1e-12, atol=1e-12)
    assert found.std_error.max() < 1e-9
    assert_close(found.ess, torch.full((B,), 7.0).double())


@pytest.mark.parametrize("rows", [1, B])
@pytest.mark.parametrize("estimator", ["prior", "wide q"])
def test_estimates_of_the_evidence_meet_it(wide, x, y, rows, estimator):
    given, n = wide.given(y[:rows]), 50_000
    if estimator == "prior":
        found = naive_monte_carlo(given, x / 2, n, generator=generator())
    else:
        q = DiagonalNormal(given.posterior(x / 2).mu + 0.1, torch.full((B, L), -1.0).double())
        found = importance_sampling(given, x / 2, q, n, generator=generator())
    assert (found.ess > 20).all()
    assert (found.std_error > 0).all()
    exact = evidence(wide, y[:rows]).log_prob(x / 2)
    assert ((found.log_px - exact).abs() < 5 * found.std_error).all()


@pytest.mark.parametrize("rows", [1, B])
@pytest.mark.parametrize("analytic_kl", [True, False], ids=["B", "A"])
def test_the_bound_s_average_is_the_exact_one(wide, x, y, rows, analytic_kl):
    given, n = wide.given(y[:rows]), 20_000
    q, eps = DiagonalNormal(randn(B, L), randn(B, L, seed=1)), randn(n, B, L, seed=7)
    bounds = given.log_likelihood(x, q.rsample(eps))
    bounds += given.log_prior(q.rsample(eps)) - q.log_prob(q.rsample(eps))
    exact = given.exact_elbo(x, q)
    assert lies_near(bounds, exact.elbo)
    found = elbo(given, x, q, eps, analytic_kl)
    error = 5 * bounds.std(0) / math.sqrt(n)
    assert ((found.elbo - exact.elbo).abs() < error).all()
    if analytic_kl:
        assert_close(found.kl, exact.kl)
    else:
        assert_close(found.elbo, bounds.mean(0))


@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient])
def test_both_gradients_are_those_of_the_exact_average(x, y, estimator):
    """Of E_q log p(x, z | y), which is the exact bound less the entropy of q."""
    given, mu, sigma = model_of(1).given(y[:1]), 0.4, 0.6

    def log_joint(z):
        z = z[:, None, None]
        return (given.log_likelihood(x[:1], z) + given.log_prior(z))[:, 0]

    at = [torch.tensor(value).double().requires_grad_() for value in (mu, sigma)]
    q = DiagonalNormal(at[0].reshape(1, 1), 2 * at[1].log().reshape(1, 1))
    exact = torch.autograd.grad(given.exact_elbo(x[:1], q).elbo.sum() - at[1].log(), at)
    draws = estimator(log_joint, mu, sigma, randn(100_000, seed=8))
    for draw, expected in zip(draws, exact, strict=True):
        assert lies_near(draw, expected)


# Refusals


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"A": [1.0] * D}, r"A should be \(6, C\), a row for each .* but \(6,\) came; .* \(6, 1\)"),
        ({"A": torch.zeros(D + 1, C)}, r"A should be \(6, C\).* but \(7, 3\) came"),
        ({"A": torch.zeros(C, D)}, r"A should be \(6, C\).* but \(3, 6\) came"),
        ({"A": torch.zeros(D, 0)}, "A should hold at least one"),
        ({"A": torch.full((D, C), math.nan)}, "A should be finite, but 18 of 18"),
        ({"W": torch.zeros(D)}, r"W should be \(D, L\)"),
        ({"W": torch.full((D, L), math.inf)}, "W should be finite"),
        ({"b": torch.zeros(D + 1)}, r"b \(7,\) came"),
        ({"b": torch.full((D,), math.nan)}, "b should be finite"),
        ({"sigma": 0.0}, "sigma should be a number above 0, but 0.0 came"),
        ({"sigma": -1}, "sigma should be a number above 0"),
        ({"sigma": math.nan}, "sigma should be a number above 0"),
        ({"sigma": "learned"}, "sigma should be a number above 0"),
    ],
)
def test_what_is_no_model_is_refused(change, says):
    whole = {"W": randn(D, L), "A": randn(D, C), "b": randn(D), "sigma": SIGMA}
    with pytest.raises(ValueError, match=says):
        ConditionalLinearGaussian(**whole | change)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (torch.zeros(C), r"y should be \(B, 3\), but \(3,\) came; .* a single row, y\[None\]"),
        (torch.arange(B), r"y should be \(B, 3\), but \(4,\) came"),
        (torch.zeros(B, C + 1), r"but \(4, 4\) came"),
        (torch.zeros(B, 1, C), r"but \(4, 1, 3\) came"),
        (torch.tensor(1.0), r"but \(\) came"),
        (torch.zeros(0, C), "y should hold at least one example"),
        (torch.full((1, C), math.nan), "y should be finite, but 3 of 3"),
        (torch.full((1, C), math.inf), "y should be finite"),
        (np.zeros((1, C)), r"y should be a torch tensor, but a ndarray came; try torch.as_tensor"),
        ([[0.0] * C], "y should be a torch tensor, but a list came"),
    ],
)
def test_what_is_no_condition_is_refused(wide, y, says):
    for use in (wide.given, wide.sample):
        with pytest.raises(ValueError, match=says):
            use(y)


@pytest.mark.parametrize("n", [1, 3, 5])
def test_x_and_y_of_different_lengths_are_refused(wide, y, n):
    given, x = wide.given(y), torch.zeros(n, D)
    q = DiagonalNormal(torch.zeros(n, L), torch.zeros(n, L))
    for use in (
        given.log_px,
        given.posterior,
        lambda x: given.log_likelihood(x, torch.zeros(K, 1, L)),
        lambda x: given.exact_elbo(x, q),
        lambda x: given.sample(len(x)),
        lambda x: naive_monte_carlo(given, x, 10),
        lambda x: importance_sampling(given, x, q, 10),
        lambda x: elbo(given, x, q, torch.zeros(n, L)),
    ):
        with pytest.raises(ValueError, match=rf"4 rows, one for each x, but {n} .*y\[i\] belongs"):
            use(x)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m.log_px(torch.zeros(D)), "y has 4 rows"),
        (lambda m: m.log_px(torch.tensor(0.0)), "4 rows"),
        (lambda m: m.log_px(torch.zeros(B, D + 1)), "6 numbers an example, but 7 came"),
        (lambda m: m.log_px(torch.full((B, D), math.nan)), "x should be finite"),
        (lambda m: m.log_px([[0.0] * D]), "x should be a torch tensor"),
        (lambda m: m.posterior(np.zeros((B, D))), "x should be a torch tensor"),
        (lambda m: m.log_likelihood([[0.0] * D], torch.zeros(B, L)), "x should be a torch tensor"),
        (lambda m: m.log_likelihood(torch.zeros(B, D), torch.zeros(B, L + 1)), "z should be"),
        (lambda m: m.log_likelihood(torch.zeros(B, D), torch.zeros(K, L)), r"write z\[:, None\]"),
        (lambda m: m.sample(0), "n should be a whole number of at least 1"),
        (lambda m: m.sample(4.0), "n should be a whole number"),
        (lambda m: m.sample_prior(0), "n should be a whole number"),
    ],
)
def test_bad_input_is_refused_in_words(wide, y, call, says):
    with pytest.raises(ValueError, match=says):
        call(wide.given(y))


def test_reprs_are_short(wide, y):
    assert repr(wide) == "ConditionalLinearGaussian(D=6, L=2, C=3, sigma=0.7)"
    assert repr(wide.given(y)) == f"{wide!r} with y of 4 rows"
    assert repr(wide.given(y[:1])) == f"{wide!r} with y of 1 row"
    assert (wide.data_dim, wide.latent_dim, wide.condition_dim) == (D, L, C)
