"""One set-up at a time: a lock that the system takes back when its holders have ended."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

HELD: list = []
"""File descriptors of the locks that this process holds; children may share them."""


@contextlib.contextmanager
def only_one(file: Path, waiting):
    """Hold the lock, after waiting for whoever has it.

    Args:    file: what is locked; made if need be.
             waiting: called once if another has it.
    Raises:  OSError if the file cannot be written.
    """
    descriptor = os.open(str(file), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _lock(descriptor):
            waiting()
            while not _lock(descriptor):
                time.sleep(0.2)
        HELD.append(descriptor)
        yield
    finally:
        HELD[:] = [one for one in HELD if one != descriptor]
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:  # any other is that of a network's file system without locks
        return not isinstance(err, (BlockingIOError, PermissionError))
    return True
