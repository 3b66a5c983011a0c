"""Predictions and questions from memory: a page `text/02.md` for notebook 02."""

from dataclasses import dataclass
from pathlib import Path

from course_utils.exercises._engine.text import Lines, TextError, error_at, parts, read_lines

_CHOICES = ("- [ ] ", "- [x] ")


@dataclass(frozen=True)
class Prediction:
    """A question asked before its surprising output.

    Args:    choices: at least two; right: one of them; because: the explanation at the reveal.
    """

    id: str
    question: str
    choices: tuple[str, ...]
    right: str
    because: str


@dataclass(frozen=True)
class Question:
    """A question from memory and its model answer."""

    question: str
    answer: str


def read_questions(path: Path) -> tuple[tuple[Question, ...], tuple[Prediction, ...]]:
    """The questions from memory that open a notebook, and the notebook's predictions.

    Raises:  TextError with file, line and mend.
    """
    recall: list[Question] = []
    predictions: list[Prediction] = []
    for title, number, lines in parts(path, read_lines(path), "## "):
        entries = parts(path, lines, "### ")
        if title == "From memory":
            recall += [_question(path, *entry) for entry in entries]
        elif title == "Predictions":
            predictions += [_prediction(path, *entry) for entry in entries]
        else:
            mend = f"`## {title}` should be `## From memory` or `## Predictions`"
            raise error_at(path, number, mend)
    return tuple(recall), tuple(predictions)


def _question(path: Path, name: str, number: int, lines: Lines) -> Question:
    gap = next((i for i, (_, text) in enumerate(lines) if not text.strip()), len(lines))
    question, answer = _joined(lines[:gap]), _joined(lines[gap:])
    if not answer:
        raise error_at(path, number, f"question {name} needs an empty line, and its answer below")
    return Question(question, answer)


def _prediction(path: Path, name: str, number: int, lines: Lines) -> Prediction:
    chosen = [(line, text) for line, text in lines if text.startswith(_CHOICES)]
    choices = tuple(_words(text) for _, text in chosen)
    right = [_words(text) for _, text in chosen if text.startswith("- [x] ")]
    if len(choices) < 2 or len(right) != 1:
        raise _unclear(path, name, number)
    first, last = chosen[0][0], chosen[-1][0]
    question = _joined([(line, text) for line, text in lines if line < first])
    because = _joined([(line, text) for line, text in lines if line > last])
    if not question or not because:
        raise _unclear(path, name, number)
    return Prediction(name, question, choices, right[0], because)


def _words(choice: str) -> str:
    return choice.partition("] ")[2].strip()


def _unclear(path: Path, name: str, number: int) -> TextError:
    mend = "a question, two or more choices `- [ ] words`, the right one `- [x] words`, and why"
    return error_at(path, number, f"{name} needs {mend}")


def _joined(lines: Lines) -> str:
    return " ".join(text.strip() for _, text in lines if text.strip())
