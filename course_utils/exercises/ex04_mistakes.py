"""Notebook 04, E4.1: what people write instead of z = mu + sigma eps, and the hint for each."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises._compare import same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex04_inputs import OTHER_EPS, TWINS


def _sigma(log_var: Tensor) -> Tensor:
    return (log_var / 2).exp()


def _with_sigma(sigma: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """The right formula with something else for sigma."""
    return lambda mu, log_var, eps: mu + sigma(log_var) * eps


def _z(mu: Tensor, log_var: Tensor, eps: Tensor) -> Tensor:
    return mu + _sigma(log_var) * eps


def _draws_its_own(outputs: Sequence[Any]) -> bool:
    """Whether equal inputs give different values, or another eps the same ones."""
    one, two = ([outputs[i]] for i in TWINS)
    return not same_outputs(one, two) or same_outputs(one, [outputs[OTHER_EPS]])


REPARAMETERIZE = (
    Mistake(
        "variance as sigma",
        _with_sigma(Tensor.exp),
        "You multiply eps by exp(log_var), which is the variance. Sigma is its root. What is sigma "
        "if log_var = 2?",
    ),
    Mistake(
        "log_var as sigma",
        _with_sigma(lambda log_var: log_var),
        "You multiply eps by log_var itself, or by something else than sigma: a logarithm may be "
        "negative, a standard deviation may not. Undo the logarithm first, then take the root.",
        also_wrong=(
            _with_sigma(lambda log_var: log_var / 2),
            _with_sigma(lambda log_var: log_var.abs()),
            _with_sigma(functional.softplus),
            _with_sigma(lambda log_var: functional.softplus(log_var).sqrt()),
        ),
    ),
    Mistake(
        "root of the logarithm",
        _with_sigma(Tensor.sqrt),
        "The root is taken of log_var, which may be negative: hence nan. The root belongs to the "
        "variance, and log_var is its logarithm. What does a root do to a logarithm?",
        also_wrong=(
            _with_sigma(lambda log_var: log_var.abs().sqrt()),
            _with_sigma(lambda log_var: log_var.clamp(min=0).sqrt()),
            _with_sigma(lambda log_var: log_var.sqrt().exp()),
        ),
    ),
    Mistake(
        "squared instead of root",
        _with_sigma(lambda log_var: (2 * log_var).exp()),
        "exp(2 log_var) is the variance squared. A root halves a logarithm.",
    ),
    Mistake(
        "root taken twice",
        _with_sigma(lambda log_var: (log_var / 4).exp()),
        "The root is taken twice: once by halving log_var, once by `sqrt`. One of them is enough.",
    ),
    Mistake(
        "one over sigma",
        _with_sigma(lambda log_var: (-log_var / 2).exp()),
        "Yours is 1/sigma: where q is wide, your draws lie close together. Look for a minus before "
        "log_var, or a division by sigma. (Dividing turns z into eps, the other way round.)",
        also_wrong=(
            _with_sigma(lambda log_var: (-log_var).exp()),
            lambda mu, log_var, eps: (eps - mu) / _sigma(log_var),
        ),
    ),
    Mistake(
        "minus",
        lambda mu, log_var, eps: mu - _sigma(log_var) * eps,
        "You subtract. -eps is as good a noise as eps, so your draws have the right distribution, "
        "but they are others than equation 4.4's for this eps, and the derivative in sigma has the "
        "other sign.",
    ),
    Mistake(
        "no noise",
        lambda mu, log_var, eps: mu,
        "You return mu and never use eps: every draw is the centre of q, and log_var has no say. "
        "Equation 4.4 has a second term.",
        also_wrong=(
            lambda mu, log_var, eps: mu.expand_as(eps),
            lambda mu, log_var, eps: mu + 0 * eps,
        ),
    ),
    Mistake(
        "no mu",
        lambda mu, log_var, eps: _sigma(log_var) * eps,
        "Your draws are spread rightly, but around 0. Where does q have its centre?",
    ),
    Mistake(
        "mu scaled too",
        lambda mu, log_var, eps: _sigma(log_var) * (mu + eps),
        "Sigma multiplies mu as well. It stretches the noise alone; mu is added afterwards. Look "
        "at your brackets.",
    ),
    Mistake(
        "roles exchanged",
        lambda mu, log_var, eps: _sigma(log_var) + mu * eps,
        "Mu and sigma have changed places: mu moves the draws (plus), sigma stretches the noise "
        "(times).",
        also_wrong=(
            lambda mu, log_var, eps: log_var + _sigma(mu) * eps,
            lambda mu, log_var, eps: (mu + _sigma(log_var)) * eps,
            lambda mu, log_var, eps: mu * eps,
        ),
    ),
    Mistake(
        "only the first draw",
        lambda mu, log_var, eps: _z(mu, log_var, eps[0]),
        "Your z is (B, L), one draw for each example. There are K of them: eps is (K, B, L), and "
        "mu and sigma of shape (B, L) meet each of the K slices without any indexing.",
        also_wrong=(lambda mu, log_var, eps: _z(mu, log_var, eps[-1]),),
    ),
    Mistake(
        "averaged",
        lambda mu, log_var, eps: _z(mu, log_var, eps).mean(0),
        "The K draws have been averaged away: what is left is close to mu. Averages come later, of "
        "a function of z. Return all draws, (K, B, L).",
        also_wrong=(lambda mu, log_var, eps: _z(mu, log_var, eps.mean(0)).expand_as(eps),),
    ),
    Mistake(
        "fresh noise",
        lambda mu, log_var, eps: _z(mu, log_var, torch.randn_like(eps)),
        "The eps that comes in makes no difference, or the same eps gives other draws: noise is "
        "drawn inside, or none is used. Freeze the noise, use the eps you are given: then z is an "
        "ordinary function of mu and sigma.",
        also_wrong=(
            lambda mu, log_var, eps: _z(mu, log_var, torch.randn_like(mu)),
            lambda mu, log_var, eps: _z(mu, log_var, torch.rand_like(eps)),
            lambda mu, log_var, eps: torch.normal(mu.expand_as(eps), _sigma(log_var)),
            lambda mu, log_var, eps: mu + _sigma(log_var),
        ),
        looks_like=_draws_its_own,
    ),
)

# The values of these are right.
REPARAMETERIZE_GRADIENTS = (
    Mistake(
        "mu cut off",
        lambda mu, log_var, eps: _z(mu.detach(), log_var, eps),
        "The gradient reaches log_var, but not mu. Only eps is noise: mu and sigma both need "
        "theirs. What stands around mu in your line?",
    ),
    Mistake(
        "log_var cut off",
        lambda mu, log_var, eps: _z(mu, log_var.detach(), eps),
        "The gradient reaches mu, but not log_var. Only eps is noise: mu and sigma both need "
        "theirs. How did you get from log_var to sigma?",
    ),
    Mistake(
        "both cut off",
        lambda mu, log_var, eps: _z(mu, log_var, eps).detach(),
        "No gradient reaches mu or log_var: z is right as a number and dead as a function, as if "
        "it came from `.sample()`. Look for `no_grad`, `.detach()`, `.data` or `torch.tensor`.",
    ),
)
