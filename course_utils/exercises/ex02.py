"""Notebook 02, naive Monte Carlo: its exercises, each with a reference and the hint ladder."""

import torch

from course_utils.exercises import ex02_inputs as inputs
from course_utils.exercises import ex02_mistakes as mistakes
from course_utils.exercises._exercise import Exercise
from course_utils.exercises.ex02_error_bar import ERROR_BAR
from course_utils.exercises.ex02_importance import IMPORTANCE_LOG_PX
from course_utils.exercises.ex02_questions import PREDICTIONS, RECALL
from course_utils.exercises.ex02_rms import RMS_ERROR, judge_rms

__all__ = ["EXERCISES", "PREDICTIONS", "RECALL"]


def my_log_mean_exp(a, dim):
    """log of the mean of exp(a) along dim, without under- or overflow."""
    top = a.amax(dim=dim, keepdim=True).nan_to_num(neginf=0.0)  # all -inf: log 0, not nan
    return (a - top).exp().mean(dim=dim).log() + top.squeeze(dim)


def my_naive_log_px(model, x, z):
    """log of the average of p(x | z) over the draws: x (B, D), z (n, L) -> (B,)."""
    log_likelihood = model.log_likelihood(x, z[:, None])  # (n, B)
    top = log_likelihood.amax(dim=0).nan_to_num(neginf=0.0)
    return (log_likelihood - top).exp().mean(dim=0).log() + top


def my_rms_error(model, x, n, repeats, generator):
    """Root of the mean over repeats of (p_hat / p - 1)^2, each p_hat from n prior draws."""
    z = model.sample_prior(repeats * n, generator=generator)  # (repeats * n, L)
    likelihood = model.log_likelihood(x, z[:, None]).exp()  # (repeats * n, 1)
    p_hat = likelihood.reshape(repeats, n).mean(dim=1)  # one estimate a row
    return ((p_hat / model.log_px(x).exp() - 1) ** 2).mean().sqrt()


def my_ess(log_w):
    """Effective sample size: log_w (K, B) -> (B,), 1 / sum of squared normalised weights."""
    w = torch.softmax(log_w, dim=0)
    return (1 / (w**2).sum(dim=0)).nan_to_num(nan=0.0)  # all weights 0: no draw counts


def my_importance_log_px(model, x, z, log_q):
    """log of the average of p(x|z) p(z) / q(z): z (n, B, L), log_q (n, B) -> (B,)."""
    log_w = model.log_likelihood(x, z) + model.log_prior(z) - log_q  # (n, B)
    top = log_w.amax(dim=0).nan_to_num(neginf=0.0)
    return (log_w - top).exp().mean(dim=0).log() + top


def my_error_bar(log_w):
    """Standard error of log p_hat and whether it is void (ESS < 10): (K, B) -> two of (B,)."""
    w = (log_w - log_w.amax(dim=0)).exp()
    ess = w.sum(dim=0) ** 2 / (w**2).sum(dim=0)
    std_error = (1 / ess - 1 / len(log_w)).clamp(min=0).sqrt()
    return std_error, ~(ess >= 10)  # void also where ess is nan: all weights 0


def _error_bar_with_sample_std(log_w):
    """The same with K - 1 in the variance of the weights: as good a convention."""
    w = torch.softmax(log_w, dim=0)
    std_error = w.std(dim=0) / w.mean(dim=0) / len(log_w) ** 0.5
    return std_error, 1 / (w**2).sum(dim=0) < 10


