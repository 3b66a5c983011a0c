"""The rehearsal on other processors: what it runs, and how near a gate came to its bound."""

import json
import math
from pathlib import Path

import pytest
from gates import gate

from course_utils import __main__ as door
from course_utils._door import test as _suite
from course_utils._door.steps import SetupError
from course_utils.exercises import band


@pytest.fixture
def rehearsed(at_home, monkeypatch):
    """What each setting's run was given; each notes a gate, nearer to its bound than the last."""
    runs = []

    def run(name, command, environment):
        runs.append((name, command, environment))
        noted = ["loss", 20 + 0.15 * len(runs), -math.inf, 20.9]
        Path(environment["COURSE_GATES"]).write_text(json.dumps(noted) + "\n")
        return name, len(runs) != 3, 7

    monkeypatch.setattr(_suite, "run", run)
    return runs


def test_one_setting_is_changed_at_a_time_and_each_is_reported(rehearsed, monkeypatch, capsys):
    for setting in _suite.SETTINGS:
        monkeypatch.delenv(setting.partition("=")[0], raising=False)
    assert door.main(["test", "--rehearsal"]) == 1
    assert [name for name, *_ in rehearsed] == list(_suite.SETTINGS)
    variables = {setting.partition("=")[0] for setting in _suite.SETTINGS}
    for name, command, environment in rehearsed:
        assert [f"{key}={environment[key]}" for key in variables & set(environment)] == [name]
        assert {"--nbval", "tests", "notebooks"} <= set(command)
    gates, *lines = capsys.readouterr().out.splitlines()
    assert gates == "NEAR  loss: 20.15 to 20.75 in [-inf, 20.9]: margin 0.15, spread 0.6"
    assert [line.split()[0] for line in lines] == ["ok", "ok", "FAILED", "ok", "ok"]


def test_a_path_is_rehearsed_alone(rehearsed):
    _suite.rehearse(["tests/_door/test_setup.py", "-x"])
    assert rehearsed[0][1][-2:] == ["tests/_door/test_setup.py", "-x"]


def test_the_nearest_gate_stands_first():
    """Margins are compared by how much the values differ between the settings."""
    gates = {
        ("far", 0, 10): [5, 5.5],
        ("near", 20, math.inf): [20.5, 22],
        ("never moved", 0, 1): [0.9, 0.9],
    }
    lines = _suite.margins(gates)
    assert [line.partition(":")[0] for line in lines] == ["NEAR  near", "far", "never moved"]


@pytest.mark.parametrize("number", ["0", "-1", "two", "", "1.5", "²"])
def test_a_number_of_threads_that_is_none_is_refused(monkeypatch, number):
    monkeypatch.setenv("COURSE_TEST_THREADS", number)
    with pytest.raises(SetupError, match="COURSE_TEST_THREADS should be a whole number"):
        _suite.test_environment("state")


def test_gates_and_bands_are_noted_where_a_file_is_named(monkeypatch, tmp_path, shown):
    monkeypatch.setenv("COURSE_GATES", str(tmp_path / "gates"))
    gate("loss", 20.5, below=20.9)
    band("KL", 4.2, 4, 5)
    with pytest.raises(AssertionError, match="loss is 21, not between -inf and 20.9"):
        gate("loss", 21, below=20.9)
    noted = [json.loads(line) for line in (tmp_path / "gates").read_text().splitlines()]
    name = f"{Path(__file__).name}::{test_gates_and_bands_are_noted_where_a_file_is_named.__name__}"
    assert noted == [
        [f"{name}: loss", 20.5, -math.inf, 20.9],
        ["KL", 4.2, 4, 5],
        [f"{name}: loss", 21, -math.inf, 20.9],
    ]
