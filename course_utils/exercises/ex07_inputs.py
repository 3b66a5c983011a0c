"""Inputs of notebook 07's exercises.

One case of each goes further out than the others, where a clamp or an absolute value would show.
Two sizes are equal on purpose: x and y are equally long in E7.2, so that an answer that exchanges
them runs, and hears of that instead of a size; and in one case of E7.3 there are as many pictures
as classes.
"""

import torch
from torch import Generator, Tensor

from course_utils.densities import log_normal
from course_utils.exercises._engine.exercise import Case, Cases, drawn, rand, randn


class Network(Tensor):
    """Weights (n_in + 3, n_out) that can be called, as notebook 05's, with several inputs."""

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
        return self.outputs(x=x, y=y).chunk(2, dim=-1)


class Prior(Network):
    """Can be called: y (B, C) -> mu, log_var (B, L)."""

    def __call__(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """As the encoder, without x."""
        _require_tables(y=y)
        return self.outputs(y=y).chunk(2, dim=-1)


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


@drawn
def concat_cases(g: Generator) -> Cases:
    """E7.1: labels that leave the last class out and repeat one, twice; all classes; more than 10.

    No label is beyond the batch, so that `rows[y] = 1` runs, and hears what it has done.
    """
    for labels, width, classes in (
        ([0, 3, 1, 1], 3, 5),
        ([2, 0, 3, 1, 3, 2], 2, 4),
        ([4, 0, 2, 3, 2], 4, 12),
    ):
        h, y = randn(g, len(labels), width), _shuffled(g, labels)
        yield Case(f"h {tuple(h.shape)}, classes = {classes}", (h, y, classes), (0,))


@drawn
def bound_cases(g: Generator) -> Cases:
    """E7.2: two sizes, with gradients of all three networks' weights; far out, values alone."""
    yield Case("x, y (4, 3), eps (5, 4, 2)", _near(g, (5, 4, 2), 3), (3, 4, 5))
    yield Case("x, y (3, 5), eps (2, 3, 4)", _near(g, (2, 3, 4), 5), (3, 4, 5))
    yield Case("x, y (2, 6), eps (4, 2, 3), log_var near -6 and 6", _far(g))


def _near(g: Generator, noise: tuple[int, int, int], columns: int) -> tuple[Tensor, ...]:
    """q's log_var is near 1 and -1 in turns, the prior's near -0.7 and 0.7: never alike.

    The pixels are wide: a z in single precision then changes no gradient by a digit that counts.
    """
    _, batch, n_latents = noise
    q, p = (_moderate(n_latents, *log_var) for log_var in ((1.0, 0.5), (-0.7, 0.3)))
    pixels = _ranges([(0, 1.5)] * columns, [(2.5, 0.2)] * columns)
    x, y = randn(g, batch, columns), randn(g, batch, columns)
    return x, y, randn(g, *noise), *_networks(g, q, p, pixels)


def _far(g: Generator) -> tuple[Tensor, ...]:
    """q and the prior far out and close to each other; two pictures.

    log_var near -6 and 6, mu beyond 3, and a KL near 0.01 in the last latent, where log_var
    differs in sign. The decoder is narrow: the log-density of the first picture is above its KL,
    that of the second far below 0.
    """
    q = _ranges([(3.6, 0.05), (-3.8, 0.3), (0.4, 0.03)], [(-6.2, 0.1), (6.3, 0.2), (0.07, 0.02)])
    p = _ranges([(3.6, 0.05), (-4.5, 0.3), (0.3, 0.03)], [(-5.8, 0.1), (6.8, 0.2), (-0.07, 0.02)])
    pixels = _ranges([(0, 0.1)] * 6, [(-4, 0.2)] * 6)
    x = torch.stack([0.2 * rand(g, 6) - 0.1, 1 + 0.2 * rand(g, 6)])
    return x, randn(g, 2, 6), randn(g, 4, 2, 3), *_networks(g, q, p, pixels)


def _networks(g: Generator, q: Tensor, p: Tensor, pixels: Tensor) -> tuple[Tensor, ...]:
    """Encoder, prior and likelihood of x and y with C = D columns, by the ranges of their heads."""
    columns, n_latents = pixels.shape[1] // 2, q.shape[1] // 2
    return (
        _weights(g, 2 * columns, q).as_subclass(Encoder),
        _weights(g, columns, p).as_subclass(Prior),
        _weights(g, n_latents + columns, pixels).as_subclass(Likelihood),
    )


@drawn
def style_cases(g: Generator) -> Cases:
    """E7.3: fewer pictures than classes; then as many, and larger logits; labels shuffled."""
    for labels, n_pixels, n_latents, spread in (([3, 1, 1], 5, 2, 3.0), ([2, 0, 3, 2], 6, 3, 15.0)):
        encode = _weights(g, n_pixels + 4, _moderate(n_latents, 0.8, 0.3)).as_subclass(Encoder)
        decode = _weights(g, n_latents + 4, _ranges([(0, spread)] * n_pixels)).as_subclass(Decoder)
        y, x = _shuffled(g, labels), rand(g, len(labels), n_pixels)
        yield Case(f"x {tuple(x.shape)}, classes = 4", (x, y, encode, decode, 4))


@drawn
def error_cases(g: Generator) -> Cases:
    """E7.4: completions at some distance from x, in all directions; other sizes, beyond 0 and 1."""
    for draws, batch, n_pixels, reach in ((5, 3, 4, 0.0), (4, 6, 7, 0.5)):
        x, completions = rand(g, batch, n_pixels), rand(g, draws, batch, n_pixels)
        x, completions = ((1 + 2 * reach) * part - reach for part in (x, completions))
        label = f"x {tuple(x.shape)}, completions {tuple(completions.shape)}"
        yield Case(label, (x, completions))


def _shuffled(g: Generator, labels: list[int]) -> Tensor:
    return torch.tensor(labels)[torch.randperm(len(labels), generator=g)]


def _moderate(n_latents: int, centre: float, spread: float) -> Tensor:
    """mu within 2 of 0.5; log_var within spread of centre and of -centre in turns."""
    turns = [(centre * (-1) ** i, spread) for i in range(n_latents)]
    return _ranges([(0.5, 2.0)] * n_latents, turns)


def _ranges(*heads: list[tuple[float, float]]) -> Tensor:
    """Centre and spread of each output, those of one head after those of another: (2, n_out)."""
    return torch.tensor(sum(heads, []), dtype=torch.float64).T


def _weights(g: Generator, n_in: int, ranges: Tensor) -> Tensor:
    """A Network's: those of a layer, then spread and centre of its outputs."""
    return torch.cat([0.7 * randn(g, n_in + 1, ranges.shape[1]), ranges.flip(0)])
