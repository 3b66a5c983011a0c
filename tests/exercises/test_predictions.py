"""Predictions: asked, kept without a word of right or wrong, revealed; the form without a page."""

import dataclasses
import functools

import pytest
import traitlets
from learner import said

from course_utils import exercises
from course_utils.exercises._engine import predict as asking
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_prediction
from course_utils.exercises._engine.text import Prediction

pytestmark = pytest.mark.usefixtures("fresh_learner")

COIN = Prediction(
    id="P0.9",
    question="How often do two coins show the same side?",
    choices=("a third of the time", "half of the time", "`2 * p`"),
    right="half of the time",
    because="Whatever the first coin shows, the second agrees half of the time.",
    replies={
        "a third of the time": "A third counts three outcomes as equal.",
        "`2 * p`": "That is the mean number of heads.",
    },
)
WRONG, RIGHT, CODE = COIN.choices


@pytest.fixture(autouse=True)
def coin(monkeypatch):
    """The prediction that these tests ask for."""
    find = functools.partial(dict.get, {COIN.id: COIN})
    monkeypatch.setattr(asking, "find_prediction", lambda name: find(name) or find_prediction(name))


def entry() -> dict:
    return memory.read()["predictions"].get(COIN.id, {})


def put(**entry) -> None:
    memory.update(lambda state: state["predictions"].update({COIN.id: entry}))


def form_shown(shown) -> asking.PredictionForm:
    exercises.predict(COIN.id)
    return shown[-1]


def test_choosing_is_keeping_and_says_nothing_of_right_or_wrong(shown):
    form = form_shown(shown)
    form.chosen = 0
    assert (form.said, form.kept, entry()) == ("", "", {})  # how sure is still to be said
    told = set()
    for chosen, degree in ((0, "rather"), (1, "rather"), (2, "rather"), (2, "sure")):
        form.chosen, form.confidence = chosen, degree
        told.add(form.said)
        assert form.kept == f"{chosen} {degree}"
        kept = {"choice": COIN.choices[chosen], "confidence": degree, "revealed": False}
        assert entry() == kept == asking.stored(COIN)
    assert told == {"Kept."}


def test_the_form_does_not_take_what_it_did_not_offer(shown):
    form = form_shown(shown)
    with pytest.raises(traitlets.TraitError):
        form.confidence = "certain"
    form.chosen, form.confidence = 7, "sure"
    assert (form.said, entry()) == ("", {})


def test_a_form_begins_with_what_is_kept_and_all_forms_show_the_same(shown):
    exercises.predict(COIN.id, choice=WRONG, confidence="sure")
    first, second = form_shown(shown), form_shown(shown)
    second.chosen = 1
    for form in (first, second):
        assert (form.chosen, form.confidence, form.said) == (1, "sure", "Kept.")
    assert entry()["choice"] == RIGHT
    exercises.reset_progress()
    asking.refresh_forms()
    assert (first.chosen, first.confidence, first.kept, first.said) == (-1, "", "", "")


def test_a_choice_that_cannot_be_written_says_until_when_it_is_kept(shown, refuse):
    form = form_shown(shown)
    refuse()
    form.chosen, form.confidence = 0, "guess"
    assert form.said == "Kept until this kernel stops." and form.kept == "0 guess"
    assert asking.stored(COIN)["choice"] == WRONG


