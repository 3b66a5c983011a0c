"""Inputs of notebook 07's exercises, away from points where wrong answers would look right.

Sizes differ within a case and come twice, so that a wrong axis and a size written as a number show.
Two are equal on purpose: x and y are equally long in E7.2, so that an answer that exchanges them
runs, and hears of that instead of a size; and in one case of E7.3 there are as many pictures as
classes. Where an answer might draw noise of its own, the first case comes twice. One case of each
goes further out than the others, where a clamp or an absolute value would show.
"""

import functools

import torch
from torch import Generator, Tensor

from course_utils.exercises._exercise import Case
from course_utils.exercises.ex07_networks import Decoder, Encoder, Likelihood, Prior

# The positions of two cases with equal inputs in E7.1, E7.2 and E7.3.
TWINS = (0, 1)


def concat_cases(seed: int) -> list[Case]:
    """E7.1: labels that leave the last class out and repeat one, twice; all classes; more than 10.

    No label is beyond the batch, so that `rows[y] = 1` runs, and hears what it has done.
    """
    g = Generator().manual_seed(seed)
    first = _randn(g, 4, 3), torch.tensor([0, 3, 1, 1])[torch.randperm(4, generator=g)]
    other = _randn(g, 6, 2), torch.tensor([2, 0, 3, 1, 3, 2])[torch.randperm(6, generator=g)]
    many = _randn(g, 5, 4), torch.tensor([4, 0, 2, 3, 2])[torch.randperm(5, generator=g)]
    return [
        Case("h (4, 3), classes = 5", (*first, 5), (0,)),
        Case("the same inputs once more", (*map(Tensor.clone, first), 5)),
        Case("h (6, 2), classes = 4", (*other, 4), (0,)),
        Case("h (5, 4), classes = 12", (*many, 12), (0,)),
    ]


def bound_cases(seed: int) -> list[Case]:
    """E7.2: the same inputs twice, then other sizes; gradients of all three networks' weights.

    Values alone in the last case.
    """
    first, other, far = _bounds(seed)
    return [
        Case("x, y (4, 3), eps (5, 4, 2)", _copied(first), (3, 4, 5)),
        Case("the same inputs once more", _copied(first)),
        Case("x, y (3, 5), eps (2, 3, 4)", _copied(other), (3, 4, 5)),
        Case("x, y (2, 6), eps (4, 2, 3), log_var near -6 and 6", _copied(far)),
    ]


def _copied(args: tuple) -> tuple:
    """A case's own copies of inputs that are remembered."""
    return tuple(arg.clone() if isinstance(arg, Tensor) else arg for arg in args)


# Remembered, since each of the many judgements in the tests asks for its inputs a few times.
@functools.lru_cache(maxsize=64)
def _bounds(seed: int) -> tuple[tuple, tuple, tuple]:
    g = Generator().manual_seed(seed)
    return _near(g, (5, 4, 2), 3), _near(g, (2, 3, 4), 5), _far(g)


def _near(g: Generator, noise: tuple[int, int, int], columns: int) -> tuple[Tensor, ...]:
    """q's log_var is near 1 and -1 in turns, the prior's near -0.7 and 0.7: never alike.

    The pixels are wide: a z in single precision then changes no gradient by a digit that counts.
    """
    _, batch, n_latents = noise
    q, p = (_moderate(n_latents, *log_var) for log_var in ((1.0, 0.5), (-0.7, 0.3)))
    pixels = _ranges([(0, 1.5)] * columns, [(2.5, 0.2)] * columns)
    x, y = _randn(g, batch, columns), _randn(g, batch, columns)
    return x, y, _randn(g, *noise), *_networks(g, q, p, pixels)


