"""A condition y as the networks take it: rows of numbers, one for each picture or one for all."""

from torch import Tensor
from torch.nn import functional

from course_utils._inputs import as_floats, is_labels, require_condition
from course_utils.models._networks import PictureNet


def make_rows(model: PictureNet, y: Tensor) -> Tensor:
    """Labels (B,) as one-hot rows, numbers (B, C) or pictures (B, H, W) as they are: (B, C).

    Raises:  ValueError if y is nothing of that, or has not model.condition_dim numbers in a row.
    """
    require_condition(y, model.condition_dim)
    if is_labels(y):
        y = functional.one_hot(y.reshape(-1).long(), model.condition_dim)  # (B,) -> (B, C)
        return y.to(**model.like())
    return model.cast("y", as_floats(y).flatten(1))  # (B, C) or (B, H, W) -> (B, C)


def expand_rows(y: Tensor, n: int, whose: str = "x") -> Tensor:
    """One row of y for each of n examples; one row alone is repeated.

    Raises:  ValueError if there are neither one nor n.
    """
    if len(y) not in (1, n):
        came = f"{len(y)} came; y[i] belongs to {whose}[i]."
        expected = f"{n} rows, one for each {whose}, or one row for all"
        raise ValueError(f"y should have {expected}, but {came}")
    return y.expand(n, -1)  # (1, C) -> (n, C)
