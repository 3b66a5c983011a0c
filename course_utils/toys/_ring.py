"""The ring: two latents bent into a circle, its evidence by quadrature."""

import math

import torch
from torch import Tensor

from course_utils._inputs import read_latents
from course_utils.densities import LOG_2PI
from course_utils.toys._latent_model import NormalAroundMean, flatten_x


class Ring(NormalAroundMean):
    """Two latents, z ~ N(0, I), bent into a ring: x | z ~ N(z/10 + z/||z||, sigma^2 I).

    Args:    sigma: standard deviation of the noise, > 0.
    Raises:  ValueError if sigma <= 0.
    Source:  Doersch (2016), figure 2; eq. 1.7 of the course.

    >>> Ring(0.3).log_px(torch.tensor([[1.1, 0.0]]))
    tensor([-1.6743], dtype=torch.float64)
    """

    latent_dim = data_dim = 2
    _GRID = torch.linspace(0.0, 4.5, 8001, dtype=torch.float64)  # (G,)

    def mean_x(self, z: Tensor) -> Tensor:
        """g(z) = z/10 + z/||z||, the point of the ring that z is sent to: (..., 2) -> (..., 2)."""
        z = read_latents(z, 2)
        return z / 10 + torch.nn.functional.normalize(z, dim=-1)

    def log_px(self, x: Tensor) -> Tensor:
        """The evidence by quadrature over the radius of z: (B, 2) -> (B,), nats.

        The angle of z is integrated exactly (a Bessel function). The radius is s^2 with s on a
        trapezoid grid, since the integrand is then flat at both ends and the rule converges fast.

        Raises:  ValueError where the noise is too small for the grid, or x too far outside it.
        """
        s = self._GRID
        step = 2 * s[-1] * (s[1] - s[0])  # the widest step of the radius s^2
        if 10 * self.sigma < 1.6 * step:  # x's radius moves a tenth as fast as z's
            came = f"{self.sigma} came; below that its grid is too coarse to see the posterior."
            least = f"{0.16 * step:z.4f}"
            raise ValueError(f"the quadrature needs sigma of at least {least}, but {came}")
        radii = flatten_x(x, 2).norm(dim=-1, keepdim=True)  # (B, 2) -> (B, 1)
        precision = 1 + 1 / (10 * self.sigma) ** 2  # of z's radius, given x's
        furthest = (radii.max().item() - 1) / (10 * self.sigma**2 * precision)
        if furthest + 6 / precision**0.5 > s[-1] ** 2:
            came = f"x at a distance of {radii.max():.3g} puts it at {furthest:.3g}"
            sight = f"the quadrature sees z up to {s[-1] ** 2:z.1f} from 0"
            raise ValueError(f"{sight}, but {came}; try x nearer to the ring.")
        return torch.cat([self._log_px_at(r) for r in radii.split(256)])  # (256, G) at a time

    def _log_px_at(self, r: Tensor) -> Tensor:
        """The evidence at distance r from the origin: (B, 1) -> (B,), nats."""
        s = self._GRID
        ring = 1 + s**2 / 10  # (G,)
        bessel = torch.special.i0e(r * ring / self.sigma**2).log()  # (B, 1) * (G,) -> (B, G)
        log_angle = bessel - (r - ring) ** 2 / (2 * self.sigma**2) - LOG_2PI  # (B, G)
        log_radius = (2 * s**3).log() - s**4 / 2 - 2 * math.log(self.sigma)  # (G,)
        return torch.logsumexp(log_angle + log_radius, dim=-1) + (s[1] - s[0]).log()
