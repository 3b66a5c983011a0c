"""Notebook 04, E4.4: what people write instead of the estimators A and B, a hint for each."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Normal

from course_utils.exercises._exercise import Mistake

Pair = tuple[Tensor, Tensor]


def _sigma(log_var: Tensor) -> Tensor:
    return (log_var / 2).exp()


def _log_normal(z: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
    return Normal(mu, sigma).log_prob(z).sum(-1)


def _kl(mu: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)


def _log_mean_exp(a: Tensor) -> Tensor:
    return torch.logsumexp(a, 0) - math.log(len(a))


class _Terms:
    """The terms of eq. 4.9 and 4.10 for one set of inputs; `spread` replaces sigma in z."""

    def __init__(self, model, x, mu, log_var, eps, spread=_sigma):
        self.mu, self.log_var, self.eps = mu, log_var, eps
        self.z = mu + spread(log_var) * eps
        self.log_px_z = model.log_likelihood(x, self.z)
        self.log_pz = model.log_prior(self.z)
        self.log_qz = _log_normal(self.z, mu, _sigma(log_var))
        self.kl = _kl(mu, log_var)
        self.log_w = self.log_px_z + self.log_pz - self.log_qz
        self.a, self.b = self.log_w.mean(0), self.log_px_z.mean(0) - self.kl


def _wrong(change: Callable[[_Terms], Pair]) -> Callable[..., Pair]:
    return lambda *args: change(_Terms(*args))


def _a_is(a: Callable[[_Terms], Tensor]) -> Callable[..., Pair]:
    """Another A, with the right B."""
    return _wrong(lambda t: (a(t), t.b))


def _b_is(b: Callable[[_Terms], Tensor]) -> Callable[..., Pair]:
    """Another B, with the right A."""
    return _wrong(lambda t: (t.a, b(t)))


def _both(change: Callable[[Tensor], Tensor]) -> Callable[..., Pair]:
    return _wrong(lambda t: (change(t.a), change(t.b)))


def _with_spread(spread: Callable[[Tensor], Tensor]) -> Callable[..., Pair]:
    """Draws with another spread, evaluated under the right q."""

    def wrong(*args):
        terms = _Terms(*args, spread)
        return terms.a, terms.b

    return wrong


def _eps_as_z(model, x, mu, log_var, eps):
    log_px_z = model.log_likelihood(x, eps)
    log_w = log_px_z + model.log_prior(eps) - _log_normal(eps, mu, _sigma(log_var))
    return log_w.mean(0), log_px_z.mean(0) - _kl(mu, log_var)


SGVB = (
    Mistake(
        "the two exchanged",
        _wrong(lambda t: (t.b, t.a)),
        "Both are right, in the wrong order: A samples all its terms, B has its KL as a formula.",
    ),
    Mistake(
        "A twice",
        _b_is(lambda t: t.a),
        "Your B is A again: its KL is an average over draws. In B the KL is a formula, equation "
        "3.4, and only log p(x|z) is averaged.",
    ),
    Mistake(
        "B twice",
        _a_is(lambda t: t.b),
        "Your A is B again: its KL is a formula. In A all three terms are averaged over the draws: "
        "log p(x|z), log p(z) and log q(z).",
    ),
    Mistake(
        "A without p(z)",
        _a_is(lambda t: (t.log_px_z - t.log_qz).mean(0)),
        "In A, log p(z) is missing: log p(x, z) is log p(x|z) plus log p(z), `model.log_prior(z)`.",
    ),
    Mistake(
        "A without q",
        _a_is(lambda t: (t.log_px_z + t.log_pz).mean(0)),
        "In A, log q(z) is missing: without it the best q would be a spike on the likeliest z. "
        "What q is worth is its entropy, the mean of -log q (equation 3.15).",
    ),
    Mistake(
        "product of logs",
        _a_is(lambda t: (t.log_px_z * t.log_pz - t.log_qz).mean(0)),
        "You multiply or divide the logarithms themselves. log p(x, z) is a sum, log p(x|z) plus "
        "log p(z), and q's logarithm is subtracted.",
        also_wrong=(
            _a_is(lambda t: (t.log_px_z * t.log_pz / t.log_qz).mean(0)),
            _a_is(lambda t: ((t.log_px_z + t.log_pz) / t.log_qz).mean(0)),
        ),
    ),
    Mistake(
        "A plus log q",
        _a_is(lambda t: (t.log_px_z + t.log_pz + t.log_qz).mean(0)),
        "In A, log q(z) enters with the wrong sign. It is subtracted: the KL is a mean of log q - "
        "log p, and the KL is subtracted.",
        also_wrong=(_a_is(lambda t: (t.log_px_z - t.log_pz + t.log_qz).mean(0)),),
    ),
    Mistake(
        "A without p(x|z)",
        _a_is(lambda t: (t.log_pz - t.log_qz).mean(0)),
        "Your A is the sampled -KL alone: log p(x|z) is missing.",
    ),
    Mistake(
        "log q with another variance",
        _a_is(lambda t: t.a + (t.log_qz - _log_normal(t.z, t.mu, t.log_var.exp())).mean(0)),
        "A is wrong by its log q: the density there has another spread than the draws. "
        "`torch.distributions.Normal` takes a standard deviation, the course's `log_normal` a "
        "log_var.",
        also_wrong=(
            _a_is(lambda t: t.a + (t.log_qz - _log_normal(t.z, t.mu, 1.0)).mean(0)),
            _a_is(lambda t: t.a + (t.log_qz - _log_normal(t.z, t.mu, _sigma(-t.log_var))).mean(0)),
            _a_is(
                lambda t: t.a + (t.log_qz - _log_normal(t.z, t.mu, _sigma(t.log_var / 2))).mean(0)
            ),
        ),
    ),
    Mistake(
        "log q of eps",
        _a_is(lambda t: t.a + (t.log_qz - _log_normal(t.eps, 0.0, 1.0)).mean(0)),
        "You took log N(eps; 0, I) for log q(z). Stretching by sigma thins the density out: "
        "equation 1.2, one log sigma for each latent is missing.",
        also_wrong=(
            _a_is(lambda t: t.a + (t.log_qz - _log_normal(t.eps, t.mu, _sigma(t.log_var))).mean(0)),
        ),
    ),
    Mistake(
        "importance bound",
        _a_is(lambda t: _log_mean_exp(t.log_w)),
        "Your A is the log of the average weight: notebook 02's importance sampling, an estimate "
        "of log p(x) and not of the ELBO. Here logs are averaged.",
        also_wrong=(_a_is(lambda t: torch.logsumexp(t.log_w, 0)),),
    ),
    Mistake(
        "log of the mean likelihood",
        _b_is(lambda t: _log_mean_exp(t.log_px_z) - t.kl),
        "Your B takes the log of the mean of p(x|z). The ELBO has the mean of log p(x|z), which "
        "is lower (Jensen); the log stands inside.",
        also_wrong=(
            _b_is(lambda t: t.log_px_z.exp().mean(0) - t.kl),
            _b_is(lambda t: torch.logsumexp(t.log_px_z, 0) - t.kl),
        ),
    ),
    Mistake(
        "B plus KL",
        _b_is(lambda t: t.log_px_z.mean(0) + t.kl),
        "In B the KL is added. It is the price of q, and is subtracted.",
    ),
    Mistake(
        "B without KL",
        _b_is(lambda t: t.log_px_z.mean(0)),
        "Your B is its first term alone: the KL is missing.",
    ),
    Mistake(
        "KL averaged over the latents",
        _b_is(lambda t: t.log_px_z.mean(0) - t.kl / t.mu.shape[-1]),
        "B's KL is averaged over the latents. KLs of independent coordinates add up.",
        also_wrong=(_b_is(lambda t: t.log_px_z.mean(0) - t.kl.sum()),),
    ),
    Mistake(
        "KL without its half",
        _b_is(lambda t: t.log_px_z.mean(0) - 2 * t.kl),
        "B's KL is another than equation 3.4: 1/2 (mu^2 + exp(log_var) - 1 - log_var), summed over "
        "the latents. Are the half, the -1 and all signs there, and is log_var the log of the "
        "variance?",
        also_wrong=(
            _b_is(lambda t: t.b - 0.5 * t.mu.shape[-1]),
            _b_is(lambda t: t.b - 0.5 * (_sigma(t.log_var) - t.log_var.exp()).sum(-1)),
            _b_is(lambda t: t.log_px_z.mean(0) - _kl(t.mu, 2 * t.log_var)),
            _b_is(lambda t: t.log_px_z.mean(0) - _kl(t.mu, t.log_var / 2)),
            _b_is(lambda t: t.b - t.log_var.sum(-1)),
        ),
    ),
    Mistake(
        "sum over the draws",
        _wrong(lambda t: (t.log_w.sum(0), t.log_px_z.sum(0) - t.kl)),
        "Draws are summed where they should be averaged: twice as many draws would double your "
        "estimate. Take the mean over axis 0, of length K.",
        also_wrong=(
            _a_is(lambda t: t.log_w.sum(0)),
            _b_is(lambda t: t.log_px_z.sum(0) - t.kl),
            _b_is(lambda t: t.log_px_z.sum(0) - len(t.eps) * t.kl),
        ),
    ),
    Mistake(
        "averaged over the batch",
        _both(Tensor.mean),
        "The B examples have been averaged (or summed) away. Each x has its own ELBO, (B,): the "
        "draws are the first axis of (K, B).",
        also_wrong=(
            _both(Tensor.sum),
            _wrong(lambda t: (t.log_w.mean(1), (t.log_px_z - t.kl).mean(1))),
        ),
    ),
    Mistake(
        "not averaged",
        _wrong(lambda t: (t.log_w, t.log_px_z - t.kl)),
        "One value for each draw comes back, (K, B). Equations 4.9 and 4.10 take the mean over "
        "the K draws.",
    ),
    Mistake(
        "losses",
        _both(Tensor.neg),
        "Both have the wrong sign: those are losses, to be made small. A and B estimate the ELBO.",
    ),
    Mistake(
        "another sigma in the draws",
        _with_spread(Tensor.exp),
        "Your z are no draws from q: z = mu + sigma eps with sigma = exp(log_var / 2), as in E4.1.",
        also_wrong=(
            _with_spread(lambda log_var: log_var),
            _with_spread(torch.ones_like),
            _with_spread(torch.zeros_like),
            _eps_as_z,
        ),
    ),
)


def _cut(model, x, mu, log_var, eps):
    terms = _Terms(model, x, mu, log_var, eps)
    z = terms.z.detach()
    log_px_z = model.log_likelihood(x, z)
    log_qz = _log_normal(z, mu, _sigma(log_var))
    return (log_px_z + model.log_prior(z) - log_qz).mean(0), log_px_z.mean(0) - terms.kl


def _without_score_term(model, x, mu, log_var, eps):
    terms = _Terms(model, x, mu, log_var, eps)
    log_qz = _log_normal(terms.z, mu.detach(), _sigma(log_var).detach())
    return (terms.log_px_z + terms.log_pz - log_qz).mean(0), terms.b


def _one_cut(which: str) -> Callable[..., Pair]:
    def wrong(model, x, mu, log_var, eps):
        centre = mu.detach() if which == "mu" else mu
        spread = log_var.detach() if which == "log_var" else log_var
        z = centre + _sigma(spread) * eps
        log_px_z, log_qz = model.log_likelihood(x, z), _log_normal(z, mu, _sigma(log_var))
        a = (log_px_z + model.log_prior(z) - log_qz).mean(0)
        return a, log_px_z.mean(0) - _kl(mu, log_var)

    return wrong


def _all_cut(*args):
    terms = _Terms(*args)
    return terms.a.detach(), terms.b.detach()


# The values of these are right.
SGVB_GRADIENTS = (
    Mistake(
        "z cut off",
        _cut,
        "z is cut off from mu and log_var (`.sample()`, `.detach()`, `no_grad`): x cannot teach q "
        "anything. Build z from mu, log_var and eps as in E4.1.",
        also_wrong=(_one_cut("mu"), _one_cut("log_var"), _all_cut),
    ),
    Mistake(
        "log q cut off",
        _without_score_term,
        "In A, mu and log_var are cut off inside log q. Its gradient stays right on average, and "
        "is even less noisy near the posterior; but it is no longer that of equation 4.9.",
    ),
)
