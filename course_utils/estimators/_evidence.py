"""Estimates of the evidence p(x), with honest error bars.

They see the model through the four members of `toys.LatentModel`. Draws are streamed in chunks, so
memory does not grow with n.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from course_utils._require import (
    as_numbers,
    require_an_axis,
    require_count,
    require_generator,
    require_log_weights,
)
from course_utils.densities import Normal
from course_utils.estimators._arithmetic import flush_denormals
from course_utils.estimators._bounds import has_greys, require_model_and_x, require_q_for
from course_utils.toys import LatentModel

CHUNK = 2**20  # numbers in the largest tensor of a chunk: 8 MB in float64, kind to the cache
BLOCK = 2**19  # numbers decoded at once where each x has draws of its own: 2 MB, for a core's cache
TRUST = 10  # an effective sample size below this voids the error bar
SOFT = "soft-BCE bound"  # what weights of grey pixels under a Bernoulli decoder add up to


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate of log p(x) and what the draws say about its error.

    Args:    log_px: (B,) nats; std_error: (B,) nats, of log_px, by the delta method;
             ess: (B,) effective sample size, 1 to n; n: the number of draws; what: its name;
             acceptance: (B,), the share of moves that annealed chains accepted, else None.
    Raises:  ValueError if the shapes differ.

    The error bar sees only the draws there are: where ess < 10 it is void and the number on
    average a lower bound, and a large ess is no certificate either, since nothing is known of
    places that no draw has visited.
    """

    log_px: Tensor  # (B,)
    std_error: Tensor  # (B,)
    ess: Tensor  # (B,)
    n: int
    what: str = "log p(x)"
    acceptance: Tensor | None = None  # (B,), of chains

    def __post_init__(self) -> None:
        require_count(n=self.n)
        shapes = [tuple(t.shape) for t in (self.log_px, self.std_error, self.ess)]
        if len(set(shapes)) > 1:
            came = "log_px {}, std_error {} and ess {}".format(*shapes)
            raise ValueError(f"expected equal shapes, but {came} came.")

    def __iter__(self) -> Iterator[Tensor | int]:
        return iter((self.log_px, self.std_error, self.ess, self.n))

    @property
    def void(self) -> float:
        """The share of examples whose error bar is void: ESS < 10."""
        return (self.ess < TRUST).double().mean().item()

    def __repr__(self) -> str:
        """One line per example, saying where the error bar is void."""
        text = f"Estimate from n = {self.n:,} draws, in nats:"
        shown = (t.flatten()[:10].tolist() for t in (self.log_px, self.std_error, self.ess))
        for value, error, ess in zip(*shown, strict=True):
            bar = f"{error:z.4f}" if ess >= TRUST else "? (error bar void)"
            name = self.what if ess >= TRUST or self.what == SOFT else f"bound on {self.what}"
            text += f"\n  {name} = {value:z.4f} ± {bar}, ESS {ess:z.1f}"
        n, void = self.ess.numel(), int((self.ess < TRUST).sum())
        if n > 10:
            text += f"\n  ... and {n - 10} more"
        if void:
            text += f"\n  void for {void} of {n}: with ESS < {TRUST} a handful of draws decides, "
            text += "and they cannot know what they missed"
        if self.what == SOFT:
            text += "\n  no log p(x): a Bernoulli decoder has one of 0s and 1s, not of greys; "
            text += "try x = torch.bernoulli(x)"
        return text


class Weights:
    """Running mean and squared deviations of w = exp(log_w), over chunks, one per example.

    Weights are held relative to the largest seen, so nothing under- or overflows; chunks are
    merged by Chan's formula, which is exactly zero when all weights are equal (the difference of
    mean squares and squared mean is not).
    """

    def __init__(self, batch: int) -> None:
        self.n = 0
        self.top = torch.full((batch,), -math.inf, dtype=torch.float64)  # (B,)
        self.mean = torch.zeros(batch, dtype=torch.float64)  # (B,)
        self.squared_dev = torch.zeros(batch, dtype=torch.float64)  # (B,)

    def add(self, log_w: Tensor) -> None:
        """Merge a chunk of log-weights, (k, B)."""
        k, log_w = len(log_w), log_w.to(torch.float64)
        require_log_weights(**{"the model's log-weights": log_w})
        top = torch.maximum(self.top, log_w.amax(dim=0))  # (k, B) -> (B,)
        base = top.nan_to_num(neginf=0.0)  # where every weight is 0 so far, exp(-inf - 0) = 0
        shrink = (self.top - base).exp()  # (B,), by how much what is held gets smaller
        w = (log_w - base).exp_()  # (k, B)
        mean = w.mean(dim=0)  # (k, B) -> (B,)
        squared_dev = w.sub_(mean).square_().sum(dim=0)  # (k, B) -> (B,)
        delta, total = mean - self.mean * shrink, self.n + k  # (B,) and a number
        squared_dev = self.squared_dev * shrink**2 + squared_dev  # (B,)
        self.squared_dev = squared_dev + delta**2 * (self.n * k / total)
        self.mean = self.mean * shrink + delta * (k / total)
        self.top, self.n = top, total

    def estimate(self, what: str = "log p(x)") -> Estimate:
        """The estimate from all chunks merged so far."""
        relative = self.squared_dev / (self.n * self.mean**2)  # (B,), variance of w / mean(w)
        alive = self.mean > 0  # (B,)
        ess = torch.where(alive, self.n / (1 + relative), 0.0)  # (B,)
        # One draw, or only weights of zero, say nothing about the error.
        known = alive if self.n > 1 else torch.zeros_like(alive)
        std_error = torch.where(known, (relative / self.n).sqrt(), math.nan)  # (B,)
        return Estimate(self.mean.log() + self.top, std_error, ess, self.n, what)  # (B,) each