def _far(g: Generator) -> tuple[Tensor, ...]:
    """q and the prior far out and close to each other; two pictures.

    log_var near -6 and 6, mu beyond 3, and a KL near 0.01 in the last latent, where log_var
    differs in sign. The decoder is narrow: the log-density of the first picture is above its KL,
    that of the second far below 0.
    """
    q = _ranges([(3.6, 0.05), (-3.8, 0.3), (0.4, 0.03)], [(-6.2, 0.1), (6.3, 0.2), (0.07, 0.02)])
    p = _ranges([(3.6, 0.05), (-4.5, 0.3), (0.3, 0.03)], [(-5.8, 0.1), (6.8, 0.2), (-0.07, 0.02)])
    pixels = _ranges([(0, 0.1)] * 6, [(-4, 0.2)] * 6)
    x = torch.stack([0.2 * _rand(g, 6) - 0.1, 1 + 0.2 * _rand(g, 6)])
    return x, _randn(g, 2, 6), _randn(g, 4, 2, 3), *_networks(g, q, p, pixels)


def _networks(g: Generator, q: Tensor, p: Tensor, pixels: Tensor) -> tuple[Tensor, ...]:
    """Encoder, prior and likelihood of x and y with C = D columns, by the ranges of their heads."""
    columns, n_latents = pixels.shape[1] // 2, q.shape[1] // 2
    kinds = (
        (2 * columns, q, Encoder),
        (columns, p, Prior),
        (n_latents + columns, pixels, Likelihood),
    )
    return tuple(_weights(g, n_in, ranges).as_subclass(kind) for n_in, ranges, kind in kinds)


def style_cases(seed: int) -> list[Case]:
    """E7.3: the same inputs twice, then as many pictures as classes, and larger logits."""
    first, other = _pictures(seed)
    return [
        Case("x (3, 5), classes = 4", _copied(first)),
        Case("the same inputs once more", _copied(first)),
        Case("x (4, 6), classes = 4", _copied(other)),
    ]


@functools.lru_cache(maxsize=64)
def _pictures(seed: int) -> tuple[tuple, tuple]:
    g = Generator().manual_seed(seed)
    few, many = ((3, 5, 2), [3, 1, 1], 4), ((4, 6, 3), [2, 0, 3, 2], 4)
    return _styles(g, *few, spread=3.0), _styles(g, *many, spread=15.0)


def _styles(
    g: Generator, sizes: tuple[int, int, int], labels: list[int], classes: int, *, spread: float
) -> tuple:
    """x (B, D), labels in another order for each seed, encoder and decoder with L latents."""
    batch, n_pixels, n_latents = sizes
    encode = _weights(g, n_pixels + classes, _moderate(n_latents, 0.8, 0.3))
    decode = _weights(g, n_latents + classes, _ranges([(0, spread)] * n_pixels))
    y = torch.tensor(labels)[torch.randperm(batch, generator=g)]
    x = _rand(g, batch, n_pixels)
    return x, y, encode.as_subclass(Encoder), decode.as_subclass(Decoder), classes


def error_cases(seed: int) -> list[Case]:
    """E7.4: completions at some distance from x, in all directions; other sizes, beyond 0 and 1."""
    g = Generator().manual_seed(seed)
    cases = []
    for draws, batch, n_pixels, reach in ((5, 3, 4, 0.0), (4, 6, 7, 0.5)):
        x, completions = _rand(g, batch, n_pixels), _rand(g, draws, batch, n_pixels)
        x, completions = ((1 + 2 * reach) * part - reach for part in (x, completions))
        label = f"x {tuple(x.shape)}, completions {tuple(completions.shape)}"
        cases.append(Case(label, (x, completions)))
    return cases


def _moderate(n_latents: int, centre: float, spread: float) -> Tensor:
    """mu within 2 of 0.5; log_var within spread of centre and of -centre in turns."""
    turns = [(centre * (-1) ** i, spread) for i in range(n_latents)]
    return _ranges([(0.5, 2.0)] * n_latents, turns)


def _ranges(*heads: list[tuple[float, float]]) -> Tensor:
    """Centre and spread of each output, those of one head after those of another: (2, n_out)."""
    return torch.tensor(sum(heads, []), dtype=torch.float64).T


def _weights(g: Generator, n_in: int, ranges: Tensor) -> Tensor:
    """A Network's: those of a layer, then spread and centre of its outputs."""
    return torch.cat([0.7 * _randn(g, n_in + 1, ranges.shape[1]), ranges.flip(0)])


def _rand(g: Generator, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=g, dtype=torch.float64)


def _randn(g: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=torch.float64)
