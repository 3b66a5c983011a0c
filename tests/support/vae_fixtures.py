"""Small models whose every number can be had a second way: in float64 by hand, or on a grid of z.

Six pixels and two latents: the integral over z is then a sum over a grid in the plane. In what
follows, *y is nothing for a VAE, and rows of eight numbers for a model with a condition.
"""

import math

import torch
from model_sizes import KINDS, SHAPE, B, C, D, L
from routes import generator
from torch import distributions as dist

from course_utils.densities import ElboTerms
from course_utils.models import VAE


def small(network, kind, seed, **sizes):
    """Five hidden units, the weights behind the encoder tripled: else z and y hardly matter."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = network(SHAPE, hidden=(5,), **sizes, **KINDS[kind])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter *= 1 if name.startswith("encoder") else 3
        if hasattr(model, "prior_network"):
            model.prior_network[-1].weight /= 3  # p(z|y) stays where the grid of z looks
        if kind == "learned":
            model.pixels.position.fill_(0.5)  # not the middle of its range
    return model


def small_vae(kind):
    return small(VAE, kind, 0, latent_dim=L)


def pictures(kind):
    """Pixels of 0 and 1, or grey ones, (B, D) float32."""
    grey = torch.rand(B, D, generator=generator(), dtype=torch.float32)
    return (grey > 0.5).float() if kind == "bernoulli" else grey


def beside(a, *y):
    """[a, y] along the last axis, y (rows, C) for each of a (..., B, n): what the networks see."""
    return torch.cat([a, *(rows.to(a).expand(*a.shape[:-1], C) for rows in y)], dim=-1)


def outputs(network, a):
    """What a network makes of a (..., n) by its weights, layer by layer, in float64."""
    first, _, last, *_ = network
    hidden = (a.double() @ first.weight.double().T + first.bias.double()).clamp(min=0)
    return hidden @ last.weight.double().T + last.bias.double()


def heads(model, x, *y):
    """mu and log_var of q(z | x, y)."""
    return outputs(model.encoder, beside(x, *y)).chunk(2, dim=-1)


def normal(mu, log_var):
    return dist.Normal(mu, (log_var / 2).exp())


def prior_by_hand(model, *y):
    """p(z | y) by torch, in float64: (rows, L)."""
    if hasattr(model, "prior_network"):
        return normal(*outputs(model.prior_network, *y).chunk(2, dim=-1))
    zero = torch.zeros(len(y[0]) if y else 1, L, dtype=torch.float64)
    return dist.Normal(zero, torch.ones_like(zero))


def pixel_law(model, seen):
    """torch's distribution of the pixels given z, y or both (..., n), in float64."""
    out = outputs(model.decoder, seen)
    if len(model.decoder) == 3:  # nothing squashes the outputs
        return dist.Bernoulli(logits=out)
    return dist.Normal(torch.sigmoid(out), model.pixels.sigma.item())


def elbo_by_hand(model, x, eps, *y):
    """The three terms by torch.distributions, in float64: x (B, D), eps (K, B, L), y (B, C)."""
    q = normal(*heads(model, x, *y))
    z = q.mean + q.stddev * eps.double()
    rec = pixel_law(model, beside(z, *y)).log_prob(x.double()).sum(-1).mean(0)
    kl = dist.kl_divergence(q, prior_by_hand(model, *y)).sum(-1)
    return ElboTerms(rec - kl, rec, kl)


def plane(n=401, end=7.0):
    """A grid of z, (n^2, 2) in float64, and the area that each of its points stands for."""
    line = torch.linspace(-end, end, n, dtype=torch.float64)
    return torch.cartesian_prod(line, line), (2 * end / (n - 1)) ** 2


def log_joint(model, x, y, z):
    """log p(x, z | y) for each z of a grid (G, L): (G, B)."""
    law = pixel_law(model, beside(z[:, None].expand(-1, len(x), -1), *y))
    log_pz = prior_by_hand(model, *y).log_prob(z[:, None]).sum(-1)
    return law.log_prob(x.double()).sum(-1) + log_pz


@torch.no_grad()
def exact_log_px(model, x, *y, n=401):
    """log p(x | y) of the small models, by a sum over the grid: (B, D) -> (B,)."""
    z, area = plane(n)
    return log_joint(model, x, y, z).logsumexp(0) + math.log(area)


@torch.no_grad()
def exact_elbo(model, x, *y):
    """The bound with q = encode, by a sum over the grid: (B, D) -> (B,)."""
    z, area = plane()
    log_q = normal(*heads(model, x, *y)).log_prob(z[:, None]).sum(-1)  # (G, B)
    return (log_q.exp() * (log_joint(model, x, y, z) - log_q)).sum(0) * area
