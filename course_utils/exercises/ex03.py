"""Notebook 03, KL and ELBO: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex03_inputs as inputs
from course_utils.exercises._engine.exercise import Exercise


def my_kl(mu, log_var):
    """KL( N(mu, diag(exp(log_var))) || N(0, I) ): two of shape (B, L) -> (B,)."""
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=-1)  # eq. 3.4


def my_kl_normal(mu_q, log_var_q, mu_p, log_var_p):
    """KL(q || p) of two diagonal normals: four tensors of shape (B, L) -> (B,)."""
    v_q, v_p = log_var_q.exp(), log_var_p.exp()
    terms = log_var_p - log_var_q + (v_q + (mu_q - mu_p) ** 2) / v_p - 1  # eq. 3.3
    return 0.5 * terms.sum(dim=-1)


def my_exact_elbo(x, mu, log_var, a, b, sigma):
    """E_q log p(x | z) - KL(q || p(z)) with q = N(mu, exp(log_var)): three of (B,) -> (B,)."""
    v = log_var.exp()
    at_the_mean = torch.distributions.Normal(a * mu + b, sigma).log_prob(x)
    rec = at_the_mean - a**2 * v / (2 * sigma**2)  # eq. 3.12
    return rec - 0.5 * (mu**2 + v - 1 - log_var)


def my_gap(x, mu, log_var, a, b, sigma):
    """KL(q || p(z | x)) with q = N(mu, exp(log_var)): three of shape (B,) -> (B,)."""
    r = 1 + a**2 / sigma**2  # eq. 1.11: the posterior is N(m, 1 / r)
    m = (a / sigma**2) * (x - b) / r
    ratio = r * log_var.exp()  # variance of q over variance of the posterior
    return 0.5 * (ratio - 1 - ratio.log() + r * (mu - m) ** 2)


def my_fit_q(log_joint, z, mus, log_vars):
    """(mu, log_var) of the q with the largest ELBO, all pairs of mus (M,) and log_vars (V,)."""
    v, rows = log_vars.exp()[:, None], []  # v: (V, 1)
    for mu in mus:  # one row of the table at a time: all at once may not fit into memory
        log_q = -0.5 * ((2 * torch.pi * v).log() + (z - mu) ** 2 / v)  # (V, G)
        rows.append((log_q.exp() * (log_joint - log_q)).sum(dim=-1) * (z[1] - z[0]))  # eq. 3.15
    best = torch.stack(rows).argmax()
    return mus[best // len(log_vars)], log_vars[best % len(log_vars)]


def my_order():
    """The numbers of the six lines, in the order in which they follow from each other."""
    return (3, 5, 1, 6, 2, 4)


EXERCISES = (
    Exercise("E3.1", my_kl, inputs.kl_cases),
    Exercise("E3.2", my_kl_normal, inputs.kl_normal_cases),
    Exercise("E3.3", my_exact_elbo, inputs.off_posterior_cases),
    Exercise("E3.4", my_gap, inputs.off_posterior_cases),
    Exercise("E3.5", my_fit_q, inputs.fit_q_cases, parts=("mu", "log_var")),
    Exercise("E3.6", my_order, inputs.order_cases, judge=inputs.judge_order),
)
