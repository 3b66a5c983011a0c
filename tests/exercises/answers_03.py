"""Notebook 03's exercises: right answers in other forms, and wrong ones of no known slip."""

import math

import numpy as np
import torch
from learner import from_single_precision
from torch.distributions import Normal, kl_divergence

from course_utils import densities
from course_utils.exercises import ex03


def sd(log_var):
    return (log_var / 2).exp()


def kl_by_loops(mu, log_var):
    result = []
    for m, lv in zip(mu, log_var, strict=True):
        result.append(sum(0.5 * (m[i] ** 2 + lv[i].exp() - 1 - lv[i]) for i in range(len(m))))
    return torch.stack(result)


def kl_by_numpy(mu, log_var):
    m, lv = mu.numpy(), log_var.numpy()
    return -0.5 * np.sum(1 + lv - m**2 - np.exp(lv), axis=1)


def kl_normal_by_sigma(m_q, l_q, m_p, l_p):
    s_q, s_p = torch.sqrt(torch.exp(l_q)), torch.sqrt(torch.exp(l_p))
    return ((s_p / s_q).log() + (s_q**2 + (m_q - m_p) ** 2) / (2 * s_p**2) - 0.5).sum(dim=1)


def elbo_by_my_kl(x, mu, log_var, a, b, sigma):
    kl = ex03.my_kl(mu[:, None], log_var[:, None])
    square = (x - a * mu - b) ** 2 + a**2 * torch.exp(log_var)
    return -0.5 * math.log(2 * math.pi * sigma**2) - square / (2 * sigma**2) - kl


def elbo_by_quadrature(x, mu, log_var, a, b, sigma):
    z = torch.linspace(-12, 12, 4801, dtype=torch.float64)[:, None]
    log_q = Normal(mu, sd(log_var)).log_prob(z)
    joint = Normal(a * z + b, sigma).log_prob(x) + Normal(0.0, 1.0).log_prob(z)
    return torch.trapezoid(log_q.exp() * (joint - log_q), dx=24 / 4800, dim=0)


def elbo_by_numpy(x, mu, log_var, a, b, sigma):
    x, mu, v = x.numpy(), mu.numpy(), np.exp(log_var.numpy())
    rec = -0.5 * np.log(2 * np.pi * sigma**2) - ((x - a * mu - b) ** 2 + a**2 * v) / sigma**2 / 2
    return rec - (mu**2 + v - 1 - np.log(v)) / 2


def elbo_with_constants_in_single_precision(x, mu, log_var, a, b, sigma):
    constant = 0.5 * torch.log(torch.tensor(2 * math.pi * sigma**2))
    square = (x - a * mu - b) ** 2 + a**2 * log_var.exp()
    return -constant - square / (2 * sigma**2) - 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


def gap_as_a_difference(x, mu, log_var, a, b, sigma):
    log_px = Normal(b, (a**2 + sigma**2) ** 0.5).log_prob(x)
    return log_px - elbo_by_my_kl(x, mu, log_var, a, b, sigma)


def gap_with_constants_in_single_precision(x, mu, log_var, a, b, sigma):
    variance = torch.tensor(a**2 + sigma**2)
    log_px = -0.5 * (torch.log(2 * torch.pi * variance) + (x - b) ** 2 / variance)
    return log_px - elbo_with_constants_in_single_precision(x, mu, log_var, a, b, sigma)


def gap_by_my_kl_normal(x, mu, log_var, a, b, sigma):
    v = 1 / (1 + (a / sigma) ** 2)
    m = v * a * (x - b) / sigma**2
    log_v = torch.full_like(mu, math.log(v))
    columns = (part[:, None] for part in (mu, log_var, m, log_v))
    return ex03.my_kl_normal(*columns)


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


def fit_q_by_numpy(log_joint, z, mus, log_vars):
    log_joint, z, mus, log_vars = (t.numpy() for t in (log_joint, z, mus, log_vars))
    log_w = -((z - mus[:, None, None]) ** 2) / (2 * np.exp(log_vars)[:, None])
    w = np.exp(log_w)
    w /= w.sum(-1, keepdims=True)
    elbo = (w * log_joint).sum(-1) + log_vars / 2  # constants do not move the best
    i, j = np.unravel_index(elbo.argmax(), elbo.shape)
    return np.array([mus[i], log_vars[j]]).tolist()


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


OTHER_FORMS = [
    ("E3.1", lambda mu, log_var: kl_divergence(Normal(mu, sd(log_var)), Normal(0, 1)).sum(1)),
    ("E3.1", kl_by_loops),
    ("E3.1", kl_by_numpy),
    ("E3.1", from_single_precision(kl_by_numpy)),
    ("E3.1", densities.kl_to_standard_normal),
    ("E3.1", lambda mu, log_var: ex03.my_kl_normal(mu, log_var, 0 * mu, 0 * mu)),
    ("E3.2", kl_normal_by_sigma),
    ("E3.2", densities.kl_normal),
    ("E3.3", elbo_by_my_kl),
    ("E3.3", elbo_by_quadrature),
    ("E3.3", elbo_by_numpy),
    ("E3.3", elbo_with_constants_in_single_precision),
    ("E3.3", from_single_precision(elbo_by_my_kl)),
    ("E3.4", gap_as_a_difference),
    ("E3.4", gap_with_constants_in_single_precision),
    ("E3.4", gap_by_my_kl_normal),
    ("E3.4", gap_by_torch),
    ("E3.4", from_single_precision(gap_as_a_difference)),
    ("E3.5", fit_q_by_loops),
    ("E3.5", fit_q_by_numpy),
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
