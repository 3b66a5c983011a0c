"""Notebook 01's exercises: the references by another route, and what their judges say."""

import math

import pytest
import torch
from answers_01 import draw, draw_by_normal, draw_pairs
from routes import lies_near, randn
from thorough import seeds
from torch.distributions import Independent, Normal

from course_utils import densities
from course_utils.exercises import ex01, ex01_inputs, ex01_judges
from course_utils.exercises._engine.exercise import Case
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.toys import LinearGaussian, Ring


def one_latent(a, b, sigma):
    return LinearGaussian(W=[[a]], b=[b], sigma=sigma)


def test_log_normal_is_the_packages_and_torchs():
    x, mu, log_var = (randn(4, 3, seed=seed) for seed in range(3))
    ours = ex01.my_log_normal(x, mu, log_var)
    torch.testing.assert_close(ours, densities.log_normal(x, mu, log_var))
    theirs = Independent(Normal(mu, (0.5 * log_var).exp()), 1).log_prob(x)
    torch.testing.assert_close(ours, theirs)


def test_the_grids_are_fine_and_wide_enough_for_the_closed_forms():
    """To 1e-9, so that an answer may normalise by the exact p(x), or use eq. 1.6 or 1.11."""
    for seed in seeds(5, 50):
        for case in ex01_inputs.grid_cases(seed):
            x, grid, *parameters = case.args
            model = one_latent(*parameters)
            exact = model.log_px(x[:, None]).exp()
            torch.testing.assert_close(ex01.my_marginal(*case.args), exact, rtol=1e-9, atol=1e-12)
            q = model.posterior(x[:, None])
            exact = q.log_prob(grid[:, None, None].expand(-1, len(x), 1)).exp()
            torch.testing.assert_close(ex01.my_posterior(*case.args), exact, rtol=1e-9, atol=1e-9)


def test_the_marginal_and_the_posterior_of_the_famous_x():
    grid, x = torch.linspace(-8, 8, 401, dtype=torch.float64), torch.tensor([2.0]).double()
    p = ex01.my_marginal(x, grid, 1.5, 0.3, 0.5)
    assert p.log().item() == pytest.approx(-1.955083899141750, rel=1e-12)
    posterior = ex01.my_posterior(x, grid, 1.5, 0.3, 0.5)[:, 0]
    mean = torch.trapezoid(grid * posterior, grid)
    assert mean.item() == pytest.approx(1.02, rel=1e-12)
    variance = torch.trapezoid((grid - mean) ** 2 * posterior, grid)
    assert variance.item() == pytest.approx(0.1, rel=1e-12)


def test_the_ring_is_the_packages_with_the_mean_radius_of_eq_1_8():
    z = randn(100_000, 2)
    x = ex01.my_ring(z)
    torch.testing.assert_close(x, Ring(0.1).mean_x(z))
    assert lies_near(x.norm(dim=1), 1 + math.sqrt(math.pi / 2) / 10)


def test_the_point_of_the_ring_s_last_hint():
    x = ex01.my_ring(torch.tensor([[3.0, 4.0]]))
    torch.testing.assert_close(x, torch.tensor([[0.9, 1.2]]))
    assert "(3, 4) goes to (0.9, 1.2)" in find_exercise("E1.4").text.hints[-1]


@pytest.mark.parametrize("answer", [ex01.my_sample_model, draw, draw_pairs, draw_by_normal])
def test_two_hundred_seeds_raise_no_false_alarm(answer):
    exercise = find_exercise("E1.2")
    refused = [seed for seed in seeds(20, 200) if judge(exercise, answer, seed).status != RIGHT]
    assert refused == []


def test_the_standard_errors_of_the_statistics_are_seen():
    """The spread of 400 runs; its own relative error is 1 / sqrt(2 * 400) = 3.5 %."""
    generator, parameters = torch.Generator().manual_seed(0), (-0.8, 2.0, 2.0)
    runs = [draw(1000, *parameters, generator) for _ in range(400)]
    found = [list(ex01_judges.statistics(*pair, *parameters)) for pair in runs]
    for same in zip(*found, strict=True):
        came = torch.tensor([value for _, value, _, _ in same])
        name, _, wanted, error = same[0]
        assert came.std().item() == pytest.approx(error, rel=5 * 0.035), name
        assert abs(came.mean().item() - wanted) < 5 * error / math.sqrt(400), name


@pytest.mark.parametrize("scaled", [lambda u: (2 * u - 1) * 3**0.5, lambda u: (u - 0.5).sign()])
def test_noise_of_the_right_mean_and_variance_that_is_not_normal_is_seen(scaled):
    def answer(n, a, b, sigma, generator):
        z = torch.randn(n, generator=generator)
        return z, a * z + b + sigma * scaled(torch.rand(n, generator=generator))

    for seed in seeds(5, 50):
        verdict = judge(find_exercise("E1.2"), answer, seed)
        assert verdict.status == NOT_YET, seed
        assert "share" in verdict.says, seed


def test_sizes_differ_between_axes_and_cases():
    for make in (ex01_inputs.log_normal_cases, ex01_inputs.grid_cases, ex01_inputs.ring_cases):
        cases: list[Case] = make(0)
        assert len({case.args[0].shape for case in cases}) >= 2
    lengths = [(len(case.args[0]), len(case.args[1])) for case in ex01_inputs.grid_cases(0)]
    assert any(b > g for b, g in lengths) and any(b < g for b, g in lengths)
