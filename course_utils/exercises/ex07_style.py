"""Notebook 07, E7.3: what people decode instead of every digit in one hand, and the hints."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises._compare import same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex07_inputs import TWINS

Answer = Callable[..., Tensor]
Change = Callable[[Tensor], Tensor]


def _same(tensor: Tensor) -> Tensor:
    return tensor


def _every_digit(own: Tensor) -> Tensor:
    """One-hot rows of all digits, for each picture: (B, classes, classes)."""
    return torch.eye(own.shape[1], dtype=own.dtype).expand(len(own), -1, -1)


def _answer(
    style: Callable[[Tensor, Tensor], Tensor] = lambda mu, log_var: mu,
    *,
    told: Change = _same,
    asked: Change = _every_digit,
    after: Change = _same,
) -> Answer:
    """Another style of mu and log_var, other rows for one of the networks, or another ending.

    told and asked are made of the pictures' own one-hot rows (B, classes); style may have an axis
    of its own for the digits.
    """

    def wrong(x, y, encode, decode, classes):
        own = functional.one_hot(y, classes).to(x.dtype)
        z = style(*encode(x, told(own)))
        z = z[:, None].expand(-1, classes, -1) if z.dim() == 2 else z
        return after(decode(z, asked(own)))

    return wrong


def _repeated(mu: Tensor, classes: int) -> Tensor:
    """All pictures one after the other, again and again, then cut into groups of `classes`."""
    return mu.repeat(classes, 1).reshape(len(mu), classes, -1)


def _mixed(x, y, encode, decode, classes):
    mu, _ = encode(x, functional.one_hot(y, classes))
    return decode(_repeated(mu, classes), torch.eye(classes))


def _mixed_digits(x, y, encode, decode, classes):
    """Styles in the right order, digits in blocks of B."""
    mu, _ = encode(x, functional.one_hot(y, classes))
    z, rows = mu.repeat_interleave(classes, 0), torch.eye(classes).repeat_interleave(len(x), 0)
    return decode(z, rows).reshape(len(x), classes, -1)


def _reshaped(x, y, encode, decode, classes):
    """Right pairs, digit by digit, read as if they came picture by picture."""
    mu, _ = encode(x, functional.one_hot(y, classes))
    z, rows = mu.repeat(classes, 1), torch.eye(classes).repeat_interleave(len(x), 0)
    return decode(z, rows).reshape(len(x), classes, -1)


def _numbers(value: Callable[[Tensor, int], Tensor]) -> Change:
    """Every digit as a number that fills its whole row."""

    def asked(own: Tensor) -> Tensor:
        classes = own.shape[1]
        rows = value(torch.arange(classes, dtype=own.dtype), classes)[:, None]
        return rows.expand(len(own), classes, classes)

    return asked


def _label(own: Tensor) -> Tensor:
    """The label as a number in all places of its row."""
    return own.argmax(1, keepdim=True).to(own.dtype).expand_as(own)


def _encoded_as_asked(x, y, encode, decode, classes):
    pictures = []
    for row in torch.eye(classes, dtype=x.dtype):
        mu, _ = encode(x, row.expand(len(x), -1))
        pictures.append(decode(mu, row.expand(len(x), -1)))
    return torch.stack(pictures, 1)


def _encoded_as_asked_own_digit(x, y, encode, decode, classes):
    """The encoder is told another digit each time, the decoder always the picture's own."""
    own = functional.one_hot(y, classes).to(x.dtype)
    rows = torch.eye(classes, dtype=x.dtype)
    styles = [encode(x, row.expand(len(x), -1))[0] for row in rows]
    return torch.stack([decode(mu, own) for mu in styles], 1)


def _own_digit(own: Tensor) -> Tensor:
    return own[:, None].expand(-1, own.shape[1], -1)


def _from_own_on(own: Tensor) -> Tensor:
    """The picture's own digit first, then the next ones."""
    return torch.stack([own.roll(i, 1) for i in range(own.shape[1])], 1)


def _draws(outputs: Sequence[Any]) -> bool:
    """Whether equal inputs give different values."""
    one, two = ([outputs[i]] for i in TWINS)
    return not same_outputs(one, two)


def _sigma(log_var: Tensor) -> Tensor:
    return (log_var / 2).exp()


