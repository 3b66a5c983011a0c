"""The seeds of the exercises' inputs; the file and the clock of what is remembered."""

from datetime import datetime, timedelta

import pytest
from thorough import seeds

from course_utils.exercises._engine import state as memory


@pytest.fixture(params=seeds(1, 20))
def seed(request):
    """One at each change, twenty in the weekly job."""
    return request.param


@pytest.fixture
def file(tmp_path):
    """Where a fresh learner's state is stored, in a folder that is not there yet."""
    return tmp_path / "state" / memory.FILE


@pytest.fixture
def refuse(monkeypatch):
    """From now on no file takes its place."""

    def fail(*_):
        raise OSError(28, "No space left on device")

    return lambda: monkeypatch.setattr(memory.os, "replace", fail)


class Clock:
    """Noon of some Monday, until time passes."""

    now = datetime(2026, 3, 2, 12)

    def pass_(self, **span):
        """Let days or minutes go by."""
        self.now += timedelta(**span)


@pytest.fixture
def clock(monkeypatch):
    """The time as the exercises see it."""
    clock = Clock()
    monkeypatch.setattr(memory, "clock", lambda: clock.now.timestamp())
    return clock
