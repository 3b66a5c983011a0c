"""Notebook 05's exercises: right answers in other forms, and wrong ones of no known slip."""

import numpy as np
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence
from torch.nn import functional

from course_utils import densities
from course_utils.exercises import ex05


def bce(x, logits):
    costs = functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return costs.sum(-1)


def gaussian_nll(x, mean, sigma):
    var = torch.full_like(x, sigma**2)
    return -functional.gaussian_nll_loss(mean, x, var, full=True, reduction="none").sum(-1)


def elbo_by_distributions(x, encode, decode, eps):
    mu, log_var = encode(x)
    q = Independent(Normal(mu, torch.exp(0.5 * log_var)), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    z = q.mean + q.stddev * eps
    return -(Independent(Bernoulli(logits=decode(z)), 1).log_prob(x) - kl_divergence(q, p))


def elbo_by_the_package(x, encode, decode, eps):
    q = densities.DiagonalNormal(*encode(x))
    kl = densities.kl_to_standard_normal(q.mu, q.log_var)
    return kl - densities.log_bernoulli(x, decode(q.rsample(eps)))


def elbo_by_a_loop(x, encode, decode, eps):
    values = []
    for i in range(len(x)):
        mu, log_var = encode(x[i : i + 1])
        logits = decode(mu + torch.exp(log_var / 2) * eps[i])
        kl = (mu**2 + log_var.exp() - 1 - log_var).sum() / 2
        values.append(bce(x[i], logits[0]) + kl)
    return torch.stack(values)


def epoch_with_a_closure(model, optimizer, x, eps, batches):
    def step(batch):
        def closure():
            optimizer.zero_grad(set_to_none=False)
            loss = torch.mean(-model.elbo(x[batch], eps=eps[batch]).elbo)
            loss.backward()
            return loss

        return optimizer.step(closure).detach()

    return torch.stack([step(batch) for batch in batches])


def epoch_by_parts(model, optimizer, x, eps, batches):
    model.train()
    losses = []
    for batch in batches:
        q = model.encode(x[batch])
        rec = model.log_likelihood(x[batch], q.rsample(eps[batch]))
        loss = (densities.kl_to_standard_normal(q.mu, q.log_var) - rec).mean(dim=0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses += [loss.tolist()]
    return torch.tensor(losses)


def epoch_on_e5_3(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        loss = ex05.my_negative_elbo(x[batch], model.encode, model.decode, eps[batch]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().double())
    return torch.stack(losses)


ROUTES = [
    ("E5.1", densities.log_bernoulli),
    ("E5.1", lambda x, lo: Independent(Bernoulli(logits=lo), 1).log_prob(x)),
    ("E5.2", lambda x, mean, s: densities.log_normal(x, mean, torch.full_like(x, 2 * np.log(s)))),
    ("E5.2", lambda x, mean, sigma: Normal(mean, sigma).log_prob(x).sum(-1)),
    ("E5.3", elbo_by_distributions),
    ("E5.3", elbo_by_the_package),
]
OTHER_FORMS = [
    ("E5.1", lambda x, lo: (x * lo - lo.clamp(min=0) - (-lo.abs()).exp().log1p()).sum(1)),
    ("E5.1", lambda x, lo: -bce(x, lo)),
    ("E5.1", lambda x, lo: (x * lo).sum(1) - torch.logaddexp(lo, torch.zeros_like(lo)).sum(1)),
    ("E5.1", lambda x, lo: -functional.softplus((1 - 2 * x) * lo).sum(1)),
    ("E5.1", lambda x, lo: functional.logsigmoid(torch.where(x == 1, lo, -lo)).sum(1)),
    ("E5.1", lambda x, lo: ex05.my_log_bernoulli(x.double(), lo.double())),
    ("E5.2", gaussian_nll),
    ("E5.2", lambda x, mean, s: Normal(mean.float(), s).log_prob(x.float()).sum(-1)),
    ("E5.3", elbo_by_a_loop),
    (
        "E5.3",  # where x picks a branch, it has no gradient, and needs none
        "`rec = torch.nn.functional.logsigmoid(torch.where(x > 0.5, logits, -logits)).sum(-1)`",
    ),
    *(("E5.4", form) for form in (epoch_with_a_closure, epoch_by_parts, epoch_on_e5_3)),
    (
        "E5.4",
        "`optimizer.zero_grad()` → nothing, `optimizer.step()` → `optimizer.step(); "
        "optimizer.zero_grad()`, `loss.detach()` → `loss.item()`, `return torch.tensor(losses)`",
    ),
    (
        "E5.4",
        "`loss = ((terms := model.elbo(x[batch], eps=eps[batch])).kl - terms.rec).sum() / "
        "len(batch)`, `optimizer.zero_grad()` → `model.zero_grad()`, `loss.detach()` → "
        "`loss.item()`, `return np.array(losses)`",
    ),
    (
        "E5.5",
        "`means = 1 / (1 + np.exp(-decode(z).detach().numpy()))`, "
        "`x = np.where(u.numpy() < means, 1.0, 0.0)`",
    ),
    (
        "E5.5",
        "`means = decode(z).sigmoid().float()`, `x = (u.float() <= means).float()`, "
        "`return [means, x]`",
    ),
    (
        "E5.5",
        "`means = torch.stack([torch.distributions.Bernoulli(logits=decode(one)).mean for one in "
        "z])`, `x = torch.zeros_like(means); x[u < means] = 1`",
    ),
    ("E5.5", "`x = u < means`"),
    ("E5.5", "`x = (u < means).long()`"),
    ("E5.5", "`x = torch.ceil(means - u)`"),
    ("E5.5", "`x = (u.logit() < decode(z)).double()`"),
]

REFUSED = [
    ("E5.3", f"cut short at {most}", f"`softplus(logits)` → `softplus(logits, threshold={most})`")
    for most in (5.0, 10.0)
]
REFUSED += [
    ("E5.3", f"free bits of {least}", f"`kl - rec` → `kl.clamp(min={least}) - rec`")
    for least in (0.03, 0.05, 0.2)
]

SAID = [
    ("E5.3", "changes its input number 3", "`return` → `decode *= 0.9; return`"),
    ("E5.4", "the `.mean()` if it is the loss of a batch", "`.mean()` → nothing"),
    ("E5.4", "you return still holds all that it was computed from", "`.detach()` → nothing"),
    ("E5.4", "`torch.tensor(...)` makes one of it", "`return [loss.item() for loss in losses]`"),
    ("E5.4", "eps should be (4, 3)", "`eps=eps[batch]` → `eps=eps[:1]`"),
    ("E5.4", "eps should be (4, 3)", "`eps=eps[batch]` → `eps=eps`"),
]
