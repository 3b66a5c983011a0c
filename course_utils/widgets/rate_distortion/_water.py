"""Rate and distortion of a Gaussian, by reverse water-filling: eq. 9.3 of the course.

A direction of variance lambda above the water level theta costs half of log(lambda / theta) nats
and leaves theta of squared error; one below costs nothing and leaves lambda. The linear VAE of
sigma^2 = theta is there at its optimum, with as many latents as it likes.
"""

import numpy as np

LOWEST = 1e-12  # of a water level that one divides by


def at_level(variances: np.ndarray, theta: float) -> tuple[float, float]:
    """Rate, in nats, and distortion."""
    above = np.maximum(variances / max(theta, LOWEST), 1)
    return 0.5 * float(np.log(above).sum()), float(np.minimum(variances, theta).sum())


def needed_for(variances: np.ndarray, distortion: float) -> float:
    """The nats without which no code has so small a distortion; 0 from all the variance on."""
    levels = np.append(0, np.sort(variances))  # between two of them it grows evenly
    left = [at_level(variances, theta)[1] for theta in levels]
    return at_level(variances, float(np.interp(distortion, left, levels)))[0]


def curve_of(variances: np.ndarray, most: float) -> list[tuple[float, float]]:
    """Rates and distortions from the largest variance down, until a rate is above `most`."""
    levels = variances.max() * np.geomspace(1, 1e-6, 121)
    points = [at_level(variances, theta) for theta in levels]
    return points[: 1 + sum(rate <= most for rate, _ in points)]
