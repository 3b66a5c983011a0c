"""Latent-variable models whose evidence p(x) is known: a truth to hold every estimate against.

They obey `LatentModel`, hold float64 and promote what they are given.
"""

import math
from typing import Self

import torch
from torch import Generator, Tensor

from course_utils._checks import (
    require_count,
    require_finite,
    require_not_empty,
    require_positive,
)
from course_utils._latent_model import (
    LatentModel,
    StandardNormalPrior,
    add_noise,
    check_z,
    flatten_x,
    grid_posterior,
    log_isotropic_normal,
)
from course_utils.densities import LOG_2PI, DiagonalNormal, ElboTerms, FullNormal, kl

__all__ = ["LatentModel", "LinearGaussian", "Ring", "TwoRoots"]


class LinearGaussian(StandardNormalPrior):
    """z ~ N(0, I), x | z ~ N(W z + b, sigma^2 I): probabilistic PCA.

    Args:    W: (D, L), the W in Wz + b; b: (D,); sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if the shapes do not fit, an entry is not finite, or sigma <= 0.
    Source:  Tipping & Bishop (1999); eq. 2.1 of the course with D = L = 1.

    >>> model = LinearGaussian(W=[[1.5]], b=[0.3], sigma=0.5)
    >>> model.log_px(torch.tensor([[2.0]]))
    tensor([-1.9551], dtype=torch.float64)
    """

    def __init__(self, W: Tensor, b: Tensor, sigma: float) -> None:
        """Hold W, b, sigma as float64."""
        self.W = torch.as_tensor(W, dtype=torch.float64)
        self.b = torch.as_tensor(b, dtype=torch.float64)
        if self.W.dim() != 2 or self.b.shape != self.W.shape[:1]:
            raise ValueError(
                f"W should be (D, L) and b (D,), but W {tuple(self.W.shape)} and "
                f"b {tuple(self.b.shape)} came; one latent needs W of shape (D, 1)."
            )
        require_not_empty(W=self.W)
        require_finite(W=self.W, b=self.b)
        require_positive(sigma=sigma)
        self.sigma = float(sigma)
        self.data_dim, self.latent_dim = self.W.shape

    def __repr__(self) -> str:
        """Sizes and noise, e.g. LinearGaussian(D=64, L=10, sigma=0.151)."""
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
        x = flatten_x(x)
        data_dim = x.shape[1]
        if latent_dim >= data_dim:
            raise ValueError(
                f"latent_dim should be below the {data_dim} dimensions of x, but {latent_dim} came."
            )
        centred = x - x.mean(dim=0)
        values, vectors = torch.linalg.eigh(centred.T @ centred / len(x))
        values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)
        if sigma is None:
            sigma = values[latent_dim:].mean().sqrt().item()
            if sigma <= 1e-7 * values[0].sqrt():  # rounding, not noise
                raise ValueError(
                    f"x should vary in more than {latent_dim} directions, but {len(x)} examples "
                    f"came that leave no noise to fit; try more examples, fewer latents or sigma=."
                )
        top = vectors[:, :latent_dim]
        # eigh leaves the signs open; fixing them makes draws from the fitted model repeatable.
        largest = top.abs().argmax(dim=0)
        top = top * top[largest, torch.arange(latent_dim)].sign()
        scale = (values[:latent_dim] - sigma**2).clamp(min=0).sqrt()
        return cls(top * scale, x.mean(dim=0), sigma)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log N(x; W z + b, sigma^2 I): z (B, L) -> (B,); (K, B, L) or (K, 1, L) -> (K, B)."""
        x, z = flatten_x(x, self.data_dim), check_z(z, len(x), self.latent_dim)
        return log_isotropic_normal(x - self.b, z @ self.W.T, self.sigma)

    def sample(self, n: int, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw n pairs: z (n, L) from the prior, then x (n, D) given z, noise included."""
        z = self.sample_prior(n, generator=generator)
        return z, add_noise(z @ self.W.T + self.b, self.sigma, generator)

    def log_px(self, x: Tensor) -> Tensor:
        """The exact evidence, log N(x; b, W W^T + sigma^2 I): (B, D) -> (B,), nats.

        By Bayes' rule at the posterior mean: exact for any z, and there it loses no digits, even
        where sigma is so small that W W^T + sigma^2 I is singular to the machine.
        """
        q = self.posterior(x)
        return self.log_likelihood(x, q.mu) + self.log_prior(q.mu) - q.log_prob(q.mu)

    def posterior(self, x: Tensor) -> FullNormal:
        """The exact p(z | x): mu (B, L), one scale_tril (L, L) for all x (it does not see x)."""
        residual = flatten_x(x, self.data_dim) - self.b
        precision = (
            torch.eye(self.latent_dim, dtype=torch.float64) + self.W.T @ self.W / self.sigma**2
        )
        factor = torch.linalg.cholesky(precision)
        mu = torch.cholesky_solve(self.W.T @ residual.T / self.sigma**2, factor).T
        return FullNormal(mu, torch.linalg.cholesky(torch.cholesky_inverse(factor)))

    def exact_elbo(self, x: Tensor, q: DiagonalNormal | FullNormal) -> ElboTerms:
        """The bound for any normal q, without sampling: ElboTerms of shape (B,), nats.

        E_q log p(x | z) is log p(x | mu_q) minus the spread of W z around W mu_q.
        """
        x = flatten_x(x, self.data_dim)
        if isinstance(q, DiagonalNormal):
            columns = self.W * (0.5 * q.log_var).exp()[..., None, :]
        else:
            columns = self.W @ q.scale_tril
        spread = (columns**2).sum(dim=(-2, -1)) / (2 * self.sigma**2)
        rec = self.log_likelihood(x, q.mu) - spread
        zero = torch.zeros_like(q.mu)
        divergence = kl(q, DiagonalNormal(zero, zero))
        return ElboTerms(rec - divergence, rec, divergence)


