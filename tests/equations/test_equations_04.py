"""Both sides of the equations of notebook 04, by two routes each."""

import itertools
import math

import pytest
import torch
from linear_data import best_diagonal
from routes import Z, average, lies_near, minimise, number, randn
from standard_model import M1, SHIFT, SIGMA, STANDARD, A, X
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.estimators import pathwise_gradient, score_function_gradient
from course_utils.toys import LinearGaussian

N, L = 100_000, 3
MU, SD = 1.0, 0.5
M, V = 0.2, 0.49


def smooth(z):
    """A function with no symmetry about mu: neither estimator is exact by accident."""
    return torch.sin(z) + z**2 / 3


def smooth_slope(z):
    return torch.cos(z) + 2 * z / 3


def gradient_of_average(f, mu, sd):
    """d/dmu and d/dsd of E f(z), by autograd through a quadrature over z."""
    mu, sd = number(mu).requires_grad_(), number(sd).requires_grad_()
    return torch.autograd.grad(average(dist.Normal(mu, sd), f(Z)), (mu, sd))


@pytest.mark.equation("4.1")
@pytest.mark.parametrize(("mu", "sd"), [(1.0, 0.5), (-0.7, 0.9)])
def test_the_mean_square_and_its_slopes(mu, sd):
    square = average(dist.Normal(number(mu), number(sd)), Z**2)
    assert square.item() == pytest.approx(mu**2 + sd**2, abs=1e-12)
    slopes = gradient_of_average(torch.square, mu, sd)
    assert_close(torch.stack(slopes), 2 * number([mu, sd]), rtol=0, atol=1e-12)


@pytest.mark.equation("4.2", "4.5")
def test_both_gradients_are_unbiased():
    mu, sd = number(MU).requires_grad_(), number(SD).requires_grad_()
    q = dist.Normal(mu, sd)
    # E f grad log q: the density and f are held, and only log q is differentiated.
    held = dist.Normal(number(MU), number(SD))
    by_score = torch.autograd.grad(average(held, smooth(Z) * q.log_prob(Z)), (mu, sd))
    slope = smooth_slope(MU + SD * Z)  # Z are the places that the noise may take
    by_path = average(STANDARD, slope), average(STANDARD, slope * Z)
    exact = torch.stack(gradient_of_average(smooth, MU, SD))
    for right in (by_score, by_path):
        assert_close(exact, torch.stack(right), rtol=0, atol=1e-11)
    for gradient in (score_function_gradient, pathwise_gradient):
        assert lies_near(torch.stack(gradient(smooth, MU, SD, randn(N)), 1), exact)


@pytest.mark.equation("4.3")
def test_the_score_of_a_normal():
    eps = randn(7)
    mu, sd = (torch.full((7,), at).double().requires_grad_() for at in (MU, SD))
    log_q = dist.Normal(mu, sd).log_prob(MU + SD * eps)
    d_mu, d_sd = torch.autograd.grad(log_q.sum(), (mu, sd))
    assert_close(d_mu, eps / SD)
    assert_close(d_sd, (eps**2 - 1) / SD)


@pytest.mark.equation("4.4")
def test_noise_scaled_and_shifted_is_a_draw():
    log_var = math.log(SD**2)
    z = MU + math.exp(log_var / 2) * randn(N)
    q = DiagonalNormal(number([MU]).expand(N, 1), number([log_var]).expand(N, 1))
    assert_close(q.rsample(randn(N)[:, None])[:, 0], z)
    t = number([0.2, 0.9, 1.0, 1.8])
    assert lies_near((z[:, None] <= t).double(), dist.Normal(number(MU), SD).cdf(t))
    assert lies_near(torch.stack([z, (z - MU) ** 2], 1), [MU, SD**2])


@pytest.mark.equation("4.6")
@pytest.mark.parametrize(("mu", "sd"), [(1.0, 0.5), (-0.7, 0.9), (2.0, 0.1)])
def test_the_variance_of_one_draw_s_gradient(mu, sd):
    """By quadrature over eps, and at mu = 1, sigma = 1/2 the ratio is 21.75."""
    for gradient, formula in (
        (score_function_gradient, mu**4 / sd**2 + 14 * mu**2 + 15 * sd**2),
        (pathwise_gradient, 4 * sd**2),
    ):
        d_mu, _ = gradient(torch.square, mu, sd, Z)
        variance = average(STANDARD, (d_mu - average(STANDARD, d_mu)) ** 2)
        assert variance.item() == pytest.approx(formula, rel=1e-10)
    assert (1 / 0.25 + 14 + 15 * 0.25, 4 * 0.25) == (21.75, 1.0)


