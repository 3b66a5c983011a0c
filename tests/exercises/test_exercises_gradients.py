"""Answers with gradients: what the engine compares of them, and says."""

import torch
from learner import with_slips
from routes import randn

from course_utils.exercises._engine import compare
from course_utils.exercises._engine.exercise import Case, Exercise, Slip
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge


def pair(**changes):
    """An exercise whose answer is x + 1 and 2 x, with gradients."""
    parts = {
        "reference": lambda x: (x + 1, 2 * x),
        "cases": lambda seed: [Case("x (3,)", (randn(3, seed=seed),), (0,))],
        "parts": ("sum", "double"),
    }
    slips = (
        Slip("first", "Plus.", (lambda x: (x - 1, 2 * x),), None),
        Slip("both", "Plus, and twice.", (lambda x: (x - 1, x),), None),
        Slip("one part", "Two.", (lambda x: x - 1,), None),
        Slip("cut", "Cut.", (lambda x: (x + 1, 2 * x.detach()),), None),
    )
    return with_slips(Exercise(id="E4.9", **{**parts, **changes}), *slips)


def test_the_whole_answer_is_matched_before_a_part_of_it():
    assert judge(pair(), lambda x: (x - 1, x)).mistake == "both"
    assert judge(pair(), lambda x: (x - 1, 3 * x)).mistake == "first"
    assert judge(pair(), lambda x: (x + 1, x)).mistake == "a constant factor"
    assert judge(pair(), lambda x: (x + 1, 3 * x)).mistake == "a constant factor"
    assert judge(pair(), lambda x: x - 1).mistake == "one part"


def test_a_right_part_is_no_mistake():
    """`first` gives the same double; that is no reason to show its hint."""
    assert judge(pair(), lambda x: (x + 5, 2 * x)).mistake is None


def test_gradients_of_each_part_count():
    assert judge(pair(), pair().reference).status == RIGHT
    cut = judge(pair(), lambda x: (1 + x, 2 * x.detach()))
    assert cut.status == NOT_YET and cut.mistake == "cut"
    other = judge(pair(), lambda x: (1 + x.detach(), 2 * x))
    assert other.status == NOT_YET and other.mistake is None
    gone = judge(pair(), lambda x: ((1 + x).detach(), (2 * x).detach()))
    assert "the gradient is cut" in gone.says


def test_a_gradient_that_differs_between_the_parts_is_seen():
    """Its sum over the parts is right: 1 + 2 = 2 + 1."""

    def exchanged(x):
        return x + 1 + (x - x.detach()), 2 * x.detach() + (x - x.detach())

    assert judge(pair(), exchanged).status == NOT_YET


def test_same_gradients_asks_where_they_are_cut():
    one, two = torch.ones(2), torch.zeros(2)
    assert compare.same_gradients([one, None], [one.clone(), None])
    assert not compare.same_gradients([two, None], [None, None])
    assert not compare.same_gradients([one, two], [one, one])


def test_an_answer_whose_gradients_fail_later_gets_no_hint_of_a_mistake():
    calls = []

    def breaks_later(x):
        calls.append(x)
        if len(calls) > 1:
            raise RuntimeError("later")
        return x + 1, 2 * x.detach()

    verdict = judge(pair(), breaks_later)
    assert verdict.status == NOT_YET and verdict.mistake is None
