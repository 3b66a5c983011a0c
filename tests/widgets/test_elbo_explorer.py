"""The numbers of the ELBO explorer: identities, the rest of the course, its two steps, EM."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from explorers import ELBO, each, each_elbo_model, elbo_states

from course_utils.densities import DiagonalNormal, kl
from course_utils.toys import LinearGaussian, TwoRoots
from course_utils.widgets.elbo import ElboState, e_step, elbo_picture, m_step
from course_utils.widgets.elbo import _math as _elbo_math


def tensors(state):
    """The observation and q as the rest of the course has them: x (1, 1), q over (1, 1)."""
    x = torch.tensor([[_elbo_math.MODELS[state.model].x]], dtype=torch.float64)
    mu, log_var = (torch.tensor([[v]], dtype=torch.float64) for v in (state.mu, state.log_var))
    return x, DiagonalNormal(mu, log_var)


def linear(state):
    return LinearGaussian(W=[[state.a]], b=[0.3], sigma=0.5)


@each_elbo_model
def test_evidence_is_the_bound_plus_the_gap(model):
    """Log p(x) = ELBO + KL(q || p(z | x)), the gap from the densities; eq. 3.13."""
    for state in elbo_states(model):
        picture = elbo_picture(state)
        assert picture.elbo == pytest.approx(picture.rec - picture.kl, abs=1e-12)
        scale = max(1.0, abs(picture.elbo) / 1000)  # at -50 000 nats a double keeps 1e-11
        assert abs(picture.log_px - picture.elbo - picture.gap) < 1e-9 * scale, state
        assert picture.gap >= 0 and picture.kl >= 0


def test_the_linear_model_agrees_with_the_toy():
    """Evidence, both terms of the bound, the gap and p(z|x), by the course's own functions."""
    for state in elbo_states("linear", n=50):
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
        grid = torch.as_tensor(picture.z)[:, None, None]
        expected = toy.posterior(x).log_prob(grid)[:, 0].exp()
        np.testing.assert_allclose(picture.posterior, expected, rtol=1e-9, atol=1e-300)


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
    for state in elbo_states("two roots", n=50):
        z = state.mu + math.exp(state.log_var / 2) * nodes
        log_px_z = toy.log_joint(z, state.a) + 0.5 * (_elbo_math.LOG_2PI + z**2)
        mean = (weights * log_px_z).sum() / weights.sum()
        assert elbo_picture(state).rec == pytest.approx(mean, rel=1e-10)


@each(ELBO)
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


@each(ELBO)
def test_curves_over_a_go_through_the_present_picture(state):
    """Another a, the same q: each point is what the explorer would show there."""
    picture = elbo_picture(state)
    for i in (0, 25, 77, 120):
        other = elbo_picture(ElboState(state.model, state.mu, state.log_var, picture.a_grid[i]))
        assert picture.log_px_of_a[i] == pytest.approx(other.log_px, rel=1e-12)
        assert picture.elbo_of_a[i] == pytest.approx(other.elbo, rel=1e-12)
    assert (picture.elbo_of_a <= picture.log_px_of_a + 1e-12).all()


# --- the two steps ---


@pytest.mark.parametrize("a", [-2.5, 0.0, 0.5, 1.5, 3.0])
def test_an_e_step_of_the_linear_model_closes_the_gap(a):
    before = ElboState(mu=0.4, log_var=-1.1, a=a)
    after = e_step(before)
    x, _ = tensors(before)
    exact = linear(before).posterior(x)
    assert after.mu == pytest.approx(exact.mu.item(), abs=1e-12)
    assert after.log_var == pytest.approx(2 * exact.scale_tril.log().item(), abs=1e-12)
    old, new = elbo_picture(before), elbo_picture(after)
    assert new.gap < 1e-12 < old.gap
    assert new.log_px == old.log_px and after.a == before.a
    assert "q is the posterior" in new.text


def elbo_of(mu, log_var, a):
    """The ELBO of two roots from torch's own moments, for gradients: a scalar tensor."""
    v = log_var.exp()
    square, fourth = mu**2 + v, mu**4 + 6 * mu**2 * v + 3 * v**2
    residual = 1.5**2 - 2 * a * 1.5 * square + a**2 * fourth
    rec = -0.5 * math.log(2 * math.pi * 0.3**2) - residual / (2 * 0.3**2)
    return rec - 0.5 * (mu**2 + v - 1 - log_var)


