"""ImageData and the two sets that need no network; MNIST has a file of its own."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from routes import generator
from sklearn.datasets import load_digits

from course_utils import data
from course_utils.data import ImageData, _digits, load
from course_utils.strokes import draw, sample_factors


def some(n=6, n_train=4, side=5):
    images = torch.rand(n, side, side + 1, generator=generator())
    return ImageData(images, torch.arange(n) % 10, n_train=n_train, name="some")


@pytest.fixture(scope="module")
def strokes():
    return load("strokes")


def test_there_is_nothing_else_by_another_name():
    """The package fetches some names when they are asked for, and those alone."""
    assert data.ImageData is ImageData and data.load is load
    with pytest.raises(AttributeError, match="has no attribute 'loads'"):
        data.loads  # noqa: B018
    with pytest.raises(ValueError, match="'cifar'; known are: strokes, digits, mnist"):
        load("cifar")


def test_strokes_have_their_sizes_and_free_borders(strokes):
    assert strokes.images.shape == (12_000, 28, 28)
    assert (len(strokes.train), len(strokes.test)) == (10_000, 2_000)
    border = strokes.images.clone()
    border[:, 1:-1, 1:-1] = 0
    assert border.max() < 1e-6


def test_strokes_are_redrawn_from_their_factors(strokes):
    assert torch.equal(strokes.factors.digit, strokes.labels)
    for part in (strokes.train, strokes.test):
        index = torch.randperm(len(part), generator=generator())[:200]
        assert torch.equal(draw(part.factors.take(index)), part.images[index])


def test_strokes_are_the_same_at_every_call_whatever_the_global_seed(strokes):
    torch.manual_seed(1234)
    assert torch.equal(load("strokes").images, strokes.images)


def test_the_file_of_digits_holds_scikit_learns_in_their_order():
    counts, labels = _digits.read_digits()
    bunch = load_digits()
    assert counts.dtype == labels.dtype == np.uint8
    np.testing.assert_array_equal(counts, bunch.images)
    np.testing.assert_array_equal(labels, bunch.target)


@pytest.mark.parametrize("default", [torch.float32, torch.float64])
def test_digits_are_scikit_learns_shuffled_with_seed_0(default, set_default_dtype):
    set_default_dtype(default)
    digits, bunch = load("digits"), load_digits()
    order = torch.randperm(1797, generator=generator())
    assert digits.images.dtype == torch.float32
    assert torch.equal(digits.labels, torch.tensor(bunch.target)[order])
    assert torch.equal(digits.images.double() * 16, torch.tensor(bunch.images)[order])
    assert (len(digits.train), len(digits.test)) == (1497, 300)
    assert digits.factors is None


@pytest.mark.parametrize("place", [0, 20_000, -1])
def test_a_damaged_file_of_digits_is_refused_before_it_is_read(place, tmp_path, monkeypatch):
    content = bytearray(_digits.FILE.read_bytes())
    content[place] ^= 1
    monkeypatch.setattr(_digits, "FILE", tmp_path / "digits.npz")
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was read"))
    _digits.FILE.write_bytes(content)
    with pytest.raises(ValueError, match="it is damaged") as caught:
        load("digits")
    for part in (str(_digits.FILE), _digits.SHA256[:16], f"{len(content):,} bytes", "git checkout"):
        assert part in str(caught.value)


def test_a_missing_file_of_digits_says_how_to_get_it_back(tmp_path, monkeypatch):
    monkeypatch.setattr(_digits, "FILE", tmp_path / "digits.npz")
    with pytest.raises(FileNotFoundError, match="digits.npz should be there") as caught:
        load("digits")
    assert f'`git checkout -- "{_digits.FILE}"`' in str(caught.value)


def test_the_digits_say_whose_they_are():
    """The licence asks for it: creators, title, source, licence, and what was changed."""
    notice = (_digits.FILE.parent / "NOTICE").read_text(encoding="utf-8")
    title = "Optical Recognition of Handwritten Digits"
    for part in ("E. Alpaydin", "C. Kaynak", title, "1998", "CC BY 4.0", "Changes"):
        assert part in notice


@pytest.mark.parametrize("name", ["strokes", "digits"])
def test_every_digit_is_in_both_parts(name):
    data = load(name)
    for part in (data.train, data.test):
        share = torch.bincount(part.labels, minlength=10) / len(part)
        assert share.min() > 0.06 and share.max() < 0.14


def test_parts_are_views_that_make_up_the_whole(strokes):
    for part, rows in ((strokes.train, slice(0, 10_000)), (strokes.test, slice(10_000, 12_000))):
        assert part.images.data_ptr() == strokes.images[rows].data_ptr()
        assert torch.equal(part.images, strokes.images[rows])
        assert torch.equal(part.labels, strokes.labels[rows])
        assert part.factors.slant.data_ptr() == strokes.factors.slant[rows].data_ptr()
    assert strokes.train is strokes.train


def test_a_part_has_no_parts():
    for part in (some().train, some().test, some(n_train=None)):
        for name in ("train", "test"):
            with pytest.raises(ValueError, match="expected a set with parts"):
                getattr(part, name)


def test_a_binarized_pixel_is_1_with_probability_its_grey_and_follows_its_generator():
    n = 4000
    grey = torch.tensor([[0.0, 0.1, 0.5, 0.9, 1.0]])
    data = ImageData(grey.expand(n, 1, 5), torch.zeros(n, dtype=torch.int64), n_train=10)
    binary = data.binarized(generator=generator())
    assert set(binary.images.unique().tolist()) == {0.0, 1.0}
    error = 5 * (grey * (1 - grey) / n).sqrt()
    assert ((binary.images.mean(0) - grey).abs() <= error).all()
    assert binary.n_train == 10 and binary.labels is data.labels
    assert torch.equal(data.images, grey.expand(n, 1, 5))
    once, again, other = (some(60).binarized(generator=generator(s)).images for s in (1, 1, 2))
    assert torch.equal(once, again) and not torch.equal(once, other)


def test_it_unpacks_counts_and_shows_itself_in_one_stable_line():
    images, labels = data = some()
    assert images is data.images and labels is data.labels and len(data) == 6
    assert repr(data) == "ImageData('some', 6 images of 5x6: 4 train, 2 test)"
    assert repr(data.test) == "ImageData('some', 2 images of 5x6)"
    # as vectors: row by row, in float64
    assert data.vectors.shape == (6, 30) and data.vectors.dtype == torch.float64
    assert torch.equal(data.vectors[2, 6:12], data.images[2, 1].double())


ZEROS = torch.zeros(6, dtype=torch.int64)
WRONG = {
    "array": ({"images": some().images.numpy()}, "images should be a torch tensor"),
    "rows": ({"images": torch.rand(6, 30)}, r"images should be float32 of shape \(N, H, W\)"),
    "bytes": ({"images": torch.zeros(6, 5, 5, dtype=torch.uint8)}, "torch.uint8"),
    "empty": ({"images": torch.zeros(0, 5, 5)}, "at least one example"),
    "no pixels": ({"images": torch.zeros(6, 0, 5)}, "at least one example"),
    "too bright": ({"images": torch.full((6, 5, 5), 255.0)}, "from 255 to 255 came"),
    "negative": ({"images": torch.full((6, 5, 5), -0.1)}, "in \\[0, 1\\]"),
    "label list": ({"labels": [0] * 6}, "labels should be a torch tensor"),
    "few labels": ({"labels": ZEROS[:5]}, r"int64 of shape \(6,\)"),
    "one-hot": ({"labels": torch.eye(6)}, "argmax"),
    "factors": ({"factors": sample_factors(5)}, "each of 6 images, but 5 came"),
    "no train": ({"n_train": 0}, "n_train should be a whole number"),
    "no test": ({"n_train": 6}, "n_train should be below the number of images, 6"),
}


@pytest.mark.parametrize("changed, message", WRONG.values(), ids=WRONG)
def test_image_data_refuses_what_is_not_a_set_of_images(changed, message):
    fields = {"name": "some", "images": some().images, "labels": ZEROS}
    with pytest.raises(ValueError, match=message):
        ImageData(**(fields | changed))


@settings(max_examples=60)
@given(st.floats(width=32), st.integers(0, 5), st.integers(0, 4))
def test_one_bad_pixel_is_found_wherever_it_is(value, image, row):
    images = torch.full((6, 5, 5), 0.5)
    images[image, row, 2] = value
    refused = pytest.raises(ValueError, match=r"images should be (pixels|finite)")
    with nullcontext() if 0 <= value <= 1 else refused:
        assert len(ImageData(images, ZEROS)) == 6
