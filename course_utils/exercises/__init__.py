"""Exercises that name the mistake, predictions that are remembered, and a table of progress.

One registry file per notebook (`ex02.py` for notebook 02) holds the data; the private modules
know how to run, compare, show and remember.
"""

from course_utils.exercises._band import band
from course_utils.exercises._engine import check, hint, solution
from course_utils.exercises._predict import predict, reveal
from course_utils.exercises._progress import progress, reset_progress
from course_utils.exercises._recall import recall

__all__ = [
    "band",
    "check",
    "hint",
    "predict",
    "progress",
    "recall",
    "reset_progress",
    "reveal",
    "solution",
]