@pytest.mark.equation("4.7")
def test_a_matrix_gives_noise_its_covariance():
    mu, covariance = randn(L), 0.5 * torch.eye(L).double() + 0.3
    tril = torch.linalg.cholesky(covariance)
    z = FullNormal(mu.expand(N, L), tril).rsample(randn(N, L)) - mu
    assert lies_near(z[:, :, None] * z[:, None, :], covariance)


@pytest.mark.equation("4.8")
@pytest.mark.parametrize(("m", "v"), [(M, V), (1.5, 0.05), (-1.0, 2.0)])
def test_the_gradient_of_the_bound(m, v):
    d_mu = A * (X.item() - SHIFT - A * m) / SIGMA**2 - m
    d_log_var = 0.5 * (1 - v * (1 + A**2 / SIGMA**2))
    mu, log_var = number([[m]]).requires_grad_(), number([[v]]).log().requires_grad_()
    bound = M1.exact_elbo(X, DiagonalNormal(mu, log_var)).elbo.sum()
    by_autograd = torch.cat(torch.autograd.grad(bound, (mu, log_var)))[:, 0]
    assert_close(by_autograd, number([d_mu, d_log_var]))
    if (m, v) == (M, V):
        assert (d_mu, d_log_var) == (pytest.approx(8.2), pytest.approx(-1.95))


@pytest.mark.equation("4.11")
@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_average_minibatch_stands_for_all(size):
    """Over every minibatch there is: 5, 10 and 5 of them."""
    x = number([[2.0], [-1.0], [0.4], [3.1], [0.0]])
    terms = M1.exact_elbo(x, DiagonalNormal(randn(5, 1), randn(5, 1, seed=1))).elbo
    batches = [terms[list(batch)] for batch in itertools.combinations(range(5), size)]
    scaled = torch.stack([len(x) / size * batch.sum() for batch in batches])
    assert len(scaled) == math.comb(5, size)
    assert_close(scaled.mean(), terms.sum())
    assert scaled.std() > 0.1


@pytest.mark.equation("4.12")
def test_the_best_affine_encoder():
    """What training finds on three x, and the formula (a / sigma^2)(x - b) / r, -log r."""
    x, r = number([[2.0], [-1.0], [0.4]]), 1 + A**2 / SIGMA**2

    def loss(slope, centre, log_var):
        mu = slope * (x - centre)
        return -M1.exact_elbo(x, DiagonalNormal(mu, log_var.expand(3, 1))).elbo.sum()

    found = torch.stack(minimise(loss, 0.1, 0.0, 0.0))
    formula = number([A / SIGMA**2 / r, SHIFT, -math.log(r)])
    assert_close(found, formula, rtol=1e-6, atol=0)
    assert_close(formula, number([0.6, 0.3, math.log(0.1)]))
    assert_close(-loss(*formula), M1.log_px(x).sum())


@pytest.mark.equation("4.13")
def test_two_gaps_add_up():
    """Left KL(encoder || posterior); right each gap for itself, the best diagonal q by search."""
    model, x = LinearGaussian([[1.0, 0.8], [0.2, 1.1]], [0.3, -0.1], 0.5), number([[2.0, 0.4]])
    encoder = DiagonalNormal(number([[0.5, 0.5]]), number([[-1.0, -1.5]]))
    posterior = FullNormal(model.posterior(x).mu, model.posterior(x).scale_tril[None])
    best = best_diagonal(model, x)
    in_family, ours = (model.exact_elbo(x, q).elbo for q in (best, encoder))
    approximation, amortisation = kl(best, posterior), in_family - ours
    left = kl(encoder, posterior)
    assert_close(left, approximation + amortisation)
    assert_close(left, model.log_px(x) - ours)
    assert min(approximation.item(), amortisation.item()) > 0.05
