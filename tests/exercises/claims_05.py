"""What the hints of notebook 05's exercises claim, of every answer that is shown them."""

import functools
import math

import torch
from each_case import each, like_any, same, values_right
from torch.nn.functional import logsigmoid

from course_utils.exercises import ex05
from course_utils.exercises._engine.compare import parts_of, same_outputs

one_number = each(lambda came, *_: came.numel() == 1)
minus_the_right_one = each(lambda came, right, *_: same(-came, right))
pixel_by_pixel = each(lambda came, right, x, *_: came.shape == x.shape)
batch_gone = each(lambda came, right, x, *_: came.shape == x.shape[1:])
averaged = each(lambda came, right, x, *_: like_any(x.shape[1] * came, right, -right))


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


def again(change, expected=lambda came, right: came, first=None):
    """Of changed inputs, the answer makes this of what came and what is right."""

    def in_case(seen, came, right, *args):
        return same(numbers(seen.answer(*change(*args))), numbers(expected(came, right)))

    return lambda seen: each(functools.partial(in_case, seen), first)(seen)


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
    "without its log": again(lambda x, logits: (x, 2 * logits), lambda came, _: 2 * came),
    "log(1 - p) taken apart": costs(lambda f, p, q: near(f(0), 1 - p, -p) and near(f(1), p)),
    "log p for zeros too": costs(lambda f, p, q: near(f(0), p) and near(f(1), p)),
    "both logs of every pixel": costs(lambda f, p, q: near(p + q, f(0), f(1))),
    "log(1 + e^l) taken apart": costs(lambda f, *_: not near(f(0, 0), -math.log(2))),
    "0 and 1 exchanged": again(lambda x, lo: (1 - x, lo), lambda _, right: right, first=3),
    "in bits": each(
        lambda came, right, *_: like_any(right, came * math.log(2), came * math.log(10))
    ),
    "right pixels counted": again(lambda x, logits: (x, 3 * logits)),
    "sigmoid, then log": right_up_to(3),
    "exp overflows": right_up_to(4),
    "cut short": each(lambda came, right, *_: (came >= right - 1e-6).all()),
    "clamped": lambda seen: (seen.outputs[4] > 3 * seen.outputs[3]).all(),
    "where": values_right,
}

# --- E5.2: grey pixels ---


def cost(answer, x, mean, sigma):
    """What the distance from the mean costs."""
    return answer(mean, mean, sigma) - answer(x, mean, sigma)


def distance(holds):
    """A claim of the answer's cost and the right one, and of both at twice the sigma."""

    def claim(seen):
        answers = seen.answer, ex05.my_log_normal_pixels
        values = [
            [cost(answer, x, mean, s) for s in (sigma, 2 * sigma) for answer in answers]
            for x, mean, sigma in seen.inputs
        ]
        return all(holds(*four) for four in values)

    return claim


the_square_is_right = distance(lambda ours, right, *_: same(ours, right))


def off_by_one_number(seen):
    """For each pixel, whatever the picture and sigma."""
    cases = zip(seen.outputs, seen.expected, seen.inputs, strict=True)
    gaps = torch.cat([(came - right) / args[0].shape[1] for came, right, args in cases])
    return torch.allclose(gaps, gaps[:1].expand_as(gaps))


GREY = {
    "squared error alone": again(lambda x, mean, sigma: (x, mean, 2 * sigma)),
    "sigma not used": distance(lambda ours, _, wider, __: same(ours, wider)),
    "times the variance": distance(lambda ours, _, wider, __: same(4 * ours, wider)),
    "no half of the square": distance(lambda ours, right, *_: same(ours, 2 * right)),
    "mean over the pixels": averaged,
    "the loss": minus_the_right_one,
    "the density itself": each(lambda came, *_: (came > 0).all()),
    "not added up": pixel_by_pixel,
    "one number for all": one_number,
    "summed over the batch": batch_gone,
    "no normaliser": again(lambda x, mean, s: (mean, mean, s), lambda came, _: 0 * came),
    "normaliser counted once": the_square_is_right,
    "normaliser counted B times": the_square_is_right,
    "normaliser without its half": the_square_is_right,
    "normaliser without sigma": the_square_is_right,
    "no 2 pi": off_by_one_number,
    "pi rounded": lambda seen: off_by_one_number(seen) and the_square_is_right(seen),
}

# --- E5.3: the whole objective ---


MODERATE = 3  # cases: some answers make a second slip, which is seen for sure decoders alone


def kl_of(x, encode, *_):
    mu, log_var = encode(x)
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)


def terms(holds):
    """A claim of what came, what is right, log p(x|z) and the KL."""

    def in_case(came, right, *args):
        return holds(came, right, kl_of(*args) - right, kl_of(*args))

    return each(in_case, MODERATE)


def encoded(change, expected=lambda came, right: came, shift=0):
    """With mu, log_var, eps changed, the answer makes this of what came and what is right."""

    def changed(x, encode, decode, eps):
        mu, log_var, eps = change(*encode(x), eps)
        return x, lambda _: (mu, log_var), lambda z: decode(z - shift), eps

    return again(changed, expected, MODERATE)


def the_kl_is_right(seen):
    """A change of mu that leaves z as it is changes the answer as it changes the reference."""

    def moved(x, encode, decode, eps):
        mu, log_var = encode(x)
        return x, lambda _: (mu + 1, log_var), decode, eps - (-log_var / 2).exp()

    def in_case(came, right, *args):
        ours, theirs = seen.answer(*moved(*args)), ex05.my_negative_elbo(*moved(*args))
        return torch.allclose((ours - came).double(), (theirs - right).double(), atol=1e-3)

    return each(in_case, MODERATE)(seen)


