"""States of the gradient explorer, each f with and without its baseline."""

import pytest

from course_utils.widgets.gradient import GradientState

MATHS = (
    "gradient/words.toml",
    "_shared/say.js",
    "_shared/normals.js",
    "_shared/running.js",
    "gradient/math.js",
)
STATES = [
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
each_state = pytest.mark.parametrize("state", STATES, ids=str)
