"""What around the course could spoil a lesson: not passed on, or named by the doctor."""

import os
import sys
from pathlib import Path

import pytest
from jupyter_client.manager import run_kernel

from course_utils._door import steps
from course_utils._door import surroundings as _surroundings

SPOILERS = """
PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONOPTIMIZE PYTHONSAFEPATH PYTHONWARNINGS PYTHONDEVMODE
PYTHONVERBOSE PYTHONINSPECT PYTHONIOENCODING PYTHONUTF8 PYTHONCASEOK PYTHONEXECUTABLE PYTHONDEBUG
PYTHONUSERBASE PYTHONPLATLIBDIR PYTHONBREAKPOINT PYTHONTRACEMALLOC PYTHONASYNCIODEBUG
PYTHONINTMAXSTRDIGITS PYTHONPROFILEIMPORTTIME PYTHON_JIT PYTHONNODEBUGRANGES
PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_NO_DEPS PIP_DRY_RUN PIP_REQUIRE_VIRTUALENV
PIP_REQUIRE_HASHES PIP_NO_BINARY PIP_ONLY_BINARY PIP_PRE PIP_CONSTRAINT PIP_BUILD_CONSTRAINT
PIP_NO_BUILD_ISOLATION PIP_PLATFORM PIP_PYTHON_VERSION PIP_PYTHON PIP_IGNORE_INSTALLED PIP_SRC
UV_SYSTEM_PYTHON UV_CONSTRAINT UV_OVERRIDE UV_EXCLUDE_NEWER UV_RESOLUTION UV_PRERELEASE
UV_NO_BINARY UV_REQUIRE_HASHES UV_PYTHON UV_TARGET UV_NO_DEPS UV_NO_BUILD_ISOLATION
MPLBACKEND MPLCONFIGDIR MATPLOTLIBRC IPYTHONDIR
JUPYTER_CONFIG_DIR JUPYTER_CONFIG_PATH JUPYTER_PATH JUPYTER_NO_CONFIG JUPYTER_PLATFORM_DIRS
JUPYTER_PREFER_ENV_PATH JUPYTERLAB_DIR JUPYTER_ALLOW_INSECURE_WRITES
TORCH_LOGS TORCH_COMPILE_DEBUG TORCH_CPP_LOG_LEVEL TORCHDYNAMO_DISABLE PYTORCH_JIT
OMP_DISPLAY_ENV OMP_DISPLAY_AFFINITY KMP_SETTINGS MKL_VERBOSE DNNL_VERBOSE ONEDNN_VERBOSE
TQDM_DISABLE TQDM_NCOLS PYTEST_ADDOPTS PYTEST_PLUGINS
"""
KEPT = """
PATH HOME HTTPS_PROXY SSL_CERT_FILE OMP_NUM_THREADS COURSE_DATA JUPYTERHUB_USER JUPYTER_DATA_DIR
PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_CERT PIP_CACHE_DIR UV_INDEX_URL UV_CACHE_DIR
PYTHONHASHSEED PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE JUPYTERLAB_SETTINGS_DIR TORCH_HOME
"""


@pytest.mark.parametrize("name", SPOILERS.split())
def test_what_spoils_a_lesson_is_not_passed_on(name, monkeypatch):
    monkeypatch.setenv(name, "spoiler")
    assert steps.child_environment().get(name) != "spoiler"


def test_what_does_no_harm_is_passed_on():
    environment = dict.fromkeys(KEPT.split(), "mine")
    assert _surroundings.without_spoilers(environment) == environment


MOVED = ("MATPLOTLIBRC", "MPLCONFIGDIR", "XDG_CONFIG_HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
MOVED += ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")


@pytest.fixture
def quiet(monkeypatch, tmp_path):
    """A process in which nothing is in the way, nor says where files lie; of a user without any."""
    harmful = {name for name in os.environ if _surroundings._harms(name)}
    for name in harmful.union(MOVED):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        *((name, "1", "fail") for name in ("PYTHONOPTIMIZE", "PYTHONWARNINGS", "TORCH_LOGS")),
        *((name, "1", "fail") for name in ("TQDM_DISABLE", "ONEDNN_VERBOSE", "PYTORCH_JIT")),
        ("MPLBACKEND", "Agg", "fail"),
        ("MPLBACKEND", "module://matplotlib_inline.backend_inline", "ok"),
        ("PYTHONPATH", "/elsewhere", "note"),
        ("PYTHONUNBUFFERED", "1", "ok"),
    ],
)
def test_the_doctor_names_a_variable_of_this_kernel(quiet, name, value, state):
    quiet.setenv(name, value)
    finding = _surroundings.check_surroundings()
    assert finding.state == state
    assert state == "ok" or f"{name} is set (" in finding.detail and "unset it" in finding.mend


def test_the_doctor_names_files_that_every_kernel_reads(quiet, tmp_path):
    quiet.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    file = tmp_path / "ipython" / "profile_default" / "startup" / "00-mine.py"
    file.parent.mkdir(parents=True)
    file.touch()
    finding = _surroundings.check_surroundings()
    assert (finding.state, finding.detail) == ("note", f"{file} is read by every kernel here")


@pytest.mark.skipif(sys.platform != "linux", reason="these are matplotlib's folders on Linux")
def test_the_doctor_names_the_style_that_matplotlib_reads(quiet, tmp_path, ask):
    named, own = tmp_path / "elsewhere", tmp_path / ".config" / "matplotlib"
    places = [(own, {}), (named, {"MATPLOTLIBRC": str(named)}), (tmp_path, {})]
    for folder, variables in places:  # from the weakest to the strongest
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "matplotlibrc").touch()
        for name, value in variables.items():
            quiet.setenv(name, value)
        reads = ask("import matplotlib; print(matplotlib.matplotlib_fname())").strip()
        assert Path(reads).resolve() == folder / "matplotlibrc"
        told = _surroundings.check_surroundings()
        assert told.detail == f"{folder / 'matplotlibrc'} is read by every kernel here"


def test_a_kernel_of_the_course_reads_no_file_of_the_users(tmp_path, quiet):
    """Neither code for every kernel, nor a style, nor another kernel under the name python3."""
    files = {
        ".ipython/profile_default/startup/mine.py": "raise SystemExit('start-up file')",
        ".ipython/profile_default/ipython_kernel_config.py": "c.InteractiveShell.pdb = True",
        ".config/matplotlib/matplotlibrc": "text.usetex: True",
        ".jupyter/jupyter_server_config.py": "raise SystemExit",
        ".local/share/jupyter/kernels/python3/kernel.json": '{"argv": ["false"], "language": "x"}',
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    environment = steps.learners_environment(str(tmp_path / "state"))
    quiet.setenv("JUPYTER_PREFER_ENV_PATH", environment["JUPYTER_PREFER_ENV_PATH"])
    said = []
    with run_kernel(kernel_name="python3", env=environment) as client:
        client.execute_interactive(
            "import matplotlib; print(matplotlib.rcParams['text.usetex'], get_ipython().pdb)",
            output_hook=lambda message: said.append(message["content"].get("text")),
            timeout=60,
        )
    assert "False False\n" in said
    assert Path(environment["JUPYTER_CONFIG_DIR"]) == tmp_path / "state" / "jupyter"
    assert environment["JUPYTERLAB_SETTINGS_DIR"] == str(tmp_path / ".jupyter/lab/user-settings")
