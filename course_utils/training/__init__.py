"""One loop that trains every model of the course, and the history it leaves behind."""

from course_utils.training._fit import fit
from course_utils.training._history import History

__all__ = ["History", "fit"]
