"""The explorer of notebook 01: the generative story, told by the writer of digits.

Pick a digit, then slant, weight, size, angle and wobble: z is these knobs, x the picture. Nothing
random comes between them, so that the same z draws the same x.
"""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace
from numbers import Integral, Real

import numpy as np
import torch
import traitlets

from course_utils import strokes
from course_utils._require import is_number, require_tensor, require_value
from course_utils.data import _skeletons
from course_utils.strokes import Factors, draw
from course_utils.widgets._shared.state import State, checked, choice
from course_utils.widgets._shared.view import explorer_of
from course_utils.widgets.strokes import _knobs as knobs
from course_utils.widgets.strokes._still import draw_still

OWN = tuple(f"strokes/{part}.js" for part in ("math", "words", "pictures", "page", "writer"))
SHARED = ("_shared/canvas.js", "_shared/view.js", "_shared/say.js")
FILES = (knobs.TABLE, *SHARED, *OWN)
CSS = ("strokes/writer.css",)
RANGES = {"digit": (0, 9), **strokes.RANGES}
ROUNDING = 1e-6  # float32 factors of strokes.sample_factors may overshoot an end by as much
STRIP = 9  # small pictures; ten when the knob is the digit


def _within_range(name: str, value: object) -> float:
    low, high = RANGES[name]
    whole = name == "digit"
    number = value.item() if isinstance(value, torch.Tensor) and value.dim() == 0 else value
    right_kind = is_number(number, Integral if whole else Real)
    good = right_kind and low - ROUNDING <= number <= high + ROUNDING
    expected = f"{'a whole number' if whole else 'a number'} from {low} to {high}"
    usual = 0.0 if name == "wobble" else getattr(StrokeState, name)
    require_value(name, value, good, expected, f"; the explorer opens with {usual}")
    return int(number) if whole else float(min(max(number, low), high))


def _eight(name: str, wobble: object) -> tuple[float, ...]:
    """Eight numbers out of a list, a tuple, an array or a tensor."""
    if isinstance(wobble, torch.Tensor):
        require_tensor(wobble=wobble)
    values = wobble.tolist() if isinstance(wobble, np.ndarray | torch.Tensor) else wobble
    good = isinstance(values, list | tuple) and len(values) == 8
    require_value(name, wobble, good, "8 numbers", "; try [0.0] * 8")
    return tuple(_within_range(name, value) for value in values)


@dataclass(frozen=True)
class StrokeState(State):
    """What a learner can move: z, and which of its knobs the strip of small pictures shows.

    Args:    digit: 0 to 9; slant: pixels to the right per pixel upwards, -0.4 to 0.55; weight:
             pixels, 1.3 to 4; size: 0.8 to 1.05; angle: radians, -0.2 to 0.2; wobble: eight
             numbers, -2 to 2; knob: "digit", "slant", "weight", "size", "angle", or "wobble 1" to
             "wobble 8".
    Raises:  ValueError if a value is no number, out of its range, or wobble not eight of them.
    """

    digit: int = checked(3, _within_range)
    slant: float = checked(0.1, _within_range)
    weight: float = checked(2.5, _within_range)
    size: float = checked(0.96, _within_range)
    angle: float = checked(0.0, _within_range)
    wobble: Sequence[float] = checked((0.0,) * 8, _eight)
    knob: str = choice("slant", knobs.NAMES)


@dataclass(frozen=True, eq=False)
class StrokePicture:
    """What the explorer shows for one state.

    Args:    image: (28, 28) float32, ink is 1; strip: (9, 28, 28), the same digit with one knob
             from its lowest to its highest value and all others held, or (10, 28, 28), all digits
             in one style; strip_values: (9,) or (10,) values of that knob; knob: its name;
             text: what its value means, in words.
    """

    state: StrokeState
    image: np.ndarray
    strip: np.ndarray
    strip_values: np.ndarray
    knob: str
    text: str


def stroke_picture(state: StrokeState) -> StrokePicture:
    """Everything the explorer shows, computed without a browser; `strokes/*.js` agree."""
    knob = knobs.BY_NAME.get(state.knob)
    values = np.linspace(knob.low, knob.high, STRIP) if knob else np.arange(10)
    states = [state, *(_turned(state, value) for value in values)]
    rows = [astuple(each)[:-1] for each in states]
    columns = [np.array(column, dtype=np.float32) for column in zip(*rows, strict=True)]
    digit, *others = (torch.from_numpy(column) for column in columns)
    images = draw(Factors(digit.long(), *others)).numpy()
    return StrokePicture(state, images[0], images[1:], values, state.knob, knobs.describe(state))


class StrokeWriter(explorer_of(StrokeState, stroke_picture, draw_still, files=FILES, css=CSS)):
    """The thin view: its traits are the state, everything else is computed where it is shown.

    Raises:  ValueError, as StrokeState does, on assignment too.
    """

    recipe = traitlets.Any(read_only=True).tag(sync=True)

    def __init__(self, **state: object) -> None:
        """Open with a state; from then on the knob moved from Python is the one last touched."""
        super().__init__(**state)
        self._moved_by_page = False
        self.observe(self._touch, list(RANGES))

    @traitlets.default("recipe")
    def _recipe(self) -> dict:
        return {
            "skeletons": [_skeletons.SKELETONS[digit] for digit in range(10)],  # the letter forms
            "knobs": [asdict(knob) for knob in knobs.KNOBS],
            "start": asdict(StrokeState()),  # with which it opens
            "height": strokes.HEIGHT,  # of a digit, pixels
            "edge": strokes.EDGE,  # of its strokes, pixels
            "strip": STRIP,  # small pictures
            "typical": knobs.TYPICAL,  # the median length of a wobble
        }

    def set_state(self, sync_data: dict) -> None:
        """Take over what the page says; it names the knob last touched itself."""
        self._moved_by_page = True
        try:
            super().set_state(sync_data)
        finally:
            self._moved_by_page = False

    def _touch(self, change: dict) -> None:
        if self._moved_by_page:
            return
        name = change["name"]
        if name == "wobble":
            moves = np.abs(np.subtract(change["new"], change["old"]))
            name = f"wobble {moves.argmax() + 1}"
        self.knob = name

    def __repr__(self) -> str:
        *numbers, wobble, _ = astuple(self.state)
        words = [repr(value) for value in numbers]
        words += [f"wobble={list(wobble)}"] if any(wobble) else []
        return f"stroke_writer({', '.join(words)}): {knobs.describe(self.state)}"


def stroke_writer(
    digit: int = 3,
    slant: float = 0.1,
    weight: float = 2.5,
    size: float = 0.96,
    angle: float = 0.0,
    *,
    wobble: Sequence[float] | None = None,
) -> StrokeWriter:
    """An explorer of the writer of digits: every latent is a knob, the picture follows.

    Args:    as in StrokeState, wobble=None for no wobble; each can be moved on the page and set
             from Python (w.slant = 0.3).
    Raises:  ValueError if a value is out of its range.
    """
    still_hand = StrokeState.wobble if wobble is None else wobble
    return StrokeWriter(
        digit=digit, slant=slant, weight=weight, size=size, angle=angle, wobble=still_hand
    )


def _turned(state: StrokeState, value: float) -> StrokeState:
    """Its knob at this value, all else held."""
    base, _, number = state.knob.partition(" ")
    if number:
        value = [value if i == int(number) else w for i, w in enumerate(state.wobble, start=1)]
    return replace(state, **{base: value})
