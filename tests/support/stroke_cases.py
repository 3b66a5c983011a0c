"""States of the writer of digits, and what its twin in the browser has to agree with."""

import math
from types import SimpleNamespace

import numpy as np
import torch

from course_utils import strokes
from course_utils.strokes import Factors, sample_factors
from course_utils.widgets.strokes import StrokeState, stroke_picture
from course_utils.widgets.strokes._knobs import KNOBS, NAMES
from course_utils.widgets.strokes._writer import RANGES


def cases() -> list[StrokeState]:
    """Every digit with drawn styles, and with each knob at each end; every knob in the strip."""
    factors = sample_factors(60, generator=torch.Generator().manual_seed(0))
    styles = zip(*(column.tolist() for column in list(factors)[1:]), strict=True)
    drawn = [
        StrokeState(i % 10, *style, knob=NAMES[i % len(NAMES)]) for i, style in enumerate(styles)
    ]
    low, high = ({name: ends[k] for name, ends in strokes.RANGES.items()} for k in (0, 1))
    for ends in (low, high):
        ends["wobble"] = (ends["wobble"],) * 8
    extreme = [
        StrokeState(digit, **ends, knob=knob)
        for digit, (ends, knob) in enumerate([(low, "slant"), (high, "wobble 8")] * 5)
    ]
    return [StrokeState(), *extreme, *drawn]


def as_factors(state: StrokeState) -> Factors:
    """One image's factors."""
    row = [torch.tensor([getattr(state, name)]) for name in RANGES]
    return Factors(row[0], *(column.float() for column in row[1:]))


def column(factors, knob):
    """What they say about one knob: (N,)."""
    name, _, number = knob.name.partition(" ")
    values = getattr(factors, name)
    return values[:, int(number) - 1] if number else values


# Everything the browser computes for some states, and some draws from its prior.
RUN = """({ recipe }, states) => {
  const images = states.map((state) => [...drawDigit(recipe, state)]);
  const values = states.map((state) => stripValues(recipe, state.knob));
  const strips = states.slice(0, 20).map((state, i) => values[i].map((value) =>
    [...drawDigit(recipe, turned(state, state.knob, value))]));
  const texts = states.map((state) => describeState(recipe, state));
  const uniform = uniformFrom(1);
  const styles = Array.from({ length: 5000 }, () => sampleStyle(recipe, uniform));
  const digits = Array.from({ length: 5000 }, () => sampleDigit(uniform));
  const change = describeChange(recipe, states[0], { ...states[0], slant: 0.32, weight: 3 });
  return { images, values, strips, texts, styles, digits, change };
}"""


def assert_agrees(theirs: dict, states: list[StrokeState]) -> None:
    """The browser's pictures equal Python's to 1e-3 of full ink, its words to the letter."""
    pictures = [stroke_picture(state) for state in states]
    images = np.stack([picture.image.ravel() for picture in pictures])
    assert np.abs(images - theirs["images"]).max() < 1e-3
    for picture, values, text in zip(pictures, theirs["values"], theirs["texts"], strict=True):
        np.testing.assert_allclose(values, picture.strip_values, rtol=1e-12, atol=1e-12)
        assert text == picture.text
    for picture, strip in zip(pictures, theirs["strips"], strict=False):
        ours = picture.strip.reshape(len(picture.strip), -1)
        assert np.abs(ours - strip).max() < 1e-3
    assert theirs["change"].startswith(
        "weight 2.50 → 3.00; slant 0.10 → 0.32: leans right; under p(z) 14 % of writers lean"
    )
    assert_drawn_from_the_prior(theirs["styles"], theirs["digits"])


def assert_drawn_from_the_prior(styles: list[dict], digits: list[int]) -> None:
    """The whole distribution of each knob, its atoms at the ends too, and that of the digits."""
    n, columns = len(styles), []
    drawn = SimpleNamespace(**{name: np.array([s[name] for s in styles]) for name in styles[0]})
    for knob in KNOBS:
        z = column(drawn, knob)
        assert z.min() == knob.low and z.max() == knob.high
        inside = np.sort(z)[(np.sort(z) > knob.low) & (np.sort(z) < knob.high)]
        below = torch.special.ndtr(torch.as_tensor((inside - knob.mean) / knob.deviation)).numpy()
        counted = (np.searchsorted(np.sort(z), inside) + 0.5) / n
        assert np.abs(below - counted).max() < 2.3 / math.sqrt(n)  # Kolmogorov: 5e-5
        columns.append(z)
    off = np.corrcoef([*columns, digits]) - np.eye(len(KNOBS) + 1)
    assert np.abs(off).max() < 5 / math.sqrt(n)
    counts = np.bincount(digits, minlength=10)
    assert len(counts) == 10
    assert np.abs(counts - n / 10).max() < 5 * math.sqrt(n * 0.1 * 0.9)
