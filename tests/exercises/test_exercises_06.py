"""Notebook 06's exercises: right answers in all their forms, wrong ones and the hint they get."""

import math
from statistics import NormalDist

import numpy as np
import pytest
import torch
from learner import assert_recognised, assert_solution_stands_alone
from torch.distributions import Normal

from course_utils.data import load
from course_utils.exercises import ex06, ex06_inputs
from course_utils.exercises import ex06_ppca_wrong as ppca_wrong
from course_utils.exercises._compare import same_outputs
from course_utils.exercises._judge import NOT_YET, RIGHT, judge, outputs_of
from course_utils.toys import LinearGaussian

EXERCISES = {exercise.id: exercise for exercise in ex06.EXERCISES}
SEEDS = range(3)
STUBS = {
    "E6.1": "def my_quantiles(n):",
    "E6.2": "def my_active_units(mu):",
    "E6.3": "def my_aggregated_moments(mu, log_var):",
    "E6.4": "def my_ppca(x, latent_dim):",
    "E6.5": "def my_active_count(eigenvalues, sigma2, latent_dim):",
}


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("exercise_id", STUBS)
def test_the_solution_is_right_where_it_is_pasted_with_torch_alone(exercise_id):
    assert_solution_stands_alone(EXERCISES[exercise_id], STUBS[exercise_id])


# ------------------------------------------------- the references, by another route


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
        error = (draws.mean(0) - exact).abs()
        assert (error < 5 * draws.std(0) / math.sqrt(n)).all()


@pytest.mark.parametrize("seed", SEEDS)
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


# ------------------------------------------------- right answers in other forms


def by_a_loop_over_n(n):
    z = torch.empty(n)
    for i in range(n):
        z[i] = NormalDist().inv_cdf((i + 0.5) / n)
    return z


def by_the_library(n):
    return np.array([NormalDist().inv_cdf((2 * i + 1) / (2 * n)) for i in range(n)])


def variance_by_hand(mu):
    return torch.stack([sum((c - sum(c) / len(c)) ** 2) / len(c) for c in mu.T]) > 0.01


def moments_in_numpy(mu, log_var):
    mu, log_var = mu.numpy(), log_var.numpy()
    return mu.mean(0), mu.var(0) + np.exp(log_var).mean(0)


def moments_by_total_square(mu, log_var):
    mean = mu.mean(0)
    return [mean, (mu**2 + log_var.exp()).mean(0) - mean**2]


def moments_by_a_loop(mu, log_var):
    pairs = [(m.mean(), m.var() + v.exp().mean()) for m, v in zip(mu.T, log_var.T, strict=True)]
    return tuple(torch.stack(values) for values in zip(*pairs, strict=True))


def moments_by_distributions(mu, log_var):
    q = Normal(mu, (log_var / 2).exp())
    return q.mean.mean(0), ((q.mean - q.mean.mean(0)) ** 2 + q.variance).mean(0)


def moments_in_float32(mu, log_var):
    return ex06.my_aggregated_moments(mu.float(), log_var.float())


def ppca_by_svd(x, latent_dim):
    _, s, rows = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    values = s**2 / len(x)
    sigma2 = values[latent_dim:].sum() / (x.shape[1] - latent_dim)
    W = (rows[:latent_dim] * (values[:latent_dim] - sigma2).sqrt()[:, None]).T
    return W, x.mean(0), sigma2.sqrt().item()


def ppca_ascending(x, latent_dim):
    values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    sigma2 = values[:-latent_dim].mean()
    W = vectors[:, -latent_dim:] @ torch.diag(values[-latent_dim:] - sigma2).sqrt()
    return W, x.mean(0), math.sqrt(sigma2)


def ppca_in_numpy(x, latent_dim):
    x = x.numpy()
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    order = np.argsort(values)[::-1]
    values, vectors = values[order], vectors[:, order]
    sigma2 = values[latent_dim:].mean()
    return vectors[:, :latent_dim] * np.sqrt(values[:latent_dim] - sigma2), x.mean(0), sigma2**0.5


def ppca_in_float32(x, latent_dim):
    return ex06.my_ppca(x.float(), latent_dim)


