"""Notebook 05, the VAE: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex05_inputs as inputs
from course_utils.exercises._engine.exercise import Exercise


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


def _bool_pixels(decode, z, u):
    means, x = my_generate(decode, z, u)
    return means, x.bool()


EXERCISES = (
    Exercise("E5.1", my_log_bernoulli, inputs.log_bernoulli_cases),
    Exercise("E5.2", my_log_normal_pixels, inputs.normal_pixels_cases),
    Exercise("E5.3", my_negative_elbo, inputs.negative_elbo_cases, in_torch=True),
    Exercise("E5.4", my_epoch, inputs.epoch_cases, detached=True),
    Exercise(
        "E5.5", my_generate, inputs.generate_cases, parts=("means", "x"), also_right=(_bool_pixels,)
    ),
)
