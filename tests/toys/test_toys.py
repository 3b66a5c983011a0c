"""The toys' exact answers, each computed a second way."""

import math

import numpy as np
import pytest
import torch
from routes import generator, randn
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.toys import LinearGaussian, Ring, TwoRoots
from course_utils.toys._latent_model import grid_posterior

K, B, D, L = 5, 4, 6, 3


@pytest.fixture
def m1():
    """The course's standard model: x = 1.5 z + 0.3 + 0.5 eps."""
    return LinearGaussian(W=[[1.5]], b=[0.3], sigma=0.5)


@pytest.fixture
def wide():
    return LinearGaussian(randn(D, L, seed=1), randn(D, seed=2), 0.7)


def grid(n=4001, end=8.0):
    return torch.linspace(-end, end, n, dtype=torch.float64)[:, None]


def test_evidence_of_the_standard_model(m1):
    x = torch.tensor([[2.0]])
    assert_close(
        m1.log_px(x), torch.tensor([-1.955083899141750], dtype=torch.float64), atol=1e-14, rtol=0
    )
    assert_close(m1.log_px(x), dist.Normal(0.3, math.sqrt(2.5)).log_prob(x.double())[:, 0])


def test_evidence_is_the_integral_of_likelihood_times_prior(m1):
    """Eq. 2.1: both sides, the right one by the trapezoid rule."""
    x, z = torch.tensor([[2.0], [-1.0]]), grid()
    joint = m1.log_likelihood(x, z[:, None]) + m1.log_prior(z)[:, None]
    assert_close(
        m1.log_px(x), torch.trapezoid(joint.exp(), z[:, 0], dim=0).log(), rtol=1e-10, atol=1e-10
    )


def test_evidence_agrees_with_torch_in_many_dimensions(wide):
    x = randn(B, D, seed=3)
    full = dist.MultivariateNormal(wide.b, wide.W @ wide.W.T + 0.49 * torch.eye(D))
    assert_close(wide.log_px(x), full.log_prob(x))


def test_bayes_rule_holds_at_any_z(wide):
    """log p(x | z) + log p(z) - log p(z | x) is log p(x) whatever z is asked."""
    x, z = randn(B, D, seed=3), randn(K, B, L, seed=4)
    right = wide.log_likelihood(x, z) + wide.log_prior(z) - wide.posterior(x).log_prob(z)
    assert_close(right, wide.log_px(x).expand(K, B), rtol=1e-11, atol=1e-11)


def test_posterior_of_the_standard_model(m1):
    posterior = m1.posterior(torch.tensor([[2.0]]))
    assert_close(posterior.mu, torch.tensor([[1.02]], dtype=torch.float64))
    assert_close(posterior.scale_tril**2, torch.tensor([[0.1]], dtype=torch.float64))
    assert isinstance(posterior, FullNormal)


def test_posterior_on_a_grid_is_the_posterior(m1):
    x, z = torch.tensor([[2.0], [0.0]]), grid(201)
    assert_close(
        grid_posterior(m1, x, z), m1.posterior(x).log_prob(z[:, None]), rtol=1e-10, atol=1e-9
    )


def test_likelihood_agrees_with_torch_in_all_three_shapes(wide):
    x = randn(B, D, seed=3)
    for z in (randn(B, L), randn(K, B, L), randn(K, 1, L)):
        expected = dist.Normal(z @ wide.W.T + wide.b, 0.7).log_prob(x).sum(-1)
        assert_close(wide.log_likelihood(x, z), expected, rtol=1e-11, atol=1e-11)


def test_matrix_product_keeps_its_digits_far_from_the_origin():
    """|x|^2 - 2 x.m + |m|^2 cancels badly unless it is centred."""
    model = LinearGaussian(0.01 * randn(D, L), 1e4 * torch.ones(D), 0.01)
    z, x = model.sample(B, generator=generator())
    draws = randn(K, 1, L)
    slow = model.log_likelihood(x, draws.expand(K, B, L))
    assert_close(model.log_likelihood(x, draws), slow, rtol=1e-9, atol=1e-9)


def test_pictures_are_flattened_and_float32_promoted():
    model = LinearGaussian(randn(6, 2), randn(6, seed=1), 0.5)
    pictures = torch.rand(B, 2, 3, generator=generator())
    assert_close(model.log_px(pictures), model.log_px(pictures.reshape(B, 6).double()))


