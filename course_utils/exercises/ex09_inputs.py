"""Inputs of notebook 09's exercises: thresholds lie on both sides of 1, eigenvalues around them."""

import torch
from torch import Generator, Tensor

from course_utils.exercises import ex06_judges
from course_utils.exercises._engine.exercise import Case, Cases, Outputs, drawn, rand, randn

# E9.1: eigenvalues and theta: some above and some below; one eigenvalue is 0, as of a pixel that
# never changes; all above; all below; in no order.
_WATER = (
    ((6.0, 2.5, 1.4, 0.6, 0.2, 0.05), 0.45),
    ((40.0, 9.0, 4.1, 2.2, 0.9), 1.7),
    ((3.0, 0.7, 0.3, 0.12, 0.05, 0.02, 0.0), 0.09),
    ((5.0, 2.4, 1.3, 0.8), 0.5),
    ((2.1, 1.1, 0.4), 2.6),
    ((0.3, 4.0, 0.05, 1.5, 0.8), 0.6),
)

# E9.2: eigenvalues, sigma, beta, latent_dim. Each known mistake counts differently in one at least.
# In three an eigenvalue lies 0.5 % above beta sigma^2 and the next 0.5 % below; in one an
# eigenvalue is beta sigma^2 to the last digit; in the last all lie above.
SPECTRA = (
    ((30.0, 10.5, 4.2, 1.9, 0.9, 0.5, 0.2, 0.06), 0.6, 1.0, 7),
    ((30.0, 10.5, 4.2, 1.9, 0.9, 0.5, 0.2, 0.06), 0.6, 4.0, 6),
    ((30.0, 10.5, 4.2, 1.9, 0.9, 0.5, 0.2, 0.06), 0.6, 0.3, 4),
    ((7.0, 2.4, 0.9, 0.25, 0.14, 0.05), 1.3, 0.1, 6),
    ((7.0, 2.4, 0.9, 0.25, 0.13, 0.05), 1.6, 2.0, 3),
    ((0.7, 0.47, 0.17, 0.065, 0.035), 0.2, 1.5, 4),
    ((5.0, 2.6, 2.0, 1.3, 0.4), 1.5, 4.0, 4),
    ((40.0, 20.0, 12.0, 7.0, 5.6, 3.0, 1.7), 1.4, 1.8, 4),
    ((9.0, 3.0, 0.603, 0.597, 0.2, 0.08), 0.5, 2.4, 4),
    ((0.5, 0.21, 0.0402, 0.0398, 0.012), 0.4, 0.25, 5),
    ((60.0, 26.0, 9.0, 5.025, 4.975, 1.9, 0.7), 2.5, 0.8, 6),
    ((8.3, 3.5, 1.0, 0.4, 0.12), 0.5, 4.0, 4),
    ((6.0, 3.1, 2.2), 0.6, 2.0, 5),
)

# E9.3: how far above target the distortions lie, but for the first of them, their spread, target,
# step_size, how many.
_STEPS = ((6.0, 2.0, 20.0, 0.1, 5), (-1.6, 1.5, 12.0, 0.4, 8), (240.0, 30.0, 60.0, 0.05, 3))


@drawn
def water_cases(g: Generator) -> Cases:
    """E9.1: eigenvalues move by up to 2 per cent with the seed, none past theta."""
    for values, theta in _WATER:
        eigenvalues = _moved(g, values, 0.02)
        yield Case(f"{len(values)} eigenvalues, theta = {theta}", (eigenvalues, theta))


@drawn
def geco_cases(g: Generator) -> Cases:
    """E9.3: above target, below, and far above; the log of the multiplier of either sign."""
    for i, (excess, spread, target, step_size, n) in enumerate(_STEPS):
        noise = randn(g, n)
        distortion = target + excess + spread * (noise - noise.mean())
        distortion[0] += n  # the mean is not the median
        log_multiplier = (-1) ** i * (0.7 + rand(g, 1)[0])
        label = f"distortion ({n},), target = {target:g}, step_size = {step_size}"
        yield Case(label, (log_multiplier, distortion, target, step_size))


@drawn
def count_cases(g: Generator) -> Cases:
    """E9.2: the eigenvalues move by up to 0.2 per cent with the seed; the counts do not."""
    for values, sigma, beta, latent_dim in SPECTRA:
        eigenvalues = _moved(g, values, 0.002)
        eigenvalues[torch.tensor(values) == beta * sigma**2] = beta * sigma**2
        what = f"sigma = {sigma}, beta = {beta:g}, latent_dim = {latent_dim}"
        args = (eigenvalues, sigma, beta, latent_dim)
        yield Case(f"{len(values)} eigenvalues, {what}", args)


def _moved(g: Generator, values: tuple[float, ...], most: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64) * (1 + most * (2 * rand(g, len(values)) - 1))


def by_a_margin(outputs: Outputs) -> bool:
    """Whether some factor on beta sigma^2, or an amount added or taken, counts so (E9.2)."""
    levels = [(values, beta * sigma**2, most) for values, sigma, beta, most in SPECTRA]
    return ex06_judges.by_a_margin(outputs, levels)
