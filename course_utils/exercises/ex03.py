"""Notebook 03, KL and the ELBO: its exercises, each with a reference and the hint ladder."""

import torch

from course_utils.exercises import ex03_inputs as inputs
from course_utils.exercises._exercise import Exercise
from course_utils.exercises.ex03_elbo import EXACT_ELBO
from course_utils.exercises.ex03_fit_q import FIT_Q
from course_utils.exercises.ex03_gap import GAP
from course_utils.exercises.ex03_kl import KL
from course_utils.exercises.ex03_kl_normal import KL_NORMAL
from course_utils.exercises.ex03_order import ORDERING, judge_order, order_cases
from course_utils.exercises.ex03_questions import PREDICTIONS, RECALL

__all__ = ["EXERCISES", "PREDICTIONS", "RECALL"]


def my_kl(mu, log_var):
    """KL( N(mu, diag(exp(log_var))) || N(0, I) ): two of shape (B, L) -> (B,)."""
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=-1)  # eq. 3.4


def my_kl_normal(mu_q, log_var_q, mu_p, log_var_p):
    """KL(q || p) of two diagonal normals: four tensors of shape (B, L) -> (B,)."""
    v_q, v_p = log_var_q.exp(), log_var_p.exp()
    terms = log_var_p - log_var_q + (v_q + (mu_q - mu_p) ** 2) / v_p - 1  # eq. 3.3
    return 0.5 * terms.sum(dim=-1)


def my_exact_elbo(x, mu, log_var, a, b, sigma):
    """E_q log p(x | z) - KL(q || p(z)) with q = N(mu, exp(log_var)): three of (B,) -> (B,)."""
    v = log_var.exp()
    at_the_mean = torch.distributions.Normal(a * mu + b, sigma).log_prob(x)
    rec = at_the_mean - a**2 * v / (2 * sigma**2)  # eq. 3.12
    return rec - 0.5 * (mu**2 + v - 1 - log_var)


def my_gap(x, mu, log_var, a, b, sigma):
    """KL(q || p(z | x)) with q = N(mu, exp(log_var)): three of shape (B,) -> (B,)."""
    r = 1 + a**2 / sigma**2  # eq. 1.11: the posterior is N(m, 1 / r)
    m = (a / sigma**2) * (x - b) / r
    ratio = r * log_var.exp()  # variance of q over variance of the posterior
    return 0.5 * (ratio - 1 - ratio.log() + r * (mu - m) ** 2)


def my_fit_q(log_joint, z, mus, log_vars):
    """(mu, log_var) of the q with the largest ELBO, all pairs of mus (M,) and log_vars (V,)."""
    v, rows = log_vars.exp()[:, None], []  # v: (V, 1)
    for mu in mus:  # one row of the table at a time: all at once may not fit into memory
        log_q = -0.5 * ((2 * torch.pi * v).log() + (z - mu) ** 2 / v)  # (V, G)
        rows.append((log_q.exp() * (log_joint - log_q)).sum(dim=-1) * (z[1] - z[0]))  # eq. 3.15
    best = torch.stack(rows).argmax()
    return mus[best // len(log_vars)], log_vars[best % len(log_vars)]


def my_order():
    """The numbers of the six lines, in the order in which they follow from each other."""
    return (3, 5, 1, 6, 2, 4)


EXERCISES = (
    Exercise(
        id="E3.1",
        title="How far from the prior?",
        difficulty=1,
        minutes=10,
        points=2,
        reference=my_kl,
        cases=inputs.kl_cases,
        mistakes=KL,
        hints=(
            "Equation 3.4 has sigma^2 and its logarithm in it. Which of the two is `log_var`, and "
            "which function makes the other one of it?",
            "Write the bracket first, without the sum: four terms, each of shape (B, L). What "
            "should it be at mu = 0, log_var = 0?",
            "Coordinates are independent, so their KLs add: `.sum(dim=-1)` removes the latents, "
            "and the 1/2 stands in front of it all.",
        ),
    ),
    Exercise(
        id="E3.2",
        title="How far from each other?",
        difficulty=2,
        minutes=8,
        points=2,
        reference=my_kl_normal,
        cases=inputs.kl_normal_cases,
        mistakes=KL_NORMAL,
        hints=(
            "With p = N(0, I) it has to give E3.1 again. Which of the places in equation 3.3 hold "
            "a 0 or a 1 there?",
            "log(v_p / v_q) is a difference of two things you are given. The two variances need "
            "one `exp` each.",
            "Inside the bracket: the log-ratio, then v_q plus the squared difference of the means, "
            "both over v_p, then -1. Half of it, summed over the last axis.",
        ),
    ),
    Exercise(
        id="E3.3",
        title="The ELBO without sampling",
        difficulty=2,
        minutes=12,
        points=3,
        reference=my_exact_elbo,
        cases=inputs.off_posterior_cases,
        mistakes=EXACT_ELBO,
        hints=(
            "Equation 3.11 has two terms. One of them you have written in E3.1, if you bring mu "
            "and log_var to shape (B, 1). What is averaged in the other?",
            "log p(x|z) is -(x - a z - b)^2 / (2 sigma^2) and a constant. With z = mu + sqrt(v) "
            "eps, what is the mean of the square? Not the square at the mean.",
            "Equation 3.12: log N(x; a mu + b, sigma^2), where "
            "`torch.distributions.Normal(..., sigma).log_prob(x)` helps, minus what the spread of "
            "z costs. Then minus the KL.",
        ),
    ),
    Exercise(
        id="E3.4",
        title="What the bound misses",
        difficulty=2,
        minutes=10,
        points=3,
        reference=my_gap,
        cases=inputs.off_posterior_cases,
        mistakes=GAP,
        hints=(
            "There are two KLs in this notebook. Which one is in the ELBO, and which one is "
            "between the ELBO and log p(x)?",
            "You need the posterior's mean and variance, equation 1.11: its precision is r, the "
            "prior's 1 plus what x contributes.",
            "Then it is the KL of two normals, E3.2 with one latent: q's mean and variance are mu "
            "and exp(log_var), the posterior's are (a / sigma^2)(x - b) / r and 1 / r.",
        ),
    ),
    Exercise(
        id="E3.5",
        title="The best q on a grid",
        difficulty=3,
        minutes=15,
        points=3,
        reference=my_fit_q,
        cases=inputs.fit_q_cases,
        mistakes=FIT_Q,
        parts=("mu", "log_var"),
        hints=(
            "Begin with one pair (mu, log_var). Equation 3.15 has two terms: which needs the grid "
            "of z, and which has a closed form?",
            "E_q log p(x, z) is about the sum over the grid of q(z) times `log_joint` times the "
            "spacing, `z[1] - z[0]`. The entropy needs log_var alone.",
            "Then all M x V pairs: two loops that remember the best so far are fine, since the "
            "lists are short. Keep the pair, not its place.",
        ),
    ),
    Exercise(
        id="E3.6",
        title="The same derivation in other letters",
        difficulty=2,
        minutes=8,
        points=2,
        reference=my_order,
        cases=order_cases,
        mistakes=ORDERING,
        judge=judge_order,
        hints=(
            "Each line follows from the one above by a single rule. Which line says no more than "
            "what a KL is?",
            "Follow p_theta(x) alone: it comes in, it gets a term of its own, it leaves the "
            "integral. That orders the lines up to there.",
            "Then follow p_theta(z, x), the joint density: it is factored, and its factors find "
            "their places. The last line is equation 3.9 in other letters.",
        ),
    ),
)
