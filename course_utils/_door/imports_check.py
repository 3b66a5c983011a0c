"""Does what the notebooks load really load? Tried in one child process, which may hang or die.

The child, `imports_child.py`, sits in the learner's folder and looks for modules where a kernel
does, since a file of the learner's there may hide a package.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from course_utils._door import setup
from course_utils._door.finding import AGAIN, Finding

CHILD = Path(__file__).with_name("imports_child.py")
LIMIT = 120  # seconds
MODULES = (  # in this order: course_utils says how many threads torch takes
    *("course_utils", "packaging", "platformdirs", "psutil", "jupyter_client.kernelspec"),
    *("numpy", "tqdm.auto", "requests", "pooch", "torch", "safetensors.torch"),
    *("matplotlib.pyplot", "ipykernel.kernelapp", "ipywidgets", "anywidget", "sklearn"),
    *("course_utils.models", "course_utils.widgets", "course_utils.exercises"),
    *("course_utils.training", "course_utils.pretrained"),
)
SERVER = ("jupyterlab", "nbconvert")  # a notebook that runs has them
NO_DLL = ("WinError 126", "WinError 127", "WinError 1114", "DLL load failed")
NO_MEMORY = ("WinError 1455", "MemoryError", "Cannot allocate memory", "cannot allocate memory")
NO_LIBRARY = re.compile(r"([\w.+-]+\.so[\w.]*): cannot open shared object file")
APT = {"libgomp.so.1": "libgomp1", "libstdc++.so.6": "libstdc++6", "libgcc_s.so.1": "libgcc-s1"}
PARTS_OF_TORCH = ("libtorch", "libc10", "libshm")
VISUAL_C = (
    "install the Microsoft Visual C++ Redistributable for x64 (vc_redist.x64.exe, on Microsoft's "
    'page "Latest supported Visual C++ Redistributable downloads") and restart the computer'
)
MORE_MEMORY = "close programs or other kernels and try again"
ILLEGAL, KILLED = (-4, 0xC000001D), -9  # how a child ended: by a signal, on Windows by a number
COUNTS = ("MKL_NUM_THREADS", "OMP_NUM_THREADS")  # torch heeds the first where both are set


class Place(NamedTuple):
    """Where notebooks run, where modules are looked for there (None: as a new kernel does)."""

    folder: Path
    path: tuple[str, ...] | None
    modules: tuple[str, ...]


class Report(NamedTuple):
    """What the child said, as (word, text), and how it ended (None: it was stopped as too slow)."""

    said: list[tuple[str, str]]
    end: int | None
    errors: str

    def last(self, word: str) -> str:
        """The text of the last line that begins with this word, or the empty string."""
        return next((text for said, text in reversed(self.said) if said == word), "")


def here(path: tuple[str, ...]) -> Place:
    """This process, which is the kernel of a notebook, with its `sys.path`."""
    return Place(Path.cwd(), path, MODULES)


def in_the_course() -> Place:
    """The kernels that `lab` will start, beside the learner's notebooks, and JupyterLab."""
    folders = (setup.ROOT / "my_course", setup.ROOT / "notebooks", Path.cwd())
    folder = next(folder for folder in folders if folder.is_dir())
    return Place(folder, None, (*MODULES, *SERVER))


def look(place: Place, limit: float = LIMIT) -> tuple[list[Finding], list[str]]:
    """Load everything once in a child, and put in words what came of it.

    Returns: two findings, `imports` and `threads`; the modules that were loaded without harm.
    """
    report = _ask(place, limit)
    at = [text for word, text in report.said if word == "at"]
    loaded = at if report.said[-1:] == [("done", "")] else at[:-1]
    return [_imports(report, place, limit), _threads(report, place)], loaded


def _ask(place: Place, limit: float) -> Report:
    """Run the child; its words are UTF-8 whatever the locale, and no error message stops us."""
    command = [sys.executable, "-P", str(CHILD), str(place.folder), ",".join(place.modules)]
    command += place.path or ()
    settings = {"stdin": subprocess.DEVNULL, "capture_output": True, "cwd": place.folder}
    try:
        done = subprocess.run(command, timeout=limit, check=False, **settings)
        end, out, errors = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as err:
        end, out, errors = None, err.stdout or b"", err.stderr or b""
    except OSError as err:
        return Report([("at", "Python"), ("failed", str(err))], None, "")
    said, cut, error = out.decode("utf-8", "replace").partition("\nfailed\t")
    pairs = [tuple(line.partition("\t")[::2]) for line in said.splitlines()]
    pairs += [("failed", error)] if cut else []
    return Report(pairs, end, errors.decode("utf-8", "replace"))


