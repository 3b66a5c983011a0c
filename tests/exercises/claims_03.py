"""What the hints of notebook 03's exercises claim, of every answer that is shown them."""

import math

import torch
from each_case import each, like_any, same
from torch.distributions import Normal, kl_divergence

from course_utils.exercises import ex03


def numbers(*values):
    return [torch.tensor([[value]], dtype=torch.float64) for value in values]


def of(seen, *values):
    """The answer for B = L = 1."""
    return float(seen.answer(*numbers(*values)).sum())


def times(factor):
    """The right one times a number, which may depend on the first input."""
    return each(lambda came, right, first, *_: same(came, factor(first) * right))


def flat(values):
    return same(values, values[:1].expand_as(values))


def two_runs_differ(seen):
    return not same(seen.answer(*seen.inputs[0]), seen.answer(*seen.inputs[0]))


def unmoved_by(*positions):
    """The answer stays as it is if one is added to these inputs."""

    def claim(seen):
        args = seen.inputs[0]
        moved = [arg + 1 if i in positions else arg for i, arg in enumerate(args)]
        return same(seen.answer(*args), seen.answer(*moved))

    return claim


OF_SHAPES = {
    "not summed": each(lambda came, right, *_: same(came.sum(-1), right)),
    "mean over latents": times(lambda mu: 1 / mu.shape[-1]),
    "divided after the sum": each(lambda came, right, *_: flat(came / right)),
    "keepdim": each(lambda came, right, *_: same(came, right[:, None])),
    "sign": times(lambda _: -1),
    "no half": times(lambda _: 2),
    "by sampling": two_runs_differ,
}

# --- E3.1 ---


def kept_latents(came, _, mu, log_var):
    return len(came) == mu.shape[1]


def linear_in_the_size_of_mu(seen):
    one, other, two, zero = (of(seen, mu, 0.5) for mu in (1, -1, 2, 0))
    return one == other and math.isclose(two - one, one - zero)


KL = {
    **OF_SHAPES,
    "sum over the batch too": each(lambda came, right, *_: same(came, right.sum())),
    "mean over the batch": each(
        lambda came, right, mu, _: like_any(came, right.mean(), right.mean() / mu.shape[1])
    ),
    "the wrong axis": each(kept_latents),
    "one counted once": lambda seen: seen.answer(*torch.zeros(2, 1, 4)).item() != 0,
    "a fixed L": each(lambda came, right, mu, _: same(came, right) == (mu.shape[1] == 3)),
    "no minus one": lambda seen: seen.answer(*torch.zeros(2, 1, 4)).item() != 0,
    "no half, no minus one": lambda seen: seen.answer(*torch.zeros(2, 1, 4)).item() == 4,
    "mu not squared": lambda seen: of(seen, 1, 0.5) != of(seen, -1, 0.5),
    "the size of mu": linear_in_the_size_of_mu,
    "log_var cancels": unmoved_by(1),
    "mu subtracted": lambda seen: of(seen, 3, 0) <= 0 and of(seen, -3, 0) <= 0,
    "a sign inside": lambda seen: of(seen, 0, -3) < 0 or of(seen, 0, 3) < 0,
    "prior first": each(
        lambda came, _, mu, log_var: same(
            came, kl_divergence(Normal(0 * mu, 1.0), Normal(mu, (log_var / 2).exp())).sum(1)
        )
    ),
}

# --- E3.2 ---


def the_other_way_round(came, _, mu_q, log_var_q, mu_p, log_var_p):
    return same(came, ex03.my_kl_normal(mu_p, log_var_p, mu_q, log_var_q))


def symmetric(seen):
    q, p = (0.3, 0.5), (-1.0, 0.2)
    return math.isclose(of(seen, *q, *p), of(seen, *p, *q))


def once_zero(seen):
    means, variances = of(seen, 1, 0.5, 0, 0.5), of(seen, 1, 0.5, 1, 0)
    return (means == 0) != (variances == 0)


def kl_to_the_prior(came, _, mu_q, log_var_q, *p):
    return same(came, ex03.my_kl(mu_q, log_var_q))


KL_NORMAL = {
    **OF_SHAPES,
    "arguments swapped": each(the_other_way_round),
    "symmetrised": symmetric,
    "over the batch": each(lambda came, right, *_: came.shape != right.shape),
    "no log-ratio": lambda seen: of(seen, 0, -1, 0, 0) < 0,
    "log-ratio upside down": lambda seen: of(seen, 0, -20, 0, 0) < of(seen, 0, -10, 0, 0),
    "difference not squared": lambda seen: of(seen, 1, 0, 0, 0) != of(seen, -1, 0, 0, 0),
    "the size of the difference": lambda seen: of(seen, 1, 0, 0, 0) == of(seen, -1, 0, 0, 0),
    "squared before the difference": lambda seen: not unmoved_by(0, 2)(seen),
    "sum of the means": lambda seen: of(seen, 3, 0, 3, 0) > of(seen, 0, 0, 0, 0),
    "no minus one": lambda seen: seen.answer(*torch.zeros(4, 1, 5)).item() != 0,
    "a term is missing": once_zero,
    "ignores p": each(kl_to_the_prior),
    "variance of p ignored": each(
        lambda came, _, mu, log_var, mu_p, __: same(came, ex03.my_kl(mu - mu_p, log_var))
    ),
}

