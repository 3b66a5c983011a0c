"""Models, explorers and states of the conditional explorer of classes."""

import pytest
import torch
from explorers import digits, enlarged

from course_utils.models import CVAE
from course_utils.widgets import conditional_explorer
from course_utils.widgets.conditional import ClassState


def cvae(latent_dim=2, classes=10, prior="fixed", hidden=(16,), *, shape=(8, 8), **how):
    """A CVAE as initialised, but enlarged."""
    torch.manual_seed(0)
    return enlarged(CVAE(shape, latent_dim, classes, prior, hidden, **how))


def explorer(latent_dim=2, prior="fixed", **state):
    """Over digits."""
    return conditional_explorer(cvae(latent_dim, prior=prior), digits(), **state)


STATES = {  # by the number of latents
    1: [ClassState((0.0,), (0,)), ClassState((-1.234,), (0,), 7, chosen=4)],
    2: [ClassState(), ClassState((0.125, -0.005), (1, 0), 9, 39), ClassState((30.0, -40.0))],
    5: [ClassState((0.1, -0.2, 0.3, 1.4, -2.5), (3, 1), 4, chosen=7)],
}
CASES = [
    (latents, prior, state)
    for latents, states in STATES.items()
    for state in states
    for prior in ("fixed", "learned")
]
each_case = pytest.mark.parametrize(("latents", "prior", "state"), CASES, ids=str)
