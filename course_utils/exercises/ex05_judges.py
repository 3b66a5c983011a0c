"""Notebook 05: what wrong answers are known by, where no edit's outputs can tell."""

from course_utils.exercises._engine.compare import as_tensor, parts_of, same_outputs
from course_utils.exercises.ex05_inputs import TWINS


def held_up(outputs):
    """Whether logits five times as large cost less than three times as much (E5.1)."""
    found = [as_tensor(output) for output in outputs[-2:]]
    if any(cost is None or cost.dim() != 1 for cost in found) or found[0].shape != found[1].shape:
        return False
    some, five_times = (cost.double().abs() for cost in found)
    finite = bool((some + five_times).isfinite().all())
    return finite and bool((some > 0).all() and (five_times < 3 * some).all())


def means_vary(outputs):
    """Whether equal inputs give other means the second time (E5.5)."""
    return _twin_parts(outputs)[:1] == [False]


def pixels_vary(outputs):
    """Whether equal inputs give the same means, and other pixels the second time (E5.5)."""
    return _twin_parts(outputs) == [True, False]


def not_both(outputs):
    """Whether the means are missing: one thing comes back, or pixels and what is no mean (E5.5)."""
    found = [[as_tensor(part) for part in parts_of(output)] for output in outputs]
    return all(len(parts) == 1 for parts in found) or all(map(_pixels_and_no_mean, found))


def _pixels_and_no_mean(parts):
    """Whether the first of two is of 0 and 1, and the second leaves [0, 1]."""
    if len(parts) != 2 or any(part is None for part in parts):
        return False
    x, other = (part.double() for part in parts)
    return bool(((x == 0) | (x == 1)).all()) and bool((other - 0.5).abs().max() > 0.5)


def _twin_parts(outputs):
    """Whether equal inputs gave equal means, and equal pixels; [] if these are not two (E5.5)."""
    pairs = [parts_of(outputs[i]) for i in TWINS]
    if any(len(pair) != 2 for pair in pairs):
        return []
    return [same_outputs([one], [two]) for one, two in zip(*pairs, strict=True)]
