"""Bounds on numbers that depend on a training or on draws: held, and noted for the rehearsal."""

import math
import os

from course_utils.exercises._engine.band import note


def gate(name, value, *, above=-math.inf, below=math.inf):
    """Refuse a value that is not between the bounds; `test --rehearsal` shows how near it came."""
    value = float(value)
    test = os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0].rpartition("/")[2]
    note(f"{test}: {name}", value, above, below)
    assert above < value < below, f"{name} is {value:.4g}, not between {above:g} and {below:g}"
