"""Notebook 03, E3.4: what people write instead of the gap, and the hint for each."""

from collections.abc import Callable

import torch

from course_utils.exercises import ex03_kl as kl
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex03_elbo import (
    elbo,
    kl_normal,
    log_evidence,
    log_normal,
    reconstruction,
)
from course_utils.exercises.ex03_inputs import MODELS, posterior


def gap(x, mu, log_var, a, b, sigma):
    """The right answer, for mistakes that lie elsewhere."""
    m, v = posterior(x, a, b, sigma)
    return kl_normal(mu, log_var.exp(), m, v)


def _with_posterior(of: Callable) -> Callable:
    """KL(q || N(m, v)) with another m and v: of gets residual x - b, a and sigma."""

    def wrong(x, mu, log_var, a, b, sigma):
        m, v = of(x - b, a, sigma)
        return kl_normal(mu, log_var.exp(), m, torch.as_tensor(v, dtype=x.dtype))

    return wrong


def _with_precision(of: Callable) -> Callable:
    """KL(q || p(z|x)) with another precision r, in the mean as well."""
    return _with_posterior(lambda d, a, sigma: (a / sigma**2 * d / of(a, sigma), 1 / of(a, sigma)))


def _with_mean(of: Callable) -> Callable:
    """KL(q || p(z|x)) with another posterior mean, of residual, a, sigma and precision r."""
    return _with_posterior(
        lambda d, a, sigma: (of(d, a, sigma, 1 + a**2 / sigma**2), 1 / (1 + a**2 / sigma**2))
    )


def _with_variance(of: Callable) -> Callable:
    """KL(q || p(z|x)) with another function of r for the variance; the mean is right."""
    return _with_posterior(
        lambda d, a, sigma: (
            a / sigma**2 * d / (1 + a**2 / sigma**2),
            of(1 + a**2 / sigma**2),
        )
    )


def _of_q_and_posterior(of: Callable) -> Callable:
    """Another function of q's and the posterior's means and variances."""

    def wrong(x, mu, log_var, a, b, sigma):
        m, v = posterior(x, a, b, sigma)
        return of(mu, log_var.exp(), m, torch.full_like(mu, v))

    return wrong


def _plug_in(x, mu, log_var, a, b, sigma):
    log_px = log_evidence(x, mu, log_var, a, b, sigma)
    return log_px - log_normal(x, a * mu + b, sigma**2) + kl.kl_terms(mu, log_var)


def _first_model(x, mu, log_var, a, b, sigma):
    return gap(x, mu, log_var, *MODELS[0])


