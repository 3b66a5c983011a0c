"""The explorer's arithmetic in the browser equals Python's, in every digit that counts."""

import numpy as np
import pytest
from explorer_actions import in_chromium
from explorers import latents
from latent_cases import CASES, explorer, vae
from latent_twin import (
    MODULES,
    OPEN,
    PICTURES,
    TEXTS,
    each_shape,
    expected,
    sent,
)

from course_utils.widgets import latent_explorer
from course_utils.widgets.latent import latent_picture


@each_shape
def test_chromium_decodes_as_torch_does(page, latent_dim, hidden, likelihood):
    model, z = vae(latent_dim, hidden, likelihood, side=28), latents(latent_dim, 30)
    given = sent(latent_explorer(model)), z.tolist()
    run = f"(...given) => {{ {OPEN} return ({PICTURES})(...given); }}"
    pictures = in_chromium(page, list(MODULES), run, *given)
    assert np.abs(np.array(pictures) - expected(model, z)).max() < 1e-3


@pytest.mark.parametrize("latents_of", [1, 2, 5])
def test_chromium_says_the_same_of_a_latent_space(page, latents_of):
    widget = explorer(latents_of)
    states = [state for count, state in CASES if count == latents_of]
    run = f"(...given) => {{ {OPEN} return ({TEXTS})(...given); }}"
    given = sent(widget), [vars(state) for state in states]
    texts = in_chromium(page, list(MODULES), run, *given)
    for state, text in zip(states, texts, strict=True):
        assert text == latent_picture(state, widget.decoder, widget.codes).text
