"""What around the course can spoil a lesson: variables of the environment, files of the user's.

`lab` and `test` start everything without them. The doctor names those of a kernel that was started
in another way.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path

from course_utils._door.finding import Finding

NOTHING = "(?!)"
# Variables that begin so are not passed on, except those whose names go on so.
FAMILIES = {
    "PYTHON": "DONTWRITEBYTECODE|PYCACHEPREFIX|UNBUFFERED|FAULTHANDLER|NOUSERSITE|HASHSEED",
    "PIP_": "(EXTRA_)?INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|(CLIENT_)?CERT|PROXY|RETRIES|"
    "(DEFAULT_)?TIMEOUT|(NO_)?CACHE_DIR|KEYRING_PROVIDER|CONFIG_FILE|DISABLE_PIP_VERSION_CHECK",
    "UV_": "CACHE_DIR|HTTP_TIMEOUT|NATIVE_TLS|SYSTEM_CERTS|CONFIG_FILE|KEYRING_PROVIDER|OFFLINE|"
    r"(DEFAULT_|EXTRA_)?INDEX(_\w+)?|FIND_LINKS|INSECURE_HOST",
    "JUPYTER_": "DATA_DIR|RUNTIME_DIR|TOKEN|PORT",
    "JUPYTERLAB_": "SETTINGS_DIR|WORKSPACES_DIR",
    "TORCH": "_HOME",
    **dict.fromkeys(("PYTORCH_", "TQDM_", "MPL", "MATPLOTLIB", "IPYTHON", "PYTEST_"), NOTHING),
    **dict.fromkeys(("OMP_DISPLAY_", "KMP_SETTINGS", "MKL_VERBOSE", "DNNL_", "ONEDNN_"), NOTHING),
}
HARM = {  # in a kernel that has them
    "PYTHONOPTIMIZE": "assert does nothing",
    "PYTHON(WARNINGS|DEVMODE|VERBOSE|INSPECT|TRACEMALLOC|ASYNCIODEBUG)": "cells print more",
    "(OMP_DISPLAY_ENV|KMP_SETTINGS|MKL_VERBOSE|DNNL_VERBOSE|ONEDNN_VERBOSE)": "cells print more",
    "(TORCH_LOGS|TORCH_COMPILE_DEBUG|TORCH_CPP_LOG_LEVEL|PYTORCH_JIT)": "torch does other things",
    "TQDM_.*": "progress bars look otherwise",
    "MPLBACKEND": "figures do not show",
    "PYTHON(HOME|PATH)": "packages may come from elsewhere",
}
MAY = "PYTHON(HOME|PATH)"  # the imports tell whether they do
SHOWS = re.compile("inline|ipympl|nbagg|widget|notebook")  # values of MPLBACKEND


def without_spoilers(environment: dict) -> dict:
    """The environment without the variables that a lesson is better off without."""
    return {name: environment[name] for name in environment if not is_spoiler(name)}


def is_spoiler(name: str) -> bool:
    """Whether a lesson is better off without this variable."""
    family = next((start for start in FAMILIES if name.startswith(start)), None)
    return family is not None and not re.fullmatch(FAMILIES[family], name[len(family) :])


def own_folders(state: Path) -> dict:
    """Variables that keep the user's start-up files and styles of other work out of the lessons.

    Settings of JupyterLab's own menu (theme, keys) stay where they are.
    """
    home = Path(os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter") / "lab"
    folders = {"SETTINGS_DIR": home / "user-settings", "WORKSPACES_DIR": home / "workspaces"}
    names = {f"JUPYTERLAB_{name}": str(folder) for name, folder in folders.items()}
    found = {name: os.environ.get(name) or folder for name, folder in names.items()}
    matplotlib = importlib.util.find_spec("matplotlib")
    if matplotlib is not None:
        found["MATPLOTLIBRC"] = str(Path(matplotlib.origin).parent / "mpl-data" / "matplotlibrc")
    own = {"IPYTHONDIR": str(state / "ipython"), "JUPYTER_CONFIG_DIR": str(state / "jupyter")}
    return {**found, **own, "JUPYTER_PREFER_ENV_PATH": "1"}


def check_surroundings() -> Finding:
    """Nothing around this process is known to spoil a lesson."""
    found = {name: harm for name in sorted(os.environ) for harm in _harms(name)}
    files = [*_start_up_files(), *_style_files()]
    if not found and not files:
        return Finding("surroundings", "ok", "no variable or file of yours is in the way")
    parts = [f"{name} is set ({harm})" for name, harm in found.items()]
    parts += [f"{path} is read by every kernel here" for path in files]
    spoils = any(not re.fullmatch(MAY, name) for name in found)
    mend = "unset it" if not files else "see whether it is needed"
    mend += ", or start JupyterLab by: python3 -m course_utils lab"
    return Finding("surroundings", "fail" if spoils else "note", ", ".join(parts), mend)


def _harms(name: str) -> list:
    """What the variable does to a lesson, or nothing."""
    if name == "MPLBACKEND" and SHOWS.search(os.environ[name]):
        return []
    return [harm for names, harm in HARM.items() if re.fullmatch(names, name)][:1]


def _start_up_files() -> list:
    """Of IPython's: code and settings that every kernel of the user's begins with."""
    profile = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython", "profile_default")
    patterns = ("startup/*.py", "startup/*.ipy", "ipython_*config.py", "ipython_*config.json")
    return [path for pattern in patterns for path in sorted(profile.glob(pattern))]


def _style_files() -> list:
    """The matplotlibrc that counts here, as matplotlib looks for it, unless it is its own."""
    config = Path.home() / ".matplotlib"
    if sys.platform.startswith(("linux", "freebsd")):
        config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "matplotlib")
    named = Path(os.environ.get("MATPLOTLIBRC", ""))
    folders = [Path.cwd(), named, named.parent, Path(os.environ.get("MPLCONFIGDIR") or config)]
    found = [folder / "matplotlibrc" for folder in folders if (folder / "matplotlibrc").is_file()]
    return [path for path in found[:1] if path.parent.name != "mpl-data"]
