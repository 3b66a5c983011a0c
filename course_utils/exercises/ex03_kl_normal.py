"""Notebook 03, E3.2: what people write instead of the KL of two normals, and the hint for each."""

from collections.abc import Callable

from torch import Tensor

from course_utils.exercises._exercise import Mistake


def _terms(m_q: Tensor, l_q: Tensor, m_p: Tensor, l_p: Tensor) -> Tensor:
    """Eq. 3.3 for each latent; m are the means, l the log-variances."""
    return 0.5 * (l_p - l_q + (l_q.exp() + (m_q - m_p) ** 2) / l_p.exp() - 1)


def _swapped(m_q: Tensor, l_q: Tensor, m_p: Tensor, l_p: Tensor) -> Tensor:
    return _terms(m_p, l_p, m_q, l_q)


def _symmetric(*args: Tensor) -> Tensor:
    return _terms(*args) + _swapped(*args)


def _bracket(of: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Half the sum over the latents of what is inside eq. 3.3's bracket.

    of gets d = m_q - m_p, the variances v_q and v_p, and the log-variances l_q and l_p.
    """

    def wrong(m_q: Tensor, l_q: Tensor, m_p: Tensor, l_p: Tensor) -> Tensor:
        return 0.5 * of(m_q - m_p, l_q.exp(), l_p.exp(), l_q, l_p).sum(-1)

    return wrong


KL_NORMAL = (
    Mistake(
        "arguments swapped",
        lambda *args: _swapped(*args).sum(-1),
        "That is KL(p || q), the other direction. The expectation is under the first argument, q, "
        "so its variance stands above and p's below.",
    ),
    Mistake(
        "symmetrised",
        lambda *args: 0.5 * _symmetric(*args).sum(-1),
        "You have mixed both directions. KL is not symmetric and no distance; the task asks for "
        "one direction, KL(q || p).",
        also_wrong=(lambda *args: _symmetric(*args).sum(-1),),
    ),
    Mistake(
        "not summed",
        _terms,
        "One number per latent is left, (B, L). Independent coordinates have KLs that add: which "
        "axis holds the latents?",
    ),
    Mistake(
        "mean over latents",
        lambda *args: _terms(*args).mean(-1),
        "L times too small: a mean over the latents. KLs of independent coordinates add.",
        also_wrong=(lambda *args: _terms(*args).sum(-1) / 3,),
    ),
    Mistake(
        "over the batch",
        lambda *args: _terms(*args).sum(),
        "The examples have been reduced away. Each has a divergence of its own, shape (B,): sum "
        "over the last axis alone.",
        also_wrong=(
            lambda *args: _terms(*args).sum(-1).mean(),
            lambda *args: _terms(*args).mean(),
            lambda *args: _terms(*args).sum(0),
            lambda *args: _terms(*args).mean(0),
        ),
    ),
    Mistake(
        "keepdim",
        lambda *args: _terms(*args).sum(-1, keepdim=True),
        "An axis of length 1 is left, (B, 1). Subtracted from something of shape (B,) it would "
        "broadcast to (B, B), and nothing would complain. Sum without `keepdim`.",
    ),
    Mistake(
        "sign",
        lambda *args: -_terms(*args).sum(-1),
        "The sign is turned: a KL is never negative (equation 3.2).",
    ),
    Mistake(
        "no half",
        lambda *args: 2 * _terms(*args).sum(-1),
        "Exactly twice too large: the 1/2 in front is missing.",
    ),
    Mistake(
        "no log-ratio",
        _bracket(lambda d, v_q, v_p, l_q, l_p: (v_q + d**2) / v_p - 1),
        "The two normalising constants are missing: log(v_p / v_q). Without it a q narrower than "
        "p would get a negative KL.",
    ),
    Mistake(
        "log-ratio upside down",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_q - l_p + (v_q + d**2) / v_p - 1),
        "The ratio in the logarithm is upside down: log(v_p / v_q) = log_var_p - log_var_q. When "
        "q shrinks to a point the KL must grow without bound.",
    ),
    Mistake(
        "half of the log-ratio",
        _bracket(lambda d, v_q, v_p, l_q, l_p: 0.5 * (l_p - l_q) + (v_q + d**2) / v_p - 1),
        "The log-ratio has a factor too many or too few. log(sigma_p / sigma_q) is half of "
        "log(v_p / v_q): with standard deviations it stands outside the bracket's 1/2, with "
        "variances inside.",
        also_wrong=(
            _bracket(lambda d, v_q, v_p, l_q, l_p: 2 * (l_p - l_q) + (v_q + d**2) / v_p - 1),
        ),
    ),
    Mistake(
        "ratio of logs",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_p / l_q + (v_q + d**2) / v_p - 1),
        "The log of a ratio is a difference of logs: log(v_p / v_q) = log_var_p - log_var_q. "
        "Dividing one log-variance by the other is something else.",
    ),
    Mistake(
        "not divided by v_p",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + v_q / v_p + d**2 - 1),
        "Something is not divided by p's variance. Whether q is far from p is measured in p's own "
        "width: v_q and the squared difference are both divided by v_p (mind the brackets).",
        also_wrong=(
            _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + v_q + d**2 / v_p - 1),
            _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + v_q + d**2 - 1),
        ),
    ),
    Mistake(
        "divided by v_q",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + v_q / v_p + d**2 / v_q - 1),
        "You divide by q's variance. The expectation is under q, but what is averaged is p's "
        "log-density, and v_p is what stands in it.",
        also_wrong=(
            _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (v_p + d**2) / v_q - 1),
            _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + v_p / v_q + d**2 / v_p - 1),
        ),
    ),
    Mistake(
        "difference not squared",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (v_q + d) / v_p - 1),
        "The distance of the means has to count the same in both directions: square it.",
        also_wrong=(_bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (v_q + d.abs()) / v_p - 1),),
    ),
    Mistake(
        "squared before the difference",
        lambda m_q, l_q, m_p, l_p: (
            0.5 * (l_p - l_q + (l_q.exp() + m_q**2 - m_p**2) / l_p.exp() - 1).sum(-1)
        ),
        "mu_q^2 - mu_p^2 and (mu_q - mu_p)^2 differ: take the difference first, then square. "
        "Moving both normals along together must not change the KL.",
        also_wrong=(
            lambda m_q, l_q, m_p, l_p: (
                0.5 * (l_p - l_q + (l_q.exp() + (m_q + m_p) ** 2) / l_p.exp() - 1).sum(-1)
            ),
            lambda m_q, l_q, m_p, l_p: (
                0.5 * (l_p - l_q + (l_q.exp() + m_q**2 + m_p**2) / l_p.exp() - 1).sum(-1)
            ),
        ),
    ),
    Mistake(
        "no minus one",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (v_q + d**2) / v_p),
        "What is KL(q || q), and what is yours? Each latent subtracts a 1 of its own, inside the "
        "sum.",
        also_wrong=(
            lambda *args: (_terms(*args) + 0.5).sum(-1) - 0.5,
            lambda *args: (_terms(*args) + 0.5).sum(-1) - 1,
            lambda *args: (_terms(*args) + 0.5).sum(-1) - 1.5,
        ),
    ),
    Mistake(
        "sigma for variance",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (v_q**0.5 + d**2) / v_p**0.5 - 1),
        "A standard deviation stands where a variance belongs, or a variance is squared once more. "
        "log_var is the log of the variance: exp(log_var) is v, exp(log_var / 2) is sigma.",
        also_wrong=(
            _bracket(lambda d, v_q, v_p, l_q, l_p: (l_p - l_q) + (v_q**2 + d**2) / v_p**2 - 1),
            _bracket(lambda d, v_q, v_p, l_q, l_p: 2 * (l_p - l_q) + (v_q**2 + d**2) / v_p**2 - 1),
            _bracket(
                lambda d, v_q, v_p, l_q, l_p: (l_p - l_q) / 2 + (v_q**0.5 + d**2) / v_p**0.5 - 1
            ),
            _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (v_q + d**2) / v_p**0.5 - 1),
            _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (v_q + d**2) / v_p**2 - 1),
        ),
    ),
    Mistake(
        "no exp",
        _bracket(lambda d, v_q, v_p, l_q, l_p: l_p - l_q + (l_q + d**2) / l_p - 1),
        "Log-variances stand where variances belong. Which function turns one into the other?",
        also_wrong=(
            _bracket(lambda d, v_q, v_p, l_q, l_p: (l_p / l_q).log() + (l_q + d**2) / l_p - 1),
        ),
    ),
    Mistake(
        "ignores p",
        lambda m_q, l_q, m_p, l_p: 0.5 * (m_q**2 + l_q.exp() - 1 - l_q).sum(-1),
        "p, or its variance, does not matter to your answer: that is the KL to N(0, I) of E3.1. "
        "Here p has a mean and a variance of its own, and both count.",
        also_wrong=(
            lambda m_q, l_q, m_p, l_p: 0.5 * ((m_q - m_p) ** 2 + l_q.exp() - 1 - l_q).sum(-1),
        ),
    ),
)
