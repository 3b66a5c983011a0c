"""check, verdict, hint and solution: what a learner calls, on top of `judge` and stored state."""

from collections.abc import Callable
from typing import Any

from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.band import must_be_right
from course_utils.exercises._engine.exercise import Exercise
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, WAITING, Verdict, judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.exercises._engine.render import Page, show

checked: dict[str, bool] = {}  # in this kernel, by id: does the learner's own code run?


def check(exercise_id: str, answer: Any) -> Callable:
    """Say whether an answer is right, and hand back the function to go on with.

    Args:    exercise_id: such as "E2.1"; answer: the function itself, `my_kl`, not `my_kl(...)`.
    Returns: the learner's function once it is right, the course's own until then.
    Raises:  ValueError for an unknown exercise; AssertionError, with what is shown, if the answer
             is not right and COURSE_STRICT=1 or nbgrader grades.
    """
    exercise = find_exercise(exercise_id)
    # handed back by an earlier check: the course's own function is nobody's answer
    own = answer is exercise.reference
    found = Verdict(WAITING) if own else judge(exercise, answer)
    right = found.status == RIGHT
    checked[exercise_id] = right
    if found.status != WAITING:  # looking is not trying
        slip = [f"{exercise_id}: {found.mistake}"] if found.mistake else []
        memory.update(lambda state: _count(state, exercise_id, found), exercise_id, *slip)
    page = _page(exercise, found)
    show(page)
    if not right and must_be_right():
        raise AssertionError(repr(page))
    return answer if right else exercise.reference


def verdict(exercise_id: str, answer: Any) -> Verdict:
    """What `check` would show, as data; shows and remembers nothing.

    Raises:  ValueError for an unknown exercise.
    """
    return judge(find_exercise(exercise_id), answer)


def hint(exercise_id: str) -> None:
    """Show the next hint of the ladder below the ones already seen.

    Raises:  ValueError for an unknown exercise.
    """
    exercise = find_exercise(exercise_id)
    hints = exercise.text.hints

    def climb(state: dict[str, Any]) -> None:
        entry = memory.exercise_entry(state, exercise_id)
        entry["hints"] = min(entry["hints"] + 1, len(hints))

    memory.update(climb)
    shown = memory.exercise_entry(memory.read(), exercise_id)["hints"]
    page = Page(f"{exercise_id} {exercise.text.title}: hint {shown} of {len(hints)}")
    page.items(hints[:shown])
    call, what = ("hint", "the next") if shown < len(hints) else ("solution", "one right answer")
    show(page.say(f'`{call}("{exercise_id}")` shows {what}.'))


def solution(exercise_id: str) -> None:
    """Show one right answer's source.

    Raises:  ValueError for an unknown exercise.
    """
    exercise, seen = find_exercise(exercise_id), {"solution_seen": True}
    memory.update(lambda state: memory.exercise_entry(state, exercise_id).update(seen))
    page = Page(f"{exercise_id} {exercise.text.title}: one right answer")
    page.code(exercise.source.rstrip())
    show(page.say("Close it, wait a minute, and write it from memory: that is when it stays."))


def _count(state: dict[str, Any], exercise_id: str, found: Verdict) -> None:
    entry = memory.exercise_entry(state, exercise_id)
    entry["tries"] += 1
    entry["done"] = entry["done"] or found.status == RIGHT
    if found.mistake and found.mistake not in entry["slips"]:
        entry["slips"].append(found.mistake)


def _page(exercise: Exercise, found: Verdict) -> Page:
    page = Page(f"{exercise.id} {exercise.text.title}", found.status)
    if found.status == WAITING:
        page.say(f"{exercise.id} is waiting for you. Until then the course's own function is used.")
    elif found.status == RIGHT:
        page.say("Right. The cells below that need it run on your function.")
    if found.says:
        page.say(found.says)
    if found.line:
        page.say("In your line").code(found.line)
    if found.hint:
        page.say(found.hint, label="Hint")
    elif found.status == NOT_YET:
        page.say(f'Stuck? `hint("{exercise.id}")` helps a step further.')
    if found.printed:
        page.fold("What your function printed", found.printed.rstrip(), code=True)
    return page
