"""The IDX files of MNIST: read back as written, or refused by name."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnist_files import TEST_X, TRAIN_Y, idx, put, tiny_files

from course_utils.data import _mnist
from course_utils.data._idx import read_idx


@settings(max_examples=40)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(0, 2**31))
def test_an_idx_file_is_read_back_as_it_was_written(tmp_path_factory, sizes, seed):
    array = np.random.default_rng(seed).integers(0, 256, sizes, dtype=np.uint8)
    path = tmp_path_factory.mktemp("idx") / "array.gz"
    path.write_bytes(idx(array))
    np.testing.assert_array_equal(read_idx(path, axes=len(sizes)), array)


CONTENT = gzip.decompress(idx(np.zeros((2, 3), np.uint8)))


def test_a_file_cut_anywhere_is_refused_by_name(tmp_path):
    path = tmp_path / "cut.gz"
    whole = gzip.compress(CONTENT)
    pieces = [whole[:kept] for kept in range(len(whole))]
    pieces += [gzip.compress(CONTENT[:kept]) for kept in range(len(CONTENT))]
    for piece in pieces:
        path.write_bytes(piece)
        with pytest.raises(ValueError, match="cut.gz should hold"):
            read_idx(path, axes=2)


BROKEN = {
    "type": (gzip.compress(b"\0\0\x0d" + CONTENT[3:]), "magic number 0 0 8 2, but 0 0 13 2 came"),
    "axes": (idx(np.zeros((2, 3, 1), np.uint8)), "magic number 0 0 8 2, but 0 0 8 3 came"),
    "empty": (gzip.compress(b""), "but an empty file came"),
    "none": (idx(np.zeros((0, 3), np.uint8)), r"sizes of at least 1, but sizes \(0, 3\) came"),
    "too long": (gzip.compress(CONTENT + b"x"), "6 bytes after the header, .* but 7 came"),
    "too short": (gzip.compress(CONTENT[:-2]), "6 bytes after the header, .* but 4 came"),
    "page": (b"<html>no such file</html>", "a whole gzip file, but this: Not a gzipped file"),
    "damaged": (gzip.compress(CONTENT)[:-9] + b"\xff" * 9, "a whole gzip file"),
}


@pytest.mark.parametrize("content, message", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "broken.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"broken.gz should hold .*{message}.* fetch it again"):
        read_idx(path, axes=2)


@pytest.mark.parametrize(
    "name, array, message",
    [
        (TRAIN_Y, np.zeros(4, np.uint8), "5 images and 4 labels came"),
        (TEST_X, np.zeros((3, 28, 27), np.uint8), "28x28 pixels, but 28x27 came"),
    ],
)
def test_files_that_do_not_fit_together_are_refused_by_name(tmp_path, name, array, message):
    put(tmp_path / "mnist", tiny_files() | {name: idx(array)})
    images = name.replace("labels-idx1", "images-idx3")
    with pytest.raises(ValueError, match=f"{images} should hold .*{message}"):
        _mnist.read_mnist(tmp_path / "mnist")
