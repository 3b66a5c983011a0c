"""Networks with a condition y: the conditional VAE, and the regressor that has no latents.

y is one row for each picture: labels (B,), numbers (B, C), or pictures (B, H, W); one row alone
holds for all pictures.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from course_utils._inputs import as_floats, is_labels, read_latents, require_condition
from course_utils._require import require_count, require_generator, require_known, require_weight
from course_utils.densities import DiagonalNormal, ElboTerms, kl
from course_utils.models._networks import PictureNet, build_network, draw_latents, make_normal
from course_utils.toys._latent_model import check_z


class CVAE(PictureNet):
    """z | y from the prior, x | z, y from the decoder, and q(z | x, y) from the encoder.

    Args:    image_shape: (H, W); latent_dim: L; condition_dim: C, the classes of a label or the
             numbers of another condition; prior_kind: "fixed", p(z | y) = N(0, I) for every y, or
             "learned", a third network from y to the mu and log_var of p(z | y); hidden: sizes of
             the encoder's hidden layers, the decoder has them in reverse; likelihood, sigma: as
             of VAE; prior: what prior_kind was once called, refused with its new name.
    Raises:  ValueError if a size is not a whole number of at least 1, or a name is unknown.
    Source:  Sohn, Lee & Yan (2015); Doersch (2016), section 3; notebook 07 of the course.

    >>> CVAE((8, 8), latent_dim=2, condition_dim=10, hidden=(128,))
    CVAE(64-128-2 given 10, bernoulli, 20,036 parameters)
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_dim: int,
        condition_dim: int,
        prior_kind: str = "fixed",
        hidden: Sequence[int] = (400,),
        *,
        likelihood: str = "bernoulli",
        sigma: float | str = "learned",
        prior: None = None,
    ) -> None:
        """Build the networks; `torch.manual_seed` decides where they begin."""
        if prior is not None:
            raise ValueError(f"CVAE no longer takes prior; write prior_kind={prior!r}.")
        require_count(latent_dim=latent_dim, condition_dim=condition_dim)
        require_known("prior", prior_kind, ["fixed", "learned"])
        n_in = latent_dim + condition_dim  # L + C
        super().__init__(image_shape, hidden, n_in, likelihood=likelihood, sigma=sigma)
        self.latent_dim, self.condition_dim, self.prior_kind = latent_dim, condition_dim, prior_kind
        self.encoder = build_network(self.data_dim + condition_dim, *self.hidden, 2 * latent_dim)
        if prior_kind == "learned":
            self.prior_network = build_network(condition_dim, *self.hidden, 2 * latent_dim)

    def encode(self, x: Tensor, y: Tensor) -> DiagonalNormal:
        """q(z | x, y): (B, D) or (B, H, W), and y -> DiagonalNormal with mu, log_var (B, L)."""
        x = self.flatten(x)  # (B, D)
        y = expand_rows(make_rows(self, y), len(x))  # (B, C)
        return make_normal(self.encoder(torch.cat([x, y], dim=-1)))  # (B, D + C) -> (B, 2L)

    def prior_given(self, y: Tensor) -> DiagonalNormal:
        """p(z | y), the prior: DiagonalNormal with mu, log_var (B, L), a row for each of y."""
        y = make_rows(self, y)  # (B, C)
        if self.prior_kind == "learned":
            return make_normal(self.prior_network(y))  # (B, C) -> (B, 2L)
        zero = y.new_zeros(len(y), self.latent_dim)  # (B, L)
        return DiagonalNormal(zero, zero)

    def decode(self, z: Tensor, y: Tensor) -> Tensor:
        """z and y -> logits, or for normal pixels their mean: (..., D).

        z is (B, L) or (K, B, L) with y of B rows; one z, or one row of y, holds for all others. Or
        y has all of z's leading axes: a row (..., C) for each z (..., L).
        """
        z = self.cast("z", read_latents(z, self.latent_dim))  # (..., L)
        leading = z.shape[:-1]
        if torch.is_tensor(y) and y.dim() > 2 and y.shape == (*leading, self.condition_dim):
            return self.decode(z.flatten(0, -2), y.flatten(0, -2)).unflatten(0, leading)
        y = make_rows(self, y)  # (B, C) or (1, C)
        y = y[0] if len(y) == 1 else y  # (1, C) -> (C,)
        if z.dim() > 1 and z.shape[-2] > 1 and y.dim() == 2:
            expand_rows(y, z.shape[-2], "z")
        leading = np.broadcast_shapes(z.shape[:-1], y.shape[:-1])  # torch's imports sympy
        both = [part.expand(*leading, -1) for part in (z, y)]
        return self.decoder(torch.cat(both, dim=-1))  # (..., L + C) -> (..., D)

    def mean_x(self, z: Tensor, y: Tensor) -> Tensor:
        """E[x | z, y] as pictures: (..., L), and y as in decode -> (..., H, W), in [0, 1]."""
        return self.as_pictures(self.decode(z, y))  # (..., D) -> (..., H, W)

    def elbo(
        self,
        x: Tensor,
        y: Tensor,
        *,
        eps: Tensor | None = None,
        generator: Generator | None = None,
        beta: float = 1.0,
    ) -> ElboTerms:
        """The lower bound on log p(x | y), one number per example, nats.

        Args:    x: (B, D) or (B, H, W); y: the condition; eps, generator, beta: as in VAE.elbo.
        Returns: ElboTerms(elbo = rec - beta kl, rec = E_q log p(x | z, y),
                 kl = KL(q(z | x, y) || p(z | y))).
        """
        require_weight(beta=beta)
        q, model = self.encode(x, y), self.given(y)  # q: mu, log_var (B, L)
        rec = model.log_likelihood(x, draw_latents(q, eps, generator))  # (B,) or (K, B)
        return ElboTerms.of(rec, kl(q, self.prior_given(model.y).expand_as(q)), beta)  # (B,) each

    @torch.no_grad()
    def generate(
        self, y: Tensor, z: Tensor | None = None, *, generator: Generator | None = None
    ) -> Tensor:
        """E[x | z, y], one picture for each row of y, no encoder involved: (B, H, W).

        Args:    y: what is asked for; z: (B, L), or (L,) for one style in all pictures; None: drawn
                 from p(z | y), a fresh one for each picture.
        """
        y = make_rows(self, y)
        if z is None:
            z = draw_latents(self.prior_given(y), None, generator)  # (B, L)
        pictures = self.mean_x(z, y)
        # One z (L,) and one row of y decode to one picture without an axis for B.
        return pictures if pictures.dim() > len(self.image_shape) else pictures[None]

    @torch.no_grad()
    def sample_x(self, z: Tensor, y: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Draw x from p(x | z, y), observation noise included: (..., L), y -> (..., H, W)."""
        return self.draw_pixels(self.decode(z, y), generator)  # (..., D) -> (..., H, W)

    @torch.no_grad()
    def reconstruct(self, x: Tensor, y: Tensor) -> Tensor:
        """E[x | z, y] at z = mu(x, y): (B, D) or (B, H, W), and y -> (B, H, W)."""
        return self.mean_x(self.encode(x, y).mu, y)  # (B, L), (B, C) -> (B, H, W)

    def given(self, y: Tensor) -> "Given":
        """The model of x that is left once y is known: a LatentModel."""
        return Given(self, make_rows(self, y))

    def __repr__(self) -> str:
        last = f"{self.latent_dim} given {self.condition_dim}"
        last += ", learned prior" * (self.prior_kind == "learned")
        return self.describe(self.data_dim, *self.hidden, last)


class Given:
    """A CVAE whose condition is known: x and z as in any LatentModel, y in every density."""

    def __init__(self, model: CVAE, y: Tensor) -> None:
        self.model, self.latent_dim = model, model.latent_dim
        self.y = y  # (B, C), one row for each x, or (1, C) for all

    @cached_property
    def prior(self) -> DiagonalNormal:
        """p(z | y): (B, L) if it is learned and differs from row to row, else (L,)."""
        p = self.model.prior_given(self.y)
        if self.model.prior_kind == "learned" and len(self.y) > 1:
            return p
        return DiagonalNormal(p.mu[0], p.log_var[0])  # (B, L) -> (L,)

    def sample_prior(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """Draw z from p(z | y): (n, L); (n, B, L) where a learned prior differs from row to row."""
        require_count(n=n)
        require_generator(generator)
        eps = torch.randn(n, *self.prior.mu.shape, generator=generator, **self.model.like())
        return self.prior.rsample(eps)  # (n, L) or (n, B, L)

    def log_prior(self, z: Tensor) -> Tensor:
        """Log p(z | y): (..., L) -> (...,), nats; a learned prior: z as in log_likelihood."""
        return self.prior.log_prob(read_latents(z, self.latent_dim))

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z, y): z (B, L) -> (B,); (K, B, L) or (K, 1, L) -> (K, B); nats."""
        x = self.model.flatten(x)  # (B, D)
        y, z = expand_rows(self.y, len(x)), check_z(z, len(x), self.latent_dim, x.dtype)
        decode, log_prob = self.model.decode, self.model.pixels.log_prob
        if len(self.y) == 1 or z.dim() == 2 or z.shape[1] == len(x):
            return log_prob(x, decode(z, self.y))  # (B,) or (K, B)
        # Each z against each x, a condition at a time: all at once would take (K, B, D) numbers.
        pairs = zip(x.split(1), y.split(1), strict=True)
        return torch.cat([log_prob(x_, decode(z, y_)) for x_, y_ in pairs], dim=-1)  # B (K, 1)s

    def mean_x(self, z: Tensor) -> Tensor:
        """E[x | z, y] as pictures: (..., L) -> (..., H, W)."""
        return self.model.mean_x(z, self.y)

    def __repr__(self) -> str:
        return f"{self.model!r} with y of {len(self.y)} row{'s' * (len(self.y) > 1)}"


class Regressor(PictureNet):
    """x | y without latents: one network, one guess for each y. Its elbo is log p(x | y) itself.

    Args:    image_shape: (H, W); condition_dim: C; hidden: as of VAE, used in reverse, from y to
             x; likelihood, sigma: as of VAE.
    Raises:  ValueError if a size is not a whole number of at least 1, or a name is unknown.

    >>> Regressor((8, 4), condition_dim=32, hidden=(128,))
    Regressor(32-128-32, bernoulli, 8,352 parameters)
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        condition_dim: int,
        hidden: Sequence[int] = (400,),
        likelihood: str = "bernoulli",
        *,
        sigma: float | str = "learned",
    ) -> None:
        """Build the network; `torch.manual_seed` decides where it begins."""
        require_count(condition_dim=condition_dim)
        super().__init__(image_shape, hidden, condition_dim, likelihood=likelihood, sigma=sigma)
        self.condition_dim = condition_dim

    def decode(self, y: Tensor) -> Tensor:
        """Y -> the logits of the pixels, or for normal pixels their mean: (B, D)."""
        return self.decoder(make_rows(self, y))  # (B, C) -> (B, D)

    def mean_x(self, y: Tensor) -> Tensor:
        """E[x | y], the one guess, as pictures: (B, H, W), in [0, 1]."""
        return self.as_pictures(self.decode(y))  # (B, D) -> (B, H, W)

    def elbo(
        self,
        x: Tensor,
        y: Tensor,
        *,
        eps: Tensor | None = None,
        generator: Generator | None = None,
        beta: float = 1.0,
    ) -> ElboTerms:
        """No bound but log p(x | y) itself, as elbo and rec; kl is 0. `fit` trains it like a CVAE.

        Args:    x: (B, D) or (B, H, W); y: the condition; the others change nothing.
        Returns: ElboTerms of shape (B,), nats.
        """
        x = self.flatten(x)  # (B, D)
        y = expand_rows(make_rows(self, y), len(x))  # (B, C)
        rec = self.pixels.log_prob(x, self.decode(y))  # (B,)
        return ElboTerms(rec, rec, torch.zeros_like(rec))

    @torch.no_grad()
    def generate(self, y: Tensor) -> Tensor:
        """E[x | y], one picture for each row of y: (B, H, W)."""
        return self.mean_x(y)

    @torch.no_grad()
    def sample_x(self, y: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Draw x from p(x | y), every pixel for itself: (B, H, W)."""
        return self.draw_pixels(self.decode(y), generator)  # (B, D) -> (B, H, W)

    def __repr__(self) -> str:
        return self.describe(self.condition_dim, *reversed(self.hidden), self.data_dim)


def make_rows(model: PictureNet, y: Tensor) -> Tensor:
    """Labels (B,) as one-hot rows, numbers (B, C) or pictures (B, H, W) as they are: (B, C).

    Raises:  ValueError if y is nothing of that, or has not model.condition_dim numbers in a row.
    """
    require_condition(y, model.condition_dim)
    if is_labels(y):
        y = functional.one_hot(y.reshape(-1).long(), model.condition_dim)  # (B,) -> (B, C)
        return y.to(**model.like())
    return model.cast("y", as_floats(y).flatten(1))  # (B, C) or (B, H, W) -> (B, C)


def expand_rows(y: Tensor, n: int, whose: str = "x") -> Tensor:
    """One row of y for each of n examples; one row alone is repeated.

    Raises:  ValueError if there are neither one nor n.
    """
    if len(y) not in (1, n):
        came = f"{len(y)} came; y[i] belongs to {whose}[i]."
        expected = f"{n} rows, one for each {whose}, or one row for all"
        raise ValueError(f"y should have {expected}, but {came}")
    return y.expand(n, -1)  # (1, C) -> (n, C)
