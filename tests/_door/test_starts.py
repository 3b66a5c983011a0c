"""Two starts at once, a start that is ended from outside, one that was made by another Python."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mini_clone import make_clone, run_verb

from course_utils._door import install as _install
from course_utils._door import steps as _steps

unix = pytest.mark.skipif(os.name == "nt", reason="signals and descriptors of Unix")


def test_of_two_first_starts_one_waits_for_the_other(tmp_path):
    root = make_clone(tmp_path / "clone")
    with ThreadPoolExecutor() as pool:
        said = [*pool.map(lambda _: run_verb(root, "lab", "--prepare-only"), range(2))]
    assert sum("Making .venv" in text for text in said) == 1
    assert sum("Another start is setting the course up" in text for text in said) == 1
    assert all("The course is ready" in text for text in said), said


def test_a_lock_is_free_again_when_its_holder_has_ended(tmp_path, capsys):
    for _ in range(2):
        with _steps.only_one(tmp_path / "lock"):
            assert len(_steps.HELD) == 1
    assert _steps.HELD == [] and capsys.readouterr().out == ""


LEFT_BEHIND = """
import os, signal, sys
from pathlib import Path
from course_utils._door import steps
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as in a terminal, whatever runs the tests
signal.signal(signal.SIGINT, signal.default_int_handler)
with steps.only_one(Path("lock")):
    steps.run_step("Waiting", [sys.executable, "-c", {child!r}], Path("."))
"""


def waiting(tmp_path, seconds):
    """A process with the lock whose child waits; its id is in the file `child`."""
    child = f"import os, time; open('child', 'w').write(str(os.getpid())); time.sleep({seconds})"
    environment = {**os.environ, "PYTHONPATH": str(Path(_steps.__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", LEFT_BEHIND.format(child=child)], cwd=tmp_path, env=environment
    )
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        time.sleep(0.05)
    return process, int((tmp_path / "child").read_text())


@unix
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_ends_the_start_ends_pip_too(tmp_path, how):
    process, child = waiting(tmp_path, 60)
    process.send_signal(how)
    process.wait(20)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@unix
def test_an_orphan_keeps_the_next_start_waiting(tmp_path, capsys):
    process, _ = waiting(tmp_path, 3)
    process.kill()
    process.wait()
    with _steps.only_one(tmp_path / "lock"):
        assert capsys.readouterr().out == f"{_steps.BUSY}\n"


@unix
def test_a_venv_of_another_python_is_made_anew(tmp_path):
    """As an editor may have made it, of a Python that the course does not run on."""
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    for version, usable in [("3.9", False), ("3.15", False), ("3.12", True)]:
        python.write_text(f"#!/bin/sh\necho {version}\n")
        python.chmod(0o755)
        assert _install._is_usable(tmp_path / "venv") == usable


@pytest.mark.parametrize(("how", "safe"), [(["-m", "course_utils"], ""), (["course_utils"], "1")])
def test_a_folder_can_be_called_too(tmp_path, how, safe):
    """Under PYTHONSAFEPATH=1 Python finds no package beside it; a folder it does."""
    root, environment = make_clone(tmp_path / "clone"), {**os.environ, "PYTHONSAFEPATH": safe}
    command = [sys.executable, *how, "--help"]
    done = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True)
    assert "set the course up" in done.stdout