@pytest.mark.parametrize("sigma", [1e-3, 1e-6, 1e-8])
def test_evidence_keeps_its_digits_where_the_noise_vanishes(sigma):
    """W W^T + sigma^2 I is then singular to the machine; a QR basis keeps the two parts apart."""
    W, b = randn(D, L, seed=1), randn(D, seed=2)
    x = LinearGaussian(W, b, sigma).sample(B, generator=generator())[1]
    basis = torch.linalg.qr(W, mode="complete").Q  # the first L columns span W, the rest is noise
    inside, outside = ((x - b) @ basis).split([L, D - L], dim=1)
    square = (basis[:, :L].T @ W) @ (basis[:, :L].T @ W).T + sigma**2 * torch.eye(L).double()
    expected = dist.MultivariateNormal(torch.zeros(L).double(), square).log_prob(inside)
    expected += dist.Normal(0.0, sigma).log_prob(outside).sum(-1)
    assert_close(LinearGaussian(W, b, sigma).log_px(x), expected, rtol=1e-6, atol=1e-6)


def test_matrix_product_gives_way_where_the_noise_is_tiny():
    model = LinearGaussian(randn(D, L), torch.zeros(D), 1e-9)
    z, x = model.sample(B, generator=generator())
    assert_close(model.log_likelihood(x, z[:, None]).diagonal(), model.log_likelihood(x, z))


def test_samples_have_the_model_s_moments(wide):
    n = 100_000
    z, x = wide.sample(n, generator=generator())
    assert (z.shape, x.shape) == ((n, L), (n, D))
    variance = (wide.W**2).sum(1) + 0.49
    assert ((x.mean(0) - wide.b).abs() < 5 * (variance / n).sqrt()).all()
    assert ((x.var(0) - variance).abs() < 5 * variance * math.sqrt(2 / n)).all()
    assert_close(x, wide.sample(n, generator=generator())[1])  # the generator decides everything


def test_exact_elbo_is_evidence_minus_gap(wide):
    """log p(x) - KL(q || posterior) = rec - KL(q || prior), for both shapes of q."""
    x = randn(B, D, seed=3)
    tril = torch.linalg.cholesky(torch.eye(L) + 0.3 * torch.ones(L, L)).double()
    for q in (DiagonalNormal(randn(B, L), randn(B, L, seed=1)), FullNormal(randn(B, L), tril)):
        elbo, rec, divergence = wide.exact_elbo(x, q)
        assert_close(elbo, wide.log_px(x) - kl(q, _per_example(wide.posterior(x))))
        assert_close(elbo, rec - divergence)


def _per_example(q):
    return FullNormal(q.mu, q.scale_tril.expand(len(q.mu), L, L))


def test_exact_rec_is_the_average_over_draws_of_q(wide):
    x, q = randn(B, D, seed=3), DiagonalNormal(randn(B, L), randn(B, L, seed=1))
    draws = wide.log_likelihood(x, q.rsample(randn(100_000, B, L)))
    error = (draws.mean(0) - wide.exact_elbo(x, q).rec).abs()
    assert (error < 5 * draws.std(0) / math.sqrt(len(draws))).all()


def test_fit_ml_is_a_stationary_maximum():
    """No small change of W, b or sigma raises the likelihood of the data it was fitted to."""
    x = randn(200, D) @ randn(D, D, seed=1) + 1
    best = LinearGaussian.fit_ml(x, L)
    top = best.log_px(x).sum()
    for seed in range(20):
        W = best.W + 1e-3 * randn(D, L, seed=seed)
        b = best.b + 1e-3 * randn(D, seed=seed)
        for other in (
            LinearGaussian(W, best.b, best.sigma),
            LinearGaussian(best.W, b, best.sigma),
            LinearGaussian(best.W, best.b, best.sigma * (1 + 1e-3 * (-1) ** seed)),
        ):
            assert other.log_px(x).sum() < top


def test_fit_ml_with_sigma_held_finds_the_best_w_for_it():
    x = randn(200, D) @ randn(D, D, seed=1)
    held = LinearGaussian.fit_ml(x, L, sigma=0.9)
    assert held.sigma == 0.9
    nudged = LinearGaussian(held.W * 1.01, held.b, 0.9)
    assert held.log_px(x).sum() > nudged.log_px(x).sum()


def test_fit_ml_repeats_itself_and_recovers_its_model():
    truth = LinearGaussian(randn(D, 1), randn(D, seed=1), 0.3)
    x = truth.sample(50_000, generator=generator())[1]
    fitted = LinearGaussian.fit_ml(x, 1)
    assert fitted.sigma == pytest.approx(0.3, rel=0.02)
    assert abs(np.corrcoef(fitted.W[:, 0], truth.W[:, 0])[0, 1]) > 0.999
    assert_close(fitted.W, LinearGaussian.fit_ml(x, 1).W, rtol=0, atol=0)


