"""Notebook 06's exercises: wrong answers as people write them, and the hint they are to get."""

from statistics import NormalDist

import numpy as np
import torch
from answers_06 import ppca_by_svd, ppca_in_float32
from routes import randn
from torch.distributions import Normal

from course_utils.exercises import ex06


def keras_grid(n):
    """As a well-known example has it."""
    return torch.tensor([NormalDist().inv_cdf(u) for u in np.linspace(0.05, 0.95, n)])


def two_slips_in_moments(mu, log_var):
    return mu.sum(0), mu.var(0)


def plain_pca(x, latent_dim):
    _, _, rows = torch.linalg.svd(x - x.mean(0))
    return rows[:latent_dim].T, x.mean(0), ex06.my_ppca(x, latent_dim)[2]


def rows_by_svd(x, latent_dim):
    """The signs are svd's, not eigh's."""
    _, s, rows = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    values = s**2 / len(x)
    sigma2 = values[latent_dim:].mean()
    return rows[:, :latent_dim] * (values[:latent_dim] - sigma2).sqrt(), x.mean(0), sigma2.sqrt()


def variance_in_float32(x, latent_dim):
    W, b, sigma = ppca_in_float32(x, latent_dim)
    return W, b, sigma**2


def unbiased_in_numpy(x, latent_dim):
    x = x.numpy()
    values, vectors = np.linalg.eigh(np.cov(x.T))
    sigma2 = values[:-latent_dim].mean()
    W = vectors[:, -latent_dim:] * np.sqrt(values[-latent_dim:] - sigma2)
    return W, x.mean(0), np.sqrt(sigma2)


def two_slips_in_ppca(x, latent_dim):
    W, b, sigma = ex06.my_ppca(x, latent_dim)
    return W, torch.zeros_like(b), sigma**2


def no_noise_in_w(x, latent_dim):
    """Two slips, of W and of sigma: the first is W's."""
    values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    W = vectors[:, -latent_dim:] * values[-latent_dim:].sqrt()
    return W, x.mean(0), values[:-latent_dim].mean()


def transposed_by_svd(x, latent_dim):
    return ppca_by_svd(x, latent_dim)[0].T, x.mean(0), ppca_by_svd(x, latent_dim)[2]


def ppca_turned(x, latent_dim):
    """Two latents or three, turned by any rotation."""
    W, b, sigma = ex06.my_ppca(x, latent_dim)
    rotation, _ = torch.linalg.qr(randn(latent_dim, latent_dim, seed=7))
    return -W @ rotation, b, sigma


def turned_in_numpy(x, latent_dim):
    return tuple(np.asarray(part) for part in ppca_turned(x, latent_dim))


def ppca_after(turn):
    """The eigenvalues turned round, and of the eigenvectors turn(vectors) in NumPy."""

    def answer(x, latent_dim):
        values, vectors = np.linalg.eigh(np.cov(x.numpy().T, bias=True))
        values, vectors = values[::-1], turn(vectors)
        sigma2 = values[latent_dim:].mean()
        W = vectors[:, :latent_dim] * np.sqrt(values[:latent_dim] - sigma2)
        return W, x.numpy().mean(0), sigma2**0.5

    return answer


def range_of(mu):
    return mu.max(0).values - mu.min(0).values


def while_above(eigenvalues, sigma2, latent_dim):
    count = 0
    while count < len(eigenvalues) and eigenvalues[count] > sigma2:
        count += 1
    return count


