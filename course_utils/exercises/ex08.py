"""Notebook 08, how good is it?: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex08_inputs as inputs
from course_utils.exercises._engine.exercise import Exercise


def my_bits_per_dim(log_px, n_pixels, levels=None):
    """Bits a pixel: log p(x) of B pictures in nats, (B,), n_pixels a number -> (B,).

    levels None: p is a probability of the picture. Else it is a density of (k + u) / levels, on
    [0, 1], for pixels k = 0, ..., levels - 1 with uniform noise u.
    """
    ln_2 = torch.tensor(2, dtype=log_px.dtype).log()
    # A level is a share 1 / levels of [0, 1]: a density is so much higher than a probability.
    of_levels = 0 if levels is None else torch.tensor(levels, dtype=log_px.dtype).log2()
    return -log_px / (n_pixels * ln_2) + of_levels


def my_iwae_bound(log_w):
    """The importance-weighted bound: log-weights (K, B), K draws for each of B x -> (B,), nats."""
    top = log_w.amax(dim=0)  # (B,)
    return top + (log_w - top).exp().mean(dim=0).log()


def my_annealed_log_weights(log_prior, log_likelihood, move, z, n_temperatures):
    """Log-weights (K, B) of chains from the prior to the posterior: z (K, B, L) from the prior.

    log_prior(z) and log_likelihood(z) return (K, B); move(z, beta) returns the chains' next z,
    (K, B, L), and leaves the density in proportion to p(z) p(x|z)^beta as it is.
    """
    betas = torch.linspace(0, 1, n_temperatures + 1, dtype=torch.float64)
    log_w, before = 0.0, 0.0
    for beta in betas[1:]:
        log_w = log_w + (beta - before) * log_likelihood(z)
        z, before = move(z, beta), beta
    return log_w


def _moves_first(log_prior, log_likelihood, move, z, n_temperatures):
    """Begins with a move at beta = 0: as right, and other numbers."""
    z = move(z, 0.0)
    return my_annealed_log_weights(log_prior, log_likelihood, move, z, n_temperatures)


def my_elbo_without_score(log_joint, mu, log_var, eps):
    """The ELBO of each draw, with a gradient through z alone: mu, log_var (B, L) -> (K, B), nats.

    log_joint(z) returns log p(x, z), (K, B), for z (K, B, L); eps (K, B, L) is standard normal.
    """
    sigma = (log_var / 2).exp()
    z = mu + sigma * eps  # (K, B, L)
    q = torch.distributions.Normal(mu.detach(), sigma.detach())
    return log_joint(z) - q.log_prob(z).sum(dim=-1)


EXERCISES = (  # in the notebook's order
    Exercise("E8.4", my_bits_per_dim, inputs.bits_cases),
    Exercise("E8.1", my_iwae_bound, inputs.bound_cases),
    Exercise("E8.2", my_annealed_log_weights, inputs.annealing_cases, also_right=(_moves_first,)),
    Exercise("E8.6", my_elbo_without_score, inputs.score_cases, in_torch=True),
)
