"""What the hints of notebook 04's exercises claim, of every answer that is shown them."""

import functools

import torch
from each_case import both, each, exchanged, flat, gives, like_any, one_of, q_of, reached, same

from course_utils.exercises._engine.compare import parts_of

# --- E4.1: the draws ---


def spread(factor):
    """The draws lie around mu, eps stretched by a function of log_var."""
    return gives(lambda mu, log_var, eps: mu + factor(log_var) * eps)


def wide_where_q_is_narrow(came, log_var, eps):
    wider = (came[0] - came[-1]).abs() > (eps[0] - eps[-1]).abs()
    return len(eps) == 1 or torch.equal(wider, log_var < 0)


DRAWS = {
    "variance as sigma": spread(torch.exp),
    "log_var as sigma": each(
        lambda stretch, log_var: flat(stretch) and not same(stretch[0], (log_var / 2).exp()),
        stretch=lambda came, mu, eps: (came - mu) / eps,
    ),
    "root of the logarithm": each(
        lambda came, log_var: (
            torch.equal(came.isnan(), (log_var < 0).expand_as(came)) or not came.isnan().any()
        )
    ),
    "half outside the exp": lambda seen: (
        float(seen.answer(*map(torch.tensor, (0.0, 0.0, 1.0)))) == 0.5
    ),
    "squared instead of root": spread(lambda log_var: (2 * log_var).exp()),
    "root taken twice": spread(lambda log_var: (log_var / 4).exp()),
    "one over sigma": each(wide_where_q_is_narrow),
    "minus": gives(lambda right, mu: 2 * mu - right),
    "no noise": each(lambda came, mu: same(came, mu.expand_as(came))),
    "plus for times": each(lambda came, eps: flat(came - eps)),
    "no mu": each(lambda came, right, mu: same(came + mu, right)),
    "mu scaled too": gives(lambda right, mu, log_var: right + ((log_var / 2).exp() - 1) * mu),
    "only the first draw": each(lambda came, right: like_any(came, *right)),
    "averaged": each(
        lambda came, right: like_any(
            came[0] if came.dim() == 3 else came, right.mean(0), right.sum(0)
        )
    ),
    "mu cut off": reached(1, of=(0, 1)),
    "log_var cut off": reached(0, of=(0, 1)),
    "both cut off": reached(of=(0, 1)),
}

# --- E4.2: score and path, of F = f(z) and slope = df(z) at z = mu + sigma eps ---

SLOPE = {
    "z": lambda mu, sigma, eps: mu + sigma * eps,
    "F": lambda f, z: f(z),
    "slope": lambda df, z: df(z),
}
score_is = one_of(lambda came, wanted: same(came[0], wanted), **SLOPE)
path_is = one_of(lambda came, wanted: same(came[1], wanted), **SLOPE)


def in_sigma(came, right, F, slope, sigma, eps):
    score, path = F * (eps**2 - 1) / sigma, slope * eps
    return like_any(came, (score, path), (score, right[1]), (right[0], path))


def one_weight(numbers, sigma, eps):
    return flat(numbers * sigma / eps)


def a_value_elsewhere(came, f, df, sigma, eps, wanted):
    score, path = f(wanted) * eps / sigma, df(wanted) + 0 * eps
    return same(came[0], score) or same(came[1] + 0 * eps, path)


SLOPES = {
    "the two exchanged": exchanged,
    "gradients in sigma": each(in_sigma, **SLOPE),
    "averaged": each(lambda came: all(part.unique().numel() == 1 for part in came)),
    "not divided by sigma": score_is(lambda F, eps: F * eps),
    "z - mu not divided": score_is(
        lambda F, sigma, eps: F * sigma * eps, lambda F, sigma, eps: F * sigma**2 * eps
    ),
    "divided too often": score_is(lambda F, sigma, eps: F * eps / sigma**2),
    "sign of the score": score_is(lambda F, sigma, eps: -F * eps / sigma),
    "slope in the score": score_is(
        lambda slope, sigma, eps: slope * eps / sigma,
        lambda slope: slope,
        lambda F, slope: F * slope,
    ),
    "f missing": score_is(lambda sigma, eps: eps / sigma),
    "a baseline": each(lambda came, right, sigma, eps: one_weight(right[0] - came[0], sigma, eps)),
    "f averaged first": each(lambda came, sigma, eps: one_weight(came[0], sigma, eps)),
    "times sigma": path_is(lambda slope, sigma: slope * sigma, lambda slope, sigma: slope / sigma),
    "f instead of its slope": path_is(lambda F: F),
    "score in the path": path_is(
        lambda slope, sigma, eps: slope * eps / sigma, lambda F, slope: slope * F
    ),
    "at eps": one_of(a_value_elsewhere)(lambda eps: eps),
    "at mu": one_of(a_value_elsewhere)(lambda mu: mu),
    "minus in the draw": path_is(lambda df, mu, sigma, eps: df(mu - sigma * eps)),
}

# --- E4.3: the gradient of B: both gradients in one tensor, those of the KL, and of the rest ---


def kl_slopes(mu, log_var):
    return torch.stack([mu, (log_var.exp() - 1) / 2])


slopes = one_of(
    lambda came, wanted: same(torch.stack(came), wanted),
    kl=kl_slopes,
    rec=lambda right, kl: torch.stack(right) + kl,
)


def in_another_variable(came, right, log_var):
    sigma = (log_var / 2).exp()
    return like_any(came[1], 2 * right[1] / sigma, 2 * right[1], right[1] / sigma**2)


def a_is_missing(came, right, kl, a):
    triples = zip(came, right, kl, strict=True)
    return all(like_any(c, r, (r + k) / a - k) for c, r, k in triples)


