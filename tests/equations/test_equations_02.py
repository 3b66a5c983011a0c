"""Both sides of the equations of notebook 02, by two routes each."""

import decimal
import math
from fractions import Fraction

import pytest
import torch
from routes import LINE, Z, average, generator, lies_near, randn, torch_normal
from standard_model import LOG_PX, M1, SHIFT, SIGMA, STANDARD, A, X, log_likelihood
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, log_mean_exp
from course_utils.estimators import effective_sample_size, importance_sampling, naive_monte_carlo
from course_utils.toys import LinearGaussian

N = 100_000
PX = math.exp(LOG_PX)
# E p(x|z)^2 is a normal density of half the noise variance, over 2 sqrt(pi) sigma.
SQUARE = torch_normal(SHIFT, A**2 + SIGMA**2 / 2).log_prob(X).exp() / (2 * math.pi**0.5 * SIGMA)
V = SQUARE.item() / PX**2 - 1


def likelihood(z):
    return log_likelihood(z).exp()


def estimates(n, runs):
    """Estimates of p(x) / p(x): one for each of many runs of n draws, (runs,)."""
    return likelihood(randn(n, runs)).mean(0) / PX


@pytest.mark.equation("2.1")
def test_the_standard_model_has_the_density_of_a_sum_of_normals():
    assert_close(M1.log_likelihood(X, LINE[:, None])[:, 0].exp(), likelihood(Z))
    assert torch_normal(SHIFT, A**2 + SIGMA**2).log_prob(X).exp().item() == pytest.approx(PX)
    assert average(STANDARD, likelihood(Z)).item() == pytest.approx(PX, rel=1e-12)


@pytest.mark.equation("2.2")
def test_the_evidence_is_estimated_by_an_average():
    estimate = naive_monte_carlo(M1, X, 1000, generator=generator())
    draws = M1.sample_prior(1000, generator=generator())
    assert_close(estimate.log_px.exp(), likelihood(draws).mean(0))
    assert lies_near(likelihood(randn(N)), PX)


@pytest.mark.equation("2.3")
def test_the_largest_term_comes_out_of_the_sum():
    """Against decimals of 50 digits, in which e^-800 is no accident."""
    values = [-801.0, -800.0, -803.0, -2000.0]
    with decimal.localcontext(prec=50):
        mean = sum(decimal.Decimal(a).exp() for a in values) / len(values)
        exact = float(mean.ln())
    a = torch.tensor(values, dtype=torch.float64)
    assert log_mean_exp(a, 0).item() == pytest.approx(exact, abs=1e-12)
    assert (a.max() + (a - a.max()).exp().mean().log()).item() == pytest.approx(exact, abs=1e-12)


@pytest.mark.equation("2.4")
def test_the_log_of_an_estimate_is_low_on_average():
    """By v / 2n, v = 2.967: its closed form, a quadrature, and the bias of 20 000 runs.

    Ten draws are too few for v / 2n, which is .148: there it is about .225 nats.
    """
    square = average(STANDARD, likelihood(Z) ** 2)
    assert square.item() / PX**2 - 1 == pytest.approx(V, rel=1e-11)
    assert abs(V - 2.966739810016182) < 1e-12
    for n, bias in ((100, V / 200), (10, 0.225)):
        ratio = estimates(n, 20_000)
        assert lies_near(ratio, 1)
        assert lies_near(ratio.log(), -bias)
        assert not lies_near(ratio.log(), 0)


@pytest.mark.equation("2.5")
@pytest.mark.parametrize("n", [10, 100])
def test_the_relative_error_falls_with_the_root_of_n(n):
    assert lies_near((estimates(n, 20_000) - 1) ** 2, V / n)


@pytest.mark.equation("2.6")
def test_each_observed_number_is_a_latent_plus_noise():
    latents, sigma = 3, 0.3
    model = LinearGaussian(torch.eye(latents), torch.zeros(latents), sigma)
    z, x = model.sample(N, generator=generator())
    assert_close(model.log_likelihood(x, z), torch_normal(z, sigma**2).log_prob(x).sum(-1))
    assert_close(model.log_px(x), torch_normal(0, 1 + sigma**2).log_prob(x).sum(-1))
    both = torch.cat([x, x**2, (x - z) ** 2], 1)
    assert lies_near(both, [0.0] * latents + [1 + sigma**2] * latents + [sigma**2] * latents)


@pytest.mark.equation("2.7")
def test_the_effective_sample_size_by_both_fractions():
    """In exact fractions, on weights as small as e^-800 once they are logs."""
    w = [3, 1, 4, 1, 5]
    ratio = Fraction(sum(w) ** 2, sum(v**2 for v in w))
    assert ratio == 1 / sum(Fraction(v, sum(w)) ** 2 for v in w)
    log_w = torch.tensor(w).double().log() - 800
    assert effective_sample_size(log_w).item() == pytest.approx(float(ratio))


@pytest.mark.equation("2.8")
def test_draws_from_the_posterior_are_too_good():
    """E p(x|z) over the posterior, by draws and by quadrature, and E p(x|z)^2 over the prior."""
    q, too_high = torch_normal(1.02, 0.1), (1 + V) * PX
    assert lies_near(likelihood(1.02 + 0.1**0.5 * randn(N)), too_high)
    assert average(q, likelihood(Z)).item() == pytest.approx(too_high, rel=1e-11)
    square = average(STANDARD, likelihood(Z) ** 2)
    assert square.item() / PX == pytest.approx(too_high, rel=1e-11)


@pytest.mark.equation("2.9")
def test_weights_repair_draws_from_elsewhere():
    q = torch_normal(0.8, 0.36)
    weight = likelihood(Z) * STANDARD.log_prob(Z).exp() / q.log_prob(Z).exp()
    assert average(q, weight).item() == pytest.approx(PX, rel=1e-11)
    q = DiagonalNormal(q.mean[None, None], q.variance.log()[None, None])
    estimate = importance_sampling(M1, X, q, N, generator=generator())
    assert (estimate.log_px.exp() - PX).abs() < 5 * PX * estimate.std_error


@pytest.mark.equation("2.10")
def test_the_error_bar():
    """sd(w) / (sqrt(n) mean(w)), by ESS, by `Estimate`; and the spread of 2000 runs is near it."""
    n, runs = 1000, 2000
    w = likelihood(M1.sample_prior(n, generator=generator())[:, 0])
    bar = w.std(correction=0) / (math.sqrt(n) * w.mean())
    assert_close((1 / effective_sample_size(w.log()) - 1 / n).sqrt(), bar)
    assert_close(naive_monte_carlo(M1, X, n, generator=generator()).std_error[0], bar)
    log_p_hat = estimates(n, runs).log()
    # v/n is the leading term of its variance: what follows is smaller by about v/n, or .3 %.
    variance, error = log_p_hat.var().item(), log_p_hat.var().item() * math.sqrt(2 / runs)
    assert abs(variance - V / n) < 5 * error
