"""Notebook 03's exercises: right answers in other forms, and wrong ones of no known slip."""

import math

import numpy as np
import torch
from learner import from_single_precision
from torch.distributions import Normal, kl_divergence

from course_utils import densities
from course_utils.exercises import ex03
from course_utils.toys import LinearGaussian


def sd(log_var):
    return (log_var / 2).exp()


def elbo_by_my_kl(x, mu, log_var, a, b, sigma):
    kl = ex03.my_kl(mu[:, None], log_var[:, None])
    square = (x - a * mu - b) ** 2 + a**2 * torch.exp(log_var)
    return -0.5 * math.log(2 * math.pi * sigma**2) - square / (2 * sigma**2) - kl


def elbo_by_quadrature(x, mu, log_var, a, b, sigma):
    z = torch.linspace(-12, 12, 4801, dtype=torch.float64)[:, None]
    log_q = Normal(mu, sd(log_var)).log_prob(z)
    joint = Normal(a * z + b, sigma).log_prob(x) + Normal(0.0, 1.0).log_prob(z)
    return torch.trapezoid(log_q.exp() * (joint - log_q), dx=24 / 4800, dim=0)


def elbo_with_constants_in_single_precision(x, mu, log_var, a, b, sigma):
    constant = 0.5 * torch.log(torch.tensor(2 * math.pi * sigma**2))
    square = (x - a * mu - b) ** 2 + a**2 * log_var.exp()
    return -constant - square / (2 * sigma**2) - 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


def gap_as_a_difference(x, mu, log_var, a, b, sigma):
    log_px = Normal(torch.full_like(x, b), (a**2 + sigma**2) ** 0.5).log_prob(x)
    return log_px - elbo_by_my_kl(x, mu, log_var, a, b, sigma)


def gap_with_constants_in_single_precision(x, mu, log_var, a, b, sigma):
    variance = torch.tensor(a**2 + sigma**2)
    log_px = -0.5 * (torch.log(2 * torch.pi * variance) + (x - b) ** 2 / variance)
    return log_px - elbo_with_constants_in_single_precision(x, mu, log_var, a, b, sigma)


def gap_by_torch(x, mu, log_var, a, b, sigma):
    v = sigma**2 / (sigma**2 + a**2)
    posterior = Normal(a * (x - b) / (sigma**2 + a**2), v**0.5)
    return kl_divergence(Normal(mu, sd(log_var)), posterior)


def fit_q_by_loops(log_joint, z, mus, log_vars):
    best, step = (-math.inf, None, None), z[1] - z[0]
    for mu in mus:
        for log_var in log_vars:
            q = Normal(mu, sd(log_var)).log_prob(z).exp()
            elbo = (q * log_joint).sum() * step + 0.5 * (math.log(2 * math.pi * math.e) + log_var)
            best = max(best, (elbo.item(), mu.item(), log_var.item()))
    return best[1:]


def fit_q_on_pairs(log_joint, z, mus, log_vars):
    pairs = torch.cartesian_prod(mus, log_vars)
    log_q = Normal(pairs[:, :1], sd(pairs[:, 1:])).log_prob(z)
    elbo = torch.trapezoid(log_q.exp() * (log_joint - log_q), z)
    return tuple(pairs[elbo.argmax()])


def fit_q_by_gap(log_joint, z, mus, log_vars):
    log_post = torch.log_softmax(log_joint, 0) - (z[1] - z[0]).log()
    log_q = Normal(mus[:, None], sd(log_vars)[:, None, None]).log_prob(z)  # (V, M, G)
    gap = (log_q.exp() * (log_q - log_post)).sum(-1)
    k = gap.argmin()
    return [mus[k % len(mus)], log_vars[k // len(mus)]]


def elbo_by_the_package(x, mu, log_var, a, b, sigma):
    q = densities.DiagonalNormal(mu[:, None], log_var[:, None])
    return LinearGaussian([[a]], [b], sigma).exact_elbo(x[:, None], q).elbo


def gap_by_the_package(x, mu, log_var, a, b, sigma):
    q = densities.DiagonalNormal(mu[:, None], log_var[:, None])
    return densities.kl(q, LinearGaussian([[a]], [b], sigma).posterior(x[:, None]))


ROUTES = [
    ("E3.1", densities.kl_to_standard_normal),
    ("E3.1", lambda mu, log_var: kl_divergence(Normal(mu, sd(log_var)), Normal(0, 1)).sum(1)),
    ("E3.2", densities.kl_normal),
    ("E3.2", lambda m, v, n, w: kl_divergence(Normal(m, sd(v)), Normal(n, sd(w))).sum(1)),
    ("E3.3", elbo_by_the_package),
    ("E3.4", gap_by_the_package),
    ("E3.4", gap_as_a_difference),  # equation 3.10
    ("E3.4", gap_by_torch),
]
OTHER_FORMS = [
    ("E3.1", lambda mu, log_var: ex03.my_kl_normal(mu, log_var, 0 * mu, 0 * mu)),
    ("E3.3", elbo_by_my_kl),
    ("E3.3", elbo_by_quadrature),
    ("E3.3", elbo_with_constants_in_single_precision),
    ("E3.3", from_single_precision(elbo_by_my_kl)),
    ("E3.4", gap_with_constants_in_single_precision),
    ("E3.4", from_single_precision(gap_as_a_difference)),
    ("E3.5", fit_q_by_loops),
    ("E3.5", fit_q_on_pairs),
    ("E3.5", fit_q_by_gap),
    ("E3.5", from_single_precision(fit_q_by_loops)),
    ("E3.6", lambda: [3, 5, 1, 6, 2, 4]),
    ("E3.6", lambda: "351624"),
    ("E3.6", lambda: "3, 5, 1, 6, 2, 4"),
    ("E3.6", lambda: 351624),
    ("E3.6", lambda: ("3", "5", "1", "6", "2", "4")),
    ("E3.6", lambda: torch.tensor([3, 5, 1, 6, 2, 4])),
    ("E3.6", lambda: np.array([3.0, 5, 1, 6, 2, 4])),
]

NO_ORDER = [  # of six lines
    ((3, 5, 1, 6, 2), "4: missing"),
    ((3, 5, 1, 6, 2, 2), "4: missing; 2: there twice or more"),
    ((3, 5, 1, 6, 2, 7), "4: missing; 7: no line's number"),
    ("35162", "4: missing"),
    ({3, 5, 1}, "a set that cannot be read so"),
    ((3, 5, 1, 6, 2, "four"), "a tuple that cannot be read so"),
    ((3, 5, 1, 6, 2, None), "a tuple that cannot be read so"),
    ((3, 5, 1, 6, 2, 4.5), "a tuple that cannot be read so"),
    (torch.tensor(3), "missing"),
]
SAID = [("E3.6", said, lambda order=order: order) for order, said in NO_ORDER]
