"""The knobs of the writer of digits: their ranges, their prior, and what a value means in words."""

import math
from dataclasses import dataclass

from course_utils.strokes import RANGES
from course_utils.widgets._shared.words import sayer, two_decimals

TYPICAL = 2.7  # median length of a wobble drawn from p(z)
TABLE = "strokes/words.toml"
say = sayer(TABLE)


@dataclass(frozen=True)
class Knob:
    """One latent: a normal cut at the ends of its range, and the words for its values."""

    name: str  # as in the state, "wobble 1" to "wobble 8" for the eight of wobble
    label: str  # for people
    unit: str  # after a value, or empty
    low: float
    high: float
    step: float  # of the slider
    mean: float  # of the normal
    deviation: float
    below: str  # what a value means
    within: str  # from centre - margin to centre + margin
    above: str
    centre: float
    margin: float
    lower: str  # what the writers do whose value lies further out
    higher: str


MEANS = {  # below, within, above
    "slant": ("leans left", "stands upright", "leans right"),
    "weight": ("a thin stroke", "a stroke of usual width", "a thick stroke"),
    "size": ("small", "of usual size", "large"),
    "angle": ("turned to the left", "hardly turned", "turned to the right"),
}
OTHERS = {  # lower, higher
    "slant": ("lean more to the left", "lean more to the right"),
    "weight": ("write thinner", "write thicker"),
    "size": ("write smaller", "write larger"),
    "angle": ("turn it more to the left", "turn it more to the right"),
}


def _knob(name: str, unit: str, step: float, *, normal, usual) -> Knob:
    """normal: mean and deviation; usual: centre and margin."""
    numbers = *RANGES[name], step, *normal
    return Knob(name, name, unit, *numbers, *MEANS[name], *usual, *OTHERS[name])


def _wobble(number: int, label: str, below: str, above: str) -> Knob:
    name, usual = f"wobble {number}", (0.0, 0.25)
    numbers = *RANGES["wobble"], 0.1, 0.0, 1.0
    means = below, f"next to no {label}", above
    others = "have a lower value", "have a higher one"
    return Knob(name, f"{name} ({label})", "", *numbers, *means, *usual, *others)


# The normals are those of strokes.sample_factors, number by number (a test draws both).
KNOBS = (
    _knob("slant", "", 0.01, normal=(0.1, 0.2), usual=(0.0, 0.05)),
    _knob("weight", "px", 0.05, normal=(2.5, 0.6), usual=(2.5, 0.3)),
    _knob("size", "", 0.01, normal=(0.96, 0.05), usual=(0.96, 0.025)),
    _knob("angle", "rad", 0.01, normal=(0.0, 0.1), usual=(0.0, 0.03)),
    _wobble(1, "bow", "top and bottom to the left", "top and bottom to the right"),
    _wobble(2, "taper", "wider above", "wider below"),
    _wobble(3, "wave", "upper half right, lower half left", "upper half left, lower half right"),
    _wobble(4, "breadth", "narrower", "broader"),
    _wobble(5, "sag", "both sides up", "both sides down"),
    _wobble(6, "tilt", "taller on the left", "taller on the right"),
    _wobble(7, "ripple", "left half down, right half up", "left half up, right half down"),
    _wobble(8, "balance", "larger above, smaller below", "smaller above, larger below"),
)
BY_NAME = {knob.name: knob for knob in KNOBS}
NAMES = ("digit", *BY_NAME)


def value_of(state, name: str) -> float:
    """The value of a knob in a StrokeState."""
    base, _, number = name.partition(" ")
    value = getattr(state, base)
    return value[int(number) - 1] if number else value


def describe(state) -> str:
    """What the knob last touched means under p(z), then all knobs: the words of the explorer."""
    length = math.sqrt(sum(w * w for w in state.wobble))
    wobble = say("wobble" if length else "no_wobble", length=length, typical=TYPICAL)
    values = ", ".join(f"{k.name} {_shown(k, value_of(state, k.name))}" for k in KNOBS[:4])
    return say("description", about=_about(state), digit=state.digit, values=values, wobble=wobble)


def share_beyond(knob: Knob, value: float) -> float:
    """The share of writers, under p(z), further from the knob's mean than this value."""
    return 0.5 * math.erfc(abs(value - knob.mean) / knob.deviation / math.sqrt(2))


def _about(state) -> str:
    if state.knob == "digit":
        return say("about_digit", digit=state.digit)
    knob, at = BY_NAME[state.knob], value_of(state, state.knob)
    value, meaning, others = _shown(knob, at), _meaning(knob, at), _others(knob, at)
    return say("about_knob", label=knob.label, value=value, meaning=meaning, others=others)


def _shown(knob: Knob, value: float) -> str:
    return f"{two_decimals(value)} {knob.unit}".rstrip()


def _meaning(knob: Knob, value: float) -> str:
    if value < knob.centre - knob.margin:
        return knob.below
    return knob.above if value > knob.centre + knob.margin else knob.within


def _others(knob: Knob, value: float) -> str:
    """How likely the value is, in numbers of writers."""
    share = share_beyond(knob, value)
    where = "at_an_end" if value in (knob.low, knob.high) else "further_out"
    percent = f"{100 * share:z.{0 if share >= 0.1 else 1}f}"
    return say(where, percent=percent, do=knob.higher if value >= knob.mean else knob.lower)
