"""Estimates beside quadrature, for a VAE with two latents that was trained on the real digits."""

import pytest
import torch
from routes import generator, randn

from course_utils.data import load
from course_utils.estimators import annealed_importance_sampling, importance_sampling, iwae_bound
from course_utils.models import VAE
from course_utils.training import fit


@pytest.fixture(scope="module")
def trained():
    """A model, 100 test pictures, q, and log p of each by a sum over z from -8 to 8, 640 a side."""
    torch.manual_seed(0)
    model, digits = VAE((8, 8), latent_dim=2, hidden=(128,)), load("digits")
    fit(model, digits.train, epochs=30, batch_size=64, progress=False)
    x = digits.test.binarized(generator=generator(0)).images[:100]
    side = torch.linspace(-8, 8, 641)
    rows = []
    with torch.no_grad():
        q = model.encode(x)
        for column in side:
            z = torch.stack([column.expand(641), side], dim=-1)[:, None].float()  # (641, 1, 2)
            joint = model.log_prior(z) + model.log_likelihood(x, z)  # (641, B)
            rows.append(torch.logsumexp(joint.double(), dim=0))
    log_px = torch.logsumexp(torch.stack(rows), dim=0) + 2 * torch.tensor(16 / 640).log()
    return model, x, q, log_px.double()


def test_weights_by_the_encoder_agree_with_quadrature(trained):
    """By 500 draws within .05 nats on average, in each of 20 runs; by 5 and 50 below it."""
    model, x, q, exact = trained

    def gaps(n):
        runs = (importance_sampling(model, x, q, n, generator=generator(s)) for s in range(20))
        return torch.stack([(exact - run.log_px).mean() for run in runs])

    five, fifty, many = map(gaps, (5, 50, 500))
    assert many.abs().max() < 0.05
    for fewer, more in ((five, fifty), (fifty, many)):
        std_error = ((fewer.var() + more.var()) / 20).sqrt()
        assert fewer.mean() > more.mean() - 5 * std_error
    assert five.mean() > fifty.mean() + 5 * ((five.var() + fifty.var()) / 20).sqrt()


def test_the_bound_rises_with_the_number_of_weights_up_to_the_truth(trained):
    model, x, q, exact = trained

    def gaps(k):
        """To the truth, on average over pictures, of 40 bounds from draws of their own."""
        z = q.rsample(randn(40 * k, *q.mu.shape, seed=k).float())
        with torch.no_grad():
            log_w = model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z)  # (40 k, B)
        return (exact - iwae_bound(log_w.unflatten(0, (k, 40)))).mean(dim=1)

    ladder = [gaps(k) for k in (1, 4, 16, 64, 256)]
    for fewer, more in zip(ladder, ladder[1:], strict=False):
        assert fewer.mean() > more.mean() - 5 * ((fewer.var() + more.var()) / 40).sqrt()
    assert abs(ladder[-1].mean()) < 0.1 * ladder[0].mean()


def test_annealing_agrees_with_quadrature(trained):
    model, x, _, exact = trained
    side = annealed_importance_sampling(model, x[:20], 10, 200, generator=generator(1))
    assert abs((side.log_px - exact[:20]).mean()) < 0.1
