"""States of the ELBO explorer, and the same in the terms of the rest of the course."""

import math

import numpy as np
import pytest
import torch

from course_utils.densities import DiagonalNormal
from course_utils.toys import LinearGaussian
from course_utils.widgets.elbo import ElboState
from course_utils.widgets.elbo import _math as _elbo_math
from course_utils.widgets.elbo._explorer import RANGES

STATES = [
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
each_state = pytest.mark.parametrize("state", STATES, ids=str)
MATHS = (
    "elbo/words.toml",
    "_shared/say.js",
    "elbo/math.js",
)
MODELS = ["linear", "two roots"]
each_model = pytest.mark.parametrize("model", MODELS)


def random_states(model, n=300, seed=0):
    """States from all over the ranges."""
    rng = np.random.default_rng(seed)
    draws = [rng.uniform(*limits, size=n) for limits in RANGES.values()]
    return [ElboState(model, *values) for values in zip(*draws, strict=True)]


def tensors(state):
    """The observation and q as the rest of the course has them: x (1, 1), q over (1, 1)."""
    x = torch.tensor([[_elbo_math.MODELS[state.model].x]], dtype=torch.float64)
    mu, log_var = (torch.tensor([[v]], dtype=torch.float64) for v in (state.mu, state.log_var))
    return x, DiagonalNormal(mu, log_var)


def linear(state):
    return LinearGaussian(W=[[state.a]], b=[0.3], sigma=0.5)
