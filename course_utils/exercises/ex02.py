"""Notebook 02, naive Monte Carlo: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex02_inputs as inputs
from course_utils.exercises import ex02_judges as judges
from course_utils.exercises._engine.exercise import Exercise


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


def _ess_with_sample_std(log_w):
    """The same with K - 1 in the variance of the weights: the convention that E2.6 takes, too."""
    w = torch.softmax(log_w, dim=0)
    return len(log_w) / (1 + (w.std(dim=0) / w.mean(dim=0)) ** 2)


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
    Exercise("E2.1", my_log_mean_exp, inputs.log_mean_exp_cases),
    Exercise("E2.2", my_naive_log_px, inputs.prior_draw_cases),
    Exercise("E2.3", my_rms_error, inputs.rms_cases, judge=judges.judge_rms, alike=judges.near),
    Exercise("E2.4", my_ess, inputs.weight_cases, also_right=(_ess_with_sample_std,)),
    Exercise("E2.5", my_importance_log_px, inputs.importance_cases),
    Exercise(
        "E2.6",
        my_error_bar,
        inputs.error_bar_cases,
        parts=("std_error", "void"),
        also_right=(_error_bar_with_sample_std,),
        predicates=judges,
    ),
)
