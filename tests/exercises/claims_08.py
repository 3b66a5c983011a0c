"""What the hints of notebook 08's exercises claim, where it can be computed."""

import functools
import math

import torch
from each_case import both, close, each, either, gives, one_of, q_of, values_right

# --- E8.4: the rate b in bits, what e the levels add, of n pixels ---

LN2 = math.log(2)
BITS = {
    "n": lambda n_pixels: n_pixels,
    "b": lambda log_px, n: -log_px / (n * LN2),
    "e": lambda levels: math.log2(levels) if levels else 0.0,
}
bits = one_of(lambda came, wanted: close(came, wanted), **BITS)


def levels_add(of):
    """What is added where there are levels is this of their number."""

    def holds(came, b, levels):
        return not levels or close(came - b, torch.full_like(came, of(levels)))

    return each(holds, **BITS)


E8_4 = {
    "nats for bits": bits(lambda b, e: b * LN2 + e, lambda b, e: (b + e) * LN2),
    "times ln 2": bits(lambda b, e: b * LN2**2 + e, lambda b, e: (b + e) * LN2**2),
    "the picture's bits": bits(
        lambda b, e, n: b * n + e, lambda b, e, n: (b + e) * n, lambda b, e, n: b * n**2 + e
    ),
    "levels forgotten": bits(lambda b: b),
    "levels subtracted": bits(lambda b, e: b - e),
    "pictures for pixels": each(
        lambda came, right, log_px, n_pixels, levels: (
            levels or close(came * len(log_px), right * n_pixels)
        )
    ),
    "log p without its minus": bits(lambda b, e: e - b),
    "levels once a picture": bits(lambda b, e, n: b + e / n, lambda b, e, n: b + e / (n * LN2)),
    "levels in nats": bits(lambda b, e: b + e * LN2),
    "ln 2 twice": bits(lambda b, e: b + e / LN2),
    "always the same levels": either(levels_add(lambda _: 7), levels_add(lambda _: 8)),
    "one level too few": either(
        levels_add(lambda levels: math.log2(levels - 1)),
        levels_add(lambda levels: math.log2(levels + 1)),
    ),
    "half of the levels": levels_add(lambda levels: math.log2(levels) - 1),
    "levels for probabilities, too": bits(
        lambda b, e: b + (e or 8), lambda b: b + 8, lambda b, e: b + (e or 1)
    ),
}

# --- E8.1: log-weights w (K, B), and the log of K ---

WEIGHTS = {"w": lambda log_w: log_w, "log_k": lambda w: math.log(len(w))}
bound_is = one_of(lambda came, wanted: close(came, wanted), **WEIGHTS)


def does_not_see_px(seen):
    """Add 1 to every log-weight, and nothing changes."""
    return all(close(seen.answer(w), seen.answer(w + 1)) for (w,) in seen.inputs[:2])


E8_1 = {
    "no -log K": bound_is(lambda right, log_k: right + log_k),
    "mean of the logs": bound_is(lambda w: w.mean(0), lambda w, log_k: w.mean(0) - log_k),
    "sum of the logs": bound_is(lambda w: w.sum(0), lambda w, log_k: w.sum(0) - log_k),
    "average of 1/w": each(lambda came, right: (came <= right + 1e-9).all()),
    "naive": lambda seen: any(out.isinf().any() for out in seen.outputs),
    "naive with a guard": lambda seen: (seen.outputs[2] > seen.expected[2] + 50).any(),
    "over the batch": each(lambda came, log_w: came.shape == log_w.shape[:1]),
    "all together": each(lambda came: came.dim() == 0 or (came == came[0]).all()),
    "largest weight": bound_is(lambda w: w.amax(0), lambda w, log_k: w.amax(0) - log_k),
    "not added back": bound_is(
        lambda right, w: right - w.amax(0), lambda right, w: right - 2 * w.amax(0)
    ),
    "log K added": bound_is(lambda right, log_k: right + 2 * log_k),
    "log of another size": bound_is(
        lambda right, w, log_k: right + log_k - math.log(w.shape[1]),
        lambda right, w, log_k: right + log_k - math.log(w.numel()),
    ),
    "K - 1": each(
        lambda came, right, log_w: (
            len(log_w) == 1 or close(came, right + math.log(len(log_w) / (len(log_w) - 1)))
        )
    ),
    "shares of the sum": does_not_see_px,
    "how many draws count": does_not_see_px,
    "for every K": each(lambda came, log_w: came.shape == log_w.shape),
}

# --- E8.2: of the first case, with other densities too ---


def ones(z):
    return torch.ones(z.shape[:2], dtype=z.dtype)


def zeros(z):
    return 0 * ones(z)


def asked_and_betas(answer, log_prior, log_likelihood, move, z, n_temperatures):
    """Where the answer asks for the likelihood, and at which betas it moves."""
    asked, betas = [], []

    def weighed(z):
        asked.append(z)
        return log_likelihood(z)

    def moved(z, beta):
        betas.append(float(beta))
        return move(z, beta)

    answer(log_prior, weighed, moved, z, n_temperatures)
    return asked, betas


