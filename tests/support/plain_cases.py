"""States of the explorers without a model: Monte Carlo, the ELBO, gradients."""

import math

import numpy as np
import pytest

from course_utils.widgets.elbo import ElboState
from course_utils.widgets.elbo._explorer import RANGES
from course_utils.widgets.gradient import GradientState
from course_utils.widgets.monte_carlo import MonteCarloState

MONTE_CARLO = [
    MonteCarloState(),
    MonteCarloState(dimension=1, sigma=1.0, n=10, seed=99),
    MonteCarloState(dimension=20, sigma=0.05, n=100_000, seed=5),
    MonteCarloState(dimension=20, sigma=0.3, n=3000, seed=1, proposal=0.9),
    MonteCarloState(dimension=7, sigma=0.123, n=1234, seed=42, proposal=0.37),
    MonteCarloState(dimension=5, sigma=0.1, n=50_000, seed=17, proposal=0.99),
    MonteCarloState(dimension=12, sigma=0.2, n=500, seed=3, proposal=1.0),
]
ELBO = [
    ElboState(),
    ElboState(mu=1.02, log_var=math.log(0.1), a=1.5),
    ElboState(mu=-3.9, log_var=-5.7, a=-2.3),
    ElboState(mu=0.21, log_var=1.9, a=0.0),
    ElboState("two roots"),
    ElboState("two roots", mu=1.1, log_var=-4.0, a=1.0),
    ElboState("two roots", mu=-3.7, log_var=1.9, a=2.9),
    ElboState("two roots", mu=0.0, log_var=0.0, a=1.0),
    ElboState("two roots", mu=0.6, log_var=-1.3, a=-1.2),
    ElboState("two roots", mu=2.2, log_var=-1.0, a=0.06),
]
GRADIENT = [  # each f with and without its baseline
    GradientState(),
    GradientState("z^2", -1.3, 0.8, 10_000, 4, "sigma", True),
    GradientState("z^2 + 10", 2.5, 0.1, 10, 99),
    GradientState("z^2 + 10", 0.4, 1.7, 777, 5, "sigma", True),
    GradientState("sin 3z", 0.37, 0.25, 3000, 17),
    GradientState("sin 3z", -1, 2, 10_000, 3, "sigma", True),
    GradientState("|z|", 0.5, 1, 1234, 42),
    GradientState("|z|", -2.9, 0.3, 500, 8, "sigma", True),
    GradientState("|z|", 3, 0.1, 100, 2, "mu", True),
    GradientState("step", 0.5, 1, 300, 1),
    GradientState("step", -0.2, 0.6, 5000, 7, "sigma", True),
]
each_elbo_model = pytest.mark.parametrize("model", ["linear", "two roots"])


def each(states):
    return pytest.mark.parametrize("state", states, ids=str)


def elbo_states(model, n=300, seed=0):
    """States from all over the ranges."""
    rng = np.random.default_rng(seed)
    draws = [rng.uniform(*limits, size=n) for limits in RANGES.values()]
    return [ElboState(model, *values) for values in zip(*draws, strict=True)]
