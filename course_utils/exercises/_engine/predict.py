"""Predictions: asked before the output, kept, shown beside what came out; and questions."""

import weakref
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from course_utils._require import require_known
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_prediction, recall_questions
from course_utils.exercises._engine.render import Page, inline, show
from course_utils.exercises._engine.text import Prediction

CONFIDENCE = ("guess", "rather", "sure")


def read_esm(name: str) -> str:
    """The browser's part of a form, with what all forms need."""
    files = (Path(__file__).with_name(one) for one in ("keys.js", name))
    return "\n".join(file.read_text("utf-8") for file in files)


class Form(anywidget.AnyWidget):
    """Shows pages where no script runs, the same at every run."""

    _css = Path(__file__).with_name("form.css").read_text("utf-8")

    def __init__(self, *pages: Page, **traits: object) -> None:
        """Hold the pages."""
        self.pages = pages
        super().__init__(**traits)

    def __repr__(self) -> str:
        """The pages as text."""
        return "\n\n".join(map(repr, self.pages))

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        """The form, and the pages as HTML and text."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        markup = "".join(page._repr_html_() for page in self.pages)
        return data | {"text/plain": repr(self), "text/html": markup}, metadata


def recall(notebook: str) -> None:
    """Show the questions from memory that open a notebook; "02" asks about notebook 01.

    Raises:  ValueError with the known notebooks if this one has no questions.
    """
    page = Page("From memory: answer aloud, then open the answer.")
    for number, item in enumerate(recall_questions(notebook), 1):
        page.say(item.question, label=f"Question {number}")
        page.fold(f"A good answer to question {number}", item.answer)
    show(page)


def predict(
    prediction_id: str,
    *,
    choice: str | None = None,
    confidence: str = "rather",
    outcome: object = None,
) -> None:
    """Ask for a prediction and how sure it is; with outcome=, reveal it instead.

    Args:    prediction_id: such as "P2.1"; choice: the answer without the form, words that stand
             in only one of the choices; confidence: "guess", "rather" or "sure"; outcome: what
             came out, see `reveal`.
    Raises:  ValueError for an unknown prediction, choice or confidence.
    """
    prediction = find_prediction(prediction_id)
    if outcome is not None:
        reveal(prediction_id, outcome)
    elif choice is not None:
        word = keep(prediction, choice, confidence)
        show(Page(f"{word}: {_in_words(stored(prediction))}."))
    else:
        display(PredictionForm(prediction))


def reveal(prediction_id: str, outcome: object = None) -> None:
    """Show what came out, what the learner said, and why; the prediction is then final.

    Args:    outcome: what the notebook computed, in words; default: the right choice.
    Raises:  ValueError for an unknown prediction.
    """
    prediction = find_prediction(prediction_id)
    said, right = stored(prediction), prediction.right
    mine = said and said["choice"]
    page = Page(prediction.question)
    page.say(right if outcome is None else str(outcome), label="What came out")
    meant = "" if outcome is None else f" The right choice is: {right}."
    if not said:
        page.say(f"You have not predicted it.{meant}")
    elif mine == right:
        page.say(f"{_in_words(said)}. As you predicted.", label="You said")
    else:
        page.say(f"{_in_words(said)}.{meant}", label="You said")
        if mine in prediction.replies:
            page.say(prediction.replies[mine])
    page.say(prediction.because)
    for choice, reply in prediction.replies.items():
        if choice != mine:
            page.fold(f"If you had said: {choice}", reply)
    show(page)
    if said:

        def seal(state: memory.State) -> None:
            state["predictions"].setdefault(prediction_id, dict(said))["revealed"] = True

        memory.update(seal, prediction_id)
        refresh_forms(prediction_id)


def stored(prediction: Prediction) -> dict[str, Any] | None:
    """The learner's prediction: choice, confidence, one of CONFIDENCE, and revealed; or None."""
    return _understood(prediction, memory.read()["predictions"])


