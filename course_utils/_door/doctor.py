"""The verb `doctor`: one line per requirement, and what to do about those not met.

It looks at the environment it runs in, which is the kernel's: called from a notebook, at the
notebook's kernel; called as a verb, at the environment that `lab` uses. It is to speak where
packages are broken, so a check imports what it needs itself.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from course_utils._door.finding import AGAIN, Finding
from course_utils._door.surroundings import check_surroundings

NEEDED_MEMORY_GB, NEEDED_DISK_GB = 1.0, 0.5
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
WEIGHTS = Path(__file__).parents[1] / "pretrained" / "weights"
SETTINGS = "jupyter_server_config.d/course_utils.json"


def doctor() -> int:
    """Print one line per requirement; return 0 if none fails, else 1."""
    findings = examine()
    print(*findings, sep="\n")
    return int(any(finding.state == "fail" for finding in findings))


def summary() -> str:
    """The same for a notebook: one line if all is well, else the lines that fail.

    Versions and sizes are left out, so that the text is the same on every good machine. What is
    around this kernel and may be in the way is named in any case.
    """
    findings = examine(in_kernel=True)
    failed = [str(finding) for finding in findings if finding.state == "fail"]
    around = [str(one) for one in findings if (one.what, one.state) == ("surroundings", "note")]
    return "\n".join([*(failed or [f"all {len(findings)} checks passed"]), *around])


def examine(*, in_kernel: bool = False) -> list[Finding]:
    """Run every check, in the order in which the mends are best tried.

    Args:    in_kernel: look at this process, not at the kernels that `lab` starts.
    """
    path, own = list(sys.path), os.path.realpath("")
    # past the folder we are in: a file of the learner's there may hide what a check needs
    sys.path[:] = [entry for entry in path if os.path.realpath(entry) != own]
    try:
        from course_utils._door import imports_check

        here = imports_check.here(tuple(map(str, path)))
        place = here if in_kernel else imports_check.in_the_course()
        imports, loaded = imports_check.look(place)
        findings = [_run(check, loaded) for check in CHECKS]
    finally:
        sys.path[:] = path
    return [*findings[:2], *imports, *findings[2:]]


def check_python() -> Finding:
    """Python itself is one that the course is tested on."""
    from importlib.metadata import metadata

    from packaging.specifiers import SpecifierSet

    version = "{}.{}.{}".format(*sys.version_info[:3])
    wanted = metadata("vae-course")["Requires-Python"]
    if version in SpecifierSet(wanted):
        return Finding("Python", "ok", f"{version} ({sys.executable})")
    return Finding("Python", "fail", version, f"use one that fits {wanted}")


def check_packages() -> Finding:
    """Every dependency is there in a version that is new enough."""
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in requires("vae-course") or []]
    wanted = [item for item in wanted if item.marker is None or item.marker.evaluate()]
    versions = {item.name: _version(item.name) for item in wanted}
    bad = [
        f"{item} (found {versions[item.name] or 'nothing'})"
        for item in wanted
        if not versions[item.name] or not item.specifier.contains(versions[item.name], True)
    ]
    if bad:
        return Finding("packages", "fail", "needed: " + ", ".join(bad), again())
    return Finding("packages", "ok", ", ".join(f"{k} {v}" for k, v in versions.items()))


def check_kernel() -> Finding:
    """The kernel called python3 runs the Python that has the course."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        kernel = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", "fail", "there is none called python3", again())
    if _is_this_python(kernel.argv[0]):
        return Finding("kernel", "ok", "python3 runs this Python")
    mend = f"delete the folder {kernel.resource_dir}"
    return Finding("kernel", "fail", f"python3 runs another Python, {kernel.argv[0]}", mend)


def check_widgets() -> Finding:
    """JupyterLab and the extensions that draw sliders and explorers."""
    from jupyter_core.paths import jupyter_path

    folders = jupyter_path("labextensions")
    missing = ["jupyterlab"] if importlib.util.find_spec("jupyterlab") is None else []
    for name in EXTENSIONS:
        if not any(Path(folder, name, "package.json").is_file() for folder in folders):
            missing.append(name)
    if missing:
        return Finding("JupyterLab", "fail", "missing: " + ", ".join(missing), again())
    return Finding("JupyterLab", "ok", "with " + " and ".join(EXTENSIONS))


def check_settings() -> Finding:
    """The course's settings of JupyterLab, without which explorers lag behind the pointer."""
    from jupyter_core.paths import jupyter_config_path

    if any(Path(folder, SETTINGS).is_file() for folder in jupyter_config_path()):
        return Finding("Lab settings", "ok", "explorers answer at once")
    return Finding("Lab settings", "fail", "not installed, explorers will lag", again())


