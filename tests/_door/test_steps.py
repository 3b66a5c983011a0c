"""One step of the set-up as it is shown, its log, its lock, what a child process is given."""

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest

from course_utils._door import steps as _steps
from course_utils._door.steps import SetupError

pytestmark = pytest.mark.usefixtures("logs")
unix = pytest.mark.skipif(os.name == "nt", reason="signals and descriptors of Unix")


def test_a_step_shows_its_seconds_and_leaves_no_log(capsys, tmp_path, logs):
    _steps.run_step("Waiting", [sys.executable, "-c", "print('quiet')"], tmp_path)
    assert capsys.readouterr().out == "Waiting ...\nWaiting ... 0 s\n"
    assert os.listdir(logs) == []


def test_on_a_terminal_one_line_is_rewritten(monkeypatch, capsys):
    monkeypatch.setattr(_steps.sys.stdout, "isatty", lambda: True, raising=False)
    _steps._show("Waiting", 1.2, final=False)
    _steps._show("Waiting", 3.4, final=True)
    assert capsys.readouterr().out == "\rWaiting ... 1 s\rWaiting ... 3 s\n"


def test_a_step_that_fails_says_what_to_do_and_keeps_the_log(tmp_path, logs):
    code = "import sys; print('OSError: [Errno 28] No space left on device'); sys.exit(1)"
    with pytest.raises(SetupError, match="disk is full") as raised:
        _steps.run_step("Installing", [sys.executable, "-c", code], tmp_path)
    log = Path(str(raised.value).partition("details: ")[2].removesuffix(")."))
    assert "Errno 28" in log.read_text()
    with pytest.raises(SetupError, match="Installing failed: .*No such file"):
        _steps.run_step("Installing", [str(tmp_path / "no-such-program")], tmp_path)
    assert os.listdir(logs) == [log.name]


def test_an_interrupt_ends_the_child_too_and_leaves_no_log(monkeypatch, tmp_path, logs):
    """Else pip would go on writing behind the prompt."""
    before = psutil.Process().children()
    monkeypatch.setattr(_steps.time, "sleep", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        _steps.run_step("Waiting", [sys.executable, "-c", "while True: 1"], tmp_path)
    assert set(psutil.Process().children()) <= set(before)
    assert os.listdir(logs) == []


def test_a_lock_is_free_again_when_its_holder_has_ended(tmp_path, capsys):
    for _ in range(2):
        with _steps.only_one(tmp_path / "lock"):
            assert len(_steps.HELD) == 1
    assert _steps.HELD == [] and capsys.readouterr().out == ""


LEFT_BEHIND = """
import os, signal, sys
from pathlib import Path
from course_utils._door import steps
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as in a terminal, whatever runs the tests
signal.signal(signal.SIGINT, signal.default_int_handler)
with steps.only_one(Path("lock")):
    steps.run_step("Waiting", [sys.executable, "-c", {child!r}], Path("."))
"""


def waiting(tmp_path, seconds):
    """A process with the lock whose child waits; its id is in the file `child`."""
    child = f"import os, time; open('child', 'w').write(str(os.getpid())); time.sleep({seconds})"
    environment = {**os.environ, "PYTHONPATH": str(Path(_steps.__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", LEFT_BEHIND.format(child=child)], cwd=tmp_path, env=environment
    )
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        time.sleep(0.05)
    return process, int((tmp_path / "child").read_text())


@unix
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_ends_the_start_ends_pip_too(tmp_path, how):
    process, child = waiting(tmp_path, 60)
    process.send_signal(how)
    process.wait(20)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@unix
def test_an_orphan_keeps_the_next_start_waiting(tmp_path, capsys):
    process, _ = waiting(tmp_path, 3)
    process.kill()
    process.wait()
    with _steps.only_one(tmp_path / "lock"):
        assert capsys.readouterr().out == f"{_steps.BUSY}\n"


RETAINED = """
import numpy as np

def resident():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS"))

np.ones(2_000_000)  # 16 MB; freed, it teaches glibc to keep blocks up to its size
before, blocks = resident(), [np.ones(1_000_000) for _ in range(20)]
small = [bytes(200) for _ in range(10_000)]  # these lie above the blocks
del blocks
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the settings are glibc's")
def test_a_child_gives_the_memory_of_large_blocks_back(ask, monkeypatch):
    """160 MB, of which a kernel would keep all without the settings, and 2 MB of small things."""
    for name in _steps.GIVE_BACK:
        monkeypatch.delenv(name, raising=False)
    assert float(ask(RETAINED)) > 100
    assert float(ask(RETAINED, env=_steps.child_environment())) < 20


def test_children_speak_utf8_and_ones_own_settings_of_memory_win(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    expected = {"PYTHONUTF8": "1", "A": "b", "MALLOC_TRIM_THRESHOLD_": "131072"}
    assert expected.items() <= _steps.child_environment(A="b").items()
