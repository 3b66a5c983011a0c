"""The table of progress: what is done, whose code runs, how well predictions are calibrated."""

from typing import Any

from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.check import checked
from course_utils.exercises._engine.exercise import Exercise
from course_utils.exercises._engine.predict import GUESS, stored
from course_utils.exercises._engine.registry import all_exercises, all_predictions
from course_utils.exercises._engine.render import Page, show

BANDS = ((51, 69), (70, 89), (90, 100))  # percent of confidence; 50 is a guess


def progress(notebook: str | None = None) -> None:
    """Show what is done, of all notebooks or of one, and how well your predictions did.

    Raises:  ValueError for a notebook without exercises, with the known ones.
    """
    exercises = all_exercises(notebook)
    state = memory.read()
    entries = {name: memory.exercise_entry(state, name) for name in exercises}
    page = Page("Your progress" + (f" in notebook {notebook}" if notebook else ""))
    head = ["exercise", "title", "difficulty", "state", "points", "hints seen"]
    rows = [_row(item, entries[name]) for name, item in exercises.items()]
    page.table("Exercises", head, rows)
    earned = sum(item.text.points for name, item in exercises.items() if entries[name]["done"])
    page.say(f"{earned} of {sum(item.text.points for item in exercises.values())}", label="Points")
    page.say(_whose(entries))
    show(_calibrate(page, notebook))


def reset_progress() -> None:
    """Forget all answers, hints and predictions; the old file is kept under another name."""
    kept = memory.reset()
    if kept is None:
        show(Page("Your progress could not be reset, and is as it was."))
        return
    checked.clear()
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


def _whose(entries: dict[str, dict[str, Any]]) -> str:
    """Your code: 3 of 5; the course's: 2 (E2.2, E2.4). What this kernel checked counts first."""
    course = [name for name, entry in entries.items() if not checked.get(name, entry["done"])]
    yours = len(entries) - len(course)
    rest = f" ({', '.join(course)})" if course else ""
    return f"Your code: {yours} of {len(entries)}; the course's: {len(course)}{rest}."


def _calibrate(page: Page, notebook: str | None) -> Page:
    """Stated confidence against how often it was right, over revealed predictions.

    A guess states none: it is counted, but promises nothing.
    """
    said = [(item, stored(item)) for item in all_predictions(notebook).values()]
    revealed = [(item, entry) for item, entry in said if entry and entry["revealed"]]
    if not revealed:
        return page.say("No prediction revealed yet.", label="Predictions")
    hits = [(entry["confidence"], entry["choice"] == item.right) for item, entry in revealed]
    guesses = [hit for percent, hit in hits if percent == GUESS]
    sure = [(percent, hit) for percent, hit in hits if percent != GUESS]
    words = ""
    if sure:
        right, promised = sum(hit for _, hit in sure), sum(percent for percent, _ in sure) / 100
        words = f"{right} of {len(sure)} right; your confidence promised {promised:z.1f}. "
    if guesses:
        words += f"Guesses (50 %): {len(guesses)}, right: {sum(guesses)}."
    page.say(words, label="Predictions")
    rows = [_band_row(low, high, hits) for low, high in BANDS]
    return page.table("How sure, how often right", ["you were", "predictions", "right"], rows)


def _band_row(low: int, high: int, hits: list[tuple[int, bool]]) -> list[str]:
    inside = [hit for sure, hit in hits if low <= sure <= high]
    share = f"{sum(inside)} ({100 * sum(inside) / len(inside):z.0f} %)" if inside else "-"
    return [f"{low}-{high} % sure", str(len(inside)), share]
