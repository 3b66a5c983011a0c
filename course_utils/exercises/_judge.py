"""Judges an answer: runs it on the exercise's cases and finds out what is wrong, if anything."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import (
    GRADIENT_CUT,
    as_tensor,
    difference,
    gradient_difference,
    parts_of,
    same_gradients,
    same_outputs,
)
from course_utils.exercises._exercise import Case, Exercise, Mistake
from course_utils.exercises._run import LIMIT, Run, run_limited
from course_utils.exercises._stub import is_stub

RIGHT, WAITING, NOT_YET = "right", "waiting", "not yet"

# What torch's commonest complaints mean here, by a piece of their text.
_IN_OTHER_WORDS = {
    "does not require grad": "Autograd follows only tensors that ask for it, before they are "
    "used: `mu = mu.clone().requires_grad_()`, for example.",
    "must match the size of tensor": "Print both shapes: axes are compared from the last one, and "
    "an axis of length 1 (`[:, None]`, `keepdim=True`) meets any other.",
    "must match except in dimension": "`torch.cat` joins along `dim`, and all other axes must be "
    "equally long: `dim=1` puts tables side by side, `dim=0` one below the other.",
    "implicitly created only for scalar": "A gradient is that of one number: take the `.sum()` of "
    "what you differentiate if each example has parameters of its own, and the `.mean()` if it is "
    "the loss of a batch.",
    "modified by an inplace operation": "A step changes the weights that the gradient still needs: "
    "`backward()` comes before `step()`.",
}


@dataclass(frozen=True)
class Verdict:
    """What was found: status, a sentence, the learner's line, the mistake, what was printed."""

    status: str
    says: str = ""
    line: str = ""
    mistake: Mistake | None = None
    printed: str = ""


def judge(exercise: Exercise, answer: Any, seed: int = 0) -> Verdict:
    """Judge an answer on the inputs of that seed; shows and remembers nothing.

    Args:    answer: the learner's function, or whatever they handed in instead;
             seed: 0 in the course; the tests try others.
    """
    name = exercise.reference.__name__
    if not callable(answer):
        return Verdict(
            NOT_YET,
            f"`check` wants the function itself, but a {type(answer).__name__} came; "
            f'write `check("{exercise.id}", {name})`, with no brackets after the name.',
        )
    if is_stub(answer):
        return Verdict(WAITING)
    cases, outputs, changed = exercise.cases(seed), [], []
    run = run_limited(lambda: _run_cases(answer, cases, outputs, changed))
    if run.timed_out or run.error:
        return _stopped(run, cases[len(outputs)])
    return _judge_outputs(exercise, answer, seed, (outputs, changed, run.printed))


def _judge_outputs(
    exercise: Exercise, answer: Callable, seed: int, results: tuple[list, list[str], str]
) -> Verdict:
    outputs, changed, printed = results
    if any(output is None for output in outputs):
        says = "Your function returns nothing (None). Is a `return` missing on its last line?"
        return Verdict(NOT_YET, says, printed=printed)
    says = _wrong(exercise, outputs, seed)
    if says:
        return Verdict(NOT_YET, says, "", _matching(exercise, outputs, seed), printed)
    if changed:
        says = f"The values are right, but your function {changed[0]}"
        return Verdict(NOT_YET, says, printed=printed)
    # An answer in NumPy has no gradient to compare.
    in_torch = all(isinstance(part, Tensor) for output in outputs for part in parts_of(output))
    if exercise.in_torch and not in_torch:
        return Verdict(NOT_YET, f"The values are right, but {GRADIENT_CUT}", printed=printed)
    says, line = _wrong_gradients(exercise, answer, seed) if in_torch else ("", "")
    mistake = _matching_gradients(exercise, answer, seed) if says and not line else None
    return Verdict(NOT_YET if says else RIGHT, says, line, mistake, printed)


def outputs_of(function: Callable, cases: list[Case]) -> list[Any]:
    """What a function returns on each case."""
    return [function(*case.args) for case in cases]


def _run_cases(answer: Callable, cases: list[Case], outputs: list[Any], changed: list[str]) -> None:
    """Fill outputs, one a case, and what the answer did to its inputs, if anything."""
    for case in cases:
        before = [arg.clone() if isinstance(arg, Tensor) else None for arg in case.args]
        outputs.append(answer(*case.args))
        for position, (old, arg) in enumerate(zip(before, case.args, strict=True), 1):
            if old is None:
                continue
            if not torch.equal(old.nan_to_num(), arg.nan_to_num()):
                changed.append(
                    f"changes its input number {position} ({case.label}): whoever calls it loses "
                    "theirs. Look for `-=`, `+=`, `x[...] =`, or names ending in `_`."
                )
            elif arg.grad is not None:
                changed.append(
                    f"leaves a gradient in its input number {position} ({case.label}): a second "
                    "call with the same input would add to it. Differentiate a copy: "
                    "`.clone().requires_grad_()`."
                )


def _stopped(run: Run, case: Case) -> Verdict:
    if run.timed_out:
        says = (
            f"Stopped after {LIMIT:g} seconds ({case.label}). Is there a loop that never ends? "
            "A whole tensor at a time is also much faster than one number at a time."
        )
    else:
        says = f"Your function stops with {type(run.error).__name__}: {run.error} ({case.label})"
        says += "".join(f". {ours}" for theirs, ours in _IN_OTHER_WORDS.items() if theirs in says)
    return Verdict(NOT_YET, says, run.line, printed=run.printed)


