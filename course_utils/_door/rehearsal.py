"""The rehearsal: notebooks and tests on one machine as on several kinds of processor.

Outputs that are compared exactly must be the same under every setting. Numbers that depend on a
training are held to bounds, and the table says how near to them they came: a gate whose margin is
smaller than the spread between the settings wants a better experiment, not another bound.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from course_utils._door import setup, test
from course_utils._door.steps import say

# One at a time, the machine as it is first. MKL, which multiplies matrices, reads the next two.
SETTINGS = (
    "COURSE_TEST_THREADS=1",
    "MKL_CBWR=COMPATIBLE",
    "MKL_ENABLE_INSTRUCTIONS=AVX2",
    "ATEN_CPU_CAPABILITY=default",
    "COURSE_TEST_THREADS=2",
)
# All that computes; the browser has an arithmetic of its own, whatever the setting.
WHAT = ("tests", "notebooks", "--ignore=tests/browser")


def rehearse(pytest_arguments: list) -> int:
    """Run notebooks and tests under each setting; print each gate's margin; 0 if all are green.

    Args:    pytest_arguments: handed to pytest; with a path among them, only that is run.
    Raises:  SetupError if the tools are missing.
    """
    test.require_tools()
    paths = () if test.names_a_path(setup.ROOT, pytest_arguments) else WHAT
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", *pytest_arguments, *paths]
    results, gates = [], defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="vae-course-rehearsal-") as folder:
        for number, setting in enumerate(SETTINGS):
            noted = Path(folder, f"{number}.jsonl")
            environment = test.test_environment(str(Path(folder, f"state-{number}")), True)
            environment |= {"COURSE_GATES": str(noted), **dict([setting.split("=")])}
            results.append(test.run(setting, command, environment))
            for line in noted.read_text(encoding="utf-8").splitlines() if noted.exists() else ():
                name, value, *bounds = json.loads(line)
                gates[(name, *bounds)].append(value)
    for line in margins(gates):
        say(line)
    return test.report(results)


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
