"""Notebook 05, the VAE: its exercises, each with a reference and the hint ladder."""

import torch

from course_utils.exercises import ex05_inputs as inputs
from course_utils.exercises._exercise import Exercise
from course_utils.exercises.ex05_both import NOT_BOTH
from course_utils.exercises.ex05_epoch import EPOCH
from course_utils.exercises.ex05_extremes import NEGATIVE_ELBO_MISTAKES
from course_utils.exercises.ex05_generate import GENERATE
from course_utils.exercises.ex05_large_logits import LARGE_LOGITS, LOG_BERNOULLI_GRADIENTS
from course_utils.exercises.ex05_log_bernoulli import LOG_BERNOULLI
from course_utils.exercises.ex05_normal_pixels import NORMAL_PIXELS, NORMAL_PIXELS_GRADIENTS
from course_utils.exercises.ex05_normaliser import NORMALISER
from course_utils.exercises.ex05_paths import NEGATIVE_ELBO_GRADIENTS
from course_utils.exercises.ex05_questions import PREDICTIONS, RECALL

__all__ = ["EXERCISES", "PREDICTIONS", "RECALL"]


def my_log_bernoulli(x, logits):
    """Log-probability of pixels of 0 and 1: x, logits (B, D) -> (B,), nats."""
    # softplus(l) is log(1 + e^l) and does not overflow.
    return (x * logits - torch.nn.functional.softplus(logits)).sum(dim=-1)


def my_log_normal_pixels(x, mean, sigma):
    """Log-density of pixels with normal noise: x, mean (B, D), sigma a number -> (B,), nats."""
    squared = ((x - mean) ** 2).sum(dim=-1)  # (B,)
    log_2pi_var = torch.as_tensor(2 * torch.pi * sigma**2, dtype=x.dtype).log()
    return -squared / (2 * sigma**2) - x.shape[-1] / 2 * log_2pi_var


def my_negative_elbo(x, encode, decode, eps):
    """-ELBO: x (B, D), encode(x) -> mu, log_var (B, L), decode(z) -> logits, eps (B, L) -> (B,)."""
    mu, log_var = encode(x)
    z = mu + (log_var / 2).exp() * eps  # (B, L)
    logits = decode(z)  # (B, D)
    rec = (x * logits - torch.nn.functional.softplus(logits)).sum(dim=-1)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=-1)
    return kl - rec


def my_epoch(model, optimizer, x, eps, batches):
    """Train once through x (N, D), noise eps (N, L): the loss of each batch, (len(batches),)."""
    losses = []
    for batch in batches:
        loss = -model.elbo(x[batch], eps=eps[batch]).elbo.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())  # the number, without the way it was computed
    return torch.stack(losses)


def my_generate(decode, z, u):
    """New pictures: z (n, L) from the prior, u (n, D) uniform -> means (n, D), x (n, D) of 0, 1."""
    means = decode(z).sigmoid()
    x = (u < means).to(means.dtype)
    return means, x


def _pixels_of_true_and_false(decode, z, u):
    means, x = my_generate(decode, z, u)
    return means, x.bool()


EXERCISES = (
    Exercise(
        id="E5.1",
        title="Black or white",
        difficulty=1,
        minutes=6,
        points=2,
        reference=my_log_bernoulli,
        cases=inputs.log_bernoulli_cases,
        mistakes=(*LOG_BERNOULLI, *LARGE_LOGITS),
        gradient_mistakes=LOG_BERNOULLI_GRADIENTS,
        hints=(
            "A white pixel contributes log p, a black one log(1 - p), and p is the sigmoid of its "
            "logit. Which of the two forms in the text never computes p?",
            "For each pixel: x times the logit, minus log(1 + e^logit). The second part overflows "
            "for a large logit, unless a function is used that knows it.",
            "`torch.nn.functional.softplus(logits)` is log(1 + e^logit), for any logit. Subtract "
            "it from `x * logits`, and add up over the last axis.",
        ),
    ),
    Exercise(
        id="E5.2",
        title="What a squared error means",
        difficulty=1,
        minutes=6,
        points=2,
        reference=my_log_normal_pixels,
        cases=inputs.normal_pixels_cases,
        mistakes=(*NORMAL_PIXELS, *NORMALISER),
        gradient_mistakes=NORMAL_PIXELS_GRADIENTS,
        hints=(
            "D pixels make D normal densities. Each logarithm has two terms: one with the squared "
            "difference, one without. Which of them does sigma enter?",
            "Both. The squares are added up over the last axis and divided by 2 sigma^2; the other "
            "term, 1/2 log(2 pi sigma^2), is the same for each of the D pixels.",
            "`-((x - mean) ** 2).sum(dim=-1) / (2 * sigma**2)`, and minus D/2 times the log of "
            "2 pi sigma^2, where D is `x.shape[-1]`. sigma is a number: `torch.tensor(...).log()`. "
            "Or `torch.distributions.Normal(mean, sigma).log_prob(x)`, added up over the pixels.",
        ),
    ),
    Exercise(
        id="E5.3",
        title="The whole objective",
        difficulty=2,
        minutes=12,
        points=4,
        reference=my_negative_elbo,
        cases=inputs.negative_elbo_cases,
        mistakes=NEGATIVE_ELBO_MISTAKES,
        gradient_mistakes=NEGATIVE_ELBO_GRADIENTS,
        in_torch=True,
        hints=(
            "Five lines, all of which you have written: encode, draw z, decode, log p(x|z), KL. "
            "Which shapes have the last two before they are summed, and which after?",
            "z is E4.1, log p(x|z) is E5.1 on the logits `decode(z)`, the KL is E3.1. Both end as "
            "(B,): one sum over the D pixels, one over the L latents, no mean anywhere.",
            "`mu, log_var = encode(x)`, `z = mu + (log_var / 2).exp() * eps`, and return the KL of "
            "equation 3.4 *minus* log p(x|z): minus the ELBO turns both signs round.",
        ),
    ),
    Exercise(
        id="E5.4",
        title="One epoch",
        difficulty=2,
        minutes=10,
        points=3,
        reference=my_epoch,
        cases=inputs.epoch_cases,
        mistakes=EPOCH,
        hints=(
            "For each batch: pick its rows of x and of eps, compute the loss, improve the weights. "
            "Which three calls make one step of an optimiser?",
            "`x[batch]` picks rows by their indices, and `eps[batch]` the noise that goes with "
            "them. The loss is `-model.elbo(x[batch], eps=eps[batch]).elbo.mean()`; note it before "
            "the step changes the model.",
            "`optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`, in this order and "
            "inside the loop. Append `loss.detach()` (or `loss.item()`) to a list, and make one "
            "tensor of it: `torch.stack(...)` of tensors, `torch.tensor(...)` of numbers.",
        ),
    ),
    Exercise(
        id="E5.5",
        title="Remove the encoder",
        difficulty=1,
        minutes=6,
        points=2,
        reference=my_generate,
        cases=inputs.generate_cases,
        mistakes=(*GENERATE, NOT_BOTH),
        parts=("means", "x"),
        also_right=(_pixels_of_true_and_false,),
        hints=(
            "`decode(z)` returns logits. What is the mean of a pixel that is 1 with probability p, "
            "and 0 otherwise?",
            "The mean is p, the sigmoid of the logit. A uniform number on [0, 1) lies below p with "
            "probability p: so one comparison tosses all coins at once.",
            "`means = decode(z).sigmoid()`, and x is `u < means`, made 0.0 and 1.0 by `.float()` "
            "or `.to(means.dtype)`. Return both, the means first.",
        ),
    ),
)
