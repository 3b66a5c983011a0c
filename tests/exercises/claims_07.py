"""What the hints of notebook 07's exercises claim, where it can be computed."""

import functools

import torch
from each_case import both, close, each, either, gives, one_of, q_of, reached, single_number
from torch.distributions import kl_divergence


def one_hot(labels, classes):
    return torch.nn.functional.one_hot(labels, classes).double()


def is_one_hot(rows):
    return close(rows, one_hot(rows.argmax(1), rows.shape[1]))


def with_another(seen, position, change):
    """The arguments of the first case, of which one is changed."""
    args = list(seen.inputs[0])
    args[position] = change(args[position])
    return args


def hears(position, holds):
    """Of the inputs with which a network is called in the first case, and of x and y themselves."""

    def claim(seen):
        calls = []

        def listening(network):
            return lambda *inputs: calls.append(inputs) or network(*inputs)

        x, y, *rest = with_another(seen, position, listening)
        seen.answer(x, y, *rest)
        return all(bool(holds(heard, x, y)) for heard in calls)

    return claim


# --- E7.1: the columns beside h, and those that should stand there ---


def beside(holds):
    """And h is as it was."""
    h_is_kept = each(lambda came, h: close(came[:, : h.shape[1]], h))
    found = {"found": lambda came, h: came[:, h.shape[1] :]}
    return both(h_is_kept, each(holds, right_ones=lambda y, classes: one_hot(y, classes), **found))


def the_label_in_its_place(found, right_ones, y):
    in_its_place = close(found, right_ones * found.amax(1, keepdim=True))
    return in_its_place and found.amax(1).argsort().equal(y.argsort())


def permuted(found, right_ones):
    """Each row is the one-hot row of some label of the batch, not always of its own."""
    return close(found.sum(0), right_ones.sum(0)) and not close(found, right_ones)


def not_0_and_1(found, y, classes):
    return ((found - found.gather(1, y[:, None])) != 0).sum(1).eq(classes - 1).all()


E7_1 = {
    "the label as a number": beside(lambda found, y: close(found, y[:, None])),
    "the label, scaled": beside(
        lambda found, y: found.shape[1] == 1 and found[:, 0].argsort().equal(y.argsort())
    ),
    "the label in every column": beside(
        lambda found, y, classes: close(found, y[:, None].expand(-1, classes))
    ),
    "the label in its place": beside(the_label_in_its_place),
    "ten places": beside(lambda found, y: close(found, one_hot(y, 10))),
    "label first": each(lambda came, right, h: close(came.roll(h.shape[1], 1), right)),
    "counted from the end": beside(lambda found, right_ones: close(found.flip(1), right_ones)),
    "all labels in each row": beside(lambda found: len(found.unique(dim=0)) == 1),
    "whole rows of ones": beside(lambda found: (found.amin(1) == found.amax(1)).all()),
    "another picture's label": beside(permuted),
    "no label": each(
        lambda answer, h, y, classes: close(answer(h, y, classes), answer(h, y.flip(0), classes))
    ),
    "h is lost": each(lambda came, classes: not came[:, :-classes].any()),
    "h is changed": each(
        lambda came, right, classes: close(came[:, -classes:], right[:, -classes:])
    ),
    "added, not beside": each(lambda came, h: came.shape == h.shape),
    "h in whole numbers": each(lambda came: close(came, came.round())),
    "one zero among ones": beside(lambda found, right_ones: close(1 - found, right_ones)),
    "ones up to the label": beside(
        lambda found: (found.diff(dim=1) != 0).sum(1).max() <= 1 and found.unique().numel() == 2
    ),
    "not 0 and 1": beside(not_0_and_1),
    "every product": each(lambda came, h, classes: came.shape[1] == h.shape[1] * classes),
}

# --- E7.2: the two terms, and how a value follows its inputs ---

TERMS = {
    "q": lambda encode, x, y: q_of(*encode(x, y)),
    "p": lambda prior, y: q_of(*prior(y)),
    # log p(x|z,y) of each draw, and their mean
    "draws": lambda log_likelihood, x, q, eps, y: log_likelihood(x, q.mean + q.stddev * eps, y),
    "rec": lambda draws: draws.mean(0),
    "kl": lambda q, p: kl_divergence(q, p).sum(-1),
    "back": lambda q, p: kl_divergence(p, q).sum(-1),
    "rest": lambda came, rec: came + rec,  # what stands for the KL
}
bound_is = one_of(lambda came, wanted: close(came, wanted), **TERMS)
kl_is = one_of(lambda rest, wanted: close(rest, wanted), **TERMS)
bound = functools.partial(each, **TERMS)