SAME_STYLE = (
    Mistake(
        "a draw for z",
        _answer(lambda mu, log_var: mu + _sigma(log_var) * torch.randn_like(mu)),
        "Equal inputs give other pictures the second time: z is drawn, from q or from the prior. A "
        "draw from the prior is a new hand altogether, one from q is this hand and some noise. "
        "Which number of q's is the middle of all its draws?",
        also_wrong=(_answer(lambda mu, log_var: torch.randn_like(mu)),),
        looks_like=_draws,
    ),
    Mistake(
        "the encoder is told what is asked for",
        _encoded_as_asked,
        "The encoder is told, of one and the same picture, that it is a 0, a 1, a 2 ... It is a "
        "3, say, and read as a sloppy 0 it has another z. The style is read once, with the "
        "picture's *own* label; which network is asked for the others?",
        also_wrong=(_encoded_as_asked_own_digit,),
    ),
    Mistake(
        "its own digit each time",
        _answer(asked=_own_digit),
        "You decode each picture's own label over and over: the same digit `classes` times. The "
        "encoder is told what the picture *is*; what is the decoder told?",
    ),
    Mistake(
        "its own digit alone",
        lambda x, y, encode, decode, classes: decode(
            encode(x, functional.one_hot(y, classes))[0], functional.one_hot(y, classes)
        ),
        "One picture comes back for each picture: that is its reconstruction, (B, D). Every digit "
        "is asked for, so there is one axis more.",
    ),
    Mistake(
        "one style for all",
        _answer(lambda mu, log_var: mu.mean(0).expand_as(mu)),
        "All your rows are written in one hand, the average one or the first one: the batch axis "
        "of mu has been lost. Each picture keeps its own z; what has to be repeated, and along "
        "which new axis?",
        also_wrong=(_answer(lambda mu, log_var: mu[:1].expand_as(mu)),),
    ),
    Mistake(
        "no style",
        _answer(lambda mu, log_var: torch.zeros_like(mu)),
        "Your z does not depend on the picture: every row is written in the prior's average hand. "
        "What does the encoder tell of the picture in front of you?",
    ),
    Mistake(
        "log_var as z",
        _answer(lambda mu, log_var: log_var),
        "The decoder gets something else than mu: log_var, sigma, or a mixture. `encode` returns "
        "two things; which says where the code lies, and which how sure that is?",
        also_wrong=(
            _answer(lambda mu, log_var: _sigma(log_var)),
            _answer(lambda mu, log_var: mu + _sigma(log_var)),
        ),
    ),
    Mistake(
        "axes exchanged",
        _answer(after=lambda pictures: pictures.transpose(0, 1)),
        "The pictures are right and lie the other way round. Asked is (B, classes, D): a row for "
        "each hand, a column for each digit, the pixels last. Of two tensors that meet, the one "
        "with `[:, None]` runs along the first axis.",
        also_wrong=(_answer(after=lambda pictures: pictures.transpose(1, 2)),),
    ),
    Mistake(
        "hands mixed",
        _mixed,
        "Hands and digits have got out of step. `repeat` writes all of a tensor again and again "
        "(0 1 2 0 1 2), `repeat_interleave` each row in turn (0 0 1 1 2 2), and `reshape` believes "
        "either. Which order does (B, classes, ...) have? With `[:, None]` and `expand` there is "
        "nothing to get wrong.",
        also_wrong=(
            _mixed_digits,
            _reshaped,
            _answer(after=lambda pictures: pictures.transpose(0, 1).reshape(pictures.shape)),
        ),
    ),
    Mistake(
        "not in three axes",
        _answer(after=lambda pictures: pictures.flatten(0, 1)),
        "All pictures are there, and their axes have run together. Asked is (B, classes, D), one "
        "axis for the hands, one for the digits, one for the pixels.",
        also_wrong=(
            _answer(after=lambda pictures: pictures.flatten(1)),
            _answer(after=lambda pictures: pictures.transpose(0, 1).flatten(0, 1)),
        ),
    ),
    Mistake(
        "digits as numbers",
        _answer(asked=_numbers(lambda digits, classes: digits)),
        "The decoder is told the digit as a number, in every place of its row. It was trained on "
        "one-hot rows: a row of sevens means nothing to it. E7.1 made such rows, and "
        "`torch.eye(classes)` holds one of each.",
        also_wrong=(
            _answer(asked=_numbers(lambda digits, classes: digits / classes)),
            _answer(asked=lambda own: _every_digit(own) * torch.arange(own.shape[1])[:, None]),
        ),
    ),
    Mistake(
        "label as a number",
        _answer(told=_label),
        "The encoder is told the label as a number, in every place of its row, or with a row that "
        "is not 0 and 1. It was trained on one-hot rows, as in E7.1.",
        also_wrong=(
            _answer(told=lambda own: _label(own) / own.shape[1]),
            _answer(told=lambda own: own * _label(own)),
        ),
    ),
    Mistake(
        "the encoder is not told the label",
        _answer(told=torch.zeros_like),
        "The encoder is told nothing of the label (or the same of all pictures): it has to guess "
        "the digit, and what it guesses shows in mu. q(z|x,y) has two inputs; you know both.",
        also_wrong=(
            _answer(told=torch.ones_like),
            _answer(told=lambda own: torch.full_like(own, 1 / own.shape[1])),
            _answer(told=lambda own: own[:1].expand_as(own)),
        ),
    ),
    Mistake(
        "the encoder is told another label",
        _answer(told=lambda own: own.roll(1, 1)),
        "The encoder is told a wrong label: one place off, or that of another picture. Which row "
        "belongs to y[i]?",
        also_wrong=(_answer(told=lambda own: own.roll(1, 0)),),
    ),
    Mistake(
        "the decoder is not told a digit",
        _answer(asked=lambda own: torch.zeros_like(_every_digit(own))),
        "All digits of a hand look alike: your decoder is told nothing, or each time the same. "
        "What has to differ along the second axis?",
        also_wrong=(_answer(asked=lambda own: torch.ones_like(_every_digit(own))),),
    ),
    Mistake(
        "digits in another order",
        _answer(asked=_from_own_on),
        "Every digit is there, in another order: column c is to hold digit c, from 0 on, for each "
        "picture alike. A notebook writes the digits above the columns.",
        also_wrong=(
            _answer(asked=lambda own: _every_digit(own).flip(1)),
            _answer(asked=lambda own: _every_digit(own).roll(1, 1)),
        ),
    ),
    Mistake(
        "not logits",
        _answer(after=torch.sigmoid),
        "The pictures are right, and something was done to them at the end: a sigmoid, or black "
        "and white. `decode` returns logits, and logits are asked for.",
        also_wrong=(_answer(after=lambda pictures: (pictures > 0).to(pictures.dtype)),),
    ),
)
