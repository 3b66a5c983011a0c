"""What a claim of a hint is held against, and claims about every case, for `claims_0N.py`.

A claim is asked of a `Seen`, one answer and all that it made of the inputs. What `each`, `gives`
and their like take are functions whose parameters are given by name: `came` and `right`, the
outputs; `answer`; the inputs, as the exercise's reference calls them; and what a claim makes of
those, itself by functions of such names: `each(..., kl=lambda mu, log_var: ...)`.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.distributions import Normal

from course_utils.exercises._engine.compare import same_outputs
from course_utils.exercises._engine.registry import find_exercise
from course_utils.exercises._engine.trial import Known, known


@dataclass
class Seen:
    """One answer of an exercise: outputs and expected have one entry a case."""

    answer: Callable
    outputs: list[Any]
    expected: list[Any]
    _known: Known

    @property
    def inputs(self) -> list[tuple]:
        """The arguments of each case, made anew: an answer may change them."""
        return [case.args for case in self._known.cases()]

    def named(self) -> Iterator[dict[str, Any]]:
        """What the parameters of a claim may be called, and are, case by case."""
        reference = inspect.signature(self._known.exercise.reference)
        for came, right, args in zip(self.outputs, self.expected, self.inputs, strict=True):
            inputs = reference.bind(*args)
            inputs.apply_defaults()
            yield {"came": came, "right": right, "answer": self.answer, **inputs.arguments}


def seen(exercise_id: str, answers: tuple[Callable, ...], seed: int = 0) -> Iterator[Seen]:
    """What each of these answers makes of the exercise's inputs of that seed."""
    inputs = known(find_exercise(exercise_id), seed)
    for answer in answers:
        yield Seen(answer, inputs.outputs_of(answer), inputs.expected[-1], inputs)


# --- claims ---


def each(holds, first=None, **made):
    """The claim that this holds in every case, or in the first few."""

    def claim(seen):
        return all(bool(of_names(holds, case, made)) for case in [*seen.named()][:first])

    return claim


def of_names(function, given, made):
    """The function of what its parameters are called."""
    names = inspect.signature(function).parameters
    return function(*(of_names(made[n], given, made) if n in made else given[n] for n in names))


def one_of(holds, **made):
    """Claims of functions: with what one of them makes, as `wanted`, this holds in every case."""
    return lambda *of, **more: either(*(each(holds, wanted=w, **made, **more) for w in of))


def either(*claims):
    """The claim that one of these is true."""
    return lambda seen: any(claim(seen) for claim in claims)


def both(*claims):
    """The claim that all of these are true."""
    return lambda seen: all(claim(seen) for claim in claims)


def values_right(seen):
    """Only the gradient is wrong."""
    return same_outputs(seen.outputs, seen.expected)


def reached(*positions, of):
    """The values are right, and of the inputs `of` a gradient reaches those at these positions."""

    def claim(seen):
        args = list(seen.inputs[0])
        for i in of:
            args[i] = args[i].clone().requires_grad_()
        total, found = seen.answer(*args).sum(), [None for _ in of]
        if total.requires_grad:
            found = torch.autograd.grad(total, [args[i] for i in of], allow_unused=True)
        arrived = [
            i for i, slope in zip(of, found, strict=True) if slope is not None and slope.any()
        ]
        return values_right(seen) and arrived == list(positions)

    return claim


def two_runs_differ(seen):
    """On the same inputs."""
    one, other = (seen.answer(*seen.inputs[0]) for _ in range(2))
    return not same(one, other)


# --- outputs beside each other ---


def same(one, other):
    """Whether two outputs are: shapes and values, part by part."""
    return same_outputs([one], [other])


def like_any(came, *others):
    """Whether it is the same as one of these."""
    return any(same(came, other) for other in others)


def close(one, other):
    """Whether shapes and values are the same, however short the numbers: true is 1."""
    a, b = (torch.as_tensor(value, dtype=torch.float64) for value in (one, other))
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-6, atol=1e-7, equal_nan=True)


def flat(values):
    """Whether all along the first axis are the same."""
    return same(values, values[:1].expand_as(values))


def q_of(mu, log_var):
    """The normal of these, which torch takes by its standard deviation."""
    return Normal(mu, (log_var / 2).exp())


gives = one_of(lambda came, wanted: close(came, wanted))
shape_is_another = each(lambda came, right: came.shape != right.shape)
exchanged = each(lambda came, right: same(came[::-1], right))
single_number = each(lambda came: came.dim() == 0)
