"""Notebook 03's exercises: wrong answers as people write them, and the hint they are to get."""

import math

import numpy as np
import torch
from answers_03 import elbo_by_my_kl, gap_as_a_difference, sd
from torch.distributions import Normal, kl_divergence

from course_utils.exercises import ex03


def joint_weights(log_joint, z, mus, log_vars):
    """Log q with torch.distributions and the standard deviation where it belongs."""
    log_q = Normal(mus[:, None, None], sd(log_vars)[:, None]).log_prob(z)
    return log_q, z[1] - z[0]


def pick(score, mus, log_vars):
    i, j = divmod(score.argmax().item(), len(log_vars))
    return mus[i].item(), log_vars[j].item()


def fit_without_entropy(log_joint, z, mus, log_vars):
    log_q, step = joint_weights(log_joint, z, mus, log_vars)
    return pick((log_q.exp() * log_joint).sum(-1) * step, mus, log_vars)


def fit_by_kl_from_the_posterior(log_joint, z, mus, log_vars):
    log_q, step = joint_weights(log_joint, z, mus, log_vars)
    p = log_joint.exp() / (log_joint.exp().sum() * step)
    return pick(-(p * (p.log() - log_q)).sum(-1) * step, mus, log_vars)


def fit_with_var_as_scale(log_joint, z, mus, log_vars):
    log_q = Normal(mus[:, None, None], log_vars.exp()[:, None]).log_prob(z)
    return pick((log_q.exp() * (log_joint - log_q)).sum(-1), mus, log_vars)


def fit_with_least_loops(log_joint, z, mus, log_vars):
    least, found = math.inf, None
    for mu in mus:
        for log_var in log_vars:
            log_q = Normal(mu, sd(log_var)).log_prob(z)
            elbo = (log_q.exp() * (log_joint - log_q)).sum()
            if elbo < least:
                least, found = elbo, (mu, log_var)
    return found


def fit_without_spacing(log_joint, z, mus, log_vars):
    log_q, _ = joint_weights(log_joint, z, mus, log_vars)
    entropy = 0.5 * torch.log(2 * torch.pi * torch.e * log_vars.exp())
    return pick((log_q.exp() * log_joint).sum(-1) + entropy, mus, log_vars)


def fit_by_coordinates(log_joint, z, mus, log_vars):
    log_q, _ = joint_weights(log_joint, z, mus, log_vars)
    elbo = (log_q.exp() * (log_joint - log_q)).sum(-1)
    mu = mus[elbo[:, 0].argmax()]
    row = elbo[elbo[:, 0].argmax()]
    return mu, log_vars[row.argmax()]


def fit_with_e_of_p(log_joint, z, mus, log_vars):
    log_q, step = joint_weights(log_joint, z, mus, log_vars)
    return pick(torch.log((log_q.exp() * log_joint.exp()).sum(-1) * step), mus, log_vars)


def kl_of(m_q, s_q, m_p, s_p):
    return kl_divergence(Normal(m_q, s_q), Normal(m_p, s_p))


def kl_each(m, lv):
    """E3.1 of one latent, (B,)."""
    return ex03.my_kl(m[:, None], lv[:, None])


def rec(x, m, a, b, s):
    return Normal(a * m + b, s).log_prob(x)


def exact_rec(x, m, lv, a, b, s):
    return rec(x, m, a, b, s) - a**2 * lv.exp() / (2 * s**2)


def elbo_with_sigma_to_the_fourth(x, m, lv, a, b, s):
    return rec(x, m, a, b, s**2) - a**2 * lv.exp() / (2 * s**2) - kl_each(m, lv)


def elbo_with_the_log_outside(x, m, lv, a, b, s):
    return rec(x, m, a, b, (a**2 * lv.exp() + s**2) ** 0.5) - kl_each(m, lv)


def gap_the_other_way_round(x, m, lv, a, b, s):
    v = s**2 / (s**2 + a**2)
    return kl_of(a * (x - b) / (s**2 + a**2), v**0.5, m, sd(lv))


def gap_to_the_variance(x, m, lv, a, b, s):
    return kl_of(m, sd(lv), a * (x - b) / (s**2 + a**2), s**2 / (s**2 + a**2))


