"""The one door: `python3 -m course_utils <verb>`, and the verb `test`."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from course_utils import __main__ as door
from course_utils import data
from course_utils._door import doctor
from course_utils._door import lab as _lab
from course_utils._door import notebooks as _notebooks
from course_utils._door import setup as _setup
from course_utils._door import test as _suite
from course_utils._door.steps import SetupError


@pytest.mark.parametrize("verb", ["", *door.VERBS])
def test_every_verb_is_listed_and_has_help(verb, capsys):
    with pytest.raises(SystemExit) as left:
        door.main([*verb.split(), "--help"])
    assert left.value.code == 0
    printed = capsys.readouterr().out
    assert all(listed in printed for listed in ([verb] if verb else door.VERBS))


@pytest.mark.parametrize("arguments", [["lap"], [], ["--lab"], ["doctor", "--now"], ["data"]])
def test_what_is_not_understood_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        door.main(arguments)
    assert left.value.code == 2
    assert "".join(capsys.readouterr())


def test_an_unknown_verb_is_answered_with_the_list(capsys):
    with pytest.raises(SystemExit):
        door.main(["lap"])
    verbs = "lab, test, notebooks, doctor, data, wheels, progress, review"
    assert capsys.readouterr().err == f"there is no verb called 'lap'; there are: {verbs}.\n"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 7, 16), (3, 10, 9), (3, 15, 0)])
def test_a_python_that_does_not_fit_gets_one_sentence(monkeypatch, capsys, version):
    complaint = door.python_complaint(version)
    assert f"Python {version[0]}.{version[1]} " in complaint and complaint.count("\n") == 0
    monkeypatch.setattr(door, "python_complaint", lambda: complaint)
    assert door.main(["lab"]) == 1
    assert capsys.readouterr().out == complaint + "\n"


def test_a_python_that_fits_gets_none():
    assert [door.python_complaint((3, minor, 0)) for minor in (11, 14)] == ["", ""]


def test_verbs_reach_their_modules_with_their_options(at_home, monkeypatch):
    monkeypatch.setattr(_lab, "lab", lambda *asked: asked)
    monkeypatch.setattr(_suite, "test", lambda *asked: asked)
    monkeypatch.setattr(_notebooks, "notebooks", lambda names, check: (names, check))
    monkeypatch.setattr(doctor, "doctor", lambda: 5)
    asked = ["--fresh", "02", "--no-browser", "--port", "9"]
    assert door.main(["lab", *asked]) == (["02"], False, asked[2:])
    assert door.main(["test", "-k", "a"]) == (["-k", "a"], False)
    assert door.main(["test", "--thorough"]) == ([], True)
    assert door.main(["notebooks", "02", "--check"]) == (["02"], True)
    assert door.main(["doctor"]) == 5


def test_without_an_installation_the_doctor_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(_setup, "home_python", lambda: None)
    monkeypatch.setattr(_setup, "ROOT", tmp_path)
    assert door.main(["doctor"]) == 1
    assert "run python3 -m course_utils lab" in capsys.readouterr().out


def test_data_is_fetched_where_it_is_asked_for_if_it_can_be(at_home, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(data, "fetch_mnist", lambda to: to or Path("cache"))
    assert door.main(["data", "mnist"]) == 0
    assert door.main(["data", "mnist", "--to", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"MNIST is in cache\nMNIST is in {tmp_path}\n"
    monkeypatch.setattr(data, "fetch_mnist", Mock(side_effect=ConnectionError("no network")))
    assert door.main(["data", "mnist"]) == 1
    assert capsys.readouterr().err == "no network\n"


def test_progress_is_printed_as_text_and_can_be_reset(at_home, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COURSE_STATE", str(tmp_path))
    assert door.main(["progress"]) == 0
    assert "Your progress" in capsys.readouterr().out
    assert door.main(["progress", "--reset"]) == 0
    assert "reset" in capsys.readouterr().out


def test_review_asks_or_writes_sheets(at_home, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COURSE_STATE", str(tmp_path))
    assert door.main(["review"]) == 0
    assert "Nothing is due" in capsys.readouterr().out
    folder = tmp_path / "new" / "sheets"
    assert door.main(["review", "--sheets", str(folder)]) == 0
    written = sorted(folder.iterdir())
    assert len(written) >= 7 and capsys.readouterr().out.splitlines()[1:] == list(map(str, written))
    assert door.main(["review", "--sheets", str(written[0])]) == 1
    assert "a file or a link" in capsys.readouterr().err


def test_an_interrupt_is_a_sentence_and_130(monkeypatch, capsys):
    monkeypatch.setattr(_setup, "ensure", Mock(side_effect=KeyboardInterrupt))
    assert door.main(["lab"]) == 130
    assert "the same command goes on from here" in capsys.readouterr().err


@pytest.fixture
def suite(monkeypatch):
    """The steps that `test` runs, as (command, environment); linting fails."""
    calls = []

    def run(command, cwd, env, check):
        calls.append((command, env))
        return SimpleNamespace(returncode=int("check" in command))

    monkeypatch.setattr(_suite.subprocess, "run", run)
    return calls


def test_every_step_runs_as_for_a_learner_even_after_one_failed(suite, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_TEST_THREADS", raising=False)
    unwanted = {"COURSE_STRICT", "NBGRADER_EXECUTION", "MPLBACKEND"}
    for name in unwanted:
        monkeypatch.setenv(name, "1")
    assert _suite.test([]) == 1
    assert len(suite) == 3
    lines = capsys.readouterr().out.splitlines()[-3:]
    assert [line.split()[0] for line in lines] == ["ok", "FAILED", "ok"]
    environment = suite[-1][1]
    assert not unwanted & set(environment)
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["COURSE_STATE"] != os.environ["COURSE_STATE"]


def test_everything_is_run_in_one_go_on_all_processors(monkeypatch):
    monkeypatch.delenv("COURSE_TEST_THREADS", raising=False)
    monkeypatch.setattr(_suite.os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    command = _suite.pytest_command(_setup.ROOT, [])
    assert command[1:3] == ["-m", "pytest"]
    assert {"--doctest-modules", "--nbval", "-n6", *_suite.RUNS} <= set(command)
    for threads, processes in (("2", "-n3"), ("8", "-n1")):
        monkeypatch.setenv("COURSE_TEST_THREADS", threads)
        assert processes in _suite.pytest_command(_setup.ROOT, [])
        assert _suite.test_environment("state")["OMP_NUM_THREADS"] == threads


def test_thorough_is_one_process_with_all_seeds_and_coverage(suite, capsys):
    assert _suite.test([], thorough=True) == 1
    command, environment = suite[-1]
    assert {"--cov=course_utils", "--cov-fail-under=95", *_suite.RUNS} <= set(command)
    assert not {argument for argument in command if argument.startswith("-n")}
    assert environment["COURSE_THOROUGH"] == "1"
    assert ("COVERAGE_CORE" in environment) == (sys.version_info >= (3, 12))


FILE = "tests/_door/test_setup.py"
OPTIONS = [["-k", "densities"], ["-k", "tests"], ["-x"]]


@pytest.mark.parametrize("arguments", [*OPTIONS, [FILE], [f"{FILE}::test_one", "-x"]])
def test_arguments_reach_pytest_and_a_path_replaces_the_usual_ones(arguments):
    command, runs_all = _suite.pytest_command(_setup.ROOT, arguments), arguments in OPTIONS
    assert (command[-3:] == list(_suite.RUNS)) == runs_all
    assert ("--dist=loadscope" in command) == runs_all
    assert command[command.index(arguments[0]) :][: len(arguments)] == arguments


def test_missing_tools_are_named_with_the_mend(monkeypatch):
    monkeypatch.setattr(_suite, "TOOLS", ("pytest", "no_such_tool"))
    with pytest.raises(SetupError, match=r"need no_such_tool.*pip install -e"):
        _suite.test([])
