"""What the hints of notebook 02's exercises claim, of every answer that is shown them."""

import math

import torch
from each_case import each, like_any, same

from course_utils.exercises import ex02

MODERATE = 0  # the first case of each exercise


def right_for_moderate_numbers(seen):
    """Wrong for others: that is why it is a slip."""
    return same(seen.outputs[MODERATE], seen.expected[MODERATE])


shape_is_another = each(lambda came, right, *_: came.shape != right.shape)


def off_by_one_number(came, right, *_):
    """Where both are finite."""
    rest = (came - right)[came.isfinite() & right.isfinite()]
    return same(rest, rest[:1].expand_as(rest))


def too_high_by_log_n(n):
    return each(lambda came, right, *args: same(came, right + math.log(n(*args))))


def log_sum_over_n(n):
    def holds(came, right, *args):
        size = n(*args)
        return same(came * size - math.log(size), right)

    return each(holds)


# --- E2.1 ---


def zero_and_infinite(seen):
    small, large = (seen.answer(torch.full((3,), at), 0) for at in (-800.0, 800.0))
    return small == -math.inf and large == math.inf


def same_for_all_that_underflows(seen):
    low, lower = (seen.answer(torch.full((3,), at), 0) for at in (-800.0, -900.0))
    return low == lower and low.isfinite()


def only_the_highest_column_is_saved(seen):
    came, right = seen.outputs[1], seen.expected[1]
    best, lowest = right.argmax(), right.argmin()
    return same(came[best], right[best]) and right[lowest].isfinite() and came[lowest].isinf()


def right_near(shift, function, *more):
    """For numbers close to each other around the shift the answer is right."""

    def claim(seen):
        numbers = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(4, 3) + shift
        return same(seen.answer(numbers, *more), function(numbers, *more))

    return claim


def length(a, dim):
    return a.shape[dim]


LOG_MEAN_EXP = {
    "naive": zero_and_infinite,
    "naive with a guard": same_for_all_that_underflows,
    "no -log n": too_high_by_log_n(length),
    "divided by n outside the log": log_sum_over_n(length),
    "log of another size": each(off_by_one_number),
    "max": each(lambda came, _, a, dim: same(came, a.amax(dim))),
    "mean of logs": each(lambda came, _, a, dim: same(came, a.mean(dim))),
    "always axis 0": lambda seen: seen.outputs[0].shape == (3, 4),
    "always the last axis": lambda seen: seen.outputs[0].shape == (2, 3),
    "keepdim to the end": lambda seen: seen.outputs[0].shape == (2, 2, 4),
    "one maximum for all": only_the_highest_column_is_saved,
    "not the largest": right_near(-800, ex02.my_log_mean_exp, 0),
    "no dim": each(lambda came, *_: came.dim() == 0),
    "not added back": each(lambda came, right, a, dim: same(came + a.amax(dim), right)),
    "subtracted twice": each(lambda came, right, a, dim: same(came + 2 * a.amax(dim), right)),
}

# --- E2.2 and E2.5 ---


def draws(model, x, z, *_):
    return len(z)


def log_w(model, x, z, log_q=None):
    if log_q is None:
        return model.log_likelihood(x, z[:, None])
    return model.log_likelihood(x, z) + model.log_prior(z) - log_q


def right_for(n):
    """And for no other number of draws."""
    return each(lambda came, right, model, x, z, *_: same(came, right) == (len(z) == n))


def one_number_for_far_x(seen):
    far = next(i for i, args in enumerate(seen.inputs) if args[1].max() > 30)
    return seen.outputs[far][1] == seen.outputs[far][2]


