"""Notebook 08's exercises: the references by another route, and their inputs."""

import math

import pytest
import torch
from learner import changed, inputs_of, wrong
from routes import lies_near, randn
from torch.distributions import Normal

from course_utils import densities, estimators
from course_utils.exercises import ex08, ex08_inputs
from course_utils.exercises._engine.judge import judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.toys import LinearGaussian


@pytest.mark.parametrize(
    ("edit", "mistake"),
    [
        ("`return top + 0.3 * log_w.std(dim=0).nan_to_num()`", "another average"),
        ("`return -(top + (log_w - top).exp().mean(dim=0).log())`", "minus the right value"),
        ("`.mean(dim=0).log()` → `.mean(dim=0).log() + 2`", "a constant"),
        ("`return (top - top) / 0`", "not a number"),
        ("`return log_w.std(dim=0).nan_to_num()[:2]`", "another shape"),
        ("`return (log_w - top).exp().sum(dim=0)`", "another average"),
    ],
)
def test_what_nothing_else_explains_is_told_numbers_to_try(edit, mistake):
    """After all slips, families, pairs, and words of errors; not of other shapes."""
    found = judge(find_exercise("E8.1"), changed("E8.1", edit))
    assert found.mistake == mistake


def test_the_numbers_to_try_are_right():
    """Those of the hints `other bits`, `another average` and `another weight`."""
    coins = torch.tensor([-10 * math.log(2)], dtype=torch.float64)
    assert ex08.my_bits_per_dim(coins, 10).item() == pytest.approx(1)
    assert ex08.my_bits_per_dim(0 * coins, 5, 256).item() == pytest.approx(8)
    bound = ex08.my_iwae_bound(torch.tensor([[0.0], [1.0986]]))
    assert bound.item() == pytest.approx(0.693, abs=5e-4)
    log_prior, log_likelihood, move, z = path = chains(4)
    one, two = (ex08.my_annealed_log_weights(*path, steps) for steps in (1, 2))
    assert torch.equal(one, log_likelihood(z))
    torch.testing.assert_close(two, (log_likelihood(z) + log_likelihood(move(z, 0.5))) / 2)


def test_a_fair_coin_a_pixel_is_one_bit_and_an_even_density_is_all_of_the_levels():
    coins = torch.tensor([-60 * math.log(2), -30 * math.log(2)], dtype=torch.float64)
    even = torch.zeros(2, dtype=torch.float64)
    assert ex08.my_bits_per_dim(coins, 60).tolist() == pytest.approx([1, 0.5])
    assert ex08.my_bits_per_dim(even, 3072, 256).tolist() == [8, 8]


def test_the_bits_of_a_density_are_those_of_its_levels_where_it_is_even_in_each():
    """Of one pixel: a density of steps, and the probabilities of the levels."""
    shares = randn(1, 16).softmax(-1).squeeze()
    of_density = ex08.my_bits_per_dim((16 * shares).log(), 1, 16)
    torch.testing.assert_close(of_density, ex08.my_bits_per_dim(shares.log(), 1))


def test_86_nats_on_784_pixels_are_0_158_bits():
    assert ex08.my_bits_per_dim(torch.tensor([-86.0]), 784).item() == pytest.approx(0.158, abs=5e-4)


def test_the_bound_grows_with_k_and_is_the_elbo_at_one_draw():
    log_w = 1.5 * randn(600, 400)
    bounds = [ex08.my_iwae_bound(log_w[:k]).mean() for k in (1, 5, 25, 600)]
    assert all(a < b for a, b in zip(bounds, bounds[1:], strict=False))
    assert torch.equal(ex08.my_iwae_bound(log_w[:1]), log_w[0])


def chains(n, seed=0):
    """The path of the first case for n chains: its three functions, and draws from the prior."""
    *path, z, _ = inputs_of("E8.2", seed)[0]
    return *path, randn(n, *z.shape[1:], seed=7)


def evidence(log_prior, log_likelihood):
    """log p(x) (B,), of two latents, on a grid."""
    line = torch.linspace(-9, 9, 721, dtype=torch.float64)
    grid = torch.cartesian_prod(line, line)[:, None]  # (G, 1, 2)
    area = 2 * (line[1] - line[0]).log()
    return torch.logsumexp(log_prior(grid) + log_likelihood(grid), dim=0) + area


@pytest.mark.parametrize("steps", [1, 3, 12])
@pytest.mark.parametrize("answer", [ex08.my_annealed_log_weights, ex08._moves_first])
def test_annealed_weights_are_on_average_the_evidence(answer, steps):
    log_prior, log_likelihood, move, z = chains(20_000)
    log_w = answer(log_prior, log_likelihood, move, z, steps)
    exact = evidence(log_prior, log_likelihood)
    assert lies_near((log_w - exact).exp(), torch.ones(len(exact)))


def first_moved(move, beta):
    return lambda z: move(z, beta)[0, 0]


