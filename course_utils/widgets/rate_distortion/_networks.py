"""What of trained networks and of data the explorer shows: rates, distortions, pixels."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from course_utils._require import shown
from course_utils.data import ImageData
from course_utils.densities import ElboTerms
from course_utils.models import VAE, Autoencoder
from course_utils.toys import LinearGaussian
from course_utils.widgets._shared.latent_codes import bytes_of, require_images
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets.rate_distortion._water import curve_of, needed_for

MOST, SEEDS, SAMPLES = 12, 5, 10  # networks and pictures; draws of z, and samples in each
AVERAGED = 32  # draws of z behind the distortion of a picture
TRAIN, TEST = 10_000, 1000  # pictures at most of the covariance, and of the points


@dataclass(frozen=True)
class Point:
    """A network in the plane: means over test pictures, and what to compare them with."""

    sigma: float
    rate: float  # KL(q(z|x) || N(0, I)), nats
    distortion: float  # E_q |x - E[x|z]|^2
    needed: float  # nats, by the Gaussian at this distortion
    linear: tuple[float, float, float]  # these three of the linear optimum at this sigma
    own: list[tuple[float, float]]  # rate and distortion of each picture shown


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
    variances = np.linalg.eigvalsh(np.cov(train.T.numpy(), bias=True)).clip(min=0)
    sigmas = [model.pixels.sigma.item() for model in models]
    best = [LinearGaussian.fit_ml(train, train.shape[1] - 1, sigma=sigma) for sigma in sigmas]
    points = [_point(*pair, test, variances) for pair in zip(models, best, strict=True)]
    images = test[:MOST]
    drawn, optimum = [_drawn(m, images) for m in models], [_optimum(m, images) for m in best]
    parts = (torch.stack(part) for part in (*zip(*drawn, strict=True), optimum))
    decoded, samples, optimum = map(bytes_of, parts)
    reach = _reach(points, variances.sum())
    told = points, len(test), curve_of(variances, reach[0]), reach
    plane = Plane(tuple(images.shape[1:]), len(images), *told)
    return Sweep(plane, bytes_of(images), decoded, optimum, samples)


def _point(model: VAE, best: LinearGaussian, test: Tensor, variances: np.ndarray) -> Point:
    """By the same noise for every network; of the linear optimum, `best`, exact."""

    def measured(terms: ElboTerms) -> tuple[Tensor, Tensor]:
        scale = 2 * best.sigma**2  # rec is -D / (2 sigma^2) and a constant, eq. 9.2
        constant = best.data_dim / 2 * math.log(math.pi * scale)
        return terms.kl.double(), -scale * (terms.rec.double() + constant)

    generator, size = torch.Generator().manual_seed(0), (len(test), model.latent_dim)
    noise = (torch.randn(size, generator=generator) for _ in range(AVERAGED))
    own = torch.stack([torch.stack(measured(model.elbo(test, eps=eps))) for eps in noise])
    own = own.mean(0).cpu()  # (2, B)
    exact = torch.stack(measured(best.exact_elbo(test, best.posterior(test))))
    here, linear = (
        [*means, needed_for(variances, means[1])]
        for means in (own.mean(1).tolist(), exact.mean(1).tolist())
    )
    return Point(best.sigma, *here, tuple(linear), own[:, :MOST].T.tolist())


def _reach(points: list[Point], variance: float) -> tuple[float, float]:
    """A little more than the largest rate and the largest distortion to be seen."""
    pairs = [pair for p in points for pair in ((p.rate, p.distortion), p.linear[:2], *p.own)]
    pairs += [(point.needed, variance) for point in points]
    rates, distortions = zip(*pairs, strict=True)
    return 1.08 * max(rates), 1.08 * max(distortions)


def _drawn(model: VAE, images: Tensor) -> tuple[Tensor, Tensor]:
    """Of each seed the pictures decoded, (S, N, H, W), and samples, (S, 10, H, W)."""
    n, q = len(images), model.encode(images)
    of_q, of_prior = _noise(n + SAMPLES, model.latent_dim).to(q.mu).split((n, SAMPLES), dim=1)
    return model.mean_x(q.rsample(of_q)).cpu(), model.mean_x(of_prior).cpu()


def _optimum(best: LinearGaussian, images: Tensor) -> Tensor:
    """The pictures decoded by the linear optimum, cut to [0, 1]: (S, N, H, W)."""
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
