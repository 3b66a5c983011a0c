"""Log-densities, KL divergences and the two shapes a q can take.

Everything is per example and in nats: sums run over the last axis only, leading axes stay. NaN and
infinite arguments are refused, but for infinite logits and log-weights, which stand for 0 and 1.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import torch
from torch import Tensor
from torch.nn import functional

from course_utils._inputs import as_floats, require_pixels
from course_utils._require import (
    as_numbers,
    no_overflow,
    of_one_type,
    require_an_axis,
    require_axis,
    require_finite,
    require_kind,
    require_log_weights,
    require_same_last_axis,
    require_same_shape,
    require_tensor,
)

LOG_2PI = math.log(2 * math.pi)


@no_overflow
def log_normal(x: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
    """log N(x; mu, diag(exp(log_var))), one number per example.

    Args:    x, mu, log_var: shapes (..., D) that broadcast; log_var is the log of the variance.
    Returns: shape (...,), nats; a density, so it may be above 0.
    Raises:  ValueError if the last axes differ, or the result is not finite.
    Source:  Kingma & Welling (2014), appendix C.2; eq. 1.1 of the course.

    >>> log_normal(torch.zeros(1, 2), torch.zeros(1, 2), torch.zeros(1, 2))
    tensor([-1.8379])
    """
    require_same_last_axis(x=x, mu=mu, log_var=log_var)
    # Scaled before it is squared: exp(-log_var) alone overflows where x is close to mu.
    scaled = (x - mu) * (-0.5 * log_var).exp()
    return -0.5 * (LOG_2PI + log_var + scaled**2).sum(dim=-1)  # (..., D) -> (...,)


@no_overflow
def log_standard_normal(z: Tensor) -> Tensor:
    """log N(z; 0, I), one number per example: shape (..., L) -> (...,), nats.

    Raises:  ValueError if z has no axis to sum over, or the result is not finite.

    >>> log_standard_normal(torch.zeros(3, 2))
    tensor([-1.8379, -1.8379, -1.8379])
    """
    require_an_axis(z=z)
    return -0.5 * (LOG_2PI + z**2).sum(dim=-1)  # (..., L) -> (...,)


def log_bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """log of prod_d p_d^x_d (1 - p_d)^(1 - x_d) with p = sigmoid(logits).

    For x in {0, 1} this is a log-probability. For grey x it is the expected log-probability of
    pixels binarised at random with P(1) = x, not a log-density of x.

    Args:    x: shape (..., D), in [0, 1], or bytes of 0 to 255; logits: shape (..., D), before the
             sigmoid, infinite ones for p of 0 and 1.
    Returns: shape (...,), nats, never above 0; -inf where a sure pixel is another.
    Raises:  ValueError if the last axes differ, a pixel lies outside [0, 1] or a logit is NaN.
    Source:  Kingma & Welling (2014), appendix C.1.

    >>> log_bernoulli(torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2))
    tensor([-1.3863])
    """
    require_same_last_axis(x=x, logits=logits)
    require_pixels(x=x)
    x, logits = as_floats(x), as_numbers(logits)
    each = x * logits - functional.softplus(logits)  # (..., D)
    total = each.sum(dim=-1)  # (..., D) -> (...,)
    if total.isnan().any():
        require_finite(logits=logits.where(~logits.isinf(), 0))
        # 0 * inf and inf - inf: a pixel of which p is sure has log-probability 0, or -inf.
        each = each.where(~logits.isinf(), torch.where(x == (logits > 0), 0.0, -math.inf))
        total = each.sum(dim=-1)
    return total


@no_overflow
def kl_normal(mu_q: Tensor, log_var_q: Tensor, mu_p: Tensor, log_var_p: Tensor) -> Tensor:
    """KL( N(mu_q, diag(exp(log_var_q))) || N(mu_p, diag(exp(log_var_p))) ), one per example.

    Args:    four tensors of one shape (..., L).
    Returns: shape (...,), nats, never below 0.
    Raises:  ValueError if the shapes differ, since broadcasting would hide the mistake, or the
             result is not finite.
    Source:  Kingma & Welling (2014), appendix B, for any two diagonal normals; eq. 3.3 of the
             course, summed over L.

    >>> one = torch.ones(1, 2)
    >>> kl_normal(one, 0 * one, 0 * one, 0 * one)
    tensor([1.])
    """
    require_same_shape(mu_q=mu_q, log_var_q=log_var_q, mu_p=mu_p, log_var_p=log_var_p)
    ratio = log_var_q - log_var_p
    squared = ((mu_q - mu_p) * (-0.5 * log_var_p).exp()) ** 2
    # expm1 keeps the digits that exp(ratio) - 1 loses where the variances nearly agree.
    return 0.5 * (squared + ratio.expm1() - ratio).sum(dim=-1)  # (..., L) -> (...,)


@no_overflow
def kl_to_standard_normal(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL( N(mu, diag(exp(log_var))) || N(0, I) ), one number per example.

    Args:    mu, log_var: shape (..., L); log_var is the log of the variance.
    Returns: shape (...,), nats; summed over L, not averaged.
    Raises:  ValueError if the shapes differ, since broadcasting would hide the mistake, or the
             result is not finite.
    Source:  Kingma & Welling (2014), appendix B; eq. 3.4 of the course.

    >>> kl_to_standard_normal(torch.zeros(2, 3), torch.zeros(2, 3))
    tensor([0., 0.])
    """
    require_same_shape(mu=mu, log_var=log_var)
    return 0.5 * (mu**2 + log_var.expm1() - log_var).sum(dim=-1)  # (..., L) -> (...,)


