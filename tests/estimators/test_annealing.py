"""Annealed importance sampling from both sides, and the importance-weighted bound."""

import math

import pytest
import torch
from routes import generator, lies_near, randn
from torch.testing import assert_close

from course_utils.estimators import Estimate, _annealing, elbo, importance_sampling, iwae_bound
from course_utils.estimators import annealed_importance_sampling as anneal
from course_utils.models import CVAE, VAE
from course_utils.toys import FourPixels, LinearGaussian, TwoRoots

PPCA = LinearGaussian(randn(8, 5), torch.zeros(8), 0.5)
SMALL = LinearGaussian([[1.5]], [0.3], 0.5)
SEEDS = 20


@pytest.mark.parametrize("backwards", [False, True], ids=["from the prior", "from the posterior"])
def test_it_is_exact_on_the_linear_model_within_half_a_nat(backwards):
    """Twenty runs at once, as twenty examples."""
    x = PPCA.sample(1, generator=generator(1))[1].expand(SEEDS, -1)
    z = PPCA.posterior(x).rsample(randn(SEEDS, 5, seed=2)) if backwards else None
    runs = anneal(PPCA, x, 64, 1000, z=z, generator=generator(3))
    assert (runs.log_px - PPCA.log_px(x)).abs().max() < 0.5
    assert ((runs.acceptance > 0.4) & (runs.acceptance < 0.95)).all()


@pytest.mark.parametrize("n_temperatures", [1, 3])
@pytest.mark.parametrize("model", [SMALL, TwoRoots(0.5)], ids=["linear", "two roots"])
def test_weights_from_the_prior_are_unbiased_for_p(model, n_temperatures):
    """However few temperatures: the pilot's step sizes are held, so that nothing adapts."""
    x = torch.tensor([[1.2]], dtype=torch.float64)
    runs = anneal(model, x, 20_000, n_temperatures, generator=generator())
    share = (runs.log_px - model.log_px(x)).exp().item()  # of the truth
    assert abs(share - 1) < 5 * share * runs.std_error.item()


@pytest.mark.parametrize("n_temperatures", [1, 3])
def test_weights_from_the_posterior_are_unbiased_for_one_over_p(n_temperatures):
    """By a model whose 1 / p(x | z) has a variance under the posterior: w^2 < sigma^2."""
    model, x = LinearGaussian([[0.5]], [0.3], 1.0), torch.full((4000, 1), 1.2, dtype=torch.float64)
    z = model.posterior(x).rsample(randn(4000, 1))
    runs = anneal(model, x, 1, n_temperatures, z=z, generator=generator())
    assert lies_near((model.log_px(x) - runs.log_px).exp(), 1)  # each one's 1 / p_hat by 1 / p


def test_steps_are_tuned_by_chains_that_have_not_seen_z(monkeypatch):
    """A step that has would bias what z is weighed by."""
    (z, x), steps, move = PPCA.sample(3, generator=generator(1)), [], _annealing._Path.move

    def note(path, z, beta, step):
        steps.append(step)
        return move(path, z, beta, step)

    monkeypatch.setattr(_annealing._Path, "move", note)
    for latents in (z, z + 9):
        anneal(PPCA, x, 10, 20, z=latents, generator=generator(3))
    assert torch.equal(*torch.stack(steps).chunk(2))


def test_the_truth_lies_between_the_two_sides():
    model = FourPixels()
    z, x = model.sample(50, generator=generator())
    runs = [anneal(model, x, 8, 30, z=end, generator=generator(1)) for end in (None, z)]
    low, high = (run.log_px.mean() for run in runs)
    truth = model.log_px(x).mean()
    assert low - 0.05 < truth < high + 0.05
    assert high - low < 0.3


@pytest.mark.parametrize("prior", ["fixed", "learned"])
def test_networks_are_annealed_as_toys_are(prior):
    """In float32, and where each x has a prior of its own; beside importance sampling."""
    torch.manual_seed(0)
    cvae = CVAE((2, 3), 2, 3, prior, hidden=(8,))
    model = cvae.given(torch.tensor([0, 2, 1]))
    x = torch.bernoulli(torch.full((3, 6), 0.5), generator=generator())
    q = cvae.encode(x, torch.tensor([0, 2, 1]))
    with torch.no_grad():
        expected = importance_sampling(model, x, q, 20_000, generator=generator()).log_px
    runs = anneal(model, x, 200, 20, generator=generator())
    assert_close(runs.log_px, expected, atol=0.05, rtol=0)
    assert all(weight.grad is None for weight in cvae.parameters())


