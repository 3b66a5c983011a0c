"""How the bundled models are made: `python -m course_utils.pretrained mnist-2d`.

Train on the real files, round to half precision, measure what is left, write weights and card.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Generator, Tensor
from tqdm.auto import tqdm

from course_utils.data import ImageData, load
from course_utils.estimators import importance_sampling
from course_utils.models import CVAE, VAE
from course_utils.pretrained._card import KINDS, WEIGHTS, ModelCard
from course_utils.training import fit

PROGRAM = "python -m course_utils.pretrained"
NOT_FOR = (
    "reading digits where a mistake costs something (cheques, post codes), judging a writer by "
    "the hand, or comparing log p(x) with models of grey or otherwise binarised pixels"
)
DATA = (
    "MNIST, {:,} training images, every pixel 1 with probability its grey value, drawn anew at "
    "each use"
)
DETAILS = {
    "": "",
    "label": "; y is the label",
    "left half": "; x is the right 14 columns, y the left 14, grey as they are",
}
# By condition: x, or x and y, of pictures as the pixels to model and of the set that they are of.
INPUTS: dict[str, Callable[[Tensor, ImageData], tuple[Tensor, ...]]] = {
    "": lambda x, grey: (x,),
    "label": lambda x, grey: (x, grey.labels),
    "left half": lambda x, grey: (x[..., 14:], grey.images[..., :14]),
}


@dataclass(frozen=True)
class Recipe:
    """What one of the models is and is given; its training: stages of (epochs, learning rate)."""

    architecture: dict
    stages: tuple[tuple[int, float], ...]
    kind: str = "VAE"
    condition: str = ""
    seed: int = 0

    @property
    def epochs(self) -> int:
        return sum(epochs for epochs, _ in self.stages)


def _build(*image_shape: int, hidden: list[int], **others: int | str) -> dict:
    """For pixels of 0 and 1, in the order of the bundled cards."""
    return {"image_shape": list(image_shape)} | others | {"hidden": hidden}


SHORT, LONG = (((n, 1e-3), (n // 4, 3e-4), (n // 4, 1e-4)) for n in (40, 80))
CLASSES = _build(28, 28, latent_dim=2, condition_dim=10, prior_kind="fixed", hidden=[256, 256])
HALVES = _build(28, 14, latent_dim=16, condition_dim=392, prior_kind="learned", hidden=[160, 160])
RECIPES = {
    "mnist-2d": Recipe(_build(28, 28, latent_dim=2, hidden=[512, 256]), SHORT),
    "mnist-20d": Recipe(_build(28, 28, latent_dim=20, hidden=[400]), LONG),
    "mnist-cvae": Recipe(CLASSES, SHORT, "CVAE", "label"),
    "mnist-half": Recipe(HALVES, SHORT, "CVAE", "left half"),
}
EVERY = 10  # which test images have their codes bundled: all parts of the set, since they differ
N_EVIDENCE, DRAWS = 1000, 500  # the first test images, as is usual, and draws for each of them


def main(arguments: Sequence[str] | None = None) -> int:
    """Train one model and write it; return the exit code."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Train a bundled model anew.")
    parser.add_argument("name", choices=RECIPES, help="which")
    where = "where to write; the bundled ones' folder"
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=WEIGHTS, help=where)
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


def train(recipe: Recipe, data: ImageData) -> VAE | CVAE | None:
    """The model after all stages, rounded to halves; None, and a sentence, if fit was stopped."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = KINDS[recipe.kind](**recipe.architecture)
    inputs = INPUTS[recipe.condition](data.train.images, data.train)
    given, history = inputs if recipe.condition else inputs[0], None
    how = {"seed": recipe.seed, "fast": True}
    for n, rate in recipe.stages:
        history = fit(model, given, epochs=n, learning_rate=rate, history=history, **how)
        if history.stopped:
            print(f"Nothing was written: {history.stopped}", file=sys.stderr)
            return None
    return model.half().float().eval()


def write(name: str, model: VAE | CVAE, data: ImageData, folder: Path) -> ModelCard:
    """Measure a model on the test images; write NAME.safetensors and NAME.json, the card."""
    recipe, test = RECIPES[name], data.test.binarized(generator=Generator().manual_seed(0))
    inputs = INPUTS[recipe.condition](test.images, data.test)
    content = safetensors.torch.save(_halve(model, test.labels, *inputs))
    card = ModelCard(
        name=name,
        kind=recipe.kind,
        architecture=recipe.architecture,
        data=DATA.format(len(data.train)) + DETAILS[recipe.condition],
        command=f"{PROGRAM} {name}",
        seed=recipe.seed,
        epochs=recipe.epochs,
        **measure(model, *inputs),
        sha256=hashlib.sha256(content).hexdigest(),
        not_for=NOT_FOR,
        condition=recipe.condition,
    )
    _replace(folder / f"{name}.safetensors", content)
    _replace(folder / f"{name}.json", _as_json(card).encode())
    return card


def _as_json(card: ModelCard) -> str:
    """All fields, save a condition that there is not: cards from before there were any stay so."""
    fields = dataclasses.asdict(card)
    if not card.condition:
        del fields["condition"]
    return json.dumps(fields, indent=2) + "\n"


@torch.no_grad()
def _halve(model: VAE | CVAE, labels: Tensor, *inputs: Tensor) -> dict[str, Tensor]:
    """Weights and codes in half precision, labels in bytes."""
    mu, log_var = model.encode(*(part[::EVERY] for part in inputs))
    halves = {key: weight.half() for key, weight in model.state_dict().items()}
    halves |= {"codes.mu": mu.half(), "codes.log_var": log_var.half()}
    return halves | {"codes.labels": labels[::EVERY].to(torch.uint8)}


@torch.no_grad()
def measure(model: VAE | CVAE, x: Tensor, *y: Tensor, seed: int = 0) -> dict[str, float]:
    """The scores of a card: ELBO of all x (0s and 1s, one draw each), log p(x) of the first 1000.

    Args:    x: (N, H, W); y: the condition, of a CVAE; seed: of the draws from q.
    Returns: the fields of ModelCard from n_test to log_px_images, nats per image.
    """
    noise = Generator().manual_seed(seed + 1)  # another stream than what binarised x
    parts = zip(*(model.elbo(*part, generator=noise) for part in _split(1000, x, *y)), strict=True)
    elbo, rec, kl = (torch.cat(part).double() for part in parts)
    log_px = estimate_evidence(model, *(part[:N_EVIDENCE] for part in (x, *y)), generator=noise)
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
def estimate_evidence(model: VAE | CVAE, x: Tensor, *y: Tensor, generator: Generator) -> Tensor:
    """log p(x), or log p(x | y), by draws from the encoder, (N,) nats, under a progress bar."""
    log_px = []
    for part in tqdm(_split(50, x, *y), desc="log p(x)", unit="batch", leave=False):
        known = model.given(*part[1:]) if y else model
        q = model.encode(*part)
        log_px += [importance_sampling(known, part[0], q, DRAWS, generator=generator).log_px]
    return torch.cat(log_px)


def _split(n: int, *tensors: Tensor) -> list[tuple[Tensor, ...]]:
    """Rows of all tensors together, n at a time."""
    return list(zip(*(tensor.split(n) for tensor in tensors), strict=True))


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
