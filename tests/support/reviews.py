"""What tests of reviews do: miss a prediction; see what is on its way."""

from datetime import date

from course_utils.exercises import predict, reveal
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_prediction
from course_utils.exercises._engine.review import due_items

DAY = date(2026, 3, 2)  # where the clock of `conftest.py` begins
MISSED, OTHER = "P2.1", "P2.3"


def miss(name, confidence="rather"):
    prediction = find_prediction(name)
    choice = next(choice for choice in prediction.choices if choice != prediction.right)
    predict(name, choice=choice, confidence=confidence)
    reveal(name)


def waiting():
    """Names and days of all that is on its way, in order."""
    return {item.name: day for day, item in due_items(memory.read())}


def item_called(name):
    return next(item for _, item in due_items(memory.read()) if item.name == name)


def ready():
    return [name for name, day in waiting().items() if day <= memory.today()]
