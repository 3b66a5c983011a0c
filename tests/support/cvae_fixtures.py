"""Small CVAEs and regressors whose every number can be had a second way, as in vae_fixtures."""

import copy
import functools
import math

import pytest
import torch
from routes import generator
from torch import distributions as dist
from vae_fixtures import KINDS, SHAPE, B, K, L, heads, pictures, pixel_law, plane, randn

from course_utils.data import ImageData
from course_utils.densities import ElboTerms
from course_utils.models import CVAE
from course_utils.training import fit

C = 8
ABSENT = {"fixed": {"prior_network"}, "learned": set()}  # of the three networks, by the prior
LABELS = torch.tensor([3, 0, 7, 3])
each_prior = pytest.mark.parametrize("prior", ABSENT)
each_rows = pytest.mark.parametrize("rows", [1, B])


def small_cvae(kind="bernoulli", prior="fixed", seed=1):
    """6-5-2 given 8, the weights behind the encoder tripled: else z and y would hardly matter."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = CVAE(SHAPE, L, C, prior, hidden=(5,), **KINDS[kind])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter *= 1 if name.startswith("encoder") else 3
        if prior == "learned":
            model.prior_network[-1].weight /= 3  # p(z|y) stays where the grid of z looks
        if kind == "learned":
            model.pixels.position.fill_(0.5)  # not the middle of its range
    return model


def numbers(rows=B):
    """A condition that is no label: (rows, C)."""
    return randn(rows, C, seed=9)


def beside(a, y):
    """[a, y] along the last axis, y (rows, C) for each of a (..., B, n): what the networks see."""
    y = y.to(a).expand(*a.shape[:-1], C)
    return torch.cat([a, y], dim=-1)


def prior_by_hand(model, y):
    """p(z | y) by torch, in float64."""
    if model.prior_kind == "fixed":
        zero = torch.zeros(len(y), L, dtype=torch.float64)
        return dist.Normal(zero, torch.ones_like(zero))
    first, _, last = copy.deepcopy(model.prior_network).double()
    hidden = (y.double() @ first.weight.T + first.bias).clamp(min=0)
    mu, log_var = (hidden @ last.weight.T + last.bias).chunk(2, dim=-1)
    return dist.Normal(mu.detach(), (log_var / 2).exp().detach())


def elbo_by_hand(model, x, y, eps):
    """The three terms by torch.distributions, in float64: x (B, D), y (B, C), eps (K, B, L)."""
    mu, log_var = heads(model, beside(x, y))
    q, p = dist.Normal(mu, (log_var / 2).exp()), prior_by_hand(model, y)
    z = q.mean + q.stddev * eps.double()
    rec = pixel_law(model, beside(z, y)).log_prob(x.double()).sum(-1).mean(0)
    kl = dist.kl_divergence(q, p).sum(-1)
    return ElboTerms(rec - kl, rec, kl)


def log_joint_on_the_plane(model, x, y):
    """log p(x, z | y) on a grid of z: (G, B), and the area of a point."""
    z, area = plane()
    log_pz = prior_by_hand(model, y).log_prob(z[:, None]).sum(-1)
    law = pixel_law(model, beside(z[:, None].expand(-1, len(y), -1), y))
    return law.log_prob(x.double()).sum(-1) + log_pz, area


def exact_log_px(model, x, y):
    """log p(x | y) by a sum over the grid: (B,)."""
    joint, area = log_joint_on_the_plane(model, x, y)
    return (joint.logsumexp(0) + math.log(area)).detach()


@functools.cache
def integral_of(kind, prior, rows):
    """log p(x | y) of the small model, its pictures and its numbers: (B,)."""
    return exact_log_px(small_cvae(kind, prior), pictures(kind), numbers(rows).expand(B, C))


def everything(model, x, y):
    """All that a model says of x and y, as tensors."""
    eps, z = randn(K, B, L), randn(K, 1, L)
    given = model.given(y)
    return [
        *model.encode(x, y),
        *model.elbo(x, y, eps=eps),
        model.decode(randn(B, L), y),
        model.reconstruct(x, y),
        model.generate(y, randn(B, L)),
        model.sample_x(randn(B, L), y, generator=generator()),
        given.log_likelihood(x, z),
        given.log_prior(randn(B, L)),
        given.mean_x(randn(K, B, L)),
    ]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a, b)


NEITHER = r"y should be \(B,\) labels or 8 numbers for each picture, but "


def image_data(n=40):
    grey = torch.rand(n, *SHAPE, generator=generator(), dtype=torch.float32)
    return ImageData(grey, torch.arange(n) % C, n_train=24)


def train(model, data, **options):
    return fit(model, data, **{"epochs": 2, "batch_size": 8, "progress": False} | options)
