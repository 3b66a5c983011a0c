"""The explorer's arithmetic in the browser equals Python's, in every digit that counts."""

import dataclasses

import numpy as np
import pytest
from explorer_actions import in_chromium
from explorers import latents
from test_latent_explorer import CASES, explorer, vae
from test_latent_explorer_twin import (
    MODULES,
    PICTURES,
    TEXTS,
    UNPACK,
    each_shape,
    expected,
    sent,
)

from course_utils.widgets import latent_explorer
from course_utils.widgets.latent import latent_picture
from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture


@pytest.mark.parametrize(
    "state",
    [
        MonteCarloState(),
        MonteCarloState(dimension=20, sigma=0.05, n=100_000, seed=99),
        MonteCarloState(dimension=7, sigma=0.123, n=1234, seed=42, proposal=0.37),
        MonteCarloState(dimension=12, sigma=0.2, n=500, seed=3, proposal=1.0),
    ],
    ids=str,
)
def test_chromium_computes_the_same_picture(page, state):
    files = ["_shared/normals.js", "monte_carlo/math.js"]
    theirs = in_chromium(page, files, "picture", vars(state))
    ours = dataclasses.asdict(monte_carlo_picture(state))
    assert theirs.pop("text") == ours.pop("text")
    assert theirs.pop("state") == ours.pop("state")
    assert theirs.keys() == ours.keys()
    for name, value in ours.items():
        np.testing.assert_allclose(theirs[name], value, rtol=1e-9, atol=1e-12, err_msg=name)


@each_shape
def test_chromium_decodes_as_torch_does(page, latent_dim, hidden, likelihood):
    model, z = vae(latent_dim, hidden, likelihood, side=28), latents(latent_dim, 30)
    given = sent(latent_explorer(model)), z.tolist()
    run = f"(...given) => {{ {UNPACK} return ({PICTURES})(...given); }}"
    pictures = in_chromium(page, list(MODULES), run, *given)
    assert np.abs(np.array(pictures) - expected(model, z)).max() < 1e-3


@pytest.mark.parametrize("latents_of", [1, 2, 5])
def test_chromium_says_the_same_of_a_latent_space(page, latents_of):
    widget = explorer(latents_of)
    states = [state for count, state in CASES if count == latents_of]
    run = f"(...given) => {{ {UNPACK} return ({TEXTS})(...given); }}"
    given = sent(widget), [vars(state) for state in states]
    texts = in_chromium(page, list(MODULES), run, *given)
    for state, text in zip(states, texts, strict=True):
        assert text == latent_picture(state, widget.decoder, widget.codes).text
