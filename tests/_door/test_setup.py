"""The set-up: end to end in a miniature clone, and which Python runs the course."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from mini_clone import make_clone, run_verb

from course_utils._door import install as _install
from course_utils._door import setup as _setup
from course_utils._door.steps import SetupError


@pytest.fixture(scope="module")
def first_starts(tmp_path_factory):
    """A miniature clone, in a folder with a space in its name, and what two `lab` at once said."""
    root = make_clone(tmp_path_factory.mktemp("my clone"))
    with ThreadPoolExecutor() as pool:
        return root, [*pool.map(lambda _: run_verb(root, "lab", "--prepare-only"), range(2))]


@pytest.fixture
def clone(first_starts):
    return first_starts[0]


def test_of_two_first_starts_one_waits_for_the_other(first_starts):
    _, said = first_starts
    assert sum("Making .venv" in text for text in said) == 1
    assert sum("Another start is setting the course up" in text for text in said) == 1
    assert all("The course is ready" in text for text in said), said


def test_lab_installs_the_clone_and_makes_the_copies(clone, ask):
    question = "import course_utils; print(course_utils.__file__)"
    found = ask(question, _install.python_in(clone / ".venv"), cwd="/")
    assert Path(found.strip()) == clone / "course_utils" / "__init__.py"
    assert (clone / "my_course" / "00_start_here.ipynb").exists()


def test_changed_requirements_alone_are_installed_without_a_new_venv(clone):
    assert "Installing" not in run_verb(clone, "lab", "--prepare-only")
    (clone / "requirements.lock").write_text("torch==2.13.0\nnumpy==2.4.6\n")
    printed = run_verb(clone, "lab", "--prepare-only")
    assert "Installing" in printed and "Making" not in printed


def test_an_installation_broken_off_is_made_anew(clone):
    """As a killed run leaves it: no stamp, the marker, half a package that pip believes in."""
    (clone / ".venv" / "course-stamp.json").unlink()
    (clone / ".venv" / "course-install-unfinished").touch()
    half = next((clone / ".venv").rglob("vae_course.pth"))
    half.write_text("nowhere")
    printed = run_verb(clone, "lab", "--prepare-only")
    assert "Making .venv" in printed
    assert half.read_text() == str(clone)
    assert not (clone / ".venv" / "course-install-unfinished").exists()


def test_a_venv_whose_python_is_gone_is_made_anew(clone):
    _install.python_in(clone / ".venv").unlink()
    assert "Making .venv" in run_verb(clone, "lab", "--prepare-only")
    assert _install.python_in(clone / ".venv").exists()


def test_a_venv_found_in_use_is_taken_without_another_look(clone, ask):
    """In an environment that has this clone installed, that one is used and not changed."""
    look = "print(setup.running_in_venv(), setup.home_python())"
    question = f"from course_utils._door import setup; {look}"
    assert ask(question, _install.python_in(clone / ".venv"), cwd="/") == "True None\n"


def test_the_doctor_says_that_packages_are_missing(clone):
    """The miniature clone lacks them all: a sentence for each check, not a traceback."""
    printed = run_verb(clone, "doctor", code=1)
    missing = "(ModuleNotFoundError: No module named 'packaging')"
    assert f"[fail] packages: cannot be looked at {missing}; run" in printed
    assert f"[fail] imports: packaging cannot be used {missing}; stop" in printed


def test_a_file_of_the_learners_in_the_clone_hides_nothing_from_the_verbs(clone):
    """`tempfile` needs Python's own random; `python -m` looks in the current folder first."""
    (clone / "random.py").write_text("x = 1")
    printed = run_verb(clone, "doctor", code=1)
    (clone / "random.py").unlink()
    assert printed == run_verb(clone, "doctor", code=1)


@pytest.mark.parametrize(("how", "safe"), [(["-m", "course_utils"], ""), (["course_utils"], "1")])
def test_a_folder_can_be_called_too(clone, how, safe):
    """Under PYTHONSAFEPATH=1 Python finds no package beside it; a folder it does."""
    environment = {**os.environ, "PYTHONSAFEPATH": safe}
    command = [sys.executable, *how, "--help"]
    done = subprocess.run(command, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True)
    assert "set the course up" in done.stdout


