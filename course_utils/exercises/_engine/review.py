"""What was learned is asked again, days later: `review`, its questions and their days."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import traitlets
from IPython import get_ipython

from course_utils.exercises._engine import registry
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.lessons import find_lesson, gapped
from course_utils.exercises._engine.predict import Form, read_esm, stored
from course_utils.exercises._engine.render import Page, show
from course_utils.exercises._engine.text import Prediction

STEPS = (1, 5, 14, 30)  # days after it was learned, or missed
WHEN_SURE = (1, 7, 14, 30)  # of a confident miss: such an error comes back within a week
ENOUGH = 3  # successes, on different days
AT_MOST = 8  # questions at once
WHAT = (
    "Review asks again what you met: questions from memory, predictions that surprised you, your "
    "own slips, equations with a gap. Each comes after 1, 5, 14 and 30 days, until it was right "
    "on three of them, and at most eight at once."
)
Days = dict[str, date | None]  # by name: since when, where that is known


@dataclass(frozen=True)
class Item:
    """One thing to be asked; name: in the state; sure: it was missed by somebody who was sure."""

    name: str
    question: Page
    answer: Page
    since: date | None
    sure: bool = False

    @property
    def kind(self) -> int:
        """0 for predictions and slips, 1 for questions from memory, 2 for equations."""
        return 1 + (self.name[0] == "(") - (self.name[0] in "PE")


def review() -> None:
    """Ask what is due, by a form in a notebook, by the keyboard in a terminal; rate yourself."""
    found = due_items(memory.read())
    ready = [item for day, item in found if day <= memory.today()][:AT_MOST]
    if not ready:
        show(_nothing(found))
    elif getattr(get_ipython(), "kernel", None):
        show(ReviewForm(ready))
    else:
        _ask(ready)


def due_items(state: memory.State) -> list[tuple[date, Item]]:
    """All that will be asked, with its day: confident misses first; of a day, equations last."""
    entries = memory.notes(state, "reviews")
    items = itertools.chain.from_iterable(_items(state, name) for name in registry.registries())
    found = [(due(item, entries.get(item.name, {})), item) for item in items]
    known = [(day, item) for day, item in found if day]
    return sorted(known, key=lambda pair: (not pair[1].sure, pair[0], pair[1].kind))


def due(item: Item, entry: dict[str, Any]) -> date | None:
    """The day it is asked next; None once it was right on enough days, and met no more since."""
    right, since = _days(entry.get("right")), _day(entry.get("since")) or item.since
    if len(right) >= ENOUGH and (since is None or right[-1] > since):
        return None
    if since is None:
        return memory.today()
    asked = (right[-1] - since).days if right else 0
    steps = WHEN_SURE if item.sure else STEPS
    step = next((step for step in steps if step > asked), asked + steps[-1])
    return since + timedelta(step)


def rate(item: Item, right: bool) -> None:
    """Store how today's answer was; one that was missed begins again tomorrow."""
    today = memory.today()

    def edit(state: memory.State) -> None:
        entry = memory.notes(state, "reviews").setdefault(item.name, {})
        since = (_day(entry.get("since")) or item.since or today) if right else today
        days = {*_days(entry.get("right")), *([today] if right else [])}
        entry.update(since=since.isoformat(), right=sorted(day.isoformat() for day in days))

    memory.update(edit)


def asked(prediction: Prediction) -> str:
    """Its question, without the choices."""
    return prediction.question + ("" if prediction.question.endswith("?") else " …")


def answered(state: memory.State, notebook: str) -> Days:
    """The exercises tried and the predictions made in a notebook, with the day of the first."""
    tried = [
        n for n in registry.all_exercises(notebook) if memory.exercise_entry(state, n)["tries"]
    ]
    said = [name for name, item in registry.all_predictions(notebook).items() if stored(item)]
    entries = memory.notes(state, "reviews")
    return {name: _day(entries.get(name, {}).get("since")) for name in (*tried, *said)}


def _items(state: memory.State, notebook: str) -> Iterator[Item]:
    days = answered(state, notebook)
    if days:
        yield from _predictions(notebook, days)
        yield from _slips(state, notebook)
        yield from _questions(notebook, _first(days))
        yield from _equations(notebook, days)


