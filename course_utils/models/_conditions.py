"""A condition y as the networks take it: rows of numbers, one for each picture or one for all."""

import torch
from torch import Tensor
from torch.nn import functional

from course_utils._require import require_finite, require_not_empty
from course_utils.models._networks import PictureNet


def make_rows(model: PictureNet, y: Tensor) -> Tensor:
    """Labels (B,) as one-hot rows, numbers (B, C) or pictures (B, H, W) as they are: (B, C).

    Raises:  ValueError if y is nothing of that, or has not model.condition_dim numbers in a row.
    """
    require_not_empty(y=y)
    if y.dim() <= 1 and not y.dtype.is_floating_point:
        return _one_hot(y.reshape(-1).long(), model.condition_dim).to(**model.like())  # (B, C)
    if y.dim() < 2 or y[0].numel() != model.condition_dim:
        raise ValueError(
            f"y should be (B,) labels or {model.condition_dim} numbers for each picture, but "
            f"{y.dtype} of shape {tuple(y.shape)} came; labels are whole numbers (y.long()), and "
            f"a single condition is a row of its own (y[None])."
        )
    if y.dtype == torch.uint8:
        raise ValueError(
            "y should be floats, but bytes came, which may be grey levels or 0s and 1s; "
            "try y / 255 for the one, y.float() for the other."
        )
    require_finite(y=y)
    return y.flatten(1).to(**model.like())  # (B, C) or (B, H, W) -> (B, C)


def expand_rows(y: Tensor, n: int, whose: str = "x") -> Tensor:
    """One row of y for each of n examples; one row alone is repeated.

    Raises:  ValueError if there are neither one nor n.
    """
    if len(y) not in (1, n):
        raise ValueError(
            f"y should have {n} rows, one for each {whose}, or one row for all, but {len(y)} "
            f"came; y[i] belongs to {whose}[i]."
        )
    return y.expand(n, -1)  # (1, C) -> (n, C)


def _one_hot(labels: Tensor, classes: int) -> Tensor:
    """Rows of zeros with a one at the label."""
    low, high = labels.min().item(), labels.max().item()
    if low < 0 or high >= classes:
        raise ValueError(
            f"labels should lie from 0 to {classes - 1}, since the model has condition_dim "
            f"{classes}, but labels from {low} to {high} came."
        )
    return functional.one_hot(labels, classes)  # (B,) -> (B, C)
