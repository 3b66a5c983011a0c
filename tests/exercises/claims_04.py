"""What the hints of notebook 04's exercises claim, of every answer that is shown them."""

import torch
from each_case import each, like_any, same, values_right
from torch.distributions import Normal

from course_utils.exercises._engine.compare import parts_of


def reached(*positions):
    """The values are right, and of mu and log_var a gradient reaches these."""

    def claim(seen):
        *leaves, eps = seen.inputs[0]
        total = seen.answer(*(leaf.requires_grad_() for leaf in leaves), eps).sum()
        found = (None, None)
        if total.requires_grad:
            found = torch.autograd.grad(total, leaves, allow_unused=True)
        arrived = tuple(i for i, slope in enumerate(found) if slope is not None)
        return values_right(seen) and arrived == positions

    return claim


# --- E4.1: the draws ---


def spread(factor):
    """The draws lie around mu, eps stretched by a function of log_var."""
    return each(lambda z, _, mu, log_var, eps: same(z, mu + factor(log_var) * eps))


def is_nan_below_0_or_nowhere(z, _, mu, log_var, eps):
    below = (log_var < 0).expand_as(eps)
    return torch.equal(z.isnan(), below) or not z.isnan().any()


def a_stretch_that_is_not_sigma(z, _, mu, log_var, eps):
    stretch = (z - mu) / eps
    return same(stretch, stretch[:1].expand_as(eps)) and not same(stretch[0], (log_var / 2).exp())


def wide_where_q_is_narrow(z, _, mu, log_var, eps):
    wider = (z[0] - z[-1]).abs() > (eps[0] - eps[-1]).abs()
    return len(eps) == 1 or torch.equal(wider, log_var < 0)


def half_a_sigma_at_0(seen):
    return float(seen.answer(*map(torch.tensor, (0.0, 0.0, 1.0)))) == 0.5


DRAWS = {
    "variance as sigma": spread(torch.exp),
    "log_var as sigma": each(a_stretch_that_is_not_sigma),
    "root of the logarithm": each(is_nan_below_0_or_nowhere),
    "half outside the exp": half_a_sigma_at_0,
    "squared instead of root": spread(lambda log_var: (2 * log_var).exp()),
    "root taken twice": spread(lambda log_var: (log_var / 4).exp()),
    "one over sigma": each(wide_where_q_is_narrow),
    "minus": each(lambda z, right, mu, *_: same(z, 2 * mu - right)),
    "no noise": each(lambda z, _, mu, *rest: same(z, mu.expand_as(z))),
    "plus for times": each(lambda z, _, mu, lv, eps: same(z - eps, (z - eps)[:1].expand_as(z))),
    "no mu": each(lambda z, right, mu, *_: same(z + mu, right)),
    "mu scaled too": each(
        lambda z, right, mu, lv, _: same(z - right, (z * 0 + (lv / 2).exp() - 1) * mu)
    ),
    "only the first draw": each(lambda z, right, *_: like_any(z, *right)),
    "averaged": each(
        lambda z, right, *_: like_any(z[0] if z.dim() == 3 else z, right.mean(0), right.sum(0))
    ),
    "mu cut off": reached(1),
    "log_var cut off": reached(0),
    "both cut off": reached(),
}

# --- E4.2: score and path ---


def score_is(*forms):
    """The score is one of these, of f(z), df(z), mu, sigma, eps."""

    def holds(came, _, f, df, mu, sigma, eps):
        z = mu + sigma * eps
        return like_any(came[0], *(form(f(z), df(z), mu, sigma, eps) for form in forms))

    return each(holds)


def path_is(*forms):
    """The path is one of these, of f(z), df(z), mu, sigma, eps."""
    score = score_is(*forms)

    def claim(seen):
        seen.outputs = [came[::-1] for came in seen.outputs]
        return score(seen)

    return claim


def in_sigma(came, right, f, df, mu, sigma, eps):
    z = mu + sigma * eps
    score, path = f(z) * (eps**2 - 1) / sigma, df(z) * eps
    return like_any(came, (score, path), (score, right[1]), (right[0], path))


def one_weight(numbers, sigma, eps):
    weights = numbers * sigma / eps
    return same(weights, weights[:1].expand_as(weights))


def no_draw_left(came, *_):
    return all(part.unique().numel() == 1 for part in came)


def a_value_elsewhere(where):
    def holds(came, right, f, df, mu, sigma, eps):
        at = where(mu, eps)
        score, path = f(at) * eps / sigma, df(at) + 0 * eps
        return same(came[0], score) or same(came[1] + 0 * eps, path)

    return each(holds)