@pytest.mark.parametrize("start", [(-0.5, -0.7), (0.8, -3.0), (1.9, 0.0), (-2.5, -1.0), (0.1, 1.0)])
@pytest.mark.parametrize("a", [-1.0, 0.06, 0.5, 1.0, 2.7])
def test_an_e_step_of_two_roots_ends_on_a_top(start, a):
    """Slopes are zero, the Hessian has two negative eigenvalues, and no start falls."""
    before = ElboState("two roots", *start, a=a)
    after = e_step(before)
    point = torch.tensor([after.mu, after.log_var], dtype=torch.float64, requires_grad=True)
    value = elbo_of(point[0], point[1], a)
    (slope,) = torch.autograd.grad(value, point)
    assert slope.abs().max() < 1e-9
    curve = torch.autograd.functional.hessian(lambda p: elbo_of(p[0], p[1], a), point.detach())
    assert torch.linalg.eigvalsh(curve).max() < -0.1
    assert elbo_picture(after).elbo == pytest.approx(value.item(), abs=1e-9)
    assert elbo_picture(after).elbo > elbo_picture(before).elbo
    assert e_step(after) == after


def test_an_e_step_of_two_roots_goes_where_plain_ascent_goes():
    """Small steps of equal size along the plain gradient, from four starts at once."""
    starts = [(-0.5, -0.7), (0.8, -3.0), (-1.9, -2.0), (0.05, 1.0)]
    points = torch.tensor(starts, dtype=torch.float64, requires_grad=True)
    for _ in range(5000):
        (slope,) = torch.autograd.grad(elbo_of(*points.T, 1.0).sum(), points)
        with torch.no_grad():
            points += 0.008 * slope / (slope.norm(dim=1, keepdim=True) / 5).clamp(min=1)
    for start, end in zip(starts, points.tolist(), strict=True):
        after = e_step(ElboState("two roots", *start, a=1.0))
        assert (after.mu, after.log_var) == pytest.approx(tuple(end), abs=1e-4), start


@pytest.mark.parametrize("side", [-1, 1])
def test_a_normal_on_one_of_two_roots_misses_log_two(side):
    picture = elbo_picture(e_step(ElboState("two roots", mu=0.7 * side, log_var=-2.0, a=1.0)))
    state = picture.state
    assert state.mu == pytest.approx(1.18 * side, abs=0.01)
    assert math.exp(state.log_var / 2) == pytest.approx(0.13, abs=0.005)
    assert picture.gap == pytest.approx(0.704, abs=0.01) and picture.gap > math.log(2)
    assert "it holds one mode only, and the half it misses costs log 2 = 0.69" in picture.text


@each_elbo_model
def test_every_e_step_stays_within_the_ranges(model):
    for a in np.linspace(-3, 3, 601):
        for mu in (-0.5, 0.9, 3.0):
            after = e_step(ElboState(model, mu=mu, a=a))
            assert abs(after.mu) <= 4 and -6 <= after.log_var <= 2


@each(ELBO)
def test_an_m_step_is_the_best_a_and_leaves_q_alone(state):
    picture, after = elbo_picture(state), elbo_picture(m_step(state))
    assert (after.state.mu, after.state.log_var) == (state.mu, state.log_var)
    assert after.elbo >= picture.elbo and after.elbo == picture.best_elbo
    assert after.kl == picture.kl and after.state.a == picture.best_a
    near = np.clip(after.state.a + np.array([-1e-3, 1e-3]), -3, 3)
    assert all(elbo_picture(replace(state, a=a)).elbo <= after.elbo for a in near)
    assert after.elbo >= picture.elbo_of_a.max() - 1e-12


def test_an_m_step_of_the_linear_model_is_eq_3_15():
    m, v = 1.02, 0.1
    after = m_step(ElboState(mu=m, log_var=math.log(v), a=1.5))
    assert after.a == pytest.approx(1.7 * m / (m * m + v), rel=1e-12)


def test_an_m_step_stops_at_the_edge_of_the_slider():
    state = ElboState(mu=0.1, log_var=-6.0)
    assert _elbo_math.best_a("linear", 0.1, -6.0) > 3
    assert m_step(state).a == 3.0


@each_elbo_model
def test_em_never_lowers_the_evidence_and_ends_at_its_top(model):
    """Linear: the maximum-likelihood a is sqrt((x - b)^2 - sigma^2)."""
    state, heights = e_step(ElboState(model)), []
    for _ in range(150):
        state = e_step(m_step(state))
        picture = elbo_picture(state)
        heights.append(picture.elbo)
    assert (np.diff(heights) > -1e-12).all()
    assert elbo_picture(m_step(state)).elbo - heights[-1] < 1e-5
    if model == "linear":
        assert state.a == pytest.approx(math.sqrt(1.7**2 - 0.25), abs=1e-3)
        assert picture.log_px == pytest.approx(-0.5 * math.log(2 * math.pi * math.e * 1.7**2))
