"""Notebook 06's exercises: the references by another route, and what their judges say."""

import math
from statistics import NormalDist

import numpy as np
import pytest
import torch
from answers_06 import ppca_by_svd, ppca_in_numpy, ppca_with_other_signs
from routes import lies_near, randn
from thorough import seeds

from course_utils.data import load
from course_utils.exercises import ex06, ex06_inputs
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.toys import LinearGaussian


def test_the_quantiles_of_twenty_shares():
    """Ends at 1.96; steps of 0.125 in the middle and 0.520 at the ends."""
    z = ex06.my_quantiles(20)
    by_the_library = [NormalDist().inv_cdf((i + 0.5) / 20) for i in range(20)]
    torch.testing.assert_close(z, torch.tensor(by_the_library, dtype=torch.float64))
    steps = [round(step, 3) for step in z.diff()[[0, 9, -1]].tolist()]
    assert (steps, [round(end, 2) for end in z[[0, -1]].tolist()]) == (
        [0.52, 0.125, 0.52],
        [-1.96, 1.96],
    )


def test_the_active_units_are_those_whose_standard_deviation_exceeds_a_tenth():
    mu = randn(400, 5) * torch.tensor([2.0, 0.2, 0.11, 0.09, 0.01]) + randn(5, seed=1)
    wide = mu.std(0) > 0.1
    assert torch.equal(ex06.my_active_units(mu), wide)
    assert wide.any() and not wide.all()


def test_the_moments_are_those_of_draws_from_the_mixture():
    """Within five standard errors: pick an example, then draw from its q."""
    mu, log_var, n = randn(6, 2), randn(6, 2, seed=1), 200_000
    which = torch.randint(0, 6, (n,), generator=torch.Generator().manual_seed(2))
    z = mu[which] + (log_var[which] / 2).exp() * randn(n, 2, seed=3)
    mean, variance = ex06.my_aggregated_moments(mu, log_var)
    squares = (z - mean) ** 2
    for draws, exact in ((z, mean), (squares, variance)):
        assert lies_near(draws, exact)


@pytest.mark.parametrize("seed", seeds(1, 5))
@pytest.mark.parametrize(("n", "data_dim", "latent_dim"), [(12, 5, 2), (40, 7, 6), (9, 4, 1)])
def test_ppca_is_the_packages(seed, n, data_dim, latent_dim):
    x = 2 + randn(n, data_dim, seed=seed) @ randn(data_dim, data_dim, seed=seed + 10)
    assert_same_model(ex06.my_ppca(x, latent_dim), LinearGaussian.fit_ml(x, latent_dim))


def test_ppca_of_the_digits_is_the_packages():
    x = load("digits").train.images.flatten(1).double()
    W, b, sigma = ex06.my_ppca(x, 10)
    model = LinearGaussian.fit_ml(x, 10)
    assert_same_model((W, b, sigma), model)
    ours = LinearGaussian(W, b, sigma)
    torch.testing.assert_close(ours.log_px(x), model.log_px(x))


def assert_same_model(ours, model):
    W, b, sigma = ours
    torch.testing.assert_close(W @ W.T, model.W @ model.W.T)
    torch.testing.assert_close(b, model.b)
    assert sigma == pytest.approx(model.sigma, rel=1e-12)


@pytest.mark.parametrize("sigma2", [0.01, 0.1, 0.5, 1.0, 32.0])
def test_the_active_latents_are_the_columns_that_ml_leaves(sigma2):
    """With sigma held, `fit_ml` sets the columns below the noise to 0."""
    x = randn(300, 12) * torch.linspace(1.8, 0.2, 12)
    eigenvalues = torch.linalg.eigvalsh(torch.cov(x.T, correction=0)).flip(0)
    model = LinearGaussian.fit_ml(x, 10, sigma=math.sqrt(sigma2))
    columns = (model.W.norm(dim=0) > 0).sum()
    assert torch.equal(ex06.my_active_count(eigenvalues, sigma2, 10), columns)


def test_the_two_ways_to_divide_are_both_right_and_differ():
    plain, unbiased = ex06.EXERCISES[2].reference, ex06.EXERCISES[2].also_right[0]
    case = ex06_inputs.moment_cases(0)[0]
    assert not torch.allclose(plain(*case.args)[1], unbiased(*case.args)[1], rtol=1e-2)