@torch.no_grad()
@flush_denormals()
def naive_monte_carlo(
    model: LatentModel, x: Tensor, n: int, *, generator: Generator | None = None
) -> Estimate:
    """Estimate p(x) by the average of p(x | z) over n draws of z from the prior.

    All x share the draws, unless each has a prior of its own. Unbiased for p(x), biased low for
    log p(x). Of grey pixels a Bernoulli decoder has no p(x): this is then a soft-BCE bound, on the
    mean of log p over the pictures of 0s and 1s that they stand for, and the Estimate says so.

    Args:    model: a LatentModel; x: (B, D) or (B, H, W); n: number of draws.
    Returns: Estimate with (B,) tensors, nats.
    Raises:  ValueError if n < 1, or the model refuses x.
    Source:  eq. 2.2 of the course.

    >>> from course_utils.toys import LinearGaussian
    >>> model, g = LinearGaussian([[1.5]], [0.3], 0.5), torch.Generator().manual_seed(0)
    >>> naive_monte_carlo(model, torch.tensor([[2.0]]), 10**5, generator=g)
    Estimate from n = 100,000 draws, in nats:
      log p(x) = -1.9564 ± 0.0054, ESS 25201.8
    """
    require_model_and_x(model, x)
    weights = Weights(len(x))
    for k in chunks(n, x[0].numel() + len(x)):
        z = model.sample_prior(k, generator=generator)  # (k, L) or (k, B, L)
        # Draws for each x meet B pictures at once, not one: a chunk of them is cut smaller.
        parts = z.split(max(1, CHUNK // x.numel())) if z.dim() == 3 else [z[:, None]]  # (k, 1, L)
        for part in parts:
            weights.add(model.log_likelihood(x, part))  # (k, B)
    return weights.estimate(name_of(model, x))


@torch.no_grad()
@flush_denormals()
def importance_sampling(
    model: LatentModel, x: Tensor, q: Normal, n: int, *, generator: Generator | None = None
) -> Estimate:
    """Estimate p(x) by the average of p(x | z) p(z) / q(z) over n draws of z from q.

    Of grey pixels under a Bernoulli decoder it is a soft-BCE bound, as in naive_monte_carlo.

    Args:    model: a LatentModel; x: (B, D) or (B, H, W); q: one normal per example, mu (B, L);
             n: number of draws for each x.
    Returns: Estimate with (B,) tensors, nats; with q = p(z | x) its error is zero.
    Raises:  ValueError if n < 1, q is not for this x, or the model refuses x.
    Source:  eq. 2.9 of the course.
    """
    require_q_for(model, x, q)
    require_generator(generator)
    weights = Weights(len(x))
    for k in chunks(n, x.numel()):
        eps = torch.randn(k, *q.mu.shape, generator=generator, dtype=q.mu.dtype, device=q.mu.device)
        for z in q.rsample(eps).split(max(1, BLOCK // x.numel())):  # (k, B, L) in parts
            weights.add(model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z))  # (k, B)
    return weights.estimate(name_of(model, x))


def name_of(model: LatentModel, x: Tensor) -> str:
    """What the weights of x add up to."""
    inner = getattr(model, "model", None)  # of a CVAE whose condition is known
    likelihood = getattr(model, "likelihood", getattr(inner, "likelihood", None))
    return SOFT if likelihood == "bernoulli" and has_greys(x) else "log p(x)"


def effective_sample_size(log_w: Tensor) -> Tensor:
    """How many equal weights would be worth as much: 1 / sum of squared normalised weights.

    Args:    log_w: (K, ...), log-weights, -inf allowed.
    Returns: (...,), from 1 (one draw has all the weight) to K (all equal); 0 if all weights are 0.
    Raises:  ValueError if there is no draw or a NaN.
    Source:  Kong (1992); eq. 2.7 of the course.

    >>> effective_sample_size(torch.tensor([[-800.0, 0.0], [-800.0, -50.0]]))
    tensor([2., 1.])
    """
    require_an_axis(log_w=log_w)
    require_log_weights(log_w=log_w)
    log_w = as_numbers(log_w)
    top = log_w.amax(dim=0)  # (K, ...) -> (...)
    # (K, ...), in float64 since half floats overflow at n^2
    w = (log_w - top.nan_to_num(neginf=0.0)).to(torch.float64).exp()
    ess = (w.sum(dim=0) ** 2 / (w**2).sum(dim=0)).nan_to_num(nan=0.0)  # (...)
    return ess.to(log_w.dtype)


def chunks(n: int, numbers_per_draw: int) -> Iterator[int]:
    """Sizes that add up to n, each small enough for its largest tensor to stay within CHUNK."""
    require_count(n=n)
    size = max(1, CHUNK // max(1, numbers_per_draw))
    for start in range(0, n, size):
        yield min(size, n - start)
