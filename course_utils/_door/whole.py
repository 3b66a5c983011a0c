"""Is `.venv` still what was installed? Read off its files, without starting its Python."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

REQUIREMENT = re.compile(r"""["']([\w.-]+)>=([\d.]+)["']""")
ALSO = [("vae-course", "0"), ("jupyterlab-widgets", "0")]  # files that the doctor looks for
LOOKED_AT = {"torch": "torch/lib/"}  # of its 12 000 files those without which it does not load


def installed(venv: Path) -> dict:
    """{name: (version, its folder .dist-info)} of all that pip lists there."""
    found = {}
    for folder in sorted(site_packages(venv).glob("*.dist-info")):
        name, _, version = folder.name[: -len(".dist-info")].partition("-")
        found[_normal(name)] = version, folder
    return found


def lacking(root: Path, venv: Path, before: list) -> list:
    """Packages that are gone, too old, or have lost files.

    Args:    before: what was there when the installation had ended.
    """
    there = installed(venv)
    bad = [name for name in before if name not in there]
    for name, bound in requirements(root) + ALSO:
        if name in there and name not in bad:
            version, folder = there[name]
            if _numbers(version) < _numbers(bound) or not _has_its_files(name, folder):
                bad.append(name)
    return bad


def forget(venv: Path, names: list) -> None:
    """Make pip install these anew; it takes a package for whole as long as it is listed."""
    there = installed(venv)
    for name in set(names) & set(there):
        shutil.rmtree(str(there[name][1]))


def requirements(root: Path) -> list:
    """(name, lowest version) of all that pyproject.toml names, extras included."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return [(_normal(name), bound) for name, bound in REQUIREMENT.findall(text)]


def site_packages(venv: Path) -> Path:
    """Where packages lie in a virtual environment, on this system."""
    return next(venv.glob("lib/python3*/site-packages"), venv / "Lib" / "site-packages")


def link_in_ascii(root: Path, venv: Path) -> None:
    """Let Python find the clone in whatever encoding it reads the `.pth` that names its folder.

    Before Python 3.13 that is the locale's, and pip writes UTF-8: a folder with a letter beyond
    ASCII is not found then, and in the C locale no Python starts any more.
    """
    name = os.fsencode(str(root))
    for path in site_packages(venv).glob("*.pth") if not name.isascii() else ():
        if path.read_bytes().strip() == name:
            line = f"import os, sys; sys.path.append(os.fsdecode({name!r}))\n"
            path.write_bytes(line.encode("ascii"))


def _has_its_files(name: str, folder: Path) -> bool:
    try:
        record = (folder / "RECORD").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    files = (line.partition(",")[0] for line in record if not line.startswith('"'))
    files = (file for file in files if file.startswith(LOOKED_AT.get(name, "")))
    return all((folder.parent / file).exists() for file in files if not file.endswith(".pyc"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _numbers(version: str) -> list:
    return [int(part) for part in re.findall(r"\d+", version)]
