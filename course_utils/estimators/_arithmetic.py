"""How numbers are rounded while the course computes; afterwards everything is as it was before."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

GRAIN = 2**15  # numbers that torch hands to a thread at the least


@contextmanager
def flush_denormals() -> Iterator[None]:
    """Numbers too small to be normal (below 1e-38 in float32) become 0 inside.

    Logits of -90 and less make exp() such a number, and some processors compute with them a
    hundred times slower. log p(x) keeps its first six decimals.
    """
    # torch can set it, but does not tell; so look at what becomes of such a number.
    before = torch.full((), 2.0**-140, device="cpu", dtype=torch.float32).item() == 0
    # The setting is a thread's own, and a new thread inherits it: those that torch still has to
    # start, and that nobody can reach afterwards, are started before.
    torch.empty(GRAIN * torch.get_num_threads(), device="cpu", dtype=torch.float32).fill_(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


@contextmanager
def round_products(device: torch.device) -> Iterator[None]:
    """Matrix products may round their factors to 8 bits (bf16) or 11 (TF32 on NVIDIA) inside.

    Sums keep their 24 bits. Where the processor has no instructions for it (AMX for bf16, as torch
    sees it) products keep all digits and at most take another route.
    """
    products, short = torch.backends.mkldnn.matmul, "bf16"
    if device.type == "cuda":
        products, short = torch.backends.cuda.matmul, "tf32"
    before = products.fp32_precision
    products.fp32_precision = short
    try:
        yield
    finally:
        products.fp32_precision = before
