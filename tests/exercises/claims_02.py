"""What the hints of notebook 02's exercises claim, of every answer that is shown them."""

import functools
import math

import torch
from each_case import each, flat, gives, like_any, same, shape_is_another, single_number

from course_utils.exercises import ex02

MODERATE = 0  # the first case of each exercise


def right_for_moderate_numbers(seen):
    """Wrong for others: that is why it is a slip."""
    return same(seen.outputs[MODERATE], seen.expected[MODERATE])


def off_by_one_number(came, right):
    """Where both are finite."""
    return flat((came - right)[came.isfinite() & right.isfinite()])


def too_high_by_log(size):
    return gives(lambda right, size: right + math.log(size), size=size)


def log_sum_over(size):
    return each(lambda came, right, size: same(came * size - math.log(size), right), size=size)


# --- E2.1 ---


def of_equal(holds):
    """A claim of the answer's value for three equal numbers."""
    return lambda seen: holds(lambda number: seen.answer(torch.full((3,), number), 0))


def only_the_highest_column_is_saved(seen):
    came, right = seen.outputs[1], seen.expected[1]
    best, lowest = right.argmax(), right.argmin()
    return same(came[best], right[best]) and right[lowest].isfinite() and came[lowest].isinf()


def right_near(shift, function, *more):
    """For numbers close to each other around the shift the answer is right."""
    numbers = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(4, 3) + shift
    return lambda seen: same(seen.answer(numbers.clone(), *more), function(numbers, *more))


LOG_MEAN_EXP = {
    "naive": of_equal(lambda f: f(-800.0) == -math.inf and f(800.0) == math.inf),
    "naive with a guard": of_equal(lambda f: f(-800.0) == f(-900.0) and f(-900.0).isfinite()),
    "no -log n": too_high_by_log(lambda a, dim: a.shape[dim]),
    "divided by n outside the log": log_sum_over(lambda a, dim: a.shape[dim]),
    "log of another size": each(off_by_one_number),
    "max": each(lambda came, a, dim: same(came, a.amax(dim))),
    "mean of logs": each(lambda came, a, dim: same(came, a.mean(dim))),
    "always axis 0": lambda seen: seen.outputs[0].shape == (3, 4),
    "always the last axis": lambda seen: seen.outputs[0].shape == (2, 3),
    "keepdim to the end": lambda seen: seen.outputs[0].shape == (2, 2, 4),
    "one maximum for all": only_the_highest_column_is_saved,
    "not the largest": right_near(-800, ex02.my_log_mean_exp, 0),
    "no dim": single_number,
    "not added back": each(lambda came, right, a, dim: same(came + a.amax(dim), right)),
    "subtracted twice": each(lambda came, right, a, dim: same(came + 2 * a.amax(dim), right)),
}

# --- E2.2 and E2.5 ---


def right_for(n):
    """And for no other number of draws."""
    return each(lambda came, right, z: same(came, right) == (len(z) == n))


def one_number_for_far_x(seen):
    far = next(i for i, args in enumerate(seen.inputs) if args[1].max() > 30)
    return seen.outputs[far][1] == seen.outputs[far][2]


def log_px(log_weights):
    return {
        "p, not log p": gives(lambda right: right.exp()),
        "mean of logs": gives(lambda log_w: log_w.mean(0), log_w=log_weights),
        "no -log n": too_high_by_log(lambda z: len(z)),
        "divided by n outside the log": log_sum_over(lambda z: len(z)),
        "average over the batch": shape_is_another,
        "underflow": right_for_moderate_numbers,
        "naive with a guard": one_number_for_far_x,
    }


NAIVE = {
    **log_px(lambda model, x, z: model.log_likelihood(x, z[:, None])),
    "log B for log n": each(off_by_one_number),
    "a fixed n": right_for(6),
}


def raised_with_log_q(by):
    """How much higher the answer is with three more in every log q."""

    def claim(seen):
        model, x, z, log_q = seen.inputs[0]
        return same(seen.answer(model, x, z, log_q + 3), seen.answer(model, x, z, log_q) + by)

    return claim


IMPORTANCE = {
    **log_px(lambda model, x, z, log_q: model.log_likelihood(x, z) + model.log_prior(z) - log_q),
    "a fixed n": right_for(7),
    "no weights": lambda seen: (seen.outputs[0] > seen.expected[0]).all(),
    "no q(z)": raised_with_log_q(0),
    "weights that add up to 1": raised_with_log_q(0),
    "times q(z)": raised_with_log_q(3),
    "weight upside down": raised_with_log_q(3),
}

# --- E2.3: the same draws as the right answer's ---


def float_of(value):
    return torch.as_tensor(value).double()


