"""The pages of exercises and questions: what is read, and what a bad page is told."""

import dataclasses
import re

import pytest
from places import ROOT

from course_utils.exercises._engine import exercise as exercises
from course_utils.exercises._engine.registry import all_exercises, all_predictions, find_exercise
from course_utils.exercises._engine.text import TEXTS, TextError, read_exercise, read_questions

PAGE = """---
title: An average
difficulty: 1
minutes: 3
points: 1
---
## Hints
1. Which axis holds
   the samples?
2. The first.

## Slips
### sum
- `.mean(dim=0)` → `.sum(0)`

A sum is not
an average.
### all of it
```python
def everything(p):
    return p.mean()
```

One number for each example.
"""


QUESTIONS = """## From memory
### 1
What is p?

A density.

## Predictions
### P0.1
Heads?

- [ ] never
  Never is what a die
  says of seven.
- [x] often
- [ ] always
  Two-headed coins do that.

A coin has two sides.
"""


ANSWERS = QUESTIONS[QUESTIONS.index("- [x]") : QUESTIONS.index("\nA coin")]


@pytest.fixture
def page(tmp_path):
    """The path of PAGE or QUESTIONS, with these words exchanged."""

    def write(text, old="", new=""):
        assert old in text
        path = tmp_path / ("E0.1.md" if text is PAGE else "00.md")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_a_page_says_all_there_is_to_know(page):
    text = read_exercise(page(PAGE))
    assert (text.title, text.difficulty, text.minutes, text.points) == ("An average", 1, 3, 1)
    assert text.hints == ("Which axis holds the samples?", "The first.")
    first, second = text.slips
    assert (first.name, first.hint) == ("sum", "A sum is not an average.")
    found = [(item.line, item.whole) for item in (*first.items, *second.items)]
    assert found == [(14, False), (20, True)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("---\ntitle", "title", "line 1: expected `---`"),
        ("title: An average", "name: An average", "line 2: expected one of title, difficulty"),
        ("title: An average\n", "", "line 5: `title: ...` is missing above this line"),
        ("difficulty: 1", "difficulty: 4", "difficulty should be a whole number from 1 to 3"),
        ("points: 1", "points: none", "points should be a whole number from 1 to 10, not none"),
        ("## Hints", "Hints", "line 7: expected a heading `## ...` before any text"),
        ("## Slips", "## Mistakes", "`## Mistakes` should be `## Hints` or `## Slips`"),
        ("1. Which", "- Which", "line 8: expected a list that begins with `1. `"),
        ("### all of it", "### sum", "line 18: `sum` is the name of a slip above"),
        ("A sum is not\nan average.\n", "", "line 13: `sum` needs a hint below its items"),
        ("- `.mean(dim=0)` → `.sum(0)`\n", "", "line 13: `sum` needs an item, such as"),
        ("an average.", "- `p` → `2 * p`", "line 17: items come before the hint; move this"),
        ("p.mean()\n```\n", "p.mean()\n", "line 19: this block is not closed"),
    ],
)
def test_a_bad_page_is_told_file_line_and_mend(page, old, new, told):
    with pytest.raises(TextError) as error:
        read_exercise(page(PAGE, old, new))
    assert str(error.value).startswith("E0.1.md, line ") and told in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("`.mean(dim=0)`", "`.mean(0)`", "line 14: `.mean(0)` stands 0 times in the reference"),
        (
            "- `.m",
            "- known by `luck`\n- `.m",
            "line 13: there is no `luck` in course_utils.exercises.ex00",
        ),
    ],
)
def test_an_item_that_fits_no_reference_is_told_so_too(page, monkeypatch, old, new, told):
    monkeypatch.setattr(exercises.pages, "TEXTS", page(PAGE, old, new).parent)
    with pytest.raises(TextError) as error:
        _ = dataclasses.replace(find_exercise("E0.1")).slips
    assert told in str(error.value)


