"""Answers with gradients: what the engine compares of them, and says."""

import torch
from answers_04 import elbo_of, sigma_of
from learner import said, with_slips, wrong
from routes import randn

from course_utils.exercises import check
from course_utils.exercises._engine import compare
from course_utils.exercises._engine.exercise import Case, Exercise, Slip
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, judge


def of_mu_before_it_asks(x, mu, log_var, *rest):
    return torch.autograd.grad(elbo_of(x, mu, log_var, *rest).sum(), (mu, log_var))


def of_a_whole_tensor(x, mu, log_var, *rest):
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    return torch.autograd.grad(elbo_of(x, mu, log_var, *rest), (mu, log_var))


def test_torch_s_complaints_about_autograd_are_said_in_other_words(shown):
    check("E4.3", of_mu_before_it_asks)
    assert "RuntimeError: element 0 of tensors does not require grad" in said(shown)
    assert "`mu = mu.clone().requires_grad_()`" in said(shown)
    check("E4.3", of_a_whole_tensor)
    assert "take the `.sum()` of what you differentiate" in said(shown)


def test_a_hint_about_the_gradient_stands_below_the_verdict(shown):
    check("E4.1", lambda mu, lv, eps: mu + sigma_of(lv).detach() * eps)
    assert "The values are right, but (mu, log_var (4, 3), eps (5, 4, 3))" in said(shown)
    assert "Hint: The gradient reaches mu, but not log_var." in said(shown)


def test_bools_are_shown_as_bools(shown):
    check("E4.5", wrong("E4.5", "only mu is asked"))
    assert "`log_var`: the shape is right, a value is not: expected " in said(shown)
    assert "expected True, yours False" in said(shown)


def pair(**changes):
    """An exercise whose answer is x + 1 and 2 x, with gradients."""
    parts = {
        "reference": lambda x: (x + 1, 2 * x),
        "cases": lambda seed: [Case("x (3,)", (randn(3, seed=seed),), (0,))],
        "parts": ("sum", "double"),
    }
    slips = (
        Slip("first", "Plus.", (lambda x: (x - 1, 2 * x),), None),
        Slip("both", "Plus, and twice.", (lambda x: (x - 1, x),), None),
        Slip("one part", "Two.", (lambda x: x - 1,), None),
        Slip("cut", "Cut.", (lambda x: (x + 1, 2 * x.detach()),), None),
    )
    return with_slips(Exercise(id="E4.9", **{**parts, **changes}), *slips)


def test_the_whole_answer_is_matched_before_a_part_of_it():
    assert judge(pair(), lambda x: (x - 1, x)).mistake == "both"
    assert judge(pair(), lambda x: (x - 1, 3 * x)).mistake == "first"
    assert judge(pair(), lambda x: (x + 1, x)).mistake == "a constant factor"
    assert judge(pair(), lambda x: (x + 1, 3 * x)).mistake == "a constant factor"
    assert judge(pair(), lambda x: x - 1).mistake == "one part"


def test_a_right_part_is_no_mistake():
    """`first` gives the same double; that is no reason to show its hint."""
    assert judge(pair(), lambda x: (x + 5, 2 * x)).mistake is None


def test_gradients_of_each_part_count():
    assert judge(pair(), pair().reference).status == RIGHT
    cut = judge(pair(), lambda x: (1 + x, 2 * x.detach()))
    assert cut.status == NOT_YET and cut.mistake == "cut"
    other = judge(pair(), lambda x: (1 + x.detach(), 2 * x))
    assert other.status == NOT_YET and other.mistake is None
    gone = judge(pair(), lambda x: ((1 + x).detach(), (2 * x).detach()))
    assert "the gradient is cut" in gone.says


def test_a_gradient_that_differs_between_the_parts_is_seen():
    """Its sum over the parts is right: 1 + 2 = 2 + 1."""

    def exchanged(x):
        return x + 1 + (x - x.detach()), 2 * x.detach() + (x - x.detach())

    assert judge(pair(), exchanged).status == NOT_YET


def test_same_gradients_asks_where_they_are_cut():
    one, two = torch.ones(2), torch.zeros(2)
    assert compare.same_gradients([one, None], [one.clone(), None])
    assert not compare.same_gradients([two, None], [None, None])
    assert not compare.same_gradients([one, two], [one, one])


def test_an_answer_whose_gradients_fail_later_gets_no_hint_of_a_mistake():
    calls = []

    def breaks_later(x):
        calls.append(x)
        if len(calls) > 1:
            raise RuntimeError("later")
        return x + 1, 2 * x.detach()

    verdict = judge(pair(), breaks_later)
    assert verdict.status == NOT_YET and verdict.mistake is None
