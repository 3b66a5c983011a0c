"""Notebook 07's exercises: wrong answers as people write them, and the hint they are to get."""

import math

import torch
from learner import wrong
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from course_utils import densities
from course_utils.exercises import ex06, ex07


def kl_of(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp(), dim=-1)


def bound_of_notebook_05(x, y, eps, encode, prior, log_likelihood):
    """As E5.3 has it, with y in the networks; the prior is asked and not used."""
    mu, log_var = encode(x, y)
    prior(y)
    rec = log_likelihood(x, mu + torch.exp(0.5 * log_var) * eps, y).mean(0)
    return kl_of(mu, log_var) - rec


def bound_with(*, kl=lambda q, p: kl_divergence(q, p).sum(-1), rec=lambda recs: recs.mean(0)):
    def answer(x, y, eps, encode, prior, log_likelihood):
        q, p = (Normal(mu, (lv / 2).exp()) for mu, lv in (encode(x, y), prior(y)))
        return kl(q, p) - rec(log_likelihood(x, q.mean + q.stddev * eps, y))

    return answer


def bound_of_samples(x, y, eps, encode, prior, log_likelihood):
    q, p = (Normal(mu, (lv / 2).exp()) for mu, lv in (encode(x, y), prior(y)))
    return kl_divergence(q, p).sum(-1) - log_likelihood(x, q.rsample(eps.shape[:1]), y).mean(0)


def iwae(x, y, eps, encode, prior, log_likelihood):
    q, p = (Normal(mu, (lv / 2).exp()) for mu, lv in (encode(x, y), prior(y)))
    z = q.mean + q.stddev * eps
    log_w = log_likelihood(x, z, y) + (p.log_prob(z) - q.log_prob(z)).sum(-1)
    return math.log(len(eps)) - torch.logsumexp(log_w, dim=0)


def bound_at_mu(x, y, eps, encode, prior, log_likelihood):
    q, p = (densities.DiagonalNormal(*pair) for pair in (encode(x, y), prior(y)))
    return densities.kl(q, p) - log_likelihood(x, q.mu, y)


def bound_with_z_under_no_grad(x, y, eps, encode, prior, log_likelihood):
    q, p = (densities.DiagonalNormal(*pair) for pair in (encode(x, y), prior(y)))
    with torch.no_grad():
        z = q.rsample(eps)
    return densities.kl(q, p) - log_likelihood(x, z, y).mean(0)


def bound_with_the_prior_under_no_grad(x, y, eps, encode, prior, log_likelihood):
    with torch.no_grad():
        p = densities.DiagonalNormal(*prior(y))
    q = densities.DiagonalNormal(*encode(x, y))
    return densities.kl(q, p) - log_likelihood(x, q.rsample(eps), y).mean(0)


def bound_all_under_no_grad(*args):
    with torch.no_grad():
        return ex07.my_negative_bound(*args)


def bound_with_logs_of_log_var(x, y, eps, encode, prior, log_likelihood):
    """As E3.2 might have been copied, with variances for arguments."""
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    rec = log_likelihood(x, mu + torch.exp(0.5 * log_var) * eps, y).mean(0)
    logs = torch.log(log_var_p) - torch.log(log_var)
    return 0.5 * (logs + (log_var + (mu - mu_p) ** 2) / log_var_p - 1).sum(-1) - rec


def hot_columns(h, y, classes):
    rows = torch.zeros(len(h), classes)
    rows[:, y] = 1
    return torch.cat([h, rows], 1)


def embedded(h, y, classes):
    return torch.cat([h, torch.nn.Embedding(classes, classes)(y)], 1)


def style_sampled(x, y, encode, decode, classes):
    mu, log_var = encode(x, functional.one_hot(y, classes))
    z = Normal(mu, (log_var / 2).exp()).sample((classes,)).transpose(0, 1)
    return decode(z, torch.eye(classes))


