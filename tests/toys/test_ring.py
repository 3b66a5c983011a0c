"""The ring's exact answers, each computed a second way."""

import math

import pytest
import torch
from routes import generator
from torch.testing import assert_close

from course_utils.densities import log_mean_exp
from course_utils.toys import Ring


@pytest.mark.parametrize("sigma", [0.05, 0.1, 0.3])
def test_ring_evidence_agrees_with_a_polar_grid(sigma):
    """A second quadrature, over radius and angle, without the Bessel function."""
    model = Ring(sigma)
    x = torch.tensor([[1.1, 0.0], [0.0, 0.9], [-0.8, 0.8]])
    radius = (torch.arange(2000, dtype=torch.float64) + 0.5) * (7 / 2000)
    angle = (torch.arange(1440, dtype=torch.float64) + 0.5) * (2 * math.pi / 1440)
    turn = torch.stack([angle.cos(), angle.sin()], -1)
    total = [
        log_mean_exp(model.log_likelihood(x, (r * turn)[:, None]), 0) + r.log() - r**2 / 2
        for r in radius
    ]
    assert_close(
        model.log_px(x), torch.stack(total).logsumexp(0) + math.log(7 / 2000), rtol=0, atol=2e-5
    )


def test_ring_evidence_integrates_to_one():
    side = torch.linspace(-2, 2, 51, dtype=torch.float64)
    x = torch.cartesian_prod(side, side)
    total = Ring(0.1).log_px(x).exp().sum() * 0.08**2
    assert total.item() == pytest.approx(1, abs=1e-6)


def test_ring_samples_and_its_posterior_integrates_to_one():
    model = Ring(0.3)
    z, x = model.sample(4, generator=generator())
    assert (z.shape, x.shape) == ((4, 2), (4, 2))
    side = torch.linspace(-7, 7, 701, dtype=torch.float64)
    total = model.posterior_on_grid(x, torch.cartesian_prod(side, side)).exp().sum(0) * 0.02**2
    assert_close(total, torch.ones(4, dtype=torch.float64), rtol=0, atol=1e-3)


def test_ring_refuses_noise_its_grid_cannot_see():
    assert Ring(0.001).log_px(torch.tensor([[1.1, 0.0]])).isfinite().all()
    with pytest.raises(ValueError, match=r"sigma of at least 0\.00"):
        Ring(0.0005).log_px(torch.tensor([[1.1, 0.0]]))


def test_ring_refuses_x_that_its_grid_does_not_reach():
    with pytest.raises(ValueError, match="nearer to the ring"):
        Ring(0.02).log_px(torch.tensor([[4.0, 0.0]]))
    # Just inside: by a fine polar grid around the posterior's own place, at radius 14.4.
    rho = torch.linspace(12, 17, 5001, dtype=torch.float64)
    angle = torch.linspace(-0.1, 0.1, 1001, dtype=torch.float64)
    x = torch.tensor([[2.5, 0.0]], dtype=torch.float64)
    ring = 1 + rho / 10
    log_radius = rho.log() - rho**2 / 2
    squared = 2.5**2 + ring[:, None] ** 2 - 5 * ring[:, None] * angle.cos()
    log_joint = -squared / (2 * 0.02**2) + log_radius[:, None]
    total = torch.logsumexp(log_joint, (0, 1)) + math.log(0.001 * 0.0002 / (2 * math.pi))
    expected = total - math.log(2 * math.pi * 0.02**2)
    assert Ring(0.02).log_px(x).item() == pytest.approx(expected.item(), abs=1e-4)
