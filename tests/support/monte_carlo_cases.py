"""States of the Monte Carlo explorer."""

import pytest

from course_utils.widgets.monte_carlo import MonteCarloState

MATHS = (
    "monte_carlo/words.toml",
    "_shared/say.js",
    "_shared/normals.js",
    "_shared/running.js",
    "monte_carlo/math.js",
)
STATES = [
    MonteCarloState(),
    MonteCarloState(dimension=1, sigma=1.0, n=10, seed=99),
    MonteCarloState(dimension=20, sigma=0.05, n=100_000, seed=5),
    MonteCarloState(dimension=20, sigma=0.3, n=3000, seed=1, proposal=0.9),
    MonteCarloState(dimension=7, sigma=0.123, n=1234, seed=42, proposal=0.37),
    MonteCarloState(dimension=5, sigma=0.1, n=50_000, seed=17, proposal=0.99),
    MonteCarloState(dimension=12, sigma=0.2, n=500, seed=3, proposal=1.0),
]
each_state = pytest.mark.parametrize("state", STATES, ids=str)
