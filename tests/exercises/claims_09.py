"""What the hints of notebook 09's exercises claim, where it can be computed."""

import math

import torch
from claims_06 import NO_COUNT, above, counts
from each_case import close, each, either, gives, one_of

# --- E9.1: eigenvalues v at water level theta; of one of the two numbers, the other is right ---

WATER = {
    "v": lambda eigenvalues: eigenvalues,
    "told": lambda v, theta: (v / theta).clamp(min=1).log().sum(),
    "lost": lambda v, theta: v.clamp(max=theta).sum(),
}
rate = one_of(
    lambda came, right, wanted: close(came[1], right[1]) and close(came[0], wanted), **WATER
)
distortion = one_of(
    lambda came, right, wanted: close(came[0], right[0]) and close(came[1], wanted), **WATER
)


def divided_by_a_count(came, right, eigenvalues, theta):
    sizes = len(eigenvalues), above(eigenvalues, theta).clamp(min=1)
    return any(close(came[i] * n, right[i]) for i in (0, 1) for n in sizes)


E9_1 = {
    "the first for the largest": lambda seen: seen.answer(torch.tensor([0.25, 4.0]), 1.0)[0] < 0,
    "half forgotten": rate(lambda told: told),
    "negative rates": lambda seen: any(out[0] < 0 for out in seen.outputs),
    "rate cut off at the end": rate(lambda v, theta: (0.5 * (v / theta).log().sum()).clamp(min=0)),
    "size of the rates": rate(lambda v, theta: 0.5 * (v / theta).log().abs().sum()),
    "zero times infinity": lambda seen: any(out[0].isnan() for out in seen.outputs),
    "the larger for the smaller": distortion(lambda v, theta: v.clamp(min=theta).sum()),
    "all of the variance": distortion(lambda v: v.sum()),
    "theta in every direction": distortion(lambda v, theta: theta * len(v), lambda theta: theta),
    "only what stands above": distortion(lambda v, theta: theta * above(v, theta)),
    "left after noise": distortion(lambda v, theta: (v * theta / (v + theta)).sum()),
    "only what is under water": distortion(lambda v, theta: v[v <= theta].sum()),
    "what is told": distortion(
        lambda v, theta: (v - theta).clamp(min=0).sum(),
        lambda v, theta: (v - theta).sum(),
        lambda v, theta: v[v > theta].sum(),
    ),
    "directions counted": rate(
        lambda v, theta: above(v, theta), lambda v, theta: above(v, theta) / 2
    ),
    "bits": rate(lambda told: told / 2 / math.log(2), lambda told: told / 2 / math.log(10)),
    "for each direction": each(lambda came: came[0].dim() + came[1].dim() > 0),
    "mean over the directions": each(divided_by_a_count),
    "distortion in nats": distortion(
        lambda lost: lost / 2,
        lambda lost, theta: lost / theta,
        lambda lost, theta: lost / theta / 2,
    ),
}

# --- E9.3: what is added to the logarithm, of distortions d ---

STEP = {
    "d": lambda distortion: distortion,
    "excess": lambda d, target: d.mean() - target,
    "added": lambda came, log_multiplier: came - log_multiplier,
}
steps = one_of(lambda added, wanted, step_size: close(added, step_size * wanted), **STEP)


def on_target(holds):
    """Of what comes out where every distortion is the target."""

    def there(answer, log_multiplier, distortion, target, step_size):
        return answer(log_multiplier, target + 0 * distortion, target, step_size)

    return each(holds, there=there)


stays_on_target = on_target(lambda there, log_multiplier: close(there, log_multiplier))
E9_3 = {
    "the wrong way": steps(lambda excess: -excess),
    "summed over the batch": steps(
        lambda d, target: d.sum() - target, lambda d, target: (d - target).sum()
    ),
    "one for each picture": each(lambda came, distortion: came.shape == distortion.shape),
    "the multiplier returned": each(lambda came, right: close(came.log(), right)),
    "the step alone": gives(lambda right, log_multiplier: right - log_multiplier),
    "no step": gives(lambda log_multiplier: log_multiplier),
    "target forgotten": steps(lambda d: d.mean()),
    "never falls": each(lambda came, log_multiplier: came >= log_multiplier),
    "another middle": steps(
        lambda d, target: d.median() - target,
        lambda d, target: d.max() - target,
        lambda d, target: d.min() - target,
        lambda d, target: d[0] - target,
        lambda d, target: d[-1] - target,
    ),
    "another step": on_target(
        lambda there, log_multiplier: there.isnan() or close(there, log_multiplier)
    ),
    "an average of two": on_target(lambda there, log_multiplier: not close(there, log_multiplier)),
    "a factor near the right one": each(
        lambda added, step_size, excess: close(added.exp() - 1, step_size * excess), **STEP
    ),
    "slope of the loss": stays_on_target,
}

# --- E9.2 ---

LEVEL = {"level": lambda sigma, beta: beta * sigma**2}


def all_above(eigenvalues, level):
    return above(eigenvalues, level)


def first_above(eigenvalues, level, latent_dim):
    return above(eigenvalues[:latent_dim], level)


def over(*levels):
    """Counted above one of these of sigma and beta, among the first latents, or among all."""
    return either(*(counts(first_above, all_above, level=level) for level in levels))


E9_2 = {
    **NO_COUNT,
    "beta forgotten": over(lambda sigma: sigma**2),
    "sigma for sigma^2": over(lambda sigma, beta: beta * sigma),
    "beta divides": over(lambda sigma, beta: sigma**2 / beta),
    "beta squared": over(
        lambda sigma, beta: (beta * sigma) ** 2, lambda sigma, beta: beta**2 * sigma
    ),
    "no cap": counts(all_above, **LEVEL),
    "the one on the line": each(lambda came, right: came >= right),
    "beta alone": over(lambda beta: beta, lambda beta: 1 / beta),
    "every latent": counts(
        lambda latent_dim: latent_dim,
        lambda eigenvalues: len(eigenvalues),
        lambda latent_dim, eigenvalues: min(latent_dim, len(eigenvalues)),
    ),
    "larger instead of smaller": counts(
        lambda eigenvalues, level, latent_dim: max(above(eigenvalues, level), latent_dim), **LEVEL
    ),
    "one off": each(
        lambda came, right, latent_dim: abs(came - right) == 1 or came == right == latent_dim
    ),
    "rates for a count": each(lambda came: came.is_floating_point()),
    "what is left, added up": lambda seen: seen.answer(torch.tensor([0.9, 0.8, 0.7]), 1, 1, 3) > 0,
    "the first one below": lambda seen: seen.answer(torch.tensor([3.0, 1.0]), 0.5, 1, 2) == 0,
    "gains below the water": lambda seen: seen.answer(torch.tensor([0.1]), 1, 1, 1) == 1,
}
TABLES = {"E9.1": E9_1, "E9.3": E9_3, "E9.2": E9_2}
