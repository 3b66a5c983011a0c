"""Both sides of the equations of notebook 09, by two routes each."""

import math

import pytest
import torch
from linear_data import rate_of, spectrum, x_of
from routes import LINE, Z, average, integral, lies_near, minimise, number, randn, torch_normal
from standard_model import STANDARD
from torch import distributions as dist
from torch.nn import functional
from torch.testing import assert_close

from course_utils.data import load
from course_utils.densities import DiagonalNormal
from course_utils.exercises import ex09
from course_utils.toys import FourPixels, LinearGaussian


def distortion_of(model, x):
    """E_q of the squared error: that of the mean, and what the noise of the draw adds."""
    q = model.posterior(x)
    of_mean = ((x - model.b - q.mu @ model.W.T) ** 2).sum(1)
    return of_mean + ((model.W @ q.scale_tril) ** 2).sum()


@pytest.fixture(scope="module")
def digits():
    return load("digits").vectors


@pytest.mark.equation("9.1")
def test_rate_and_distortion_of_a_picture():
    """Left by draws of z, right in closed form."""
    x = x_of(40, 4, seed=1)[:3]
    model = LinearGaussian.fit_ml(x_of(40, 4, seed=1), 2, sigma=0.7)
    q, prior = model.posterior(x), STANDARD
    z = q.rsample(randn(100_000, 3, 2, seed=2))
    assert lies_near(q.log_prob(z) - prior.log_prob(z).sum(-1), rate_of(model, x))
    assert lies_near(((x - z @ model.W.T - model.b) ** 2).sum(-1), distortion_of(model, x))
    at_mu = ((x - model.b - q.mu @ model.W.T) ** 2).sum(1)
    assert (at_mu < distortion_of(model, x) - 0.1).all()  # which is not the distortion


@pytest.mark.equation("9.2")
@pytest.mark.parametrize("sigma", [0.3, 0.7, 1.6])
def test_the_bound_is_made_of_rate_and_distortion(sigma):
    x = x_of(30, 4, seed=3)
    model = LinearGaussian.fit_ml(x, 3, sigma=sigma)
    constant = 4 / 2 * math.log(2 * math.pi * sigma**2)
    right = rate_of(model, x) + distortion_of(model, x) / (2 * sigma**2) + constant
    assert_close(-model.exact_elbo(x, model.posterior(x)).elbo, right)


@pytest.mark.equation("9.3")
@pytest.mark.parametrize(
    ("theta", "known"), [(0.1, (5.4794, 2.2106)), (0.5, (0.3411, 4.3017)), (1.0, (0.0, 4.6933))]
)
def test_the_linear_vae_of_the_digits_is_on_the_gaussian_s_curve(digits, theta, known):
    model = LinearGaussian.fit_ml(digits, 63, sigma=theta**0.5)
    left = rate_of(model, digits).mean(), distortion_of(model, digits).mean()
    right = ex09.my_rate_distortion(spectrum(digits), theta)
    assert_close(torch.stack(left), torch.stack(right), rtol=1e-9, atol=1e-9)
    assert_close(torch.stack(left), number(known), rtol=0, atol=5e-5)


@pytest.mark.equation("9.3")
@pytest.mark.parametrize("theta", [0.2, 0.9, 3.0])
def test_no_sharing_out_of_the_error_needs_a_smaller_rate(theta):
    """Left a search over the error d_i <= lambda_i left in each direction, which knows no level."""
    values = number([4.0, 1.5, 0.8, 0.1])

    def loss(u):
        errors = values * u.sigmoid()
        return 0.5 * (values / errors).log().sum() + errors.sum() / (2 * theta)

    (u,) = minimise(loss, torch.zeros(4))
    errors = values * u.sigmoid()
    found = torch.stack([0.5 * (values / errors).log().sum(), errors.sum()])
    assert_close(found, torch.stack(ex09.my_rate_distortion(values, theta)), rtol=0, atol=1e-3)


