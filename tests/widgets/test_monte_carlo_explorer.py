"""The numbers of the Monte Carlo explorer: its draws, weights, running values, closed forms."""

import math

import numpy as np
import pytest
import torch
from explorers import MONTE_CARLO, each

from course_utils.densities import DiagonalNormal, log_mean_exp
from course_utils.estimators import effective_sample_size, naive_monte_carlo
from course_utils.toys import LinearGaussian
from course_utils.widgets._shared.normals import _key, standard_normals
from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture
from course_utils.widgets.monte_carlo._explorer import exact_log_px, log10_draws_needed, log_weights

# A logarithm and a cosine, each right to 4 ulps or better, by two ways; a sum adds one for a draw.
ULPS = 16 * np.finfo(float).eps


def model_and_x(state):
    """The explorer's model as a toy of the course, x with its batch axis, q and the z it drew."""
    size = state.dimension
    model = LinearGaussian(torch.eye(size), torch.zeros(size), state.sigma)
    x = torch.ones(1, size, dtype=torch.float64)
    posterior = model.posterior(x)
    s = posterior.scale_tril[..., 0, 0].reshape(()) ** state.proposal
    q = DiagonalNormal(state.proposal * posterior.mu, 2 * s.log() * torch.ones_like(x))
    eps = torch.as_tensor(standard_normals(state.seed, state.n, size))
    return model, x, q, q.rsample(eps[:, None])


def weights_by_torch(state):
    """Log-weights by the densities of the course: shape (n, 1)."""
    model, x, q, z = model_and_x(state)
    return model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z)


def test_draws_do_not_depend_on_how_many_there_are():
    """But for the last bits: NumPy may take a logarithm by another way in a longer column."""
    few, many = standard_normals(3, 50, 3), standard_normals(3, 1000, 8)
    assert few.shape == (50, 3)
    np.testing.assert_allclose(few, many[:50, :3], rtol=ULPS)


def test_every_stream_of_every_seed_has_its_own_key():
    keys = {int(_key(seed, stream)[0]) for seed in range(100) for stream in range(20)}
    assert len(keys) == 2000


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_draws_are_standard_normal(seed):
    """Moments, tails and the whole distribution, each within five standard errors."""
    n, size = 100_000, 20
    eps = standard_normals(seed, n, size)
    count = n * size
    for power, mean, variance in [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)]:
        assert abs((eps**power).mean() - mean) < 5 * math.sqrt(variance / count)
    sorted_eps = torch.as_tensor(np.sort(eps, axis=None))
    below = torch.special.ndtr(sorted_eps).numpy()
    gap = np.abs(below - (np.arange(count) + 0.5) / count).max()
    assert gap < 2.3 / math.sqrt(count)  # Kolmogorov: exceeded with probability 5e-5


def test_draws_are_independent_over_dimensions_rows_and_seeds():
    n = 100_000
    eps = standard_normals(0, n, 20)
    columns = np.concatenate([eps, standard_normals(1, n, 4), np.roll(eps[:, :4], 1, axis=0)], 1)
    for table in (columns, columns**2):  # squares: Box-Muller's partners share a radius
        off = np.corrcoef(table.T) - np.eye(columns.shape[1])
        assert np.abs(off).max() < 5 / math.sqrt(n)


@each(MONTE_CARLO)
def test_weights_agree_with_the_densities_of_the_course(state):
    expected = weights_by_torch(state)[:, 0]
    np.testing.assert_allclose(log_weights(state), expected, rtol=1e-9, atol=1e-9)


@each(MONTE_CARLO)
def test_estimate_and_sample_size_agree_with_the_estimators(state):
    log_w, picture = weights_by_torch(state), monte_carlo_picture(state)
    for end, value, ess in zip(picture.draws, picture.estimate, picture.ess, strict=True):
        assert value == pytest.approx(log_mean_exp(log_w[:end], dim=0).item(), rel=1e-9)
        assert ess == pytest.approx(effective_sample_size(log_w[:end]).item(), rel=1e-9)
    spread = np.sqrt(np.maximum(0, 1 / picture.ess - 1 / picture.draws))
    np.testing.assert_allclose(picture.std_error, spread, atol=1e-7)


