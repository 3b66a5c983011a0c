"""The explorer of notebook 04: two ways to the same gradient, and how they scatter."""

from course_utils.widgets.gradient._explorer import (
    GradientExplorer,
    GradientPicture,
    GradientState,
    gradient_explorer,
    gradient_picture,
)

__all__ = ["GradientExplorer", "GradientPicture", "GradientState"]
__all__ += ["gradient_explorer", "gradient_picture"]
