"""What E7.2's hints are held against: the two terms, and how a value follows its inputs."""

import torch
from claims_06 import beside, close
from torch.distributions import Normal, kl_divergence


def terms(args):
    """log p(x|z,y) of each draw, and the KL: (K, B), (B,)."""
    x, y, eps, encode, prior, log_likelihood = args
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    q, p = Normal(mu, (log_var / 2).exp()), Normal(mu_p, (log_var_p / 2).exp())
    draws = log_likelihood(x, q.mean + q.stddev * eps, y)
    return draws, kl_divergence(q, p).sum(-1)


def bound(holds):
    """Of the value, log p(x|z,y) of each draw, the KL, and the arguments."""
    return beside(lambda out, _, args: holds(out, *terms(args), args))


def is_(*made):
    """Whether all values are what one of these makes of the draws and the KL, to the sign."""
    fits = [bound(lambda out, draws, kl, _, of=of: close(out, of(draws, kl))) for of in made]
    return lambda seen: any(fit(seen) for fit in fits)


def rec_is_right(seen):
    """Whether the value depends on x and z as the right one does: what is wrong is the KL."""
    return bound(lambda out, draws, kl, args: same_rec(seen.answer, out, draws, args))(seen)


def same_rec(answer, out, draws, args):
    """Add 1 to every log p(x|z,y), and the value falls by 1; and it has no draw in it but there."""
    *others, log_likelihood = args
    more = answer(*others, lambda *inputs: log_likelihood(*inputs) + 1)
    nothing = answer(*others, lambda *inputs: 0 * log_likelihood(*inputs))
    return close(out - more, torch.ones_like(out)) and close(nothing - out, draws.mean(0))


def at_ease(holds):
    """Of the KL where q and the prior are the same, in the first case: (B,)."""

    def check(seen):
        x, y, eps, encode, _, log_likelihood = seen.inputs[0]
        nothing = lambda *args: 0 * log_likelihood(*args)  # noqa: E731
        return bool(holds(seen.answer(x, y, eps, encode, lambda y: encode(x, y), nothing)))

    return check


def both(*claims):
    return lambda seen: all(claim(seen) for claim in claims)


def without(position, fresh):
    """Whether the value stays if one argument is another one."""

    def check(seen):
        args = list(seen.inputs[0])
        args[position] = fresh(args[position])
        return close(seen.answer(*args), seen.outputs[0])

    return check


def without_log_var(seen, position):
    """The value in the first case if the encoder (3) or the prior (4) says log_var = 0."""
    args = list(seen.inputs[0])
    network = args[position]
    args[position] = lambda *inputs: (network(*inputs)[0], 0 * network(*inputs)[1].abs())
    return seen.answer(*args)


def other_kl(args):
    """KL(p(z|y) || q(z|x,y))."""
    x, y, _, encode, prior, _ = args
    q, p = (Normal(mu, (log_var / 2).exp()) for mu, log_var in (encode(x, y), prior(y)))
    return kl_divergence(p, q).sum(-1)


def reached(*wanted):
    """Whether exactly these of the networks' weights get a gradient: encoder, prior, decoder."""

    def check(seen):
        args = list(seen.inputs[0])
        weights = [arg.clone().requires_grad_() for arg in args[3:]]
        value = seen.answer(*args[:3], *weights)
        if not value.requires_grad:
            return wanted == ()
        found = torch.autograd.grad(value.sum(), weights, allow_unused=True)
        names = ("encoder", "prior", "decoder")
        arrived = [n for n, g in zip(names, found, strict=True) if g is not None and g.any()]
        return tuple(arrived) == wanted

    return check


def hears(position, holds):
    """Of the inputs with which a network is called in the first case, and of x and y themselves."""

    def check(seen):
        args, calls = list(seen.inputs[0]), []
        network = args[position]
        args[position] = lambda *inputs: calls.append(inputs) or network(*inputs)
        seen.answer(*args)
        return all(bool(holds(inputs, args[0], args[1])) for inputs in calls)

    return check


def right_value(seen):
    return all(map(close, seen.outputs, seen.expected))