@pytest.mark.equation("9.4")
@pytest.mark.parametrize("theta", [0.05, 0.3, 0.6])
def test_the_slope_of_the_curve(digits, theta):
    level = number(theta).requires_grad_()
    both = ex09.my_rate_distortion(spectrum(digits), level)
    (of_rate,), (of_error,) = (torch.autograd.grad(one, level) for one in both)
    assert (of_rate / of_error).item() == pytest.approx(-1 / (2 * theta), rel=1e-12)


@pytest.mark.equation("9.5")
@pytest.mark.parametrize(("beta", "sigma2"), [(1.0, 0.9), (4.0, 0.2), (0.5, 0.4)])
def test_a_weight_on_the_kl_is_noise_in_disguise(beta, sigma2):
    """Left a search for the best linear beta-VAE; right the best plain one at beta sigma^2."""
    x = x_of(40, 4, seed=5)
    x = x - x.mean(0)

    def rate_and_error(w, encoder, log_var):
        mu = x @ encoder.T
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1).mean()
        spread = (w**2 * log_var.exp()).sum()
        return kl, ((x - mu @ w.T) ** 2).sum(1).mean() + spread

    def loss(*parameters):
        rate, error = rate_and_error(*parameters)
        return beta * rate + error / (2 * sigma2)

    best = minimise(loss, randn(4, 2, seed=6), 0.1 * randn(2, 4, seed=7), torch.zeros(2))
    plain = LinearGaussian.fit_ml(x, 2, sigma=(beta * sigma2) ** 0.5)
    assert_close(best[0] @ best[0].T, plain.W @ plain.W.T, rtol=1e-3, atol=1e-3)
    right = rate_of(plain, x).mean(), distortion_of(plain, x).mean()
    assert_close(torch.stack(rate_and_error(*best)), torch.stack(right), rtol=1e-3, atol=1e-3)
    bracket = right[0] + right[1] / (2 * beta * sigma2)
    assert_close(loss(*best), beta * bracket, rtol=1e-6, atol=0)


@pytest.mark.equation("9.6")
@pytest.mark.parametrize("target", [0.9, 2.5, 4.0])
def test_geco_comes_to_rest_where_the_distortion_is_the_target(target):
    values = number([4.0, 1.5, 0.8, 0.1])
    log_m = number(0.0)
    for _ in range(2000):
        _, error = ex09.my_rate_distortion(values, 0.5 * (-log_m).exp())
        batch = error + number([-0.3, 0.1, 0.2])  # whose mean is the error
        after = ex09.my_geco_step(log_m, batch, target, 0.05)
        assert_close(after, log_m + 0.05 * (batch.sum() / 3 - target))
        log_m = after
    level = 0.5 * (-log_m).exp()
    rate, error = ex09.my_rate_distortion(values, level)
    assert error.item() == pytest.approx(target, abs=1e-6)
    one_more = ex09.my_rate_distortion(values, 1.0001 * level)
    slope = (one_more[0] - rate) / (one_more[1] - error)
    assert -slope.item() == pytest.approx(log_m.exp().item(), rel=1e-3)


@pytest.mark.equation("9.7")
@pytest.mark.parametrize("sigma2", [0.05, 0.5, 1.0])
def test_what_a_latent_is_worth(digits, sigma2):
    """Left the best bound with and without the last latent; right its eigenvalue alone."""
    values = spectrum(digits)
    for latent_dim in (2, 5):
        more, fewer = (
            LinearGaussian.fit_ml(digits, n, sigma=sigma2**0.5).log_px(digits).mean()
            for n in (latent_dim, latent_dim - 1)
        )
        ratio = (values[latent_dim - 1] / sigma2).clamp(min=1)
        assert_close(more - fewer, 0.5 * (ratio - 1 - ratio.log()), rtol=0, atol=1e-9)


