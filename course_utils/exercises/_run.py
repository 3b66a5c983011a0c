"""Runs a learner's function: with a time limit, its printing captured, its own lines found."""

import contextlib
import ctypes
import io
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LIMIT = 5.0  # seconds
_COURSE = str(Path(__file__).parents[1])
_OTHERS = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


class _StopNow(BaseException):
    """Raised inside a function that ran too long; `except Exception` does not catch it."""


@dataclass(frozen=True)
class Run:
    """How a run ended: error is None if well; line is the learner's line of the error."""

    error: BaseException | None
    line: str
    printed: str
    timed_out: bool = False


def run_limited(job: Callable[[], None], seconds: float = LIMIT) -> Run:
    """Run job in a thread (a timer works on every system) and stop it after the limit.

    A call that never returns to Python cannot be stopped; it is left behind in its thread.
    """
    errors: list[BaseException] = []
    printed = io.StringIO()
    worker = threading.Thread(target=_catch, args=(job, errors), daemon=True)
    line = ""
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        worker.start()
        try:
            worker.join(seconds)
            timed_out = worker.is_alive()
            if timed_out:
                line = _line_now(worker)
        finally:  # also when the learner interrupts the kernel
            _stop(worker)
    if timed_out:
        return Run(None, line, printed.getvalue(), timed_out=True)
    error = errors[0] if errors else None
    line = _own_line(traceback.extract_tb(error.__traceback__)) if error else ""
    return Run(error, line, printed.getvalue())


def _catch(job: Callable[[], None], errors: list[BaseException]) -> None:
    try:
        job()
    except BaseException as error:  # noqa: BLE001 - shown to the learner, even a SystemExit
        errors.append(error)


def _stop(worker: threading.Thread) -> None:
    """Raise _StopNow in the worker; a few times, since a bare `except:` may swallow one."""
    for _ in range(5):
        if not worker.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(worker.ident), ctypes.py_object(_StopNow)
        )
        worker.join(0.05)


def _line_now(worker: threading.Thread) -> str:
    frame = sys._current_frames().get(worker.ident)
    return _own_line(traceback.extract_stack(frame)) if frame else ""


def _own_line(stack: traceback.StackSummary) -> str:
    """The innermost line that is neither ours nor a library's: where the learner should look."""
    own = [frame for frame in stack if not frame.filename.startswith((_COURSE, *_OTHERS))]
    return f"{own[-1].line}    (in {own[-1].name})" if own and own[-1].line else ""
