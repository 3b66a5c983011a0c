"""Notebook 04, E4.2: what people write instead of the two gradients, and the hint for each."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises._exercise import Mistake


def _score(f, df, mu, sigma, eps):
    return f(mu + sigma * eps) * eps / sigma


def _path(f, df, mu, sigma, eps):
    return df(mu + sigma * eps)


def _score_is(part: Callable[..., Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    """Another score-function gradient, with the right pathwise one."""
    return lambda *args: (part(*args), _path(*args))


def _path_is(part: Callable[..., Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    """Another pathwise gradient, with the right score-function one."""
    return lambda *args: (_score(*args), part(*args))


def _both(change: Callable[[Tensor], Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    """Both gradients right, then changed in the same way."""
    return lambda *args: (change(_score(*args)), change(_path(*args)))


def _with_sigma(sigma: Callable[[Tensor], Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    """Draws with another sigma, the score as it should be."""

    def wrong(f, df, mu, s, eps):
        z = mu + sigma(torch.tensor(s, dtype=eps.dtype)) * eps
        return f(z) * eps / s, df(z)

    return wrong


def _log_q(mu, sigma, eps):
    return torch.distributions.Normal(mu, sigma).log_prob(mu + sigma * eps)


def _score_of_sigma(f, df, mu, sigma, eps):
    return f(mu + sigma * eps) * (eps**2 - 1) / sigma


def _path_of_sigma(f, df, mu, sigma, eps):
    return df(mu + sigma * eps) * eps


def _with_baseline(f, df, mu, sigma, eps):
    value = f(mu + sigma * eps)
    return (value - value.mean()) * eps / sigma


MU_GRADIENTS = (
    Mistake(
        "the two exchanged",
        lambda *args: (_path(*args), _score(*args)),
        "Both are right, in the wrong order: the score-function gradient comes first, then the "
        "pathwise one.",
    ),
    Mistake(
        "gradients in sigma",
        lambda *args: (_score_of_sigma(*args), _path_of_sigma(*args)),
        "That is a derivative in sigma. The task asks for the one in mu: how far does z = mu + "
        "sigma eps move if mu moves by 1?",
        also_wrong=(_score_is(_score_of_sigma), _path_is(_path_of_sigma)),
    ),
    Mistake(
        "averaged",
        _both(Tensor.mean),
        "Two averages come back. Return one value per draw, of shape (n,): their spread is what "
        "the notebook measures next.",
        also_wrong=(_both(Tensor.sum), _both(lambda part: part.mean().expand_as(part))),
    ),
    Mistake(
        "not divided by sigma",
        _score_is(lambda f, df, mu, sigma, eps: f(mu + sigma * eps) * eps),
        "The score is f times eps: something is missing. Differentiate log q in mu: of (z - mu)^2 "
        "/ (2 sigma^2) remains eps over something (equation 4.3).",
    ),
    Mistake(
        "z - mu not divided",
        _score_is(lambda f, df, mu, sigma, eps: f(mu + sigma * eps) * sigma * eps),
        "The score is f times (z - mu). The derivative of log q in mu is that over the variance, "
        "sigma^2 (equation 4.3).",
        also_wrong=(_score_is(lambda f, df, mu, sigma, eps: f(mu + sigma * eps) * sigma**2 * eps),),
    ),
    Mistake(
        "divided too often",
        _score_is(lambda f, df, mu, sigma, eps: f(mu + sigma * eps) * eps / sigma**2),
        "You divide eps by sigma^2. It is z - mu that is divided by sigma^2, and z - mu is sigma "
        "eps: one sigma cancels.",
    ),
    Mistake(
        "sign of the score",
        _score_is(lambda f, df, mu, sigma, eps: -f(mu + sigma * eps) * eps / sigma),
        "The score has the wrong sign. log q holds -(z - mu)^2 / (2 sigma^2), and the inner "
        "derivative of z - mu in mu is -1 as well. What do the two signs make?",
    ),
    Mistake(
        "log q instead of its derivative",
        _score_is(lambda f, df, mu, sigma, eps: f(mu + sigma * eps) * _log_q(mu, sigma, eps)),
        "You multiply f by log q (or q) itself. Equation 4.2 has its derivative in mu, which "
        "equation 4.3 gives.",
        also_wrong=(
            _score_is(
                lambda f, df, mu, sigma, eps: f(mu + sigma * eps) * _log_q(mu, sigma, eps).exp()
            ),
        ),
    ),
    Mistake(
        "slope in the score",
        _score_is(lambda f, df, mu, sigma, eps: df(mu + sigma * eps) * eps / sigma),
        "Your score multiplies the slope df. The score-function gradient needs values of f alone: "
        "that is its one advantage, f may even have jumps.",
    ),
    Mistake(
        "f missing",
        _score_is(lambda f, df, mu, sigma, eps: eps / sigma),
        "That is the derivative of log q alone, whose mean is 0 whatever f is. Equation 4.2 "
        "weights it by f(z).",
    ),
    Mistake(
        "a baseline",
        _score_is(_with_baseline),
        "You subtract the mean of f, a baseline: a good idea against noise, but another estimator "
        "than equation 4.2. (The mean of the same draws also makes it a little too small.)",
    ),
    Mistake(
        "times sigma",
        _path_is(lambda f, df, mu, sigma, eps: df(mu + sigma * eps) * sigma),
        "Your pathwise gradient carries a factor of sigma. Inner derivative: by how much does z = "
        "mu + sigma eps change when mu changes by 1?",
        also_wrong=(_path_is(lambda f, df, mu, sigma, eps: df(mu + sigma * eps) / sigma),),
    ),
    Mistake(
        "f instead of its slope",
        _path_is(lambda f, df, mu, sigma, eps: f(mu + sigma * eps)),
        "Your pathwise gradient is f(z), a value. Equation 4.5 follows z along the path: how "
        "steep is f there?",
    ),
    Mistake(
        "score in the path",
        _path_is(lambda f, df, mu, sigma, eps: df(mu + sigma * eps) * eps / sigma),
        "Your pathwise gradient still holds the score, eps/sigma. Once eps is frozen, no density "
        "is differentiated: the slope at z is all.",
        also_wrong=(
            _path_is(lambda f, df, mu, sigma, eps: df(mu + sigma * eps) * f(mu + sigma * eps)),
        ),
    ),
    Mistake(
        "at eps",
        lambda f, df, mu, sigma, eps: (f(eps) * eps / sigma, df(eps)),
        "f or df is taken at eps, the noise. It belongs at the draw, z = mu + sigma eps.",
        also_wrong=(
            _score_is(lambda f, df, mu, sigma, eps: f(eps) * eps / sigma),
            _path_is(lambda f, df, mu, sigma, eps: df(eps)),
        ),
    ),
    Mistake(
        "at mu",
        lambda f, df, mu, sigma, eps: (f(mu) * eps / sigma, df(mu) + 0 * eps),
        "f or df is taken at mu, the centre. The average is over the draws: each has its own z = "
        "mu + sigma eps.",
        also_wrong=(
            _score_is(lambda f, df, mu, sigma, eps: f(mu) * eps / sigma),
            _path_is(lambda f, df, mu, sigma, eps: df(mu) + 0 * eps),
            _path_is(lambda f, df, mu, sigma, eps: torch.tensor(df(mu))),
        ),
    ),
    Mistake(
        "another sigma in the draw",
        _with_sigma(Tensor.square),
        "Your z has another spread than sigma: here sigma is the standard deviation itself, "
        "neither a variance nor a logarithm.",
        also_wrong=(
            _with_sigma(Tensor.sqrt),
            _with_sigma(Tensor.exp),
            _with_sigma(lambda s: (s / 2).exp()),
            _with_sigma(Tensor.neg),
            _with_sigma(torch.ones_like),
        ),
    ),
)