RUN = {
    "n": lambda n_temperatures: n_temperatures,
    "heard": asked_and_betas,
    "asked": lambda heard: heard[0],
    "betas": lambda heard: heard[1],
    "of": lambda answer, move, z, n: lambda prior, weigh: answer(prior, weigh, move, z, n),
}


in_a_run = functools.partial(each, first=1, **RUN)
# The steps' shares of the likelihood add up to one of these of their number.
shares = one_of(lambda of, z, wanted: close(of(zeros, ones), wanted * ones(z)), first=1, **RUN)
all_of_it = shares(lambda: 1)
sees_the_prior = in_a_run(
    lambda of, log_likelihood: not close(of(ones, log_likelihood), of(zeros, log_likelihood))
)
uneven = in_a_run(
    lambda betas, n: (
        len(betas) == n
        and len({round(b - a, 6) for a, b in zip([0, *betas], betas, strict=False)}) > 1
    )
)
E8_2 = {
    "beta for the difference": shares(lambda n: (n + 1) / 2),
    "a whole likelihood each time": shares(lambda n: n),
    "weighed after the move": both(all_of_it, in_a_run(lambda asked, z: not close(asked[0], z))),
    "weighed at both ends": all_of_it,
    "averaged in each step": each(lambda came: (came == came[0]).all()),
    "the prior comes along": sees_the_prior,
    "the prior alone": both(
        sees_the_prior, in_a_run(lambda came, of, log_prior: close(came, of(log_prior, ones)))
    ),
    "what is left": shares(lambda n: (n - 1) / 2, lambda n: (n + 1) / 2),
    "step upside down": gives(lambda right: -right),
    "last step alone": shares(lambda n: 1 / n),
    "averaged over the steps": shares(lambda n: 1 / n),
    "beta over the steps": shares(lambda n: (n + 1) / (2 * n), lambda n: (n - 1) / (2 * n)),
    "one temperature too few": both(
        all_of_it, in_a_run(lambda betas, n: len(betas) == n - 1 and betas[-1] == 1)
    ),
    "one temperature too many": in_a_run(lambda betas, n: len(betas) == n + 1 and betas[-1] == 1),
    "first step left out": in_a_run(lambda betas, n: betas[0] > 1 / n + 1e-6 or len(betas) > n),
    "never at the posterior": in_a_run(lambda betas: betas[-1] < 1),
    "backward": in_a_run(lambda betas: betas[-1] == 0),
    "beyond the posterior": in_a_run(lambda betas, n: betas[-1] == n),
    "below the prior": in_a_run(lambda betas: betas[0] < 0),
    "steps of other lengths": both(all_of_it, uneven),
    "steps of equal ratio": uneven,
    "chains that stand still": gives(lambda log_likelihood, z: log_likelihood(z)),
    "moved at the wrong temperature": both(
        all_of_it, in_a_run(lambda betas, n: not close(betas, torch.arange(1, n + 1) / n))
    ),
    "an estimate already": each(lambda came, z: came.shape == z.shape[1:2]),
    "weights themselves": each(lambda came, right: close(came.log(), right)),
}

# --- E8.6 ---


def as_if(of):
    """Right values, and the gradient of this in the first case."""

    def holds(answer, log_joint, mu, log_var, eps):
        at = [part.clone().requires_grad_() for part in (mu, log_var)]
        q, nothing = q_of(*at), 0 * sum(part.sum() for part in at)  # where nothing arrives
        totals = answer(log_joint, *at, eps), of(log_joint, q.mean + q.stddev * eps, q)
        slopes = (torch.autograd.grad(t.sum() + nothing, at, retain_graph=True) for t in totals)
        return all(map(close, *slopes))

    return both(values_right, each(holds, first=1))


def log_q(q, z):
    return q.log_prob(z).sum(-1)


def whole(log_joint, z, q):
    return log_joint(z) - log_q(q, z)


E8_6 = {
    "nothing detached": as_if(whole),
    "log q detached": as_if(lambda log_joint, z, q: log_joint(z)),
    "the score alone": as_if(lambda log_joint, z, q: log_joint(z) - log_q(q, z.detach())),
    "the score twice": as_if(lambda *parts: whole(*parts) - log_q(parts[2], parts[1].detach())),
    "only mu detached": values_right,
    "only sigma detached": values_right,
    "z detached": values_right,
    "mu detached in z": values_right,
    "sigma detached in z": values_right,
    "the model sees no z": values_right,
    "log q forgotten": gives(
        lambda log_joint, mu, log_var, eps: log_joint(mu + (log_var / 2).exp() * eps)
    ),
}
TABLES = {"E8.4": E8_4, "E8.1": E8_1, "E8.2": E8_2, "E8.6": E8_6}
