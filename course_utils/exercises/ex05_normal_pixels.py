"""Notebook 05, E5.2: what people write instead of log p(x|z) of pixels with normal noise."""

import math
from collections.abc import Callable

from torch import Tensor

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex05_normaliser import constant, cost, log_2pi_var, squared


def _right(x: Tensor, mean: Tensor, sigma: float) -> Tensor:
    return squared(x, mean) / (-2 * sigma**2) - x.shape[-1] / 2 * log_2pi_var(sigma)


def _changed(change: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """The right answer, then made something else of."""
    return lambda *args: change(_right(*args))


def _alone(value: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """A function of the differences x - mean, without sigma."""
    return lambda x, mean, sigma: value(x - mean)


def _with_sigma(of: Callable[[float], float]) -> Callable[..., Tensor]:
    """The right formula with something else for sigma."""
    return lambda x, mean, sigma: _right(x, mean, of(sigma))


def _per_pixel(x: Tensor, mean: Tensor, sigma: float) -> Tensor:
    return (x - mean) ** 2 / (-2 * sigma**2) - log_2pi_var(sigma) / 2


def _reduced(change: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """The right terms (B, D), then made something else of."""
    return lambda *args: change(_per_pixel(*args))


NORMAL_PIXELS = (
    Mistake(
        "squared error alone",
        _alone(lambda r: -(r**2).sum(-1)),
        "That is a squared error (or its average), without sigma: the loss of most code you will "
        "meet. For which sigma would it be a log-density, but for a constant? Here sigma is given, "
        "and the constant counts.",
        also_wrong=(
            _alone(lambda r: (r**2).sum(-1)),
            _alone(lambda r: -(r**2).mean(-1)),
            _alone(lambda r: (r**2).mean(-1)),
            _alone(lambda r: -(r**2).mean()),
            _alone(lambda r: (r**2).mean()),
            _alone(lambda r: -(r**2)),
            _alone(lambda r: r**2),
            _alone(lambda r: -(r**2).sum(-1) / 2),
            _alone(lambda r: (r**2).sum(-1) / 2),
        ),
    ),
    Mistake(
        "sigma as the variance",
        _with_sigma(math.sqrt),
        "You use sigma where its square belongs. Sigma has the unit of a pixel; in which unit is "
        "the square of x - mean?",
        also_wrong=(
            cost(lambda r, sigma: (r**2).sum(-1) / (2 * sigma)),
            cost(lambda r, sigma: (r**2).sum(-1) / sigma),
        ),
    ),
    Mistake(
        "squared twice",
        _with_sigma(lambda sigma: sigma**2),
        "Sigma is squared once too often. It is the standard deviation: `torch.distributions."
        "Normal` takes it as it is, and a formula with a variance takes its square.",
        also_wrong=(
            cost(lambda r, sigma: (r**2).sum(-1) / (2 * sigma**4)),
            cost(lambda r, sigma: ((r / sigma**2) ** 2).sum(-1)),
        ),
    ),
    Mistake(
        "sigma as a logarithm",
        _with_sigma(math.exp),
        "You take exp of sigma. It is no logarithm here, but the standard deviation itself.",
        also_wrong=(_with_sigma(lambda sigma: math.exp(sigma / 2)),),
    ),
    Mistake(
        "sigma not used",
        _with_sigma(lambda sigma: 1.0),
        "Sigma is missing below the square (or everywhere): your pixels have noise of size 1, "
        "whatever comes in.",
        also_wrong=(
            cost(lambda r, sigma: (r**2).sum(-1) / 2),
            cost(lambda r, sigma: (r**2).sum(-1)),
        ),
    ),
    Mistake(
        "times the variance",
        cost(lambda r, sigma: (r**2).sum(-1) * sigma**2 / 2),
        "You multiply by the variance, where you should divide: the noisier the pixels, the *less* "
        "a given distance should cost. (In Python `a / 2 * b` is `(a / 2) * b`.)",
        also_wrong=(
            _with_sigma(lambda sigma: 1 / sigma),
            cost(lambda r, sigma: (r**2).sum(-1) * sigma**2),
            lambda x, mean, sigma: squared(x, mean) / -2 * sigma**2,
        ),
    ),
    Mistake(
        "no half of the square",
        cost(lambda r, sigma: (r**2).sum(-1) / sigma**2),
        "The square counts twice: a 1/2 is lost. You have chosen another sigma without knowing it, "
        "smaller by a factor of 1.41. How does the exponent of a normal density begin?",
        also_wrong=(_changed(lambda value: 2 * value),),
    ),
    Mistake(
        "mean of the squares",
        cost(lambda r, sigma: (r**2).mean(-1) / (2 * sigma**2)),
        "The squares are averaged over the pixels, the normaliser is not. Densities of independent "
        "pixels multiply: what becomes of their logarithms? (The average is a decoder with a much "
        "larger sigma. How much larger?)",
        also_wrong=(
            cost(lambda r, sigma: (r**2).mean(-1) / sigma**2),
            cost(lambda r, sigma: (r**2).mean() / (2 * sigma**2)),
        ),
    ),
    Mistake(
        "mean over the pixels",
        _reduced(lambda terms: terms.mean(-1)),
        "You average over the D pixels. Their densities multiply, so the logarithms add up: a "
        "picture of 784 pixels says 784 times as much as one.",
        also_wrong=(_reduced(lambda terms: -terms.mean(-1)),),
    ),
    Mistake(
        "no square",
        cost(lambda r, sigma: r.sum(-1) / (2 * sigma**2)),
        "The differences are not squared one by one. Squares first, one for each pixel; then the "
        "sum. (The square of a sum is something else, and so is the root of the sum of squares.)",
        also_wrong=(
            cost(lambda r, sigma: r.abs().sum(-1) / (2 * sigma**2)),
            cost(lambda r, sigma: r.sum(-1) ** 2 / (2 * sigma**2)),
            cost(lambda r, sigma: r.norm(dim=-1) / (2 * sigma**2)),
            cost(lambda r, sigma: r.abs().sum(-1) / sigma),
            cost(lambda r, sigma: (r**2).sum(-1) ** 2 / (2 * sigma**2)),
        ),
    ),
    Mistake(
        "the loss",
        _changed(lambda value: -value),
        "The size is right, the sign is not: that is a loss, to be made small. Which picture has "
        "the larger log-density, one near the mean or one far away?",
    ),
    Mistake(
        "the density itself",
        _changed(lambda value: value.exp()),
        "You return the density. Leave out the `exp`: with 784 pixels it is rounded to 0 or to "
        "infinity, and its logarithm is not.",
        also_wrong=(_reduced(lambda terms: terms.exp()), _reduced(lambda t: t.exp().sum(-1))),
    ),
    Mistake(
        "not added up",
        _reduced(lambda terms: terms),
        "There is still one number for each pixel. One for each picture is asked: what becomes of "
        "the logarithms of densities that multiply?",
        also_wrong=(_reduced(lambda terms: -terms),),
    ),
    Mistake(
        "one number for all",
        _reduced(lambda terms: terms.sum()),
        "One number for the whole batch is left. Each picture has a log-density of its own, (B,).",
        also_wrong=(
            _reduced(lambda terms: terms.mean()),
            _reduced(lambda terms: terms.sum(-1).mean()),
            _reduced(lambda terms: -terms.sum()),
            _reduced(lambda terms: -terms.mean()),
            lambda x, mean, sigma: (
                ((x - mean) ** 2).sum() / (-2 * sigma**2) - x.shape[-1] / 2 * log_2pi_var(sigma)
            ),
        ),
    ),
    Mistake(
        "summed over the batch",
        _reduced(lambda terms: terms.sum(0)),
        "The B pictures have been added together, and the D pixels kept apart. Which of the two "
        "axes of (B, D) should go?",
        also_wrong=(_reduced(lambda terms: terms.mean(0)),),
    ),
    Mistake(
        "in bits",
        _changed(lambda value: value / math.log(2)),
        "You count in bits, or to base 10, at least in the normaliser. This course counts in nats: "
        "the natural logarithm.",
        also_wrong=(
            constant(lambda d, sigma: d / 2 * math.log2(2 * math.pi * sigma**2)),
            constant(lambda d, sigma: d / 2 * math.log10(2 * math.pi * sigma**2)),
        ),
    ),
)

# The values of these are right.
NORMAL_PIXELS_GRADIENTS = (
    Mistake(
        "mean cut off",
        lambda x, mean, sigma: _right(x, mean.detach(), sigma),
        "No gradient reaches the mean, which is the decoder's output: it would learn nothing. Look "
        "for `.detach()`, `.data`, `no_grad` or a new `torch.tensor(...)`.",
        also_wrong=(lambda *args: _right(*args).detach(),),
    ),
)
