"""Small stand-ins for the tests of the set-up: a notebook of one cell, a miniature clone."""

import json
import os
import shutil
import subprocess
import sys

from places import PACKAGE

LATER = {"doctor", "imports_check", "imports_child", "notebooks"}
DOOR = {path.stem for path in (PACKAGE / "_door").glob("*.py")}
BOOTSTRAP = ["__init__", "__main__", *(f"_door/{name}" for name in sorted(DOOR - LATER))]
"""What runs before anything is installed."""
MINI_PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["build_backend"]

[project]
name = "vae-course"
version = "0.1.0"
"""
MINI_BACKEND = '''
"""Just enough of PEP 660 to install the miniature clone without a network."""
import pathlib
import zipfile

INFO = "vae_course-0.1.0.dist-info"


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "vae_course-0.1.0-py3-none-any.whl"
    files = {
        "vae_course.pth": str(pathlib.Path.cwd()),
        INFO + "/METADATA": "Metadata-Version: 2.1\\nName: vae-course\\nVersion: 0.1.0\\n",
        INFO + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[INFO + "/RECORD"] = "".join(path + ",,\\n" for path in [*files, INFO + "/RECORD"])
    with zipfile.ZipFile(pathlib.Path(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
'''


def text_of_notebook(source="1 + 1", outputs=()):
    cell = {"cell_type": "code", "source": [source], "outputs": list(outputs), "metadata": {}}
    cell.update(execution_count=1, id="only-cell")
    notebook = {"cells": [cell], "metadata": {"widgets": {}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook)


def write_notebook(path, source="1 + 1", outputs=()):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text_of_notebook(source, outputs), encoding="utf-8")
    return path


def cell_of(path):
    """The only cell of such a notebook."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"][0]


def source_of(path):
    return "".join(cell_of(path)["source"])


def make_clone(root):
    """A miniature clone that needs nothing from the network: the bootstrap and one notebook."""
    ours = shutil.ignore_patterns("__pycache__")  # others may be writing there
    shutil.copytree(PACKAGE / "_door", root / "course_utils" / "_door", ignore=ours)
    for name in ("__init__", "__main__", "_paths"):
        shutil.copy(PACKAGE / f"{name}.py", root / "course_utils" / f"{name}.py")
    (root / "build_backend").mkdir()
    (root / "build_backend" / "backend.py").write_text(MINI_BACKEND)
    (root / "pyproject.toml").write_text(MINI_PROJECT)
    (root / "requirements.lock").write_text("torch==2.13.0\n")
    write_notebook(root / "notebooks" / "00_start_here.ipynb")
    return root


def run_verb(root, *arguments, code=0):
    """What `python3 -m course_utils` prints in that clone; it has to leave with that code."""
    command = [sys.executable, "-m", "course_utils", *arguments]
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    assert code == 0 or not done.stderr
    return done.stdout
