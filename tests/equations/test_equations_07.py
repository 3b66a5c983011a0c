"""Both sides of the equations of notebook 07, by two routes each."""

import math

import pytest
import torch
from linear_with_y import (
    EXACT,
    SIGMA,
    B,
    C,
    D,
    Linear,
    each_prior,
    each_size,
    full,
    mean_under,
    normal,
)
from routes import LINE, Z, average, generator, integral, lies_near, number, randn, torch_normal
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import kl, kl_normal
from course_utils.toys import ConditionalLinearGaussian


@pytest.mark.equation("7.1")
@each_size
@each_prior
def test_the_evidence_given_y_is_an_integral(latents, moves):
    model = Linear(latents, moves)
    z, _ = model.grid()
    joint = model.log_px_z(z) + model.prior.log_prob(z)
    left = model.evidence().log_prob(model.x)
    assert_close(left, model.integral(joint), **EXACT)
    if not moves:
        given = model.package()
        joint = given.log_likelihood(model.x, z) + given.log_prior(z)
        assert_close(given.log_px(model.x), model.integral(joint), rtol=1e-10, atol=1e-10)


@pytest.mark.equation("7.2", "7.3", "7.4")
@each_size
@each_prior
def test_the_identity_given_y(latents, moves):
    """Divergences in closed form; averages from points and, for the first, from a grid."""
    model = Linear(latents, moves)
    q, p, prior = model.q(), model.posterior(), model.prior
    log_px = model.evidence().log_prob(model.x)
    gap = dist.kl_divergence(q, p)  # eq. 7.2
    assert_close(gap, mean_under(q, lambda z: q.log_prob(z) - p.log_prob(z)), **EXACT)
    z, area = model.grid()
    log_q = q.log_prob(z)
    assert_close(gap, (log_q.exp() * (log_q - p.log_prob(z))).sum(0) * area, **EXACT)
    assert_close(gap, kl(full(q), full(p)), **EXACT)
    assert gap.min() > 0.05
    ratio = mean_under(q, lambda z: q.log_prob(z) - model.log_px_z(z) - prior.log_prob(z))
    assert_close(gap, ratio + log_px, **EXACT)  # eq. 7.3
    for law, bound in ((q, log_px - gap), (p, log_px)):  # eq. 7.4
        rec = mean_under(law, model.log_px_z)
        assert_close(bound, rec - dist.kl_divergence(law, prior), **EXACT)
    if not moves:  # the package's terms
        given, x, q = model.package(), model.x, full(q)
        assert_close(given.exact_elbo(x, q).elbo, log_px - gap, **EXACT)
        parts = lambda z: q.log_prob(z) - given.log_likelihood(x, z) - given.log_prior(z)  # noqa: E731
        assert_close(gap, mean_under(model.q(), parts) + given.log_px(x), **EXACT)


@pytest.mark.equation("7.5")
@pytest.mark.parametrize("latents", [1, 2, 3])
def test_the_evidence_and_the_posterior_of_the_linear_model(latents):
    """Right the formulas; left the package, Bayes' rule, and the conditioned joint normal."""
    model, given = Linear(latents), Linear(latents).package()
    W, x, offset = model.W, model.x, model.y @ model.A.T + model.b
    S = torch.linalg.inv(torch.eye(latents).double() + W.T @ W / SIGMA**2)
    posterior = normal((x - offset) @ W @ S / SIGMA**2, S)
    log_px = normal(offset, W @ W.T + model.noise).log_prob(x)
    z = 2 * randn(5, B, latents, seed=8)
    joint = model.log_px_z(z) + model.prior.log_prob(z)
    assert_close(joint - posterior.log_prob(z), log_px.expand(5, B), **EXACT)
    mu, tril = given.posterior(x)
    for found in (model.posterior(), normal(mu, tril @ tril.T)):
        assert_close(found.mean, posterior.mean, **EXACT)
        assert_close(found.covariance_matrix, posterior.covariance_matrix, **EXACT)
    assert_close(given.log_px(x), log_px, **EXACT)