def test_a_page_that_is_not_there_is_named():
    with pytest.raises(TextError, match=r"E9\.9\.md: there is no such page in the folder text/"):
        read_exercise(TEXTS / "E9.9.md")


def test_questions_and_predictions_are_read(page):
    (question,), (prediction,) = read_questions(page(QUESTIONS))
    assert (question.question, question.answer) == ("What is p?", "A density.")
    assert (prediction.choices, prediction.right) == (("never", "often", "always"), "often")
    assert prediction.replies == {
        "never": "Never is what a die says of seven.",
        "always": "Two-headed coins do that.",
    }
    assert prediction.because == "A coin has two sides."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("\nA density.\n", "", "line 2: question 1 needs an empty line, and its answer below"),
        ("- [x] often", "- [ ] often", "line 8: P0.1 needs a question, two or more choices"),
        (ANSWERS, "", "line 8: P0.1 needs a question, two or more choices"),
        ("  Never is", "Never is", "line 12: indent a reply to the choice above by two spaces"),
        ("A coin has two sides.\n", "", "line 8: P0.1 needs a question"),
        ("## Predictions", "## Guesses", "line 7: `## Guesses` should be `## From memory` or"),
    ],
)
def test_bad_questions_are_told_file_line_and_mend(page, old, new, told):
    with pytest.raises(TextError) as error:
        read_questions(page(QUESTIONS, old, new))
    assert str(error.value).startswith("00.md, ") and told in str(error.value)


ALL_OF = re.compile(
    r"\b(all|none|both|neither|either|any) of (the (above|others|rest)|these|them)\b"
)


def weaknesses(prediction) -> list[str]:
    """What the choices of a prediction lack."""
    wrong = [choice for choice in prediction.choices if choice != prediction.right]
    found = [f"{len(prediction.choices)} choices, not three"] * (len(prediction.choices) != 3)
    found += [f"no reply to `{choice}`" for choice in wrong if choice not in prediction.replies]
    found += ["a reply to the right choice"] * (prediction.right in prediction.replies)
    return found + [f"`{choice}`" for choice in prediction.choices if ALL_OF.search(choice.lower())]


@pytest.mark.parametrize("prediction", all_predictions().values(), ids=lambda item: item.id)
def test_a_prediction_has_three_choices_and_answers_the_wrong_ones(prediction):
    assert weaknesses(prediction) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("- [ ] always\n  Two-headed coins do that.\n", "", ["2 choices, not three"]),
        ("- [ ] always", "- [ ] some\n- [ ] always", ["4 choices, not three", "no reply to `s"]),
        ("  Two-headed coins do that.\n", "", ["no reply to `always`"]),
        ("- [x] often", "- [x] often\n  So it is.", ["a reply to the right choice"]),
        ("- [x] often", "- [x] None of the above", ["`None of the above`"]),
        ("- [ ] always", "- [ ] all of these", ["`all of these`"]),
    ],
)
def test_a_weak_prediction_is_found(page, old, new, found):
    ((prediction,),) = read_questions(page(QUESTIONS, old, new))[1:]
    told = weaknesses(prediction)
    assert len(told) == len(found)
    assert all(words.startswith(start) for words, start in zip(told, found, strict=True))


def test_every_page_belongs_to_an_exercise_or_a_notebook():
    notebooks = {path.name[:2] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.stem for path in TEXTS.iterdir()} == {*all_exercises(), *notebooks, "any"}


def test_pages_read_well():
    """Lines within 100 columns, but for items; whole functions are few and short."""
    blocks, long = [], []
    for path in sorted(TEXTS.iterdir()):
        text = path.read_text(encoding="utf-8")
        long += [
            f"{path.name}, line {number}: {len(line)} columns"
            for number, line in enumerate(text.splitlines(), 1)
            if len(line) > 100 and not line.startswith("- ")
        ]
        blocks += re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert long == []
    assert len(blocks) <= 40 and max(block.count("\n") for block in blocks) <= 8
