"""Data for linear models, their eigenvalues, and what a model's posteriors cost."""

import torch
from routes import minimise, randn
from torch import distributions as dist

from course_utils.densities import DiagonalNormal


def x_of(n, data_dim, seed):
    """Data whose directions vary by different amounts, (n, D)."""
    spread = torch.linspace(2.0, 0.4, data_dim, dtype=torch.float64)
    turn, _ = torch.linalg.qr(randn(data_dim, data_dim, seed=seed + 1))
    return 1.5 + randn(n, data_dim, seed=seed) * spread @ turn


def spectrum(x):
    """Eigenvalues of the covariance (1/N), the largest first, by the singular values."""
    return torch.linalg.svdvals(x - x.mean(0)) ** 2 / len(x)


def rate_of(model, x):
    """KL of each exact posterior of a linear model to the prior, by torch."""
    q = model.posterior(x)
    by_torch = dist.MultivariateNormal(q.mu, scale_tril=q.scale_tril)
    prior = dist.MultivariateNormal(torch.zeros_like(q.mu), torch.eye(model.latent_dim).double())
    return dist.kl_divergence(by_torch, prior)


def best_diagonal(model, x):
    """The diagonal q of the best bound for each x, by a search that knows no formula."""
    start = torch.zeros(len(x), model.latent_dim)

    def loss(mu, log_var):
        return -model.exact_elbo(x, DiagonalNormal(mu, log_var)).elbo.sum()

    return DiagonalNormal(*minimise(loss, start, start))
