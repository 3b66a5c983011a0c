"""What an exercise, a prediction and a recall question are: data, no behaviour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from course_utils._require import require_count


def notebook_of(item_id: str) -> str:
    """The notebook an id belongs to: "E2.1" and "P2.3" -> "02", "E10.1" -> "10"."""
    return item_id[1:].split(".")[0].zfill(2)


@dataclass(frozen=True)
class Case:
    """One set of inputs: label says what they are, args are handed on by position.

    gradients: positions in args of the tensors whose gradients are compared too.
    """

    label: str
    args: tuple
    gradients: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """A known wrong implementation and the hint for whoever wrote it.

    Args:    wrong: has the stub's signature; also_wrong: other spellings of the same mistake;
             looks_like: for answers that draw noise, says from the outputs alone (one per case)
             whether this is the mistake; default: equal outputs.
    """

    name: str
    wrong: Callable
    hint: str
    also_wrong: tuple[Callable, ...] = ()
    looks_like: Callable[[Sequence[Any]], bool] | None = None


@dataclass(frozen=True)
class Exercise:
    """One function to write.

    Args:    id, title; difficulty: 1 to 3; minutes; points;
             reference: a right answer with the stub's own `def` line, needing only torch;
             cases: seed -> the inputs, made anew by every call; mistakes; hints: the ladder;
             parts: the names of the parts, if the answer is a tuple; also_right: other right
             answers (values that differ from the reference by a convention);
             judge: for answers that draw noise, the outputs -> what is wrong, or None;
             gradient_mistakes: wrong implementations whose values are right (a stray detach);
             in_torch: the notebook differentiates through the answer, so NumPy will not do.
    Raises:  ValueError if a size is below 1, the difficulty above 3, or two mistakes share a name.
    """

    id: str
    title: str
    difficulty: int
    minutes: int
    points: int
    reference: Callable
    cases: Callable[[int], list[Case]]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    parts: tuple[str, ...] = ()
    also_right: tuple[Callable, ...] = ()
    judge: Callable[[Sequence[Any]], str | None] | None = None
    gradient_mistakes: tuple[Mistake, ...] = ()
    in_torch: bool = False

    def __post_init__(self) -> None:
        """Refuse data that would confuse the table of progress or the diagnosis."""
        require_count(difficulty=self.difficulty, minutes=self.minutes, points=self.points)
        if self.difficulty > 3:
            raise ValueError(f"difficulty should be 1, 2 or 3, but {self.difficulty} came.")
        names = [mistake.name for mistake in (*self.mistakes, *self.gradient_mistakes)]
        if len(set(names)) < len(names):
            raise ValueError(f"mistakes of {self.id} should have different names, but {names} came")


@dataclass(frozen=True)
class Prediction:
    """A question asked before its surprising output.

    Args:    choices: at least two; right: one of them; because: the explanation at the reveal.
    Raises:  ValueError if right is not among the choices.
    """

    id: str
    question: str
    choices: tuple[str, ...]
    right: str
    because: str

    def __post_init__(self) -> None:
        """Refuse a right choice that nobody can choose."""
        if self.right not in self.choices or len(self.choices) < 2:
            raise ValueError(
                f"right should be one of at least two choices {self.choices}, but "
                f"{self.right!r} came; copy the choice letter by letter."
            )


@dataclass(frozen=True)
class Question:
    """A question from memory and its model answer."""

    question: str
    answer: str
