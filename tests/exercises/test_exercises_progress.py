"""The table of progress, questions from memory."""

import math
import re
from functools import partial

import pytest
from learner import loop_average, my_average, my_log_mean_exp, said

from course_utils import exercises
from course_utils.exercises import check
from course_utils.exercises._engine import check as checking
from course_utils.exercises._engine import lessons
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.lessons import find_lesson
from course_utils.exercises._engine.registry import all_exercises, find_prediction, registries

pytestmark = pytest.mark.usefixtures("fresh_learner")


def test_progress_of_a_fresh_learner(shown):
    exercises.progress("02")
    text = said(shown)
    assert "Points: 0 of 14" in text and "No prediction revealed yet." in text
    assert "Your code: 0 of 6; the course's: 6 (E2.1, E2.2, E2.3, E2.4, E2.5, E2.6)." in text


def test_progress_counts_what_is_done_and_whose_code_runs(shown, tmp_path, monkeypatch):
    check("E2.1", my_log_mean_exp)
    check("E2.4", lambda log_w: log_w)
    exercises.hint("E2.5")
    exercises.progress("02")
    text = said(shown)
    assert "Points: 2 of 14" in text and "not yet (1 tries)" in text and "1 of 3" in text
    assert "Your code: 1 of 6; the course's: 5 (E2.2" in text
    checking.checked.clear()  # a new kernel, in which nothing was checked yet
    exercises.progress()
    everything = len(all_exercises())
    assert f"Your code: 1 of {everything}; the course's: {everything - 1}." in said(shown)
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "another learner"))
    exercises.progress("02")
    assert "Your code: 0 of 6" in said(shown)


def test_all_notebooks_have_a_table_or_a_line(shown):
    check("E2.4", lambda log_w: log_w)
    exercises.progress()
    markup = shown[-1]._repr_html_()
    captions = re.findall(r"<caption[^>]*><strong>(.*?)</strong>", markup)
    (second,) = captions
    assert second.startswith("02 · How hard can an average be? – 0 min so far (long pauses cut)")
    for notebook in sorted(set(registries()) - {"02"}):
        line = rf"<p>{notebook} · [^<]* – nothing begun, about \d+ min of the core left"
        assert re.search(line, markup)
    assert "E2.5" in markup and "E3.1" not in markup


def test_real_minutes_are_counted_and_long_pauses_cut(shown, clock):
    exercises.predict("P2.1", choice="about 0.01")
    for minutes, call in (
        (4, partial(check, "E2.1", my_log_mean_exp)),
        (60, partial(check, "E2.1", lambda a, dim: a)),  # of which five count
        (2, partial(check, "E3.1", lambda mu, log_var: mu)),  # another notebook
        (1, partial(exercises.reveal, "P2.1")),
    ):
        clock.pass_(minutes=minutes)
        call()
    assert memory.seconds_of(memory.read(), "02") == (4 + 5 + 3) * 60
    assert memory.seconds_of(memory.read(), "03") == 0
    exercises.progress("02")
    assert "12 min so far (long pauses cut)" in said(shown)


def test_looking_is_not_working_and_a_clock_set_back_takes_nothing(shown, clock):
    check("E0.1", my_average)
    exercises.reveal("P0.1")  # not predicted
    clock.pass_(minutes=3)
    assert memory.read().get("work", {}) == {}
    check("E0.1", lambda p: p)
    clock.pass_(minutes=-90)
    check("E0.1", lambda p: p)
    clock.pass_(minutes=1)
    check("E0.1", lambda p: p)
    assert memory.seconds_of(memory.read(), "00") == 60


def test_minutes_that_could_not_be_stored_are_those_of_their_time(shown, clock, file):
    file.parent.write_text("a file where the folder should be")
    check("E0.1", lambda p: p)
    clock.pass_(minutes=2)
    check("E0.1", lambda p: p)
    file.parent.unlink()
    clock.pass_(minutes=3)
    check("E0.1", lambda p: p)
    assert memory.seconds_of(memory.read(), "00") == 300


@pytest.mark.parametrize(
    "spoilt",
    [
        {"work": 3},
        {"work": {"00": []}, "reviews": []},
        {"work": {"00": {"seconds": "many", "last": None}}, "reviews": {"E0.1": 7}},
        {"work": {"00": {"seconds": float("nan"), "last": float("inf")}}},
        {"work": {"00": {"seconds": -5, "last": -1}}, "reviews": {"E0.1": {"since": "monday"}}},
    ],
)
def test_times_edited_by_hand_start_anew_and_nothing_else_does(spoilt, shown, clock):
    check("E0.1", lambda p: p)
    memory.update(lambda state: state.update(spoilt))
    exercises.progress("00")
    assert " – 0 min so far" in said(shown)
    check("E0.1", lambda p: p)
    clock.pass_(minutes=1)
    check("E0.1", lambda p: p)
    exercises.progress("00")
    assert " – 1 min so far" in said(shown) and "not yet (3 tries)" in said(shown)


def test_what_is_left_is_the_core_behind_the_last_thing_answered(shown):
    lesson = find_lesson("03")
    exercises.predict("P3.1", choice="none")
    exercises.progress("03")
    left = lesson.core(lesson.place("P3.1"))
    assert 0 < left < lesson.core()
    assert f"about {5 * math.ceil(left / 5)} min of the core left" in said(shown)


def test_when_all_is_answered_nothing_is_left_to_answer(shown):
    exercises.predict("P0.1", choice="about 1 %")
    exercises.progress("00")
    assert "min of the core left" in repr(shown[-1])
    check("E0.1", loop_average)
    exercises.progress("00")
    words = repr(shown[-1])
    assert "nothing left to answer" in words and "of the core left" not in words


def test_without_the_notebooks_files_nothing_is_said_of_what_is_left(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    (tmp_path / "02_mine.ipynb").write_text("{")
    (tmp_path / "02_others.ipynb").write_text('{"cells": [], "metadata": {}}')
    exercises.progress("02")
    assert "Notebook 02 – nothing begun exercise" in said(shown)


def test_progress_shows_how_often_each_confidence_was_right(shown):
    for name, choice, sure in (
        ("P2.1", "about 0.002", "sure"),
        ("P2.3", "3", "rather"),
        ("P2.5", "", "sure"),
        ("P2.4", "6", "guess"),
    ):
        wrong = next(c for c in find_prediction(name).choices if c != find_prediction(name).right)
        exercises.predict(name, choice=choice or wrong, confidence=sure)
        if sure != "guess":
            exercises.reveal(name)
    exercises.progress("02")
    assert "guess 0 - rather 1 0 (0 %) sure 2 1 (50 %)" in said(shown)


def test_recall_asks_three_questions_and_folds_the_answers(shown):
    exercises.recall("02")
    markup = shown[-1]._repr_html_()
    assert markup.count("<details>") == 3 and "Question 3" in markup
    assert "weighted by how usual it is under the prior" in said(shown)
