"""What the hints of notebook 08's exercises claim, where it can be computed."""

import math

import torch
from claims_06 import beside, close, either, every


def bits(*made):
    """Whether all values are what one of these makes of the rate in bits, of the levels' and n."""

    def holds(of):
        def check(out, _, args):
            log_px, n, *levels = args
            extra = math.log2(levels[0]) if levels else 0.0
            return close(out, of(-log_px / (n * math.log(2)), extra, n))

        return beside(check)

    return either(*map(holds, made))


LN2 = math.log(2)


def with_levels(of):
    """Whether what is added where there are levels is this of their number."""
    return beside(
        lambda out, _, args: (
            len(args) == 2
            or close(out + args[0] / (args[1] * LN2), torch.full_like(out, of(args[2])))
        )
    )


E8_4 = {
    "nats for bits": bits(lambda b, e, n: b * LN2 + e, lambda b, e, n: (b + e) * LN2),
    "times ln 2": bits(lambda b, e, n: b * LN2**2 + e, lambda b, e, n: (b + e) * LN2**2),
    "the picture's bits": bits(
        lambda b, e, n: b * n + e, lambda b, e, n: (b + e) * n, lambda b, e, n: b * n**2 + e
    ),
    "levels forgotten": bits(lambda b, e, n: b),
    "levels subtracted": bits(lambda b, e, n: b - e),
    "pictures for pixels": beside(
        lambda out, right, args: len(args) == 3 or close(out * len(args[0]), right * args[1])
    ),
    "log p without its minus": bits(lambda b, e, n: e - b),
    "levels once a picture": bits(lambda b, e, n: b + e / n, lambda b, e, n: b + e / (n * LN2)),
    "levels in nats": bits(lambda b, e, n: b + e * LN2),
    "ln 2 twice": bits(lambda b, e, n: b + e / LN2),
    "always the same levels": either(with_levels(lambda _: 7), with_levels(lambda _: 8)),
    "one level too few": either(
        with_levels(lambda levels: math.log2(levels - 1)),
        with_levels(lambda levels: math.log2(levels + 1)),
    ),
    "half of the levels": with_levels(lambda levels: math.log2(levels) - 1),
    "levels for probabilities, too": bits(
        lambda b, e, n: b + (e or 8), lambda b, e, n: b + 8, lambda b, e, n: b + (e or 1)
    ),
}


def bound(of):
    """Whether the value is this of the log-weights (K, B) and the right one."""
    return beside(lambda out, right, args: bool(of(out, right, *args)))


def log_of(value):
    return math.log(value)


def does_not_see_px(seen):
    """Add 1 to every log-weight, and nothing changes."""
    return all(close(seen.answer(w), seen.answer(w + 1)) for (w,) in seen.inputs[:2])


E8_1 = {
    "no -log K": bound(lambda out, right, w: close(out - right, right * 0 + log_of(len(w)))),
    "mean of the logs": bound(
        lambda out, _, w: close(out, w.mean(0)) or close(out, w.mean(0) - log_of(len(w)))
    ),
    "sum of the logs": bound(
        lambda out, _, w: close(out, w.sum(0)) or close(out, w.sum(0) - log_of(len(w)))
    ),
    "average of 1/w": bound(lambda out, right, w: (out <= right + 1e-9).all()),
    "naive": lambda seen: any(out.isinf().any() for out in seen.outputs),
    "naive with a guard": lambda seen: (seen.outputs[2] > seen.expected[2] + 50).any(),
    "over the batch": bound(lambda out, _, w: out.shape == w.shape[:1]),
    "all together": every(lambda out: out.dim() == 0 or (out == out[0]).all()),
    "largest weight": bound(
        lambda out, _, w: close(out, w.amax(0)) or close(out, w.amax(0) - log_of(len(w)))
    ),
    "not added back": bound(
        lambda out, right, w: any(close(out, right - k * w.amax(0)) for k in (1, 2))
    ),
    "log K added": bound(lambda out, right, w: close(out, right + 2 * log_of(len(w)))),
    "log of another size": bound(
        lambda out, right, w: any(
            close(out, right + log_of(len(w) / size)) for size in (w.shape[1], w.numel())
        )
    ),
    "K - 1": bound(
        lambda out, right, w: len(w) == 1 or close(out, right + log_of(len(w) / (len(w) - 1)))
    ),
    "shares of the sum": does_not_see_px,
    "how many draws count": does_not_see_px,
    "for every K": bound(lambda out, _, w: out.shape == w.shape),
}


def run(seen, likelihood=None, prior=None):
    """The first case with other densities: what comes out, where it moved, what it was asked."""
    log_prior, log_likelihood, move, z, steps = seen.inputs[0]
    betas, asked = [], []

    def moved(z, beta):
        betas.append(float(beta))
        return move(z, beta)

    def weighed(z):
        asked.append(z)
        return (likelihood or log_likelihood)(z)

    out = seen.answer(prior or log_prior, weighed, moved, z, steps)
    return torch.as_tensor(out), betas, asked, z, steps


def ones(z):
    return torch.ones(z.shape[:2], dtype=z.dtype)


