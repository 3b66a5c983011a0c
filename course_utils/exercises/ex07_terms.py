"""Notebook 07, E7.2: the terms of eq. 7.7, from which right and wrong answers are made."""

from collections.abc import Callable

from torch import Tensor
from torch.distributions import Normal

Answer = Callable[..., Tensor]
Pair = tuple[Tensor, Tensor]


def sigma(log_var: Tensor) -> Tensor:
    """Standard deviation."""
    return (log_var / 2).exp()


class Terms:
    """Eq. 7.7 in parts; `draw` replaces z = mu + sigma eps."""

    def __init__(self, x, y, eps, encode, prior, log_likelihood, draw=None):
        """Ask the three networks, draw, and compute all terms."""
        self.x, self.y, self.eps, self.log_likelihood = x, y, eps, log_likelihood
        self.mu, self.lv = encode(x, y)
        self.mu_p, self.lv_p = prior(y)
        self.z = self.mu + sigma(self.lv) * eps if draw is None else draw(self)  # (K, B, L)
        self.recs = log_likelihood(x, self.z, y)  # (K, B)
        self.rec = self.recs.mean(0)
        self.squared = (self.mu - self.mu_p) ** 2
        self.log_ratio = self.lv - self.lv_p  # of q's variance to the prior's
        self.kls = 0.5 * (
            self.log_ratio.exp() + self.squared / self.lv_p.exp() - 1 - self.log_ratio
        )
        self.kl = self.kls.sum(-1)  # (B,)
        self.loss = self.kl - self.rec

    @property
    def kl_normal(self) -> Tensor:
        """KL(q || N(0, I)), eq. 3.4."""
        return 0.5 * (self.mu**2 + self.lv.exp() - 1 - self.lv).sum(-1)

    @property
    def log_ratios(self) -> Tensor:
        """log q(z|x,y) - log p(z|y) at each draw, (K, B)."""
        return self.log_q - self.log_p

    @property
    def log_q(self) -> Tensor:
        """Of the draws under q, (K, B)."""
        return Normal(self.mu, sigma(self.lv)).log_prob(self.z).sum(-1)

    @property
    def log_p(self) -> Tensor:
        """Of the draws under the prior, (K, B)."""
        return Normal(self.mu_p, sigma(self.lv_p)).log_prob(self.z).sum(-1)


def of(value: Callable[[Terms], Tensor]) -> Answer:
    """Something else made of the right terms."""
    return lambda *args: value(Terms(*args))


def draws(draw: Callable[[Terms], Tensor]) -> Answer:
    """The right terms at another z."""
    return lambda *args: Terms(*args, draw).loss


def kl_is(kls: Callable[[Terms], Tensor]) -> Answer:
    """Other KL terms, (B, L), with the right first term."""
    return of(lambda t: kls(t).sum(-1) - t.rec)


def bracket(inside: Callable[[Terms], Tensor]) -> Answer:
    """Other terms inside the bracket of eq. 3.3."""
    return kl_is(lambda t: 0.5 * inside(t))


def asks(
    *,
    encode: Callable[[Tensor, Tensor], Pair] = lambda x, y: (x, y),
    prior: Callable[[Tensor, Tensor], Tensor] = lambda x, y: y,
    likelihood: Callable[[Tensor, Tensor], Pair] = lambda x, y: (x, y),
) -> Answer:
    """The networks are handed something else than x and y."""

    def wrong(x, y, eps, ask_q, ask_p, log_likelihood):
        def log_px_zy(x: Tensor, z: Tensor, y: Tensor) -> Tensor:
            x, y = likelihood(x, y)
            return log_likelihood(x, z, y)

        return Terms(
            *(x, y, eps),
            lambda x, y: ask_q(*encode(x, y)),
            lambda y: ask_p(prior(x, y)),
            log_px_zy,
        ).loss

    return wrong


def heads(q: Callable[[Pair], Pair], p: Callable[[Pair], Pair] = lambda pair: pair) -> Answer:
    """mu and log_var of q or of the prior, read in another way."""
    return lambda x, y, eps, encode, prior, log_likelihood: (
        Terms(x, y, eps, lambda *xy: q(encode(*xy)), lambda y: p(prior(y)), log_likelihood).loss
    )
