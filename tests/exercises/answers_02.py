"""Notebook 02's exercises: right answers in other forms, and wrong ones of no known slip."""

import math

import numpy as np
import torch
from learner import loop_average

from course_utils import densities, estimators
from course_utils.exercises._engine.registry import find_exercise


def shifted(a, dim, shift):
    """Log-mean-exp by any shift that keeps the axis dim."""
    return (a - shift).exp().mean(dim).log() + shift.squeeze(dim)


def ess(log_w):
    w = (log_w - log_w.amax(0)).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)


def bar(log_w):
    return (1 / ess(log_w) - 1 / len(log_w)).clamp(min=0).sqrt()


def bar_with_sample_std(log_w):
    w = torch.softmax(log_w, 0)
    return w.std(0) / w.mean(0) / len(log_w) ** 0.5


def log_p(model, x, z):
    return model.log_likelihood(x, z[:, None])


def log_weights(model, x, z, log_q):
    return model.log_likelihood(x, z) + model.log_prior(z) - log_q


def estimates(model, x, n, repeats, generator):
    z = model.sample_prior(n * repeats, generator=generator)
    return model.log_likelihood(x, z[:, None]).exp().reshape(repeats, n).mean(1)


# As edits: exp after another shift than the largest, where it may under- or overflow.
SHIFTS = {
    "one maximum": "log_w.max()",
    "mean": "log_w.mean(0)",
    "median": "log_w.median(0).values",
    "middle": "(log_w.amax(0) + log_w.amin(0)) / 2",
    "smallest": "log_w.amin(0)",
    "first": "log_w[0]",
    "last": "log_w[-1]",
    "constant": "torch.tensor(-800.0)",
}
SHIFTED = {
    "E2.4": "`w = (log_w - {}).exp()`, `return w.sum(0) ** 2 / (w**2).sum(0)`",
    "E2.6": "`log_w.amax(dim=0)` → `{}`, `return std_error, ess < 10`",
    "E2.2": "`top =` → `log_w = log_likelihood; top =`, `top = {}`",
    "E2.5": "`top = {}`",
}
# Of a void error bar, for these inputs nearly right.
LIMITS = np.linspace(0.04, 0.6, 15).tolist()
RULES = [
    *(f"ess < {limit}" for limit in (1, 3, 6.5, 9, 11, 15, 20, 29, 35)),
    *(f"std_error > {limit}" for limit in LIMITS),
    *(f"(w / w.sum(0)).amax(0) > {limit}" for limit in LIMITS),
    *(f"ess < len(log_w) / {k}" for k in (2, 4, 10, 20, 40, 100, 200)),
]

REFUSED = [
    ("E0.1", "over 6", lambda p: p.sum(0) / 6),
    ("E2.1", "median", lambda a, dim: shifted(a, dim, a.median(dim, keepdim=True).values)),
    ("E2.1", "last", lambda a, dim: shifted(a, dim, a.narrow(dim, -1, 1))),
    ("E2.1", "first", lambda a, dim: shifted(a, dim, a.narrow(dim, 0, 1))),
    ("E2.1", "max - 300", lambda a, dim: shifted(a, dim, a.amax(dim, keepdim=True) - 300)),
    ("E2.2", "log 6", lambda *args: torch.logsumexp(log_p(*args), 0) - math.log(6)),
    ("E2.2", "log 11", lambda *args: torch.logsumexp(log_p(*args), 0) - math.log(11)),
    ("E2.5", "log 7", lambda *args: torch.logsumexp(log_weights(*args), 0) - math.log(7)),
    ("E2.5", "log 11", lambda *args: torch.logsumexp(log_weights(*args), 0) - math.log(11)),
    ("E2.3", "std / mean", lambda *args: estimates(*args).std() / estimates(*args).mean()),
    ("E2.3", "(1, 1)", lambda *args: find_exercise("E2.3").reference(*args).reshape(1, 1)),
    ("E2.6", "no clamp", lambda log_w: ((1 / ess(log_w) - 1 / len(log_w)).sqrt(), ess(log_w) < 10)),
    *(
        (exercise, name, item.format(shift))
        for exercise, item in SHIFTED.items()
        for name, shift in SHIFTS.items()
    ),
    *(("E2.6", rule, f"`return std_error, {rule}`") for rule in RULES),
]


