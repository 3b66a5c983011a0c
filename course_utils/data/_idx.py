"""IDX, the file format of MNIST: a magic number, the sizes of the axes, then the bytes.

Source: http://yann.lecun.com/exdb/mnist (the section on file formats).
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

UNSIGNED_BYTE = 8  # the type code of MNIST's files


def read_idx(path: Path, axes: int) -> np.ndarray:
    """Numbers of a gzipped IDX file of unsigned bytes: uint8, one size per axis.

    Args:    path: the file; axes: how many axes it should have, 3 for images, 1 for labels.
    Raises:  ValueError naming the file if it is not gzip, has another magic number, an axis
             without entries, or fewer or more bytes than its sizes say.
    """
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _broken(path, "a whole gzip file", f"this: {error}") from None
    start = 4 + 4 * axes
    if content[:4] != bytes([0, 0, UNSIGNED_BYTE, axes]):
        came = " ".join(map(str, content[:4])) or "an empty file"
        raise _broken(path, f"the magic number 0 0 {UNSIGNED_BYTE} {axes}", came)
    sizes = tuple(np.frombuffer(content[4:start].ljust(4 * axes, b"\0"), ">u4").tolist())
    if 0 in sizes:
        raise _broken(path, "sizes of at least 1", f"sizes {sizes}")
    n, came = math.prod(sizes), len(content) - start
    if came != n:
        raise _broken(path, f"{n} bytes after the header, for sizes {sizes}", came)
    return np.frombuffer(content, np.uint8, offset=start).reshape(sizes)


def _broken(path: Path, expected: str, came: object) -> ValueError:
    hint = "delete the file and fetch it again."
    return ValueError(f"{path} should hold {expected}, but {came} came; {hint}")
