"""What the hints of notebook 06's exercises claim, where it can be computed."""

import functools

import torch
from each_case import both, close, each, either, gives, one_of, single_number
from torch.special import ndtr

from course_utils.toys import LinearGaussian

# --- E6.1: z, and the share of N(0, 1) below each ---


def even(values):
    return close(values.diff(), values.diff().mean().expand(len(values) - 1))


def one_factor_not_1(came, right):
    a, b = came[right.abs() > 1e-9], right[right.abs() > 1e-9]
    return close(a / b, (a / b)[0].expand_as(b)) and not close(a, b)


shares = functools.partial(each, shares=lambda came: ndtr(came.double()))
E6_1 = {
    "no inverse": each(lambda came: even(came) and came.min() >= 0 and came.max() <= 1),
    "forward instead of inverse": each(lambda came: came.abs().max() < 2**0.5),
    "shares from 0 to 1": shares(
        lambda shares: float(shares[0]) == 0 and float(1 - shares[-1]) == 0
    ),
    "left end of each share": shares(lambda came, shares: came[0] == -torch.inf and even(shares)),
    "right end of each share": shares(lambda came, shares: came[-1] == torch.inf and even(shares)),
    "borders of the shares": shares(lambda shares, n: even(shares) and abs(len(shares) - n) == 1),
    "n + 1 in place of n": shares(
        lambda shares: close(shares, torch.arange(1, len(shares) + 1) / (len(shares) + 1))
    ),
    "one place off": each(
        lambda came, right: (
            came.isnan().sum() == 1 and (close(came[:-1], right[1:]) or close(came[1:], right[:-1]))
        )
    ),
    "half of one share": each(lambda came: came[1:].isnan().all() and came[0].isfinite()),
    "outside 0 to 1": each(lambda came: came.isnan().any()),
    "erfinv without the root of 2": each(one_factor_not_1),
    "erfinv of the shares": each(lambda came: not (came < 0).any()),
    "no signs": each(
        lambda came, right: (
            (came >= 0).all() and close(came.sort().values, right.abs().sort().values)
        )
    ),
    "from the top": each(lambda came, right: close(came.flip(0), right)),
    "a grid": each(lambda came, n: came.numel() > n),
    "even steps of z": each(lambda came: even(came)),
    "trimmed shares": shares(lambda shares: even(shares)),
}

# --- E6.2 ---


def flags_of(*measures):
    """Some threshold on one of these measures of mu gives the flags of every case."""

    def claim_of(measure):
        def holds(seen):
            sizes = torch.cat([measure(mu) for (mu,) in seen.inputs])
            active = torch.cat(list(seen.outputs))
            return bool(sizes[active].min() > sizes[~active].max())

        return holds

    return either(*map(claim_of, measures))


def shape_of(*axes):
    """The outputs have these axes of mu, (N, L)."""
    return each(lambda came, mu: came.shape == tuple(mu.shape[i] for i in axes))


E6_2 = {
    "any difference at all": each(lambda came: came.all()),
    "none": each(lambda came: not came.any()),
    "standard deviation": gives(lambda mu: mu.std(0) > 0.01),
    "another threshold": flags_of(lambda mu: mu.var(0)),
    "sum of squares": flags_of(lambda mu: (mu - mu.mean(0)).square().sum(0)),
    "mean of mu": flags_of(lambda mu: mu.mean(0), lambda mu: mu.mean(0).abs()),
    "size of mu": flags_of(
        lambda mu: mu.abs().mean(0),
        lambda mu: mu.abs().median(0).values,
        lambda mu: mu.abs().amax(0),
        lambda mu: mu.amax(0),
    ),
    "mean square": flags_of(lambda mu: mu.square().mean(0), lambda mu: mu.square().sum(0)),
    "across the latents": shape_of(0),
    "everything at once": shape_of(),
    "each entry": shape_of(0, 1),
    "upside down": gives(lambda right: ~right),
    "a count": shape_of(),
    "numbers for flags": each(lambda came: came.dtype != torch.bool),
    "the variances": each(lambda came: came.dtype == torch.float64),
    "a matrix of covariances": either(shape_of(1, 1), shape_of(0, 0)),
}

# --- E6.3: v, the variance; the centres' own, divided by N or by N - 1; the mean of the others ---

MOMENTS = {"v": lambda came: came[1], "spread": lambda log_var: log_var.exp().mean(0)}
BY_N = {"centres": lambda mu: mu.var(0, correction=0)}
BY_N_LESS_1 = {"centres": lambda mu: mu.var(0)}


def variance_is(*forms):
    is_one = one_of(lambda v, wanted: close(v, wanted), **MOMENTS)
    return either(is_one(*forms, **BY_N), is_one(*forms, **BY_N_LESS_1))


def distances(mu):
    return (mu - mu.mean(0)).abs()


