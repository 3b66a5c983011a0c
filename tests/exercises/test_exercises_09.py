"""Notebook 09's exercises: the references by another route, and their inputs."""

import math

import pytest
import torch
from learner import inputs_of
from routes import randn

from course_utils import densities
from course_utils.exercises import ex09
from course_utils.exercises._engine.compare import same_outputs
from course_utils.exercises._engine.registry import find_exercise
from course_utils.exercises._engine.trial import known
from course_utils.toys import LinearGaussian


def data():
    """x (300, 8), and the eigenvalues of its covariance (1/N), falling."""
    x = randn(300, 8) * torch.linspace(1.8, 0.2, 8)
    return x, torch.linalg.eigvalsh(torch.cov(x.T, correction=0)).flip(0)


def test_the_numbers_to_try_are_right():
    """Those of the hints `another curve`, `another rule` and `another count`."""
    curve = ex09.my_rate_distortion
    high, low = (curve(torch.tensor([value]), 1.0) for value in (4.0, 0.25))
    assert torch.stack(high).tolist() == pytest.approx([0.693, 1], abs=5e-4)
    assert torch.stack(low).tolist() == [0, 0.25]
    distortion, begin = torch.tensor([3.0, 5.0]), torch.tensor(-0.4)
    added = [ex09.my_geco_step(begin, distortion, t, 0.1) - begin for t in (2.0, 4.0)]
    assert [one.item() for one in added] == pytest.approx([0.2, 0], abs=1e-6)
    eigenvalues = torch.tensor([3.0, 1.0, 0.1])
    counts = [ex09.my_active_count(eigenvalues, 0.5, beta, 3).item() for beta in (1, 8, 20)]
    assert counts == [2, 1, 0]


@pytest.mark.parametrize("sigma", [0.3, 0.7, 1.4, 2.5])
def test_the_linear_vae_at_its_best_lies_on_the_curve(sigma):
    """Its mean KL, and its squared error over draws of z, at theta = sigma^2."""
    x, eigenvalues = data()
    model = LinearGaussian.fit_ml(x, 7, sigma=sigma)
    q = model.posterior(x)
    prior = densities.FullNormal(torch.zeros_like(q.mu), torch.eye(7).to(q.mu))
    rate, distortion = ex09.my_rate_distortion(eigenvalues, sigma**2)
    torch.testing.assert_close(densities.kl(q, prior).mean(), rate)
    off = ((x - model.b - q.mu @ model.W.T) ** 2).sum(-1).mean()
    spread = ((model.W @ q.scale_tril) ** 2).sum()
    torch.testing.assert_close(off + spread, distortion)


def test_the_slope_of_the_curve_is_minus_one_over_two_theta():
    _, eigenvalues = data()
    for level in (0.1, 0.5, 1.3):
        theta = torch.tensor(level, dtype=torch.float64, requires_grad=True)
        rate, distortion = ex09.my_rate_distortion(eigenvalues, theta)
        slopes = [torch.autograd.grad(part, theta)[0] for part in (rate, distortion)]
        assert (slopes[0] / slopes[1]).item() == pytest.approx(-1 / (2 * level))


@pytest.mark.parametrize("beta", [0.25, 1.0, 4.0])
def test_the_latents_of_a_beta_vae_are_the_columns_that_ml_leaves_at_beta_sigma2(beta):
    """With as many latents as are worth it, and with three."""
    x, eigenvalues = data()
    for latent_dim in (7, 3):
        model = LinearGaussian.fit_ml(x, latent_dim, sigma=math.sqrt(beta) * 0.7)
        columns = (model.W.norm(dim=0) > 0).sum()
        assert torch.equal(ex09.my_active_count(eigenvalues, 0.7, beta, latent_dim), columns)


def test_geco_finds_the_theta_whose_distortion_is_the_target():
    """On the linear curve, where the multiplier is 1 / (2 theta) and the optimum is known."""
    _, eigenvalues = data()
    for target in (0.8, 3.0):
        log_multiplier = torch.tensor(0.0, dtype=torch.float64)
        for _ in range(400):
            theta = 0.5 * (-log_multiplier).exp().item()
            _, distortion = ex09.my_rate_distortion(eigenvalues, theta)
            log_multiplier = ex09.my_geco_step(log_multiplier, distortion[None], target, 0.2)
        assert distortion.item() == pytest.approx(target)


def test_no_count_depends_on_the_seed(seed):
    """Except with a margin, which a predicate knows: seeds move eigenvalues by as much."""
    exercise = find_exercise("E9.2")
    for slip in exercise.slips:
        for wrong in slip.answers if slip.known is None else ():
            one, other = (known(exercise, s).outputs_of(wrong) for s in (100, seed))
            if not any(torch.as_tensor(output).is_floating_point() for output in one):
                assert same_outputs(one, other), wrong.__code__.co_filename


def test_eigenvalues_lie_close_to_the_threshold_on_both_sides_and_once_upon_it(seed):
    close, upon = [], 0
    for eigenvalues, sigma, beta, latent_dim in inputs_of("E9.2", seed):
        assert (eigenvalues.diff() < 0).all()
        away = (eigenvalues / (beta * sigma**2) - 1)[:latent_dim]
        upon += (away == 0).sum().item()
        away = away[away != 0]
        assert (((away.abs() > 0.0025) & (away.abs() < 0.0075)) | (away.abs() > 0.04)).all()
        close += [away[away.abs() < 0.01].sign().tolist()]
    assert upon == 1 and [signs for signs in close if signs] == 3 * [[1.0, -1.0]]


def test_water_stands_above_below_and_between_and_one_eigenvalue_is_0(seed):
    kinds, zeros, sorted_ones = set(), 0, 0
    for eigenvalues, theta in inputs_of("E9.1", seed):
        assert (eigenvalues / theta - 1).abs().min() > 0.05
        sorted_ones += bool((eigenvalues.diff() < 0).all())
        kinds.add((bool((eigenvalues > theta).any()), bool((eigenvalues < theta).any())))
        zeros += (eigenvalues == 0).sum().item()
    assert kinds == {(True, True), (True, False), (False, True)}
    assert zeros == 1 and sorted_ones == 5  # and one in no order


def test_batches_lie_above_their_target_and_below_and_no_mean_is_a_median(seed):
    signs = set()
    for log_multiplier, distortion, target, _ in inputs_of("E9.3", seed):
        excess = distortion.mean() - target
        signs.add((bool(excess > 0), bool(log_multiplier > 0)))
        assert (distortion.median() - distortion.mean()).abs() > 1e-3
        assert distortion.min() > 0 and excess.abs() > 0.5
    assert signs == {(True, True), (False, False)}
