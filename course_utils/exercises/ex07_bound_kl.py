"""Notebook 07, E7.2: slips in the KL from q(z|x,y) to p(z|y), and the hint for each."""

from torch import Tensor

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex07_terms import Terms, bracket, kl_is, of


def _reverse(t: Terms) -> Tensor:
    """KL(p || q) in each latent."""
    return 0.5 * ((-t.log_ratio).exp() + t.squared / t.lv.exp() - 1 + t.log_ratio)


def _prior_to_normal(t: Terms) -> Tensor:
    """KL(p(z|y) || N(0, I))."""
    return 0.5 * (t.mu_p**2 + t.lv_p.exp() - 1 - t.lv_p).sum(-1)


BOUND_KL = (
    Mistake(
        "KL to N(0, I)",
        of(lambda t: t.kl_normal - t.rec),
        "Your KL runs to N(0, I), as in notebook 05. That is right where the model says p(z|y) = "
        "N(0, I), which is a choice; this one's prior depends on y, and new pictures will be made "
        "from its draws. What does `prior(y)` return?",
    ),
    Mistake(
        "two KLs to N(0, I)",
        of(lambda t: t.kl_normal + _prior_to_normal(t) - t.rec),
        "You compare q and the prior each with N(0, I), and add or subtract the two. KLs are no "
        "lengths that could be put together: compare q with p(z|y) directly, equation 3.3.",
        also_wrong=(of(lambda t: t.kl_normal - _prior_to_normal(t) - t.rec),),
    ),
    Mistake(
        "log_var taken for a variance",
        kl_is(lambda t: 0.5 * ((t.lv_p / t.lv).log() + (t.lv + t.squared) / t.lv_p - 1)),
        "The formula has variances where yours has their logarithms, and a logarithm or a root of "
        "those is not a number (NaN). Which of the two do `encode` and `prior` return?",
    ),
    Mistake(
        "the prior's mu is forgotten",
        bracket(lambda t: t.log_ratio.exp() + t.mu**2 / t.lv_p.exp() - 1 - t.log_ratio),
        "Your KL measures q's mean from 0. Where is the middle of p(z|y)?",
    ),
    Mistake(
        "the prior's variance is forgotten",
        bracket(lambda t: t.lv.exp() + t.squared - 1 - t.lv),
        "Your KL knows the prior's mean, and takes its variance for 1, in all terms or in one. A "
        "distance of 1 is far for a narrow prior and near for a wide one: what must the squared "
        "distance be divided by, and what does q's variance have to be compared with?",
        also_wrong=(
            bracket(lambda t: t.log_ratio.exp() + t.squared - 1 - t.log_ratio),
            bracket(lambda t: t.lv.exp() + t.squared / t.lv_p.exp() - 1 - t.lv),
            bracket(lambda t: (t.lv.exp() + t.squared) / t.lv_p.exp() - 1 - t.lv),
        ),
    ),
    Mistake(
        "KL the other way round",
        kl_is(_reverse),
        "That is KL(p(z|y) || q(z|x,y)), the other direction. The draws come from q, and so does "
        "the expectation: q stands first. Whose variance stands above, whose below?",
        also_wrong=(kl_is(lambda t: (t.kls + _reverse(t)) / 2),),
    ),
    Mistake(
        "divided by q's variance",
        bracket(lambda t: t.log_ratio.exp() + t.squared / t.lv.exp() - 1 - t.log_ratio),
        "The squared distance of the two means is divided by q's variance (or by a wrong power of "
        "the prior's). How far is far? The second argument of the KL decides, as in all its terms.",
        also_wrong=(
            bracket(lambda t: t.log_ratio.exp() + t.squared / (t.lv_p / 2).exp() - 1 - t.log_ratio),
        ),
    ),
    Mistake(
        "the variance ratio upside down",
        bracket(lambda t: (-t.log_ratio).exp() + t.squared / t.lv_p.exp() - 1 - t.log_ratio),
        "Your ratio of the two variances stands upside down, or is no ratio of *variances*. Which "
        "of the two is in the denominator, if a q that is wider than the prior is to cost much?",
        also_wrong=(
            bracket(lambda t: (t.log_ratio / 2).exp() + t.squared / t.lv_p.exp() - 1 - t.log_ratio),
        ),
    ),
    Mistake(
        "the logarithms exchanged",
        bracket(lambda t: t.log_ratio.exp() + t.squared / t.lv_p.exp() - 1 + t.log_ratio),
        "Your two logarithms have changed signs, or share one. A q narrower than the prior knows "
        "something and pays for it: is log_var_p - log_var positive there?",
        also_wrong=(
            bracket(lambda t: t.log_ratio.exp() + t.squared / t.lv_p.exp() - 1 - t.lv - t.lv_p),
        ),
    ),
    Mistake(
        "no half",
        of(lambda t: 2 * t.kl - t.rec),
        "Your KL is twice too large (or half as large as it should be): count the halves in "
        "equation 3.3. There is one, in front of the whole bracket.",
        also_wrong=(
            of(lambda t: t.kl / 2 - t.rec),
            kl_is(lambda t: t.kls - 0.5 * t.log_ratio),
        ),
    ),
    Mistake(
        "a term of the KL is missing",
        bracket(lambda t: t.log_ratio.exp() + t.squared / t.lv_p.exp() - t.log_ratio),
        "Your log p(x|z,y) is right, and a term of the KL is missing or has another sign. Is it 0 "
        "where q and the prior are the same? Equation 3.3 has four terms; you wrote it in E3.2.",
        also_wrong=(
            bracket(lambda t: t.log_ratio.exp() + t.squared / t.lv_p.exp() + 1 - t.log_ratio),
            bracket(lambda t: t.log_ratio.exp() + t.squared / t.lv_p.exp() - 1),
            bracket(lambda t: t.squared / t.lv_p.exp() - 1 - t.log_ratio),
            bracket(lambda t: t.log_ratio.exp() - t.squared / t.lv_p.exp() - 1 - t.log_ratio),
            of(lambda t: (t.kls + 0.5).sum(-1) - 0.5 - t.rec),
        ),
    ),
    Mistake(
        "mean over the latents",
        of(lambda t: t.kls.mean(-1) - t.rec),
        "The KL is averaged over the latents: what z says about x is bought at 1/L of its price. "
        "What happens to the KLs of independent coordinates?",
    ),
    Mistake(
        "KL divided by K",
        of(lambda t: t.kl / len(t.eps) - t.rec),
        "Your KL is divided by the number of draws, or the whole by a size. Only log p(x|z,y) is "
        "averaged over draws; the KL is the same for all of them, and the bound is in nats a "
        "picture.",
        also_wrong=(
            of(lambda t: t.loss / len(t.eps)),
            of(lambda t: t.loss / t.x.shape[-1]),
        ),
    ),
    Mistake(
        "not summed over the latents",
        of(lambda t: t.kls - t.rec[:, None]),
        "One number for each latent is left. Each picture has one KL, a sum over L.",
    ),
)
