"""The explorer of notebook 09: networks of several sigmas beside Shannon's curve of a Gaussian."""

from course_utils.widgets.rate_distortion._explorer import (
    RateDistortionExplorer,
    RateDistortionPicture,
    RateDistortionState,
    rate_distortion_explorer,
    rate_distortion_picture,
)

__all__ = ["RateDistortionExplorer", "RateDistortionPicture", "RateDistortionState"]
__all__ += ["rate_distortion_explorer", "rate_distortion_picture"]
