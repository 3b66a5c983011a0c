"""MNIST by the real loader against a mirror on this machine, and what goes wrong."""

import gzip
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from gates import gate
from mnist_files import CLOSED, REAL, TEST_X, TEST_Y, TRAIN_X, TRAIN_Y, known_files, mirror, put
from routes import generator

from course_utils.data import _mnist, fetch_mnist, load
from course_utils.strokes import draw, sample_factors

needs_real = pytest.mark.skipif(
    not (REAL / "train-images-idx3-ubyte.gz").is_file(),
    reason=f"the real MNIST files are not in {REAL}",
)
PUBLIC = _mnist.MIRRORS


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The data folder of this test alone, and nothing of the world outside."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("COURSE_MIRROR", raising=False)
    monkeypatch.setattr(_mnist, "MIRRORS", (CLOSED,))
    return tmp_path / "data"


@pytest.fixture
def tiny(monkeypatch):
    return known_files(monkeypatch)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def fetch_from(files, to=None):
    """Where the files are then, and what a mirror of these files was asked for."""
    with mirror(files) as server:
        return fetch_mnist(to, mirrors=[server.address]), server.asked


def test_all_four_files_are_fetched_once_and_kept(tiny, folder):
    place, asked = fetch_from(tiny)
    assert place == folder / "mnist" and contents(place) == tiny
    assert sorted(asked) == sorted(tiny)
    assert fetch_from(tiny) == (place, [])


def test_a_folder_can_be_filled_for_a_class_and_used_from_there(tiny, tmp_path, monkeypatch):
    assert fetch_from(tiny, tmp_path / "class")[0].parent.name == "class"
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "class"))
    assert len(load("mnist")) == 8


def test_the_progress_bar_names_the_file(tiny, capsys):
    fetch_from(tiny)
    shown = capsys.readouterr().err
    assert all(f"{name}:   0%" in shown for name in tiny) and "B/s" in shown


