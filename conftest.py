"""Every test and notebook starts from an empty state, with one thread; tests draw into memory.

COURSE_TEST_THREADS=2 tries them with two.
"""

import functools
import os
import tempfile
from pathlib import Path

from course_utils._door.test import threads

os.environ["OMP_NUM_THREADS"] = threads()  # before torch is imported, and for the kernels

import hypothesis
import matplotlib
import pytest
import torch
from nbval.kernel import RunningKernel

torch.set_num_threads(int(threads()))
# Other modules under a short name, whose doctests are found where they lie.
collect_ignore = ["course_utils/strokes.py", "course_utils/doctor.py"]
# Speed belongs in benchmarks/: a first call that loads a library is no failure.
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")
matplotlib.use("agg")  # not by MPLBACKEND: kernels would inherit it and draw no inline figures


@functools.lru_cache(maxsize=1)
def empty_state(notebook: Path | None) -> tempfile.TemporaryDirectory:
    """COURSE_STATE in a temporary folder, a new one for each notebook; the old one is removed.

    Once per notebook: its kernel inherits the environment when its first cell is set up.
    """
    folder = tempfile.TemporaryDirectory(prefix="vae-course-state-", ignore_cleanup_errors=True)
    os.environ["COURSE_STATE"] = folder.name
    return folder


empty_state(None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """No notebook is to see another's progress."""
    if item.path.suffix == ".ipynb":
        empty_state(item.path)


def execute_with_history(self, cell_input: str, allow_stdin: bool | None = None) -> str:
    """As nbval sends a cell, but with history, from which IPython learns of a final semicolon."""
    return self.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )


RunningKernel.execute_cell_input = execute_with_history
