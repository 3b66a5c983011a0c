"""Notebook 04's exercises: the references by another route, and what their judges say."""

import torch
from learner import cases_of, inputs_of
from routes import randn

from course_utils.exercises import ex04, ex04_inputs


def test_the_slopes_of_the_functions_are_their_derivatives():
    z = randn(9).requires_grad_()
    for f, df, *_ in inputs_of("E4.2"):
        torch.testing.assert_close(df(z), torch.autograd.grad(f(z).sum(), z)[0])


def test_references_leave_a_callers_gradients_alone():
    """Also for mu and log_var that come out of a network."""
    x, eps = randn(4), randn(5, 4, seed=1)
    leaf = randn(4, seed=2).requires_grad_()
    d_mu, d_log_var = ex04.my_elbo_gradient(x, 2 * leaf, leaf - 1, eps, 1.5, 0.3, 0.5)
    plain = leaf.detach()
    want = ex04.my_elbo_gradient(x, 2 * plain, plain - 1, eps, 1.5, 0.3, 0.5)
    torch.testing.assert_close((d_mu, d_log_var), want)
    assert leaf.grad is None and not d_mu.requires_grad


def test_no_variance_is_near_one_and_both_sides_of_it_occur(seed):
    places = {"E4.1": 1, "E4.3": 2, "E4.4": 3}
    for log_var in (args[i] for name, i in places.items() for args in inputs_of(name, seed)):
        assert log_var.abs().min() >= 0.6 and log_var.min() < 0 < log_var.max()


def test_a_gradient_arrives_where_the_decoder_looks_and_no_rounding_matters(seed):
    """Everywhere; or in one corner alone, so that neither `.all()` nor one entry is enough."""
    for case in cases_of("E4.5", seed):
        loss, shape = case.args
        leaves = [torch.zeros(shape, requires_grad=True) for _ in range(2)]
        found = torch.autograd.grad(loss(*leaves).sum(), leaves, materialize_grads=True)
        for gradient, arrives in zip(found, ex04.my_gets_gradient(loss, shape), strict=True):
            where = gradient.nonzero().tolist()
            corner = [0, 0] if "the first" in case.label else [size - 1 for size in shape]
            count = 1 if "masked" in case.label else gradient.numel()
            assert len(where) == (count if arrives else 0) and (count > 1 or where == [corner])
            smallest, largest = gradient.abs()[gradient != 0].aminmax() if arrives else (1, 1)
            assert smallest > 1e-6 and (largest < 1e-4 or "/" not in case.label)


def test_which_paths_let_the_gradient_through():
    verdicts = [ex04.my_gets_gradient(*args) for args in inputs_of("E4.5")]
    said_so = dict(zip([path.label for path in ex04_inputs.PATHS], verdicts, strict=True))
    assert {label: (bool(mu), bool(log_var)) for label, (mu, log_var) in said_so.items()} == {
        "z = mu + std * eps": (True, True),
        "z = Normal(mu, std).sample()": (False, False),
        "z = mu.detach() + std * eps": (False, True),
        "z = mu + std.detach() * eps": (True, False),
        "z = mu + std * eps under torch.no_grad()": (False, False),
        "z = torch.normal(mu, std)": (False, False),
        "z = mu": (True, False),
        "z = Normal(mu, std).rsample()": (True, True),
        "z = torch.normal(mu, std) and no KL in the loss": (False, False),
        "z = mu + std * eps, all but the last entry masked": (True, True),
        "z = mu + std * eps, all but the first entry masked": (True, True),
        "z / 300000": (True, True),
    }


def test_torch_finds_a_way_back_to_both_arguments_as_the_notebook_says(seed):
    """Without a KL as well: no answer is stopped by a loss that knows neither."""
    assert not all(path.with_kl for path in ex04_inputs.PATHS)
    for loss, shape in inputs_of("E4.5", seed):
        leaves = [torch.zeros(shape, requires_grad=True) for _ in range(2)]
        loss(*leaves).sum().backward()
        assert all(leaf.grad is not None for leaf in leaves)


def test_a_loss_draws_the_same_noise_again_and_leaves_the_learners_generator_alone():
    mu, log_var = torch.full((4, 3), 0.3), torch.full((4, 3), -0.4)
    loss = inputs_of("E4.5")[0][0]
    before = torch.get_rng_state()
    first = loss(mu, log_var)
    assert first.shape == (4,) and torch.equal(first, loss(mu, log_var))
    assert torch.equal(before, torch.get_rng_state())
