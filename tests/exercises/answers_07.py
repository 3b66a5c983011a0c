"""Notebook 07's exercises: right answers in other forms, and wrong ones of no known slip."""

import numpy as np
import torch
from torch.distributions import Independent, Normal, kl_divergence

from course_utils import densities


def bound_by_distributions(x, y, eps, encode, prior, log_likelihood):
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    q = Independent(Normal(mu, log_var.exp().sqrt()), 1)
    p = Independent(Normal(mu_p, log_var_p.exp() ** 0.5), 1)
    elbo = log_likelihood(x, q.mean + q.stddev * eps, y).mean(0) - kl_divergence(q, p)
    return -elbo


def bound_by_the_package(x, y, eps, encode, prior, log_likelihood):
    q, p = densities.DiagonalNormal(*encode(x, y)), densities.DiagonalNormal(*prior(y))
    return densities.kl(q, p) - log_likelihood(x, q.rsample(eps), y).mean(dim=0)


def bound_by_a_loop(x, y, eps, encode, prior, log_likelihood):
    mu, log_var = encode(x, y)
    mu_p, log_var_p = prior(y)
    rec = 0.0
    for noise in eps:
        rec = rec + log_likelihood(x, mu + torch.exp(0.5 * log_var) * noise, y) / len(eps)
    kl = 0.0
    for i in range(mu.shape[1]):
        v, v_p = log_var[:, i].exp(), log_var_p[:, i].exp()
        kl = kl + 0.5 * ((v_p / v).log() + (v + (mu[:, i] - mu_p[:, i]) ** 2) / v_p - 1)
    return kl - rec


def bound_of_each_draw(x, y, eps, encode, prior, log_likelihood):
    """One mean at the end, of K bounds that have the KL in common."""
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    z = torch.stack([mu + (log_var / 2).exp() * noise for noise in eps])
    rec = log_likelihood(x, z, y)
    d = (mu - mu_p) * (-log_var_p / 2).exp()
    kl = (d**2 + (log_var - log_var_p).exp()).sum(1) - mu.shape[1] + (log_var_p - log_var).sum(1)
    return (kl / 2 - rec).mean(0)


def style_by_a_loop(x, y, encode, decode, classes):
    logits = torch.empty(len(x), classes, x.shape[1])
    rows = np.eye(classes)
    for i in range(len(x)):
        mu, _ = encode(x[i : i + 1], torch.tensor(rows[[y[i]]]))
        for digit in range(classes):
            logits[i, digit] = decode(mu[0], torch.tensor(rows[[digit]]))
    return logits


ROUTES = [
    *(("E7.2", form) for form in (bound_by_distributions, bound_by_the_package)),
    (
        "E7.4",  # the mean picture by equation 7.10, the best by its index
        "`of_the_mean = errors.mean(0) - completions.var(0, correction=0).sum(1)`, `errors.min("
        "dim=0).values` → `errors.gather(0, errors.argmin(0, keepdim=True)).squeeze(0)`",
    ),
]
OTHER_FORMS = [
    ("E7.1", "`rows = torch.zeros(len(y), classes).scatter_(1, y[:, None], 1.0)`"),
    ("E7.1", "`rows = y[:, None] == torch.arange(classes)`, `.to(h.dtype)` → nothing"),
    ("E7.1", "`.to(h.dtype)` → nothing"),
    ("E7.1", "`rows = torch.eye(classes)[y]`, `.to(h.dtype)` → nothing"),
    *(("E7.2", form) for form in (bound_by_a_loop, bound_of_each_draw)),
    ("E7.2", "`log_likelihood(x, z, y)` → `log_likelihood(x, z.float(), y)`"),
    ("E7.3", style_by_a_loop),
    ("E7.3", "`.to(x.dtype)` → nothing, `return decode(mu[:, None], torch.eye(classes).long())`"),
    (
        "E7.3",
        "`z = mu.repeat_interleave(classes, 0)`, "
        "`return decode(z, torch.eye(classes).repeat(len(x), 1)).reshape(len(x), classes, -1)`",
    ),
    (
        "E7.3",
        "`return torch.stack([decode(mu, row.expand(len(x), -1)) for row in "
        "torch.eye(classes).long()], dim=1)`",
    ),
    (
        "E7.3",
        "`z = mu[:, None].repeat(1, classes, 1)`, "
        "`return decode(z, torch.eye(classes).repeat(len(x), 1, 1))`",
    ),
    (
        "E7.3",
        "`z = mu.expand(classes, -1, -1)`, `return decode(z, "
        "torch.eye(classes)[:, None].expand(-1, len(x), -1)).transpose(0, 1).numpy()`",
    ),
]


def held(values, low, high):
    """As an edit: mu or log_var, of q and of the prior, between two numbers."""
    networks = {"": "mu, log_var = encode(x, y)", "_p": "mu_p, log_var_p = prior(y)"}
    return ", ".join(
        f"`{call}` → `{call}; {values}{of} = {values}{of}.clamp({low}, {high})`"
        for of, call in networks.items()
    )


def free_bits(least):
    """As an edit: no latent's KL counts for less than this."""
    each = "(0.5 * (log_ratio.exp() + squared - 1 - log_ratio))"
    return f"`kl = {each}.clamp(min={least}).sum(dim=-1)`"


# Right for numbers of moderate size, and not further out.
REFUSED = [
    *(("E7.1", f"{n} classes", f"`rows = torch.eye({n})[y][:, :classes]`") for n in (5, 10)),
    ("E7.2", "no sign", "`return (kl - rec).abs()`"),
    ("E7.2", "never below 0", "`return (kl - rec).clamp(min=0)`"),
    ("E7.2", "rec below 0", "`rec = -log_likelihood(x, z, y).abs().mean(dim=0)`"),
    ("E7.2", "rec not above 0", "`rec = log_likelihood(x, z, y).clamp(max=0).mean(dim=0)`"),
    ("E7.2", "rec above -100", "`rec = log_likelihood(x, z, y).clamp(min=-100).mean(dim=0)`"),
    *(("E7.2", f"{least} free bits", free_bits(least)) for least in (0.03, 0.1)),
    *(("E7.2", f"log_var to {n}", held("log_var", -n, n)) for n in (1.5, 5)),
    *(("E7.2", f"mu to {n}", held("mu", -n, n)) for n in (2.5, 3)),
    *(
        ("E7.3", f"logits to {n}", f"`return decode(z, torch.eye(classes).to(x)).clamp(-{n}, {n})`")
        for n in (4, 10)
    ),
    ("E7.4", "completions to 1", "`errors =` → `completions = completions.clamp(0, 1); errors =`"),
    ("E7.4", "x to 1", "`errors =` → `x = x.clamp(0, 1); errors =`"),
]

SAID = [("E7.4", "expected 3 values, `one`", "`return errors.mean(dim=0)`")]
