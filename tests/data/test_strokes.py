"""The writer of digits: redrawing to the last bit, factors that do what they say, bad input."""

import math
import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from routes import generator

from course_utils.data._skeletons import SKELETONS, catmull_rom, segments
from course_utils.strokes import LIMIT, RANGES, Factors, draw, sample_factors

CENTRE = {"slant": 0.0, "weight": 2.5, "size": 0.95, "angle": 0.0, "wobble": [0.0] * 8}


def picture(digit, **changed):
    """One digit with every factor at its centre but the changed ones."""
    values = {name: torch.tensor([value]) for name, value in (CENTRE | changed).items()}
    return draw(Factors(digit=torch.tensor([digit]), **values))[0]


def ones_path(**changed):
    """Column of the ink's centre in each of the ten middle rows of a one, pixels."""
    middle = picture(1, **changed)[9:19].double()
    return (middle * (torch.arange(28) + 0.5)).sum(1) / middle.sum(1)


def slope(**changed):
    """Pixels to the right per pixel upwards, of a one."""
    centres = ones_path(**changed)
    return float((centres[0] - centres[-1]) / 9)


@settings(max_examples=25)
@given(st.integers(1, 300), st.integers(0, 2**31), st.data())
def test_any_part_in_any_order_redraws_the_same_bits(n, seed, data):
    factors = sample_factors(n, generator=generator(seed))
    index = torch.tensor(data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=40)))
    assert torch.equal(draw(factors.take(index)), draw(factors)[index])


def test_an_image_does_not_depend_on_the_number_of_threads():
    factors = sample_factors(700, generator=generator())
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = draw(factors)
        torch.set_num_threads(3)
        assert torch.equal(draw(factors), one)
    finally:
        torch.set_num_threads(threads)


IN_ANOTHER_PROCESS = """
import sys, torch
from course_utils.strokes import Factors, draw, sample_factors
columns = torch.load(sys.argv[1])
again = sample_factors(len(columns[0]), generator=torch.Generator().manual_seed(0))
torch.save([draw(Factors(*columns)), *again], sys.argv[1])
"""


def test_an_image_does_not_depend_on_the_processors_instructions(tmp_path):
    """Factors from a seed do, in their last bits: the normal numbers of torch take logarithms."""
    factors, file = sample_factors(300, generator=generator()), tmp_path / "factors.pt"
    torch.save([*factors], file)
    plain = os.environ | {"ATEN_CPU_CAPABILITY": "default"}  # torch without AVX2 and AVX-512
    subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS, file], env=plain, check=True)
    image, *again = torch.load(file)
    assert torch.equal(image, draw(factors))
    for ours, theirs in zip(factors, again, strict=True):  # normal numbers of up to 4
        torch.testing.assert_close(theirs, ours, rtol=0, atol=64 * torch.finfo(torch.float32).eps)


def test_take_selects_rows_by_number_mask_and_slice():
    factors = sample_factors(50, generator=generator())
    mask = factors.digit == 3
    for index in (torch.tensor([4, 4, 0]), mask, slice(10, 20)):
        for taken, column in zip(factors.take(index), factors, strict=True):
            assert torch.equal(taken, column[index])


def test_no_gradient_reaches_the_factors():
    digit, slant, *others = sample_factors(2, generator=generator())
    assert not draw(Factors(digit, slant.requires_grad_(), *others)).requires_grad


def test_images_are_black_on_white_and_centred_as_in_mnist():
    images = draw(sample_factors(3000, generator=generator()))
    assert images.shape == (3000, 28, 28) and images.dtype == torch.float32
    assert images.min() == 0 and images.max() == 1
    assert images.amax((1, 2)).min() > 0.7  # the thinnest pen still leaves a trace
    axis = torch.arange(28) + 0.5
    for across in (1, 2):
        centres = (images.sum(across) * axis).sum(1) / images.sum((1, 2))
        assert (centres - 14).abs().max() < 2
        assert (centres - 14).abs().mean() < 0.4


def test_the_ink_of_a_row_through_an_upright_stroke_is_its_weight():
    for weight in (2.0, 3.0, 4.0):
        rows = picture(1, weight=weight)[9:19].double().sum(1)
        torch.testing.assert_close(rows.mean(), torch.tensor(weight).double(), rtol=0.02, atol=0)


def test_slant_and_angle_lean_to_the_right_by_what_they_say():
    assert math.isclose(slope(slant=0.4) - slope(), 0.4, abs_tol=0.02)
    turned = math.atan(slope(angle=0.2)) - math.atan(slope())
    assert math.isclose(turned, 0.2, abs_tol=0.02)


def test_size_scales_the_height():
    """Counted in rows with ink, of which the pen's width is a part."""
    small, large = ((picture(1, size=s, weight=1.9).amax(1) > 0.5).sum() for s in (0.5, 1.0))
    assert abs((large - 1.9) - 2 * (small - 1.9)) <= 2


def test_the_first_wobble_bows_the_path_sideways():
    apart = ones_path(wobble=[2.0, *[0.0] * 7]) - ones_path(wobble=[-2.0, *[0.0] * 7])
    assert (apart[0] + apart[-1]) / 2 - apart[5] > 0.5


