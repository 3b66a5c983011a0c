"""What all latent-variable models of the course share: the protocol, the prior, the shapes.

x is (B, D) or (B, H, W), flattened inside; z is (B, L), (K, B, L) or (K, 1, L); axes are ordered
(K samples, B batch, dimensions).
"""

from typing import Protocol

import torch
from torch import Generator, Tensor

from course_utils._inputs import OTHER_DATA, read_latents
from course_utils._require import (
    require_count,
    require_finite,
    require_fit,
    require_generator,
    require_not_empty,
    require_positive,
)
from course_utils.densities import DiagonalNormal, log_standard_normal
from course_utils.toys._log_likelihoods import log_isotropic_normal

ROW_WAYS = ("{}[None]", "{}[:, None]", "{}.flatten(1)", "{}.t()", "{}.reshape(1, 1)")


class LatentModel(Protocol):
    """What every estimator of the course needs to know about a model."""

    latent_dim: int
    prior: DiagonalNormal | None  # p(z), (L,) or (B, L), for a KL in closed form; None: has none

    def sample_prior(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """Draw z from p(z): (n, L), or (n, B, L) if every x has a prior of its own."""

    def log_prior(self, z: Tensor) -> Tensor:
        """Log p(z): (..., L) -> (...,), nats."""

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z): z (B, L) -> (B,); z (K, B, L) or (K, 1, L) -> (K, B); nats."""


class StandardNormalPrior:
    """The half of the protocol that toys and VAEs share: z ~ N(0, I) in latent_dim dimensions."""

    latent_dim: int

    def like(self) -> dict:
        """The type of the model's numbers, for torch's factories; of a network also the place."""
        return {"dtype": torch.float64}

    @property
    def prior(self) -> DiagonalNormal:
        """N(0, I), its mu and log_var (L,)."""
        zero = torch.zeros(self.latent_dim, **self.like())  # (L,)
        return DiagonalNormal(zero, zero)

    def sample_prior(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """Draw n latents z from N(0, I): shape (n, L)."""
        require_count(n=n)
        require_generator(generator)
        return torch.randn(n, self.latent_dim, generator=generator, **self.like())  # (n, L)

    def log_prior(self, z: Tensor) -> Tensor:
        """Log N(z; 0, I): (..., L) -> (...,), nats."""
        return log_standard_normal(read_latents(z, self.latent_dim))


def require_rows(expected: str, numbers: int, **rows: Tensor) -> None:
    """Refuse what has not that many finite numbers in each row."""
    require_fit(expected, lambda t: t.dim() == 2 and t.shape[1] == numbers, ROW_WAYS, **rows)
    require_not_empty(**rows)
    require_finite(**rows)


def grid_posterior(model: LatentModel, x: Tensor, grid: Tensor) -> Tensor:
    """Log p(z | x) = log p(x | z) + log p(z) - log p(x): x (B, D), grid (G, L) -> (G, B), nats."""
    require_rows(f"(G, {model.latent_dim}), a row for each z", model.latent_dim, grid=grid)
    z = grid.to(torch.float64)[:, None]  # (G, L) -> (G, 1, L)
    # (G, B) + (G, 1) - (B,) -> (G, B)
    return model.log_likelihood(x, z) + model.log_prior(z) - model.log_px(x)


class NormalAroundMean(StandardNormalPrior):
    """What toys with x | z ~ N(mean_x(z), sigma^2 I) share; each adds its mean_x and log_px."""

    data_dim: int

    def __init__(self, sigma: float) -> None:
        require_positive(sigma=sigma)
        self.sigma = float(sigma)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(sigma={self.sigma:.3g})"

    def mean_x(self, z: Tensor) -> Tensor:
        """The mean of x given z: (..., L) -> (..., D)."""
        raise NotImplementedError(f"{type(self).__name__} should define mean_x(z).")

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z): z (B, L) -> (B,); (K, B, L) or (K, 1, L) -> (K, B); nats."""
        x, z = flatten_x(x, self.data_dim), check_z(z, len(x), self.latent_dim)
        return log_isotropic_normal(x, self.mean_x(z), self.sigma)  # (B, D), (..., D) -> (..., B)

    def sample(self, n: int, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw n pairs: z (n, L) from the prior, then x (n, D) given z, noise included."""
        z = self.sample_prior(n, generator=generator)  # (n, L)
        return z, add_noise(self.mean_x(z), self.sigma, generator)  # (n, L), (n, D)

    posterior_on_grid = grid_posterior


def flatten_x(x: Tensor, data_dim: int | None = None) -> Tensor:
    """Data as (B, D) in float64, from (B, D) or (B, H, W).

    Raises:  ValueError if x has other axes, no example, NaN, or not data_dim numbers an example, or
             is bytes.
    """
    numbers = "D" if data_dim is None else data_dim
    expected = f"(B, {numbers}) or (B, H, W), {numbers} numbers an example"

    def fits(t: Tensor) -> bool:
        return t.dim() in (2, 3) and data_dim in (None, t.shape[1:].numel())

    require_fit(expected, fits, ROW_WAYS, otherwise=OTHER_DATA, x=x)
    require_not_empty(x=x)
    if x.dtype == torch.uint8:
        way = "try x / 255 for the one, x.double() for the other."
        came = f"bytes came, which may be grey levels or numbers; {way}"
        raise ValueError(f"x should be floats, but {came}")
    flat = x.reshape(len(x), -1).double()  # (B, H, W) -> (B, H W)
    require_finite(x=flat)
    return flat


def check_z(z: Tensor, batch: int, latent_dim: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Latents of shape (B, L), (K, B, L) or (K, 1, L).

    Raises:  ValueError for any other shape, since z must say which x it belongs to.
    """
    z = read_latents(z, latent_dim)
    owners = {2: {batch}, 3: {1, batch}}.get(z.dim(), set())  # B; 1 or B of (K, 1 or B, L)
    own = f"({batch}, {latent_dim}), " + f"(K, {batch}, {latent_dim}) or " * (batch > 1)
    # One z alone, or K of them against every x; a row that each x is to share says so.
    way = {1: "z[None, None]", 2: "z[:, None]"}.get(z.dim(), "z.flatten(0, -2)[:, None]")
    require_fit(
        f"{own}(K, 1, {latent_dim}) for this x",
        lambda t: t.dim() > 1 and t.shape[-2] in owners,
        otherwise=f"; to hold K draws against every x, try {way}",
        z=z,
    )
    return z.to(dtype)


def add_noise(mean: Tensor, sigma: float, generator: Generator | None) -> Tensor:
    """The mean plus sigma times standard normal noise of its shape."""
    require_generator(generator)
    return mean + sigma * torch.randn(mean.shape, generator=generator, dtype=mean.dtype)
