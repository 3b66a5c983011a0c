"""What an exercise, a prediction and a recall question are. Their words stand in `text/`."""

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import Generator, Tensor

from course_utils.exercises._engine.compare import same_outputs
from course_utils.exercises._engine.edits import EditError, compiled, edited
from course_utils.exercises._engine.text import (
    TEXTS,
    ExerciseText,
    Item,
    SlipText,
    TextError,
    read_exercise,
)

VARIES = "varies"  # what a page says of a slip known by other values for the same inputs
Outputs = Sequence[Any]  # what a function returned, one entry per case


def notebook_of(item_id: str) -> str:
    """The notebook an id belongs to: "E2.1" and "P2.3" -> "02", "E10.1" -> "10"."""
    return item_id[1:].split(".")[0].zfill(2)


@dataclass(frozen=True)
class Case:
    """One set of inputs, handed on by position."""

    label: str  # what they are
    args: tuple
    gradients: tuple[int, ...] = ()  # positions of the tensors whose gradients are compared, too


Cases = Iterator[Case]


def drawn(make: Callable[[Generator], Cases]) -> Callable[[int], list[Case]]:
    """The inputs of a seed, of a function that takes a generator and yields case after case.

    They lie away from points where wrong answers would look right. Sizes differ, so that a wrong
    axis shows, and come twice, so that a size written as a number shows.
    """

    @functools.wraps(make)
    def cases(seed: int) -> list[Case]:
        return list(make(Generator().manual_seed(seed)))

    return cases


def rand(g: Generator, *shape: int) -> Tensor:
    """Uniform on [0, 1), in double precision."""
    return torch.rand(*shape, generator=g, dtype=torch.float64)


def randn(g: Generator, *shape: int) -> Tensor:
    """Standard normal, in double precision."""
    return torch.randn(*shape, generator=g, dtype=torch.float64)


@dataclass(frozen=True)
class Slip:
    """A known mistake: its name, the hint for whoever made it, and wrong answers that make it.

    known: for answers that draw noise, tells the slip from the outputs; VARIES: from a second run;
           otherwise None, and the slip is known by outputs that are those of one of its answers;
           sources: the answers'.
    """

    name: str
    hint: str
    answers: tuple[Callable, ...] = ()
    known: Callable[[Outputs], bool] | str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """One function to write; title, difficulty, minutes, points, hints, slips are its page's.

    Args:    id; reference: a right answer with the stub's own `def` line, needing only torch;
             cases: seed -> the inputs, made anew by every call;
             parts: the names of the parts, if the answer is a tuple; also_right: other right
             answers (values that differ from the reference by a convention);
             judge: for answers that draw noise, the outputs -> what is wrong, or None;
             predicates: the module of the functions by which its page says slips are known;
             seen: what is compared of an output where slips are told apart, part by part;
             alike: whether two functions' outputs, so seen, are the same;
             in_torch: the notebook differentiates through the answer, so NumPy will not do;
             detached: its numbers are kept, so they are not to keep their computation alive.
    """

    id: str
    reference: Callable
    cases: Callable[[int], list[Case]]
    parts: tuple[str, ...] = ()
    also_right: tuple[Callable, ...] = ()
    judge: Callable[[Outputs], str | None] | None = None
    predicates: ModuleType | None = None
    seen: Callable[[Any], Any] = lambda output: output
    alike: Callable[[Outputs, Outputs], bool] = same_outputs
    in_torch: bool = False
    detached: bool = False

    @functools.cached_property
    def text(self) -> ExerciseText:
        """The page `text/<id>.md`; TextError, with its line and the mend, if it is not in order."""
        return read_exercise(TEXTS / f"{self.id}.md")

    @functools.cached_property
    def source(self) -> str:
        """The reference as a learner could have written it, beginning with the stub's `def`."""
        return inspect.getsource(self.reference).rstrip() + "\n"

    @functools.cached_property
    def slips(self) -> tuple[Slip, ...]:
        """In the order of the page, which is that of their diagnosis."""
        return tuple(self._slip(slip) for slip in self.text.slips)

    def _slip(self, slip: SlipText) -> Slip:
        known: Callable | str | None = slip.known_by or None
        if known and known != VARIES:
            known = getattr(self.predicates, slip.known_by, None)
            if known is None:
                where = getattr(self.predicates, "__name__", f"{self.id} (no predicates=)")
                mend = f"there is no `{slip.known_by}` in {where}"
                raise TextError(f"{self.text.file}, line {slip.line}: {mend}")
        sources, answers = zip(*map(self._answer, slip.items), strict=True)
        return Slip(slip.name, slip.hint, answers, known, sources)

    def _answer(self, item: Item) -> tuple[str, Callable]:
        place = f"{self.text.file}, line {item.line}"
        try:
            source = item.code if item.whole else edited(self.source, item.code)
            return source, compiled(source, f"<{place}>")
        except EditError as error:
            raise TextError(f"{place}: {error}") from None