def test_the_form_reads_the_same_at_every_run_and_without_scripts(shown):
    bundles = []
    for choice in COIN.choices[:2]:
        exercises.predict(COIN.id, choice=choice)
        bundles.append(form_shown(shown)._repr_mimebundle_()[0])
    first, second = bundles
    assert first["text/plain"] == second["text/plain"] == repr(shown[-1])
    assert first["text/html"] == second["text/html"]
    assert "How often do two coins" in first["text/html"]
    choices = f"<ol><li>{WRONG}</li><li>{RIGHT}</li><li><code>2 * p</code></li></ol>"
    assert choices in first["text/html"]
    assert 'predict("P0.9", choice="...", confidence="rather")' in first["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in first
    assert shown[-1].choices == [WRONG, RIGHT, "<code>2 * p</code>"]
    states = [asking.PredictionForm(COIN).get_state() for _ in range(2)]
    for state in states:
        del state["layout"]  # a model of its own, whose id is drawn
    assert states[0] == states[1]


def test_a_wrong_prediction_is_answered_in_this_order(shown):
    exercises.predict(COIN.id, choice="third", confidence="sure")
    assert said(shown) == "Kept: a third of the time (sure)."
    exercises.reveal(COIN.id, outcome="They agreed in 503 of 1000 throws.")
    assert said(shown) == " ".join(
        [
            "How often do two coins show the same side?",
            "What came out: They agreed in 503 of 1000 throws.",
            "You said: a third of the time (sure). The right choice is: half of the time.",
            "A third counts three outcomes as equal.",
            "Whatever the first coin shows, the second agrees half of the time.",
            "If you had said: `2 * p` That is the mean number of heads.",
        ]
    )
    markup = shown[-1]._repr_html_()
    assert "<details><summary>If you had said: <code>2 * p</code></summary>" in markup
    assert markup.count("<details>") == 1


def test_a_right_prediction_hears_the_reason_and_may_open_the_replies(shown):
    exercises.predict(COIN.id, choice=RIGHT)
    exercises.predict(COIN.id, outcome=0.503)  # the same as reveal
    text = said(shown)
    assert "What came out: 0.503 You said: half of the time (rather). As you predicted." in text
    assert "The right choice" not in text and "counts three" in text
    assert shown[-1]._repr_html_().count("<details>") == 2


def test_a_revealed_prediction_is_final_here_and_in_another_kernel(shown):
    form = form_shown(shown)
    form.chosen, form.confidence = 0, "rather"
    exercises.reveal(COIN.id)
    assert "What came out: half of the time You said: a third of the time (rather)." in said(shown)
    assert form.revealed and form.said == "You said: a third of the time (rather)."
    exercises.predict(COIN.id, choice=RIGHT)
    assert said(shown) == "Already revealed; you had said: a third of the time (rather)."
    assert form_shown(shown).revealed
    put(choice=WRONG, confidence="sure", revealed=False)
    open_form = form_shown(shown)
    put(choice=WRONG, confidence="sure", revealed=True)  # by another kernel
    open_form.chosen = 1
    assert (open_form.revealed, open_form.chosen) == (True, 0) and entry()["choice"] == WRONG


def test_a_reveal_without_a_prediction_goes_on_and_can_still_be_predicted(shown):
    form = form_shown(shown)
    exercises.reveal(COIN.id, outcome="Half of them.")
    text = said(shown)
    assert "You have not predicted it. The right choice is: half of the time. Whatever" in text
    assert shown[-1]._repr_html_().count("<details>") == 2
    assert not form.revealed and entry() == {}
    exercises.predict(COIN.id, choice=RIGHT)
    exercises.reveal(COIN.id)
    assert "As you predicted." in said(shown)


def test_a_prediction_without_a_reply_to_the_choice_is_revealed_too(shown, monkeypatch):
    bare = dataclasses.replace(COIN, replies={})
    monkeypatch.setattr(asking, "find_prediction", lambda name: bare)
    exercises.predict(COIN.id, choice=WRONG)
    exercises.reveal(COIN.id)
    markup = shown[-1]._repr_html_()
    assert "(rather).</p><p>Whatever" in markup and "<details>" not in markup


@pytest.mark.parametrize(
    ("percent", "word"),
    [(50, "guess"), (51, "rather"), (75, "rather"), (89, "rather"), (90, "sure"), (100, "sure")],
)
def test_a_percent_of_earlier_days_is_read_as_a_word_and_stays_in_the_file(shown, percent, word):
    put(choice=WRONG, confidence=percent, revealed=False, more=1)
    assert asking.stored(COIN) == {"choice": WRONG, "confidence": word, "revealed": False}
    form = form_shown(shown)
    assert (form.chosen, form.confidence, form.said) == (0, word, "Kept.")
    exercises.reveal(COIN.id)
    assert f"You said: a third of the time ({word})." in said(shown)
    assert entry() == {"choice": WRONG, "confidence": percent, "revealed": True, "more": 1}
    with pytest.raises(ValueError, match=f"but {percent} came; write confidence=.{word}."):
        exercises.predict(COIN.id, choice=RIGHT, confidence=percent)


@pytest.mark.parametrize(
    "change",
    [{"choice": "an old choice"}, {"confidence": "perhaps"}, {"confidence": None}, {"choice": []}],
    ids=str,
)
def test_what_is_no_longer_understood_is_no_prediction_and_may_be_made_anew(shown, file, change):
    put(**{"choice": WRONG, "confidence": "sure", "revealed": True} | change)
    before = file.read_text()
    assert asking.stored(COIN) is None
    form = form_shown(shown)
    assert (form.chosen, form.said, form.revealed) == (-1, "", False)
    exercises.reveal(COIN.id)
    assert file.read_text() == before
    form.chosen, form.confidence = 1, "guess"
    assert asking.stored(COIN) == {"choice": RIGHT, "confidence": "guess", "revealed": False}


def test_what_cannot_be_predicted_is_refused():
    for wish, words in (
        ({"choice": "7"}, "no choice called '7'; known are: a third of the time, "),
        ({"choice": "of the time"}, "called 'of the time'"),  # stands in two of them
        ({"confidence": "certain"}, "no confidence called 'certain'; known are: guess, rather"),
        ({"confidence": 20}, "three words, guess, rather, sure, but 20 came; write"),
    ):
        with pytest.raises(ValueError, match=words):
            exercises.predict(COIN.id, **{"choice": WRONG} | wish)
    with pytest.raises(ValueError, match="no prediction called 'P9.9'"):
        exercises.predict("P9.9")
    assert entry() == {}
