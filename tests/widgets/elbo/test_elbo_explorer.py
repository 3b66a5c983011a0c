"""The numbers of the ELBO explorer: identities, and agreement with the rest of the course."""

import math

import numpy as np
import pytest
import torch
from elbo_cases import each_model, each_state, linear, random_states, tensors

from course_utils.densities import DiagonalNormal, kl
from course_utils.toys import TwoRoots
from course_utils.widgets.elbo import ElboState, elbo_picture
from course_utils.widgets.elbo import _math as _elbo_math


@each_model
def test_evidence_is_the_bound_plus_the_gap(model):
    """Log p(x) = ELBO + KL(q || p(z | x)), the gap from the densities; eq. 3.13."""
    for state in random_states(model):
        picture = elbo_picture(state)
        assert picture.elbo == pytest.approx(picture.rec - picture.kl, abs=1e-12)
        scale = max(1.0, abs(picture.elbo) / 1000)  # at -50 000 nats a double keeps 1e-11
        assert abs(picture.log_px - picture.elbo - picture.gap) < 1e-9 * scale, state
        assert picture.gap >= 0 and picture.kl >= 0


def test_the_linear_model_agrees_with_the_toy():
    """Evidence, both terms of the bound and the gap, each by the course's own functions."""
    for state in random_states("linear", n=50):
        x, q = tensors(state)
        picture, toy = elbo_picture(state), linear(state)
        terms = toy.exact_elbo(x, q)
        for ours, theirs in [
            (picture.log_px, toy.log_px(x)),
            (picture.rec, terms.rec),
            (picture.kl, terms.kl),
            (picture.gap, kl(q, toy.posterior(x))),
        ]:
            assert ours == pytest.approx(theirs.item(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("a", [0.5, 0.9, 1.0, 1.7])
def test_two_roots_agree_with_the_toy(a):
    """X / a given z is z^2 + (sigma / a) noise, so log p(x) changes its unit alone; eq. 1.2."""
    picture = elbo_picture(ElboState("two roots", a=a))
    toy, scaled = TwoRoots(0.3 / a), torch.tensor([[1.5 / a]], dtype=torch.float64)
    assert picture.log_px == pytest.approx(toy.log_px(scaled).item() - math.log(a), abs=1e-9)
    grid = torch.as_tensor(picture.z)[:, None]
    log_posterior = toy.posterior_on_grid(scaled, grid)[:, 0]
    np.testing.assert_allclose(picture.posterior, log_posterior.exp(), rtol=1e-8, atol=1e-12)


def test_reconstruction_of_two_roots_is_a_mean_under_q():
    """Closed form by E z^2 and E z^4 against 64-point Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    toy = _elbo_math.MODELS["two roots"]
    for state in random_states("two roots", n=50):
        z = state.mu + math.exp(state.log_var / 2) * nodes
        log_px_z = toy.log_joint(z, state.a) + 0.5 * (_elbo_math.LOG_2PI + z**2)
        mean = (weights * log_px_z).sum() / weights.sum()
        assert elbo_picture(state).rec == pytest.approx(mean, rel=1e-10)


@each_state
def test_densities_are_those_of_the_course_and_integrate_to_one(state):
    picture = elbo_picture(state)
    x, q = tensors(state)
    points = torch.as_tensor(picture.z)[:, None, None]
    standard = DiagonalNormal(torch.zeros_like(x), torch.zeros_like(x))
    for ours, theirs in [(picture.q, q), (picture.prior, standard)]:
        expected = theirs.log_prob(points)[:, 0].exp()
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-300)
    wide = np.linspace(-9, 9, 5001)
    density = np.exp(_elbo_math.log_posterior_at(state.model, wide, state.a))
    assert np.trapezoid(density, wide) == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(np.interp(picture.z, wide, density), picture.posterior, atol=1e-3)


def test_the_posterior_of_the_linear_model_is_the_toys():
    picture = elbo_picture(ElboState(a=1.5))
    x, _ = tensors(picture.state)
    grid = torch.as_tensor(picture.z)[:, None, None]
    expected = linear(picture.state).posterior(x).log_prob(grid)[:, 0].exp()
    np.testing.assert_allclose(picture.posterior, expected, rtol=1e-9, atol=1e-300)


@each_state
def test_curves_over_a_go_through_the_present_picture(state):
    """Another a, the same q: each point is what the explorer would show there."""
    picture = elbo_picture(state)
    for i in (0, 25, 77, 120):
        other = elbo_picture(ElboState(state.model, state.mu, state.log_var, picture.a_grid[i]))
        assert picture.log_px_of_a[i] == pytest.approx(other.log_px, rel=1e-12)
        assert picture.elbo_of_a[i] == pytest.approx(other.elbo, rel=1e-12)
    assert (picture.elbo_of_a <= picture.log_px_of_a + 1e-12).all()