LOG_PX = {
    "p, not log p": each(lambda came, right, *_: same(came, right.exp())),
    "mean of logs": each(lambda came, _, *args: same(came, log_w(*args).mean(0))),
    "no -log n": too_high_by_log_n(draws),
    "divided by n outside the log": log_sum_over_n(draws),
    "average over the batch": shape_is_another,
    "underflow": right_for_moderate_numbers,
    "naive with a guard": one_number_for_far_x,
}
NAIVE = {
    **LOG_PX,
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
    **LOG_PX,
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
    return lambda seen: all(
        map(holds, map(float_of, seen.outputs[:2]), map(float_of, seen.expected))
    )


def same_runs(*numbers):
    return lambda seen: same(*(float_of(seen.outputs[number]) for number in numbers))


RMS = {
    "same draws in every repeat": same_runs(2, 5),
    "generator seeded again": same_runs(3, 4),
    "absolute error": each(
        lambda came, right, model, x, *_: same(came, right * model.log_px(x).exp().squeeze())
    ),
    "one estimate of all draws": of_long_runs(lambda came, right: abs(came) < right / 5),
    "signed mean": of_long_runs(lambda came, right: abs(came) < right / 5),
    "no root": of_long_runs(lambda came, right: same(came, right**2)),
    "mean size": of_long_runs(lambda came, right: 0.7 < came / right < 0.87),
}

# --- E2.4 ---


def changes_when_five_is_added(seen):
    (weights,) = seen.inputs[0]
    return not same(seen.answer(weights), seen.answer(weights + 5))


def never_above(limit):
    return each(lambda came, *_: (came <= limit + 1e-9).all())


def shares(weights):
    return torch.softmax(weights, dim=0)


ESS = {
    "not normalised": changes_when_five_is_added,
    "shares of the largest": never_above(1),
    "last axis": each(lambda came, _, weights: len(came) == len(weights)),
    "underflow": right_for_moderate_numbers,
    "one maximum for all": right_for_moderate_numbers,
    "not the largest": right_near(-800, ex02.my_ess),
    "1 / largest weight": each(lambda came, _, w: same(came, 1 / shares(w).amax(0))),
    "fraction": each(lambda came, right, w: same(came, right / len(w))),
    "not squared": each(lambda came, *_: same(came, torch.ones_like(came))),
    "weights upside down": each(lambda came, _, w: same(came, ex02.my_ess(-w))),
    "upside down": each(lambda came, right, w: same(came, 1 / right)),
}

# --- E2.6 ---


def parts(holds):
    """The claim that holds(bar, void, right bar, right void, log_w), in every case."""
    return each(lambda came, right, log_w: holds(*came, *right, log_w))


def same_bar(came, right):
    return same(came[0], right[0])


def same_void(came, right):
    return same(came[1], right[1])


def bar_right_void_not(seen):
    pairs = seen.outputs, seen.expected
    return all(map(same_bar, *pairs)) and not all(map(same_void, *pairs))


def nan_for_equal_weights(void_is_right):
    """And the bar right elsewhere."""

    def claim(seen):
        *bars, equal = (came[0] for came in seen.outputs)
        right = all(map(same, bars, [bar for bar, _ in seen.expected]))
        void = all(map(same_void, seen.outputs, seen.expected))
        return right and bool(equal.isnan().any()) and void == void_is_right

    return claim


def over_the_mean_weight(seen):
    """For log-weights that do not underflow: the second and third columns."""
    (log_w,), bar = seen.inputs[0], seen.outputs[0][0][1:3]
    right, k, weights = seen.expected[0][0][1:3], len(log_w), log_w.exp()[:, 1:3]
    means = weights.mean(0), (weights / weights.amax(0)).mean(0)
    wanted = right, right * (k / (k - 1)) ** 0.5
    return any(like_any(bar / mean, *wanted) for mean in means)


def one_over_root_of_k(seen):
    (log_w,), bar = seen.inputs[-1], seen.outputs[-1][0]
    return same(bar, torch.full_like(bar, len(log_w) ** -0.5))


def right_where_nothing_underflows(seen):
    """In the second and third column, with K or K - 1 in the spread."""
    bars, voids = (part[1:3] for part in seen.outputs[0])
    right, void = (part[1:3] for part in seen.expected[0])
    return like_any(bars, right, right * (40 / 39) ** 0.5) and same(voids, void)


BAR = {
    "no -1/K": one_over_root_of_k,
    "last axis": parts(lambda bar, void, r, v, log_w: len(bar) == len(log_w)),
    "error of p": over_the_mean_weight,
    "another power of K": lambda seen: off_by_one_number(
        seen.outputs[0][0].log(), seen.expected[0][0].log()
    ),
    "underflow": right_where_nothing_underflows,
    "shares of the largest": lambda seen: (seen.outputs[0][0] ** -2 <= 1.03).all(),
    "no root": parts(lambda bar, void, right, v, log_w: same(bar, right**2)),
    "no clamp": nan_for_equal_weights(void_is_right=True),
    "void, and no clamp": nan_for_equal_weights(void_is_right=False),
    "one of two": each(lambda came, *_: isinstance(came, torch.Tensor)),
    "void upside down": parts(lambda bar, void, r, v, _: same(bar, r) and same(void, ~v)),
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
CLAIMS = {
    f"{name}: {slip}": claim for name, table in TABLES.items() for slip, claim in table.items()
}
