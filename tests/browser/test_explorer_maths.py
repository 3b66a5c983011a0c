"""The explorer's arithmetic in the browser equals Python's, in every digit that counts."""

import dataclasses

import numpy as np
import pytest
from explorer_actions import in_chromium

from course_utils.widgets.monte_carlo_explorer import MonteCarloState, monte_carlo_picture


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
    theirs = in_chromium(page, ["normals.js", "monte_carlo_math.js"], "picture", vars(state))
    ours = dataclasses.asdict(monte_carlo_picture(state))
    assert theirs.pop("text") == ours.pop("text")
    assert theirs.pop("state") == ours.pop("state")
    assert theirs.keys() == ours.keys()
    for name, value in ours.items():
        np.testing.assert_allclose(theirs[name], value, rtol=1e-9, atol=1e-12, err_msg=name)
