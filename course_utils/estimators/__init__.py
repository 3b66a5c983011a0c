"""Estimators: of the evidence p(x), with honest error bars, of bounds on it, and of gradients."""

from course_utils.estimators._annealing import annealed_importance_sampling
from course_utils.estimators._bounds import elbo, iwae_bound
from course_utils.estimators._evidence import (
    CHUNK,
    TRUST,
    Estimate,
    effective_sample_size,
    importance_sampling,
    naive_monte_carlo,
)
from course_utils.estimators._gradients import pathwise_gradient, score_function_gradient

__all__ = [
    "CHUNK",
    "TRUST",
    "Estimate",
    "annealed_importance_sampling",
    "effective_sample_size",
    "elbo",
    "importance_sampling",
    "iwae_bound",
    "naive_monte_carlo",
    "pathwise_gradient",
    "score_function_gradient",
]