@pytest.mark.parametrize("n", [10, 1000])
def test_from_the_prior_it_is_naive_monte_carlo(n):
    """The package's estimator, given the same draws, says the same three numbers."""
    state = MonteCarloState(dimension=3, n=n, seed=8)
    model, x, _, z = model_and_x(state)
    model.sample_prior = lambda n, generator=None: z[:, 0]
    expected, picture = naive_monte_carlo(model, x, n), monte_carlo_picture(state)
    for ours, theirs in [
        (picture.estimate, expected.log_px),
        (picture.std_error, expected.std_error),
        (picture.ess, expected.ess),
    ]:
        assert ours[-1] == pytest.approx(theirs.item(), rel=1e-9)


@each(MONTE_CARLO)
def test_the_exact_line_is_the_evidence_of_the_toy(state):
    model, x, *_ = model_and_x(state)
    assert exact_log_px(state) == pytest.approx(model.log_px(x).item(), rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 20])
def test_at_the_posterior_there_is_no_error(dimension):
    picture = monte_carlo_picture(MonteCarloState(dimension=dimension, proposal=1.0))
    np.testing.assert_allclose(picture.estimate, picture.exact, rtol=1e-13)
    np.testing.assert_allclose(picture.ess, picture.draws, rtol=1e-12)
    assert picture.std_error.max() < 1e-12
    assert "one draw is enough" in picture.text


@pytest.mark.parametrize("proposal", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("sigma", [0.1, 0.3, 1.0])
def test_draws_needed_agree_with_quadrature(sigma, proposal):
    """1 + relvar = E_q[(w / p(x))^2], in one dimension by the trapezoid rule."""
    state = MonteCarloState(dimension=1, sigma=sigma, proposal=proposal)
    model, x, q, _ = model_and_x(state)
    z = torch.linspace(-12, 12, 200_001, dtype=torch.float64)[:, None]
    log_ratio = 2 * model.posterior(x).log_prob(z[:, None])[:, 0] - q.log_prob(z)
    relvar = torch.trapezoid(log_ratio.exp(), z[:, 0]).item() - 1
    assert log10_draws_needed(state) == pytest.approx(max(0, math.log10(relvar / 0.01)), abs=1e-6)


def test_draws_needed_multiply_over_dimensions():
    """log(1 + relvar) adds up; at large L also where 1 + relvar would overflow nothing."""
    one = MonteCarloState(dimension=1, sigma=0.3)
    relvar = 0.01 * 10 ** log10_draws_needed(one)
    many = MonteCarloState(dimension=20, sigma=0.3)
    expected = math.log10((1 + relvar) ** 20 - 1) + 2
    assert log10_draws_needed(many) == pytest.approx(expected, rel=1e-9)
    assert 13 < log10_draws_needed(many) < 15


def test_with_the_draws_needed_the_error_is_a_tenth():
    """Over 100 seeds the relative error of p(x) has the standard deviation it was promised."""
    opening = MonteCarloState(dimension=1, sigma=0.3)
    n = round(10 ** log10_draws_needed(opening))
    states = [MonteCarloState(dimension=1, sigma=0.3, n=n, seed=seed) for seed in range(100)]
    misses = [monte_carlo_picture(s).estimate[-1] - exact_log_px(s) for s in states]
    squares = np.expm1(misses) ** 2
    standard_error = squares.std() / math.sqrt(len(squares))
    assert abs(squares.mean() - 0.1**2) < 5 * standard_error


@each(MONTE_CARLO)
def test_shares_are_the_largest_weights(state):
    picture, log_w = monte_carlo_picture(state), weights_by_torch(state)[:, 0]
    expected = log_w.softmax(dim=0).sort(descending=True).values[:30]
    np.testing.assert_allclose(picture.shares, expected, rtol=1e-8)
    assert picture.shares.sum() + picture.others == pytest.approx(1)


def test_a_longer_run_goes_on_where_a_shorter_one_ended():
    short, long = (monte_carlo_picture(MonteCarloState(n=n)) for n in (1000, 100_000))
    assert 140 < len(long.draws) < 210
    shared = len(short.draws) - 1
    np.testing.assert_array_equal(short.draws[:-1], long.draws[:shared])
    np.testing.assert_allclose(short.estimate[:-1], long.estimate[:shared], rtol=1000 * ULPS)