class Ring(StandardNormalPrior):
    """Two latents, z ~ N(0, I), bent into a ring: x | z ~ N(z/10 + z/||z||, sigma^2 I).

    Args:    sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if sigma <= 0.
    Source:  Doersch (2016), figure 2.

    >>> Ring(0.3).log_px(torch.tensor([[1.1, 0.0]]))
    tensor([-1.6743], dtype=torch.float64)
    """

    latent_dim = data_dim = 2
    _GRID = torch.linspace(0.0, 4.5, 8001, dtype=torch.float64)

    def __init__(self, sigma: float) -> None:
        """Hold the noise level."""
        require_positive(sigma=sigma)
        self.sigma = float(sigma)

    def __repr__(self) -> str:
        """E.g. Ring(sigma=0.1)."""
        return f"Ring(sigma={self.sigma:.3g})"

    def mean_x(self, z: Tensor) -> Tensor:
        """g(z) = z/10 + z/||z||, the point of the ring that z is sent to: (..., 2) -> (..., 2)."""
        return z / 10 + torch.nn.functional.normalize(z, dim=-1)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log N(x; g(z), sigma^2 I): z (B, 2) -> (B,); (K, B, 2) or (K, 1, 2) -> (K, B); nats."""
        x, z = flatten_x(x, 2), check_z(z, len(x), 2)
        return log_isotropic_normal(x, self.mean_x(z), self.sigma)

    def sample(self, n: int, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw n pairs: z (n, 2) from the prior, then x (n, 2) given z, noise included."""
        z = self.sample_prior(n, generator=generator)
        return z, add_noise(self.mean_x(z), self.sigma, generator)

    def log_px(self, x: Tensor) -> Tensor:
        """The evidence by quadrature over the radius of z: (B, 2) -> (B,), nats.

        The angle of z is integrated exactly (a Bessel function). The radius is s^2 with s on a
        trapezoid grid, since the integrand is then flat at both ends and the rule converges fast.

        Raises:  ValueError where the noise is too small for the grid, or x too far outside it.
        """
        s = self._GRID
        step = 2 * s[-1] * (s[1] - s[0])  # the widest step of the radius s^2
        if 10 * self.sigma < 1.6 * step:  # x's radius moves a tenth as fast as z's
            raise ValueError(
                f"the quadrature needs sigma of at least {0.16 * step:.4f}, but {self.sigma} came; "
                f"below that its grid is too coarse to see the posterior."
            )
        radii = flatten_x(x, 2).norm(dim=-1, keepdim=True)
        precision = 1 + 1 / (10 * self.sigma) ** 2  # of z's radius, given x's
        furthest = (radii.max().item() - 1) / (10 * self.sigma**2 * precision)
        if furthest + 6 / precision**0.5 > s[-1] ** 2:
            raise ValueError(
                f"the quadrature sees z up to {s[-1] ** 2:.1f} from 0, but x at a distance of "
                f"{radii.max():.3g} puts it at {furthest:.3g}; try x nearer to the ring."
            )
        return torch.cat([self._log_px_at(r) for r in radii.split(256)])  # (256, grid) at a time

    def _log_px_at(self, r: Tensor) -> Tensor:
        """The evidence at distance r from the origin: (B, 1) -> (B,), nats."""
        s = self._GRID
        ring = 1 + s**2 / 10
        bessel = torch.special.i0e(r * ring / self.sigma**2).log()
        log_angle = bessel - (r - ring) ** 2 / (2 * self.sigma**2) - LOG_2PI
        log_radius = (2 * s**3).log() - s**4 / 2 - 2 * math.log(self.sigma)
        return torch.logsumexp(log_angle + log_radius, dim=-1) + (s[1] - s[0]).log()

    def posterior_on_grid(self, x: Tensor, grid: Tensor) -> Tensor:
        """Log p(z | x) at the points of a grid: x (B, 2), grid (G, 2) -> (G, B)."""
        return grid_posterior(self, x, grid)


