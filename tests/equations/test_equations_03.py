"""Both sides of the equations of notebook 03, by two routes each."""

import math

import pytest
import torch
from routes import LINE, Z, average, integral, lies_near, minimise, number, randn, torch_normal
from standard_model import LOG_PX, M1, SHIFT, SIGMA, STANDARD, A, X, log_likelihood
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, FullNormal, kl, kl_normal
from course_utils.estimators import elbo
from course_utils.toys import FourPixels, LinearGaussian, TwoRoots
from course_utils.toys._latent_model import grid_posterior

N = 100_000
B, L = 4, 3
M, V = 0.2, 0.49  # a q that is not the posterior N(1.02, .1)
Q = torch_normal(M, V)
LOG_Q, LOG_PRIOR, LOG_LIKELIHOOD = Q.log_prob(Z), STANDARD.log_prob(Z), log_likelihood(Z)


def normal(mean, var):
    """The course's own normal, for one example with one latent."""
    return DiagonalNormal(number([[mean]]), number([[var]]).log())


TO_POSTERIOR = kl(normal(M, V), M1.posterior(X)).item()  # of M1, in closed form
BOUND = M1.exact_elbo(X, normal(M, V))


def near(value, exact):
    """Equal to all digits that a quadrature has."""
    return float(value) == pytest.approx(float(exact), abs=1e-10)


@pytest.mark.equation("3.1", "3.3")
def test_the_divergence_of_two_normals_is_an_average_under_the_first():
    (m_q, m_p), (v_q, v_p) = number([M, 1.0]), number([V, 0.16])
    p = torch_normal(m_p, v_p)
    formula = 0.5 * ((v_p / v_q).log() + (v_q + (m_q - m_p) ** 2) / v_p - 1)
    assert near(dist.kl_divergence(Q, p), formula)
    assert near(average(Q, LOG_Q - p.log_prob(Z)), formula)
    assert near(kl_normal(*(t[None] for t in (m_q, v_q.log(), m_p, v_p.log()))), formula)
    z = M + V**0.5 * randn(N)
    assert lies_near(Q.log_prob(z) - p.log_prob(z), formula)


@pytest.mark.equation("3.2")
@pytest.mark.parametrize(("mean", "var"), [(0.0, 1.0), (1.0, 0.16), (-2.0, 0.5)])
def test_jensen_puts_the_mean_log_ratio_below_zero(mean, var):
    log_ratio = torch_normal(mean, var).log_prob(Z) - LOG_Q
    mean_log = average(Q, log_ratio)
    log_mean = average(Q, log_ratio.exp()).log()
    assert near(log_mean, 0)
    assert near(mean_log, -dist.kl_divergence(Q, torch_normal(mean, var)))
    assert mean_log < -0.1


@pytest.mark.equation("3.5")
def test_the_divergence_of_a_correlated_normal():
    mu, zero = randn(L), torch.zeros(L).double()
    covariance = 0.5 * torch.eye(L).double() + 0.3
    formula = 0.5 * (covariance.trace() + mu @ mu - L - covariance.logdet())
    q = FullNormal(mu[None], torch.linalg.cholesky(covariance))
    assert_close(kl(q, DiagonalNormal(zero[None], zero[None]))[0], formula)
    standard = dist.MultivariateNormal(zero, torch.eye(L).double())
    assert_close(dist.kl_divergence(dist.MultivariateNormal(mu, covariance), standard), formula)


@pytest.mark.equation("3.6", "3.8", "3.9", "3.13")
def test_each_line_of_the_derivation_is_the_divergence_from_the_posterior():
    divergence = dist.kl_divergence(Q, STANDARD)
    lines = {
        "3.6": average(Q, LOG_Q - grid_posterior(M1, X, LINE)[:, 0]),
        "3.8": average(Q, LOG_Q - LOG_LIKELIHOOD - LOG_PRIOR) + LOG_PX,
        "3.9": divergence - average(Q, LOG_LIKELIHOOD) + LOG_PX,
        "3.13": LOG_PX - average(Q, LOG_LIKELIHOOD + LOG_PRIOR - LOG_Q),
    }
    for line, value in lines.items():
        assert near(value, TO_POSTERIOR), line
    assert TO_POSTERIOR > 1


