"""One latent z ~ N(0, 1), one observation x, a normal q: every number of the ELBO explorer.

Both models are x | z ~ N(a f(z) + b, sigma^2), with f(z) = z or f(z) = z^2. So E_q log p(x | z)
needs E_q f and E_q f^2 alone, and over a it is a parabola. `math.js` holds the same.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.densities import LOG_2PI

PRIOR_GRID = np.arange(-400, 401) / 50  # for integrals over z: [-8, 8], 0.02 apart
Q_GRID = np.arange(-72, 73) / 8  # for integrals under q, in standard deviations from its mean


def power_moments(m: float, v: float) -> tuple[float, float]:
    """E z and E z^2 of N(m, v)."""
    return m, m * m + v


def square_moments(m: float, v: float) -> tuple[float, float]:
    """E z^2 and E z^4 of N(m, v)."""
    return m * m + v, m**4 + 6 * m * m * v + 3 * v * v


@dataclass(frozen=True)
class OneLatent:
    """x | z ~ N(a f(z) + b, sigma^2): f, its moments under a normal, x, b and sigma."""

    f: Callable[[np.ndarray], np.ndarray]
    moments: Callable[[float, float], tuple[float, float]]
    x: float
    b: float
    sigma: float

    def log_joint(self, z: np.ndarray, a: float) -> np.ndarray:
        """Log p(x | z) + log p(z), the shape of z, nats."""
        residual = (self.x - self.b - a * self.f(z)) / self.sigma
        return -LOG_2PI - math.log(self.sigma) - 0.5 * residual**2 - 0.5 * z * z


MODELS = {
    "linear": OneLatent(lambda z: z, power_moments, x=2.0, b=0.3, sigma=0.5),
    "two roots": OneLatent(lambda z: z * z, square_moments, x=1.5, b=0.0, sigma=0.3),
}


def log_evidence(model: str, a: float) -> float:
    """Log p(x), nats: eq. 1.6 for the linear model, the trapezoid rule for two roots."""
    toy = MODELS[model]
    if model == "linear":
        variance = a * a + toy.sigma**2
        return -0.5 * (LOG_2PI + math.log(variance) + (toy.x - toy.b) ** 2 / variance)
    log_joint = toy.log_joint(PRIOR_GRID, a)
    top = log_joint.max()
    return float(top + math.log(np.exp(log_joint - top).sum() / 50))


def reconstruction(model: str, mu: float, log_var: float, a: float) -> float:
    """E_q log p(x | z) in closed form, nats (eq. 3.12 for the linear model)."""
    toy = MODELS[model]
    r, (f1, f2) = toy.x - toy.b, toy.moments(mu, math.exp(log_var))
    expected_square = r * r - 2 * a * r * f1 + a * a * f2
    return -0.5 * LOG_2PI - math.log(toy.sigma) - expected_square / (2 * toy.sigma**2)


def kl_to_prior(mu: float, log_var: float) -> float:
    """KL(q || N(0, 1)), nats; eq. 3.4."""
    return 0.5 * (mu * mu + math.exp(log_var) - 1 - log_var)


def posterior_moments(a: float) -> tuple[float, float]:
    """Mean and variance of the linear model's posterior; eq. 1.11."""
    toy = MODELS["linear"]
    r = 1 + a * a / toy.sigma**2
    return a * (toy.x - toy.b) / toy.sigma**2 / r, 1 / r


def gap_to_posterior(model: str, mu: float, log_var: float, a: float) -> float:
    """KL(q || p(z | x)), nats: from the two densities alone, neither as a difference of bounds.

    Linear: eq. 3.3. Two roots: the trapezoid rule on E_q[log q - log p(z | x)].
    """
    v = math.exp(log_var)
    if model == "linear":
        m_p, v_p = posterior_moments(a)
        return 0.5 * (math.log(v_p) - log_var + (v + (mu - m_p) ** 2) / v_p - 1)
    log_unit = -0.5 * LOG_2PI - 0.5 * Q_GRID**2
    log_posterior = log_posterior_at(model, mu + math.sqrt(v) * Q_GRID, a)
    return float(np.sum(np.exp(log_unit) * (log_unit - 0.5 * log_var - log_posterior)) / 8)


def log_posterior_at(model: str, z: np.ndarray, a: float) -> np.ndarray:
    """Log p(z | x), the shape of z, nats; eq. 3.7."""
    return MODELS[model].log_joint(z, a) - log_evidence(model, a)


def best_a(model: str, mu: float, log_var: float) -> float:
    """The top of the parabola: argmax of E_q log p(x | z) over all a; eq. 3.14."""
    toy = MODELS[model]
    f1, f2 = toy.moments(mu, math.exp(log_var))
    return (toy.x - toy.b) * f1 / f2


def best_q(model: str, mu: float, log_var: float, a: float) -> tuple[float, float]:
    """Mean and log-variance of the normal that gradient ascent of the ELBO reaches from here."""
    if model == "linear":
        m, v = posterior_moments(a)
        return m, math.log(v)
    straddling, one_root = tops(a)
    if one_root is None:
        return straddling
    # Ascent decides which top it is; the closed form says exactly where that is.
    end = _climb(mu, log_var, a)
    if abs(end) < 0.5 * one_root[0]:
        return straddling
    return math.copysign(one_root[0], end), one_root[1]


def tops(a: float) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """Where both slopes of the ELBO of two roots are 0: across both roots, and on the right one.

    (mean, log-variance) of each; None where the posterior has a single mode.
    """
    toy = MODELS["two roots"]
    s2 = toy.sigma**2
    slope = 2 * a * toy.x - s2
    root = math.sqrt(slope * slope + 24 * a * a * s2)
    # Two forms of one root of a quadratic: each is the one that loses no digits.
    wide = (slope + root) / (12 * a * a) if slope > 0 else 2 * s2 / (root - slope)
    inner = slope * slope - 12 * a * a * s2
    if slope <= 0 or inner <= 0:
        return (0.0, math.log(wide)), None
    v = s2 / (slope + math.sqrt(inner))
    return (0.0, math.log(wide)), (math.sqrt(slope / (2 * a * a) - 3 * v), math.log(v))


def _climb(mu: float, log_var: float, a: float) -> float:
    """The mean after small steps uphill, along the natural gradient of two roots' ELBO."""
    toy = MODELS["two roots"]
    for _ in range(1000):
        v = math.exp(log_var)
        pull = (2 * a * toy.x - 2 * a * a * mu * mu - 6 * a * a * v) / toy.sigma**2 - 1
        push = (a * toy.x - 3 * a * a * (mu * mu + v)) / toy.sigma**2 - 0.5
        d_mu, d_log_var = v * mu * pull, 1 + 2 * v * push
        step = min(0.05, 0.05 / (abs(d_mu) / math.sqrt(v) + abs(d_log_var) + 1e-9))
        mu, log_var = mu + step * d_mu, log_var + step * d_log_var
    return mu
