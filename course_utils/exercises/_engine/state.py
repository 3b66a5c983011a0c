"""The learner's memory: one JSON file in the state folder, replaced as a whole or not at all.

Where the folder cannot be written, the course goes on, remembers, and tries again each time.
"""

import contextlib
import itertools
import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock

from course_utils._paths import state_folder
from course_utils.exercises._engine.render import Page, show

VERSION = 1
FILE = "progress.json"
PATIENCE = 10.0  # seconds for other kernels that write
IDLE = 300.0  # seconds: of a longer pause no more counts as work

State = dict[str, Any]
Edit = Callable[[State], object]

clock = time.time  # tests set it
_pending: dict[Path, list[Edit]] = {}  # by file: what could not be written yet
_one_thread = threading.RLock()


def read() -> State:
    """{"version", "exercises": {id: {...}}, "predictions": {id: {...}}}; empty at first."""
    path = state_folder() / FILE
    try:
        state = _from_file(path) or _empty()
    except OSError as error:
        _note(path, error)
        state = _empty()
    for edit in _pending.get(path, ()):
        edit(state)
    return state


def update(edit: Edit, *met: str) -> None:
    """Let edit change the state in place, then store it; what could not be stored is kept.

    An edit may run more than once, each time on a state that has not seen it.

    Args:    met: what the learner is at, such as "P3.1": minutes are counted, and its day noted.
    """
    path, stored, now = state_folder() / FILE, False, clock()
    with _one_thread:
        edits = [*_pending.get(path, []), edit, lambda state: _meet(state, met, now)]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(path):
                state = _from_file(path) or _set_aside(path)
                for one in edits:
                    one(state)
                _write(path, state)
                stored = True
        except OSError as error:
            if not stored:
                _note(path, error)
                _pending[path] = edits
        if stored:
            _pending.pop(path, None)


def waits() -> bool:
    """Whether something could not be written yet, and is remembered by this kernel alone."""
    return bool(_pending.get(state_folder() / FILE))


def exercise_entry(state: State, exercise_id: str) -> dict[str, Any]:
    """What is known of an exercise, made if nothing was; slips: names of the known ones made."""
    new = {"done": False, "tries": 0, "hints": 0, "solution_seen": False, "slips": []}
    entry = state["exercises"].setdefault(exercise_id, {})
    for key, value in new.items():
        if type(entry.get(key)) is not type(value):  # edited by hand: it starts anew
            entry[key] = value
    return entry


def notes(state: State, section: str) -> dict[str, dict[str, Any]]:
    """Entries that nothing else depends on, by name: of "work" or "reviews"; what is none goes."""
    found = state.get(section)
    pairs = found.items() if isinstance(found, dict) else ()
    state[section] = {name: entry for name, entry in pairs if isinstance(entry, dict)}
    return state[section]


def today() -> date:
    """Here, not in Greenwich."""
    return date.fromtimestamp(clock())


def notebook_of(name: str) -> str:
    """ "03" of "P3.1", "E3.1" and what begins so."""
    return f"{int(name[1:].partition('.')[0]):02}"


def seconds_of(state: State, notebook: str) -> float:
    """At work on it, longer pauses cut at IDLE; 0 before the second prediction or check."""
    seconds = notes(state, "work").get(notebook, {}).get("seconds")
    return seconds if _is_time(seconds) else 0.0


def _meet(state: State, met: tuple[str, ...], now: float) -> None:
    for name in met:
        work = notes(state, "work").setdefault(notebook_of(name), {})
        last = work.get("last")
        pause = now - last if _is_time(last) else 0.0
        seconds = seconds_of(state, notebook_of(name)) + min(max(pause, 0.0), IDLE)
        work.update(seconds=seconds, last=now)
        day = date.fromtimestamp(now).isoformat()
        entry = notes(state, "reviews").setdefault(name, {})
        if ":" in name or "since" not in entry:  # a slip that is made again is met again
            entry["since"] = day


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0


def reset() -> str | None:
    """Forget all; the old file's new name, "" if there was none, None if it could not be moved."""
    path = state_folder() / FILE
    try:
        kept = ""
        if path.exists():
            with _locked(path):
                kept = _moved(path, "progress.before_reset").name
    except OSError as error:
        _note(path, error)
        return None
    _pending.pop(path, None)
    return kept


def _empty() -> State:
    return {"version": VERSION, "exercises": {}, "predictions": {}}


def _from_file(path: Path) -> State | None:
    """The stored state, None if it is damaged; OSError, too, where a newer course wrote it."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _empty()
    except (ValueError, RecursionError):
        return None
    if not isinstance(state, dict) or not isinstance(state.get("version"), int):
        return None
    if state["version"] > VERSION:
        raise OSError("it was written by a newer version of the course")
    for entries in (state.get("exercises"), state.get("predictions")):
        if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
            return None
    return state


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone among all kernels; where a file system knows no locks, not alone."""
    lock = FileLock(path.with_name(f"{FILE}.lock"), timeout=PATIENCE)
    with contextlib.suppress(NotImplementedError):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _write(path: Path, state: State) -> None:
    """Write beside the file, then replace it in one step, so a crash leaves the old one."""
    new = path.with_name(f"{FILE}.{os.getpid()}.new")
    try:
        new.write_text(json.dumps(state, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(new, path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise


def _moved(path: Path, name: str) -> Path:
    """The file under another name, and a number if that is taken."""
    numbered = (f"{name}{f'.{n}' if n else ''}.json" for n in itertools.count())
    kept = next(p for p in map(path.with_name, numbered) if not p.exists())
    os.replace(path, kept)
    return kept


def _set_aside(path: Path) -> State:
    """Move a damaged file out of the way, say so, and begin anew."""
    aside = _moved(path, "progress.damaged")
    page = Page("Your progress could not be read and starts anew.")
    show(page.say(f"The damaged file is kept as `{aside.name}` in the folder of your progress."))
    return _empty()


def _note(path: Path, error: OSError) -> None:
    """Say once that nothing is stored, until something is."""
    if path in _pending:
        return
    _pending[path] = []
    why = error.strerror or str(error) or type(error).__name__
    page = Page("Your progress cannot be stored; it is remembered until this kernel stops.")
    page.say(f"The file `{FILE}` is not used: {why}. COURSE_STATE can name another folder.")
    show(page)
