"""Judges an answer: a trial goes through steps, and the first that finds something says so."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from course_utils.exercises._engine import compare
from course_utils.exercises._engine.band import course_strict
from course_utils.exercises._engine.exercise import OTHERWISE, VARIES, Exercise, Outputs, Slip
from course_utils.exercises._engine.families import family_of, named, understood
from course_utils.exercises._engine.pairs import first_of_two
from course_utils.exercises._engine.run import LIMIT, Run, is_stub, settled
from course_utils.exercises._engine.trial import Trial, known

RIGHT, WAITING, NOT_YET = "right", "waiting", "not yet"


@dataclass(frozen=True)
class Verdict:
    """What `check` shows, as data.

    status: "right", "waiting" (the stub is untouched) or "not yet"; says: what differs, in words
    (where it is right: what else is to be known);
    line: the learner's own, where it stopped; mistake, hint: the recognised slip's name and its
    hint, None and "" if there is none; printed: what the answer printed.
    """

    status: str
    says: str = ""
    line: str = ""
    mistake: str | None = None
    hint: str = ""
    printed: str = ""


def judge(exercise: Exercise, answer: Any, seed: int = 0) -> Verdict:
    """Judge an answer on the inputs of that seed; shows and remembers nothing, and never raises.

    Args:    answer: the learner's function, or whatever they handed in instead;
             seed: 0 in the course; the tests try others.
    """
    with settled():
        trial = Trial(known(exercise, seed), answer)
        try:
            steps = (_no_outputs, _values, _what_it_leaves, _gradients)
            found = next(filter(None, (step(trial) for step in steps)), Verdict(RIGHT))
            unnamed = found.status == NOT_YET and not found.hint
            if unnamed and (slip := understood(found.says, answer) or _otherwise(trial)):
                found = replace(found, mistake=slip.name, hint=slip.hint)
        except Exception as error:  # noqa: BLE001 - of whatever class the answer has made
            found = _not_yet(
                f"What your function returns cannot be compared: {type(error).__name__}. Return "
                "plain tensors of numbers."
            )
    return replace(found, printed=trial.run.printed)


def _not_yet(says: str, line: str = "", slip: Slip | None = None) -> Verdict:
    name, hint = (slip.name, slip.hint) if slip else (None, "")
    return Verdict(NOT_YET, says, line, name, hint)


def _but(says: str, line: str = "", slip: Slip | None = None) -> Verdict:
    return _not_yet(f"The values are right, but {says}", line, slip)


def _no_outputs(trial: Trial) -> Verdict | None:
    if is_stub(trial.answer):
        return Verdict(WAITING)
    if not callable(trial.answer):
        return _not_yet(
            f"`check` wants the function itself, but {compare.kind_of(trial.answer)} came; write "
            f'`check("{trial.exercise.id}", {trial.exercise.reference.__name__})`, with no '
            "brackets after the name."
        )
    trial.start()
    if trial.run.failed:
        why = _why_stopped(trial.run, trial.known.labels, len(trial.outputs))
        return _not_yet(why, trial.run.line)
    nothing = any(output is None for output in trial.outputs)
    return _not_yet("Your function returns nothing (None).") if nothing else None


def _why_stopped(run: Run, labels: list[str], done: int) -> str:
    label = [*labels, "after the last case"][done]
    if run.error:
        return f"Your function stops with {run.error} ({label})."
    says = "You stopped it" if run.ended == "interrupted" else f"Stopped after {LIMIT:g} seconds"
    if run.alive:
        says += ", but it goes on unheard: restart the kernel"
    return f"{says} ({label})."


def _values(trial: Trial) -> Verdict | None:
    says = _wrong_values(trial)
    return _not_yet(says, slip=_named(_slip_of_values, trial)) if says else None


def _named(find: Callable[[Trial], Slip | None], trial: Trial) -> Slip | None:
    """The slip, or none where looking for it fails: what is wrong is said all the same."""
    try:
        return find(trial)
    except Exception:
        if course_strict():
            raise
        return None


def _what_it_leaves(trial: Trial) -> Verdict | None:
    if trial.changed:
        return _but(f"your function {trial.changed}")
    attached = any(getattr(part, "requires_grad", False) for part in trial.parts)
    kept = trial.exercise.detached and attached
    return _but("what you return still holds all that it was computed from.") if kept else None


def _gradients(trial: Trial) -> Verdict | None:
    # An answer in NumPy has no gradient to compare.
    if not all(isinstance(part, Tensor) for part in trial.parts):
        return _but(compare.GRADIENT_CUT) if trial.exercise.in_torch else None
    asked = trial.known.differentiated
    if not asked:
        return None
    found, run = trial.gradients
    refused = "numpy()" in run.error  # as torch does, to lose a gradient so
    gone = not run.failed and all(entry is None for entries in found for entry in entries)
    if (refused or gone) and not trial.exercise.in_torch:
        return Verdict(RIGHT, compare.NO_WAY_BACK)
    if refused:
        return _but(compare.GRADIENT_CUT, run.line)
    for label, want, have in zip(asked, trial.known.expected_gradients, found, strict=False):
        wrong = next(filter(None, map(compare.gradient_difference, want, have)), "")
        if wrong:
            slip = None if run.failed else _named(_slip_of_gradients, trial)
            return _but(f"({label}) {wrong}", slip=slip)
    if not run.failed:
        return None
    return _but(f"with gradients: {_why_stopped(run, asked, len(found))}", run.line)


# --- what is wrong with the values ---


def _wrong_values(trial: Trial) -> str:
    """What is wrong with the outputs, or "" if they agree with the reference or its like."""
    if trial.exercise.judge is not None:
        return trial.exercise.judge(trial.outputs) or ""
    if any(not _differences(trial, expected) for expected in trial.known.expected):
        return ""
    return _differences(trial, trial.target)


def _differences(trial: Trial, expected: Outputs) -> str:
    """The first, with the case it was found in."""
    cases = zip(trial.known.labels, expected, trial.outputs, strict=True)
    for label, want, have in cases:
        found = compare.difference(want, have, trial.exercise.parts)
        if found:
            return f"With {label}: {found}"
    return ""


def _otherwise(trial: Trial) -> Slip | None:
    """What the page says of wrong values that nothing explains; of the right shapes."""
    slip = next((slip for slip in trial.exercise.slips if slip.known == OTHERWISE), None)
    if not slip or trial.run.failed or not trial.outputs or not _wrong_values(trial):
        return None
    right = [part for output in trial.target for part in compare.parts_of(output)]
    ours, theirs = (map(compare.as_tensor, parts) for parts in (trial.parts, right))
    shapes = [None if part is None else part.shape for part in ours]
    return slip if shapes == [part.shape for part in theirs] else None


# --- which slip it is ---


def _slip_of_values(trial: Trial) -> Slip | None:
    if any(compare.as_tensor(part) is None for part in trial.parts):
        return None
    slips = trial.exercise.slips
    own = (slip for slip in slips if _is_slip(trial, slip))
    alone = [slip for slip in slips if slip.known is None]
    # Of two slips at once: the first that explains one wrong part of the answer, and it alone.
    parts = (outputs for _, outputs in _wrong_parts(trial))
    of_a_part = (slip for part in parts for slip in alone if _makes(trial, slip, part))
    found = next(itertools.chain(own, of_a_part), None)
    if found or trial.exercise.judge is not None:
        return found
    return _family(trial) or first_of_two(trial)


def _is_slip(trial: Trial, slip: Slip) -> bool:
    if slip.known == OTHERWISE:
        return False
    if slip.known == VARIES:
        return trial.varies
    if slip.known is not None:
        return slip.known(trial.outputs)
    return _makes(trial, slip, trial.seen)


def _makes(trial: Trial, slip: Slip, outputs: Outputs) -> bool:
    """Whether one of a slip's answers returns what is seen of these outputs."""
    return any(trial.exercise.alike(wrong, outputs) for wrong in trial.known.wrong(slip))