E6_3 = {
    "variance of mu alone": variance_is(lambda centres: centres),
    "mean of the variances alone": variance_is(lambda spread: spread),
    "variances added up": variance_is(
        lambda centres, log_var: centres + log_var.exp().sum(0),
        lambda centres, log_var: centres + log_var.exp().sum(0) / (len(log_var) - 1),
    ),
    "variance of an average": either(
        variance_is(lambda centres, spread, mu: centres + spread / len(mu)),
        each(lambda v, centres, spread: (v < 0.5 * (centres + spread)).all(), **MOMENTS, **BY_N),
    ),
    "exponential of the average": variance_is(
        lambda centres, log_var: centres + log_var.mean(0).exp(),
        lambda log_var: log_var.mean(0).exp(),
    ),
    "subtracted": variance_is(lambda centres, spread: centres - spread),
    "the prior's variance": variance_is(lambda centres: centres + 1),
    "half the variance": variance_is(lambda centres, spread: centres + spread / 2),
    "standard deviation": variance_is(lambda centres, spread: (centres + spread).sqrt()),
    "logarithm of the variance": variance_is(lambda centres, spread: (centres + spread).log()),
    "half of each": variance_is(lambda centres, spread: (centres + spread) / 2),
    "multiplied": variance_is(lambda centres, spread: centres * spread),
    "distances of the centres": variance_is(
        lambda mu, spread: spread + distances(mu).square().sum(0),
        lambda mu, spread: spread + distances(mu).mean(0),
    ),
    "across the latents": each(lambda came, mu: len(mu) in (*came[0].shape, *came[1].shape)),
    "everything at once": each(lambda came: came[0].dim() == came[1].dim() == 0),
    "not averaged over the pictures": each(
        lambda came, mu: mu.shape in (came[0].shape, came[1].shape)
    ),
    "a whole covariance": each(lambda came, mu: came[1].shape == 2 * mu.shape[1:]),
    "sum of the means": each(lambda came, mu: close(came[0], mu.sum(0))),
    "median": each(lambda came, mu: close(came[0], mu.median(0).values)),
    "exchanged": each(
        lambda came, mu: close(came[1], mu.mean(0)) and (came[0] > mu.var(0, correction=0)).all()
    ),
}

# --- E6.4: W, b, sigma; the model by maximum likelihood; the eigenvalues of the covariance ---


def lengths(W):
    return W.norm(dim=0).sort(descending=True).values


PPCA = {
    "W": lambda came: came[0],
    "b": lambda came: came[1],
    "sigma": lambda came: came[2],
    "model": lambda x, latent_dim: LinearGaussian.fit_ml(x, latent_dim),
    "lengths_right": lambda W, model: close(lengths(W), lengths(model.W)),
    "values": lambda x: torch.linalg.eigvalsh(torch.cov(x.T, correction=0)).flip(0),
}


def directions_alone(W, model, lengths_right):
    """The columns of W point where the model's do, in the same order, with other lengths."""
    cosines = (W * model.W).sum(0) / W.norm(dim=0) / model.W.norm(dim=0)
    return close(cosines.abs(), torch.ones(W.shape[1])) and not lengths_right


ppca = functools.partial(each, **PPCA)
columns_are = one_of(  # as long as this makes them, if sigma is right
    lambda W, sigma, model, wanted: (
        close(sigma, model.sigma)
        and close(lengths(W), wanted[: W.shape[1]].sort(descending=True).values)
    ),
    **PPCA,
)
sigma_is = one_of(lambda sigma, wanted: close(sigma, wanted), **PPCA)
E6_4 = {
    "plain PCA": ppca(directions_alone),
    "noise not subtracted": columns_are(lambda values: values.sqrt()),
    "noise added": columns_are(lambda values, model: (values + model.sigma**2).sqrt()),
    "no root": columns_are(lambda values, model: values - model.sigma**2, lambda values: values),
    "sigma subtracted": ppca(directions_alone),
    "variance for sigma": sigma_is(lambda model: model.sigma**2),
    "root taken twice": sigma_is(lambda model: model.sigma**0.5),
    "one over sigma": sigma_is(lambda model: 1 / model.sigma, lambda model: model.sigma**-2),
    "sigma of each direction": ppca(lambda sigma: torch.as_tensor(sigma).dim() > 0),
    "noise from all eigenvalues": sigma_is(lambda values: values.mean().sqrt()),
    "noise from one eigenvalue": ppca(lambda sigma, values: (values - sigma**2).abs().min() < 1e-9),
    "b forgotten": ppca(lambda b, model, lengths_right: lengths_right and not close(b, model.b)),
    "one number for b": ppca(lambda b, x: b.unique().numel() == 1 or b.shape == x.shape[:1]),
    "pictures against pictures": ppca(lambda W, x: len(W) == len(x)),
    "transposed": ppca(lambda W, model: W.shape == model.W.T.shape),
    "all columns": ppca(lambda W, x: W.shape == 2 * x.shape[1:]),
}

# --- E6.5 ---


def above(values, threshold):
    return (values > threshold).sum()


counts = one_of(lambda came, wanted: float(torch.as_tensor(came)) == float(wanted))
NO_COUNT = {
    "flags": each(lambda came: came.dim() > 0 and not came.is_floating_point()),
    "the eigenvalues": each(lambda came: came.is_floating_point()),
    "is there one": both(single_number, each(lambda came: came.dtype == torch.bool)),
    "a share of the latents": each(lambda came: 0 <= came <= 1),
}
E6_5 = {
    **NO_COUNT,
    "no cap": counts(lambda eigenvalues, sigma2: above(eigenvalues, sigma2)),
    "every latent": counts(lambda latent_dim: latent_dim, lambda eigenvalues: len(eigenvalues)),
    "noise counted twice": counts(
        lambda eigenvalues, sigma2, latent_dim: above(eigenvalues[:latent_dim], 2 * sigma2)
    ),
    "larger instead of smaller": counts(
        lambda eigenvalues, sigma2, latent_dim: max(above(eigenvalues, sigma2), latent_dim)
    ),
    "one too few": each(lambda came, right: came == right - 1),
    "one too many": each(
        lambda came, right, latent_dim: came == right + 1 or came == right == latent_dim
    ),
}
TABLES = {"E6.1": E6_1, "E6.2": E6_2, "E6.3": E6_3, "E6.4": E6_4, "E6.5": E6_5}
