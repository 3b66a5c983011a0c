"""Notebook 02's exercises: the references by another route, and what their judges say."""

import math
import re
from types import SimpleNamespace

import pytest
import torch
from answers_02 import TOLD, ess
from learner import be_patient, inputs_of
from places import cells_of, notebook
from routes import generator, randn
from thorough import seeds

from course_utils import densities, estimators
from course_utils.exercises import ex02, ex02_inputs
from course_utils.exercises._engine.judge import NOT_YET, judge
from course_utils.exercises._engine.registry import all_predictions, find_exercise
from course_utils.toys import LinearGaussian, TwoRoots

MODEL = LinearGaussian(randn(5, 3), randn(5, seed=1), 0.7)
X = randn(4, 5, seed=2)


def test_naive_log_px_and_error_bar_are_the_packages():
    z = MODEL.sample_prior(50, generator=generator(5))
    estimate = estimators.naive_monte_carlo(MODEL, X, 50, generator=generator(5))
    torch.testing.assert_close(ex02.my_naive_log_px(MODEL, X, z), estimate.log_px)
    log_w = MODEL.log_likelihood(X, z[:, None])
    std_error, void = ex02.my_error_bar(log_w)
    torch.testing.assert_close(std_error, estimate.std_error)
    assert torch.equal(void, estimate.ess < estimators.TRUST)


def test_an_importance_sample_is_exact_at_the_posterior():
    q = MODEL.posterior(X)
    z = q.rsample(randn(7, 4, 3, seed=3))
    ours = ex02.my_importance_log_px(MODEL, X, z, q.log_prob(z))
    torch.testing.assert_close(ours, MODEL.log_px(X))


@pytest.mark.parametrize("k", [11, 40, 49, 1000])
def test_the_error_bar_of_equal_weights_is_zero(k):
    std_error, void = ex02.my_error_bar(torch.full((k, 3), -800.0, dtype=torch.float64))
    assert torch.equal(std_error, torch.zeros(3).double()) and not void.any()


def test_ten_equal_weights_are_ten_effective_draws_as_in_the_package():
    """Shares of 1/10 would give 9.999...; the weights themselves give 10, and no void bar."""
    log_w = torch.full((10, 2), -800.0, dtype=torch.float64)
    assert estimators.effective_sample_size(log_w).tolist() == [10, 10]
    assert not ex02.my_error_bar(log_w)[1].any()


def test_weights_that_are_all_zero_are_no_nan_but_as_in_the_package():
    zero = torch.full((12, 2), -math.inf, dtype=torch.float64)
    zero[:, 1] = 0
    assert ex02.my_log_mean_exp(zero, 0).tolist() == [-math.inf, 0]
    torch.testing.assert_close(densities.log_mean_exp(zero, 0), ex02.my_log_mean_exp(zero, 0))
    torch.testing.assert_close(ex02.my_ess(zero), estimators.effective_sample_size(zero))
    assert ex02.my_error_bar(zero)[1].tolist() == [True, False]
    never = SimpleNamespace(  # under which no draw explains any x
        log_prior=MODEL.log_prior, log_likelihood=lambda x, z: MODEL.log_likelihood(x, z) - math.inf
    )
    z = MODEL.sample_prior(6)
    assert (ex02.my_naive_log_px(never, X, z) == -math.inf).all()
    z = z[:, None].expand(6, 4, 3)
    assert (ex02.my_importance_log_px(never, X, z, never.log_prior(z)) == -math.inf).all()


def test_the_expected_error_is_the_closed_form():
    """Relative rms times sqrt(n) is the root of the relative variance, 2.966739810016182."""
    rms, _ = ex02_inputs.rms_and_its_error(100, 400)
    assert rms * 10 == pytest.approx(math.sqrt(2.966739810016182), rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "claim"), [(LinearGaussian, 1.0), (ex02_inputs.Overstated, ex02_inputs.CLAIM)]
)
def test_the_standard_error_of_the_expected_error_is_seen(kind, claim):
    """The spread of 200 runs; its own relative error is 1 / sqrt(2 * 200) = 5 %."""
    model, x = kind([[1.5]], [0.3], 0.5), torch.tensor([[2.0]], dtype=torch.float64)
    draws = generator()
    runs = torch.stack([ex02.my_rms_error(model, x, 5, 400, draws) for _ in range(200)])
    rms, error = ex02_inputs.rms_and_its_error(5, 400, claim)
    assert runs.std().item() == pytest.approx(error, rel=5 * 0.05)
    assert abs(runs.mean().item() - rms) < 5 * error / math.sqrt(200)


