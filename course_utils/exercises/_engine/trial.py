"""What a judgement needs: an exercise's inputs, what the known answers make of them, and a run."""

import contextlib
import copy
import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._engine.compare import as_tensor, parts_of, same_outputs, unstacked
from course_utils.exercises._engine.exercise import Case, Exercise, Outputs, Slip
from course_utils.exercises._engine.run import Run, run_limited

LARGEST = 10**6  # numbers in a part of an answer that is compared with another run's
Gradients = list[list[Tensor | None]]  # one list a case that asks for some, one entry an input


class Outcomes:
    """What a known wrong answer returns: run case by case, as far as somebody compares it."""

    def __init__(self, function: Callable, fresh: Callable, seen: Callable) -> None:
        """Run nothing yet; fresh() makes the cases."""
        self._function, self._fresh, self._seen = function, fresh, seen
        self._cases, self._done = fresh(), []

    def __iter__(self) -> Iterator[Any]:
        """What is compared of each output; None, like nothing else, where the answer stops."""
        for i in itertools.count():
            try:
                if i == len(self._done):
                    case = next(self._cases, None)
                    if case is None:
                        return
                    self._done.append(self._seen(self._function(*case.args)))
            except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError):
                self._done.append(None)
            except KeyboardInterrupt:  # in the middle: begin again, or all would be one off
                self._cases, self._done = self._fresh(), []
                raise
            yield self._done[i]


class Known:
    """The inputs of an exercise and seed, made once, and all that known answers return on them."""

    def __init__(self, exercise: Exercise, seed: int) -> None:
        """Make the inputs."""
        self.exercise = exercise
        self._cases = exercise.cases(seed)
        self.labels = [case.label for case in self._cases]
        self.differentiated = [case.label for case in self._cases if case.gradients]
        self.pairs: list[tuple[Slip, str, Any]] = []  # of slips that a search has tried
        self.searched = 0.0  # seconds
        self._wrong: dict[str, list[Outputs]] = {}
        self._wrong_gradients: dict[str, list[Gradients]] = {}

    def cases(self) -> Iterator[Case]:
        """The inputs as they were made: an answer may do to them what it likes."""
        memo: dict = {}  # an optimiser goes on with its model, and one case with another's

        def fresh(arg: Any) -> Any:
            return arg.clone() if isinstance(arg, Tensor) else copy.deepcopy(arg, memo)

        for case in self._cases:
            yield replace(case, args=tuple(map(fresh, case.args)))

    def outputs_of(self, function: Callable) -> list[Any]:
        """What a function returns, one entry a case."""
        return [function(*case.args) for case in self.cases()]

    def gradients_of(self, function: Callable) -> Iterator[list[Tensor | None]]:
        """Of a weighted sum of the output, in its precision; None where nothing arrives."""
        count = len(self.exercise.parts)
        return (_gradients(function, case, count) for case in self.cases() if case.gradients)

    @functools.cached_property
    def expected(self) -> list[Outputs]:
        """What each right answer returns, the reference last."""
        right = (*self.exercise.also_right, self.exercise.reference)
        return [self.outputs_of(function) for function in right]

    @functools.cached_property
    def expected_gradients(self) -> Gradients:
        """The reference's."""
        return list(self.gradients_of(self.exercise.reference))

    def wrong(self, slip: Slip) -> list[Outputs]:
        """What is compared of each of a slip's answers."""
        if slip.name not in self._wrong:
            seen = self.exercise.seen
            self._wrong[slip.name] = [Outcomes(f, self.cases, seen) for f in slip.answers]
        return self._wrong[slip.name]

    def wrong_gradients(self, slip: Slip) -> list[Gradients]:
        """The gradients of those answers of a slip whose values are right."""
        if slip.name not in self._wrong_gradients:
            found = []
            for function, outputs in zip(slip.answers, self.wrong(slip), strict=True):
                if same_outputs(self.expected[-1], outputs):
                    # Right values, and perhaps no way to differentiate.
                    with contextlib.suppress(RuntimeError, TypeError, ValueError):
                        found.append(list(self.gradients_of(function)))
            self._wrong_gradients[slip.name] = found
        return self._wrong_gradients[slip.name]


