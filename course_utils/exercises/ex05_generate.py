"""Notebook 05, E5.5: what people write instead of new pictures, and the hint for each."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises._compare import parts_of, same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex05_inputs import TWINS

Pair = tuple[Tensor, Tensor]
Part = Callable[[Tensor, Tensor, Tensor], Tensor]  # of logits, probabilities p, and u


def _p(logits: Tensor, p: Tensor, u: Tensor) -> Tensor:
    return p


def _below(logits: Tensor, p: Tensor, u: Tensor) -> Tensor:
    return u < p


def _pair(means: Part = _p, x: Part = _below, *, as_bool: bool = False) -> Callable[..., Pair]:
    """Other means, or another rule for the pixels; truth values become 0 and 1."""

    def wrong(decode, z, u):
        logits = decode(z)
        both = (part(logits, logits.sigmoid(), u) for part in (means, x))
        return tuple(
            part.to(u.dtype) if part.dtype == torch.bool and not as_bool else part for part in both
        )

    return wrong


def _bools(means: Part = _p, x: Part = _below) -> Callable[..., Pair]:
    """The same with pixels of true and false."""
    return _pair(means, x, as_bool=True)


def _at(z_of: Callable[[Tensor], Tensor], *, as_bool: bool = False) -> Callable[..., Pair]:
    """Pictures of another z."""
    return lambda decode, z, u: _pair(as_bool=as_bool)(decode, z_of(z), u)


def _twice(logits: Tensor, p: Tensor, u: Tensor) -> Tensor:
    return p.sigmoid()


def _twin_parts(outputs: Sequence[Any]) -> list[bool]:
    """Whether equal inputs gave equal means, and equal pixels; nothing if these are not two."""
    pairs = [parts_of(outputs[i]) for i in TWINS]
    if any(len(pair) != 2 for pair in pairs):
        return []
    return [same_outputs([one], [two]) for one, two in zip(*pairs, strict=True)]


GENERATE = (
    Mistake(
        "z drawn anew",
        _at(torch.randn_like),
        "The same z give other means the second time: z is drawn inside. The draws from the prior "
        "have come in already, as `z`.",
        also_wrong=(_at(torch.randn_like, as_bool=True), _at(lambda z: z + torch.randn_like(z))),
        looks_like=lambda outputs: _twin_parts(outputs)[:1] == [False],
    ),
    Mistake(
        "coins of its own",
        _pair(x=lambda lo, p, u: torch.bernoulli(p)),
        "The means are right, and the pixels are others every time: they are tossed inside. A fine "
        "draw, but not with the `u` that came in: pixel d is 1 where u is below its probability.",
        also_wrong=(
            _bools(x=lambda lo, p, u: torch.bernoulli(p).bool()),
            _pair(x=lambda lo, p, u: torch.rand_like(p) < p),
            _pair(x=lambda lo, p, u: torch.randn_like(p) < p),
        ),
        looks_like=lambda outputs: _twin_parts(outputs) == [True, False],
    ),
    Mistake(
        "exchanged",
        lambda *args: _pair()(*args)[::-1],
        "Both are right, in the wrong order: the means first, then the pictures.",
        also_wrong=(lambda *args: _bools()(*args)[::-1],),
    ),
    Mistake(
        "threshold at 1/2",
        _pair(x=lambda lo, p, u: p > 0.5),
        "A pixel is 1 in yours where its probability is above 1/2. That is the likeliest picture, "
        "the same for the same z, and no draw: a pixel with probability 0.3 would *never* be "
        "white. How often should it be, and what is `u` for?",
        also_wrong=(_bools(x=lambda lo, p, u: p > 0.5),),
    ),
    Mistake(
        "u against 1/2",
        _pair(x=lambda lo, p, u: u < 0.5),
        "Your pixels do not ask the decoder: each is white half of the time, or as u is above or "
        "below a fixed number. With probability p it should be 1; where on [0, 1) do you cut?",
        also_wrong=(
            _bools(x=lambda lo, p, u: u < 0.5),
            _pair(x=lambda lo, p, u: u > 0.5),
            _bools(x=lambda lo, p, u: u > 0.5),
            _pair(x=lambda lo, p, u: u < p.mean()),
            _pair(x=lambda lo, p, u: u < p.mean(-1, keepdim=True)),
            _pair(x=lambda lo, p, u: u < p.mean(0)),
        ),
    ),
    Mistake(
        "u above",
        _pair(x=lambda lo, p, u: u > p),
        "Black and white have changed places in the pictures: the likelier a pixel is to be 1, the "
        "rarer it is in yours. With which probability is a uniform number *below* 0.9?",
        also_wrong=(_bools(x=lambda lo, p, u: u > p),),
    ),
    Mistake(
        "black and white exchanged",
        _pair(lambda lo, p, u: 1 - p, lambda lo, p, u: u < 1 - p),
        "Your means are the probabilities of 0: the sign of the logits has turned round, or 1 - p "
        "been taken. The sigmoid of the logit is the probability of 1.",
        also_wrong=(
            _bools(lambda lo, p, u: 1 - p, lambda lo, p, u: u < 1 - p),
            _pair(lambda lo, p, u: 1 - p),
            _bools(lambda lo, p, u: 1 - p),
        ),
    ),
    Mistake(
        "logits as means",
        _pair(lambda lo, p, u: lo),
        "Your means leave [0, 1]: those are the logits. What makes a probability of a logit?",
        also_wrong=(
            _bools(lambda lo, p, u: lo),
            _pair(lambda lo, p, u: lo, lambda lo, p, u: u < lo),
            _bools(lambda lo, p, u: lo, lambda lo, p, u: u < lo),
            _pair(lambda lo, p, u: lo.clamp(0, 1), lambda lo, p, u: u < lo),
            _bools(lambda lo, p, u: lo.clamp(0, 1), lambda lo, p, u: u < lo),
            _pair(lambda lo, p, u: lo.exp(), lambda lo, p, u: u < lo.exp()),
        ),
    ),
    Mistake(
        "u against the logits",
        _pair(x=lambda lo, p, u: u < lo),
        "The means are right, but the pixels compare u with the logits. u lies in [0, 1): which "
        "numbers of the decoder's do too?",
        also_wrong=(
            _bools(x=lambda lo, p, u: u < lo),
            _pair(x=lambda lo, p, u: u < lo.exp()),
        ),
    ),
    Mistake(
        "sigmoid twice",
        _pair(_twice, lambda lo, p, u: u < p.sigmoid()),
        "Two sigmoids: your probabilities lie between 0.5 and 0.73, and every picture is a grey "
        "fog. `decode` returns logits; how many sigmoids lead from there to a probability?",
        also_wrong=(
            _bools(_twice, lambda lo, p, u: u < p.sigmoid()),
            _pair(_twice),
            _bools(_twice),
            _pair(x=lambda lo, p, u: u < p.sigmoid()),
            _bools(x=lambda lo, p, u: u < p.sigmoid()),
        ),
    ),
    Mistake(
        "the mean as the picture",
        _pair(x=_p),
        "Your second part holds the means again. Papers often show them and call them samples, but "
        "a sample's pixels are 0 or 1: E[x|z] is not a draw of x. Where does u come in?",
        also_wrong=(_pair(x=lambda lo, p, u: lo),),
    ),
    Mistake(
        "pixels twice",
        _pair(_below),
        "Your first part holds drawn pixels too (or the likeliest ones). Asked first are the "
        "probabilities, before any draw: any number in [0, 1].",
        also_wrong=(
            _bools(_below),
            _pair(lambda lo, p, u: p > 0.5),
            _bools(lambda lo, p, u: p > 0.5),
        ),
    ),
    Mistake(
        "noise added",
        _pair(x=lambda lo, p, u: p + u),
        "Your pixels are means with noise on top, or times noise. Such noise belongs to normal "
        "pixels; one of 0 and 1 is a coin that falls on 1 with probability p. How do you toss it "
        "with one uniform number?",
        also_wrong=(
            _pair(x=lambda lo, p, u: p * u),
            _pair(x=lambda lo, p, u: p + u - 0.5),
            _pair(x=lambda lo, p, u: (p + u).clamp(0, 1)),
            _pair(x=lambda lo, p, u: (p + u - 0.5).clamp(0, 1)),
            _pair(x=lambda lo, p, u: p - u),
            _pair(x=lambda lo, p, u: u),
        ),
    ),
    Mistake(
        "not 0 and 1",
        _pair(x=lambda lo, p, u: torch.sign(p - u)),
        "You compare rightly, but your pixels are not 0.0 and 1.0: a comparison gives true and "
        "false, and `.to(...)` or `.float()` makes 1 and 0 of them.",
        also_wrong=(
            _pair(x=lambda lo, p, u: torch.where(u < p, p, 0)),
            _pair(x=lambda lo, p, u: torch.where(u < p, u, 0)),
            _pair(x=lambda lo, p, u: 255.0 * (u < p)),
        ),
    ),
    Mistake(
        "one number for a picture",
        _pair(x=lambda lo, p, u: u[:, :1] < p),
        "All pixels of a picture share one uniform number: then they are not independent given z. "
        "u has the shape of the picture, one number for each pixel; no index is needed.",
        also_wrong=(
            _bools(x=lambda lo, p, u: u[:, :1] < p),
            _pair(x=lambda lo, p, u: u[0, 0] < p),
            _pair(x=lambda lo, p, u: u.mean(-1, keepdim=True) < p),
            _pair(x=lambda lo, p, u: u.mean() < p),
        ),
    ),
    Mistake(
        "one row of u for all",
        _pair(x=lambda lo, p, u: u[:1] < p),
        "All pictures share one row of u: where one is lucky, all are. Each picture has its own "
        "row; no index is needed.",
        also_wrong=(
            _bools(x=lambda lo, p, u: u[:1] < p),
            _pair(x=lambda lo, p, u: u.mean(0) < p),
        ),
    ),
    Mistake(
        "z not used",
        _at(torch.zeros_like),
        "All pictures have the same means: yours do not depend on z. A new picture begins with a "
        "draw from the prior, and those draws are `z`.",
        also_wrong=(
            _at(torch.zeros_like, as_bool=True),
            _at(lambda z: z.mean(0, keepdim=True).expand_as(z)),
            _at(lambda z: z[:1].expand_as(z)),
        ),
    ),
    Mistake(
        "another z",
        _at(Tensor.sigmoid),
        "The decoder gets something else than z: squeezed, scaled or with another sign. It was "
        "trained on draws like those of the prior, and wants them as they are.",
        also_wrong=(
            _at(Tensor.tanh),
            _at(Tensor.exp),
            _at(Tensor.neg),
            _at(lambda z: (z / 2).exp()),
            _at(lambda z: z / z.norm(dim=-1, keepdim=True)),
        ),
    ),
    Mistake(
        "one winner",
        _pair(lambda lo, p, u: lo.softmax(-1), lambda lo, p, u: u < lo.softmax(-1)),
        "A softmax lets the D pixels compete for one place: their probabilities add up to 1 over "
        "the picture. Here each pixel decides for itself between 0 and 1.",
        also_wrong=(
            _bools(lambda lo, p, u: lo.softmax(-1), lambda lo, p, u: u < lo.softmax(-1)),
            _pair(lambda lo, p, u: lo.softmax(0), lambda lo, p, u: u < lo.softmax(0)),
        ),
    ),
    Mistake(
        "logarithms as means",
        _pair(lambda lo, p, u: functional.logsigmoid(lo)),
        "Your means are below 0: logarithms of probabilities. Here the probabilities themselves "
        "are asked for, as grey values.",
        also_wrong=(
            _pair(lambda lo, p, u: functional.logsigmoid(lo), lambda lo, p, u: u.log() > 0),
        ),
    ),
    Mistake(
        "averaged over the pictures",
        _pair(lambda lo, p, u: p.mean(0)),
        "The means are averaged over the n pictures. Each z has a picture of its own: (n, D).",
        also_wrong=(
            _bools(lambda lo, p, u: p.mean(0)),
            _pair(lambda lo, p, u: p.mean(0), lambda lo, p, u: (u < p).to(u.dtype).mean(0)),
            _pair(x=lambda lo, p, u: (u < p).to(u.dtype).mean(0)),
        ),
    ),
)
