"""The verb `doctor`: one line per requirement, and what to do about those not met.

It looks at the environment it runs in, which is the kernel's: called from a notebook, at the
notebook's kernel; called as a verb, at the environment that `lab` uses.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_core.paths import jupyter_config_path, jupyter_path
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from course_utils import _paths
from course_utils.data._digits import read_digits
from course_utils.data._mnist import find_mnist

AGAIN = "run python3 -m course_utils lab again"
NEEDED_MEMORY_GB, NEEDED_DISK_GB = 1.0, 0.5
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
SETTINGS = "jupyter_server_config.d/course_utils.json"


class Finding(NamedTuple):
    """What one check found: `state` is "ok", "fail" or "note"; `mend` says what to do."""

    what: str
    state: str
    detail: str
    mend: str = ""

    def __str__(self) -> str:
        """One line, such as `[ok] Python: 3.13`."""
        mend = f"; {self.mend}" if self.mend else ""
        return f"[{self.state}] {self.what}: {self.detail}{mend}"


def doctor() -> int:
    """Print one line per requirement; return 0 if none fails, else 1."""
    findings = examine()
    for finding in findings:
        print(finding)
    return int(any(finding.state == "fail" for finding in findings))


def summary() -> str:
    """The same for a notebook: one line if all is well, else the lines that fail.

    Versions and sizes are left out, so that the text is the same on every good machine.
    """
    findings = examine()
    failed = [str(finding) for finding in findings if finding.state == "fail"]
    return "\n".join(failed) if failed else f"all {len(findings)} checks passed"


def examine() -> list[Finding]:
    """Run every check, in the order in which the mends are best tried."""
    return [check() for check in CHECKS]


def check_python() -> Finding:
    """Python itself is one that the course is tested on."""
    version = "{}.{}.{}".format(*sys.version_info[:3])
    wanted = importlib.metadata.metadata("vae-course")["Requires-Python"]
    if version in SpecifierSet(wanted):
        return Finding("Python", "ok", f"{version} ({sys.executable})")
    return Finding("Python", "fail", version, f"use one that fits {wanted}")


def check_packages() -> Finding:
    """Every dependency is there in a version that is new enough."""
    wanted = [Requirement(line) for line in importlib.metadata.requires("vae-course") or []]
    wanted = [item for item in wanted if item.marker is None or item.marker.evaluate()]
    versions = {item.name: _version(item.name) for item in wanted}
    bad = [
        f"{item} (found {versions[item.name] or 'nothing'})"
        for item in wanted
        if not _fits(item, versions[item.name])
    ]
    if bad:
        return Finding("packages", "fail", "needed: " + ", ".join(bad), AGAIN)
    return Finding("packages", "ok", ", ".join(f"{k} {v}" for k, v in versions.items()))


def check_kernel() -> Finding:
    """The kernel called python3 runs the Python that has the course."""
    try:
        argv = KernelSpecManager().get_kernel_spec("python3").argv
    except NoSuchKernel:
        return Finding("kernel", "fail", "there is none called python3", AGAIN)
    if _is_this_python(argv[0]):
        return Finding("kernel", "ok", "python3 runs this Python")
    mend = "remove it: jupyter kernelspec remove python3"
    return Finding("kernel", "fail", f"python3 runs another Python, {argv[0]}", mend)


def check_widgets() -> Finding:
    """JupyterLab and the extensions that draw sliders and explorers."""
    missing = [
        name
        for name in EXTENSIONS
        if not any(Path(p, name, "package.json").is_file() for p in jupyter_path("labextensions"))
    ]
    if importlib.util.find_spec("jupyterlab") is None:
        missing.insert(0, "jupyterlab")
    if missing:
        return Finding("JupyterLab", "fail", "missing: " + ", ".join(missing), AGAIN)
    return Finding("JupyterLab", "ok", "with " + " and ".join(EXTENSIONS))


def check_settings() -> Finding:
    """The course's settings of JupyterLab, without which explorers lag behind the pointer."""
    if any(Path(folder, SETTINGS).is_file() for folder in jupyter_config_path()):
        return Finding("Lab settings", "ok", "explorers answer at once")
    return Finding("Lab settings", "fail", "not installed, explorers will lag", AGAIN)


def check_state() -> Finding:
    """Answers, predictions and progress can be kept."""
    folder = _paths.state_folder()
    mend = "set COURSE_STATE to a folder of your own"
    return _writable("state", folder, "fail", mend)


def check_cache() -> Finding:
    """Fetched data can be kept; a class's shared folder is read-only on purpose."""
    folder = _paths.data_folder()
    state = "note" if "COURSE_DATA" in os.environ else "fail"
    return _writable("cache", folder, state, "set COURSE_DATA to a folder of your own")


def check_data() -> Finding:
    """The real digits are there and whole; MNIST is optional."""
    try:
        read_digits()
    except (OSError, ValueError) as error:  # which says what to do
        return Finding("data", "fail", str(error))
    if find_mnist() is not None:
        return Finding("data", "ok", "strokes, digits, mnist")
    mend = "for mnist too: python3 -m course_utils data mnist"
    return Finding("data", "note", "strokes and digits are here, mnist is not (optional)", mend)


def check_memory() -> Finding:
    """Free memory: a kernel with torch takes 0.4 GB."""
    free = psutil.virtual_memory().available / 1e9
    mend = "close programs or other kernels"
    return _enough("memory", free, NEEDED_MEMORY_GB, mend)


def check_disk() -> Finding:
    """Free disk, where the learner's state is kept."""
    free = shutil.disk_usage(_existing(_paths.state_folder())).free / 1e9
    return _enough("disk", free, NEEDED_DISK_GB, "free some space")


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_packages,
    check_kernel,
    check_widgets,
    check_settings,
    check_state,
    check_cache,
    check_data,
    check_memory,
    check_disk,
)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _fits(wanted: Requirement, version: str) -> bool:
    return bool(version) and wanted.specifier.contains(Version(version), prereleases=True)


def _is_this_python(command: str) -> bool:
    """Jupyter itself replaces a bare `python` by its own."""
    if command in ("python", "python3", "python{}.{}".format(*sys.version_info[:2])):
        return True
    return Path(command).exists() and Path(command).samefile(sys.executable)


def _writable(what: str, folder: Path, otherwise: str, mend: str) -> Finding:
    """Try it: permissions alone do not tell (read-only disks, network folders)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(what, "ok", f"{folder} can be written")
    except OSError as err:
        return Finding(what, otherwise, f"{folder} cannot be written ({err.strerror})", mend)


def _enough(what: str, free: float, needed: float, mend: str) -> Finding:
    detail = f"{free:z.1f} GB free"
    if free >= needed:
        return Finding(what, "ok", detail)
    return Finding(what, "fail", f"{detail}, {needed} GB needed", mend)


def _existing(folder: Path) -> Path:
    """The folder, or its nearest ancestor that exists."""
    return next(path for path in (folder, *folder.resolve().parents) if path.exists())
