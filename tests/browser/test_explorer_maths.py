"""The explorer's arithmetic in the browser equals Python's, in every digit that counts."""

import conditional_twin
import halves_cases
import latent_cases
import latent_twin
import numpy as np
import pytest
import torch
from conditional_cases import cvae
from explorer_actions import in_chromium
from explorers import latents
from halves_cases import each_prior
from latent_twin import each_shape

from course_utils.widgets import conditional_explorer, latent_explorer
from course_utils.widgets.conditional import conditional_picture
from course_utils.widgets.latent import latent_picture


def by_chromium(page, twin, widget, run: str, given: list) -> list:
    """What a function of JavaScript makes of all that a page gets of a widget, and of the rest."""
    run = f"(...given) => {{ {twin.OPEN} return ({run})(...given); }}"
    return in_chromium(page, twin.MODULES, run, twin.sent(widget), given)


# --- the latent explorer ---


@each_shape
def test_chromium_decodes_as_torch_does(page, latent_dim, hidden, likelihood):
    model = latent_cases.vae(latent_dim, hidden, likelihood, side=28)
    widget, z = latent_explorer(model), latents(latent_dim, 30)
    pictures = by_chromium(page, latent_twin, widget, latent_twin.PICTURES, z.tolist())
    assert np.abs(np.array(pictures) - latent_twin.expected(model, z)).max() < 1e-3


@pytest.mark.parametrize("latents_of", [1, 2, 5])
def test_chromium_says_the_same_of_a_latent_space(page, latents_of):
    widget, states = latent_cases.explorer(latents_of), latent_cases.STATES[latents_of]
    given = [vars(state) for state in states]
    texts = by_chromium(page, latent_twin, widget, latent_twin.TEXTS, given)
    for state, text in zip(states, texts, strict=True):
        assert text == latent_picture(state, widget.decoder, widget.codes).text


# --- the conditional explorers ---


@pytest.mark.parametrize("prior", ["fixed", "learned"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_chromium_decodes_every_class_as_torch_does(page, prior, likelihood):
    model = cvae(2, 10, prior, (256, 256), shape=(28, 28), likelihood=likelihood)
    widget, z = conditional_explorer(model), latents(2)
    theirs = by_chromium(page, conditional_twin, widget, conditional_twin.CLASSES, z.tolist())
    with torch.no_grad():
        ours = [model.mean_x(z, torch.tensor([digit])) for digit in range(10)]
    assert np.abs(np.array(theirs) - torch.stack(ours, dim=1).flatten(2).numpy()).max() < 1e-3


@each_prior
def test_chromium_completes_halves_and_says_the_same(page, prior):
    widget, states = halves_cases.explorer(prior), halves_cases.STATES
    given = [vars(state) for state in states]
    pictures = by_chromium(page, conditional_twin, widget, conditional_twin.COMPLETIONS, given)
    for state, theirs in zip(states, pictures, strict=True):
        ours = conditional_picture(state, widget.shown)
        np.testing.assert_allclose(
            theirs["completions"], ours.completions.reshape(9, 64), atol=1e-4
        )
        assert theirs["text"] == ours.text
