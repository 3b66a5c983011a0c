"""The bundled models under test: their names, their inputs, seeded numbers."""

import pytest
import torch

from course_utils.data import ImageData
from course_utils.pretrained import NAMES
from course_utils.pretrained import _train as _pretraining

ASKED = {"mnist-cvae": torch.arange(5), "mnist-half": torch.ones(5, 28, 14) / 2}  # y, else n = 5
each = pytest.mark.parametrize("name", NAMES)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def inputs(model, data: ImageData, seed: int, rows: slice = slice(None)) -> list[torch.Tensor]:
    """x, or x and y: the pixels 0 or 1, and from them or from the grey ones what is given."""
    pixels = data.binarized(generator=seeded(seed)).images
    return [part[rows] for part in _pretraining.INPUTS[model.card.condition](pixels, data)]
