"""Installing with uv or pip."""

import os
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from course_utils._door import install as _install
from course_utils._door.causes import ADVICE
from course_utils._door.steps import SetupError

pytestmark = pytest.mark.usefixtures("logs")


def test_the_python_of_a_venv_on_windows(monkeypatch):
    monkeypatch.setattr(_install, "os", SimpleNamespace(name="nt"))
    assert _install.python_in(Path("a")) == Path("a", "Scripts", "python.exe")


BY_UV, BY_PIP = "Installing packages with uv", "Installing packages with pip"


@pytest.fixture
def steps(monkeypatch):
    """What is asked for, as {title: (command, environment)}; what is to fail, {title: cause}."""
    asked, failing = {}, {}

    def run_step(title, command, cwd, **environment):
        asked[title] = [str(part) for part in command], environment
        if title in failing:
            raise SetupError(f"{title} failed: {ADVICE[failing[title]]}.", failing[title])

    monkeypatch.setattr(_install, "run_step", run_step)
    return SimpleNamespace(asked=asked, failing=failing)


@pytest.fixture
def install(monkeypatch, tmp_path, steps):
    """Install into a `.venv` of pip's, in which the course is found afterwards; the steps asked."""
    monkeypatch.setattr(_install, "_is_usable", lambda venv: True)
    monkeypatch.setattr(_install, "_require_found", lambda root, venv: None)
    monkeypatch.setattr(_install.shutil, "which", lambda name: None)
    (tmp_path / "requirements.lock").write_text("torch==2.13.0\n")
    (tmp_path / ".venv").mkdir()

    def install(extras=(), wheels=None):
        _install.install(tmp_path, tmp_path / ".venv", [*extras], wheels)
        return steps.asked.values()

    return install


def test_pip_settings_are_read_and_the_environment_wins(monkeypatch):
    printed = (
        "global.target='/elsewhere'\nglobal.no-deps='true'\ninstall.user='true'\n"
        ":env:.constraint='/old.txt'\n:env:.find-links='/wheels /more'\n"
        "global.cert='/etc/cert.pem'\nglobal.find-links='/other'\n"
        "install.extra-index-url='https://a.example/simple\\nhttps://b.example/simple'"
    )
    monkeypatch.setattr(_install, "_answer", lambda command: printed)
    assert _install.pip_settings(Path("python")) == {
        "cert": ["/etc/cert.pem"],
        "extra-index-url": ["https://a.example/simple", "https://b.example/simple"],
        "find-links": ["/wheels", "/more"],
    }


def test_pip_reads_no_file_and_is_told_where_packages_come_from(monkeypatch, install):
    settings = {"index-url": ["https://a.example"], "find-links": ["/wheels", "/more"]}
    monkeypatch.setattr(_install, "pip_settings", lambda python: settings)
    ((command, environment),) = install()
    assert environment == {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "https://a.example"}
    assert command[4:9] == ["--no-input", "--find-links", "/wheels", "--find-links", "/more"]


def test_a_folder_of_packages_takes_the_place_of_every_index(install, tmp_path):
    stick = tmp_path / "my stick"
    with pytest.raises(SetupError, match=r"no packages in .*course_utils wheels --to FOLDER"):
        install(wheels=str(stick))
    stick.mkdir()
    (stick / "numpy-2.4.6-py3-none-any.whl").touch()
    ((command, environment),) = install(wheels=str(stick))
    assert environment["PIP_NO_INDEX"] == "true"
    assert command[4:7] == ["--no-input", "--find-links", str(stick)]
    assert command[7:] == ["-c", "requirements.lock", "-e", "."]


def test_a_folder_filled_for_another_machine_is_told(install, steps, tmp_path):
    """Its own setting no-index is not the fault, and no index is asked."""
    (tmp_path / "numpy-2.4.6-py3-none-any.whl").touch()
    steps.failing[BY_PIP] = "index"
    words = "lacks a package .* wheels --to FOLDER"
    with pytest.raises(SetupError, match=f"^{BY_PIP} failed: .* {words}"):
        install(wheels=str(tmp_path))


def test_an_installation_in_which_the_course_is_not_found_is_told(monkeypatch, tmp_path):
    for answers in (["", "found"], ["", ""]):
        monkeypatch.setattr(_install, "_answer", Mock(side_effect=answers))
        with pytest.raises(SetupError, match=r"does not find the course .* a to z alone"):
            _install._require_found(tmp_path, tmp_path / ".venv")


def test_without_pip_its_variables_still_count(monkeypatch):
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://a.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels /more")
    settings = _install.pip_settings(Path("no-such-python"))
    assert settings["index-url"] == ["https://a.example/simple"]
    assert settings["find-links"] == ["/wheels", "/more"]
    assert "target" not in settings


def test_uv_gets_pips_configuration():
    lists = {"index-url": ["i"], "find-links": ["a", "b"]}
    assert _install.uv_options({**lists, "no-index": ["true"], "retries": ["3"]}) == [
        *("--index-strategy", "unsafe-best-match", "--default-index", "i"),
        *("--find-links", "a", "--find-links", "b", "--no-index"),
    ]


