"""Explorers: pictures to move by mouse and keyboard, one folder each."""

from course_utils.widgets.conditional import conditional_explorer
from course_utils.widgets.elbo import elbo_explorer
from course_utils.widgets.gradient import gradient_explorer
from course_utils.widgets.latent import latent_explorer
from course_utils.widgets.monte_carlo import monte_carlo_explorer
from course_utils.widgets.rate_distortion import rate_distortion_explorer
from course_utils.widgets.strokes import stroke_writer

__all__ = ["conditional_explorer", "elbo_explorer", "gradient_explorer", "latent_explorer"]
__all__ += ["monte_carlo_explorer", "rate_distortion_explorer", "stroke_writer"]
