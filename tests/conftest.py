"""How the tests share the processors; and a learner who begins, for the tests of the exercises."""

import os
import re
from collections import defaultdict
from pathlib import Path

import pytest
import torch
from thorough import thorough

from course_utils.exercises._engine import check as checking
from course_utils.exercises._engine import predict as asking
from course_utils.exercises._engine import render

# Long ones first.
FIRST = ("tests/browser", "notebooks", "tests/notebooks", "tests/exercises", "tests/training")
# [E5.3-...] or [05_vae]: such a file has a piece for each notebook.
NOTEBOOK = re.compile(r"^tests/(?:exercises|notebooks)/.*?\[.*?\bE?(\d+)[._]")


def pytest_configure(config):
    """Each of several processes has a learner's state of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and "COURSE_STATE" in os.environ:
        os.environ["COURSE_STATE"] = str(Path(os.environ["COURSE_STATE"], worker))


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in FIRST])
    if not thorough():
        config.hook.pytest_deselected(items=(left := by_node_alone(items)))
        items[:] = [item for item in items if item not in left]


def by_node_alone(items) -> list:
    """Of what JavaScript computes, all cases of a test but two: Chromium has them all weekly."""
    cases = defaultdict(list)
    for item in items:
        if "TestInChromium" in item.nodeid:
            cases[item.originalname].append(item)
    return [item for group in cases.values() for item in group[1:-1]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Processes get whole pieces; loadgroup's marks do nothing under pytest 9.2.

    The browser mostly waits: its tests go to half of the processes at most, beside those that
    compute, as long as there are both.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Pieces(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return piece_of(nodeid)

        def _assign_work_unit(self, node):
            waits = self.nodes.index(node) < max(1, self.numnodes // 2)
            for piece in self.workqueue:
                if piece.startswith("tests/browser") == waits:
                    self.workqueue.move_to_end(piece, last=False)
                    break
            super()._assign_work_unit(node)

    return Pieces(config, log)


def piece_of(test: str) -> str:
    """What a test stays together with: its file, its notebook."""
    number = NOTEBOOK.search(test)
    return test.partition("::")[0] + (f" {number[1]}" if number else "")


@pytest.fixture
def set_default_dtype():
    """torch's own, undone at the end."""
    before = torch.get_default_dtype()
    yield torch.set_default_dtype
    torch.set_default_dtype(before)


@pytest.fixture
def fresh_learner(tmp_path, monkeypatch):
    """An empty state folder, no strictness, nothing checked yet in this process."""
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))
    for name in ("COURSE_STRICT", "NBGRADER_EXECUTION", "COURSE_GATES"):
        monkeypatch.delenv(name, raising=False)
    checking.checked.clear()


@pytest.fixture
def shown(fresh_learner, monkeypatch):
    """The list of everything displayed to a fresh learner."""
    pages = []
    monkeypatch.setattr(render, "display", pages.append)
    monkeypatch.setattr(asking, "display", pages.append)
    return pages
