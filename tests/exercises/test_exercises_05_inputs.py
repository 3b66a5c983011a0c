"""Notebook 05's exercises: the inputs, which wrong answers are not to survive."""

import pytest
import torch
from learner import cases_of
from thorough import seeds
from torch.distributions import Normal

from course_utils.exercises import ex05, ex05_inputs
from course_utils.models import VAE


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_sizes_differ_and_pixels_are_of_both_colours(seed):
    for x, logits in (case.args for case in ex05_inputs.log_bernoulli_cases(seed)):
        assert x.shape == logits.shape and x.shape[0] != x.shape[1]
        assert x.unique().tolist() == [0, 1] and logits.min() < 0 < logits.max()
    for x, encode, decode, eps in (case.args for case in ex05_inputs.negative_elbo_cases(seed)):
        mu, log_var = encode(x)
        assert len({*x.shape, mu.shape[1]}) == 3 and mu.shape == log_var.shape == eps.shape
        assert log_var.abs().min() >= 0.4 and log_var.min() < 0 < log_var.max()
        assert x.unique().tolist() == [0, 1] and decode(mu).shape == x.shape


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_the_whole_objective_is_asked_near_0_and_far_from_it(seed):
    networks = [case.args for case in ex05_inputs.negative_elbo_cases(seed)]
    for x, encode, decode, eps in networks[:2]:
        mu, log_var = encode(x)
        assert log_var.abs().max() <= 2 and decode(mu + eps).abs().max() <= 3
    x, encode, decode, eps = networks[2]
    mu, log_var = encode(x)
    assert log_var.abs().min() >= 5.4 and mu.dtype == torch.float64
    for size, (x, encode, decode, eps) in zip((40, 200), networks[3:], strict=True):
        mu, log_var = encode(x)
        logits = decode(mu + (log_var / 2).exp() * eps)
        assert logits.dtype == torch.float32 and (logits.abs() / size - 1).abs().max() <= 0.11
        for sign in (-1, 1):
            colours = torch.where(logits.sign() == sign, x, torch.nan)
            assert ((colours == 0).sum(1) == 1).all() and ((colours == 1).sum(1) == 1).all()
        assert ((1 - logits.sigmoid()).log() == -torch.inf).any(dim=1).all()


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_between_moderate_and_large_a_sure_decoder_is_right(seed):
    """So that its log-probability is small, and the last digits of log(1 + e^l) count."""
    x, logits = ex05_inputs.log_bernoulli_cases(seed)[2].args
    assert ((logits > 0) == (x == 1)).all() and 5.5 <= logits.abs().min() <= logits.abs().max()
    assert (logits.abs() >= 10.6).all(1).any() and logits.abs().max() <= 12.1
    assert (ex05.my_log_bernoulli(x, logits) > -0.03).all()


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_a_pixel_s_log_density_is_small_where_pi_is_looked_at(seed):
    x, mean, sigma = ex05_inputs.normal_pixels_cases(seed)[2].args
    each = Normal(mean, sigma).log_prob(x)
    assert -1.04 <= each.min() <= each.max() <= -0.53


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_no_uniform_number_is_close_to_its_probability(seed):
    """So that single precision, or <= instead of <, changes no pixel."""
    for case in ex05_inputs.generate_cases(seed):
        decode, z, u = case.args
        means, x = ex05.my_generate(decode, z, u)
        assert (u - means).abs().min() >= 0.02 and u.min() >= 0 and u.max() < 1
        assert (x != (means > 0.5)).any() and (x == (means > 0.5)).any()


def test_every_call_makes_an_untrained_model_and_leaves_the_learners_generator_alone():
    before = torch.get_rng_state()
    first, again = cases_of("E5.4"), cases_of("E5.4")
    assert torch.equal(before, torch.get_rng_state())
    one = first[0].args
    weights = [weight.clone() for weight in one[0].parameters()]
    ex05.my_epoch(*one)
    torch.testing.assert_close(list(again[0].args[0].parameters()), weights, rtol=0, atol=0)


def test_the_last_case_takes_up_the_model_that_the_one_before_has_left():
    """Two epochs by hand give its losses; a model that is not trained on gives others."""
    *_, before, second = cases_of("E5.4")
    assert second.args is before.args
    by_hand, optimizer, x, eps, batches = cases_of("E5.4")[-2].args
    losses = [ex05.my_epoch(by_hand, optimizer, x, eps, batches) for _ in range(2)]
    torch.testing.assert_close(ex05.my_epoch(*before.args), losses[0])
    torch.testing.assert_close(ex05.my_epoch(*second.args), losses[1])
    assert ((losses[0] - losses[1]).abs() > 0.01).all()


def test_batches_hold_each_picture_once_and_are_neither_equal_nor_in_order():
    for case in cases_of("E5.4"):
        batches = case.args[4]
        assert sorted(torch.cat(batches).tolist()) == list(range(len(case.args[2])))
        assert len({len(batch) for batch in batches}) == 2
        assert torch.cat(batches).tolist() != list(range(len(case.args[2])))


def test_the_lean_vae_computes_what_the_vae_computes():
    model, _, x, eps, _ = cases_of("E5.4")[0].args
    theirs = VAE.elbo(model, x, eps=eps)
    torch.testing.assert_close(model.elbo(x, eps=eps), theirs)
    pictures = x.reshape(-1, 2, 3)
    torch.testing.assert_close(VAE.elbo(model, pictures, eps=eps), theirs)
    draws = torch.stack([eps, -eps])
    torch.testing.assert_close(model.elbo(x, eps=draws), VAE.elbo(model, x, eps=draws))
    free = model.elbo(x, eps=eps, beta=0.0)
    torch.testing.assert_close(free.elbo, theirs.rec)


def test_a_network_is_its_own_weights_and_gradients_reach_them():
    _, encode, decode, eps = cases_of("E5.3")[0].args
    encode.requires_grad_()
    mu, log_var = encode(torch.ones(4, 5).double())
    assert type(mu) is torch.Tensor and type(decode(eps)) is torch.Tensor
    slope = torch.autograd.grad((mu + log_var).sum(), encode)[0]
    assert slope.shape == (8, 6) and (slope != 0).all()
