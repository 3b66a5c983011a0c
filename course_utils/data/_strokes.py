"""The writer of digits: 28x28 pictures drawn by code from factors that are known.

A digit is a pen's path of straight pieces. The factors bend the path (wobble), scale it (size),
shear it (slant) and turn it (angle); the ink of a pixel falls off with its distance to the path
(weight). Every number comes from operations that IEEE arithmetic rounds in one way, in one order
(no exp, matrix product or library's sum over pixels), so that an image depends on its own factors
alone, to the last bit: not on what it is drawn together with, nor on the number of threads, nor on
which instructions the processor has. From one machine to another the last bits of two things may
differ: of factors drawn from a seed, with torch's normal numbers, and of an image, where two C
libraries take a sine that lies between two float32 numbers for different ones.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Generator, Tensor

from course_utils._require import (
    require_count,
    require_finite,
    require_fit,
    require_generator,
    require_kind,
    require_not_empty,
)
from course_utils.data._skeletons import segments

SIDE = 28  # pixels
HEIGHT = 17.6  # pixels of a path of size 1: with the pen's width about 20, as in MNIST
LIMIT = 100  # of any factor: far outside what is legible, far inside what float32 can square
EDGE = 1.8  # pixels over which ink fades to paper
CHUNK = 64  # images drawn at once; more no longer gains time (benchmarks/strokes.py)

RANGES = {
    "slant": (-0.4, 0.55),
    "weight": (1.3, 4.0),
    "size": (0.8, 1.05),
    "angle": (-0.2, 0.2),
    "wobble": (-2.0, 2.0),
}
"""Lowest and highest value of each factor that `sample_factors` gives; `draw` goes beyond."""


@dataclass(frozen=True, eq=False)
class Factors:
    """What a digit was drawn from, one row per image.

    Args:    digit: (N,) int64, 0 to 9;
             slant: (N,) shear, pixels to the right per pixel upwards;
             weight: (N,) width of the stroke in pixels, > 0;
             size: (N,) height as a part of the usual 20 pixels, > 0;
             angle: (N,) radians, positive turns clockwise (to the right, as slant does);
             wobble: (N, 8) the hand's irregularity, in standard deviations. Four bend the path
             sideways (bow, taper, wave, breadth), four up and down (sag, tilt, wave, balance).
             All but digit are float32.
    Raises:  ValueError if shapes do not fit, an entry is not finite or out of bounds, or N = 0.
    """

    digit: Tensor
    slant: Tensor
    weight: Tensor
    size: Tensor
    angle: Tensor
    wobble: Tensor

    def __post_init__(self) -> None:
        _require_digits(self.digit)
        for field in fields(self)[1:]:
            _require_column(field.name, getattr(self, field.name), len(self))
        for name, lowest in {"weight": self.weight.min(), "size": self.size.min()}.items():
            if lowest <= 0:
                hint = f"sampled values lie in {RANGES[name]}."
                raise ValueError(f"{name} should be above 0, but {lowest:g} came; {hint}")

    def __len__(self) -> int:
        return len(self.digit)

    def __iter__(self) -> Iterator[Tensor]:
        return (getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        return f"Factors({len(self)} images)"

    def take(self, index: Tensor) -> "Factors":
        """The factors of some images; index: (M,) int64, (N,) bool, or a slice; not empty."""
        try:
            taken = [column[index] for column in self]
        except (IndexError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
            n, came = len(self), f"a {type(index).__name__} came that takes no rows"
            raise ValueError(
                f"index should be whole numbers below {n}, {n} bools or a slice, but {came} "
                f"({str(error)[:80]}); try torch.arange({n})."
            ) from None
        return Factors(*taken)


def sample_factors(n: int, *, generator: Generator | None = None) -> Factors:
    """Factors of n digits, all independent; normal ones are cut at the ends of `RANGES`.

    A seed decides them, on one kind of processor to the last bit.

    Args:    n: number of images, at least 1; generator: where the randomness comes from.
    Raises:  ValueError if n is not a whole number of at least 1.

    >>> sample_factors(3, generator=torch.Generator().manual_seed(0)).digit
    tensor([4, 9, 3])
    """
    require_count(n=n)
    require_generator(generator)

    def normal(name: str, mean: float, deviation: float, *shape: int) -> Tensor:
        eps = torch.randn(n, *shape, generator=generator, dtype=torch.float32)
        return (mean + deviation * eps).clamp(*RANGES[name])

    return Factors(
        digit=torch.randint(10, (n,), generator=generator),
        slant=normal("slant", 0.1, 0.2),
        weight=normal("weight", 2.5, 0.6),
        size=normal("size", 0.96, 0.05),
        angle=normal("angle", 0.0, 0.1),
        wobble=normal("wobble", 0.0, 1.0, 8),
    )


@torch.no_grad()
def draw(factors: Factors) -> Tensor:
    """Digits as the factors say: (N, 28, 28) float32 in [0, 1], ink is 1.

    Args:    factors: N rows. The centre of a digit's ink lies in the middle of its image, or as
             near to it as keeps the ink off the border.
    Raises:  ValueError if factors is not a `Factors`.

    An image depends on its own row only, bit for bit: draw(f.take(i)) equals draw(f)[i]. No
    gradient reaches the factors.
    """
    require_kind("factors", factors, Factors, "a Factors", "; try draw(sample_factors(100))")
    images = torch.empty(len(factors), SIDE, SIDE, dtype=torch.float32)
    for digit in factors.digit.unique().tolist():
        for part in (factors.digit == digit).nonzero()[:, 0].split(CHUNK):
            some = factors.take(part)
            images[part] = _ink(_distance(*_path(digit, some)), some.weight)
    return images


def _path(digit: int, factors: Factors) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Start (x, y) and end (x, y) of the S pieces of n paths, in pixels, (S, n) each."""
    points = (torch.from_numpy(p * 2 - 1).float() for p in segments(digit))  # about [-1, 1]
    (ax, ay), (bx, by) = (_pose(*p.unsqueeze(-1).unbind(1), factors) for p in points)
    length = _length(bx - ax, by - ay)
    dx, dy = (_shift(a, b, length, factors.weight) for a, b in ((ax, bx), (ay, by)))
    return ax + dx, ay + dy, bx + dx, by + dy