def _predictions(notebook: str, days: Days) -> Iterator[Item]:
    for name, item in registry.all_predictions(notebook).items():
        said = stored(item)
        if not said or not said["revealed"] or said["choice"] == item.right:
            continue
        answer = Page(item.right).say(item.because)
        if reply := item.replies.get(said["choice"]):
            answer.say(reply, label=f"You had said {said['choice']}")
        question = Page(f"{name}, which surprised you").say(asked(item))
        yield Item(name, question, answer, days[name], said["confidence"] == "sure")


def _slips(state: memory.State, notebook: str) -> Iterator[Item]:
    for name, exercise in registry.all_exercises(notebook).items():
        slips = {slip.name: slip for slip in exercise.slips if slip.sources}
        for made in memory.exercise_entry(state, name)["slips"]:
            if isinstance(made, str) and made in slips:
                wrong, right = (_lines(s) for s in (slips[made].sources[0], exercise.source))
                marked = (f"{line}  # wrong" if line not in right else line for line in wrong)
                question = Page(f"{name} {exercise.text.title}: a wrong answer like one of yours")
                question.code("\n".join(marked)).say("What does it compute?")
                answer = Page(made).say(slips[made].hint)
                answer.code("\n".join(line for line in right if line not in wrong))
                yield Item(f"{name}: {made}", question, answer, None)


def _questions(notebook: str, since: date | None) -> Iterator[Item]:
    for number, item in enumerate(registry.all_questions().get(notebook, ()), 1):
        answer = Page("A good answer").say(item.answer)
        yield Item(f"{notebook}, {number}", Page("From memory").say(item.question), answer, since)


def _equations(notebook: str, days: Days) -> Iterator[Item]:
    """Those that stand before something that was answered."""
    lesson = find_lesson(notebook)
    places = {name: lesson.place(name) for name in days} if lesson else {}
    for number, tex, at in lesson.equations() if lesson else ():
        later = {name: days[name] for name, place in places.items() if place > at}
        if later and (gap := gapped(tex)):
            question = Page("What stands in the gap?").math(gap)
            answer = Page(f"Equation ({number})").math(tex)
            yield Item(f"({number})", question, answer, _first(later))


def _first(days: Days) -> date | None:
    """The earliest; None if one is not known, since that was before days were noted."""
    return None if None in days.values() else min(days.values())


def _lines(source: str) -> list[str]:
    """Of a function, without its docstring."""
    return re.sub(r'\n\s*""".*?"""', "", source, count=1, flags=re.DOTALL).rstrip().splitlines()


def _day(text: object) -> date | None:
    try:
        return min(date.fromisoformat(text), memory.today())
    except (TypeError, ValueError):  # none, or edited by hand
        return None


def _days(texts: object) -> list[date]:
    days = map(_day, texts) if isinstance(texts, list) else ()
    return sorted({day for day in days if day})


def _nothing(found: list[tuple[date, Item]]) -> Page:
    words = "The first questions come the day after your first prediction or check."
    if days := [day for day, _ in found]:
        count = days.count(min(days))
        words = f"On {min(days).isoformat()} {count} will be; {len(days)} are on their way."
    return Page("Nothing is due for review.").say(words).say(WHAT)


class ReviewForm(Form):
    """A question after the other, its answer, and two buttons to rate one's own."""

    _esm = read_esm("review.js")
    questions = traitlets.List().tag(sync=True)
    answers = traitlets.List().tag(sync=True)
    rated = traitlets.List().tag(sync=True)  # was it right? of those asked so far
    kept = traitlets.Int().tag(sync=True)  # so many of them are stored

    def __init__(self, items: list[Item]) -> None:
        """Begin with the first."""
        self.items = items
        pages = [item.question for item in items]
        answers = [item.answer._repr_html_() for item in items]
        super().__init__(*pages, questions=[p._repr_html_() for p in pages], answers=answers)
        self.observe(self._rate, "rated")

    def _rate(self, _change: object) -> None:
        for item, right in list(zip(self.items, self.rated, strict=False))[self.kept :]:
            rate(item, bool(right))
            self.kept += 1


def _ask(items: list[Item]) -> None:
    try:
        for number, item in enumerate(items, 1):
            print(f"\n{number} of {len(items)}: {item.question!r}\n")
            input("Answer aloud; Enter shows the answer. ")
            print(f"\n{item.answer!r}\n")
            said = ""
            while said[:1] not in ("r", "n"):
                said = input("Was yours right (r), or not yet (n)? ").strip().lower()
            rate(item, said[0] == "r")
    except (EOFError, KeyboardInterrupt):
        print("\nStopped; what you have not rated will be asked again.")
    else:
        print("\nThat was all for today.")