def ppca_by_what_is_left(x, latent_dim):
    """sigma^2 from the trace: what the L largest leave, over D - L."""
    covariance = torch.cov(x.T, correction=0)
    values, vectors = torch.linalg.eigh(covariance)
    values, vectors = values[-latent_dim:], vectors[:, -latent_dim:]
    sigma2 = (covariance.trace() - values.sum()) / (x.shape[1] - latent_dim)
    return vectors * (values - sigma2).clamp(min=0) ** 0.5, x.mean(0), sigma2.sqrt()


def ppca_by_the_package(x, latent_dim):
    model = LinearGaussian.fit_ml(x, latent_dim)
    return [model.W, model.b, model.sigma]


def ppca_with_other_signs(x, latent_dim):
    """Signs and order of W's columns are free."""
    W, b, sigma = ex06.my_ppca(x, latent_dim)
    return W.flip(1) * torch.tensor([-1.0, 1.0, -1.0])[:latent_dim], b, sigma


def count_in_a_loop(eigenvalues, sigma2, latent_dim):
    count = 0
    for value in eigenvalues[:latent_dim]:
        if value > sigma2:
            count += 1
    return count


def count_by_columns(eigenvalues, sigma2, latent_dim):
    lengths = (eigenvalues - sigma2).clamp(min=0).sqrt()
    return min(int((lengths > 0).sum()), latent_dim)


def count_by_a_list(eigenvalues, sigma2, latent_dim):
    return len([value for value in eigenvalues.tolist() if value > sigma2][:latent_dim])


def count_in_numpy(eigenvalues, sigma2, latent_dim):
    return np.minimum((eigenvalues.numpy() > sigma2).sum(), latent_dim)


OTHER_FORMS = [
    *(("E6.1", form) for form in (by_a_loop_over_n, by_the_library)),
    ("E6.1", lambda n: Normal(0.0, 1.0).icdf((torch.arange(n) + 0.5) / n)),
    ("E6.1", lambda n: 2**0.5 * torch.erfinv((2 * torch.arange(n) + 1) / n - 1)),
    ("E6.1", lambda n: torch.special.ndtri(torch.linspace(0.5 / n, 1 - 0.5 / n, n))),
    (
        "E6.1",
        lambda n: torch.tensor([NormalDist().inv_cdf((i - 0.5) / n) for i in range(1, n + 1)]),
    ),
    ("E6.1", lambda n: -torch.special.ndtri((torch.arange(n).double() + 0.5) / n).flip(0)),
    ("E6.2", variance_by_hand),
    ("E6.2", lambda mu: mu.std(0) > 0.1),
    ("E6.2", lambda mu: mu.float().var(0, unbiased=False) >= 0.01),
    ("E6.2", lambda mu: mu.numpy().var(axis=0) > 0.01),
    ("E6.2", lambda mu: np.var(mu.numpy(), axis=0, ddof=1) > 0.01),
    ("E6.2", lambda mu: torch.from_numpy(np.var(mu.numpy(), 0)) > 0.01),
    ("E6.2", lambda mu: (mu**2).mean(0) - mu.mean(0) ** 2 > 0.01),
    ("E6.2", lambda mu: torch.cov(mu.T).diagonal() > 0.01),
    ("E6.2", lambda mu: torch.tensor([column.var() > 0.01 for column in mu.T])),
    *(("E6.3", form) for form in (moments_in_numpy, moments_by_total_square, moments_by_a_loop)),
    *(("E6.3", form) for form in (moments_by_distributions, moments_in_float32)),
    *(("E6.4", form) for form in (ppca_by_svd, ppca_ascending, ppca_in_numpy, ppca_in_float32)),
    *(("E6.4", form) for form in (ppca_by_what_is_left, ppca_by_the_package)),
    ("E6.4", ppca_with_other_signs),
    *(("E6.5", form) for form in (count_in_a_loop, count_by_columns, count_by_a_list)),
    ("E6.5", count_in_numpy),
    ("E6.5", lambda eigenvalues, sigma2, n: float((eigenvalues[:n].float() > sigma2).sum())),
    ("E6.5", lambda eigenvalues, sigma2, n: (eigenvalues[:n] / sigma2).log().gt(0).sum()),
    ("E6.5", lambda eigenvalues, sigma2, n: (eigenvalues[:n] - sigma2 > 1e-6).sum()),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_FORMS)
