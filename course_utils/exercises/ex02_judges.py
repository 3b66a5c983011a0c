"""Notebook 02: how E2.3, which draws noise, is judged, and by what its slips are known.

Runs, in the order of `ex02_inputs.rms_cases`: few draws, many draws, then four short ones, of
which the first two have equal generators, the third another, and the fourth the first's for two
repeats; many draws again, but of a model that overstates its p(x).
"""

import math
from collections.abc import Callable, Sequence

import torch

from course_utils.exercises._engine.compare import as_tensor, difference, parts_of, same_outputs
from course_utils.exercises._engine.exercise import Outputs, curried
from course_utils.exercises.ex02_inputs import CLAIM, FEW, MANY, REPEATS, SIZES, rms_and_its_error


def judge_rms(outputs: Outputs) -> str | None:
    """Within five standard errors of the closed form, and driven by the generator alone."""
    for output in outputs:
        if as_tensor(output) is None or as_tensor(output).dim():
            return difference(torch.zeros(()), output)
    few, many, *short, overstated = _numbers(outputs)
    for n, claim, came in (FEW, 1.0, few), (MANY, 1.0, many), (MANY, CLAIM, overstated):
        want, error = rms_and_its_error(n, REPEATS, claim)
        if not abs(came - want) <= 5 * error:
            where = f", `model.log_px` {claim} times too large on purpose" if claim > 1 else ""
            return (
                f"With n = {n} draws and {REPEATS} repeats{where}: expected {want:z.3f} "
                f"within {5 * error:z.3f} (five standard errors), yours {came:z.3f}."
            )
    if not math.isclose(short[0], short[1]):
        return "Two runs with equal generators gave different numbers."
    if same_for_every_generator(outputs):
        return "Two runs with different generators gave the same number."
    return None


def near(outputs: Outputs, others: Outputs) -> bool:
    """Whether two answers agree up to chance, whatever order they draw in.

    A mean of squares of 1000 few-draw errors scatters by 5 %, a ratio of two such by 7 %; no two
    mistakes agree within 25 % in both runs.
    """
    return _close(_numbers(outputs)[:2], _numbers(others)[:2])


def ignores_log_px(outputs: Outputs) -> bool:
    """Whether an answer is near sqrt(v / n) in all long runs, or divides that by p(x) as said."""
    values = _numbers(outputs)
    few, many = (rms_and_its_error(n, 1)[0] for n in (FEW, MANY))
    wanted = ([few, many, many / claim] for claim in (1, CLAIM))
    return any(_close([*values[:2], *values[-1:]], numbers) for numbers in wanted)


def _averaged_out(values: Sequence[float]) -> bool:
    """Whether errors have: of the size of one estimate from n * repeats draws."""
    sizes = (rms_and_its_error(n, 1)[0] for n in (FEW, MANY))
    bounds = (4 * size / REPEATS**0.5 for size in sizes)
    return all(abs(v) <= bound for v, bound in zip(values, bounds, strict=False))


@curried
def _all_single(outputs: Outputs, holds: Callable[[Sequence[float]], bool]) -> bool:
    """Whether the outputs are single numbers, one a run, of which this holds."""
    values = _numbers(outputs)
    return bool(values) and holds(values)


same_for_every_generator = _all_single(lambda runs: math.isclose(runs[3], runs[4]))
same_for_every_number_of_repeats = _all_single(  # with two repeats as with twenty
    lambda runs: math.isclose(runs[2], runs[5], rel_tol=1e-6)
)
mean_of_signed_errors = _all_single(lambda runs: _averaged_out(runs) and min(runs) < 0)
one_estimate_of_all_draws = _all_single(lambda runs: _averaged_out(runs) and min(runs) >= 0)


def nan_for_equal_weights_alone(outputs: Outputs) -> bool:
    """Whether E2.6's void is right as well."""
    voids = [torch.tensor(sizes) < 10 for sizes in SIZES]
    ours = [parts_of(output)[1:] for output in outputs]
    return nan_for_equal_weights(outputs) and same_outputs(voids, [void for (void,) in ours])


def nan_for_equal_weights(outputs: Outputs) -> bool:
    """Whether E2.6's bar is nan there, in which columns is up to rounding, and right elsewhere."""
    pairs = [parts_of(output) for output in outputs]
    bars = [as_tensor(bar) for bar, *void in pairs if len(void) == 1]
    if [tuple(bar.shape) for bar in bars] != [(len(sizes),) for sizes in SIZES]:
        return False
    squares = [1 / torch.tensor(s) - 1 / k for s, k in zip(SIZES, (40, 2000), strict=False)]
    near = [(bar**2 / s - 1).abs() < 0.03 for bar, s in zip(bars, squares, strict=False)]
    return all(map(torch.all, near)) and bool(bars[-1].isnan().any())


def _numbers(outputs: Outputs) -> list[float]:
    """The outputs of E2.3 as floats; [] if one is not a single number."""
    tensors = [as_tensor(output) for output in outputs]
    single = all(t is not None and t.dim() == 0 for t in tensors)
    return [float(t) for t in tensors] if single else []


def _close(values: Sequence[float], wanted: Sequence[float]) -> bool:
    """Whether there are as many, and each is within 25 % of the one wanted."""
    pairs = zip(values, wanted, strict=False)
    return len(values) == len(wanted) > 0 and all(b and abs(a / b - 1) < 0.25 for a, b in pairs)