def one_weight(seen):
    """What is too much of the KL is the same part of it for all pictures of a case."""

    def in_case(came, right, *args):
        weights = (came - right) / kl_of(*args)
        return torch.allclose(weights, weights[:1].expand_as(weights), atol=1e-2)

    return each(in_case, MODERATE)(seen)


def arrives(*positions):
    """The values are right, and a gradient reaches the weights at these positions, alone."""

    def claim(seen):
        args = seen.inputs[0]
        leaves = [args[i].requires_grad_() for i in (1, 2)]
        total = seen.answer(args[0], *leaves, args[3]).sum()
        if total.requires_grad:
            total.backward()
        reached = tuple(i for i in (1, 2) if args[i].grad is not None)
        return values_right(seen) and positions == reached

    return claim


OBJECTIVE = {
    "averaged over the batch": one_number,
    "the ELBO": each(lambda came, right, *_: same(-came, right), MODERATE),
    "KL subtracted": terms(lambda came, _, rec, kl: same(came, -kl - rec)),
    "log p(x|z) added": terms(lambda came, right, rec, kl: same(came, kl + rec)),
    "no KL": terms(lambda came, _, rec, kl: like_any(came, rec, -rec, -rec.mean())),
    "only the KL": terms(lambda came, _, rec, kl: like_any(came, kl, -kl)),
    "no prior": encoded(lambda mu, log_var, eps: (mu + 1, log_var, eps), shift=1),
    "one head for both": lambda seen: any(
        encoded(change)(seen)
        for change in (lambda mu, lv, e: (mu + 1, lv, e), lambda mu, lv, e: (mu, lv + 1, e))
    ),
    "both heads exchanged": encoded(lambda mu, lv, e: (lv, mu, e), lambda _, right: right),
    "log_var as log sigma": encoded(lambda mu, lv, e: (mu, lv / 2, e), lambda _, right: right),
    "no noise": encoded(lambda mu, log_var, eps: (mu, log_var, 2 * eps)),
    "variance as sigma": encoded(
        lambda mu, lv, eps: (mu, lv, eps * (-lv / 2).exp()), lambda _, right: right
    ),
    "log p(x|z) is not right": the_kl_is_right,
    "(B, B)": each(lambda came, right, x, *_: came.shape == (len(x), len(x))),
    "a weight on the KL": one_weight,
    "free bits": lambda seen: (seen.outputs[-1] - seen.expected[-1] > 0.05).all(),
    "sigmoid, then log": right_up_to(3),
    "exp overflows": right_up_to(4),
    "logits held up": lambda seen: (seen.outputs[4] < 0.9 * seen.expected[4]).all(),
    "z cut off": values_right,
    "mu cut off in z": values_right,
    "log_var cut off in z": values_right,
    "KL cut off": values_right,
    "encoder cut off": arrives(2),
    "log p(x|z) cut off": values_right,
    "all cut off": arrives(),
    "where": values_right,
}

# --- E5.4: an epoch ---


def untrained(came, right, model, _, x, eps, batches):
    losses = [-model.elbo(x[b], eps=eps[b]).elbo.mean() for b in batches]
    return same(came, torch.stack(losses).detach())


def two_right(came, right, *_):
    return same(came[:2], right[:2]) and not same(came[2], right[2])


EPOCH = {
    "nothing changes": each(untrained, 1),
    "gradients pile up": each(two_right, 1),
    "returns the ELBO": minus_the_right_one,
    "running totals": each(
        lambda came, right, *_: like_any(
            came, right.cumsum(0), right.cumsum(0) / torch.arange(1, len(right) + 1)
        )
    ),
    "one number for the epoch": one_number,
    "the last batch dropped": each(lambda came, right, *_: len(came) == len(right) - 1),
    "the last step is missing": lambda seen: (
        same_outputs(seen.outputs[:2], seen.expected[:2])
        and not same(seen.outputs[2], seen.expected[2])
    ),
    "the weights are put back": lambda seen: same(seen.outputs[2][0], seen.outputs[1][0]),
}

# --- E5.5: new pictures ---

NEW = {
    "exchanged": each(lambda came, right, *_: same(numbers(came)[::-1], numbers(right))),
    "threshold at 1/2": again(lambda decode, z, u: (decode, z, 1 - u)),
    "the upper end of u": again(lambda decode, z, u: (decode, z, 1 - u), lambda _, right: right),
    "u above": each(lambda came, right, *_: same(came[1].double(), 1 - right[1])),
    "0 and 1 exchanged": each(lambda came, right, *_: same(came[0], 1 - right[0])),
    "logits as means": each(lambda came, *_: ((came[0] < 0) | (came[0] > 1)).any()),
    "pixels twice": each(lambda came, *_: (came[0] * (1 - came[0].double()) == 0).all()),
    "not 0 and 1": each(lambda came, *_: not set(came[1].flatten().tolist()) <= {0.0, 1.0}),
    "z not used": each(lambda came, *_: same(came[0], came[0][:1].expand_as(came[0]))),
    "one winner": each(
        lambda came, *_: min((came[0].sum(i) - 1).abs().max() for i in (0, 1)) < 1e-9
    ),
    "logarithms as means": each(lambda came, *_: (came[0] < 0).all()),
    "averaged over the pictures": each(lambda came, *_: min(part.dim() for part in came) == 1),
}

TABLES = {"E5.1": PIXELS, "E5.2": GREY, "E5.3": OBJECTIVE, "E5.4": EPOCH, "E5.5": NEW}
CLAIMS = {f"{e}: {name}": claim for e, table in TABLES.items() for name, claim in table.items()}