def _shift(a: Tensor, b: Tensor, length: Tensor, weight: Tensor) -> Tensor:
    """What centres the ink, or as near as keeps it off the border: ends (S, n) -> (n,), pixels."""
    # Python's sum adds row by row; torch's may add in an order that depends on the shape.
    centre = sum(length * (a + b)) / sum(length) / 2
    margin = weight / 2 + EDGE / 2 + 0.5
    ends = torch.cat([a, b])
    lowest, highest = margin - ends.amin(0), SIDE - margin - ends.amax(0)
    return (SIDE / 2 - centre).maximum(lowest).minimum(highest)


def _pose(x: Tensor, y: Tensor, factors: Factors) -> tuple[Tensor, Tensor]:
    """Points (S, 1) of the path bent, scaled, sheared and turned: (S, n), pixels."""
    x, y = _bend(x, y, factors.wobble)
    x, y = x * (factors.size * (HEIGHT / 2)), y * (factors.size * (HEIGHT / 2))
    x = x - factors.slant * y
    turns = factors.angle.tolist()
    cos = torch.tensor([*map(math.cos, turns)], dtype=torch.float32)
    sin = torch.tensor([*map(math.sin, turns)], dtype=torch.float32)
    return cos * x - sin * y, sin * x + cos * y


def _bend(x: Tensor, y: Tensor, wobble: Tensor) -> tuple[Tensor, Tensor]:
    """Move each point of the path (S, 1) by a smooth field, linear in the wobble: (S, n)."""
    w = wobble.unbind(1)
    wave_x, wave_y = x * (1 - x * x), y * (1 - y * y)
    dx = w[0] * 0.1 * y * y + w[1] * 0.1 * x * y + w[2] * 0.2 * wave_y + w[3] * 0.08 * x
    dy = w[4] * 0.12 * x * x + w[5] * 0.1 * x * y + w[6] * 0.25 * wave_x + w[7] * 0.1 * y * y
    return x + dx, y + dy


def _distance(ax: Tensor, ay: Tensor, bx: Tensor, by: Tensor) -> Tensor:
    """Distance of every pixel to the nearest of the S pieces a..b: (S, n) -> (n, 28, 28)."""
    half = _length(bx - ax, by - ay) / 2
    ex, ey = (bx - ax) / (2 * half), (by - ay) / (2 * half)  # unit vector along the piece
    mx, my = (ax + bx) / 2, (ay + by) / 2
    pixel = torch.arange(SIDE, dtype=torch.float32) + 0.5
    along = _dot(pixel, ex, ey, ex * mx + ey * my)
    along = along.abs_().sub_(half[..., None, None]).clamp_(min=0)  # beyond the piece's ends
    across = _dot(pixel, ey, -ex, ey * mx - ex * my)
    return _sqrt(along.mul_(along).add_(across.mul_(across)).amin(0))


def _dot(pixel: Tensor, ex: Tensor, ey: Tensor, offset: Tensor) -> Tensor:
    """e . p - offset for every pixel centre p: e (S, n) -> (S, n, 28, 28)."""
    by_column = pixel * ex[..., None] - offset[..., None]  # (S, n, 28)
    by_row = pixel * ey[..., None]
    return by_column[..., None, :] + by_row[..., :, None]  # (S, n, 1, 28) + (S, n, 28, 1)


def _length(x: Tensor, y: Tensor) -> Tensor:
    """Length of the arrow (x, y), never 0: it divides, and a dot needs a direction too."""
    return _sqrt(x * x + y * y).clamp(min=1e-6)


def _sqrt(value: Tensor) -> Tensor:
    """Square root, correctly rounded; torch's may miss the last bit, on some processors."""
    return torch.from_numpy(np.sqrt(value.numpy()))


def _ink(distance: Tensor, weight: Tensor) -> Tensor:
    """Ink 1 inside the stroke, 0 outside, with an edge as soft as a scan's."""
    t = ((weight[:, None, None] / 2 - distance) / EDGE + 0.5).clamp(0, 1)  # (n, 28, 28)
    return t * t * (3 - 2 * t)


def _require_digits(digit: object) -> None:
    def fits(t: Tensor) -> bool:
        return t.dim() == 1 and t.dtype == torch.int64

    way = "; try torch.as_tensor(digits)"
    require_fit("int64 of shape (N,)", fits, otherwise=way, digit=digit)
    require_not_empty(digit=digit)
    low, high = map(int, digit.aminmax())
    if low < 0 or high > 9:
        raise ValueError(f"digit should be 0 to 9, but {low} to {high} came.")


def _require_column(name: str, value: object, n: int) -> None:
    shape = (n, 8) if name == "wobble" else (n,)

    def fits(t: Tensor) -> bool:
        return tuple(t.shape) == shape and t.dtype == torch.float32

    expected, way = f"float32 of shape {shape} like the digits", f"; try torch.full({shape}, 0.1)"
    require_fit(expected, fits, otherwise=way, **{name: value})
    require_finite(**{name: value})
    if value.abs().max() > LIMIT:
        came = f"{value.abs().max():g} came; sampled values lie in {RANGES[name]}."
        raise ValueError(f"{name} should be at most {LIMIT} in size, but {came}")
