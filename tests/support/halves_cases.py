"""Models, explorers and states of the conditional explorer of halves."""

import pytest
import torch
from conditional_cases import cvae
from explorers import digits

from course_utils.widgets import conditional_explorer
from course_utils.widgets.conditional import HalfState

HALF = tuple(tuple((row * 4 + column) % 7 / 10 for column in range(4)) for row in range(8))
STATES = [
    HalfState(),
    HalfState(0),
    HalfState(39, seed=7, spread=0.35),
    HalfState(HALF, seed=99, spread=1.5),
    HalfState(5, spread=0),
]
each_prior = pytest.mark.parametrize("prior", ["fixed", "learned"])
each_state = pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))


def halves(prior="learned", latent_dim=3, **how):
    """Left halves of digits, to right halves."""
    return cvae(latent_dim, 32, prior, shape=(8, 4), **how)


def explorer(prior="learned", data=None, **state):
    """Over digits."""
    return conditional_explorer(halves(prior), digits() if data is None else data, **state)


def left_half(state) -> torch.Tensor:
    """The condition that a state stands for."""
    if state.left is None:
        return torch.zeros(8, 4)
    return digits().images[state.left, :, :4] if type(state.left) is int else torch.tensor(HALF)
