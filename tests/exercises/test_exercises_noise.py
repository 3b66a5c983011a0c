"""Answers that draw noise of their own: judged by their size and by their generator."""

import pytest
import torch
from learner import said

from course_utils.exercises import check, ex02_inputs

pytestmark = pytest.mark.usefixtures("fresh_learner")


def rms_in_another_order(model, x, n, repeats, generator):
    """Of the same draws each repeat takes others than the reference does."""
    z = model.sample_prior(n * repeats, generator=generator)
    p_hat = model.log_likelihood(x, z[:, None]).exp().reshape(n, repeats).mean(0)
    return ((p_hat / model.log_px(x).exp() - 1) ** 2).mean().sqrt().item()


def test_an_answer_with_a_generator_of_its_own_is_refused_though_its_size_is_right(shown):
    def stubborn(model, x, n, repeats, generator):
        return rms_in_another_order(model, x, n, repeats, torch.Generator().manual_seed(1))

    check("E2.3", stubborn)
    assert "different generators gave the same number" in said(shown)
    assert "Hint: The generator that comes in makes no difference" in said(shown)


def test_drawing_without_the_generator_is_refused_though_its_size_is_right(shown):
    def careless(model, x, n, repeats, generator):
        return rms_in_another_order(model, x, n, repeats, None)

    check("E2.3", careless)
    assert "equal generators gave different numbers" in said(shown)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda rms, p: rms**2, "mean square"),
        (lambda rms, p: rms * p, "in units of p(x)"),
        (lambda rms, p: rms / 1000**0.5, "one estimate"),
        (lambda rms, p: -rms / 1000**0.5, "above and below cancel"),
    ],
)
def test_a_mistake_in_another_draw_order_is_known_by_its_size(wrong, hint, shown):
    p = ex02_inputs.evidence()
    check("E2.3", lambda *args: wrong(rms_in_another_order(*args), p))
    assert hint in said(shown)


def test_one_number_per_repeat_is_not_one_number(shown):
    check("E2.3", lambda model, x, n, repeats, generator: torch.ones(repeats))
    assert "expected shape (), yours (1000,)." in said(shown)
    assert "An axis of length 1" not in said(shown)


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_one_number_in_brackets_is_not_one_number(shape, shown):
    check("E2.3", lambda *args: torch.tensor(rms_in_another_order(*args)).reshape(shape))
    assert f"expected shape (), yours {shape}. An axis of length 1 is too many" in said(shown)


def test_an_exact_p_from_elsewhere_is_refused_though_its_value_is_right(shown):
    p = ex02_inputs.evidence()

    def remembers(model, x, n, repeats, generator):
        z = model.sample_prior(n * repeats, generator=generator)
        p_hat = model.log_likelihood(x, z[:, None]).exp().reshape(repeats, n).mean(1)
        return ((p_hat / p - 1) ** 2).mean().sqrt()

    check("E2.3", remembers)
    assert "1.5 times too large on purpose" in said(shown)
    assert "Hint: Your number is the spread of p_hat" in said(shown)
