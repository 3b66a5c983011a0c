"""The variational autoencoder, and the plain one beside it, as networks in float32.

A VAE is a `toys.LatentModel`: every estimator of notebooks 02 to 04 runs on it unchanged.
"""

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn

from course_utils._bounds import require_eps_for
from course_utils._checks import require_count, require_tensor
from course_utils._latent_model import check_z, flatten_x
from course_utils._pixels import pixels_of
from course_utils.densities import (
    DiagonalNormal,
    ElboTerms,
    kl_to_standard_normal,
    log_standard_normal,
)

__all__ = ["VAE", "Autoencoder"]

LOG_VAR_RANGE = (-30.0, 20.0)  # of q: exp of it stays a number in float32, and so does 1 / it


def _network(*sizes: int, squash: bool = False) -> nn.Sequential:
    """Linear layers of these sizes, float32, ReLU between them, perhaps a sigmoid at the end."""
    layers: list[nn.Module] = []
    for n_in, n_out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.ReLU()] * bool(layers) + [nn.Linear(n_in, n_out, dtype=torch.float32)]
    return nn.Sequential(*layers, *[nn.Sigmoid()] * squash)


class _Decoder(nn.Module):
    """p(z) p(x | z): what is left of a model once it is trained, and all that generation needs."""

    def __init__(self, image_shape, latent_dim, hidden, likelihood, sigma) -> None:
        super().__init__()
        self.image_shape, hidden = _sizes(image_shape=image_shape), _sizes(hidden=hidden)
        require_count(latent_dim=latent_dim)
        self.latent_dim, self.data_dim = latent_dim, math.prod(self.image_shape)
        self.hidden, self.likelihood = hidden, likelihood
        self.pixels = pixels_of(likelihood, sigma)
        squash = likelihood == "gaussian"
        self.decoder = _network(latent_dim, *reversed(hidden), self.data_dim, squash=squash)

    def sample_prior(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """Draw n latents z from N(0, I): shape (n, L)."""
        require_count(n=n)
        return torch.randn(n, self.latent_dim, generator=generator, **_like(self))

    def log_prior(self, z: Tensor) -> Tensor:
        """Log N(z; 0, I): (..., L) -> (...,), nats."""
        return log_standard_normal(z)

    def decode(self, z: Tensor) -> Tensor:
        """z (..., L) -> the logits of the pixels, or for normal pixels their mean: (..., D)."""
        require_tensor(z=z)
        if z.dim() == 0 or z.shape[-1] != self.latent_dim:
            raise ValueError(
                f"z should be (..., {self.latent_dim}), one number for each latent, but "
                f"{tuple(z.shape)} came; try z.reshape(-1, {self.latent_dim})."
            )
        return self.decoder(z.to(**_like(self)))

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z): z (B, L) -> (B,); (K, B, L) or (K, 1, L) -> (K, B); nats."""
        x = self._flat(x)
        return self.pixels.log_prob(x, self.decode(check_z(z, len(x), self.latent_dim, x.dtype)))

    def mean_x(self, z: Tensor) -> Tensor:
        """E[x | z] as pictures: (..., L) -> (..., H, W), in [0, 1]."""
        return self.pixels.mean(self.decode(z)).unflatten(-1, self.image_shape)

    @torch.no_grad()
    def sample_x(self, z: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Draw x from p(x | z), observation noise included: (..., L) -> (..., H, W)."""
        return self.pixels.sample(self.decode(z), generator).unflatten(-1, self.image_shape)

    @torch.no_grad()
    def generate(self, n: int, *, generator: Generator | None = None) -> Tensor:
        """E[x | z] for n draws of z from the prior, no encoder involved: (n, H, W)."""
        return self.mean_x(self.sample_prior(n, generator=generator))

    def _flat(self, x: Tensor) -> Tensor:
        like = _like(self)
        flat = flatten_x(x, self.data_dim, like["dtype"]).to(like["device"])
        if x.dim() == 3 and len(self.image_shape) == 2 and x.shape[1:] != self.image_shape:
            raise ValueError(
                f"x should be pictures of {self.image_shape}, but {tuple(x.shape[1:])} came; "
                f"was the model made for other data?"
            )
        return flat


