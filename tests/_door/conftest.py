"""What several tests of the door need: a Python to ask, a folder of logs, two notebooks."""

import subprocess
import sys
from pathlib import Path

import pytest
from mini_clone import write_notebook

from course_utils._door import setup as _setup
from course_utils._door import steps as _steps


@pytest.fixture(scope="session")
def ask():
    """What a fresh Python prints when it runs some code; it has to succeed."""

    def ask(code, python=sys.executable, **settings):
        command = [python, "-c", code]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, **settings
        ).stdout

    return ask


@pytest.fixture
def at_home(monkeypatch):
    """Verbs run here: nothing is installed, no process is replaced."""
    monkeypatch.setattr(_setup, "ensure", lambda *extras, wheels: Path(sys.executable))


@pytest.fixture
def logs(tmp_path_factory, monkeypatch):
    """The folder for temporary files of a test, so that none is left behind in the system's."""
    folder = tmp_path_factory.mktemp("logs")
    monkeypatch.setattr(_steps.tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def folders(tmp_path):
    """Originals 00 and 02, with outputs; no copies yet."""
    for name in ("00_start_here", "02_naive"):
        write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", outputs=[{"text": "2"}])
    return tmp_path / "notebooks", tmp_path / "my_course"
