"""The latent explorer in a JupyterLab, for the tests that open it: what Python computes for it."""

from functools import partial

import numpy as np
from explorer_actions import reading
from explorer_cases import on_pad
from explorers import digits, vae

from course_utils.widgets import latent_explorer
from course_utils.widgets.latent import LatentState, latent_picture

WIDGET = latent_explorer(vae(), digits())
SPAN = WIDGET.recipe["span"]


def picture(widget=WIDGET, **state):
    """What Python computes for this state, the rest as at the opening."""
    state = LatentState(**(vars(widget.state) | state))
    return latent_picture(state, widget.decoder, widget.codes)


sees, answers = reading(".lt-said", lambda *widget, **state: picture(*widget, **state).text)
on_pad = partial(on_pad, span=SPAN)


def click(page, z) -> None:
    box = page.locator(".lt-pad").bounding_box()
    across, down = on_pad(page, z)
    position = {"x": across * box["width"], "y": down * box["height"]}
    page.locator(".lt-pad").click(position=position)


def alone(but=()) -> int:
    """The code furthest from all others: no click on it can mean another."""
    mu = WIDGET.codes.mu
    gaps = np.linalg.norm(mu[:, None] - mu, axis=-1) + 1e9 * np.eye(len(mu))
    gaps = gaps.min(axis=1)
    gaps[list(but)] = 0
    return int(gaps.argmax())


A = alone()
B = alone(but=[A])


def mu(code: int) -> list[float]:
    return WIDGET.codes.mu[code].tolist()
