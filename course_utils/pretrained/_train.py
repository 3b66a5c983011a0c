"""How the bundled models are made: `python -m course_utils.pretrained mnist-2d`.

Train on the real files, round to half precision, measure what is left, write weights and card.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
import torch
from torch import Generator, Tensor

from course_utils.data import ImageData, load
from course_utils.models import CVAE, VAE
from course_utils.pretrained._card import KINDS, WEIGHTS, ModelCard
from course_utils.pretrained._load import build
from course_utils.pretrained._measure import measure, watch
from course_utils.training import History, fit

PROGRAM = "python -m course_utils.pretrained"
NOT_FOR = (
    "reading digits where a mistake costs something (cheques, post codes), judging a writer by "
    "the hand, or comparing log p(x) with models of grey or otherwise binarised pixels"
)
DATA = "MNIST, {}, every pixel 1 with probability its grey value, drawn anew at each use"
LICENCES = "MNIST (LeCun, Cortes, Burges): CC BY-SA 3.0; these weights: MIT, as the course"
PIXEL_SEED = 0
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


class Stage(NamedTuple):
    """A call of fit: passes over the data, Adam's rate, weight of the KL, draws of z."""

    epochs: int
    learning_rate: float
    beta: float = 1.0
    n_draws: int = 1


@dataclass(frozen=True)
class Recipe:
    """What one of the models is and is given, and the stages of its training.

    held_out: how many of the last training images it never sees, by which the recipe was chosen;
    from_mean: whether the decoder begins with the mean picture for every z, by its last bias;
    temperatures: of the annealing that measures it, more for more latents in use.
    """

    architecture: dict
    stages: tuple[Stage, ...]
    kind: str = "VAE"
    condition: str = ""
    seed: int = 0
    batch_size: int = 128
    held_out: int = 0
    from_mean: bool = False
    temperatures: int = 200

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    def in_words(self) -> str:
        """What the stages make larger, and how fast."""
        parts, rates = [], [stage.learning_rate for stage in self.stages]
        for (warm, k), group in groupby(self.stages, lambda one: (one.beta != 1, one.n_draws)):
            stages = list(group)
            what = "the ELBO" if k == 1 else f"the bound of {k} weights"
            if warm:
                what += f" with KL weight {stages[0].beta:g} to {stages[-1].beta:g}"
            parts.append(f"{sum(stage.epochs for stage in stages)} by {what}")
        start = ", from the mean picture" * self.from_mean
        how = f"Adam at {max(rates):g} to {min(rates):g}, batches of {self.batch_size}{start}"
        return f"{', '.join(parts)}; {how}"


def _build(*image_shape: int, hidden: list[int], **others: int | str) -> dict:
    """For pixels of 0 and 1, in the order of the bundled cards."""
    return {"image_shape": list(image_shape)} | others | {"hidden": hidden}


def _in_fifty_latents(epochs: Sequence[int], rates: Sequence[float], draws: Sequence[int]):
    """By the ELBO, its KL with a growing weight at first, and then by these stages."""
    warm_up = [Stage(2, 1e-3, beta / 10) for beta in (1, 3, 5, 7, 9)]
    network = _build(28, 28, latent_dim=50, hidden=[500, 300])
    stages = zip(epochs, rates, draws, strict=True)
    stages = (*warm_up, *(Stage(n, rate, n_draws=k) for n, rate, k in stages))
    how = {"batch_size": 200, "held_out": 5000, "from_mean": True, "temperatures": 1400}
    return Recipe(network, stages, **how)


