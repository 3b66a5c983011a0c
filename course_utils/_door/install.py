"""Make `.venv` and install the course there: with uv where it is found, else with pip.

uv does not read pip's configuration, so it is handed on.
"""

from __future__ import annotations

import ast
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from course_utils._door import OLDEST, TOO_NEW, index, whole
from course_utils._door.causes import ADVICE, BEFORE_WRITING
from course_utils._door.steps import SetupError, child_environment, run_step, say
from course_utils._door.surroundings import is_spoiler, without_spoilers

LOCK = "requirements.lock"
CPU_TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
NEEDED_GB = 2.5
# pip's setting -> uv's option; a setting may hold several values
UV_OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}
OTHER_WHEELS = (
    "{} lacks a package for this system and this Python: fill it on a machine of the same kind, "
    "with the same version of Python, by python3 -m course_utils wheels --to FOLDER, and run the "
    "same command again"
)
INDEX_SETTINGS = {"index-url", "extra-index-url", "find-links", "no-index"}


def install(root: Path, venv: Path, extras: list, wheels: str | None = None) -> None:
    """Make `venv` if it is missing, broken or of another Python, then install the clone into it.

    A marker stands in the folder while we write to it. Whoever finds it, finds an installation
    broken off half-way, in which pip would take half a package for a whole one: it is made anew.

    Args:   wheels: a folder to install from, without any index.
    Raises: SetupError with one sentence; OSError if the folder cannot be written.
    """
    if wheels is not None and not list(Path(wheels).glob("*.whl")):
        raise SetupError(
            f"there are no packages in {wheels}; give --wheels the folder that was filled with: "
            "python3 -m course_utils wheels --to FOLDER"
        )
    marker = venv / "course-install-unfinished"
    if marker.exists() or not _is_usable(venv):
        _require_space(root)
        _make_venv(root, venv)
    marker.touch()
    if wheels is None:
        settings = pip_settings(python_in(venv))
    else:
        settings = {"no-index": ["true"], "find-links": [wheels]}
    try:
        _install_packages(root, venv, extras, settings)
    except SetupError as err:
        cause = index.look(settings, err.cause) if wheels is None else err.cause
        if cause in BEFORE_WRITING:
            marker.unlink()
        advice = index.advice(settings, cause)
        if wheels is not None and cause in index.MUTE:
            advice = OTHER_WHEELS.format(wheels)
        raise SetupError(str(err).replace(ADVICE[err.cause], advice), cause) from err
    whole.link_in_ascii(root, venv)
    _require_found(root, venv)
    marker.unlink()