FAULTS = {
    "missing": "answered 404 Not Found",
    "other": "sent another file than the known one",
    "cut": "broke off half-way",
    "cut, length unknown": "sent another file than the known one",
    "silent": "did not answer in time",
    "drips": "sent less than 1,000 bytes a second",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_mirror_spoils_is_never_left_but_given_by_the_next(tiny, folder, fault, monkeypatch):
    if fault in ("silent", "drips"):
        monkeypatch.setattr(_mnist, "TIMEOUT", (1, 1))
    with mirror(tiny, TEST_X=fault) as bad, mirror(tiny) as good:
        with pytest.raises(ConnectionError, match=f"{TEST_X} could not be fetched") as caught:
            fetch_mnist(mirrors=[bad.address])
        assert f"{bad.address}  {FAULTS[fault]}" in str(caught.value)
        assert sorted(contents(folder / "mnist")) == sorted([TRAIN_X, TRAIN_Y])
        bad.asked.clear()
        fetch_mnist(mirrors=[CLOSED, bad.address, good.address])
        assert bad.asked == [TEST_X, TEST_Y]  # only what is missing is fetched
        assert good.asked == [TEST_X]
    assert contents(folder / "mnist") == tiny


@pytest.mark.parametrize("total", [64, 65, 0])
def test_a_small_file_that_came_late_is_taken_once_it_is_whole(total):
    with _mnist._ImpatientBar(total=total) as bar:
        bar.start_t -= 60  # seconds
        with nullcontext() if total == 64 else pytest.raises(TimeoutError, match="1,000 bytes"):
            bar.update(64)


@pytest.mark.parametrize("reachable", [True, False])
def test_files_of_others_under_these_names_are_told_and_stay(tiny, folder, reachable):
    """Fashion-MNIST has the same four names; nothing that we did not write is overwritten."""
    others = dict.fromkeys(tiny, b"a coat") | {TEST_Y: tiny[TEST_Y]}
    put(folder / "mnist", others)
    with mirror(tiny) as server, pytest.raises(FileExistsError, match="stay as they are") as told:
        fetch_mnist(mirrors=[server.address if reachable else CLOSED])
    assert f"{TRAIN_X} (6 bytes)" in str(told.value) and TEST_Y not in str(told.value)
    assert str(folder / "mnist") in str(told.value) and "COURSE_DATA" in str(told.value)
    assert contents(folder / "mnist") == others
    for name in (TRAIN_X, TRAIN_Y, TEST_X):  # what it says, done
        (folder / "mnist" / name).rename(folder / name)
    assert fetch_from(tiny)[1] == [TRAIN_X, TRAIN_Y, TEST_X]
    assert contents(folder / "mnist") == tiny


def test_the_environment_names_other_mirrors(tiny, monkeypatch):
    with mirror({}) as empty, mirror(tiny) as full:
        monkeypatch.setenv("COURSE_MIRROR", f"{empty.address.rstrip('/')} {full.address}")
        assert len(load("mnist")) == 8
        assert len(empty.asked) == 4


def test_a_mirror_that_is_no_address_is_named_with_the_reason(tiny):
    with pytest.raises(ConnectionError, match="localhost/mnist  MissingSchema: Invalid URL"):
        fetch_mnist(mirrors=["localhost/mnist"])


def test_offline_one_message_says_what_helps(folder):
    with pytest.raises(ConnectionError) as caught:
        load("mnist")
    message = str(caught.value)
    for part in (f"{CLOSED}  no connection", '"strokes"', '"digits"', "COURSE_DATA", "by hand"):
        assert part in message
    assert str(folder / "mnist") in message and all(name in message for name in _mnist.FILES)
    assert len(message.splitlines()) < 10
    assert caught.value.__suppress_context__  # no page of other errors above it


def test_without_mirrors_named_three_public_ones_are_tried(tiny, monkeypatch):
    with mirror({}) as one, mirror({}) as two, mirror(tiny) as three:
        monkeypatch.setattr(_mnist, "MIRRORS", (one.address, two.address, three.address))
        fetch_mnist()
        assert len(one.asked) == len(two.asked) == len(three.asked) == 4
    assert len(PUBLIC) == 3 and all(address.startswith("https://") for address in PUBLIC)


@pytest.mark.parametrize("inside", ["mnist", ""])
def test_a_shared_read_only_folder_is_used_as_it_is(tiny, folder, inside):
    folders = {folder, put(folder / inside, tiny)}
    before = {path: path.stat().st_mtime_ns for path in folders}
    for path in folders:
        path.chmod(0o555)
    assert load("mnist").labels.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    assert {path: path.stat().st_mtime_ns for path in folders} == before


def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(folder, monkeypatch):
    folder.write_text("a file, not a folder")
    with pytest.raises(PermissionError, match=r"cannot be written .* set COURSE_DATA"):
        fetch_mnist()
    folder.unlink()
    monkeypatch.setattr(_mnist.os, "access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(PermissionError, match=r"it is read-only.*data mnist --to"):
        fetch_mnist()


@pytest.mark.parametrize("default", [torch.float32, torch.float64])
def test_the_loader_scales_bytes_and_keeps_the_files_split(
    default, tiny, folder, set_default_dtype
):
    put(folder / "mnist", tiny)
    set_default_dtype(default)
    data = load("mnist")
    raw = np.frombuffer(gzip.decompress(tiny[TEST_X]), np.uint8, offset=16).reshape(3, 28, 28)
    assert data.images.dtype == torch.float32
    assert torch.equal(data.test.images * 255, torch.tensor(raw.copy()).float())
    assert data.train.labels.tolist() == [0, 1, 2, 3, 4] and data.factors is None
    assert repr(data) == "ImageData('mnist', 8 images of 28x28: 5 train, 3 test)"


@pytest.fixture(scope="module")
def real_files():
    return {name: (REAL / name).read_bytes() for name in _mnist.FILES}


@needs_real
def test_the_real_set_by_way_of_a_mirror(real_files, monkeypatch):
    with mirror(real_files) as server:
        monkeypatch.setenv("COURSE_MIRROR", server.address)
        data = load("mnist")
    assert (len(data.train), len(data.test)) == (60_000, 10_000)
    assert data.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert torch.bincount(data.test.labels)[:3].tolist() == [980, 1135, 1032]
    assert abs(float(data.train.images.mean()) - 0.1307) < 1e-4  # the mean everyone divides by
    assert abs(float(data.train.images.std()) - 0.3081) < 1e-4


@needs_real
@pytest.mark.parametrize("fault", ["other", "cut", "missing"])
def test_the_real_files_are_held_to_their_hashes(real_files, folder, fault):
    with mirror(real_files, TRAIN_X=fault) as server, pytest.raises(ConnectionError):
        fetch_mnist(mirrors=[server.address])
    assert contents(folder / "mnist") == {}


@needs_real
def test_strokes_are_legible_to_one_who_knows_real_handwriting_only(monkeypatch):
    """The most similar of 6 000 real digits has the label of the drawn one, nine times in ten."""
    monkeypatch.setenv("COURSE_DATA", str(REAL.parent))
    real = load("mnist").train
    factors = sample_factors(600, generator=generator())

    def blurred(images):  # forgives a shift of a pixel
        rows = torch.nn.functional.avg_pool2d(images[:, None], 4, stride=2).flatten(1)
        return torch.nn.functional.normalize(rows)

    similar = blurred(draw(factors)) @ blurred(real.images[:6000]).T
    read = real.labels[similar.argmax(1)]
    gate("read as drawn", (read == factors.digit).double().mean(), above=0.9)
