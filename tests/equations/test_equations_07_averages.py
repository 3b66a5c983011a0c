"""Both sides of the equations of notebook 07 about one guess and many, by two routes each."""

import pytest
import torch
from linear_with_y import EXACT, SIGMA, B, C, D, Linear, each_prior, each_size, mean_under, normal
from routes import generator, lies_near, number, randn
from torch.testing import assert_close

from course_utils.toys import ConditionalLinearGaussian

# Five pictures of three pixels that may follow one y, and how likely each is.
PICTURES = number([[1, 0, 0], [1, 1, 0], [0.2, 0.5, 1], [0, 0, 1], [0.9, 0.1, 0.4]])
P = number([0.1, 0.35, 0.2, 0.05, 0.3])


def of_pictures(f):
    """E[f(x) | y] by the sum over the five."""
    return (P * f(PICTURES)).sum()


def squared_distance(a, b):
    return ((a - b) ** 2).sum(-1)


def total_variance():
    """tr Cov(x | y) by torch: a weighted covariance matrix."""
    return torch.cov(PICTURES.T, aweights=P, correction=0).trace()


@pytest.mark.equation("7.10")
def test_the_mean_is_the_best_guess():
    mean = P @ PICTURES
    assert_close(of_pictures(lambda x: squared_distance(x, mean)), total_variance(), **EXACT)
    guesses = torch.cat([PICTURES, number([[0.5] * 3, [0.0] * 3]), mean + randn(20, 3)])
    for guess in guesses:
        left = of_pictures(lambda x, guess=guess: squared_distance(x, guess))
        assert_close(left, total_variance() + squared_distance(guess, mean), **EXACT)
        assert left > total_variance()


@pytest.mark.equation("7.10")
@each_size
def test_the_mean_is_the_best_guess_in_the_linear_model(latents):
    """E of a quadratic under p(x | y), which is normal: exact over points."""
    model = Linear(latents)
    law, guess = model.evidence(), 3 * randn(B, D, seed=9)
    trace = (model.W**2).sum() + D * SIGMA**2
    at_best = mean_under(law, lambda x: squared_distance(x, law.mean))
    assert_close(at_best, trace.expand(B), **EXACT)
    elsewhere = mean_under(law, lambda x: squared_distance(x, guess))
    assert_close(elsewhere, trace + squared_distance(guess, law.mean), **EXACT)


@pytest.mark.equation("7.11")
@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_a_mean_of_draws_errs_by_the_variance_and_its_mth_part(m):
    """Left the sum over x and all m-tuples of draws, each as likely as its parts together."""
    tuples = torch.cartesian_prod(*[torch.arange(len(P))] * (m + 1)).reshape(-1, m + 1)
    truth, draws = PICTURES[tuples[:, 0]], PICTURES[tuples[:, 1:]]
    left = (P[tuples].prod(1) * squared_distance(truth, draws.mean(1))).sum()
    assert_close(left, (1 + 1 / m) * total_variance(), **EXACT)


@pytest.mark.equation("7.11")
@pytest.mark.parametrize("m", [1, 50])
def test_a_mean_of_draws_of_the_linear_model(m):
    n, model = 4000, Linear(2)
    whole = ConditionalLinearGaussian(model.W, model.A, model.b, SIGMA)
    rows = model.y[:1].expand(n * (m + 1), C)
    x = whole.sample(rows, generator=generator())[1].reshape(n, m + 1, D)
    errors = squared_distance(x[:, 0], x[:, 1:].mean(1))
    trace = (model.W**2).sum() + D * SIGMA**2
    assert lies_near(errors, (1 + 1 / m) * trace)


@pytest.mark.equation("7.12")
@each_size
@each_prior
def test_weights_repair_draws_from_another_q(latents, moves):
    """Left in closed form; right E_q of the weight, by the grid."""
    model = Linear(latents, moves)
    z, _ = model.grid()
    wide = normal(model.posterior().mean + 0.3, 1.5 * torch.eye(latents))
    log_w = model.log_px_z(z) + model.prior.log_prob(z) - wide.log_prob(z)
    right = model.integral(wide.log_prob(z) + log_w)
    assert_close(model.evidence().log_prob(model.x), right, **EXACT)
    draws = wide.mean + wide.scale_tril.diagonal(dim1=-2, dim2=-1) * randn(20_000, B, latents)
    weights = model.log_px_z(draws) + model.prior.log_prob(draws) - wide.log_prob(draws)
    assert lies_near((weights - model.evidence().log_prob(model.x)).exp(), torch.ones(B))
