"""Notebook 07, the conditional VAE: its exercises, each with a reference and the hint ladder."""

import torch

from course_utils.exercises import ex07_inputs as inputs
from course_utils.exercises._exercise import Exercise
from course_utils.exercises.ex07_bound import BOUND
from course_utils.exercises.ex07_bound_kl import BOUND_KL
from course_utils.exercises.ex07_concat import CONCAT, CONCAT_GRADIENTS
from course_utils.exercises.ex07_errors import ERRORS
from course_utils.exercises.ex07_paths import BOUND_GRADIENTS
from course_utils.exercises.ex07_questions import PREDICTIONS, RECALL
from course_utils.exercises.ex07_style import SAME_STYLE

__all__ = ["EXERCISES", "PREDICTIONS", "RECALL"]


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


def _stacked_errors(x, completions):
    """The three as one tensor (3, B), which unpacks in the same way."""
    return torch.stack(my_errors(x, completions))


EXERCISES = (
    Exercise(
        id="E7.1",
        title="A label beside the numbers",
        difficulty=1,
        minutes=5,
        points=2,
        reference=my_concat,
        cases=inputs.concat_cases,
        mistakes=CONCAT,
        gradient_mistakes=CONCAT_GRADIENTS,
        hints=(
            "A label is a name, not an amount: a 9 is not nine times a 1. Which row of numbers "
            'says "this is a 3" and nothing else?',
            "A 1 in the label's place and 0 elsewhere, `classes` numbers for each label. Along "
            "which axis do such rows stand *beside* h?",
            "`torch.nn.functional.one_hot(y, classes)` makes the rows, as whole numbers: "
            "`.to(h.dtype)`. Then `torch.cat([h, rows], dim=1)`.",
        ),
    ),
    Exercise(
        id="E7.2",
        title="The bound, given y",
        difficulty=3,
        minutes=12,
        points=4,
        reference=my_negative_bound,
        cases=inputs.bound_cases,
        mistakes=(*BOUND, *BOUND_KL),
        gradient_mistakes=BOUND_GRADIENTS,
        in_torch=True,
        hints=(
            "It is E5.3 with y on every side. Which of the three functions are told y, and between "
            "which two densities does the KL run?",
            "z = mu + sigma eps with q's mu and sigma, (K, B, L); log p(x|z,y) is averaged over "
            "the K draws. The KL runs from q(z|x,y) to p(z|y), two diagonal normals: equation 3.3, "
            "as in E3.2, summed over the latents.",
            "`mu, log_var = encode(x, y)`, `mu_p, log_var_p = prior(y)`, and in each latent half "
            "of `log_var_p - log_var + (log_var.exp() + (mu - mu_p) ** 2) / log_var_p.exp() - 1`. "
            "Return that sum over the latents *minus* `log_likelihood(x, z, y).mean(dim=0)`.",
        ),
    ),
    Exercise(
        id="E7.3",
        title="Every digit in this hand",
        difficulty=2,
        minutes=6,
        points=3,
        reference=my_same_style,
        cases=inputs.style_cases,
        mistakes=SAME_STYLE,
        hints=(
            "What a picture's label says need not be in z. Which label do you tell the encoder, "
            "which ones the decoder, and what stays the same while the digits change?",
            "The encoder gets each picture with its own label, and its mu is the style. The "
            "decoder gets this mu `classes` times, each time with another one-hot row: z is "
            "(B, classes, L).",
            "`mu[:, None].expand(-1, classes, -1)` is z, and `torch.eye(classes)` holds the rows "
            "of all digits. Return what `decode` makes of the two.",
        ),
    ),
    Exercise(
        id="E7.4",
        title="Three squared errors",
        difficulty=2,
        minutes=6,
        points=3,
        reference=my_errors,
        cases=inputs.error_cases,
        mistakes=ERRORS,
        parts=("one", "mean picture", "best"),
        also_right=(_stacked_errors,),
        hints=(
            "M draws and one truth. Each draw has an error, and so has their average as a picture. "
            "Which of the three numbers averages pictures, and which averages errors?",
            "The errors of all draws are (M, B): squares, summed over the pixels. Their average "
            "over M is the first number and their smallest the third. The second averages the "
            "pictures before anything is squared.",
            "`errors = ((completions - x) ** 2).sum(dim=-1)`; then `errors.mean(dim=0)`, the same "
            "error of `completions.mean(dim=0)`, and `errors.min(dim=0).values`.",
        ),
    ),
)
