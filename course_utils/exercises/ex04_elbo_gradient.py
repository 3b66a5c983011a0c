"""Notebook 04, E4.3: what people write instead of the ELBO's gradient, and the hint for each."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Normal

from course_utils.exercises._exercise import Mistake

Pair = tuple[Tensor, Tensor]


def _sigma_q(log_var: Tensor) -> Tensor:
    return (log_var / 2).exp()


def _kl(mu: Tensor, log_var: Tensor) -> Tensor:
    return (mu**2 + log_var.exp() - 1 - log_var) / 2


def _log_px_z(x, z, a, b, sigma):
    return Normal(a * z + b, sigma).log_prob(x)


def _rec(x, mu, log_var, eps, a, b, sigma):
    return _log_px_z(x, mu + _sigma_q(log_var) * eps, a, b, sigma).mean(0)


def _elbo(x, mu, log_var, *rest):
    return _rec(x, mu, log_var, *rest) - _kl(mu, log_var)


def _gradients_of(value: Callable[..., Tensor]) -> Callable[..., Pair]:
    """The gradients in mu and log_var of the sum of something else than the ELBO."""

    def wrong(x, mu, log_var, *rest):
        mu, log_var = mu.detach().requires_grad_(), log_var.detach().requires_grad_()
        total = value(x, mu, log_var, *rest).sum()
        return torch.autograd.grad(total, (mu, log_var), materialize_grads=True)

    return wrong


right = _gradients_of(_elbo)
_of_rec = _gradients_of(_rec)
_of_kl = _gradients_of(lambda x, mu, log_var, *rest: _kl(mu, log_var))


def _second_times(factor: Callable[[Tensor], Tensor]) -> Callable[..., Pair]:
    """The right gradient in mu, and that in log_var times a function of log_var."""

    def wrong(x, mu, log_var, *rest):
        d_mu, d_log_var = right(x, mu, log_var, *rest)
        return d_mu, d_log_var * factor(log_var)

    return wrong


def _one_cut(*cut: str) -> Callable[..., Pair]:
    """Draws that do not follow mu, or log_var."""

    def value(x, mu, log_var, eps, *model):
        centre = mu.detach() if "mu" in cut else mu
        spread = log_var.detach() if "log_var" in cut else log_var
        return _rec(x, centre, spread, eps, *model) - _kl(mu, log_var)

    return _gradients_of(value)


def _estimator_a(x, mu, log_var, eps, a, b, sigma):
    s = _sigma_q(log_var)
    z = mu + s * eps
    log_ratio = Normal(0.0, 1.0).log_prob(z) - Normal(mu, s).log_prob(z)
    return (_log_px_z(x, z, a, b, sigma) + log_ratio).mean(0)


def _estimator_a_without_score(x, mu, log_var, eps, a, b, sigma):
    s = _sigma_q(log_var)
    z = mu + s * eps
    log_ratio = Normal(0.0, 1.0).log_prob(z) - Normal(mu.detach(), s.detach()).log_prob(z)
    return (_log_px_z(x, z, a, b, sigma) + log_ratio).mean(0)


def _score_function(x, mu, log_var, eps, a, b, sigma):
    s = _sigma_q(log_var)
    z = (mu + s * eps).detach()
    log_px_z = _log_px_z(x, z, a, b, sigma)
    return (log_px_z * Normal(mu, s).log_prob(z)).mean(0) - _kl(mu, log_var)


def _with_log_var_as(spread: Callable[[Tensor], Tensor]) -> Callable[..., Pair]:
    """Draws whose standard deviation is something else than exp(log_var / 2)."""

    def value(x, mu, log_var, eps, a, b, sigma):
        z = mu + spread(log_var) * eps
        return _log_px_z(x, z, a, b, sigma).mean(0) - _kl(mu, log_var)

    return _gradients_of(value)


def _exact(x, mu, log_var, eps, a, b, sigma):
    log_p_at_mu = _log_px_z(x, mu, a, b, sigma)
    return log_p_at_mu - a**2 * log_var.exp() / (2 * sigma**2) - _kl(mu, log_var)


def _with_sigma_x(sigma_x: Callable[[float], float]) -> Callable[..., Pair]:
    """Another noise of x."""
    return _gradients_of(lambda *args: _elbo(*args[:-1], sigma_x(args[-1])))


def _all_changed(change: Callable[..., Tensor]) -> Callable[..., Pair]:
    """Both gradients right, then changed in the same way."""
    return lambda *args: tuple(change(part, *args) for part in right(*args))


def _rec_and(kl_times: float) -> Callable[..., Pair]:
    return _gradients_of(lambda x, mu, lv, *rest: _rec(x, mu, lv, *rest) + kl_times * _kl(mu, lv))


def _no_inner_half(x, mu, log_var, *rest):
    (d_mu, d_log_var), (_, rec) = right(x, mu, log_var, *rest), _of_rec(x, mu, log_var, *rest)
    return d_mu, d_log_var + rec


def _no_inner_sigma(x, mu, log_var, *rest):
    (d_mu, d_log_var), (_, rec) = right(x, mu, log_var, *rest), _of_rec(x, mu, log_var, *rest)
    return d_mu, d_log_var - rec + 2 * rec / _sigma_q(log_var)


ELBO_GRADIENT = (
    Mistake(
        "gradient of the loss",
        _all_changed(lambda part, *args: -part),
        "Both have the wrong sign: that is the gradient of the loss, -ELBO. Here the ELBO itself "
        "is asked for, the direction in which the bound rises.",
    ),
    Mistake(
        "KL forgotten",
        _of_rec,
        "That is the gradient of the first term of equation 4.10 alone. The KL depends on mu and "
        "log_var too.",
    ),
    Mistake(
        "only the KL",
        _gradients_of(lambda x, mu, log_var, *rest: -_kl(mu, log_var)),
        "Only the KL's gradient has arrived: x has no say in yours. Does z depend on mu and "
        "log_var, or was it cut off (`no_grad`, `.detach()`, `.sample()`)?",
        also_wrong=(_of_kl,),
    ),
    Mistake(
        "KL with a plus",
        _rec_and(1.0),
        "The KL enters with a plus. The ELBO is the first term minus the KL.",
    ),
    Mistake(
        "KL without its half",
        _rec_and(-2.0),
        "Your KL counts double: equation 3.4 begins with 1/2. For one latent its derivatives are "
        "mu, and (exp(log_var) - 1)/2.",
        also_wrong=(_rec_and(-0.5),),
    ),
    Mistake(
        "sum over the draws",
        _gradients_of(
            lambda x, mu, lv, eps, *rest: len(eps) * _rec(x, mu, lv, eps, *rest) - _kl(mu, lv)
        ),
        "The draws are summed: with K draws your gradient counts x K times. Equation 4.10 takes "
        "the mean over axis 0.",
        also_wrong=(_all_changed(lambda part, x, mu, lv, eps, *rest: len(eps) * part),),
    ),
    Mistake(
        "averaged over the batch",
        _all_changed(lambda part, *args: part / len(part)),
        "You are too small by a factor of B: the mean over the batch was differentiated. Each "
        "example has its own ELBO, mu and log_var; take `.sum()` over the batch before "
        "differentiating, so that each keeps its own gradient whole.",
    ),
    Mistake(
        "summed over the batch",
        _all_changed(lambda part, *args: part.sum()),
        "One number for the whole batch comes back. Each of the B examples has its own mu and "
        "log_var, and so its own gradient: (B,).",
        also_wrong=(_all_changed(lambda part, *args: part.mean()),),
    ),
    Mistake(
        "the two exchanged",
        lambda *args: right(*args)[::-1],
        "Both are right, in the wrong order: d_mu comes first, then d_log_var.",
    ),
    Mistake(
        "in another variable",
        _second_times(lambda log_var: 2 / _sigma_q(log_var)),
        "d_mu is right. The other one is the gradient in sigma, in log sigma or in the variance "
        "(of q). Asked for is that in log_var: by how much does sigma = exp(log_var / 2) change "
        "with log_var?",
        also_wrong=(
            _second_times(lambda log_var: 2 * torch.ones_like(log_var)),
            _second_times(lambda log_var: (-log_var).exp()),
        ),
    ),
    Mistake(
        "inner derivative",
        _no_inner_half,
        "d_mu is right. In d_log_var the chain rule stops too early: d z / d log_var is not sigma "
        "eps, nor eps. Differentiate sigma = exp(log_var / 2) in log_var.",
        also_wrong=(_no_inner_sigma,),
    ),
    Mistake(
        "z does not follow mu",
        _one_cut("mu"),
        "d_log_var is right, but d_mu has only the KL's part, -mu: the draws do not move with mu. "
        "Is mu cut off on its way into z?",
    ),
    Mistake(
        "z does not follow log_var",
        _one_cut("log_var"),
        "d_mu is right, but d_log_var has only the KL's part: the draws do not spread with "
        "log_var. Is log_var cut off on its way into z?",
    ),
    Mistake(
        "no noise",
        _gradients_of(
            lambda x, mu, log_var, eps, *model: _log_px_z(x, mu, *model) - _kl(mu, log_var)
        ),
        "x is compared with the picture of mu alone, not with those of the draws. Make z = mu + "
        "sigma eps first, (K, B); without noise nothing tells log_var to shrink.",
    ),
    Mistake(
        "exact instead of estimated",
        _gradients_of(_exact),
        "That is the exact gradient, equation 4.8: what the estimate gives on average. The task "
        "asks for the estimate from these eps, which also works where no integral is known.",
    ),
    Mistake(
        "estimator A",
        _gradients_of(_estimator_a),
        "You differentiate estimator A (equation 4.9), where the KL is sampled. Right on average, "
        "but asked for is B: here the KL is a formula, equation 3.4.",
        also_wrong=(_gradients_of(_estimator_a_without_score),),
    ),
    Mistake(
        "score function",
        _gradients_of(_score_function),
        "That is the score-function gradient: right on average, much noisier. Asked for is the "
        "pathwise one: let z = mu + sigma eps depend on mu and log_var, and differentiate "
        "log p(x|z) through z.",
    ),
    Mistake(
        "another sigma of q",
        _with_log_var_as(Tensor.exp),
        "Your draws have another spread than q: sigma of q is exp(log_var / 2), as in E4.1.",
        also_wrong=(
            _with_log_var_as(lambda log_var: log_var),
            _with_log_var_as(lambda log_var: (2 * log_var).exp()),
        ),
    ),
    Mistake(
        "another sigma of x",
        _with_sigma_x(lambda sigma: sigma**0.5),
        "The spread of x given z is another than sigma: sigma is a standard deviation, so squared "
        "errors are divided by 2 sigma^2.",
        also_wrong=(
            _with_sigma_x(lambda sigma: sigma**2),
            _with_sigma_x(lambda sigma: 1.0),
            _with_sigma_x(lambda sigma: sigma / 2**0.5),
            _with_sigma_x(lambda sigma: sigma * 2**0.5),
        ),
    ),
    Mistake(
        "another mean of x",
        _gradients_of(lambda *args: _elbo(*args[:-2], 0.0, args[-1])),
        "The mean of x given z is a z + b. Are a and b both there, where they belong?",
        also_wrong=(
            _gradients_of(lambda *args: _elbo(*args[:-3], 1.0, *args[-2:])),
            _gradients_of(lambda *args: _elbo(*args[:-3], 1.0, 0.0, args[-1])),
            _gradients_of(lambda *args: _elbo(*args[:-3], args[-2], args[-3], args[-1])),
            _gradients_of(lambda *args: _elbo(*args[:-2], -args[-2], args[-1])),
        ),
    ),
)
