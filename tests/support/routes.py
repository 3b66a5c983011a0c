"""A second route to a number: a fine line to integrate over, draws, and the course's M1.

M1 is z ~ N(0, 1), x | z ~ N(a z + b, sigma^2), looked at where x = 2.
"""

import math

import torch
from torch import distributions as dist

from course_utils.toys import LinearGaussian

A, SHIFT, SIGMA = 1.5, 0.3, 0.5  # the a, b and sigma of M1
M1 = LinearGaussian(W=[[A]], b=[SHIFT], sigma=SIGMA)
X = torch.tensor([[2.0]], dtype=torch.float64)
STEP = 0.005
LINE = STEP * torch.arange(-2000, 2001, dtype=torch.float64)[:, None]  # z from -10 to 10: (G, 1)
Z = LINE[:, 0]


def number(value):
    """A tensor of float64, for the parameters of torch's distributions."""
    return torch.as_tensor(value, dtype=torch.float64)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def randn(*shape, seed=0):
    return torch.randn(shape, generator=generator(seed), dtype=torch.float64)


def torch_normal(mu, var):
    """torch's own normal, by its variance."""
    return dist.Normal(number(mu), number(var).sqrt())


def integral(values):
    """Of values (G, ...) over LINE, which they leave at both ends: the trapezoid rule."""
    return STEP * values.sum(0)


def average(q, values):
    """E_q of values (G,) on LINE, for a density q of torch."""
    return integral(q.log_prob(Z).exp() * values)


def lies_near(draws, exact):
    """Whether the mean over draws (n, ...) is within 5 standard errors, which the draws tell."""
    error = (draws.mean(0) - number(exact)).abs()
    spread = draws.std(0)
    assert (spread > 0).all()
    return bool((error < 5 * spread / math.sqrt(len(draws))).all())


def assert_same_but_for_rounding(one, other, terms):
    """Sums of so many terms by two routes, equal to an ulp for each term.

    Products of other shapes may round on the way in other places, as the processor's library adds;
    an ulp is that of the largest sum, or of 1.
    """
    ulp = torch.finfo(one.dtype).eps * max(1.0, one.abs().max().item())
    torch.testing.assert_close(other, one, rtol=0, atol=terms * ulp)


def minimise(f, *start):
    """Where f of some tensors is least: L-BFGS from a start, knowing nothing of any formula."""
    at = [number(value).requires_grad_() for value in start]
    solver = torch.optim.LBFGS(
        at, max_iter=60, tolerance_grad=1e-10, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def closure():
        solver.zero_grad()
        value = f(*at)
        value.backward()
        return value

    solver.step(closure)
    return [value.detach() for value in at]
