"""What the tests of the exercises share: answers, data by name, what was shown last as text."""

import dataclasses
import functools

import numpy as np
import torch

from course_utils.exercises._engine import run as running
from course_utils.exercises._engine import trial
from course_utils.exercises._engine.edits import compiled, edited
from course_utils.exercises._engine.registry import find_exercise


def my_log_mean_exp(a, dim):
    """Log of the mean of exp(a) along dim, by torch's own function."""
    return torch.logsumexp(a, dim) - np.log(a.shape[dim])


def my_average(p):
    """The stub as the notebook has it."""
    ...  # your code


def loop_average(p):
    """E0.1 without `mean`."""
    return torch.stack([sum(column) / len(column) for column in p.T])


def said(shown):
    """The last page as one line of text."""
    return " ".join(repr(shown[-1]).split())


def cases_of(exercise_id, seed=0):
    """The inputs of an exercise, made anew."""
    return find_exercise(exercise_id).cases(seed)


def inputs_of(exercise_id, seed=0):
    """The arguments of each of its cases, made anew."""
    return [case.args for case in cases_of(exercise_id, seed)]


def slip_of(exercise_id, name):
    """The known slip of this name."""
    return next(slip for slip in find_exercise(exercise_id).slips if slip.name == name)


def wrong(exercise_id, name):
    """An answer that makes the slip of this name."""
    return slip_of(exercise_id, name).answers[0]


def changed(exercise_id, item):
    """The answer that an edit makes of the reference, written as pages write it."""
    source = edited(find_exercise(exercise_id).source, item)
    return compiled(source, f"<{exercise_id}: {item}>")


def in_single_precision(part):
    """A tensor of float32 where a floating one comes; all else as it is."""
    return part.float() if torch.is_tensor(part) and part.is_floating_point() else part


def from_single_precision(function):
    """The same function, of inputs in single precision."""
    return lambda *args: function(*map(in_single_precision, args))


def with_slips(exercise, *slips):
    """The same exercise with other slips than its page has, or with none."""
    cases = functools.partial(exercise.cases)  # equal to no other: `known` keeps the two apart
    other = dataclasses.replace(exercise, cases=cases)
    other.__dict__["slips"] = slips
    return other


def limit(monkeypatch, seconds):
    """Give answers so many seconds."""
    monkeypatch.setattr(
        trial, "run_limited", functools.partial(running.run_limited, seconds=seconds)
    )


def be_patient(monkeypatch):
    """Give answers a minute, where not their speed on a busy machine is asked but their values."""
    limit(monkeypatch, seconds=60.0)
