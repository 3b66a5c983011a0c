"""How the bundled models are made: `python -m course_utils.pretrained mnist-2d`.

Train on the real files, round to half precision, measure what is left, write weights and card.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Generator, Tensor
from tqdm.auto import tqdm

from course_utils._model_card import KINDS, WEIGHTS, ModelCard
from course_utils.data import ImageData, load
from course_utils.estimators import importance_sampling
from course_utils.models import VAE
from course_utils.training import fit

NOT_FOR = (
    "reading digits where a mistake costs something (cheques, post codes), judging a writer by "
    "the hand, or comparing log p(x) with models of grey or otherwise binarised pixels"
)
DATA = (
    "MNIST, {:,} training images, every pixel 1 with probability its grey value, drawn anew at "
    "each use"
)


@dataclass(frozen=True)
class Recipe:
    """What one of the models is and how it is trained: stages of (epochs, learning rate)."""

    architecture: dict
    stages: tuple[tuple[int, float], ...]
    kind: str = "VAE"
    seed: int = 0

    @property
    def epochs(self) -> int:
        """Of all stages together."""
        return sum(epochs for epochs, _ in self.stages)


def _vae(latent_dim: int, *hidden: int) -> dict:
    """A VAE for 28x28 pixels of 0 and 1."""
    return {"image_shape": [28, 28], "latent_dim": latent_dim, "hidden": list(hidden)}


RECIPES = {
    "mnist-2d": Recipe(_vae(2, 512, 256), ((40, 1e-3), (10, 3e-4), (10, 1e-4))),
    "mnist-20d": Recipe(_vae(20, 400), ((80, 1e-3), (20, 3e-4), (20, 1e-4))),
}
EVERY = 10  # which test images have their codes bundled: all parts of the set, since they differ
N_EVIDENCE, DRAWS = 1000, 500  # the first test images, as is usual, and draws for each of them


def main(arguments: Sequence[str] | None = None) -> int:
    """Train one model and write it; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.pretrained", description="Train a bundled model anew."
    )
    parser.add_argument("name", choices=RECIPES, help="which")
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        default=WEIGHTS,
        help="where to write; the bundled ones' folder",
    )
    options = parser.parse_args(arguments)
    try:
        _make_folder(options.out)  # before, not after, the minutes of training
        data = load("mnist")
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    model = train(RECIPES[options.name], data)
    if model is None:
        return 1
    card = write(options.name, model, data, options.out)
    print(f"{card}\nWeights and card are in {options.out}")
    return 0


def train(recipe: Recipe, data: ImageData) -> VAE | None:
    """The model after all stages, rounded to halves; None, and a sentence, if fit was stopped."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = KINDS[recipe.kind](**recipe.architecture)
    history = None
    for epochs, learning_rate in recipe.stages:
        with _quick_products():
            history = fit(
                model,
                data,
                epochs=epochs,
                learning_rate=learning_rate,
                seed=recipe.seed,
                history=history,
            )
        if history.stopped:
            print(f"Nothing was written: {history.stopped}", file=sys.stderr)
            return None
    return model.half().float().eval()


@contextmanager
def _quick_products() -> Iterator[None]:
    """Factors of matrix products in bfloat16: two fifths less time where the processor has it."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def write(name: str, model: VAE, data: ImageData, folder: Path) -> ModelCard:
    """Measure a model on the test images; write NAME.safetensors and NAME.json, the card."""
    recipe, test = RECIPES[name], data.test.binarized(generator=_seeded(0))
    content = safetensors.torch.save(_halves(model, test))
    card = ModelCard(
        name=name,
        kind=recipe.kind,
        architecture=recipe.architecture,
        data=DATA.format(len(data.train)),
        command=f"python -m course_utils.pretrained {name}",
        seed=recipe.seed,
        epochs=recipe.epochs,
        **measure(model, test.images),
        sha256=hashlib.sha256(content).hexdigest(),
        not_for=NOT_FOR,
    )
    text = json.dumps(dataclasses.asdict(card), indent=2) + "\n"
    _replace(folder / f"{name}.safetensors", content)
    _replace(folder / f"{name}.json", text.encode())
    return card


@torch.no_grad()
def _halves(model: VAE, test: ImageData) -> dict[str, Tensor]:
    """Weights and codes in half precision, labels in bytes."""
    mu, log_var = model.encode(test.images[::EVERY])
    halves = {key: weight.half() for key, weight in model.state_dict().items()}
    halves |= {"codes.mu": mu.half(), "codes.log_var": log_var.half()}
    return halves | {"codes.labels": test.labels[::EVERY].to(torch.uint8)}


@torch.no_grad()
def measure(model: VAE, x: Tensor, *, seed: int = 0) -> dict[str, float]:
    """The scores of a card: ELBO of all x (0s and 1s, one draw each), log p(x) of the first 1000.

    Args:    x: (N, H, W); seed: of the draws from q.
    Returns: the fields of ModelCard from n_test to log_px_images, nats per image.
    """
    noise = _seeded(seed + 1)  # another stream than the one that binarised x
    parts = zip(*(model.elbo(part, generator=noise) for part in x.split(1000)), strict=True)
    elbo, rec, kl = (torch.cat(part).double() for part in parts)
    log_px = evidence(model, x[:N_EVIDENCE], generator=noise)
    return {
        "n_test": len(x),
        "test_elbo": round(elbo.mean().item(), 3),
        "test_rec": round(rec.mean().item(), 3),
        "test_kl": round(kl.mean().item(), 3),
        "log_px": round(log_px.mean().item(), 3),
        "log_px_std_error": round(log_px.std().item() / len(log_px) ** 0.5, 3),
        "log_px_elbo": round(elbo[: len(log_px)].mean().item(), 3),
        "log_px_draws": DRAWS,
        "log_px_images": len(log_px),
    }


@torch.no_grad()
def evidence(model: VAE, x: Tensor, *, generator: Generator) -> Tensor:
    """log p(x) by importance sampling from the encoder, (N,) nats, under a progress bar."""
    parts = tqdm(x.split(50), desc="log p(x)", unit="batch", leave=False)
    return torch.cat(
        [
            importance_sampling(model, part, model.encode(part), DRAWS, generator=generator).log_px
            for part in parts
        ]
    )


def _make_folder(folder: Path) -> None:
    """Make the folder that the files will go to, or refuse with the reason."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} cannot be written; name another folder with --out.")


def _replace(path: Path, content: bytes) -> None:
    """Write a file under its name only once it is whole."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)
