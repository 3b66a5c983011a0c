"""One step of the set-up: a line with its seconds, a log of the details, a sentence if it fails.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIGNS = {  # of each cause, what a log then holds
    "disk": "No space left on device|Errno 28|not enough space",
    "certificate": "CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer",
    "network": "NewConnectionError|NameResolutionError|name resolution|getaddrinfo|"
    "Network is unreachable|Connection refused|ConnectTimeout|ReadTimeout|ProxyError|dns error|"
    "error sending request",
    "venv": "ensurepip is not available|No module named ensurepip|No module named venv",
    "packages": "No matching distribution|ResolutionImpossible|No solution found",
}
ADVICE = {
    "disk": "the disk is full: free about 3 GB and run the same command again",
    "certificate": "the network's certificate is not trusted: ask for its file and set "
    "PIP_CERT=/path/to/it, then run the same command again",
    "network": "the package index cannot be reached: connect to the network (behind a proxy, "
    "set HTTPS_PROXY) and run the same command again",
    "venv": "this Python cannot make virtual environments: install that part (on Debian or "
    "Ubuntu: sudo apt install python3-venv) and run the same command again",
    "packages": "the package index lacks a package for this Python: try Python 3.11 to 3.14, "
    "64 bit, and an up-to-date package index",
    "unknown": "run the same command again; if it fails once more, the log says why",
}


class SetupError(Exception):
    """What stops the set-up, as one sentence for the learner; `cause` is a key of ADVICE."""

    def __init__(self, sentence: str, cause: str = "unknown") -> None:
        """Keep the sentence and its cause."""
        super().__init__(sentence)
        self.cause = cause


def say(line: str) -> None:
    """Print one line at once, also when the output is a pipe."""
    print(line, flush=True)


GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": str(4 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(16 * 2**20)}
"""For glibc (see `man mallopt`): blocks of 4 MB and more go back to the system when they are freed.

Of itself it raises both limits with the blocks it sees, and a kernel keeps what one cell needed.
"""


def child_environment(**more: str) -> dict:
    """The environment every child process gets: UTF-8 everywhere, whatever the system's locale.

    Inside `.venv` pip must not be told to install for the user, hence PIP_USER.
    """
    return {**GIVE_BACK, **os.environ, "PYTHONUTF8": "1", "PIP_USER": "0", **more}


def learners_environment(state: str, threads: str = "1") -> dict:
    """For tests and stored outputs: an empty state, and exercises that wait instead of raising.

    MPLBACKEND goes, since a kernel would then draw no inline figures.
    """
    environment = child_environment(COURSE_STATE=state, OMP_NUM_THREADS=threads)
    for name in ("COURSE_STRICT", "NBGRADER_EXECUTION", "MPLBACKEND"):
        environment.pop(name, None)
    return environment


def run_step(title: str, command: list, cwd: Path, **more_environment: str) -> None:
    """Run a command behind one line of progress; its output goes to a log file.

    Args:    title: what the learner reads; command: the child's arguments; cwd: where it runs.
    Raises:  SetupError with one sentence if it fails; the log is kept then, and named.
    """
    with tempfile.NamedTemporaryFile(prefix="vae-course-", suffix=".log", delete=False) as stream:
        returncode = _watch(title, command, cwd, stream, child_environment(**more_environment))
    log = Path(stream.name)
    if returncode != 0:
        cause = explain(log.read_text(encoding="utf-8", errors="replace"))
        raise SetupError(f"{title} failed: {ADVICE[cause]} (details: {log}).", cause=cause)
    log.unlink()


def explain(log: str) -> str:
    """The cause a log tells of: a key of ADVICE."""
    return next((cause for cause, signs in SIGNS.items() if re.search(signs, log)), "unknown")


def read_json(path: Path) -> dict:
    """What a file of ours holds; nothing where it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def replace_text(path: Path, text: str) -> None:
    """All or nothing, so that a power cut leaves no half file."""
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def _watch(title: str, command: list, cwd: Path, log, environment: dict) -> int:
    """Show the seconds while the child runs; never leave it running behind us."""
    start = time.monotonic()
    _show(title, 0, final=False)
    try:
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=str(cwd),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    except OSError as err:
        raise SetupError(f"{title} failed: {err}; try the same command again.") from err
    try:
        while child.poll() is None:
            time.sleep(0.1)
            _show(title, time.monotonic() - start, final=False)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        _show(title, time.monotonic() - start, final=True)
    return child.returncode


def _show(title: str, seconds: float, *, final: bool) -> None:
    """A line that is rewritten on a terminal, and printed twice (start, end) in a log."""
    line = f"{title} ... {seconds:.0f} s"
    if sys.stdout.isatty():
        sys.stdout.write("\r" + line + ("\n" if final else ""))
        sys.stdout.flush()
    elif final:
        say(line)
    elif seconds == 0:
        say(f"{title} ...")
