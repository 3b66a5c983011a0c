"""The table of progress, questions from memory."""

import pytest
from learner import my_log_mean_exp, said

from course_utils import exercises
from course_utils.exercises import check
from course_utils.exercises._engine import check as checking
from course_utils.exercises._engine.registry import all_exercises

pytestmark = pytest.mark.usefixtures("fresh_learner")


def test_progress_of_a_fresh_learner(shown):
    exercises.progress("02")
    text = said(shown)
    assert "Points: 0 of 14" in text and "No prediction revealed yet." in text
    assert "Your code: 0 of 6; the course's: 6 (E2.1, E2.2, E2.3, E2.4, E2.5, E2.6)." in text


def test_progress_counts_what_is_done_and_whose_code_runs(shown):
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
    assert f"Your code: 1 of {everything}" in said(shown) and "E0.1" in said(shown)


def test_progress_shows_the_calibration_of_revealed_predictions(shown):
    for name, choice, sure in (("P2.1", "about 0.002", 90), ("P2.3", "3", 60), ("P2.4", "6", 75)):
        exercises.predict(name, choice=choice, confidence=sure)
    for name in ("P2.1", "P2.3"):
        exercises.reveal(name)
    exercises.progress("02")
    text = said(shown)
    assert "1 of 2 right; your confidence promised 1.5." in text
    assert "51-69 % sure 1 0 (0 %) 70-89 % sure 0 - 90-100 % sure 1 1 (100 %)" in text
    assert "Guesses" not in text


def test_guesses_are_counted_but_promise_nothing(shown):
    """A guess among four choices is right in 25 %, not 50 %, of all cases."""
    for name, choice in (("P2.3", "3"), ("P2.4", "6")):
        exercises.predict(name, choice=choice, confidence=50)
        assert f"Remembered: {choice} (a guess)." in said(shown)
        exercises.reveal(name)
        assert f"You said: {choice} (a guess)" in said(shown)
    exercises.progress("02")
    assert "Predictions: Guesses (50 %): 2, right: 1." in said(shown)
    assert "promised" not in said(shown)
    exercises.predict("P2.1", choice="about 0.002", confidence=90)
    exercises.reveal("P2.1")
    exercises.progress("02")
    text = said(shown)
    assert "1 of 1 right; your confidence promised 0.9. Guesses (50 %): 2, right: 1." in text
    assert "51-69 % sure 0 - 70-89 % sure 0 - 90-100 % sure 1 1 (100 %)" in text


def test_progress_survives_a_restart_in_a_file(shown, tmp_path, monkeypatch):
    check("E2.1", my_log_mean_exp)
    checking.checked.clear()
    exercises.progress("02")
    assert "Your code: 1 of 6" in said(shown)
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "another learner"))
    exercises.progress("02")
    assert "Your code: 0 of 6" in said(shown)


def test_unknown_notebooks_are_refused():
    with pytest.raises(ValueError, match=r"known are: 00, .*02"):
        exercises.progress("77")
    with pytest.raises(
        ValueError, match=r"no set of recall questions called '00'; known are: .*02"
    ):
        exercises.recall("00")


def test_recall_asks_three_questions_and_folds_the_answers(shown):
    exercises.recall("02")
    markup = shown[-1]._repr_html_()
    assert markup.count("<details>") == 3 and "Question 3" in markup
    assert "weighted by how usual it is under the prior" in said(shown)
