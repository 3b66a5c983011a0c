"""Bounds on the evidence: averages of a logarithm, differentiable, and so something to maximise."""

import torch
from torch import Tensor

from course_utils._require import require_an_axis, require_finite, require_fit, require_not_empty
from course_utils.densities import (
    DiagonalNormal,
    ElboTerms,
    Normal,
    kl,
    log_mean_exp,
    log_standard_normal,
    require_normal,
)
from course_utils.toys import LatentModel


def elbo(
    model: LatentModel, x: Tensor, q: Normal, eps: Tensor, analytic_kl: bool = True
) -> ElboTerms:
    """The evidence lower bound, estimated from draws z = q.rsample(eps); gradients reach q.

    Gradients flow to the parameters of q and of the model. With a closed-form KL only rec is
    estimated (SGVB estimator B); without, the KL is the mean of log q(z) - log p(z) over the same
    draws (estimator A), which needs no particular prior and may come out below 0. It is a bound on
    log p(x) where the model has one: of grey pixels under a Bernoulli decoder it is a soft-BCE
    bound, on the mean of log p over the pictures of 0s and 1s that the grey values stand for.

    Args:    model: a LatentModel; x: (B, D) or (B, H, W); q: one normal per example, mu (B, L);
             eps: (B, L), or (K, B, L) to average over K draws, from N(0, I);
             analytic_kl: take KL(q || p(z)) in closed form, p(z) being the model's `prior` (of a
             model without that attribute N(0, I)).
    Returns: ElboTerms(elbo, rec, kl), each (B,), nats.
    Raises:  ValueError if q or eps is not for this x, eps is not finite, the model returns NaN, or
             analytic_kl is asked of a model whose prior is None, or another than its log_prior.
    Source:  Kingma & Welling (2014), eqs. 6 and 7; eqs. 3.11, 4.9 and 4.10 of the course.

    >>> from course_utils.toys import LinearGaussian
    >>> model, x = LinearGaussian([[1.5]], [0.3], 0.5), torch.tensor([[2.0]])
    >>> elbo(model, x, model.posterior(x), torch.zeros(1, 1), analytic_kl=False).elbo
    tensor([-1.9551], dtype=torch.float64)
    """
    require_q_for(model, x, q)
    require_eps_for(q, eps)
    eps = eps.to(q.mu.dtype)  # (B, L) or (K, B, L)
    z = q.rsample(eps)  # (B, L) or (K, B, L); the next two (B,) or (K, B)
    rec = require_one_per_draw("log_likelihood(x, z)", model.log_likelihood(x, z), z)
    log_pz = require_one_per_draw("log_prior(z)", model.log_prior(z), z)
    divergence = _closed_kl(model, q, z, log_pz) if analytic_kl else log_q(q, eps) - log_pz
    return ElboTerms.of(rec, divergence)  # (B,) or (K, B) -> (B,)


def iwae_bound(log_w: Tensor) -> Tensor:
    """The importance-weighted bound, log of the mean weight: (K, ...) -> (...,), nats.

    On average it is at most log p(x), never falls as K grows, and is the ELBO at K = 1. Gradients
    reach log_w.

    Args:    log_w: log p(x | z) + log p(z) - log q(z) of K draws from q, -inf allowed.
    Raises:  ValueError if there is no draw, or one of NaN or +inf.
    Source:  Burda, Grosse & Salakhutdinov (2016), eq. 8.

    >>> iwae_bound(torch.tensor([[-800.0, -900.0], [-801.0, -901.0]]))
    tensor([-800.3799, -900.3799])
    """
    require_an_axis(log_w=log_w)
    return log_mean_exp(log_w, dim=0)


def has_greys(x: Tensor) -> bool:
    """Whether a pixel is neither black nor white, in floats of [0, 1] or in bytes."""
    return bool(((x > 0) & (x < (255 if x.dtype == torch.uint8 else 1))).any())


