"""Both sides of the equations of notebook 05, by two routes each."""

import math

import pytest
import torch
from routes import LINE, Z, average, generator, lies_near, minimise, number, randn
from standard_model import SHIFT, SIGMA, STANDARD, A
from torch import distributions as dist
from torch.testing import assert_close
from vae_fixtures import elbo_by_hand, pictures, small_vae

from course_utils.data import load
from course_utils.densities import DiagonalNormal, log_bernoulli, log_normal
from course_utils.estimators import elbo
from course_utils.toys import FourPixels, LinearGaussian, TwoRoots

N, B, D = 100_000, 4, 5
ALL = torch.cartesian_prod(*[number([0, 1])] * D)  # the 32 pictures of five pixels
FOUR, PICTURE = FourPixels(), number([[1, 0, 1, 1]])
MU, LOG_VAR = number([[0.6]]), number([[-0.8]])  # an encoder's answer for that picture


def squared(x, f):
    return ((x - f) ** 2).sum(-1)


def log_px_z(z):
    """log p(PICTURE | z) by torch, for z (..., 1)."""
    return dist.Bernoulli(logits=FOUR.logits(z)).log_prob(PICTURE).sum(-1)


@pytest.mark.equation("5.3")
@pytest.mark.parametrize("sigma", [0.1, 0.7, 2.0])
def test_the_log_density_of_normal_pixels(sigma):
    x, f = randn(B, D), randn(B, D, seed=1)
    left = dist.Normal(f, sigma).log_prob(x).sum(-1)
    right = -squared(x, f) / (2 * sigma**2) - D / 2 * math.log(2 * math.pi * sigma**2)
    assert_close(left, right)
    assert_close(log_normal(x, f, number(2 * math.log(sigma)).expand(D)), right)
    model = LinearGaussian(torch.eye(D), torch.zeros(D), sigma)
    assert_close(model.log_likelihood(x, f), right)


@pytest.mark.equation("5.4")
@pytest.mark.parametrize(("share", "variance"), [(1, 0.5), (1 / D, D / 2)])
def test_a_squared_error_is_a_log_density_up_to_a_constant(share, variance):
    """The constant is the same for every x and f, and the slopes in f agree without it."""
    x, f = randn(B, D), randn(B, D, seed=1).requires_grad_()
    error = share * squared(x, f)
    log_density = dist.Normal(f, math.sqrt(variance)).log_prob(x).sum(-1)
    constant = error + log_density
    assert_close(constant, number(-D / 2 * math.log(2 * math.pi * variance)).expand(B))
    (by_error,) = torch.autograd.grad(error.sum(), f)
    (by_density,) = torch.autograd.grad(-log_density.sum(), f)
    assert_close(by_error, by_density)
    assert error.std() > 0.1


@pytest.mark.equation("5.5")
def test_the_best_variance_is_the_mean_squared_error():
    x, f = randn(1, D), randn(1, D, seed=1)
    mse = (x - f).square().mean()

    def loss(log_var):
        return -dist.Normal(f, (log_var / 2).exp()).log_prob(x).sum()

    (found,) = minimise(loss, 1.5)
    assert_close(found.exp(), mse, rtol=1e-6, atol=0)
    assert_close(-loss(found), -D / 2 * (torch.log(2 * math.pi * mse) + 1))


@pytest.mark.equation("5.5")
@pytest.mark.parametrize(("mse", "nats"), [(0.1, -210), (0.01, 693), (0.001, 1595)])
def test_784_pixels_at_their_best_variance(mse, nats):
    x = math.sqrt(mse) * torch.ones(784).double()  # away from f = 0 by the same in each pixel
    left = dist.Normal(number(0.0), math.sqrt(mse)).log_prob(x).sum().item()
    assert left == pytest.approx(-784 / 2 * (math.log(2 * math.pi * mse) + 1), rel=1e-12)
    assert round(left) == nats


