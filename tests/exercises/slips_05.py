"""Notebook 05's exercises: wrong answers as people write them, and the hint they are to get."""

import numpy as np
import torch
from answers_05 import bce, pixel_costs
from torch.distributions import Bernoulli, Normal
from torch.nn import functional
from torch.nn.functional import binary_cross_entropy_with_logits as all_costs

from course_utils import densities
from course_utils.exercises import ex05


def normal_with(pi, x, mean, sigma):
    return (-((x - mean) ** 2) / (2 * sigma**2) - 0.5 * np.log(2 * pi * sigma**2)).sum(1)


def the_classic(x, encode, decode, eps):
    """torch's averages over everything, the KL summed."""
    mu, log_var = encode(x)
    p = decode(mu + (log_var / 2).exp() * eps).sigmoid()
    kl = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=-1)
    return functional.binary_cross_entropy(p, x) + kl


def the_examples_of_old(x, encode, decode, eps):
    """Both summed over the batch."""
    mu, log_var = encode(x)
    p = decode(mu + (log_var / 2).exp() * eps).sigmoid()
    kl = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp())
    return functional.binary_cross_entropy(p, x, reduction="sum") + kl


def elbo_with(loss=None, bound=lambda log_var: log_var):
    """The right answer with another cost of a pixel, of x and the logits, or another log_var."""

    def answer(x, encode, decode, eps):
        mu, log_var = encode(x)
        log_var = bound(log_var)
        logits = decode(mu + torch.exp(0.5 * log_var) * eps)
        rec = bce(x, logits) if loss is None else loss(x, logits).sum(1)
        return rec - 0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1)

    return answer


def cost_by_log_of_sigmoid(x, logits):
    p = torch.sigmoid(logits)
    return -(x * p.log() + (1 - x) * (1 - p).log())


def cost_by_probability(x, logits):
    return functional.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none")


def elbo_with_the_wrong_kl_and_nan(x, encode, decode, eps):
    mu, log_var = encode(x)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)
    return cost_by_log_of_sigmoid(x, decode(mu + (log_var / 2).exp() * eps)).sum(1) - kl


def elbo_of_a_sample(x, encode, decode, eps):
    mu, log_var = encode(x)
    z = Normal(mu, (log_var / 2).exp()).sample()
    return bce(x, decode(z)) + densities.kl_to_standard_normal(mu, log_var)


def elbo_at_mu(x, encode, decode, eps):
    mu, log_var = encode(x)
    return bce(x, decode(mu)) + densities.kl_to_standard_normal(mu, log_var)


def elbo_with_z_under_no_grad(x, encode, decode, eps):
    mu, log_var = encode(x)
    with torch.no_grad():
        z = mu + (log_var / 2).exp() * eps
    return bce(x, decode(z)) + densities.kl_to_standard_normal(mu, log_var)


def elbo_all_under_no_grad(*args):
    with torch.no_grad():
        return ex05.my_negative_elbo(*args)


def epoch(rows=lambda values, batch: values[batch], sign=-1, clear=True):
    def answer(model, optimizer, x, eps, batches):
        losses = []
        for batch in batches:
            if clear:
                optimizer.zero_grad()
            loss = sign * model.elbo(x[batch], eps=rows(eps, batch)).elbo.mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return torch.tensor(losses)

    return answer