def rec_follows(came, rec, answer, x, y, eps, encode, prior, log_likelihood):
    """Add 1 to every log p(x|z,y), and the value falls by 1; and it has no draw in it but there."""
    networks = x, y, eps, encode, prior
    more = answer(*networks, lambda *inputs: log_likelihood(*inputs) + 1)
    nothing = answer(*networks, lambda *inputs: 0 * log_likelihood(*inputs))
    return close(came - more, torch.ones_like(came)) and close(nothing - came, rec)


rec_is_right = bound(rec_follows)  # what is wrong is the KL


def no_kl_at_ease(seen):
    """The KL is 0 where q and the prior are the same."""
    x, y, eps, encode, _, log_likelihood = seen.inputs[0]
    same_as_q = lambda y: encode(x, y)  # noqa: E731
    found = seen.answer(x, y, eps, encode, same_as_q, lambda *args: 0 * log_likelihood(*args))
    return bool(found.abs().max() < 1e-9)


def unmoved_by_prior(change):
    """The value stays if the prior is another one."""
    return lambda seen: close(seen.answer(*with_another(seen, 4, change)), seen.outputs[0])


def without_log_var(network):
    return lambda *inputs: (network(*inputs)[0], 0 * network(*inputs)[1].abs())


def divided_by_a_logarithm(seen):
    """The value of the encoder, or of the prior, with log_var = 0."""
    values = (seen.answer(*with_another(seen, position, without_log_var)) for position in (3, 4))
    return any(not value.isfinite().all() for value in values)


def arrives(*networks):
    """Of the encoder, the prior and the likelihood, to whose weights a gradient comes."""
    positions = {"encoder": 3, "prior": 4, "decoder": 5}
    return reached(*(positions[name] for name in networks), of=positions.values())


E7_2 = {
    "summed over the draws": bound_is(
        lambda draws, kl: kl - draws.sum(0), lambda draws, kl, rec: len(draws) * (kl - rec)
    ),
    "one draw of the K": bound_is(lambda draws, kl: kl - draws[0]),
    "best of the draws": bound_is(lambda draws, kl: kl - draws.amax(0)),
    "averaged over the batch": single_number,
    "one term reduced over the batch": bound(
        lambda came, rec, kl: any(
            len((came + part).round(decimals=6).unique()) == 1 for part in (rec, -kl)
        ),
        first=1,
    ),
    "not averaged over the draws": each(lambda came, eps: came.shape == eps.shape[:2]),
    "(B, B)": each(lambda came, eps: came.shape == 2 * eps.shape[1:2]),
    "the ELBO": bound_is(lambda rec, kl: rec - kl),
    "KL subtracted": bound(lambda rest: rest.mean() < 0),
    "log p(x|z,y) added": bound_is(lambda rec, kl: kl + rec),
    "no KL": bound_is(lambda rec: -rec, lambda rec: rec),
    "only the KL": bound_is(lambda kl: kl),
    "no half": kl_is(lambda kl: 2 * kl, lambda kl: kl / 2),
    "mean over the latents": kl_is(lambda kl, eps: kl / eps.shape[-1]),
    "a weight on the KL": bound(lambda rest, kl: (rest / kl).std() < 1e-9),
    "held by a clamp": lambda seen: close(seen.outputs[0], seen.expected[0]),
    "not summed over the latents": each(lambda came, eps: came.shape == eps.shape[1:]),
    "KL to N(0, I)": both(rec_is_right, unmoved_by_prior(lambda prior: prior.flip(0))),
    "divided by a logarithm": divided_by_a_logarithm,
    "log_var taken for a variance": lambda seen: any(out.isnan().any() for out in seen.outputs),
    "the prior's mu is forgotten": both(
        rec_is_right, unmoved_by_prior(lambda prior: lambda y: (prior(y)[0] + 1, prior(y)[1]))
    ),
    "the prior's variance is forgotten": rec_is_right,
    "variance as sigma in the KL": no_kl_at_ease,
    "KL the other way round": kl_is(
        lambda back: back, lambda back, kl: back + kl, lambda back, kl: (back + kl) / 2
    ),
    "divided by q's variance": both(rec_is_right, no_kl_at_ease),
    "no squared distance": rec_is_right,
    "the variance ratio upside down": rec_is_right,
    "the logarithms exchanged": rec_is_right,
    "half of some terms": rec_is_right,
    "a term of the KL is missing": rec_is_right,
    "the encoder is not told y": hears(
        3, lambda heard, x, y: close(heard[0], x) and not close(heard[1], y)
    ),
    "the encoder is not told x": hears(3, lambda heard, x, _: not close(heard[0], x)),
    "the decoder is not told y": hears(5, lambda heard, _, y: not close(heard[2], y)),
    "the prior is not told y": hears(4, lambda heard, _, y: not close(heard[0], y)),
    "no noise": hears(5, lambda heard, *_: heard[1].dim() == 2 or len(heard[1].unique(dim=0)) == 1),
    "z cut off": arrives("encoder", "prior", "decoder"),
    "mu cut off in z": arrives("encoder", "prior", "decoder"),
    "log_var cut off in z": arrives("encoder", "prior", "decoder"),
    "the prior cut off": arrives("encoder", "decoder"),
    "q cut off in the KL": arrives("encoder", "prior", "decoder"),
    "KL cut off": arrives("encoder", "decoder"),
    "encoder cut off": either(arrives("prior", "decoder"), arrives("decoder")),
    "log p(x|z,y) cut off": arrives("encoder", "prior"),
    "all cut off": arrives(),
}

