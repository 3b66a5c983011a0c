"""What the hints of notebook 06's exercises claim, where it can be computed."""

import torch
from torch.special import ndtr

from course_utils.toys import LinearGaussian


def every(holds):
    """Of the outputs of all cases, one after the other."""
    return lambda seen: all(bool(holds(output)) for output in seen.outputs)


def beside(holds):
    """Of each output, what is expected, and the inputs."""
    return lambda seen: all(
        bool(holds(*case)) for case in zip(seen.outputs, seen.expected, seen.inputs, strict=True)
    )


def close(a, b):
    a, b = (torch.as_tensor(value, dtype=torch.float64) for value in (a, b))
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-6, atol=1e-7, equal_nan=True)


def even(values):
    return close(values.diff(), values.diff().mean().expand(len(values) - 1))


def factor(a, b):
    """Whether a is b but for one factor, not 1."""
    a, b = a[b.abs() > 1e-9], b[b.abs() > 1e-9]
    return close(a / b, (a / b)[0].expand_as(b)) and not close(a, b)


def shares(z):
    return ndtr(z.double())


def lies(z):
    """How far the first share is above 0, and the last below 1."""
    return float(shares(z)[0]), float(1 - shares(z)[-1])


E6_1 = {
    "no inverse": every(lambda z: even(z) and z.min() >= 0 and z.max() <= 1),
    "forward instead of inverse": every(lambda z: z.abs().max() < 2**0.5),
    "shares from 0 to 1": every(lambda z: lies(z) == (0, 0)),
    "left end of each share": every(lambda z: z[0] == -torch.inf and even(shares(z))),
    "right end of each share": every(lambda z: z[-1] == torch.inf and even(shares(z))),
    "borders of the shares": beside(
        lambda z, _, args: even(shares(z)) and len(z) - args[0] in (1, -1)
    ),
    "n + 1 in place of n": every(
        lambda z: close(shares(z), torch.arange(1, len(z) + 1) / (len(z) + 1))
    ),
    "one place off": beside(
        lambda z, right, _: (
            z.isnan().sum() == 1 and (close(z[:-1], right[1:]) or close(z[1:], right[:-1]))
        )
    ),
    "half of one share": every(lambda z: z[1:].isnan().all() and z[0].isfinite()),
    "outside 0 to 1": every(lambda z: z.isnan().any()),
    "erfinv without the root of 2": beside(lambda z, right, _: factor(z, right)),
    "erfinv of the shares": every(lambda z: not (z < 0).any()),
    "no signs": beside(
        lambda z, right, _: (z >= 0).all() and close(z.sort().values, right.abs().sort().values)
    ),
    "from the top": beside(lambda z, right, _: close(z.flip(0), right)),
    "a grid": beside(lambda z, _, args: z.numel() > args[0]),
    "even steps of z": every(even),
    "trimmed shares": every(lambda z: even(shares(z))),
}


def flags_of(measure):
    """Whether some threshold on this measure of mu gives the flags of every case."""

    def holds(seen):
        sizes = [measure(mu) for (mu,) in seen.inputs]
        size, on = torch.cat(sizes), torch.cat(list(seen.outputs))
        return bool(size[on].min() > size[~on].max())

    return holds


def either(*claims):
    return lambda seen: any(claim(seen) for claim in claims)


def shape_of(*axes):
    """Whether the outputs have these axes of mu, (N, L)."""
    return beside(lambda out, _, args: out.shape == tuple(args[0].shape[i] for i in axes))


def variance(mu):
    return mu.var(0)


