"""Finds exercises, predictions and recall questions in the registry files ex00.py ... ex10.py."""

import functools
import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

from course_utils._require import require_known
from course_utils.exercises._exercise import Exercise, Prediction, Question


@functools.cache
def registries() -> dict[str, ModuleType]:
    """The registry modules by notebook, e.g. {"00": ex00, "02": ex02}, in order."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    found = sorted(name for name in names if re.fullmatch(r"ex\d\d", name))
    return {name[2:]: importlib.import_module(f"{__package__}.{name}") for name in found}


def all_exercises(notebook: str | None = None) -> dict[str, Exercise]:
    """Exercises by id, of one notebook or of all; ValueError for an unknown notebook."""
    return {item.id: item for module in _chosen(notebook) for item in module.EXERCISES}


def all_predictions(notebook: str | None = None) -> dict[str, Prediction]:
    """Predictions by id, of one notebook or of all; ValueError for an unknown notebook."""
    return {item.id: item for module in _chosen(notebook) for item in module.PREDICTIONS}


def find_exercise(exercise_id: str) -> Exercise:
    """The exercise of that id; ValueError with the known ids otherwise."""
    known = all_exercises()
    require_known("exercise", exercise_id, list(known))
    return known[exercise_id]


def find_prediction(prediction_id: str) -> Prediction:
    """The prediction of that id; ValueError with the known ids otherwise."""
    known = all_predictions()
    require_known("prediction", prediction_id, list(known))
    return known[prediction_id]


def recall_questions(notebook: str) -> tuple[Question, ...]:
    """The questions from memory that open a notebook; ValueError where it has none."""
    known = {name: module.RECALL for name, module in registries().items() if module.RECALL}
    require_known("set of recall questions", notebook, list(known))
    return known[notebook]


def _chosen(notebook: str | None) -> list[ModuleType]:
    if notebook is None:
        return list(registries().values())
    require_known("notebook with exercises", notebook, list(registries()))
    return [registries()[notebook]]