# Remembered, since a learner who tries again meets all the slips again.
known = functools.lru_cache(maxsize=64)(Known)


@dataclass
class Trial:
    """One answer's run on the inputs: what it returned, and what it did to them."""

    known: Known
    answer: Any
    outputs: list[Any] = field(default_factory=list)
    changed: str = ""  # in words
    run: Run = Run()

    @property
    def exercise(self) -> Exercise:
        """The exercise that is answered."""
        return self.known.exercise

    def start(self) -> None:
        """Run the answer on all cases, as far as it gets."""
        self.run = run_limited(self._run_cases)
        self.outputs = self._in_parts(self.outputs)

    def _in_parts(self, outputs: Outputs) -> Outputs:
        if not self.exercise.parts:
            return outputs
        return [*map(unstacked, outputs, self.known.expected[-1])]

    def _run_cases(self) -> None:
        for case in self.known.cases():
            before = [arg.clone() if isinstance(arg, Tensor) else None for arg in case.args]
            self.outputs.append(self.answer(*case.args))
            for i, (old, arg) in enumerate(zip(before, case.args, strict=True), 1):
                if old is not None and not self.changed:
                    self.changed = _change(f"input number {i} ({case.label})", old, arg)

    @property
    def parts(self) -> list[Any]:
        """Those of all outputs."""
        return [part for output in self.outputs for part in parts_of(output)]

    @functools.cached_property
    def seen(self) -> Outputs:
        """What is compared of the outputs."""
        return [*map(self.exercise.seen, self.outputs)]

    @functools.cached_property
    def target(self) -> Outputs:
        """Of the right answers' outputs those that agree with this one's in most parts."""

        def agreeing(expected: Outputs) -> int:
            pairs = zip(expected, self.outputs, strict=True)
            parts = (zip(*map(parts_of, pair), strict=False) for pair in pairs)
            return sum(same_outputs([a], [b]) for pair in parts for a, b in pair)

        return max(reversed(self.known.expected), key=agreeing)  # the reference, if all are equal

    @functools.cached_property
    def varies(self) -> bool:
        """Whether a second run with the same inputs gives other values."""
        tensors = map(as_tensor, self.parts)
        if any(part is not None and part.numel() > LARGEST for part in tensors):
            return False
        again: list[Any] = []
        run = run_limited(lambda: again.extend(self.known.outputs_of(self.answer)))
        return not run.failed and not same_outputs(self.outputs, self._in_parts(again))

    @functools.cached_property
    def gradients(self) -> tuple[Gradients, Run]:
        """The answer's, as far as it gets, and how the run for them ended."""
        found: Gradients = []  # which grows case by case
        return found, run_limited(lambda: found.extend(self.known.gradients_of(self.answer)))


def _change(where: str, old: Tensor, arg: Tensor) -> str:
    if old.shape != arg.shape or not bool(((old == arg) | ((old != old) & (arg != arg))).all()):
        return f"changes its {where}: whoever calls it loses theirs."
    return "" if arg.grad is None else f"leaves a gradient in its {where}."


def _gradients(function: Callable, case: Case, count: int) -> list[Tensor | None]:
    inputs = [case.args[position].requires_grad_() for position in case.gradients]
    output = function(*case.args)
    parts = parts_of(tuple(output) if count else output)  # a stack has parts, too
    sums = [_weighted_sum(part, i) for i, part in enumerate(parts) if part.requires_grad]
    if not sums:
        return [None] * len(inputs)
    # The gradient of a float32 answer in a float64 input is called float64, but is no better.
    precision = min((total.dtype for total in sums), key=lambda dtype: dtype.itemsize)
    found = torch.autograd.grad(sum(sums), inputs, allow_unused=True)
    return [None if gradient is None else gradient.to(precision) for gradient in found]


def _weighted_sum(part: Tensor, number: int) -> Tensor:
    """With unequal weights, so that a permuted gradient does not pass, nor one of another part."""
    weights = torch.linspace(0.5, 1.5, part.numel(), dtype=part.dtype).reshape(part.shape)
    return (part * (weights + number)).sum()