def keep(prediction: Prediction, choice: str, confidence: str) -> str:
    """Store a prediction unless it was revealed already; returns words for what was done.

    Args:    choice: one of the choices, or words that stand in only one of them.
    Raises:  ValueError for an unknown choice or confidence.
    """
    meant = [words for words in prediction.choices if str(choice).lower() in words.lower()]
    choice = meant[0] if len(meant) == 1 else choice
    require_known("choice", choice, list(prediction.choices))
    if isinstance(confidence, int | float):
        raise ValueError(
            f"confidence is one of three words, {', '.join(CONFIDENCE)}, but {confidence!r} came; "
            f'write confidence="{_of_percent(confidence)}".'
        )
    require_known("confidence", confidence, list(CONFIDENCE))
    said = stored(prediction)
    if said and said["revealed"]:
        return "Already revealed; you had said"
    entry = {"choice": choice, "confidence": confidence, "revealed": False}
    if said != entry:
        memory.update(lambda state: _enter(state["predictions"], prediction, entry), prediction.id)
        refresh_forms(prediction.id)
    return _kept()


def refresh_forms(prediction_id: str | None = None) -> None:
    """Let all forms in this kernel, or those of one prediction, show what is stored."""
    for form in list(_forms):
        if prediction_id in (None, form.prediction.id):
            form.follow()


def _kept() -> str:
    return "Kept until this kernel stops" if memory.waits() else "Kept"


def _of_percent(sure: float) -> str:
    return CONFIDENCE[(sure > 50) + (sure >= 90)]


def _in_words(entry: dict[str, Any]) -> str:
    """A prediction in words: "about 0.01 (rather)"."""
    return f"{entry['choice']} ({entry['confidence']})"


def _understood(prediction: Prediction, entries: dict[str, Any]) -> dict[str, Any] | None:
    entry = entries.get(prediction.id, {})
    sure = entry.get("confidence")
    if type(sure) is int:  # percent, which the course asked for at first
        sure = _of_percent(sure)
    # A choice that is no longer offered, or a file edited by hand, counts as no prediction.
    if entry.get("choice") not in prediction.choices or sure not in CONFIDENCE:
        return None
    return {"choice": entry["choice"], "confidence": sure, "revealed": bool(entry.get("revealed"))}


def _enter(entries: dict[str, Any], prediction: Prediction, entry: dict[str, Any]) -> None:
    now = _understood(prediction, entries)
    if not (now and now["revealed"]):  # by another kernel, by now
        entries[prediction.id] = dict(entry)


class PredictionForm(Form):
    """Choices and three degrees of confidence as radio buttons; choosing is keeping."""

    _esm = read_esm("form.js")
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    degrees = traitlets.List(list(CONFIDENCE)).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)  # the place of a choice
    confidence = traitlets.Enum(("", *CONFIDENCE), "").tag(sync=True)
    kept = traitlets.Unicode().tag(sync=True)  # f"{chosen} {confidence}" as it was stored
    said = traitlets.Unicode().tag(sync=True)  # what there is to say of it
    revealed = traitlets.Bool().tag(sync=True)

    def __init__(self, prediction: Prediction) -> None:
        """Show the form, filled in with what is stored."""
        self.prediction = prediction
        page = Page(f"Predict: {prediction.question}").items(prediction.choices)
        call = f'predict("{prediction.id}", choice="...", confidence="rather")'
        page.say(f"No form to fill in? Write `{call}`, with the words of your choice.")
        choices = [inline(words) for words in prediction.choices]
        super().__init__(page, question=inline(prediction.question), choices=choices)
        self.follow()
        self.observe(self._keep, ["chosen", "confidence"])
        _forms.add(self)

    def follow(self) -> None:
        """Show what is stored."""
        said = stored(self.prediction)
        with self.hold_trait_notifications():
            self.revealed = bool(said and said["revealed"])
            self.chosen = self.prediction.choices.index(said["choice"]) if said else -1
            self.confidence = said["confidence"] if said else ""
            self.kept = f"{self.chosen} {self.confidence}" if said else ""
            self.said = f"{_kept()}." if said else ""
            if self.revealed:
                self.said = f"You said: {_in_words(said)}."

    def _keep(self, _change: object) -> None:
        if 0 <= self.chosen < len(self.choices) and self.confidence and not self.revealed:
            keep(self.prediction, self.prediction.choices[self.chosen], self.confidence)
            self.follow()


_forms: "weakref.WeakSet[PredictionForm]" = weakref.WeakSet()
