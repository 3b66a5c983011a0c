"""Both sides of the equations of notebook 06, by two routes each."""

from statistics import NormalDist

import pytest
import torch
from linear_data import best_diagonal, rate_of, spectrum, x_of
from routes import LINE, Z, average, generator, lies_near, minimise, number, randn, torch_normal
from standard_model import STANDARD
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.data import load
from course_utils.densities import DiagonalNormal
from course_utils.exercises import ex06
from course_utils.toys import LinearGaussian

# Four pictures and their q(z|x), one latent: two far apart, one wide, one narrow.
MU, VAR = number([-1.4, 0.3, 0.9, 2.1]), number([0.3, 1.6, 0.2, 0.5])
N, L = len(MU), 10
WHOLE = dist.MixtureSameFamily(dist.Categorical(torch.ones(N).double()), torch_normal(MU, VAR))


def digits():
    return load("digits").train.images.flatten(1).double()


def evidence_loss(x, sigma=None):
    """-log p(x) on average as a function of W, b and perhaps log sigma, by torch's own normal."""

    def loss(w, b, log_sigma=None):
        noise = sigma**2 if log_sigma is None else (2 * log_sigma).exp()
        covariance = w @ w.T + noise * torch.eye(len(w), dtype=torch.float64)
        return -dist.MultivariateNormal(b, covariance).log_prob(x).mean()

    return loss


@pytest.mark.equation("6.1")
@pytest.mark.parametrize("n", [2, 5, 20])
def test_positions_that_share_the_prior_evenly(n):
    z = ex06.my_quantiles(n)
    by_search = [NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)]
    assert_close(z, number(by_search))
    below = (torch.arange(n).double() + 0.5) / n
    assert_close(STANDARD.cdf(z), below, rtol=1e-12, atol=0)
    if n == 20:
        assert [round(end, 2) for end in (z[0].item(), z[-1].item())] == [-1.96, 1.96]


@pytest.mark.equation("6.2")
def test_the_aggregated_posterior_is_where_a_random_picture_s_draw_falls():
    density = torch_normal(MU, VAR).log_prob(LINE).exp().mean(1)
    assert_close(density, WHOLE.log_prob(Z).exp())
    assert average(WHOLE, torch.ones_like(Z)).item() == pytest.approx(1, abs=1e-12)
    which = torch.randint(0, N, (100_000,), generator=generator())
    q = DiagonalNormal(MU[which, None], VAR[which, None].log())
    z = q.rsample(randn(len(which), 1, seed=1))
    at = number([-1.5, 0.0, 0.8, 2.0])
    assert lies_near((z <= at).double(), torch_normal(MU, VAR).cdf(at[:, None]).mean(1))


@pytest.mark.equation("6.3")
def test_the_moments_of_the_aggregated_posterior():
    mean = average(WHOLE, Z)
    variance = average(WHOLE, (Z - mean) ** 2)
    assert_close(mean, MU.mean(), rtol=1e-11, atol=0)
    assert_close(variance, MU.var(correction=0) + VAR.mean(), rtol=1e-11, atol=0)
    ours = ex06.my_aggregated_moments(MU[:, None], VAR[:, None].log())
    assert_close(torch.cat(ours), torch.stack([mean, variance]), rtol=1e-11, atol=0)


@pytest.mark.equation("6.3")
def test_the_aggregated_posterior_of_the_best_linear_model_has_the_prior_s_moments():
    x = digits()
    q = LinearGaussian.fit_ml(x, L).posterior(x)
    log_var = (q.scale_tril**2).sum(1).log().expand_as(q.mu)
    mean, variance = ex06.my_aggregated_moments(q.mu, log_var)
    assert_close(mean, torch.zeros_like(mean), rtol=0, atol=1e-11)
    assert_close(variance, torch.ones_like(variance), rtol=1e-11, atol=0)


