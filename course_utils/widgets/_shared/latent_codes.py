"""What lies on the pad of the latent explorer: codes q(z | x), their labels, their originals."""

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from course_utils._require import require_kind
from course_utils.data import ImageData
from course_utils.densities import DiagonalNormal

MOST_IMAGES = 400  # of data, whose pixels travel with the notebook
SMALLEST_SPAN = 3.5  # of the pad, from 0: the prior with three standard deviations


@dataclass(frozen=True, eq=False)
class LatentCodes:
    """Where the encoder puts images."""

    mu: np.ndarray  # (N, L) float32
    log_var: np.ndarray | None  # (N, L); None for points without a q
    labels: list[int]  # N whole numbers, as the data have them
    originals: np.ndarray | None = None  # (N, H, W) uint8, ink is 255

    def __len__(self) -> int:
        """N, the number of codes."""
        return len(self.mu)

    @property
    def span(self) -> float:
        """How far the pad reaches from 0: to the furthest code, by steps of a half."""
        furthest = float(np.abs(self.mu).max(initial=0))
        return max(SMALLEST_SPAN, np.ceil(2.1 * furthest) / 2)

    @property
    def mean_kl(self) -> list[float]:
        """Of each latent, KL(q || p) averaged over the codes, nats; empty without a q."""
        if self.log_var is None or not len(self):
            return []
        return kl_of(self.mu, self.log_var).mean(axis=0).tolist()

    @property
    def sent(self) -> dict:
        """What the page is told: labels, how to read the bytes, each latent's mean KL (nats)."""
        spread, mean_kl = self.log_var is not None, self.mean_kl
        return {"labels": self.labels, "half": self._half, "spread": spread, "mean_kl": mean_kl}

    @property
    def packed(self) -> dict[str, bytes]:
        """mu, then log_var, row by row, little-endian, halves where those are exact; pixels."""
        return {
            "packed_codes": self._flat.astype("<f2" if self._half else "<f4").tobytes(),
            "packed_originals": b"" if self.originals is None else packed_pictures(self.originals),
        }

    def original(self, code: int | None) -> np.ndarray | None:
        """The picture of a code, (H, W) float32 in [0, 1], where there is one."""
        if code is None or self.originals is None:
            return None
        return self.originals[code] / np.float32(255)

    @property
    def _flat(self) -> np.ndarray:
        return np.concatenate([t.ravel() for t in (self.mu, self.log_var) if t is not None])

    @property
    def _half(self) -> bool:
        return bool((self._flat.astype(np.float16).astype(np.float32) == self._flat).all())


def bytes_of(images: Tensor) -> np.ndarray:
    """Grey values in [0, 1] as uint8, ink is 255: the same shape."""
    return (255 * images).round().to(torch.uint8).numpy()


def packed_pictures(pixels: np.ndarray) -> bytes:
    """Pixels as bytes, each run of up to 255 zeros as a zero and its length."""
    return re.sub(rb"\x00{1,255}", lambda run: bytes([0, len(run[0])]), pixels.tobytes())


def kl_of(mu: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """KL( N(mu, exp(log_var)) || N(0, 1) ) of each latent, nats, in double precision."""
    mu, log_var = mu.astype(float), log_var.astype(float)
    return 0.5 * (mu * mu + np.exp(log_var) - 1 - log_var)


def codes_of(
    model, data: ImageData | None, image_shape: tuple[int, int], *, labelled: bool = False
) -> LatentCodes:
    """The codes of data, at most the first 400; without data those that the model brings, if any.

    Args:    labelled: whether the encoder is given the labels too, as that of a CVAE.
    Raises:  ValueError if data is no ImageData, its images are not of the model's size, or the
             model has no encoder; or if the model's own codes are not of its latents.
    """
    if data is not None:
        return _encoded(model, data, image_shape, labelled)
    own = getattr(model, "codes", None)
    if own is None:
        return LatentCodes(np.zeros((0, model.latent_dim), np.float32), None, [])
    return _codes(model, DiagonalNormal(own.mu, own.log_var), own.labels)


def require_images(data: object) -> None:
    """Refuse anything but an ImageData."""
    require_kind("data", data, ImageData, "an ImageData", "; try data.load('digits').test")


@torch.no_grad()
def _encoded(model, data: ImageData, image_shape, labelled: bool) -> LatentCodes:
    require_images(data)
    images, labels = data.images[:MOST_IMAGES], data.labels[:MOST_IMAGES]
    if tuple(images.shape[1:]) != tuple(image_shape):
        (h, w), (height, width) = image_shape, images.shape[1:]
        raise ValueError(
            f"the model draws pictures of {h}x{w}, but the images of {data!r} are "
            f"{height}x{width}; give it images like those it was made for."
        )
    if not callable(getattr(model, "encode", None)):
        raise ValueError(
            f"the model should have encode(x) to place images on the pad, but "
            f"{type(model).__name__} has none; leave data out."
        )
    q = model.encode(images, labels) if labelled else model.encode(images)
    return _codes(model, q, labels, bytes_of(images))


def _codes(model, q: DiagonalNormal | Tensor, labels: Tensor, originals=None) -> LatentCodes:
    """From what encode gives: a q for each image, or of an autoencoder a point."""
    mu, log_var = (q.mu, q.log_var) if isinstance(q, DiagonalNormal) else (q, None)
    is_table = isinstance(mu, Tensor) and mu.dim() == 2 and mu.shape[1] == model.latent_dim
    if not is_table or len(mu) != len(labels) or not mu.isfinite().all():
        came = f"{tuple(mu.shape)}" if isinstance(mu, Tensor) else f"a {type(mu).__name__}"
        raise ValueError(
            f"the codes should be ({len(labels)}, {model.latent_dim}) finite numbers, one row a "
            f"label, but {came} came; does encode(x) give a DiagonalNormal?"
        )
    tables = [None if t is None else t.detach().cpu().float().numpy() for t in (mu, log_var)]
    return LatentCodes(*tables, [int(label) for label in labels], originals)
