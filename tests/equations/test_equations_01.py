"""Both sides of the equations of notebook 01, by two routes each."""

import math

import pytest
import torch
from routes import (
    LINE,
    M1,
    SHIFT,
    SIGMA,
    STEP,
    A,
    X,
    average,
    generator,
    integral,
    lies_near,
    number,
    randn,
    torch_normal,
)
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import log_normal, log_standard_normal
from course_utils.toys import FourPixels, Ring, TwoRoots
from course_utils.toys._latent_model import grid_posterior

N = 100_000
B, D = 4, 5


@pytest.mark.equation("1.1")
def test_the_log_density_of_a_diagonal_normal():
    x, mu, log_var = randn(B, D), randn(B, D, seed=1), randn(B, D, seed=2)
    terms = math.log(2 * math.pi) + log_var + (x - mu) ** 2 / log_var.exp()
    assert_close(log_normal(x, mu, log_var), -0.5 * terms.sum(-1))
    assert_close(log_normal(x, mu, log_var), torch_normal(mu, log_var.exp()).log_prob(x).sum(-1))


@pytest.mark.equation("1.2")
@pytest.mark.parametrize("c", [0.01, 255.0])
def test_a_change_of_unit_shifts_a_log_density(c):
    x, mu, log_var = randn(B, D), randn(B, D, seed=1), randn(B, D, seed=2)
    x_law = torch_normal(mu, log_var.exp())
    y_law = dist.TransformedDistribution(x_law, dist.AffineTransform(0.0, c))
    shifted = log_normal(x, mu, log_var) - D * math.log(c)
    assert_close(y_law.log_prob(c * x).sum(-1), shifted)
    assert_close(log_normal(c * x, c * mu, log_var + 2 * math.log(c)), shifted)


@pytest.mark.equation("1.3")
def test_the_standard_model_is_what_it_says():
    z, x = M1.sample(N, generator=generator())
    noise = x - (A * z + SHIFT)
    assert lies_near(torch.cat([z, noise, z**2, noise**2, z * noise], 1), [0, 0, 1, SIGMA**2, 0])
    assert_close(M1.log_prior(z), torch_normal(0, 1).log_prob(z)[:, 0])
    expected = torch_normal(A * z + SHIFT, SIGMA**2).log_prob(x)[:, 0]
    assert_close(M1.log_likelihood(x, z), expected)


@pytest.mark.equation("1.4")
def test_the_joint_density_is_a_bivariate_normal():
    x, z = randn(B, 1), randn(B, 1, seed=1)
    covariance = number([[A**2 + SIGMA**2, A], [A, 1.0]])
    joint = dist.MultivariateNormal(number([SHIFT, 0.0]), covariance)
    product = M1.log_likelihood(x, z) + M1.log_prior(z)
    assert_close(joint.log_prob(torch.cat([x, z], 1)), product)


@pytest.mark.equation("1.5")
@pytest.mark.parametrize("points", [401, 4001])
def test_the_evidence_is_a_sum_over_a_grid(points):
    """Against the normal that x is; with 401 points from -8 to 8 already to rounding."""
    x, z = number([[2.0], [-1.0], [0.4]]), torch.linspace(-8, 8, points, dtype=torch.float64)
    joint = M1.log_likelihood(x, z[:, None, None]) + M1.log_prior(z[:, None, None])
    riemann = (z[1] - z[0]) * joint.exp().sum(0)
    expected = torch_normal(SHIFT, A**2 + SIGMA**2).log_prob(x)[:, 0].exp()
    assert_close(riemann, expected, rtol=1e-12, atol=0)
    assert_close(torch.trapezoid(joint.exp(), z, dim=0), riemann, rtol=1e-12, atol=0)


@pytest.mark.equation("1.6")
def test_the_evidence_of_the_standard_model():
    x = number([[2.0], [-1.0], [0.4]])
    assert_close(M1.log_px(x), torch_normal(SHIFT, A**2 + SIGMA**2).log_prob(x)[:, 0])
    assert M1.log_px(X).item() == pytest.approx(-1.955083899141750, abs=1e-14)
    _, draws = M1.sample(N, generator=generator())
    centred = draws - SHIFT
    assert lies_near(torch.cat([centred, centred**2], 1), [0, A**2 + SIGMA**2])


