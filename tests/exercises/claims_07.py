"""What the hints of notebook 07's exercises claim, where it can be computed."""

import torch
from bound_07 import (
    at_ease,
    both,
    bound,
    hears,
    is_,
    other_kl,
    reached,
    rec_is_right,
    right_value,
    terms,
    without,
    without_log_var,
)
from claims_06 import beside, close, either, every


def rows(holds):
    """Of h and what stands beside it, and of the labels and `classes`."""

    def check(out, _, args):
        h, y, classes = args
        return close(out[:, : h.shape[1]], h) and holds(out[:, h.shape[1] :], y, classes)

    return beside(check)


def one_hot(y, classes):
    return torch.nn.functional.one_hot(y, classes).double()


def permuted(found, y, classes):
    """Whether each row is the one-hot row of some label of the batch, not always of its own."""
    return close(found.sum(0), one_hot(y, classes).sum(0)) and not close(found, one_hot(y, classes))


E7_1 = {
    "the label as a number": rows(lambda found, y, _: close(found, y[:, None])),
    "the label, scaled": rows(
        lambda found, y, _: found.shape[1] == 1 and found[:, 0].argsort().equal(y.argsort())
    ),
    "the label in every column": rows(lambda found, y, n: close(found, y[:, None].expand(-1, n))),
    "the label in its place": rows(
        lambda found, y, n: (
            close(found, one_hot(y, n) * found.amax(1, keepdim=True))
            and found.amax(1).argsort().equal(y.argsort())
        )
    ),
    "ten places": rows(lambda found, y, n: close(found, one_hot(y, 10))),
    "label first": beside(lambda out, right, args: close(out.roll(args[0].shape[1], 1), right)),
    "counted from the end": rows(lambda found, y, n: close(found.flip(1), one_hot(y, n))),
    "all labels in each row": rows(lambda found, *_: len(found.unique(dim=0)) == 1),
    "whole rows of ones": rows(lambda found, *_: (found.amin(1) == found.amax(1)).all()),
    "another picture's label": rows(permuted),
    "no label": lambda seen: all(
        close(seen.answer(h, y, n), seen.answer(h, y.flip(0), n)) for h, y, n in seen.inputs
    ),
    "h is lost": beside(lambda out, right, args: not out[:, : -args[2]].any()),
    "h is changed": beside(
        lambda out, right, args: close(out[:, -args[2] :], right[:, -args[2] :])
    ),
    "added, not beside": beside(lambda out, _, args: out.shape == args[0].shape),
    "h in whole numbers": every(lambda out: close(out, out.round())),
    "one zero among ones": rows(lambda found, y, n: close(1 - found, one_hot(y, n))),
    "ones up to the label": rows(
        lambda found, *_: (found.diff(dim=1) != 0).sum(1).max() <= 1 and found.unique().numel() == 2
    ),
    "not 0 and 1": rows(
        lambda found, y, n: ((found - found.gather(1, y[:, None])) != 0).sum(1).eq(n - 1).all()
    ),
    "every product": beside(lambda out, _, args: out.shape[1] == args[0].shape[1] * args[2]),
}