@pytest.mark.parametrize(
    ("system", "nvidia", "settings", "names_cpu"),
    [
        ("Linux", False, {"cert": ["c"]}, True),
        ("Linux", True, {}, False),
        ("Linux", False, {"find-links": ["/wheels"]}, False),
        ("Linux", False, {"extra-index-url": ["https://a.example"]}, False),
        ("Darwin", False, {}, False),
        ("Windows", False, {}, False),
    ],
)
def test_the_cpu_build_of_torch_is_named_where_it_is_of_use(
    monkeypatch, system, nvidia, settings, names_cpu
):
    monkeypatch.setattr(_install.platform, "system", lambda: system)
    monkeypatch.setattr(_install, "has_nvidia", lambda: nvidia)
    options = _install.torch_options(settings, "numpy==2.4.6\ntorch==2.13.0\n")
    named = ["--extra-index-url", _install.CPU_TORCH_INDEX, "torch==2.13.0+cpu"]
    assert options == (named if names_cpu else [])


def test_pip_installs_under_the_lock_with_the_extras(install):
    ((command, _),) = install(["test"])
    assert command[1:4] == ["-m", "pip", "install"]
    assert command[-4:] == ["-c", "requirements.lock", "-e", ".[test]"]


@pytest.fixture
def with_uv(monkeypatch, install):
    """The same, with uv on the path."""
    monkeypatch.setattr(_install.shutil, "which", lambda name: "/bin/uv" if name == "uv" else None)
    monkeypatch.setattr(_install, "pip_settings", lambda python: {"cert": ["/my", "cert.pem"]})
    return install


def test_uv_is_preferred_and_pip_takes_over_if_it_is_there(with_uv, steps, monkeypatch, capsys):
    ((command, environment),) = with_uv()
    assert environment["SSL_CERT_FILE"] == "/my cert.pem"
    assert command[:3] == ["/bin/uv", "pip", "install"]
    assert command[-2:] == ["-e", "."]
    steps.failing[BY_UV] = "packages"
    monkeypatch.setattr(_install, "_answer", lambda command: "pip 26")
    with_uv()
    assert list(steps.asked) == [BY_UV, BY_PIP]
    assert f"{BY_UV} failed: {ADVICE['packages']}. Trying pip instead." in capsys.readouterr().out
    monkeypatch.setattr(_install, "_answer", lambda command: "")
    with pytest.raises(SetupError, match="uv failed"):
        with_uv()


def test_an_index_of_ones_own_that_is_out_of_reach_is_named(install, steps, monkeypatch):
    settings = {"index-url": ["http://127.0.0.1:9/simple"]}
    monkeypatch.setattr(_install, "pip_settings", lambda python: settings)
    steps.failing[BY_PIP] = "network"
    words = r"http://127\.0\.0\.1:9/simple, as .*unset"
    with pytest.raises(SetupError, match=f"^{BY_PIP} failed: .* {words}"):
        install()


@pytest.mark.parametrize(("cause", "marked"), [("network", False), ("disk", True)])
def test_what_may_have_been_written_calls_for_a_new_venv(with_uv, steps, tmp_path, cause, marked):
    steps.failing.update(dict.fromkeys((BY_UV, BY_PIP), cause))
    with pytest.raises(SetupError):
        with_uv()
    assert (tmp_path / ".venv" / "course-install-unfinished").exists() == marked


def test_uv_makes_the_venv_where_python_cannot(monkeypatch, steps, tmp_path):
    steps.failing["Making .venv"] = "venv"
    monkeypatch.setattr(_install.shutil, "which", lambda name: "/bin/uv")
    _install._make_venv(tmp_path, tmp_path / ".venv")
    assert list(steps.asked) == ["Making .venv", "Making .venv with uv"]
    monkeypatch.setattr(_install.shutil, "which", lambda name: None)
    with pytest.raises(SetupError, match="Making .venv failed"):
        _install._make_venv(tmp_path, tmp_path / ".venv")


@pytest.mark.skipif(os.name == "nt", reason="the Python is a script of the shell")
def test_a_venv_of_another_python_is_made_anew(tmp_path):
    """As an editor may have made it, of a Python that the course does not run on."""
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    for version, usable in [("3.9", False), ("3.15", False), ("3.12", True)]:
        python.write_text(f"#!/bin/sh\necho {version}\n")
        python.chmod(0o755)
        assert _install._is_usable(tmp_path / "venv") == usable


def test_a_full_disk_is_told_before_anything_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(_install.shutil, "disk_usage", lambda path: SimpleNamespace(free=1e9))
    with pytest.raises(SetupError, match=r"needs about 2.5 GB .* but 1.0 GB are free"):
        _install.install(tmp_path, tmp_path / ".venv", [])
    assert not (tmp_path / ".venv").exists()


def test_an_nvidia_driver_is_noticed(monkeypatch):
    monkeypatch.setattr(_install.os.path, "exists", lambda path: False)
    monkeypatch.setattr(_install.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    assert _install.has_nvidia()
    monkeypatch.setattr(_install.shutil, "which", lambda name: None)
    assert not _install.has_nvidia()
