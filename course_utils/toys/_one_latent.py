"""Models with one latent number: the evidence is a sum over a line, or of two terms."""

import torch
from torch import Generator, Tensor

from course_utils._inputs import read_latents
from course_utils.densities import log_mean_exp
from course_utils.toys._latent_model import (
    NormalAroundMean,
    StandardNormalPrior,
    check_z,
    flatten_x,
    grid_posterior,
)
from course_utils.toys._log_likelihoods import log_black_or_white


class TwoRoots(NormalAroundMean):
    """z ~ N(0, 1), x | z ~ N(z^2, sigma^2): two roots explain one x, so p(z | x) has two modes.

    Args:    sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if sigma <= 0.

    >>> TwoRoots(0.3).log_px(torch.tensor([[1.5]]))
    tensor([-1.8275], dtype=torch.float64)
    """

    latent_dim = data_dim = 1
    _GRID = torch.linspace(-8.0, 8.0, 8001, dtype=torch.float64)  # (G,)

    def mean_x(self, z: Tensor) -> Tensor:
        """z^2: (..., 1) -> (..., 1)."""
        return read_latents(z, 1) ** 2

    def log_px(self, x: Tensor) -> Tensor:
        """The evidence by the trapezoid rule over z in [-8, 8]: (B, 1) -> (B,), nats.

        Raises:  ValueError where a mode of p(z | x) is too narrow for the grid, or outside it.
        """
        x = flatten_x(x, 1)  # (B, 1)
        step = (self._GRID[1] - self._GRID[0]).item()
        root = x.clamp(min=0).sqrt().max().item()
        # The standard deviation of the narrowest mode, from the slope of z^2.
        width = self.sigma / (2 * x.abs().max().clamp(min=self.sigma).sqrt().item())
        if width < 1.6 * step or root > 7:
            raise ValueError(
                f"the quadrature needs modes at most 7 from 0 and at least {1.6 * step:z.4f} wide, "
                f"but x from {x.min():.4g} to {x.max():.4g} with sigma {self.sigma} puts one at "
                f"{root:.3g}, {width:z.4f} wide; try x nearer to 0, or another sigma."
            )
        return _log_integral(self, x, self._GRID)


class FourPixels(StandardNormalPrior):
    """One latent and four black-or-white pixels: z ~ N(0, 1), x | z Bernoulli, pixel by pixel.

    The logits are W z + c + sin(2 z): bent, so that nothing about p(x) has a closed form, but there
    are only 16 pictures, and p(x) is a probability that can be listed for all of them.

    Source:  eq. 1.12 of the course.

    >>> FourPixels().log_px(torch.tensor([[1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]))
    tensor([-1.7056, -2.2761], dtype=torch.float64)
    """

    latent_dim, data_dim = 1, 4
    W = torch.tensor([2.0, -1.5, 1.0, 0.5], dtype=torch.float64)
    c = torch.tensor([0.2, -0.3, 0.0, 0.1], dtype=torch.float64)
    _GRID = torch.linspace(-8.0, 8.0, 1601, dtype=torch.float64)  # (G,)

    def __repr__(self) -> str:
        return f"FourPixels(D={self.data_dim}, L={self.latent_dim})"

    def logits(self, z: Tensor) -> Tensor:
        """W z + c + sin(2 z), the logit of each pixel: (..., 1) -> (..., 4)."""
        z = read_latents(z, 1)
        return self.W * z + self.c + torch.sin(2 * z)  # (4,) * (..., 1) + (4,) -> (..., 4)

    def mean_x(self, z: Tensor) -> Tensor:
        """The probability that each pixel is 1: (..., 1) -> (..., 4)."""
        return self.logits(z).sigmoid()

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z), x of 0s and 1s: z (B, 1) -> (B,); (K, B, 1) or (K, 1, 1) -> (K, B); nats.

        Raises:  ValueError for grey pixels, of which a Bernoulli likelihood is no density.
        """
        x = flatten_x(x, 4)
        grey = x[(x != 0) & (x != 1)]  # (B, 4) -> (N,)
        if grey.numel():
            came = f"{grey.numel()} of {x.numel()} pixels are not, such as {grey[0]:.4g}"
            why = "of grey pixels a Bernoulli likelihood is no density"
            way = "draw black or white ones with torch.bernoulli(x)."
            raise ValueError(f"x should hold only 0s and 1s, but {came}; {why}: {way}")
        return log_black_or_white(x, self.logits(check_z(z, len(x), 1)))  # logits (..., 4)

    def sample(self, n: int, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw n pairs: z (n, 1) from the prior, then x (n, 4) of 0s and 1s given z."""
        z = self.sample_prior(n, generator=generator)
        return z, torch.bernoulli(self.mean_x(z), generator=generator)  # (n, 1), (n, 4)

    def log_px(self, x: Tensor) -> Tensor:
        """The evidence, a log-probability, by the trapezoid rule: (B, 4) -> (B,), nats.

        Raises:  ValueError for grey pixels.
        """
        return _log_integral(self, flatten_x(x, 4), self._GRID)

    posterior_on_grid = grid_posterior


class TwoModes(NormalAroundMean):
    """z ~ N(0, 1), x | z ~ N(sign z, sigma^2): data in two heaps, at -1 and at 1.

    Args:    sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if sigma <= 0.

    >>> TwoModes(0.1).log_px(torch.tensor([[1.0], [0.0]]))
    tensor([  0.6905, -48.6164], dtype=torch.float64)
    """

    latent_dim = data_dim = 1

    def mean_x(self, z: Tensor) -> Tensor:
        """The sign of z, with 1 for the sign of 0: (..., 1) -> (..., 1)."""
        z = read_latents(z, 1)
        return z.sign() + (z == 0)

    def log_px(self, x: Tensor) -> Tensor:
        """The exact evidence, half a normal at each mode: (B, 1) -> (B,), nats."""
        one_of_each_sign = torch.tensor([[[-1.0]], [[1.0]]], dtype=torch.float64)  # (K, 1, L)
        return log_mean_exp(self.log_likelihood(x, one_of_each_sign), dim=0)  # (2, B) -> (B,)


def _log_integral(model: StandardNormalPrior, x: Tensor, grid: Tensor) -> Tensor:
    """Log of the integral of p(x | z) p(z) over an even grid (G,) of z: (B, D) -> (B,), nats.

    The trapezoid rule is a plain sum here: at both ends of the grid nothing is left to halve.
    """
    z = grid[:, None]  # (G,) -> (G, 1)
    log_prior = model.log_prior(z)[:, None]  # (G, 1): one for every x
    joint = (model.log_likelihood(part, z[:, None]) + log_prior for part in x.split(256))  # (G, B)
    total = torch.cat([torch.logsumexp(part, dim=0) for part in joint])  # (G, 256) at a time
    return total + (grid[1] - grid[0]).log()
