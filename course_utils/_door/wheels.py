"""The verb `wheels`: a folder, on a stick for instance, from which `lab` installs offline."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from course_utils._door import install, setup
from course_utils._door.steps import SetupError, cannot_write, run_step, say

ALSO = ("editables~=0.3",)  # hatchling asks for it when it links a clone


def wheels(folder: Path) -> int:
    """Fetch all packages that `lab` installs, for machines of the kind of this one.

    Args:    folder: made if need be; what is there already is not fetched again.
    Raises:  SetupError with one sentence.
    """
    import tomllib

    project = tomllib.loads((setup.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [*project["build-system"]["requires"], *project["project"]["dependencies"], *ALSO]
    settings = install.pip_settings(Path(sys.executable))
    options = install.torch_options(settings, (setup.ROOT / install.LOCK).read_text())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise SetupError(cannot_write(folder, err)) from err
    command = [sys.executable, "-m", "pip", "download", "--no-input", "--dest", folder]
    command += ["--find-links", folder, *options, "-c", install.LOCK, *names]
    variables = install.pip_variables(settings)
    run_step(f"Fetching packages into {folder}", command, setup.ROOT, **variables)
    files = [path for path in folder.iterdir() if path.suffix in (".whl", ".gz", ".zip")]
    size = sum(path.stat().st_size for path in files) / 1e9
    kind = "{} {} and Python {}.{}".format(platform.system(), platform.machine(), *sys.version_info)
    say(f"{len(files)} packages, {size:.1f} GB, for {kind}. On each such machine, in a clone:")
    say(f'    python3 -m course_utils lab --wheels "{folder}"')
    return 0
