"""Notebook 05, E5.2: what people write instead of the normaliser of D normal pixels."""

import math
from collections.abc import Callable

from torch import Tensor

from course_utils.exercises._exercise import Mistake

LOG_2PI = math.log(2 * math.pi)


def squared(x: Tensor, mean: Tensor) -> Tensor:
    """The square of each picture's distance, (B,)."""
    return ((x - mean) ** 2).sum(-1)


def log_2pi_var(sigma: float) -> float:
    """The logarithm below the half."""
    return math.log(2 * math.pi * sigma**2)


def constant(constant: Callable[[int, float], float]) -> Callable[..., Tensor]:
    """Another normaliser, of D and sigma, with the right square."""
    return lambda x, mean, sigma: squared(x, mean) / (-2 * sigma**2) - constant(x.shape[-1], sigma)


def cost(cost: Callable[[Tensor, float], Tensor]) -> Callable[..., Tensor]:
    """Another cost of the differences x - mean, with the right normaliser."""
    return lambda x, mean, sigma: -cost(x - mean, sigma) - x.shape[-1] / 2 * log_2pi_var(sigma)


NORMALISER = (
    Mistake(
        "no normaliser",
        constant(lambda d, sigma: 0.0),
        "The square is right, and that is all there is: a larger sigma would make every picture "
        "more probable, without end. What does a wide normal pay for being wide?",
        also_wrong=(lambda x, mean, sigma: squared(x, mean) / (2 * sigma**2),),
    ),
    Mistake(
        "normaliser counted once",
        constant(lambda d, sigma: log_2pi_var(sigma) / 2),
        "The normaliser is there once. D pixels make D normal densities: how often does each "
        "picture pay it?",
        also_wrong=(
            constant(lambda d, sigma: log_2pi_var(sigma)),
            constant(lambda d, sigma: d**2 / 2 * log_2pi_var(sigma)),
            constant(lambda d, sigma: d / 2 * LOG_2PI + math.log(sigma)),
            constant(lambda d, sigma: LOG_2PI / 2 + d * math.log(sigma)),
        ),
    ),
    Mistake(
        "normaliser counted B times",
        lambda x, mean, sigma: squared(x, mean) / (-2 * sigma**2) - len(x) / 2 * log_2pi_var(sigma),
        "Your normaliser is counted once for each picture of the batch, or for each entry of x. D "
        "is the number of pixels: which axis of (B, D) is that?",
        also_wrong=(
            lambda x, mean, sigma: (
                squared(x, mean) / (-2 * sigma**2) - x.numel() / 2 * log_2pi_var(sigma)
            ),
        ),
    ),
    Mistake(
        "normaliser without its half",
        constant(lambda d, sigma: d * log_2pi_var(sigma)),
        "Your normaliser is twice too large, or its log sigma half of what it should be. The root "
        "of 2 pi sigma^2 stands below the density: how does a root come out of a logarithm? And "
        "log sigma^2 is twice log sigma.",
        also_wrong=(
            constant(lambda d, sigma: d / 2 * (LOG_2PI + math.log(sigma))),
            constant(lambda d, sigma: d * LOG_2PI + d * math.log(sigma)),
            constant(lambda d, sigma: d / 2 * LOG_2PI + 2 * d * math.log(sigma)),
        ),
    ),
    Mistake(
        "no 2 pi",
        constant(lambda d, sigma: d * math.log(sigma)),
        "You are off by the same amount for every picture, whatever sigma is: look for the 2 pi. "
        "It belongs into the logarithm, whole, or the density does not integrate to 1.",
        also_wrong=(
            constant(lambda d, sigma: d / 2 * math.log(math.pi * sigma**2)),
            constant(lambda d, sigma: d / 2 * math.log(2 * sigma**2)),
            constant(lambda d, sigma: d / 2 * (2 * math.pi + 2 * math.log(sigma))),
        ),
    ),
    Mistake(
        "normaliser without sigma",
        constant(lambda d, sigma: d / 2 * LOG_2PI),
        "In your normaliser sigma is missing, or not under the logarithm. A narrow normal has to "
        "be taller than a wide one, by how much?",
        also_wrong=(
            constant(lambda d, sigma: d / 2 * (LOG_2PI + sigma**2)),
            constant(lambda d, sigma: d / 2 * 2 * math.pi * sigma**2),
        ),
    ),
    Mistake(
        "normaliser added",
        constant(lambda d, sigma: -d / 2 * log_2pi_var(sigma)),
        "One of the two terms has the wrong sign. Both lower the log-density: a larger distance "
        "does, and so does a larger sigma, which flattens the peak.",
        also_wrong=(
            cost(lambda r, sigma: -(r**2).sum(-1) / (2 * sigma**2)),
            constant(lambda d, sigma: d / 2 * (LOG_2PI - 2 * math.log(sigma))),
        ),
    ),
    Mistake(
        "pi rounded",
        constant(lambda d, sigma: d / 2 * math.log(2 * 3 * sigma**2)),
        "Right but for the last digits: pi, or log(2 pi), stands in your formula as a rounded "
        "number. 784 pixels make 784 times that error. `math.pi` (or `torch.pi`) has all digits.",
        also_wrong=(
            *(
                constant(lambda d, sigma, pi=pi: d / 2 * math.log(2 * pi * sigma**2))
                for pi in (3.1, 22 / 7, 3.14, 3.141, 3.142, 3.1415, 3.1416)
            ),
            *(
                constant(lambda d, sigma, c=c: d / 2 * (c + 2 * math.log(sigma)))
                for c in (1.8, 1.84, 1.838, 1.8378, 1.8379)
            ),
        ),
    ),
)