@pytest.mark.equation("6.4")
@pytest.mark.parametrize("latent_dim", [1, 2])
def test_ppca_is_where_the_likelihood_is_largest(latent_dim):
    """Left a search that knows no eigenvalues; right the formula."""
    x = x_of(30, 4, seed=3)
    w, b, log_sigma = minimise(
        evidence_loss(x), randn(4, latent_dim, seed=5), [0.0] * 4, torch.tensor(0.0)
    )
    values = spectrum(x)
    sigma2 = values[latent_dim:].sum() / (4 - latent_dim)
    assert_close((2 * log_sigma).exp(), sigma2, rtol=1e-6, atol=0)
    assert_close(b, x.mean(0), rtol=1e-6, atol=1e-6)
    _, _, rows = torch.linalg.svd(x - x.mean(0))
    top = rows[:latent_dim]
    ours = top.T @ torch.diag(values[:latent_dim] - sigma2) @ top
    assert_close(w @ w.T, ours, rtol=1e-5, atol=1e-5)
    fitted, again = (LinearGaussian.fit_ml(x, latent_dim) for _ in range(2))
    assert_close(fitted.W, again.W, rtol=0, atol=0)
    for model in (fitted, LinearGaussian(*ex06.my_ppca(x, latent_dim))):
        assert_close(model.W @ model.W.T, ours)
        assert_close(number([*model.b, model.sigma**2]), number([*x.mean(0), sigma2]))


@pytest.mark.equation("6.5")
def test_the_posterior_of_ppca():
    """By conditioning the joint normal of (z, x), which knows no M."""
    x = x_of(50, 6, seed=4)
    model = LinearGaussian.fit_ml(x, 3)
    W, b, sigma2 = model.W, model.b, model.sigma**2
    gain = torch.linalg.solve(W @ W.T + sigma2 * torch.eye(6).double(), W).T  # Cov(z, x) Cov(x)^-1
    M = W.T @ W + sigma2 * torch.eye(3).double()
    assert_close((x - b) @ gain.T, (x - b) @ W @ torch.linalg.inv(M))
    covariance = torch.eye(3).double() - gain @ W
    assert_close(covariance, sigma2 * torch.linalg.inv(M))
    q = model.posterior(x)
    assert_close(q.mu, (x - b) @ gain.T)
    assert_close(q.scale_tril @ q.scale_tril.T, covariance)
    assert_close(M, torch.diag(M.diag()))
    assert_close(covariance.diag(), sigma2 / spectrum(x)[:3])


@pytest.mark.equation("6.6")
def test_a_rotation_leaves_the_evidence_and_costs_the_bound():
    x = x_of(5, 6, seed=5)
    straight = LinearGaussian.fit_ml(x_of(50, 6, seed=4), 3)
    rotation, _ = torch.linalg.qr(randn(3, 3, seed=6))
    turned = LinearGaussian(straight.W @ rotation, straight.b, straight.sigma)
    assert_close(turned.log_px(x), straight.log_px(x))
    for model, least in ((straight, 0.0), (turned, 0.05)):
        precision = torch.eye(3).double() + model.W.T @ model.W / model.sigma**2
        formula = 0.5 * (precision.diag().log().sum() - torch.logdet(precision))
        gap = model.log_px(x) - model.exact_elbo(x, best_diagonal(model, x)).elbo
        assert_close(gap, formula.expand(5), rtol=1e-6, atol=1e-8)
        assert formula >= least - 1e-9
        assert (formula < 1e-9) == (least == 0)


@pytest.mark.equation("6.7")
@pytest.mark.parametrize("sigma2", [0.05, 0.9, 2.0, 20.0])
def test_with_the_noise_given_only_directions_above_it_survive(sigma2):
    """Left a search over all of W; right the eigenvalues."""
    x, latent_dim = x_of(40, 5, seed=7), 3
    w, b = minimise(evidence_loss(x, sigma2**0.5), randn(5, latent_dim, seed=8), [0.0] * 5)
    lengths = torch.linalg.svdvals(w) ** 2
    values = spectrum(x)
    assert_close(lengths, (values[:latent_dim] - sigma2).clamp(min=0), rtol=1e-4, atol=1e-5)
    alive = sum(value > sigma2 for value in values[:latent_dim].tolist())
    assert (lengths > 1e-3).sum() == alive == ex06.my_active_count(values, sigma2, latent_dim)
    model = LinearGaussian.fit_ml(x, latent_dim, sigma=sigma2**0.5)
    assert model.sigma == sigma2**0.5
    assert_close(model.log_px(x).mean(), -evidence_loss(x, sigma2**0.5)(w, b))


@pytest.mark.equation("6.9")
@pytest.mark.parametrize("latent_dim", [2, L])
def test_the_mean_kl_of_ppca(latent_dim):
    """Left the KL of each digit's posterior, on average; right the eigenvalues alone."""
    x = digits()
    model = LinearGaussian.fit_ml(x, latent_dim)
    left = rate_of(model, x).mean()
    assert_close(left, 0.5 * (spectrum(x)[:latent_dim] / model.sigma**2).log().sum())
    assert_close(model.exact_elbo(x, model.posterior(x)).kl.mean(), left)
