"""Latent-variable models whose evidence p(x) is known: a truth to hold every estimate against.

They hold float64 and promote what they are given. Shapes: x is (B, D) or (B, H, W), flattened
inside; z is (B, L), (K, B, L) or (K, 1, L); axes are ordered (K samples, B batch, dimensions).
"""

import math
from functools import cached_property
from typing import Protocol, Self

import torch
from torch import Generator, Tensor

from course_utils._checks import (
    require_count,
    require_finite,
    require_not_empty,
    require_positive,
    require_tensor,
)
from course_utils.densities import (
    LOG_2PI,
    DiagonalNormal,
    ElboTerms,
    FullNormal,
    kl,
    log_standard_normal,
)


class LatentModel(Protocol):
    """What every estimator of the course needs to know about a model."""

    latent_dim: int

    def sample_prior(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """Draw z from p(z): shape (n, L)."""

    def log_prior(self, z: Tensor) -> Tensor:
        """Log p(z): (..., L) -> (...,), nats."""

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z): z (B, L) -> (B,); z (K, B, L) or (K, 1, L) -> (K, B); nats."""


class StandardNormalPrior:
    """The half of the protocol that all toys share: z ~ N(0, I) in latent_dim dimensions."""

    latent_dim: int

    def sample_prior(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """Draw n latents z from N(0, I): shape (n, L)."""
        require_count(n=n)
        return torch.randn(n, self.latent_dim, generator=generator, dtype=torch.float64)

    def log_prior(self, z: Tensor) -> Tensor:
        """Log N(z; 0, I): (..., L) -> (...,), nats."""
        return log_standard_normal(z)


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
        """The exact evidence, log N(x; b, W W^T + sigma^2 I): (B, D) -> (B,), nats."""
        return self._evidence.log_prob(flatten_x(x, self.data_dim))

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

    @cached_property
    def _evidence(self) -> FullNormal:
        noise = self.sigma**2 * torch.eye(self.data_dim, dtype=torch.float64)
        return FullNormal(self.b, torch.linalg.cholesky(self.W @ self.W.T + noise))


class Ring(StandardNormalPrior):
    """Two latents, z ~ N(0, I), bent into a ring: x | z ~ N(z/10 + z/||z||, sigma^2 I).

    Args:    sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if sigma <= 0.
    Source:  Doersch (2016), figure 2.

    >>> Ring(0.3).log_px(torch.tensor([[1.1, 0.0]]))
    tensor([-1.6743], dtype=torch.float64)
    """

    latent_dim = data_dim = 2
    _GRID = torch.linspace(0.0, 3.5, 4001, dtype=torch.float64)

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

        Raises:  ValueError where the noise is too small for the grid.
        """
        s = self._GRID
        step = 2 * s[-1] * (s[1] - s[0])  # the widest step of the radius s^2
        if 10 * self.sigma < 1.6 * step:  # x's radius moves a tenth as fast as z's
            raise ValueError(
                f"the quadrature needs sigma of at least {0.16 * step:.4f}, but {self.sigma} came; "
                f"below that its grid is too coarse to see the posterior."
            )
        r = flatten_x(x, 2).norm(dim=-1)[:, None]
        ring = 1 + s**2 / 10
        bessel = torch.special.i0e(r * ring / self.sigma**2).log()
        log_angle = bessel - (r - ring) ** 2 / (2 * self.sigma**2) - LOG_2PI
        log_radius = (2 * s**3).log() - s**4 / 2 - 2 * math.log(self.sigma)
        return torch.logsumexp(log_angle + log_radius, dim=-1) + (s[1] - s[0]).log()

    def posterior_on_grid(self, x: Tensor, grid: Tensor) -> Tensor:
        """Log p(z | x) at the points of a grid: x (B, 2), grid (G, 2) -> (G, B)."""
        return grid_posterior(self, x, grid)


def grid_posterior(model: LatentModel, x: Tensor, grid: Tensor) -> Tensor:
    """Log p(z | x) = log p(x | z) + log p(z) - log p(x) at grid points: (G, L) -> (G, B), nats."""
    require_tensor(grid=grid)
    z = grid.to(torch.float64)[:, None]
    return model.log_likelihood(x, z) + model.log_prior(z) - model.log_px(x)


def flatten_x(x: Tensor, data_dim: int | None = None) -> Tensor:
    """Data as (B, D) float64, from (B, D) or (B, H, W).

    Raises:  ValueError if x has other axes, no example, NaN, or not data_dim numbers an example.
    """
    require_tensor(x=x)
    if x.dim() not in (2, 3):
        raise ValueError(
            f"x should be (B, D) or (B, H, W), but {tuple(x.shape)} came; "
            f"one example is a batch of one: x[None]."
        )
    require_not_empty(x=x)
    flat = x.reshape(len(x), -1).to(torch.float64)
    if data_dim is not None and flat.shape[1] != data_dim:
        raise ValueError(
            f"x should have {data_dim} numbers an example, but {flat.shape[1]} came "
            f"(shape {tuple(x.shape)}); was the model made for other data?"
        )
    require_finite(x=flat)
    return flat


def check_z(z: Tensor, batch: int, latent_dim: int) -> Tensor:
    """Latents as float64 of shape (B, L), (K, B, L) or (K, 1, L).

    Raises:  ValueError for any other shape, since z must say which x it belongs to.
    """
    require_tensor(z=z)
    owners = {2: {batch}, 3: {1, batch}}.get(z.dim(), set())
    if z.dim() < 2 or z.shape[-1] != latent_dim or z.shape[-2] not in owners:
        raise ValueError(
            f"z should be ({batch}, {latent_dim}), (K, {batch}, {latent_dim}) or "
            f"(K, 1, {latent_dim}) for this x, but {tuple(z.shape)} came; "
            f"to hold K draws against every x, write z[:, None]."
        )
    return z.to(torch.float64)


def log_isotropic_normal(x: Tensor, mean: Tensor, sigma: float) -> Tensor:
    """Log N(x; mean, sigma^2 I): x (B, D), mean (B, D), (K, B, D) or (K, 1, D).

    One mean for every x, (K, 1, D), is compared by a matrix product, |x|^2 - 2 x.m + |m|^2, which
    is about 30 times faster than broadcasting to (K, B, D).
    """
    if mean.dim() == 3 and mean.shape[1] == 1:
        centre = x.mean(dim=0)  # near 0, the three terms cancel less
        x, mean = x - centre, mean[:, 0] - centre
        squares = (mean**2).sum(dim=-1)[:, None] + (x**2).sum(dim=-1)
        squared = torch.addmm(squares, mean, x.T, alpha=-2).clamp_(min=0)
    else:
        squared = ((x - mean) ** 2).sum(dim=-1)
    return -0.5 * x.shape[-1] * (LOG_2PI + 2 * math.log(sigma)) - squared / (2 * sigma**2)


def add_noise(mean: Tensor, sigma: float, generator: Generator | None) -> Tensor:
    """The mean plus sigma times standard normal noise of its shape."""
    noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype)
    return mean + sigma * noise
