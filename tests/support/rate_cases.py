"""Networks, explorers and states of the explorer of rate and distortion."""

import pytest
import torch
from explorers import enlarged

from course_utils.data import ImageData, load
from course_utils.models import VAE
from course_utils.widgets import rate_distortion_explorer
from course_utils.widgets.rate_distortion import RateDistortionState

SIGMAS = (0.15, 0.25, 0.4, 0.5, 1.2)  # no variance of the digits is above the last one's square
SHIFTS = (3.0, 2.2, 1.5, 0.8, 0.0)  # of the codes from 0, so that the rates fall
STATES = [
    RateDistortionState(),
    RateDistortionState(4, 11, 4),
    RateDistortionState(2, 5, 1),
    RateDistortionState(model=1, seed=3),
]
each_state = pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))


def networks(latent_dim=3, shape=(8, 8), **how) -> list[VAE]:
    """As initialised, but enlarged."""
    made = []
    for seed, (sigma, shift) in enumerate(zip(SIGMAS, SHIFTS, strict=True)):
        torch.manual_seed(seed)
        options = {"likelihood": "gaussian", "sigma": sigma} | how
        made.append(enlarged(VAE(shape, latent_dim, (16,), **options)))
        with torch.no_grad():
            made[-1].encoder[-1].bias[:latent_dim].add_(shift)
    return made


def explorer(**state):
    """Over digits."""
    return rate_distortion_explorer(networks(), load("digits"), **state)


def few(train=20, test=5) -> ImageData:
    """Some of the digits, in two parts."""
    images, labels = load("digits")
    return ImageData(images[: train + test], labels[: train + test], n_train=train)