def log_mean_exp(a: Tensor, dim: int) -> Tensor:
    """log of the mean of exp(a) along dim, safe where exp(a) would under- or overflow.

    Args:    a: log-values, any shape, -inf allowed; dim: the axis to average over.
    Returns: the shape of a without dim, in the units of a.
    Raises:  ValueError if a has no entry along dim, no such axis, NaN or +inf.
    Source:  eq. 2.3 of the course.

    >>> log_mean_exp(torch.tensor([-801.0, -800.0, -803.0]), dim=0)
    tensor(-800.7496)
    """
    require_log_weights(a=a)
    require_axis(dim, a.dim())
    return torch.logsumexp(as_numbers(a), dim) - math.log(a.shape[dim])


class ElboTerms(NamedTuple):
    """The evidence lower bound and its two parts, one number per example, nats."""

    elbo: Tensor
    rec: Tensor
    kl: Tensor

    @classmethod
    def of(cls, rec: Tensor, kl: Tensor, beta: float = 1.0) -> Self:
        """The bound rec - beta kl, eq. 3.11: each part (B,), or (K, B) to average over draws."""
        rec, kl = (part.mean(dim=0) if part.dim() == 2 else part for part in (rec, kl))
        return cls(rec - beta * kl, rec, kl)


@dataclass(frozen=True, eq=False)
class DiagonalNormal:
    """N(mu, diag(exp(log_var))): one normal per example, its coordinates independent.

    Args:    mu, log_var: shape (..., L), finite; log_var is the log of the variance.
    Raises:  ValueError if the shapes differ or an entry is not finite.
    """

    mu: Tensor
    log_var: Tensor

    def __post_init__(self) -> None:
        """Refuse parameters that do not describe normals."""
        require_same_shape(mu=self.mu, log_var=self.log_var)
        require_finite(mu=self.mu, log_var=self.log_var)
        mu, log_var = as_numbers(self.mu), as_numbers(self.log_var)
        vars(self).update(mu=mu, log_var=log_var)  # past the freeze

    def __iter__(self) -> Iterator[Tensor]:
        """Unpack as mu, log_var."""
        return iter((self.mu, self.log_var))

    def rsample(self, eps: Tensor) -> Tensor:
        """z = mu + sigma * eps (eq. 4.4), eps (..., L) from N(0, I); gradients reach both."""
        require_same_last_axis(eps=eps, mu=self.mu)
        require_finite(eps=eps)
        # (B, L), (K, B, L) -> (K, B, L)
        return self.mu + (0.5 * self.log_var).exp() * as_numbers(eps)

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z): (..., L) -> (...,), nats."""
        return log_normal(z, self.mu, self.log_var)

    def expand_as(self, q: "DiagonalNormal | FullNormal") -> "DiagonalNormal":
        """The same normal for each of q's examples, in q's type: mu, log_var (B, L)."""
        return DiagonalNormal(*(part.to(q.mu).expand_as(q.mu) for part in self))


@dataclass(frozen=True, eq=False)
class FullNormal:
    """N(mu, S S^T) with S = scale_tril: coordinates may be correlated.

    Args:    mu: shape (..., L); scale_tril: (L, L) shared, or (B, L, L) one per example,
             lower triangular with a positive diagonal (a Cholesky factor).
    Raises:  ValueError if the shapes do not fit or scale_tril is no Cholesky factor.
    """

    mu: Tensor
    scale_tril: Tensor

    def __post_init__(self) -> None:
        """Refuse parameters that do not describe normals."""
        require_tensor(mu=self.mu, scale_tril=self.scale_tril)
        mu, tril = of_one_type(as_numbers(self.mu), as_numbers(self.scale_tril))
        require_an_axis(mu=mu)
        one_each = (*mu.shape, mu.shape[-1])  # (..., L, L)
        shared = one_each[-2:]  # (L, L)
        if tril.shape not in {shared, one_each}:
            came = f"{tuple(tril.shape)} came; mu is {tuple(mu.shape)}."
            raise ValueError(f"scale_tril should have shape {shared} or {one_each}, but {came}")
        require_finite(mu=mu, scale_tril=tril)
        diagonal = tril.diagonal(dim1=-2, dim2=-1)
        if (tril.triu(1) != 0).any() or (diagonal <= 0).any():
            came = "it is not; try torch.linalg.cholesky(covariance)."
            expected = "lower triangular with a positive diagonal"
            raise ValueError(f"scale_tril should be {expected}, but {came}")
        vars(self).update(mu=mu, scale_tril=tril)  # past the freeze

    def __iter__(self) -> Iterator[Tensor]:
        """Unpack as mu, scale_tril."""
        return iter((self.mu, self.scale_tril))

    def rsample(self, eps: Tensor) -> Tensor:
        """z = mu + S eps (eq. 4.7), eps (..., L) from N(0, I); gradients reach mu and S."""
        require_same_last_axis(eps=eps, mu=self.mu)
        require_finite(eps=eps)
        tril, eps = of_one_type(self.scale_tril, as_numbers(eps))
        return self.mu + (tril @ eps[..., None])[..., 0]  # (L, L) @ (..., L, 1)

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z): (..., L) -> (...,), nats."""
        require_same_last_axis(z=z, mu=self.mu)
        white = _solve_lower(self.scale_tril, as_numbers(z) - self.mu)  # (..., L)
        return log_standard_normal(white) - _log_det(self.scale_tril)


