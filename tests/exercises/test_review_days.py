"""When things are asked again."""

import json
from datetime import timedelta

import pytest
from learner import my_log_mean_exp, said
from reviews import DAY, MISSED, OTHER, item_called, miss, ready, waiting

from course_utils import exercises
from course_utils.exercises import check, predict, reveal
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_prediction
from course_utils.exercises._engine.render import Page
from course_utils.exercises._engine.review import STEPS, WHEN_SURE, Item, due, rate

pytestmark = pytest.mark.usefixtures("shown", "clock")  # a learner who begins on DAY


def right_after(clock, *days):
    """So many days later it is due, and rated as right."""
    for span in days:
        clock.pass_(days=span)
        assert MISSED in ready()
        rate(item_called(MISSED), right=True)


def test_what_was_met_is_asked_the_day_after(clock):
    miss(MISSED)
    names = waiting()
    assert MISSED in names and "02, 1" in names and set(names.values()) == {DAY + timedelta(1)}
    assert not any(name.startswith("03") for name in names)  # not begun
    clock.pass_(days=1)
    assert ready() == list(names)


def test_right_predictions_and_those_not_revealed_are_not_asked():
    predict(MISSED, choice=find_prediction(MISSED).right)
    reveal(MISSED)
    other = find_prediction(OTHER)
    predict(OTHER, choice=next(c for c in other.choices if c != other.right))
    assert not {MISSED, OTHER} & set(waiting())


@pytest.mark.parametrize(("confidence", "steps"), [("rather", STEPS), ("sure", WHEN_SURE)])
def test_days_are_1_5_14_after_and_three_successes_are_enough(confidence, steps, clock):
    miss(MISSED, confidence)
    asked = []
    for _ in range(60):
        clock.pass_(days=1)
        if MISSED in ready():
            asked.append((memory.today() - DAY).days)
            rate(item_called(MISSED), right=True)
    assert asked == list(steps[:3]) and MISSED not in waiting()


def test_a_confident_miss_comes_first_and_again_after_a_week(clock):
    miss(OTHER)
    clock.pass_(days=1)
    miss(MISSED, "sure")
    clock.pass_(days=1)
    assert ready()[0] == MISSED and OTHER in ready()
    rate(item_called(MISSED), right=True)
    assert waiting()[MISSED] == DAY + timedelta(1 + 7)


def test_of_one_day_misses_come_before_questions_and_equations_last():
    for name in (MISSED, "P3.1", "P4.1"):
        miss(name)
    first = [name[0] for name in waiting()]
    assert first == sorted(first, key=["P", "0", "("].index)
    assert set(first) == {"P", "0", "("}


def test_what_was_missed_comes_again_tomorrow_and_keeps_its_successes(clock):
    miss(MISSED)
    right_after(clock, 1)
    clock.pass_(days=4)
    rate(item_called(MISSED), right=False)
    assert waiting()[MISSED] == memory.today() + timedelta(1)
    right_after(clock, 1, 4)
    assert MISSED not in waiting()


def test_to_reveal_again_postpones_nothing(clock):
    miss(MISSED)
    clock.pass_(days=1)
    reveal(MISSED)
    assert MISSED in ready()


def test_several_successes_on_one_day_are_one(clock):
    miss(MISSED)
    right_after(clock, 1)
    for _ in range(3):
        rate(item_called(MISSED), right=True)
    assert waiting()[MISSED] == DAY + timedelta(5)


def test_who_stays_away_is_asked_at_the_next_step_after_coming_back(clock):
    miss(MISSED)
    came = []
    for days in (10, 4, 16):
        clock.pass_(days=days)
        came.append(waiting()[MISSED])
        right_after(clock, 0)
    assert came == [DAY + timedelta(days) for days in (1, 14, 30)]
    assert MISSED not in waiting()


def test_the_last_step_repeats_for_ever(clock):
    clock.pass_(days=60)
    right = [(DAY + timedelta(days)).isoformat() for days in (31, 50)]
    item = Item("x", Page(""), Page(""), DAY)
    assert due(item, {"right": right}) == DAY + timedelta(50 + STEPS[-1])
    assert due(item, {}) == DAY + timedelta(1)


def test_what_was_met_before_days_were_noted_is_due_now_and_then_has_a_day(file):
    miss(MISSED)
    old = json.loads(file.read_text())
    del old["reviews"], old["work"]
    file.write_text(json.dumps(old))
    assert MISSED in ready() and "02, 1" in ready()
    rate(item_called(MISSED), right=True)
    assert waiting()[MISSED] == DAY + timedelta(1)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"since": 7, "right": "often"},
        {"since": "soon", "right": ["2026-03-03", None, 5, "x", []]},
        {"right": {"2026-03-03": 1}, "since": "9999-12-31"},
    ],
)
def test_reviews_edited_by_hand_hurt_nothing(spoilt, clock):
    miss(MISSED)
    miss(OTHER)
    memory.update(lambda state: state["reviews"].update({MISSED: spoilt, "P9.9": {}, "x": 3}))
    assert MISSED in waiting()
    clock.pass_(days=1)
    rate(item_called(MISSED), right=True)
    assert "2026-03-03" in memory.read()["reviews"][MISSED]["right"]
    for days in (4, 15, 40):
        clock.pass_(days=days)
        rate(item_called(MISSED), right=True)
        if MISSED not in waiting():
            return
    raise AssertionError("it never ends")


def test_a_stored_slip_or_choice_that_is_no_more_is_not_asked():
    check("E2.1", my_log_mean_exp)
    memory.update(lambda s: s["exercises"]["E2.1"]["slips"].extend(["gone", 3, None]))
    assert not any(name.startswith("E2.1:") for name in waiting())


def test_a_reset_forgets_reviews_and_minutes(shown, clock):
    miss(MISSED)
    for _ in range(2):
        check("E0.1", lambda p: p)
        clock.pass_(minutes=2)
    exercises.reset_progress()
    assert waiting() == {}
    exercises.progress("00")
    assert "nothing begun" in said(shown)
