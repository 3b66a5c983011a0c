"""What the gradient explorer averages: each f with its slope and its exact moments.

All but the sine are made of two polynomials, one for z <= 0 and one for z > 0. With
z = mu + sigma eps each is a polynomial in eps, so its moments are sums of moments of eps above or
below -mu/sigma. `math.js` holds the same lines.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval

from course_utils.widgets._shared.normals import standard_normals

OF_EPS = (1, 0, 1, 0, 3, 0, 15, 0, 105)  # E eps^k for eps ~ N(0, 1)
POWERS = range(5)  # the variance of a gradient in sigma needs the fourth power of eps


@dataclass(frozen=True)
class Moments:
    """E f eps^k, E f^2 eps^k and E f'^2 eps^k for k = 0 to 4, where f is a function of z."""

    f: list[float]
    squared: list[float]
    slope_squared: list[float]


@dataclass(frozen=True)
class TwoPolynomials:
    """One polynomial for z <= 0, another for z > 0; coefficients with the constant first."""

    left: tuple[float, ...]
    right: tuple[float, ...]

    def value(self, z: np.ndarray) -> np.ndarray:
        """f(z), of the shape of z."""
        return np.where(z > 0, polyval(z, self.right), polyval(z, self.left))

    def slope(self, z: np.ndarray) -> np.ndarray:
        """f'(z), of the shape of z; at 0 it is that of the left side."""
        return np.where(z > 0, polyval(z, polyder(self.right)), polyval(z, polyder(self.left)))

    def moments(self, mu: float, sigma: float) -> Moments:
        """Exact, under z ~ N(mu, sigma^2)."""
        total = Moments([0.0] * 5, [0.0] * 5, [0.0] * 5)
        for coefficients, of_eps in self._sides(mu / sigma):
            f = _in_eps(coefficients, mu, sigma)
            slope = _in_eps(polyder(coefficients).tolist(), mu, sigma)
            for k in POWERS:
                total.f[k] += _weigh(f, of_eps[k:])
                total.squared[k] += _weigh(_times(f, f), of_eps[k:])
                total.slope_squared[k] += _weigh(_times(slope, slope), of_eps[k:])
        return total

    def _sides(self, ratio: float) -> list[tuple]:
        """Each polynomial with the moments of eps where it holds."""
        if self.left == self.right:
            return [(self.right, OF_EPS)]
        below = [(-1) ** k * moment for k, moment in enumerate(_above(ratio))]
        return [(self.left, below), (self.right, _above(-ratio))]


@dataclass(frozen=True)
class Sine:
    """The sine of w z, with the members of TwoPolynomials."""

    w: float

    def value(self, z: np.ndarray) -> np.ndarray:
        return np.sin(self.w * z)

    def slope(self, z: np.ndarray) -> np.ndarray:
        return self.w * np.cos(self.w * z)

    def moments(self, mu: float, sigma: float) -> Moments:
        """The squares are waves of twice the frequency."""
        f = [_wave(self.w * mu - math.pi / 2, self.w * sigma, k) for k in POWERS]
        double = [_wave(2 * self.w * mu, 2 * self.w * sigma, k) for k in POWERS]
        squared = [0.5 * (OF_EPS[k] - double[k]) for k in POWERS]
        slope_squared = [0.5 * self.w * self.w * (OF_EPS[k] + double[k]) for k in POWERS]
        return Moments(f, squared, slope_squared)


SQUARE = (0.0, 0.0, 1.0)
RAISED = (10.0, 0.0, 1.0)
FUNCTIONS = {
    "z^2": TwoPolynomials(SQUARE, SQUARE),
    "z^2 + 10": TwoPolynomials(RAISED, RAISED),
    "sin 3z": Sine(3.0),
    "|z|": TwoPolynomials((0.0, -1.0), (0.0, 1.0)),
    "step": TwoPolynomials((0.0,), (1.0,)),
}


def draws(state) -> np.ndarray:
    """z_i = mu + sigma eps_i, with eps frozen by the seed: shape (n,)."""
    return state.mu + state.sigma * standard_normals(state.seed, state.n, 1)[:, 0]


def exact_numbers(state) -> tuple[float, float, float]:
    """The gradient of E f(z); the variances of one draw, score function and pathwise.

    The gradient is E f eps / sigma in mu, E f (eps^2 - 1) / sigma in sigma: 2 mu and 2 sigma for
    z^2; 3 e^(-9 sigma^2/2) cos 3 mu and -9 sigma e^(-9 sigma^2/2) sin 3 mu for sin 3z;
    erf(mu / (sqrt 2 sigma)) and 2 phi(mu/sigma) for |z|; phi(mu/sigma) / sigma and
    -mu phi(mu/sigma) / sigma^2 for the step, with phi the density of N(0, 1).
    """
    sigma, in_mu = state.sigma, state.parameter == "mu"
    moments = FUNCTIONS[state.f].moments(state.mu, sigma)
    f = moments.f
    gradient = (f[1] if in_mu else f[2] - f[0]) / sigma

    def times_squared_score(m: list[float]) -> float:
        return (m[2] if in_mu else m[4] - 2 * m[2] + m[0]) / (sigma * sigma)

    score = times_squared_score(moments.squared)
    if state.baseline:  # b is independent of its draw: E b = E f, Var b = Var f / (n - 1)
        mean, information = f[0], times_squared_score(OF_EPS)
        variance = moments.squared[0] - mean * mean
        score += mean * mean * information - 2 * mean * times_squared_score(f)
        score += variance * information / (state.n - 1)
    path = moments.slope_squared[0 if in_mu else 2]
    return gradient, *(max(0.0, square - gradient * gradient) for square in (score, path))


def _times(a: list[float], b: list[float]) -> list[float]:
    """The product of two polynomials, as coefficients."""
    out = [0.0] * max(0, len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i + j] += x * y
    return out


def _in_eps(coefficients: tuple[float, ...], mu: float, sigma: float) -> list[float]:
    """The polynomial in z = mu + sigma eps as one in eps."""
    out: list[float] = []
    for c in reversed(coefficients):
        out = _times(out, [mu, sigma])
        out[0] += c
    return out


def _weigh(coefficients: list[float], of_eps: list[float]) -> float:
    total = 0.0
    for c, moment in zip(coefficients, of_eps, strict=False):
        total += c * moment
    return total


def _above(a: float) -> list[float]:
    """E eps^k where eps > a, for k = 0 to 8, by parts."""
    density = math.exp(-0.5 * a * a) / math.sqrt(2 * math.pi)
    out = [0.5 * math.erfc(a / math.sqrt(2)), density]
    power = density
    for k in range(2, 9):
        power *= a
        out.append(power + (k - 1) * out[k - 2])
    return out


def _wave(angle: float, t: float, k: int) -> float:
    """E cos(angle + t eps) eps^k: the k-th derivative in t of a wave that shrinks."""
    hermite = (1.0, t, t * t - 1, t * (t * t - 3), (t * t - 6) * t * t + 3)[k]
    return hermite * math.exp(-0.5 * t * t) * math.cos(angle + k * math.pi / 2)
