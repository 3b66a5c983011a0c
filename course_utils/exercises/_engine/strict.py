"""Whether an answer that is not right must stop the notebook."""

import os


def course_strict() -> bool:
    """COURSE_STRICT=1: the course's own tests run, with all solutions in place."""
    return os.environ.get("COURSE_STRICT") == "1"


def must_be_right() -> bool:
    """Under COURSE_STRICT, and when nbgrader grades (NBGRADER_EXECUTION)."""
    return course_strict() or bool(os.environ.get("NBGRADER_EXECUTION"))
