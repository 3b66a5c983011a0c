"""Explorers: pictures to move by mouse and keyboard, one file each."""

from course_utils.widgets.monte_carlo_explorer import monte_carlo_explorer

__all__ = ["monte_carlo_explorer"]
