"""Inputs of notebook 02's exercises: n draws, B examples, D data, L latent.

Log-weights lie far apart between the columns (one shift for all fails) and within them (a mean or
a median as the shift fails).
"""

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from course_utils.estimators import effective_sample_size
from course_utils.exercises._engine.exercise import Case, Cases, drawn, randn
from course_utils.toys import LinearGaussian

X = torch.tensor([[2.0]], dtype=torch.float64)  # the x of eq. 2.1
FEW, MANY = 5, 100  # draws per estimate in E2.3
REPEATS = 1000
SEVERAL = 20  # repeats where only repeatability is in question
CLAIM = 1.5  # the factor by which a model of E2.3 overstates its p(x)
FAR = torch.tensor([[0.0], [20.0], [40.0], [0.0]], dtype=torch.float64)  # added to four x
SIZES = (1.5, 6, 9.5, 10.5, 30), (1.5, 9.5, 10.5, 100, 1500), (1000,) * 30  # ESS in E2.6


def one_latent() -> LinearGaussian:
    """The model of eq. 2.1: z ~ N(0, 1), x | z ~ N(1.5 z + 0.3, 0.5^2)."""
    return LinearGaussian(W=[[1.5]], b=[0.3], sigma=0.5)


class Overstated(LinearGaussian):
    """A model that gives CLAIM times its p(x) as exact: shows who never asks for it."""

    def log_px(self, x: Tensor) -> Tensor:
        """Log of CLAIM p(x): (B, D) -> (B,)."""
        return super().log_px(x) + math.log(CLAIM)


@drawn
def log_mean_exp_cases(g: Generator) -> Cases:
    """E2.1: columns far apart, each order of entries far apart, -inf, one value, +800, float32."""
    columns = torch.tensor([-800.0, -20.0, -790.0, -500.0], dtype=torch.float64)
    orders = torch.tensor(list(itertools.permutations((-2000.0, 0.0, -1000.0)))).T  # (3, 6)
    holes = 3 * randn(g, 4, 3) - 800
    holes[0, 0] = holes[2, 1] = -math.inf
    short = torch.tensor([-801.0, -800.0, -803.0]) + torch.randint(-9, 9, (1,), generator=g)
    yield Case("a (2, 3, 4) of moderate values, dim = 1", (randn(g, 2, 3, 4), 1), (0,))
    far_apart = randn(g, 3, 4) + columns
    yield Case("a (3, 4), columns near -800, -20, -790, -500, dim = 0", (far_apart, 0))
    yield Case("a (3, 6), entries near -2000, 0, -1000, dim = 0", (randn(g, 3, 6) + orders, 0))
    yield Case("a (4, 3) near -800 with entries of -inf, dim = -1", (holes, -1))
    yield Case("a (1, 5), a single value to average, dim = 0", (randn(g, 1, 5), 0))
    yield Case("a (6,) near +800, dim = 0", (3 * randn(g, 6) + 800, 0))
    yield Case("a (3,) near -800 in float32, dim = 0", (short, 0))


@drawn
def prior_draw_cases(g: Generator) -> Cases:
    """E2.2: ordinary x; some x so far away that likelihoods underflow; little noise."""
    model = _model()
    yield Case("x (4, 5), z (6, 3)", (model, randn(g, 4, 5), randn(g, 6, 3)))
    yield Case("x (2, 5), z (11, 3)", (model, randn(g, 2, 5), randn(g, 11, 3)))
    label = "x (4, 5), two of them far away, log p(x|z) below -800, z (6, 3)"
    yield Case(label, (model, randn(g, 4, 5) + FAR, randn(g, 6, 3)))
    label = "x (2, 5), z (8, 3), little noise, log p(x|z) thousands apart"
    yield Case(label, (_model(sigma=0.05), randn(g, 2, 5), 3 * randn(g, 8, 3)))


def rms_cases(seed: int) -> list[Case]:
    """E2.3: few and many draws; a generator twice, another, two repeats; an overstated p(x)."""
    runs = [(FEW, REPEATS, 0), (MANY, REPEATS, 1), (FEW, SEVERAL, 2), (FEW, SEVERAL, 2)]
    runs += [(FEW, SEVERAL, 3), (FEW, 2, 2), (MANY, REPEATS, 4)]
    models = [one_latent() for _ in runs[:-1]] + [Overstated([[1.5]], [0.3], 0.5)]
    labels = [f"n = {n} draws, {repeats} repeats" for n, repeats, _ in runs]
    labels[-1] += f", `model.log_px` {CLAIM} times too large on purpose"
    return [
        Case(label, (model, X, n, repeats, Generator().manual_seed(10 * seed + stream)))
        for (n, repeats, stream), model, label in zip(runs, models, labels, strict=True)
    ]


@drawn
def weight_cases(g: Generator) -> Cases:
    """E2.4: moderate log-weights; columns far apart, the last with entries far apart."""
    columns = torch.tensor([800.0, -20.0, -800.0, -1600.0, 0.0])
    far = 2 * randn(g, 20, 5) + columns
    far[:10, 4] -= 3000
    far[10:, 3] -= 3000
    yield Case("log_w (7, 3) of moderate values", (2 * randn(g, 7, 3) - 1,))
    yield Case("log_w (20, 5), far apart between the columns and in some of them", (_coarse(far),))