def test_moves_leave_each_density_as_it_is(seed):
    """Where a draw comes to lie density and volume change together; and the density does change."""
    for log_prior, log_likelihood, move, z, _ in inputs_of("E8.2", seed):
        for beta in (0.0, 0.4, torch.tensor(1.0)):
            there = move(z, beta)
            before, after = (log_prior(at) + beta * log_likelihood(at) for at in (z, there))
            slope = torch.autograd.functional.jacobian(first_moved(move, beta), z)
            stretched = slope[:, 0, 0].det().abs().log()
            torch.testing.assert_close(before[0, 0], after[0, 0] + stretched)
            assert (before - after).abs().max() > 0.1 and (there - z).abs().amax(-1).mean() > 0.1


@pytest.mark.parametrize(
    "name", ["weighed after the move", "moved at the wrong temperature", "beta for the difference"]
)
def test_what_is_weighed_or_moved_otherwise_is_not_the_evidence(name):
    log_prior, log_likelihood, move, z = chains(20_000)
    weights = wrong("E8.2", name)(log_prior, log_likelihood, move, z, 3).exp()
    assert not lies_near(weights, evidence(log_prior, log_likelihood).exp())


def linear_case():
    """A linear model with orthogonal columns, an x, and its exact posterior's mu, log_var."""
    W = torch.linalg.qr(randn(5, 2)).Q * torch.tensor([1.5, 0.4])
    model = LinearGaussian(W, randn(5, seed=2), 0.6)
    x = randn(3, 5, seed=3)
    q = model.posterior(x)
    return model, x, q.mu, 2 * q.scale_tril.diagonal().log().expand(3, 2)


def test_at_the_exact_posterior_every_draw_is_the_evidence_and_has_no_gradient():
    model, x, mu, log_var = linear_case()
    mu, log_var = (part.clone().requires_grad_() for part in (mu, log_var))
    log_joint = lambda z: model.log_prior(z) + model.log_likelihood(x, z)  # noqa: E731
    parts = log_joint, mu, log_var, randn(6, 3, 2)
    values = ex08.my_elbo_without_score(*parts)
    torch.testing.assert_close(values, model.log_px(x).expand(6, 3))
    assert all(g.abs().max() < 1e-12 for g in torch.autograd.grad(values.sum(), (mu, log_var)))
    noisy = wrong("E8.6", "nothing detached")(*parts)
    assert torch.autograd.grad(noisy.sum(), mu)[0].abs().min() > 1e-3


def test_without_the_score_the_gradient_is_right_on_average():
    """20 000 draws of each of three x, against the exact ELBO's."""
    model, x, mu, log_var = linear_case()
    n = 20_000
    mu, log_var = mu + 0.5, log_var + 0.7
    wide = [part.repeat(n, 1).requires_grad_() for part in (mu, log_var)]
    log_joint = lambda z: model.log_prior(z) + model.log_likelihood(x.repeat(n, 1), z)  # noqa: E731
    values = ex08.my_elbo_without_score(log_joint, *wide, randn(1, 3 * n, 2))
    ours = torch.autograd.grad(values.sum(), wide)
    q = [part.clone().requires_grad_() for part in (mu, log_var)]
    exact = torch.autograd.grad(model.exact_elbo(x, densities.DiagonalNormal(*q)).elbo.sum(), q)
    assert all(lies_near(a.reshape(n, 3, 2), b) for a, b in zip(ours, exact, strict=True))


def test_an_elbo_without_a_score_is_estimate_a():
    for log_joint, mu, log_var, eps in inputs_of("E8.6"):
        q = Normal(mu, (log_var / 2).exp())
        z = q.loc + q.scale * eps
        ours = ex08.my_elbo_without_score(log_joint, mu, log_var, eps)
        torch.testing.assert_close(ours, log_joint(z) - q.log_prob(z).sum(-1))


def test_sizes_differ_and_come_twice(seed):
    for name, place in (("E8.2", 3), ("E8.6", 3), ("E8.1", 0)):
        shapes = [args[place].shape for args in inputs_of(name, seed)]
        assert all(len(set(shape)) == len(shape) for shape in shapes)
        assert len({*map(tuple, shapes)}) == len(shapes) >= 2


def test_densities_lie_above_and_below_1_and_cost_what_they_should(seed):
    pairs = zip(inputs_of("E8.4", seed), ex08_inputs._UNITS, strict=True)
    for (log_px, *units), (_, levels, low, high) in pairs:
        bits = ex08.my_bits_per_dim(log_px, *units)
        assert bits[:2].tolist() == pytest.approx([low, high])
        assert bits.min() >= low - 1e-9 and bits.max() <= high + 1e-9
        if levels == 256:
            assert log_px.min() < 0 < log_px.max()


def test_the_bound_is_the_package_s_where_exp_under_and_overflows():
    far = inputs_of("E8.1")[2][0]
    torch.testing.assert_close(ex08.my_iwae_bound(far), estimators.iwae_bound(far))
    assert not far.exp().mean(0).log().isfinite().all()
