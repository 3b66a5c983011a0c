"""Notebook 03, E3.1: what people write instead of the KL to N(0, I), and the hint for each."""

from collections.abc import Callable

from torch import Tensor

from course_utils.exercises._exercise import Mistake


def kl_terms(mu: Tensor, log_var: Tensor) -> Tensor:
    """Eq. 3.4 before its sum: one divergence per latent."""
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


def _summed(terms: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda mu, log_var: terms(mu, log_var).sum(-1)


# One latent's divergence with a slip in it; E3.3 subtracts them too.
NO_HALF = (lambda mu, log_var: mu**2 + log_var.exp() - 1 - log_var,)
NO_ONE = (
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - log_var),
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() + 1 - log_var),
    lambda mu, log_var: mu**2 + log_var.exp() - log_var,
)
LOG_SIGMA = (
    lambda mu, log_var: 0.5 * (mu**2 + (2 * log_var).exp() - 1 - 2 * log_var),
    lambda mu, log_var: 0.5 * (mu**2 + (2 * log_var).exp() - 1 - log_var),
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - 2 * log_var),
    lambda mu, log_var: 0.5 * (mu**2 + (2 * log_var).exp() - 1) - log_var,
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1) - log_var,
)
SIGMA_NOT_SQUARED = (
    lambda mu, log_var: 0.5 * (mu**2 + (log_var / 2).exp() - 1 - log_var),
    lambda mu, log_var: 0.5 * (mu**2 + (log_var / 2).exp() - 1 - log_var / 2),
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var / 2),
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp().sqrt() - 1) - log_var,
)
NO_EXP = (
    lambda mu, log_var: 0.5 * (mu**2 + log_var - 1 - log_var.log()),
    lambda mu, log_var: 0.5 * (mu**2 + log_var**2 - 1 - log_var),
    lambda mu, log_var: 0.5 * (mu**2 + log_var**2 - 1 - 2 * log_var.log()),
    lambda mu, log_var: 0.5 * (mu**2 + log_var**2 - 1 - (log_var**2).log()),
    lambda mu, log_var: 0.5 * (mu**2 + log_var - 1 - log_var),
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var.log()),
)
MU_NOT_SQUARED = (
    lambda mu, log_var: 0.5 * (mu + log_var.exp() - 1 - log_var),
    lambda mu, log_var: 0.5 * (mu.abs() + log_var.exp() - 1 - log_var),
)
A_TERM_MISSING = (
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1),
    lambda mu, log_var: 0.5 * (log_var.exp() - 1 - log_var),
)
WRONG_SIGN_INSIDE = (
    lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 + log_var),
    lambda mu, log_var: 0.5 * (mu**2 - log_var.exp() - 1 - log_var),
    lambda mu, log_var: 0.5 * (-(mu**2) + log_var.exp() - 1 - log_var),
)
PRIOR_FIRST = (lambda mu, log_var: 0.5 * ((1 + mu**2) / log_var.exp() - 1 + log_var),)


def _mistake(name: str, terms: tuple[Callable, ...], hint: str) -> Mistake:
    """A slip inside the sum over the latents."""
    first, *others = map(_summed, terms)
    return Mistake(name, first, hint, also_wrong=tuple(others))