E6_2 = {
    "any difference at all": every(torch.all),
    "none": every(lambda flags: not flags.any()),
    "standard deviation": beside(lambda flags, _, args: close(flags, args[0].std(0) > 0.01)),
    "another threshold": flags_of(variance),
    "sum of squares": flags_of(lambda mu: (mu - mu.mean(0)).square().sum(0)),
    "mean of mu": either(flags_of(lambda mu: mu.mean(0)), flags_of(lambda mu: mu.mean(0).abs())),
    "size of mu": either(
        *map(
            flags_of,
            (
                lambda mu: mu.abs().mean(0),
                lambda mu: mu.abs().median(0).values,
                lambda mu: mu.abs().amax(0),
                lambda mu: mu.amax(0),
            ),
        )
    ),
    "mean square": either(
        flags_of(lambda mu: mu.square().mean(0)), flags_of(lambda mu: mu.square().sum(0))
    ),
    "across the latents": shape_of(0),
    "everything at once": shape_of(),
    "each entry": shape_of(0, 1),
    "upside down": beside(lambda flags, right, _: close(flags, ~right)),
    "a count": shape_of(),
    "numbers for flags": every(lambda out: out.dtype != torch.bool),
    "the variances": every(lambda out: out.dtype == torch.float64),
    "a matrix of covariances": either(shape_of(1, 1), shape_of(0, 0)),
}


def second(holds):
    """Of the variance, the right mean square of the centres, and mean of the variances."""

    def check(output, _, args):
        mu, log_var = args
        return any(holds(output[1], mu.var(0, correction=c), log_var) for c in (0, 1))

    return beside(check)


def mean_of(values):
    return values.mean(0)


E6_3 = {
    "variance of mu alone": second(lambda v, centres, _: close(v, centres)),
    "mean of the variances alone": second(lambda v, _, log_var: close(v, log_var.exp().mean(0))),
    "variances added up": second(
        lambda v, c, log_var: any(
            close((v - c) * k, log_var.exp().sum(0)) for k in (1, len(log_var) - 1)
        )
    ),
    "variance of an average": second(
        lambda v, c, log_var: (
            close((v - c) * len(log_var), log_var.exp().mean(0))
            or (v < 0.5 * (c + log_var.exp().mean(0))).all()
        )
    ),
    "exponential of the average": second(
        lambda v, c, log_var: close(v - c, log_var.mean(0).exp()) or close(v, log_var.mean(0).exp())
    ),
    "subtracted": second(lambda v, c, log_var: close(c - v, log_var.exp().mean(0))),
    "the prior's variance": second(lambda v, c, _: close(v - c, torch.ones_like(c))),
    "half the variance": second(lambda v, c, log_var: close(2 * (v - c), log_var.exp().mean(0))),
    "standard deviation": second(lambda v, c, log_var: close(v**2, c + log_var.exp().mean(0))),
    "logarithm of the variance": second(
        lambda v, c, log_var: close(v.exp(), c + log_var.exp().mean(0))
    ),
    "half of each": second(lambda v, c, log_var: close(2 * v, c + log_var.exp().mean(0))),
    "multiplied": second(lambda v, c, log_var: close(v, c * log_var.exp().mean(0))),
    "distances of the centres": beside(
        lambda out, _, args: any(
            close(
                out[1] - args[1].exp().mean(0), (args[0] - args[0].mean(0)).abs().pow(k).sum(0) / n
            )
            for k, n in ((2, 1), (1, len(args[0])))
        )
    ),
    "across the latents": beside(
        lambda out, _, args: len(args[0]) in (*out[0].shape, *out[1].shape)
    ),
    "everything at once": every(lambda out: out[0].dim() == out[1].dim() == 0),
    "not averaged over the pictures": beside(
        lambda out, _, args: args[0].shape in (out[0].shape, out[1].shape)
    ),
    "a whole covariance": beside(lambda out, _, args: out[1].shape == 2 * args[0].shape[1:]),
    "sum of the means": beside(lambda out, _, args: close(out[0], args[0].sum(0))),
    "median": beside(lambda out, _, args: close(out[0], args[0].median(0).values)),
    "exchanged": lambda seen: all(
        close(out[1], mu.mean(0)) and (out[0] > mu.var(0, correction=0)).all()
        for out, (mu, _) in zip(seen.outputs, seen.inputs, strict=True)
    ),
}


def ppca(holds):
    """Of W, b, sigma; the model by maximum likelihood; x."""

    def check(output, _, args):
        return holds(output, LinearGaussian.fit_ml(*args), args[0])

    return beside(check)


def lengths(W):
    return W.norm(dim=0).sort(descending=True).values


def values_of(x):
    return torch.linalg.eigvalsh(torch.cov(x.T, correction=0)).flip(0)