@pytest.mark.equation("9.7")
@pytest.mark.parametrize(("sigma", "beta"), [(0.3, 1.0), (0.3, 4.0), (0.7, 0.2)])
def test_a_latent_is_in_use_if_it_is_worth_something(digits, sigma, beta):
    """By the bracket of (9.5), in each direction with its latent and without."""
    values, theta = spectrum(digits), beta * sigma**2
    each = [ex09.my_rate_distortion(value[None], theta) for value in values]
    gains = [
        value / (2 * theta) - rate - error / (2 * theta)
        for value, (rate, error) in zip(values, each, strict=True)
    ]
    for latent_dim in (3, 40):
        worth = sum(gain > 1e-12 for gain in gains[:latent_dim])
        assert worth == ex09.my_active_count(values, sigma, beta, latent_dim)


@pytest.mark.equation("9.8")
def test_what_a_picture_costs_when_the_chance_is_given_back():
    """Left the three messages, in cells ever finer; right minus the bound, KL in closed form."""
    model, x = FourPixels(), number([[1.0, 0.0, 1.0, 1.0]])
    q, prior = torch_normal(0.6, 0.49), STANDARD
    rec = model.log_likelihood(x, LINE[:, None])[:, 0]
    right = dist.kl_divergence(q, prior) - average(q, rec)
    left = average(q, -prior.log_prob(Z) - rec) - average(q, -q.log_prob(Z))
    assert_close(left, right, rtol=1e-10, atol=0)
    net = []
    for n_cells in (64, 1024):
        edges = torch.linspace(-8, 8, n_cells + 1).double()
        Q, P = (normal.cdf(edges).diff().clamp(min=1e-300) for normal in (q, prior))
        middle = model.log_likelihood(x, (edges[:-1] + edges[1:])[:, None, None] / 2)[:, 0]
        net.append((Q * (Q.log() - P.log() - middle)).sum())
    assert_close(net[1], right, rtol=0, atol=1e-4)
    assert (net[0] - right).abs() > 10 * (net[1] - right).abs()


@pytest.mark.equation("9.9")
@pytest.mark.parametrize("slope", [0.0, 0.7, 3.0])
def test_a_decoder_that_sees_the_pixels_before_is_right_with_any_use_of_z(slope):
    """Left the integral over z of its p(x | z); right the evidence of the four pixels."""
    every = torch.cartesian_prod(*[number([0.0, 1.0])] * 4)
    p_x = FourPixels().log_px(every).exp()
    p_one = p_x[every[:, 0] == 1].sum()
    prior = STANDARD.log_prob(Z).exp()

    def loss(shift):  # its slope is the first pixel's average less p_one
        return integral(functional.softplus(slope * Z + shift) * prior) - p_one * shift

    (shift,) = minimise(loss, number(0.0))
    first = (slope * Z + shift).sigmoid()[:, None]  # (G, 1)
    first = torch.where(every[:, 0] == 1, first, 1 - first)  # (G, 16)
    rest = p_x / torch.where(every[:, 0] == 1, p_one, 1 - p_one)  # p(x_2, x_3, x_4 | x_1)
    assert_close(integral(prior[:, None] * first * rest), p_x, rtol=1e-7, atol=0)


@pytest.mark.equation("9.9")
def test_its_bound_is_best_where_z_says_nothing():
    """For a first pixel of even chance: the gap of the best normal q grows with I(x; z)."""
    prior, gaps, informations = STANDARD.log_prob(Z), [], []
    for slope in (0.0, 1.0, 2.0):
        log_first = (slope * Z).sigmoid().log()
        log_post = log_first + prior + math.log(2)
        informations.append(integral(log_post.exp() * (log_first + math.log(2))))

        def gap(mu, log_var, log_post=log_post):
            log_q = DiagonalNormal(mu, log_var).log_prob(LINE)
            return integral(log_q.exp() * (log_q - log_post))

        gaps.append(gap(*minimise(gap, torch.zeros(1), torch.zeros(1))))
    assert informations[0].abs() < 1e-12 and gaps[0].abs() < 1e-9
    assert gaps[0] + 1e-6 < gaps[1] < gaps[2] < 0.1 * informations[2]
