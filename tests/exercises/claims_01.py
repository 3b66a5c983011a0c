"""What the hints of notebook 01's exercises claim, of every answer that is shown them."""

import functools
import math

import torch
from each_case import (
    each,
    exchanged,
    flat,
    gives,
    like_any,
    one_of,
    same,
    shape_is_another,
    single_number,
    two_runs_differ,
)
from torch.distributions import Normal

from course_utils.exercises import ex01

# --- E1.1: one number, D = 1 ---


def at(seen, distance, log_var=0.7, mu=0.4):
    """The answer at mu + distance."""
    numbers = (mu + distance, mu, log_var)
    return seen.answer(*(torch.tensor([[n]], dtype=torch.float64) for n in numbers)).squeeze()


def cost(seen, distance, log_var=0.7):
    """How much lower it is there than at mu."""
    return at(seen, 0.0, log_var) - at(seen, distance, log_var)


def costs(share):
    """A distance of 1 costs such a share of its right cost, 1 / (2 v)."""
    return lambda seen: all(
        math.isclose(cost(seen, 1.0, v), share(math.exp(v)) / (2 * math.exp(v)))
        for v in (-1.0, 0.7)
    )


def alike_on_both_sides_and_linear(seen):
    one, other, two = (float(cost(seen, distance)) for distance in (1.0, -1.0, 2.0))
    return math.isclose(one, other) and math.isclose(two, 2 * one)


def off_by_one_number(came, right):
    return flat(came - right) and not same(came, right)


LOG_NORMAL = {
    "times the variance": lambda seen: cost(seen, 1.0, 1.0) > cost(seen, 1.0, 0.0),
    "no square": lambda seen: at(seen, -1.0) > at(seen, 0.0),
    "distance without its square": alike_on_both_sides_and_linear,
    "square before the difference": lambda seen: at(seen, 1.0) != at(seen, 1.0, mu=3.0),
    "no 1/2": gives(lambda right: 2 * right),
    "no -1/2": gives(lambda right: -2 * right),
    "negative log-density": gives(lambda right: -right),
    "1/2 of the square twice": costs(lambda _: 0.5),
    "1/2 outside the exp": costs(lambda v: 4 / v),
    "not divided by the variance": lambda seen: cost(seen, 1.0, 0.0) == cost(seen, 1.0, 2.0),
    "no 2 pi": each(lambda came, right: off_by_one_number(came, right) and (came > right).all()),
    "2 pi, not its log": each(off_by_one_number),
    "the density itself": gives(lambda right: right.exp()),
    "mean over the dimensions": gives(lambda right, x: right / x.shape[1]),
    "sum over the batch": shape_is_another,
    "not added up": each(lambda came, right: same(came.sum(-1), right)),
}

# --- E1.2: pairs ---


def noise_of(pair, a, b):
    z, x = pair
    return x - a * z - b


noise_is = one_of(  # times this
    lambda came, right, a, b, wanted: torch.allclose(
        noise_of(came, a, b), noise_of(right, a, b) * wanted, atol=1e-4
    )
)


def correlation(came):
    return torch.corrcoef(torch.stack(came))[0, 1].abs()


uncorrelated = each(lambda came, n: n < 100 or correlation(came) < 5 / n**0.5)


def nothing_is_drawn(seen):
    rests = [x - args[1] * z for (z, x), args in zip(seen.outputs, seen.inputs, strict=True)]
    return all(map(flat, rests)) and same(rests[3], rests[4])


def one_is_in_unit(came, a, b, sigma):
    parts = came[0], noise_of(came, a, b) / sigma
    return any(bool(((u >= -1e-5) & (u <= 1 + 1e-5)).all()) for u in parts)


def of_long_runs(off):
    """Off for at least one of the two; the short ones have too few numbers to tell."""
    return lambda seen: any(
        off(*output, *args[1:4])
        for output, args in zip(seen.outputs[:2], seen.inputs[:2], strict=True)
    )


