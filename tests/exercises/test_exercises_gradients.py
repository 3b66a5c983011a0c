"""Answers with gradients: what the engine compares of them, and says."""

import dataclasses

import pytest
import torch
from learner import with_slips
from routes import randn

from course_utils.exercises._engine import compare
from course_utils.exercises._engine.exercise import Case, Exercise, Slip
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge

PAIR = with_slips(
    Exercise(
        "E4.9",
        lambda x: (x + 1, 2 * x),
        lambda seed: [Case("x (3,)", (randn(3, seed=seed),), (0,))],
        parts=("sum", "double"),
        in_torch=True,
    ),
    Slip("first", "Plus.", (lambda x: (x - 1, 2 * x),), None),
    Slip("both", "Plus, and twice.", (lambda x: (x - 1, x),), None),
    Slip("one part", "Two.", (lambda x: x - 1,), None),
    Slip("cut", "Cut.", (lambda x: (x + 1, 2 * x.detach()),), None),
)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda x: (x - 1, x), "both"),
        (lambda x: (x - 1, 3 * x), "first"),
        (lambda x: (x + 1, x), "a constant factor"),
        (lambda x: (x + 1, 3 * x), "a constant factor"),
        (lambda x: x - 1, "one part"),
        (lambda x: (x**2, 2 * x), None),  # `first` has the same double: no reason for its hint
        (lambda x: (2 * x, x + 1), "values in another order"),
        (lambda x: torch.stack((x + 1, 2 * x + 2)), "a constant"),
        (lambda x: torch.stack((x, x, x)), "not all values"),
        (lambda x: (1 + x, 2 * x.detach()), "cut"),
        (lambda x: (1 + x.detach(), 2 * x), "another gradient"),
        # Its sum over the parts is right: 1 + 2 = 2 + 1.
        (lambda x: (2 * x + 1 - x.detach(), x + x.detach()), "another gradient"),
    ],
)
def test_the_whole_answer_is_matched_before_a_wrong_part_of_it(answer, mistake):
    verdict = judge(PAIR, answer)
    assert verdict.status == NOT_YET and verdict.mistake == mistake


def test_gradients_of_each_part_count():
    stack, entries = lambda x: torch.stack((x + 1, 2 * x)), lambda x: [x + 1, 2 * x]
    for answer in (PAIR.reference, stack, entries):
        assert judge(PAIR, answer).status == RIGHT
    gone = judge(PAIR, lambda x: ((1 + x).detach(), (2 * x).detach()))
    assert "the gradient is cut" in gone.says


def test_same_gradients_asks_where_they_are_cut():
    one, two = torch.ones(2), torch.zeros(2)
    assert compare.same_gradients([one, None], [one.clone(), None])
    assert not compare.same_gradients([two, None], [None, None])
    assert not compare.same_gradients([one, two], [one, one])


def test_where_nothing_differentiates_only_the_whole_gradient_may_be_gone():
    values_alone = dataclasses.replace(PAIR, in_torch=False)
    gone = judge(values_alone, lambda x: ((1 + x).detach(), (2 * x).detach()))
    assert (gone.status, gone.says) == (RIGHT, compare.NO_WAY_BACK)
    half = judge(values_alone, lambda x: ((1 + x).detach(), 2 * x))
    assert half.status == NOT_YET and half.mistake == "another gradient"


def test_an_answer_whose_gradients_fail_later_gets_no_hint_of_a_mistake():
    calls = []

    def breaks_later(x):
        calls.append(x)
        if len(calls) > 1:
            raise RuntimeError("later")
        return x + 1, 2 * x.detach()

    verdict = judge(PAIR, breaks_later)
    assert verdict.status == NOT_YET and verdict.mistake is None
