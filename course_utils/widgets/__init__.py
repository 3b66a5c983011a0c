"""Explorers: pictures to move by mouse and keyboard, one file each."""

from course_utils.widgets.conditional_explorer import conditional_explorer
from course_utils.widgets.elbo_explorer import elbo_explorer
from course_utils.widgets.gradient_explorer import gradient_explorer
from course_utils.widgets.latent_explorer import latent_explorer
from course_utils.widgets.monte_carlo_explorer import monte_carlo_explorer
from course_utils.widgets.stroke_writer import stroke_writer

__all__ = [
    "conditional_explorer",
    "elbo_explorer",
    "gradient_explorer",
    "latent_explorer",
    "monte_carlo_explorer",
    "stroke_writer",
]