PAIRS = {
    "no noise": noise_is(lambda: 0.0),
    "no random noise": nothing_is_drawn,
    "same noise for z and x": each(lambda came: correlation(came) > 0.9999),
    "one value for all": each(lambda came, a, b: flat(came[0]) or flat(noise_of(came, a, b))),
    "uniform": each(one_is_in_unit),
    "sigma^2 as the standard deviation": noise_is(lambda sigma: sigma),
    "root of sigma as the standard deviation": noise_is(lambda sigma: sigma**-0.5),
    "another z for x": uncorrelated,
    "x without z": uncorrelated,
    "noise of another width": of_long_runs(
        lambda z, x, a, b, sigma: abs((x - a * z - b).std().item() / sigma - 1) > 0.1
    ),
    "z of another width": of_long_runs(
        lambda z, *_: abs(z.std().item() - 1) + abs(z.mean().item()) > 0.1
    ),
    "x and z swapped": exchanged,
    "a z + b returned as z": each(lambda came, right: same(came[1], right[1])),
    "generator not used": two_runs_differ,
    "generator seeded again": lambda seen: same(seen.outputs[3][0], seen.outputs[4][0]),
}

# --- E1.3 and E1.5: on a grid ---


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
    "mean instead of an integral": each(
        lambda came, right, grid: like_any(came * len(grid), right, right / spacing(grid))
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


# What an answer's columns add up to on the grid; 1; p(x).
areas = functools.partial(
    each,
    area=lambda came, grid: spacing(grid) * came.sum(0),
    one=lambda area: torch.ones_like(area),
    px=ex01.my_marginal,
)


def likelihood_up_to_a_constant(came, x, grid, a, b, sigma):
    log_ratio = came.log() - Normal(a * grid[:, None] + b, sigma).log_prob(x)
    return flat(log_ratio[log_ratio.isfinite()])


def added_up_to_1(axis):
    """Along this axis, or over all: the numbers add up to 1, or their strips do."""
    return each(
        lambda came, grid: like_any(
            came.sum(axis), *(torch.ones_like(came.sum(axis)) / step for step in (1, spacing(grid)))
        )
    )


POSTERIOR = {
    "not normalised": areas(lambda area, px: same(area, px)),
    "neither constants nor normalised": areas(lambda area, one, px: not like_any(area, one, px)),
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
    "spacing on the wrong side": areas(
        lambda came, right, area, one: (
            same(came / came.amax(0), right / right.amax(0)) and not same(area, one)
        )
    ),
    "one gap too many": gives(lambda right, grid: right / (1 - 1 / len(grid))),
    "a fixed spacing": right_at_most_once,
    "turned over": gives(lambda right: right.T),
    "log p(z|x)": gives(lambda right: right.log()),
    "log p(x, z)": each(lambda came, right: flat(came - right.log())),
    "logs normalised": each(
        lambda came, right: (came < 0).any() or (came.argmax(0) != right.argmax(0)).any()
    ),
}

# --- E1.4: points; the arrow is what is added to z / 10 ---


def direction(z):
    return z / z.norm(dim=1, keepdim=True)


def stops_for_three_points(seen):
    try:
        seen.answer(torch.randn(3, 2))
    except RuntimeError:
        return True
    return False


arrow = functools.partial(each, arrow=lambda came, z: came - z / 10)
one_number_divides_all = arrow(lambda arrow, z: flat((z / arrow).flatten()))
of_another_length = arrow(lambda arrow: not same(arrow.norm(dim=1), torch.ones(len(arrow))))
RING = {
    "norm of the whole tensor": one_number_divides_all,
    "one length for all": one_number_divides_all,
    "no keepdim": stops_for_three_points,
    "squared norm": of_another_length,
    "another norm": of_another_length,
    "an average for the norm": of_another_length,
    "each number by its own size": arrow(lambda arrow, z: same(arrow, z.sign())),
    "only the direction": each(lambda came: same(came.norm(dim=1), torch.ones(len(came)))),
    "not divided by 10": gives(lambda z: direction(z) + z, lambda z: direction(z) + 10 * z),
    "divided by another number": each(lambda came, z: flat(((came - direction(z)) / z).flatten())),
    "1 instead of the direction": arrow(lambda arrow: flat(arrow.flatten())),
    "1 over the norm": arrow(lambda arrow, z: same(arrow[:, 0], 1 / z.norm(dim=1))),
    "minus": gives(lambda right, z: right - 2 * direction(z)),
    "minus z/10": gives(lambda right, z: right - z / 5),
    "transposed": gives(lambda right: right.T),
}

TABLES = {"E1.1": LOG_NORMAL, "E1.2": PAIRS, "E1.3": MARGINAL, "E1.4": RING, "E1.5": POSTERIOR}