class TwoRoots(StandardNormalPrior):
    """z ~ N(0, 1), x | z ~ N(z^2, sigma^2): two roots explain one x, so p(z | x) has two modes.

    Args:    sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if sigma <= 0.

    >>> TwoRoots(0.3).log_px(torch.tensor([[1.5]]))
    tensor([-1.8275], dtype=torch.float64)
    """

    latent_dim = data_dim = 1
    _GRID = torch.linspace(-8.0, 8.0, 8001, dtype=torch.float64)

    def __init__(self, sigma: float) -> None:
        """Hold the noise level."""
        require_positive(sigma=sigma)
        self.sigma = float(sigma)

    def __repr__(self) -> str:
        """E.g. TwoRoots(sigma=0.3)."""
        return f"TwoRoots(sigma={self.sigma:.3g})"

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log N(x; z^2, sigma^2): z (B, 1) -> (B,); (K, B, 1) or (K, 1, 1) -> (K, B); nats."""
        x, z = flatten_x(x, 1), check_z(z, len(x), 1)
        return log_isotropic_normal(x, z**2, self.sigma)

    def sample(self, n: int, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw n pairs: z (n, 1) from the prior, then x (n, 1) given z, noise included."""
        z = self.sample_prior(n, generator=generator)
        return z, add_noise(z**2, self.sigma, generator)

    def log_px(self, x: Tensor) -> Tensor:
        """The evidence by the trapezoid rule over z in [-8, 8]: (B, 1) -> (B,), nats.

        Raises:  ValueError where a mode of p(z | x) is too narrow for the grid, or outside it.
        """
        x = flatten_x(x, 1)
        step = (self._GRID[1] - self._GRID[0]).item()
        root = x.clamp(min=0).sqrt().max().item()
        # The standard deviation of the narrowest mode, from the slope of z^2.
        width = self.sigma / (2 * x.abs().max().clamp(min=self.sigma).sqrt().item())
        if width < 1.6 * step or root > 7:
            raise ValueError(
                f"the quadrature needs modes at most 7 from 0 and at least {1.6 * step:.4f} wide, "
                f"but x from {x.min():.4g} to {x.max():.4g} with sigma {self.sigma} puts one at "
                f"{root:.3g}, {width:.4f} wide; try x nearer to 0, or another sigma."
            )
        z = self._GRID[:, None]
        joint = (
            self.log_likelihood(part, z[:, None]) + self.log_prior(z)[:, None]
            for part in x.split(256)  # (grid, 256) at a time
        )
        return torch.cat([torch.logsumexp(part, dim=0) + math.log(step) for part in joint])

    def posterior_on_grid(self, x: Tensor, grid: Tensor) -> Tensor:
        """Log p(z | x) at the points of a grid: x (B, 1), grid (G, 1) -> (G, B)."""
        return grid_posterior(self, x, grid)
