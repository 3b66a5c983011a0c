"""Notebook 01's exercises: the references by another route, and what their judges say."""

import math

import pytest
import torch
from answers_01 import draw, draw_by_normal, draw_pairs
from learner import inputs_of
from thorough import seeds

from course_utils.exercises import ex01, ex01_inputs
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge
from course_utils.exercises._engine.registry import find_exercise


def test_the_point_of_the_ring_s_last_hint():
    x = ex01.my_ring(torch.tensor([[3.0, 4.0]]))
    torch.testing.assert_close(x, torch.tensor([[0.9, 1.2]]))
    assert "(3, 4) goes to (0.9, 1.2)" in find_exercise("E1.4").text.hints[-1]


@pytest.mark.parametrize("answer", [ex01.my_sample_model, draw, draw_pairs, draw_by_normal])
def test_two_hundred_seeds_raise_no_false_alarm(answer):
    exercise = find_exercise("E1.2")
    assert {judge(exercise, answer, seed).status for seed in seeds(20, 200)} == {RIGHT}


def test_the_standard_errors_of_the_statistics_are_seen():
    """The spread of 400 runs; its own relative error is 1 / sqrt(2 * 400) = 3.5 %."""
    generator, parameters = torch.Generator().manual_seed(0), (-0.8, 2.0, 2.0)
    runs = [draw(1000, *parameters, generator) for _ in range(400)]
    found = [list(ex01_inputs.statistics(*pair, *parameters)) for pair in runs]
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
    for name in ("E1.1", "E1.3", "E1.4", "E1.5"):
        assert len({args[0].shape for args in inputs_of(name)}) >= 2
    lengths = [(len(x), len(grid)) for x, grid, *_ in inputs_of("E1.3")]
    assert any(b > g for b, g in lengths) and any(b < g for b, g in lengths)
