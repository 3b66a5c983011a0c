"""Notebook 02, E2.3: the answer draws noise, so its mistakes are known by the size of the number.

Runs, in the order of `ex02_inputs.rms_cases`: few draws, many draws, then three short ones, of
which the first two have equal generators and the third another; many draws again, but of a model
that overstates its p(x).
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from course_utils.exercises import ex02_inputs as inputs
from course_utils.exercises._compare import as_tensor
from course_utils.exercises._exercise import Mistake


def judge_rms(outputs: Sequence[Any]) -> str | None:
    """Within five standard errors of the closed form, and driven by the generator alone."""
    values = numbers(outputs)
    if values is None:
        return _not_a_number(outputs[0])
    few, many, *_, overstated = values
    sizes = (
        (inputs.FEW, 1.0, few),
        (inputs.MANY, 1.0, many),
        (inputs.MANY, inputs.CLAIM, overstated),
    )
    for n, claim, came in sizes:
        want, error = inputs.rms_and_its_error(n, inputs.REPEATS, claim)
        if not abs(came - want) <= 5 * error:
            where = f", `model.log_px` {claim} times too large on purpose" if claim > 1 else ""
            return (
                f"With n = {n} draws and {inputs.REPEATS} repeats{where}: expected {want:z.3f} "
                f"within {5 * error:z.3f} (five standard errors), yours {came:z.3f}."
            )
    if not_repeatable(outputs):
        return "Two runs with equal generators gave different numbers."
    if same_for_every_generator(outputs):
        return "Two runs with different generators gave the same number."
    return None


def _not_a_number(output: Any) -> str:
    shape = tuple(getattr(output, "shape", ()))
    text = (
        "expected a single number, a tensor of shape () or a float; yours is a "
        f"{type(output).__name__} of shape {shape}."
    )
    if shape and math.prod(shape) == 1:
        text += " `.item()` or `.squeeze()` takes the number out."
    return text


def numbers(outputs: Sequence[Any]) -> list[float] | None:
    """The outputs of E2.3 as floats; None if one is not a single number."""
    tensors = [as_tensor(output) for output in outputs]
    if any(t is None or t.dim() > 0 for t in tensors):
        return None
    return [float(t) for t in tensors]


def not_repeatable(outputs: Sequence[Any]) -> bool:
    """Whether equal generators (the third and fourth run) gave different numbers."""
    values = numbers(outputs)
    return values is not None and not math.isclose(values[2], values[3], rel_tol=1e-9)


def same_for_every_generator(outputs: Sequence[Any]) -> bool:
    """Whether different generators (the fourth and fifth run) gave the same number."""
    values = numbers(outputs)
    return values is not None and math.isclose(values[3], values[4], rel_tol=1e-9)


def _tiny(outputs: Sequence[Any]) -> bool:
    """Whether errors have averaged out: of the size of one estimate from n * repeats draws."""
    values = numbers(outputs)
    if values is None:
        return False
    sizes = (inputs.rms_and_its_error(n, 1)[0] for n in (inputs.FEW, inputs.MANY))
    bounds = (4 * size / inputs.REPEATS**0.5 for size in sizes)
    return all(abs(value) <= bound for value, bound in zip(values, bounds, strict=False))


def _near(wrong: Callable, outputs: Sequence[Any]) -> bool:
    """Whether an answer is that of wrong up to chance, whatever order it draws in.

    A mean of squares of 1000 few-draw errors scatters by 5 %, a ratio of two such by 7 %; no two
    mistakes agree within 25 % in both runs.
    """
    values = numbers(outputs)
    if values is None:
        return False
    theirs = (float(wrong(*case.args)) for case in inputs.rms_cases(0)[:2])
    return all(abs(a / b - 1) < 0.25 for a, b in zip(values, theirs, strict=False))


def _ignores_log_px(outputs: Sequence[Any]) -> bool:
    """Whether an answer is near sqrt(v / n) in all long runs, whatever p(x) is said to be."""
    values = numbers(outputs)
    if values is None:
        return False
    wanted = [inputs.rms_and_its_error(n, 1)[0] for n in (inputs.FEW, inputs.MANY, inputs.MANY)]
    long_runs = (values[0], values[1], values[-1])
    return all(abs(a / b - 1) < 0.25 for a, b in zip(long_runs, wanted, strict=True))


def _estimates(model, x, n, repeats, generator):
    z = model.sample_prior(n * repeats, generator=generator)
    return model.log_likelihood(x, z[:, None]).exp().reshape(repeats, n).mean(1)


def _relative(model, x, n, repeats, generator):
    return _estimates(model, x, n, repeats, generator) / model.log_px(x).exp() - 1


def _rms_of_log(model, x, n, repeats, generator):
    log_error = _estimates(model, x, n, repeats, generator).log() - model.log_px(x)
    return (log_error**2).mean().sqrt()


def _rms_absolute(model, x, n, repeats, generator):
    p_hat = _estimates(model, x, n, repeats, generator)
    return ((p_hat - model.log_px(x).exp()) ** 2).mean().sqrt()


def _rms_reseeded(model, x, n, repeats, generator):
    errors = _relative(model, x, n, 1, generator.manual_seed(0)).expand(repeats)
    return (errors**2).mean().sqrt()


def _relative_spread(*args):
    p_hat = _estimates(*args)
    return p_hat.std() / p_hat.mean()


def _right_side(model, x, n, repeats, generator):
    w = _estimates(model, x, 1, n * repeats, generator)  # pooled: eq. 2.5 instead of a measurement
    return w.std() / w.mean() / n**0.5


def _squared(*args):
    return (_relative(*args) ** 2).mean()


def _mean_size(*args):
    return _relative(*args).abs().mean()


RMS_ERROR = (
    Mistake(
        "exact p not used",
        _relative_spread,
        "Your number is the spread of p_hat around its own mean, or a p(x) from elsewhere: it does "
        "not notice when p_hat misses. The error counts from the exact p(x), `model.log_px(x)`.",
        also_wrong=(_right_side,),
        looks_like=_ignores_log_px,
    ),
    Mistake(
        "generator not used",
        lambda model, x, n, repeats, generator: (
            (_relative(model, x, n, repeats, None) ** 2).mean().sqrt()
        ),
        "Hand the generator on, `model.sample_prior(n, generator=generator)`: without it the draws "
        "cannot be repeated, and nobody can check your number.",
        looks_like=not_repeatable,
    ),
    Mistake(
        "same draws in every repeat",
        _rms_reseeded,
        "The generator that comes in makes no difference: it is seeded again inside, or replaced. "
        "Then all repeats use the same draws and are one estimate. Use the generator as it is.",
        looks_like=same_for_every_generator,
    ),
    Mistake(
        "absolute error",
        _rms_absolute,
        "That is the error in units of p(x). Divide p_hat by the exact p(x) before subtracting 1: "
        "relative errors can be compared between one pixel and a thousand.",
        looks_like=functools.partial(_near, _rms_absolute),
    ),
    Mistake(
        "signed mean",
        lambda *args: _relative(*args).mean(),
        "Errors above and below cancel: that number tells whether the estimator is biased (it is "
        "not), not how far off it is. Square before averaging.",
        looks_like=lambda outputs: _tiny(outputs) and min(numbers(outputs)) < 0,
    ),
    Mistake(
        "one estimate of all draws",
        lambda model, x, n, repeats, generator: (
            (_relative(model, x, n * repeats, 1, generator) ** 2).mean().sqrt()
        ),
        "Your error is far too small: all draws went into one estimate, or errors were averaged "
        "before squaring. Keep `repeats` estimates of n draws apart: `reshape(repeats, n)`.",
        looks_like=lambda outputs: _tiny(outputs) and min(numbers(outputs)) >= 0,
    ),
    Mistake(
        "error of log p",
        _rms_of_log,
        "That is the error of log p. The task asks for p_hat / p - 1, the relative error of p; for "
        "few draws the two differ much, since a p_hat near zero has a log near minus infinity.",
        looks_like=functools.partial(_near, _rms_of_log),
    ),
    Mistake(
        "no root",
        _squared,
        "That is the mean square. Its root has the size of a typical error.",
        looks_like=functools.partial(_near, _squared),
    ),
    Mistake(
        "mean size",
        _mean_size,
        "That is the mean of the errors' sizes, about a fifth smaller than their root mean square. "
        "Square, average, take the root, in this order.",
        looks_like=functools.partial(_near, _mean_size),
    ),
)