@drawn
def importance_cases(g: Generator) -> Cases:
    """E2.5: q a little wider than the posterior, for near and for far x; q much too wide."""
    model = _model()
    near, far, two = randn(g, 4, 5), randn(g, 4, 5) + FAR, randn(g, 2, 5)
    yield _drawn_from_q(g, model, near, n=7)
    yield _drawn_from_q(g, model, far, n=7, label=", two of them far away")
    yield _drawn_from_q(g, model, two, n=11)
    yield _drawn_from_q(g, model, two, n=8, width=100, label=", q much too wide")


def _drawn_from_q(
    g: Generator, model: LinearGaussian, x: Tensor, *, n: int, width: float = 1.3, label: str = ""
) -> Case:
    """A case of E2.5: n draws for each x from a q that is width times as wide as the posterior."""
    exact = model.posterior(x)
    q = type(exact)(exact.mu, width * exact.scale_tril)
    z = q.rsample(randn(g, n, len(x), 3))
    sizes = f"x {tuple(x.shape)}{label}, z {tuple(z.shape)}, log_q {tuple(z.shape[:2])}"
    return Case(sizes, (model, x, z, q.log_prob(z)))


@drawn
def error_bar_cases(g: Generator) -> Cases:
    """E2.6: effective sizes on both sides of 10, and close to it, of 40 and of 2000 draws.

    A bar or a largest share that would tell the two sides apart in one column fails in another:
    nine even weights have an effective size below 10 and small shares. Equal weights come last.
    """
    small, large = randn(g, 40, 5), randn(g, 2000, 5)
    small[:, 2] = torch.where(torch.arange(40) < 9, 3.0, 0.0) + 0.05 * small[:, 2]
    large[:1000, 2] -= 3000
    large[1000:, 1] -= 3000
    small = _with_ess(small, SIZES[0]) + torch.tensor([-1600, 0, 0, -20, 0])
    large = _with_ess(large, SIZES[1]) + torch.tensor([-800, -1600, 0, 800, 0])
    equal = 1e-14 * randn(g, 1000, 30) - 2  # as from the exact posterior: equal but for rounding
    yield Case("log_w (40, 5)", (_coarse(small),))
    yield Case("log_w (2000, 5)", (_coarse(large),))
    yield Case("log_w (1000, 30), equal in each column but for rounding", (equal,))


def _with_ess(noise: Tensor, wanted: Sequence[float]) -> Tensor:
    """Columns of noise, each times the factor that gives it the effective sample size wanted.

    By bisection: the larger the factor, the fewer draws carry the weight.
    """
    target = torch.tensor(wanted, dtype=noise.dtype)
    low, high = torch.zeros_like(target), torch.full_like(target, 100)
    for _ in range(30):
        middle = (low + high) / 2
        above = effective_sample_size(middle * noise) > target
        low, high = torch.where(above, middle, low), torch.where(above, high, middle)
    return low * noise


def _coarse(log_w: Tensor) -> Tensor:
    """Rounded to what float32 holds exactly, so that an answer in float32 gets the same numbers."""
    return (log_w * 1024).round() / 1024


def rms_and_its_error(n: int, repeats: int, claim: float = 1.0) -> tuple[float, float]:
    """What E2.3 should give at eq. 2.1's x, and the standard error of one run, in closed form.

    With r = p_hat / p, whose mean is 1, the task's error is (r - claim) / claim. E p(x|z)^k is a
    Gaussian integral; from k = 2, 3, 4 follow the central moments of the mean of n draws.
    """
    m2, m3, m4 = map(_relative_moment, (2, 3, 4))
    variance, third, fourth = m2 - 1, m3 - 3 * m2 + 2, m4 - 4 * m3 + 6 * m2 - 3
    second, third = variance / n, third / n**2
    fourth = (fourth + 3 * (n - 1) * variance**2) / n**3
    off = 1 - claim
    square = (second + off**2) / claim**2
    to_the_fourth = (fourth + 4 * off * third + 6 * off**2 * second + off**4) / claim**4
    rms = math.sqrt(square)
    return rms, math.sqrt((to_the_fourth - square**2) / repeats) / (2 * rms)


def evidence() -> float:
    """The p(x) of eq. 2.1."""
    return one_latent().log_px(X).exp().item()


def _relative_moment(k: int) -> float:
    """E_z[p(x|z)^k] / p(x)^k: N(.; m, s^2)^k is a multiple of N(.; m, s^2 / k)."""
    a, b, noise = 1.5, 0.3, 0.25
    spread = a**2 + noise / k
    density = math.exp(-0.5 * (X.item() - b) ** 2 / spread) / math.sqrt(2 * math.pi * spread)
    multiple = (2 * math.pi * noise) ** (-k / 2) * math.sqrt(2 * math.pi * noise / k)
    return multiple * density / evidence() ** k


def _model(sigma: float = 0.7) -> LinearGaussian:
    """The same for every seed: with another, far-away x might not be far from its means."""
    g = Generator().manual_seed(0)
    return LinearGaussian(randn(g, 5, 3), randn(g, 5), sigma)