def python_in(venv: Path) -> Path:
    """The Python of a virtual environment, on this system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_of(python: Path) -> str:
    """The version of a Python, such as "3.11", or "" if it does not start."""
    return _answer([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])


def fits(python: Path) -> bool:
    """Whether a Python starts and is one that the course runs on."""
    version = [int(part) for part in version_of(python).split(".") if part]
    return OLDEST <= tuple(version) < TOO_NEW


def has_nvidia() -> bool:
    """Whether an NVIDIA driver is there, so that the CUDA build of torch is of use."""
    return os.path.exists("/proc/driver/nvidia") or shutil.which("nvidia-smi") is not None


def pip_settings(python: Path) -> dict:
    """pip's configuration as {setting: [values]}; its files and PIP_* variables both count.

    What tells where packages come from is taken over; what would put them elsewhere, leave some
    out or build them anew is not.
    """
    lines = _answer([python, "-m", "pip", "config", "list"]).splitlines()
    # an environment that uv made has no pip to list them, and the variables count all the same
    own = [name for name in os.environ if name.startswith("PIP_") and not lines]
    found = {name[4:].lower().replace("_", "-"): os.environ[name].split() for name in own}
    # the environment beats the section [install], which beats [global]
    for section in ("global.", "install.", ":env:."):
        for line in lines:
            if line.startswith(section):
                name, _, value = line[len(section) :].partition("=")
                found[name] = str(ast.literal_eval(value)).split()
    return {name: values for name, values in found.items() if not is_spoiler(_variable(name))}


def torch_options(settings: dict, lock: str) -> list:
    """Ask for the CPU build of torch by name, where PyPI's would bring gigabytes of CUDA.

    Naming the local version `+cpu` means that an index out of reach stops the installation
    instead of falling back to the big one.
    """
    if platform.system() != "Linux" or has_nvidia() or INDEX_SETTINGS & set(settings):
        return []
    pin = next(line for line in lock.splitlines() if line.startswith("torch=="))
    return ["--extra-index-url", CPU_TORCH_INDEX, pin + "+cpu"]


def uv_options(settings: dict) -> list:
    """pip's configuration in uv's words; indexes are weighed as pip weighs them."""
    options = ["--index-strategy", "unsafe-best-match"]
    for name, option in UV_OPTIONS.items():
        for value in settings.get(name, ()):
            options += [option, value]
    return options + ["--no-index"] * index.says_yes(settings, "no-index")


def _install_packages(root: Path, venv: Path, extras: list, settings: dict) -> None:
    """With uv, whose failure is no failure as long as pip is there; else with pip."""
    python, uv = python_in(venv), shutil.which("uv")
    target = "." + ("[{}]".format(",".join(extras)) if extras else "")
    wanted = [*torch_options(settings, (root / LOCK).read_text()), "-c", LOCK, "-e", target]
    if uv is not None:
        environment = {"UV_HTTP_TIMEOUT": "180", "UV_LINK_MODE": "copy"}
        if settings.get("cert"):
            environment["SSL_CERT_FILE"] = " ".join(settings["cert"])
        command = [uv, "pip", "install", "--python", python, *uv_options(settings), *wanted]
        try:
            run_step("Installing packages with uv", command, root, **environment)
            return
        except SetupError as err:
            if not _has_pip(python):
                raise
            say(f"{err} Trying pip instead.")
    # not as a variable, where a space would end the name of a folder
    links = [part for link in settings.get("find-links", ()) for part in ("--find-links", link)]
    others = {name: settings[name] for name in settings if name != "find-links"}
    command = [python, "-m", "pip", "install", "--no-input", *links, *wanted]
    run_step("Installing packages with pip", command, root, **pip_variables(others))


def pip_variables(settings: dict) -> dict:
    """These settings alone, as variables: pip is to read no file."""
    variables = {_variable(name): " ".join(values) for name, values in settings.items()}
    return {**variables, "PIP_CONFIG_FILE": os.devnull}


def _make_venv(root: Path, venv: Path) -> None:
    """Python's own venv; uv's where this Python comes without (Debian splits it off)."""
    python = getattr(sys, "_base_executable", None) or sys.executable
    try:
        run_step("Making .venv", [python, "-m", "venv", "--clear", venv], root)
    except SetupError:
        uv = shutil.which("uv")
        if uv is None:
            raise
        run_step("Making .venv with uv", [uv, "venv", "--clear", "--python", python, venv], root)


def _is_usable(venv: Path) -> bool:
    """Whether a Python that fits starts there and has something to install with."""
    python = python_in(venv)
    return fits(python) and bool(shutil.which("uv") or _has_pip(python))


def _require_found(root: Path, venv: Path) -> None:
    """Ask Python itself, as `lab` starts it and as an editor would."""
    command = [python_in(venv), "-P", "-c", "import course_utils; print('found')"]
    plain = without_spoilers(os.environ)
    if {_answer(command), _answer(command, plain)} != {"found"}:
        raise SetupError(
            f"All is installed, but Python in {venv} does not find the course in {root}; move it "
            "to a folder with letters from a to z alone, and run the same command again."
        )


def _has_pip(python: Path) -> str:
    """pip's version, or nothing."""
    return _answer([python, "-m", "pip", "--version"])


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(str(root)).free / 1e9
    if free < NEEDED_GB:
        found = f"{free:.1f} GB are free; make room and run the same command again."
        needed = f"The set-up needs about {NEEDED_GB} GB on the disk of {root}"
        raise SetupError(f"{needed}, but {found}", cause="disk")


def _variable(setting: str) -> str:
    return "PIP_" + setting.upper().replace("-", "_")


def _answer(command: list, environment: dict | None = None) -> str:
    """What a short command prints, or "" if it fails or is not there."""
    settings = {"env": environment or child_environment(), "stdin": subprocess.DEVNULL}
    try:
        done = subprocess.run(command, capture_output=True, **settings)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
