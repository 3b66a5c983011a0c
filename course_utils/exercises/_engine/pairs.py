"""Two slips at once: pairs of a page's edits that change different places of the reference."""

import contextlib
import itertools
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from course_utils.exercises._engine.edits import compiled
from course_utils.exercises._engine.exercise import Exercise, Slip
from course_utils.exercises._engine.trial import Known, Outcomes, Trial

TWO = "There may be two slips at once; first this one, told as if it were alone."
SECONDS = 0.6  # for all pairs of an exercise: a search that finds nothing is waited for
Change = tuple[int, int, str]  # from one place of the source to another, and what stands there


def first_of_two(trial: Trial) -> Slip | None:
    """The first slip of a pair that returns what the answer does in all cases, or None."""
    alike, inputs = trial.exercise.alike, trial.known
    if not trial.exercise.parts and any(isinstance(output, tuple) for output in trial.outputs):
        return None  # the comma behind the value is the slip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for slip, source, first in itertools.chain(inputs.pairs, _more(inputs)):
            if alike([first], trial.seen[:1]) and alike(_outcomes(source, inputs), trial.seen):
                return replace(slip, hint=f"{TWO} {slip.hint}")
    return None


def _more(inputs: Known) -> Iterator[tuple[Slip, str, Any]]:
    """Pairs that no check has tried yet, with their first output, for what is left of the time."""
    begin = time.monotonic()
    untried = itertools.islice(_pairs(inputs.exercise), len(inputs.pairs), None)
    for slip, source in untried if inputs.searched < SECONDS else ():
        first = None
        with contextlib.suppress(Exception):  # both may make no Python, or stop as they like
            first = next(iter(_outcomes(source, inputs)))
        inputs.pairs.append((slip, source, first))
        yield inputs.pairs[-1]
        if inputs.searched + time.monotonic() - begin > SECONDS:
            break
    inputs.searched += time.monotonic() - begin


def _outcomes(source: str, inputs: Known) -> Outcomes:
    return Outcomes(compiled(source, "<two slips>"), inputs.cases, inputs.exercise.seen)


def _pairs(exercise: Exercise) -> Iterator[tuple[Slip, str]]:
    """One slip and the source with both, those that are often made (atop the page) first."""
    rows = [((i, slip), source) for slip in exercise.slips for i, source in enumerate(slip.sources)]
    changes: dict[Change, Slip] = {}
    for (_, slip), source in sorted(rows, key=lambda row: row[0][0]):
        if slip.known is None:
            changes.setdefault(_change(exercise.source, source), slip)
    pairs = itertools.combinations(enumerate(changes.items()), 2)
    for (_, (a, slip)), (_, (b, more)) in sorted(pairs, key=lambda pair: pair[0][0] + pair[1][0]):
        (start, stop, new), (again, end, other) = sorted((a, b))
        if stop < again:
            text = exercise.source
            # Of the two the one whose hint says of nothing that it is right: it may be wrong, too.
            told = min(slip, more, key=lambda slip: " right" in slip.hint.lower())
            yield told, text[:start] + new + text[stop:again] + other + text[end:]


def _change(source: str, edited: str) -> Change:
    start = len(os.path.commonprefix([source, edited]))
    tails = source[start:][::-1], edited[start:][::-1]
    same = len(os.path.commonprefix(tails))
    return start, len(source) - same, edited[start : len(edited) - same]
