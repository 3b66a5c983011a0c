"""Answers of learners to all exercises: right forms pass, and of two slips one is told.

What single slips are told is asked of the pages themselves, in test_exercises_registry.
"""

from importlib import import_module
from pathlib import Path

import pytest
import torch
from learner import be_patient, changed, from_single_precision, with_slips, wrong
from thorough import seeds
from torch.testing import assert_close

from course_utils.exercises._engine import compare
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.exercises._engine.trial import known

FILES = sorted(Path(__file__).parent.glob("answers_*.py"))


def each(table):
    """(exercise, what is expected, answer) of the tables that have this name, with such an id."""
    modules = [import_module(path.stem) for path in FILES]
    entries = [entry for module in modules for entry in getattr(module, table, ())]
    params = [
        pytest.param(find_exercise(name), *words, answer, id=" ".join((name, *words, str(i))))
        for i, (name, *words, answer) in enumerate(entries)
    ]
    names = ("exercise", "words", "answer") if len(entries[0]) == 3 else ("exercise", "answer")
    return pytest.mark.parametrize(names, params)


def answer_of(exercise, answer):
    """A function, or what this edit makes of the reference."""
    return changed(exercise.id, answer) if isinstance(answer, str) else answer


@each("OTHER_FORMS")
def test_right_answers_in_other_forms_pass(exercise, answer, monkeypatch):
    be_patient(monkeypatch)
    for seed in seeds(1, 5):
        verdict = judge(exercise, answer_of(exercise, answer), seed)
        assert verdict.status == RIGHT, (seed, verdict.says)


@each("ROUTES")
def test_references_agree_with_the_package_or_torch_to_the_last_digits(exercise, answer):
    """And such an answer passes. The grids of E1.3, E1.5 are fine and wide enough for 1e-9."""
    answer = answer_of(exercise, answer)
    rtol = 1e-9 if exercise.id in ("E1.3", "E1.5") else 1e-12
    for seed in seeds(5, 50):
        assert judge(exercise, answer, seed).status == RIGHT
        inputs = known(exercise, seed)
        pairs = zip(inputs.outputs_of(exercise.reference), inputs.outputs_of(answer), strict=True)
        for ours, theirs in (map(compare.parts_of, pair) for pair in pairs):
            for a, b in zip(ours, theirs, strict=True):
                exact = {"rtol": rtol, "atol": 1e-12} if a.dtype == torch.float64 else {}
                assert_close(a, torch.as_tensor(b), **exact)


@each("SAID")
def test_other_wrong_answers_are_told_what_differs(exercise, words, answer):
    verdict = judge(exercise, answer_of(exercise, answer))
    assert verdict.status == NOT_YET and words in f"{verdict.says} {verdict.hint}"
    assert verdict.mistake not in {slip.name for slip in exercise.slips}


@each("REFUSED")
def test_no_wrong_answer_passes(exercise, words, answer):
    """What some reader got past a check, and what is right for moderate numbers alone.

    Judged without the mistakes to compare with: which one it is takes ten times as long.
    """
    bare = with_slips(exercise)
    for seed in seeds(2, 3 if exercise.id == "E2.5" else 20):  # on others one may pass
        assert judge(bare, answer_of(exercise, answer), seed).status == NOT_YET, seed


@pytest.mark.parametrize(
    ("name", "slips", "told"),
    [
        ("E4.2", ("not divided by sigma", "gradients in sigma"), "not divided by sigma"),
        ("E4.4", ("A without q", "B plus KL"), "A without q"),
        ("E5.5", ("logits as means", "threshold at 1/2"), "logits as means"),
        ("E6.3", ("sum of the means", "variance of mu alone"), "sum of the means"),
        ("E6.4", (None, "b forgotten", "variance for sigma"), "b forgotten"),
        ("E6.4", ("noise not subtracted", None, "variance for sigma"), "noise not subtracted"),
        ("E7.4", ("summed over the draws", None, "the worst draw"), "summed over the draws"),
    ],
)
def test_of_slips_in_two_parts_the_first_is_told(name, slips, told):
    """Each part is that of another wrong answer, or of the right one."""
    exercise = find_exercise(name)
    sources = [wrong(name, slip) if slip else exercise.reference for slip in slips]

    def answer(*args):
        return tuple(source(*args)[i] for i, source in enumerate(sources))

    for seed in seeds(1, 5):
        verdict = judge(exercise, answer, seed)
        assert verdict.status == NOT_YET and verdict.mistake == told, (seed, verdict.says)


@pytest.mark.parametrize(
    ("name", "slip"),
    [
        ("E1.1", "no 2 pi"),
        ("E1.3", "one gap too many"),
        ("E1.5", "not normalised"),
        ("E6.3", "variance of mu alone"),
        ("E6.4", "variance for sigma"),
    ],
)
def test_a_slip_from_inputs_in_single_precision_on_gets_its_hint_too(name, slip):
    for seed in seeds(1, 5):
        answer = from_single_precision(wrong(name, slip))
        assert judge(find_exercise(name), answer, seed).mistake == slip, seed
