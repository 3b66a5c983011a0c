"""Notebook 05's exercises: the references by another route, their judges, their inputs."""

import numpy as np
import torch
from learner import inputs_of, slip_of, wrong
from routes import lies_near, randn
from thorough import seeds
from torch.distributions import Normal

from course_utils import densities
from course_utils.exercises import ex05
from course_utils.exercises._engine.judge import RIGHT, judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.models import VAE


def test_the_formula_takes_grey_pixels_too():
    x, logits = randn(4, 6).sigmoid(), 3 * randn(4, 6, seed=1)
    ours = ex05.my_log_bernoulli(x, logits)
    torch.testing.assert_close(ours, densities.log_bernoulli(x, logits))


def test_large_logits_cost_themselves():
    """A decoder that is sure and wrong pays its logit, one that is sure and right nothing."""
    for x, logits in inputs_of("E5.1")[3:]:
        wrong = (x == 1) != (logits > 0)
        assert ex05.my_log_bernoulli(x, logits).tolist() == (-logits.abs() * wrong).sum(1).tolist()


def test_log_normal_pixels_stays_in_single_precision():
    for x, mean, sigma in (args for seed in seeds(1, 5) for args in inputs_of("E5.2", seed)):
        ours = ex05.my_log_normal_pixels(x.float(), mean.float(), sigma)
        torch.testing.assert_close(ours, ex05.my_log_normal_pixels(x, mean, sigma).float())


def test_log_normal_pixels_takes_a_sigma_that_is_learned():
    x, mean, sigma = randn(4, 5), randn(4, 5, seed=1), torch.tensor(0.7).double().requires_grad_()
    (slope,) = torch.autograd.grad(ex05.my_log_normal_pixels(x, mean, sigma).sum(), sigma)
    squared = ((x - mean) ** 2).sum()
    torch.testing.assert_close(slope, squared / 0.7**3 - 20 / torch.tensor(0.7).double())


def test_an_epoch_is_gradient_descent_by_hand():
    """The losses, and the weights that are left, the last step included."""
    model, optimizer, x, eps, batches = inputs_of("E5.4")[0]
    losses = ex05.my_epoch(model, optimizer, x, eps, batches)
    byhand, _, x, eps, batches = inputs_of("E5.4")[0]
    weights = list(byhand.parameters())
    for loss, batch in zip(losses, batches, strict=True):
        want = -byhand.elbo(x[batch], eps=eps[batch]).elbo.mean()
        torch.testing.assert_close(loss, want.detach())
        for weight, slope in zip(weights, torch.autograd.grad(want, weights), strict=True):
            weight.data -= 0.1 * slope
    torch.testing.assert_close(list(model.parameters()), weights)
    assert not losses.requires_grad


def test_generated_means_are_the_packages():
    torch.manual_seed(0)
    model, z = VAE((2, 3), latent_dim=2, hidden=(5,)), torch.randn(7, 2)
    means, x = ex05.my_generate(model.decode, z, torch.rand(7, 6))
    torch.testing.assert_close(means, model.mean_x(z).flatten(1))
    assert set(x.unique().tolist()) == {0.0, 1.0} and x.dtype == means.dtype


