"""What an exercise, a prediction and a recall question are. Their words stand in `text/`."""

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import Generator, Tensor

from course_utils.exercises._engine import text as pages
from course_utils.exercises._engine.compare import same_outputs
from course_utils.exercises._engine.edits import EditError, compiled, edited

VARIES = "varies"  # what a page says of a slip known by other values for the same inputs
OTHERWISE = "otherwise"  # and of the one that is told where nothing else is known of the values
Outputs = Sequence[Any]  # what a function returned, one entry per case


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


def curried(test: Callable[..., bool]) -> Callable[..., Callable[[Outputs], bool]]:
    """Of test(outputs, *rest) the predicates that slips are known by, each made of its rest."""
    return lambda *rest: lambda outputs: test(outputs, *rest)


def rand(g: Generator, *shape: int) -> Tensor:
    """Uniform on [0, 1), in double precision."""
    return torch.rand(*shape, generator=g, dtype=torch.float64)


def randn(g: Generator, *shape: int) -> Tensor:
    """Standard normal, in double precision."""
    return torch.randn(*shape, generator=g, dtype=torch.float64)


@dataclass(frozen=True)
class Slip:
    """A known mistake: its name, the hint for whoever made it, and wrong answers that make it."""

    name: str
    hint: str
    answers: tuple[Callable, ...] = ()
    # A predicate of the outputs; VARIES: a second run tells; OTHERWISE: all others of the right
    # shapes; None: outputs are those of an answer.
    known: Callable[[Outputs], bool] | str | None = None
    sources: tuple[str, ...] = ()  # the answers'


@dataclass(frozen=True)
class Exercise:
    """One function to write; title, difficulty, minutes, points, hints, slips are its page's."""

    id: str
    reference: Callable  # a right answer with the stub's own `def` line, needing only torch
    cases: Callable[[int], list[Case]]  # of a seed, made anew by every call
    parts: tuple[str, ...] = ()  # their names, if the answer is a tuple
    also_right: tuple[Callable, ...] = ()  # others, whose values differ by a convention
    judge: Callable[[Outputs], str | None] | None = None  # what is wrong, if answers draw noise
    predicates: ModuleType | None = None  # by which it knows slips; else the judge's or the cases'
    seen: Callable[[Any], Any] = lambda output: output  # of it, to tell slips apart, part by part
    alike: Callable[[Outputs, Outputs], bool] = same_outputs  # are two functions the same, so seen?
    in_torch: bool = False  # the notebook differentiates through the answer: NumPy will not do
    detached: bool = False  # its numbers are kept, and are not to keep their computation alive

    @functools.cached_property
    def text(self) -> pages.ExerciseText:
        """The page `text/<id>.md`; TextError, with its line and the mend, if it is not in order."""
        return pages.read_exercise(pages.TEXTS / f"{self.id}.md")

    @functools.cached_property
    def source(self) -> str:
        """The reference as a learner could have written it, beginning with the stub's `def`."""
        return inspect.getsource(self.reference).rstrip() + "\n"

    @functools.cached_property
    def slips(self) -> tuple[Slip, ...]:
        """In the order of the page, which is that of their diagnosis."""
        return tuple(self._slip(slip) for slip in self.text.slips)

    def _slip(self, slip: pages.SlipText) -> Slip:
        known: Callable | str | None = slip.known_by or None
        if known and known not in (VARIES, OTHERWISE):
            module = self.predicates or inspect.getmodule(self.judge or self.cases)
            known = getattr(module, slip.known_by, None)
            if known is None:
                mend = f"there is no `{slip.known_by}` in {module.__name__}"
                raise pages.TextError(f"{self.text.file}, line {slip.line}: {mend}")
        sources, answers = zip(*map(self._answer, slip.items), strict=True)
        return Slip(slip.name, slip.hint, answers, known, sources)

    def _answer(self, item: pages.Item) -> tuple[str, Callable]:
        place = f"{self.text.file}, line {item.line}"
        try:
            source = item.code if item.whole else edited(self.source, item.code)
            return source, compiled(source, f"<{place}>")
        except EditError as error:
            raise pages.TextError(f"{place}: {error}") from None
