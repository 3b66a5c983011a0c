"""Both sides of the equations of notebook 01, by two routes each."""

import math

import pytest
import torch
from conditional_toy import model_of
from routes import LINE, Z, generator, integral, lies_near, number, randn, torch_normal
from standard_model import M1, SHIFT, SIGMA, STANDARD, A, X
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import log_normal, log_standard_normal
from course_utils.toys import FourPixels, Ring, TwoRoots
from course_utils.toys._latent_model import grid_posterior

N = 100_000
B, D = 4, 5


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
    assert_close(M1.log_prior(z), STANDARD.log_prob(z)[:, 0])
    expected = torch_normal(A * z + SHIFT, SIGMA**2).log_prob(x)[:, 0]
    assert_close(M1.log_likelihood(x, z), expected)


@pytest.mark.equation("1.4")
def test_the_joint_density_is_a_bivariate_normal():
    x, z = randn(B, 1), randn(B, 1, seed=1)
    covariance = number([[A**2 + SIGMA**2, A], [A, 1.0]])
    joint = dist.MultivariateNormal(number([SHIFT, 0.0]), covariance)
    product = M1.log_likelihood(x, z) + M1.log_prior(z)
    assert_close(joint.log_prob(torch.cat([x, z], 1)), product)


@pytest.mark.equation("1.5", "1.6")
def test_the_evidence_of_the_standard_model_is_that_of_a_sum_and_a_sum_over_a_grid():
    """Of two normals; of the joint density, with 401 points from -8 to 8 already to rounding."""
    x = number([[2.0], [-1.0], [0.4]])
    log_px = torch_normal(SHIFT, A**2 + SIGMA**2).log_prob(x)[:, 0]
    assert_close(M1.log_px(x), log_px)
    assert M1.log_px(X).item() == pytest.approx(-1.955083899141750, abs=1e-14)
    for points in (401, 4001):
        z = torch.linspace(-8, 8, points, dtype=torch.float64)
        joint = M1.log_likelihood(x, z[:, None, None]) + M1.log_prior(z[:, None, None])
        riemann = (z[1] - z[0]) * joint.exp().sum(0)
        assert_close(riemann, log_px.exp(), rtol=1e-12, atol=0)
        assert_close(torch.trapezoid(joint.exp(), z, dim=0), riemann, rtol=1e-12, atol=0)


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
    r = Z.clamp(min=0)  # |z| has the density r exp(-r^2 / 2)
    by_line = integral((1 + r / 10) * r * (-(r**2) / 2).exp())
    assert by_line.item() == pytest.approx(exact, abs=0.005**2)


@pytest.mark.equation("1.9")
@pytest.mark.parametrize(
    "law", [dist.Exponential(number(1.3)), dist.Laplace(number(0.4), number(0.7))], ids=repr
)
def test_noise_takes_any_shape(law):
    x = law.icdf(STANDARD.cdf(randn(N)))
    t = number([0.1, 0.5, 1.2, 3.0])
    assert lies_near((x[:, None] <= t).double(), law.cdf(t))


@pytest.mark.equation("1.10")
@pytest.mark.parametrize("model", [M1, model_of(1).given(randn(B, 3)), TwoRoots(0.3)], ids=repr)
def test_bayes_rule(model):
    """The right side by quadrature alone; for TwoRoots too, whose posterior is no normal."""
    x = number([[2.0], [0.4], [0.0], [1.3]]) * torch.ones(model.data_dim)
    joint = (model.log_likelihood(x, LINE[:, None]) + model.log_prior(LINE)[:, None]).exp()
    on_grid, by_grid = grid_posterior(model, x, LINE), joint / integral(joint)
    assert_close(on_grid.exp(), by_grid, rtol=1e-9, atol=1e-12)
    if not isinstance(model, TwoRoots):
        assert_close(on_grid, model.posterior(x).log_prob(LINE[:, None]), rtol=1e-10, atol=1e-9)


@pytest.mark.equation("1.11")
def test_the_posterior_of_the_standard_model():
    r = 1 + A**2 / SIGMA**2
    mean, var = A / SIGMA**2 * (X.item() - SHIFT) / r, 1 / r
    assert (mean, var) == (pytest.approx(1.02), pytest.approx(0.1))
    density = grid_posterior(M1, X, LINE)[:, 0].exp()
    assert integral(density * Z).item() == pytest.approx(mean, abs=1e-12)
    assert integral(density * (Z - mean) ** 2).item() == pytest.approx(var, abs=1e-12)
    assert_close(M1.posterior(X).log_prob(LINE), torch_normal(mean, var).log_prob(Z))


@pytest.mark.equation("1.12")
def test_sixteen_pictures_and_their_likelihood():
    model, z = FourPixels(), LINE[::50]
    x = torch.cartesian_prod(*[number([0.0, 1.0])] * 4)
    W, c = number([[2.0, -1.5, 1.0, 0.5], [0.2, -0.3, 0.0, 0.1]])
    pi = torch.sigmoid(W * z + c + torch.sin(2 * z))[:, None]  # (G, 1, 4)
    likelihood = model.log_likelihood(x, z[:, None]).exp()  # (G, 16)
    assert_close(likelihood, (pi**x * (1 - pi) ** (1 - x)).prod(-1))
    total = likelihood.sum(-1)[z[:, 0].abs() < 9]  # beyond, torch cuts its softplus: by 2e-9
    assert_close(total, torch.ones_like(total), rtol=0, atol=1e-14)
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
    likelihood = torch_normal(Z**2 / scale, 0.3**2).log_prob(x).exp()  # (3, G)
    wide = integral((torch_normal(0, scale).log_prob(Z).exp() * likelihood).T)
    assert_close(wide.log(), TwoRoots(0.3).log_px(x), rtol=1e-9, atol=1e-9)
