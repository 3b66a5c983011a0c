"""Notebook 03, E3.3: what people write instead of the exact ELBO, and the hint for each."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises import ex03_kl as kl
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex03_inputs import posterior


def log_normal(x: Tensor, mean: Tensor, var: Tensor | float) -> Tensor:
    """Log N(x; mean, var) of numbers."""
    var = torch.as_tensor(var, dtype=x.dtype)
    return -0.5 * ((2 * math.pi * var).log() + (x - mean) ** 2 / var)


def reconstruction(x, mu, log_var, a, b, sigma):
    """E_q log p(x | z), eq. 3.12."""
    at_the_mean = log_normal(x, a * mu + b, sigma**2)
    return at_the_mean - a**2 * log_var.exp() / (2 * sigma**2)


def elbo(x, mu, log_var, a, b, sigma):
    """The right answer, for mistakes that lie elsewhere."""
    return reconstruction(x, mu, log_var, a, b, sigma) - kl.kl_terms(mu, log_var)


def log_evidence(x, mu, log_var, a, b, sigma):
    """Log p(x), which q does not change, eq. 1.6."""
    return log_normal(x, torch.as_tensor(b), a**2 + sigma**2)


def kl_normal(m_q, v_q, m_p, v_p):
    """KL of two normals by their variances, eq. 3.3."""
    return 0.5 * ((v_q + (m_q - m_p) ** 2) / v_p - 1 - (v_q / v_p).log())


def _spread(of: Callable) -> Callable:
    """The ELBO with another term in place of a^2 v / (2 sigma^2)."""

    def wrong(x, mu, log_var, a, b, sigma):
        rec = log_normal(x, a * mu + b, sigma**2) - of(a, log_var.exp(), sigma)
        return rec - kl.kl_terms(mu, log_var)

    return wrong


def _at_the_mean(of: Callable) -> Callable:
    """The ELBO with another function of residual and sigma in place of log N(x; a mu + b, .)."""

    def wrong(x, mu, log_var, a, b, sigma):
        rec = of(x - a * mu - b, sigma) - a**2 * log_var.exp() / (2 * sigma**2)
        return rec - kl.kl_terms(mu, log_var)

    return wrong


def _minus(terms: Callable) -> Callable:
    """The right reconstruction term minus another divergence."""
    return lambda x, mu, log_var, *rest: reconstruction(x, mu, log_var, *rest) - terms(mu, log_var)


def _kl_to_posterior(x, mu, log_var, a, b, sigma):
    m, v = posterior(x, a, b, sigma)
    return kl_normal(mu, log_var.exp(), m, v)


def _log_of_average(x, mu, log_var, a, b, sigma):
    average = log_normal(x, a * mu + b, a**2 * log_var.exp() + sigma**2)
    return average - kl.kl_terms(mu, log_var)


def _log_joint(x, mu, log_var, *rest):
    """E_q log p(x, z): the ELBO without its entropy."""
    log_prior = -0.5 * (math.log(2 * math.pi) + mu**2 + log_var.exp())
    return reconstruction(x, mu, log_var, *rest) + log_prior


def _variance_as(of: Callable[[Tensor], Tensor]) -> Callable:
    """The ELBO with the log-variance read as something else."""
    return lambda x, mu, log_var, *rest: elbo(x, mu, of(log_var), *rest)


EXACT_ELBO = (
    Mistake(
        "plug-in mean",
        _spread(lambda a, v, sigma: 0),
        "You have put z = mu into log p(x|z). The average over q is lower: z scatters around mu, "
        "so a z + b scatters too. What is E_q (x - a z - b)^2 for z = mu + sqrt(v) eps?",
    ),
    Mistake(
        "spread added",
        _spread(lambda a, v, sigma: -(a**2) * v / (2 * sigma**2)),
        "The spread of z is added: a q that is less sure of z would explain x better. The mean "
        "square of a z + b's distance from x grows with v, and it stands under a minus.",
    ),
    Mistake(
        "a not squared",
        _spread(lambda a, v, sigma: a * v / (2 * sigma**2)),
        "a z has a spread of its own: if z has variance v, which variance has a z?",
        also_wrong=(
            _spread(lambda a, v, sigma: abs(a) * v / (2 * sigma**2)),
            _spread(lambda a, v, sigma: v / (2 * sigma**2)),
        ),
    ),
    Mistake(
        "spread of another size",
        _spread(lambda a, v, sigma: a**2 * v / sigma**2),
        "The term for the spread of z has the wrong size. It comes from the same (...)^2 / "
        "(2 sigma^2) as the rest of log p(x|z): the 1/2 and sigma^2 belong to it, and v is the "
        "variance.",
        also_wrong=(
            _spread(lambda a, v, sigma: a**2 * v / (2 * sigma)),
            _spread(lambda a, v, sigma: a**2 * v / 2),
            _spread(lambda a, v, sigma: a**2 * v),
            _spread(lambda a, v, sigma: a**2 * v**0.5 / (2 * sigma**2)),
            _spread(lambda a, v, sigma: a**2 * v**2 / (2 * sigma**2)),
        ),
    ),
    Mistake(
        "KL added",
        lambda x, mu, log_var, *rest: (
            reconstruction(x, mu, log_var, *rest) + kl.kl_terms(mu, log_var)
        ),
        "The KL is added. It is a cost: equation 3.11 subtracts it, or the bound would rise when q "
        "leaves the prior for nothing.",
    ),
    Mistake(
        "only the reconstruction",
        reconstruction,
        "That is E_q log p(x|z) alone, right as it stands. Half of the ELBO is still missing: what "
        "does q pay for being different from p(z)?",
    ),
    Mistake(
        "only the KL",
        lambda x, mu, log_var, *rest: kl.kl_terms(mu, log_var),
        "That is KL(q || p(z)), right as it stands, and x does not enter it. Which term says how "
        "well q's z explain x?",
        also_wrong=(lambda x, mu, log_var, *rest: -kl.kl_terms(mu, log_var),),
    ),
    Mistake(
        "log p(x)",
        log_evidence,
        "That is log p(x) itself, which no q can change. The ELBO depends on q, and lies below.",
    ),
    Mistake(
        "minus the ELBO",
        lambda *args: -elbo(*args),
        "The value is right but for its sign: -ELBO is the loss that training will lower. The task "
        "asks for the bound itself.",
    ),
    Mistake(
        "KL to the posterior",
        lambda *args: reconstruction(*args) - _kl_to_posterior(*args),
        "Which KL? You subtract KL(q || p(z|x)). That one is the gap; the one in the ELBO compares "
        "q with the prior, so that it can be computed without p(z|x).",
    ),
    Mistake(
        "log of the average",
        _log_of_average,
        "Your first term is log E_q p(x|z), the log of an average. The ELBO averages the logs, "
        "which is lower (Jensen): its normal keeps the variance sigma^2.",
    ),
    Mistake(
        "no entropy",
        _log_joint,
        "That is E_q log p(x, z), without q's entropy (equation 3.15). In the form of equation "
        "3.11 it is the -log_var of the KL, and its constants.",
        also_wrong=(
            lambda x, mu, log_var, a, b, sigma: (
                log_normal(x, a * mu + b, sigma**2) + log_normal(mu, 0 * mu, 1)
            ),
        ),
    ),
    Mistake(
        "b forgotten",
        lambda x, mu, log_var, a, b, sigma: elbo(x, mu, log_var, a, 0.0, sigma),
        "b is missing, or has the wrong sign: the mean of x given z is a z + b.",
        also_wrong=(lambda x, mu, log_var, a, b, sigma: elbo(x, mu, log_var, a, -b, sigma),),
    ),
    Mistake(
        "a forgotten",
        lambda x, mu, log_var, a, b, sigma: (
            log_normal(x, mu + b, sigma**2)
            - a**2 * log_var.exp() / (2 * sigma**2)
            - kl.kl_terms(mu, log_var)
        ),
        "a is missing: the mean of x given z is a z + b, also at z = mu.",
        also_wrong=(
            lambda x, mu, log_var, a, b, sigma: elbo(x, mu, log_var, 1.0, b, sigma),
            lambda x, mu, log_var, a, b, sigma: elbo(x, mu, log_var, 1.0, 0.0, sigma),
        ),
    ),
    Mistake(
        "sigma not squared",
        lambda x, mu, log_var, a, b, sigma: elbo(x, mu, log_var, a, b, sigma**0.5),
        "sigma is a standard deviation: log N needs its square, the variance, while "
        "`torch.distributions.Normal` needs sigma as it is.",
        also_wrong=(
            lambda x, mu, log_var, a, b, sigma: elbo(x, mu, log_var, a, b, sigma**2),
            _at_the_mean(lambda r, sigma: log_normal(r, 0 * r, sigma)),
            _at_the_mean(lambda r, sigma: log_normal(r, 0 * r, sigma**4)),
            _at_the_mean(lambda r, sigma: log_normal(r, 0 * r, sigma**2) + 0.5 * math.log(sigma)),
            _at_the_mean(
                lambda r, sigma: (
                    log_normal(r, 0 * r, sigma**2) + r**2 / (2 * sigma**2) - r**2 / (2 * sigma)
                )
            ),
        ),
    ),
    Mistake(
        "constants dropped",
        _at_the_mean(lambda r, sigma: -(r**2) / (2 * sigma**2)),
        "A constant of log N is missing: -1/2 log(2 pi sigma^2). For a fixed model it does not "
        "change the best q, but the value would be no bound of log p(x).",
        also_wrong=(
            _at_the_mean(lambda r, sigma: -(r**2) / (2 * sigma**2) - math.log(sigma)),
            _at_the_mean(lambda r, sigma: -(r**2) / (2 * sigma**2) - math.log(2 * math.pi) / 2),
        ),
    ),
    Mistake(
        "no half of the square",
        _at_the_mean(lambda r, sigma: log_normal(r, 0 * r, sigma**2) - r**2 / (2 * sigma**2)),
        "The squared distance counts twice, or its normalising constant does: both carry a 1/2 in "
        "log N (equation 1.1).",
        also_wrong=(
            _at_the_mean(
                lambda r, sigma: -math.log(2 * math.pi * sigma**2) - r**2 / (2 * sigma**2)
            ),
            _at_the_mean(lambda r, sigma: -math.log(2 * math.pi * sigma**2) - r**2 / sigma**2),
        ),
    ),
    Mistake(
        "log_var as log sigma",
        _variance_as(lambda log_var: 2 * log_var),
        "`log_var` is the log of q's variance: v = exp(log_var), with no half and no square.",
        also_wrong=(
            _variance_as(lambda log_var: log_var / 2),
            lambda x, mu, log_var, a, b, sigma: (
                log_normal(x, a * mu + b, sigma**2)
                - a**2 * log_var / (2 * sigma**2)
                - kl.kl_terms(mu, log_var)
            ),
        ),
    ),
    Mistake(
        "the KL is not right",
        _minus(kl.NO_HALF[0]),
        "The reconstruction term is right, the KL is not. You have a checked function for it: "
        "E3.1 wants (B, L), so `my_kl(mu[:, None], log_var[:, None])`.",
        also_wrong=tuple(
            _minus(slips[0])  # E3.1 knows more of each kind
            for slips in (
                kl.NO_ONE,
                kl.LOG_SIGMA,
                kl.SIGMA_NOT_SQUARED,
                kl.NO_EXP,
                kl.MU_NOT_SQUARED,
                kl.A_TERM_MISSING,
                kl.WRONG_SIGN_INSIDE,
                kl.PRIOR_FIRST,
            )
        ),
    ),
    Mistake(
        "KL summed over the batch",
        _minus(lambda mu, log_var: kl.kl_terms(mu, log_var).sum()),
        "The KL of the whole batch is subtracted from every example. With one latent each example "
        "has one KL: there is no axis to sum over, or it is `[:, None]`'s, the last.",
        also_wrong=(_minus(lambda mu, log_var: kl.kl_terms(mu, log_var).mean()),),
    ),
    Mistake(
        "reduced over the batch",
        lambda *args: elbo(*args).sum(),
        "One number for the whole batch is left. Each x has a bound of its own, shape (B,).",
        also_wrong=(lambda *args: elbo(*args).mean(), lambda *args: -elbo(*args).mean()),
    ),
    Mistake(
        "(B, B)",
        lambda x, mu, log_var, *rest: (
            reconstruction(x, mu, log_var, *rest) - kl.kl_terms(mu, log_var)[:, None]
        ),
        "Shapes (B,) and (B, 1) have met, and broadcasting has paired every x with every q. Bring "
        "all terms to shape (B,) before you combine them.",
        also_wrong=(
            lambda x, mu, log_var, *rest: (
                reconstruction(x, mu, log_var, *rest)[:, None] - kl.kl_terms(mu, log_var)
            ),
            lambda x, mu, log_var, *rest: elbo(x[:, None], mu, log_var, *rest),
            lambda x, mu, log_var, *rest: elbo(x, mu[:, None], log_var[:, None], *rest),
        ),
    ),
)
