"""Both sides of the equations of notebook 08, by two routes each."""

import math

import pytest
import torch
from linear_data import best_diagonal
from routes import (
    LINE,
    Z,
    average,
    generator,
    integral,
    lies_near,
    number,
    randn,
    torch_normal,
)
from standard_model import LOG_PX, M1, SHIFT, SIGMA, STANDARD, A, X, log_likelihood
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.estimators import effective_sample_size
from course_utils.exercises import ex08
from course_utils.toys import FourPixels, LinearGaussian

Q = torch_normal(0.8, 0.2)  # of the notebook's toy
PAGE = torch.cartesian_prod(*[torch.tensor([0.0, 1.0]).double()] * 4)  # all pictures of 4 pixels


def log_weight(z):
    """log w of the notebook's q."""
    return log_likelihood(z) + STANDARD.log_prob(z) - Q.log_prob(z)


def draws(*shape, seed=0):
    """Draws from the notebook's q."""
    return Q.mean + Q.stddev * randn(*shape, seed=seed)


@pytest.mark.equation("8.1")
def test_bits_per_pixel_are_the_length_of_the_best_code():
    """A code for blocks of pictures spends -log2 of their probability, to within a bit a block."""
    log_px = FourPixels().log_px(PAGE)
    bits = ex08.my_bits_per_dim(log_px, 4)
    assert_close(2 ** (-4 * bits), log_px.exp())
    lengths = (-log_px / math.log(2)).ceil()  # of whole bits, for single pictures
    assert (2**-lengths).sum() <= 1  # Kraft: there is such a code
    mean, of_code = ((log_px.exp() * length).sum() for length in (4 * bits, lengths))
    assert mean <= of_code < mean + 1
    assert ex08.my_bits_per_dim(number([-86.0]), 784).item() == pytest.approx(0.1583, abs=1e-4)


@pytest.mark.equation("8.1")
@pytest.mark.parametrize("levels", [2, 17, 256])
def test_levels_cost_the_same_bits_as_a_probability_and_as_a_density(levels):
    """A density that is level over each step has P(k) / (1 / levels) on [0, 1]."""
    log_p = randn(levels).log_softmax(0)
    as_density = log_p + math.log(levels)
    assert_close(ex08.my_bits_per_dim(as_density, 1, levels), ex08.my_bits_per_dim(log_p, 1))


@pytest.mark.equation("8.2")
def test_noisy_pixels_bound_the_probability_of_their_levels():
    """A normal pixel: P by its distribution function, both averages over u by the trapezoid."""
    pixel, k, u = torch_normal(8.3, 0.49), number([6.0, 8.0, 10.0]), torch.linspace(0, 1, 20_001)
    exact = (pixel.cdf(k + 1) - pixel.cdf(k)).log()
    noisy = pixel.log_prob(k[:, None] + u.double())
    assert_close(torch.trapezoid(noisy.exp(), u.double()).log(), exact, rtol=1e-7, atol=0)
    bound = torch.trapezoid(noisy, u.double())
    assert (bound < exact - 1e-3).all()
    level = torch.zeros(5, 101).double() + randn(5, 1)  # a density without slope loses nothing
    assert_close(level.exp().mean(1).log(), level.mean(1))


@pytest.mark.equation("8.3")
def test_the_bound_of_two_weights_is_that_of_a_double_integral():
    """And one weight's is the ELBO; each below the next, and below log p(x)."""
    grid = torch.linspace(-4, 5.6, 1201, dtype=torch.float64)
    mass = Q.log_prob(grid).exp() * (grid[1] - grid[0])
    pairs = torch.logaddexp(log_weight(grid)[:, None], log_weight(grid)) - math.log(2)
    of_two = mass @ pairs @ mass
    estimates = ex08.my_iwae_bound(log_weight(draws(2, 200_000)))
    assert lies_near(estimates, of_two)
    q = DiagonalNormal(number([[0.8]]), number([[0.2]]).log())
    of_one = average(Q, log_weight(Z))
    assert_close(of_one, M1.exact_elbo(X, q).elbo[0])
    of_ten = ex08.my_iwae_bound(log_weight(draws(10, 200_000, seed=1)))
    assert of_one < of_two - 0.1
    assert of_two < of_ten.mean() - 0.01
    assert of_ten.mean() < LOG_PX - 0.01


@pytest.mark.equation("8.4")
def test_the_error_bar_by_the_weights_and_by_their_ess():
    """Of each run they are one number, and over runs the scatter of log p-hat."""
    k = 1000
    log_w = log_weight(draws(k, 4000))
    w = log_w.exp()
    by_sd = w.std(0, correction=0) / (k**0.5 * w.mean(0))
    by_ess = (1 / effective_sample_size(log_w) - 1 / k).sqrt()
    assert_close(by_sd, by_ess, rtol=1e-9, atol=0)
    errors = ex08.my_iwae_bound(log_w) - LOG_PX
    assert lies_near(errors**2 / (by_sd**2).mean(), 1)


