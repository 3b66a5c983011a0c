"""Notebook 04's exercises: right answers in other forms, and wrong ones of no known slip."""

import numpy as np
import torch
from learner import from_single_precision
from torch.distributions import Independent, Normal, kl_divergence

from course_utils import densities, estimators
from course_utils.toys import LinearGaussian


def sigma_of(log_var):
    return log_var.exp().sqrt()


def by_a_loop_over_draws(f, df, mu, sigma, eps):
    z = [mu + sigma * e for e in eps.tolist()]
    score = [f(one) * (one - mu) / sigma**2 for one in z]
    return torch.tensor(score), torch.tensor([df(one) for one in z])


def by_autograd(f, df, mu, sigma, eps):
    centre = torch.full_like(eps, mu, requires_grad=True)
    z = centre + sigma * eps
    log_q = Normal(centre, sigma).log_prob(z.detach())
    (score,) = torch.autograd.grad((f(z.detach()) * log_q).sum(), centre)
    (path,) = torch.autograd.grad(f(z).sum(), centre)
    return score, path


def elbo_of(x, mu, log_var, eps, a, b, sigma):
    z = mu + sigma_of(log_var) * eps
    rec = Normal(a * z + b, sigma).log_prob(x).mean(0)
    return rec - kl_divergence(Normal(mu, sigma_of(log_var)), Normal(0.0, 1.0))


def by_backward_on(prepared):
    """The gradients that arrive in what this makes of mu and log_var."""

    def answer(x, mu, log_var, *rest):
        mu, log_var = prepared(mu), prepared(log_var)
        elbo_of(x, mu, log_var, *rest).sum().backward()
        return mu.grad, log_var.grad

    return answer


def backward_per_example(x, mu, log_var, *rest):
    mu, log_var = mu.detach().requires_grad_(), log_var.detach().requires_grad_()
    for one in elbo_of(x, mu, log_var, *rest):
        one.backward(retain_graph=True)
    return [mu.grad, log_var.grad]


def with_create_graph(x, mu, log_var, *rest):
    mu, log_var = (torch.tensor(t.tolist(), requires_grad=True) for t in (mu, log_var))
    elbo = elbo_of(x, mu, log_var, *rest)
    return torch.autograd.grad(elbo, (mu, log_var), torch.ones_like(elbo), create_graph=True)


def by_the_chain_rule(x, mu, log_var, eps, a, b, sigma):
    noise = sigma_of(log_var) * eps
    slope = a * (x - a * (mu + noise) - b) / sigma**2
    d_log_var = (slope * noise / 2).mean(0) - (log_var.exp() - 1) / 2
    return slope.mean(0) - mu, d_log_var