def gap_from_a_wide_evidence(x, m, lv, a, b, s):
    return Normal(b, a**2 + s**2).log_prob(x) - elbo_by_my_kl(x, m, lv, a, b, s)


SLIPS = [
    ("E3.1", "no half", lambda m, lv: (m.pow(2) + lv.exp() - lv - 1).sum(1)),
    ("E3.1", "sign", lambda m, lv: 0.5 * torch.sum(1 + lv - m**2 - lv.exp(), dim=1)),
    ("E3.1", "sum over the batch too", lambda m, lv: -0.5 * torch.sum(1 + lv - m**2 - lv.exp())),
    ("E3.1", "mean over latents", lambda m, lv: -0.5 * (1 + lv - m**2 - lv.exp()).mean(1)),
    ("E3.1", "not summed", lambda m, lv: kl_divergence(Normal(m, sd(lv)), Normal(0, 1))),
    ("E3.1", "sigma not squared", lambda m, lv: 0.5 * (m**2 + sd(lv) - 1 - lv).sum(1)),
    ("E3.1", "log_var as log sigma", lambda m, lv: kl_of(m, lv.exp(), 0, 1).sum(1)),
    ("E3.1", "no exp", lambda m, lv: 0.5 * (lv**2 + m**2 - 1 - 2 * lv.log()).sum(1)),
    ("E3.1", "prior first", lambda m, lv: kl_of(0, 1, m, sd(lv)).sum(1)),
    ("E3.1", "no minus one", lambda m, lv: 0.5 * (m**2 + lv.exp() - lv).sum(1)),
    ("E3.2", "arguments swapped", lambda m, lv, mp, lp: kl_of(mp, sd(lp), m, sd(lv)).sum(1)),
    ("E3.2", "sigma for variance", lambda m, lv, mp, lp: kl_of(m, lv.exp(), mp, lp.exp()).sum(1)),
    ("E3.2", "ignores p", lambda mq, lq, mp, lp: ex03.my_kl(mq, lq)),
    ("E3.3", "plug-in mean", lambda x, m, lv, a, b, s: rec(x, m, a, b, s) - kl_each(m, lv)),
    ("E3.3", "sigma not squared", elbo_with_sigma_to_the_fourth),
    ("E3.3", "log of the average", elbo_with_the_log_outside),
    ("E3.3", "log p(x)", lambda x, m, lv, a, b, s: Normal(b, math.hypot(a, s)).log_prob(x)),
    ("E3.3", "(B, B)", lambda *args: exact_rec(*args) - kl_each(*args[1:3])[:, None]),
    (
        "E3.3",
        "KL summed over the batch",
        lambda *args: exact_rec(*args) - kl_each(*args[1:3]).sum(),
    ),
    ("E3.3", "minus the ELBO", lambda *args: -elbo_by_my_kl(*args)),
    ("E3.4", "KL to the prior", lambda x, m, lv, *rest: kl_each(m, lv)),
    ("E3.4", "sign", lambda *args: -gap_as_a_difference(*args)),
    ("E3.4", "posterior first", gap_the_other_way_round),
    ("E3.4", "variance and standard deviation", gap_to_the_variance),
    ("E3.4", "evidence not right", gap_from_a_wide_evidence),
    ("E3.5", "no entropy", fit_without_entropy),
    ("E3.5", "forward KL", fit_by_kl_from_the_posterior),
    ("E3.5", "sigma for variance", fit_with_var_as_scale),
    ("E3.5", "the least", fit_with_least_loops),
    ("E3.5", "spacing forgotten", fit_without_spacing),
    ("E3.5", "one after the other", fit_by_coordinates),
    ("E3.5", "log of the average", fit_with_e_of_p),
    ("E3.6", "definition not first", lambda: [1, 2, 3, 4, 5, 6]),
    ("E3.6", "split before Bayes", lambda: np.array([3, 1, 5, 6, 2, 4])),
    ("E3.6", "counted from 0", lambda: torch.tensor([2, 4, 0, 5, 1, 3])),
]
