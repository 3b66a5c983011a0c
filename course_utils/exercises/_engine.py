"""check, hint and solution: what a learner calls, on top of `judge` and the stored state."""

import inspect
from collections.abc import Callable
from typing import Any

from course_utils.exercises import _state
from course_utils.exercises._exercise import Exercise
from course_utils.exercises._judge import NOT_YET, RIGHT, WAITING, Verdict, judge
from course_utils.exercises._registry import find_exercise
from course_utils.exercises._render import Page, show
from course_utils.exercises._strict import must_be_right

checked: dict[str, bool] = {}  # in this kernel, by id: does the learner's own code run?


def check(exercise_id: str, answer: Any) -> Callable:
    """Say whether an answer is right, and hand back the function to go on with.

    Args:    exercise_id: such as "E2.1"; answer: the function itself, `my_kl`, not `my_kl(...)`.
    Returns: the learner's function once it is right, the course's own until then.
    Raises:  ValueError for an unknown exercise; AssertionError, with what is shown, if the answer
             is not right and COURSE_STRICT=1 or nbgrader grades.
    """
    exercise = find_exercise(exercise_id)
    verdict = judge(exercise, answer)
    right = verdict.status == RIGHT
    checked[exercise_id] = right
    _state.update(lambda state: _count(state, exercise_id, verdict))
    page = _page(exercise, verdict)
    show(page)
    if not right and must_be_right():
        raise AssertionError(repr(page))
    return answer if right else exercise.reference


def hint(exercise_id: str) -> None:
    """Show the next hint of the ladder below the ones already seen.

    Raises:  ValueError for an unknown exercise.
    """
    exercise = find_exercise(exercise_id)
    total = len(exercise.hints)
    shown = 0

    def climb(state: dict[str, Any]) -> None:
        nonlocal shown
        entry = _state.exercise_entry(state, exercise_id)
        entry["hints"] = shown = min(entry["hints"] + 1, total)

    _state.update(climb)
    page = Page(f"{exercise_id} {exercise.title}: hint {shown} of {total}")
    page.items(exercise.hints[:shown])
    more = f'hint("{exercise_id}")' if shown < total else f'solution("{exercise_id}")'
    show(page.say(f"`{more}` shows {'the next' if shown < total else 'one right answer'}."))


def solution(exercise_id: str) -> None:
    """Show one right answer's source.

    Raises:  ValueError for an unknown exercise.
    """
    exercise = find_exercise(exercise_id)

    def mark(state: dict[str, Any]) -> None:
        _state.exercise_entry(state, exercise_id)["solution_seen"] = True

    _state.update(mark)
    page = Page(f"{exercise_id} {exercise.title}: one right answer")
    page.code(solution_source(exercise))
    show(page.say("Close it, wait a minute, and write it from memory: that is when it stays."))


def solution_source(exercise: Exercise) -> str:
    """The reference as a learner could have written it, beginning with the stub's `def` line."""
    return inspect.getsource(exercise.reference).rstrip()


def _count(state: dict[str, Any], exercise_id: str, verdict: Verdict) -> None:
    if verdict.status == WAITING:  # looking is not trying
        return
    entry = _state.exercise_entry(state, exercise_id)
    entry["tries"] += 1
    entry["done"] = entry["done"] or verdict.status == RIGHT


def _page(exercise: Exercise, verdict: Verdict) -> Page:
    page = Page(f"{exercise.id} {exercise.title}", verdict.status)
    if verdict.status == WAITING:
        page.say(f"{exercise.id} is waiting for you. Until then the course's own function is used.")
    elif verdict.status == RIGHT:
        page.say("Right. The cells below that need it run on your function.")
    else:
        page.say(verdict.says)
    if verdict.line:
        page.say("In your line").code(verdict.line)
    if verdict.mistake:
        page.say(verdict.mistake.hint, label="Hint")
    elif verdict.status == NOT_YET:
        page.say(f'Stuck? `hint("{exercise.id}")` helps a step further.')
    if verdict.printed:
        page.fold("What your function printed", verdict.printed.rstrip()[:2000], code=True)
    return page
