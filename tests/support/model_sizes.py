"""The small models' sizes and conditions, and seeded numbers in float32."""

import torch
from routes import generator

K, B, D, L, C = 5, 4, 6, 2, 8
SHAPE = (2, 3)
KINDS = {
    "bernoulli": {"likelihood": "bernoulli"},
    "fixed": {"likelihood": "gaussian", "sigma": 0.3},
    "learned": {"likelihood": "gaussian", "sigma": "learned"},
}
SHORT = {"rtol": 1e-4, "atol": 1e-4}  # float32 against float64
LABELS = torch.tensor([3, 0, 7, 3])


def randn(*shape, seed=0):
    return torch.randn(shape, generator=generator(seed), dtype=torch.float32)


def numbers(rows=B):
    """A condition that is no label: (rows, C)."""
    return randn(rows, C, seed=9)