log_var_feels_the_kl_alone = each(lambda came, kl: same(-came[1], kl[1]), kl=kl_slopes)
BOUND = {
    "gradient of the loss": each(lambda came, right: same([-part for part in came], right)),
    "KL forgotten": slopes(lambda rec: rec),
    "only the KL": each(lambda came, kl: same(torch.stack(came).abs(), kl.abs()), kl=kl_slopes),
    "KL with a plus": slopes(lambda rec, kl: rec + kl),
    "KL without its half": slopes(lambda rec, kl: rec - 2 * kl, lambda rec, kl: rec - kl / 2),
    "KL of the whole batch": slopes(lambda rec, kl, x: rec - len(x) * kl),
    "sum over the draws": slopes(
        lambda rec, kl, eps: len(eps) * rec - kl, lambda rec, kl, eps: len(eps) * (rec - kl)
    ),
    "averaged over the batch": each(
        lambda came, right, x: same([len(x) * part for part in came], right)
    ),
    "one mean for all examples": each(
        lambda came, kl: (torch.stack(came) + kl).std(1).max() < 1e-6, kl=kl_slopes
    ),
    "summed over the batch": each(lambda came: all(part.dim() == 0 for part in came)),
    "the two exchanged": exchanged,
    "in another variable": each(in_another_variable),
    "a forgotten in the chain": each(a_is_missing, kl=kl_slopes),
    "z does not follow mu": each(lambda came, mu: same(came[0], -mu)),
    "z does not follow log_var": log_var_feels_the_kl_alone,
    "no noise": log_var_feels_the_kl_alone,
}

# --- E4.4: A and B, of log p(x|z), log p(z), log q(z) and the KL ---

ESTIMATE = {
    "a": lambda came: came[0],
    "b": lambda came: came[1],
    "A": lambda right: right[0],
    "B": lambda right: right[1],
    "q": q_of,
    "z": lambda q, eps: q.mean + q.stddev * eps,
    "px": lambda model, x, z: model.log_likelihood(x, z),
    "pz": lambda model, z: model.log_prior(z),
    "log_q": lambda q, z: q.log_prob(z).sum(-1),
    "kl": lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1),
}
a_is = one_of(lambda a, wanted: same(a, wanted), **ESTIMATE)
b_is = one_of(lambda b, wanted: same(b, wanted), **ESTIMATE)
bounds = functools.partial(each, **ESTIMATE)
ESTIMATES = {
    "the two exchanged": exchanged,
    "A twice": b_is(lambda A: A),
    "B twice": a_is(lambda B: B),
    "A without p(z)": a_is(lambda A, pz: A - pz.mean(0)),
    "A without q": a_is(lambda A, log_q: A + log_q.mean(0)),
    "A plus log q": a_is(
        lambda A, log_q: A + 2 * log_q.mean(0), lambda A, pz, log_q: A - 2 * (pz - log_q).mean(0)
    ),
    "A without p(x|z)": a_is(lambda A, px: A - px.mean(0)),
    "log q of eps": a_is(lambda A, log_var: A - log_var.sum(-1) / 2),
    "importance bound": bounds(lambda a, A: (a > A).all()),
    "log of the mean likelihood": bounds(lambda b, B: (b > B).all()),
    "B plus KL": b_is(lambda B, kl: B + 2 * kl),
    "B without KL": b_is(lambda B, kl: B + kl),
    "KL of the whole batch": bounds(lambda b, px: flat(px.mean(0) - b)),
    "averaged over the batch": bounds(lambda a, b, A: a.shape != A.shape != b.shape),
    "not averaged": bounds(lambda a, b, px: px.shape in (a.shape, b.shape)),
    "losses": bounds(lambda a, b, A, B: same((-a, -b), (A, B))),
}

# --- E4.5: verdicts ---

SAMPLED, LAST, FIRST, SMALL = 1, -3, -2, -1  # the positions of some paths


def says(part, *positions):
    """This verdict is yes at these paths, whatever the right one, and the other is right."""
    other_right = each(lambda came, right: bool(came[1 - part]) == bool(right[1 - part]))
    return both(other_right, lambda seen: all(seen.outputs[i][part] for i in positions))


def no_at(*positions):
    return lambda seen: any(not all(seen.outputs[i]) for i in positions)


def of(verdict):
    """One verdict for both: this one of the two right ones."""
    return each(lambda came, right: {*map(bool, parts_of(came))} == {bool(verdict(right))})


no_false_yes = each(lambda came, right: all(r or not c for c, r in zip(came, right, strict=True)))
VERDICTS = {
    "the KL answers": lambda seen: all(seen.outputs[SAMPLED]),
    "asks whether a gradient exists": each(lambda came: all(came)),
    "no to every loss": each(lambda came: not any(came)),
    "log_var away from 0": says(1, SAMPLED),
    "mu away from 0": says(0, SAMPLED),
    "the two exchanged": exchanged,
    "only mu is asked": each(lambda came, right: bool(came[1]) in (bool(right[0]), True)),
    "only log_var is asked": each(lambda came, right: bool(came[0]) in (bool(right[1]), True)),
    "one verdict for both: or": of(any),
    "one verdict for both: and": of(all),
    "only a positive gradient": no_false_yes,
    "only a negative gradient": no_false_yes,
    "every entry": no_at(LAST, FIRST),
    "some entries": no_at(LAST, FIRST),
    "too small to count": no_at(SMALL),
    "a verdict per entry": each(lambda came: all(part.dim() > 0 for part in came)),
    "sizes instead of verdicts": each(lambda came: came[0].dtype != torch.bool),
}

TABLES = {"E4.1": DRAWS, "E4.2": SLOPES, "E4.3": BOUND, "E4.4": ESTIMATES, "E4.5": VERDICTS}
