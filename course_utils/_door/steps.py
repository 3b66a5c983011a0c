"""One step of the set-up: a line with its seconds, a log of the details, a sentence if it fails.

And one set-up at a time: a lock that the system takes back when its holders have ended.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from course_utils._door.causes import ADVICE, explain
from course_utils._door.surroundings import own_folders, without_spoilers


class SetupError(Exception):
    """What stops the set-up, as one sentence for the learner; `cause` is a key of ADVICE."""

    def __init__(self, sentence: str, cause: str = "unknown") -> None:
        super().__init__(sentence)
        self.cause = cause


def say(line: str) -> None:
    """Print one line at once, also when the output is a pipe."""
    print(line, flush=True)


BUSY = "Another start is setting the course up in this folder; waiting for it"
HELD: list = []
"""File descriptors of the locks that this process holds; children may share them."""
KILLED = (-9, 137)  # by the system, as it does for want of memory
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": str(4 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(16 * 2**20)}
"""For glibc (see `man mallopt`): blocks of 4 MB and more go back to the system when they are freed.

Of itself it raises both limits with the blocks it sees, and a kernel keeps what one cell needed.
"""


def child_environment(**more: str) -> dict:
    """The environment every child process gets: UTF-8 everywhere, whatever the system's locale."""
    return {**GIVE_BACK, **without_spoilers(os.environ), "PYTHONUTF8": "1", **more}


def learners_environment(state: str, threads: str = "1") -> dict:
    """For tests and stored outputs: an empty state, and exercises that wait instead of raising."""
    folders = own_folders(Path(state))
    environment = child_environment(COURSE_STATE=state, OMP_NUM_THREADS=threads, **folders)
    for name in ("COURSE_STRICT", "NBGRADER_EXECUTION"):
        environment.pop(name, None)
    return environment


def run_step(title: str, command: list, cwd: Path, **more_environment: str) -> None:
    """Run a command behind one line of progress; its output goes to a log file.

    Args:    title: what the learner reads; command: the child's arguments; cwd: where it runs.
    Raises:  SetupError with one sentence if it fails; the log is kept then, and named.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix="vae-course-", suffix=".log")
    except OSError as err:
        raise SetupError(f"{err}; set TMPDIR to a folder with room, and try again.") from err
    log = Path(name)
    try:
        with open(descriptor, "wb") as stream:
            returncode = _watch(title, command, cwd, stream, child_environment(**more_environment))
    except BaseException:  # not started, or stopped by Ctrl-C: nobody is told of the log
        with contextlib.suppress(OSError):  # Windows: a child may still be at its end
            log.unlink()
        raise
    if returncode != 0:
        told = log.read_text(encoding="utf-8", errors="replace")
        cause = "memory" if returncode in KILLED else explain(told)
        raise SetupError(f"{title} failed: {ADVICE[cause]} (details: {log}).", cause=cause)
    log.unlink()


@contextlib.contextmanager
def only_one(file: Path):
    """Hold the lock, after waiting for whoever has it.

    Args:    file: what is locked; made if need be.
    Raises:  OSError if the file cannot be written.
    """
    descriptor = os.open(str(file), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _lock(descriptor):
            say(BUSY)
            while not _lock(descriptor):
                time.sleep(0.2)
        HELD.append(descriptor)
        yield
    finally:
        HELD[:] = [one for one in HELD if one != descriptor]
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:  # any other is that of a network's file system without locks
        return not isinstance(err, (BlockingIOError, PermissionError))
    return True


def read_json(path: Path) -> dict:
    """What a file of ours holds; nothing where it is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def replace_text(path: Path, text: str) -> None:
    """All or nothing, so that neither a power cut nor a full disk leaves half a file.

    Raises: SetupError that names the file if it cannot be written.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")  # two starts write the same files
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as err:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise SetupError(cannot_write(path, err)) from err


def cannot_write(path: Path, err: OSError) -> str:
    """What is wrong with a file or folder of ours, and the mend, as one sentence."""
    if err.errno == errno.ENOSPC:
        why = "the disk is full: free some space"
    elif err.errno == getattr(errno, "EDQUOT", None):
        why = "your quota is used up: free some space"
    elif err.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        why = "it is read-only or another user's: make it yours, or clone into a folder of your own"
    elif err.errno in (errno.EEXIST, errno.ENOTDIR, errno.ENOENT):
        why = "a file or a link that leads nowhere is in its place: rename or delete it"
    elif err.errno == errno.EISDIR:
        why = "a folder is in its place: rename or delete it"
    else:
        why = f"{err.strerror or err}: close programs that use it"
    return f"{path} cannot be written, since {why}, and run the same command again."


def _watch(title: str, command: list, cwd: Path, log, environment: dict) -> int:
    """Show the seconds while the child runs; never leave it running behind us.

    It holds the lock of the set-up, so that one left behind all the same (where we are killed)
    keeps the next start waiting; and its own children end with it.
    """
    start, arguments = time.monotonic(), [str(part) for part in command]
    settings = {"cwd": str(cwd), "env": environment, "stdin": subprocess.DEVNULL}
    if os.name != "nt":
        settings.update(start_new_session=True, pass_fds=HELD)
    _show(title, 0, final=False)
    try:
        child = subprocess.Popen(arguments, stdout=log, stderr=subprocess.STDOUT, **settings)
    except OSError as err:
        raise SetupError(f"{title} failed: {err}; try the same command again.") from err
    try:
        with _stopped_like_ctrl_c():
            while child.poll() is None:
                time.sleep(0.1)
                _show(title, time.monotonic() - start, final=False)
    finally:
        if child.poll() is None:
            _end(child)
        _show(title, time.monotonic() - start, final=True)
    return child.returncode


def _end(child: subprocess.Popen) -> None:
    """The child with all it has started."""
    if os.name == "nt":
        child.kill()
    else:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


@contextlib.contextmanager
def _stopped_like_ctrl_c():
    """A request to end (kill, a closed terminal) stops us as Ctrl-C does."""
    known = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")]
    ours = threading.current_thread() is threading.main_thread()
    usual = [one for one in known if ours and one and signal.getsignal(one) == signal.SIG_DFL]
    for number in usual:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in usual:
            signal.signal(number, signal.SIG_DFL)


def _show(title: str, seconds: float, *, final: bool) -> None:
    """A line that is rewritten on a terminal, and printed twice (start, end) in a log."""
    line = f"{title} ... {seconds:.0f} s"
    if sys.stdout.isatty():
        print("\r" + line, end="\n" if final else "", flush=True)
    elif final:
        say(line)
    elif seconds == 0:
        say(f"{title} ...")
