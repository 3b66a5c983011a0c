"""Finds exercises in the files ex00.py ... ex10.py, and words in the pages of `text/`."""

import functools
import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from course_utils._require import require_known
from course_utils.exercises._engine.exercise import Exercise
from course_utils.exercises._engine.text import TEXTS, Prediction, Question, read_questions


@functools.cache
def registries() -> dict[str, ModuleType]:
    """The registry modules by notebook, e.g. {"00": ex00, "02": ex02}, in order."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parents[1])]))
    found = sorted(name for name in names if re.fullmatch(r"ex\d\d", name))
    return {name[2:]: importlib.import_module(f"course_utils.exercises.{name}") for name in found}


def all_exercises(notebook: str | None = None) -> dict[str, Exercise]:
    """Exercises by id, of one notebook or of all; ValueError for an unknown notebook."""
    return {e.id: e for name in _chosen(notebook) for e in registries()[name].EXERCISES}


def all_predictions(notebook: str | None = None) -> dict[str, Prediction]:
    """Predictions by id, of one notebook or of all; ValueError for an unknown notebook."""
    return {item.id: item for name in _chosen(notebook) for item in _texts_of(name)[1]}


def find_exercise(exercise_id: str) -> Exercise:
    """The exercise of that id; ValueError with the known ids otherwise."""
    return _found("exercise", exercise_id, all_exercises())


def find_prediction(prediction_id: str) -> Prediction:
    """The prediction of that id; ValueError with the known ids otherwise."""
    return _found("prediction", prediction_id, all_predictions())


def all_questions() -> dict[str, tuple[Question, ...]]:
    """The questions from memory that open a notebook, by notebook, of those that have some."""
    return {name: _texts_of(name)[0] for name in registries() if _texts_of(name)[0]}


def recall_questions(notebook: str) -> tuple[Question, ...]:
    """Those of one notebook; ValueError where it has none."""
    return _found("set of recall questions", notebook, all_questions())


def _found(what: str, name: str, known: dict[str, Any]) -> Any:
    require_known(what, name, list(known))
    return known[name]


def _chosen(notebook: str | None) -> list[str]:
    if notebook is not None:
        require_known("notebook with exercises", notebook, list(registries()))
    return list(registries()) if notebook is None else [notebook]


@functools.cache
def _texts_of(notebook: str) -> tuple[tuple[Question, ...], tuple[Prediction, ...]]:
    path = TEXTS / f"{notebook}.md"
    return read_questions(path) if path.exists() else ((), ())
