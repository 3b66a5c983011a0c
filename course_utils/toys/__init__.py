"""Latent-variable models whose evidence p(x) is known: a truth to hold every estimate against.

They obey `LatentModel`, hold float64 and promote what they are given. Another one with a single
latent goes into `_one_latent`, whose quadrature serves it.
"""

from course_utils.toys._conditional_linear import ConditionalLinearGaussian
from course_utils.toys._latent_model import LatentModel
from course_utils.toys._linear_gaussian import LinearGaussian
from course_utils.toys._one_latent import FourPixels, TwoModes, TwoRoots
from course_utils.toys._ring import Ring

__all__ = [
    "ConditionalLinearGaussian",
    "FourPixels",
    "LatentModel",
    "LinearGaussian",
    "Ring",
    "TwoModes",
    "TwoRoots",
]