def require_q_for(model: LatentModel, x: Tensor, q: Normal) -> None:
    """Refuse what is no model, an x without examples, and a q that is not one normal for each."""
    require_model_and_x(model, x)
    shape = (len(x), model.latent_dim)  # (B, L)
    require_normal(q=q)
    if tuple(q.mu.shape) != shape:
        came = f"{tuple(q.mu.shape)} came; try mu.expand{shape} for a q that all x share."
        raise ValueError(f"q should have mu of shape {shape}, one normal for each x, but {came}")


def require_model_and_x(model: object, x: Tensor) -> None:
    """Refuse what has not the members of a LatentModel, and an x without examples."""
    members = ("latent_dim", "sample_prior", "log_prior", "log_likelihood")
    missing = [name for name in members if not hasattr(model, name)]
    if missing:
        given = "model.given(y)" if hasattr(model, "given") else "a VAE or a toy"
        lack = f"which has no {' and no '.join(missing)}; try {given}."
        came = f"a {type(model).__name__} came, {lack}"
        raise ValueError(f"model should be a LatentModel, but {came}")
    require_an_axis(x=x)


def require_eps_for(q: Normal, eps: Tensor) -> None:
    """Refuse noise of another shape than q's latents: broadcast, it would be shared unseen."""
    sizes = "{}, {}".format(*q.mu.shape)  # B, L
    require_fit(
        f"({sizes}) or (K, {sizes}), fresh noise for each x",
        lambda t: t.dim() in (2, 3) and t.shape[-2:] == q.mu.shape,
        otherwise=f"; try torch.randn(K, {sizes})",
        eps=eps,
    )
    require_not_empty(eps=eps)
    require_finite(eps=eps)


def require_one_per_draw(what: str, value: Tensor, z: Tensor) -> Tensor:
    """What a model returned, if it is one number for each draw and not NaN."""
    shape = tuple(z.shape[:-1])
    if value.shape != shape or value.isnan().any():
        came = "NaN" if value.shape == shape else f"shape {tuple(value.shape)}"
        hint = "does it sum over the last axis, and is z finite?"
        expected = f"one number per draw, shape {shape}"
        raise ValueError(f"the model's {what} should be {expected}, but {came} came; {hint}")
    return value


def log_q(q: Normal, eps: Tensor) -> Tensor:
    """Log q(z) at z = q.rsample(eps): from eps, since (z - mu) / sigma may lose its digits."""
    if isinstance(q, DiagonalNormal):
        log_det = 0.5 * q.log_var.sum(dim=-1)  # (B, L) -> (B,)
    else:
        log_det = q.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)  # (L, L) -> ()
    return log_standard_normal(eps) - log_det  # (B,) or (K, B)


def _closed_kl(model: LatentModel, q: Normal, z: Tensor, log_pz: Tensor) -> Tensor:
    """KL(q || p(z)) for the normal that the model calls its prior, if that it is at the draws."""
    way = "try analytic_kl=False, which estimates the KL from the draws."
    zero = torch.zeros_like(q.mu)  # (B, L)
    prior = getattr(model, "prior", DiagonalNormal(zero, zero))  # (L,) or (B, L)
    if not isinstance(prior, DiagonalNormal):
        came = f"a {type(prior).__name__} came; {way}"
        expected = "the model's prior as a DiagonalNormal"
        raise ValueError(f"the closed-form KL expects {expected}, but {came}")
    prior = prior.expand_as(q)  # (B, L)
    # The model may hold float32 where z is float64, so the shorter of the two sets the tolerance.
    close = 1e-4 if min(log_pz.dtype.itemsize, z.dtype.itemsize) < 8 else 1e-9
    if not torch.allclose(log_pz.to(z.dtype), prior.log_prob(z), rtol=close, atol=close):
        came = f"this model's log_prior is another one at the draws; {way}"
        raise ValueError(f"the closed-form KL expects the prior N(0, I), but {came}")
    return kl(q, prior)  # (B,)
