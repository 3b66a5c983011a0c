"""The verb `lab`: how JupyterLab is started, and on what."""

from pathlib import Path

import nbformat
import pytest
from mini_clone import source_of, write_notebook
from nbformat.sign import NotebookNotary

from course_utils._door import lab as _lab
from course_utils._door import setup as _setup
from course_utils._door.steps import SetupError


@pytest.fixture
def started(monkeypatch, folders):
    """The command lines by which JupyterLab would be started, in a clone with two notebooks."""
    commands = []
    monkeypatch.setattr(_setup, "ROOT", folders[0].parent)
    monkeypatch.setattr(_setup, "become", lambda command, **folders: commands.append(command))
    monkeypatch.setattr(_lab, "trust", lambda notebooks: None)
    monkeypatch.chdir(folders[0])
    return commands


def test_lab_opens_the_first_copy_and_passes_arguments_on(started, folders):
    assert _lab.lab([], False, ["--port", "9999"]) == 0
    (command,) = started
    root = folders[0].parent
    assert command[1:4] == ["-P", "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={root}" in command
    assert "--LabApp.default_url=/lab/tree/my_course/00_start_here.ipynb" in command
    assert command[-2:] == ["--port", "9999"]
    assert Path.cwd() == root


def test_lab_can_stop_before_jupyterlab_and_start_notebooks_anew(started, folders):
    _lab.lab([], True, [])
    write_notebook(folders[1] / "02_naive.ipynb", "my answer")
    _lab.lab(["02"], True, [])
    assert started == []
    assert source_of(folders[1] / "02_naive.ipynb") == "1 + 1"


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_and_nobody_else_asks(monkeypatch, tmp_path, user, allowed):
    monkeypatch.setattr(_lab.os, "geteuid", lambda: user, raising=False)
    assert ("--allow-root" in _lab.lab_command(tmp_path, [])) == allowed


def test_without_a_screen_only_the_address_is_printed(monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(_lab.platform, "system", lambda: "Darwin")
    assert _lab.has_display()
    monkeypatch.setattr(_lab.platform, "system", lambda: "Linux")
    assert _lab.lab_command(tmp_path, []).count("--no-browser") == 1
    assert _lab.lab_command(tmp_path, ["--no-browser"]).count("--no-browser") == 1
    monkeypatch.setenv("DISPLAY", ":0")
    assert "--no-browser" not in _lab.lab_command(tmp_path, [])


def test_originals_are_signed(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    path = write_notebook(tmp_path / "01_signed.ipynb")
    _lab.trust([path])
    notary = NotebookNotary(data_dir=str(tmp_path))
    assert notary.check_signature(nbformat.read(path, as_version=4))


def test_a_home_that_cannot_be_written_is_one_sentence(started, monkeypatch, tmp_path):
    """JupyterLab would print sixty lines; a file in the way also stops root."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file" / "share"))
    monkeypatch.setenv("COURSE_STATE", "")  # as good as unset, and not at fault
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SetupError, match=r"share cannot be .*unset JUPYTER_DATA_DIR, or set it to"):
        _lab.lab([], False, [])
    assert started == []


def test_notebooks_that_cannot_be_signed_are_told_in_a_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file" / "share"))
    _lab.trust([tmp_path / "none.ipynb"])
    assert capsys.readouterr().out.startswith("Explorers show once their cells are run")
