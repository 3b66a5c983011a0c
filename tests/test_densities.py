"""Densities and KLs against torch.distributions, quadrature and their own properties."""

import math
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from routes import randn
from torch import distributions as dist
from torch import zeros
from torch.testing import assert_close

from course_utils.densities import (
    DiagonalNormal,
    FullNormal,
    kl,
    kl_normal,
    kl_to_standard_normal,
    log_bernoulli,
    log_mean_exp,
    log_normal,
    log_standard_normal,
)

K, B, L = 5, 4, 3  # three different sizes, so that a sum over the wrong axis has the wrong shape


def full_normal(seed=0, batch=True):
    a = randn(*((B, L, L) if batch else (L, L)), seed=seed)
    return FullNormal(randn(B, L, seed=seed + 1), torch.linalg.cholesky(a @ a.mT + torch.eye(L)))


def diagonal_normal(seed=0):
    return DiagonalNormal(randn(B, L, seed=seed), randn(B, L, seed=seed + 1))


def reference(q):
    """The same distribution from torch."""
    if isinstance(q, FullNormal):
        return dist.MultivariateNormal(q.mu, scale_tril=q.scale_tril)
    return dist.MultivariateNormal(q.mu, torch.diag_embed(q.log_var.exp()))


QS = {
    "diagonal": diagonal_normal(1),
    "full": full_normal(2),
    "shared": full_normal(3, batch=False),
}
STANDARD = DiagonalNormal(zeros(B, L).double(), zeros(B, L).double())
each_q = pytest.mark.parametrize("q", QS.values(), ids=QS)


@pytest.mark.equation("1.1")
def test_log_normal_agrees_with_torch():
    x, mu, log_var = randn(K, B, L), randn(B, L, seed=1), randn(B, L, seed=2)
    expected = dist.Normal(mu, (0.5 * log_var).exp()).log_prob(x).sum(-1)
    terms = math.log(2 * math.pi) + log_var + (x - mu) ** 2 / log_var.exp()
    assert_close(log_normal(x, mu, log_var), expected)
    assert_close(-0.5 * terms.sum(-1), expected)
    assert_close(log_standard_normal(x), dist.Normal(0, 1).log_prob(x).sum(-1))


def test_a_normal_density_may_exceed_one_but_integrates_to_one():
    """N(0; 0, 0.1^2) = 3.99: a density is no probability."""
    x = torch.linspace(-2, 2, 4001, dtype=torch.float64)[:, None]
    log_p = log_normal(x, zeros(1), torch.tensor([2 * math.log(0.1)], dtype=torch.float64))
    assert log_p.max().exp() == pytest.approx(1 / math.sqrt(2 * math.pi * 0.01), rel=1e-12)
    assert torch.trapezoid(log_p.exp(), x[:, 0]).item() == pytest.approx(1, abs=1e-10)


def test_log_bernoulli_survives_large_logits():
    logits = torch.tensor([[1000.0, -1000.0]])
    assert_close(log_bernoulli(torch.tensor([[1.0, 0.0]]), logits), zeros(1))
    assert_close(log_bernoulli(torch.tensor([[0.0, 1.0]]), logits), torch.tensor([-2000.0]))


@pytest.mark.parametrize("p", QS.values(), ids=QS)
@each_q
def test_kl_of_every_pair_agrees_with_torch(q, p):
    by_torch = dist.kl_divergence(reference(q), reference(p))
    assert_close(kl(q, p), by_torch, rtol=1e-10, atol=1e-10)


@each_q
def test_log_prob_and_rsample_agree_with_torch(q):
    z = randn(K, B, L, seed=9)
    assert_close(q.log_prob(z), reference(q).log_prob(z))
    jacobian = torch.linalg.det(torch.func.jacrev(lambda e: q.rsample(e)[0])(randn(B, L))[:, 0])
    # Change of variables: density of z = rsample(eps) is the noise's over |det dz/deps|.
    eps = randn(B, L)
    expected = log_standard_normal(eps)[0] - jacobian.abs().log()
    assert_close(q.log_prob(q.rsample(eps))[0], expected)


@pytest.mark.parametrize(
    "density",
    [
        log_standard_normal,
        lambda z: log_normal(z, torch.ones(L), zeros(L)),
        lambda z: kl_to_standard_normal(z, z),
        lambda z: DiagonalNormal(z, z).rsample(torch.ones(L)).sum(),
    ],
)
def test_densities_and_their_gradients_may_be_mapped_over_examples(density):
    """By torch.func.vmap, inside which no value can be looked at."""
    z = randn(B, L)
    values = torch.func.vmap(density)(z)
    assert_close(values, torch.stack([density(row) for row in z]))
    slopes = torch.func.vmap(torch.func.grad(density))(z)
    assert_close(slopes, torch.stack([torch.func.grad(density)(row) for row in z]))


def test_vanishing_variances_lose_no_digits():
    """exp(-log_var) alone overflows float32 at log_var = -90; what it multiplies is 0 here."""
    tiny, zero = torch.full((1, 1), -90.0), zeros(1, 1)
    assert_close(log_normal(zero, zero, tiny), torch.tensor([45 - 0.5 * math.log(2 * math.pi)]))
    one_sd = torch.full((1, 1), math.exp(-45))
    assert_close(log_normal(one_sd, zero, tiny), torch.tensor([44.5 - 0.5 * math.log(2 * math.pi)]))
    assert_close(kl_normal(zero, tiny, zero, tiny), zeros(1))