SLIPS = [
    ("E6.1", "trimmed shares", keras_grid),
    ("E6.1", "trimmed shares", lambda n: Normal(0.0, 1.0).icdf(torch.linspace(0.03, 0.97, n))),
    ("E6.1", "trimmed shares", lambda n: Normal(0.0, 1.0).icdf(torch.linspace(0.2, 0.9, n))),
    ("E6.1", "even steps of z", lambda n: torch.linspace(-1.7, 1.7, n)),
    ("E6.1", "even steps of z", lambda n: np.linspace(-2, 3, n)),
    ("E6.1", "shares from 0 to 1", lambda n: Normal(0.0, 1.0).icdf(torch.linspace(0, 1, n))),
    (
        "E6.1",
        "n + 1 in place of n",
        lambda n: torch.special.ndtri(torch.linspace(0, 1, n + 2)[1:-1]),
    ),
    (
        "E6.1",
        "forward instead of inverse",
        lambda n: Normal(0.0, 1.0).cdf((torch.arange(n) + 0.5) / n),
    ),
    ("E6.1", "random draws", lambda n: torch.randn(n).sort().values),
    ("E6.1", "one place off", lambda n: Normal(0.0, 1.0).icdf((torch.arange(n) + 1.5) / n)),
    ("E6.1", "one place off", lambda n: torch.special.ndtri((torch.arange(n) - 0.5) / n)),
    ("E6.1", "half of one share", lambda n: torch.special.ndtri(torch.arange(n) + 1 / 2 / n)),
    ("E6.1", "lopsided shares", lambda n: torch.special.ndtri((torch.arange(n) + 0.5) / (n + 1))),
    ("E6.1", "from the top", lambda n: ex06.my_quantiles(n).flip(0)),
    ("E6.2", "mean of mu", lambda mu: mu.float().mean(0).abs() > 0.01),
    ("E6.2", "across the latents", lambda mu: mu.numpy().var(1) > 0.01),
    ("E6.2", "mean absolute deviation", lambda mu: (mu - mu.median(0).values).abs().mean(0) > 0.08),
    ("E6.2", "mean absolute deviation", lambda mu: (mu - mu.mean(0)).abs().mean(0) > 0.08),
    ("E6.2", "mean absolute deviation", lambda mu: (mu - mu.mean(0)).abs().mean(0) > 0.11),
    (
        "E6.2",
        "mean absolute deviation",
        lambda mu: np.subtract(*np.quantile(mu, (0.75, 0.25), 0)) > 0.1,
    ),
    ("E6.2", "largest difference", lambda mu: range_of(mu) > 0.4),
    ("E6.2", "largest difference", lambda mu: range_of(mu) > 0.25),
    ("E6.2", "largest difference", lambda mu: range_of(mu) ** 2 / 12 > 0.01),
    ("E6.2", "largest difference", lambda mu: (mu - mu.mean(0)).abs().amax(0) > 0.3),
    ("E6.2", "size of mu", lambda mu: mu.abs().max(0).values > 0.1),
    ("E6.2", "size of mu", lambda mu: mu.abs().max(0).values > 0.3),
    ("E6.2", "mean square", lambda mu: mu.norm(dim=0) / len(mu) ** 0.5 > 0.1),
    ("E6.2", "sum of squares", lambda mu: (len(mu) * mu.var(0)) > 0.3),
    ("E6.2", "another threshold", lambda mu: mu.std(0) > 0.11),
    ("E6.2", "another threshold", lambda mu: mu.var(0) > 0.009),
    ("E6.2", "compared with other latents", lambda mu: mu.var(0) / mu.var(0).max() > 0.01),
    ("E6.2", "numbers for flags", lambda mu: (mu.var(0) > 0.01).float()),
    ("E6.2", "everything at once", lambda mu: bool(mu.var() > 0.01) and torch.tensor(True)),
    ("E6.3", "variance of mu alone", lambda mu, lv: (mu.float().mean(0), mu.float().var(0))),
    ("E6.3", "sum of the means", two_slips_in_moments),
    ("E6.3", "draws", lambda mu, lv: (mu.mean(0), Normal(mu, (lv / 2).exp()).sample().var(0))),
    ("E6.3", "mean square", lambda mu, lv: (mu.mean(0), (mu**2 + lv.exp()).mean(0))),
    ("E6.4", "plain PCA", plain_pca),
    ("E6.4", "rows for columns", rows_by_svd),
    ("E6.4", "variance for sigma", variance_in_float32),
    ("E6.4", "divided by N - 1", unbiased_in_numpy),
    ("E6.4", "b forgotten", two_slips_in_ppca),
    ("E6.4", "noise not subtracted", no_noise_in_w),
    ("E6.4", "transposed", transposed_by_svd),
    ("E6.4", "turned", ppca_turned),
    ("E6.4", "turned", turned_in_numpy),
    ("E6.4", "values turned alone", ppca_after(lambda vectors: vectors)),
    ("E6.4", "values turned alone", ppca_after(lambda vectors: vectors[::-1])),
    ("E6.4", "values turned alone", ppca_after(np.flip)),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] > 1.1 * s).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] - s > 0.01).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] - s > 0.03).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] / s).log().gt(0.05).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] > 0.97 * s).sum()),
    ("E6.5", "no cap", while_above),
    ("E6.5", "every latent", lambda eigenvalues, sigma2, latent_dim: latent_dim),
    ("E6.5", "sigma for sigma^2", lambda e, s, n: int((e.sqrt() > s).sum().clamp(max=n))),
]
