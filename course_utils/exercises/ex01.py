"""Notebook 01, latent variables: its exercises, each with a reference and the hint ladder."""

import torch

from course_utils.exercises import ex01_inputs as inputs
from course_utils.exercises._exercise import Exercise
from course_utils.exercises.ex01_log_normal import LOG_NORMAL
from course_utils.exercises.ex01_marginal import MARGINAL
from course_utils.exercises.ex01_posterior import POSTERIOR
from course_utils.exercises.ex01_questions import PREDICTIONS, RECALL
from course_utils.exercises.ex01_ring import RING
from course_utils.exercises.ex01_sampling import PARTS, judge_sampling
from course_utils.exercises.ex01_sampling_mistakes import SAMPLE_MODEL

__all__ = ["EXERCISES", "PREDICTIONS", "RECALL"]


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
    Exercise(
        id="E1.1",
        title="The log of a normal density",
        difficulty=1,
        minutes=10,
        points=2,
        reference=my_log_normal,
        cases=inputs.log_normal_cases,
        mistakes=LOG_NORMAL,
        hints=(
            "Take one example with D = 1 first: which three terms stand in the bracket of equation "
            "1.1, and which of them do you have already, without computing anything?",
            "Write the bracket for all numbers at once, of shape (B, D): log 2 pi, `log_var`, and "
            "the squared distance over the variance, `log_var.exp()`.",
            "Then -1/2 times its sum over the last axis, `.sum(dim=-1)`. The constant is "
            "`math.log(2 * math.pi)`.",
        ),
    ),
    Exercise(
        id="E1.2",
        title="Draw z, then x",
        difficulty=1,
        minutes=5,
        points=2,
        reference=my_sample_model,
        cases=inputs.sample_cases,
        mistakes=SAMPLE_MODEL,
        parts=PARTS,
        judge=judge_sampling,
        hints=(
            "Equation 1.3 names two normals. How many random numbers does one pair (z, x) need?",
            "`torch.randn(n, generator=generator)` draws n standard normal numbers. Times s, plus "
            "m, they have mean m and standard deviation s (not variance s).",
            "Draw z. Then x is a z + b, plus sigma times a second set of n numbers. Return z, x.",
        ),
    ),
    Exercise(
        id="E1.3",
        title="Summing z out",
        difficulty=2,
        minutes=10,
        points=3,
        reference=my_marginal,
        cases=inputs.grid_cases,
        mistakes=MARGINAL,
        hints=(
            "An integral is an area under a curve. If you cut it into strips at the points of the "
            "grid, how high and how wide is one strip? (A height is a density, not its log.)",
            "Every z has to meet every x: `grid[:, None]` against `x` is (G, B), `x[:, None]` "
            "against `grid` is (B, G). In yours, which of the two axes is summed over?",
            "The height is p(x|z) p(z), two normal densities (not logs), with their factors "
            "1 / (sqrt(2 pi) sigma) and 1 / sqrt(2 pi). Sum over the grid's axis, times "
            "`grid[1] - grid[0]`.",
        ),
    ),
    Exercise(
        id="E1.4",
        title="From a cloud to a ring",
        difficulty=1,
        minutes=6,
        points=2,
        reference=my_ring,
        cases=inputs.ring_cases,
        mistakes=RING,
        hints=(
            "Take one point by hand, z = (3, 4). How long is it, and where does equation 1.7 send "
            "it?",
            "Each row of z is a point and has its own length: `z.norm(dim=1)` is (n,). What shape "
            "must the lengths have, so that they divide rows?",
            "`z.norm(dim=1, keepdim=True)` is (n, 1) and divides each row of (n, 2). Add z/10 "
            "afterwards. (3, 4) goes to (0.9, 1.2).",
        ),
    ),
    Exercise(
        id="E1.5",
        title="Which z was it?",
        difficulty=2,
        minutes=8,
        points=2,
        reference=my_posterior,
        cases=inputs.grid_cases,
        mistakes=POSTERIOR,
        hints=(
            "For one x, p(z|x) is a density over z. Along which axis of (G, B) do its values lie, "
            "and what should they integrate to?",
            "Above in equation 1.10 stands the integrand of E1.3, before it was summed "
            "(`grid[:, None]` against `x` makes it (G, B)). Below stands p(x): which z does that "
            "depend on?",
            "The joint density, (G, B), divided by its sum over the grid's axis times the spacing, "
            "(B,). Each column then has area 1.",
        ),
    ),
)