@pytest.mark.parametrize("answer", [ppca_in_numpy, ppca_by_svd, ppca_with_other_signs])
def test_the_notebook_goes_on_with_what_passes(answer):
    """NumPy or torch: `torch.as_tensor` makes one of both, and M of equation 6.5 is diagonal.

    With its dtype, since a Python float would come out in single precision.
    """
    x = load("digits").vectors
    W, b, sigma = (torch.as_tensor(part, dtype=torch.float64) for part in answer(x, 3))
    W = W[:, W.norm(dim=0).argsort(descending=True)]
    model, ours = LinearGaussian.fit_ml(x, 3), LinearGaussian(W, b, float(sigma))
    torch.testing.assert_close(ours.log_px(x), model.log_px(x))
    M = W.T @ W
    torch.testing.assert_close(M, M.diagonal().diag(), rtol=0, atol=1e-12)


def test_flags_in_numpy_are_counted_as_the_notebook_counts_them():
    mu = ex06_inputs.active_cases(0)[0].args[0]
    flags = np.var(mu.numpy(), axis=0) > 0.01
    assert f"{flags.sum():7}" == f"{ex06.my_active_units(mu).sum():7}" == f"{9:7}"


def turned(degrees):
    """A right answer whose first two columns are turned in their plane."""

    def answer(x, latent_dim):
        W, b, sigma = ex06.my_ppca(x, latent_dim)
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        if latent_dim > 1:
            turn = torch.tensor([[cosine, -sine], [sine, cosine]], dtype=W.dtype)
            W = torch.cat([W[:, :2] @ turn, W[:, 2:]], dim=1)
        return W, b, sigma

    return answer


def ppca_with(change):
    return judge(find_exercise("E6.4"), lambda x, n: change(*ex06.my_ppca(x, n)))


def test_the_judge_compares_what_does_not_depend_on_signs_and_order():
    verdict = ppca_with(lambda W, b, sigma: (1.1 * W, b, sigma))
    assert "With x (12, 5), latent_dim = 2: `W @ W.T`: the shape is right" in verdict.says
    assert verdict.mistake is None


def test_the_judge_says_which_columns_are_not_orthogonal():
    """W = U A R with a rotation R by t: (a_0^2 - a_1^2) sin t cos t beside the diagonal."""
    verdict = judge(find_exercise("E6.4"), turned(30.0))
    lengths = torch.tensor([4.0, 2.2]) - (0.9 + 0.5 + 0.3) / 3
    entry = (lengths[1] - lengths[0]) * math.sin(math.pi / 6) * math.cos(math.pi / 6)
    assert f"entry [0, 1] of `W.T @ W` is {entry:.3g}." in verdict.says
    assert "`W @ W.T`, `b` and `sigma` are right" in verdict.says


@pytest.mark.parametrize(("degrees", "status"), [(1e-6, RIGHT), (0.01, NOT_YET), (90.0, RIGHT)])
def test_a_rotation_is_seen_unless_it_is_rounding_or_an_exchange(degrees, status):
    assert judge(find_exercise("E6.4"), turned(degrees)).status == status


def test_the_judge_looks_at_shapes_first():
    assert "`W`: expected shape (5, 2), yours (2, 5)" in ppca_with(lambda W, *r: (W.T, *r)).says
    assert "`b`: expected shape (5,), yours (1, 5). An axis" in (
        ppca_with(lambda W, b, sigma: (W, b[None], sigma)).says
    )
    assert "`sigma`: expected shape (), yours (1,)" in (
        ppca_with(lambda W, b, sigma: (W, b, torch.tensor([sigma]))).says
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda W, b, sigma: (),
        lambda W, b, sigma: W,
        lambda W, b, sigma: (W, b),
        lambda W, b, sigma: (W, b, sigma, sigma),
        lambda W, b, sigma: (W > 0, b, sigma),
        lambda W, b, sigma: (W.int(), b, sigma),
        lambda W, b, sigma: (W.tolist(), b, sigma),
        lambda W, b, sigma: (W, b, "sigma"),
        lambda W, b, sigma: {"W": W},
        lambda W, b, sigma: (W, b, torch.tensor(sigma * 1j)),
        lambda W, b, sigma: (torch.nan * W, b, sigma),
    ],
)
def test_answers_of_another_kind_are_refused_with_a_sentence(change):
    assert (verdict := ppca_with(change)).status == NOT_YET
    assert verdict.says.startswith("With x (12, 5)")


def test_one_known_part_is_enough_for_a_hint():
    """W right, b as in no mistake, sigma as in one."""
    verdict = ppca_with(lambda W, b, sigma: (W, b + 0.1, sigma**2))
    assert verdict.mistake == "variance for sigma"
    assert ppca_with(lambda W, b, sigma: (W, b + 0.1, sigma)).mistake is None