@pytest.mark.equation("7.6")
@pytest.mark.parametrize("latents", [1, 2, 3])
def test_a_prior_that_moves_with_y_can_be_taken_up_by_the_mean(latents):
    """Left the integral with the prior that moves; right the package with A' = A + W M.

    z - M y is the latent of the model whose prior stands still.
    """
    model = Linear(latents, moves=True)
    still = ConditionalLinearGaussian(model.W, model.A + model.W @ model.M, model.b, SIGMA)
    given = still.given(model.y)
    means = given.posterior(model.x).mu + model.y @ model.M.T
    assert_close(model.posterior().mean, means, **EXACT)
    if latents < 3:  # what a grid can fill
        z, _ = model.grid()
        left = model.integral(model.log_px_z(z) + model.prior.log_prob(z))
        assert_close(left, given.log_px(model.x), **EXACT)
        assert (left - model.package().log_px(model.x)).abs().min() > 0.1  # A alone will not do


@pytest.mark.equation("7.8")
def test_a_label_is_worth_the_information_it_holds():
    """A table of p(x, y), ten equally frequent y and twelve x: entropies on the right."""
    table = torch.softmax(2 * randn(10, 12), dim=1) / 10
    given = (table * 10).log()  # log p(x | y)
    left = (table * (given - table.sum(0).log())).sum()
    of_x, of_y, of_both = (
        dist.Categorical(probs=p).entropy() for p in (table.sum(0), table.sum(1), table.flatten())
    )
    assert_close(left, of_x + of_y - of_both, **EXACT)
    assert_close(of_y, number(math.log(10)), **EXACT)
    assert 0.5 < left < math.log(10)


@pytest.mark.equation("7.8")
@pytest.mark.parametrize(("sigma", "least", "most"), [(0.8, 0.3, 2.0), (0.02, 2.3, math.log(10))])
def test_a_label_is_worth_log_10_where_x_tells_it(sigma, least, most):
    """Ten labels of the linear model, x on a line: what x leaves open about y, by Bayes' rule."""
    A = torch.linspace(-3, 3, 10, dtype=torch.float64)[None]
    model = ConditionalLinearGaussian([[sigma]], A, [0.3], sigma)
    x = LINE
    log_px = torch.stack([model.given(row[None]).log_px(x) for row in torch.eye(10)], dim=1)
    log_whole = log_px.logsumexp(1) - math.log(10)
    left = integral(log_px.exp() * (log_px - log_whole[:, None])).mean()
    label = log_px.softmax(1)  # p(y | x)
    left_open = -(label * label.clamp(min=1e-300).log()).sum(1)
    assert_close(left, math.log(10) - integral(log_whole.exp() * left_open), **EXACT)
    assert least < left <= most + 1e-12


# Means and variances of some pictures' q(z | x) or q(z | x, y), one latent, and of a prior.
PICTURES_OF = {
    "all": ([[-1.4, 0.3, 0.9, 2.1], [0.3, 1.6, 0.2, 0.5]], [0.0, 1.0]),
    "y = 0": ([[-0.9, -0.4, 0.2], [0.6, 0.9, 0.4]], [-0.5, 0.64]),  # near each other
    "y = 1": ([[-1.8, 0.3, 2.2], [0.2, 0.5, 0.3]], [0.4, 2.25]),  # not so
}


@pytest.mark.equation("6.8", "7.9")
@pytest.mark.parametrize(("pictures", "learned"), PICTURES_OF.values(), ids=PICTURES_OF)
@pytest.mark.parametrize("prior", ["fixed", "learned"])
def test_the_mean_kl_is_information_plus_a_distance_of_the_whole(pictures, learned, prior):
    """The information by Bayes' rule: how much z lowers the entropy of which picture it was."""
    mu, var = number(pictures)
    mean, variance = number(learned if prior == "learned" else [0, 1])
    q, p = torch_normal(mu, var), torch_normal(mean, variance)
    left = dist.kl_divergence(q, p).mean()
    of_p = mean.expand(len(mu), 1), variance.log().expand(len(mu), 1)
    assert_close(left, kl_normal(mu[:, None], var[:, None].log(), *of_p).mean(), **EXACT)
    whole = dist.MixtureSameFamily(dist.Categorical(torch.ones(len(mu)).double()), q)  # q(z | y)
    log_whole, parts = whole.log_prob(Z), q.log_prob(LINE)  # (G,), (G, n)
    which = parts.softmax(1)
    left_open = -(which * which.clamp(min=1e-300).log()).sum(1)
    information = math.log(len(mu)) - average(whole, left_open)
    distance = average(whole, log_whole - p.log_prob(Z))
    assert_close(left, information + distance, rtol=1e-11, atol=0)
    assert 0.1 < information < math.log(len(mu)) and distance > 0.01
    from_whole = integral(parts.exp() * (parts - log_whole[:, None])).mean()
    assert_close(information, from_whole, **EXACT)


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
