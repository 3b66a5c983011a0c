"""What the exercises remember of a learner: hints, state; and the data of an exercise."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from learner import loop_average, said

from course_utils import exercises
from course_utils.exercises import check
from course_utils.exercises._engine import render
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_exercise

pytestmark = pytest.mark.usefixtures("fresh_learner")


def test_hints_are_a_ladder_that_ends_at_the_solution(shown):
    for seen in (1, 2, 3, 3):
        exercises.hint("E2.1")
        page = repr(shown[-1])
        assert f"hint {seen} of 3" in page and f"{seen}. " in page and f"{seen + 1}. " not in page
    assert 'solution("E2.1")' in page and len(find_exercise("E2.1").text.hints) == 3


def entry(name):
    return memory.read()["exercises"][name]


def test_the_solution_is_the_references_source_and_is_remembered(shown):
    exercises.solution("E2.4")
    assert "def my_ess(log_w):" in repr(shown[-1])
    assert entry("E2.4")["solution_seen"]


def test_tries_are_counted_and_done_stays(shown):
    for wrong in (lambda p: p.sum(0), lambda p: p.sum(0), lambda p: p.mean(1)):
        check("E0.1", wrong)
    assert entry("E0.1")["tries"] == 3 and not entry("E0.1")["done"]
    for answer in (loop_average, lambda p: p):
        check("E0.1", answer)
    assert entry("E0.1")["tries"] == 5 and entry("E0.1")["done"]
    each_once = ["sum", "mean over the last axis", "another shape"]
    assert entry("E0.1")["slips"] == each_once


def edit(file, text):
    file.parent.mkdir()
    file.write_text(text)


def test_the_state_is_one_file_and_nothing_is_left_beside_it(shown, file):
    exercises.hint("E0.1")
    assert sorted(os.listdir(file.parent)) == ["progress.json", "progress.json.lock"]
    stored = json.loads(file.read_text())
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
def test_a_damaged_file_is_set_aside_and_said(damage, shown, file):
    edit(file, damage)
    exercises.hint("E0.1")
    assert file.with_name("progress.damaged.json").read_text() == damage
    assert "progress.damaged.json" in repr(shown[0]) and entry("E0.1")["hints"] == 1


def test_a_damaged_file_that_cannot_be_moved_is_not_used(shown, file, refuse):
    edit(file, "{")
    refuse()
    exercises.hint("E0.1")
    assert entry("E0.1")["hints"] == 1 and "No space left" in repr(shown[0])


def test_reading_a_damaged_file_moves_nothing(file):
    edit(file, "[" * 100_000)
    assert memory.read()["exercises"] == {}
    assert os.listdir(file.parent) == ["progress.json"]


def test_values_edited_by_hand_start_anew(shown, file):
    edit(file, '{"version": 1, "exercises": {"E0.1": {"hints": "many"}}, "predictions": {}}')
    exercises.hint("E0.1")
    assert entry("E0.1")["hints"] == 1


def test_a_file_of_a_newer_course_is_left_as_it_is(shown, file):
    edit(file, '{"version": 2}')
    exercises.hint("E0.1")
    exercises.hint("E0.1")
    assert file.read_text() == '{"version": 2}' and entry("E0.1")["hints"] == 2
    assert sum("newer version" in repr(page) for page in shown) == 1


def test_a_folder_that_cannot_be_written_costs_the_memory_and_one_note(shown, file):
    file.parent.write_text("a file where the folder should be")
    for _ in range(2):
        exercises.hint("E0.1")
    assert entry("E0.1")["hints"] == 2
    assert sum("cannot be stored" in repr(page) for page in shown) == 1
    exercises.reset_progress()
    assert "kept as" not in said(shown)


def test_what_could_not_be_written_is_written_when_there_is_room_again(shown, file):
    file.parent.write_text("a file where the folder should be")
    exercises.hint("E0.1")
    file.parent.unlink()
    check("E0.1", loop_average)
    stored = json.loads(file.read_text())["exercises"]["E0.1"]
    assert stored["hints"] == stored["tries"] == 1 and stored["done"]
    file.unlink()
    assert memory.read()["exercises"] == {}  # nothing is kept back


def test_on_a_full_disk_the_old_file_stays_and_the_ladder_goes_on(shown, file, refuse):
    exercises.hint("E2.1")
    before = file.read_text()
    refuse()
    for seen in (2, 3):
        exercises.hint("E2.1")
        assert f"hint {seen} of 3" in repr(shown[-1])
        assert file.read_text() == before and entry("E2.1")["hints"] == seen
    assert "No space left" in repr(shown[1])


def test_what_is_stored_can_still_be_revealed_on_a_full_disk(shown, refuse):
    exercises.predict("P0.1", choice="about 8 %")
    refuse()
    exercises.reveal("P0.1")
    check("E0.1", loop_average)
    assert memory.read()["predictions"]["P0.1"]["revealed"] and entry("E0.1")["done"]


def test_every_reset_forgets_and_keeps_what_was_there(shown, file):
    for answer in (loop_average, lambda p: p):
        check("E0.1", answer)
        exercises.reset_progress()
        assert memory.read()["exercises"] == {} and not file.exists()
        assert any(path.name in said(shown) for path in file.parent.glob("*reset*"))
    exercises.reset_progress()
    assert said(shown) == "Your progress is reset."
    kept = sorted(file.parent.glob("*reset*.json"))
    assert "progress.before_reset.json" in [path.name for path in kept]
    done = [json.loads(path.read_text())["exercises"]["E0.1"]["done"] for path in kept]
    assert sorted(done) == [False, True]


def test_a_reset_that_fails_forgets_nothing(shown, refuse):
    check("E0.1", loop_average)
    refuse()
    exercises.reset_progress()
    assert "could not be reset" in said(shown) and entry("E0.1")["done"]


def test_kernels_that_write_at_once_lose_nothing():
    def count(number):
        memory.update(lambda state: memory.exercise_entry(state, "E0.1")["slips"].append(number))

    numbers = [str(i) for i in range(50)]
    with ThreadPoolExecutor(len(numbers)) as writers:
        list(writers.map(count, numbers))
    assert sorted(entry("E0.1")["slips"], key=int) == numbers


def test_band_says_inside_and_raises_outside_only_when_strict(shown, monkeypatch):
    exercises.band("-ELBO [nats]", torch.tensor(24.1234), 23.5, 25)
    assert repr(shown[-1]) == "-ELBO [nats] = 24.12, between 23.5 and 25 over seeds and machines"
    assert "role" not in shown[-1]._repr_html_() and "strong" not in shown[-1]._repr_html_()
    exercises.band("-ELBO [nats]", 30, 23.5, 25)
    assert said(shown).startswith("[outside the band] -ELBO [nats] = 30 Over seeds and machines")
    assert "<strong>[outside the band]" in shown[-1]._repr_html_()
    monkeypatch.setenv("COURSE_STRICT", "1")
    exercises.band("-ELBO [nats]", 24, 23.5, 25)
    for outside in (30, float("nan")):
        with pytest.raises(AssertionError, match="outside the band"):
            exercises.band("-ELBO [nats]", outside, 23.5, 25)
    with pytest.raises(ValueError, match="low < high"):
        exercises.band("-ELBO [nats]", 24, 25, 23.5)


def test_a_page_is_the_same_in_html_and_in_text():
    page = render.Page("A < B", "right").say("use `a_b` & c", label="Hint").code("x < y")
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
    left = 'style="text-align: left"'
    assert f'<th scope="row" {left}>seventeen</th><td {left}>17<' in markup


def test_pages_are_displayed_in_both_forms(capsys):
    exercises.recall("02")
    assert "From memory" in capsys.readouterr().out
