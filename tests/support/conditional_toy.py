"""The conditional linear-Gaussian model under test, six numbers in x."""

import torch
from routes import randn
from torch import distributions as dist

from course_utils.toys import ConditionalLinearGaussian

K, B, D, L, C = 5, 4, 6, 2, 3
SIGMA = 0.7


def model_of(latents=L):
    return ConditionalLinearGaussian(
        randn(D, latents, seed=1), randn(D, C, seed=2), randn(D, seed=3), SIGMA
    )


def evidence(model, y):
    """p(x | y) by torch."""
    covariance = model.W @ model.W.T + SIGMA**2 * torch.eye(D).double()
    return dist.MultivariateNormal(y @ model.A.T + model.b, covariance)
