"""Notebook 01, latent variables: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex01_inputs as inputs
from course_utils.exercises._engine.exercise import Exercise


def my_log_normal(x, mu, log_var):
    """log N(x; mu, diag(exp(log_var))), equation 1.1: all (B, D) -> (B,)."""
    log_2pi = torch.tensor(2 * torch.pi, dtype=x.dtype).log()
    squared = (x - mu) ** 2 / log_var.exp()  # (B, D)
    return -0.5 * (log_2pi + log_var + squared).sum(dim=-1)


def my_sample_model(n, a, b, sigma, generator):
    """n pairs from equation 1.3: z from N(0, 1), x from N(a z + b, sigma^2); both (n,)."""
    z = torch.randn(n, generator=generator)
    noise = sigma * torch.randn(n, generator=generator)
    return z, a * z + b + noise


def my_marginal(x, grid, a, b, sigma):
    """p(x) of equation 1.5, a sum over an equally spaced grid: x (B,), grid (G,) -> (B,)."""
    root_2pi = (2 * torch.pi) ** 0.5
    z = grid[:, None]  # (G, 1), so that each z meets each x
    prior = (-0.5 * z**2).exp() / root_2pi
    likelihood = (-0.5 * ((x - a * z - b) / sigma) ** 2).exp() / (root_2pi * sigma)  # (G, B)
    spacing = grid[1] - grid[0]
    return spacing * (likelihood * prior).sum(dim=0)


def my_ring(z):
    """g(z) = z/10 + z/||z||, equation 1.7, each row a point: (n, 2) -> (n, 2)."""
    return z / 10 + z / z.norm(dim=1, keepdim=True)


def my_posterior(x, grid, a, b, sigma):
    """p(z|x) at the grid's points, equation 1.10: x (B,), grid (G,) -> (G, B)."""
    z = grid[:, None]  # (G, 1), so that each z meets each x
    # Factors without z are left out: they stand above and below the fraction, and cancel.
    joint = (-0.5 * z**2 - 0.5 * ((x - a * z - b) / sigma) ** 2).exp()  # (G, B)
    spacing = grid[1] - grid[0]
    return joint / (spacing * joint.sum(dim=0))


EXERCISES = (
    Exercise("E1.1", my_log_normal, inputs.log_normal_cases),
    Exercise(
        "E1.2", my_sample_model, inputs.sample_cases, parts=("z", "x"), judge=inputs.judge_sampling
    ),
    Exercise("E1.3", my_marginal, inputs.grid_cases),
    Exercise("E1.4", my_ring, inputs.ring_cases),
    Exercise("E1.5", my_posterior, inputs.grid_cases),
)