@pytest.mark.equation("3.4")
def test_the_kl_to_a_standard_normal_is_that_to_mean_0_variance_1_and_adds_over_axes():
    mu, log_var = randn(B, L), randn(B, L, seed=1)
    zero, found = torch.zeros_like(mu), kl_to_standard_normal(mu, log_var)
    assert_close(found, 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1))
    assert_close(found, kl_normal(mu, log_var, zero, zero))
    by_torch = dist.kl_divergence(reference(DiagonalNormal(mu, log_var)), reference(STANDARD))
    assert_close(found, by_torch)
    assert_close(found, sum(kl_to_standard_normal(mu[:, [i]], log_var[:, [i]]) for i in range(L)))


numbers = st.floats(-5, 5)


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=4))
@settings(max_examples=100)
def test_kl_is_never_negative_and_zero_between_equals(rows):
    mu_q, log_var_q, mu_p, log_var_p = torch.tensor(rows, dtype=torch.float64).T[:, None]
    assert kl_normal(mu_q, log_var_q, mu_p, log_var_p).item() >= 0
    assert kl_normal(mu_q, log_var_q, mu_q, log_var_q).item() == 0


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8), st.floats(-1e4, 1e4))
@settings(max_examples=100)
def test_log_mean_exp_moves_with_a_shift_and_lies_between_mean_and_max(values, shift):
    a = torch.tensor(values, dtype=torch.float64)
    value = log_mean_exp(a, 0)
    assert_close(log_mean_exp(a + shift, 0), value + shift, rtol=1e-9, atol=1e-8)
    assert a.mean() - 1e-8 <= value <= a.max() + 1e-8


def test_log_mean_exp_bears_weights_of_zero():
    a = torch.tensor([[-math.inf, 0.0], [-math.inf, -math.inf]], dtype=torch.float64)
    assert log_mean_exp(a, 0).tolist() == [-math.inf, -math.log(2)]
    assert log_mean_exp(a[:1], 0).tolist() == [-math.inf, 0.0]


def of_two_pixels(second):
    return log_bernoulli(torch.tensor([[0.5, second]]), zeros(1, 2))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: log_normal(zeros(2, 3), zeros(2, 2), zeros(2, 2)), "equal last axes"),
        (lambda: log_normal(zeros(2, 3), zeros(4, 3), zeros(4, 3)), "axes that broadcast"),
        (lambda: log_normal(zeros(2, 3).numpy(), zeros(3), zeros(3)), "a ndarray came"),
        (lambda: log_standard_normal(torch.tensor(1.0)), "a single number came"),
        (lambda: log_bernoulli(zeros(2, 3), zeros(2, 1)), "equal last axes"),
        (lambda: of_two_pixels(-0.1), r"x should be pixels in \[0, 1\]"),
        (lambda: of_two_pixels(1.1), r"x should be pixels in \[0, 1\]"),
        (lambda: of_two_pixels(math.nan), "x should be finite"),
        (lambda: of_two_pixels(math.inf), "x should be finite"),
        (lambda: log_mean_exp(zeros(2, 0), 1), "at least one"),
        (lambda: log_mean_exp(zeros(2), 1), "one of the 1 axes"),
        (lambda: log_mean_exp(torch.tensor([math.nan]), 0), "NaN"),
        (lambda: log_mean_exp([1.0, 2.0], 0), "torch.as_tensor"),
        (lambda: kl_to_standard_normal(zeros(4, 3), zeros(3)), "equal shapes"),
        (lambda: kl_normal(*[zeros(4, 3)] * 3, zeros(1, 3)), "equal shapes"),
        (lambda: kl(diagonal_normal(), "standard"), "p should be a DiagonalNormal"),
        (lambda: kl(diagonal_normal(), DiagonalNormal(zeros(1, L), zeros(1, L))), "equal shapes"),
        (lambda: DiagonalNormal(zeros(B, L), zeros(B, 1)), "equal shapes"),
        (lambda: DiagonalNormal(zeros(1, 1), torch.full((1, 1), math.inf)), "log_var .* finite"),
        (lambda: FullNormal(zeros(B, L), torch.eye(2)), r"should have shape \(3, 3\)"),
        (lambda: FullNormal(zeros(B, L), -torch.eye(L)), "with a positive diagonal"),
        (lambda: FullNormal(zeros(B, L), torch.ones(L, L)), "lower triangular"),
        (lambda: diagonal_normal().rsample(zeros(B, 1)), "equal last axes"),
        (lambda: full_normal().log_prob(zeros(B, 2)), "equal last axes"),
    ],
)
def test_wrong_shapes_and_values_are_refused_in_words(call, says):
    """What was expected, what came, what to try: never a bare torch message."""
    with pytest.raises(ValueError, match=says) as refused:
        call()
    assert re.search(r"(expected|should) .*\bbut\b", str(refused.value))


def test_gradients_reach_both_parameters_of_a_normal():
    mu, other = randn(B, L).requires_grad_(), randn(B, L, seed=1).requires_grad_()
    q = DiagonalNormal(mu, other)
    (q.rsample(randn(B, L, seed=2)) ** 2).sum().backward()
    assert (mu.grad != 0).all()
    assert (other.grad != 0).all()


def test_values_unpack_and_stay_as_they_are():
    q = diagonal_normal()
    mu, log_var = q
    assert mu is q.mu
    assert log_var is q.log_var
    with pytest.raises(AttributeError):
        q.mu = mu + 1
    mean, tril = full_normal()
    assert (mean.shape, tril.shape) == ((B, L), (B, L, L))
