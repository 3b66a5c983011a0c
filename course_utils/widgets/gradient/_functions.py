"""What the gradient explorer averages: each f with its slope and its exact moments.

All but the sine are made of two polynomials, one for z <= 0 and one for z > 0. With
z = mu + sigma eps each is a polynomial in eps, so its moments are sums of moments of eps above or
below -mu/sigma. `math.js` computes the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial

from course_utils.widgets._shared.normals import standard_normals

OF_EPS = (1, 0, 1, 0, 3, 0, 15, 0, 105)  # E eps^k for eps ~ N(0, 1)
POWERS = range(5)  # the variance of a gradient in sigma needs the fourth power of eps


@dataclass(frozen=True)
class TwoPolynomials:
    """One polynomial for z <= 0, another for z > 0."""

    left: Polynomial
    right: Polynomial

    def value(self, z: np.ndarray) -> np.ndarray:
        """f(z), of the shape of z."""
        return np.where(z > 0, self.right(z), self.left(z))

    def slope(self, z: np.ndarray) -> np.ndarray:
        """f'(z), of the shape of z; at 0 it is that of the left side."""
        return np.where(z > 0, self.right.deriv()(z), self.left.deriv()(z))

    def moments(self, mu: float, sigma: float) -> np.ndarray:
        """E f eps^k, E f^2 eps^k and E f'^2 eps^k under z ~ N(mu, sigma^2), exact.

        Shape (3, 5), a column for each k from 0 to 4.
        """
        z, total = Polynomial([mu, sigma]), np.zeros((3, len(POWERS)))  # z as one in eps
        for side, of_eps in self._sides(mu / sigma):
            f, slope = side(z), side.deriv()(z)
            for row, p in zip(total, (f, f * f, slope * slope), strict=True):
                row += [p.coef @ of_eps[k : k + len(p.coef)] for k in POWERS]
        return total

    def _sides(self, ratio: float) -> list[tuple[Polynomial, Sequence[float]]]:
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

    def moments(self, mu: float, sigma: float) -> np.ndarray:
        """The squares are waves of twice the frequency."""
        f = [_wave(self.w * mu - math.pi / 2, self.w * sigma, k) for k in POWERS]
        double = [_wave(2 * self.w * mu, 2 * self.w * sigma, k) for k in POWERS]
        squared = [0.5 * (OF_EPS[k] - double[k]) for k in POWERS]
        slope_squared = [0.5 * self.w * self.w * (OF_EPS[k] + double[k]) for k in POWERS]
        return np.array([f, squared, slope_squared])


Z, ONE = Polynomial([0, 1]), Polynomial([1])
FUNCTIONS = {
    "z^2": TwoPolynomials(Z**2, Z**2),
    "z^2 + 10": TwoPolynomials(Z**2 + 10, Z**2 + 10),
    "sin 3z": Sine(3.0),
    "|z|": TwoPolynomials(-Z, Z),
    "step": TwoPolynomials(0 * ONE, ONE),
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
    f, squared, slope_squared = FUNCTIONS[state.f].moments(state.mu, sigma).tolist()
    gradient = (f[1] if in_mu else f[2] - f[0]) / sigma

    def times_squared_score(m: list[float]) -> float:
        return (m[2] if in_mu else m[4] - 2 * m[2] + m[0]) / (sigma * sigma)

    score = times_squared_score(squared)
    if state.baseline:  # b is independent of its draw: E b = E f, Var b = Var f / (n - 1)
        mean, information = f[0], times_squared_score(OF_EPS)
        variance = squared[0] - mean * mean
        score += mean * mean * information - 2 * mean * times_squared_score(f)
        score += variance * information / (state.n - 1)
    path = slope_squared[0 if in_mu else 2]
    return gradient, *(max(0.0, square - gradient * gradient) for square in (score, path))


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
