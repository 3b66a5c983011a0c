"""What the exercises remember and show: hints, state, predictions, progress, bands, pages."""

import json
import os

import pytest
import torch
from learner import loop_average, my_average, my_log_mean_exp, said

from course_utils import exercises
from course_utils.exercises import _engine, _predict, _progress, _render, _state, check
from course_utils.exercises._exercise import Exercise, Mistake, Prediction, notebook_of
from course_utils.exercises._registry import all_exercises, find_exercise, find_prediction

pytestmark = pytest.mark.usefixtures("fresh_learner")


# ---------------------------------------------------------------- hints and solutions


def test_hints_are_a_ladder_that_ends_at_the_solution(shown):
    ladder = find_exercise("E2.1").hints
    for seen in (1, 2, 3, 3):
        exercises.hint("E2.1")
        page = repr(shown[-1])
        assert f"hint {seen} of 3" in page and f"{seen}. " in page and f"{seen + 1}. " not in page
    assert 'solution("E2.1")' in page and len(ladder) == 3


def test_the_solution_is_the_references_source_and_is_remembered(shown):
    exercises.solution("E2.4")
    assert "def my_ess(log_w):" in repr(shown[-1])
    assert _state.read()["exercises"]["E2.4"]["solution_seen"]


# ---------------------------------------------------------------- state


def entry(name):
    return _state.read()["exercises"][name]


def test_tries_are_counted_waiting_is_not_and_done_stays(shown):
    check("E0.1", my_average)
    assert "E0.1" not in _state.read()["exercises"]
    for answer in (lambda p: p.sum(0), loop_average, lambda p: p):
        check("E0.1", answer)
    assert entry("E0.1")["tries"] == 3 and entry("E0.1")["done"]


def test_the_state_is_one_file_and_nothing_is_left_beside_it(shown, tmp_path):
    exercises.hint("E0.1")
    assert os.listdir(tmp_path / "state") == ["progress.json"]
    stored = json.loads((tmp_path / "state" / "progress.json").read_text())
    assert stored["version"] == 1 and stored["exercises"]["E0.1"]["hints"] == 1


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        "{}",
        '{"version": 1, "exercises": []}',
        '{"version": 1, "exercises": {"a": 1}, "predictions": {}}',
    ],
)
def test_a_damaged_file_is_set_aside_and_said(damage, shown, tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "progress.json").write_text(damage)
    exercises.hint("E0.1")
    assert (folder / "progress.damaged.json").read_text() == damage
    assert "progress.damaged.json" in repr(shown[0]) and entry("E0.1")["hints"] == 1


def test_values_edited_by_hand_start_anew(shown, tmp_path):
    (tmp_path / "state").mkdir()
    edited = {"version": 1, "exercises": {"E0.1": {"hints": "many"}}, "predictions": {}}
    (tmp_path / "state" / "progress.json").write_text(json.dumps(edited))
    exercises.hint("E0.1")
    assert entry("E0.1")["hints"] == 1


def test_a_file_of_a_newer_course_is_left_as_it_is(shown, tmp_path):
    (tmp_path / "state").mkdir()
    newer = tmp_path / "state" / "progress.json"
    newer.write_text('{"version": 2}')
    exercises.hint("E0.1")
    exercises.hint("E0.1")
    assert newer.read_text() == '{"version": 2}' and entry("E0.1")["hints"] == 2
    assert sum("newer version" in repr(page) for page in shown) == 1


def test_a_folder_that_cannot_be_written_costs_the_memory_and_one_note(shown, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    for _ in range(2):
        exercises.hint("E0.1")
    assert entry("E0.1")["hints"] == 2
    assert sum("cannot be stored" in repr(page) for page in shown) == 1
    exercises.reset_progress()
    assert "kept as" not in said(shown)


def test_a_write_that_fails_keeps_the_old_file_and_what_was_done(shown, tmp_path, monkeypatch):
    exercises.hint("E0.1")
    before = (tmp_path / "state" / "progress.json").read_text()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_state.os, "replace", full)
    exercises.hint("E0.1")
    assert (tmp_path / "state" / "progress.json").read_text() == before
    assert entry("E0.1")["hints"] == 2 and "No space left" in repr(shown[-2])


def test_a_damaged_file_that_cannot_be_moved_is_not_used(shown, tmp_path, monkeypatch):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "progress.json").write_text("{")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(_state.os, "replace", refuse)
    exercises.hint("E0.1")
    assert entry("E0.1")["hints"] == 1 and "Permission denied" in repr(shown[0])


def test_reset_forgets_and_keeps_the_old_file(shown, tmp_path):
    check("E0.1", loop_average)
    exercises.reset_progress()
    assert _state.read()["exercises"] == {}
    assert os.listdir(tmp_path / "state") == ["progress.before_reset.json"]
    assert "progress.before_reset.json" in said(shown)
    exercises.reset_progress()
    assert said(shown) == "Your progress is reset."


# ---------------------------------------------------------------- predictions


def test_the_form_asks_for_a_choice_then_remembers_it(shown):
    exercises.predict("P2.1")
    form = shown[-1]
    form.button.click()
    assert "Choose one first." in form.answer.value
    assert form.confidence.min == 50 and form.confidence.description == "How sure? (50 % = a guess)"
    form.choices.value, form.confidence.value = "about 0.01", 90
    form.button.click()
    assert "Remembered: about 0.01 (90 % sure)" in form.answer.value
    exercises.predict("P2.1")
    assert shown[-1].choices.value == "about 0.01" and "You said" in shown[-1].answer.value