HIGHEST = [{name: RANGES[name][1]} for name in ("slant", "weight", "size", "angle")]
HIGHEST += [{"wobble": wobble} for wobble in (2 * torch.eye(8)).tolist()]


@pytest.mark.parametrize("changed", HIGHEST, ids=repr)
def test_every_factor_shows_in_every_digit_but_the_one(changed):
    for digit in (0, 2, 3, 4, 5, 6, 7, 8, 9):
        assert (picture(digit, **changed) - picture(digit)).abs().max() > 0.1


def test_factors_are_independent_and_within_their_ranges():
    n = 20_000
    factors = sample_factors(n, generator=generator())
    digit, slant, weight, size, angle, wobble = factors
    columns = torch.stack([digit.float(), slant, weight, size, angle, *wobble.T])
    correlation = torch.corrcoef(columns) - torch.eye(13)
    assert correlation.abs().max() < 5 / math.sqrt(n)
    for name, (low, high) in RANGES.items():
        value = getattr(factors, name)
        assert value.min() >= low and value.max() <= high
    counts = torch.bincount(digit, minlength=10).double()
    assert ((counts - n / 10).abs() < 5 * math.sqrt(n * 0.1 * 0.9)).all()


def test_the_same_seed_gives_the_same_factors_and_leaves_the_global_one_alone():
    before = torch.random.get_rng_state()
    one, two = (sample_factors(20, generator=generator(3)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert len(one) == 20 and repr(one) == "Factors(20 images)"


@pytest.mark.parametrize("digit", range(10))
def test_the_path_passes_through_the_skeletons_points_without_a_gap(digit):
    start, end = segments(digit)
    vertices = torch.from_numpy(np.concatenate([start, end]))
    for point in (point for stroke in SKELETONS[digit] for point in stroke):
        assert (vertices - torch.tensor(point)).norm(dim=1).min() < 1e-6
    gaps = (start[1:] != end[:-1]).any(1).sum()
    assert gaps == len(SKELETONS[digit]) - 1


def test_a_curve_through_points_of_a_line_is_the_line():
    curve = catmull_rom([(0.0, 0.0), (1.0, 2.0), (2.0, 4.0), (3.0, 6.0)], per_span=4)
    assert curve.shape == (13, 2)
    assert abs(curve[:, 1] - 2 * curve[:, 0]).max() < 1e-12


def wrong(**changed):
    """The making of three digits' factors with some columns changed."""
    return partial(Factors, **vars(sample_factors(3, generator=generator())) | changed)


REFUSED = {
    "digit no tensor": (wrong(digit=[1, 2, 3]), "digit should be a torch tensor"),
    "digit float": (wrong(digit=torch.zeros(3)), "int64 of shape"),
    "digit matrix": (wrong(digit=torch.zeros(3, 1, dtype=torch.int64)), "int64 of shape"),
    "digit ten": (wrong(digit=torch.tensor([0, 10, 3])), "0 to 9, but 0 to 10 came"),
    "digit negative": (wrong(digit=torch.tensor([0, -1, 3])), "0 to 9, but -1 to 3 came"),
    "digit empty": (wrong(digit=torch.zeros(0, dtype=torch.int64)), "at least one example"),
    "slant too short": (wrong(slant=torch.zeros(2)), r"slant should be float32 of shape \(3,\)"),
    "slant float64": (wrong(slant=torch.zeros(3).double()), "slant should be float32"),
    "size a number": (wrong(size=1.0), "size should be a torch tensor"),
    "size zero": (wrong(size=torch.zeros(3)), "size should be above 0"),
    "weight negative": (wrong(weight=torch.full((3,), -1.0)), "weight should be above 0"),
    "angle NaN": (wrong(angle=torch.tensor([0, math.nan, 0])), "angle should be finite"),
    "wobble of seven": (wrong(wobble=torch.zeros(3, 7)), r"wobble should be float32 of .* \(3, 8"),
    "wobble huge": (wrong(wobble=torch.full((3, 8), 1e9)), "at most 100 in size"),
    "no factors": (partial(draw, torch.zeros(3, 12)), "factors should be a Factors, but a Te"),
} | {
    f"{n!r} images": (partial(sample_factors, n), "n should be a whole number")
    for n in (0, -3, 2.0, "2", True)
}


@pytest.mark.parametrize(("call", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_drawn_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@settings(max_examples=60)
@given(
    st.sampled_from(["slant", "weight", "size", "angle"]),
    st.floats(width=32, allow_nan=True, allow_infinity=True),
)
def test_any_number_is_either_refused_or_drawn_with_finite_ink(name, value):
    try:
        image = picture(8, **{name: value})
    except ValueError as error:
        assert name in str(error)
        assert not math.isfinite(value) or abs(value) > LIMIT or value <= 0
    else:
        assert image.min() >= 0 and image.max() <= 1


def test_digits_do_not_depend_on_torch_s_default_dtype(set_default_dtype):
    """A notebook that works in float64 draws the same digits, to the last bit."""
    single = draw(sample_factors(20, generator=generator(3)))
    set_default_dtype(torch.float64)
    double = draw(sample_factors(20, generator=generator(3)))
    assert double.dtype == torch.float32
    assert torch.equal(single, double)
