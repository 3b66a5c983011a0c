"""Notebook 04, reparameterization: its exercises; their words are in `text/`."""

import torch

from course_utils.exercises import ex04_inputs as inputs
from course_utils.exercises._engine.exercise import Exercise


def my_reparameterize(mu, log_var, eps):
    """Draws from N(mu, diag(exp(log_var))): mu, log_var (B, L), eps (K, B, L) -> (K, B, L)."""
    sigma = (log_var / 2).exp()
    return mu + sigma * eps


def my_mu_gradients(f, df, mu, sigma, eps):
    """Two gradients of E f(z) in mu, one value per draw: eps (n,) -> score (n,), path (n,)."""
    z = mu + sigma * eps
    score = f(z) * eps / sigma
    path = df(z)
    return score, path


def my_elbo_gradient(x, mu, log_var, eps, a, b, sigma):
    """Gradient of the ELBO estimate B: x, mu, log_var (B,), eps (K, B) -> d_mu, d_log_var (B,)."""
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    z = mu + (log_var / 2).exp() * eps  # (K, B)
    rec = -((x - a * z - b) ** 2).mean(dim=0) / (2 * sigma**2)  # but for a constant
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var)
    d_mu, d_log_var = torch.autograd.grad((rec - kl).sum(), (mu, log_var))
    return d_mu, d_log_var


def my_sgvb(model, x, mu, log_var, eps):
    """Estimates A and B of the ELBO: mu, log_var (B, L), eps (K, B, L) -> two of (B,), nats."""
    sigma = (log_var / 2).exp()
    z = mu + sigma * eps  # (K, B, L)
    log_px_z = model.log_likelihood(x, z)  # (K, B)
    log_qz = torch.distributions.Normal(mu, sigma).log_prob(z).sum(dim=-1)  # (K, B)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=-1)  # (B,)
    return (log_px_z + model.log_prior(z) - log_qz).mean(dim=0), log_px_z.mean(dim=0) - kl


def my_gets_gradient(negative_elbo, shape):
    """Does the reconstruction's gradient reach mu, and log_var? Two bools."""
    # Here the KL's own gradient is exactly 0: whatever arrives comes through z.
    mu, log_var = torch.zeros(shape, requires_grad=True), torch.zeros(shape, requires_grad=True)
    loss = negative_elbo(mu, log_var).sum()
    d_mu, d_log_var = torch.autograd.grad(loss, (mu, log_var), materialize_grads=True)
    return (d_mu != 0).any(), (d_log_var != 0).any()


EXERCISES = (
    Exercise("E4.1", my_reparameterize, inputs.reparameterize_cases, in_torch=True),
    Exercise("E4.2", my_mu_gradients, inputs.function_cases, parts=("score", "path")),
    Exercise("E4.3", my_elbo_gradient, inputs.elbo_gradient_cases, parts=("d_mu", "d_log_var")),
    Exercise("E4.4", my_sgvb, inputs.sgvb_cases, parts=("A", "B"), in_torch=True),
    Exercise("E4.5", my_gets_gradient, inputs.path_cases, parts=("mu", "log_var")),
)
