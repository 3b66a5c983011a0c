"""Inputs of notebook 06's exercises: means are not 0 and variances not 1.

Where something is compared with a threshold, numbers lie close to it on both sides, so that a
threshold near the right one shows, but not within rounding.
"""

import torch
from torch import Generator, Tensor

from course_utils.exercises._engine.exercise import Case, Cases, drawn, rand, randn

# E6.1: no n where a usual grid of shares, from 0.025, 0.05 or 0.1 on, happens to be the right one.
SIZES = (7, 4, 18)


def _latents(table: str) -> tuple[tuple[float, float, str], ...]:
    rows = (row.split() for row in table.split(","))
    return tuple((float(mean), float(std), kind) for mean, std, kind in rows)


# E6.2: mean and standard deviation of one latent's mu over pictures, and how it is distributed:
# "normal", "two" values, or a "few" pictures far from the rest. A latent of two values has a small
# range and a large mean absolute deviation, one of a few far pictures has it the other way round.
# Both kinds stand on all rungs of a ladder: no such measure orders the latents by their variance.
# The large sample, where 1/N and 1/(N - 1) are the same, has variances within 2 % of 0.01.
_ACTIVE = _latents(
    "-0.002 0.45 normal, -0.5 0.4 two, 0.001 0.42 few, 0.8 0.25 normal, -0.001 0.2 two, "
    "-0.003 0.17 two, 0.7 0.18 few, 0.02 0.12 few, 0.001 0.105 two"
)
_UNUSED = _latents(
    "0.001 0.093 two, -0.02 0.094 few, -1.1 0.053 normal, -0.004 0.055 two, 0.003 0.048 two, "
    "0.3 0.05 few, 0.002 0.028 two, -0.001 0.024 two, 0.002 0.025 few, 0.001 0.013 two, "
    "-0.002 0.014 few, 0.001 0.0095 two, 0.002 0.006 few, 0.001 0.004 two, -0.001 0.0035 few, "
    "0.7 0.001 normal, 0.001 0.0015 two"
)
_CLOSE = _latents(
    "0.4 0.1007 few, -0.3 0.1007 two, 0.2 0.0993 few, -0.6 0.0993 two, 0.001 0.9 normal, "
    "0.3 0.3 few, 1.2 0.06 normal, -0.002 0.008 normal"
)

# E6.5: eigenvalues, sigma2, latent_dim. Each known mistake counts differently in one at least; in
# the last three an eigenvalue lies 0.5 % above sigma2 and the next one 0.5 % below it.
SPECTRA = (
    ((30.0, 10.5, 4.0, 2.0, 0.9, 0.5, 0.2, 0.06), 0.3, 5),
    ((30.0, 10.5, 4.0, 2.0, 0.9, 0.5, 0.2, 0.06), 2.3, 6),
    ((7.0, 2.4, 0.9, 0.25, 0.13, 0.05), 0.1, 6),
    ((7.0, 2.4, 0.9, 0.25, 0.13, 0.05), 0.6, 4),
    ((0.7, 0.45, 0.17, 0.065, 0.035), 0.04, 4),
    ((5.0, 2.6, 2.0, 1.3, 0.4), 9.0, 4),
    ((40.0, 20.0, 12.0, 7.0, 5.6, 3.0, 1.8), 4.0, 3),
    ((9.0, 3.0, 0.603, 0.597, 0.2, 0.08), 0.6, 4),
    ((0.5, 0.21, 0.0402, 0.0398, 0.01), 0.04, 5),
    ((60.0, 26.0, 9.0, 5.025, 4.975, 2.0, 0.7), 5.0, 6),
)

# E6.4: eigenvalues of the covariance, how many rows, how many latents. The discarded ones are
# never equal: their mean, middle, largest, smallest and sum are all different.
_DATA = (
    ((4.0, 2.2, 0.9, 0.5, 0.3), 12, 2),
    ((6.0, 4.0, 2.6, 0.8, 0.4, 0.1), 10, 3),
    ((2.5, 0.8, 0.3, 0.1), 9, 1),
)