@pytest.fixture
def small_root(tmp_path, monkeypatch):
    """An empty clone: files to hash, nothing installed."""
    monkeypatch.setattr(_setup, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("a")
    (tmp_path / "requirements.lock").write_text("torch==2.13.0\n")
    return tmp_path


@pytest.fixture
def installs(small_root, monkeypatch):
    """The installations asked for, none of which happens; the stamp is written all the same."""
    calls = []
    (small_root / ".venv").mkdir()
    monkeypatch.setattr(_install, "install", lambda root, venv, extras, _: calls.append(extras))
    monkeypatch.setattr(_setup, "home_python", lambda: None)
    return calls


def test_an_environment_with_this_clone_is_used_as_it_is(monkeypatch):
    monkeypatch.setattr(_setup, "running_in_venv", lambda: False)
    assert _setup.ensure("test") == Path(sys.executable)


def test_another_clone_is_not_taken_for_this_one(monkeypatch, tmp_path):
    monkeypatch.setattr(_setup, "__file__", str(tmp_path / "course_utils" / "_door" / "setup.py"))
    assert not _setup._finds_this_clone(sys.executable)
    knows_nothing = tmp_path / "python"
    knows_nothing.write_text("#!/bin/sh\nexit 1\n")
    knows_nothing.chmod(0o755)
    assert not _setup._finds_this_clone(str(knows_nothing))


def test_what_has_changed_is_installed_once_and_extras_are_kept(small_root, installs):
    """An installation holds a copy of Jupyter's settings, with the names of modules in it."""
    for extras in ([], ["test"], []):
        _setup.ensure(*extras)
    assert installs == [[], ["test"]]
    (small_root / "requirements.lock").write_text("torch==2.14.0\n")
    _setup.ensure()
    assert installs[2:] == [["test"]]
    (small_root / "jupyter_config").mkdir()
    for settings in ("c.a = 1\n", "c.a = 2\n", "c.a = 2\n"):
        (small_root / "jupyter_config" / "nbconvert.py").write_text(settings)
        _setup.ensure()
    assert installs[3:] == [["test"], ["test"]]


def test_no_stamp_of_a_failed_installation_or_a_damaged_one_counts(installs, monkeypatch):
    _setup.ensure()
    monkeypatch.setattr(_install, "install", Mock(side_effect=SetupError("no network")))
    with pytest.raises(SetupError):
        _setup.ensure("test")
    assert not _setup.is_ready()
    (_setup.venv_folder() / "course-stamp.json").write_text("{")
    assert not _setup.is_ready()


def test_a_package_without_its_clone_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(_setup, "ROOT", tmp_path)
    with pytest.raises(SetupError, match="clone the repository"):
        _setup.require_clone("lab")


def test_handing_over_replaces_the_process_only_if_it_is_another(monkeypatch):
    replaced = []
    monkeypatch.setattr(_setup.os, "execve", lambda path, command, env: replaced.append(command))
    _setup.hand_over(Path(sys.executable), ["lab"])
    assert replaced == []
    monkeypatch.setattr(_setup, "running_in_venv", lambda: False)
    _setup.hand_over(Path("other", "python"), ["lab", "--fresh", "02"])
    other = str(Path("other", "python"))
    assert replaced == [[other, "-m", "course_utils", "lab", "--fresh", "02"]]


def test_windows_waits_for_the_child_and_takes_its_code(monkeypatch):
    monkeypatch.setattr(_setup, "os", SimpleNamespace(name="nt"))
    with pytest.raises(SystemExit) as left:
        _setup.become([sys.executable, "-c", "raise SystemExit(7)"])
    assert left.value.code == 7


def test_the_waiting_parent_leaves_ctrl_c_to_the_child(monkeypatch):
    child = Mock()
    child.wait.side_effect = [KeyboardInterrupt, 0]
    monkeypatch.setattr(_setup.subprocess, "Popen", lambda command, env: child)
    assert _setup._wait_for(["jupyter"], {}) == 0
