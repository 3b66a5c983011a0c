"""What the hints of E1.3 and E1.5, on a grid, claim of every answer that is shown them."""

import math

import torch
from each_case import each, flat, gives, like_any, one_of, same, single_number
from torch.distributions import Normal

from course_utils.exercises import ex01


def spacing(grid):
    return grid[1] - grid[0]


def right_at_most_once(seen):
    return sum(map(same, seen.outputs, seen.expected)) <= 1


def doubles_on_a_finer_grid(seen):
    x, grid, *model = seen.inputs[0]
    finer = torch.linspace(grid[0], grid[-1], 2 * len(grid) - 1, dtype=grid.dtype)
    return torch.allclose(seen.answer(x, finer, *model), 2 * seen.answer(x, grid, *model))


def as_dense_far_from_b(seen):
    x = torch.tensor([0.3, 5.3], dtype=torch.float64)
    grid = torch.linspace(-30, 30, 601, dtype=torch.float64)
    near, far = seen.answer(x, grid, 1.5, 0.3, 0.5)
    return math.isclose(near, far, rel_tol=1e-6)


joint_of_each = one_of(  # added up over the axis that is the grid's, it is p(x) times this
    lambda came, right, x, grid, wanted: same(
        came.sum(0 if came.shape == (len(grid), len(x)) else 1), right * wanted
    )
)
one_factor = each(lambda came, right: flat(came / right))
MARGINAL = {
    "no p(z)": as_dense_far_from_b,
    "no spacing": doubles_on_a_finer_grid,
    "mean instead of an integral": gives(
        lambda right, grid: right / len(grid),
        lambda right, grid: right / spacing(grid) / len(grid),
    ),
    "one gap too many": gives(lambda right, grid: right * (1 - 1 / len(grid))),
    "a fixed spacing": right_at_most_once,
    "spacing squared": gives(
        lambda right, grid: right * spacing(grid), lambda right, grid: right / spacing(grid) ** 2
    ),
    "log p(x)": gives(lambda right: right.log()),
    "logs multiplied": each(lambda came: (came.isinf() | (came > 1e9)).any()),
    "log of the prior": each(lambda came: (came < 0).all()),
    "no 1 / (sqrt(2 pi) sigma)": one_factor,
    "another root in the factor": one_factor,
    "wrong axis": each(lambda came, grid: came.shape == grid.shape),
    "one number for all": single_number,
    "not added up": joint_of_each(lambda grid: 1 / spacing(grid)),
    "strips not added up": joint_of_each(lambda: 1.0),
}


def areas(holds):
    """A claim of what comes of an answer's columns on the grid, and what of a density."""
    return each(
        holds, area=lambda came, grid: spacing(grid) * came.sum(0), one=lambda area: area**0
    )


def integrates_to_neither(area, one, x, grid, a, b, sigma):
    return not like_any(area, one, ex01.my_marginal(x, grid, a, b, sigma))


def likelihood_up_to_a_constant(came, x, grid, a, b, sigma):
    log_ratio = came.log() - Normal(a * grid[:, None] + b, sigma).log_prob(x)
    return flat(log_ratio[log_ratio.isfinite()])


def right_shape_wrong_area(came, right, area, one):
    return same(came / came.amax(0), right / right.amax(0)) and not same(area, one)


def below_0_or_turned_over(came, right):
    return (came < 0).any() or (came.argmax(0) != right.argmax(0)).any()


def added_up_to_1(axis):
    """Along this axis, or over all: the numbers add up to 1, or their strips do."""
    return each(
        lambda came, grid: like_any(
            came.sum(axis), *(torch.ones_like(came.sum(axis)) / step for step in (1, spacing(grid)))
        )
    )


POSTERIOR = {
    "not normalised": areas(
        lambda area, x, grid, a, b, sigma: same(area, ex01.my_marginal(x, grid, a, b, sigma))
    ),
    "neither constants nor normalised": areas(integrates_to_neither),
    "sums to 1": each(lambda came: same(came.sum(0), torch.ones_like(came[0]))),
    "prior forgotten": areas(lambda came, area, one: like_any(one, came.sum(0), area)),
    "likelihood over evidence": areas(lambda area, one: not same(area, one)),
    "the likelihood itself": each(likelihood_up_to_a_constant),
    "another width in the closed form": each(
        lambda came, right: same(came.argmax(0), right.argmax(0)) and (came != right).any()
    ),
    "the prior": each(lambda came: same(came, came[:, :1].expand_as(came))),
    "wrong axis": added_up_to_1(1),
    "one sum for all x": added_up_to_1(None),
    "highest point 1": each(lambda came: came.max() == 1),
    "spacing on the wrong side": areas(right_shape_wrong_area),
    "one gap too many": gives(lambda right, grid: right / (1 - 1 / len(grid))),
    "a fixed spacing": right_at_most_once,
    "turned over": gives(lambda right: right.T),
    "log p(z|x)": gives(lambda right: right.log()),
    "log p(x, z)": each(lambda came, right: flat(came - right.log())),
    "logs normalised": each(below_0_or_turned_over),
}


TABLES = {"E1.3": MARGINAL, "E1.5": POSTERIOR}
