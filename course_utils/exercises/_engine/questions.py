"""Predictions and questions from memory: a page `text/02.md` for notebook 02."""

from dataclasses import dataclass
from pathlib import Path

from course_utils.exercises._engine.text import Part, joined, read_page

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
    for section in read_page(path).parts("## "):
        if section.title == "From memory":
            recall += map(_question, section.parts("### "))
        elif section.title == "Predictions":
            predictions += map(_prediction, section.parts("### "))
        else:
            mend = f"`## {section.title}` should be `## From memory` or `## Predictions`"
            raise section.error(mend)
    return tuple(recall), tuple(predictions)


def _question(part: Part) -> Question:
    texts = [text.strip() for _, text in part.lines]
    gap = texts.index("") if "" in texts else len(texts)
    answer = joined(part.lines[gap:])
    if not answer:
        raise part.error(f"question {part.title} needs an empty line, and its answer below")
    return Question(joined(part.lines[:gap]), answer)


def _prediction(part: Part) -> Prediction:
    places = [i for i, (_, text) in enumerate(part.lines) if text.startswith(_CHOICES)]
    chosen = [part.lines[i][1] for i in places]
    choices = [text.partition("] ")[2].strip() for text in chosen]
    right = [c for c, text in zip(choices, chosen, strict=True) if text.startswith("- [x] ")]
    question = joined(part.lines[: places[0]]) if places else ""
    because = joined(part.lines[places[-1] + 1 :]) if places else ""
    if len(choices) < 2 or len(right) != 1 or not question or not because:
        mend = "a question, two or more choices `- [ ] words`, the right one `- [x] words`, and why"
        raise part.error(f"{part.title} needs {mend}")
    return Prediction(part.title, question, tuple(choices), right[0], because)
