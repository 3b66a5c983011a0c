"""Two gradients of one average: unbiased both, and as noisy as their formulas say."""

import math

import numpy as np
import pytest
import torch
from routes import lies_near, number, randn
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.estimators import pathwise_gradient, score_function_gradient

BOTH = pytest.mark.parametrize("gradient", [score_function_gradient, pathwise_gradient])
MU, SIGMA = 1.0, 0.5


def square(z):
    return z**2


@BOTH
@pytest.mark.equation("4.1")
@pytest.mark.parametrize("f", [square, torch.sin])
def test_the_gradient_of_a_mean_for_several_normals_at_once(gradient, f):
    """E z^2 = mu^2 + sigma^2; E sin z = sin(mu) exp(-sigma^2/2)."""
    mu, sigma = number([0.3, -1.2, 2.0, MU]), number([0.5, 0.8, 1.1, SIGMA])
    shrink = (-(sigma**2) / 2).exp()
    exact = (2 * mu, 2 * sigma)
    if f is torch.sin:
        exact = (mu.cos() * shrink, -sigma * mu.sin() * shrink)
    for values, slope in zip(gradient(f, mu, sigma, randn(100_000, 4)), exact, strict=True):
        assert lies_near(values, slope)


def by_path(mu, sigma, eps):
    return torch.exp(mu + sigma * eps)


def by_score(mu, sigma, eps):
    """What has the score function's gradient: z is held, its log density moves."""
    z = (mu + sigma * eps).detach()
    return z.exp() * dist.Normal(mu, sigma).log_prob(z)


@pytest.mark.equation("4.3")
@pytest.mark.parametrize(
    ("gradient", "surrogate"), [(pathwise_gradient, by_path), (score_function_gradient, by_score)]
)
def test_gradients_are_what_autograd_says(gradient, surrogate):
    mu, sigma, eps = randn(4).requires_grad_(), randn(4, seed=1).exp().requires_grad_(), randn(9, 4)
    slopes = torch.autograd.grad(surrogate(mu, sigma, eps).sum(), (mu, sigma))
    for values, slope in zip(gradient(torch.exp, mu, sigma, eps), slopes, strict=True):
        assert_close(values.sum(0), slope)


def test_a_jump_has_a_score_function_gradient_and_no_path():
    """P(z > 0) has slope N(mu; 0, sigma^2) in mu, though the step itself is flat."""
    step = lambda z: (z > 0).double()  # noqa: E731
    d_mu, _ = score_function_gradient(step, 0.3, SIGMA, randn(100_000))
    assert lies_near(d_mu, dist.Normal(0.0, SIGMA).log_prob(torch.tensor(0.3)).exp())
    with pytest.raises(ValueError, match="score_function_gradient needs none"):
        pathwise_gradient(step, 0.3, SIGMA, randn(5))


@BOTH
def test_values_are_plain_numbers_in_the_shape_they_broadcast_to(gradient):
    """One per draw, whatever they were made of."""
    sizes = enumerate([(3,), (2, 1), (1,)])
    mu, sigma, weight = (randn(*n, seed=seed).exp().requires_grad_() for seed, n in sizes)
    for values in gradient(lambda z: weight * z**2, mu, sigma, randn(7, 1, 1)):
        assert values.shape == (7, 2, 3) and not values.requires_grad


@BOTH
def test_numbers_keep_the_precision_of_eps_which_may_be_whole(gradient):
    for eps in (randn(5), torch.tensor([-1, 0, 2])):
        found = gradient(square, 0.1, 0.7, eps)
        assert_close(found, gradient(square, *number([0.1, 0.7]), eps.double()), rtol=0, atol=0)
    assert gradient(square, 0.1, 0.7, randn(5).float())[0].dtype == torch.float32


def test_pathwise_works_where_gradients_are_switched_off():
    with torch.no_grad():
        d_mu, _ = pathwise_gradient(square, MU, SIGMA, randn(5))
    assert_close(d_mu, 2 * (MU + SIGMA * randn(5)))


@BOTH
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sigma": 0.0}, "sigma should be above 0, but 0 came"),
        ({"sigma": torch.tensor([0.5, -0.1, 1.0])}, r"exp\(log_var / 2\)"),
        ({"sigma": math.nan}, "sigma should be finite"),
        ({"mu": math.inf}, "mu should be finite"),
        ({"mu": "one"}, "mu should be a number or a tensor"),
        ({"mu": torch.zeros(2)}, r"mu \(2,\), sigma \(\), eps \(3,\)"),
        ({"eps": torch.tensor([0.0, math.nan, 1.0])}, "eps should be finite"),
        ({"eps": [0.1, 0.2]}, "torch.as_tensor"),
        ({"eps": torch.empty(0)}, "at least one example"),
        ({"f": lambda z: z.mean()}, r"z's shape, \(3,\), but a Tensor of shape \(\)"),
        ({"f": lambda z: z[:, None]}, r"shape \(3, 1\) came"),
        ({"f": lambda z: z.detach().numpy()}, "a ndarray of shape"),
        ({"f": lambda z: 1.0}, "a float of no shape"),
        ({"f": lambda z: z / 0}, "f_of_z should be finite"),
    ],
)
def test_gradients_refuse_bad_input_in_words(gradient, change, says):
    given = {"f": square, "mu": MU, "sigma": SIGMA, "eps": randn(3)} | change
    with pytest.raises(ValueError, match=says):
        gradient(**given)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: z.detach() ** 2,
        lambda z: torch.as_tensor(np.square(z.numpy())),
        lambda z: np.square(z),
        lambda z: torch.ones_like(z, requires_grad=True),
        torch.ones_like,
    ],
)
def test_pathwise_refuses_what_autograd_cannot_follow(f):
    with pytest.raises(ValueError, match="the graph is cut"):
        pathwise_gradient(f, MU, SIGMA, randn(3))


def test_pathwise_refuses_an_infinite_slope():
    with pytest.raises(ValueError, match="slope_of_f should be finite"):
        pathwise_gradient(torch.sqrt, 1.0, 1.0, torch.tensor([-1.0, 0.5]))


def test_an_error_of_f_itself_is_not_hidden():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        pathwise_gradient(lambda z: z @ torch.zeros(4, 4).double(), MU, SIGMA, randn(2, 3))
