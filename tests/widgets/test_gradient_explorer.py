"""The numbers of the gradient explorer: closed forms, single draws, running averages, bins."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from explorers import GRADIENT, each

from course_utils.estimators import pathwise_gradient, score_function_gradient
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets.gradient import GradientState, gradient_picture
from course_utils.widgets.gradient._explorer import draws, exact_numbers, gradients
from course_utils.widgets.gradient._functions import FUNCTIONS

TORCH = {
    "z^2": lambda z: z**2,
    "z^2 + 10": lambda z: z**2 + 10,
    "sin 3z": lambda z: torch.sin(3 * z),
    "|z|": torch.abs,
    "step": lambda z: (z > 0).to(z.dtype),
}
each_f = pytest.mark.parametrize("f", FUNCTIONS)
each_parameter = pytest.mark.parametrize("parameter", ["mu", "sigma"])
each_place = pytest.mark.parametrize(("mu", "sigma"), [(1, 0.5), (-0.3, 0.8), (2.9, 0.1), (0.4, 2)])


def score_of(eps, state):
    """The slope of log q in the parameter, for draws mu + sigma eps."""
    return (eps if state.parameter == "mu" else eps**2 - 1) / state.sigma


def average(function, state) -> float:
    """E function(z, eps) by Gauss-Legendre, with a seam where f may have a kink."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    seam = np.clip(-state.mu / state.sigma, -12, 12)
    total = 0.0
    for low, high in [(-12, seam), (seam, 12)]:
        eps = low + (high - low) * (nodes + 1) / 2
        density = np.exp(-0.5 * eps**2) / math.sqrt(2 * math.pi)
        values = function(state.mu + state.sigma * eps, eps)
        total += (high - low) / 2 * (weights * density * values).sum()
    return total


@each_f
@each_parameter
@each_place
@pytest.mark.equation("4.2", "4.5")
def test_exact_gradients_and_variances_agree_with_quadrature(f, parameter, mu, sigma):
    """And the averages are the exact gradient; but for the jump, which pathwise misses."""
    state = GradientState(f, mu, sigma, parameter=parameter)
    value, slope = FUNCTIONS[f].value, FUNCTIONS[f].slope

    def score(z, eps):
        return value(z) * score_of(eps, state)

    def path(z, eps):
        return slope(z) * (1 if parameter == "mu" else eps)

    exact, *variances = exact_numbers(state)
    for term, variance in zip((score, path), variances, strict=True):
        mean = average(term, state)
        jumps = f == "step" and term is path
        assert mean == pytest.approx(0 if jumps else exact, rel=1e-9, abs=1e-12)
        expected = average(lambda z, eps, term=term: term(z, eps) ** 2, state) - exact**2
        assert variance == pytest.approx(max(0, expected), rel=1e-9, abs=1e-9)


def test_the_explorer_opens_where_the_ratio_is_21_75():
    assert exact_numbers(GradientState()) == pytest.approx((2, 21.75, 1), rel=1e-14)
    assert "needs 21.75 times as many draws" in gradient_picture(GradientState()).text


@pytest.mark.parametrize("f", ["z^2", "sin 3z", "|z|", "step"])
@each_parameter
def test_variance_with_the_baseline_is_that_of_one_draw_beside_nine_others(f, parameter):
    state = GradientState(f, 0.6, 0.7, 10, parameter=parameter, baseline=True)
    eps = standard_normals(11, 200_000, 10)
    values = FUNCTIONS[f].value(state.mu + state.sigma * eps)
    terms = (values[:, 0] - values[:, 1:].mean(axis=1)) * score_of(eps[:, 0], state)
    exact, variance, _ = exact_numbers(state)
    squares = (terms - exact) ** 2
    assert abs(squares.mean() - variance) < 5 * squares.std() / math.sqrt(len(squares))
    assert abs(terms.mean() - exact) < 5 * terms.std() / math.sqrt(len(terms))


@each_f
@each_parameter
@pytest.mark.equation("4.3", "4.5")
def test_single_draws_agree_with_the_estimators_of_the_course(f, parameter):
    state = GradientState(f, -0.4, 0.7, 1000, 3, parameter)
    eps = torch.as_tensor(standard_normals(3, 1000, 1)[:, 0])
    which = ("mu", "sigma").index(parameter)
    score, path = gradients(state)
    expected = score_function_gradient(TORCH[f], state.mu, state.sigma, eps)[which]
    np.testing.assert_allclose(score, expected, rtol=1e-12, atol=1e-13)
    if f == "step":  # the estimator refuses it; the explorer shows what a zero slope leads to
        with pytest.raises(ValueError, match="graph is cut"):
            pathwise_gradient(TORCH[f], state.mu, state.sigma, eps)
        assert not path.any()
    else:
        expected = pathwise_gradient(TORCH[f], state.mu, state.sigma, eps)[which]
        np.testing.assert_allclose(path, expected, rtol=1e-12, atol=1e-13)


