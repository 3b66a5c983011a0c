"""Inputs of notebook 02's exercises, away from points where wrong answers would look right.

All sizes differ (n draws, B examples, D data, L latent), so that a wrong axis shows.
"""

import math

import torch
from torch import Generator, Tensor

from course_utils.exercises._exercise import Case
from course_utils.toys import LinearGaussian

X = 2.0  # the x of eq. 2.1
FEW, MANY = 5, 100  # draws per estimate in E2.3
REPEATS = 1000
SEVERAL = 20  # repeats where only repeatability is in question


def one_latent() -> LinearGaussian:
    """The model of eq. 2.1: z ~ N(0, 1), x | z ~ N(1.5 z + 0.3, 0.5^2)."""
    return LinearGaussian(W=[[1.5]], b=[0.3], sigma=0.5)


def log_mean_exp_cases(seed: int) -> list[Case]:
    """E2.1: near -800 with columns far apart, -inf entries, one value, +800."""
    g = Generator().manual_seed(seed)
    columns = torch.tensor([-800.0, -20.0, -790.0, -500.0], dtype=torch.float64)
    holes = 3 * _randn(g, 4, 3) - 800
    holes[0, 0] = holes[2, 1] = -math.inf
    return [
        Case("a (2, 3, 4) of moderate values, dim = 1", (_randn(g, 2, 3, 4), 1), (0,)),
        Case(
            "a (3, 4), columns near -800, -20, -790, -500, dim = 0", (_randn(g, 3, 4) + columns, 0)
        ),
        Case("a (4, 3) near -800 with entries of -inf, dim = -1", (holes, -1)),
        Case("a (1, 5), a single value to average, dim = 0", (_randn(g, 1, 5), 0)),
        Case("a (6,) near +800, dim = 0", (3 * _randn(g, 6) + 800, 0)),
    ]


def prior_draw_cases(seed: int) -> list[Case]:
    """E2.2: ordinary x, and x so far away that every likelihood underflows."""
    g = Generator().manual_seed(seed)
    model, z = _model(), _randn(g, 6, 3)
    x, far = _randn(g, 4, 5), 40 + _randn(g, 4, 5)
    return [
        Case("x (4, 5), z (6, 3)", (model, x, z)),
        Case("x (4, 5) far away, log p(x|z) below -800, z (6, 3)", (model, far, z)),
    ]


def rms_cases(seed: int) -> list[Case]:
    """E2.3: few and many draws; one generator state twice, then another one."""
    runs = [(FEW, REPEATS, 0), (MANY, REPEATS, 1), (FEW, SEVERAL, 2), (FEW, SEVERAL, 2)]
    runs.append((FEW, SEVERAL, 3))
    return [
        Case(
            f"n = {n} draws, {repeats} repeats",
            (one_latent(), _x(), n, repeats, Generator().manual_seed(10 * seed + stream)),
        )
        for n, repeats, stream in runs
    ]


def weight_cases(seed: int) -> list[Case]:
    """E2.4: moderate log-weights and log-weights near -800."""
    g = Generator().manual_seed(seed)
    return [
        Case("log_w (7, 3) of moderate values", (2 * _randn(g, 7, 3) - 1,)),
        Case("log_w (20, 4) near -800", (3 * _randn(g, 20, 4) - 800,)),
    ]


def importance_cases(seed: int) -> list[Case]:
    """E2.5: draws from a q a little wider than the posterior, for near and for far x."""
    g = Generator().manual_seed(seed)
    model = _model()
    cases = []
    for label, x in {"": _randn(g, 4, 5), " far away": 40 + _randn(g, 4, 5)}.items():
        exact = model.posterior(x)
        eps = _randn(g, 7, 4, 3)
        q = type(exact)(exact.mu, 1.3 * exact.scale_tril)
        z = q.rsample(eps)
        label = f"x (4, 5){label}, z (7, 4, 3), log_q (7, 4)"
        cases.append(Case(label, (model, x, z, q.log_prob(z))))
    return cases


def error_bar_cases(seed: int) -> list[Case]:
    """E2.6: columns of effective size about 1, 6, 30 of 40 draws; 1500, 100, 1 of 2000."""
    g = Generator().manual_seed(seed)
    noise = _randn(g, 40, 3)
    six = torch.where(torch.arange(40) < 6, 0.0, -6.0) + 0.3 * noise[:, 1]
    small = torch.stack([30 * noise[:, 0], six, 0.5 * noise[:, 2]], dim=1)
    spread = torch.tensor([0.5, 1.7, 30.0], dtype=torch.float64)
    return [
        Case("log_w (40, 3)", (small,)),
        Case("log_w (2000, 3) near -800", (spread * _randn(g, 2000, 3) - 800,)),
    ]


def rms_and_its_error(n: int, repeats: int) -> tuple[float, float]:
    """What E2.3 should give at eq. 2.1's x, and the standard error of one run, in closed form.

    E p(x|z)^k is a Gaussian integral; from k = 2, 3, 4 follow the moments of the mean of n draws.
    """
    _, _, m2, m3, m4 = (_relative_moment(k) for k in range(5))
    variance, fourth = m2 - 1, m4 - 4 * m3 + 6 * m2 - 3
    square = variance / n
    fourth_of_mean = (fourth + 3 * (n - 1) * variance**2) / n**3
    rms = math.sqrt(square)
    return rms, math.sqrt((fourth_of_mean - square**2) / repeats) / (2 * rms)


def evidence() -> float:
    """The p(x) of eq. 2.1."""
    return one_latent().log_px(_x()).exp().item()


def _relative_moment(k: int) -> float:
    """E_z[p(x|z)^k] / p(x)^k: N(.; m, s^2)^k is a multiple of N(.; m, s^2 / k)."""
    if k == 0:
        return 1.0
    a, b, noise = 1.5, 0.3, 0.25
    spread = a**2 + noise / k
    density = math.exp(-0.5 * (X - b) ** 2 / spread) / math.sqrt(2 * math.pi * spread)
    multiple = (2 * math.pi * noise) ** (-k / 2) * math.sqrt(2 * math.pi * noise / k)
    return multiple * density / evidence() ** k


def _x() -> Tensor:
    return torch.tensor([[X]], dtype=torch.float64)


def _model() -> LinearGaussian:
    """The same for every seed: with another, far-away x might not be far from its means."""
    g = Generator().manual_seed(0)
    return LinearGaussian(_randn(g, 5, 3), _randn(g, 5), 0.7)


def _randn(g: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=torch.float64)
