"""What goes with a trained model: a card that says what it is, and the codes of some images."""

import math
import re
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
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
    require_value,
)
from course_utils.models import CVAE, VAE

WEIGHTS = Path(__file__).parent / "weights"
KINDS = {"VAE": VAE, "CVAE": CVAE}  # what a card may call its kind
WORDS = {
    str: "text",
    int: "a whole number",
    float: "a finite number",
    dict: "names and values",
    list: "rows of numbers",
}
CONDITIONS = ("", "label", "left half")  # what it may say that the model is given as y


@dataclass(frozen=True)
class ModelCard:
    """What one should know of a trained model before using it; `print` it.

    Args:    name: as `load_pretrained` knows it; kind, architecture: "VAE" or "CVAE", and what it
             is built with; data, command, training, seed, epochs: how it was made; test_elbo,
             test_rec, test_kl: nats per image, means over n_test binarised test images; log_px: of
             the same images by importance sampling from the encoder, log_px_draws draws each, with
             log_px_std_error, the standard error over images (that of the estimate is another,
             see drawn_lower), log_px_ess, the median effective sample size, and log_px_void, the
             share of images where it is below 10; few_...: the same by few_draws draws;
             drawn_lower, drawn_upper: by annealing from both sides, annealed_chains chains of
             annealed_temperatures temperatures for annealed_images images drawn from the model, so
             that their mean log p(x) lies between the two on average over runs; test_lower: of as
             many test images, which have a lower side alone, and test_log_px: of these as in
             log_px; ..._ess: median effective sample size; ..._acceptance: share of moves accepted,
             from below;
             sha256: of the file of weights; not_for: its limits; pixel_seed: of what binarised the
             test images; licences: of data and weights; condition: what a CVAE is given as y,
             "label" or "left half", and log_px is then log p(x | y); "" for a VAE; log: of a
             training with images held out, rows of epoch, ELBO and IW-100 of every fifth of these,
             as the weights were before they were rounded; else [].
    Raises:  ValueError if a field is of another type, a score is not finite, a count is below 1, a
             share is not in [0, 1], the kind or the condition is unknown, the three test scores do
             not fit together, or sha256 is none.
    """

    name: str
    kind: str
    architecture: dict
    data: str
    command: str
    training: str
    seed: int
    epochs: int
    n_test: int
    test_elbo: float
    test_rec: float
    test_kl: float
    few_draws: int
    few_log_px: float
    few_ess: float
    few_void: float
    log_px_draws: int
    log_px: float
    log_px_std_error: float
    log_px_ess: float
    log_px_void: float
    annealed_images: int
    annealed_chains: int
    annealed_temperatures: int
    drawn_lower: float
    drawn_lower_ess: float
    drawn_upper: float
    drawn_upper_ess: float
    drawn_acceptance: float
    test_lower: float
    test_lower_ess: float
    test_acceptance: float
    test_log_px: float
    sha256: str
    not_for: str
    pixel_seed: int
    licences: str
    condition: str = ""
    log: list = field(default_factory=list)

    def __post_init__(self) -> None:
        for one in fields(self):
            _require_type(one.name, getattr(self, one.name), one.type)
        require_known("kind of model", self.kind, list(KINDS))
        require_known("condition", self.condition, list(CONDITIONS))
        if bool(self.condition) != ("condition_dim" in self.architecture):
            raise ValueError(
                f"condition should name what goes into the condition_dim of the architecture, and "
                f'be "" where it has none, but {self.condition!r} came with {self.architecture}; '
                f"known are: {', '.join(CONDITIONS[1:])}."
            )
        counts = [f"annealed_{what}" for what in ("images", "chains", "temperatures")]
        for name in ("epochs", "n_test", "few_draws", "log_px_draws", *counts):
            require_count(**{name: getattr(self, name)})
        for name in ("few_void", "log_px_void", "drawn_acceptance", "test_acceptance"):
            value = getattr(self, name)
            require_value(name, value, 0 <= value <= 1, "a share, from 0 to 1", "")
        if not math.isclose(self.test_elbo, self.test_rec - self.test_kl, abs_tol=0.02):
            raise ValueError(
                f"test_elbo should be test_rec - test_kl, {self.test_rec} - {self.test_kl}, but "
                f"{self.test_elbo} came; were they measured in one go?"
            )
        good = re.fullmatch("[0-9a-f]{64}", self.sha256) is not None
        way = "; hashlib.sha256(...).hexdigest() gives them"
        require_value("sha256", self.sha256, good, "64 digits of 0-9 and a-f", way)

    def __str__(self) -> str:
        given = f" given the {self.condition}" * bool(self.condition)
        evidence = "log p(x | y)" if self.condition else "log p(x)"
        images, chains = f"{self.n_test:,} test images", self.annealed_chains
        below = "ESS {:z.1f} at the median, below 10 for {:z.0%} of them".format
        rows = {
            "model": f"{self.name}: {self.kind}, {self.architecture}",
            "data": self.data,
            "trained": f"{self.command} ({self.epochs} epochs, seed {self.seed}): {self.training}",
            "test ELBO": f"{self.test_elbo:z.2f} nats per image{given} over {images}, binarised "
            f"with seed {self.pixel_seed} (rec {self.test_rec:z.2f}, KL {self.test_kl:z.2f})",
            evidence: f"mean over the {images} at least {self.log_px:z.2f} nats, by "
            f"{self.log_px_draws:,} draws each ({below(self.log_px_ess, self.log_px_void)}); at "
            f"least {self.few_log_px:z.2f} by {self.few_draws:,} "
            f"({below(self.few_ess, self.few_void)}); other test images would move it by "
            f"± {self.log_px_std_error:z.2f}",
            "both sides": f"mean {evidence} of {self.annealed_images} images drawn from the model "
            f"between {self.drawn_lower:z.2f} and {self.drawn_upper:z.2f}, on average over runs, "
            f"by annealing: {chains} chains of {self.annealed_temperatures} steps (ESS "
            f"{self.drawn_lower_ess:z.1f} and {self.drawn_upper_ess:z.1f} of {chains}; "
            f"{self.drawn_acceptance:z.0%} of moves accepted)",
            "one side": f"of {self.annealed_images} test images at least {self.test_lower:z.2f} "
            f"(ESS {self.test_lower_ess:z.1f} of {chains}, {self.test_acceptance:z.0%} accepted), "
            f"by {self.log_px_draws:,} draws {self.test_log_px:z.2f}",
            "not for": self.not_for,
            "licences": self.licences,
            "SHA-256": self.sha256,
        }
        width = max(map(len, rows)) + 1
        return "\n".join(f"{name:<{width}} {text}" for name, text in rows.items())


def _require_type(name: str, value: object, kind: type) -> None:
    """Refuse a field of another type than the card's, and a score that is not finite."""
    fits = isinstance(value, int | float if kind is float else kind)
    if not fits or isinstance(value, bool) or (kind is float and not abs(value) < 1e300):
        came = f"{reprlib.repr(value)} came; was it changed by hand?"
        raise ValueError(f"{name} should be {WORDS[kind]}, but {came}")


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
        dtype = self.labels.dtype
        require_value("labels", dtype, dtype == torch.int64, "int64", "; try labels.long()")

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.mu, self.log_var, self.labels))

    def __repr__(self) -> str:
        return f"Codes({len(self)} images, L = {self.mu.shape[1]})"
