"""Inputs of notebook 07's exercises, away from points where wrong answers would look right.

Sizes differ within a case and come twice, so that a wrong axis and a size written as a number show.
Two are equal on purpose: x and y are equally long in E7.2, so that an answer that exchanges them
runs, and hears of that instead of a size; and in one case of E7.3 there are as many pictures as
classes. Where an answer might draw noise of its own, the first case comes twice.
"""

import functools

import torch
from torch import Generator, Tensor

from course_utils.exercises._exercise import Case
from course_utils.exercises.ex07_networks import Decoder, Encoder, Likelihood, Prior

# The positions of two cases with equal inputs in E7.1, E7.2 and E7.3.
TWINS = (0, 1)


def concat_cases(seed: int) -> list[Case]:
    """E7.1: labels that leave the last class out and repeat one, twice; then all classes."""
    g = Generator().manual_seed(seed)
    first = _randn(g, 4, 3), torch.tensor([0, 3, 1, 1])[torch.randperm(4, generator=g)]
    other = _randn(g, 6, 2), torch.tensor([2, 0, 3, 1, 3, 2])[torch.randperm(6, generator=g)]
    return [
        Case("h (4, 3), classes = 5", (*first, 5), (0,)),
        Case("the same inputs once more", (*map(Tensor.clone, first), 5)),
        Case("h (6, 2), classes = 4", (*other, 4), (0,)),
    ]


def bound_cases(seed: int) -> list[Case]:
    """E7.2: the same inputs twice, then other sizes; gradients of all three networks' weights."""
    first, other = _bounds(seed)
    return [
        Case("x, y (4, 3), eps (5, 4, 2)", _copied(first), (3, 4, 5)),
        Case("the same inputs once more", _copied(first)),
        Case("x, y (3, 5), eps (2, 3, 4)", _copied(other), (3, 4, 5)),
    ]


def _copied(args: tuple) -> tuple:
    """A case's own copies of inputs that are remembered."""
    return tuple(arg.clone() if isinstance(arg, Tensor) else arg for arg in args)


# Remembered, since each of the many judgements in the tests asks for its inputs a few times.
@functools.lru_cache(maxsize=64)
def _bounds(seed: int) -> tuple[tuple, tuple]:
    g = Generator().manual_seed(seed)
    return _conditional(g, (5, 4, 2), 3), _conditional(g, (2, 3, 4), 5)


def _conditional(g: Generator, noise: tuple[int, int, int], columns: int) -> tuple[Tensor, ...]:
    """q's log_var is near 1 and -1 in turns, the prior's near -0.7 and 0.7: never alike."""
    _, batch, n_latents = noise
    encode = _heads(g, 2 * columns, n_latents, centre=1.0, spread=0.5)
    prior = _heads(g, columns, n_latents, centre=-0.7, spread=0.3)
    likelihood = _weights(g, n_latents + columns, columns, spread=1.5)
    x, y = _randn(g, batch, columns), _randn(g, batch, columns)
    networks = (encode, Encoder), (prior, Prior), (likelihood, Likelihood)
    return x, y, _randn(g, *noise), *(weights.as_subclass(kind) for weights, kind in networks)


def style_cases(seed: int) -> list[Case]:
    """E7.3: the same inputs twice, then as many pictures as classes."""
    first, other = _pictures(seed)
    return [
        Case("x (3, 5), classes = 4", _copied(first)),
        Case("the same inputs once more", _copied(first)),
        Case("x (4, 6), classes = 4", _copied(other)),
    ]


@functools.lru_cache(maxsize=64)
def _pictures(seed: int) -> tuple[tuple, tuple]:
    g = Generator().manual_seed(seed)
    return _styles(g, (3, 5, 2), [3, 1, 1], 4), _styles(g, (4, 6, 3), [2, 0, 3, 2], 4)


def _styles(g: Generator, sizes: tuple[int, int, int], labels: list[int], classes: int) -> tuple:
    """x (B, D), labels in another order for each seed, encoder and decoder with L latents."""
    batch, n_pixels, n_latents = sizes
    encode = _heads(g, n_pixels + classes, n_latents, centre=0.8, spread=0.3)
    decode = _weights(g, n_latents + classes, n_pixels, spread=3.0)
    y = torch.tensor(labels)[torch.randperm(batch, generator=g)]
    x = _rand(g, batch, n_pixels)
    return x, y, encode.as_subclass(Encoder), decode.as_subclass(Decoder), classes


def error_cases(seed: int) -> list[Case]:
    """E7.4: completions at some distance from x, in all directions; other sizes."""
    g = Generator().manual_seed(seed)
    cases = []
    for draws, batch, n_pixels in ((5, 3, 4), (4, 6, 7)):
        x, completions = _rand(g, batch, n_pixels), _rand(g, draws, batch, n_pixels)
        label = f"x {tuple(x.shape)}, completions {tuple(completions.shape)}"
        cases.append(Case(label, (x, completions)))
    return cases


def _heads(g: Generator, n_in: int, n_latents: int, *, centre: float, spread: float) -> Tensor:
    """mu within 2 of 0.5; log_var within spread of centre and of -centre in turns."""
    weights = _weights(g, n_in, 2 * n_latents, spread=2.0)
    weights[-2, n_latents:], weights[-1, :n_latents] = spread, 0.5
    weights[-1, n_latents::2], weights[-1, n_latents + 1 :: 2] = centre, -centre
    return weights


def _weights(g: Generator, n_in: int, n_out: int, *, spread: float) -> Tensor:
    """A Network's: those of a layer, spread, centre 0."""
    rest = torch.tensor([[spread], [0.0]], dtype=torch.float64).expand(-1, n_out)
    return torch.cat([0.7 * _randn(g, n_in + 1, n_out), rest])


def _rand(g: Generator, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=g, dtype=torch.float64)


def _randn(g: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=torch.float64)