def test_two_roots_evidence_integrates_to_one_and_its_posterior_is_symmetric():
    x = torch.linspace(-3, 40, 4301, dtype=torch.float64)[:, None]
    total = torch.trapezoid(TwoRoots(0.3).log_px(x).exp(), x[:, 0])
    assert total.item() == pytest.approx(1, abs=1e-6)
    z = grid(401, 4.0)
    posterior = TwoRoots(0.3).posterior_on_grid(torch.tensor([[1.5]]), z)[:, 0].exp()
    assert_close(posterior, posterior.flip(0))
    assert torch.trapezoid(posterior, z[:, 0]).item() == pytest.approx(1, abs=1e-9)
    assert z[posterior.argmax(), 0].abs().item() == pytest.approx(1.5**0.5, abs=0.05)
    assert posterior[200] < 1e-4 * posterior.max()


def test_two_roots_samples_have_the_model_s_moments():
    """E x = E z^2 = 1, var x = 2 + sigma^2."""
    n = 100_000
    z, x = TwoRoots(0.3).sample(n, generator=generator())
    assert (x.mean() - 1).abs() < 5 * math.sqrt(2.09 / n)
    assert ((x - z**2).std() - 0.3).abs() < 5 * 0.3 / math.sqrt(2 * n)


def test_two_roots_refuses_modes_its_grid_cannot_see():
    assert TwoRoots(60.0).log_px(torch.tensor([[1.0]])).item() == pytest.approx(-5.01, abs=0.01)
    with pytest.raises(ValueError, match="another sigma"):
        TwoRoots(0.3).log_px(torch.tensor([[-1e6]]))
    with pytest.raises(ValueError, match="another sigma"):
        TwoRoots(0.005).log_px(torch.tensor([[9.0]]))
    with pytest.raises(ValueError, match="nearer to 0"):
        TwoRoots(1.0).log_px(torch.tensor([[64.0]]))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: LinearGaussian([1.5], [0.3], 0.5), r"W should be \(D, L\)"),
        (lambda m: LinearGaussian([[1.5]], [0.3, 0.1], 0.5), r"b \(2,\) came"),
        (lambda m: LinearGaussian([[math.nan]], [0.3], 0.5), "W should be finite"),
        (lambda m: LinearGaussian([[1.5]], [0.3], 0.0), "sigma should be a number above 0"),
        (lambda m: LinearGaussian([[1.5]], [0.3], -1), "sigma should be a number above 0"),
        (lambda m: Ring(math.inf), "sigma should be a number above 0"),
        (lambda m: LinearGaussian.fit_ml(torch.randn(9, 4), 4), "below the 4 dimensions"),
        (lambda m: LinearGaussian.fit_ml(torch.empty(0, 4), 2), "at least one example"),
        (lambda m: LinearGaussian.fit_ml(torch.randn(9, 4), 2, sigma=-1.0), "above 0"),
        (lambda m: LinearGaussian.fit_ml(torch.randn(3, 9), 3), "more examples, fewer latents"),
        (lambda m: LinearGaussian.fit_ml(torch.randn(1, 9), 3), "more examples, fewer latents"),
        (lambda m: m.sample_prior(0), "n should be a whole number"),
        (lambda m: m.sample_prior(1e3), r"write 10\*\*5"),
        (lambda m: m.log_px(torch.zeros(3)), "batch of one"),
        (lambda m: m.log_px(torch.zeros(3, 2)), "1 numbers an example, but 2 came"),
        (lambda m: m.log_px(torch.tensor([[math.nan]])), "x should be finite"),
        (lambda m: m.log_px(np.zeros((3, 1))), "torch.as_tensor"),
        (lambda m: m.log_likelihood(torch.zeros(3, 1), torch.zeros(5, 1)), r"z\[:, None\]"),
        (lambda m: m.log_likelihood(torch.zeros(3, 1), torch.zeros(5, 2, 1)), r"but \(5, 2, 1\)"),
        (lambda m: m.log_likelihood(torch.zeros(3, 1), torch.zeros(3, 2)), r"but \(3, 2\)"),
        (lambda m: m.log_likelihood(torch.zeros(3, 1), torch.zeros(3)), r"but \(3,\)"),
    ],
)
def test_bad_input_is_refused_in_words(call, says, m1):
    with pytest.raises(ValueError, match=says):
        call(m1)


def test_reprs_are_short(m1):
    assert repr(m1) == "LinearGaussian(D=1, L=1, sigma=0.5)"
    assert repr(Ring(0.1)) == "Ring(sigma=0.1)"
    assert repr(TwoRoots(0.3)) == "TwoRoots(sigma=0.3)"
