"""What the hints of notebook 09's exercises claim, where it can be computed."""

import math

import torch
from claims_06 import above, beside, close, either, every


def rate(*made):
    """Whether D is right, and R is what one of these makes of the eigenvalues and theta."""

    def holds(of):
        return beside(lambda out, right, args: close(out[1], right[1]) and close(out[0], of(*args)))

    return either(*map(holds, made))


def distortion(*made):
    """Whether R is right, and D is what one of these makes of the eigenvalues and theta."""

    def holds(of):
        return beside(lambda out, right, args: close(out[0], right[0]) and close(out[1], of(*args)))

    return either(*map(holds, made))


def told(values, theta):
    return (values / theta).clamp(min=1).log().sum()


E9_1 = {
    "the first for the largest": lambda seen: seen.answer(torch.tensor([0.25, 4.0]), 1.0)[0] < 0,
    "half forgotten": rate(told),
    "negative rates": lambda seen: any(out[0] < 0 for out in seen.outputs),
    "rate cut off at the end": rate(
        lambda values, theta: (0.5 * (values / theta).log().sum()).clamp(min=0)
    ),
    "size of the rates": rate(lambda values, theta: 0.5 * (values / theta).log().abs().sum()),
    "zero times infinity": lambda seen: any(out[0].isnan() for out in seen.outputs),
    "the larger for the smaller": distortion(lambda values, theta: values.clamp(min=theta).sum()),
    "all of the variance": distortion(lambda values, _: values.sum()),
    "theta in every direction": distortion(
        lambda values, theta: theta * len(values), lambda _, theta: theta
    ),
    "only what stands above": distortion(lambda values, theta: theta * above(values, theta)),
    "left after noise": distortion(lambda values, theta: (values * theta / (values + theta)).sum()),
    "only what is under water": distortion(lambda values, theta: values[values <= theta].sum()),
    "what is told": distortion(
        lambda values, theta: (values - theta).clamp(min=0).sum(),
        lambda values, theta: (values - theta).sum(),
        lambda values, theta: values[values > theta].sum(),
    ),
    "directions counted": rate(above, lambda values, theta: above(values, theta) / 2),
    "bits": rate(
        lambda values, theta: told(values, theta) / 2 / math.log(2),
        lambda values, theta: told(values, theta) / 2 / math.log(10),
    ),
    "for each direction": every(lambda out: out[0].dim() + out[1].dim() > 0),
    "mean over the directions": beside(
        lambda out, right, args: any(
            close(out[i] * n, right[i])
            for i in (0, 1)
            for n in (len(args[0]), above(*args).clamp(min=1))
        )
    ),
    "distortion in nats": distortion(
        lambda values, theta: values.clamp(max=theta).sum() / 2,
        lambda values, theta: values.clamp(max=theta).sum() / theta,
        lambda values, theta: values.clamp(max=theta).sum() / theta / 2,
    ),
}


def steps(*made):
    """Whether what is added is step_size times what one of these makes of distortions, target."""

    def holds(of):
        return beside(lambda out, _, args: close(out - args[0], args[3] * of(args[1], args[2])))

    return either(*map(holds, made))


def excess(d, target):
    return d.mean() - target


E9_3 = {
    "the wrong way": steps(lambda d, target: -excess(d, target)),
    "summed over the batch": steps(
        lambda d, target: d.sum() - target, lambda d, target: (d - target).sum()
    ),
    "one for each picture": beside(lambda out, _, args: out.shape == args[1].shape),
    "the multiplier returned": beside(lambda out, right, _: close(out.log(), right)),
    "the step alone": beside(lambda out, right, args: close(out, right - args[0])),
    "no step": beside(lambda out, _, args: close(out, args[0])),
    "target forgotten": steps(lambda d, _: d.mean()),
    "never falls": beside(lambda out, _, args: out >= args[0]),
    "another middle": steps(
        lambda d, target: d.median() - target,
        lambda d, target: d.max() - target,
        lambda d, target: d.min() - target,
        lambda d, target: d[0] - target,
        lambda d, target: d[-1] - target,
    ),
    "another step": lambda seen: all(
        close(seen.answer(log_m, target + 0 * d, target, s), log_m)
        for log_m, d, target, s in seen.inputs
        if not seen.answer(log_m, target + 0 * d, target, s).isnan()
    ),
    "an average of two": lambda seen: all(
        not close(seen.answer(log_m, target + 0 * d, target, s), log_m)
        for log_m, d, target, s in seen.inputs
    ),
    "a factor near the right one": beside(
        lambda out, _, args: close((out - args[0]).exp() - 1, args[3] * excess(args[1], args[2]))
    ),
    "slope of the loss": lambda seen: all(
        close(seen.answer(log_m, target + 0 * d, target, s), log_m)
        for log_m, d, target, s in seen.inputs
    ),
}


def counts(*made):
    """Whether each count is what one of these makes of the eigenvalues and the numbers."""

    def holds(of):
        return beside(lambda out, _, args: float(torch.as_tensor(out)) == float(of(*args)))

    return either(*map(holds, made))


def over(threshold):
    """Counted above this of sigma and beta, among the first latents, or among all."""
    return counts(
        lambda values, sigma, beta, n: above(values[:n], threshold(sigma, beta)),
        lambda values, sigma, beta, _: above(values, threshold(sigma, beta)),
    )


E9_2 = {
    "beta forgotten": over(lambda sigma, _: sigma**2),
    "sigma for sigma^2": over(lambda sigma, beta: beta * sigma),
    "beta divides": over(lambda sigma, beta: sigma**2 / beta),
    "beta squared": either(
        over(lambda sigma, beta: (beta * sigma) ** 2), over(lambda sigma, beta: beta**2 * sigma)
    ),
    "no cap": counts(lambda values, sigma, beta, _: above(values, beta * sigma**2)),
    "the one on the line": beside(lambda out, right, _: out >= right),
    "beta alone": either(over(lambda _, beta: beta), over(lambda _, beta: 1 / beta)),
    "every latent": counts(
        lambda *args: args[3], lambda *args: len(args[0]), lambda *args: min(args[3], len(args[0]))
    ),
    "larger instead of smaller": counts(
        lambda values, sigma, beta, n: max(above(values, beta * sigma**2), n)
    ),
    "one off": beside(lambda out, right, args: abs(out - right) == 1 or out == right == args[3]),
    "flags": every(lambda out: out.dim() > 0 and not out.is_floating_point()),
    "rates for a count": every(lambda out: out.is_floating_point()),
    "the eigenvalues": every(lambda out: out.is_floating_point()),
    "what is left, added up": lambda seen: seen.answer(torch.tensor([0.9, 0.8, 0.7]), 1, 1, 3) > 0,
    "the first one below": lambda seen: seen.answer(torch.tensor([3.0, 1.0]), 0.5, 1, 2) == 0,
    "gains below the water": lambda seen: seen.answer(torch.tensor([0.1]), 1, 1, 1) == 1,
    "is there one": every(lambda out: out.dtype == torch.bool and out.dim() == 0),
    "a share of the latents": every(lambda out: 0 <= out <= 1),
}
TABLES = {"E9.1": E9_1, "E9.3": E9_3, "E9.2": E9_2}
CLAIMS = {
    f"{name}: {slip}": holds for name, table in TABLES.items() for slip, holds in table.items()
}
