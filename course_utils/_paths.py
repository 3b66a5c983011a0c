"""Where the course keeps what is not in the clone: the learner's state and the fetched data."""

import os
from pathlib import Path

import platformdirs

APP = "vae-course"


def state_folder() -> Path:
    """Folder of answers, predictions and progress; COURSE_STATE moves it."""
    moved = os.environ.get("COURSE_STATE")
    return Path(moved) if moved else platformdirs.user_state_path(APP, appauthor=False)


def data_folder() -> Path:
    """Folder of fetched data sets; COURSE_DATA moves it, e.g. to one a class shares read-only."""
    moved = os.environ.get("COURSE_DATA")
    return Path(moved) if moved else platformdirs.user_cache_path(APP, appauthor=False)
