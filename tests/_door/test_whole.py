"""Whether `.venv` is still what was installed, and whether Python finds the clone from it."""

import os
import subprocess
import sys

import pytest

from course_utils._door import whole as _whole

PROJECT = """
dependencies = [
    "numpy>=2.1",    # arrays
    "packaging>=24",
    "torch>=2.13",
]
"""


@pytest.fixture
def venv(tmp_path):
    """A folder as pip leaves it: four packages, with two files each."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    for listed in ("numpy-2.4.6", "packaging-26.0", "torch-2.13.0+cpu", "vae_course-0.1.0"):
        name = listed.partition("-")[0]
        folder = tmp_path / "venv" / "lib" / "python3.13" / "site-packages" / f"{listed}.dist-info"
        folder.mkdir(parents=True)
        (folder.parent / name / "lib").mkdir(parents=True)
        library = f"{name}/lib/{name}.so"
        for file in (library, f"{name}.py"):
            (folder.parent / file).touch()
        record = f'{name}.py,sha256=abc,0\n{library},,\n"{name},odd.py",,\n{name}.pyc,,\n'
        (folder / "RECORD").write_text(record)
    return tmp_path / "venv"


def lost(venv, *change):
    """What is lacking after a change (old name, new name or None) of what lies there."""
    before = list(_whole.installed(venv))
    for old, new in change:
        path = _whole.site_packages(venv) / old
        path.rename(path.with_name(new)) if new else path.unlink()
    return _whole.lacking(venv.parent, venv, before)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ([], []),
        ([("numpy.py", None)], ["numpy"]),
        ([("packaging-26.0.dist-info/RECORD", None)], ["packaging"]),
        ([("packaging-26.0.dist-info", "packaging-23.2.dist-info")], ["packaging"]),
        ([("packaging-26.0.dist-info", "packaging-24.1.dist-info")], []),
        ([("packaging-26.0.dist-info", "gone")], ["packaging"]),
        ([("vae_course-0.1.0.dist-info", "gone")], ["vae-course"]),
        ([("vae_course.py", None), ("numpy.py", None)], ["numpy", "vae-course"]),
        ([("torch/lib/torch.so", None)], ["torch"]),
        ([("torch.py", None)], []),  # the other 12 000 files are left to the doctor's imports
    ],
)
def test_what_is_gone_too_old_or_in_parts_is_lacking(venv, change, lacks):
    assert lost(venv, *change) == lacks


def test_what_is_forgotten_is_installed_anew(venv):
    _whole.forget(venv, ["numpy", "unknown"])
    assert "numpy" not in _whole.installed(venv) and "torch" in _whole.installed(venv)


@pytest.mark.skipif(sys.platform != "linux", reason="locales are made by localedef")
@pytest.mark.parametrize("locale", ["de_DE.ISO-8859-1", "C", "C.UTF-8"])
@pytest.mark.parametrize("utf8", ["0", "1"])
def test_a_folder_with_an_umlaut_is_found_in_every_encoding(tmp_path, locale, utf8, ask):
    """Before Python 3.13 a .pth in UTF-8 is silently not read, or ends Python, in these."""
    root, venv = tmp_path / "Jürgen", tmp_path / "Jürgen" / "venv"
    (root / "found_here").mkdir(parents=True)
    command = [sys.executable, "-m", "venv", "--without-pip", str(venv)]
    subprocess.run(command, check=True)
    link = _whole.site_packages(venv) / "_vae_course.pth"
    link.write_bytes(os.fsencode(str(root)) + b"\n")
    _whole.link_in_ascii(root, venv)
    assert link.read_bytes().isascii()
    if locale == "de_DE.ISO-8859-1":
        made = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(tmp_path / locale)]
        if subprocess.run(made, capture_output=True).returncode:
            pytest.skip("this system lacks localedef, or the sources of its locales")
    settings = {**os.environ, "LOCPATH": str(tmp_path), "LC_ALL": locale, "PYTHONUTF8": utf8}
    assert ask("import found_here; print(1)", venv / "bin" / "python", env=settings) == "1\n"


def test_a_folder_in_plain_letters_keeps_its_link(venv):
    link = _whole.site_packages(venv) / "_vae_course.pth"
    link.write_text(str(venv.parent))
    _whole.link_in_ascii(venv.parent, venv)
    assert link.read_text() == str(venv.parent)