Normal = DiagonalNormal | FullNormal  # the two shapes a q can take


def require_normal(**dists: object) -> None:
    """Refuse what is neither of the two shapes."""
    way = "; try DiagonalNormal(mu, log_var), or what a VAE's encode returns"
    for name, dist in dists.items():
        require_kind(name, dist, Normal, "a DiagonalNormal or a FullNormal", way)


def kl(q: Normal, p: Normal) -> Tensor:
    """KL(q || p) in closed form for any pair of the two shapes, one number per example.

    Args:    q, p: with mu of one shape (..., L).
    Returns: shape (...,), nats, at least 0 up to rounding.
    Raises:  ValueError if q or p is something else, or their mu differ in shape.

    >>> q = DiagonalNormal(torch.ones(1, 2), torch.zeros(1, 2))
    >>> kl(q, FullNormal(torch.zeros(1, 2), torch.eye(2)))
    tensor([1.])
    """
    require_normal(q=q, p=p)
    require_same_shape(mu_q=q.mu, mu_p=p.mu)
    if isinstance(q, DiagonalNormal) and isinstance(p, DiagonalNormal):
        return kl_normal(*q, *p)
    # By Cholesky factors: (trace + distance - L) / 2 + log-determinant ratio; cf. eq. 3.5.
    tril_q, tril_p = of_one_type(_scale_tril(q), _scale_tril(p))  # (L, L) or (..., L, L)
    mixed = torch.linalg.solve_triangular(tril_p, tril_q, upper=False)  # (..., L, L)
    distance = _solve_lower(tril_p, q.mu - p.mu)  # (..., L)
    trace = (mixed**2).sum(dim=(-2, -1))  # (..., L, L) -> (...)
    log_ratio = _log_det(tril_p) - _log_det(tril_q)
    return 0.5 * (trace + (distance**2).sum(dim=-1) - q.mu.shape[-1]) + log_ratio


def _scale_tril(dist: Normal) -> Tensor:
    full = isinstance(dist, FullNormal)  # (..., L) -> (..., L, L)
    return dist.scale_tril if full else torch.diag_embed((0.5 * dist.log_var).exp())


def _solve_lower(tril: Tensor, v: Tensor) -> Tensor:
    """S^-1 v for v (..., L); one shared factor is solved against all vectors at once."""
    tril, v = of_one_type(tril, v)
    if tril.dim() == 2:
        columns = v.reshape(-1, v.shape[-1]).T  # (..., L) -> (L, N)
        return torch.linalg.solve_triangular(tril, columns, upper=False).T.reshape(v.shape)
    return torch.linalg.solve_triangular(tril, v[..., None], upper=False)[..., 0]


def _log_det(tril: Tensor) -> Tensor:
    return tril.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)
