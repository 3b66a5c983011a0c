"""No latents at all: what the regressor alone is, each number a second way."""

import pytest
import torch
from fit_fixtures import train
from model_cases import REGRESSOR, assert_same, black_or_white
from model_sizes import SHAPE, SHORT, B, D, K, L, numbers, randn
from routes import generator
from torch.testing import assert_close
from vae_fixtures import pixel_law

pytestmark = pytest.mark.parametrize("case", [REGRESSOR], ids=repr)


@pytest.mark.parametrize("rows", [1, B])
def test_a_regressor_s_bound_is_the_log_density_itself(model, x, rows):
    y = numbers(rows)
    law, terms = pixel_law(model, y), model.elbo(x, y)
    assert terms.elbo.shape == terms.kl.shape == (B,)
    assert_close(terms.elbo.double(), law.log_prob(x.double()).sum(-1), **SHORT)
    assert torch.equal(terms.rec, terms.elbo)
    assert torch.equal(terms.kl, torch.zeros(B))
    other = model.elbo(x, y, eps=randn(K, B, L), generator=generator(), beta=3.0)
    assert_same(other, terms)


@black_or_white
def test_a_regressor_s_probabilities_sum_to_one(model):
    """Over all 64 pictures of six pixels, given one y."""
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * D)
    for row in numbers():
        total = model.elbo(every, row[None]).elbo.exp().sum()
        assert total.item() == pytest.approx(1, abs=1e-5)


def test_a_regressor_has_one_guess_for_each_y(model):
    y = numbers()
    made = model.generate(y)
    assert torch.equal(made, model.mean_x(y)) and torch.equal(made, model.generate(y))
    assert model.mean_x(y).requires_grad
    assert not made.requires_grad and not model.sample_x(y).requires_grad
    assert torch.pdist(made.flatten(1)).min() > 0.01


@black_or_white
def test_a_regressor_learns_the_mean_of_the_pictures_that_fit(model):
    """Two pictures for one label: it answers with both, grey where they differ."""
    pair = (torch.rand(2, *SHAPE, generator=generator()) > 0.5).float()
    labels = torch.zeros(100, dtype=torch.int64)
    train(model, (pair.repeat(50, 1, 1), labels), epochs=200, batch_size=100, learning_rate=0.05)
    assert_close(model.generate(labels[:1])[0], pair.mean(0), rtol=0, atol=0.02)
    assert (pair.mean(0) == 0.5).any()
