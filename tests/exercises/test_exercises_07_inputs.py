"""Notebook 07's exercises: the inputs, which wrong answers are not to survive."""

import pytest
import torch
from thorough import seeds
from torch.distributions import Normal

from course_utils import densities
from course_utils.exercises import ex07, ex07_inputs


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_labels_repeat_and_leave_the_last_class_out_in_one_case(seed):
    first, last, many = (case.args for case in ex07_inputs.concat_cases(seed))
    (h, y, classes), (other, labels, n) = first, last
    assert len({*h.shape, classes}) == len({*other.shape, n}) == 3
    assert y.max() < classes - 1 and len(y.unique()) < len(y)
    assert labels.unique().tolist() == list(range(n))
    assert len({*many[0].shape, many[2]}) == 3 and many[2] > 10
    assert all(labels.max() < len(h) for h, labels, _ in (first, last, many))


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_sizes_differ_but_those_of_x_and_y(seed):
    for x, y, eps, encode, prior, log_likelihood in (c.args for c in ex07_inputs.bound_cases(seed)):
        (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
        assert x.shape == y.shape and len({*eps.shape, x.shape[1]}) == 4
        assert eps.shape[1:] == mu.shape == log_var.shape == mu_p.shape == log_var_p.shape
        assert log_likelihood(x, mu + eps, y).shape == eps.shape[:2]


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_q_and_the_prior_are_never_alike_nor_standard_where_they_are_moderate(seed):
    for x, y, _, encode, prior, _ in (c.args for c in ex07_inputs.bound_cases(seed)[:2]):
        (_, log_var), (_, log_var_p) = encode(x, y), prior(y)
        assert (log_var - log_var_p).abs().min() >= 0.9
        assert log_var.abs().min() >= 0.5 and log_var_p.abs().min() >= 0.4


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_one_case_goes_further_out(seed):
    """Wide and narrow, with a density above 1, a loss below 0, and a latent that hardly counts."""
    *_, far = ex07_inputs.bound_cases(seed)
    x, y, eps, encode, prior, log_likelihood = far.args
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    for spread in (log_var, log_var_p):
        assert spread[:, 0].max() < -5.5 and spread[:, 1].min() > 6
    assert mu[:, 0].min() > 3.5 and mu[:, 1].max() < -3.4
    kls = densities.kl_normal(*(part[..., None] for part in (mu, log_var, mu_p, log_var_p)))
    assert kls[:, 2].min() > 0.001 and kls[:, 2].max() < 0.03
    assert (log_var[:, 2] > 0).all() and (log_var_p[:, 2] < 0).all()
    log_px_zy = log_likelihood(x, mu + (log_var / 2).exp() * eps, y)
    assert log_px_zy[:, 0].min() > 0 and log_px_zy[:, 1].max() < -100
    assert ex07.my_negative_bound(*far.args)[0] < 0


def test_a_picture_s_density_is_that_of_independent_normal_pixels():
    x, y, eps, _, _, log_likelihood = ex07_inputs.bound_cases(0)[-1].args
    mu, log_var = log_likelihood.outputs(z=eps, y=y).chunk(2, dim=-1)
    expected = Normal(mu, (log_var / 2).exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(log_likelihood(x, eps, y), expected)


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_there_are_as_many_pictures_as_classes_in_one_case_alone(seed):
    sizes = [
        (len(x), classes) for x, *_, classes in (c.args for c in ex07_inputs.style_cases(seed))
    ]
    assert sizes == [(3, 4), (4, 4)]


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_the_best_draw_is_not_the_same_for_all_pictures(seed):
    """Or one smallest number for all would be right."""
    best = [
        ((completions - x) ** 2).sum(-1).argmin(0)
        for x, completions in (case.args for case in ex07_inputs.error_cases(seed))
    ]
    assert any(len(which.unique()) > 1 for which in best)


@pytest.mark.parametrize("seed", seeds(1, 10))
def test_logits_and_completions_of_one_case_go_further_out(seed):
    near, far = (ex07.my_same_style(*case.args) for case in ex07_inputs.style_cases(seed))
    assert near.abs().max() <= 3 and far.max() > 10 and far.min() < -10
    (x, inside), (far_x, outside) = (case.args for case in ex07_inputs.error_cases(seed))
    assert min(x.min(), inside.min()) >= 0 and max(x.max(), inside.max()) <= 1
    assert min(far_x.max(), outside.max()) > 1 and max(far_x.min(), outside.min()) < 0
