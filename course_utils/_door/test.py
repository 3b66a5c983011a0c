"""The verb `test`: everything CI runs, step by step, with a summary at the end; its rehearsal.

The rehearsal runs notebooks and tests on one machine as on several kinds of processor. Outputs that
are compared exactly must be the same under every setting. Numbers that depend on a training are
held to bounds, and the table says how near to them they came: a gate whose margin is smaller than
the spread between the settings wants a better experiment, not another bound.

The tools that both call come with the extra `test`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from course_utils._door import setup
from course_utils._door.begin import cores
from course_utils._door.steps import SetupError, learners_environment, say

TOOLS = ("pytest", "pytest_cov", "xdist", "hypothesis", "nbval", "nbclient")
TOOLS += ("ruff", "playwright", "daft")
RUNS = ("course_utils", "tests", "notebooks")
# In pieces, and in the order, of tests/conftest.py.
SHARED_OUT = ("--dist=loadscope", "--no-loadscope-reorder")
COVERAGE = ("--cov=course_utils", "--cov-report=term:skip-covered", "--cov-fail-under=95")
TAKE_A_VALUE = ("-k", "-m", "-p", "-W", "-c", "-o", "-r", "-n", "--tb", "--maxfail", "--durations")
# One at a time, the machine as it is first. MKL, which multiplies matrices, reads the next two.
SETTINGS = (
    "COURSE_TEST_THREADS=1",
    "MKL_CBWR=COMPATIBLE",
    "MKL_ENABLE_INSTRUCTIONS=AVX2",
    "ATEN_CPU_CAPABILITY=default",
    "COURSE_TEST_THREADS=2",
)
# All that computes; the browser has an arithmetic of its own, whatever the setting.
REHEARSED = ("tests", "notebooks", "--ignore=tests/browser")


def test(pytest_arguments: list, thorough: bool = False) -> int:
    """Run the style checks and the tests; return 0 if all are green, else 1.

    Args:    pytest_arguments: handed to pytest; with a path among them, only that path is tested;
             thorough: all seeds instead of a few, and coverage is measured, in one process.
    Raises:  SetupError if the tools are missing in an environment that is not ours to change.
    """
    require_tools()
    ruff = [sys.executable, "-m", "ruff"]
    steps = {
        "format (ruff)": [*ruff, "format", "--check", "--quiet", "."],
        "lint (ruff)": [*ruff, "check", "."],
        "tests (pytest)": pytest_command(setup.ROOT, pytest_arguments, thorough),
    }
    with tempfile.TemporaryDirectory(prefix="vae-course-state-") as state:
        environment = test_environment(state, thorough)
        results = [run(name, command, environment) for name, command in steps.items()]
    return report(results)


def rehearse(pytest_arguments: list) -> int:
    """Run notebooks and tests under each setting; print each gate's margin; 0 if all are green.

    Args:    pytest_arguments: handed to pytest; with a path among them, only that is run.
    Raises:  SetupError if the tools are missing.
    """
    require_tools()
    paths = () if names_a_path(setup.ROOT, pytest_arguments) else REHEARSED
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", *pytest_arguments, *paths]
    results, gates = [], defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="vae-course-rehearsal-") as folder:
        for number, setting in enumerate(SETTINGS):
            noted = Path(folder, f"{number}.jsonl")
            environment = test_environment(str(Path(folder, f"state-{number}")), True)
            environment |= {"COURSE_GATES": str(noted), **dict([setting.split("=")])}
            results.append(run(setting, command, environment))
            for line in noted.read_text(encoding="utf-8").splitlines() if noted.exists() else ():
                name, value, *bounds = json.loads(line)
                gates[(name, *bounds)].append(value)
    for line in margins(gates):
        say(line)
    return report(results)


def margins(gates: dict) -> list:
    """One line for each gate, {(name, low, high): values}; the nearest to its bound comes first."""
    rows = []
    for (name, low, high), values in gates.items():
        least, most = min(values), max(values)
        margin, spread = min(least - low, high - most), most - least
        near = "NEAR  " if margin < spread else ""
        text = f"{least:.5g} to {most:.5g} in [{low:g}, {high:g}]: margin {margin:.2g}"
        rows.append((margin / max(spread, 1e-9), f"{near}{name}: {text}, spread {spread:.2g}"))
    return [line for _, line in sorted(rows)]


def report(results: list) -> int:
    """Say of each (name, passed, seconds) how it went; 0 if all are green, else 1."""
    for name, passed, seconds in results:
        say("{:<6} {:<15} {:.0f} s".format("ok" if passed else "FAILED", name, seconds))
    return 0 if all(passed for _, passed, _ in results) else 1


def require_tools() -> None:
    """Refuse to start without the test tools.

    Raises: SetupError that says how to install them.
    """
    missing = [name for name in TOOLS if importlib.util.find_spec(name) is None]
    if missing:
        mend = f'install them with: {sys.executable} -m pip install -e ".[test]"'
        raise SetupError(
            f"the tests need {', '.join(missing)}, which this environment lacks; {mend}"
        )


def test_environment(state: str, thorough: bool = False) -> dict:
    """A learner's, with one thread or COURSE_TEST_THREADS."""
    environment = learners_environment(state, threads())
    if thorough:
        environment["COURSE_THOROUGH"] = "1"
        if sys.version_info >= (3, 12):  # measures lines at little cost
            environment["COVERAGE_CORE"] = "sysmon"
    return environment


def threads() -> str:
    """How many threads the tests and their kernels have: COURSE_TEST_THREADS, or 1.

    Raises: SetupError if that is no whole number above 0.
    """
    number = os.environ.get("COURSE_TEST_THREADS", "1")
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise SetupError(
            f"COURSE_TEST_THREADS should be a whole number of threads, but {number!r} came; "
            "try COURSE_TEST_THREADS=2, or unset it."
        )
    return number


def pytest_command(root: Path, more: list, thorough: bool = False) -> list:
    """One pytest run for doctests, unit tests, notebooks and the browser.

    All of it goes to as many processes as have a processor each; but a path, or coverage, which
    kernels started by several processes would not reach, to one.
    """
    command = [sys.executable, "-m", "pytest", "--doctest-modules", "--nbval"]
    if names_a_path(root, more):
        return [*command, *more]
    if thorough:
        return [*command, *COVERAGE, *more, *RUNS]
    processes = max(1, cores() // int(threads()))
    return [*command, f"-n{processes}", *SHARED_OUT, *more, *RUNS]


def names_a_path(root: Path, arguments: list) -> bool:
    """Whether one of pytest's arguments is a file, a folder, or a test in a file."""
    pairs = zip(["", *arguments], arguments, strict=False)
    free = [one for before, one in pairs if not (one.startswith("-") or before in TAKE_A_VALUE)]
    return any((root / one.partition("::")[0]).exists() for one in free)


def run(name: str, command: list, environment: dict) -> tuple:
    """(name, passed, seconds) of one step, whose output the reader sees as it comes."""
    say(f"== {name}")
    start = time.monotonic()
    done = subprocess.run(command, cwd=str(setup.ROOT), env=environment, check=False)
    return name, done.returncode == 0, time.monotonic() - start