@pytest.mark.equation("8.5")
def test_the_gap_splits_into_family_and_amortisation():
    """A slanted posterior, known exactly; the best diagonal q by a search."""
    model = LinearGaussian([[1.0, 0.4], [0.3, -0.8], [0.5, 0.9]], [0.1, 0.2, 0.3], 0.4)
    x = randn(3, 3, seed=2)
    q = DiagonalNormal(randn(3, 2, seed=3), randn(3, 2, seed=4) - 1)
    best, ours = (model.exact_elbo(x, each).elbo for each in (best_diagonal(model, x), q))
    post = model.posterior(x)
    each = FullNormal(post.mu, post.scale_tril.expand(3, 2, 2))
    family, amortisation = model.log_px(x) - best, best - ours
    precision = torch.linalg.inv(post.scale_tril @ post.scale_tril.T)
    formula = 0.5 * (precision.diag().log().sum() - precision.logdet())  # eq. 6.6
    assert_close(family, formula.expand(3), rtol=1e-6, atol=1e-8)
    assert_close(kl(q, each), family + amortisation, rtol=1e-9, atol=1e-9)
    assert formula > 0.01 and (amortisation > 0.1).all()


def given(z):
    """log p(x | z) for chains, by the course."""
    return M1.log_likelihood(X, z)


@pytest.mark.equation("8.6")
@pytest.mark.parametrize("beta", [0.1, 0.5, 1.0])
def test_the_densities_on_the_way_are_those_of_more_noise(beta):
    """By quadrature, and as the posterior of a linear model with noise sigma / sqrt(beta)."""
    weighed = STANDARD.log_prob(Z) + beta * log_likelihood(Z)
    at_beta = (weighed - integral(weighed.exp()).log()).exp()
    post = LinearGaussian([[A]], [SHIFT], SIGMA / beta**0.5).posterior(X)
    assert_close(at_beta, post.log_prob(LINE).exp(), rtol=1e-8, atol=1e-12)


@pytest.mark.equation("8.6")
def test_the_temperatures_rise_from_the_prior_to_the_posterior():
    seen, start = [], randn(6, 1, 1)

    def stay(z, beta):
        seen.append(float(beta))
        return z

    log_w = ex08.my_annealed_log_weights(M1.log_prior, given, stay, start, 4)
    assert_close(number(seen), number([0.25, 0.5, 0.75, 1.0]))
    assert_close(log_w, given(start))  # unmoved, the steps add up to 1


@pytest.mark.equation("8.7")
@pytest.mark.parametrize("n_temperatures", [1, 3, 10])
def test_annealed_weights_are_unbiased_with_moves_that_do_not_forget(n_temperatures):
    """Half a draw from p_beta, half of where the chain was: it keeps p_beta, and remembers."""
    noise, keep = generator(5), 0.5**0.5

    def move(z, beta):
        post = LinearGaussian([[A]], [SHIFT], SIGMA / float(beta) ** 0.5).posterior(X)
        mean, sd = post.mu.item(), post.scale_tril.item()
        fresh = torch.randn(z.shape, generator=noise, dtype=torch.float64)
        return mean + keep * (z - mean) + (1 - keep**2) ** 0.5 * sd * fresh

    start, visited = randn(200_000, 1, 1, seed=6), []

    def visit(z):
        visited.append(z)
        return given(z)

    log_w = ex08.my_annealed_log_weights(M1.log_prior, visit, move, start, n_temperatures)
    by_hand = sum(log_likelihood(z[..., 0]) for z in visited) / n_temperatures
    assert_close(log_w, by_hand)
    assert lies_near((log_w - LOG_PX).exp()[:, 0], 1)
    assert len(visited) == n_temperatures and (visited[0] == start).all()


@pytest.mark.equation("8.8")
def test_more_draws_teach_the_model_better_and_q_worse():
    """Signal over noise at 16 times the draws: 4 times for b, a quarter for q's mu.

    The mean of q's gradient is taken where it is quiet, from the doubly reparameterised one; the
    plain one's is the same, but for its error.
    """
    ratios = []
    for k, runs in ((50, 40_000), (800, 5_000)):
        z = draws(k, runs, seed=k)
        share = log_weight(z).softmax(0)
        in_b = (2 - A * z - SHIFT) / SIGMA**2
        in_z = A * in_b - z
        along = in_z + (z - Q.mean) / Q.variance
        model, plain, doubly = (
            (s * g).sum(0)
            for s, g in zip((share, share, share**2), (in_b, in_z, along), strict=True)
        )
        assert lies_near(plain - doubly, 0)
        ratios.append((model.mean() / model.std(), doubly.mean().abs() / plain.std()))
    (model_few, q_few), (model_many, q_many) = ratios
    assert model_many / model_few == pytest.approx(4, rel=0.1)  # runs of sd 2 %, and 50 is finite
    assert q_many / q_few == pytest.approx(0.25, rel=0.1)


@pytest.mark.equation("8.9")
@pytest.mark.parametrize(("mean", "variance"), [(0, 1), (1.1, 0.05), (0.9, 0.1)])
def test_the_inverse_evidence_is_an_average_over_the_posterior(mean, variance):
    """For any r; for r = p(z) the average is that of 1 / p(x | z)."""
    post = M1.posterior(X)
    p = torch_normal(post.mu.item(), post.scale_tril.item() ** 2)
    log_joint = log_likelihood(Z) + STANDARD.log_prob(Z)
    ratio = (torch_normal(mean, variance).log_prob(Z) - log_joint).exp()
    assert_close(average(p, ratio), number(math.exp(-LOG_PX)), rtol=1e-9, atol=0)
    if (mean, variance) == (0, 1):
        assert_close(ratio, (-log_likelihood(Z)).exp(), rtol=1e-9, atol=0)
