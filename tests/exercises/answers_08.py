"""Notebook 08's exercises: right answers in other forms, and wrong ones of no known slip."""

import math

import numpy as np
import torch
from torch.distributions import Independent, Normal

from course_utils import densities, estimators


def annealed_by_a_loop(log_prior, log_likelihood, move, z, n_temperatures):
    log_w = torch.zeros(z.shape[:2], dtype=z.dtype)
    for i in range(n_temperatures):
        log_w += log_likelihood(z) / n_temperatures
        z = move(z, (i + 1) / n_temperatures)
    return log_w


def annealed_by_ratios(log_prior, log_likelihood, move, z, n_temperatures):
    """The two densities of each step in full; no move after the last."""
    betas, terms = [i / n_temperatures for i in range(n_temperatures + 1)], []

    def log_density(z, beta):
        return log_prior(z) + beta * log_likelihood(z)

    for low, high in zip(betas, betas[1:], strict=False):
        terms.append(log_density(z, high) - log_density(z, low))
        z = move(z, high) if high < 1 else z
    return sum(terms)


def annealed_from_a_move_on(log_prior, log_likelihood, move, z, n_temperatures):
    log_w = 0
    for i in range(n_temperatures):
        z = move(z, i / n_temperatures)
        log_w = log_w + log_likelihood(z) / n_temperatures
    return log_w


def no_score_by_the_package(log_joint, mu, log_var, eps):
    z = densities.DiagonalNormal(mu, log_var).rsample(eps)
    return log_joint(z) - densities.log_normal(z, mu.detach(), log_var.detach())


def no_score_by_hand(log_joint, mu, log_var, eps):
    z = mu + torch.exp(0.5 * log_var) * eps
    m, v = mu.detach(), log_var.exp().detach()
    log_q = -0.5 * ((z - m) ** 2 / v + v.log() + math.log(2 * math.pi)).sum(-1)
    return log_joint(z) - log_q


def no_score_by_distributions(log_joint, mu, log_var, eps):
    with torch.no_grad():
        q = Independent(Normal(mu.clone(), log_var.exp() ** 0.5), 1)
    z = eps * log_var.exp().sqrt() + mu
    return log_joint(z) - q.log_prob(z)


def no_score_by_subtraction(log_joint, mu, log_var, eps):
    """All of log q's gradient, less that of its parameters."""
    sigma = (log_var / 2).exp()
    z = mu + sigma * eps
    score = Normal(mu, sigma).log_prob(z.detach()).sum(-1)
    log_q = Normal(mu, sigma).log_prob(z).sum(-1)
    return log_joint(z) - log_q + score - score.detach()


ROUTES = [
    ("E8.4", lambda log_px, n, levels=None: -log_px.numpy() / n / np.log(2) + np.log2(levels or 1)),
    ("E8.1", estimators.iwae_bound),
    ("E8.1", lambda log_w: densities.log_mean_exp(log_w, 0)),
    ("E8.6", no_score_by_the_package),
    ("E8.6", no_score_by_distributions),
]
OTHER_FORMS = [
    ("E8.4", "`return (log_px - n_pixels * math.log(levels or 1)) / -math.log(2) / n_pixels`"),
    (
        "E8.4",
        lambda log_px, n, levels=None: math.log2(levels or 1) - log_px * math.log2(math.e) / n,
    ),
    ("E8.4", "`torch.tensor(2, dtype=log_px.dtype).log()` → `math.log(2)`"),
    ("E8.4", "`torch.tensor(2, dtype=log_px.dtype)` → `torch.tensor(2.0)`"),
    ("E8.4", lambda log_px, n, levels=None: -log_px / n / 0.693147181 + math.log2(levels or 1)),
    ("E8.1", lambda log_w: np.logaddexp.reduce(log_w.numpy(), axis=0) - np.log(len(log_w))),
    ("E8.1", "`return torch.stack([(w - math.log(len(w))).logsumexp(dim=0) for w in log_w.T])`"),
    ("E8.1", "`return torch.logsumexp(log_w, 0) - torch.tensor(len(log_w)).log()`"),
    ("E8.1", "`return torch.logsumexp(log_w, dim=-2) - np.log(log_w.size(0))`"),
    ("E8.1", "`(log_w - top).exp().mean(dim=0)` → `((log_w - top).exp().sum(0) / len(log_w))`"),
    *(("E8.2", form) for form in (annealed_by_a_loop, annealed_by_ratios)),
    ("E8.2", annealed_from_a_move_on),
    ("E8.2", "`, dtype=torch.float64` → nothing"),
    ("E8.2", "`betas = torch.arange(n_temperatures + 1) / n_temperatures`"),
    ("E8.2", "`betas = np.linspace(0, 1, n_temperatures + 1)`"),
    ("E8.2", "`betas = [i / n_temperatures for i in range(n_temperatures + 1)]`"),
    ("E8.2", "`(beta - before)` → `1 / n_temperatures`"),
    (
        "E8.2",
        "`(beta - before) * log_likelihood(z)` → "
        "`beta * log_likelihood(z) - before * log_likelihood(z)`",
    ),
    (
        "E8.2",
        "`(beta - before) * log_likelihood(z)` → "
        "`(log_likelihood(z).exp() ** (beta - before)).log()`",
    ),
    ("E8.2", "`move(z, beta)` → `move(z, float(beta))`"),
    *(("E8.6", form) for form in (no_score_by_hand, no_score_by_subtraction)),
    ("E8.6", "`mu.detach(), sigma.detach()` → `mu.clone().detach(), (log_var.detach() / 2).exp()`"),
    ("E8.6", "`mu.detach(), sigma.detach()` → `mu.data, sigma.data`"),
]


# Right for numbers of moderate size, or for one size alone, and not further out.
REFUSED = [
    ("E8.4", "no sign", "`return (-log_px / (n_pixels * ln_2)).abs() + of_levels`"),
    ("E8.4", "at least 0", "`return (-log_px / (n_pixels * ln_2)).clamp(min=0) + of_levels`"),
    ("E8.4", "at most 8", "`return (-log_px / (n_pixels * ln_2) + of_levels).clamp(max=8)`"),
    ("E8.4", "28 by 28", "`(n_pixels * ln_2)` → `(784 * ln_2)`"),
    ("E8.1", "seven draws", "`return torch.logsumexp(log_w, dim=0) - math.log(7)`"),
    ("E8.1", "a float32 floor", "`return (log_w.exp().mean(dim=0) + 1e-45).log()`"),
    ("E8.1", "biased corrected", "`return top + (log_w - top).exp().mean(dim=0).log() + 1e-3`"),
    ("E8.2", "four steps", "`n_temperatures + 1` → `5`"),
    ("E8.2", "weights above -5", "`return log_w.clamp(min=-5)`"),
    ("E8.6", "sigma at most 1", "`sigma = (log_var / 2).exp().clamp(max=1)`"),
    ("E8.6", "sigma at least 1/2", "`sigma = (log_var / 2).exp().clamp(min=0.5)`"),
]

SAID = [
    ("E8.2", "expected shape (5, 3), yours (3,)", "`return log_w.mean(0)`"),
    ("E8.1", "minus the right", "`return -(top + (log_w - top).exp().mean(dim=0).log())`"),
]
