"""What the hints of notebook 05's exercises claim, of every answer that is shown them."""

import math

import torch
from each_case import each, either, flat, gives, like_any, one_of, reached, same, values_right
from torch.nn.functional import logsigmoid

from course_utils.exercises import ex05
from course_utils.exercises._engine.compare import parts_of, same_outputs

one_number = each(lambda came: came.numel() == 1)
minus_the_right_one = each(lambda came, right: same(-came, right))
pixel_by_pixel = each(lambda came, x: came.shape == x.shape)
batch_gone = each(lambda came, x: came.shape == x.shape[1:])
averaged = each(lambda came, right, x: like_any(x.shape[1] * came, right, -right))


def right_up_to(case):
    """The values are right before this case, and infinite or NaN from there on."""

    def claim(seen):
        early = same_outputs(seen.outputs[:case], seen.expected[:case])
        return early and not any(came.isfinite().any() for came in seen.outputs[case:5])

    return claim


# --- E5.1: pixels of 0 and 1 ---


def pixel(seen, x, logit):
    """What the answer returns of a single pixel."""
    return seen.answer(torch.tensor([[float(x)]]), torch.tensor([[float(logit)]])).item()


def costs(holds):
    """A claim of one pixel's value as a function of x and the logit, of log p and log(1 - p)."""
    logit = torch.tensor(0.7)
    p, q = logsigmoid(logit).item(), logsigmoid(-logit).item()
    return lambda seen: holds(lambda x, at=0.7: pixel(seen, x, at), p, q)


def near(one, *others):
    return any(math.isclose(one, other, abs_tol=1e-4) for other in others)


def numbers(output):
    """Its parts as numbers, true or false as well."""
    return [1.0 * part for part in parts_of(output)]


def again(change, expected=lambda came: came, first=None, **made):
    """Of inputs with these changed, the answer makes this of what came and what is right."""

    def holds(answer, changed, expected):
        return same(numbers(answer(*changed)), numbers(expected))

    return each(holds, first, changed=change, expected=expected, **made)


PIXELS = {
    "not added up": pixel_by_pixel,
    "mean over the pixels": averaged,
    "one number for all": one_number,
    "summed over the batch": batch_gone,
    "the loss": minus_the_right_one,
    "sigmoid twice": costs(
        lambda f, p, q: (
            near(abs(f(1, 50)), math.log1p(math.e) - 1) and near(abs(f(1, -50)), math.log(2))
        )
    ),
    "only the pixels of 1": costs(lambda f, p, q: f(0) == 0 and near(f(1), p)),
    "only the pixels of 0": costs(lambda f, p, q: f(1) == 0 and near(f(0), q)),
    "without its log": again(lambda x, logits: (x, 2 * logits), lambda came: 2 * came),
    "log(1 - p) taken apart": costs(lambda f, p, q: near(f(0), 1 - p, -p) and near(f(1), p)),
    "log p for zeros too": costs(lambda f, p, q: near(f(0), p) and near(f(1), p)),
    "both logs of every pixel": costs(lambda f, p, q: near(p + q, f(0), f(1))),
    "log(1 + e^l) taken apart": costs(lambda f, *_: not near(f(0, 0), -math.log(2))),
    "0 and 1 exchanged": again(lambda x, logits: (1 - x, logits), lambda right: right, first=3),
    "in bits": each(lambda came, right: like_any(right, *(came * math.log(n) for n in (2, 10)))),
    "right pixels counted": again(lambda x, logits: (x, 3 * logits)),
    "sigmoid, then log": right_up_to(3),
    "exp overflows": right_up_to(4),
    "cut short": each(lambda came, right: (came >= right - 1e-6).all()),
    "clamped": lambda seen: (seen.outputs[4] > 3 * seen.outputs[3]).all(),
    "where": values_right,
}

# --- E5.2: grey pixels; what the distance from the mean costs, and costs at twice the sigma ---


