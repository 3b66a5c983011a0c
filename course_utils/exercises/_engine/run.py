"""Runs a learner's function: with a time limit, its printing captured, its own lines found.

Whatever it does to torch, Python or the screen is undone, so that what follows is judged as always.
"""

import builtins
import contextlib
import ctypes
import dis
import inspect
import io
import itertools
import linecache
import sys
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch

LIMIT = 5.0  # seconds
LONGEST = 2000  # characters of a message or of what was printed
_COURSE = str(Path(__file__).parents[2])
_OTHERS = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
_SPACES = (builtins, torch, torch.Tensor)  # what an answer might replace a function of

# What a body of a docstring and `...` compiles to, in Python 3.11 to 3.14.
_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}

_left_behind: set[threading.Thread] = set()


class _StopNow(BaseException):
    """Raised inside a function that ran too long; `except Exception` does not catch it."""


@dataclass(frozen=True)
class Run:
    """How a run ended."""

    error: str = ""  # what it stopped with, in words; "" if well
    line: str = ""  # the learner's, at that moment
    printed: str = ""
    ended: str = ""  # or "late", "interrupted"
    alive: bool = False  # it goes on, since nothing could stop it

    @property
    def failed(self) -> bool:
        """Whether it did not come to its end."""
        return bool(self.error or self.ended)


def run_limited(job: Callable[[], None], seconds: float = LIMIT) -> Run:
    """Run job in a thread (a timer works on every system) and stop it after the limit.

    A call that never returns to Python cannot be stopped; it is left behind in its thread, unheard.
    """
    errors: list[BaseException] = []
    printed, ended, line, error = _Printed(), "", "", ""
    args = job, errors, torch.get_num_threads()
    worker = threading.Thread(target=_catch, args=args, daemon=True)
    heard = contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed)
    # What a library will change some day (as NumPy, of its functions on tensors) is no output.
    quiet = warnings.catch_warnings(action="ignore", category=DeprecationWarning)
    with _put_back(), quiet, heard[0], heard[1]:
        worker.start()
        try:
            worker.join(seconds)
            ended = "late" if worker.is_alive() else ""
        except KeyboardInterrupt:  # the learner has waited long enough
            ended = "interrupted"
        line = _line_now(worker) if ended else ""
        _stop(worker)
    if worker.is_alive():
        _silence(worker)
    if errors and not ended:
        line = _own_line(reversed([*traceback.walk_tb(errors[0].__traceback__)]))
        error = _in_words(errors[0])
    return Run(error, line, plain(printed.kept), ended, worker.is_alive())


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Judge with gradients, float32 and the processor, whatever the notebook has set."""
    before, cpu = torch.get_default_dtype(), torch.device("cpu")
    torch.set_default_dtype(torch.float32)
    # The context costs each operation a quarter of its time.
    here = contextlib.nullcontext() if torch.get_default_device() == cpu else cpu
    try:
        with torch.random.fork_rng([]), torch.inference_mode(False), torch.enable_grad(), here:
            yield
    finally:
        torch.set_default_dtype(before)


def plain(text: str) -> str:
    """Text that can be shown: without what no screen has, and cut where it is long."""
    seen = (c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
    shown = "".join(itertools.islice(seen, LONGEST))
    return shown if len(text) <= LONGEST else f"{shown} ..."


class _Printed(io.TextIOBase):
    """What was printed, as much of it as will be shown."""

    def __init__(self) -> None:
        self.kept = ""

    def write(self, text: str) -> int:
        if threading.current_thread() not in _left_behind:
            self.kept += text[: LONGEST + 1 - len(self.kept)]
        return len(text)

    def close(self) -> None:
        """Stays open: an answer may close its sys.stdout."""


class _Muffled:
    """A stream that does not hear the threads left behind."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        heard = threading.current_thread() not in _left_behind
        return self._stream.write(text) if heard else len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _silence(worker: threading.Thread) -> None:
    _left_behind.add(worker)
    for name in ("stdout", "stderr"):
        if not isinstance(getattr(sys, name), _Muffled):
            setattr(sys, name, _Muffled(getattr(sys, name)))


@contextlib.contextmanager
def _put_back() -> Iterator[None]:
    """Undo what an answer has set: functions of Python's and torch's, dtype, depth."""
    spaces = [(space, dict(vars(space))) for space in _SPACES]
    dtype, depth = torch.get_default_dtype(), sys.getrecursionlimit()
    try:
        yield
    finally:
        for space, names in spaces:
            for name, value in names.items():
                if vars(space).get(name, space) is not value:
                    setattr(space, name, value)
            if isinstance(space, type):  # modules may have learned of their parts meanwhile
                for name in vars(space).keys() - names.keys():
                    delattr(space, name)
        torch.set_default_dtype(dtype)
        sys.setrecursionlimit(depth)


def _catch(job: Callable[[], None], errors: list[BaseException], threads: int) -> None:
    try:
        if torch.get_num_threads() != threads:  # another answer's setting lasts; it is not free
            torch.set_num_threads(threads)
        job()
    except BaseException as error:  # noqa: BLE001 - shown to the learner, even a SystemExit
        errors.append(error)


def _in_words(error: BaseException) -> str:
    """Its kind and its message, even where that is broken or endless."""
    try:
        message = str(error)
    except BaseException as broken:  # noqa: BLE001 - a class of the learner's own
        message = f"(its message stops with {type(broken).__name__})"
    return plain(f"{type(error).__name__}: {message}")


def _stop(worker: threading.Thread) -> None:
    """Raise _StopNow in the worker; a few times, since a bare `except:` may swallow one."""
    for _ in range(5):
        if not worker.is_alive():
            return
        ident = ctypes.c_ulong(worker.ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(_StopNow))
        worker.join(0.05)


def _line_now(worker: threading.Thread) -> str:
    frame = sys._current_frames().get(worker.ident)
    return _own_line(traceback.walk_stack(frame)) if frame else ""


def _own_line(inwards_out: Iterable[tuple[FrameType, int]]) -> str:
    """The innermost line that is neither ours nor a library's: where the learner should look."""
    for frame, number in inwards_out:
        code = frame.f_code
        theirs = code.co_filename.startswith((_COURSE, *_OTHERS)) or "-packages" in code.co_filename
        line = "" if theirs else linecache.getline(code.co_filename, number).strip()
        if line:  # what `exec` has run has none
            return f"{line}    (in {code.co_name})"
    return ""


def is_stub(function: Callable) -> bool:
    """Whether the function does nothing (comments, a docstring, `...`), or a name still gets `...`.

    Of a function that is given but for some lines, a blank is `name = ...`.
    """
    code = getattr(function, "__code__", None) if inspect.isfunction(function) else None
    if code is None:  # a builtin or another callable object
        return False
    steps = list(dis.get_instructions(code))
    constants = [s.argval for s in steps if s.opname in ("LOAD_CONST", "RETURN_CONST")]
    blanks = (
        a.opname == "LOAD_CONST" and a.argval is ... and b.opname.startswith("STORE_FAST")
        for a, b in itertools.pairwise(steps)
    )
    return any(blanks) or ({step.opname for step in steps} <= _NOTHING and constants == [None])