@pytest.mark.equation("5.1")
def test_the_log_probability_of_black_or_white_pixels():
    logits = 3 * randn(D)
    left = dist.Bernoulli(logits=logits).log_prob(ALL).sum(-1)
    right = (ALL * logits - torch.log(1 + logits.exp())).sum(-1)
    assert_close(left, right)
    for row_or_rows in (logits[None], logits.expand(32, D)):
        assert_close(log_bernoulli(ALL, row_or_rows), right)
    assert right.exp().sum().item() == pytest.approx(1, abs=1e-12)


@pytest.mark.equation("5.2")
def test_grey_pixels_stand_for_an_average_over_pictures():
    """Right a sum over all 32 pictures, each as likely as the grey values make it; and draws."""
    grey, logits = torch.sigmoid(randn(D, seed=1)), 3 * randn(D)
    left = log_bernoulli(grey[None], logits[None])[0]
    probability = (grey * ALL + (1 - grey) * (1 - ALL)).prod(-1)
    right = (probability * dist.Bernoulli(logits=logits).log_prob(ALL).sum(-1)).sum()
    assert_close(left, right)
    uniform = torch.rand(N, D, generator=generator(), dtype=torch.float64)
    drawn = (uniform < grey).double()
    assert lies_near(log_bernoulli(drawn, logits.expand(N, D)), left)


@pytest.mark.equation("5.6", "5.7")
@pytest.mark.parametrize("analytic_kl", [False, True], ids=["5.6", "5.7"])
def test_one_draw_of_the_bound(analytic_kl):
    """For one draw by torch; on average the bound, which is an integral over z."""
    q, eps = dist.Normal(number(0.6), math.exp(-0.4)), randn(N, 1)
    kl = 0.5 * (MU**2 + LOG_VAR.exp() - 1 - LOG_VAR).sum()
    assert_close(kl, dist.kl_divergence(q, STANDARD))

    def bound_at(z):
        log_ratio = (STANDARD.log_prob(z) - q.log_prob(z))[:, 0]
        return log_px_z(z) + (-kl if analytic_kl else log_ratio)

    draws = bound_at(MU + (LOG_VAR / 2).exp() * eps)
    by_course = elbo(FOUR, PICTURE, DiagonalNormal(MU, LOG_VAR), eps[:, None], analytic_kl)
    assert_close(by_course.elbo[0], draws.mean())
    exact = average(q, bound_at(LINE))
    assert lies_near(draws, exact)
    gap = FOUR.log_px(PICTURE) - exact  # the integral is the bound: the gap is the divergence
    to_posterior = q.log_prob(Z) - FOUR.posterior_on_grid(PICTURE, LINE)[:, 0]
    assert_close(gap, average(q, to_posterior)[None])


@pytest.mark.equation("5.8")
@pytest.mark.parametrize("kind", ["bernoulli", "fixed"])
def test_the_loss_is_minus_the_mean_over_the_batch(kind):
    """Right one picture after the other, in float64 by torch; two copies of a batch lose as one."""
    model, x = small_vae(kind), pictures(kind)
    eps = randn(B, 2)
    loss = -model.elbo(x, eps=eps).elbo.mean()
    each = [elbo_by_hand(model, x[b : b + 1], eps[None, b : b + 1]).elbo for b in range(B)]
    assert_close(loss.double(), -torch.cat(each).sum() / B, rtol=1e-5, atol=1e-5)
    twice = -model.elbo(x.repeat(2, 1), eps=eps.repeat(2, 1)).elbo.mean()
    assert_close(twice, loss, rtol=1e-6, atol=1e-6)


