"""What is asked again, in a notebook and in a terminal."""

from datetime import timedelta

import pytest
from learner import said, wrong
from reviews import DAY, MISSED, OTHER, item_called, miss, ready, waiting

from course_utils import exercises
from course_utils.exercises import check
from course_utils.exercises._engine import lessons
from course_utils.exercises._engine import review as reviewing
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_prediction
from course_utils.exercises._engine.review import AT_MOST, ReviewForm, rate

SLIP = "not summed"


pytestmark = pytest.mark.usefixtures("shown", "clock")  # a learner who begins on DAY


@pytest.fixture
def form_of(shown, clock, monkeypatch):
    """The form that asks of these predictions the day after, as if a kernel ran."""
    monkeypatch.setattr(reviewing, "get_ipython", lambda: type("Shell", (), {"kernel": 1}))

    def form(*missed):
        for name in missed:
            miss(name)
        clock.pass_(days=1)
        exercises.review()
        return shown[-1]

    return form


def test_who_begins_hears_what_review_is_and_when_it_comes(shown):
    exercises.review()
    text = said(shown)
    assert text.startswith("Nothing is due for review. The first questions come the day after")
    assert "1, 5, 14 and 30 days" in text and "at most eight" in text
    miss(MISSED)
    exercises.review()
    count = len(waiting())
    assert f"On 2026-03-03 {count} will be; {count} are on their way." in said(shown)


def test_a_slip_is_shown_marked_wrong_and_made_again_is_asked_again(clock):
    check("E3.1", wrong("E3.1", SLIP))
    name = f"E3.1: {SLIP}"
    assert waiting()[name] == DAY + timedelta(1)
    item = item_called(name)
    question, answer = repr(item.question), repr(item.answer)
    assert "a wrong answer like one of yours" in question and "# wrong" in question
    assert "What does it compute?" in question and '"""' not in question
    assert answer.startswith(SLIP) and "# wrong" not in answer
    for days in (1, 4, 9):
        clock.pass_(days=days)
        rate(item_called(name), right=True)
    assert name not in waiting()
    check("E3.1", wrong("E3.1", SLIP))
    assert waiting()[name] == memory.today() + timedelta(1)


def test_equations_are_those_before_something_that_was_answered():
    assert not any(name.startswith("(") for name in waiting())
    miss("P3.1")
    lesson = lessons.find_lesson("03")
    reached = {tag for tag, _, place in lesson.equations() if place < lesson.place("P3.1")}
    assert {name for name in waiting() if name.startswith("(")} == {f"({t})" for t in reached}
    assert reached and len(reached) < len(lesson.equations())
    tag = min(reached)
    item = item_called(f"({tag})")
    assert lessons.LINE in repr(item.question) and lessons.LINE not in repr(item.answer)
    assert "<math" in item.question._repr_html_() and "<math" in item.answer._repr_html_()


def test_the_answer_to_a_prediction_has_the_reply_to_one_s_own_choice(monkeypatch):
    miss(MISSED)
    prediction = find_prediction(MISSED)
    mine = reviewing.stored(prediction)["choice"]
    monkeypatch.setitem(prediction.replies, mine, "It tempts, since it is round.")
    item = item_called(MISSED)
    assert prediction.right in repr(item.answer) and "It tempts" in repr(item.answer)
    assert not any(choice in repr(item.question) for choice in prediction.choices)


def test_at_most_eight_are_asked_at_once(form_of):
    form = form_of("P2.1", "P2.3", "P3.1", "P4.1")
    assert len(ready()) > AT_MOST == len(form.items) == 8


def test_the_form_keeps_each_answer_once(form_of):
    form = form_of(MISSED, OTHER)
    assert isinstance(form, ReviewForm) and form.kept == 0
    form.rated = [True]
    form.rated = [True, False]
    assert form.kept == 2
    first, second = (item.name for item in form.items[:2])
    assert waiting()[first] == DAY + timedelta(5) and waiting()[second] == DAY + timedelta(2)
    assert memory.read()["reviews"][first]["right"] == ["2026-03-03"]
    form.rated = [True] * 99
    assert form.kept == len(form.items)


def test_the_form_without_a_kernel_shows_its_questions(form_of):
    data, _ = form_of(MISSED)._repr_mimebundle_()
    question = find_prediction(MISSED).question.split()[0]
    assert question in data["text/plain"] and question in data["text/html"]
    assert find_prediction(MISSED).because[:20] not in data["text/html"]


def typed(monkeypatch, *lines):
    """What the learner types; then the input ends."""
    lines = iter(lines)

    def read(prompt=""):
        print(prompt)
        for line in lines:
            return line
        raise EOFError

    monkeypatch.setattr("builtins.input", read)


def test_a_terminal_asks_shows_the_answer_and_has_it_rated(clock, monkeypatch, capsys):
    miss(MISSED)
    clock.pass_(days=1)
    names = ready()
    typed(monkeypatch, "", "perhaps", "R", "", "not yet")
    exercises.review()
    out = capsys.readouterr().out
    assert f"1 of {min(len(names), 8)}: " in out and out.count("Was yours right (r)") == 3
    prediction = find_prediction(MISSED)
    assert out.index(prediction.question[:20]) < out.index(prediction.because[:20])
    assert "Stopped; what you have not rated will be asked again." in out
    assert waiting()[names[0]] == DAY + timedelta(5) and waiting()[names[1]] == DAY + timedelta(2)
    typed(monkeypatch, *["", "r"] * 8)
    exercises.review()
    assert "That was all for today." in capsys.readouterr().out


def test_progress_says_how_many_are_due(shown, clock):
    miss(MISSED)
    exercises.progress("02")
    assert "Due from memory" not in said(shown)
    clock.pass_(days=1)
    exercises.progress("02")
    assert f"Due from memory: {len(ready())} questions; `review()` asks them." in said(shown)
