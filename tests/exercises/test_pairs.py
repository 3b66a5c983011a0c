"""Two slips at once: the first is told, if both together make exactly what came."""

import math

import pytest
import torch
from learner import changed
from torch.distributions import Normal
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from course_utils.exercises._engine import pairs
from course_utils.exercises._engine.judge import NOT_YET, judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.exercises._engine.trial import known


def no_2pi_and_a_mean(x, mu, log_var):
    return (-0.5 * (log_var + (x - mu) ** 2 / log_var.exp())).mean(-1)


def no_b_and_no_spacing(x, grid, a, b, sigma):
    z = grid[:, None]
    return (Normal(0.0, 1.0).log_prob(z) + Normal(a * z, sigma).log_prob(x)).exp().sum(0)


def probabilities_without_b(x, grid, a, b, sigma):
    joint = (-0.5 * grid[:, None] ** 2 - 0.5 * ((x - a * grid[:, None]) / sigma) ** 2).exp()
    return joint / joint.sum(0)


def one_kl_without_its_ones(mu, log_var):
    return 0.5 * (mu**2 + log_var.exp() - log_var).sum()


def swapped_and_a_mean(mu_q, log_var_q, mu_p, log_var_p):
    terms = log_var_q - log_var_p + (log_var_p.exp() + (mu_q - mu_p) ** 2) / log_var_q.exp() - 1
    return 0.5 * terms.mean(-1)


def plug_in_with_a_gain(x, mu, log_var, a, b, sigma):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var)
    return Normal(a * mu + b, sigma).log_prob(x) + kl


def variance_subtracted(mu, log_var, eps):
    return mu - log_var.exp() * eps


def pixels_without_half_or_d(x, mean, sigma):
    return -((x - mean) ** 2).sum(-1) / sigma**2 - 0.5 * math.log(2 * math.pi * sigma**2)


def loss_of(sigma, kl):
    def answer(x, encode, decode, eps):
        mu, log_var = encode(x)
        rec = bce(decode(mu + sigma(log_var) * eps), x, reduction="none").sum(-1)
        return rec + kl(mu**2 + log_var.exp() - 1 - log_var)

    return answer


NATURAL = [
    ("E1.1", no_2pi_and_a_mean),
    ("E1.3", no_b_and_no_spacing),
    ("E1.5", probabilities_without_b),
    ("E3.1", one_kl_without_its_ones),
    ("E3.2", swapped_and_a_mean),
    ("E3.3", plug_in_with_a_gain),
    ("E4.1", variance_subtracted),
    ("E5.2", pixels_without_half_or_d),
    ("E5.3", loss_of(torch.exp, lambda terms: -0.5 * terms.sum(-1))),
    ("E5.3", loss_of(torch.exp, lambda terms: 0.5 * terms.mean(-1))),
    ("E5.3", loss_of(lambda log_var: 0, lambda terms: terms.sum(-1))),
]


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """On a machine that has much else to do."""
    monkeypatch.setattr(pairs, "SECONDS", 60.0)


@pytest.mark.parametrize(("name", "answer"), NATURAL)
def test_two_natural_slips_at_once_are_told_one_by_one(name, answer):
    exercise = find_exercise(name)
    verdict = judge(exercise, answer)
    assert verdict.status == NOT_YET and verdict.hint.startswith(pairs.TWO)
    assert verdict.mistake in {slip.name for slip in exercise.slips}


@pytest.mark.parametrize(("name", "answer"), NATURAL[:8])
def test_a_third_slip_in_one_case_alone_is_no_pair(name, answer):
    """The last case, and by a thousandth."""
    exercise = find_exercise(name)
    last = len(exercise.cases(0)) - 1
    seen = []

    def also_a_third(*args):
        seen.append(args)
        return answer(*args) * (1.001 if (len(seen) - 1) % (last + 1) == last else 1)

    assert not judge(exercise, also_a_third).hint.startswith(pairs.TWO)


def test_one_slip_is_no_pair():
    verdict = judge(find_exercise("E3.1"), changed("E3.1", "`0.5 *` → nothing"))
    assert verdict.mistake == "no half" and pairs.TWO not in verdict.hint


def test_the_search_ends_in_time(monkeypatch):
    def odd(x, encode, decode, eps):
        return eps.sum(-1).sin()

    exercise = find_exercise("E5.3")
    inputs = known(exercise, 7)
    monkeypatch.setattr(pairs, "SECONDS", 1e-9)
    assert judge(exercise, odd, 7).mistake is None and len(inputs.pairs) == 1
    assert judge(exercise, odd, 7).mistake is None and len(inputs.pairs) == 1


def test_what_one_check_has_tried_the_next_remembers(monkeypatch):
    exercise, inputs = find_exercise("E3.2"), known(find_exercise("E3.2"), 7)
    assert judge(exercise, swapped_and_a_mean, 7).hint.startswith(pairs.TWO)
    tried = len(inputs.pairs)
    assert 0 < tried < 500
    monkeypatch.setattr(pairs, "_pairs", lambda exercise: ())
    assert judge(exercise, swapped_and_a_mean, 7).hint.startswith(pairs.TWO)
    assert len(inputs.pairs) == tried


def test_changes_that_meet_make_no_pair():
    source = "a + b * c\n"
    assert pairs._change(source, "a + b / c\n") == (6, 7, "/")
    assert pairs._change(source, "a + b\n") == (5, 9, "")
