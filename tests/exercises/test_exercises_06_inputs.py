"""Notebook 06's exercises: the inputs, which wrong answers are not to survive."""

import pytest
import torch
from thorough import seeds

from course_utils.exercises import ex06_inputs
from course_utils.exercises._engine.compare import same_outputs
from course_utils.exercises._engine.registry import find_exercise
from course_utils.exercises._engine.trial import known


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_variances_lie_close_to_the_threshold_on_both_sides_but_not_on_it(seed):
    """Divided by N or by N - 1: a few per cent, which change no flag; in the large sample less."""
    for case, nearest in zip(ex06_inputs.active_cases(seed), (0.16, 0.16, 0.02), strict=True):
        for correction in (0, 1):
            away = case.args[0].var(0, correction=correction) / 0.01 - 1
            assert away.abs().min() > 0.01
            assert away[away > 0].min() < nearest and away[away < 0].max() > -nearest


MEASURES = {
    "range": lambda mu: mu.amax(0) - mu.amin(0),
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
    for seed in seeds(3, 20)[1:]:
        for one, other in zip(first, ex06_inputs.active_cases(seed), strict=True):
            ours, theirs = one.args[0], other.args[0]
            assert not torch.equal(ours, theirs)
            assert torch.equal(ours.sort(0).values, theirs.sort(0).values)


@pytest.mark.parametrize("seed", seeds(1, 20))
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
    for seed in seeds(3, 20)[1:]:
        for one, other in zip(first, ex06_inputs.ppca_cases(seed), strict=True):
            assert torch.equal(one.args[0], other.args[0])


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_no_count_depends_on_the_seed(seed):
    exercise = find_exercise("E6.5")
    for slip in exercise.slips:
        if slip.name != "the eigenvalues":
            for wrong in slip.answers:
                outputs = [known(exercise, s).outputs_of(wrong) for s in (100, seed)]
                assert same_outputs(*outputs), slip.name


@pytest.mark.parametrize("seed", seeds(1, 20))
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
