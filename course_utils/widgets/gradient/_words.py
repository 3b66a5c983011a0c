"""The read-out of the gradient explorer; `math.js` says the same, to the letter."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

NO_VARIANCE = 1e-9  # below, rounding decides
ZERO = 0.0005  # below, a number is shown as 0.00
NOTES = {
    ("z^2 + 10", False): " The 10 has no slope, but the score function multiplies it by noise.",
    ("z^2 + 10", True): " The baseline takes the 10 away again.",
}


def finding(state, exact: float, last: Sequence[float], variances: Sequence[float]) -> str:
    """One sentence each for the question, the two answers, and what they cost.

    Args:    last: mean and error of the score function, mean and error of pathwise, all draws;
             variances: of one draw, exact, in that order.
    """
    score, path = (
        f"{mean_and_error(mean, error)}, variance {shown(error * error * state.n)} per draw"
        for mean, error in (last[:2], last[2:])
    )
    baseline = " with baseline" if state.baseline else ""
    wrong = ", wrong at any n" if is_wrong(state.f, exact) else ""
    return (
        f"E[{state.f.replace('^2', '²')}] at mu {plain(state.mu)}, sigma {plain(state.sigma)}: "
        f"its gradient in {state.parameter} is {shown(exact)}. From {state.n:,} draws: "
        f"score function{baseline} {score}; pathwise {path}{wrong}. "
        f"{_compared(state.f, exact, *variances)}{NOTES.get((state.f, state.baseline), '')}"
    )


def is_wrong(f: str, exact: float) -> bool:
    """Whether pathwise, which is 0 at every draw of the step, differs from the gradient shown."""
    return f == "step" and abs(exact) >= ZERO


def _compared(f: str, exact: float, score: float, path: float) -> str:
    if f == "step":
        verdict = "Not noisy but wrong" if is_wrong(f, exact) else "Right here by coincidence"
        return (
            f"{verdict}: f is flat at every draw, and the jump at 0, where all of the change "
            "happens, has no slope. Pathwise needs a differentiable f."
        )
    if path < NO_VARIANCE:
        return "Here pathwise says the same at every draw: one is enough."
    if score < path:
        return f"Here pathwise is the noisier one: it needs {times(path / score)} as many draws."
    return (
        f"For the same error the score function needs {times(score / path)} as many draws, "
        f"by the exact variances {shown(score)} and {shown(path)}."
    )


def times(ratio: float) -> str:
    """How many times, in words that stay short."""
    return "over a million times" if ratio > 1e6 else f"{shown(ratio)} times"


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
    text = fixed(value, 2)
    return text.rstrip("0").rstrip(".")
