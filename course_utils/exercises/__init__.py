"""Exercises that name the mistake, predictions that are remembered, and a table of progress.

`text/` has the words: a page for every exercise, with what people write instead of the right answer
as edits of it, and a page of questions for every notebook. `ex02.py` has the references of notebook
02, inputs and predicates beside it; `_engine` reads, runs, compares, shows and remembers.
"""

from course_utils.exercises._engine.band import band
from course_utils.exercises._engine.check import check, hint, solution, verdict
from course_utils.exercises._engine.judge import Verdict
from course_utils.exercises._engine.predict import predict, recall, reveal
from course_utils.exercises._engine.progress import progress, reset_progress
from course_utils.exercises._engine.review import review
from course_utils.exercises._engine.table import table

__all__ = [
    "Verdict",
    "band",
    "check",
    "hint",
    "predict",
    "progress",
    "recall",
    "reset_progress",
    "reveal",
    "review",
    "solution",
    "table",
    "verdict",
]