def style_of_the_prior(x, y, encode, decode, classes):
    z = torch.randn(len(x), 1, encode.shape[1] // 2)
    return decode(z, torch.eye(classes))


def style_in_columns(x, y, encode, decode, classes):
    mu, _ = encode(x, functional.one_hot(y, classes))
    return torch.stack([decode(mu, row[None]) for row in torch.eye(classes)])


def style_flat_the_wrong_way(x, y, encode, decode, classes):
    mu, _ = encode(x, torch.eye(classes)[y])
    z, rows = mu.repeat(classes, 1), torch.eye(classes).repeat_interleave(len(x), 0)
    return decode(z, rows).view(len(x), classes, -1)


def errors_as_mse(x, completions):
    errors = torch.stack([functional.mse_loss(c, x, reduction="none").mean(1) for c in completions])
    return errors.mean(0), ((completions.mean(0) - x) ** 2).mean(1), errors.min(0).values


def two_slips_in_errors(x, completions):
    """The first part has a slip of its own, the third too: the first is told."""
    errors = (completions - x).pow(2).sum(-1)
    return errors.sum(0), ((completions.mean(0) - x) ** 2).sum(-1), errors.max(0).values


SLIPS = [
    ("E7.1", "the label as a number", lambda h, y, classes: torch.hstack([h, y[:, None].float()])),
    ("E7.1", "the label, scaled", lambda h, y, c: torch.cat([h, y[:, None] / (c - 1)], 1)),
    ("E7.1", "all labels in each row", hot_columns),
    ("E7.1", "random rows", embedded),
    (
        "E7.1",
        "as long as the largest label",
        lambda h, y, c: torch.hstack([h, torch.eye(y.max() + 1)[y]]),
    ),
    ("E7.1", "label first", lambda h, y, c: torch.cat([torch.eye(c)[y], h], 1)),
    (
        "E7.1",
        "h in whole numbers",
        lambda h, y, c: torch.cat([h.to(y.dtype), functional.one_hot(y, c)], 1),
    ),
    (
        "E7.1",
        "h cut off",
        lambda h, y, c: torch.cat([torch.tensor(h.tolist()), torch.eye(c)[y]], 1),
    ),
    ("E7.2", "KL to N(0, I)", bound_of_notebook_05),
    ("E7.2", "log_var taken for a variance", bound_with_logs_of_log_var),
    ("E7.2", "KL the other way round", bound_with(kl=lambda q, p: kl_divergence(p, q).sum(-1))),
    ("E7.2", "mean over the latents", bound_with(kl=lambda q, p: kl_divergence(q, p).mean(-1))),
    ("E7.2", "summed over the draws", bound_with(rec=lambda recs: recs.sum(0))),
    ("E7.2", "best of the draws", bound_with(rec=lambda recs: recs.amax(0))),
    ("E7.2", "log of the mean", bound_with(rec=lambda recs: recs.exp().mean(0).log())),
    ("E7.2", "one term reduced over the batch", bound_with(rec=torch.mean)),
    ("E7.2", "importance weights", iwae),
    ("E7.2", "fresh noise", bound_of_samples),
    ("E7.2", "no noise", bound_at_mu),
    ("E7.2", "z cut off", bound_with_z_under_no_grad),
    ("E7.2", "the prior cut off", bound_with_the_prior_under_no_grad),
    ("E7.2", "all cut off", bound_all_under_no_grad),
    ("E7.3", "a draw for z", style_sampled),
    ("E7.3", "a draw for z", style_of_the_prior),
    ("E7.3", "axes exchanged", style_in_columns),
    ("E7.3", "hands mixed", style_flat_the_wrong_way),
    ("E7.3", "not logits", lambda *args: ex07.my_same_style(*args).sigmoid().numpy()),
    ("E7.4", "mean over the pixels", errors_as_mse),
    ("E7.4", "summed over the draws", two_slips_in_errors),
]


def clamped(name, low, high):
    """mu or log_var of q and of the prior between two numbers."""
    position = ("mu", "log_var").index(name)

    def answer(x, y, eps, encode, prior, log_likelihood):
        q, p = [*encode(x, y)], [*prior(y)]
        for pair in (q, p):
            pair[position] = pair[position].clamp(low, high)
        return ex07.my_negative_bound(x, y, eps, lambda *_: q, lambda _: p, log_likelihood)

    return answer


def free_bits(least):
    """No latent's KL counts for less than `least`."""
    return bound_with(kl=lambda q, p: kl_divergence(q, p).clamp(min=least).sum(-1))


def one_hot_of(most):
    """Rows for `most` classes at most."""
    return lambda h, y, classes: torch.cat([h, torch.eye(most)[y][:, :classes]], dim=1)


# Right for numbers of moderate size, and not further out.
REFUSED = [
    *(("E7.1", f"{most} classes", one_hot_of(most)) for most in (5, 10)),
    ("E7.2", "no sign", lambda *args: ex07.my_negative_bound(*args).abs()),
    ("E7.2", "never below 0", lambda *args: ex07.my_negative_bound(*args).clamp(min=0)),
    ("E7.2", "rec below 0", bound_with(rec=lambda recs: -recs.abs().mean(0))),
    ("E7.2", "rec not above 0", bound_with(rec=lambda recs: recs.clamp(max=0).mean(0))),
    ("E7.2", "rec above -100", bound_with(rec=lambda recs: recs.clamp(min=-100).mean(0))),
    *(("E7.2", f"{least} free bits", free_bits(least)) for least in (0.03, 0.1)),
    *(("E7.2", f"log_var to {n}", clamped("log_var", -n, n)) for n in (1.5, 5)),
    *(("E7.2", f"mu to {n}", clamped("mu", -n, n)) for n in (2.5, 3)),
    ("E7.3", "logits to 4", lambda *args: ex07.my_same_style(*args).clamp(-4, 4)),
    ("E7.3", "logits to 10", lambda *args: ex07.my_same_style(*args).clamp(-10, 10)),
    ("E7.4", "completions to 1", lambda x, draws: ex07.my_errors(x, draws.clamp(0, 1))),
    ("E7.4", "x to 1", lambda x, draws: ex07.my_errors(x.clamp(0, 1), draws)),
]


def half_of_it_as_a_stack(*args):
    return torch.stack(wrong("E7.4", "half of it")(*args))


SAID = [
    ("E7.4", "expected 3 values, `one`", half_of_it_as_a_stack),
    ("E6.3", "expected 2 values", lambda *args: torch.stack(ex06.my_aggregated_moments(*args))),
]
