"""Notebook 00: one trivial exercise, to see how they work; its words are in `text/`."""

from torch import Generator

from course_utils.exercises._engine.exercise import Case, Cases, Exercise, drawn, rand


def my_average(p):
    """Average p, shape (K, B), over the K samples: shape (B,)."""
    return p.mean(dim=0)


@drawn
def _cases(g: Generator) -> Cases:
    for k, b in ((6, 4), (9, 2)):  # two sizes: a 6 written as a number shows
        yield Case(f"p of shape ({k}, {b}): {k} samples for each of {b} examples", (rand(g, k, b),))


EXERCISES = (Exercise("E0.1", my_average, _cases),)