def _wrong(exercise: Exercise, outputs: list[Any], seed: int) -> str:
    """What is wrong with the outputs, or "" if they agree with the reference or its like."""
    if exercise.judge is not None:
        return exercise.judge(outputs) or ""
    for right in exercise.also_right:
        expected = outputs_of(right, exercise.cases(seed))
        if not _first_difference(exercise, expected, outputs, seed):
            return ""
    expected = outputs_of(exercise.reference, exercise.cases(seed))
    return _first_difference(exercise, expected, outputs, seed)


def _first_difference(exercise: Exercise, expected: list, outputs: list, seed: int) -> str:
    cases = exercise.cases(seed)
    for case, want, have in zip(cases, expected, outputs, strict=True):
        found = difference(want, have, exercise.parts)
        if found:
            return f"With {case.label}: {found}"
    return ""


def _matching(exercise: Exercise, outputs: list[Any], seed: int) -> Mistake | None:
    """The first known mistake that gives the same outputs, or the same in a part that is wrong."""
    if any(as_tensor(part) is None for output in outputs for part in parts_of(output)):
        return None
    for mistake in exercise.mistakes:
        if mistake.looks_like is not None and mistake.looks_like(outputs):
            return mistake
        for wrong in _wrongs(mistake):
            if same_outputs(_wrong_outputs(exercise, wrong, seed), outputs):
                return mistake
    return _matching_part(exercise, outputs, seed)


def _wrongs(mistake: Mistake) -> tuple[Callable, ...]:
    """The ways to write a mistake, if it is known by its outputs."""
    return () if mistake.looks_like is not None else (mistake.wrong, *mistake.also_wrong)


@functools.lru_cache(maxsize=4096)
def _wrong_outputs(exercise: Exercise, wrong: Callable, seed: int) -> list[Any]:
    """Remembered, since a learner who tries again meets all the mistakes again."""
    return outputs_of(wrong, exercise.cases(seed))


def _matching_part(exercise: Exercise, outputs: list[Any], seed: int) -> Mistake | None:
    """For two mistakes at once: the first that explains one wrong part of the answer."""
    if any(len(parts_of(output)) != len(exercise.parts) for output in outputs):
        return None
    right = outputs_of(exercise.reference, exercise.cases(seed))
    for i in range(len(exercise.parts)):
        ours = [parts_of(output)[i] for output in outputs]
        if same_outputs([parts_of(output)[i] for output in right], ours):
            continue
        for mistake in exercise.mistakes:
            for wrong in _wrongs(mistake):
                theirs = _wrong_outputs(exercise, wrong, seed)
                if _differs_only_in(i, right, theirs) and same_outputs(
                    [parts_of(output)[i] for output in theirs], ours
                ):
                    return mistake
    return None


def _differs_only_in(part: int, right: list[Any], wrong: list[Any]) -> bool:
    """Whether a mistake leaves all other parts right: its hint then speaks of that part alone."""
    if any(len(parts_of(output)) != len(parts_of(right[0])) for output in wrong):
        return False
    others = [i for i in range(len(parts_of(right[0]))) if i != part]
    return all(
        same_outputs(*([parts_of(output)[i] for output in outputs] for outputs in (right, wrong)))
        for i in others
    )


def _wrong_gradients(exercise: Exercise, answer: Callable, seed: int) -> tuple[str, str]:
    """What is wrong with the gradients and the learner's line, or two empty texts."""
    for i, case in enumerate(exercise.cases(seed)):
        if not case.gradients:
            continue
        found: list[list[Tensor | None]] = []
        run = run_limited(lambda i=i, to=found: to.append(_gradients(answer, exercise, seed, i)))
        if "numpy()" in str(run.error):  # torch refuses to lose a gradient so
            return f"The values are right, but {GRADIENT_CUT}", run.line
        if run.timed_out or run.error:
            verdict = _stopped(run, case)
            says = f"The values are right, but with gradients: {verdict.says}"
            return f"{says} Stay with torch operations, training needs them.", verdict.line
        expected = _gradients(exercise.reference, exercise, seed, i)
        for want, have in zip(expected, found[0], strict=True):
            wrong = gradient_difference(want, have)
            if wrong:
                return f"The values are right, but ({case.label}) {wrong}", ""
    return "", ""


def _gradients(
    function: Callable, exercise: Exercise, seed: int, index: int
) -> list[Tensor | None]:
    """Gradients of a weighted sum of the output, None where nothing arrives, in its precision."""
    case = exercise.cases(seed)[index]
    for position in case.gradients:
        case.args[position].requires_grad_(True)
    parts = parts_of(function(*case.args))
    inputs = [case.args[position] for position in case.gradients]
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


def _matching_gradients(exercise: Exercise, answer: Callable, seed: int) -> Mistake | None:
    """The first known mistake with right values and the same gradients."""
    asked = [i for i, case in enumerate(exercise.cases(seed)) if case.gradients]
    found: list[list[Tensor | None]] = []
    run = run_limited(lambda: found.extend(_gradients(answer, exercise, seed, i) for i in asked))
    if run.timed_out or run.error:
        return None
    for mistake in exercise.gradient_mistakes:
        for wrong in (mistake.wrong, *mistake.also_wrong):
            theirs = [_gradients(wrong, exercise, seed, i) for i in asked]
            if all(map(same_gradients, theirs, found)):
                return mistake
    return None
