"""Inputs of notebook 08's exercises: K draws, B pictures, L latents.

Log-weights lie as far apart as they do in practice; no schedule has a number of steps at which two
of them would be the same; no variance is near 1.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.distributions import Normal

from course_utils.exercises._engine.exercise import Case, Cases, drawn, rand, randn

# E8.4: pixels, levels (0: a probability), and between which bits a pixel the pictures lie. On
# [0, 1] the log of a density is above 0 if its picture costs less than log2(levels) a pixel.
_UNITS = ((784, 0, 0.1, 0.3), (3072, 256, 2.5, 9.0), (48, 32, 1.0, 6.5), (60, 0, 0.4, 2.0))
_WIDE, _NARROW = 1.3, 0.6  # sigma of x given z, in E8.2 (whose weights are no zeros) and in E8.6


@drawn
def bits_cases(g: Generator) -> Cases:
    """E8.4: both kinds, twice; densities above and below 1."""
    for i, (n_pixels, levels, low, high) in enumerate(_UNITS):
        bits = low + (high - low) * rand(g, 3 + i)
        bits[:2] = torch.tensor([low, high], dtype=torch.float64)  # whatever the seed
        log_px = (math.log2(levels or 1) - bits) * n_pixels * math.log(2)
        what = f"levels = {levels}" if levels else "levels = None"
        args = (log_px, n_pixels, levels) if levels else (log_px, n_pixels)
        yield Case(f"log_px ({3 + i},), n_pixels = {n_pixels}, {what}", args)


@drawn
def bound_cases(g: Generator) -> Cases:
    """E8.1: moderate log-weights; columns far apart, some with entries far apart; one draw."""
    far = 2 * randn(g, 20, 5) + torch.tensor([800.0, -20.0, -800.0, -1600.0, 0.0])
    far[:10, 4] -= 3000
    far[10:, 3] -= 3000
    yield Case("log_w (7, 3) of moderate values", (2 * randn(g, 7, 3) - 1,), (0,))
    yield Case("log_w (4, 6) of moderate values", (3 * randn(g, 4, 6) + 2,), (0,))
    yield Case("log_w (20, 5), far apart between the columns and in some of them", (far,))
    yield Case("log_w (1, 4), a single draw", (3 * randn(g, 1, 4) - 30,))


@drawn
def annealing_cases(g: Generator) -> Cases:
    """E8.2: of four steps, of one, and of six, where `arange` by sixths is one too long."""
    for (k, batch, n_latents), steps in (((5, 3, 2), 4), ((3, 4, 5), 6), ((4, 2, 3), 1)):
        label = f"z ({k}, {batch}, {n_latents}), n_temperatures = {steps}"
        yield Case(label, (*_path(g, batch, n_latents), randn(g, k, batch, n_latents), steps))


def _path(g: Generator, batch: int, n_latents: int) -> tuple[Callable, Callable, Callable]:
    """log p(z), log p(x|z) and a move, of a model whose latents see one number of x each.

    Every density p(z) p(x|z)^beta is normal. The move draws nothing, so that two answers can be
    compared: in units in which that density is standard it turns z about the mean, and then shifts
    the quantile of each number, or the moved z would be as dense as z.
    """
    w, b, x = 0.5 + rand(g, n_latents), randn(g, n_latents), 1.5 * randn(g, batch, n_latents)
    turn, _ = torch.linalg.qr(randn(g, n_latents, n_latents))

    def log_prior(z: Tensor) -> Tensor:
        return Normal(0.0, 1.0).log_prob(z).sum(dim=-1)

    def log_likelihood(z: Tensor) -> Tensor:
        return Normal(w * z.double() + b, _WIDE).log_prob(x).sum(dim=-1).to(z.dtype)

    def move(z: Tensor, beta: float | Tensor) -> Tensor:
        precision = 1 + beta * (w / _WIDE) ** 2  # (L,)
        mean = beta * w * (x - b) / _WIDE**2 / precision  # (B, L)
        turned = (z.double() - mean) * precision.sqrt() @ turn
        shifted = torch.special.ndtri((torch.special.ndtr(turned) + 0.3) % 1)
        return (mean + shifted / precision.sqrt()).to(z.dtype)

    return log_prior, log_likelihood, move


@drawn
def score_cases(g: Generator) -> Cases:
    """E8.6: a model that is not linear; gradients of mu and log_var; further out, values alone."""
    for (k, *shape), least in (((5, 4, 3), 0.6), ((6, 3, 2), 0.6), ((3, 2, 4), 4.0)):
        sign = torch.randint(0, 2, shape, generator=g) * 2 - 1
        sign[:2] = torch.tensor([[1], [-1]])  # both, whatever the seed
        log_var, mu = sign * (least + rand(g, *shape)), least * (1 + randn(g, *shape))
        args = _joint(g, *shape), mu, log_var, randn(g, k, *shape)
        label = f"mu, log_var {tuple(shape)}, eps {(k, *shape)}"
        yield Case(label, args, (1, 2) if least < 1 else ())


def _joint(g: Generator, batch: int, n_latents: int) -> Callable[[Tensor], Tensor]:
    """log p(x, z) of a small decoder with normal noise: z (..., B, L) -> (..., B)."""
    weights, x = randn(g, n_latents, 5), randn(g, batch, 5)

    def log_joint(z: Tensor) -> Tensor:
        pixels = Normal(torch.tanh(z.double() @ weights), _NARROW).log_prob(x).sum(dim=-1)
        return pixels.to(z.dtype) + Normal(0.0, 1.0).log_prob(z).sum(dim=-1)

    return log_joint
