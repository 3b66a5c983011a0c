"""Models, explorers and states of the conditional explorer of classes."""

import pytest
import torch
from explorers import digits

from course_utils.densities import DiagonalNormal
from course_utils.models import CVAE
from course_utils.widgets import conditional_explorer
from course_utils.widgets.conditional import ClassState


def cvae(latent_dim=2, classes=10, prior="fixed", hidden=(16,), *, shape=(8, 8), **how):
    """A CVAE as initialised, but with weights so large that its pictures and codes differ."""
    torch.manual_seed(0)
    model = CVAE(shape, latent_dim, classes, prior, hidden, **how)
    with torch.no_grad():
        for layer in (m for m in model.decoder if isinstance(m, torch.nn.Linear)):
            layer.weight.mul_(3)
        model.encoder[-1].weight.mul_(6)
        if prior == "learned":
            model.prior_network[-1].weight.mul_(4)
    return model


class WithCodes(CVAE):
    """A model that brings its own codes, as the pretrained ones do: no pixels."""

    codes = DiagonalNormal(*torch.randn(2, 25, 2, generator=torch.Generator().manual_seed(3)))
    object.__setattr__(codes, "labels", torch.arange(25) % 10)


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
