"""What the hints of E1.3 and E1.5, on a grid, claim of every answer that is shown them."""

import math

import torch
from each_case import each, like_any, same
from torch.distributions import Normal

from course_utils.exercises import ex01


def flat(values):
    return same(values, values[:1].expand_as(values))


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


def joint_of_each(factor):
    """Added up over the axis that is the grid's, it is p(x) times this."""

    def holds(came, right, x, grid, *_):
        added = came.sum(0 if came.shape == (len(grid), len(x)) else 1)
        return same(added, right * factor(spacing(grid)))

    return each(holds)


MARGINAL = {
    "no p(z)": as_dense_far_from_b,
    "no spacing": doubles_on_a_finer_grid,
    "mean instead of an integral": each(
        lambda came, right, x, grid, *_: like_any(came * len(grid), right, right / spacing(grid))
    ),
    "one gap too many": each(
        lambda came, right, x, grid, *_: same(came, right * (1 - 1 / len(grid)))
    ),
    "a fixed spacing": right_at_most_once,
    "spacing squared": each(
        lambda came, right, x, grid, *_: like_any(
            came, right * spacing(grid), right / spacing(grid) ** 2
        )
    ),
    "log p(x)": each(lambda came, right, *_: same(came, right.log())),
    "logs multiplied": each(lambda came, *_: (came.isinf() | (came > 1e9)).any()),
    "log of the prior": each(lambda came, *_: (came < 0).all()),
    "no 1 / (sqrt(2 pi) sigma)": each(lambda came, right, *_: flat(came / right)),
    "another root in the factor": each(lambda came, right, *_: flat(came / right)),
    "wrong axis": each(lambda came, right, x, grid, *_: came.shape == grid.shape),
    "one number for all": each(lambda came, *_: came.dim() == 0),
    "not added up": joint_of_each(lambda step: 1 / step),
    "strips not added up": joint_of_each(lambda _: 1.0),
}


def area(came, grid):
    return spacing(grid) * came.sum(0)


def ones(came):
    return torch.ones_like(came)


def integrates_to_px_not_1(came, right, x, grid, *model):
    return same(area(came, grid), ex01.my_marginal(x, grid, *model))


def integrates_to_neither(came, right, x, grid, *model):
    found = area(came, grid)
    return not like_any(found, ones(found), ex01.my_marginal(x, grid, *model))


def likelihood_up_to_a_constant(came, right, x, grid, a, b, sigma):
    log_ratio = came.log() - Normal(a * grid[:, None] + b, sigma).log_prob(x)
    return flat(log_ratio[log_ratio.isfinite()])


def right_shape_wrong_area(came, right, x, grid, *_):
    columns, found = came / came.amax(0), area(came, grid)
    return same(columns, right / right.amax(0)) and not same(found, ones(found))


def log_up_to_a_constant(came, right, *_):
    rest = came - right.log()
    return same(rest, rest[:1].expand_as(rest))


def below_0_or_turned_over(came, right, *_):
    return (came < 0).any() or (came.argmax(0) != right.argmax(0)).any()


def rows_divided(came, right, x, grid, *_):
    rows = came.sum(1)
    return like_any(rows, ones(rows), ones(rows) / spacing(grid))


POSTERIOR = {
    "not normalised": each(integrates_to_px_not_1),
    "neither constants nor normalised": each(integrates_to_neither),
    "sums to 1": each(lambda came, *_: same(came.sum(0), ones(came[0]))),
    "prior forgotten": each(
        lambda came, right, x, grid, *_: like_any(ones(came[0]), came.sum(0), area(came, grid))
    ),
    "likelihood over evidence": each(
        lambda came, right, x, grid, *_: not same(area(came, grid), ones(came[0]))
    ),
    "the likelihood itself": each(likelihood_up_to_a_constant),
    "another width in the closed form": each(
        lambda came, right, *_: same(came.argmax(0), right.argmax(0)) and (came != right).any()
    ),
    "the prior": each(lambda came, *_: same(came, came[:, :1].expand_as(came))),
    "wrong axis": each(rows_divided),
    "one sum for all x": each(
        lambda came, right, x, grid, *_: like_any(
            came.sum().reshape(1), torch.ones(1), 1 / spacing(grid).reshape(1)
        )
    ),
    "highest point 1": each(lambda came, *_: came.max() == 1),
    "spacing on the wrong side": each(right_shape_wrong_area),
    "one gap too many": each(
        lambda came, right, x, grid, *_: same(came, right / (1 - 1 / len(grid)))
    ),
    "a fixed spacing": right_at_most_once,
    "turned over": each(lambda came, right, *_: same(came.T, right)),
    "log p(z|x)": each(lambda came, right, *_: same(came, right.log())),
    "log p(x, z)": each(log_up_to_a_constant),
    "logs normalised": each(below_0_or_turned_over),
}


TABLES = {"E1.3": MARGINAL, "E1.5": POSTERIOR}
CLAIMS = {f"{name}: {slip}": claim for name, of in TABLES.items() for slip, claim in of.items()}
