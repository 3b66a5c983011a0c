"""The estimators on the conditional linear-Gaussian model, and what it refuses."""

import math

import numpy as np
import pytest
import torch
from conditional_toy import SIGMA, B, C, D, K, L, model_of
from routes import lies_near, randn
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal
from course_utils.estimators import (
    elbo,
    importance_sampling,
    naive_monte_carlo,
    pathwise_gradient,
    score_function_gradient,
)
from course_utils.toys import ConditionalLinearGaussian

# The estimators of notebooks 02 to 04


@pytest.mark.parametrize("rows", [1, B])
@pytest.mark.parametrize("analytic_kl", [True, False], ids=["B", "A"])
def test_the_bound_s_average_is_the_exact_one(wide, x, y, rows, analytic_kl):
    given, n = wide.given(y[:rows]), 20_000
    q, eps = DiagonalNormal(randn(B, L), randn(B, L, seed=1)), randn(n, B, L, seed=7)
    bounds = given.log_likelihood(x, q.rsample(eps))
    bounds += given.log_prior(q.rsample(eps)) - q.log_prob(q.rsample(eps))
    exact = given.exact_elbo(x, q)
    assert lies_near(bounds, exact.elbo)
    found = elbo(given, x, q, eps, analytic_kl)
    error = 5 * bounds.std(0) / math.sqrt(n)
    assert ((found.elbo - exact.elbo).abs() < error).all()
    if analytic_kl:
        assert_close(found.kl, exact.kl)
    else:
        assert_close(found.elbo, bounds.mean(0))


@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient])
def test_both_gradients_are_those_of_the_exact_average(x, y, estimator):
    """Of E_q log p(x, z | y), which is the exact bound less the entropy of q."""
    given, mu, sigma = model_of(1).given(y[:1]), 0.4, 0.6

    def log_joint(z):
        z = z[:, None, None]
        return (given.log_likelihood(x[:1], z) + given.log_prior(z))[:, 0]

    at = [torch.tensor(value).double().requires_grad_() for value in (mu, sigma)]
    q = DiagonalNormal(at[0].reshape(1, 1), 2 * at[1].log().reshape(1, 1))
    exact = torch.autograd.grad(given.exact_elbo(x[:1], q).elbo.sum() - at[1].log(), at)
    draws = estimator(log_joint, mu, sigma, randn(100_000, seed=8))
    for draw, expected in zip(draws, exact, strict=True):
        assert lies_near(draw, expected)


# Refusals


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"A": [1.0] * D}, r"A should be \(6, C\), a row for each .* but \(6,\) came; .* \(6, 1\)"),
        ({"A": torch.zeros(D + 1, C)}, r"A should be \(6, C\).* but \(7, 3\) came"),
        ({"A": torch.zeros(C, D)}, r"A should be \(6, C\).* but \(3, 6\) came"),
        ({"A": torch.zeros(D, 0)}, "A should hold at least one"),
        ({"A": torch.full((D, C), math.nan)}, "A should be finite, but 18 of 18"),
        ({"W": torch.zeros(D)}, r"W should be \(D, L\)"),
        ({"W": torch.full((D, L), math.inf)}, "W should be finite"),
        ({"b": torch.zeros(D + 1)}, r"b \(7,\) came"),
        ({"b": torch.full((D,), math.nan)}, "b should be finite"),
        ({"sigma": 0.0}, "sigma should be a number above 0, but 0.0 came"),
        ({"sigma": -1}, "sigma should be a number above 0"),
        ({"sigma": math.nan}, "sigma should be a number above 0"),
        ({"sigma": "learned"}, "sigma should be a number above 0"),
    ],
)
def test_what_is_no_model_is_refused(change, says):
    whole = {"W": randn(D, L), "A": randn(D, C), "b": randn(D), "sigma": SIGMA}
    with pytest.raises(ValueError, match=says):
        ConditionalLinearGaussian(**whole | change)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (torch.zeros(C), r"y should be \(B, 3\), but \(3,\) came; .* a single row, y\[None\]"),
        (torch.arange(B), r"y should be \(B, 3\), but \(4,\) came"),
        (torch.zeros(B, C + 1), r"but \(4, 4\) came"),
        (torch.zeros(B, 1, C), r"but \(4, 1, 3\) came"),
        (torch.tensor(1.0), r"but \(\) came"),
        (torch.zeros(0, C), "y should hold at least one example"),
        (torch.full((1, C), math.nan), "y should be finite, but 3 of 3"),
        (torch.full((1, C), math.inf), "y should be finite"),
        (np.zeros((1, C)), r"y should be a torch tensor, but a ndarray came; try torch.as_tensor"),
        ([[0.0] * C], "y should be a torch tensor, but a list came"),
    ],
)
def test_what_is_no_condition_is_refused(wide, y, says):
    for use in (wide.given, wide.sample):
        with pytest.raises(ValueError, match=says):
            use(y)


@pytest.mark.parametrize("n", [1, 3, 5])
def test_x_and_y_of_different_lengths_are_refused(wide, y, n):
    given, x = wide.given(y), torch.zeros(n, D)
    q = DiagonalNormal(torch.zeros(n, L), torch.zeros(n, L))
    for use in (
        given.log_px,
        given.posterior,
        lambda x: given.log_likelihood(x, torch.zeros(K, 1, L)),
        lambda x: given.exact_elbo(x, q),
        lambda x: given.sample(len(x)),
        lambda x: naive_monte_carlo(given, x, 10),
        lambda x: importance_sampling(given, x, q, 10),
        lambda x: elbo(given, x, q, torch.zeros(n, L)),
    ):
        with pytest.raises(ValueError, match=rf"4 rows, one for each x, but {n} .*y\[i\] belongs"):
            use(x)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m.log_px(torch.zeros(D)), "y has 4 rows"),
        (lambda m: m.log_px(torch.tensor(0.0)), "4 rows"),
        (lambda m: m.log_px(torch.zeros(B, D + 1)), "6 numbers an example, but 7 came"),
        (lambda m: m.log_px(torch.full((B, D), math.nan)), "x should be finite"),
        (lambda m: m.log_px([[0.0] * D]), "x should be a torch tensor"),
        (lambda m: m.posterior(np.zeros((B, D))), "x should be a torch tensor"),
        (lambda m: m.log_likelihood([[0.0] * D], torch.zeros(B, L)), "x should be a torch tensor"),
        (lambda m: m.log_likelihood(torch.zeros(B, D), torch.zeros(B, L + 1)), "z should be"),
        (lambda m: m.log_likelihood(torch.zeros(B, D), torch.zeros(K, L)), r"write z\[:, None\]"),
        (lambda m: m.sample(0), "n should be a whole number of at least 1"),
        (lambda m: m.sample(4.0), "n should be a whole number"),
        (lambda m: m.sample_prior(0), "n should be a whole number"),
    ],
)
def test_bad_input_is_refused_in_words(wide, y, call, says):
    with pytest.raises(ValueError, match=says):
        call(wide.given(y))


def test_reprs_are_short(wide, y):
    assert repr(wide) == "ConditionalLinearGaussian(D=6, L=2, C=3, sigma=0.7)"
    assert repr(wide.given(y)) == f"{wide!r} with y of 4 rows"
    assert repr(wide.given(y[:1])) == f"{wide!r} with y of 1 row"
    assert (wide.data_dim, wide.latent_dim, wide.condition_dim) == (D, L, C)
