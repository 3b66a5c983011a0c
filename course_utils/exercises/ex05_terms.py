"""Notebook 05, E5.3: the terms of -ELBO, from which right and wrong answers are made."""

from collections.abc import Callable

from torch import Tensor
from torch.distributions import Normal
from torch.nn import functional

Answer = Callable[..., Tensor]


def sigma(log_var: Tensor) -> Tensor:
    """Standard deviation of q."""
    return (log_var / 2).exp()


class Terms:
    """The terms of eq. 5.6 and 5.7 for one set of inputs; `draw` replaces z = mu + sigma eps."""

    def __init__(self, x, encode, decode, eps, draw=lambda mu, lv, eps: mu + sigma(lv) * eps):
        """Encode, draw, decode, and compute all terms."""
        self.x = x
        self.mu, self.log_var = encode(x)
        self.z = draw(self.mu, self.log_var, eps)
        self.logits = decode(self.z)
        self.pixels = x * self.logits - functional.softplus(self.logits)  # (B, D)
        self.rec = self.pixels.sum(-1)
        self.kls = 0.5 * (self.mu**2 + self.log_var.exp() - 1 - self.log_var)  # (B, L)
        self.kl = self.kls.sum(-1)
        self.loss = self.kl - self.rec

    @property
    def log_pz(self) -> Tensor:
        """Of z under the prior, (B,)."""
        return Normal(0.0, 1.0).log_prob(self.z).sum(-1)

    @property
    def log_qz(self) -> Tensor:
        """Of z under q, (B,)."""
        return Normal(self.mu, sigma(self.log_var)).log_prob(self.z).sum(-1)


def of(value: Callable[[Terms], Tensor]) -> Answer:
    """Something else made of the right terms."""
    return lambda *args: value(Terms(*args))


def draws(draw: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Answer:
    """The right terms at another z."""
    return lambda *args: Terms(*args, draw).loss


def kl_is(kls: Callable[[Tensor, Tensor], Tensor]) -> Answer:
    """Other KL terms of mu and log_var, (B, L), with the right first term."""
    return of(lambda t: kls(t.mu, t.log_var).sum(-1) - t.rec)


def rec_is(rec: Callable[[Tensor, Tensor], Tensor]) -> Answer:
    """Another first term, of x and the logits, with the right KL."""
    return of(lambda t: t.kl - rec(t.x, t.logits))


def by_probability(wrong: Answer, *, nan: bool) -> Answer:
    """A wrong answer by way of p = sigmoid(logits): each logit becomes the one that p stands for.

    Where p is rounded to 1, the logarithm of 1 - p is held at -100 by torch's
    `binary_cross_entropy`, and makes NaN of the whole picture otherwise.
    """

    def also_wrong(x, encode, decode, eps):
        def rounded(z: Tensor) -> Tensor:
            logits = decode(z)
            at_one = float("nan") if nan else 100.0
            return logits.clamp(min=-100).masked_fill(logits.sigmoid() == 1, at_one)

        return wrong(x, encode, rounded, eps)

    return also_wrong