def cost(answer, x, mean, sigma):
    return answer(mean, mean, sigma) - answer(x, mean, sigma)


COSTS = {
    "ours": cost,
    "wider": lambda answer, x, mean, sigma: cost(answer, x, mean, 2 * sigma),
    "theirs": lambda x, mean, sigma: cost(ex05.my_log_normal_pixels, x, mean, sigma),
}
the_square_is_right = each(lambda ours, theirs: same(ours, theirs), **COSTS)


def off_by_one_number(seen):
    """For each pixel, whatever the picture and sigma."""
    cases = zip(seen.outputs, seen.expected, seen.inputs, strict=True)
    gaps = torch.cat([(came - right) / args[0].shape[1] for came, right, args in cases])
    return torch.allclose(gaps, gaps[:1].expand_as(gaps))


GREY = {
    "squared error alone": again(lambda x, mean, sigma: (x, mean, 2 * sigma)),
    "sigma not used": each(lambda ours, wider: same(ours, wider), **COSTS),
    "times the variance": each(lambda ours, wider: same(4 * ours, wider), **COSTS),
    "no half of the square": each(lambda ours, theirs: same(ours, 2 * theirs), **COSTS),
    "mean over the pixels": averaged,
    "the loss": minus_the_right_one,
    "the density itself": each(lambda came: (came > 0).all()),
    "not added up": pixel_by_pixel,
    "one number for all": one_number,
    "summed over the batch": batch_gone,
    "no normaliser": again(lambda mean, sigma: (mean, mean, sigma), lambda came: 0 * came),
    "normaliser counted once": the_square_is_right,
    "normaliser counted B times": the_square_is_right,
    "normaliser without its half": the_square_is_right,
    "normaliser without sigma": the_square_is_right,
    "no 2 pi": off_by_one_number,
    "pi rounded": lambda seen: off_by_one_number(seen) and the_square_is_right(seen),
}

# --- E5.3: the whole objective ---


MODERATE = 3  # cases: some answers make a second slip, which is seen for sure decoders alone
CODES = {
    "q": lambda encode, x: encode(x),
    "mu": lambda q: q[0],
    "log_var": lambda q: q[1],
    "kl": lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1),
    "rec": lambda kl, right: kl - right,  # log p(x|z)
}
terms = one_of(lambda came, wanted: same(came, wanted), first=MODERATE, **CODES)


def encoded(change, expected=lambda came: came, shift=0):
    """With mu, log_var, eps changed, the answer makes this of what came and what is right."""

    def changed(x, decode, code):
        mu, log_var, eps = code
        return x, lambda _: (mu, log_var), lambda z: decode(z - shift), eps

    return again(changed, expected, MODERATE, **CODES, code=change)


def the_kl_is_right(came, right, answer, x, mu, log_var, decode, eps):
    """A change of mu that leaves z as it is changes the answer as it changes the reference."""
    moved = x, lambda _: (mu + 1, log_var), decode, eps - (-log_var / 2).exp()
    ours, theirs = answer(*moved), ex05.my_negative_elbo(*moved)
    return torch.allclose((ours - came).double(), (theirs - right).double(), atol=1e-3)