@pytest.mark.equation("3.7")
def test_bayes_rule_in_logs():
    z = randn(B, 1)
    joint = log_likelihood(z) + STANDARD.log_prob(z)
    left = M1.posterior(X).log_prob(z)
    assert_close(left, joint[:, 0] - torch_normal(SHIFT, A**2 + SIGMA**2).log_prob(X)[0])


@pytest.mark.equation("3.10")
def test_the_identity():
    """On M1 by closed forms, and on models whose posterior is no normal by quadrature."""
    assert near(LOG_PX - TO_POSTERIOR, BOUND.rec - BOUND.kl)
    for model, x in ((FourPixels(), number([[1.0, 0, 1, 1]])), (TwoRoots(0.3), number([[1.5]]))):
        left = model.log_px(x) - average(Q, LOG_Q - model.posterior_on_grid(x, LINE)[:, 0])
        rec = average(Q, model.log_likelihood(x, LINE[:, None])[:, 0])
        assert near(left, rec - dist.kl_divergence(Q, STANDARD))


@pytest.mark.equation("3.11")
def test_the_bound_lies_below_the_evidence():
    """For every q but the posterior; and it is what draws average to."""
    for mean in (-1.0, 0.2, 1.02, 2.0):
        for var in (0.01, 0.1, 1.0):
            q = torch_normal(mean, var)
            bound = average(q, LOG_LIKELIHOOD + LOG_PRIOR) + q.entropy()
            assert near(bound, M1.exact_elbo(X, normal(mean, var)).elbo)
            assert bound < LOG_PX - 1e-3 or (mean, var) == (1.02, 0.1)
    assert near(M1.exact_elbo(X, normal(1.02, 0.1)).elbo, LOG_PX)
    q = DiagonalNormal(torch.full((N, 1), M).double(), torch.full((N, 1), V).double().log())
    draws = elbo(M1, X.expand(N, 1), q, randn(N, 1)).elbo
    assert lies_near(draws, BOUND.elbo[0])


@pytest.mark.equation("3.12")
def test_the_reconstruction_term_of_the_standard_model():
    at_mean = torch_normal(A * M + SHIFT, SIGMA**2).log_prob(X)
    formula = at_mean - A**2 * V / (2 * SIGMA**2)
    assert near(average(Q, LOG_LIKELIHOOD), formula)
    assert near(BOUND.rec, formula)


@pytest.mark.equation("3.14")
def test_the_m_step_of_the_standard_model():
    """The bound is a parabola in a, so one Newton step from anywhere lands on its top."""
    a = number([[0.4]]).requires_grad_()
    bound = LinearGaussian(a, [SHIFT], SIGMA).exact_elbo(X, normal(M, V))
    (slope,) = torch.autograd.grad(bound.rec.sum(), a, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), a)
    assert curvature < 0
    formula = (X.item() - SHIFT) * M / (M**2 + V)
    assert near((a - slope / curvature).detach(), formula)

    def rec(a):
        return average(Q, torch_normal(a * Z + SHIFT, SIGMA**2).log_prob(X[0]))

    assert rec(formula) > max(rec(formula - 0.01), rec(formula + 0.01))


@pytest.mark.equation("3.15")
def test_the_bound_is_energy_plus_entropy():
    entropy = 0.5 * math.log(2 * math.pi * math.e * V)
    assert near(Q.entropy(), entropy)
    assert near(average(Q, -LOG_Q), entropy)
    energy = average(Q, LOG_LIKELIHOOD + LOG_PRIOR)
    assert near(energy + entropy, BOUND.elbo)


@pytest.mark.equation("3.16")
def test_the_forward_divergence_matches_moments():
    """A minimiser that sees only KL(p || q) finds p's mean and variance; p has two modes."""
    log_p = TwoRoots(0.3).posterior_on_grid(number([[1.5]]), LINE)[:, 0]
    log_p = log_p + 0.5 * Z  # tilted, so that its mean is not 0 by symmetry
    p = (log_p - integral(log_p.exp()).log()).exp()
    mean = integral(p * Z)
    var = integral(p * (Z - mean) ** 2)

    def forward(m, log_var):
        return -integral(p * torch_normal(m, log_var.exp()).log_prob(Z))

    m, log_var = minimise(forward, 0.0, 0.0)
    assert_close(torch.stack([m, log_var.exp()]), torch.stack([mean, var]), rtol=1e-6, atol=0)
    assert mean > 0.3