def epoch_that_clears_too_late(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        loss = -model.elbo(x[batch], eps=eps[batch]).elbo.mean()
        losses.append(loss.item())
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return torch.tensor(losses)


def epoch_without_the_last_step(model, optimizer, x, eps, batches):
    losses = []
    for i, batch in enumerate(batches):
        loss = -model.elbo(x[batch], eps=eps[batch]).elbo.mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        if i < len(batches) - 1:
            optimizer.step()
    return torch.tensor(losses)


def epoch_that_steps_before_the_next_loss(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        if losses:
            optimizer.zero_grad()
            losses[-1].backward()
            optimizer.step()
            losses[-1] = losses[-1].detach()
        losses.append(-model.elbo(x[batch], eps=eps[batch]).elbo.mean())
    return torch.stack(losses).detach()


def two_epochs(model, optimizer, x, eps, batches):
    first = ex05.my_epoch(model, optimizer, x, eps, batches)
    ex05.my_epoch(model, optimizer, x, eps, batches)
    return first


def two_steps_for_a_batch(model, optimizer, x, eps, batches):
    doubled = [batch for batch in batches for _ in range(2)]
    return ex05.my_epoch(model, optimizer, x, eps, doubled)[::2]


def epoch_that_leaves_no_trace(model, optimizer, x, eps, batches):
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    losses = ex05.my_epoch(model, optimizer, x, eps, batches)
    model.load_state_dict(before)
    return losses


def epoch_with_noise_of_its_own(model, optimizer, x, eps, batches):
    return ex05.my_epoch(model, optimizer, x, torch.randn_like(eps), batches)


def likeliest(decode, z, u):
    means = torch.sigmoid(decode(z))
    return means, means.round()


def tossed_inside(decode, z, u):
    p = Bernoulli(logits=decode(z))
    return p.probs, p.sample()


def two_slips_in_generate(decode, z, u):
    logits = decode(z)
    return logits, torch.sigmoid(logits) > 0.5


def mixed_logits(x, logits):
    p = torch.sigmoid(logits) + 1e-6
    return torch.sum(x * torch.log(p) + (1 - x) * torch.log(1 + 2e-6 - p), dim=1)


SLIPS = [
    ("E5.1", "one number for all", lambda x, lo: all_costs(lo, x)),
    ("E5.1", "one number for all", lambda x, lo: -cost_by_probability(x, lo).mean()),
    ("E5.1", "arguments exchanged", lambda x, lo: -all_costs(x, lo)),
    ("E5.1", "arguments exchanged", lambda x, lo: all_costs(x, lo, reduction="sum")),
    ("E5.1", "sigmoid twice", lambda x, lo: -all_costs(lo.sigmoid(), x)),
    ("E5.1", "cut short", lambda x, lo: (x * lo - functional.softplus(lo, threshold=5.0)).sum(1)),
    ("E5.1", "cut short", lambda x, lo: (x * lo - functional.softplus(lo, threshold=10)).sum(1)),
    ("E5.1", "the loss", bce),
    ("E5.1", "sigmoid twice", lambda x, lo: bce(x, lo.sigmoid())),
    ("E5.1", "sigmoid twice", lambda x, lo: Bernoulli(logits=lo.sigmoid()).log_prob(x).sum(-1)),
    ("E5.1", "clamped", lambda x, lo: Bernoulli(probs=lo.sigmoid()).log_prob(x).sum(-1)),
    ("E5.1", "clamped", mixed_logits),
    ("E5.1", "arguments exchanged", lambda x, lo: bce(lo, x)),
    ("E5.1", "mean over the pixels", lambda x, lo: bce(x, lo) / x.shape[1]),
    ("E5.1", "exp overflows", lambda x, lo: (x * lo - torch.log(1 + torch.exp(lo))).sum(1)),
    ("E5.1", "cut off", lambda x, lo: torch.tensor((-bce(x, lo)).tolist(), dtype=lo.dtype)),
    ("E5.2", "squared error alone", lambda x, m, s: ((x - m) ** 2).sum(1)),
    ("E5.2", "squared error alone", lambda x, m, s: functional.mse_loss(m, x)),
    ("E5.2", "squared twice", lambda x, m, s: Normal(m, s**2).log_prob(x).sum(-1)),
    ("E5.2", "not added up", lambda x, m, s: Normal(m, s).log_prob(x)),
    ("E5.2", "sigma not used", lambda x, m, s: Normal(m, 1.0).log_prob(x).sum(-1)),
    ("E5.2", "one number for all", lambda x, m, s: Normal(m, s).log_prob(x).sum()),
    ("E5.2", "pi rounded", lambda x, m, s: normal_with(3.14, x, m, s)),
    ("E5.2", "pi rounded", lambda x, m, s: normal_with(3.1416, x, m, s)),
    ("E5.2", "mean cut off", lambda x, m, s: Normal(m.data, s).log_prob(x).sum(-1)),
    ("E5.3", "mean over the pixels", the_classic),
    ("E5.3", "averaged over the batch", the_examples_of_old),
    ("E5.3", "sigmoid, then log", elbo_with(cost_by_log_of_sigmoid)),
    ("E5.3", "logits held up", elbo_with(cost_by_probability)),
    ("E5.3", "exp overflows", elbo_with(lambda x, lo: (1 + lo.exp()).log() - x * lo)),
    *(
        ("E5.3", "logits held up", elbo_with(lambda x, lo, c=c: pixel_costs(x, lo.clamp(-c, c))))
        for c in (3, 20, 100)
    ),
    *(
        ("E5.3", "log_var held", elbo_with(bound=lambda log_var, c=c: log_var.clamp(-c, c)))
        for c in (2, 5)
    ),
    ("E5.3", "KL subtracted", elbo_with_the_wrong_kl_and_nan),
    ("E5.3", "fresh noise", elbo_of_a_sample),
    ("E5.3", "no noise", elbo_at_mu),
    ("E5.3", "z cut off", elbo_with_z_under_no_grad),
    ("E5.3", "all cut off", elbo_all_under_no_grad),
    ("E5.4", "uphill", epoch(sign=1)),
    ("E5.4", "gradients pile up", epoch(clear=False)),
    ("E5.4", "noise by position", epoch(rows=lambda eps, batch: eps[: len(batch)])),
    ("E5.4", "nothing changes", epoch_that_clears_too_late),
    ("E5.4", "fresh noise", epoch_with_noise_of_its_own),
    ("E5.4", "the last step is missing", epoch_without_the_last_step),
    ("E5.4", "the last step is missing", epoch_that_steps_before_the_next_loss),
    ("E5.4", "trained more than once", two_epochs),
    ("E5.4", "trained more than once", two_steps_for_a_batch),
    ("E5.4", "the weights are put back", epoch_that_leaves_no_trace),
    ("E5.5", "threshold at 1/2", likeliest),
    ("E5.5", "coins of its own", tossed_inside),
    ("E5.5", "logits as means", two_slips_in_generate),
    ("E5.5", "not both", lambda decode, z, u: (u < decode(z).sigmoid()).float()),
    ("E5.5", "not both", lambda decode, z, u: Bernoulli(logits=decode(z)).sample()),
    ("E5.5", "not both", lambda decode, z, u: decode(z).sigmoid().numpy()),
]


def cost_cut_short(threshold):
    return lambda x, logits: functional.softplus(logits, threshold=threshold) - x * logits


REFUSED = [("E5.3", f"cut short at {t}", elbo_with(cost_cut_short(t))) for t in (5.0, 10.0)]


def elbo_that_changes_a_weight(x, encode, decode, eps):
    value = ex05.my_negative_elbo(x, encode, decode, eps)
    decode *= 0.9
    return value


def epoch_that_keeps_its_graphs(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        losses.append(-model.elbo(x[batch], eps=eps[batch]).elbo.mean())
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    return torch.stack(losses)


def epoch_on_a_vector(model, optimizer, x, eps, batches):
    for batch in batches:
        (-model.elbo(x[batch], eps=eps[batch]).elbo).backward()


SAID = [
    ("E5.3", "changes its input number 3", elbo_that_changes_a_weight),
    ("E5.4", "the `.mean()` if it is the loss of a batch", epoch_on_a_vector),
    ("E5.4", "you return still holds all that it was computed from", epoch_that_keeps_its_graphs),
    ("E5.4", "`torch.tensor(...)` makes one of it", lambda *args: ex05.my_epoch(*args).tolist()),
    ("E5.4", "eps should be (4, 3)", epoch(rows=lambda eps, batch: eps[:1])),
    ("E5.4", "eps should be (4, 3)", epoch(rows=lambda eps, batch: eps)),
]