@pytest.mark.equation("5.10")
@pytest.mark.parametrize("beta", [0.25, 4.0])
def test_beta_is_a_variance_in_disguise(beta):
    """As numbers, and as the slopes that two decoders with these variances learn from."""
    x, f, sigma = randn(B, D), randn(B, D, seed=1), 0.3
    kl = dist.kl_divergence(dist.Normal(randn(B, 2), 0.4), STANDARD).sum(-1)
    left = squared(x, f) / (2 * sigma**2) + beta * kl
    assert_close(left, beta * (squared(x, f) / (2 * beta * sigma**2) + kl))
    grey, eps = pictures("fixed"), randn(B, 2)
    weighed, plain = small_vae("fixed"), small_vae("fixed")
    plain.pixels.fixed = math.sqrt(beta) * weighed.pixels.fixed
    with_beta = slopes(weighed, -weighed.elbo(grey, eps=eps, beta=beta).elbo.mean())
    with_variance = slopes(plain, -plain.elbo(grey, eps=eps).elbo.mean())
    assert_close(with_beta, beta * with_variance, rtol=1e-4, atol=1e-4)


def slopes(model, loss):
    """All derivatives of a loss, in a row."""
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))])


@pytest.mark.equation("5.9")
def test_the_digits_vary_by_their_mean_and_by_noise():
    """At the best linear model, where the total is the data's: 3.237 + 1.456 = 4.693."""
    x = load("digits").vectors
    model = LinearGaussian.fit_ml(x, 10)
    of_f, noise = model.W @ model.W.T, model.sigma**2 * torch.eye(64).double()
    of_data = torch.cov(x.T, correction=0)
    assert_close(of_data.trace(), (of_f + noise).trace())
    _, drawn = model.sample(20_000, generator=generator())
    busy = of_data.diagonal().topk(4).indices  # the whole matrix, on the pixels that vary most
    from_mean = (drawn - model.b)[:, busy]
    products = from_mean[:, :, None] * from_mean[:, None, :]
    assert lies_near(products, (of_f + noise)[busy][:, busy])
    assert [round(m.trace().item(), 3) for m in (of_f, of_f + noise)] == [3.237, 4.693]


@pytest.mark.equation("5.9")
def test_the_variance_of_x_where_f_is_curved():
    """x = z^2 + noise: left from the density of x alone, by quadrature over x."""
    sigma = 0.5
    model, x = TwoRoots(sigma), torch.linspace(-4, 45, 2451).double()[:, None]
    mass = model.log_px(x).exp() * 0.02
    mean = (mass * x[:, 0]).sum()
    left = (mass * (x[:, 0] - mean) ** 2).sum()
    f = model.mean_x(LINE)[:, 0]
    of_f = average(STANDARD, f**2) - average(STANDARD, f) ** 2
    assert_close(of_f, number(2.0))
    assert_close(left, of_f + sigma**2, rtol=1e-6, atol=0)


def one_draw(x, eps):
    """The estimate 5.7 on the standard model, whose encoder is not the best one."""
    mu, log_var = 0.5 * (x - 0.2), number(-1.5)
    rec = dist.Normal(A * (mu + (log_var / 2).exp() * eps) + SHIFT, SIGMA).log_prob(x)
    return rec - 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


@pytest.mark.equation("5.11")
@pytest.mark.parametrize(("batch", "draws"), [(1, 1), (4, 1), (1, 4), (3, 2)])
def test_the_variance_of_a_batch_s_mean_bound(batch, draws):
    """Left by 100 000 batches, drawn with replacement; right both variances by quadrature."""
    x = number([2.5, -3.0, 0.4, 4.5])
    bound = torch.stack([average(STANDARD, one_draw(one, Z)) for one in x])
    square = torch.stack([average(STANDARD, one_draw(one, Z) ** 2) for one in x])
    of_data, of_eps = bound.var(correction=0), (square - bound**2).mean()
    right = of_data / batch + of_eps / (batch * draws)
    which = torch.randint(len(x), (N, batch), generator=generator(1))
    estimate = one_draw(x[which], randn(draws, N, batch)).mean(dim=(0, 2))
    assert lies_near(estimate, bound.mean())
    assert lies_near((estimate - bound.mean()) ** 2, right)
    assert min(of_data, of_eps) > 1