EXERCISES = (
    Exercise(
        id="E2.1",
        title="A mean of exponentials that survives",
        difficulty=1,
        minutes=5,
        points=2,
        reference=my_log_mean_exp,
        cases=inputs.log_mean_exp_cases,
        mistakes=mistakes.LOG_MEAN_EXP,
        hints=(
            "`exp` rounds to zero below about -104 in float32 (the notebook's tensor), below about "
            "-745 in float64: what could you subtract from `a` first, so that the largest entry "
            "becomes `exp(0) = 1`?",
            "The largest value along `dim`: `a.amax(dim=dim, keepdim=True)` keeps its axis, so "
            "that the subtraction fits.",
            "Equation 2.3 line by line: subtract the maximum, exp, mean over `dim`, log, and add "
            "the maximum back (without its axis of length 1).",
        ),
    ),
    Exercise(
        id="E2.2",
        title="Naive Monte Carlo",
        difficulty=1,
        minutes=8,
        points=2,
        reference=my_naive_log_px,
        cases=inputs.prior_draw_cases,
        mistakes=mistakes.NAIVE_LOG_PX,
        hints=(
            "Equation 2.2 averages p(x|z) over draws from the prior. Which function gives "
            "log p(x|z), and what shape should its answer have here?",
            "Every draw has to meet every x: `z[:, None]` is (n, 1, L), and `model.log_likelihood` "
            "then returns (n, B). Which of the two axes is averaged over?",
            "The average is one of probabilities, the numbers are logs of them: E2.1 is made for "
            "that, along the axis of the draws.",
        ),
    ),
    Exercise(
        id="E2.3",
        title="How far off?",
        difficulty=2,
        minutes=12,
        points=3,
        reference=my_rms_error,
        cases=inputs.rms_cases,
        mistakes=RMS_ERROR,
        judge=judge_rms,
        hints=(
            "There are two numbers: n draws make one estimate, and `repeats` estimates tell how "
            "far off an estimate typically is. How many draws is that in all?",
            "Write down one estimate first: over n draws, the mean of "
            "`model.log_likelihood(x, z[:, None]).exp()`. Divide by the exact "
            "`model.log_px(x).exp()`, and subtract 1.",
            "Then from the inside out: square each relative error, take the mean over the "
            "repeats, and the root at the end. A loop over the repeats is fine.",
        ),
    ),
    Exercise(
        id="E2.4",
        title="How many draws count?",
        difficulty=1,
        minutes=6,
        points=2,
        reference=my_ess,
        cases=inputs.weight_cases,
        mistakes=mistakes.ESS,
        hints=(
            "Normalised weights add up to 1 over the K draws. Which torch function turns "
            "log-weights into normalised weights, without underflow?",
            "`torch.softmax(log_w, dim=...)`: over which axis do the weights of one example lie?",
            "Square the normalised weights, sum over the draws, take 1 over it. Try it in your "
            "head: K equal weights of 1/K must give K.",
        ),
    ),
    Exercise(
        id="E2.5",
        title="Draws that know about x",
        difficulty=2,
        minutes=8,
        points=2,
        reference=my_importance_log_px,
        cases=inputs.importance_cases,
        mistakes=IMPORTANCE_LOG_PX,
        hints=(
            "A draw from q is worth p(x|z) p(z) / q(z). What is the logarithm of that product?",
            "Products become sums, quotients differences: three terms, each of shape (n, B). Here "
            "z is (n, B, L) already, so no `[:, None]`.",
            "With log_w of shape (n, B) in hand, it is the average of E2.1 over the draws again.",
        ),
    ),
    Exercise(
        id="E2.6",
        title="An error bar, and when it is void",
        difficulty=2,
        minutes=10,
        points=3,
        reference=my_error_bar,
        cases=inputs.error_bar_cases,
        mistakes=ERROR_BAR,
        parts=("std_error", "void"),
        also_right=(_error_bar_with_sample_std,),
        hints=(
            "You have the effective sample size from E2.4. What should the error bar be when all "
            "K weights are equal and the effective sample size is K?",
            "The error of log p_hat is the relative error of p_hat: sqrt(1/ESS - 1/K), with K the "
            "number of draws. Rounding can leave a hair less than 0 under the root, which is nan: "
            "clamp at 0 first, `.clamp(min=0)`.",
            "Return two tensors of shape (B,): the standard error, and `ess < 10`, true where "
            "fewer than ten draws carry the result.",
        ),
    ),
)