def sgvb_by_distributions(model, x, mu, log_var, eps):
    q = Independent(Normal(mu, sigma_of(log_var)), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    z = mu + sigma_of(log_var) * eps
    log_px_z = model.log_likelihood(x, z)
    a = (log_px_z + p.log_prob(z) - q.log_prob(z)).mean(0)
    return a, (log_px_z - kl_divergence(q, p)).mean(0)


def sgvb_by_the_package(model, x, mu, log_var, eps):
    q = densities.DiagonalNormal(mu, log_var)
    bounds = (estimators.elbo(model, x, q, eps, analytic_kl=exact) for exact in (False, True))
    return tuple(bound.elbo for bound in bounds)


def sgvb_by_a_loop(model, x, mu, log_var, eps):
    pairs = [sgvb_by_distributions(model, x, mu, log_var, one[None]) for one in eps]
    return [torch.stack(values).mean(0) for values in zip(*pairs, strict=True)]


def by_backward(negative_elbo, shape):
    mu, log_var = torch.zeros(shape, requires_grad=True), torch.zeros(shape, requires_grad=True)
    negative_elbo(mu, log_var).mean().backward()
    return bool(mu.grad.abs().sum() > 0), bool(log_var.grad.abs().max() > 1e-6)


def by_numpy_bools(negative_elbo, shape):
    mu = torch.nn.Parameter(torch.zeros(*shape, dtype=torch.float64))
    log_var = torch.nn.Parameter(torch.zeros_like(mu))
    negative_elbo(mu, log_var).sum().backward()
    return np.any(mu.grad.numpy() != 0), np.linalg.norm(log_var.grad.numpy()) > 0


def in_two_calls(negative_elbo, shape):
    found = []
    for i in range(2):
        leaves = [torch.zeros(shape).requires_grad_() for _ in range(2)]
        loss = negative_elbo(*leaves).sum()
        (gradient,) = torch.autograd.grad(loss, leaves[i], allow_unused=True)
        found.append(gradient is not None and bool((gradient != 0).any()))
    return found


def by_one_example_after_another(negative_elbo, shape):
    mu, log_var = torch.zeros(2, *shape).requires_grad_()
    mu.retain_grad()
    log_var.retain_grad()
    for loss in negative_elbo(mu, log_var):
        loss.backward(retain_graph=True)
    return not torch.allclose(mu.grad, mu), not torch.allclose(log_var.grad, log_var)


def mu_gradients_by_the_package(f, df, mu, sigma, eps):
    mu, sigma = torch.tensor([mu, sigma], dtype=torch.float64)
    score = estimators.score_function_gradient(f, mu, sigma, eps)
    return score[0], estimators.pathwise_gradient(f, mu, sigma, eps)[0]


def elbo_gradient_by_the_package(x, mu, log_var, eps, a, b, sigma):
    leaves = [mu[:, None].clone().requires_grad_(), log_var[:, None].clone().requires_grad_()]
    model, q = LinearGaussian([[a]], [b], sigma), densities.DiagonalNormal(*leaves)
    elbo = estimators.elbo(model, x[:, None], q, eps[..., None]).elbo
    return [slope[:, 0] for slope in torch.autograd.grad(elbo.sum(), leaves)]


ROUTES = [
    ("E4.1", lambda mu, lv, eps: densities.DiagonalNormal(mu, lv).rsample(eps)),
    ("E4.2", mu_gradients_by_the_package),
    ("E4.3", elbo_gradient_by_the_package),
    ("E4.4", sgvb_by_the_package),
    ("E4.4", sgvb_by_distributions),
]
OTHER_FORMS = [
    ("E4.1", "`return torch.stack([mu + sigma * one for one in eps])`"),
    ("E4.1", lambda mu, lv, eps: torch.addcmul(mu, lv.mul(0.5).exp(), eps)),
    ("E4.1", lambda mu, lv, eps: mu + torch.exp(lv) ** 0.5 * eps),
    ("E4.1", lambda mu, lv, eps: mu[None] + torch.einsum("bl,kbl->kbl", sigma_of(lv), eps)),
    ("E4.2", "`return torch.stack((score, path))`"),
    *(("E4.2", form) for form in (by_a_loop_over_draws, by_autograd)),
    ("E4.2", "`z = mu + sigma * eps.numpy()`, `score = f(z) * (z - mu) / sigma**2`"),
    *(("E4.3", form) for form in (backward_per_example, with_create_graph)),
    ("E4.3", by_backward_on(lambda part: part.clone().requires_grad_())),
    ("E4.3", by_the_chain_rule),
    ("E4.3", from_single_precision(by_the_chain_rule)),
    (
        "E4.3",
        lambda x, mu, log_var, *rest: torch.func.grad(
            lambda *q: elbo_of(x, *q, *rest).sum(), argnums=(0, 1)
        )(mu, log_var),
    ),
    ("E4.4", sgvb_by_a_loop),
    *(("E4.5", form) for form in (by_backward, by_numpy_bools, in_two_calls)),
    ("E4.5", by_one_example_after_another),
]

REFUSED = [
    ("E4.5", "one latent", "`return (d_mu != 0).any(0).all(), (d_log_var != 0).any(0).all()`"),
    ("E4.5", "the last picture", "`loss = negative_elbo(mu, log_var)[-1]`"),
    (
        "E4.5",
        "a mean above 0.0001",
        "`return d_mu.abs().mean() > 1e-4, d_log_var.abs().mean() > 1e-4`",
    ),
]
SAID = [
    ("E4.3", "leaves a gradient in its input number 2", by_backward_on(torch.Tensor.requires_grad_))
]