def quantile_cases(seed: int) -> list[Case]:
    """E6.1: three n, whatever the seed."""
    return [Case(f"n = {n}", (n,)) for n in SIZES]


@drawn
def active_cases(g: Generator) -> Cases:
    """E6.2: latents of all kinds, then a few of them, then a large sample near the threshold.

    The seed chooses the order of the pictures alone: mistakes that compare some other measure of
    a latent with some threshold are known by that measure, which must not change with the seed.
    """
    part = (_ACTIVE[0], *_ACTIVE[-2:], *_UNUSED[:3], _UNUSED[-2])
    for n, latents in ((30, _ACTIVE + _UNUSED), (24, part), (400, _CLOSE)):
        yield _codes(g, n, latents)


def _codes(g: Generator, n: int, latents: tuple) -> Case:
    """mu (n, L) whose columns have exactly these means and standard deviations."""
    always = Generator().manual_seed(n)
    columns = []
    for i in torch.randperm(len(latents), generator=always).tolist():
        mean, std, kind = latents[i]
        column = mean + std * _standard(always, n, kind)
        columns.append(column[torch.randperm(n, generator=g)])
    mu = torch.stack(columns, dim=1)
    return Case(f"mu {tuple(mu.shape)}", (mu,))


def _standard(g: Generator, n: int, kind: str) -> Tensor:
    """n numbers, n even, of mean 0 and variance 1 (1/N); of a few, one in forty lies far out."""
    noise = randn(g, n)
    if kind == "two":
        noise = torch.tensor([-1.0, 1.0], dtype=torch.float64).repeat(n // 2)
    if kind == "few":
        noise *= 0.1
        noise[:: min(n, 40)] += 5
    return (noise - noise.mean()) / noise.std(correction=0)


@drawn
def moment_cases(g: Generator) -> Cases:
    """E6.3: variances of either kind, below and above 1; two sizes."""
    for shape in ((7, 3), (5, 4)):
        yield Case(f"mu, log_var {shape}", _mu_and_log_var(g, *shape))


def _mu_and_log_var(g: Generator, *shape: int) -> tuple[Tensor, Tensor]:
    """log_var of either sign, between 0.6 and 1.6 in size, both signs in every latent."""
    sign = torch.randint(0, 2, shape, generator=g) * 2 - 1
    sign[:2] = torch.tensor([[1], [-1]])
    size = 0.6 + rand(g, *shape)
    return 1.5 + randn(g, *shape), sign * size


def ppca_cases(seed: int) -> list[Case]:
    """E6.4: always the same data, since its judge sees the outputs alone and must know them."""
    g = Generator().manual_seed(64)
    data = [(_data(g, n, values), latent_dim) for values, n, latent_dim in _DATA]
    return [Case(f"x {tuple(x.shape)}, latent_dim = {k}", (x, k)) for x, k in data]


def _data(g: Generator, n: int, eigenvalues: tuple[float, ...]) -> Tensor:
    """x (n, D) whose covariance (1/N) has exactly these eigenvalues; its mean is not 0."""
    values = torch.tensor(eigenvalues, dtype=torch.float64)
    noise = randn(g, n, len(values))
    white, _ = torch.linalg.qr(noise - noise.mean(0))  # orthonormal columns of mean 0
    turn, _ = torch.linalg.qr(randn(g, len(values), len(values)))
    return 1 + 1.5 * randn(g, len(values)) + (n * values).sqrt() * white @ turn.T


@drawn
def count_cases(g: Generator) -> Cases:
    """E6.5: the eigenvalues move by up to 0.2 per cent with the seed; the counts do not."""
    for values, sigma2, latent_dim in SPECTRA:
        moved = 1 + 0.002 * (2 * rand(g, len(values)) - 1)
        eigenvalues = torch.tensor(values, dtype=torch.float64) * moved
        label = f"{len(values)} eigenvalues, sigma2 = {sigma2}, latent_dim = {latent_dim}"
        yield Case(label, (eigenvalues, sigma2, latent_dim))
