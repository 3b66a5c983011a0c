"""Notebook 01, E1.5: what people write instead of p(z|x) on a grid, and the hint for each."""

from collections.abc import Callable

from torch import Tensor

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex01_grid import (
    FIXED_STEPS,
    Answer,
    model_slips,
    step,
    step_too_small,
    with_pieces,
)


def _joint(rule: Callable[[Tensor, Tensor], Tensor]) -> Answer:
    """An answer made of the joint density, (G, B), and the grid, (G,)."""
    return with_pieces(lambda p_xz, p_z, grid: rule(p_xz * p_z, grid))


def _density(weights: Tensor, grid: Tensor, spacing: Tensor | float | None = None) -> Tensor:
    """Weights made to integrate to 1 over the first axis."""
    return weights / (weights.sum(0) * (step(grid) if spacing is None else spacing))


def _with_step(size: float) -> Answer:
    return _joint(lambda joint, grid: _density(joint, grid, size))


_right = _joint(_density)

POSTERIOR = (
    Mistake(
        "not normalised",
        _joint(lambda joint, grid: joint),
        "That is the joint density p(x|z) p(z), and over z it integrates to p(x), not to 1. "
        "Equation 1.10 divides by that. You know p(x) from E1.3.",
    ),
    Mistake(
        "sums to 1",
        _joint(lambda joint, grid: joint / joint.sum(0)),
        "Yours *add up* to 1, so they are probabilities of grid points; on a finer grid each would "
        "be smaller. A density has to *integrate* to 1: its sum times the spacing.",
    ),
    Mistake(
        "prior forgotten",
        with_pieces(lambda p_xz, p_z, grid: _density(p_xz, grid)),
        "You have normalised the likelihood alone. As a function of z that leaves out what was "
        "known before x came: Bayes' rule has p(x|z) p(z) above.",
        also_wrong=(
            with_pieces(lambda p_xz, p_z, grid: p_xz),
            with_pieces(lambda p_xz, p_z, grid: p_xz / p_xz.sum(0)),
            with_pieces(lambda p_xz, p_z, grid: p_xz / (step(grid) * (p_xz * p_z).sum(0))),
        ),
    ),
    Mistake(
        "the prior",
        with_pieces(lambda p_xz, p_z, grid: p_z.expand_as(p_xz)),
        "That is the prior for every x: nothing has been learnt from it. The likelihood p(x|z) "
        "belongs above, and stays there.",
    ),
    Mistake(
        "wrong axis",
        _joint(lambda joint, grid: joint / (joint.sum(1, keepdim=True) * step(grid))),
        "You divide by a sum over the x. For each x, a column of (G, B), the density integrates "
        "to 1 over z: sum over the grid's axis.",
        also_wrong=(_joint(lambda joint, grid: joint / joint.sum(1, keepdim=True)),),
    ),
    Mistake(
        "one sum for all x",
        _joint(lambda joint, grid: joint / (joint.sum() * step(grid))),
        "You divide by one number for all x together. Each x has its own p(x): sum over the grid's "
        "axis alone.",
        also_wrong=(_joint(lambda joint, grid: joint / joint.sum()),),
    ),
    Mistake(
        "highest point 1",
        _joint(lambda joint, grid: joint / joint.amax(0)),
        "You divide by the largest value, so that the peak is 1. That is a picture's scale; a "
        "density is scaled by its area.",
        also_wrong=(
            _joint(lambda joint, grid: joint / joint.max()),
            with_pieces(lambda p_xz, p_z, grid: p_xz / p_xz.amax(0)),
        ),
    ),
    Mistake(
        "spacing on the wrong side",
        _joint(lambda joint, grid: joint / joint.sum(0) * step(grid)),
        "The shape is right, the area is not 1. p(x) is the sum times the spacing, and all of it "
        "stands below: mind the brackets, and take no mean.",
        also_wrong=(
            _joint(lambda joint, grid: joint / joint.mean(0)),
            _joint(lambda joint, grid: joint / (joint.mean(0) * step(grid))),
            _joint(lambda joint, grid: joint * joint.sum(0) * step(grid)),
            _joint(lambda joint, grid: joint * step(grid)),
        ),
    ),
    Mistake(
        "one gap too many",
        _joint(lambda joint, grid: _density(joint, grid, step_too_small(grid))),
        "Nearly: your spacing is a little too small. G points have G - 1 gaps between them. "
        "`grid[1] - grid[0]` needs no counting.",
    ),
    Mistake(
        "a fixed spacing",
        _with_step(FIXED_STEPS[0]),
        "The spacing you use is right for one grid at most. Take it from the grid that came: "
        "`grid[1] - grid[0]`.",
        also_wrong=tuple(map(_with_step, FIXED_STEPS[1:])),
    ),
    Mistake(
        "turned over",
        lambda *args: _right(*args).T,
        "The numbers are right, but turned over: expected is (G, B), one row for each z of the "
        "grid and one column for each x.",
    ),
    Mistake(
        "log p(z|x)",
        lambda *args: _right(*args).log(),
        "That is the log of the posterior. The task asks for the density itself.",
        also_wrong=(_joint(lambda joint, grid: joint.log()),),
    ),
    *model_slips(_right),
)