def of_long_runs(holds):
    """For few draws and for many."""
    return each(lambda came, right: holds(float_of(came), float_of(right)), first=2)


def same_runs(*numbers):
    return lambda seen: same(*(float_of(seen.outputs[number]) for number in numbers))


averaged_out = of_long_runs(lambda came, right: abs(came) < right / 5)
RMS = {
    "same draws in every repeat": same_runs(2, 5),
    "generator seeded again": same_runs(3, 4),
    "absolute error": each(
        lambda came, right, model, x: same(came, right * model.log_px(x).exp().squeeze())
    ),
    "one estimate of all draws": averaged_out,
    "signed mean": averaged_out,
    "no root": of_long_runs(lambda came, right: same(came, right**2)),
    "mean size": of_long_runs(lambda came, right: 0.7 < came / right < 0.87),
}

# --- E2.4 ---


ESS = {
    "not normalised": each(lambda came, answer, log_w: not same(came, answer(log_w + 5)), first=1),
    "shares of the largest": each(lambda came: (came <= 1 + 1e-9).all()),
    "last axis": each(lambda came, log_w: len(came) == len(log_w)),
    "underflow": right_for_moderate_numbers,
    "one maximum for all": right_for_moderate_numbers,
    "not the largest": right_near(-800, ex02.my_ess),
    "1 / largest weight": gives(lambda log_w: 1 / torch.softmax(log_w, dim=0).amax(0)),
    "fraction": gives(lambda right, log_w: right / len(log_w)),
    "not squared": each(lambda came: same(came, torch.ones_like(came))),
    "weights upside down": gives(lambda log_w: ex02.my_ess(-log_w)),
    "upside down": gives(lambda right: 1 / right),
}

# --- E2.6 ---


parts = functools.partial(
    each,
    bar=lambda came: came[0],
    void=lambda came: came[1],
    right_bar=lambda right: right[0],
    right_void=lambda right: right[1],
)
bars_right = parts(lambda bar, right_bar: same(bar, right_bar))
voids_right = parts(lambda void, right_void: same(void, right_void))


def bar_right_void_not(seen):
    return bars_right(seen) and not voids_right(seen)


def nan_for_equal_weights(void_is_right):
    """And the bar right elsewhere."""

    def claim(seen):
        *bars, equal = (came[0] for came in seen.outputs)
        right = all(map(same, bars, [bar for bar, _ in seen.expected]))
        return right and bool(equal.isnan().any()) and voids_right(seen) == void_is_right

    return claim


# For log-weights that do not underflow: in the second and third columns of the first case.
def over_the_mean_weight(bar, right_bar, log_w):
    k, weights = len(log_w), log_w.exp()[:, 1:3]
    means = weights.mean(0), (weights / weights.amax(0)).mean(0)
    wanted = right_bar[1:3], right_bar[1:3] * (k / (k - 1)) ** 0.5
    return any(like_any(bar[1:3] / mean, *wanted) for mean in means)


def right_where_nothing_underflows(bar, void, right_bar, right_void):
    """With K or K - 1 in the spread."""
    wanted = right_bar[1:3], right_bar[1:3] * (40 / 39) ** 0.5
    return like_any(bar[1:3], *wanted) and same(void[1:3], right_void[1:3])


BAR = {
    "no -1/K": lambda seen: same(
        seen.outputs[-1][0],
        torch.full_like(seen.outputs[-1][0], len(seen.inputs[-1][0]) ** -0.5),
    ),
    "last axis": parts(lambda bar, log_w: len(bar) == len(log_w)),
    "error of p": parts(over_the_mean_weight, first=1),
    "another power of K": parts(
        lambda bar, right_bar: off_by_one_number(bar.log(), right_bar.log()), first=1
    ),
    "underflow": parts(right_where_nothing_underflows, first=1),
    "shares of the largest": parts(lambda bar: (bar**-2 <= 1.03).all(), first=1),
    "no root": parts(lambda bar, right_bar: same(bar, right_bar**2)),
    "no clamp": nan_for_equal_weights(void_is_right=True),
    "void, and no clamp": nan_for_equal_weights(void_is_right=False),
    "one of two": each(lambda came: isinstance(came, torch.Tensor)),
    "void upside down": parts(
        lambda bar, void, right_bar, right_void: same(bar, right_bar) and same(void, ~right_void)
    ),
    "void of all together": bar_right_void_not,
    "void by fraction": bar_right_void_not,
    "void by another rule": bar_right_void_not,
}

TABLES = {
    "E2.1": LOG_MEAN_EXP,
    "E2.2": NAIVE,
    "E2.3": RMS,
    "E2.4": ESS,
    "E2.5": IMPORTANCE,
    "E2.6": BAR,
}
