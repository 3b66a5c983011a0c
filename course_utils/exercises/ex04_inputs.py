"""Inputs of notebook 04's exercises: K draws, B examples, L latents.

No variance is near 1, where variance, standard deviation and a log of zero would be mistaken for
each other; some are below 1 and some above.
"""

import functools
import itertools
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.distributions import Normal

from course_utils.exercises._engine.compare import same_outputs
from course_utils.exercises._engine.exercise import Case, Cases, Outputs, drawn, rand, randn
from course_utils.toys import FourPixels, LinearGaussian

# The positions, in E4.1, of two cases with equal inputs and of one with another eps alone.
TWINS, OTHER_EPS = (0, 1), 2


@drawn
def reparameterize_cases(g: Generator) -> Cases:
    """E4.1: the same inputs twice, the same with another eps, then other sizes."""
    mu, log_var = _mu_and_log_var(g, 4, 3)
    eps, other = randn(g, 5, 4, 3), randn(g, 5, 4, 3)
    wide = _mu_and_log_var(g, 6, 2)
    yield Case("mu, log_var (4, 3), eps (5, 4, 3)", (mu, log_var, eps), (0, 1))
    yield Case("the same inputs once more", (mu.clone(), log_var.clone(), eps.clone()))
    yield Case("the same mu and log_var, another eps", (mu.clone(), log_var.clone(), other))
    yield Case("mu, log_var (6, 2), eps (7, 6, 2)", (*wide, randn(g, 7, 6, 2)), (0, 1))
    yield Case("a single draw, eps (1, 6, 2)", (*map(Tensor.clone, wide), randn(g, 1, 6, 2)))


FUNCTIONS = (  # f and its slope, for tensors, arrays and numbers; mu, sigma, number of draws
    ("z**2", lambda z: z**2, lambda z: 2 * z, 1.0, 0.5, 7),
    ("z**3 - 2 z + 3", lambda z: z**3 - 2 * z + 3, lambda z: 3 * z**2 - 2, -0.7, 1.6, 5),
    ("5 / (1 + z**2)", lambda z: 5 / (1 + z**2), lambda z: -10 * z / (1 + z**2) ** 2, 0.4, 0.7, 6),
)


@drawn
def function_cases(g: Generator) -> Cases:
    """E4.2: three functions; sigma below and above 1."""
    for name, f, slope, mu, sigma, n in FUNCTIONS:
        label = f"f(z) = {name}, mu = {mu:g}, sigma = {sigma}, eps ({n},)"
        yield Case(label, (f, slope, mu, sigma, randn(g, n)))


@drawn
def elbo_gradient_cases(g: Generator) -> Cases:
    """E4.3: plain tensors, not yet marked for gradients; the model of eq. 1.3 and another."""
    for n, k, a, b, sigma in ((4, 5, 1.5, 0.3, 0.5), (3, 7, -0.8, -0.6, 1.4)):
        x, (mu, log_var) = 2 * randn(g, n), _mu_and_log_var(g, n)
        label = f"x, mu, log_var ({n},), eps ({k}, {n}), a = {a}, b = {b}, sigma = {sigma}"
        yield Case(label, (x, mu, log_var, randn(g, k, n), a, b, sigma))


@drawn
def sgvb_cases(g: Generator) -> Cases:
    """E4.4: two linear models of other sizes, and one with pixels that are 0 or 1."""
    three = LinearGaussian(randn(g, 5, 3), randn(g, 5), 0.7)
    two = LinearGaussian(randn(g, 6, 2), randn(g, 6), 1.3)
    pictures = torch.randint(0, 2, (3, 4), generator=g).double()
    yield _draws(g, three, randn(g, 4, 5), k=6)
    yield _draws(g, two, 2 * randn(g, 3, 6), k=7)
    yield _draws(g, FourPixels(), pictures, k=5, label="four pixels, ")


def _draws(g: Generator, model: LinearGaussian, x: Tensor, *, k: int, label: str = "") -> Case:
    shape = len(x), model.latent_dim
    (mu, log_var), eps = _mu_and_log_var(g, *shape), randn(g, k, *shape)
    sizes = f"x {tuple(x.shape)}, mu, log_var {tuple(mu.shape)}, eps {tuple(eps.shape)}"
    return Case(label + sizes, (model, x, mu, log_var, eps), (2, 3))


def _mu_and_log_var(g: Generator, *shape: int) -> tuple[Tensor, Tensor]:
    """Of either sign, log_var between 0.6 and 1.6 in size."""
    sign = torch.randint(0, 2, shape, generator=g) * 2 - 1
    sign.view(-1)[:2] = torch.tensor([1, -1])  # both, whatever the seed
    size = 0.6 + rand(g, *shape)
    return 1 + randn(g, *shape), sign * size


# E4.5: losses whose gradient arrives or not. Each is the negative ELBO of one small decoder that is
# not linear, with its own way from mu and log_var to z. Every weight of the decoder is positive and
# every x lies above (or below) all that it can draw: so wherever a gradient arrives, it arrives in
# every entry that the decoder sees, and the gradient in mu is negative (positive) throughout. On
# two paths it sees one entry alone, on another all of them, and hardly.


def _z(mu: Tensor, std: Tensor) -> Tensor:
    return mu + std * torch.randn_like(std)


def _only(corner: int, mu: Tensor, std: Tensor) -> Tensor:
    z, seen = _z(mu, std), torch.zeros_like(mu)
    seen[corner, corner] = 1
    return seen * z


class _Path(NamedTuple):
    """A way to z, what to call it, on which side of the decoder x lies, whether with a KL."""

    draw: Callable[[Tensor, Tensor], Tensor]
    label: str
    side: int = 1
    with_kl: bool = True


PATHS = (
    _Path(_z, "z = mu + std * eps", side=-1),
    _Path(lambda mu, std: Normal(mu, std).sample(), "z = Normal(mu, std).sample()"),
    _Path(lambda mu, std: _z(mu.detach(), std), "z = mu.detach() + std * eps"),
    _Path(lambda mu, std: _z(mu, std.detach()), "z = mu + std.detach() * eps"),
    _Path(torch.no_grad()(_z), "z = mu + std * eps under torch.no_grad()"),
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


def _negative_elbo(path: _Path, shape: tuple, g: Generator) -> Callable:
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


def makes_own_noise(outputs: Outputs) -> bool:
    """Whether equal inputs give different values, or another eps the same ones."""
    one, two = ([outputs[i]] for i in TWINS)
    return not same_outputs(one, two) or same_outputs(one, [outputs[OTHER_EPS]])