@pytest.mark.parametrize(("prediction_id", "sigma"), [("P2.3", 0.3), ("P2.4", 1.0)])
def test_the_cost_of_twenty_latents(prediction_id, sigma):
    """log10 n for a 10 % error of p(x), median over x from x = z + sigma eps, in closed form."""
    x2 = (1 + sigma**2) * randn(4001, 20) ** 2
    wide, narrow = 1 + sigma**2, 1 + sigma**2 / 2
    log_second = -0.5 * math.log(2 * math.pi * narrow) - x2 / (2 * narrow)
    log_second = log_second - math.log(2 * math.sqrt(math.pi) * sigma)
    log_square = -math.log(2 * math.pi * wide) - x2 / wide
    relative_variance = (log_second - log_square).sum(1).expm1()
    log10_n = (relative_variance / 0.1**2).log10().median().item()
    prediction = all_predictions()[prediction_id]
    assert log10_n == pytest.approx(float(prediction.right), abs=0.2)
    per_direction = (1 + relative_variance).median() ** (1 / 20)
    factor, total = re.search(r"multiplies 1 \+ v by about ([\d.]+)", prediction.because)[1], 20
    assert round(per_direction.item(), 1) == float(factor)
    power = int(re.search(r"to the 20th is 10\^(\d+)", prediction.because)[1])
    assert round(total * math.log10(float(factor))) == power


# P2.6 in numbers, as its question and its explanation say them: ESS, error bar, miss.
SAID = re.compile(r"size of (\d+) of 1000 .* bar of ([\d.]+) nats.* misses by ([\d.]+) nats", re.S)


def said_of_the_other_mode():
    prediction = all_predictions()["P2.6"]
    return SAID.search(prediction.question + prediction.because).groups()


def test_an_error_bar_does_not_see_the_other_mode():
    """P2.6: x = z^2 + 0.3 eps at x = 1.5, q on one of two modes: one half is missed, log 2.

    400 runs; the numbers in the text are those of one run, so within five of its spreads.
    """
    x, mu = torch.full((400, 1), 1.5).double(), torch.full((400, 1), 1.2).double()
    q = densities.DiagonalNormal(mu, torch.full_like(mu, 2 * math.log(0.15)))
    model = TwoRoots(sigma=0.3)
    estimate = estimators.importance_sampling(model, x, q, 1000, generator=generator())
    miss = model.log_px(x) - estimate.log_px
    runs = (estimate.ess, estimate.std_error, miss)
    for number, run in zip(said_of_the_other_mode(), runs, strict=True):
        assert abs(float(number) - run.mean().item()) < 5 * run.std().item()
    assert abs(miss.mean().item() - math.log(2)) < 5 * miss.std().item()


def test_the_run_beside_the_question_is_the_one_it_tells_of():
    """P2.6 and the notebook's stored output, digit by digit."""
    cells = cells_of(notebook("02"))
    outputs = [out for cell in cells for out in cell.get("outputs", ())]
    said = (out.get("text") or out.get("data", {}).get("text/plain", ()) for out in outputs)
    printed = "".join("".join(text) for text in said)
    run = re.search(r"± ([\d.]+), ESS ([\d.]+)\n.*?off by -([\d.]+) nats", printed, re.S)
    ess, bar, miss = said_of_the_other_mode()
    assert (f"{float(run[2]):.0f}", f"{float(run[1]):.3f}", run[3]) == (ess, bar, miss)


@pytest.mark.parametrize(("name", "slip", "answer"), TOLD)
def test_a_hint_is_shown_only_where_all_it_says_is_true(name, slip, answer, monkeypatch):
    """On some inputs that no learner meets no weights are so rounded that a bar is nan: seed 4."""
    be_patient(monkeypatch)
    for seed in seeds(1, 4):
        verdict = judge(find_exercise(name), answer, seed)
        assert verdict.status == NOT_YET
        if slip:
            assert verdict.mistake == slip, (seed, verdict.says)
        else:
            assert "no clamp" not in str(verdict.mistake), seed


def test_void_is_asked_on_both_sides_of_ten_but_not_at_ten():
    """At exactly ten equal weights two right forms differ by rounding: 10 and 9.999..."""
    sizes = torch.cat([ess(log_w) for (log_w,) in inputs_of("E2.6")])
    assert ((sizes > 9) & (sizes < 9.9)).sum() == 2
    assert ((sizes > 10.1) & (sizes < 11)).sum() == 2
    assert not ((sizes > 9.9) & (sizes < 10.1)).any()


def test_the_claim_of_the_overstated_model_is_seen_in_its_expected_error():
    """With the variance gone, (1 - c) / c alone is left; without a claim, sqrt(v / n)."""
    alone, _ = ex02_inputs.rms_and_its_error(10**12, 400, ex02_inputs.CLAIM)
    assert alone == pytest.approx(1 / 3, rel=1e-9)
    assert ex02_inputs.rms_and_its_error(7, 9, 1.0) == ex02_inputs.rms_and_its_error(7, 9)