GAP = (
    Mistake(
        "KL to the prior",
        lambda x, mu, log_var, *rest: kl.kl_terms(mu, log_var),
        "Which KL? That is KL(q || p(z)), the one inside the ELBO; x does not even enter it. The "
        "gap is the other one: how far is q from the posterior p(z|x)?",
    ),
    Mistake(
        "posterior first",
        _of_q_and_posterior(lambda m_q, v_q, m_p, v_p: kl_normal(m_p, v_p, m_q, v_q)),
        "That is KL(p(z|x) || q). In equation 3.13 the expectation runs under q: q is the first "
        "argument.",
    ),
    Mistake(
        "posterior to the prior",
        _of_q_and_posterior(lambda m_q, v_q, m_p, v_p: kl_normal(m_p, v_p, 0 * m_p, v_p / v_p)),
        "That compares the posterior with the prior, and q does not enter. The gap says how far "
        "your q is from the posterior.",
    ),
    Mistake(
        "no prior in the precision",
        _with_precision(lambda a, sigma: a**2 / sigma**2),
        "Precisions add: x contributes a^2 / sigma^2, and the prior N(0, 1) contributes 1. Without "
        "it your posterior is the likelihood alone.",
        also_wrong=(
            _with_posterior(
                lambda d, a, sigma: (a / sigma**2 * d / (1 + a**2 / sigma**2), sigma**2 / a**2)
            ),
        ),
    ),
    Mistake(
        "decoder turned around",
        _with_mean(lambda d, a, sigma, r: d / a),
        "(x - b) / a is the z that explains x best. The posterior mean lies between it and the "
        "prior's mean 0, weighted by precisions: equation 1.11.",
    ),
    Mistake(
        "b forgotten",
        lambda x, mu, log_var, a, b, sigma: gap(x, mu, log_var, a, 0.0, sigma),
        "b is missing in the posterior mean, or has the wrong sign: what z explains is x - b.",
        also_wrong=(lambda x, mu, log_var, a, b, sigma: gap(x, mu, log_var, a, -b, sigma),),
    ),
    Mistake(
        "precision for variance",
        _with_variance(lambda r: r),
        "r = 1 + a^2 / sigma^2 is the posterior's precision. Its variance is 1 / r, smaller than "
        "the prior's: x tells something about z.",
    ),
    Mistake(
        "variance and standard deviation",
        _with_variance(lambda r: r**-0.5),
        "The posterior's variance is 1 / r, as it stands in the KL of equation 3.3. Its root is "
        "the standard deviation, which `torch.distributions.Normal` wants; one of the two is in "
        "the other's place.",
        also_wrong=(_with_variance(lambda r: r**-2),),
    ),
    Mistake(
        "precision of the wrong size",
        _with_precision(lambda a, sigma: 1 + a**2 / sigma),
        "The precision is not 1 + a^2 / sigma^2: a z has variance a^2 for z of variance 1, and "
        "sigma is a standard deviation. Both are squared.",
        also_wrong=(
            _with_precision(lambda a, sigma: 1 + abs(a) / sigma**2),
            _with_precision(lambda a, sigma: 1 + a / sigma**2),
            _with_precision(lambda a, sigma: 1 + 1 / sigma**2),
            _with_precision(lambda a, sigma: 1 + a**2),
            _with_precision(lambda a, sigma: 1 + sigma**2 / a**2),
            _with_precision(lambda a, sigma: a**2 + sigma**2),
            lambda x, mu, log_var, a, b, sigma: gap(x, mu, log_var, a, b, sigma**0.5),
            lambda x, mu, log_var, a, b, sigma: gap(x, mu, log_var, a, b, sigma**2),
        ),
    ),
    Mistake(
        "posterior mean of another size",
        _with_mean(lambda d, a, sigma, r: a / sigma**2 * d),
        "The posterior's variance is right, its mean is not: (a / sigma^2)(x - b), divided by r "
        "(equation 1.11).",
        also_wrong=(
            _with_mean(lambda d, a, sigma, r: d / sigma**2 / r),
            _with_mean(lambda d, a, sigma, r: a**2 / sigma**2 * d / r),
            _with_mean(lambda d, a, sigma, r: a / sigma * d / r),
            _with_mean(lambda d, a, sigma, r: a * d / r),
            _with_mean(lambda d, a, sigma, r: d / r),
            _with_mean(lambda d, a, sigma, r: d),
            _with_mean(lambda d, a, sigma, r: a * d),
            _with_mean(lambda d, a, sigma, r: a / sigma**2 * d * r),
            _with_mean(lambda d, a, sigma, r: a / sigma**2 * d / r**0.5),
            _with_mean(lambda d, a, sigma, r: 0 * d),
        ),
    ),
    Mistake(
        "sign",
        lambda *args: -gap(*args),
        "The value is right but for its sign. The ELBO lies below log p(x), so the gap, log p(x) "
        "minus ELBO, is never negative.",
    ),
    Mistake(
        "means alone",
        _of_q_and_posterior(lambda m_q, v_q, m_p, v_p: (m_q - m_p) ** 2 / (2 * v_p)),
        "Only the means are compared. A q with the right mean and the wrong variance has a gap "
        "too: equation 3.3 has four terms.",
        also_wrong=(
            _of_q_and_posterior(lambda m_q, v_q, m_p, v_p: (m_q - m_p) ** 2),
            _of_q_and_posterior(lambda m_q, v_q, m_p, v_p: (m_q - m_p) ** 2 / v_p),
        ),
    ),
    Mistake(
        "KL of E3.2 not right",
        _of_q_and_posterior(lambda m_q, v_q, m_p, v_p: 2 * kl_normal(m_q, v_q, m_p, v_p)),
        "Your posterior is right, the KL is not. You have a checked function for it: E3.2 wants "
        "four tensors of one shape (B, L) with log-variances, so `mu[:, None]`, and "
        "`torch.full_like(...)` for the posterior's.",
        also_wrong=(
            _of_q_and_posterior(lambda m_q, v_q, m_p, v_p: kl_normal(m_q, v_q, m_p, v_p) + 0.5),
            _of_q_and_posterior(
                lambda m_q, v_q, m_p, v_p: 0.5 * ((v_q + (m_q - m_p) ** 2) / v_p - 1)
            ),
            _of_q_and_posterior(
                lambda m_q, v_q, m_p, v_p: (
                    0.5 * ((v_q + (m_q - m_p) ** 2) / v_p - 1 + (v_q / v_p).log())
                )
            ),
            _of_q_and_posterior(
                lambda m_q, v_q, m_p, v_p: (
                    0.5 * (v_q / v_p + (m_q - m_p) ** 2 - 1 - (v_q / v_p).log())
                )
            ),
            _of_q_and_posterior(
                lambda m_q, v_q, m_p, v_p: (
                    0.5 * (v_q / v_p + (m_q - m_p) ** 2 / v_q - 1 - (v_q / v_p).log())
                )
            ),
        ),
    ),
    Mistake(
        "log_var as log sigma",
        lambda x, mu, log_var, *rest: gap(x, mu, 2 * log_var, *rest),
        "`log_var` is the log of q's variance: v = exp(log_var), with no half and no square.",
        also_wrong=(lambda x, mu, log_var, *rest: gap(x, mu, log_var / 2, *rest),),
    ),
    Mistake(
        "a bound without its KL",
        lambda *args: log_evidence(*args) - reconstruction(*args),
        "By equation 3.13 the gap is log p(x) - ELBO. What you subtract is no ELBO yet: it is "
        "E_q log p(x|z) *minus* KL(q || p(z)).",
        also_wrong=(
            lambda x, mu, log_var, *rest: (
                log_evidence(x, mu, log_var, *rest)
                - reconstruction(x, mu, log_var, *rest)
                - kl.kl_terms(mu, log_var)
            ),
        ),
    ),
    Mistake(
        "plug-in bound",
        _plug_in,
        "By equation 3.13 the gap is log p(x) - ELBO, but your ELBO takes log p(x|z) at z = mu. "
        "The spread of z around mu costs a^2 v / (2 sigma^2): equation 3.12.",
    ),
    Mistake(
        "evidence not right",
        lambda x, mu, log_var, a, b, sigma: (
            log_normal(x, torch.as_tensor(b), sigma**2) - elbo(x, mu, log_var, a, b, sigma)
        ),
        "By equation 3.13 the gap is log p(x) - ELBO, but your log p(x) is another: its variance "
        "is a^2 + sigma^2, its mean b (equation 1.6).",
        also_wrong=tuple(
            lambda x, mu, log_var, a, b, sigma, of=of: (
                log_normal(x, torch.as_tensor(b), of(a, sigma)) - elbo(x, mu, log_var, a, b, sigma)
            )
            for of in (
                lambda a, sigma: a**2,
                lambda a, sigma: abs(a) + sigma,
                lambda a, sigma: a**2 + sigma,
                lambda a, sigma: (a**2 + sigma**2) ** 0.5,
                lambda a, sigma: (a**2 + sigma**2) ** 2,
                lambda a, sigma: 1 + sigma**2,
            )
        ),
    ),
    Mistake(
        "the ELBO itself",
        elbo,
        "That is the ELBO. The gap is what is missing from it to log p(x).",
        also_wrong=(log_evidence,),
    ),
    Mistake(
        "reduced over the batch",
        lambda *args: gap(*args).sum(),
        "One number for the whole batch is left. Each x has a gap of its own, shape (B,).",
        also_wrong=(lambda *args: gap(*args).mean(),),
    ),
    Mistake(
        "a fixed model",
        _first_model,
        "Right for the numbers of equation 1.3, but a, b and sigma come in as arguments: other "
        "models have other posteriors.",
        also_wrong=(
            _with_posterior(lambda d, a, sigma: (0.6 * d, 0.1)),
            lambda x, mu, log_var, a, b, sigma: kl_normal(
                mu, log_var.exp(), torch.full_like(mu, 1.02), 0.1
            ),
        ),
    ),
)
