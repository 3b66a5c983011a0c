"""Data as `fit` needs it: tensors in memory, checked once, handed out a batch at a time."""

import inspect
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils._inputs import as_floats, is_labels, require_condition, require_pictures
from course_utils._require import require_tensor
from course_utils.data import ImageData


@dataclass(frozen=True, eq=False)
class Batches:
    """Images x and, where there is one, a condition y for each."""

    x: Tensor  # (N, D) or (N, H, W), floats in [0, 1] or bytes
    y: Tensor | None  # whole numbers (N,), floats or bytes (N, ...)
    classes: int | None  # length of the one-hot rows that whole numbers become; None: they stay
    binarize: bool  # whether x comes out as fresh 0s and 1s
    device: torch.device  # where floats come out
    dtype: torch.dtype  # and as what

    def __len__(self) -> int:
        """N, the number of images."""
        return len(self.x)

    def take(self, index: Tensor, draws: np.random.Generator) -> tuple[Tensor, ...]:
        """Some rows as (x,) or (x, y); x is binarised with numbers from draws, y never."""
        # index_select takes a tenth of the time of x[index].
        x = as_floats(self.x.index_select(0, index))
        if self.binarize:
            # P(1) = x to 24 bits. NumPy draws floats in two thirds of torch.rand's time, and
            # lt with an out of floats spares the way by a tensor of bools.
            noise = torch.from_numpy(draws.random(tuple(x.shape), dtype=np.float32))
            x = torch.lt(noise, x, out=noise)
        x = x.to(self.device, self.dtype)
        return (x,) if self.y is None else (x, self._take_condition(index))

    def _take_condition(self, index: Tensor) -> Tensor:
        y = self.y.index_select(0, index)
        if is_labels(y) and self.classes is None:
            return y.to(self.device)
        y = functional.one_hot(y.long(), self.classes) if is_labels(y) else y
        return as_floats(y).to(self.device, self.dtype)


def make_batches(
    model: nn.Module, data: object, *, binarize: bool, device: torch.device
) -> tuple[Batches, Batches | None]:
    """What to train on and, where the data have parts, what to test on.

    Raises:  ValueError if the data are of an unknown kind, empty, not in [0, 1] or of another size
             than the model's, or the condition is missing or not for this model.
    """
    condition_dim = getattr(model, "condition_dim", None)
    pairs = _split_pairs(data, conditional=condition_dim is not None)
    if isinstance(model, nn.Module):
        _require_y(pairs[0][1], condition_dim)
    _require_elbo(model, 1 if pairs[0][1] is None else 2)
    for x, y in pairs:
        require_pictures(x, getattr(model, "image_shape", None))
        _require_in_memory("x", x)
        _require_condition(y, len(x), condition_dim)
    how = condition_dim, bool(binarize), device, next(model.parameters()).dtype
    made = [Batches(x.detach(), None if y is None else y.detach(), *how) for x, y in pairs]
    return made[0], (made[1] if len(made) == 2 else None)


def _split_pairs(data: object, *, conditional: bool) -> list[tuple]:
    """(x, y or None) of the training images, then of the test images if there are any."""
    if isinstance(data, ImageData):
        parts = [data] if data.n_train is None else [data.train, data.test]
        return [(part.images, part.labels if conditional else None) for part in parts]
    if isinstance(data, tuple) and len(data) == 2:
        return [data]
    if isinstance(data, Tensor):
        return [(data, None)]
    size = f" of {len(data)}" if isinstance(data, (tuple, list)) else ""
    hint = "torch.as_tensor(data)" if isinstance(data, np.ndarray) else 'load("strokes")'
    came = f"a {type(data).__name__}{size} came; try {hint}"
    raise ValueError(
        f"data should be an ImageData, a tensor x or a tuple (x, y) of tensors, but {came}. "
        "Shuffling and batches are made by fit itself, so it takes the tensors behind a DataLoader."
    )


def _require_elbo(model: object, n_inputs: int) -> None:
    if not isinstance(model, nn.Module) or not callable(getattr(model, "elbo", None)):
        came = f"a {type(model).__name__} came; try VAE((28, 28), latent_dim=2)."
        raise ValueError(f"model should be a torch.nn.Module with a method elbo, but {came}")
    if not any(weight.requires_grad for weight in model.parameters()):
        hint = "are its layers attributes of it, in an nn.ModuleList rather than a list?"
        came = f"none with requires_grad came; {hint}"
        raise ValueError(f"model should have weights to train, but {came}")
    try:
        inspect.signature(model.elbo).bind(*[None] * n_inputs, generator=None)
    except TypeError as error:
        expected = "elbo(x, y, *, generator)" if n_inputs == 2 else "elbo(x, *, generator)"
        hint = "data with a condition are a tuple (x, y), others x alone."
        came = f"its elbo has another signature ({error}); {hint}"
        words = f"for these data the model should have {expected}, but {came}"
        raise ValueError(words) from None


def _require_y(y: object, condition_dim: int | None) -> None:
    if y is None and condition_dim is not None:
        expected = f"a condition y of {condition_dim} numbers with each image"
        came = "x came alone; try fit(model, (x, y), ...) with labels as y."
        raise ValueError(f"this model expects {expected}, but {came}")


def _require_condition(y: object, n: int, condition_dim: int | None) -> None:
    if y is None:
        return
    require_tensor(y=y)
    _require_in_memory("y", y)
    if y.dim() == 0 or len(y) != n:
        came = f"{n} images came with y of shape {tuple(y.shape)}; y[i] belongs to x[i]."
        raise ValueError(f"x and y should be equally long, but {came}")
    require_condition(y, condition_dim)


def _require_in_memory(name: str, t: Tensor) -> None:
    """Refuse data on a device: batches are cut in main memory and moved one by one."""
    if t.device.type != "cpu":
        hint = f"try {name}.cpu(): fit moves each batch to the device it is given."
        raise ValueError(f"{name} should be in main memory, but it is on {t.device}; {hint}")