def test_right_answers_in_other_forms_pass(exercise_id, answer):
    for seed in SEEDS:
        verdict = judge(EXERCISES[exercise_id], answer, seed)
        assert verdict.status == RIGHT, (seed, verdict.says)


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


def test_a_list_of_numbers_hears_how_to_make_a_tensor_of_it():
    verdict = judge(EXERCISES["E6.1"], lambda n: by_the_library(n).tolist())
    assert verdict.status == NOT_YET and "`torch.tensor(...)` makes one of it" in verdict.says


# ------------------------------------------------- wrong answers get the hint that was meant


def keras_grid(n):
    """As a well-known example has it."""
    return torch.tensor([NormalDist().inv_cdf(u) for u in np.linspace(0.05, 0.95, n)])


def two_slips_in_moments(mu, log_var):
    return mu.sum(0), mu.var(0)


def plain_pca(x, latent_dim):
    _, _, rows = torch.linalg.svd(x - x.mean(0))
    return rows[:latent_dim].T, x.mean(0), ex06.my_ppca(x, latent_dim)[2]


def rows_by_svd(x, latent_dim):
    """The signs are svd's, not eigh's."""
    _, s, rows = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    values = s**2 / len(x)
    sigma2 = values[latent_dim:].mean()
    return rows[:, :latent_dim] * (values[:latent_dim] - sigma2).sqrt(), x.mean(0), sigma2.sqrt()


def variance_in_float32(x, latent_dim):
    W, b, sigma = ppca_in_float32(x, latent_dim)
    return W, b, sigma**2


def unbiased_in_numpy(x, latent_dim):
    x = x.numpy()
    values, vectors = np.linalg.eigh(np.cov(x.T))
    sigma2 = values[:-latent_dim].mean()
    W = vectors[:, -latent_dim:] * np.sqrt(values[-latent_dim:] - sigma2)
    return W, x.mean(0), np.sqrt(sigma2)


def two_slips_in_ppca(x, latent_dim):
    W, b, sigma = ex06.my_ppca(x, latent_dim)
    return W, torch.zeros_like(b), sigma**2


def no_noise_in_w(x, latent_dim):
    """Two slips, of W and of sigma: the first is W's."""
    values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    W = vectors[:, -latent_dim:] * values[-latent_dim:].sqrt()
    return W, x.mean(0), values[:-latent_dim].mean()


def transposed_by_svd(x, latent_dim):
    return ppca_by_svd(x, latent_dim)[0].T, x.mean(0), ppca_by_svd(x, latent_dim)[2]


def ppca_turned(x, latent_dim):
    """Two latents or three, turned by any rotation."""
    W, b, sigma = ex06.my_ppca(x, latent_dim)
    rotation, _ = torch.linalg.qr(randn(latent_dim, latent_dim, seed=7))
    return -W @ rotation, b, sigma


def turned_in_numpy(x, latent_dim):
    return tuple(np.asarray(part) for part in ppca_turned(x, latent_dim))


def ppca_after(turn):
    """The eigenvalues turned round, and of the eigenvectors turn(vectors) in NumPy."""

    def answer(x, latent_dim):
        values, vectors = np.linalg.eigh(np.cov(x.numpy().T, bias=True))
        values, vectors = values[::-1], turn(vectors)
        sigma2 = values[latent_dim:].mean()
        W = vectors[:, :latent_dim] * np.sqrt(values[:latent_dim] - sigma2)
        return W, x.numpy().mean(0), sigma2**0.5

    return answer


def range_of(mu):
    return mu.max(0).values - mu.min(0).values


def while_above(eigenvalues, sigma2, latent_dim):
    count = 0
    while count < len(eigenvalues) and eigenvalues[count] > sigma2:
        count += 1
    return count