class VAE(_Decoder):
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
        super().__init__(image_shape, latent_dim, hidden, likelihood, sigma)
        self.encoder = _network(self.data_dim, *self.hidden, 2 * latent_dim)

    def encode(self, x: Tensor) -> DiagonalNormal:
        """q(z | x): (B, D) or (B, H, W) -> DiagonalNormal with mu, log_var (B, L)."""
        mu, log_var = self.encoder(self._flat(x)).chunk(2, dim=-1)  # no activation on either
        return DiagonalNormal(mu, log_var.clamp(*LOG_VAR_RANGE))

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
        q = self.encode(x)
        eps = _noise_for(q, eps, generator)
        rec = self.log_likelihood(x, q.rsample(eps))  # z = mu + sigma eps, eq. 4.4
        rec = rec.mean(dim=0) if eps.dim() == 3 else rec
        kl = kl_to_standard_normal(*q)
        return ElboTerms(rec - beta * kl, rec, kl)

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """E[x | z] at z = mu(x): (B, D) or (B, H, W) -> (B, H, W)."""
        return self.mean_x(self.encode(x).mu)

    def __repr__(self) -> str:
        """Layers, likelihood and the number of parameters, on one line."""
        sizes = "-".join(map(str, (self.data_dim, *self.hidden, self.latent_dim)))
        n = sum(p.numel() for p in self.parameters())
        return f"{type(self).__name__}({sizes}, {self.likelihood}, {n:,} parameters)"


class Autoencoder(VAE):
    """The same two networks without the noise and without the KL: x -> code -> x.

    Args, Raises: as VAE.

    >>> Autoencoder((8, 8), latent_dim=2, hidden=(128,))
    Autoencoder(64-128-2, bernoulli, 17,218 parameters)
    """

    def __init__(self, *args, **kwargs) -> None:
        """Build both networks; the encoder has one output per latent, not two."""
        super().__init__(*args, **kwargs)
        self.encoder = _network(self.data_dim, *self.hidden, self.latent_dim)

    def encode(self, x: Tensor) -> Tensor:
        """The code of each x: (B, D) or (B, H, W) -> (B, L)."""
        return self.encoder(self._flat(x))

    def elbo(
        self,
        x: Tensor,
        *,
        eps: Tensor | None = None,
        generator: Generator | None = None,
        beta: float = 1.0,
    ) -> ElboTerms:
        """Not a bound: log p(x | code) as rec, and 0 as kl, so that `fit` trains it like a VAE."""
        rec = self.log_likelihood(x, self.encode(x))
        return ElboTerms(rec, rec, torch.zeros_like(rec))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """The picture decoded from the code: (B, D) or (B, H, W) -> (B, H, W)."""
        return self.mean_x(self.encode(x))


def _like(model: _Decoder) -> dict:
    """The type and place of a model's numbers."""
    weight = next(model.decoder.parameters())
    return {"dtype": weight.dtype, "device": weight.device}


def _noise_for(q: DiagonalNormal, eps: Tensor | None, generator: Generator | None) -> Tensor:
    """The noise that came, if it is noise for this q, or one fresh draw."""
    if eps is None:
        return torch.randn(q.mu.shape, generator=generator, dtype=q.mu.dtype, device=q.mu.device)
    require_eps_for(q, eps)
    return eps.to(q.mu)


def _sizes(**values: object) -> tuple[int, ...]:
    """Sizes as a tuple, or a refusal that names what they are of."""
    ((name, sizes),) = values.items()
    if not isinstance(sizes, Sequence) or isinstance(sizes, str):
        example = {"image_shape": "(28, 28)", "hidden": "(400,)"}[name]
        raise ValueError(f"{name} should be a tuple of sizes, but {sizes!r} came; try {example}.")
    for size in sizes:
        require_count(**{name: size})
    if name == "image_shape" and not sizes:
        raise ValueError("image_shape should name at least one size, but () came; try (28, 28).")
    return tuple(sizes)
