"""Models, explorers and states of the latent explorer."""

from itertools import product

import pytest
import torch
from explorers import digits, enlarged

from course_utils.models import VAE
from course_utils.widgets import latent_explorer
from course_utils.widgets.latent import LatentState


def vae(latent_dim=2, hidden=(16,), likelihood="bernoulli", *, side=8, kind=VAE):
    """A VAE as initialised, but enlarged."""
    torch.manual_seed(0)
    return enlarged(kind((side, side), latent_dim, hidden, likelihood))


def expected(model, z):
    """The pictures of the latents z by torch, (n, D)."""
    with torch.no_grad():
        return model.mean_x(z).flatten(1).numpy()


def explorer(latent_dim=2, **state):
    """Over digits."""
    return latent_explorer(vae(latent_dim), digits(), **state)


STATES = {  # by the number of latents
    1: [
        LatentState((0.0,), (0,)),
        LatentState((-1.234,), (0,), chosen=4),
        LatentState((3.0,), (0,), chosen=4, mode="interpolate", other=0, t=0.31),
    ],
    2: [
        LatentState(),
        LatentState((0.125, -0.005), chosen=39),
        LatentState((30.0, -40.0), (1, 0)),
        LatentState((-2.5, 1.25), mode="interpolate"),
        LatentState((1, 1), chosen=3, mode="interpolate"),
        LatentState((1, 1), chosen=3, mode="interpolate", other=17, t=0),
        LatentState((1, 1), chosen=3, mode="explore", other=17, t=0.7),
    ],
    5: [
        LatentState((0.1, -0.2, 0.3, 1.4, -2.5), (3, 1), chosen=7),
        LatentState((0.0,) * 5, (0, 4), chosen=7, mode="interpolate", other=8, t=0.77),
    ],
}
CASES = [(latents, state) for latents, states in STATES.items() for state in states]
SHAPES = [*product((2, 20), ((), (128,), (512, 256)), ("bernoulli", "gaussian"))]
each_shape = pytest.mark.parametrize(("latent_dim", "hidden", "likelihood"), SHAPES, ids=str)
each_case = pytest.mark.parametrize(("latents", "state"), CASES, ids=str)