SLIPS = [
    ("E6.1", "trimmed shares", keras_grid),
    ("E6.1", "trimmed shares", lambda n: Normal(0.0, 1.0).icdf(torch.linspace(0.03, 0.97, n))),
    ("E6.1", "trimmed shares", lambda n: Normal(0.0, 1.0).icdf(torch.linspace(0.2, 0.9, n))),
    ("E6.1", "even steps of z", lambda n: torch.linspace(-1.7, 1.7, n)),
    ("E6.1", "even steps of z", lambda n: np.linspace(-2, 3, n)),
    ("E6.1", "shares from 0 to 1", lambda n: Normal(0.0, 1.0).icdf(torch.linspace(0, 1, n))),
    (
        "E6.1",
        "n + 1 in place of n",
        lambda n: torch.special.ndtri(torch.linspace(0, 1, n + 2)[1:-1]),
    ),
    (
        "E6.1",
        "forward instead of inverse",
        lambda n: Normal(0.0, 1.0).cdf((torch.arange(n) + 0.5) / n),
    ),
    ("E6.1", "random draws", lambda n: torch.randn(n).sort().values),
    ("E6.1", "one place off", lambda n: Normal(0.0, 1.0).icdf((torch.arange(n) + 1.5) / n)),
    ("E6.1", "one place off", lambda n: torch.special.ndtri((torch.arange(n) - 0.5) / n)),
    ("E6.1", "half of one share", lambda n: torch.special.ndtri(torch.arange(n) + 1 / 2 / n)),
    ("E6.1", "lopsided shares", lambda n: torch.special.ndtri((torch.arange(n) + 0.5) / (n + 1))),
    ("E6.1", "from the top", lambda n: ex06.my_quantiles(n).flip(0)),
    ("E6.2", "mean of mu", lambda mu: mu.float().mean(0).abs() > 0.01),
    ("E6.2", "across the latents", lambda mu: mu.numpy().var(1) > 0.01),
    ("E6.2", "mean absolute deviation", lambda mu: (mu - mu.median(0).values).abs().mean(0) > 0.08),
    ("E6.2", "mean absolute deviation", lambda mu: (mu - mu.mean(0)).abs().mean(0) > 0.08),
    ("E6.2", "mean absolute deviation", lambda mu: (mu - mu.mean(0)).abs().mean(0) > 0.11),
    (
        "E6.2",
        "mean absolute deviation",
        lambda mu: np.subtract(*np.quantile(mu, (0.75, 0.25), 0)) > 0.1,
    ),
    ("E6.2", "largest difference", lambda mu: range_of(mu) > 0.4),
    ("E6.2", "largest difference", lambda mu: range_of(mu) > 0.25),
    ("E6.2", "largest difference", lambda mu: range_of(mu) ** 2 / 12 > 0.01),
    ("E6.2", "largest difference", lambda mu: (mu - mu.mean(0)).abs().amax(0) > 0.3),
    ("E6.2", "size of mu", lambda mu: mu.abs().max(0).values > 0.1),
    ("E6.2", "size of mu", lambda mu: mu.abs().max(0).values > 0.3),
    ("E6.2", "mean square", lambda mu: mu.norm(dim=0) / len(mu) ** 0.5 > 0.1),
    ("E6.2", "sum of squares", lambda mu: (len(mu) * mu.var(0)) > 0.3),
    ("E6.2", "another threshold", lambda mu: mu.std(0) > 0.11),
    ("E6.2", "another threshold", lambda mu: mu.var(0) > 0.009),
    ("E6.2", "compared with other latents", lambda mu: mu.var(0) / mu.var(0).max() > 0.01),
    ("E6.2", "numbers for flags", lambda mu: (mu.var(0) > 0.01).float()),
    ("E6.2", "everything at once", lambda mu: bool(mu.var() > 0.01) and torch.tensor(True)),
    ("E6.3", "variance of mu alone", lambda mu, lv: (mu.float().mean(0), mu.float().var(0))),
    ("E6.3", "sum of the means", two_slips_in_moments),
    ("E6.3", "draws", lambda mu, lv: (mu.mean(0), Normal(mu, (lv / 2).exp()).sample().var(0))),
    ("E6.3", "mean square", lambda mu, lv: (mu.mean(0), (mu**2 + lv.exp()).mean(0))),
    ("E6.4", "plain PCA", plain_pca),
    ("E6.4", "rows for columns", rows_by_svd),
    ("E6.4", "variance for sigma", variance_in_float32),
    ("E6.4", "divided by N - 1", unbiased_in_numpy),
    ("E6.4", "b forgotten", two_slips_in_ppca),
    ("E6.4", "noise not subtracted", no_noise_in_w),
    ("E6.4", "transposed", transposed_by_svd),
    ("E6.4", "turned", ppca_turned),
    ("E6.4", "turned", turned_in_numpy),
    ("E6.4", "values turned alone", ppca_after(lambda vectors: vectors)),
    ("E6.4", "values turned alone", ppca_after(lambda vectors: vectors[::-1])),
    ("E6.4", "values turned alone", ppca_after(np.flip)),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] > 1.1 * s).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] - s > 0.01).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] - s > 0.03).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] / s).log().gt(0.05).sum()),
    ("E6.5", "a margin", lambda e, s, n: (e[:n] > 0.97 * s).sum()),
    ("E6.5", "no cap", while_above),
    ("E6.5", "every latent", lambda eigenvalues, sigma2, latent_dim: latent_dim),
    ("E6.5", "sigma for sigma^2", lambda e, s, n: int((e.sqrt() > s).sum().clamp(max=n))),
]


