"""What the tests of the exercises share: answers, verdicts, and what was shown last as text."""

import numpy as np
import torch

from course_utils.exercises._engine import solution_source
from course_utils.exercises._judge import NOT_YET, RIGHT, judge


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


def assert_solution_stands_alone(exercise, stub: str) -> None:
    """Pasted where there is nothing but torch, the solution begins with the stub and is right."""
    source, space = solution_source(exercise), {"torch": torch}
    assert source.splitlines()[0] == stub
    exec(source, space)
    pasted = space[stub.split("(")[0].removeprefix("def ")]
    assert judge(exercise, pasted).status == RIGHT


def assert_recognised(exercise, answer, name: str, seeds) -> None:
    """At each seed the answer is refused, as the mistake of this name."""
    for seed in seeds:
        verdict = judge(exercise, answer, seed)
        assert verdict.status == NOT_YET and verdict.mistake is not None, (seed, verdict.says)
        assert verdict.mistake.name == name, seed
