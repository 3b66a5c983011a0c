"""The verb `wheels`: what is asked of pip, and what to do with the folder."""

import pytest

from course_utils._door import install as _install
from course_utils._door import wheels as _wheels
from course_utils._door.steps import SetupError


def test_all_that_lab_installs_is_fetched_into_the_folder(tmp_path, monkeypatch, capsys):
    folder, asked = tmp_path / "my stick", []

    def run_step(title, command, cwd, **environment):
        asked.extend(map(str, command))
        (folder / "torch-2.13.0-py3-none-any.whl").write_bytes(b"1")

    monkeypatch.setattr(_wheels, "run_step", run_step)
    monkeypatch.setattr(_install, "pip_settings", lambda python: {"no-index": ["false"]})
    assert _wheels.wheels(folder) == 0
    assert asked[1:6] == ["-m", "pip", "download", "--no-input", "--dest"]
    assert asked[6] == str(folder) and "requirements.lock" in asked
    names = {name.partition(">")[0].partition("~")[0] for name in asked}
    assert {"torch", "jupyterlab", "hatchling", "editables"} <= names and "pytest" not in names
    told = capsys.readouterr().out
    assert told.startswith("1 packages, 0.0 GB, for ") and f'lab --wheels "{folder}"' in told


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="stick cannot be written, since a file"):
        _wheels.wheels(tmp_path / "file" / "stick")
