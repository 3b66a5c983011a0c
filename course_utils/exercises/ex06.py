"""Notebook 06, the latent space: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex06_inputs as inputs
from course_utils.exercises import ex06_judges as judges
from course_utils.exercises._engine.exercise import Exercise


def my_quantiles(n):
    """Middles of n even shares of N(0, 1): n -> positions (n,), from the smallest."""
    shares = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    return torch.special.ndtri(shares)


def my_active_units(mu):
    """Which latents are in use: mu (N, L), one row a picture -> (L,) of true and false."""
    return mu.var(dim=0) > 0.01


def my_aggregated_moments(mu, log_var):
    """Mean and variance of q(z), the average of N posteriors: two (N, L) -> two of (L,)."""
    mean = mu.mean(dim=0)
    variance = mu.var(dim=0, correction=0) + log_var.exp().mean(dim=0)
    return mean, variance


def _moments_unbiased(mu, log_var):
    """Divides the spread of the centres by N - 1, as `var` does unless told otherwise."""
    return mu.mean(dim=0), mu.var(dim=0) + log_var.exp().mean(dim=0)


def my_ppca(x, latent_dim):
    """Probabilistic PCA by maximum likelihood: x (N, D) -> W (D, L), b (D,), sigma a number.

    Of all W with the same W W^T it is the one with orthogonal columns; signs and order are free.
    """
    b = x.mean(dim=0)
    values, vectors = torch.linalg.eigh((x - b).T @ (x - b) / len(x))
    values, vectors = values.flip(0), vectors.flip(1)  # the largest first
    sigma2 = values[latent_dim:].mean()
    W = vectors[:, :latent_dim] * (values[:latent_dim] - sigma2).sqrt()
    return W, b, sigma2.sqrt().item()


def my_active_count(eigenvalues, sigma2, latent_dim):
    """How many latents a linear VAE uses at its best: eigenvalues (D,) descending -> a number."""
    return (eigenvalues[:latent_dim] > sigma2).sum()


EXERCISES = (
    Exercise("E6.1", my_quantiles, inputs.quantile_cases, predicates=judges),
    Exercise("E6.2", my_active_units, inputs.active_cases, predicates=judges),
    Exercise(
        "E6.3",
        my_aggregated_moments,
        inputs.moment_cases,
        parts=("mean", "variance"),
        also_right=(_moments_unbiased,),
    ),
    Exercise(
        "E6.4",
        my_ppca,
        inputs.ppca_cases,
        judge=judges.judge_ppca,
        seen=judges.up_to_signs,
        parts=("W", "b", "sigma"),
    ),
    Exercise("E6.5", my_active_count, inputs.count_cases, predicates=judges),
)