E7_2 = {
    "summed over the draws": is_(
        lambda draws, kl: kl - draws.sum(0),
        lambda draws, kl: len(draws) * (kl - draws.mean(0)),
    ),
    "one draw of the K": is_(lambda draws, kl: kl - draws[0]),
    "best of the draws": is_(lambda draws, kl: kl - draws.amax(0)),
    "averaged over the batch": every(lambda out: out.dim() == 0),
    "one term reduced over the batch": lambda seen: any(
        len((out + part).round(decimals=6).unique()) == 1
        for out, (draws, kl) in [(seen.outputs[0], terms(seen.inputs[0]))]
        for part in (draws.mean(0), -kl)
    ),
    "not averaged over the draws": beside(lambda out, _, args: out.shape == args[2].shape[:2]),
    "(B, B)": beside(lambda out, _, args: out.shape == 2 * args[2].shape[1:2]),
    "the ELBO": is_(lambda draws, kl: draws.mean(0) - kl),
    "KL subtracted": bound(lambda out, draws, kl, _: (out + draws.mean(0)).mean() < 0),
    "log p(x|z,y) added": is_(lambda draws, kl: kl + draws.mean(0)),
    "no KL": is_(lambda draws, kl: -draws.mean(0), lambda draws, kl: draws.mean(0)),
    "only the KL": is_(lambda draws, kl: kl),
    "no half": is_(
        lambda draws, kl: 2 * kl - draws.mean(0), lambda draws, kl: kl / 2 - draws.mean(0)
    ),
    "mean over the latents": bound(
        lambda out, draws, kl, args: close((out + draws.mean(0)) * args[2].shape[-1], kl)
    ),
    "a weight on the KL": bound(
        lambda out, draws, kl, _: ((out + draws.mean(0)) / kl).std() < 1e-9
    ),
    "held by a clamp": lambda seen: close(seen.outputs[0], seen.expected[0]),
    "not summed over the latents": beside(lambda out, _, args: out.shape == args[2].shape[1:]),
    "KL to N(0, I)": both(rec_is_right, without(4, lambda prior: prior.flip(0))),
    "divided by a logarithm": lambda seen: any(
        not without_log_var(seen, position).isfinite().all() for position in (3, 4)
    ),
    "log_var taken for a variance": lambda seen: any(out.isnan().any() for out in seen.outputs),
    "the prior's mu is forgotten": both(
        rec_is_right, without(4, lambda prior: lambda y: (prior(y)[0] + 1, prior(y)[1]))
    ),
    "the prior's variance is forgotten": rec_is_right,
    "variance as sigma in the KL": at_ease(lambda kl: kl.abs().max() < 1e-9),
    "KL the other way round": bound(
        lambda out, draws, kl, args: any(
            close(out + draws.mean(0), k)
            for back in [other_kl(args)]
            for k in (back, back + kl, (back + kl) / 2)
        )
    ),
    "divided by q's variance": both(rec_is_right, at_ease(lambda kl: kl.abs().max() < 1e-9)),
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
    "z cut off": both(right_value, reached("encoder", "prior", "decoder")),
    "mu cut off in z": both(right_value, reached("encoder", "prior", "decoder")),
    "log_var cut off in z": both(right_value, reached("encoder", "prior", "decoder")),
    "the prior cut off": both(right_value, reached("encoder", "decoder")),
    "q cut off in the KL": both(right_value, reached("encoder", "prior", "decoder")),
    "KL cut off": both(right_value, reached("encoder", "decoder")),
    "encoder cut off": both(right_value, either(reached("prior", "decoder"), reached("decoder"))),
    "log p(x|z,y) cut off": both(right_value, reached("encoder", "prior")),
    "all cut off": both(right_value, reached()),
}


def is_one_hot(rows):
    return close(rows, one_hot(rows.argmax(1), rows.shape[1]))


def hands(holds):
    """Of the logits, the right ones, and B, classes, D."""
    return beside(lambda out, right, args: holds(out, right, *right.shape))


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
    "its own digit each time": hands(lambda out, *_: close(out, out[:, :1].expand_as(out))),
    "its own digit alone": beside(
        lambda out, right, args: close(out, right[torch.arange(len(out)), args[1]])
    ),
    "one style for all": hands(lambda out, *_: close(out, out[:1].expand_as(out))),
    "no style": hands(lambda out, *_: close(out, out[:1].expand_as(out))),
    "axes exchanged": hands(
        lambda out, right, *_: close(out.sum(), right.sum()) and out.dim() == 3
    ),
    "not in three axes": hands(
        lambda out, right, *_: out.dim() == 2 and out.numel() == right.numel()
    ),
    "the decoder is not told a digit": hands(lambda out, *_: close(out, out[:, :1].expand_as(out))),
    "digits in another order": hands(
        lambda out, right, *_: close(out.sort(1).values, right.sort(1).values)
    ),
    "rows not of 0 and 1": hears(3, lambda heard, *_: not is_one_hot(heard[1])),
}


def parts(holds):
    """Of the three parts, of the errors (M, B), and of x and the completions."""

    def check(out, _, args):
        x, completions = args
        return holds(out, ((completions - x) ** 2).sum(-1), x, completions)

    return beside(check)


E7_4 = {
    "best pixel by pixel": parts(lambda out, errors, *_: (out[2] <= errors.amin(0)).all()),
    "the index of the best": parts(lambda out, errors, *_: close(out[2], errors.argmin(0))),
    "the worst draw": parts(lambda out, errors, *_: close(out[2], errors.amax(0))),
    "the best as the mean picture": every(
        lambda out: close(out[2], out[0]) or close(out[2], out[1])
    ),
    "the first draw": parts(lambda out, errors, *_: any(close(out[0], e) for e in errors)),
    "summed over the draws": parts(lambda out, errors, *_: close(out[0], errors.sum(0))),
    "the average error twice": every(lambda out: close(out[1], out[0])),
    "one draw as the mean picture": every(lambda out: close(out[0], out[1])),
    "half of it": beside(lambda out, right, _: all(map(close, out, [r / 2 for r in right]))),
    "one number for the batch": every(lambda out: all(part.dim() == 0 for part in out)),
    "not averaged": parts(lambda out, errors, *_: close(out[0], errors)),
    "exchanged": beside(
        lambda out, right, _: close(*(torch.stack(p).sort(0).values for p in (out, right)))
    ),
}
TABLES = {"E7.1": E7_1, "E7.2": E7_2, "E7.3": E7_3, "E7.4": E7_4}
CLAIMS = {
    f"{name}: {slip}": holds for name, table in TABLES.items() for slip, holds in table.items()
}
