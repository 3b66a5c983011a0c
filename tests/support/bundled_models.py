"""The bundled models under test: their inputs."""

import torch
from routes import generator

from course_utils.data import ImageData
from course_utils.pretrained import _train as _pretraining

ASKED = {"mnist-cvae": torch.arange(5), "mnist-half": torch.ones(5, 28, 14) / 2}  # y, else n = 5


def inputs(model, data: ImageData, seed: int, rows: slice = slice(None)) -> list[torch.Tensor]:
    """x, or x and y: the pixels 0 or 1, and from them or from the grey ones what is given."""
    pixels = data.binarized(generator=generator(seed)).images
    return [part[rows] for part in _pretraining.INPUTS[model.card.condition](pixels, data)]
