"""Answers of learners to all exercises: right forms pass, slips get the hint that was meant."""

from importlib import import_module
from pathlib import Path

import pytest
from learner import be_patient, with_slips
from thorough import seeds

from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge
from course_utils.exercises._engine.registry import find_exercise

FILES = sorted(Path(__file__).parent.glob("[as]*s_[0-9][0-9].py"))  # answers_01, slips_03, ...


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


@each("OTHER_FORMS")
def test_right_answers_in_other_forms_pass(exercise, answer, monkeypatch):
    be_patient(monkeypatch)
    for seed in seeds(1, 5):
        verdict = judge(exercise, answer, seed)
        assert verdict.status == RIGHT, (seed, verdict.says)


@each("SLIPS")
def test_natural_slips_get_the_hint_that_was_meant(exercise, words, answer):
    for seed in seeds(1, 5):
        verdict = judge(exercise, answer, seed)
        assert verdict.status == NOT_YET, seed
        assert verdict.mistake == words, (seed, verdict.says)


@each("SAID")
def test_other_wrong_answers_are_told_what_differs(exercise, words, answer):
    verdict = judge(exercise, answer)
    assert verdict.status == NOT_YET and words in verdict.says
    assert verdict.mistake not in {slip.name for slip in exercise.slips}


@each("REFUSED")
def test_no_wrong_answer_passes(exercise, words, answer):
    """What some reader got past a check, and what is right for moderate numbers alone.

    Judged without the mistakes to compare with: which one it is takes ten times as long.
    """
    bare = with_slips(exercise)
    for seed in seeds(2, 3 if exercise.id == "E2.5" else 20):  # on others one may pass
        assert judge(bare, answer, seed).status == NOT_YET, seed