def test_the_form_reads_the_same_at_every_run_and_without_a_kernel(shown):
    exercises.predict("P2.1")
    exercises.predict("P2.1")
    first, second = (form._repr_mimebundle_() for form in shown)
    assert first["text/plain"] == second["text/plain"] == repr(shown[0])
    assert "10 000 draws?" in first["text/html"] and "<ol><li>about 0.01" in first["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in first


def test_a_prediction_stands_beside_what_came_out_and_is_then_final(shown):
    exercises.predict("P2.1", choice="about 0.01", confidence=80)
    exercises.predict("P2.1", outcome=0.0021)
    assert "You said: about 0.01 (80 % sure) What came out: 0.0021" in said(shown)
    assert "The right choice was: about 0.002" in said(shown) and "1/sqrt(n)" in said(shown)
    exercises.predict("P2.1", choice="about 0.002")
    assert "Already revealed; you had said: about 0.01" in said(shown)
    exercises.predict("P2.1")
    form = shown[-1]
    assert form.choices.disabled and form.confidence.disabled and form.button.disabled


def test_a_reveal_without_a_prediction_goes_on_and_can_still_be_predicted(shown):
    exercises.reveal("P2.4")
    assert "You have not predicted; what came out is 6." in said(shown)
    exercises.predict("P2.4", choice="6")
    exercises.reveal("P2.4")
    assert "As you predicted." in said(shown)


def test_what_cannot_be_predicted_is_refused():
    with pytest.raises(ValueError, match="no prediction called 'P9.1'"):
        exercises.predict("P9.1")
    with pytest.raises(ValueError, match="no choice called '7'; known are: 3, 6, 9, 14"):
        exercises.predict("P2.3", choice="7")
    with pytest.raises(ValueError, match=r"from 50 \(a guess\) to 100 .* say 50 where") as refused:
        exercises.predict("P2.3", choice="3", confidence=20)
    assert "opposite" not in str(refused.value)  # true of two choices only


def test_a_stored_choice_that_is_no_longer_offered_is_no_prediction(tmp_path):
    _state.update(lambda s: s["predictions"].update({"P2.1": {"choice": "?", "confidence": 60}}))
    assert _predict.stored(find_prediction("P2.1")) is None


# ---------------------------------------------------------------- progress, recall, band


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
    _engine.checked.clear()  # a new kernel, in which nothing was checked yet
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
    _engine.checked.clear()
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


def test_band_says_inside_and_raises_outside_only_when_strict(shown, monkeypatch):
    exercises.band("-ELBO [nats]", torch.tensor(24.1234), 23.5, 25)
    assert said(shown).startswith("[in the band] -ELBO [nats] = 24.12")
    exercises.band("-ELBO [nats]", 30, 23.5, 25)
    assert "[outside the band]" in said(shown)
    monkeypatch.setenv("COURSE_STRICT", "1")
    exercises.band("-ELBO [nats]", 24, 23.5, 25)
    for outside in (30, float("nan")):
        with pytest.raises(AssertionError, match="outside the band"):
            exercises.band("-ELBO [nats]", outside, 23.5, 25)
    with pytest.raises(ValueError, match="low < high"):
        exercises.band("-ELBO [nats]", 24, 25, 23.5)


# ---------------------------------------------------------------- pages and data


def test_a_page_is_the_same_in_html_and_in_text():
    page = _render.Page("A < B", "right").say("use `a_b` & c", label="Hint").code("x < y")
    page.table("Caption", ["name", "value"], [["one", "1"], ["seventeen", "17"]])
    assert repr(page).splitlines() == [
        "[right] A < B",
        "Hint: use `a_b` & c",
        "    x < y",
        "Caption",
        "name       value",
        "one        1",
        "seventeen  17",
    ]
    markup = page._repr_html_()
    assert 'role="status"' in markup and "A &lt; B" in markup and "<code>a_b</code>" in markup
    assert '<th scope="row">seventeen</th><td>17</td>' in markup


def test_pages_are_displayed_in_both_forms(capsys):
    exercises.recall("02")
    assert "From memory" in capsys.readouterr().out


def test_exercise_data_is_checked_at_the_door():
    mistake = Mistake("same", my_average, "hint")
    base = {"id": "E1.1", "title": "t", "minutes": 1, "points": 1, "reference": my_average}
    base |= {"cases": lambda seed: [], "hints": ("a",)}
    with pytest.raises(ValueError, match="1, 2 or 3"):
        Exercise(**base, difficulty=4, mistakes=())
    with pytest.raises(ValueError, match="whole number of at least 1"):
        Exercise(**{**base, "points": 0}, difficulty=1, mistakes=())
    with pytest.raises(ValueError, match="different names"):
        Exercise(**base, difficulty=1, mistakes=(mistake, mistake))
    with pytest.raises(ValueError, match="one of at least two choices"):
        Prediction("P1.1", "?", ("a", "b"), "c", "because")


def test_ids_name_their_notebook():
    assert [notebook_of(name) for name in ("E2.1", "P10.3")] == ["02", "10"]


def test_confidence_bands_cover_all_but_guesses_without_overlap():
    covered = [c for low, high in _progress.BANDS for c in range(low, high + 1)]
    assert [_predict.GUESS, *covered] == list(range(50, 101))
