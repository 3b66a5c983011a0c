"""The variational autoencoder, and the plain one beside it, as networks in float32.

A VAE is a `toys.LatentModel`: every estimator of notebooks 02 to 04 runs on it unchanged.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from course_utils._inputs import read_latents
from course_utils._require import require_count, require_weight
from course_utils.densities import DiagonalNormal, ElboTerms, kl_to_standard_normal
from course_utils.models._networks import PictureNet, build_network, draw_latents, make_normal
from course_utils.toys._latent_model import StandardNormalPrior, check_z


class VAE(PictureNet, StandardNormalPrior):
    """z ~ N(0, I), x | z from the decoder, and q(z | x) = N(mu(x), diag(exp(log_var(x)))).

    Args:    image_shape: (H, W); latent_dim: L; hidden: sizes of the encoder's hidden layers, the
             decoder has them in reverse; likelihood: "bernoulli" (pixels of 0 and 1) or "gaussian";
             sigma: of a gaussian, a number or "learned" (one number, within 0.01 to 1).
    Raises:  ValueError if a size is not a whole number of at least 1, or a name is unknown.
    Source:  Kingma & Welling (2014), section 3; notebook 05 of the course.

    >>> VAE((8, 8), latent_dim=2, hidden=(128,))
    VAE(64-128-2, bernoulli, 17,476 parameters)
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_dim: int,
        hidden: Sequence[int] = (400,),
        likelihood: str = "bernoulli",
        *,
        sigma: float | str = "learned",
    ) -> None:
        """Build both networks; `torch.manual_seed` decides where they begin."""
        require_count(latent_dim=latent_dim)
        super().__init__(image_shape, hidden, latent_dim, likelihood=likelihood, sigma=sigma)
        self.latent_dim = latent_dim
        self.encoder = build_network(self.data_dim, *self.hidden, 2 * latent_dim)

    def encode(self, x: Tensor) -> DiagonalNormal:
        """q(z | x): (B, D) or (B, H, W) -> DiagonalNormal with mu, log_var (B, L)."""
        return make_normal(self.encoder(self.flatten(x)))  # (B, D) -> (B, 2L) -> (B, L) twice

    def decode(self, z: Tensor) -> Tensor:
        """z (..., L) -> the logits of the pixels, or for normal pixels their mean: (..., D)."""
        return self.decoder(self.cast("z", read_latents(z, self.latent_dim)))  # -> (..., D)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z): z (B, L) -> (B,); (K, B, L) or (K, 1, L) -> (K, B); nats."""
        x = self.flatten(x)  # (B, D)
        outputs = self.decode(check_z(z, len(x), self.latent_dim, x.dtype))  # (..., D)
        return self.pixels.log_prob(x, outputs)  # (B,) or (K, B)

    def elbo(
        self,
        x: Tensor,
        *,
        eps: Tensor | None = None,
        generator: Generator | None = None,
        beta: float = 1.0,
    ) -> ElboTerms:
        """The evidence lower bound, one number per example, nats.

        Args:    x: (B, D) or (B, H, W); eps: noise (B, L) or (K, B, L), rec is averaged over K;
                 None: one draw from the generator; beta: weight of the KL in elbo.
        Returns: ElboTerms(elbo = rec - beta kl, rec = E_q log p(x | z), kl = KL(q || N(0, I))).
        """
        require_weight(beta=beta)
        q = self.encode(x)  # mu, log_var (B, L)
        rec = self.log_likelihood(x, draw_latents(q, eps, generator))  # (B,) or (K, B)
        return ElboTerms.of(rec, kl_to_standard_normal(*q), beta)  # (B,) each

    def mean_x(self, z: Tensor) -> Tensor:
        """E[x | z] as pictures: (..., L) -> (..., H, W), in [0, 1]."""
        return self.as_pictures(self.decode(z))

    @torch.no_grad()
    def sample_x(self, z: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Draw x from p(x | z), observation noise included: (..., L) -> (..., H, W)."""
        return self.draw_pixels(self.decode(z), generator)  # (..., D) -> (..., H, W)

    @torch.no_grad()
    def generate(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """E[x | z] for n draws of z from the prior, no encoder involved: (n, H, W)."""
        return self.mean_x(self.sample_prior(n, generator=generator))  # (n, L) -> (n, H, W)

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """E[x | z] at z = mu(x): (B, D) or (B, H, W) -> (B, H, W)."""
        return self.mean_x(self.encode(x).mu)  # (B, L) -> (B, H, W)

    def __repr__(self) -> str:
        return self.describe(self.data_dim, *self.hidden, self.latent_dim)


class Autoencoder(VAE):
    """The same two networks without the noise and without the KL: x -> code -> x.

    Args, Raises: as VAE.

    >>> Autoencoder((8, 8), latent_dim=2, hidden=(128,))
    Autoencoder(64-128-2, bernoulli, 17,218 parameters)
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.encoder = build_network(self.data_dim, *self.hidden, self.latent_dim)  # not 2L

    def encode(self, x: Tensor) -> Tensor:
        """The code of each x: (B, D) or (B, H, W) -> (B, L)."""
        return self.encoder(self.flatten(x))  # (B, D) -> (B, L)

    def elbo(
        self,
        x: Tensor,
        *,
        eps: Tensor | None = None,
        generator: Generator | None = None,
        beta: float = 1.0,
    ) -> ElboTerms:
        """Not a bound: log p(x | code) as rec, and 0 as kl, so that `fit` trains it like a VAE."""
        rec = self.log_likelihood(x, self.encode(x))  # (B,)
        return ElboTerms(rec, rec, torch.zeros_like(rec))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """The picture decoded from the code: (B, D) or (B, H, W) -> (B, H, W)."""
        return self.mean_x(self.encode(x))
