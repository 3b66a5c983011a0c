"""The table of progress: what is done and left, whose code runs, how good predictions are."""

import math
from typing import Any

from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.check import checked
from course_utils.exercises._engine.exercise import Exercise
from course_utils.exercises._engine.lessons import find_lesson
from course_utils.exercises._engine.predict import CONFIDENCE, refresh_forms, stored
from course_utils.exercises._engine.registry import all_exercises, all_predictions, registries
from course_utils.exercises._engine.render import Page, show
from course_utils.exercises._engine.review import answered, due_items

HEAD = ("exercise", "title", "difficulty", "state", "points", "hints seen")


def progress(notebook: str | None = None) -> None:
    """Show what is done and left, of all notebooks or of one, and how good your predictions were.

    Raises:  ValueError for a notebook without exercises, with the known ones.
    """
    exercises = all_exercises(notebook)
    state = memory.read()
    entries = {name: memory.exercise_entry(state, name) for name in exercises}
    page = Page("Your progress" + (f" in notebook {notebook}" if notebook else ""))
    for name in registries() if notebook is None else [notebook]:
        caption, begun = _where(state, name)
        rows = [_row(item, entries[item.id]) for item in all_exercises(name).values()]
        if begun or notebook:
            page.table(caption, HEAD, rows)
        else:
            page.say(caption)
    earned = sum(item.text.points for name, item in exercises.items() if entries[name]["done"])
    page.say(f"{earned} of {sum(item.text.points for item in exercises.values())}", label="Points")
    page.say(_whose(entries, named=notebook is not None))
    _calibrate(page, notebook)
    if due := sum(day <= memory.today() for day, _ in due_items(state)):
        page.say(f"{due} questions; `review()` asks them.", label="Due from memory")
    show(page)


def reset_progress() -> None:
    """Forget all answers, predictions, minutes, reviews; the old file is kept by another name."""
    kept = memory.reset()
    if kept is None:
        show(Page("Your progress could not be reset, and is as it was."))
        return
    checked.clear()
    refresh_forms()
    page = Page("Your progress is reset.")
    show(page.say(f"The old one is kept as `{kept}`.") if kept else page)


def _row(exercise: Exercise, entry: dict[str, Any]) -> list[str]:
    tried = f"not yet ({entry['tries']} tries)" if entry["tries"] else "waiting"
    done = "right" + (", solution seen" if entry["solution_seen"] else "")
    return [
        exercise.id,
        exercise.text.title,
        f"{exercise.text.difficulty} of 3",
        done if entry["done"] else tried,
        f"{exercise.text.points if entry['done'] else 0} of {exercise.text.points}",
        f"{entry['hints']} of {len(exercise.text.hints)}",
    ]


def _where(state: memory.State, notebook: str) -> tuple[str, bool]:
    """Title, real minutes and what is left of a notebook, in words; and whether it is begun."""
    lesson, names = find_lesson(notebook), answered(state, notebook)
    title = lesson.title if lesson else f"Notebook {notebook}"
    minutes = math.ceil(memory.seconds_of(state, notebook) / 60)
    words = [f"{minutes} min so far (long pauses cut)" if names else "nothing begun"]
    if lesson:
        left = lesson.core(max(map(lesson.place, names), default=-1))
        asked = all_exercises(notebook).keys() | all_predictions(notebook).keys()
        done = asked <= names.keys()  # what stands behind the last of them asks nothing
        minutes_left = f"about {5 * math.ceil(left / 5)} min of the core left"
        words += ["nothing left to answer" if done else minutes_left]
    return f"{title} – {', '.join(words)}", bool(names)


def _whose(entries: dict[str, dict[str, Any]], *, named: bool) -> str:
    """Your code: 3 of 5; the course's: 2 (E2.2, E2.4). What this kernel checked counts first."""
    course = [name for name, entry in entries.items() if not checked.get(name, entry["done"])]
    yours = len(entries) - len(course)
    rest = f" ({', '.join(course)})" if course and named else ""
    return f"Your code: {yours} of {len(entries)}; the course's: {len(course)}{rest}."


def _calibrate(page: Page, notebook: str | None) -> None:
    """How sure, and how often right, over revealed predictions."""
    said = [(item, stored(item)) for item in all_predictions(notebook).values()]
    revealed = [(item, entry) for item, entry in said if entry and entry["revealed"]]
    if not revealed:
        page.say("No prediction revealed yet.", label="Predictions")
        return
    rows = []
    for word in CONFIDENCE:
        hits = [
            entry["choice"] == item.right for item, entry in revealed if entry["confidence"] == word
        ]
        share = f"{sum(hits)} ({100 * sum(hits) / len(hits):z.0f} %)" if hits else "-"
        rows.append([word, str(len(hits)), share])
    page.table("How sure, how often right", ["you said", "predictions", "right"], rows)
