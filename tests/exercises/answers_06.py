"""Notebook 06's exercises: right answers in other forms, and wrong ones of no known slip."""

import math
from statistics import NormalDist

import numpy as np
import torch
from torch.distributions import Normal

from course_utils.exercises import ex06
from course_utils.toys import LinearGaussian


def by_the_library(n):
    return np.array([NormalDist().inv_cdf((2 * i + 1) / (2 * n)) for i in range(n)])


def moments_by_distributions(mu, log_var):
    q = Normal(mu, (log_var / 2).exp())
    return q.mean.mean(0), ((q.mean - q.mean.mean(0)) ** 2 + q.variance).mean(0)


def ppca_by_svd(x, latent_dim):
    _, s, rows = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    values = s**2 / len(x)
    sigma2 = values[latent_dim:].sum() / (x.shape[1] - latent_dim)
    W = (rows[:latent_dim] * (values[:latent_dim] - sigma2).sqrt()[:, None]).T
    return W, x.mean(0), sigma2.sqrt().item()


def ppca_ascending(x, latent_dim):
    values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    sigma2 = values[:-latent_dim].mean()
    W = vectors[:, -latent_dim:] @ torch.diag(values[-latent_dim:] - sigma2).sqrt()
    return W, x.mean(0), math.sqrt(sigma2)


def ppca_in_numpy(x, latent_dim):
    x = x.numpy()
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    order = np.argsort(values)[::-1]
    values, vectors = values[order], vectors[:, order]
    sigma2 = values[latent_dim:].mean()
    return vectors[:, :latent_dim] * np.sqrt(values[:latent_dim] - sigma2), x.mean(0), sigma2**0.5


def ppca_by_what_is_left(x, latent_dim):
    """sigma^2 from the trace: what the L largest leave, over D - L."""
    covariance = torch.cov(x.T, correction=0)
    values, vectors = torch.linalg.eigh(covariance)
    values, vectors = values[-latent_dim:], vectors[:, -latent_dim:]
    sigma2 = (covariance.trace() - values.sum()) / (x.shape[1] - latent_dim)
    return vectors * (values - sigma2).clamp(min=0) ** 0.5, x.mean(0), sigma2.sqrt()


def ppca_by_the_package(x, latent_dim):
    model = LinearGaussian.fit_ml(x, latent_dim)
    return [model.W, model.b, model.sigma]


def ppca_with_other_signs(x, latent_dim):
    """Signs and order of W's columns are free."""
    W, b, sigma = ex06.my_ppca(x, latent_dim)
    return W.flip(1) * (-1.0) ** torch.arange(1, latent_dim + 1), b, sigma


def ppca_with(change):
    return lambda x, latent_dim: change(*ex06.my_ppca(x, latent_dim))


ROUTES = [("E6.1", by_the_library), ("E6.3", moments_by_distributions)]
OTHER_FORMS = [
    ("E6.3", "`return torch.stack((mean, variance))`"),
    ("E6.1", lambda n: Normal(0.0, 1.0).icdf((torch.arange(n) + 0.5) / n)),
    ("E6.1", lambda n: 2**0.5 * torch.erfinv((2 * torch.arange(n) + 1) / n - 1)),
    ("E6.1", lambda n: torch.special.ndtri(torch.linspace(0.5 / n, 1 - 0.5 / n, n))),
    ("E6.1", lambda n: -torch.special.ndtri((torch.arange(n).double() + 0.5) / n).flip(0)),
    (
        "E6.2",
        "`mu.var(dim=0)` → `torch.stack([sum((c - sum(c) / len(c)) ** 2) / len(c) for c in mu.T])`",
    ),
    ("E6.2", lambda mu: mu.std(0) > 0.1),
    ("E6.2", lambda mu: mu.float().var(0, unbiased=False) >= 0.01),
    ("E6.2", lambda mu: np.var(mu.numpy(), 0) > 0.01),
    ("E6.2", lambda mu: (mu**2).mean(0) - mu.mean(0) ** 2 > 0.01),
    ("E6.2", lambda mu: torch.cov(mu.T).diagonal() > 0.01),
    ("E6.2", lambda mu: torch.tensor([column.var() > 0.01 for column in mu.T])),
    ("E6.3", "`variance = (mu**2 + log_var.exp()).mean(0) - mean**2`, `return [mean, variance]`"),
    *(("E6.4", form) for form in (ppca_by_svd, ppca_ascending, ppca_in_numpy)),
    *(("E6.4", form) for form in (ppca_by_what_is_left, ppca_by_the_package)),
    ("E6.4", ppca_with_other_signs),
    ("E6.5", lambda values, s2, n: min(int(((values - s2).clamp(min=0).sqrt() > 0).sum()), n)),
    (
        "E6.5",
        "`return len([value for value in eigenvalues.tolist() if value > sigma2][:latent_dim])`",
    ),
    ("E6.5", "`return np.minimum((eigenvalues.numpy() > sigma2).sum(), latent_dim)`"),
    ("E6.5", lambda eigenvalues, sigma2, n: float((eigenvalues[:n].float() > sigma2).sum())),
    ("E6.5", lambda eigenvalues, sigma2, n: (eigenvalues[:n] / sigma2).log().gt(0).sum()),
    ("E6.5", lambda eigenvalues, sigma2, n: (eigenvalues[:n] - sigma2 > 1e-6).sum()),
]


SAID = [
    ("E6.1", "`torch.tensor(...)` makes one of it", lambda n: by_the_library(n).tolist()),
    (
        "E6.4",
        "With x (12, 5), latent_dim = 2: `W @ W.T`: the shape is right",
        ppca_with(lambda W, b, sigma: (1.1 * W, b, sigma)),
    ),
    (
        "E6.4",
        "`b`: expected shape (5,), yours (1, 5). An axis",
        ppca_with(lambda W, b, sigma: (W, b[None], sigma)),
    ),
    (
        "E6.4",
        "`sigma`: expected shape (), yours (1,)",
        ppca_with(lambda W, b, sigma: (W, b, torch.tensor([sigma]))),
    ),
]
