"""Predictions: asked before the output, remembered, shown beside what came out; and questions."""

import html
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from course_utils._require import require_known
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_prediction, recall_questions
from course_utils.exercises._engine.render import Page, show
from course_utils.exercises._engine.text import Prediction

GUESS = 50  # percent: what "I only guess" is called, however many choices there are


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
    prediction_id: str, *, choice: str | None = None, confidence: int = 75, outcome: object = None
) -> None:
    """Ask for a prediction with its confidence; with outcome=, reveal it instead.

    Args:    prediction_id: such as "P2.1"; choice, confidence: answer without the form, the
             confidence in percent, 50 (a guess) to 100; outcome: what came out, see `reveal`.
    Raises:  ValueError for an unknown prediction, choice or confidence.
    """
    prediction = find_prediction(prediction_id)
    if outcome is not None:
        reveal(prediction_id, outcome)
    elif choice is not None:
        show(Page(remember(prediction, choice, confidence)))
    else:
        display(PredictionForm(prediction))


def reveal(prediction_id: str, outcome: object = None) -> None:
    """Show what the learner said beside what came out, and why; the prediction is then final.

    Args:    outcome: what the notebook computed, as text or number; default: the right choice.
    Raises:  ValueError for an unknown prediction.
    """
    prediction = find_prediction(prediction_id)
    said = stored(prediction)
    came = prediction.right if outcome is None else str(outcome)
    page = Page(prediction.question)
    if said:
        right = said["choice"] == prediction.right
        page.say(_said(said), label="You said")
        page.say(came, label="What came out")
        page.say("As you predicted." if right else f"The right choice was: {prediction.right}")
        revealed = {**said, "revealed": True}
        memory.update(lambda state: state["predictions"].update({prediction_id: revealed}))
    else:
        page.say(f"You have not predicted; what came out is {came}.")
    show(page.say(prediction.because))


def stored(prediction: Prediction) -> dict[str, Any] | None:
    """The learner's prediction: choice, confidence, revealed; None if there is none."""
    entry = memory.read()["predictions"].get(prediction.id, {})
    sure = entry.get("confidence")
    # A choice that is no longer offered, or a file edited by hand, counts as no prediction.
    if entry.get("choice") not in prediction.choices or not isinstance(sure, int):
        return None
    return {"revealed": False, **entry}


def remember(prediction: Prediction, choice: str, confidence: int) -> str:
    """Store a prediction unless it was revealed already; returns a sentence that says so.

    Args:    choice: one of the choices, or words that stand in only one of them.
    Raises:  ValueError for an unknown choice or a confidence outside 50 to 100.
    """
    meant = [words for words in prediction.choices if str(choice).lower() in words.lower()]
    choice = meant[0] if len(meant) == 1 else choice
    require_known("choice", choice, list(prediction.choices))
    if not isinstance(confidence, int) or not GUESS <= confidence <= 100:
        raise ValueError(
            f"confidence should be a whole number from 50 (a guess) to 100 (certain), but "
            f"{confidence!r} came; say 50 where you only guess."
        )
    said = stored(prediction)
    if said and said["revealed"]:
        return f"Already revealed; you had said: {_said(said)}."
    entry = {"choice": choice, "confidence": confidence, "revealed": False}

    def store(state: dict[str, Any]) -> None:
        if not state["predictions"].get(prediction.id, {}).get("revealed"):
            state["predictions"][prediction.id] = dict(entry)

    memory.update(store)
    return f"Remembered: {_said(entry)}."


def _said(entry: dict[str, Any]) -> str:
    """A prediction in words: "about 0.01 (90 % sure)", or "about 0.01 (a guess)"."""
    sure = entry["confidence"]
    return f"{entry['choice']} ({'a guess' if sure == GUESS else f'{sure} % sure'})"


class PredictionForm(widgets.VBox):
    """Choices, a confidence slider and a button; Tab, arrow keys and Enter are enough."""

    def __init__(self, prediction: Prediction) -> None:
        """Show the form, filled in with what is remembered."""
        said = stored(prediction) or {"choice": None, "confidence": 75, "revealed": False}
        self.prediction = prediction
        self.choices = widgets.RadioButtons(
            options=list(prediction.choices), value=said["choice"], layout={"width": "max-content"}
        )
        self.confidence = widgets.IntSlider(
            value=said["confidence"],
            min=GUESS,
            max=100,
            step=5,
            description="How sure? (50 % = a guess)",
            style={"description_width": "initial"},
            layout={"width": "32em"},  # the usual 300 px leave no track beside these words
        )
        self.button = widgets.Button(description="Remember", tooltip="Remember my prediction")
        self.answer = widgets.HTML()
        for control in (self.choices, self.confidence, self.button):
            control.disabled = said["revealed"]
        if said["choice"]:
            self._say(f"You said: {_said(said)}.")
        self.button.on_click(self._remember)
        question = widgets.HTML(f"<p><strong>{html.escape(prediction.question)}</strong></p>")
        super().__init__([question, self.choices, self.confidence, self.button, self.answer])

    def __repr__(self) -> str:
        """The question and its choices, the same at every run."""
        return repr(self._page())

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, Any]:
        """The widget; its question as HTML and text for where there is no kernel."""
        page = self._page()
        bundle = super()._repr_mimebundle_(**kwargs)
        return {**bundle, "text/plain": repr(page), "text/html": page._repr_html_()}

    def _page(self) -> Page:
        page = Page(f"Predict: {self.prediction.question}").items(self.prediction.choices)
        call = f'predict("{self.prediction.id}", choice="...", confidence=80)'
        return page.say(f"No form to fill in? Write `{call}`, with the words of your choice.")

    def _remember(self, _button: widgets.Button) -> None:
        if self.choices.value is None:
            self._say("Choose one first.")
            return
        self._say(remember(self.prediction, self.choices.value, self.confidence.value))

    def _say(self, text: str) -> None:
        self.answer.value = f'<p role="status">{html.escape(text)}</p>'
