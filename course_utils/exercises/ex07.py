"""Notebook 07, the CVAE: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex07_inputs as inputs
from course_utils.exercises._engine.exercise import Exercise


def my_concat(h, y, classes):
    """h (B, d) and labels y (B,) -> (B, d + classes): h, then a one-hot row for each label."""
    rows = torch.nn.functional.one_hot(y, classes)  # (B, classes), whole numbers
    return torch.cat([h, rows.to(h.dtype)], dim=1)


def my_negative_bound(x, y, eps, encode, prior, log_likelihood):
    """-ELBO given y, (B,): x (B, D), y (B, C), eps (K, B, L).

    encode(x, y) and prior(y) return mu, log_var (B, L); log_likelihood(x, z, y) returns (K, B).
    """
    mu, log_var = encode(x, y)
    mu_p, log_var_p = prior(y)
    z = mu + (log_var / 2).exp() * eps  # (K, B, L)
    rec = log_likelihood(x, z, y).mean(dim=0)
    squared = (mu - mu_p) ** 2 / log_var_p.exp()
    log_ratio = log_var - log_var_p
    kl = 0.5 * (log_ratio.exp() + squared - 1 - log_ratio).sum(dim=-1)
    return kl - rec


def my_same_style(x, y, encode, decode, classes):
    """Every digit in the style of each picture: x (B, D), labels y (B,) -> logits (B, classes, D).

    encode(x, rows) returns mu, log_var (B, L) for one-hot rows (B, classes). decode(z, rows)
    takes z (B, classes, L) with rows (classes, classes), or one row for each z.
    """
    own = torch.nn.functional.one_hot(y, classes).to(x.dtype)  # (B, classes)
    mu, _ = encode(x, own)
    z = mu[:, None].expand(-1, classes, -1)  # (B, classes, L)
    return decode(z, torch.eye(classes, dtype=x.dtype))


def my_errors(x, completions):
    """Squared errors summed over pixels, three of shape (B,): x (B, D), completions (M, B, D).

    Of one draw (averaged over the M), of the mean picture of all M, and of the best of the M.
    """
    errors = ((completions - x) ** 2).sum(dim=-1)  # (M, B)
    of_the_mean = ((completions.mean(dim=0) - x) ** 2).sum(dim=-1)
    return errors.mean(dim=0), of_the_mean, errors.min(dim=0).values


EXERCISES = (
    Exercise("E7.1", my_concat, inputs.concat_cases),
    Exercise("E7.2", my_negative_bound, inputs.bound_cases, in_torch=True),
    Exercise("E7.3", my_same_style, inputs.style_cases),
    Exercise("E7.4", my_errors, inputs.error_cases, parts=("one", "mean picture", "best")),
)