# --- E7.3: logits (B, classes, D) ---

one_for_all_digits = each(lambda came: close(came, came[:, :1].expand_as(came)))
one_for_all_pictures = each(lambda came: close(came, came[:1].expand_as(came)))
E7_3 = {
    "the encoder is not told the label": hears(
        2, lambda heard, *_: len(heard[1].unique(dim=0)) == 1
    ),
    "label as a number": hears(2, lambda heard, *_: not is_one_hot(heard[1])),
    "the encoder is told another label": hears(
        2, lambda heard, _, y: is_one_hot(heard[1]) and not heard[1].argmax(1).equal(y)
    ),
    "digits as numbers": hears(3, lambda heard, *_: not is_one_hot(heard[1])),
    "another picture than x": hears(2, lambda heard, x, _: not close(heard[0], x)),
    "its own digit each time": one_for_all_digits,
    "its own digit alone": gives(lambda right, y: right[torch.arange(len(y)), y]),
    "one style for all": one_for_all_pictures,
    "no style": one_for_all_pictures,
    "axes exchanged": each(lambda came, right: close(came.sum(), right.sum()) and came.dim() == 3),
    "not in three axes": each(
        lambda came, right: came.dim() == 2 and came.numel() == right.numel()
    ),
    "the decoder is not told a digit": one_for_all_digits,
    "digits in another order": each(
        lambda came, right: close(came.sort(1).values, right.sort(1).values)
    ),
    "rows not of 0 and 1": hears(3, lambda heard, *_: not is_one_hot(heard[1])),
}

# --- E7.4: the error of one draw, of the mean picture, of the best; all errors (M, B) ---

parts = functools.partial(
    each,
    one=lambda came: came[0],
    mean=lambda came: came[1],
    best=lambda came: came[2],
    errors=lambda x, completions: ((completions - x) ** 2).sum(-1),
)
E7_4 = {
    "best pixel by pixel": parts(lambda best, errors: (best <= errors.amin(0)).all()),
    "the index of the best": parts(lambda best, errors: close(best, errors.argmin(0))),
    "the worst draw": parts(lambda best, errors: close(best, errors.amax(0))),
    "the best as the mean picture": parts(
        lambda one, mean, best: close(best, one) or close(best, mean)
    ),
    "the first draw": parts(lambda one, errors: any(close(one, error) for error in errors)),
    "summed over the draws": parts(lambda one, errors: close(one, errors.sum(0))),
    "the average error twice": parts(lambda one, mean: close(mean, one)),
    "one draw as the mean picture": parts(lambda one, mean: close(one, mean)),
    "half of it": each(lambda came, right: all(map(close, came, [r / 2 for r in right]))),
    "one number for the batch": each(lambda came: all(part.dim() == 0 for part in came)),
    "not averaged": parts(lambda one, errors: close(one, errors)),
    "exchanged": each(
        lambda came, right: close(*(torch.stack(p).sort(0).values for p in (came, right)))
    ),
}
TABLES = {"E7.1": E7_1, "E7.2": E7_2, "E7.3": E7_3, "E7.4": E7_4}