def directions(W, model):
    """Whether the columns of W point where the model's do, in the same order."""
    cosines = (W * model.W).sum(0) / W.norm(dim=0) / model.W.norm(dim=0)
    return close(cosines.abs(), torch.ones(W.shape[1]))


def squares(power=1.0, factor=0.0):
    """The lengths of W's columns from lambda + factor sigma^2, to this power; sigma is right."""

    def holds(parts, model, x):
        W, _, sigma = parts
        expected = (values_of(x)[: W.shape[1]] + factor * model.sigma**2) ** power
        return close(lengths(W), expected.sort(descending=True).values) and close(
            sigma, model.sigma
        )

    return holds


def variance_is(of):
    """Whether sigma^2 is what this makes of the eigenvalues and the number of latents."""
    return ppca(lambda parts, _, x: close(parts[2] ** 2, of(values_of(x), parts[0].shape[1])))


E6_4 = {
    "plain PCA": ppca(
        lambda parts, model, _: (
            directions(parts[0], model) and not close(lengths(parts[0]), lengths(model.W))
        )
    ),
    "noise not subtracted": ppca(squares(0.5)),
    "noise added": ppca(squares(0.5, 1.0)),
    "no root": either(ppca(squares(1.0, -1.0)), ppca(squares(1.0))),
    "sigma subtracted": ppca(
        lambda parts, model, _: (
            directions(parts[0], model) and not close(lengths(parts[0]), lengths(model.W))
        )
    ),
    "variance for sigma": ppca(lambda parts, model, _: close(parts[2], model.sigma**2)),
    "root taken twice": ppca(lambda parts, model, _: close(parts[2], model.sigma**0.5)),
    "one over sigma": ppca(
        lambda parts, model, _: any(close(parts[2], model.sigma**-k) for k in (1, 2))
    ),
    "sigma of each direction": every(lambda parts: torch.as_tensor(parts[2]).dim() > 0),
    "noise from all eigenvalues": variance_is(lambda values, _: values.mean()),
    "noise from one eigenvalue": ppca(
        lambda parts, _, x: (values_of(x) - parts[2] ** 2).abs().min() < 1e-9
    ),
    "b forgotten": ppca(
        lambda parts, model, _: (
            close(lengths(parts[0]), lengths(model.W)) and not close(parts[1], model.b)
        )
    ),
    "one number for b": ppca(
        lambda parts, _, x: parts[1].unique().numel() == 1 or parts[1].shape == x.shape[:1]
    ),
    "pictures against pictures": ppca(lambda parts, _, x: len(parts[0]) == len(x)),
    "transposed": ppca(lambda parts, model, _: parts[0].shape == model.W.T.shape),
    "all columns": ppca(lambda parts, _, x: parts[0].shape == 2 * x.shape[1:]),
}


def counts(of):
    """Whether each output is what this makes of the eigenvalues, sigma2 and latent_dim."""
    return beside(lambda out, _, args: float(torch.as_tensor(out)) == float(of(*args)))


def above(values, threshold):
    return (values > threshold).sum()


E6_5 = {
    "no cap": counts(lambda values, sigma2, _: above(values, sigma2)),
    "every latent": either(counts(lambda *args: args[2]), counts(lambda *args: len(args[0]))),
    "noise counted twice": counts(lambda values, sigma2, n: above(values[:n], 2 * sigma2)),
    "larger instead of smaller": counts(lambda values, sigma2, n: max(above(values, sigma2), n)),
    "one too few": beside(lambda out, right, _: out == right - 1),
    "one too many": beside(lambda out, right, args: out == right + 1 or out == right == args[2]),
    "flags": every(lambda out: out.dim() > 0 and not out.is_floating_point()),
    "the eigenvalues": every(lambda out: out.is_floating_point()),
    "is there one": every(lambda out: out.dtype == torch.bool and out.dim() == 0),
    "a share of the latents": every(lambda out: 0 <= out <= 1),
}
TABLES = {"E6.1": E6_1, "E6.2": E6_2, "E6.3": E6_3, "E6.4": E6_4, "E6.5": E6_5}
CLAIMS = {
    f"{name}: {slip}": holds for name, table in TABLES.items() for slip, holds in table.items()
}
