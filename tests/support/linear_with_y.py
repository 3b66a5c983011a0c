"""The linear model of notebook 07, whose prior may move with y, by torch's own normals.

x = W z + A y + b + sigma eps, z | y ~ N(M y, I); the package holds the one with M = 0.
"""

import math

import pytest
import torch
from routes import LINE, number, randn
from torch import distributions as dist
from vae_fixtures import plane

from course_utils.densities import FullNormal
from course_utils.toys import ConditionalLinearGaussian

B, D, C, SIGMA = 3, 4, 2, 0.7
EXACT = {"rtol": 1e-9, "atol": 1e-9}
each_size = pytest.mark.parametrize("latents", [1, 2])  # one: on a line; two: on a plane
each_prior = pytest.mark.parametrize("moves", [False, True], ids=["N(0, I)", "N(M y, I)"])


class Linear:
    """The linear model by torch's own normals, for B pairs of x and y."""

    def __init__(self, latents, moves=False):
        self.W, self.A = randn(D, latents, seed=1), randn(D, C, seed=2)
        self.b, self.M = randn(D, seed=3), moves * randn(latents, C, seed=4)
        self.x, self.y = 1.5 * randn(B, D, seed=5), randn(B, C, seed=6)
        self.latents, self.noise = latents, SIGMA**2 * torch.eye(D).double()
        self.prior = normal(self.y @ self.M.T, torch.eye(latents))

    def package(self):
        """The course's model: its prior does not move."""
        return ConditionalLinearGaussian(self.W, self.A, self.b, SIGMA).given(self.y)

    def log_px_z(self, z):
        """log p(x | z, y): z (..., B, L) or (..., 1, L) -> (..., B)."""
        mean = z @ self.W.T + self.y @ self.A.T + self.b
        return normal(mean, self.noise).log_prob(self.x)

    def evidence(self):
        """p(x | y), the sum of two normals."""
        mean = self.prior.mean @ self.W.T + self.y @ self.A.T + self.b
        return normal(mean, self.W @ self.W.T + self.noise)

    def posterior(self):
        """p(z | x, y), by conditioning the joint normal of z and x."""
        law, eye = self.evidence(), torch.eye(self.latents).double()
        gain = torch.linalg.solve(self.W @ self.W.T + self.noise, self.W).T
        return normal(self.prior.mean + (self.x - law.mean) @ gain.T, eye - gain @ self.W)

    def q(self):
        """Some other normal for each pair, correlated where there are two latents."""
        spread = torch.linalg.qr(randn(self.latents, self.latents, seed=7)).Q
        covariance = spread @ torch.diag(number([0.6, 0.2])[: self.latents]) @ spread.T
        return normal(self.posterior().mean + 0.4, covariance)

    def grid(self):
        """Points that leave room for a batch, (G, 1, L), and what each stands for."""
        z, area = (LINE, (LINE[1] - LINE[0]).item()) if self.latents == 1 else plane(n=201, end=8.0)
        return z[:, None], area

    def integral(self, log_values):
        """log of the integral over z of exp(log_values), (G, B) -> (B,)."""
        return log_values.logsumexp(0) + math.log(self.grid()[1])


def normal(mean, covariance):
    return dist.MultivariateNormal(mean, covariance.double())


def mean_under(q, f):
    """E_q f(z), exact for a quadratic f: the points mu +- sqrt(L) times q's columns."""
    latents = q.mean.shape[-1]
    columns = math.sqrt(latents) * q.scale_tril.mT  # (B, L, L): row l is the l-th column
    points = torch.cat([q.mean[:, None] + columns, q.mean[:, None] - columns], dim=1)
    return f(points.transpose(0, 1)).mean(0)


def full(q):
    """The same normal in the package's words."""
    return FullNormal(q.mean, q.scale_tril)
