"""What a decoder may say of x given z: black-or-white pixels, or pixels with normal noise.

The densities themselves, and how they broadcast, are in `toys._log_likelihoods`.
"""

import math

import torch
from torch import Generator, Tensor, nn

from course_utils._require import require_positive
from course_utils.toys._latent_model import add_noise
from course_utils.toys._log_likelihoods import log_black_or_white, log_isotropic_normal

SIGMA_RANGE = (0.01, 1.0)  # of a learned sigma: on data with few grey levels it would go to 0


class BernoulliLikelihood(nn.Module):
    """x | z: pixels of 0 and 1, independent given z, with the decoder's outputs as logits."""

    squash = False  # whether the decoder ends in a sigmoid

    def log_prob(self, x: Tensor, logits: Tensor) -> Tensor:
        """Log p(x | z): x (B, D), logits (..., B, D) or (K, 1, D) -> (..., B) or (K, B), nats."""
        return log_black_or_white(x, logits)

    def mean(self, logits: Tensor) -> Tensor:
        """The probability that each pixel is 1: (..., D)."""
        return logits.sigmoid()

    def sample(self, logits: Tensor, generator: Generator | None) -> Tensor:
        """Pixels of 0 and 1: (..., D)."""
        return torch.bernoulli(logits.sigmoid(), generator=generator)


class GaussianLikelihood(nn.Module):
    """x | z ~ N(mean, sigma^2 I), the decoder's outputs being the mean.

    Args:    sigma: of every pixel, > 0, or "learned": one parameter, within SIGMA_RANGE.
    """

    squash = True  # the means are within [0, 1]

    def __init__(self, sigma: float | str = "learned") -> None:
        super().__init__()
        self.learned = isinstance(sigma, str) and sigma == "learned"
        if self.learned:
            self.position = nn.Parameter(torch.zeros((), dtype=torch.float32))  # ()
        else:
            require_positive(sigma=sigma)
            # A buffer: whoever loads these weights into another model gets their sigma as well.
            self.register_buffer("fixed", torch.tensor(float(sigma), dtype=torch.float32))

    @property
    def sigma(self) -> Tensor:
        """The present standard deviation of a pixel, one number."""
        if not self.learned:
            return self.fixed
        low, high = map(math.log, SIGMA_RANGE)
        return (low + (high - low) * self.position.sigmoid()).exp()

    def log_prob(self, x: Tensor, mean: Tensor) -> Tensor:
        """Log p(x | z): x (B, D), mean (..., B, D) or (K, 1, D) -> (..., B) or (K, B), nats."""
        return log_isotropic_normal(x, mean, self.sigma)

    def mean(self, mean: Tensor) -> Tensor:
        """The mean itself: (..., D)."""
        return mean

    def sample(self, mean: Tensor, generator: Generator | None) -> Tensor:
        """The mean plus noise, which may leave [0, 1]: (..., D)."""
        return add_noise(mean, self.sigma.item(), generator)
