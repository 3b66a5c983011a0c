"""Small VAEs whose every number can be had a second way: in float64 by hand, or on a grid of z.

Six pixels and two latents: the integral over z is then a sum over a grid in the plane.
"""

import copy
import math

import pytest
import torch
from routes import generator
from torch import distributions as dist
from torch import nn

from course_utils.densities import ElboTerms
from course_utils.models import VAE

K, B, D, L = 5, 4, 6, 2
SHAPE = (2, 3)
KINDS = {
    "bernoulli": {"likelihood": "bernoulli"},
    "fixed": {"likelihood": "gaussian", "sigma": 0.3},
    "learned": {"likelihood": "gaussian", "sigma": "learned"},
}
SHORT = {"rtol": 1e-4, "atol": 1e-4}  # float32 against float64
GREY = {"likelihood": "gaussian"}
ONES = torch.ones(B, D, dtype=torch.float32)
each_kind = pytest.mark.parametrize("kind", KINDS)


class NotToBeUsed(nn.Module):
    """Stands where the encoder was."""

    def forward(self, x):
        raise AssertionError("the encoder was asked")


def randn(*shape, seed=0):
    return torch.randn(shape, generator=generator(seed), dtype=torch.float32)


def small_vae(kind, seed=0, network=VAE):
    """6-5-2, the decoder's weights tripled: else its pictures would hardly depend on z."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = network(SHAPE, L, hidden=(5,), **KINDS[kind])
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter *= 3
        if kind == "learned":
            model.pixels.position.fill_(0.5)  # not the middle of its range
    return model


def pictures(kind, seed=0):
    """Pixels of 0 and 1, or grey ones, (B, D) float32."""
    grey = torch.rand(B, D, generator=generator(seed), dtype=torch.float32)
    return (grey > 0.5).float() if kind == "bernoulli" else grey


def heads(model, x):
    """mu and log_var by the encoder's weights, layer by layer, in float64."""
    first, _, last = copy.deepcopy(model.encoder).double()
    hidden = (x.double().flatten(1) @ first.weight.T + first.bias).clamp(min=0)
    return (hidden @ last.weight.T + last.bias).chunk(2, dim=-1)


def pixel_law(model, z):
    """torch's distribution of the pixels given z (..., L), in float64."""
    first, _, last, *squash = copy.deepcopy(model.decoder).double()
    hidden = (z.double() @ first.weight.T + first.bias).clamp(min=0)
    out = hidden @ last.weight.T + last.bias
    if not squash:
        return dist.Bernoulli(logits=out)
    return dist.Normal(torch.sigmoid(out), model.pixels.sigma.item())


def elbo_by_hand(model, x, eps):
    """The three terms by torch.distributions, in float64: x (B, D), eps (K, B, L)."""
    mu, log_var = heads(model, x)
    q = dist.Normal(mu, (log_var / 2).exp())
    z = mu + q.stddev * eps.double()
    rec = pixel_law(model, z).log_prob(x.double()).sum(-1).mean(0)
    kl = dist.kl_divergence(q, dist.Normal(torch.zeros_like(mu), 1.0)).sum(-1)
    return ElboTerms(rec - kl, rec, kl)


def plane(n=401, end=7.0):
    """A grid of z, (n^2, 2) in float64, and the area that each of its points stands for."""
    line = torch.linspace(-end, end, n, dtype=torch.float64)
    return torch.cartesian_prod(line, line), (2 * end / (n - 1)) ** 2


def exact_log_px(model, x, n=401):
    """log p(x) of the small models, by a sum over the grid: (B, D) -> (B,)."""
    z, area = plane(n)
    log_pz = dist.Normal(0.0, 1.0).log_prob(z).sum(-1)
    joint = pixel_law(model, z[:, None]).log_prob(x.double()).sum(-1) + log_pz[:, None]
    return joint.logsumexp(0) + math.log(area)


def exact_elbo(model, x, n=401):
    """The bound with q = encode, by a sum over the grid: (B, D) -> (B,)."""
    z, area = plane(n)
    mu, log_var = heads(model, x)
    q = dist.Normal(mu, (log_var / 2).exp()).log_prob(z[:, None]).sum(-1)  # (G, B)
    log_pz = dist.Normal(0.0, 1.0).log_prob(z).sum(-1)[:, None]
    joint = pixel_law(model, z[:, None]).log_prob(x.double()).sum(-1) + log_pz
    return (q.exp() * (joint - q)).sum(0) * area