# --- E3.3 and E3.4: x, mu, log_var (B,), a, b, sigma ---


def to_prior(mu, log_var):
    return ex03.my_kl(mu[:, None], log_var[:, None])


def bound(holds):
    """The claim that holds(came, right, KL to the prior), in every case."""
    return each(lambda came, right, x, mu, log_var, *_: holds(came, right, to_prior(mu, log_var)))


def rest_does_not_depend_on(right, *positions):
    """What is added to the right value stays as it is if one is added to these inputs."""

    def claim(seen):
        args = seen.inputs[0]
        moved = [arg + 1 if i in positions else arg for i, arg in enumerate(args)]
        return same(seen.answer(*args) - right(*args), seen.answer(*moved) - right(*moved))

    return claim


def without_entropy(came, right, x, mu, log_var, *_):
    return same(came, right - 0.5 * (math.log(2 * math.pi * math.e) + log_var))


def of_other_kl(came, right, x, mu, log_var, *model):
    rec = right + to_prior(mu, log_var)
    return same(came, rec - ex03.my_gap(x, mu, log_var, *model))


ELBO = {
    "plug-in mean": each(lambda came, right, *_: (came > right).all()),
    "spread added": each(lambda came, right, *_: (came > right).all()),
    "KL added": bound(lambda came, right, kl: same(came, right + 2 * kl)),
    "only the reconstruction": bound(lambda came, right, kl: same(came, right + kl)),
    "only the KL": bound(lambda came, right, kl: same(came, kl)),
    "minus the KL alone": bound(lambda came, right, kl: same(came, -kl)),
    "log p(x)": unmoved_by(1, 2),
    "minus the ELBO": each(lambda came, right, *_: same(came, -right)),
    "no entropy": each(without_entropy),
    "KL to the posterior": each(of_other_kl),
    "at one z alone": unmoved_by(2),
    "constants dropped": each(lambda came, right, *_: flat(came - right)),
    "the KL is not right": rest_does_not_depend_on(ex03.my_exact_elbo, 0),
    "reduced over the batch": each(lambda came, *_: came.dim() == 0),
    "(B, B)": each(lambda came, right, *_: came.shape == (len(right), len(right))),
}


def from_the_posterior(came, _, x, mu, log_var, a, b, sigma):
    r = 1 + a**2 / sigma**2
    posterior = Normal((a / sigma**2) * (x - b) / r, r**-0.5)
    return same(came, kl_divergence(posterior, Normal(mu, (log_var / 2).exp())))


def right_at_two(seen):
    q = (torch.tensor([n], dtype=torch.float64) for n in (2.0, 0.3, -1.0))
    args = (*q, 1.5, 0.3, 0.5)
    return same(seen.answer(*args), ex03.my_gap(*args))


def lower_by_the_spread(came, right, x, mu, log_var, a, b, sigma):
    return same(came, right - a**2 * log_var.exp() / (2 * sigma**2))


GAP = {
    "KL to the prior": bound(lambda came, _, kl: same(came, kl)),
    "posterior first": each(from_the_posterior),
    "posterior to the prior": unmoved_by(1, 2),
    "posterior mean of another size": rest_does_not_depend_on(ex03.my_gap, 2),
    "b forgotten": rest_does_not_depend_on(ex03.my_gap, 2),
    "sign": times(lambda _: -1),
    "means alone": unmoved_by(2),
    "a bound without its KL": bound(
        lambda came, right, kl: like_any(came, right - kl, right - 2 * kl)
    ),
    "plug-in bound": each(lower_by_the_spread),
    "evidence not right": rest_does_not_depend_on(ex03.my_gap, 1, 2),
    "the ELBO itself": each(lambda came, _, *args: same(came, ex03.my_exact_elbo(*args))),
    "log p(x)": unmoved_by(1, 2),
    "reduced over the batch": each(lambda came, *_: came.dim() == 0),
    "a fixed model": lambda seen: same(seen.outputs[0], seen.expected[0]),
    "a fixed posterior": right_at_two,
}

# --- E3.5 ---


def nearest(values, wanted):
    return values[(values - wanted).abs().argmin()]


def has_the_posterior_s_mean(came, _, log_joint, z, mus, log_vars):
    mean = (torch.softmax(log_joint, 0) * z).sum()
    return like_any(came[0], mean, nearest(mus, mean))


def places_of(came, right, log_joint, z, mus, log_vars):
    return same((mus[came[0]], log_vars[came[1]]), right)


def mu_right(came, right, *_):
    return same(came[0], right[0]) and not same(came[1], right[1])


BEST = {
    "no entropy": each(lambda came, _, log_joint, z, mus, log_vars: came[1] == log_vars.min()),
    "forward KL": each(has_the_posterior_s_mean),
    "index for value": each(places_of),
    "order": each(lambda came, right, *_: same(came, right[::-1])),
    "variance returned": each(mu_right),
    "one of two": each(mu_right),
}

TABLES = {"E3.1": KL, "E3.2": KL_NORMAL, "E3.3": ELBO, "E3.4": GAP, "E3.5": BEST}
CLAIMS = {f"{name}: {slip}": claim for name, of in TABLES.items() for slip, claim in of.items()}