SLOPES = {
    "the two exchanged": each(lambda came, right, *_: same(came[::-1], right)),
    "gradients in sigma": each(in_sigma),
    "averaged": each(no_draw_left),
    "not divided by sigma": score_is(lambda f, df, mu, s, e: f * e),
    "z - mu not divided": score_is(
        lambda f, df, mu, s, e: f * s * e, lambda f, df, mu, s, e: f * s**2 * e
    ),
    "divided too often": score_is(lambda f, df, mu, s, e: f * e / s**2),
    "sign of the score": score_is(lambda f, df, mu, s, e: -f * e / s),
    "slope in the score": score_is(
        lambda f, df, mu, s, e: df * e / s, lambda f, df, *_: df, lambda f, df, *_: f * df
    ),
    "f missing": score_is(lambda f, df, mu, s, e: e / s),
    "a baseline": each(lambda came, right, *a: one_weight(right[0] - came[0], a[3], a[4])),
    "f averaged first": each(lambda came, _, *a: one_weight(came[0], a[3], a[4])),
    "times sigma": path_is(lambda f, df, mu, s, e: df * s, lambda f, df, mu, s, e: df / s),
    "f instead of its slope": path_is(lambda f, df, mu, s, e: f),
    "score in the path": path_is(lambda f, df, mu, s, e: df * e / s, lambda f, df, *_: df * f),
    "at eps": a_value_elsewhere(lambda mu, eps: eps),
    "at mu": a_value_elsewhere(lambda mu, eps: mu),
    "minus in the draw": each(lambda came, _, f, df, mu, s, e: same(came[1], df(mu - s * e))),
}

# --- E4.3: the gradient of B ---


def slopes_of_kl(mu, log_var):
    return torch.stack([mu, (log_var.exp() - 1) / 2])


def beside_the_kl(*forms):
    """Both gradients, less those of one of these multiples of -KL, are that of the first term."""

    def holds(came, right, x, mu, log_var, *_):
        kl, came, right = slopes_of_kl(mu, log_var), torch.stack(came), torch.stack(right)
        return like_any(came, *(right + kl - form(len(x)) * kl for form in forms))

    return each(holds)


def x_counts_k_times(came, right, x, mu, log_var, eps, *_):
    kl = slopes_of_kl(mu, log_var)
    first = torch.stack(right) + kl
    return like_any(torch.stack(came), len(eps) * first - kl, len(eps) * (first - kl))


def in_another_variable(came, right, x, mu, log_var, *_):
    sigma = (log_var / 2).exp()
    return like_any(came[1], 2 * right[1] / sigma, 2 * right[1], right[1] / sigma**2)


def a_is_missing(came, right, x, mu, log_var, eps, a, *_):
    triples = zip(came, right, slopes_of_kl(mu, log_var), strict=True)
    return all(like_any(c, r, (r + k) / a - k) for c, r, k in triples)


BOUND = {
    "gradient of the loss": each(lambda came, right, *_: same([-part for part in came], right)),
    "KL forgotten": beside_the_kl(lambda b: 0),
    "only the KL": each(
        lambda came, _, x, *q: same(torch.stack(came).abs(), slopes_of_kl(*q[:2]).abs())
    ),
    "KL with a plus": beside_the_kl(lambda b: -1),
    "KL without its half": beside_the_kl(lambda b: 2, lambda b: 0.5),
    "KL of the whole batch": beside_the_kl(lambda b: b),
    "sum over the draws": each(x_counts_k_times),
    "averaged over the batch": each(
        lambda came, right, x, *_: same([len(x) * part for part in came], right)
    ),
    "one mean for all examples": each(
        lambda came, _, x, *q: (torch.stack(came) + slopes_of_kl(*q[:2])).std(1).max() < 1e-6
    ),
    "summed over the batch": each(lambda came, *_: all(part.dim() == 0 for part in came)),
    "the two exchanged": each(lambda came, right, *_: same(came[::-1], right)),
    "in another variable": each(in_another_variable),
    "a forgotten in the chain": each(a_is_missing),
    "z does not follow mu": each(lambda came, _, x, mu, *rest: same(came[0], -mu)),
    "z does not follow log_var": each(
        lambda came, _, x, *q: same(-came[1], slopes_of_kl(*q[:2])[1])
    ),
    "no noise": each(lambda came, _, x, *q: same(-came[1], slopes_of_kl(*q[:2])[1])),
}

# --- E4.4: A and B ---