def check_state() -> Finding:
    """Answers, predictions and progress can be kept."""
    from course_utils import _paths

    return _writable("state", _paths.state_folder(), "COURSE_STATE")


def check_cache() -> Finding:
    """Fetched data can be kept; a class's shared folder is read-only on purpose."""
    from course_utils import _paths

    otherwise = "note" if "COURSE_DATA" in os.environ else "fail"
    return _writable("cache", _paths.data_folder(), "COURSE_DATA", otherwise)


def check_data() -> Finding:
    """The real digits and the trained models are there and whole; MNIST is optional."""
    from course_utils.data._digits import read_digits
    from course_utils.data._mnist import find_mnist, find_others

    try:
        read_digits()
        _read_weights()
    except (OSError, ValueError) as error:  # which says what to do
        return Finding("data", "fail", str(error))
    if find_mnist() is not None:
        return Finding("data", "ok", "strokes, digits, mnist")
    detail = "strokes and digits are here, mnist is not (optional)"
    mend = "for mnist too: python3 -m course_utils data mnist"
    if others := find_others():
        detail = f"{others[0].parent} holds other files under mnist's names"
        mend = "move them elsewhere"
    return Finding("data", "note", detail, mend)


def check_memory() -> Finding:
    """Free memory: a kernel with torch takes 0.4 GB."""
    import psutil

    free = psutil.virtual_memory().available / 1e9
    return _enough("memory", free, NEEDED_MEMORY_GB, "close programs or other kernels")


def check_disk() -> Finding:
    """Free disk, where the learner's state is kept."""
    import shutil

    from course_utils import _paths

    folder = _paths.state_folder()
    there = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    return _enough("disk", free, NEEDED_DISK_GB, "free some space")


CHECKS: tuple[Callable[[], Finding], ...] = (
    *(check_python, check_packages, check_kernel, check_widgets, check_settings),
    *(check_state, check_cache, check_data, check_memory, check_disk, check_surroundings),
)
NEEDS = {check_kernel: "jupyter_client.kernelspec", check_data: "numpy", check_memory: "psutil"}
"""Compiled code, which might take this process down, too, where it did so to the child's."""


def _run(check: Callable[[], Finding], loaded: list[str]) -> Finding:
    """A check that cannot do its work is a finding as well."""
    name = check.__name__.removeprefix("check_")
    needed = NEEDS.get(check)
    if needed and needed not in loaded:
        return Finding(name, "note", f"not looked at, since {needed} was not loaded")
    try:
        return check()
    except Exception as err:  # noqa: BLE001 - whatever a broken package raises is the answer
        return Finding(name, "fail", f"cannot be looked at ({type(err).__name__}: {err})", again())


def _read_weights() -> None:
    """The trained models' files, held to the hashes on their cards, without loading torch."""
    from course_utils import _paths

    for name in sorted({path.stem for path in WEIGHTS.iterdir()}):
        card, path = WEIGHTS / f"{name}.json", WEIGHTS / f"{name}.safetensors"
        mend = _paths.tell_checkout(card)
        hashes = re.findall(rb'"sha256": "(\w{64})"', _paths.read_bundled(card, mend))
        if not hashes:
            raise ValueError(f"{card} is damaged. {mend}")
        _paths.read_known(path, hashes[0].decode(), _paths.tell_checkout(path))


def again() -> str:
    """How an installation is mended: `lab` changes no environment but its own."""
    from course_utils._door import setup

    if setup.running_in_venv():
        return AGAIN
    command = f'"{sys.executable}" -m pip install --force-reinstall -c requirements.lock -e .'
    return f"in the folder of the clone: {command}"


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _is_this_python(command: str) -> bool:
    """Jupyter itself replaces a bare `python` by its own."""
    if command in ("python", "python3", "python{}.{}".format(*sys.version_info[:2])):
        return True
    return Path(command).exists() and Path(command).samefile(sys.executable)


def _writable(what: str, folder: Path, variable: str, otherwise: str = "fail") -> Finding:
    """Try it: permissions alone do not tell (read-only disks, network folders)."""
    import tempfile

    home = "set HOME (on Windows USERPROFILE) to a folder of your own"
    moved = f"unset {variable}, or set it to a folder of your own"
    mend = moved if os.environ.get(variable) else home
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(what, "ok", f"{folder} can be written")
    except OSError as err:
        return Finding(what, otherwise, f"{folder} cannot be written ({err.strerror})", mend)


def _enough(what: str, free: float, needed: float, mend: str) -> Finding:
    detail = f"{free:z.1f} GB free"
    short = Finding(what, "fail", f"{detail}, {needed} GB needed", mend)
    return Finding(what, "ok", detail) if free >= needed else short