@each_f
@each_parameter
@pytest.mark.parametrize("baseline", [False, True])
def test_averages_scatter_about_the_exact_value_as_the_variances_say(f, parameter, baseline):
    """Over 100 seeds: no bias, and the variance of an average is that of a draw over n."""
    states = [GradientState(f, 0.6, 0.8, 400, seed, parameter, baseline) for seed in range(100)]
    means = np.array([[terms.mean() for terms in gradients(state)] for state in states])
    exact, *variances = exact_numbers(states[0])
    for column, variance in zip(means.T, variances, strict=True):
        if not column.any():  # pathwise at the step
            continue
        squares = 400 * (column - exact) ** 2
        assert abs(column.mean() - exact) < 5 * math.sqrt(variance / 400 / 100)
        assert abs(squares.mean() - variance) < 5 * squares.std() / math.sqrt(len(squares))


@each_parameter
def test_the_baseline_leaves_each_draw_out_of_its_own_mean(parameter):
    """Which makes the average the covariance of f and the slope of log q."""
    state = GradientState("z^2", 0.3, 0.9, 50, 6, parameter, True)
    z, score = draws(state), score_of(standard_normals(6, 50, 1)[:, 0], state)
    expected = [(z[i] ** 2 - (np.delete(z, i) ** 2).mean()) * score[i] for i in range(50)]
    terms, _ = gradients(state)
    np.testing.assert_allclose(terms, expected, rtol=1e-9)
    assert terms.mean() == pytest.approx(np.cov(z**2, score)[0, 1], rel=1e-9)


def test_a_constant_ruins_the_score_function_and_neither_pathwise_nor_the_baseline():
    plain_f, raised = (gradients(GradientState(f)) for f in ("z^2", "z^2 + 10"))
    np.testing.assert_array_equal(plain_f[1], raised[1])
    assert raised[0].var() > 20 * plain_f[0].var()
    with_baseline = [gradients(GradientState(f, baseline=True))[0] for f in ("z^2", "z^2 + 10")]
    np.testing.assert_allclose(*with_baseline, rtol=1e-9, atol=1e-9)


def test_moving_mu_carries_all_draws_along_and_sigma_stretches_them():
    start = draws(GradientState(seed=5))
    np.testing.assert_allclose(draws(GradientState(mu=2.5, seed=5)), start + 1.5, atol=1e-12)
    stretched = draws(GradientState(sigma=1.0, seed=5))
    np.testing.assert_allclose(stretched - 1, 2 * (start - 1), atol=1e-12)


@each(GRADIENT)
def test_running_averages_are_those_of_the_first_draws(state):
    picture = gradient_picture(state)
    for k in (0, len(picture.draws) // 2, -1):
        n = int(picture.draws[k])
        if n < 10:
            continue
        for name, terms in zip(("score", "path"), gradients(replace(state, n=n)), strict=True):
            mean, error = (getattr(picture, f"{name}_{part}")[k] for part in ("mean", "error"))
            assert mean == pytest.approx(terms.mean(), rel=1e-9, abs=1e-12)
            assert error == pytest.approx(terms.std(ddof=1) / math.sqrt(n), rel=1e-9, abs=1e-12)


@each(GRADIENT)
def test_histograms_hold_every_draw(state):
    picture = gradient_picture(state)
    widest = max(picture.score_variance, picture.path_variance)
    assert picture.edges[0] <= picture.exact - 2.9 * math.sqrt(widest)
    assert 40 <= len(picture.edges) <= 101
    both = picture.score_counts, picture.path_counts
    for counts, terms in zip(both, gradients(state), strict=True):
        assert counts.sum() == state.n
        assert counts[0] == (terms < picture.edges[0]).sum()
        assert counts[-1] == (terms >= picture.edges[-1]).sum()
        nudged = terms + 1e-9 * (picture.edges[1] - picture.edges[0])  # slopes of |z| lie on edges
        expected, _ = np.histogram(nudged, picture.edges)
        np.testing.assert_array_equal(counts[1:-1], expected)


def test_longer_averages_go_on_where_shorter_ones_ended():
    short, long = (gradient_picture(GradientState(n=n, baseline=True)) for n in (100, 10_000))
    shared = len(short.draws) - 1
    np.testing.assert_array_equal(short.draws[:-1], long.draws[:shared])
    # Below 100 terms of about 3; the last bits of a draw may depend on how many there are.
    ours, theirs = short.score_mean[:-1], long.score_mean[:shared]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=300 * np.finfo(float).eps)
