"""What goes with a trained model: a card that says what it is, and the codes of some images."""

import math
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor

from course_utils._require import (
    require_count,
    require_finite,
    require_known,
    require_not_empty,
    require_same_shape,
    require_tensor,
)
from course_utils.models import CVAE, VAE

WEIGHTS = Path(__file__).parent / "weights"
KINDS = {"VAE": VAE, "CVAE": CVAE}  # what a card may call its kind
WORDS = {str: "text", int: "a whole number", float: "a finite number", dict: "names and values"}
CONDITIONS = ("", "label", "left half")  # what it may say that the model is given as y


@dataclass(frozen=True)
class ModelCard:
    """What one should know of a trained model before using it; `print` it.

    Args:    name: as `load_pretrained` knows it; kind, architecture: "VAE" or "CVAE", and what it
             is built with; data, command, seed, epochs: how it was trained; test_elbo, test_rec,
             test_kl: nats per image, means over n_test binarised test images; log_px: by importance
             sampling from the encoder, log_px_draws draws each for the first log_px_images of them,
             log_px_std_error over images, and log_px_elbo, the ELBO of the same images (these
             are no fair sample of MNIST's test images: do not set test_elbo beside log_px);
             sha256: of the file of weights; not_for: its limits; condition: what a CVAE is given
             as y, "label" or "left half", and log_px is then log p(x | y); "" for a VAE.
    Raises:  ValueError if a field is of another type, a score is not finite, a count is below 1,
             the kind or the condition is unknown, the three test scores do not fit together, or
             sha256 is none.
    """

    name: str
    kind: str
    architecture: dict
    data: str
    command: str
    seed: int
    epochs: int
    n_test: int
    test_elbo: float
    test_rec: float
    test_kl: float
    log_px: float
    log_px_std_error: float
    log_px_elbo: float
    log_px_draws: int
    log_px_images: int
    sha256: str
    not_for: str
    condition: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            _require_type(field.name, getattr(self, field.name), field.type)
        require_known("kind of model", self.kind, list(KINDS))
        require_known("condition", self.condition, list(CONDITIONS))
        if bool(self.condition) != ("condition_dim" in self.architecture):
            raise ValueError(
                f"condition should name what goes into the condition_dim of the architecture, and "
                f'be "" where it has none, but {self.condition!r} came with {self.architecture}; '
                f"known are: {', '.join(CONDITIONS[1:])}."
            )
        require_count(epochs=self.epochs, n_test=self.n_test)
        require_count(log_px_draws=self.log_px_draws, log_px_images=self.log_px_images)
        if not math.isclose(self.test_elbo, self.test_rec - self.test_kl, abs_tol=0.02):
            raise ValueError(
                f"test_elbo should be test_rec - test_kl, {self.test_rec} - {self.test_kl}, but "
                f"{self.test_elbo} came; were they measured in one go?"
            )
        if len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef"):
            raise ValueError(
                f"sha256 should be 64 digits of 0-9 and a-f, but {self.sha256!r} came; "
                f"hashlib.sha256(...).hexdigest() gives them."
            )

    def __str__(self) -> str:
        given = f" given the {self.condition}" * bool(self.condition)
        evidence = "log p(x | y)" if self.condition else "log p(x)"
        rows = {
            "model": f"{self.name}: {self.kind}, {self.architecture}",
            "data": self.data,
            "trained": f"{self.command} ({self.epochs} epochs, seed {self.seed})",
            "test ELBO": f"{self.test_elbo:z.2f} nats per image{given} over {self.n_test:,} "
            f"binarised test images (rec {self.test_rec:z.2f}, KL {self.test_kl:z.2f})",
            evidence: f"{self.log_px:z.2f} ± {self.log_px_std_error:z.2f} nats over the first "
            f"{self.log_px_images:,} ({self.log_px_draws} draws each; "
            f"ELBO {self.log_px_elbo:z.2f})",
            "not for": self.not_for,
            "SHA-256": self.sha256,
        }
        width = max(map(len, rows)) + 1
        return "\n".join(f"{name:<{width}} {text}" for name, text in rows.items())


def _require_type(name: str, value: object, kind: type) -> None:
    """Refuse a field of another type than the card's, and a score that is not finite."""
    fits = isinstance(value, int | float if kind is float else kind)
    if not fits or isinstance(value, bool) or (kind is float and not abs(value) < 1e300):
        raise ValueError(
            f"{name} should be {WORDS[kind]}, but {reprlib.repr(value)} came; was it changed by "
            f"hand?"
        )


@dataclass(frozen=True, eq=False)
class Codes:
    """What the encoder says of some test images, and which digit each is; no pixels.

    Args:    mu, log_var: (N, L), of q(z | x), float32; log_var is the log of the variance;
             labels: (N,) int64.
    Raises:  ValueError if the shapes or types do not fit, or a number is not finite.

    >>> Codes(torch.ones(3, 2), torch.zeros(3, 2), torch.tensor([7, 2, 1]))
    Codes(3 images, L = 2)
    """

    mu: Tensor
    log_var: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        require_same_shape(mu=self.mu, log_var=self.log_var)
        require_not_empty(mu=self.mu)
        require_finite(mu=self.mu, log_var=self.log_var)
        require_tensor(labels=self.labels)
        if self.mu.dim() != 2 or self.labels.shape != self.mu.shape[:1]:
            raise ValueError(
                f"expected mu and log_var (N, L) and labels (N,), but {tuple(self.mu.shape)} and "
                f"{tuple(self.labels.shape)} came; one row and one label per image."
            )
        if self.labels.dtype != torch.int64:
            raise ValueError(
                f"labels should be int64, but {self.labels.dtype} came; try labels.long()."
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.mu, self.log_var, self.labels))

    def __repr__(self) -> str:
        return f"Codes({len(self)} images, L = {self.mu.shape[1]})"
