"""What `fit` makes larger: beta weighs the KL, and n_draws above 1 tighten the bound."""

import math
from functools import partial

import pytest
import torch
from fit_fixtures import Plain, assert_equal_weights, grey, image_data, kept, tiny_vae, train
from routes import generator
from torch import nn
from torch.distributions import Bernoulli, Normal
from torch.testing import assert_close

from course_utils.data import load
from course_utils.densities import ElboTerms
from course_utils.estimators import iwae_bound
from course_utils.models import CVAE, VAE, Autoencoder


class Like(nn.Module):
    """A model under another elbo: what a call with beta or n_draws should train."""

    def __init__(self, model, elbo):
        super().__init__()
        self.model, self.write, self.image_shape = model, elbo, model.image_shape

    def elbo(self, x, *, generator=None):
        return self.write(self.model, x, generator)


def with_beta(model, x, generator):
    return model.elbo(x, generator=generator, beta=0.3)


def by_weights(model, x, generator):
    """log p(x, z) - log q(z | x), written out with torch's own distributions."""
    mu, log_var = model.encode(x)
    q = Normal(mu, (log_var / 2).exp())
    z = q.mean + q.stddev * torch.randn(7, *mu.shape, generator=generator)
    rec = Bernoulli(logits=model.decode(z)).log_prob(x.flatten(1).expand(7, -1, -1)).sum(dim=-1)
    kl = (q.log_prob(z) - Normal(0.0, 1.0).log_prob(z)).sum(dim=-1)
    return ElboTerms(torch.logsumexp(rec - kl, dim=0) - math.log(7), rec.mean(0), kl.mean(0))


CASES = {"beta": ({"beta": 0.3}, with_beta), "n_draws": ({"n_draws": 7}, by_weights)}


@pytest.mark.parametrize("option, elbo", CASES.values(), ids=CASES)
def test_a_step_is_that_of_the_bound_written_out(option, elbo):
    mine, theirs = tiny_vae(), tiny_vae()
    got = train(mine, epochs=1, batch_size=20, **option)
    expected = train(Like(theirs, elbo), epochs=1, batch_size=20)
    for name in ("elbo", "rec", "kl"):
        assert getattr(got, name) == pytest.approx(getattr(expected, name), rel=1e-5)
    assert_close([*mine.parameters()], [*theirs.parameters()], rtol=1e-4, atol=1e-6)


def test_each_call_has_an_objective_of_its_own_and_the_test_elbo_is_ever_the_elbo():
    """With a rate that moves nothing: the test numbers of all calls are the same."""
    model, data, history = tiny_vae(), image_data(), None
    call = partial(train, model, data, epochs=1, learning_rate=1e-30)
    for option in ({}, {"beta": 4.0}, {"n_draws": 50}, {}):
        history = call(history=history, **option)
    assert len(set(history.test_elbo)) == 1
    assert history.elbo[1] == pytest.approx(history.rec[1] - 4 * history.kl[1], rel=1e-6)
    assert history.elbo[2] > history.rec[2] - history.kl[2]


def test_a_history_goes_on_with_the_same_weights_under_another_elbo():
    """Which is then the one that is trained, with Adam's averages and the noise kept."""
    model, twin = tiny_vae(), tiny_vae()
    train(Like(model, with_beta), epochs=1, history=train(model, epochs=1))
    train(twin, epochs=1, history=train(twin, epochs=1), beta=0.3)
    assert_equal_weights(model, twin)


def test_the_bound_of_a_model_with_a_condition_is_trained_too():
    torch.manual_seed(0)
    model, y = CVAE((4, 4), 2, 3, "learned", hidden=(8,)), torch.arange(20) % 3
    ladder = [train(model, (grey(), y), epochs=1, learning_rate=1e-30, n_draws=k) for k in (1, 99)]
    assert ladder[1].elbo[0] > ladder[0].elbo[0]
    assert train(model, (grey(), y), n_draws=3).stopped is None


@pytest.mark.parametrize("option", [{}, {"beta": 0.5}, {"n_draws": 5}])
def test_a_divergence_ends_the_training_whatever_is_made_larger(option):
    with kept(tiny_vae()) as model, pytest.warns(RuntimeWarning, match="stopped in epoch 1"):
        assert train(model, learning_rate=1e38, **option).stopped


def test_another_objective_is_no_divergence():
    """A weight of ten thousand makes the elbo far lower than the first one was, in no error."""
    model = tiny_vae()
    history = train(model, epochs=3)
    assert train(model, epochs=1, learning_rate=1e-30, beta=1e4, history=history).stopped is None


def own_elbo():
    """Of a VAE, without its beta."""
    return Like(tiny_vae(), lambda model, x, generator: model.elbo(x, generator=generator))


def no_vae():
    return Plain(torch.ones(()), lambda weight, x: -weight.square().expand(len(x)))


autoencoder = partial(Autoencoder, (4, 4), 2, (8,))
NO = {
    "no share": (tiny_vae, {"beta": -1}, "beta should be a number from 0 to 1e6, but -1 came"),
    "no count": (tiny_vae, {"n_draws": 0}, "n_draws should be a whole number of at least 1"),
    "both": (tiny_vae, {"beta": 2, "n_draws": 3}, "beta should be 1 where n_draws .* came with"),
    "no beta": (own_elbo, {"beta": 2}, r"elbo should take beta, .*\(x, \*, generator=None\) came"),
    "few": (no_vae, {"n_draws": 2}, "a Plain without encode, log_prior, log_.*; try n_draws=1"),
    "code": (autoencoder, {"n_draws": 2}, r"what encode\(x\) returns should be a DiagonalNormal"),
}


@pytest.mark.parametrize("make, option, words", NO.values(), ids=NO)
def test_what_cannot_be_made_larger_is_refused_before_any_step(make, option, words):
    with kept(make()) as model, pytest.raises(ValueError, match=words):
        train(model, **option)
    assert train(model).stopped is None


def test_more_draws_leave_less_of_a_gap_and_cost_elbo():
    """Fine-tuned by weights, a digits model has a higher log p(x) and a lower ELBO."""
    digits = load("digits")
    x = digits.test.binarized(generator=torch.Generator()).images

    def scores(**option):
        torch.manual_seed(0)
        model = VAE((8, 8), latent_dim=8, hidden=(64,))
        history = train(model, digits.train, epochs=15, batch_size=64)
        train(model, digits.train, epochs=15, batch_size=64, history=history, **option)
        with torch.no_grad():
            q = model.encode(x)
            z = q.rsample(torch.randn(500, *q.mu.shape, generator=generator(1)))
            log_w = model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z)
        return log_w.mean().item(), iwae_bound(log_w).mean().item()

    (elbo, log_px), (tuned_elbo, tuned_log_px) = scores(), scores(n_draws=20)
    assert tuned_elbo < elbo and tuned_log_px > log_px
