"""The course's three sets of digits in one shape: drawn by code, real 8x8, real 28x28."""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Generator, Tensor

from course_utils._inputs import pixel_step, require_pixels
from course_utils._require import (
    require_count,
    require_fit,
    require_generator,
    require_known,
    require_not_empty,
    require_tensor,
)
from course_utils.data._digits import read_digits
from course_utils.data._mnist import fetch_mnist, read_mnist
from course_utils.data._strokes import Factors, draw, sample_factors


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images, their labels and, where they were drawn by code, the factors behind them.

    Args:    images: (N, H, W) float32 in [0, 1], ink is 1; of a set with parts all of them, the
             training images first;
             labels: (N,) int64; factors: N rows, or None where nobody knows them;
             n_train: how many of the images are for training, or None for a set without parts;
             name: where they come from.
    Raises:  ValueError if shapes or types do not fit, a pixel is NaN or outside [0, 1], N = 0, or
             a part would be empty.

    >>> load("digits")
    ImageData('digits', 1797 images of 8x8: 1497 train, 300 test)
    """

    images: Tensor
    labels: Tensor
    factors: Factors | None = None
    n_train: int | None = None
    name: str = "images"

    def __post_init__(self) -> None:
        _require_pair(self.images, self.labels)
        n = len(self)
        if self.factors is not None and len(self.factors) != n:
            came = f"{len(self.factors)} came; try factors.take(index) with the images' index."
            raise ValueError(f"expected a row of factors for each of {n} images, but {came}")
        if self.n_train is None:
            return
        require_count(n_train=self.n_train)
        if self.n_train >= n:
            came = f"{self.n_train} came; for a set without parts leave it out."
            raise ValueError(f"n_train should be below the number of images, {n}, but {came}")

    @cached_property
    def train(self) -> "ImageData":
        """The images for training; ValueError if this is a part already."""
        return self._part(slice(None, self.n_train))

    @cached_property
    def test(self) -> "ImageData":
        """The images never trained on; ValueError if this is a part already."""
        return self._part(slice(self.n_train, None))

    @property
    def vectors(self) -> Tensor:
        """Images as rows for the toys: (N, H*W) float64, a new copy (MNIST's takes 440 MB)."""
        return self.images.flatten(1).double()

    def binarized(self, *, generator: Generator | None = None) -> "ImageData":
        """The same set with each pixel 1 with probability its grey value, else 0."""
        require_generator(generator)
        return dataclasses.replace(self, images=torch.bernoulli(self.images, generator=generator))

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.images, self.labels))

    def __repr__(self) -> str:
        height, width = self.images.shape[1:]
        n = self.n_train
        parts = "" if n is None else f": {n} train, {len(self) - n} test"
        return f"ImageData({self.name!r}, {len(self)} images of {height}x{width}{parts})"

    def _part(self, rows: slice) -> "ImageData":
        """Some rows, as views of the same memory."""
        if self.n_train is None:
            hint = "only what load(...) gives has .train and .test."
            raise ValueError(f"expected a set with parts, but {self!r} has none; {hint}")
        factors = None if self.factors is None else self.factors.take(rows)
        return ImageData(self.images[rows], self.labels[rows], factors, name=self.name)


def load(name: str) -> ImageData:
    """A set of digits: all images, and as views of the same memory `.train` and `.test`.

    Args:    name: "strokes": 28x28, drawn by code from known factors, 10 000 train, 2 000 test;
             "digits": 8x8, real, the same as scikit-learn's, 1 497 train, 300 test;
             "mnist": 28x28, real, 60 000 train, 10 000 test, fetched when first asked for.
    Raises:  ValueError for another name; ConnectionError if MNIST is neither here nor to be had;
             FileNotFoundError or ValueError that says what to do if the file of digits is gone
             or damaged.

    Every call gives the same images in the same order. The digits are shuffled (permutation with
    seed 0) before they are split, since theirs come writer by writer.
    """
    require_known("data set", name, list(_LOADERS))
    return _LOADERS[name]()


def _make_strokes() -> ImageData:
    """Drawn independently of each other, so that any 2 000 make a fair test set."""
    factors = sample_factors(12_000, generator=torch.Generator().manual_seed(0))
    return ImageData(draw(factors), factors.digit, factors, 10_000, "strokes")


def _make_digits() -> ImageData:
    """The 1 797 real digits, whose pixels count from 0 to 16."""
    counts, labels = map(torch.from_numpy, read_digits())
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    images, labels = counts[order].float() / 16, labels[order].long()
    return ImageData(images, labels, n_train=len(labels) - 300, name="digits")


def _make_mnist() -> ImageData:
    """Both halves one after the other, split where the files are."""
    train_x, train_y, test_x, test_y = read_mnist(fetch_mnist())
    images = torch.cat([torch.tensor(train_x), torch.tensor(test_x)]).float().div_(255)
    labels = torch.cat([torch.tensor(train_y), torch.tensor(test_y)]).long()
    return ImageData(images, labels, n_train=len(train_x), name="mnist")


_LOADERS = {"strokes": _make_strokes, "digits": _make_digits, "mnist": _make_mnist}


def _require_pair(images: object, labels: object) -> None:
    """Refuse what is not a set of images and a label for each."""
    require_tensor(images=images)
    side = math.isqrt(images[:1].numel()) if images.dim() else 1
    rows = [f"{{}}.reshape(-1, {side}, {side})"] * (side > 4)
    others = ("{}[None]", "{}.squeeze(1)", "{}.squeeze(-1)", "{}.float().mean(1)")
    require_fit(
        "float32 of shape (N, H, W)",
        lambda t: t.dim() == 3 and t.dtype == torch.float32,
        (["{}", *rows, *others, "{}.float().mean(-1)"], lambda t: t.dim() == 3),
        pixel_step(images),
        ("{}", "{}.float()"),
        images=images,
    )
    require_not_empty(images=images)
    require_pixels(images=images)
    n = len(images)
    require_fit(
        f"int64 of shape ({n},), one per image",
        lambda t: tuple(t.shape) == (n,) and t.dtype == torch.int64,
        ("{}.long()", "{}.squeeze(1).long()", "{}.argmax(1)"),
        labels=labels,
    )
