"""The read-out of the gradient explorer; `math.js` fills in the same table, to the letter."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from course_utils.widgets._shared.words import sayer

NO_VARIANCE = 1e-9  # below, rounding decides
ZERO = 0.0005  # below, a number is shown as 0.00
TABLE = "gradient/words.toml"
say = sayer(TABLE)


def finding(state, exact: float, last: Sequence[float], variances: Sequence[float]) -> str:
    """One sentence each for the question, the two answers, and what they cost.

    Args:    last: mean and error of the score function, mean and error of pathwise, all draws;
             variances: of one draw, exact, in that order.
    """
    score, path = (
        say("answer", average=mean_and_error(mean, error), variance=shown(error * error * state.n))
        for mean, error in (last[:2], last[2:])
    )
    asked = {"f": state.f.replace("^2", "²"), "mu": plain(state.mu), "sigma": plain(state.sigma)}
    asked |= {"parameter": state.parameter, "n": state.n, "exact": shown(exact)}
    answers = {"score": score, "path": path, "compared": _compared(state.f, exact, *variances)}
    score_name = say("score_with_baseline" if state.baseline else "score_name")
    wrong = say("wrong_at_any_n") if is_wrong(state.f, exact) else ""
    note = say("note_with_baseline" if state.baseline else "note") if state.f == "z^2 + 10" else ""
    return say("finding", **asked, **answers, score_name=score_name, wrong=wrong, note=note)


def is_wrong(f: str, exact: float) -> bool:
    """Whether pathwise, which is 0 at every draw of the step, differs from the gradient shown."""
    return f == "step" and abs(exact) >= ZERO


def _compared(f: str, exact: float, score: float, path: float) -> str:
    if f == "step":
        return say("flat", verdict=say("wrong" if is_wrong(f, exact) else "coincidence"))
    if path < NO_VARIANCE:
        return say("sure")
    if score < path:
        return say("noisier", times=_times(path / score))
    return say("costlier", times=_times(score / path), score=shown(score), path=shown(path))


def _times(ratio: float) -> str:
    return say("a_million_times" if ratio > 1e6 else "times", ratio=shown(ratio))


def mean_and_error(mean: float, error: float) -> str:
    """Both with the same digits, as many as the error deserves."""
    digits = 3 if error < 0.1 else 2
    return f"{fixed(mean, digits)} ± {fixed(error, digits)}"


def shown(value: float) -> str:
    """Two digits after the point; three for small numbers, none for large ones."""
    size = abs(value)
    return fixed(value, 0 if size >= 100 else 2 if size >= 0.1 or size < ZERO else 3)


def fixed(value: float, digits: int) -> str:
    """Rounded half up, as a browser does; a true minus sign, and none before a zero."""
    rounded = Decimal(float(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):,}".replace("-", "−")


def plain(value: float) -> str:
    """At most two digits after the point."""
    return fixed(value, 2).rstrip("0").rstrip(".")