def test_chains_go_in_groups_that_fit_into_memory(monkeypatch):
    seen = []

    class Watched(LinearGaussian):
        def log_likelihood(self, x, z):
            seen.append(len(z) * x.numel())
            return super().log_likelihood(x, z)

    monkeypatch.setattr("course_utils.estimators._evidence.CHUNK", 64)
    model, x = Watched([[1.5]], [0.3], 0.5), torch.zeros(4, 1)
    runs = anneal(model, x, 100, 5, generator=generator())
    assert max(seen) <= 64
    assert runs.n == 100
    assert (runs.log_px - SMALL.log_px(x)).abs().max() < 5 * runs.std_error.max()


def test_the_same_generator_gives_the_same_chains():
    x = torch.zeros(2, 1)
    runs = [anneal(SMALL, x, 4, 5, generator=generator()).log_px for _ in range(2)]
    assert torch.equal(*runs)


def test_only_annealed_chains_have_an_acceptance_and_none_is_unpacked():
    q = SMALL.posterior(torch.zeros(1, 1))
    assert importance_sampling(SMALL, torch.zeros(1, 1), q, 5).acceptance is None
    runs = anneal(SMALL, torch.zeros(1, 1), 4, 5)
    assert len([*runs]) == len([*Estimate(*[torch.zeros(1)] * 3, 1)]) == 4


X = torch.zeros(2, 1)
NO_CHAINS = [
    ({"n_chains": 0}, "n_chains should be a whole number"),
    ({"n_temperatures": 2.5}, "n_temperatures should be a whole"),
    ({"z": torch.zeros(3, 1)}, "z should be"),
    ({"z": torch.zeros(2, 2)}, "z should be"),
    ({"generator": 3}, "manual_seed"),
    ({"model": VAE}, "model should be a LatentModel"),
]


@pytest.mark.parametrize(("change", "says"), NO_CHAINS)
def test_what_cannot_be_annealed_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        anneal(**{"model": SMALL, "x": X, "n_chains": 5, "n_temperatures": 5} | change)


NO_WEIGHTS = [
    (torch.tensor([[0.0], [math.nan]]), "NaN or inf came"),
    (torch.tensor(0.0), "at least one axis"),
    (torch.zeros(0, 3), "at least one example"),
]


@pytest.mark.parametrize(("log_w", "says"), NO_WEIGHTS)
def test_what_is_no_weights_has_no_bound(log_w, says):
    with pytest.raises(ValueError, match=says):
        iwae_bound(log_w)


def test_the_importance_weighted_bound_rises_with_k_from_the_elbo_to_log_p():
    """On average: over 200 sets of weights, each of 2000 draws in groups of K."""
    x = torch.tensor([[2.0]], dtype=torch.float64)
    q = SMALL.posterior(x)
    wide, eps = type(q)(q.mu, 2 * q.scale_tril), randn(200, 2000, 1)
    z = wide.rsample(eps.flatten(0, 1)[:, None])  # (400 000, 1, 1)
    log_w = SMALL.log_likelihood(x, z) + SMALL.log_prior(z) - wide.log_prob(z)  # (400 000, 1)
    means = [iwae_bound(log_w.reshape(-1, k).T).reshape(200, -1).mean(1) for k in (1, 10, 100)]
    assert (means[0] < means[1]).all()
    assert (means[1].mean() < means[2].mean()).all()
    assert means[2].mean() == pytest.approx(SMALL.log_px(x).item(), abs=0.01)
    by_elbo = elbo(SMALL, x, wide, eps[0][:, None], analytic_kl=False).elbo
    assert_close(means[0][0], by_elbo[0])


def test_the_gradient_of_the_bound_is_the_weights_share():
    log_w = randn(5, 3).requires_grad_()
    iwae_bound(log_w).sum().backward()
    assert_close(log_w.grad, log_w.detach().softmax(0))
