"""Slips that any exercise may meet: known by what they do to the right values, or by torch's words.

An exercise's own slips come first; these are for answers that none of them explains.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_utils.exercises._engine.compare import as_tensor, same_outputs
from course_utils.exercises._engine.exercise import Slip

ANOTHER_VALUE = Slip(
    "another value for the same input",
    "The same inputs give another value the second time: something random is drawn inside. Use "
    "what comes in, the draws or the generator: only then can two runs be compared.",
)
# What torch's and Python's commonest complaints mean here, by a piece of their text.
IN_OTHER_WORDS = {
    "does not require grad": "Autograd follows only tensors that ask for it, before they are "
    "used: `mu = mu.clone().requires_grad_()`, for example.",
    "must match the size of tensor": "Print both shapes: axes are compared from the last one, and "
    "an axis of length 1 (`[:, None]`, `keepdim=True`) meets any other.",
    "must match except in dimension": "`torch.cat` joins along `dim`, and all other axes must be "
    "equally long: `dim=1` puts tables side by side, `dim=0` one below the other.",
    "implicitly created only for scalar": "A gradient is that of one number: take the `.sum()` of "
    "what you differentiate if each example has parameters of its own, and the `.mean()` if it is "
    "the loss of a batch.",
    "modified by an inplace operation": "A step changes the weights that the gradient still needs: "
    "`backward()` comes before `step()`.",
    "cannot be converted to Scalar": "`math.exp`, `math.log`, `float` take one number. For every "
    "entry of a tensor at once: `torch.exp(...)`, `torch.log(...)`, or `.exp()`, `.log()`.",
    "Boolean value of Tensor with more than one value is ambiguous": "`max`, `min`, `if` and `and` "
    "ask for one answer, and a tensor gives one for every entry: `torch.maximum`, `.amax(dim)`, "
    "`torch.where` and `&` take all of them at once.",
}


def in_other_words(error: str) -> str:
    """Torch's complaint as a sentence for a learner, or ""."""
    return "".join(f". {ours}" for theirs, ours in IN_OTHER_WORDS.items() if theirs in error)


def family_of(expected: Sequence, outputs: Sequence, value: str) -> Slip | None:
    """What one part of an answer has to do with the right one on all cases, if anything.

    Args:    expected, outputs: one entry a case; value: what the part is called.
    """
    right, came = ([as_tensor(entry) for entry in entries] for entries in (expected, outputs))
    if any(entry is None or entry.dtype == torch.bool for entry in (*right, *came)):
        return None
    for family in (_minus, _kept_axis, _reduced, _factor):
        found = family(right, came, value)
        if found:
            return Slip(*found)
    return None


Family = tuple[str, str] | None  # name and hint
Tensors = list[Tensor]


def _minus(right: Tensors, came: Tensors, value: str) -> Family:
    if not same_outputs([-entry for entry in right], came):
        return None
    return "minus the right value", (
        f"{value} is minus the right one, everywhere. Which sign has each term, and do you return "
        "what is asked for, or its negative (a loss for a bound, say)?"
    )


def _kept_axis(right: Tensors, came: Tensors, value: str) -> Family:
    pairs = [(tuple(c.shape), tuple(r.shape)) for c, r in zip(came, right, strict=True)]
    other = next(((c, r) for c, r in pairs if len(c) != len(r)), None)
    if not other or not same_outputs([r.squeeze() for r in right], [c.squeeze() for c in came]):
        return None
    return "an axis of length 1", (
        f"{value} is right, with an axis of length 1 too many or too few: {other[0]} for "
        f"{other[1]}. Look for `keepdim=True`, `[None]`, `[:, None]`, `unsqueeze`."
    )


def _reduced(right: Tensors, came: Tensors, value: str) -> Family:
    ways: dict[str, Callable[[Tensor, int], Tensor]] = {"sum": Tensor.sum, "mean": Tensor.mean}
    axes = range(min(entry.dim() for entry in right))
    entries = [entry.double() for entry in right]
    for way, reduce in ways.items():
        for what, less in [
            ("all of it", [reduce(entry.flatten(), 0) for entry in entries]),
            *((f"axis {a}", [reduce(entry, a) for entry in entries]) for a in axes),
        ]:
            tells = any((numbers.abs() > 1e-3).any() for numbers in less)  # 0 is 0's sum, and mean
            if tells and same_outputs([n.squeeze() for n in less], [c.squeeze() for c in came]):
                return f"{way} over an axis too many", (
                    f"{value} is the {way} of the right one, over {what}: asked for is shape "
                    f"{tuple(right[0].shape)}. Which axis is to stay?"
                )
    return None


def _factor(right: Tensors, came: Tensors, value: str) -> Family:
    if any(r.shape != c.shape or not r.numel() for r, c in zip(right, came, strict=True)):
        return None
    factors = [_ratio(r.double(), c.double()) for r, c in zip(right, came, strict=True)]
    if not all(1e-6 < abs(factor) < 1e6 for factor in factors):
        return None
    if not same_outputs([r * f for r, f in zip(right, factors, strict=True)], came):
        return None
    if max(factors) - min(factors) < 1e-3 * abs(factors[0]):
        return "a constant factor", (
            f"{value} is {_number(factors[0])} times the right one, everywhere. Which factor is "
            "too many or missing?"
        )
    if any(len(r[r.isfinite() & (r != 0)].unique()) < 2 for r in right):
        return None  # a single number is a multiple of any other
    return "a factor that depends on the sizes", (
        f"{value} is the right one times a number that changes with the inputs: "
        f"{', '.join(map(_number, factors))}. Compare it with their sizes: is there a mean where "
        "a sum is asked for, a sum for a mean, or the wrong length in a division?"
    )


def _ratio(right: Tensor, came: Tensor) -> float:
    """Of the largest finite entry."""
    at = right.abs().nan_to_num(posinf=0.0).argmax()
    return (came.flatten()[at] / right.flatten()[at]).item()


def _number(factor: float) -> str:
    """0.5 as 1/2, and whatever else with as many digits as it takes to tell it from 1."""
    inverse = round(1 / factor)
    if inverse > 1 and abs(factor * inverse - 1) < 1e-4:
        return f"1/{inverse}"
    return f"{factor:.6g}" if abs(factor - 1) < 0.01 else f"{factor:.3g}"
