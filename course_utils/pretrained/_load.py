"""Trained models that come with the course: weights, codes, and a card that says what they are.

    model = load_pretrained("mnist-2d")
    print(model.card)      # how it was trained, how good it is, what it is not for
    model.codes            # q(z | x) of 1000 test images, without the images

Three are VAEs; "mnist-cvae" and "mnist-half" are CVAEs, and their cards name the condition y.

One command trains one of them anew from the real files, and writes weights and card:

    python -m course_utils.pretrained mnist-2d                  # in place of the bundled one
    python -m course_utils.pretrained mnist-2d --out FOLDER     # beside it
    python -m course_utils.pretrained mnist-2d --measure        # its card alone, of its weights

Its seeds are fixed, but sums in floats differ between processors and versions of torch, and a
training carries that on: elsewhere expect similar scores, not the same bytes.
"""

import json
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from course_utils._paths import as_path, read_bundled, read_known, tell_checkout
from course_utils._require import require_known, require_value
from course_utils.models import CVAE, VAE
from course_utils.pretrained._card import KINDS, WEIGHTS, Codes, ModelCard

NAMES = ("mnist-2d", "mnist-20d", "mnist-50d", "mnist-cvae", "mnist-half")


def load_pretrained(name: str, *, folder: str | Path | None = None) -> VAE | CVAE:
    """A trained model, ready to use: float32, in eval mode, with `.card` and `.codes`.

    Args:    name: "mnist-2d" (L = 2, to look at), "mnist-50d" (L = 50, the best of them),
             "mnist-20d" (L = 20, small), "mnist-cvae" (L = 2, asked for a digit by its label) or
             "mnist-half" (L = 16, the right half of a picture given the left one, grey, by a prior
             that it has learned);
             folder: where the command above wrote it with --out; without it the bundled one.
    Returns: VAE, or CVAE for the last two; `.card` is a ModelCard; `.codes` are the Codes of every
             tenth test image, that is of load("mnist").test.images[::10], binarised; those of a
             CVAE are of q(z | x, y).
    Raises:  ValueError for another name, or if a file is not the one that the card stands for (by
             SHA-256, before anything is read from it); FileNotFoundError if it is not there.

    The weights are half-precision numbers, each of which float32 holds exactly: whoever decodes
    the file computes with the same model.

    >>> load_pretrained("mnist-2d")
    VAE(784-512-256-2, bernoulli, 1,068,820 parameters)
    >>> load_pretrained("mnist-cvae").card.condition
    'label'
    """
    require_known("pretrained model", name, list(NAMES))
    folder = WEIGHTS if folder is None else as_path(folder)
    card = _read_card(folder / f"{name}.json", name)
    path = folder / f"{name}.safetensors"
    tensors = safetensors.torch.load(read_known(path, card.sha256, _mend(path)))
    try:
        model = build(card.kind, card.architecture, tensors)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        no_fit = "the weights have other names or shapes."
        raise ValueError(
            f"{folder / name}.json should hold kind and architecture of the weights beside it, but "
            f"{card.kind} and {str(card.architecture)[:200]} came: "
            f"{no_fit if isinstance(error, RuntimeError) else error} {_mend(path)}"
        ) from None
    model.card = card
    return model


def build(kind: str, architecture: dict, tensors: dict[str, Tensor]) -> VAE | CVAE:
    """The model of these weights, in eval mode, with its codes."""
    tensors = dict(tensors)
    mu, log_var, labels = (tensors.pop(f"codes.{part}") for part in ("mu", "log_var", "labels"))
    with torch.device("meta"):  # no initial weights: drawing takes time and random numbers
        model = KINDS[kind](**architecture)
    model.load_state_dict({key: half.float() for key, half in tensors.items()}, assign=True)
    model.codes = Codes(mu.float(), log_var.float(), labels.long())
    return model.eval()


def _read_card(path: Path, name: str) -> ModelCard:
    """The card, or a refusal that says how to get it back."""
    try:
        card = ModelCard(**json.loads(read_bundled(path, _mend(path))))
        require_value("name", card.name, card.name == name, repr(name), "")
        return card
    except (ValueError, TypeError, RecursionError) as error:  # no JSON, other fields or values
        raise ValueError(f"{path} should hold a model card, but: {error} {_mend(path)}") from None


def _mend(path: Path) -> str:
    """How to get a file of weights, or a card, back."""
    if path.parent == WEIGHTS:
        return tell_checkout(path)
    return f'`python -m course_utils.pretrained {path.stem} --out "{path.parent}"` makes it anew.'
