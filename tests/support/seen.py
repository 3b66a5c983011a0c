"""What a claim of a hint can be held against: an answer, and all that it made of the inputs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from course_utils.exercises._engine.registry import find_exercise
from course_utils.exercises._engine.trial import Known, known


@dataclass
class Seen:
    """One answer of an exercise: outputs and expected have one entry a case."""

    answer: Callable
    outputs: list[Any]
    expected: list[Any]
    _known: Known

    @property
    def inputs(self) -> list[tuple]:
        """The arguments of each case, made anew: an answer may change them."""
        return [case.args for case in self._known.cases()]


def seen(exercise_id: str, answers: tuple[Callable, ...], seed: int = 0) -> Iterator[Seen]:
    """What each of these answers makes of the exercise's inputs of that seed."""
    inputs = known(find_exercise(exercise_id), seed)
    for answer in answers:
        yield Seen(answer, inputs.outputs_of(answer), inputs.expected[-1], inputs)
