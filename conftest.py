"""Every test and notebook starts from an empty state, with one thread; tests draw into memory.

COURSE_TEST_THREADS=2 tries them with two.
"""

import os
import tempfile

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


class EmptyState:
    """COURSE_STATE in a temporary folder, a new one for each notebook."""

    def __init__(self) -> None:
        """Begin with an empty one."""
        self.notebook = None
        self.empty()

    def empty(self) -> None:
        """Forget the old folder, which removes it."""
        self.folder = tempfile.TemporaryDirectory(
            prefix="vae-course-state-", ignore_cleanup_errors=True
        )
        os.environ["COURSE_STATE"] = self.folder.name

    def empty_for(self, notebook) -> None:
        """Once per notebook: its kernel inherits the environment when its first cell is set up."""
        if notebook != self.notebook:
            self.notebook = notebook
            self.empty()


STATE = EmptyState()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """No notebook is to see another's progress."""
    if item.path.suffix == ".ipynb":
        STATE.empty_for(item.path)


def execute_with_history(self, cell_input: str, allow_stdin: bool | None = None) -> str:
    """As nbval sends a cell, but with history, from which IPython learns of a final semicolon."""
    return self.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )


RunningKernel.execute_cell_input = execute_with_history