def bounds(claim):
    """A claim about A, B, the right A and B, and log p(x|z), log p(z), log q(z), KL."""

    def holds(came, right, model, x, mu, log_var, eps):
        sigma = (log_var / 2).exp()
        z = mu + sigma * eps
        log_qz = Normal(mu, sigma).log_prob(z).sum(-1)
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
        terms = model.log_likelihood(x, z), model.log_prior(z), log_qz, kl
        return claim(*came, *right, *terms)

    return each(holds)


ESTIMATES = {
    "the two exchanged": bounds(lambda a, b, A, B, *_: same((b, a), (A, B))),
    "A twice": bounds(lambda a, b, A, B, *_: same(b, A)),
    "B twice": bounds(lambda a, b, A, B, *_: same(a, B)),
    "A without p(z)": bounds(lambda a, b, A, B, px, pz, *_: same(a + pz.mean(0), A)),
    "A without q": bounds(lambda a, b, A, B, px, pz, q, kl: same(a - q.mean(0), A)),
    "A plus log q": bounds(
        lambda a, b, A, B, px, pz, q, kl: like_any(A, a - 2 * q.mean(0), a + 2 * (pz - q).mean(0))
    ),
    "A without p(x|z)": bounds(lambda a, b, A, B, px, *_: same(a + px.mean(0), A)),
    "log q of eps": each(
        lambda came, right, model, x, mu, lv, eps: same(came[0] + lv.sum(-1) / 2, right[0])
    ),
    "importance bound": bounds(lambda a, b, A, B, *_: (a > A).all()),
    "log of the mean likelihood": bounds(lambda a, b, A, B, px, pz, q, kl: (b > B).all()),
    "B plus KL": bounds(lambda a, b, A, B, px, pz, q, kl: same(b, B + 2 * kl)),
    "B without KL": bounds(lambda a, b, A, B, px, pz, q, kl: same(b, B + kl)),
    "KL of the whole batch": bounds(
        lambda a, b, A, B, px, *_: same(px.mean(0) - b, (px.mean(0) - b)[:1].expand_as(b))
    ),
    "averaged over the batch": bounds(lambda a, b, A, *_: a.shape != A.shape != b.shape),
    "not averaged": bounds(lambda a, b, A, B, px, *_: px.shape in (a.shape, b.shape)),
    "losses": bounds(lambda a, b, A, B, *_: same((-a, -b), (A, B))),
}

# --- E4.5: verdicts ---

SAMPLED, LAST, FIRST, SMALL = 1, -3, -2, -1  # the positions of some paths


def says(part, *positions):
    """This verdict is yes at these paths, whatever the right one, and the other is right."""

    def claim(seen):
        other = each(lambda came, right, *_: bool(came[1 - part]) == bool(right[1 - part]))
        return other(seen) and all(seen.outputs[i][part] for i in positions)

    return claim


def no_false_yes(came, right, *_):
    return all(r or not c for c, r in zip(came, right, strict=True))


def no_at(*positions):
    return lambda seen: any(not all(seen.outputs[i]) for i in positions)


def of(verdict):
    """One verdict for both: this one of the two right ones."""
    return each(lambda came, right, *_: {*map(bool, parts_of(came))} == {bool(verdict(right))})


VERDICTS = {
    "the KL answers": lambda seen: all(seen.outputs[SAMPLED]),
    "asks whether a gradient exists": each(lambda came, *_: all(came)),
    "no to every loss": each(lambda came, *_: not any(came)),
    "log_var away from 0": says(1, SAMPLED),
    "mu away from 0": says(0, SAMPLED),
    "the two exchanged": each(lambda came, right, *_: same(came[::-1], right)),
    "only mu is asked": each(lambda came, right, *_: bool(came[1]) in (bool(right[0]), True)),
    "only log_var is asked": each(lambda came, right, *_: bool(came[0]) in (bool(right[1]), True)),
    "one verdict for both: or": of(any),
    "one verdict for both: and": of(all),
    "only a positive gradient": each(no_false_yes),
    "only a negative gradient": each(no_false_yes),
    "every entry": no_at(LAST, FIRST),
    "some entries": no_at(LAST, FIRST),
    "too small to count": no_at(SMALL),
    "a verdict per entry": each(lambda came, *_: all(part.dim() > 0 for part in came)),
    "sizes instead of verdicts": each(lambda came, *_: came[0].dtype != torch.bool),
}

TABLES = {"E4.1": DRAWS, "E4.2": SLOPES, "E4.3": BOUND, "E4.4": ESTIMATES, "E4.5": VERDICTS}
CLAIMS = {f"{e}: {name}": claim for e, table in TABLES.items() for name, claim in table.items()}
