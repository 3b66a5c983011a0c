"""Small stand-ins for the tests of the set-up: a notebook of one cell, a miniature clone."""

import json
import shutil

from places import PACKAGE

DOOR = sorted(f"_door/{path.stem}" for path in (PACKAGE / "_door").glob("*.py"))
DOCTOR = ["_paths", *(f"_door/{name}" for name in ("doctor", "imports_check"))]
DOCTOR += ["_door/imports_child"]
BOOTSTRAP = ["__init__", "__main__", *(name for name in DOOR if name not in DOCTOR)]
BOOTSTRAP.remove("_door/notebooks")
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


def get_requires_for_build_editable(config_settings=None):
    return []


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "vae_course-0.1.0-py3-none-any.whl"
    files = {
        "vae_course.pth": str(pathlib.Path.cwd()),
        INFO + "/METADATA": "Metadata-Version: 2.1\\nName: vae-course\\nVersion: 0.1.0\\n",
        INFO + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = "".join(path + ",,\\n" for path in [*files, INFO + "/RECORD"])
    with zipfile.ZipFile(pathlib.Path(wheel_directory, name), "w") as wheel:
        for path, text in {**files, INFO + "/RECORD": record}.items():
            wheel.writestr(path, text)
    return name
'''


def write_notebook(path, source="1 + 1", outputs=()):
    cell = {"cell_type": "code", "source": [source], "outputs": list(outputs), "metadata": {}}
    cell.update(execution_count=1, id="only-cell")
    path.parent.mkdir(exist_ok=True)
    notebook = {"cells": [cell], "metadata": {"widgets": {}}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def source_of(path):
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])


def make_clone(root):
    """A miniature clone that needs nothing from the network: the bootstrap and one notebook."""
    (root / "course_utils" / "_door").mkdir(parents=True)
    for name in (*BOOTSTRAP, *DOCTOR):
        shutil.copy(PACKAGE / f"{name}.py", root / "course_utils" / f"{name}.py")
    (root / "build_backend").mkdir()
    (root / "build_backend" / "backend.py").write_text(MINI_BACKEND)
    (root / "pyproject.toml").write_text(MINI_PROJECT)
    (root / "requirements.lock").write_text("torch==2.13.0\n")
    write_notebook(root / "notebooks" / "00_start_here.ipynb")
    return root
