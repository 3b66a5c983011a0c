"""How the tests share the processors; and a learner who begins, for the tests of the exercises."""

import os
import re
from pathlib import Path

import pytest

from course_utils.exercises import _engine, _predict, _render

ROOT = Path(__file__).parents[1]
# Long ones first: the browser mostly waits, so that it is to do so beside the others.
FIRST = ("tests/browser", "notebooks", "tests/notebooks", "tests/exercises", "tests/training")
NOTEBOOK = re.compile(r"\[.*?\bE?(\d+)[._]")  # of a test's name: [E5.3-...], [05_vae]


def pytest_configure(config):
    """Each of several processes has a learner's state of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and "COURSE_STATE" in os.environ:
        os.environ["COURSE_STATE"] = str(Path(os.environ["COURSE_STATE"], worker))


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook, too
def pytest_collection_modifyitems(items):
    """What goes to one process in one piece: a file, a notebook, all that shares a JupyterLab."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: rank_of(place_of(item)))


def place_of(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()


def rank_of(place: str) -> int:
    ranks = (rank for rank, folder in enumerate(FIRST) if place.startswith(folder))
    return next(ranks, len(FIRST))


def group_of(item: pytest.Item) -> str:
    place = place_of(item)
    if place.startswith("tests/browser"):
        return "browser"
    number = NOTEBOOK.search(item.name)
    return f"{place} {number[1]}" if number else place


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
