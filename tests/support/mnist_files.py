"""MNIST in small, as files and from a mirror on this machine."""

import gzip
import hashlib
import struct
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from course_utils.data import _mnist

REAL = Path(__file__).parents[3] / "shared" / "data" / "mnist"
TRAIN_X, TRAIN_Y, TEST_X, TEST_Y = _mnist.FILES
CLOSED = "http://127.0.0.1:9/"  # nobody listens on the discard port


def idx(array: np.ndarray) -> bytes:
    """A gzipped IDX file of unsigned bytes."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def tiny_files(n_train: int = 5, n_test: int = 3) -> dict[str, bytes]:
    """MNIST in small: images whose labels are the last digits of their numbers."""
    draws, files = np.random.default_rng(0), {}
    for x, y, n in ((TRAIN_X, TRAIN_Y, n_train), (TEST_X, TEST_Y, n_test)):
        files[x] = idx(draws.integers(0, 256, (n, 28, 28), dtype=np.uint8))
        files[y] = idx(np.arange(n, dtype=np.uint8) % 10)
    return files


def known_files(monkeypatch, *sizes: int) -> dict[str, bytes]:
    """The small files, whose hashes are the known ones in this test."""
    files = tiny_files(*sizes)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    monkeypatch.setattr(_mnist, "FILES", hashes)
    return files


def put(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder that is made for them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


class Mirror(BaseHTTPRequestHandler):
    """Sends `server.files`; a file named in `server.faults` goes wrong in the way it says."""

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        fault, content = self.server.faults.get(name, ""), self.server.files.get(name)
        self.server.asked.append(name)
        if fault == "silent":
            self.server.stop.wait(10)
            return
        if fault == "missing" or content is None:
            self.send_error(404)
            return
        self.send_response(200)
        if fault != "cut, length unknown":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if fault == "other":
            content = content[:-1] + bytes([content[-1] ^ 1])
        elif fault.startswith("cut"):
            content = content[: len(content) // 2]
        pieces = ([byte] for byte in content) if fault == "drips" else [content]
        with suppress(ConnectionError):  # the other end has had enough
            for piece in pieces:
                self.wfile.write(bytes(piece))
                self.server.stop.wait(0.005)

    def log_message(self, *_: object) -> None:
        """Say nothing; the server keeps `asked`."""


@contextmanager
def mirror(files: dict[str, bytes], **faults: str):
    """A mirror while the block lasts; faults by the short names of the four files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.files, server.asked, server.stop = files, [], threading.Event()
    server.faults = {globals()[short]: fault for short, fault in faults.items()}
    server.address = f"http://127.0.0.1:{server.server_port}/mnist/"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
