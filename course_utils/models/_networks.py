"""What the course's networks share: layers of one kind, sizes, pixels, the shape of a picture."""

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn

from course_utils._inputs import as_floats, require_pictures
from course_utils._require import (
    require_count,
    require_finite,
    require_generator,
    require_known,
    require_value,
)
from course_utils.densities import DiagonalNormal
from course_utils.estimators._bounds import require_eps_for
from course_utils.models._likelihoods import BernoulliLikelihood, GaussianLikelihood

LOG_VAR_RANGE = (-30.0, 20.0)  # of q: exp of it stays a number in float32, and so does 1 / it


class PictureNet(nn.Module):
    """A network whose decoder takes n_in numbers and says what p(x | ...) is, pixel by pixel.

    The other arguments are as of VAE.
    """

    def __init__(self, image_shape, hidden, n_in, *, likelihood, sigma) -> None:
        super().__init__()
        self.image_shape = _read_sizes("image_shape", image_shape, "(28, 28)")
        self.hidden = _read_sizes("hidden", hidden, "(400,)")
        self.data_dim, self.likelihood = math.prod(self.image_shape), likelihood
        require_known("likelihood", likelihood, ["bernoulli", "gaussian"])
        normal = likelihood == "gaussian"
        self.pixels = GaussianLikelihood(sigma) if normal else BernoulliLikelihood()
        sizes = (n_in, *reversed(self.hidden), self.data_dim)
        self.decoder = build_network(*sizes, squash=self.pixels.squash)

    def like(self) -> dict:
        """The type and place of the model's numbers, for torch's factories and `.to`."""
        weight = next(self.decoder.parameters())
        return {"dtype": weight.dtype, "device": weight.device}

    def flatten(self, x: Tensor) -> Tensor:
        """Pictures (B, H, W), or rows of pixels, as (B, D) in the model's type.

        Raises:  ValueError if they are not of the model's size, or no pixels.
        """
        require_pictures(x, self.image_shape)
        return as_floats(x).flatten(1).to(**self.like())  # (B, H, W) -> (B, D)

    def cast(self, name: str, t: Tensor) -> Tensor:
        """Numbers in the model's type, in which a number beyond 1e38 would be infinite."""
        cast = t.to(**self.like())
        if cast.dtype.itemsize < t.dtype.itemsize:
            require_finite(**{name: cast})
        return cast

    def as_pictures(self, outputs: Tensor) -> Tensor:
        """The means that the decoder's outputs stand for: (..., D) -> (..., H, W), in [0, 1]."""
        return self.pixels.mean(outputs).unflatten(-1, self.image_shape)  # (..., D) -> (..., H, W)

    def draw_pixels(self, outputs: Tensor, generator: Generator | None) -> Tensor:
        """One draw of x, observation noise included: (..., D) -> (..., H, W)."""
        require_generator(generator)
        return self.pixels.sample(outputs, generator).unflatten(-1, self.image_shape)  # (..., H, W)

    def describe(self, *sizes: object) -> str:
        """Sizes, likelihood and the number of parameters, on one line."""
        n = sum(p.numel() for p in self.parameters())
        layers = "-".join(map(str, sizes))
        return f"{type(self).__name__}({layers}, {self.likelihood}, {n:,} parameters)"


def build_network(*sizes: int, squash: bool = False) -> nn.Sequential:
    """Linear layers of these sizes, float32, ReLU between them, perhaps a sigmoid at the end."""
    layers: list[nn.Module] = []
    for n_in, n_out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.ReLU()] * bool(layers) + [nn.Linear(n_in, n_out, dtype=torch.float32)]
    return nn.Sequential(*layers, *[nn.Sigmoid()] * squash)


def make_normal(outputs: Tensor) -> DiagonalNormal:
    """The last layer's 2L numbers as mu and log_var, (..., L) each, the latter kept finite."""
    mu, log_var = outputs.chunk(2, dim=-1)  # (..., 2L) -> two of (..., L), no activation on either
    return DiagonalNormal(mu, log_var.clamp(*LOG_VAR_RANGE))  # (..., L) each


def draw_latents(q: DiagonalNormal, eps: Tensor | None, generator: Generator | None) -> Tensor:
    """z = mu + sigma eps, eq. 4.4, with the noise that came, if it is for this q, or fresh one."""
    if eps is None:
        require_generator(generator)
        eps = torch.randn(q.mu.shape, generator=generator, dtype=q.mu.dtype, device=q.mu.device)
    else:
        require_eps_for(q, eps)
    return q.rsample(eps.to(q.mu))  # (B, L) or (K, B, L)


def _read_sizes(name: str, sizes: object, example: str) -> tuple[int, ...]:
    good = isinstance(sizes, Sequence) and not isinstance(sizes, str | bytes)
    require_value(name, sizes, good, "a tuple of sizes", f"; try {example}")
    for size in sizes:
        require_count(**{name: size})
    if name == "image_shape" and not sizes:
        raise ValueError("image_shape should name at least one size, but () came; try (28, 28).")
    return tuple(sizes)