def loop_rms(model, x, n, repeats, generator):
    errors = []
    for _ in range(repeats):
        z = model.sample_prior(n, generator=generator)
        p_hat = model.log_likelihood(x, z[:, None]).exp().mean()
        errors.append(float(p_hat / model.log_px(x).exp() - 1) ** 2)
    return float(np.sqrt(np.mean(errors)))


def rms_of_one_set_of_draws(model, x, n, repeats, generator):
    """What a loop finds that has drawn before it begins: each repeat has the same error."""
    return loop_rms(model, x, n, 1, generator)


def as_printed(log_w):
    """Equation 2.10 as it stands: nan for some equal weights, and right for all others."""
    return (1 / ess(log_w) - 1 / len(log_w)).sqrt()


# What no edit of the reference is: in other words, or rounded in other places.
TOLD = [
    ("E2.3", "same draws in every repeat", rms_of_one_set_of_draws),
    ("E2.3", "exact p not used", lambda *a: float(estimates(*a).std() / a[0].log_px(a[1]).exp())),
    ("E2.6", "no clamp", lambda log_w: (as_printed(log_w), ess(log_w) < 10)),
    ("E2.6", "no clamp", lambda log_w: [as_printed(log_w).numpy(), (ess(log_w) < 10).numpy()]),
    ("E2.6", "void, and no clamp", lambda log_w: (as_printed(log_w), ess(log_w) > 10)),
    ("E2.6", "void, and no clamp", lambda log_w: (as_printed(log_w), (ess(log_w) < 10).any())),
    ("E2.6", None, as_printed),
    ("E2.6", None, lambda log_w: (as_printed(log_w) ** 2, ess(log_w) < 10)),
]


ROUTES = [
    ("E2.1", densities.log_mean_exp),
    ("E2.2", lambda *args: densities.log_mean_exp(log_p(*args), 0)),
    ("E2.4", estimators.effective_sample_size),
    ("E2.5", lambda *args: densities.log_mean_exp(log_weights(*args), 0)),
]
OTHER_FORMS = [
    ("E0.1", lambda p: torch.einsum("kb->b", p) / p.shape[0]),
    ("E2.1", lambda a, dim: a.logsumexp(dim) - math.log(a.shape[dim])),
    ("E2.1", lambda a, dim: shifted(a, dim, a.max(dim, keepdim=True).values - 5)),
    ("E2.1", lambda a, dim: a.double().logsumexp(dim) - math.log(a.shape[dim])),
    ("E2.1", lambda a, dim: a.float().logsumexp(dim) - math.log(a.shape[dim])),
    ("E2.2", lambda *args: torch.logsumexp(log_p(*args), 0) - math.log(len(args[2]))),
    ("E2.2", lambda *args: torch.logsumexp(log_p(*args).float(), 0) - math.log(len(args[2]))),
    ("E2.5", lambda *args: torch.logsumexp(log_weights(*args), 0) - math.log(len(args[2]))),
    ("E2.3", lambda *args: find_exercise("E2.3").reference(*args).item()),
    ("E2.4", lambda log_w: ess(log_w.float())),
    ("E2.4", lambda log_w: (2 * log_w.logsumexp(0) - (2 * log_w).logsumexp(0)).exp()),
    ("E2.4", lambda log_w: 1 / (torch.softmax(log_w, 0) ** 2).sum(0)),
    ("E2.4", lambda log_w: len(log_w) / (1 + len(log_w) * bar_with_sample_std(log_w) ** 2)),
    ("E0.1", loop_average),
    ("E2.3", loop_rms),
    ("E2.4", lambda log_w: 1 / (torch.softmax(log_w.float(), 0) ** 2).sum(0)),
    (
        "E2.6",
        "`std_error = (ess.reciprocal() - 1 / len(log_w)).relu().sqrt()`, "
        "`return std_error, ess < 10`",
    ),
    ("E2.6", "`.clamp(min=0)` → `.abs()`, `return std_error, ess < 10`"),
    ("E2.6", lambda log_w: (bar(log_w.float()), ess(log_w.float()) < 10)),
    ("E2.6", "`return std_error.numpy(), (ess < 10).numpy()`"),
    ("E2.6", "`return [std_error, ess <= 10]`"),
]
