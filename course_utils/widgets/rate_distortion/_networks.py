"""What of trained networks and of data the explorer shows: rates, distortions, pixels."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from course_utils._require import require_finite, shown
from course_utils.data import ImageData
from course_utils.densities import kl_to_standard_normal
from course_utils.models import VAE, Autoencoder
from course_utils.toys import LinearGaussian
from course_utils.widgets._shared.latent_codes import bytes_of, require_images
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets.rate_distortion._water import at_level, curve_of, needed_for

MOST, SEEDS, SAMPLES = 12, 5, 10  # networks and pictures; draws of z, and samples in each
AVERAGED = 32  # draws of z behind the distortion of a picture
TRAIN, TEST = 10_000, 1000  # pictures at most of the covariance, and of the points


@dataclass(frozen=True)
class Point:
    """A network in the plane, and what to compare it with; a pair is a rate and a distortion."""

    sigma: float
    rate: float  # KL(q(z|x) || N(0, I)) of a test picture, nats
    distortion: float  # E_q |x - E[x|z]|^2 of a test picture
    needed: float  # nats, by the Gaussian at this distortion
    linear: tuple[float, float]  # of the linear optimum at this sigma
    own: list[tuple[float, float]]  # of each picture shown


@dataclass(frozen=True)
class Plane:
    """What the page is told once; `explorer.js` lists the same fields."""

    image: tuple[int, int]  # (H, W)
    images: int  # N, to choose from
    points: list[Point]  # M, one a network
    tested: int  # pictures that these are means of
    curve: list[tuple[float, float]]  # of the Gaussian
    reach: tuple[float, float]  # of the axes
    seeds: int = SEEDS
    samples: int = SAMPLES


@dataclass(frozen=True, eq=False)
class Sweep:
    """The plane, and pictures as uint8, ink is 255."""

    plane: Plane
    originals: np.ndarray  # (N, H, W)
    decoded: np.ndarray  # (M, S, N, H, W), from draws of q(z|x)
    optimum: np.ndarray  # (M, S, N, H, W), the same of the linear optimum
    samples: np.ndarray  # (M, S, 10, H, W), from draws of N(0, I)


@torch.no_grad()
def sweep_of(models: object, data: ImageData) -> Sweep:
    """All that is shown of these networks.

    Raises:  ValueError if they are no such networks, or the data do not fit them.
    """
    _require_networks(models)
    require_images(data)
    test, train = data.test.images[:TEST], data.train.images[:TRAIN].flatten(1).double()
    variances, images = (
        np.linalg.eigvalsh(np.cov(train.T.numpy(), bias=True)).clip(min=0),
        test[:MOST],
    )
    points = [_point(model, test, variances) for model in models]
    drawn = [_drawn(model, images) for model in models]
    optimum = [_optimum(train, point.sigma, images) for point in points]
    parts = (torch.stack(part) for part in (*zip(*drawn, strict=True), optimum))
    decoded, samples, optimum = map(bytes_of, parts)
    reach = _reach(points, variances.sum())
    told = points, len(test), curve_of(variances, reach[0]), reach
    plane = Plane(tuple(images.shape[1:]), len(images), *told)
    return Sweep(plane, bytes_of(images), decoded, optimum, samples)


def _point(model: VAE, test: Tensor, variances: np.ndarray) -> Point:
    """By the same noise for every network."""
    q, x, generator = model.encode(test), model.flatten(test), torch.Generator().manual_seed(0)
    rates, errors = kl_to_standard_normal(*q), torch.zeros_like(x[:, 0])
    for _ in range(AVERAGED):
        eps = torch.randn(q.mu.shape, generator=generator).to(q.mu)
        errors += (model.decode(q.rsample(eps)) - x).square().sum(-1) / AVERAGED
    require_finite(distortions=errors)
    means = [t.double().mean().item() for t in (model.pixels.sigma, rates, errors)]
    compared = needed_for(variances, means[-1]), at_level(variances, means[0] ** 2)
    return Point(*means, *compared, torch.stack([rates, errors], dim=1)[:MOST].tolist())


def _reach(points: list[Point], variance: float) -> tuple[float, float]:
    """A little more than the largest rate and the largest distortion to be seen."""
    pairs = [pair for p in points for pair in ((p.rate, p.distortion), p.linear, *p.own)]
    rates, distortions = zip(*pairs, (0, variance), strict=True)
    return 1.08 * max(rates), 1.08 * max(distortions)


def _drawn(model: VAE, images: Tensor) -> tuple[Tensor, Tensor]:
    """Of each seed the pictures decoded, (S, N, H, W), and samples, (S, 10, H, W)."""
    n, q = len(images), model.encode(images)
    of_q, of_prior = _noise(n + SAMPLES, model.latent_dim).to(q.mu).split((n, SAMPLES), dim=1)
    return model.mean_x(q.rsample(of_q)).cpu(), model.mean_x(of_prior).cpu()


def _optimum(train: Tensor, sigma: float, images: Tensor) -> Tensor:
    """The pictures decoded by the linear optimum, cut to [0, 1]: (S, N, H, W)."""
    best = LinearGaussian.fit_ml(train, train.shape[1] - 1, sigma=sigma)
    x = best.posterior(images).rsample(_noise(len(images), best.latent_dim)) @ best.W.T + best.b
    return x.clamp(0, 1).unflatten(-1, images.shape[1:])


def _noise(n: int, latents: int) -> Tensor:
    """Of each seed n draws: (S, n, L) float64."""
    return torch.from_numpy(np.stack([standard_normals(s, n, latents) for s in range(SEEDS)]))


def _require_networks(models: object) -> None:
    def fits(model: object) -> bool:
        plain = isinstance(model, VAE) and not isinstance(model, Autoencoder)
        return plain and model.likelihood == "gaussian" and len(model.image_shape) == 2

    good = isinstance(models, list | tuple) and 2 <= len(models) <= MOST and all(map(fits, models))
    if not good or len({model.image_shape for model in models}) > 1:
        raise ValueError(
            f"models should be a list of 2 to {MOST} VAEs with likelihood='gaussian', for pictures "
            f"(H, W) of one size, but {shown(models)} came; try [VAE((8, 8), 16, (128,), "
            f"'gaussian', sigma=s) for s in (0.15, 0.25, 0.4, 0.5, 0.8)], and train each."
        )
