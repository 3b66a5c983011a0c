"""Notebook 04, E4.5: losses whose gradient arrives or not.

Each loss is the negative ELBO of one small decoder that is not linear, with its own way from mu
and log_var to z. Every weight of the decoder is positive and every x lies above (or below) all
that it can draw: so wherever a gradient arrives, it arrives in every entry that the decoder sees,
and the gradient in mu is negative (positive) throughout. On two paths it sees one entry alone, on
another all of them, and hardly.
"""

import functools
import itertools
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.distributions import Normal

from course_utils.exercises._engine.exercise import Case, Cases, drawn, rand

Shape = tuple[int, int]
Loss = Callable[[Tensor, Tensor], Tensor]


def _without_grad(mu: Tensor, std: Tensor) -> Tensor:
    with torch.no_grad():
        return mu + std * torch.randn_like(std)


def _only(corner: int, mu: Tensor, std: Tensor) -> Tensor:
    z, seen = mu + std * torch.randn_like(std), torch.zeros_like(mu)
    seen[corner, corner] = 1
    return seen * z


class _Path(NamedTuple):
    """A way to z, what to call it, on which side of the decoder x lies, whether with a KL."""

    draw: Callable[[Tensor, Tensor], Tensor]
    label: str
    side: int = 1
    with_kl: bool = True


PATHS = (
    _Path(lambda mu, std: mu + std * torch.randn_like(std), "z = mu + std * eps", side=-1),
    _Path(lambda mu, std: Normal(mu, std).sample(), "z = Normal(mu, std).sample()"),
    _Path(lambda mu, std: mu.detach() + std * torch.randn_like(std), "z = mu.detach() + std * eps"),
    _Path(lambda mu, std: mu + std.detach() * torch.randn_like(std), "z = mu + std.detach() * eps"),
    _Path(_without_grad, "z = mu + std * eps under torch.no_grad()"),
    _Path(torch.normal, "z = torch.normal(mu, std)"),
    _Path(lambda mu, std: mu, "z = mu"),
    _Path(lambda mu, std: Normal(mu, std).rsample(), "z = Normal(mu, std).rsample()"),
    _Path(torch.normal, "z = torch.normal(mu, std) and no KL in the loss", with_kl=False),
    _Path(functools.partial(_only, -1), "z = mu + std * eps, all but the last entry masked"),
    _Path(functools.partial(_only, 0), "z = mu + std * eps, all but the first entry masked"),
    # The noise keeps away from 0: what arrives is between 1e-6 and 1e-4.
    _Path(lambda mu, std: (mu + std * (0.5 + torch.rand_like(std))) / 3e5, "z / 300000"),
)


@drawn
def path_cases(g: Generator) -> Cases:
    """E4.5: a loss for each path; batch and latents change from one to the next."""
    for path, shape in zip(PATHS, itertools.cycle([(4, 3), (3, 2)]), strict=False):
        yield Case(f"{path.label}, shape {shape}", (_negative_elbo(path, shape, g), shape))


def _negative_elbo(path: _Path, shape: Shape, g: Generator) -> Loss:
    """The loss (B,) of one path; its noise is the same in every call."""
    (batch, latent_dim), noise_seed = shape, int(torch.randint(2**31, (), generator=g))
    weights = 0.2 + rand(g, latent_dim, 5)
    x = path.side * (3 + rand(g, batch, 5))

    def negative_elbo(mu: Tensor, log_var: Tensor) -> Tensor:
        with torch.random.fork_rng(devices=[]):  # the learner's own generator is left alone
            torch.default_generator.manual_seed(noise_seed)
            z = path.draw(mu, (log_var / 2).exp())
        mean = 2 * torch.tanh(0.5 * z.double() @ weights)  # (B, 5), between -2 and 2
        rec = -0.5 * ((x - mean) ** 2).sum(-1)
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
        return kl - rec if path.with_kl else -rec

    return negative_elbo