FALLING = 1e-3, 5e-4, 2.5e-4, 1e-4, 4e-5, 1.6e-5
BY_ELBO = _in_fifty_latents((150, 60, 100, 50, 30, 10), FALLING, (1,) * 6)
BY_WEIGHTS = _in_fifty_latents((60, 60, 30, 15, 12, 8), (1e-3, *FALLING[:5]), (1, 5, 5, 20, 20, 20))
SHORT, LONG = ((Stage(n, 1e-3), Stage(n // 4, 3e-4), Stage(n // 4, 1e-4)) for n in (40, 80))
CLASSES = _build(28, 28, latent_dim=2, condition_dim=10, prior_kind="fixed", hidden=[256, 256])
HALVES = _build(28, 14, latent_dim=16, condition_dim=392, prior_kind="learned", hidden=[160, 160])
RECIPES = {
    "mnist-2d": Recipe(_build(28, 28, latent_dim=2, hidden=[512, 256]), SHORT),
    "mnist-20d": Recipe(_build(28, 28, latent_dim=20, hidden=[400]), LONG, temperatures=600),
    "mnist-50d": BY_WEIGHTS,
    "mnist-cvae": Recipe(CLASSES, SHORT, "CVAE", "label"),
    "mnist-half": Recipe(HALVES, SHORT, "CVAE", "left half", temperatures=400),
    "mnist-50d-elbo": BY_ELBO,  # not bundled, but measured beside it
}
EVERY = 10  # which test images have their codes bundled: all parts of the set, since they differ


def main(arguments: Sequence[str] | None = None) -> int:
    """Train one model and write it, or measure one; return the exit code."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Train a bundled model anew.")
    parser.add_argument("name", choices=RECIPES, help="which")
    where = "where to write; the bundled ones' folder"
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=WEIGHTS, help=where)
    alone = "train nothing: write a card of the weights that are there"
    parser.add_argument("--measure", action="store_true", help=alone)
    options = parser.parse_args(arguments)
    path, recipe = options.out / f"{options.name}.safetensors", RECIPES[options.name]
    try:
        _make_folder(options.out)  # before, not after, the minutes of training
        data = load("mnist")
        content = path.read_bytes() if options.measure else None
        if options.measure:
            _open(recipe, content)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    except (safetensors.SafetensorError, KeyError, RuntimeError) as error:
        came = f"{type(error).__name__} came; without --measure it is made anew."
        print(f"{path} should hold the weights of {options.name}, but {came}", file=sys.stderr)
        return 1
    if content is None:
        model = train(recipe, data)
        if model is None:
            return 1
        content = pack(model, recipe, data)
        _replace(path, content)
        again = f'`{PROGRAM} {options.name} --measure --out "{options.out}"`'
        print(f"Weights are written. Now their card; should that be broken off: {again}")
    card = make_card(options.name, content, data)
    _replace(path.with_suffix(".json"), _as_json(card).encode())
    print(f"{card}\nWeights and card are in {options.out}")
    return 0


def train(recipe: Recipe, data: ImageData) -> VAE | CVAE | None:
    """The model after all stages, rounded to halves; None, and a sentence, if fit was stopped."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = KINDS[recipe.kind](**recipe.architecture)
    seen = len(data.train) - recipe.held_out
    parts = INPUTS[recipe.condition](data.train.images, data.train)
    inputs = tuple(part[:seen] for part in parts)
    if recipe.from_mean:
        with torch.no_grad():
            model.decoder[-1].bias.copy_(inputs[0].mean(dim=0).flatten().logit(eps=1e-3))
    given, history, log = inputs if recipe.condition else inputs[0], None, []
    how = {"seed": recipe.seed, "fast": True, "batch_size": recipe.batch_size}
    if recipe.held_out:
        how["callbacks"] = [partial(_note, log, parts[0][seen:])]
    for stage in recipe.stages:
        history = fit(model, given, history=history, **how, **stage._asdict())
        if history.stopped:
            print(f"Nothing was written: {history.stopped}", file=sys.stderr)
            return None
    model.log = log
    return model.half().float().eval()


def _note(log: list, grey: Tensor, model: VAE, history: History) -> None:
    """Every tenth epoch: its number, the ELBO and IW-100 of held-out images."""
    if len(history) % 10 == 0:
        log.append([len(history), *watch(model, grey)])


def make_card(name: str, content: bytes, data: ImageData) -> ModelCard:
    """Measure the model of a file of weights on the test images."""
    recipe = RECIPES[name]
    model = _open(recipe, content)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    seen = f"{len(data.train) - recipe.held_out:,} training images"
    held_out = f"; the last {recipe.held_out:,} were held out, to choose the recipe by"
    return ModelCard(
        name=name,
        kind=recipe.kind,
        architecture=recipe.architecture,
        data=DATA.format(seen) + held_out * bool(recipe.held_out) + DETAILS[recipe.condition],
        command=f"{PROGRAM} {name}",
        training=recipe.in_words(),
        seed=recipe.seed,
        epochs=recipe.epochs,
        **measure(model, recipe.temperatures, *_test_inputs(recipe, data)),
        sha256=hashlib.sha256(content).hexdigest(),
        not_for=NOT_FOR,
        pixel_seed=PIXEL_SEED,
        licences=LICENCES,
        condition=recipe.condition,
        log=json.loads(header.get("__metadata__", {}).get("log", "[]")),
    )


def _open(recipe: Recipe, content: bytes) -> VAE | CVAE:
    """The model in a file of weights."""
    return build(recipe.kind, recipe.architecture, safetensors.torch.load(content))


def _test_inputs(recipe: Recipe, data: ImageData) -> tuple[Tensor, ...]:
    """x, or x and y, of all test images, the pixels 0 or 1."""
    test = data.test.binarized(generator=Generator().manual_seed(PIXEL_SEED))
    return INPUTS[recipe.condition](test.images, data.test)


def _as_json(card: ModelCard) -> str:
    """All fields, save a condition and a log that there are not; a row of the log on each line."""
    fields = {name: value for name, value in vars(card).items() if value not in ("", [])}
    text = json.dumps(fields | {"log": []} if card.log else fields, indent=2) + "\n"
    rows = ",\n    ".join(map(json.dumps, card.log))
    return text.replace('"log": []', f'"log": [\n    {rows}\n  ]')


@torch.no_grad()
def pack(model: VAE | CVAE, recipe: Recipe, data: ImageData) -> bytes:
    """The file of weights: these and codes in half precision, labels in bytes, and the log."""
    mu, log_var = model.encode(*(part[::EVERY] for part in _test_inputs(recipe, data)))
    halves = {key: weight.half() for key, weight in model.state_dict().items()}
    halves |= {"codes.mu": mu.half(), "codes.log_var": log_var.half()}
    labels = data.test.labels[::EVERY].to(torch.uint8)
    log = {"log": json.dumps(model.log)} if model.log else None
    return safetensors.torch.save(halves | {"codes.labels": labels}, log)


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
