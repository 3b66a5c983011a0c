"""The learner's memory: one JSON file in the state folder, replaced as a whole or not at all.

Where the folder cannot be written, the course goes on and remembers until the kernel stops.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_utils._paths import state_folder
from course_utils.exercises._render import Page, show

VERSION = 1
FILE = "progress.json"

_in_memory: dict[Path, dict[str, Any]] = {}  # by file: what could not be written


class _NewerVersionError(ValueError):
    """The file was written by a newer course and must be left as it is."""


def read() -> dict[str, Any]:
    """{"version", "exercises": {id: {...}}, "predictions": {id: {...}}}; empty at first."""
    path = state_folder() / FILE
    if path in _in_memory:
        return _in_memory[path]
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _empty()
    except _NewerVersionError:
        return _without_file(path, "it was written by a newer version of the course")
    except ValueError:
        return _set_aside(path)
    except OSError as error:
        return _without_file(path, error.strerror or "it cannot be read")


def update(edit: Callable[[dict[str, Any]], None]) -> None:
    """Let edit change the state in place, then store it."""
    state, path = read(), state_folder() / FILE
    edit(state)
    if path in _in_memory:
        return
    try:
        _write(path, state)
    except OSError as error:
        _without_file(path, error.strerror or "it cannot be written", state)


def exercise_entry(state: dict[str, Any], exercise_id: str) -> dict[str, Any]:
    """What is known of one exercise, made if nothing was: done, tries, hints, solution_seen."""
    new = {"done": False, "tries": 0, "hints": 0, "solution_seen": False}
    entry = state["exercises"].setdefault(exercise_id, {})
    return _filled(entry, new)


def reset() -> str:
    """Forget everything; returns the name under which the old file was kept, or ""."""
    path = state_folder() / FILE
    _in_memory.pop(path, None)
    kept = path.with_name("progress.before_reset.json")
    try:
        os.replace(path, kept)
    except FileNotFoundError:
        return ""
    except OSError as error:
        _without_file(path, error.strerror or "it cannot be moved")
        return ""
    return kept.name


def _empty() -> dict[str, Any]:
    return {"version": VERSION, "exercises": {}, "predictions": {}}


def _filled(entry: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Complete an entry in place; a value of the wrong kind, edited by hand, starts anew."""
    for key, value in new.items():
        if type(entry.get(key)) is not type(value):
            entry[key] = value
    return entry


def _parsed(text: str) -> dict[str, Any]:
    """The state in a file's text; ValueError if it is damaged."""
    state = json.loads(text)
    if not isinstance(state, dict) or not isinstance(state.get("version"), int):
        raise ValueError("no version")
    if state["version"] > VERSION:
        raise _NewerVersionError
    for part in ("exercises", "predictions"):
        entries = state.get(part)
        if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
            raise ValueError(f"no {part}")
    return state


def _write(path: Path, state: dict[str, Any]) -> None:
    """Write beside the file, then replace it in one step, so a crash leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{FILE}.{os.getpid()}.new")
    try:
        new.write_text(json.dumps(state, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _set_aside(path: Path) -> dict[str, Any]:
    """Move a damaged file out of the way, say so, and begin anew."""
    aside = path.with_name("progress.damaged.json")
    try:
        os.replace(path, aside)
    except OSError as error:
        return _without_file(path, error.strerror or "it is damaged and cannot be moved")
    page = Page("Your progress could not be read and starts anew.")
    show(page.say(f"The damaged file is kept as `{aside.name}` in the folder of your progress."))
    return _empty()


def _without_file(path: Path, why: str, state: dict[str, Any] | None = None) -> dict[str, Any]:
    """Go on in memory from state; the note appears once, since later reads find the memory."""
    _in_memory[path] = _empty() if state is None else state
    page = Page("Your progress cannot be stored; it is remembered until this kernel stops.")
    page.say(f"The file `{FILE}` is not used: {why}. COURSE_STATE can name another folder.")
    show(page)
    return _in_memory[path]