def shares(of):
    """Whether the steps' shares of the likelihood add up to this of their number."""

    def check(seen):
        out, *_, steps = run(seen, ones, lambda z: 0 * ones(z))
        return close(out, of(steps) * ones(seen.inputs[0][3]))

    return check


def moves(of):
    """Whether this holds of the betas at which chains move, and of the number of steps."""
    return lambda seen: bool(of(run(seen)[1], run(seen)[-1]))


def both(*claims):
    return lambda seen: all(claim(seen) for claim in claims)


def begins_elsewhere(seen):
    _, _, asked, z, _ = run(seen)
    return not close(asked[0], z)


def sees_the_prior(seen):
    out, right = (run(seen, prior=p)[0] for p in (ones, lambda z: 0 * ones(z)))
    return not close(out, right)


def uneven(betas, steps):
    lengths = {round(b - a, 6) for a, b in zip([0, *betas], betas, strict=False)}
    return len(betas) == steps and len(lengths) > 1


E8_2 = {
    "beta for the difference": shares(lambda n: (n + 1) / 2),
    "a whole likelihood each time": shares(lambda n: n),
    "weighed after the move": both(shares(lambda n: 1), begins_elsewhere),
    "weighed at both ends": shares(lambda n: 1),
    "averaged in each step": every(lambda out: (out == out[0]).all()),
    "the prior comes along": sees_the_prior,
    "the prior alone": both(sees_the_prior, lambda seen: close(run(seen)[0], run(seen, ones)[0])),
    "what is left": either(shares(lambda n: (n - 1) / 2), shares(lambda n: (n + 1) / 2)),
    "step upside down": beside(lambda out, right, _: close(out, -right)),
    "last step alone": shares(lambda n: 1 / n),
    "averaged over the steps": shares(lambda n: 1 / n),
    "beta over the steps": either(
        shares(lambda n: (n + 1) / (2 * n)), shares(lambda n: (n - 1) / (2 * n))
    ),
    "one temperature too few": both(
        shares(lambda n: 1), moves(lambda betas, n: len(betas) == n - 1 and betas[-1] == 1)
    ),
    "one temperature too many": moves(lambda betas, n: len(betas) == n + 1 and betas[-1] == 1),
    "first step left out": moves(lambda betas, n: betas[0] > 1 / n + 1e-6 or len(betas) > n),
    "never at the posterior": moves(lambda betas, _: betas[-1] < 1),
    "backward": moves(lambda betas, _: betas[-1] == 0),
    "beyond the posterior": moves(lambda betas, n: betas[-1] == n),
    "below the prior": moves(lambda betas, _: betas[0] < 0),
    "steps of other lengths": both(shares(lambda n: 1), moves(uneven)),
    "steps of equal ratio": moves(uneven),
    "chains that stand still": beside(lambda out, _, args: close(out, args[1](args[3]))),
    "moved at the wrong temperature": both(
        shares(lambda n: 1), moves(lambda betas, n: not close(betas, torch.arange(1, n + 1) / n))
    ),
    "an estimate already": beside(lambda out, _, args: out.shape == args[3].shape[1:2]),
    "weights themselves": beside(lambda out, right, _: close(out.log(), right)),
}


def right_values(seen):
    return all(map(close, seen.outputs, seen.expected))


def gradient(seen, of=lambda log_joint, z, q: log_joint(z)):
    """Of the answer, and of this in its place, in mu and log_var; the first case."""
    log_joint, mu, log_var, eps = seen.inputs[0]
    found = []
    for answer in (seen.answer, None):
        at = [part.clone().requires_grad_() for part in (mu, log_var)]
        if answer:
            out = answer(log_joint, *at, eps)
        else:
            sigma = (at[1] / 2).exp()
            out = of(log_joint, at[0] + sigma * eps, torch.distributions.Normal(at[0], sigma))
        total = out.sum() if out.requires_grad else out.sum() + 0 * sum(a.sum() for a in at)
        found.append(torch.autograd.grad(total, at, materialize_grads=True, allow_unused=True))
    return found


def as_if(of):
    """Right values, and the gradient of this."""
    return both(right_values, lambda seen: all(map(close, *gradient(seen, of))))


def whole(log_joint, z, q):
    return log_joint(z) - q.log_prob(z).sum(-1)


E8_6 = {
    "nothing detached": as_if(whole),
    "log q detached": as_if(lambda log_joint, z, q: log_joint(z)),
    "the score alone": as_if(lambda log_joint, z, q: log_joint(z) - q.log_prob(z.detach()).sum(-1)),
    "the score twice": as_if(
        lambda log_joint, z, q: whole(log_joint, z, q) - q.log_prob(z.detach()).sum(-1)
    ),
    "only mu detached": right_values,
    "only sigma detached": right_values,
    "z detached": right_values,
    "mu detached in z": right_values,
    "sigma detached in z": right_values,
    "the model sees no z": right_values,
    "log q forgotten": beside(
        lambda out, _, args: close(out, args[0](args[1] + (args[2] / 2).exp() * args[3]))
    ),
}
TABLES = {"E8.4": E8_4, "E8.1": E8_1, "E8.2": E8_2, "E8.6": E8_6}
CLAIMS = {
    f"{name}: {slip}": holds for name, table in TABLES.items() for slip, holds in table.items()
}