def _imports(report: Report, place: Place, limit: float) -> Finding:
    """The child's last word as a finding; without one it hung or died."""
    at, word = report.last("at") or "Python", report.said[-1][0] if report.said else ""
    if word == "done":
        return Finding("imports", "ok", f"all {len(place.modules)} load, and torch computes")
    if word == "hides":
        detail, mend = _hidden(*report.last("hides").split("\t"))
    elif word == "failed":
        detail, mend = _failed(at, report.last("failed"))
    elif report.end is None:
        detail = f"{at} was not loaded within {limit:g} s"
        mend = f"try again when the computer is less busy; if it stays so, {_anew(at)}"
    else:
        detail, mend = _died(at, report)
    return Finding("imports", "fail", detail, mend)


def _hidden(name: str, path: str) -> tuple[str, str]:
    """A file or folder of the learner's has the name of something that is needed."""
    what = "Python's own module" if name in sys.stdlib_module_names else "the package"
    what = "the course's own package" if name == "course_utils" else what
    mend = (
        "rename it, delete the folder __pycache__ beside it if there is one, and restart the kernel"
    )
    return f"{path} hides {what} {name}", mend


def _failed(at: str, error: str) -> tuple[str, str]:
    """An exception, by the last line of its message; the cause may stand further up."""
    detail = f"{at} cannot be used ({error.strip().splitlines()[-1].strip()})"
    library = NO_LIBRARY.search(error)
    if any(sign in error for sign in NO_DLL):
        return detail, VISUAL_C
    if any(sign in error for sign in NO_MEMORY):
        return detail, MORE_MEMORY
    if not library or library[1].startswith(PARTS_OF_TORCH):
        return detail, _anew(at)
    apt = f" (on Debian or Ubuntu: sudo apt install {APT[library[1]]})" if library[1] in APT else ""
    return detail, f"install the package of your system that has {library[1]}{apt}"


def _died(at: str, report: Report) -> tuple[str, str]:
    """No exception: the child was gone."""
    if report.end in ILLEGAL:
        detail = f"{at} uses instructions that this processor does not have"
        return detail, "take a newer computer, or a hub on the web"
    if report.end == KILLED:
        detail = f"the system stopped Python while it loaded {at}, as it does for want of memory"
        return detail, MORE_MEMORY
    names = {-known.value: known.name for known in signal.Signals}
    reason = names.get(report.end, f"exit code {report.end}")
    words = "".join(f": {line}" for line in report.errors.strip().splitlines()[-1:])
    return f"loading {at} ends Python ({reason}{words})", _anew(at)


def _anew(name: str) -> str:
    """What `lab` sees to be gone it mends; what is broken inside calls for a new environment."""
    if setup.running_in_venv() and not setup.is_ready():
        return AGAIN
    if setup.running_in_venv():
        return f"stop JupyterLab, delete the folder {setup.venv_folder()}, and {AGAIN}"
    return f"install {name.partition('.')[0]} anew in {sys.prefix}"


def _threads(report: Report, place: Place) -> Finding:
    """How many threads torch takes: in this kernel if it has loaded torch, else in the child."""
    number, own = report.last("threads"), None
    if place.path is not None:
        own = getattr(sys.modules.get("torch"), "get_num_threads", None)
        number = str(own()) if own else number
    if not number:
        return Finding("threads", "note", "not known, since torch was not loaded")
    name = next((name for name in COUNTS if os.environ.get(name)), "")
    if name and os.environ[name].split(",")[0].strip() == number:
        whence, mend = f"set by {name}", f"unset {name}, or set it to 1"
    elif own:
        whence, mend = "in this kernel", "restart it, and import course_utils before torch"
    else:
        whence, mend = "torch's own choice", "set OMP_NUM_THREADS to 1"
    if number == "1":
        return Finding("threads", "ok", f"1 ({whence})")
    detail = f"{number} ({whence}); a busy machine then slows training several times"
    return Finding("threads", "note", detail, mend)
