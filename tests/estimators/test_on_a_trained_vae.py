"""Estimates beside quadrature, for a VAE with two latents that was trained on the real digits."""

import pytest
import torch
from routes import generator, randn

from course_utils.data import load
from course_utils.estimators import (
    annealed_importance_sampling,
    effective_sample_size,
    importance_sampling,
    iwae_bound,
)
from course_utils.models import VAE
from course_utils.training import fit


@pytest.fixture(scope="module")
def trained():
    """A model, 100 test pictures, and log p of each by a sum over z from -8 to 8, 640 a side."""
    torch.manual_seed(0)
    model = VAE((8, 8), latent_dim=2, hidden=(128,))
    digits = load("digits")
    fit(model, digits.train, epochs=30, batch_size=64, progress=False)
    x = digits.test.binarized(generator=generator(0)).images[:100]
    side = torch.linspace(-8, 8, 641)
    rows = []
    with torch.no_grad():
        for column in side:
            z = torch.stack([column.expand(641), side], dim=-1)[:, None].float()  # (641, 1, 2)
            joint = model.log_prior(z) + model.log_likelihood(x, z)  # (641, B)
            rows.append(torch.logsumexp(joint.double(), dim=0))
    log_px = torch.logsumexp(torch.stack(rows), dim=0) + 2 * torch.tensor(16 / 640).log()
    return model, x, log_px.double()


def test_weights_by_the_encoder_agree_with_quadrature(trained):
    """By 500 draws within .05 nats on average, and the better the more there are."""
    model, x, exact = trained
    with torch.no_grad():
        q = model.encode(x)
    gaps = [
        (exact - importance_sampling(model, x, q, n, generator=generator(n)).log_px).mean()
        for n in (5, 50, 500)
    ]
    assert gaps[0] > gaps[1] > gaps[2] and abs(gaps[2]) < 0.05
    assert abs(gaps[1]) < 0.05 < gaps[0]


def test_the_bound_rises_with_the_number_of_weights_up_to_the_truth(trained):
    model, x, exact = trained
    with torch.no_grad():
        q = model.encode(x)
        z = q.rsample(randn(4096, *q.mu.shape, seed=5).float())
        log_w = model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z)  # (4096, B)
    bounds = [
        iwae_bound(log_w.unflatten(0, (k, 4096 // k))).mean(dim=0)  # (B,), over groups of k
        for k in (1, 2, 4, 16, 64, 256)
    ]
    means = [bound.mean().item() for bound in bounds]
    assert means == sorted(means) and means[-1] < exact.mean() + 0.005
    assert exact.mean() - means[-1] < 0.1 * (exact.mean() - means[0])
    assert effective_sample_size(log_w).median() > 100


def test_annealing_agrees_with_quadrature(trained):
    model, x, exact = trained
    side = annealed_importance_sampling(model, x[:20], 10, 200, generator=generator(1))
    assert abs((side.log_px - exact[:20]).mean()) < 0.1
