"""Notebook 01, E1.1: what people write instead of a normal's log-density, and the hints."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises._exercise import Mistake

LOG_2PI = math.log(2 * math.pi)


def _right(x: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
    """All D terms, not added up: (B, D)."""
    return -0.5 * (LOG_2PI + log_var + _square(x, mu, log_var))


def _square(x: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
    return (x - mu) ** 2 / log_var.exp()


def _terms(term: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Another formula for one dimension, added up over the right axis.

    term gets log_var, the right square and the difference x - mu, each (B, D).
    """

    def wrong(x: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
        return term(log_var, _square(x, mu, log_var), x - mu).sum(-1)

    return wrong


def _constant(count: Callable[[Tensor], float]) -> Callable[..., Tensor]:
    """The right sums with another number of log 2 pi."""
    return lambda x, mu, log_var: (
        -0.5 * (count(log_var) * LOG_2PI + (log_var + _square(x, mu, log_var)).sum(-1))
    )


LOG_NORMAL = (
    Mistake(
        "log_var as the variance",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv.log() + d**2 / lv)),
        "You use `log_var` as if it were the variance, but it is its logarithm (it may be "
        "negative, a variance may not). The variance is `log_var.exp()`.",
        also_wrong=(
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv + d**2 / lv)),
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv.log() + sq)),
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + 2 * lv.log() + (d / lv) ** 2)),
        ),
    ),
    Mistake(
        "log_var as log sigma",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + 2 * lv + d**2 / (2 * lv).exp())),
        "You take `log_var` for the log of the standard deviation: the variance is squared once "
        "too often. `log_var.exp()` is sigma^2 already. (`torch.distributions.Normal` wants "
        "sigma itself, `(log_var / 2).exp()`.)",
        also_wrong=(
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv + d**2 / (2 * lv).exp())),
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + 2 * lv + sq)),
        ),
    ),
    Mistake(
        "sigma in the denominator",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv + d**2 / (0.5 * lv).exp())),
        "You divide the square by sigma, or count log sigma where equation 1.1 has log sigma^2. "
        "In which unit is (x - mu)^2 if x is in metres? Divided by the variance it has none.",
        also_wrong=(
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + 0.5 * lv + d**2 / (0.5 * lv).exp())),
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + 0.5 * lv + sq)),
        ),
    ),
    Mistake(
        "times the variance",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv + d**2 * lv.exp())),
        "You multiply the square by the variance. The wider the normal, the *less* a given "
        "distance from mu should cost: divide.",
    ),
    Mistake(
        "no square",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv + d / lv.exp())),
        "The distance x - mu is not squared: below mu it would raise the density.",
        also_wrong=(
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv + d.abs() / lv.exp())),
            _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv + d / (0.5 * lv).exp())),
        ),
    ),
    Mistake(
        "no 1/2",
        lambda *args: 2 * _right(*args).sum(-1),
        "Your answer is twice the right one. What stands in front of the sum in equation 1.1?",
    ),
    Mistake(
        "1/2 for one term alone",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv) - sq),
        "One part has its 1/2 and another has not: the square, the log-variance and log 2 pi all "
        "stand inside the bracket, and the 1/2 is for all three.",
        also_wrong=(
            _terms(lambda lv, sq, d: -(LOG_2PI + lv) - 0.5 * sq),
            _terms(lambda lv, sq, d: -LOG_2PI - 0.5 * (lv + sq)),
        ),
    ),
    Mistake(
        "no 2 pi",
        _terms(lambda lv, sq, d: -0.5 * (lv + sq)),
        "You are too high by the same number for every x: log 2 pi is missing. Without it the "
        "density does not integrate to 1.",
    ),
    Mistake(
        "2 pi, not its log",
        _terms(lambda lv, sq, d: -0.5 * (2 * math.pi + lv + sq)),
        "You are off by the same number for every x: the constant in the bracket should be the "
        "logarithm of 2 pi, neither 2 pi itself nor log sqrt(2 pi) (the 1/2 in front of the "
        "bracket is that root already).",
        also_wrong=(
            _terms(lambda lv, sq, d: -0.5 * (0.5 * LOG_2PI + lv + sq)),
            _terms(lambda lv, sq, d: -0.5 * (math.log10(2 * math.pi) + lv + sq)),
            _terms(lambda lv, sq, d: -0.5 * (math.log(math.pi) + lv + sq)),
        ),
    ),
    Mistake(
        "normaliser counted once",
        _constant(lambda lv: 1.0),
        "D numbers make D normal densities, and each brings its own log 2 pi and its own "
        "`log_var`: both belong inside the sum over d, once for each dimension.",
        also_wrong=(
            _constant(lambda lv: lv.shape[-1] ** 2),  # D log 2 pi, inside the sum
            lambda x, mu, lv: -0.5 * (LOG_2PI + lv.mean(-1) + _square(x, mu, lv).sum(-1)),
            lambda x, mu, lv: (
                -0.5 * (lv.shape[-1] * LOG_2PI + lv.mean(-1) + _square(x, mu, lv).sum(-1))
            ),
            lambda x, mu, lv: (
                -0.5 * (lv.shape[-1] * (LOG_2PI + lv.sum(-1)) + _square(x, mu, lv).sum(-1))
            ),
        ),
    ),
    Mistake(
        "no log_var",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + sq)),
        "The square is divided by the variance, but the variance is missing beside log 2 pi. A "
        "narrow normal has to be tall, or it does not integrate to 1.",
    ),
    Mistake(
        "variance, not its log",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv.exp() + sq)),
        "Beside log 2 pi stands the variance itself; equation 1.1 has its logarithm there, and "
        "that is what you were given.",
    ),
    Mistake(
        "sign of log_var",
        _terms(lambda lv, sq, d: -0.5 * (LOG_2PI - lv + sq)),
        "One sign inside the bracket is wrong. Everything there makes the density smaller: a "
        "larger variance (a lower peak), and a larger square.",
        also_wrong=(_terms(lambda lv, sq, d: -0.5 * (LOG_2PI + lv - sq)),),
    ),
    Mistake(
        "negative log-density",
        lambda *args: -_right(*args).sum(-1),
        "The sign is the other way round: you return minus the log-density. That is a loss; the "
        "density itself falls as x moves away from mu.",
        also_wrong=(lambda *args: -2 * _right(*args).sum(-1),),
    ),
    Mistake(
        "the density itself",
        lambda *args: _right(*args).sum(-1).exp(),
        "You return the density. Leave out the `exp`: a product of hundreds of densities is "
        "rounded to 0 or to infinity, a sum of their logarithms is not.",
    ),
    Mistake(
        "mean over the dimensions",
        lambda *args: _right(*args).mean(-1),
        "You have averaged over the D dimensions. Densities of independent numbers multiply, so "
        "their logarithms add up: `sum`, not `mean`.",
    ),
    Mistake(
        "sum over the batch",
        lambda *args: _right(*args).sum(0),
        "The B examples have been added together. Each keeps its own number, and only the D "
        "dimensions, the last axis, are summed over: `.sum(dim=-1)`.",
        also_wrong=(
            lambda *args: _right(*args).sum(),
            lambda *args: _right(*args).mean(0),
            lambda *args: _right(*args).mean(),
            lambda *args: _right(*args).sum(-1).mean(),
        ),
    ),
    Mistake(
        "not added up",
        _right,
        "There is still one number for each dimension. One for each example is wanted: add up "
        "over the last axis, `.sum(dim=-1)`.",
        also_wrong=(lambda *args: torch.exp(_right(*args)),),
    ),
)
