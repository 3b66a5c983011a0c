"""Notebook 01's exercises: right answers in other forms, and wrong ones of no known slip."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal
from torch.nn import functional

from course_utils import densities
from course_utils.exercises import ex01
from course_utils.toys import Ring


def normal(x, mean, sd):
    return Normal(mean, sd).log_prob(x).exp()


def joint(x, grid, a, b, sigma):
    """p(x, z) the other way round, (B, G)."""
    return normal(x[:, None], a * grid + b, sigma) * normal(grid, 0.0, 1.0)


def exact_px(x, a, b, sigma):
    return normal(x, b, math.hypot(a, sigma))


def closed_posterior(x, grid, a, b, sigma):
    r = 1 + a**2 / sigma**2
    return normal(grid[:, None], a / sigma**2 * (x - b) / r, r**-0.5)


def simpson(x, grid, a, b, sigma):
    weights = torch.ones_like(grid)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return (grid[1] - grid[0]) / 3 * joint(x, grid, a, b, sigma) @ weights


def marginal_by_the_packages_log_normal(x, grid, a, b, sigma):
    mu, zero = (a * grid + b)[:, None, None], torch.zeros(1)
    log_var = torch.full_like(mu, 2 * math.log(sigma))
    log_xz = densities.log_normal(x[:, None], mu, log_var)
    log_z = densities.log_normal(grid[:, None], zero, zero)
    return torch.logsumexp(log_xz + log_z[:, None], 0).exp() * (grid[1] - grid[0])


def draw(n, a, b, sigma, generator):
    z, eps = torch.randn(2, n, generator=generator)
    return z, a * z + b + sigma * eps


def draw_pairs(n, a, b, sigma, generator):
    eps = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    return [eps[:, 0], b + a * eps[:, 0] + sigma * eps[:, 1]]


def draw_noise_first(n, a, b, sigma, generator):
    noise = sigma * torch.randn(n, generator=generator)
    z = torch.randn(n, generator=generator)
    return z.numpy(), (a * z + b + noise).numpy()


def draw_by_normal(n, a, b, sigma, generator):
    z = torch.randn(n, generator=generator)
    return z, torch.normal(a * z + b, sigma, generator=generator)


def draw_in_a_loop(n, a, b, sigma, generator):
    z, x = torch.empty(n), torch.empty(n)
    for i in range(n):
        z[i], eps = torch.randn(2, generator=generator)
        x[i] = a * z[i] + b + sigma * eps
    return z, x


def ring_by_its_angle(z):
    angle, r = torch.atan2(z[:, 1], z[:, 0]), z.norm(dim=1)
    return torch.stack([angle.cos() * (1 + r / 10), angle.sin() * (1 + r / 10)], 1)


ROUTES = [
    ("E1.1", densities.log_normal),
    ("E1.1", lambda x, m, v: Normal(m, (v / 2).exp()).log_prob(x).sum(-1)),
    ("E1.3", lambda x, grid, a, b, s: exact_px(x, a, torch.full_like(x, b), s)),
    ("E1.4", Ring(0.1).mean_x),
    ("E1.5", closed_posterior),
]
OTHER_FORMS = [
    ("E1.1", lambda x, m, v: MultivariateNormal(m, torch.diag_embed(v.exp())).log_prob(x)),
    ("E1.1", lambda x, m, v: normal(x, m, v.exp().sqrt()).prod(1).log()),
    ("E1.1", "`, dtype=x.dtype` → nothing"),  # the constant in single precision
    ("E1.2", draw_noise_first),  # the other ways to draw: in test_exercises_01, with more seeds
    ("E1.2", draw_in_a_loop),
    ("E1.3", lambda x, grid, *m: torch.trapezoid(joint(x, grid, *m), grid)),
    ("E1.3", lambda x, grid, *m: joint(x, grid, *m)[:, 1:].sum(1) * (grid[-1] - grid[-2])),
    ("E1.3", lambda x, grid, *m: exact_px(x, *m)),
    ("E1.3", simpson),
    ("E1.3", marginal_by_the_packages_log_normal),
    ("E1.4", lambda z: z / 10 + functional.normalize(z, dim=1)),
    ("E1.4", lambda z: z * (0.1 + 1 / (z**2).sum(-1, keepdim=True).sqrt())),
    ("E1.4", lambda z: (z.T / 10 + z.T / z.norm(dim=1)).T),
    ("E1.4", ring_by_its_angle),
    ("E1.5", lambda x, grid, *m: joint(x, grid, *m).T / exact_px(x, *m)),
    ("E1.5", lambda x, grid, *m: joint(x, grid, *m).T / ex01.my_marginal(x, grid, *m)),
    (
        "E1.5",
        lambda x, grid, *m: torch.softmax(joint(x, grid, *m).log().T, 0) / (grid[1] - grid[0]),
    ),
    (
        "E1.5",
        lambda x, grid, *m: (
            (joint(x, grid, *m) / torch.trapezoid(joint(x, grid, *m), grid)[:, None]).T
        ),
    ),
]


SAID = [
    ("E1.1", "An axis of length 1", lambda x, m, v: ex01.my_log_normal(x, m, v)[:, None]),
    ("E1.2", "An axis of length 1", lambda *args: tuple(p[:, None] for p in draw(*args))),
    (
        "E1.2",
        "`x`: expected shape (3000,)",
        lambda n, *args: ((z := draw(n, *args)[0]), z + z[:, None]),
    ),
    ("E1.2", "expected 2 values, `z`, `x`", lambda *args: torch.stack(draw(*args), 1)),
    ("E1.2", "expected 2 values, `z`, `x`", lambda *args: draw(*args)[1]),
    ("E1.2", "yours is nothing", lambda *args: (None, None)),
    ("E1.2", "yours is nan", lambda *args: tuple(p * math.nan for p in draw(*args))),
    ("E1.3", "each x meets each z", lambda x, grid, a, b, s: normal(x, a * grid + b, s).sum()),
    ("E1.4", "expected shape (2, 2)", lambda z: ex01.my_ring(z)[0]),
]
