"""What any answer's outputs may have to do with the right ones, and what is not said of them."""

import numpy as np
import pytest
import torch
from learner import with_slips

from course_utils.exercises import verdict
from course_utils.exercises._engine import compare, judge, trial
from course_utils.exercises._engine.exercise import Case, Exercise, Slip
from course_utils.exercises._engine.families import family_of

RIGHT = [torch.tensor([[1.0, -2.0, 4.0], [3.0, 5.0, -7.0]]), torch.tensor([[2.0, 9.0]])]


def family(right, came):
    return family_of(right, came, "Your value")


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (lambda r: -r, "minus the right value", "minus the right one"),
        (lambda r: r / 2, "a constant factor", "is 1/2 times the right one"),
        (lambda r: 1.0004 * r, "a constant factor", "is 1.0004 times"),
        (lambda r: 3.7 * r, "a constant factor", "is 3.7 times"),
        (lambda r: r / r.shape[1], "a factor that depends on the sizes", "1/3, 1/2"),
        (lambda r: 2 * r / r.shape[1], "a factor that depends on the sizes", "0.667, 1. Compare"),
        (lambda r: r * len(r), "a factor that depends on the sizes", "2, 1. Compare it"),
        (lambda r: r.sum(1), "sum over an axis too many", "over axis 1: asked for is shape (2, 3)"),
        (lambda r: r.mean(), "mean over an axis too many", "over all of it"),
        (lambda r: r[:, None], "an axis of length 1", "(2, 1, 3) for (2, 3)"),
        (lambda r: r + 1, "a constant", "is off by +1, everywhere"),
        (lambda r: r - 0.919, "a constant", "is off by -0.919, everywhere"),
        (lambda r: r + 0.919 * r.shape[1], "a constant that depends on the sizes", "+2.76, +1.84"),
        (lambda r: r + r[0, 1].abs(), "a constant that depends on the sizes", "+2, +9."),
        (lambda r: r.flip(1), "the order reversed", "from back to front along axis 1"),
        (lambda r: r.T, "axes exchanged", "(3, 2) for (2, 3)"),
        (lambda r: r.exp(), "a step too many or too few", "is exp of the right one"),
        (lambda r: 1 / r, "a step too many or too few", "is one divided by the right one"),
        (lambda r: r.long() // 2, None, ""),
        (lambda r: 1e-40 * r, None, ""),
        (lambda r: r > 0, None, ""),
        (lambda r: r.roll(1), None, ""),
    ],
)
def test_a_family_is_named(change, name, words):
    found = family(RIGHT, [change(entry) for entry in RIGHT])
    assert (found and found.name) == name
    assert words in (found.hint if found else "")


def test_whole_numbers_are_named_where_fractions_are_asked_for():
    found = family([entry / 2 for entry in RIGHT], [entry.long() for entry in RIGHT])
    assert found.name == "whole numbers" and "torch.int64" in found.hint


def test_the_shape_that_is_asked_for_is_that_of_the_case_at_hand():
    """A case whose axis has length 1 has nothing to sum."""
    right = [torch.tensor([[3.0]]), RIGHT[0]]
    assert "shape (2, 3)" in family(right, [entry.sum(1)[:, None] for entry in right]).hint
    assert "shape (1, 1)" in family(right, [entry.sum(1) for entry in right]).hint


def test_a_single_number_is_no_multiple_and_zero_no_sum():
    numbers = [torch.tensor(1.0), torch.tensor(2.0)]
    assert family(numbers, [torch.tensor(1.3), torch.tensor(2.5)]) is None
    symmetric = [torch.tensor([-1.0, 1.0]), torch.tensor([-2.0, 2.0])]
    assert family(symmetric, [torch.tensor(0.0)] * 2) is None


@pytest.mark.parametrize("form", [lambda a: np.flip(np.flip(a)), lambda a: a.astype(">f8")])
def test_numpy_s_other_layouts_are_numbers_too(form):
    assert verdict("E0.1", lambda p: form(p.numpy().mean(0))).status == "right"


def test_of_two_conventions_the_nearer_one_is_told():
    either = Exercise(
        "E4.9",
        lambda x: (x + 1, 2 * x),
        lambda seed: [Case("x (3,)", (torch.arange(3.0),))],
        parts=("moved", "double"),
        also_right=(lambda x: (x - 1, 2 * x),),
    )
    told = judge.judge(with_slips(either), lambda x: (x - 1, torch.zeros(3)))
    assert "`double`" in told.says


def test_where_the_search_for_a_slip_fails_what_is_wrong_is_said(monkeypatch):
    def fails(outputs):
        raise RuntimeError("a predicate")

    exercise = Exercise("E4.9", lambda x: x, lambda seed: [Case("x ()", (torch.ones(()),))])
    broken = with_slips(exercise, Slip("broken", "", (lambda x: x,), fails))
    assert "expected 1, yours 2" in judge.judge(broken, lambda x: 2 * x).says
    monkeypatch.setenv("COURSE_STRICT", "1")
    assert "cannot be compared" in judge.judge(broken, lambda x: 2 * x).says


def test_known_answers_begin_again_after_an_interrupt():
    def interrupted(x):
        if not calls:
            calls.append(x)
            raise KeyboardInterrupt
        return x

    calls = []
    cases = [Case("one", (1,)), Case("two", (2,))]
    outcomes = trial.Outcomes(interrupted, lambda: iter(cases), lambda output: output)
    with pytest.raises(KeyboardInterrupt):
        list(outcomes)
    assert list(outcomes) == [1, 2]


def test_a_change_of_what_is_no_number_is_seen():
    before = torch.tensor([torch.nan, -torch.inf, 1.0])
    assert trial._change("x", before, before.clone()) == ""
    assert trial._change("x", before, before.nan_to_num()) != ""


def test_values_at_the_edge_of_the_tolerance_are_told_or_accepted():
    expected = torch.tensor([1000.0], dtype=torch.float64)
    for off in torch.linspace(0.99e-3, 1.01e-3, 201, dtype=torch.float64):
        compare.difference(expected, expected - off)  # raises nothing
