"""The sheets to fill in."""

import re

import pytest

from course_utils.exercises._engine import lessons
from course_utils.exercises._engine.lessons import LINE, find_lesson
from course_utils.exercises._engine.sheets import sheet, write_sheets

NUMBERS = [f"{number:02}" for number in range(1, 10)]


@pytest.fixture(params=NUMBERS)
def sides(request):
    """What stands on the two sides, with the notebook they are about."""
    lesson = find_lesson(request.param)
    page = sheet(request.param, lesson)
    front, back = page.partition('<section class="back"')[::2]
    return lesson, front.partition("<main>")[2], back


def test_in_front_are_gaps_and_behind_none(sides):
    lesson, front, back = sides
    equations = lesson.equations()
    assert len(lesson.sentences()) == 4
    assert front.count(LINE) == len(equations) + 4 and LINE not in back
    for side in (front, back):
        numbers = re.findall(r'"equation"><span>\((\d\.\d+)\)', side)
        assert numbers == [equation[0] for equation in equations]
        assert side.count("<h2>") == 3 and "$" not in side


def test_questions_are_asked_in_front_and_answered_behind(sides):
    _, front, back = sides
    questions, answered = (re.findall(r"<li>(.*?) <em>(.*?)</em></li>", side) for side in sides[1:])
    assert [question for question, _ in questions] == [question for question, _ in answered]
    assert 3 <= len(questions) <= 4
    assert not any(answer for _, answer in questions) and all(answer for _, answer in answered)


def test_a_sheet_needs_nothing_from_elsewhere(sides, tmp_path):
    lesson, _, _ = sides
    page = sheet(lesson.title[:2], lesson)
    assert not re.search(r"(?:src|href|url\(|@import|http)", page)
    assert '<html lang="en">' in page and f"<title>{lesson.title}: a sheet" in page


def test_one_is_written_for_each_notebook_that_comes_down_to_something(tmp_path, monkeypatch):
    names = [path.name for path in write_sheets(tmp_path / "new" / "folder")]
    assert names == [f"{number}_sheet.html" for number in NUMBERS]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    assert write_sheets(tmp_path) == []
