"""Where the course keeps what is not in the clone, and how it reads what comes with it."""

import hashlib
import os
from pathlib import Path

import platformdirs

APP = "vae-course"


def state_folder() -> Path:
    """Folder of answers, predictions and progress; COURSE_STATE moves it."""
    moved = os.environ.get("COURSE_STATE")
    return Path(moved) if moved else platformdirs.user_state_path(APP, appauthor=False)


def data_folder() -> Path:
    """Folder of fetched data sets; COURSE_DATA moves it, e.g. to one a class shares read-only."""
    moved = os.environ.get("COURSE_DATA")
    return Path(moved) if moved else platformdirs.user_cache_path(APP, appauthor=False)


def as_path(folder: object) -> Path:
    """A folder's name as a path; ValueError for anything else."""
    if isinstance(folder, str | os.PathLike) and len(str(folder)) < 4096:
        return Path(folder)
    came = f"a {type(folder).__name__} came that is none; try the name of a folder in quotes."
    raise ValueError(f"folder should be a path, but {came}")


def read_bundled(path: Path, mend: str) -> bytes:
    """A file's content.

    Args:    mend: a sentence that says how to get the file back.
    Raises:  FileNotFoundError that ends in it.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path} should be there, but it is not. {mend}")
    return path.read_bytes()


def read_known(path: Path, sha256: str, mend: str) -> bytes:
    """A file's content, which nothing looks into before its hash is the known one.

    Raises:  FileNotFoundError as above; ValueError if the hash is another.
    """
    content = read_bundled(path, mend)
    came = hashlib.sha256(content).hexdigest()
    if came != sha256:
        found = f"{len(content):,} bytes with {came[:16]}... came"
        raise ValueError(
            f"{path} should have the SHA-256 {sha256[:16]}..., but {found}: it is damaged or of "
            f"another version. {mend}"
        )
    return content


def tell_checkout(path: Path) -> str:
    """How to get a file of the package itself back."""
    return f'In the clone, `git checkout -- "{path}"` brings it back; else install it again.'
