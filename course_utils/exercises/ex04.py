"""Notebook 04, reparameterization: its exercises, each with a reference and the hint ladder."""

import torch

from course_utils.exercises import ex04_inputs as inputs
from course_utils.exercises._exercise import Exercise
from course_utils.exercises.ex04_elbo_gradient import ELBO_GRADIENT
from course_utils.exercises.ex04_gradients import MU_GRADIENTS
from course_utils.exercises.ex04_mistakes import REPARAMETERIZE, REPARAMETERIZE_GRADIENTS
from course_utils.exercises.ex04_paths import GETS_GRADIENT, path_cases
from course_utils.exercises.ex04_questions import PREDICTIONS, RECALL
from course_utils.exercises.ex04_sgvb import SGVB, SGVB_GRADIENTS

__all__ = ["EXERCISES", "PREDICTIONS", "RECALL"]


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
    Exercise(
        id="E4.1",
        title="Freeze the noise",
        difficulty=1,
        minutes=5,
        points=2,
        reference=my_reparameterize,
        cases=inputs.reparameterize_cases,
        mistakes=REPARAMETERIZE,
        gradient_mistakes=REPARAMETERIZE_GRADIENTS,
        in_torch=True,
        hints=(
            "`log_var` is the natural log of the variance, and equation 4.4 wants a standard "
            "deviation. Which of the two is sigma, and how do you get there from `log_var`?",
            "A root halves a logarithm: there is one `exp` and one division by 2, and no `sqrt`.",
            "Multiply eps by `(log_var / 2).exp()` and add mu. Shapes (B, L) and (K, B, L) meet "
            "without any indexing, and nothing is drawn, detached or averaged.",
        ),
    ),
    Exercise(
        id="E4.2",
        title="Two gradients of one average",
        difficulty=2,
        minutes=10,
        points=3,
        reference=my_mu_gradients,
        cases=inputs.function_cases,
        mistakes=MU_GRADIENTS,
        parts=("score", "path"),
        hints=(
            "Both begin with the same draws, z = mu + sigma eps. Which of the two needs only "
            "values of f, and which needs its slope?",
            "Score: equation 4.2, with the derivative in mu from equation 4.3. Path: equation 4.5, "
            "where z moves with mu, by how much?",
            "The score is `f(z)` times `eps / sigma`; the path is the slope `df` at z, with "
            "nothing else. Return both, one value per draw, not averaged.",
        ),
    ),
    Exercise(
        id="E4.3",
        title="The bound's slope",
        difficulty=2,
        minutes=12,
        points=3,
        reference=my_elbo_gradient,
        cases=inputs.elbo_gradient_cases,
        mistakes=ELBO_GRADIENT,
        parts=("d_mu", "d_log_var"),
        hints=(
            "Equation 4.10 has two terms, and both depend on mu and log_var. Through what does the "
            "first one depend on them?",
            "With autograd: `mu = mu.clone().requires_grad_()`, the same for log_var, and only "
            "then z, the mean over the K draws of log p(x|z), and the KL of equation 3.4. By hand: "
            "the chain rule through z = mu + exp(log_var / 2) eps.",
            "Make one number of the B ELBOs with `.sum()` (each depends on its own mu alone), and "
            "return the two tensors of `torch.autograd.grad(elbo.sum(), (mu, log_var))`. Of log "
            "p(x|z), only -(x - a z - b)^2 / (2 sigma^2) depends on z.",
        ),
    ),
    Exercise(
        id="E4.4",
        title="A and B",
        difficulty=2,
        minutes=12,
        points=3,
        reference=my_sgvb,
        cases=inputs.sgvb_cases,
        mistakes=SGVB,
        gradient_mistakes=SGVB_GRADIENTS,
        parts=("A", "B"),
        in_torch=True,
        hints=(
            "Both need the same z. Which terms of the ELBO does A average over draws, and which "
            "one does B know as a formula?",
            "log p(x|z) is `model.log_likelihood(x, z)`, log p(z) is `model.log_prior(z)`, both "
            "(K, B). log q(z) is a normal log-density of z, summed over the latents: has it the "
            "right spread?",
            "A: the mean over axis 0 of log p(x|z) + log p(z) - log q(z). B: the mean over axis 0 "
            "of log p(x|z), minus the KL of equation 3.4, summed over the latents.",
        ),
    ),
    Exercise(
        id="E4.5",
        title="Does x teach the encoder?",
        difficulty=3,
        minutes=12,
        points=3,
        reference=my_gets_gradient,
        cases=path_cases,
        mistakes=GETS_GRADIENT,
        parts=("mu", "log_var"),
        hints=(
            "In a whole ELBO mu and log_var always get a gradient: the KL gives one, even if z is "
            "cut off. At which mu and log_var does the KL give none?",
            "Where q is the prior: the KL is smallest there, so its gradient is exactly 0. Which "
            "mu and log_var are that? Make two tensors of that `shape` that require a gradient, "
            "call `negative_elbo` on them, and go backward from the sum.",
            "Look at `mu.grad` and `log_var.grad` one by one: is any entry different from 0? "
            "(`None` counts as no; so do zeros, which `torch.normal` sends.) Return two bools.",
        ),
    ),
)
