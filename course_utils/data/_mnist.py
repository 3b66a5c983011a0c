"""MNIST's four files: found, or fetched from a mirror, and compared with known hashes."""

import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from course_utils._paths import as_path, data_folder
from course_utils.data._idx import read_idx

SHA256 = {
    "train-images-idx3": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
FILES = {f"{name}-ubyte.gz": sha256 for name, sha256 in SHA256.items()}

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
TIMEOUT = (5, 30)  # seconds to connect, seconds without a byte
SLOWEST = 1000  # bytes a second, over all of a file's time after the first half minute
PIECE = 64  # bytes; a piece that drips in keeps us waiting for a minute, no longer


def fetch_mnist(to: Path | None = None, *, mirrors: Sequence[str] | None = None) -> Path:
    """The folder of MNIST's four files, which are fetched (11 MB) unless they are there.

    Args:    to: FOLDER; the files go to FOLDER/mnist, and files in FOLDER itself are found too.
             Without it COURSE_DATA, else a cache of the user's.
             mirrors: addresses tried in turn; without them COURSE_MIRROR (one or more, with
             spaces between), else three public ones.
    Raises:  ConnectionError if no mirror gave a file that has the known hash;
             PermissionError if the folder cannot be written; FileExistsError if other files lie
             there under these names: nothing is ever overwritten.
    """
    base = data_folder() if to is None else as_path(to)
    if found := find_mnist(base):
        return found
    _prepare(base / "mnist")
    if mirrors is None:
        mirrors = os.environ.get("COURSE_MIRROR", "").split() or MIRRORS
    for name in FILES:
        if not (base / "mnist" / name).exists():
            _fetch(name, base / "mnist", mirrors)
    return base / "mnist"


def find_mnist(base: Path | None = None) -> Path | None:
    """BASE/mnist or BASE, whichever holds the four files with the known hashes, or None.

    Args:  base: a folder that may not exist; without it the one that `fetch_mnist` fills.
    """
    base = data_folder() if base is None else Path(base)
    for folder in (base / "mnist", base):
        if all(_is_known(folder / name) for name in FILES):
            return folder
    return None


def find_others(folder: Path | None = None) -> list[Path]:
    """Files under MNIST's names that are not MNIST's, where `fetch_mnist` would put them."""
    folder = data_folder() / "mnist" if folder is None else folder
    paths = [folder / name for name in FILES]
    return [path for path in paths if path.exists() and not _is_known(path)]


def read_mnist(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Train images (N, 28, 28) and labels (N,), test images and labels, uint8.

    Raises:  ValueError naming the file if one is broken or does not fit its partner.
    """
    return (*_read_part(folder, "train"), *_read_part(folder, "t10k"))


def _read_part(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of one half, which must fit together."""
    path = folder / f"{part}-images-idx3-ubyte.gz"
    images = read_idx(path, axes=3)
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz", axes=1)
    if images.shape[1:] != (28, 28):
        came = "{1}x{2} came; delete the file and fetch it again.".format(*images.shape)
        raise ValueError(f"{path} should hold images of 28x28 pixels, but {came}")
    if len(images) != len(labels):
        hint = "delete both files and fetch them again."
        came = f"{len(images)} images and {len(labels)} labels came; {hint}"
        expected = "as many images as its partner holds labels"
        raise ValueError(f"{path} should hold {expected}, but {came}")
    return images, labels


def _is_known(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == FILES[path.name]


def _prepare(folder: Path) -> None:
    """Make the folder, and refuse others' files: Fashion-MNIST, for one, has the same names."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = None if os.access(folder, os.W_OK) else "it is read-only"
    except OSError as error:
        reason = error
    if reason:
        raise PermissionError(
            f"MNIST is not in {folder.parent}, and {folder} cannot be written ({reason}); set "
            f"COURSE_DATA to a folder of your own, or ask its owner to run "
            f"`python3 -m course_utils data mnist --to {folder.parent}`."
        )
    if others := find_others(folder):
        names = ", ".join(f"{path.name} ({_size(path)})" for path in others)
        raise FileExistsError(
            f"{folder} holds other files under MNIST's names: {names}. They are damaged, or "
            f"another data set's, such as Fashion-MNIST's, and stay as they are. Move them "
            f"elsewhere (or delete damaged ones), or set COURSE_DATA to another folder."
        )


def _size(path: Path) -> str:
    return f"{path.stat().st_size:,} bytes" if path.is_file() else "a folder"


def _fetch(name: str, folder: Path, mirrors: Sequence[str]) -> None:
    """One file from the first mirror that has it; under its final name only once it is whole."""
    failures = []
    for mirror in mirrors:
        try:
            _retrieve(f"{mirror.rstrip('/')}/{name}", folder / name)
            return
        except (OSError, ValueError) as error:  # ValueError: pooch's word for a wrong hash
            failures.append(f"  {mirror}  {_describe_error(error)}")
    lines = [
        f"MNIST's file {name} could not be fetched. Tried:",
        *failures,
        'load("strokes") and load("digits") need no network. To bring MNIST by hand, put',
        ", ".join(FILES),
        f"into {folder}, or set COURSE_DATA to a folder that has them,",
        "or COURSE_MIRROR to the address of another mirror.",
    ]
    raise ConnectionError("\n".join(lines)) from None


def _retrieve(url: str, path: Path) -> None:
    """Fetch one file; pooch writes to a temporary one and renames it once the hash is right."""
    import pooch  # here, since it brings requests, and most never fetch anything

    pooch.get_logger().setLevel("WARNING")  # the bar says it already
    # A total, since tqdm refuses to be asked `if bar:` without; pooch sets the true one.
    with _ImpatientBar(desc=path.name, total=1, unit="B", unit_scale=True, leave=False) as bar:
        fetch = pooch.HTTPDownloader(progressbar=bar, timeout=TIMEOUT, chunk_size=PIECE)
        known = f"sha256:{FILES[path.name]}"
        pooch.retrieve(url, known, path.name, path.parent, downloader=fetch)


class _ImpatientBar(tqdm):
    """A bar that ends a download which only drips."""

    def update(self, n: float | None = 1) -> bool | None:
        """Raises: TimeoutError."""
        shown = super().update(n)
        seconds = time.time() - self.start_t
        whole = 0 < self.total <= self.n  # 0: the mirror does not tell
        if not whole and seconds > TIMEOUT[1] and self.n < SLOWEST * seconds:
            raise TimeoutError(f"sent less than {SLOWEST:,} bytes a second")
        return shown


def _describe_error(error: Exception) -> str:
    """One line for what may be a page."""
    import requests  # comes with pooch, which raises its errors

    if isinstance(error, requests.HTTPError):
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke off half-way"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, TimeoutError):
        return str(error)
    if isinstance(error, ValueError) and "hash" in str(error):
        return "sent another file than the known one (SHA-256 differs)"
    first_line, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first_line}"
