"""Where an answer stops: loops without end, stubs, and what is strict."""

import os
import subprocess
import sys
import time

import pytest
import torch
from learner import limit, loop_average, my_average, my_log_mean_exp, said

from course_utils.exercises import check
from course_utils.exercises._engine import run as running
from course_utils.exercises._engine import state as memory

pytestmark = pytest.mark.usefixtures("fresh_learner")


def test_a_loop_without_end_is_stopped_its_line_shown_and_a_hint_given(shown, monkeypatch):
    limit(monkeypatch, seconds=0.2)

    def endless(p):
        while True:
            p = p + 0

    check("E0.1", endless)
    assert "Stopped after 5 seconds" in said(shown) and "(in endless)" in said(shown)
    assert "loop that never ends" in said(shown)  # the hint
    assert memory.read()["exercises"]["E0.1"]["slips"] == ["too slow"]


def test_a_call_that_cannot_be_interrupted_is_left_behind():
    """In a process without coverage: under a tracer, Python 3.11 waits for the call to return.

    The call never returns: had run_limited waited for it, nothing would be printed.
    """
    code = (
        "import runpy, sys, threading; m = runpy.run_path(sys.argv[1]); "
        "run = m['run_limited'](threading.Event().wait, 0.1); "
        "print(run.ended, threading.active_count())"
    )
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-c", code, running.__file__]
    done = subprocess.run(
        command, env=quiet, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["late", "2"]


def test_a_loop_that_swallows_everything_but_ours_is_stopped():
    reached = []

    def stubborn():
        while True:
            try:
                time.sleep(0.001)
                reached.append(1)
            except Exception as error:  # noqa: BLE001 - what a learner might write
                reached.append(error)

    assert running.run_limited(stubborn, 0.1).ended == "late"
    count = len(reached)
    time.sleep(0.1)
    assert len(reached) == count


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        ("'doc'; ...", True),
        ("...", True),
        ("'Docstring.'; pass", True),
        ("b = a + 1; c = ...; return b + c", True),  # a blank among given lines
        ("b = a", False),  # something was written
        ("return 3", False),
        ("b = a[..., 0]; return b", False),
    ],
)
def test_what_counts_as_a_stub(body, is_one):
    space = {}
    exec(f"def answer(a, dim): {body}", space)  # there is no source to read
    assert running.is_stub(space["answer"]) is is_one


def test_a_notebook_s_stub_is_one_and_what_does_something_is_none():
    assert running.is_stub(my_average)
    assert not any(map(running.is_stub, (torch.logsumexp, my_log_mean_exp)))


@pytest.mark.parametrize("variable", [("COURSE_STRICT", "1"), ("NBGRADER_EXECUTION", "autograde")])
def test_where_it_counts_what_is_not_right_raises_what_is_shown(variable, monkeypatch, shown):
    monkeypatch.setenv(*variable)
    with pytest.raises(AssertionError, match="E0.1 is waiting for you"):
        check("E0.1", my_average)
    with pytest.raises(AssertionError, match="sum over the samples"):
        check("E0.1", lambda p: p.sum(0))
    assert check("E0.1", loop_average) is loop_average
