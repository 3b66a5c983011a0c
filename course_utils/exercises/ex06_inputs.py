"""Inputs of notebook 06's exercises, away from points where wrong answers would look right.

Sizes differ between the axes and come twice, so that a wrong axis and a size written as a number
show. Means are not 0, variances not 1, and no number lies near the threshold it is compared with.
"""

import torch
from torch import Generator, Tensor

from course_utils.exercises._exercise import Case

# E6.1: no n where a usual grid of shares, from 0.025, 0.05 or 0.1 on, happens to be the right one.
SIZES = (7, 4, 18, 7)  # the last once more, since a draw would differ
# E6.3: positions of two cases with equal inputs.
TWINS = (0, 2)

# E6.2: mean and standard deviation of one latent's mu over pictures. Variances above 0.01 come
# first; then those below it, with a large and a small mean, and with a spread near 0.1 or tiny.
_ACTIVE = ((0.8, 0.25), (-0.002, 0.9), (-0.5, 0.6), (0.001, 0.11))
_UNUSED = ((-1.1, 0.05), (0.003, 0.04), (0.001, 0.093), (0.3, 0.015))
_SILENT = ((0.7, 0.001), (0.004, 0.001), (-0.2, 0.005))

# E6.5: eigenvalues, sigma2, latent_dim. Each known mistake counts differently in one at least.
SPECTRA = (
    ((30.0, 10.5, 4.0, 2.0, 0.9, 0.5, 0.2, 0.06), 0.3, 5),
    ((30.0, 10.5, 4.0, 2.0, 0.9, 0.5, 0.2, 0.06), 2.3, 6),
    ((7.0, 2.4, 0.9, 0.25, 0.13, 0.05), 0.1, 6),
    ((7.0, 2.4, 0.9, 0.25, 0.13, 0.05), 0.6, 4),
    ((0.7, 0.45, 0.17, 0.065, 0.036), 0.04, 4),
    ((5.0, 2.6, 2.0, 1.3, 0.4), 9.0, 4),
    ((40.0, 20.0, 12.0, 7.0, 5.6, 3.0, 1.8), 4.0, 3),
)

# E6.4: eigenvalues of the covariance, how many rows, how many latents. The discarded ones are
# never equal: their mean, middle, largest, smallest and sum are all different.
_DATA = (
    ((4.0, 2.2, 0.9, 0.5, 0.3), 12, 2),
    ((6.0, 4.0, 2.6, 0.8, 0.4, 0.1), 10, 3),
    ((2.5, 0.8, 0.3, 0.1), 9, 1),
)


def quantile_cases(seed: int) -> list[Case]:
    """E6.1: three n, the first of them twice; there is nothing to draw."""
    return [Case(f"n = {n}", (n,)) for n in SIZES]


def active_cases(seed: int) -> list[Case]:
    """E6.2: latents of all kinds in an order that the seed chooses, then a few of them."""
    g = Generator().manual_seed(seed)
    everything, few = _ACTIVE + _UNUSED + _SILENT, (*_ACTIVE[:2], *_UNUSED[:2], _SILENT[0])
    return [_codes(g, 30, everything), _codes(g, 24, few)]


def _codes(g: Generator, n: int, latents: tuple) -> Case:
    """mu (n, L) whose columns have exactly these means and standard deviations."""
    order = torch.randperm(len(latents), generator=g)
    mean, std = torch.tensor(latents, dtype=torch.float64)[order].T
    noise = _randn(g, n, len(latents))
    noise = (noise - noise.mean(0)) / noise.std(0, correction=0)
    mu = mean + std * noise
    return Case(f"mu {tuple(mu.shape)}", (mu,))


def moment_cases(seed: int) -> list[Case]:
    """E6.3: variances of either kind, below and above 1; the same inputs twice; other sizes."""
    g = Generator().manual_seed(seed)
    one, other = _mu_and_log_var(g, 7, 3), _mu_and_log_var(g, 5, 4)
    return [
        Case("mu, log_var (7, 3)", one),
        Case("mu, log_var (5, 4)", other),
        Case("the first inputs once more", tuple(map(Tensor.clone, one))),
    ]


def _mu_and_log_var(g: Generator, *shape: int) -> tuple[Tensor, Tensor]:
    """log_var of either sign, between 0.6 and 1.6 in size, both signs in every latent."""
    sign = torch.randint(0, 2, shape, generator=g) * 2 - 1
    sign[:2] = torch.tensor([[1], [-1]])
    size = 0.6 + torch.rand(*shape, generator=g, dtype=torch.float64)
    return 1.5 + _randn(g, *shape), sign * size


def ppca_cases(seed: int) -> list[Case]:
    """E6.4: always the same data, since its judge sees the outputs alone and must know them."""
    g = Generator().manual_seed(64)
    cases = []
    for values, n, latent_dim in _DATA:
        x = _data(g, n, torch.tensor(values, dtype=torch.float64))
        cases.append(Case(f"x {tuple(x.shape)}, latent_dim = {latent_dim}", (x, latent_dim)))
    return cases


def _data(g: Generator, n: int, values: Tensor) -> Tensor:
    """x (n, D) whose covariance (1/N) has exactly these eigenvalues; its mean is not 0."""
    noise = _randn(g, n, len(values))
    white, _ = torch.linalg.qr(noise - noise.mean(0))  # orthonormal columns of mean 0
    turn, _ = torch.linalg.qr(_randn(g, len(values), len(values)))
    return 1 + 1.5 * _randn(g, len(values)) + (n * values).sqrt() * white @ turn.T


def count_cases(seed: int) -> list[Case]:
    """E6.5: the eigenvalues move by up to one per cent with the seed; the counts do not."""
    g = Generator().manual_seed(seed)
    cases = []
    for values, sigma2, latent_dim in SPECTRA:
        moved = 1 + 0.01 * (2 * torch.rand(len(values), generator=g, dtype=torch.float64) - 1)
        eigenvalues = torch.tensor(values, dtype=torch.float64) * moved
        label = f"{len(values)} eigenvalues, sigma2 = {sigma2}, latent_dim = {latent_dim}"
        cases.append(Case(label, (eigenvalues, sigma2, latent_dim)))
    return cases


def _randn(g: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=torch.float64)
