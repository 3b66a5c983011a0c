"""Notebook 06, E6.3: what people write instead of the aggregated moments, and the hints."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex06_inputs import TWINS

Pair = tuple[Tensor, Tensor]
Answer = Callable[[Tensor, Tensor], Pair]


def _var(mu: Tensor) -> Tensor:
    return mu.var(0, correction=0)


def _with_variance(of: Callable[[Tensor, Tensor], Tensor]) -> Answer:
    """The right mean, and something else of mu and the variances for the variance."""
    return lambda mu, log_var: (mu.mean(0), of(mu, log_var.exp()))


def _with_spread(of: Callable[[Tensor], Tensor]) -> tuple[Answer, Answer]:
    """Another second term, of log_var, with 1/N and with 1/(N - 1) in the first."""
    return (
        lambda mu, log_var: (mu.mean(0), _var(mu) + of(log_var)),
        lambda mu, log_var: (mu.mean(0), mu.var(0) + of(log_var)),
    )


def _with_mean(of: Callable[[Tensor, Tensor], Tensor]) -> Answer:
    """The right variance, and something else of mu and the variances for the mean."""
    return lambda mu, log_var: (of(mu, log_var.exp()), _var(mu) + log_var.exp().mean(0))


def _wrong_spread(name: str, hint: str, *spreads: Callable[[Tensor], Tensor]) -> Mistake:
    answers = [answer for of in spreads for answer in _with_spread(of)]
    return Mistake(name, answers[0], hint, also_wrong=tuple(answers[1:]))


def moments(mu: Tensor, log_var: Tensor) -> Pair:
    """The right answer, for mistakes that lie elsewhere."""
    return mu.mean(0), _var(mu) + log_var.exp().mean(0)


def _of_draws(mu: Tensor, log_var: Tensor) -> Pair:
    z = mu + (log_var / 2).exp() * torch.randn(1000, *mu.shape, dtype=mu.dtype)
    return z.mean((0, 1)), z.flatten(0, 1).var(0)


def _of_one_draw(mu: Tensor, log_var: Tensor) -> Pair:
    z = mu + (log_var / 2).exp() * torch.randn_like(mu)
    return z.mean(0), z.var(0)


def _not_repeatable(outputs: Sequence[Any]) -> bool:
    """Whether equal inputs gave different moments."""
    return not same_outputs(*([outputs[i]] for i in TWINS))


def _product(mu: Tensor, log_var: Tensor) -> Pair:
    precision = (-log_var).exp()
    return (precision * mu).sum(0) / precision.sum(0), 1 / precision.sum(0)


MOMENTS = (
    Mistake(
        "variance of mu alone",
        _with_variance(lambda mu, v: _var(mu)),
        "Yours is how far the centres lie apart. Each q(z|x_n) is no point: it has a width of its "
        "own. If all centres were 0 and every sigma 1, what would the variance of q(z) be?",
        also_wrong=(_with_variance(lambda mu, v: mu.var(0)),),
    ),
    Mistake(
        "mean of the variances alone",
        _with_variance(lambda mu, v: v.mean(0)),
        "Yours is how wide one q(z|x_n) is, on average. Their centres differ as well: with every "
        "sigma near 0, what would be left of the variance of q(z)?",
    ),
    _wrong_spread(
        "logarithm averaged",
        "You average log_var itself. It may be negative, a variance may not: undo the logarithm, "
        "and only then average.",
        lambda log_var: log_var.mean(0),
        lambda log_var: log_var.abs().mean(0),
        lambda log_var: log_var.mean(0).abs(),
    ),
    _wrong_spread(
        "exponential of the average",
        "You average log_var and then undo the logarithm. That is the geometric mean of the "
        "variances; equation 6.3 has their plain mean. In which order do exp and mean come?",
        lambda log_var: log_var.mean(0).exp(),
    ),
    _wrong_spread(
        "standard deviations averaged",
        "exp(log_var / 2) is sigma. Variances add up and may be averaged, standard deviations may "
        "not: which of the two stands in equation 6.3?",
        lambda log_var: (log_var / 2).exp().mean(0),
        lambda log_var: (log_var / 2).exp().mean(0) ** 2,
    ),
    _wrong_spread(
        "variance squared",
        "exp(2 log_var) is the variance squared. `log_var` is the log of the variance already.",
        lambda log_var: (2 * log_var).exp().mean(0),
    ),
    _wrong_spread(
        "variances added up",
        "You add up the N variances. q(z) is an average of N densities, not a sum of N random "
        "numbers: each picture has the weight 1/N.",
        lambda log_var: log_var.exp().sum(0),
        lambda log_var: log_var.exp().sum(0) / (len(log_var) - 1),
    ),
    _wrong_spread(
        "variance of an average",
        "Your second term is divided by N once too often: that is the variance of the *average* of "
        "N draws, which gets small with many pictures. q(z) is one draw, from a picture picked at "
        "random.",
        lambda log_var: log_var.exp().mean(0) / len(log_var),
    ),
    _wrong_spread(
        "spread of the variances",
        "Your second term says how much the variances differ from picture to picture. Equation 6.3 "
        "asks how large they are on average.",
        lambda log_var: log_var.exp().var(0, correction=0),
        lambda log_var: log_var.exp().var(0),
        lambda log_var: log_var.var(0, correction=0),
        lambda log_var: log_var.var(0),
    ),
    _wrong_spread(
        "subtracted",
        "You subtract the second term. A variance that came from two sources grows with each: the "
        "centres lie apart, and every q(z|x_n) is wide.",
        lambda log_var: -log_var.exp().mean(0),
    ),
    _wrong_spread(
        "the prior's variance",
        "Your second term does not depend on log_var. How wide q(z|x_n) is, the encoder says for "
        "every picture; 1 is the prior's variance.",
        lambda log_var: torch.ones_like(log_var[0]),
    ),
    Mistake(
        "mean square",
        _with_variance(lambda mu, v: (mu**2 + v).mean(0)),
        "That is the mean of z^2 under q(z), not its variance: mu^2 is measured from 0. From where "
        "does a variance measure?",
        also_wrong=(_with_variance(lambda mu, v: (mu**2).mean(0)),),
    ),
    Mistake(
        "standard deviation",
        _with_variance(lambda mu, v: (_var(mu) + v.mean(0)).sqrt()),
        "You return the standard deviation: the root is one step too many. Asked is the variance.",
        also_wrong=(_with_variance(lambda mu, v: (mu.var(0) + v.mean(0)).sqrt()),),
    ),
    Mistake(
        "logarithm of the variance",
        _with_variance(lambda mu, v: (_var(mu) + v.mean(0)).log()),
        "You return the logarithm of the variance. What comes in is a logarithm; what goes out is "
        "the variance itself.",
        also_wrong=(_with_variance(lambda mu, v: (mu.var(0) + v.mean(0)).log()),),
    ),
    Mistake(
        "standard deviations added",
        _with_variance(lambda mu, v: mu.std(0, correction=0) + v.sqrt().mean(0)),
        "You add standard deviations. Of two independent sources, which add up: standard "
        "deviations or variances?",
        also_wrong=(
            _with_variance(lambda mu, v: mu.std(0) + v.sqrt().mean(0)),
            _with_variance(lambda mu, v: mu.std(0, correction=0) + v.mean(0)),
            _with_variance(lambda mu, v: mu.std(0) + v.mean(0)),
            _with_variance(lambda mu, v: (mu.std(0, correction=0) + v.mean(0).sqrt()) ** 2),
            _with_variance(lambda mu, v: (mu.std(0, correction=0) + v.sqrt().mean(0)) ** 2),
        ),
    ),
    Mistake(
        "half of each",
        _with_variance(lambda mu, v: (_var(mu) + v.mean(0)) / 2),
        "You average the two terms. They are two sources of spread in the same z: they add up.",
        also_wrong=(_with_variance(lambda mu, v: _var(mu) * v.mean(0)),),
    ),
    Mistake(
        "product of the densities",
        _product,
        "Your average is weighted by precisions, as if all pictures spoke of one z: that is the "
        "*product* of the N densities. Equation 6.2 averages them, each with the weight 1/N.",
        also_wrong=(
            _with_mean(lambda mu, v: (mu / v).sum(0) / (1 / v).sum(0)),
            _with_variance(lambda mu, v: 1 / (1 / v).sum(0)),
            _with_variance(lambda mu, v: 1 / (1 / v).mean(0)),
            _with_variance(lambda mu, v: _var(mu) + 1 / (1 / v).mean(0)),
        ),
    ),
    Mistake(
        "across the latents",
        lambda mu, log_var: moments(mu.T, log_var.T),
        "You have one mean and one variance a picture, over its latents. Asked are those of each "
        "latent over the pictures: which axis of (N, L) holds them?",
        also_wrong=(lambda mu, log_var: (mu.mean(1), mu.var(1) + log_var.exp().mean(1)),),
    ),
    Mistake(
        "everything at once",
        lambda mu, log_var: (mu.mean(), mu.var(correction=0) + log_var.exp().mean()),
        "One number for all latents: each has a mean and a variance of its own, shape (L,).",
        also_wrong=(
            lambda mu, log_var: (mu.mean(), mu.var() + log_var.exp().mean()),
            lambda mu, log_var: tuple(part.mean() for part in moments(mu, log_var)),
        ),
    ),
    Mistake(
        "not averaged over the pictures",
        _with_variance(lambda mu, v: _var(mu) + v),
        "You have a variance for every picture, (N, L). q(z) is one density for all of them: its "
        "variance in each latent is one number, shape (L,).",
        also_wrong=(
            _with_variance(lambda mu, v: mu.var(0) + v),
            _with_variance(lambda mu, v: (mu - mu.mean(0)) ** 2 + v),
            lambda mu, log_var: (mu, log_var.exp()),
        ),
    ),
    Mistake(
        "a whole covariance",
        _with_variance(lambda mu, v: torch.cov(mu.T, correction=0) + v.mean(0).diag()),
        "You return a matrix, (L, L). Asked are the variances alone: where in the matrix do they "
        "stand?",
        also_wrong=(
            _with_variance(lambda mu, v: torch.cov(mu.T) + v.mean(0).diag()),
            _with_variance(lambda mu, v: torch.cov(mu.T) + v.mean(0)),
        ),
    ),
    Mistake(
        "mean of the prior",
        _with_mean(lambda mu, v: torch.zeros_like(mu[0])),
        "Your mean is 0, that of the prior. Whether q(z) has the prior's mean is what this is to "
        "find out: where do the centres of the N densities lie on average?",
    ),
    Mistake(
        "sum of the means",
        _with_mean(lambda mu, v: mu.sum(0)),
        "You add up the N means. Each picture has the weight 1/N.",
        also_wrong=(lambda mu, log_var: (mu.sum(0), _var(mu) + log_var.exp().sum(0)),),
    ),
    Mistake(
        "median",
        _with_mean(lambda mu, v: mu.median(0).values),
        "Your first number is the median of the means. An average of densities has the average of "
        "their means.",
    ),
    Mistake(
        "exchanged",
        lambda mu, log_var: moments(mu, log_var)[::-1],
        "Both are right, in the wrong order: the mean comes first, then the variance.",
        also_wrong=(lambda mu, log_var: (mu.var(0) + log_var.exp().mean(0), mu.mean(0)),),
    ),
    Mistake(
        "draws",
        _of_one_draw,
        "Equal inputs give different moments: you draw z. Many draws come close, but mean and "
        "variance of an average of normals need none. What does equation 6.3 know of each of them?",
        also_wrong=(_of_draws,),
        looks_like=_not_repeatable,
    ),
)