def _wrong_parts(trial: Trial) -> Iterator[tuple[int, Outputs]]:
    """The number of each, and the right outputs with it as ours; nothing if parts are missing."""
    right, count = [*map(trial.exercise.seen, trial.target)], len(trial.exercise.parts)
    pairs = [*zip(map(compare.parts_of, right), map(compare.parts_of, trial.seen), strict=True)]
    if any(len(have) != count for _, have in pairs):
        return
    for i in range(count):
        mixed = [(*want[:i], have[i], *want[i + 1 :]) for want, have in pairs]
        if not trial.exercise.alike(mixed, right):
            yield i, mixed


def _family(trial: Trial) -> Slip | None:
    names, both = trial.exercise.parts, (trial.target, trial.outputs)
    if trial.varies:
        return named("another value for the same input")
    if not names:
        return family_of(*both, "Your value")

    def of_part(i: int) -> Slip | None:
        right, ours = ([compare.parts_of(output)[i] for output in outputs] for outputs in both)
        return family_of(right, ours, f"`{names[i]}`")

    found = (of_part(i) for i, _ in _wrong_parts(trial))
    return _another_order(trial) or next(filter(None, found), None)


def _another_order(trial: Trial) -> Slip | None:
    names, right = trial.exercise.parts, [*map(trial.exercise.seen, trial.target)]
    ours = [parts for parts in map(compare.parts_of, trial.seen) if len(parts) == len(names)]
    for order in itertools.permutations(range(len(names))):
        if trial.exercise.alike([tuple(parts[i] for i in order) for parts in ours], right):
            return named("values in another order", what=", ".join(f"`{name}`" for name in names))
    return None


def _slip_of_gradients(trial: Trial) -> Slip | None:
    for slip in trial.exercise.slips:
        for theirs in trial.known.wrong_gradients(slip):
            if all(map(compare.same_gradients, theirs, trial.gradients[0])):
                return slip
    return None