@pytest.mark.parametrize(("exercise_id", "name", "answer"), SLIPS)
def test_natural_slips_get_the_hint_that_was_meant(exercise_id, name, answer):
    assert_recognised(EXERCISES[exercise_id], answer, name, SEEDS)


KNOWN = [
    pytest.param(exercise, mistake, wrong, id=f"{exercise.id} {mistake.name} {number}")
    for exercise in ex06.EXERCISES
    for mistake in exercise.mistakes
    for number, wrong in enumerate((mistake.wrong, *mistake.also_wrong))
]


@pytest.mark.parametrize(("exercise", "mistake", "wrong"), KNOWN)
def test_each_known_mistake_gets_its_own_hint_with_other_inputs_too(exercise, mistake, wrong):
    for seed in range(1, 4):
        verdict = judge(exercise, wrong, seed)
        assert verdict.status == NOT_YET and verdict.mistake is mistake, (seed, verdict.says)


# ------------------------------------------------- the judge of E6.4


def ppca_with(change):
    return judge(EXERCISES["E6.4"], lambda x, n: change(*ex06.my_ppca(x, n)))


def test_the_judge_compares_what_does_not_depend_on_signs_and_order():
    verdict = ppca_with(lambda W, b, sigma: (1.1 * W, b, sigma))
    assert "With x (12, 5), latent_dim = 2: `W @ W.T`: the shape is right" in verdict.says
    assert verdict.mistake is None


def test_the_judge_says_which_columns_are_not_orthogonal():
    """W = U A R with a rotation R by t: (a_0^2 - a_1^2) sin t cos t beside the diagonal."""
    verdict = judge(EXERCISES["E6.4"], ppca_wrong.turned(30.0))
    lengths = torch.tensor([4.0, 2.2]) - (0.9 + 0.5 + 0.3) / 3
    entry = (lengths[1] - lengths[0]) * math.sin(math.pi / 6) * math.cos(math.pi / 6)
    assert f"entry [0, 1] of `W.T @ W` is {entry:.3g}." in verdict.says
    assert "`W @ W.T`, `b` and `sigma` are right" in verdict.says


@pytest.mark.parametrize(("degrees", "status"), [(1e-6, RIGHT), (0.01, NOT_YET), (90.0, RIGHT)])
def test_a_rotation_is_seen_unless_it_is_rounding_or_an_exchange(degrees, status):
    assert judge(EXERCISES["E6.4"], ppca_wrong.turned(degrees)).status == status


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
    assert verdict.mistake.name == "variance for sigma"
    assert ppca_with(lambda W, b, sigma: (W, b + 0.1, sigma)).mistake is None


# ------------------------------------------------- the inputs


@pytest.mark.parametrize("seed", range(20))
def test_variances_lie_close_to_the_threshold_on_both_sides_but_not_on_it(seed):
    """Divided by N or by N - 1: a few per cent, which change no flag; in the large sample less."""
    for case, nearest in zip(ex06_inputs.active_cases(seed), (0.16, 0.16, 0.02), strict=True):
        for correction in (0, 1):
            away = case.args[0].var(0, correction=correction) / 0.01 - 1
            assert away.abs().min() > 0.01
            assert away[away > 0].min() < nearest and away[away < 0].max() > -nearest


