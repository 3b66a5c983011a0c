"""A learner who begins: for the tests of the exercises."""

import pytest

from course_utils.exercises import _engine, _predict, _render


@pytest.fixture
def fresh_learner(tmp_path, monkeypatch):
    """An empty state folder, no strictness, nothing checked yet in this process."""
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("COURSE_GATES", raising=False)
    _engine.checked.clear()


@pytest.fixture
def shown(fresh_learner, monkeypatch):
    """The list of everything displayed to a fresh learner."""
    pages = []
    monkeypatch.setattr(_render, "display", pages.append)
    monkeypatch.setattr(_predict, "display", pages.append)
    return pages
