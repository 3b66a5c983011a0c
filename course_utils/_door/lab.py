"""The verb `lab`: the learner's copies, and JupyterLab open on the first of them.

It runs in the environment that `setup` made or found.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from course_utils._door import copies, setup
from course_utils._door.steps import SetupError, child_environment, say
from course_utils._door.surroundings import own_folders

FIRST = "00_start_here.ipynb"
# Variables that move what is kept.
FOLDERS = ("COURSE_STATE", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_STATE_HOME")


def lab(fresh: list, prepare_only: bool, lab_arguments: list) -> int:
    """Make the copies, trust the originals, open JupyterLab.

    Args:    fresh: names of notebooks to start anew; prepare_only: stop before JupyterLab starts;
             lab_arguments: handed to `jupyter lab` as they are.
    Returns: the exit code; where the process is replaced by JupyterLab, nothing returns.
    """
    root = setup.ROOT
    own = root / "my_course"
    for name in fresh:
        copies.start_anew(root / "notebooks", own, name)
    copies.refresh(root / "notebooks", own)
    if not prepare_only:
        require_folders()
    trust(copies.notebooks_in(root / "notebooks"))
    if prepare_only:
        say(f"The course is ready in {own}")
        return 0
    from course_utils import _paths

    say("Opening JupyterLab; to stop it, press Ctrl-C twice in this window")
    os.chdir(str(root))
    setup.become(lab_command(root, lab_arguments), **own_folders(_paths.state_folder()))
    return 0


def require_folders() -> None:
    """Refuse to start where neither answers nor JupyterLab's own files could be kept.

    Raises: SetupError that names the folder.
    """
    from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

    from course_utils import _paths

    for folder in map(Path, (_paths.state_folder(), jupyter_data_dir(), jupyter_runtime_dir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=str(folder)):
                pass
        except OSError as err:
            places = {name: os.environ[name] for name in FOLDERS if os.environ.get(name)}
            moved = [name for name in places if str(folder).startswith(places[name])]
            name = f"unset {moved[0]}, or set it" if moved else "set HOME (on Windows USERPROFILE)"
            raise SetupError(
                f"{folder} cannot be written ({err.strerror}), where answers and JupyterLab's own "
                f"files are kept; {name} to a folder of your own, and run the same command again."
            ) from err


def trust(notebooks: list) -> None:
    """Sign the originals, so that their stored widgets show before they are run."""
    if notebooks:
        command = [sys.executable, "-P", "-m", "nbformat.sign", "--log-level=ERROR"]
        command += map(str, notebooks)
        done = subprocess.run(command, env=child_environment(), capture_output=True, text=True)
        if done.returncode != 0:
            why = done.stderr.strip().rpartition("\n")[2]
            say(f"Explorers show once their cells are run, for the notebooks are not signed: {why}")


def lab_command(root: Path, more: list) -> list:
    """How JupyterLab starts: served from the clone, so that ../figures links work."""
    first = "/my_course/" + FIRST if (root / "my_course" / FIRST).exists() else "/my_course"
    command = [sys.executable, "-P", "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    command.append(f"--LabApp.default_url=/lab/tree{first}")
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")
    if not has_display() and "--no-browser" not in more:
        command.append("--no-browser")
    return command + list(more)


def has_display() -> bool:
    """Whether a browser could open here; on Linux that takes a screen (or Windows around it)."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    return platform.system() != "Linux" or any(os.environ.get(name) for name in names)