def test_generated_pixels_have_the_probabilities_that_are_shown():
    """20 000 draws for each of 6 pixels, within five standard errors."""
    n, decode, z = 20_000, inputs_of("E5.5")[0][0], randn(1, 3)
    u = torch.rand(n, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    means, x = ex05.my_generate(decode, z.expand(n, -1), u)
    error = (means[0] * (1 - means[0]) / n).sqrt()
    assert ((x.mean(0) - means[0]).abs() < 5 * error).all()


def test_three_log_densities_are_right_on_average_as_their_hint_says():
    """Equation 5.6 less equation 5.7 over 20 000 draws: within five standard errors of 0."""
    x, encode, decode, _ = inputs_of("E5.3")[0]
    n = 20_000
    eps = randn(4 * n, 3)
    args = x.repeat(n, 1), encode, decode, eps
    by_draws = wrong("E5.3", "three log-densities")(*args)
    difference = (by_draws - ex05.my_negative_elbo(*args)).reshape(n, 4)
    assert lies_near(difference, 0.0) and difference.std(0).min() > 1e-4 * n**0.5


def normal_with(pi, x, mean, sigma):
    return (-((x - mean) ** 2) / (2 * sigma**2) - 0.5 * np.log(2 * pi * sigma**2)).sum(1)


def test_pi_may_have_six_digits_and_the_logarithm_single_precision():
    """Where the check draws its line: 3.14159 passes, 3.1416 does not."""

    def in_single_precision(x, mean, sigma):
        constant = torch.tensor(2 * torch.pi * sigma**2, dtype=torch.float32).log()
        return (-((x - mean) ** 2) / (2 * sigma**2) - 0.5 * constant).sum(1)

    for seed in seeds(2, 20):
        for right in (in_single_precision, lambda x, m, s: normal_with(3.14159, x, m, s)):
            assert judge(find_exercise("E5.2"), right, seed).status == RIGHT
        rounded = judge(find_exercise("E5.2"), lambda *args: normal_with(3.1416, *args), seed)
        assert rounded.mistake == "pi rounded"


def test_what_is_swapped_and_averaged_is_not_called_a_clamp():
    """One number for the batch never is, nor is one for each pixel."""
    known = slip_of("E5.1", "clamped").known
    held = [torch.full((4,), -100.0)] * 5
    assert known(held)
    assert not known([value.mean() for value in held])
    assert not known([value[:, None] for value in held])


def test_what_costs_little_or_weighs_the_kl_is_not_called_a_clamp_either():
    """A sum of errors below 1 stays small, and so does a large KL beside logits that pay."""
    with_a_kl = slip_of("E5.3", "logits held up").known
    outputs = [torch.full((3,), value) for value in (9.0, 9.0, 9.0, 80.0, 90.0, 9.0)]
    assert with_a_kl(outputs)
    for some, five_times in ((6.0, 6.0), (44.0, 204.0), (330.0, 650.0), (80.0, torch.inf)):
        outputs[3:5] = torch.full((3,), some), torch.full((3,), five_times)
        assert not with_a_kl(outputs)
    assert not slip_of("E5.1", "clamped").known([torch.full((4,), -3.0)] * 5)


def test_sizes_differ_and_pixels_are_of_both_colours(seed):
    for x, logits in inputs_of("E5.1", seed):
        assert x.shape == logits.shape and x.shape[0] != x.shape[1]
        assert x.unique().tolist() == [0, 1] and logits.min() < 0 < logits.max()
    for x, encode, decode, eps in inputs_of("E5.3", seed):
        mu, log_var = encode(x)
        assert len({*x.shape, mu.shape[1]}) == 3 and mu.shape == log_var.shape == eps.shape
        assert log_var.min() < 0 < log_var.max()
        assert x.unique().tolist() == [0, 1] and decode(mu).shape == x.shape


def test_the_whole_objective_is_asked_near_0_and_far_from_it(seed):
    networks = inputs_of("E5.3", seed)
    for x, encode, decode, eps in networks[:2]:
        mu, log_var = encode(x)
        assert 0.4 <= log_var.abs().min() <= log_var.abs().max() <= 2
        assert decode(mu + eps).abs().max() <= 3
    x, encode, decode, eps = networks[2]
    mu, log_var = encode(x)
    assert log_var.abs().min() >= 5.4 and mu.dtype == torch.float64
    for size, (x, encode, decode, eps) in zip((40, 200), networks[3:5], strict=True):
        mu, log_var = encode(x)
        assert log_var.abs().min() >= 0.4
        logits = decode(mu + (log_var / 2).exp() * eps)
        assert logits.dtype == torch.float32 and (logits.abs() / size - 1).abs().max() <= 0.11
        for sign in (-1, 1):
            colours = torch.where(logits.sign() == sign, x, torch.nan)
            assert ((colours == 0).sum(1) == 1).all() and ((colours == 1).sum(1) == 1).all()
        assert ((1 - logits.sigmoid()).log() == -torch.inf).any(dim=1).all()
    q = densities.DiagonalNormal(*networks[5][1](networks[5][0]))
    assert 1e-5 < densities.kl_to_standard_normal(q.mu, q.log_var).max() < 0.03


def test_between_moderate_and_large_a_sure_decoder_is_right(seed):
    """So that its log-probability is small, and the last digits of log(1 + e^l) count."""
    x, logits = inputs_of("E5.1", seed)[2]
    assert ((logits > 0) == (x == 1)).all() and 5.5 <= logits.abs().min() <= logits.abs().max()
    assert (logits.abs() >= 10.6).all(1).any() and logits.abs().max() <= 12.1
    assert (ex05.my_log_bernoulli(x, logits) > -0.03).all()


def test_a_pixel_s_log_density_is_small_where_pi_is_looked_at(seed):
    x, mean, sigma = inputs_of("E5.2", seed)[2]
    each = Normal(mean, sigma).log_prob(x)
    assert -1.04 <= each.min() <= each.max() <= -0.53


def test_no_uniform_number_is_close_to_its_probability(seed):
    """So that single precision, or <= instead of <, changes no pixel."""
    for decode, z, u in inputs_of("E5.5", seed):
        means, x = ex05.my_generate(decode, z, u)
        assert (u - means).abs().min() >= 0.02 and u.min() >= 0 and u.max() < 1
        assert (x != (means > 0.5)).any() and (x == (means > 0.5)).any()


def test_every_call_makes_an_untrained_model_and_leaves_the_learners_generator_alone():
    before = torch.get_rng_state()
    (one, *_), (again, *_) = inputs_of("E5.4"), inputs_of("E5.4")
    assert torch.equal(before, torch.get_rng_state())
    weights = [weight.clone() for weight in one[0].parameters()]
    ex05.my_epoch(*one)
    torch.testing.assert_close(list(again[0].parameters()), weights, rtol=0, atol=0)


def test_the_last_case_takes_up_the_model_that_the_one_before_has_left():
    """Two epochs by hand give its losses; a model that is not trained on gives others."""
    *_, before, second = inputs_of("E5.4")
    assert second is before
    by_hand, optimizer, x, eps, batches = inputs_of("E5.4")[-2]
    losses = [ex05.my_epoch(by_hand, optimizer, x, eps, batches) for _ in range(2)]
    torch.testing.assert_close(ex05.my_epoch(*before), losses[0])
    torch.testing.assert_close(ex05.my_epoch(*second), losses[1])
    assert ((losses[0] - losses[1]).abs() > 0.01).all()


def test_batches_hold_each_picture_once_and_are_neither_equal_nor_in_order():
    for _, _, x, _, batches in inputs_of("E5.4"):
        order = torch.cat(batches).tolist()
        assert sorted(order) == list(range(len(x))) != order
        assert len({len(batch) for batch in batches}) == 2


def test_the_lean_vae_computes_what_the_vae_computes():
    model, _, x, eps, _ = inputs_of("E5.4")[0]
    theirs = VAE.elbo(model, x, eps=eps)
    torch.testing.assert_close(model.elbo(x, eps=eps), theirs)
    pictures = x.reshape(-1, 2, 3)
    torch.testing.assert_close(VAE.elbo(model, pictures, eps=eps), theirs)
    draws = torch.stack([eps, -eps])
    torch.testing.assert_close(model.elbo(x, eps=draws), VAE.elbo(model, x, eps=draws))
    free = model.elbo(x, eps=eps, beta=0.0)
    torch.testing.assert_close(free.elbo, theirs.rec)


def test_a_network_is_its_own_weights_and_gradients_reach_them():
    _, encode, decode, eps = inputs_of("E5.3")[0]
    encode.requires_grad_()
    mu, log_var = encode(torch.ones(4, 5).double())
    assert type(mu) is torch.Tensor and type(decode(eps)) is torch.Tensor
    slope = torch.autograd.grad((mu + log_var).sum(), encode)[0]
    assert slope.shape == (8, 6) and (slope != 0).all()
