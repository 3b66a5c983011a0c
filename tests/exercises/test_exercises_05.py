"""Notebook 05's exercises: the references by another route, and what their judges say."""

import numpy as np
import torch
from learner import cases_of, slip_of, wrong
from routes import lies_near, randn
from thorough import seeds

from course_utils import densities
from course_utils.exercises import ex05, ex05_inputs
from course_utils.exercises._engine.judge import RIGHT, judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.models import VAE


def test_the_formula_takes_grey_pixels_too():
    x, logits = randn(4, 6).sigmoid(), 3 * randn(4, 6, seed=1)
    ours = ex05.my_log_bernoulli(x, logits)
    torch.testing.assert_close(ours, densities.log_bernoulli(x, logits))


def test_large_logits_cost_themselves():
    """A decoder that is sure and wrong pays its logit, one that is sure and right nothing."""
    for case in ex05_inputs.log_bernoulli_cases(0)[3:]:
        x, logits = case.args
        wrong = (x == 1) != (logits > 0)
        assert ex05.my_log_bernoulli(x, logits).tolist() == (-logits.abs() * wrong).sum(1).tolist()


def test_log_normal_pixels_stays_in_single_precision():
    for case in (case for seed in seeds(1, 5) for case in cases_of("E5.2", seed)):
        x, mean, sigma = case.args
        ours = ex05.my_log_normal_pixels(x.float(), mean.float(), sigma)
        torch.testing.assert_close(ours, ex05.my_log_normal_pixels(x, mean, sigma).float())


def test_log_normal_pixels_takes_a_sigma_that_is_learned():
    x, mean, sigma = randn(4, 5), randn(4, 5, seed=1), torch.tensor(0.7).double().requires_grad_()
    (slope,) = torch.autograd.grad(ex05.my_log_normal_pixels(x, mean, sigma).sum(), sigma)
    squared = ((x - mean) ** 2).sum()
    torch.testing.assert_close(slope, squared / 0.7**3 - 20 / torch.tensor(0.7).double())


def test_an_epoch_is_gradient_descent_by_hand():
    """The losses, and the weights that are left, the last step included."""
    model, optimizer, x, eps, batches = cases_of("E5.4")[0].args
    losses = ex05.my_epoch(model, optimizer, x, eps, batches)
    byhand, _, x, eps, batches = cases_of("E5.4")[0].args
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
    n, decode, z = 20_000, cases_of("E5.5")[0].args[0], randn(1, 3)
    u = torch.rand(n, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    means, x = ex05.my_generate(decode, z.expand(n, -1), u)
    error = (means[0] * (1 - means[0]) / n).sqrt()
    assert ((x.mean(0) - means[0]).abs() < 5 * error).all()


def test_three_log_densities_are_right_on_average_as_their_hint_says():
    """Equation 5.6 less equation 5.7 over 20 000 draws: within five standard errors of 0."""
    x, encode, decode, _ = cases_of("E5.3")[0].args
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
