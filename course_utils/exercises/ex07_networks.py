"""Notebook 07: small networks with a condition, as inputs of E7.2 and E7.3.

They take what the course's CVAE takes and refuse what it refuses, so that an answer that is right
here runs on it in the next cell.
"""

import torch
from torch import Tensor

from course_utils.densities import log_normal


class Network(Tensor):
    """Weights (n_in + 3, n_out) that can be called: centre + spread * tanh(W inputs + b).

    As in notebook 05's exercises, b, spread and centre are the last rows. Being tensors, networks
    can stand among the inputs whose gradients are compared.
    """

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        """Let kinds meet that are no subclasses of each other, as when gradients are asked for."""
        return super().__torch_function__(func, (cls,), args, kwargs)

    def outputs(self, **parts: Tensor) -> Tensor:
        """Of inputs side by side; axes in front of the last one meet as those of a sum do.

        Raises:  ValueError if the network has another number of inputs.
        """
        weights = self.as_subclass(Tensor)  # a plain one, with its history
        sizes = [part.shape[-1] for part in parts.values() if part.dim()]
        if sum(sizes) != len(weights) - 3:
            raise ValueError(
                f"the last axes of {' and '.join(parts)} should have {len(weights) - 3} numbers "
                f"together, but {_shapes(parts)} came; is each in its place, and a row for each "
                "label?"
            )
        *layers, (b, spread, centre) = weights.split([*sizes, 3])
        inputs = (part.to(weights.dtype) for part in parts.values())
        return centre + spread * torch.tanh(b + sum(map(torch.matmul, inputs, layers)))


class Encoder(Network):
    """Can be called: x (B, D) and y (B, C) -> mu, log_var (B, L)."""

    def __call__(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """mu in the first half of the columns, log_var in the second."""
        _require_tables(x=x, y=y)
        mu, log_var = self.outputs(x=x, y=y).chunk(2, dim=-1)
        return mu, log_var


class Prior(Network):
    """Can be called: y (B, C) -> mu, log_var (B, L)."""

    def __call__(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """As the encoder, without x."""
        _require_tables(y=y)
        mu, log_var = self.outputs(y=y).chunk(2, dim=-1)
        return mu, log_var


class Likelihood(Network):
    """Can be called: x (B, D), z (K, B, L), y (B, C) -> log p(x | z, y) (K, B)."""

    def __call__(self, x: Tensor, z: Tensor, y: Tensor) -> Tensor:
        """Normal pixels: their mu in the first half of the columns, log_var in the second."""
        _require_tables(x=x, y=y)
        mu, log_var = self.outputs(z=z, y=y).chunk(2, dim=-1)
        return log_normal(x, mu, log_var)


class Decoder(Network):
    """Can be called: z (..., n, L) and rows (n, C), or one row for each z -> logits (..., n, D)."""

    def __call__(self, z: Tensor, rows: Tensor) -> Tensor:
        """One row alone holds for all z."""
        if rows.dim() < 2 or (rows.dim() > 2 and rows.shape[:-1] != z.shape[:-1]):
            raise ValueError(
                "rows should be (classes, classes), or one row for each z, but "
                f"{_shapes({'z': z, 'rows': rows})} came; a single row is a table of one, "
                "`row[None]`."
            )
        alone = rows.dim() == 2 and len(rows) == 1
        return self.outputs(z=z, rows=rows[0] if alone else rows)


def _require_tables(**parts: Tensor) -> None:
    for name, part in parts.items():
        if part.dim() != 2:
            raise ValueError(
                f"{name} should be a row for each picture, but {tuple(part.shape)} came; a label "
                "becomes a row as in E7.1, and one row alone is a table of one, `[None]`."
            )


def _shapes(parts: dict[str, Tensor]) -> str:
    return " and ".join(f"{name} {tuple(part.shape)}" for name, part in parts.items())
