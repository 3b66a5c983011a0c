"""Models, explorers and states that the tests of the explorers share."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from course_utils import widgets
from course_utils.data import ImageData, load
from course_utils.densities import DiagonalNormal
from course_utils.models import CVAE, VAE
from course_utils.widgets.conditional import ClassState, HalfState
from course_utils.widgets.elbo import ElboState
from course_utils.widgets.elbo._explorer import RANGES
from course_utils.widgets.gradient import GradientState
from course_utils.widgets.latent import LatentState
from course_utils.widgets.monte_carlo import MonteCarloState
from course_utils.widgets.rate_distortion import RateDistortionState


def latents(latent_dim, n=20):
    """Latents twice as wide as the prior, zero among them."""
    z = 2 * torch.randn(n, latent_dim, generator=torch.Generator().manual_seed(1))
    z[0] = 0
    return z


def digits(n=40) -> ImageData:
    """The first images of the real digits' test set."""
    test = load("digits").test
    return ImageData(test.images[:n], test.labels[:n])


def few(train=20, test=5) -> ImageData:
    """Some of the digits, in two parts."""
    images, labels = load("digits")
    return ImageData(images[: train + test], labels[: train + test], n_train=train)


# --- models, as initialised but enlarged ---


def enlarged(model):
    """With weights so large that its pictures and codes differ."""
    grown = [(layer, 3) for layer in model.decoder] + [(model.encoder[-1], 6)]
    if getattr(model, "prior_kind", "fixed") == "learned":
        grown.append((model.prior_network[-1], 4))
    with torch.no_grad():
        for layer, factor in grown:
            if isinstance(layer, torch.nn.Linear):
                layer.weight.mul_(factor)
    return model


def vae(latent_dim=2, hidden=(16,), likelihood="bernoulli", *, side=8, kind=VAE):
    torch.manual_seed(0)
    return enlarged(kind((side, side), latent_dim, hidden, likelihood))


def cvae(latent_dim=2, classes=10, prior="fixed", hidden=(16,), *, shape=(8, 8), **how):
    torch.manual_seed(0)
    return enlarged(CVAE(shape, latent_dim, classes, prior, hidden, **how))


def halves(prior="learned", latent_dim=3, **how):
    """Left halves of digits, to right halves."""
    return cvae(latent_dim, 32, prior, shape=(8, 4), **how)


SIGMAS = (0.15, 0.25, 0.4, 0.5, 1.2)  # no variance of the digits is above the last one's square
SHIFTS = (3.0, 2.2, 1.5, 0.8, 0.0)  # of the codes from 0, so that the rates fall


def networks(latent_dim=3, shape=(8, 8), **how) -> list[VAE]:
    """For the explorer of rate and distortion."""
    made = []
    for seed, (sigma, shift) in enumerate(zip(SIGMAS, SHIFTS, strict=True)):
        torch.manual_seed(seed)
        options = {"likelihood": "gaussian", "sigma": sigma} | how
        made.append(enlarged(VAE(shape, latent_dim, (16,), **options)))
        with torch.no_grad():
            made[-1].encoder[-1].bias[:latent_dim].add_(shift)
    return made


def bringing_codes(model):
    """With 25 codes of its own, as the pretrained ones have: no pixels."""
    numbers = torch.randn(2, 25, 2, generator=torch.Generator().manual_seed(3))
    model.codes = DiagonalNormal(*numbers)
    object.__setattr__(model.codes, "labels", torch.arange(25) % 10)
    return model


def round_to_halves(model) -> None:
    """Each parameter becomes a number that a float of 16 bits holds exactly."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())


def pictures_of(model, z):
    """Those of the latents z by torch, (n, D)."""
    with torch.no_grad():
        return model.mean_x(z).flatten(1).numpy()


# --- explorers of such models, over digits ---


def latent(latent_dim=2, **state):
    return widgets.latent_explorer(vae(latent_dim), digits(), **state)


def classes(latent_dim=2, prior="fixed", **state):
    return widgets.conditional_explorer(cvae(latent_dim, prior=prior), digits(), **state)


def completions(prior="learned", **state):
    return widgets.conditional_explorer(halves(prior), digits(), **state)


def rates(**state):
    return widgets.rate_distortion_explorer(networks(), load("digits"), **state)


# --- their states ---

LATENT = {  # by the number of latents
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
CLASSES = {  # by the number of latents
    1: [ClassState((0.0,), (0,)), ClassState((-1.234,), (0,), 7, chosen=4)],
    2: [ClassState(), ClassState((0.125, -0.005), (1, 0), 9, 39), ClassState((30.0, -40.0))],
    5: [ClassState((0.1, -0.2, 0.3, 1.4, -2.5), (3, 1), 4, chosen=7)],
}
HALF = tuple(tuple((row * 4 + column) % 7 / 10 for column in range(4)) for row in range(8))
HALVES = [
    HalfState(),
    HalfState(0),
    HalfState(39, seed=7, spread=0.35),
    HalfState(HALF, seed=99, spread=1.5),
    HalfState(5, spread=0),
]


def left_half(state) -> torch.Tensor:
    """The condition that a state of halves stands for."""
    if state.left is None:
        return torch.zeros(8, 4)
    return digits().images[state.left, :, :4] if type(state.left) is int else torch.tensor(HALF)


RATES = [
    RateDistortionState(),
    RateDistortionState(4, 11, 4),
    RateDistortionState(2, 5, 1),
    RateDistortionState(model=1, seed=3),
]
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


def elbo_states(model, n=300, seed=0):
    """States from all over the ranges."""
    rng = np.random.default_rng(seed)
    draws = [rng.uniform(*limits, size=n) for limits in RANGES.values()]
    return [ElboState(model, *values) for values in zip(*draws, strict=True)]


def each(states):
    """A test of every state, or of every (number of latents, state) of a table by that number."""
    if not isinstance(states, dict):
        return pytest.mark.parametrize("state", states, ids=lambda state: str(state)[:80])
    cases = [(latents, state) for latents, row in states.items() for state in row]
    return pytest.mark.parametrize(("latents", "state"), cases, ids=str)


each_elbo_model = pytest.mark.parametrize("model", ["linear", "two roots"])
each_prior = pytest.mark.parametrize("prior", ["fixed", "learned"])
SHAPES = [*product((2, 20), ((), (128,), (512, 256)), ("bernoulli", "gaussian"))]
each_shape = pytest.mark.parametrize(("latent_dim", "hidden", "likelihood"), SHAPES, ids=str)
