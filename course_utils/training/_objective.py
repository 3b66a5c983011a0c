"""What a step makes larger: the ELBO, perhaps with another weight of its KL, or a tighter bound."""

import inspect
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from course_utils._require import require_count, require_kind, require_weight
from course_utils.densities import DiagonalNormal, ElboTerms
from course_utils.estimators import iwae_bound
from course_utils.estimators._bounds import log_q, require_one_per_draw
from course_utils.training._checks import ask_elbo, naming_divergence


@dataclass(frozen=True)
class Objective:
    """Terms of a batch, to be maximised: rec - beta kl, or the bound of n_draws weights.

    Raises:  ValueError if beta or n_draws makes no sense, or both are asked for.
    """

    beta: float = 1.0
    n_draws: int = 1

    def __post_init__(self) -> None:
        require_weight(beta=self.beta)
        require_count(n_draws=self.n_draws)
        if self.beta != 1 and self.n_draws > 1:
            raise ValueError(
                f"beta should be 1 where n_draws is above 1, but beta={self.beta} came with "
                f"n_draws={self.n_draws}: weights of p(x, z) / q(z | x) hold no KL to weigh; try "
                f"one call of fit after the other, with the same history."
            )

    def require_of(self, model: nn.Module, n_inputs: int) -> None:
        """Refuse a model without what this asks of it."""
        signature = inspect.signature(model.elbo)
        try:
            signature.bind(*[None] * n_inputs, generator=None, **self._beta)
        except TypeError:
            raise ValueError(
                f"with beta={self.beta} the model's elbo should take beta, as that of VAE does, "
                f"but elbo{signature} came; add beta: float = 1.0, and return "
                f"ElboTerms.of(rec, kl, beta)."
            ) from None
        densities = ["given"] if n_inputs == 2 else ["log_prior", "log_likelihood"]
        missing = [name for name in ["encode", *densities] if not hasattr(model, name)]
        if self.n_draws > 1 and missing:
            raise ValueError(
                f"with n_draws={self.n_draws} the model should have the members of a VAE, but a "
                f"{type(model).__name__} without {', '.join(missing)} came; try n_draws=1."
            )

    @property
    def _beta(self) -> dict[str, float]:
        """As an argument of elbo, which need not take one where it is 1."""
        return {} if self.beta == 1 else {"beta": self.beta}

    def ask(self, model: nn.Module, inputs: tuple[Tensor, ...], noise: Generator) -> tuple:
        """Bound, rec and kl of each image, (B,) each; gradients reach the weights."""
        if self.n_draws == 1:
            return ask_elbo(model, inputs, noise, **self._beta)
        with naming_divergence():
            return self._weigh(model, inputs, noise)

    def _weigh(self, model: nn.Module, inputs: tuple[Tensor, ...], noise: Generator) -> ElboTerms:
        x, *y = inputs
        q, known = model.encode(x, *y), model.given(*y) if y else model
        require_kind("what encode(x) returns", q, DiagonalNormal, "a DiagonalNormal", "")
        shape, like = (self.n_draws, *q.mu.shape), {"dtype": q.mu.dtype, "device": q.mu.device}
        eps = torch.randn(shape, generator=noise, **like)  # (K, B, L)
        z = q.rsample(eps)  # (K, B, L)
        rec = require_one_per_draw("log_likelihood(x, z)", known.log_likelihood(x, z), z)  # (K, B)
        log_pz = require_one_per_draw("log_prior(z)", known.log_prior(z), z)  # (K, B)
        kl = log_q(q, eps) - log_pz  # (K, B)
        return ElboTerms(iwae_bound(rec - kl), rec.mean(dim=0), kl.mean(dim=0))  # (B,) each
