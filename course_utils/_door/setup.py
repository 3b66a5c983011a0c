"""The set-up: which Python runs the course, and how it comes to have everything it needs.

A clone and a bare Python are enough. The course lives in `.venv` inside the clone, unless the
Python that asks already has this clone installed (conda, Binder, JupyterHub); such an environment
is used as it is and never changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from course_utils._door import install, steps, whole
from course_utils._door.steps import SetupError, child_environment, read_json, say

ROOT = Path(__file__).resolve().parents[2]


def require_clone(verb: str) -> None:
    """Refuse a verb that works on the clone's files where there is no clone.

    Raises: SetupError if the package was installed without its repository.
    """
    if not (ROOT / "pyproject.toml").is_file():
        raise SetupError(
            f"`{verb}` works on the files of the course, but the package at {ROOT} was installed "
            "without them; clone the repository and call it from there."
        )


def ensure(*extras: str, wheels: str | None = None) -> Path:
    """The Python that runs the course, after installing what is missing.

    Args:    extras: names of optional dependencies, e.g. "test"; wheels: a folder to install from.
    Raises:  SetupError with one sentence that says what to do.
    """
    existing = home_python()
    if existing is not None:
        return existing
    require_clone("the set-up")
    if not is_ready(*extras):
        try:
            with steps.only_one(ROOT / ".venv.lock"):
                if not is_ready(*extras):
                    _set_up(extras, wheels)
        except OSError as err:
            place = Path(err.filename or ROOT)
            place = ROOT if place.suffix == ".lock" else place
            raise SetupError(steps.cannot_write(place, err)) from err
    return venv_python()


def _set_up(extras: tuple, wheels: str | None) -> None:
    """Install into `.venv`; the stamp comes last: an installation broken off has none."""
    stamp = read_json(_stamp_file())
    wanted = sorted({*extras, *stamp.get("extras", ())})
    lost = whole.lacking(ROOT, venv_folder(), stamp.get("packages", ()))
    if lost and venv_python().exists():
        say(f"Mending the installation in {venv_folder()}: {', '.join(lost[:9])}")
    else:
        say(f"Setting the course up in {venv_folder()} (at first a minute or two, and 1.5 GB)")
    whole.forget(venv_folder(), lost)
    _stamp_file().unlink(missing_ok=True)
    install.install(ROOT, venv_folder(), wanted, wheels)
    packages = sorted(whole.installed(venv_folder()))
    stamp = {"key": _key(), "extras": wanted, "packages": packages}
    steps.replace_text(_stamp_file(), json.dumps(stamp))


def home_python() -> Path | None:
    """This very Python, if it is not `.venv`'s and has this clone installed; else None."""
    if not running_in_venv() and _finds_this_clone(sys.executable):
        return Path(sys.executable)
    return None


def is_ready(*extras: str) -> bool:
    """Whether `.venv` holds what pyproject.toml, the lock, and the extras ask for, whole."""
    stamp = read_json(_stamp_file())
    if not set(extras) <= set(stamp.get("extras", ())) or stamp.get("key") != _key():
        return False
    return not whole.lacking(ROOT, venv_folder(), stamp.get("packages", ()))


def venv_folder() -> Path:
    """Where the course installs itself."""
    return ROOT / ".venv"


def venv_python() -> Path:
    """The Python inside `.venv`, on this system."""
    return install.python_in(venv_folder())


def running_in_venv() -> bool:
    """Whether this process is already `.venv`'s Python."""
    return Path(sys.prefix).resolve() == venv_folder().resolve()


def hand_over(python: Path, arguments: list) -> None:
    """Run `python -m course_utils arguments` instead of this process; return if it is this one."""
    if not running_in_venv() and Path(python) != Path(sys.executable):
        become([str(python), "-m", "course_utils", *arguments])


def become(command: list, **environment: str) -> None:
    """Replace this process; where the system cannot (Windows), wait for the child and leave.

    The child gets the keyboard's interrupts itself, so the waiting parent ignores them.
    """
    sys.stdout.flush()
    if os.name == "nt":
        raise SystemExit(_wait_for(command, child_environment(**environment)))
    os.execve(command[0], command, child_environment(**environment))


def _wait_for(command: list, environment: dict) -> int:
    child = subprocess.Popen(command, env=environment)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()


def _finds_this_clone(python: str) -> bool:
    """Ask without the current folder, so that the answer is an installation and not the clone."""
    question = "import importlib.metadata as m, course_utils as c; m.version('vae-course')"
    command = [python, "-P", "-c", f"{question}; print(c.__file__)"]
    answer = subprocess.run(command, env=child_environment(), capture_output=True)
    if answer.returncode != 0:
        return False
    found = Path(os.fsdecode(answer.stdout.strip())).resolve().parent
    return found == Path(__file__).resolve().parents[1]


def _key() -> str:
    """What an installation depends on; when it changes, the next run installs again."""
    files = [ROOT / "pyproject.toml", ROOT / "requirements.lock"]
    files += sorted((ROOT / "jupyter_config").glob("*.*"))  # an installation copies these
    parts = [path.read_bytes() for path in files]
    version = install.version_of(venv_python())
    return hashlib.sha256(b"\0".join([*parts, os.fsencode(ROOT), version.encode()])).hexdigest()


def _stamp_file() -> Path:
    return venv_folder() / "course-stamp.json"
