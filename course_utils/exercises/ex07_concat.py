"""Notebook 07, E7.1: what people put beside h instead of a one-hot row, and the hint for each."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises._compare import same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex07_inputs import TWINS

Answer = Callable[[Tensor, Tensor, int], Tensor]


def _rows(y: Tensor, classes: int) -> Tensor:
    """The right rows, in double precision."""
    return functional.one_hot(y, classes).double()


def _beside(block: Callable[[Tensor, int], Tensor]) -> Answer:
    """h, and something else of the labels for the rows."""
    return lambda h, y, classes: torch.cat([h, block(y, classes)], dim=1)


def _of_rows(change: Callable[[Tensor], Tensor]) -> Answer:
    """h, and something made of the right rows."""
    return _beside(lambda y, classes: change(_rows(y, classes)))


def _column(value: Callable[[Tensor, int], Tensor]) -> Answer:
    """h, and one number for each label."""
    return _beside(lambda y, classes: value(y, classes)[:, None])


def _both(combine: Callable[[Tensor, Tensor], Tensor]) -> Answer:
    """Another use of h and the right rows."""
    return lambda h, y, classes: combine(h, _rows(y, classes))


def _assigned(index: Callable[[Tensor], Any]) -> Answer:
    """Ones put where index(y) points."""

    def block(y: Tensor, classes: int) -> Tensor:
        rows = torch.zeros(len(y), classes, dtype=torch.float64)
        rows[index(y)] = 1
        return rows

    return _beside(block)


def _folded_in(h: Tensor, rows: Tensor) -> Tensor:
    """The one added to h itself, in column y mod d."""
    parts = rows.split(h.shape[1], dim=1)
    return h + sum(functional.pad(part, (0, h.shape[1] - part.shape[1])) for part in parts)


def _draws(outputs: Sequence[Any]) -> bool:
    """Whether equal inputs give different values."""
    one, two = ([outputs[i]] for i in TWINS)
    return not same_outputs(one, two)


CONCAT = (
    Mistake(
        "random rows",
        _beside(lambda y, classes: torch.randn(classes, classes)[y]),
        "Equal inputs give other rows the second time: they are drawn inside, as a fresh "
        "`nn.Embedding` does. An embedding may be learned, but it has to stay the same from call "
        "to call. Which row can you write down without drawing any?",
        also_wrong=(_beside(lambda y, classes: torch.rand(len(y), classes)),),
        looks_like=_draws,
    ),
    Mistake(
        "the label as a number",
        _column(lambda y, classes: y),
        "One column holds the label itself. A network reads it as an amount: 3 lies between 2 and "
        "4, and 8 is twice 4. Are digits like that? How many columns would give each class one of "
        "its own?",
    ),
    Mistake(
        "the label, scaled",
        _column(lambda y, classes: y / classes),
        "One column holds the label, shifted or scaled. That makes it smaller, and it is still an "
        "amount: the classes stand in a row, with neighbours and a middle. Which columns put no "
        "class between two others?",
        also_wrong=(
            _column(lambda y, classes: y / (classes - 1)),
            _column(lambda y, classes: y / 10),
            _column(lambda y, classes: y / y.max()),
            _column(lambda y, classes: 2 * y / (classes - 1) - 1),
            _column(lambda y, classes: y + 1),
            _column(lambda y, classes: (y - y.double().mean()) / y.double().std()),
        ),
    ),
    Mistake(
        "the label in every column",
        _beside(lambda y, classes: y[:, None].expand(-1, classes)),
        "There are as many columns as classes, and all of them hold the same number, the label. "
        "In a one-hot row one column differs from the others: which one, and by what?",
    ),
    Mistake(
        "the label in its place",
        _beside(lambda y, classes: y[:, None] * _rows(y, classes)),
        "The place is right, the number there is not: the label stands where a 1 should. Look at "
        "the row of a 0: can it be told from no label at all?",
        also_wrong=(_beside(lambda y, classes: (y[:, None] + 1) * _rows(y, classes)),),
    ),
    Mistake(
        "as long as the largest label",
        _beside(lambda y, classes: functional.one_hot(y).double()),
        "Your rows are as long as the largest label in *this* batch demands. A batch without the "
        "last class would not fit the network's weights. What is `classes` for?",
        also_wrong=(
            _beside(lambda y, classes: _rows(y.unique(return_inverse=True)[1], len(y.unique()))),
        ),
    ),
    Mistake(
        "label first",
        _both(lambda h, rows: torch.cat([rows, h], dim=1)),
        "Both halves are right, in the other order: first h, then the row of the label. A network "
        "would learn from either; two parts of a program have to agree on one.",
    ),
    Mistake(
        "numbered from 1",
        _beside(lambda y, classes: functional.one_hot(y, classes + 1)),
        "Your row has a place too many, or begins to count at 1: labels run from 0 to classes - 1, "
        "and the first place belongs to the 0.",
        also_wrong=(
            _beside(lambda y, classes: functional.one_hot(y + 1, classes + 1)),
            _of_rows(lambda rows: rows[:, 1:]),
            _of_rows(lambda rows: rows.roll(1, 1)),
            _of_rows(lambda rows: rows.roll(-1, 1)),
            _of_rows(lambda rows: functional.pad(rows[:, 1:], (0, 1))),
            _of_rows(lambda rows: functional.pad(rows[:, :-1], (1, 0))),
        ),
    ),
    Mistake(
        "counted from the end",
        _of_rows(lambda rows: rows.flip(1)),
        "Your places run backwards: the 0 has the last one. Which place belongs to label 0?",
    ),
    Mistake(
        "all labels in each row",
        _assigned(lambda y: (slice(None), y)),
        "Every picture gets the same row, made of all labels (or of one picture's). After "
        "`rows[:, y] = 1` each row has a 1 for *each* label in the batch. The i-th row wants a 1 "
        "at y[i] alone: which pair of indices says so?",
        also_wrong=(
            _of_rows(lambda rows: rows.sum(0).expand_as(rows)),
            _of_rows(lambda rows: rows.mean(0).expand_as(rows)),
            _of_rows(lambda rows: rows[:1].expand_as(rows)),
        ),
    ),
    Mistake(
        "whole rows of ones",
        _assigned(lambda y: y),
        "After `rows[y] = 1` whole rows are ones: a single index picks rows. A 1 belongs in row i "
        "at column y[i]: which two indices does that take?",
    ),
    Mistake(
        "by position",
        _beside(lambda y, classes: torch.eye(classes)[torch.arange(len(y)) % classes]),
        "Your 1 stands where the picture stands in the batch: y is not looked at. In which line "
        "does the label come in?",
    ),
    Mistake(
        "axes exchanged",
        _of_rows(lambda rows: rows.T.reshape(rows.shape)),
        "The two axes have changed places: (classes, B) read as (B, classes), or the whole result "
        "lies on its side. `reshape` and `view` do not turn a table round. One row for each "
        "picture is asked for.",
        also_wrong=(
            _both(lambda h, rows: torch.cat([h.T, rows.T])),
            _both(lambda h, rows: torch.cat([h.flatten(), rows.flatten()]).reshape(len(h), -1)),
        ),
    ),
    Mistake(
        "no label",
        _of_rows(torch.zeros_like),
        "Your columns say nothing of the label: they are the same for every y. Where should a row "
        "of zeros change?",
        also_wrong=(
            _of_rows(torch.ones_like),
            lambda h, y, classes: h.clone(),
        ),
    ),
    Mistake(
        "h is lost",
        _both(lambda h, rows: rows),
        "Only the label comes back, or h has become zeros. The network needs both: h first, the "
        "row beside it.",
        also_wrong=(_both(lambda h, rows: torch.cat([torch.zeros_like(h), rows], dim=1)),),
    ),
    Mistake(
        "added, not beside",
        lambda h, y, classes: h + y[:, None],
        "The label is mixed into h itself, added or multiplied: (B, d) comes back, and from its "
        "numbers nobody can tell what was h and what the label. Which of torch's functions puts "
        "two tables side by side?",
        also_wrong=(
            lambda h, y, classes: h * y[:, None],
            _both(_folded_in),
            lambda h, y, classes: torch.cat([h + y[:, None], _rows(y, classes)], dim=1),
        ),
    ),
    Mistake(
        "h in whole numbers",
        _both(lambda h, rows: torch.cat([h.long(), rows], dim=1)),
        "Your h has lost what stands behind the point: `one_hot` returns whole numbers, and here h "
        "was made to fit them. Which of the two should change its dtype?",
        also_wrong=(
            _both(lambda h, rows: torch.cat([h, rows], dim=1).long()),
            _both(lambda h, rows: torch.cat([h.round(), rows], dim=1)),
        ),
    ),
    Mistake(
        "one zero among ones",
        _of_rows(lambda rows: 1 - rows),
        "Your rows are the right ones turned round: 0 at the label, 1 elsewhere. Which place is to "
        "be the *hot* one?",
    ),
    Mistake(
        "ones up to the label",
        _beside(lambda y, classes: (torch.arange(classes) <= y[:, None]).double()),
        "Your row has ones from the start up to the label. That is a good code for an amount, "
        "where a 5 has all that a 4 has. How many ones has a name?",
        also_wrong=(_beside(lambda y, classes: (torch.arange(classes) < y[:, None]).double()),),
    ),
    Mistake(
        "not 0 and 1",
        _of_rows(lambda rows: 2 * rows - 1),
        "The label's place stands out, but the numbers are not 1 there and 0 elsewhere. They are "
        "flags and need no scaling.",
        also_wrong=(
            _of_rows(lambda rows: rows.softmax(1)),
            _of_rows(lambda rows: rows - rows.mean(0)),
        ),
    ),
    Mistake(
        "every product",
        _both(lambda h, rows: (h[:, :, None] * rows[:, None]).flatten(1)),
        "You multiply each number of h with each place of the row: d times classes columns, with h "
        "in the block of its class. Side by side there are d + classes.",
        also_wrong=(_both(lambda h, rows: (rows[:, :, None] * h[:, None]).flatten(1)),),
    ),
)

CONCAT_GRADIENTS = (
    Mistake(
        "h cut off",
        lambda h, y, classes: torch.cat([h.detach(), _rows(y, classes)], dim=1),
        "The numbers are right and h has lost its history: layers in front of this one would learn "
        "nothing. `torch.cat` keeps it; look for `.detach()`, `.data`, `no_grad` or a new "
        "`torch.tensor(...)`.",
        also_wrong=(lambda h, y, classes: torch.cat([h.data, _rows(y, classes)], dim=1),),
    ),
)