MEASURES = {
    "range": range_of,
    "largest distance from the mean": lambda mu: (mu - mu.mean(0)).abs().amax(0),
    "mean absolute deviation": lambda mu: (mu - mu.mean(0)).abs().mean(0),
    "about the median": lambda mu: (mu - mu.median(0).values).abs().mean(0),
    "median absolute deviation": lambda mu: (mu - mu.median(0).values).abs().median(0).values,
    "quartiles": lambda mu: mu.quantile(0.75, dim=0) - mu.quantile(0.25, dim=0),
    "cubes": lambda mu: (mu - mu.mean(0)).abs().pow(3).mean(0),
    "fourth powers": lambda mu: (mu - mu.mean(0)).pow(4).mean(0),
    "power 1.5": lambda mu: (mu - mu.mean(0)).abs().pow(1.5).mean(0),
    "largest size": lambda mu: mu.abs().amax(0),
    "mean size": lambda mu: mu.abs().mean(0),
    "mean square": lambda mu: (mu**2).mean(0),
    "mean": lambda mu: mu.mean(0),
}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_no_threshold_on_another_measure_gives_the_flags_of_any_case(measure):
    """Wrong in both directions: some latent not in use has more of it than some latent in use."""
    for case in ex06_inputs.active_cases(0):
        mu = case.args[0]
        sizes, active = measure(mu), mu.var(0) > 0.01
        assert sizes[~active].max() > 1.02 * sizes[active].min()


def test_the_seed_orders_the_pictures_and_changes_no_column():
    """Or the mistakes that are known by a measure would not be known with other inputs."""
    first = ex06_inputs.active_cases(0)
    for seed in range(1, 20):
        for one, other in zip(first, ex06_inputs.active_cases(seed), strict=True):
            ours, theirs = one.args[0], other.args[0]
            assert not torch.equal(ours, theirs)
            assert torch.equal(ours.sort(0).values, theirs.sort(0).values)


@pytest.mark.parametrize("seed", range(20))
def test_the_two_sources_of_variance_are_both_seen(seed):
    """Neither term is near 0, nor near the other's size at log_var = 0."""
    for case in ex06_inputs.moment_cases(seed):
        mu, log_var = case.args
        assert log_var.abs().min() >= 0.6
        assert mu.var(0).min() > 0.01 and log_var.min() < 0 < log_var.max()


def test_the_covariances_have_the_eigenvalues_that_were_asked_for():
    for case, (values, n, latent_dim) in zip(
        ex06_inputs.ppca_cases(0), ex06_inputs._DATA, strict=True
    ):
        x, given = case.args
        found = torch.linalg.eigvalsh(torch.cov(x.T, correction=0)).flip(0)
        torch.testing.assert_close(found, torch.tensor(values, dtype=torch.float64))
        assert (len(x), given) == (n, latent_dim) and x.mean(0).abs().min() > 0.05


def test_the_data_are_the_same_for_every_seed():
    """The judge of E6.4 compares with the outputs on these very data."""
    first = ex06_inputs.ppca_cases(0)
    for seed in range(1, 20):
        for one, other in zip(first, ex06_inputs.ppca_cases(seed), strict=True):
            assert torch.equal(one.args[0], other.args[0])


@pytest.mark.parametrize("seed", range(20))
def test_no_count_depends_on_the_seed(seed):
    exercise = EXERCISES["E6.5"]
    for mistake in exercise.mistakes:
        if mistake.name != "the eigenvalues":
            for wrong in (mistake.wrong, *mistake.also_wrong):
                outputs = [outputs_of(wrong, exercise.cases(s)) for s in (100, seed)]
                assert same_outputs(*outputs), mistake.name


@pytest.mark.parametrize("seed", range(20))
def test_eigenvalues_lie_within_one_per_cent_of_sigma2_but_not_on_it(seed):
    """In three cases one above and one below, both among the first latent_dim; else 4 % away."""
    close = []
    for case in ex06_inputs.count_cases(seed):
        eigenvalues, sigma2, latent_dim = case.args
        assert (eigenvalues.diff() < 0).all()
        away = eigenvalues / sigma2 - 1
        assert (((away.abs() > 0.0025) & (away.abs() < 0.0075)) | (away.abs() > 0.04)).all()
        close += [away[:latent_dim][away[:latent_dim].abs() < 0.01].sign().tolist()]
    assert [signs for signs in close if signs] == 3 * [[1.0, -1.0]]