KL = (
    Mistake(
        "not summed",
        kl_terms,
        "One number per latent is left, (B, L): each is the divergence of one coordinate. "
        "Independent coordinates have log-densities that add. What follows for their KLs?",
    ),
    Mistake(
        "mean over latents",
        lambda mu, log_var: kl_terms(mu, log_var).mean(-1),
        "Your value is L times too small: a mean over the latents. KLs of independent coordinates "
        "add. A VAE trained with the mean has a KL weight of 1/L without knowing.",
        also_wrong=(
            lambda mu, log_var: 2 * kl_terms(mu, log_var).mean(-1),
            lambda mu, log_var: kl_terms(mu, log_var).sum(-1) / 3,
        ),
    ),
    Mistake(
        "sum over the batch too",
        lambda mu, log_var: kl_terms(mu, log_var).sum(),
        "One number for the whole batch is left. Every example has a divergence of its own, "
        "shape (B,): which axis of (B, L) holds the latents?",
    ),
    Mistake(
        "mean over the batch",
        lambda mu, log_var: kl_terms(mu, log_var).sum(-1).mean(),
        "The examples have been averaged to one number. Averaging over the batch comes last, in "
        "view, outside this function: here each example keeps its own KL.",
        also_wrong=(lambda mu, log_var: kl_terms(mu, log_var).mean(),),
    ),
    Mistake(
        "the wrong axis",
        lambda mu, log_var: kl_terms(mu, log_var).sum(0),
        "You have reduced over the examples and kept the latents. In (B, L) the latents are the "
        "last axis, `dim=-1`.",
        also_wrong=(lambda mu, log_var: kl_terms(mu, log_var).mean(0),),
    ),
    Mistake(
        "keepdim",
        lambda mu, log_var: kl_terms(mu, log_var).sum(-1, keepdim=True),
        "An axis of length 1 is left, (B, 1). Subtracted from something of shape (B,) it would "
        "broadcast to (B, B), and nothing would complain. Sum without `keepdim`.",
    ),
    Mistake(
        "sign",
        lambda mu, log_var: -kl_terms(mu, log_var).sum(-1),
        "The sign is turned: a KL is never negative (equation 3.2). The papers often print minus "
        "the KL, since that is what enters the ELBO.",
    ),
    _mistake(
        "no half",
        NO_HALF,
        "Exactly twice too large: the 1/2 in front is missing. It comes from the 1/2 of both "
        "log-densities.",
    ),
    Mistake(
        "one counted once",
        lambda mu, log_var: 0.5 * ((mu**2 + log_var.exp() - log_var).sum(-1) - 1),
        "The -1 is subtracted once, but each latent has its own: it belongs inside the sum. With "
        "q = N(0, I) your value must be 0 for any L.",
        also_wrong=(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - log_var).sum(-1) - 1,
            lambda mu, log_var: (mu**2 + log_var.exp() - log_var).sum(-1) - 1,
        ),
    ),
    Mistake(
        "a fixed L",
        lambda mu, log_var: 0.5 * ((mu**2 + log_var.exp() - log_var).sum(-1) - 3),
        "The 3 is true of the first input only. The number of latents is `mu.shape[-1]`; or let "
        "the -1 stand inside the sum, where it is counted for you.",
    ),
    Mistake(
        "one over the batch",
        lambda mu, log_var: 0.5 * ((mu**2 + log_var.exp() - log_var).sum(-1) - len(mu)),
        "`len(mu)` counts the examples. What is subtracted is 1 for each latent; inside the sum it "
        "is counted for you.",
    ),
    _mistake(
        "no minus one",
        NO_ONE,
        "What is KL(N(0, I) || N(0, I)), and what is yours at mu = 0, log_var = 0? A constant is "
        "missing, or has the wrong sign, in each latent.",
    ),
    _mistake(
        "log_var as log sigma",
        LOG_SIGMA,
        "`log_var` has been read as log sigma somewhere. Write down which of sigma, sigma^2, log "
        "sigma, log sigma^2 each symbol is: here log_var = log sigma^2, so the variance is exp of "
        "it as it stands.",
    ),
    _mistake(
        "sigma not squared",
        SIGMA_NOT_SQUARED,
        "A standard deviation stands where the variance belongs: exp(log_var / 2) is sigma. "
        "Equation 3.4 has exp(log_var) and log_var, without halves.",
    ),
    _mistake(
        "no exp",
        NO_EXP,
        "`log_var` is treated as if it were the variance, or sigma: squared, or its logarithm "
        "taken. It is a logarithm already, and may be negative. Which function gives the variance?",
    ),
    _mistake(
        "mu not squared",
        MU_NOT_SQUARED,
        "The mean has to count the same on either side of 0: mu is squared.",
    ),
    _mistake(
        "a term is missing",
        A_TERM_MISSING,
        "A term is missing. The KL grows when mu moves away, when the variance grows (its exp) and "
        "when it shrinks (minus its log): three terms and a constant.",
    ),
    _mistake(
        "a sign inside",
        WRONG_SIGN_INSIDE,
        "One sign inside the bracket is turned. At mu = 0, log_var = 0 the KL has its least value: "
        "try log_var = -3 and 3 in your head, both must be above 0.",
    ),
    _mistake(
        "prior first",
        PRIOR_FIRST,
        "That is KL(N(0, I) || q), the other direction. The expectation runs under the first "
        "argument, q, whose mean and variance are mu and exp(log_var).",
    ),
)
