"""What the hints of E1.1, E1.2 and E1.4 claim, of every answer that is shown them."""

import math

import torch
from each_case import each, like_any, same

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

    def claim(seen):
        return all(
            math.isclose(cost(seen, 1.0, v), share(math.exp(v)) / (2 * math.exp(v)))
            for v in (-1.0, 0.7)
        )

    return claim


def alike_on_both_sides_and_linear(seen):
    one, other, two = (float(cost(seen, distance)) for distance in (1.0, -1.0, 2.0))
    return math.isclose(one, other) and math.isclose(two, 2 * one)


def off_by_one_number(came, right, *_):
    return same(came - right, (came - right)[:1].expand_as(right)) and not same(came, right)


def too_high_by_one_number(came, right, *_):
    return off_by_one_number(came, right) and bool((came > right).all())


def times(factor):
    """The right one times a number."""
    return each(lambda came, right, *_: same(came, factor * right))


LOG_NORMAL = {
    "times the variance": lambda seen: cost(seen, 1.0, 1.0) > cost(seen, 1.0, 0.0),
    "no square": lambda seen: at(seen, -1.0) > at(seen, 0.0),
    "distance without its square": alike_on_both_sides_and_linear,
    "square before the difference": lambda seen: at(seen, 1.0) != at(seen, 1.0, mu=3.0),
    "no 1/2": times(2),
    "no -1/2": times(-2),
    "negative log-density": times(-1),
    "1/2 of the square twice": costs(lambda _: 0.5),
    "1/2 outside the exp": costs(lambda v: 4 / v),
    "not divided by the variance": lambda seen: cost(seen, 1.0, 0.0) == cost(seen, 1.0, 2.0),
    "no 2 pi": each(too_high_by_one_number),
    "2 pi, not its log": each(off_by_one_number),
    "the density itself": each(lambda came, right, *_: same(came, right.exp())),
    "mean over the dimensions": each(lambda came, right, x, *_: same(came, right / x.shape[1])),
    "sum over the batch": each(lambda came, right, *_: came.shape != right.shape),
    "not added up": each(lambda came, right, x, *_: same(came.sum(-1), right)),
}

# --- E1.2: pairs ---


def noise_is(factor):
    """The right noise, times a power of sigma."""

    def holds(came, right, n, a, b, sigma, _):
        ours, theirs = (x - a * z - b for z, x in (came, right))
        return torch.allclose(ours, theirs * factor(sigma), atol=1e-4)

    return each(holds)


def uncorrelated(came, _, n, *more):
    return n < 100 or abs(torch.corrcoef(torch.stack(came))[0, 1].item()) < 5 / n**0.5


def flat(values):
    return same(values, values[:1].expand_as(values))


def nothing_is_drawn(seen):
    rests = [x - args[1] * z for (z, x), args in zip(seen.outputs, seen.inputs, strict=True)]
    return all(map(flat, rests)) and same(rests[3], rests[4])


def two_runs_differ(seen):
    one, other = (seen.answer(*seen.inputs[0]) for _ in range(2))
    return not same(one, other)


def one_is_in_unit(came, _, n, a, b, sigma, g):
    z, x = came
    return any(bool(((u >= -1e-5) & (u <= 1 + 1e-5)).all()) for u in (z, (x - a * z - b) / sigma))


def of_long_runs(off):
    """Off for at least one of the two; the short ones have too few numbers to tell."""
    return lambda seen: any(
        off(*output, *args[1:4])
        for output, args in zip(seen.outputs[:2], seen.inputs[:2], strict=True)
    )


def off_by_a_tenth(z, x, a, b, sigma):
    return abs((x - a * z - b).std().item() / sigma - 1) > 0.1


PAIRS = {
    "no noise": noise_is(lambda _: 0.0),
    "no random noise": nothing_is_drawn,
    "same noise for z and x": each(
        lambda came, right, n, a, b, *_: torch.corrcoef(torch.stack(came))[0, 1].abs() > 0.9999
    ),
    "one value for all": each(
        lambda came, _, n, a, b, *__: flat(came[0]) or flat(came[1] - a * came[0] - b)
    ),
    "uniform": each(one_is_in_unit),
    "sigma^2 as the standard deviation": noise_is(lambda sigma: sigma),
    "root of sigma as the standard deviation": noise_is(lambda sigma: sigma**-0.5),
    "another z for x": each(uncorrelated),
    "x without z": each(uncorrelated),
    "noise of another width": of_long_runs(off_by_a_tenth),
    "z of another width": of_long_runs(
        lambda z, *_: abs(z.std().item() - 1) + abs(z.mean().item()) > 0.1
    ),
    "x and z swapped": each(lambda came, right, *_: same(came, right[::-1])),
    "a z + b returned as z": each(lambda came, right, *_: same(came[1], right[1])),
    "generator not used": two_runs_differ,
    "generator seeded again": lambda seen: same(seen.outputs[3][0], seen.outputs[4][0]),
}

# --- E1.4: points ---


def arrow(came, z):
    """What is added to z / 10."""
    return came - z / 10


def direction(z):
    return z / z.norm(dim=1, keepdim=True)


def one_number_divides_all(came, _, z):
    return flat((z / arrow(came, z)).flatten())


def stops_for_three_points(seen):
    try:
        seen.answer(torch.randn(3, 2))
    except RuntimeError:
        return True
    return False


def arrow_of_another_length(came, _, z):
    return not same(arrow(came, z).norm(dim=1), torch.ones(len(z)))


RING = {
    "norm of the whole tensor": each(one_number_divides_all),
    "one length for all": each(one_number_divides_all),
    "no keepdim": stops_for_three_points,
    "squared norm": each(arrow_of_another_length),
    "another norm": each(arrow_of_another_length),
    "an average for the norm": each(arrow_of_another_length),
    "each number by its own size": each(lambda came, _, z: same(arrow(came, z), z.sign())),
    "only the direction": each(lambda came, *_: same(came.norm(dim=1), torch.ones(len(came)))),
    "not divided by 10": each(lambda came, _, z: like_any(came - direction(z), z, 10 * z)),
    "divided by another number": each(
        lambda came, _, z: flat(((came - direction(z)) / z).flatten())
    ),
    "1 instead of the direction": each(lambda came, _, z: flat(arrow(came, z).flatten())),
    "1 over the norm": each(lambda came, _, z: same(arrow(came, z)[:, 0], 1 / z.norm(dim=1))),
    "minus": each(lambda came, right, z: same(right - came, 2 * direction(z))),
    "minus z/10": each(lambda came, right, z: same(right - came, z / 5)),
    "transposed": each(lambda came, right, z: same(came.T, right)),
}

TABLES = {"E1.1": LOG_NORMAL, "E1.2": PAIRS, "E1.4": RING}
CLAIMS = {f"{name}: {slip}": claim for name, of in TABLES.items() for slip, claim in of.items()}
