"""The doctor: each requirement, met and unmet, with the mend."""

import importlib.util
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from course_utils import _paths, doctor
from course_utils._door import imports_check as _imports_check
from course_utils.data import _digits, _mnist

LOADED = {*doctor.NEEDS.values()}


@pytest.fixture
def all_loads(monkeypatch):
    """The child's answer on a good machine, without the child."""
    findings = [doctor.Finding(what, "ok", "") for what in ("imports", "threads")]
    monkeypatch.setattr(_imports_check, "look", lambda _: (findings, LOADED))


def test_this_environment_passes_and_the_summary_is_one_stable_line():
    """Notebook 00 prints it and nbval compares it: no version, size or path may stand in it."""
    assert doctor.summary() == f"all {len(doctor.CHECKS) + 2} checks passed"


def test_the_verb_prints_a_line_per_check_and_succeeds(monkeypatch, capsys):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert doctor.doctor() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(doctor.CHECKS) + 2
    assert {line.partition("]")[0] for line in lines} <= {"[ok", "[note"}
    assert lines[2].startswith("[ok] imports: all ")
    assert lines[3] == "[ok] threads: 1 (set by OMP_NUM_THREADS)"


def test_only_a_failure_is_named_with_its_mend_and_fails_the_verb(all_loads, monkeypatch, capsys):
    broken = doctor.Finding("disk", "fail", "0.1 GB free", "free some space")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: broken, doctor.check_python))
    assert doctor.doctor() == 1
    assert doctor.summary() == "[fail] disk: 0.1 GB free; free some space"
    assert capsys.readouterr().out.startswith("[fail] disk: 0.1 GB free; free some space\n[ok]")
    note = doctor.Finding("data", "note", "mnist is not here")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: note,))
    assert doctor.summary() == "all 3 checks passed"


def test_an_old_python_fails(monkeypatch):
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(version_info=(3, 10, 9)))
    finding = doctor.check_python()
    assert finding.state == "fail" and ">=3.11" in finding.mend


def test_a_check_that_cannot_do_its_work_is_a_finding(monkeypatch):
    """What ended the child is not loaded once more."""
    monkeypatch.delattr(psutil, "virtual_memory")
    finding = str(doctor._run(doctor.check_memory, LOADED))
    assert finding.startswith("[fail] memory: cannot be looked at (AttributeError: ")
    finding = str(doctor._run(doctor.check_memory, LOADED - {"psutil"}))
    assert finding == "[note] memory: not looked at, since psutil was not loaded"
    assert set(_imports_check.MODULES) >= LOADED


def test_packages_are_listed_and_those_too_old_or_missing_named_with_their_bounds(monkeypatch):
    listed = doctor.check_packages().detail
    assert f"torch {version('torch')}" in listed  # without a build's +cu130
    wanted = ["numpy>=999", "no-such-thing>=1", "torch>=1", "pytest>=8; extra == 'test'"]
    monkeypatch.setattr("importlib.metadata.requires", lambda name: wanted)
    finding = doctor.check_packages()
    assert finding.state == "fail"
    assert "numpy>=999 (found " in finding.detail
    assert "no-such-thing>=1 (found nothing)" in finding.detail
    assert "torch" not in finding.detail and "pytest" not in finding.detail


def test_the_kernel_has_to_run_this_python(monkeypatch, tmp_path):
    look_up = Mock(side_effect=NoSuchKernel("python3"))
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", look_up)
    assert doctor.check_kernel().state == "fail"
    other = tmp_path / "python"
    other.touch()
    look_up.side_effect = None
    for command, state in [("python", "ok"), (sys.executable, "ok"), (str(other), "fail")]:
        look_up.return_value.argv = [command, "-m", "ipykernel"]
        finding = doctor.check_kernel()
        assert finding.state == state
    assert str(other) in finding.detail


def test_missing_parts_of_jupyterlab_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    (tmp_path / "anywidget").mkdir()
    (tmp_path / "anywidget" / "package.json").touch()
    manager = "@jupyter-widgets/jupyterlab-manager"
    assert doctor.check_widgets().detail == f"missing: {manager}"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert doctor.check_widgets().detail == f"missing: jupyterlab, {manager}"
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [str(tmp_path)])
    assert doctor.check_settings().state == "fail"


def test_a_folder_that_cannot_be_made_is_told(monkeypatch, tmp_path):
    """A file in its place also stops root; a class's shared data may be read-only."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "file" / "state"))
    finding = doctor.check_state()
    assert finding.state == "fail" and "COURSE_STATE" in finding.mend
    monkeypatch.setattr(_paths, "data_folder", lambda: tmp_path / "file" / "data")
    monkeypatch.delenv("COURSE_DATA", raising=False)
    assert doctor.check_cache().state == "fail"
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file" / "data"))
    assert doctor.check_cache().state == "note"


def test_mnist_is_optional(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert doctor.check_data().state == "note"
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").touch()
    assert doctor.check_data().state == "note"  # a file of another hash is not MNIST
    monkeypatch.setattr(_mnist, "find_mnist", lambda: tmp_path / "mnist")
    assert doctor.check_data().state == "ok"


@pytest.mark.parametrize("name", ["digits.npz", "mnist-2d.json", "mnist-2d.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"half"])
def test_bundled_data_that_is_not_whole_fails_with_the_mend(name, content, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "WEIGHTS", shutil.copytree(doctor.WEIGHTS, tmp_path / "weights"))
    monkeypatch.setattr(_digits, "FILE", Path(shutil.copy(_digits.FILE, tmp_path)))
    assert doctor.check_data().state != "fail"
    (path,) = tmp_path.rglob(name)
    path.write_bytes(content) if content is not None else path.unlink()
    finding = doctor.check_data()
    assert finding.state == "fail" and f'git checkout -- "{path}"' in finding.detail
    why = "is damaged" if name.endswith("json") else "it is damaged"
    assert ("it is not" if content is None else why) in finding.detail


@pytest.mark.parametrize(("available", "state"), [(0.9e9, "fail"), (1.1e9, "ok")])
def test_memory_below_a_gigabyte_fails(monkeypatch, available, state):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=available))
    assert doctor.check_memory().state == state


def test_the_disk_is_asked_where_the_state_will_be(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "not" / "yet"))
    disk_usage = Mock(return_value=SimpleNamespace(free=0.1e9))
    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    assert doctor.check_disk().detail == "0.1 GB free, 0.5 GB needed"
    disk_usage.assert_called_once_with(tmp_path)
