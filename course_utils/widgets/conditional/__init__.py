"""The explorer of notebook 07: a conditional VAE, asked for classes or for right halves."""

from course_utils.widgets.conditional._classes import ClassExplorer, ClassPicture, ClassState
from course_utils.widgets.conditional._explorer import conditional_explorer, conditional_picture
from course_utils.widgets.conditional._halves import HalfExplorer, HalfPicture, HalfState

__all__ = [
    "ClassExplorer",
    "ClassPicture",
    "ClassState",
    "HalfExplorer",
    "HalfPicture",
    "HalfState",
    "conditional_explorer",
    "conditional_picture",
]
