"""The linear-Gaussian model, whose evidence, posterior and bound are all known exactly."""

from typing import Self

import torch
from torch import Generator, Tensor

from course_utils._require import require_count, require_finite, require_not_empty, require_positive
from course_utils.densities import DiagonalNormal, ElboTerms, FullNormal, Normal, kl, require_normal
from course_utils.toys._latent_model import StandardNormalPrior, add_noise, check_z, flatten_x
from course_utils.toys._log_likelihoods import log_isotropic_normal


def read_weights(**weights: object) -> list[Tensor]:
    """Tensors or nested lists as finite float64, not empty."""
    for name, value in weights.items():
        if not isinstance(value, Tensor):
            try:
                weights[name] = torch.as_tensor(value, dtype=torch.float64)
            except (RuntimeError, TypeError, ValueError):
                came = f"a {type(value).__name__} came; try [[1.0]] for one number."
                words = f"{name} should be a tensor or a list of numbers, but {came}"
                raise ValueError(words) from None
    require_not_empty(**weights)
    require_finite(**weights)
    return [t.to(torch.float64) for t in weights.values()]


class LinearGaussian(StandardNormalPrior):
    """z ~ N(0, I), x | z ~ N(W z + b, sigma^2 I): probabilistic PCA.

    Args:    W: (D, L), the W in Wz + b; b: (D,); sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if the shapes do not fit, an entry is not finite, or sigma <= 0.
    Source:  Tipping & Bishop (1999); eqs. 1.3 and 2.1 of the course with D = L = 1.

    >>> model = LinearGaussian(W=[[1.5]], b=[0.3], sigma=0.5)
    >>> model.log_px(torch.tensor([[2.0]]))
    tensor([-1.9551], dtype=torch.float64)
    """

    def __init__(self, W: Tensor, b: Tensor, sigma: float) -> None:
        self.W, self.b = read_weights(W=W, b=b)  # (D, L), (D,)
        if self.W.dim() != 2 or self.b.shape != self.W.shape[:1]:
            came = f"W {tuple(self.W.shape)} and b {tuple(self.b.shape)} came"
            hint = "one latent needs W of shape (D, 1)."
            raise ValueError(f"W should be (D, L) and b (D,), but {came}; {hint}")
        require_positive(sigma=sigma)
        self.sigma = float(sigma)
        self.data_dim, self.latent_dim = self.W.shape

    def __repr__(self) -> str:
        return f"LinearGaussian(D={self.data_dim}, L={self.latent_dim}, sigma={self.sigma:.3g})"

    @classmethod
    def fit_ml(cls, x: Tensor, latent_dim: int, *, sigma: float | None = None) -> Self:
        """The maximum-likelihood model of data x, in closed form.

        Args:    x: (N, D) or (N, H, W); latent_dim: L < D; sigma: noise held fixed, or None to
                 take its own maximum-likelihood value (the mean of the discarded eigenvalues).
        Raises:  ValueError if x is not finite or latent_dim is not below D.
        Source:  Tipping & Bishop (1999), eqs. 7 and 8.
        """
        require_count(latent_dim=latent_dim)
        if sigma is not None:
            require_positive(sigma=sigma)
            sigma = float(sigma)
        x = flatten_x(x)
        data_dim = x.shape[1]
        if latent_dim >= data_dim:
            expected = f"below the {data_dim} dimensions of x"
            raise ValueError(f"latent_dim should be {expected}, but {latent_dim} came.")
        centred = x - x.mean(dim=0)  # (N, D) - (D,)
        values, vectors = torch.linalg.eigh(centred.T @ centred / len(x))  # (D,), (D, D)
        values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)  # the largest first
        if sigma is None:
            sigma = values[latent_dim:].mean().sqrt().item()
            if sigma <= 1e-7 * values[0].sqrt():  # rounding, not noise
                hint = "try more examples, fewer latents or sigma=."
                came = f"{len(x)} examples came that leave no noise to fit; {hint}"
                raise ValueError(f"x should vary in more than {latent_dim} directions, but {came}")
        top = vectors[:, :latent_dim]  # (D, D) -> (D, L)
        # eigh leaves the signs open; fixing them makes draws from the fitted model repeatable.
        largest = top.abs().argmax(dim=0)  # (D, L) -> (L,)
        top = top * top[largest, torch.arange(latent_dim)].sign()
        scale = (values[:latent_dim] - sigma**2).clamp(min=0).sqrt()  # (L,)
        return cls(top * scale, x.mean(dim=0), sigma)  # W (D, L), b (D,)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log N(x; W z + b, sigma^2 I): z (B, L) -> (B,); (K, B, L) or (K, 1, L) -> (K, B)."""
        centred = self._centre(x)
        mean = check_z(z, len(x), self.latent_dim) @ self.W.T  # (..., L) @ (L, D) -> (..., D)
        return log_isotropic_normal(centred, mean, self.sigma)

    def _centre(self, x: Tensor) -> Tensor:
        """What W z and the noise have to explain: (B, D) or (B, H, W) -> (B, D)."""
        return flatten_x(x, self.data_dim) - self.b

    def sample(self, n: int, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw n pairs: z (n, L) from the prior, then x (n, D) given z, noise included."""
        z = self.sample_prior(n, generator=generator)
        return z, add_noise(z @ self.W.T + self.b, self.sigma, generator)  # (n, L), (n, D)

    def log_px(self, x: Tensor) -> Tensor:
        """The exact evidence, log N(x; b, W W^T + sigma^2 I): (B, D) -> (B,), nats.

        By Bayes' rule at the posterior mean: exact for any z, and there it loses no digits, even
        where sigma is so small that W W^T + sigma^2 I is singular to the machine.
        """
        q = self.posterior(x)  # mu (B, L)
        return self.log_likelihood(x, q.mu) + self.log_prior(q.mu) - q.log_prob(q.mu)

    def posterior(self, x: Tensor) -> FullNormal:
        """The exact p(z | x), eq. 1.11: mu (B, L), one scale_tril (L, L), which does not see x."""
        centred, identity = self._centre(x), torch.eye(self.latent_dim, dtype=torch.float64)
        factor = torch.linalg.cholesky(identity + self.W.T @ self.W / self.sigma**2)  # (L, L)
        mu = torch.cholesky_solve(self.W.T @ centred.T / self.sigma**2, factor).T  # (B, L)
        return FullNormal(mu, torch.linalg.cholesky(torch.cholesky_inverse(factor)))

    def exact_elbo(self, x: Tensor, q: Normal) -> ElboTerms:
        """The bound for any normal q, without sampling: ElboTerms of shape (B,), nats.

        E_q log p(x | z) is log p(x | mu_q) minus the spread of W z around W mu_q: eq. 3.12.
        """
        x = flatten_x(x, self.data_dim)
        require_normal(q=q)
        if isinstance(q, DiagonalNormal):
            columns = self.W * (0.5 * q.log_var).exp()[..., None, :]  # (D, L) * (B, 1, L)
        else:
            columns = self.W @ q.scale_tril.double()  # (D, L) @ (..., L, L) -> (..., D, L)
        spread = (columns**2).sum(dim=(-2, -1)) / (2 * self.sigma**2)  # (..., D, L) -> (...,)
        rec = self.log_likelihood(x, q.mu) - spread  # (B,)
        return ElboTerms.of(rec, kl(q, self.prior.expand_as(q)))