OBJECTIVE = {
    "averaged over the batch": one_number,
    "the ELBO": each(lambda came, right: same(-came, right), MODERATE),
    "KL subtracted": terms(lambda rec, kl: -kl - rec),
    "log p(x|z) added": terms(lambda rec, kl: kl + rec),
    "no KL": terms(lambda rec: rec, lambda rec: -rec, lambda rec: -rec.mean()),
    "only the KL": terms(lambda kl: kl, lambda kl: -kl),
    "no prior": encoded(lambda mu, log_var, eps: (mu + 1, log_var, eps), shift=1),
    "one head for both": either(
        encoded(lambda mu, log_var, eps: (mu + 1, log_var, eps)),
        encoded(lambda mu, log_var, eps: (mu, log_var + 1, eps)),
    ),
    "both heads exchanged": encoded(
        lambda mu, log_var, eps: (log_var, mu, eps), lambda right: right
    ),
    "log_var as log sigma": encoded(
        lambda mu, log_var, eps: (mu, log_var / 2, eps), lambda right: right
    ),
    "no noise": encoded(lambda mu, log_var, eps: (mu, log_var, 2 * eps)),
    "variance as sigma": encoded(
        lambda mu, log_var, eps: (mu, log_var, eps * (-log_var / 2).exp()), lambda right: right
    ),
    "log p(x|z) is not right": each(the_kl_is_right, MODERATE, **CODES),
    "(B, B)": each(lambda came, x: came.shape == (len(x), len(x))),
    "a weight on the KL": each(
        lambda weights: torch.allclose(weights, weights[:1].expand_as(weights), atol=1e-2),
        MODERATE,
        **CODES,
        weights=lambda came, right, kl: (came - right) / kl,
    ),
    "free bits": lambda seen: (seen.outputs[-1] - seen.expected[-1] > 0.05).all(),
    "sigmoid, then log": right_up_to(3),
    "exp overflows": right_up_to(4),
    "logits held up": lambda seen: (seen.outputs[4] < 0.9 * seen.expected[4]).all(),
    "z cut off": values_right,
    "mu cut off in z": values_right,
    "log_var cut off in z": values_right,
    "KL cut off": values_right,
    "encoder cut off": reached(2, of=(1, 2)),
    "log p(x|z) cut off": values_right,
    "all cut off": reached(of=(1, 2)),
    "where": values_right,
}

# --- E5.4: an epoch ---


def untrained(came, model, x, eps, batches):
    losses = [-model.elbo(x[b], eps=eps[b]).elbo.mean() for b in batches]
    return same(came, torch.stack(losses).detach())


EPOCH = {
    "nothing changes": each(untrained, 1),
    "gradients pile up": each(
        lambda came, right: same(came[:2], right[:2]) and not same(came[2], right[2]), first=1
    ),
    "returns the ELBO": minus_the_right_one,
    "running totals": gives(
        lambda right: right.cumsum(0),
        lambda right: right.cumsum(0) / torch.arange(1, len(right) + 1),
    ),
    "one number for the epoch": one_number,
    "the last batch dropped": each(lambda came, right: len(came) == len(right) - 1),
    "the last step is missing": lambda seen: (
        same_outputs(seen.outputs[:2], seen.expected[:2])
        and not same(seen.outputs[2], seen.expected[2])
    ),
    "the weights are put back": lambda seen: same(seen.outputs[2][0], seen.outputs[1][0]),
}

# --- E5.5: new pictures ---

NEW = {
    "exchanged": each(lambda came, right: same(numbers(came)[::-1], numbers(right))),
    "threshold at 1/2": again(lambda decode, z, u: (decode, z, 1 - u)),
    "the upper end of u": again(lambda decode, z, u: (decode, z, 1 - u), lambda right: right),
    "u above": each(lambda came, right: same(came[1].double(), 1 - right[1])),
    "0 and 1 exchanged": each(lambda came, right: same(came[0], 1 - right[0])),
    "logits as means": each(lambda came: ((came[0] < 0) | (came[0] > 1)).any()),
    "pixels twice": each(lambda came: (came[0] * (1 - came[0].double()) == 0).all()),
    "not 0 and 1": each(lambda came: not set(came[1].flatten().tolist()) <= {0.0, 1.0}),
    "z not used": each(lambda came: flat(came[0])),
    "one winner": each(lambda came: min((came[0].sum(i) - 1).abs().max() for i in (0, 1)) < 1e-9),
    "logarithms as means": each(lambda came: (came[0] < 0).all()),
    "averaged over the pictures": each(lambda came: min(part.dim() for part in came) == 1),
}

TABLES = {"E5.1": PIXELS, "E5.2": GREY, "E5.3": OBJECTIVE, "E5.4": EPOCH, "E5.5": NEW}