@pytest.mark.equation("1.7")
def test_the_ring_keeps_the_angle_and_bends_the_radius():
    z = randn(B, 2)
    radius, angle = z.norm(dim=1), torch.atan2(z[:, 1], z[:, 0])
    polar = (1 + radius / 10)[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    assert_close(Ring(0.1).mean_x(z), polar)
    assert_close(z / 10 + z / radius[:, None], polar)


@pytest.mark.equation("1.8")
def test_the_mean_radius_of_the_ring():
    exact = 1 + math.sqrt(math.pi / 2) / 10
    assert lies_near(Ring(0.1).mean_x(randn(N, 2)).norm(dim=1), exact)
    r = LINE[LINE > 0]  # |z| has the density r exp(-r^2 / 2)
    assert (STEP * (1 + r / 10) * r * (-(r**2) / 2).exp()).sum().item() == pytest.approx(
        exact, abs=STEP**2
    )


@pytest.mark.equation("1.9")
@pytest.mark.parametrize(
    "law", [dist.Exponential(number(1.3)), dist.Laplace(number(0.4), number(0.7))], ids=repr
)
def test_noise_takes_any_shape(law):
    x = law.icdf(torch_normal(0, 1).cdf(randn(N)))
    t = number([0.1, 0.5, 1.2, 3.0])
    assert lies_near((x[:, None] <= t).double(), law.cdf(t))


@pytest.mark.equation("1.10")
def test_bayes_rule():
    """The right side by quadrature alone; for TwoRoots too, whose posterior is no normal."""
    x = number([[2.0], [0.4]])
    for model in (M1, TwoRoots(0.3)):
        joint = (model.log_likelihood(x, LINE[:, None]) + model.log_prior(LINE)[:, None]).exp()
        by_grid = joint / integral(joint)
        assert_close(grid_posterior(model, x, LINE).exp(), by_grid, rtol=1e-9, atol=1e-12)
    posterior = M1.posterior(x).log_prob(LINE[:, None]).exp()
    assert_close(grid_posterior(M1, x, LINE).exp(), posterior, rtol=1e-9, atol=1e-12)


@pytest.mark.equation("1.11")
def test_the_posterior_of_the_standard_model():
    r = 1 + A**2 / SIGMA**2
    mean, var = A / SIGMA**2 * (X.item() - SHIFT) / r, 1 / r
    assert (mean, var) == (pytest.approx(1.02), pytest.approx(0.1))
    density = grid_posterior(M1, X, LINE)[:, 0].exp()
    z = LINE[:, 0]
    assert integral(density * z).item() == pytest.approx(mean, abs=1e-12)
    assert integral(density * (z - mean) ** 2).item() == pytest.approx(var, abs=1e-12)
    assert_close(M1.posterior(X).log_prob(LINE), torch_normal(mean, var).log_prob(z))


@pytest.mark.equation("1.12")
def test_sixteen_pictures_and_their_likelihood():
    model, z = FourPixels(), LINE[::50]
    x = torch.cartesian_prod(*[number([0.0, 1.0])] * 4)
    W, c = number([[2.0, -1.5, 1.0, 0.5], [0.2, -0.3, 0.0, 0.1]])
    pi = torch.sigmoid(W * z + c + torch.sin(2 * z))[:, None]  # (G, 1, 4)
    likelihood = (pi**x * (1 - pi) ** (1 - x)).prod(-1)  # (G, 16)
    assert_close(model.log_likelihood(x, z[:, None]).exp(), likelihood)
    assert model.log_px(x).exp().sum().item() == pytest.approx(1, abs=1e-12)


@pytest.mark.equation("1.13")
@pytest.mark.parametrize("dim", [1, 50])
def test_the_typical_log_density_lies_below_the_highest(dim):
    highest = -0.5 * dim * math.log(2 * math.pi)
    assert log_standard_normal(torch.zeros(1, dim).double()).item() == pytest.approx(highest)
    assert lies_near(log_standard_normal(randn(N, dim)), highest - dim / 2)
    standard = dist.MultivariateNormal(torch.zeros(dim).double(), torch.eye(dim).double())
    assert -standard.entropy().item() == pytest.approx(highest - dim / 2)


@pytest.mark.equation("1.14")
def test_a_wider_prior_can_be_taken_up_by_the_function():
    """With f(z) = z^2: prior N(0, 2.5) and f(z / sqrt 2.5) against prior N(0, 1) and f(z)."""
    x, scale = number([[1.5], [0.2], [4.0]]), 2.5
    z, prior = LINE[:, 0], torch_normal(0, scale)
    wide = [average(prior, torch_normal(z**2 / scale, 0.3**2).log_prob(one).exp()) for one in x]
    assert_close(torch.stack(wide).log(), TwoRoots(0.3).log_px(x), rtol=1e-9, atol=1e-9)
