"""Notebook 03's exercises: the references by another route, and what their judges say."""

import itertools
import math

import pytest
import torch
from answers_03 import sd
from learner import cases_of
from places import cells_of, notebook
from routes import LINE, M1, SHIFT, SIGMA, A, X, average, torch_normal
from thorough import seeds
from torch.distributions import Normal

from course_utils.exercises import ex03, ex03_inputs
from course_utils.exercises._engine.judge import judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.toys import TwoRoots

OF_M1 = (A, SHIFT, SIGMA)

LINES = {  # as the notebook shows them
    1: (
        r"= \int q_\phi(z \mid x) \left( \log p_\theta(x)"
        r" + \log \frac{q_\phi(z \mid x)}{p_\theta(z, x)} \right) dz"
    ),
    2: (
        r"= \log p_\theta(x) + \int q_\phi(z \mid x)"
        r" \log \frac{q_\phi(z \mid x)}{p_\theta(x \mid z)\, p_\theta(z)} \, dz"
    ),
    3: r"= \int q_\phi(z \mid x) \log \frac{q_\phi(z \mid x)}{p_\theta(z \mid x)} \, dz",
    4: (
        r"= \log p_\theta(x) + \mathrm{KL}(q_\phi(z \mid x) \,\Vert\, p_\theta(z))"
        r" - \mathbb{E}_{q_\phi(z \mid x)} \log p_\theta(x \mid z)"
    ),
    5: r"= \int q_\phi(z \mid x) \log \frac{q_\phi(z \mid x)\, p_\theta(x)}{p_\theta(z, x)} \, dz",
    6: (
        r"= \log p_\theta(x)"
        r" + \int q_\phi(z \mid x) \log \frac{q_\phi(z \mid x)}{p_\theta(z, x)} \, dz"
    ),
}


def test_the_gap_is_zero_at_the_posterior_and_nowhere_near_it():
    x, mu, log_var = (torch.tensor([n], dtype=torch.float64) for n in (2, 1.02, math.log(0.1)))
    assert ex03.my_gap(x, mu, log_var, *OF_M1).abs().item() < 1e-15
    for step in (-0.1, 0.1):
        assert ex03.my_gap(x, mu + step, log_var, *OF_M1).item() > 1e-3
        assert ex03.my_gap(x, mu, log_var + step, *OF_M1).item() > 1e-3


def grid(low, high, size):
    return torch.linspace(low, high, size, dtype=torch.float64)


def log_joint(model, x, z):
    z = z[:, None]
    x = torch.tensor([[x]], dtype=torch.float64)
    return model.log_likelihood(x, z[:, None])[:, 0] + model.log_prior(z)


def test_the_best_q_of_the_linear_model_is_its_posterior():
    z, mus, log_vars = grid(-8, 8, 801), grid(0.72, 1.32, 31), math.log(0.1) + grid(-1, 1, 21)
    mu, log_var = ex03.my_fit_q(log_joint(M1, 2.0, z), z, mus, log_vars)
    assert mu.item() == pytest.approx(1.02, abs=1e-9)
    assert log_var.exp().item() == pytest.approx(0.1, abs=1e-9)


def test_the_best_q_of_two_roots_sits_on_one_and_misses_log_two():
    """Gap .704 at x = 1.5, sigma = .3, as if one half of the posterior were all of it."""
    model, z = TwoRoots(sigma=0.3), grid(-4, 4, 801)
    joint, mus, log_vars = log_joint(model, 1.5, z), grid(-2, 2, 121), grid(-5, 0, 61)
    mu, log_var = ex03.my_fit_q(joint, z, mus, log_vars)
    log_q = Normal(mu, sd(log_var)).log_prob(z)
    elbo = (log_q.exp() * (joint - log_q)).sum() * (z[1] - z[0])
    gap = model.log_px(torch.tensor([[1.5]])) - elbo
    assert gap.item() == pytest.approx(0.704, abs=0.01)
    assert abs(mu.item()) == pytest.approx(1.18, abs=0.04) and sd(log_var) < 0.2


def test_all_six_lines_are_the_same_number():
    """By quadrature on M1 at x = 2 with q = N(.8, .2): a shuffled line would not be noticed."""
    z, q = LINE[:, 0], torch_normal(0.8, 0.2)
    log_q, log_pz, joint = q.log_prob(z), M1.log_prior(LINE), log_joint(M1, 2.0, z)
    log_px, log_px_z = M1.log_px(X), joint - log_pz
    values = {
        1: average(q, log_px + log_q - joint),
        2: log_px + average(q, log_q - log_px_z - log_pz),
        3: average(q, log_q - (joint - log_px)),
        4: log_px + average(q, log_q - log_pz) - average(q, log_px_z),
        5: average(q, log_q + log_px - joint),
        6: log_px + average(q, log_q - joint),
    }
    assert values.keys() == LINES.keys()
    for value in values.values():
        assert value.item() == pytest.approx(0.3954264, abs=1e-7)


def test_the_lines_say_what_their_steps_bring():
    """Bayes brings p(z, x), the split p(x), and so on: each line's text beside its place."""
    first, bayes, split, pulled, factored, regrouped = (LINES[line] for line in ex03_inputs.ORDER)
    assert r"{p_\theta(z \mid x)}" in first
    assert r"p_\theta(x)}{p_\theta(z, x)}" in bayes and "log p" not in bayes
    assert r"( \log p_\theta(x)" in split
    assert pulled.startswith(r"= \log p_\theta(x)") and "(z, x)" in pulled
    assert factored.startswith(r"= \log p_\theta(x)") and "(z, x)" not in factored
    assert r"\mathrm{KL}" in regrouped and r"\int" not in regrouped


def test_the_notebook_shows_these_lines_under_these_numbers():
    text = "".join("".join([*cell["source"], "\n"]) for cell in cells_of(notebook("03")))
    for number, line in LINES.items():
        shown = f"\n{number}. $\\displaystyle {line}$\n"
        assert "".join(shown.split()) in "".join(text.split())


def test_the_right_order_is_neither_rising_nor_falling_and_its_own_inverse():
    """So nobody gets it by luck, and whoever writes places instead of numbers is right too."""
    order = ex03_inputs.ORDER
    assert ex03.my_order() == order
    assert all(abs(a - b) > 1 for a, b in itertools.pairwise(order))
    assert tuple(order.index(n) + 1 for n in range(1, 7)) == order


def test_of_all_orders_one_is_right_and_every_other_names_the_first_wrong_line():
    right = ex03_inputs.ORDER
    for order in itertools.permutations(right):
        says = ex03_inputs.judge_order([order])
        place = next((i for i in range(6) if order[i] != right[i]), None)
        if place is None:
            assert says is None
            continue
        assert says.startswith(f"Line {order[place]} cannot ")
        assert ("come first" if place == 0 else f"at place {place + 1}:") in says
        named = judge(find_exercise("E3.6"), lambda order=order: order).mistake
        assert named is not None


def elbo_table(log_joint, z, mus, log_vars):
    """Equation 3.15 for all pairs, (M, V)."""
    q = Normal(mus[:, None, None], (log_vars[:, None] / 2).exp())
    log_q = q.log_prob(z)
    return (log_q.exp() * (log_joint - log_q)).sum(-1) * (z[1] - z[0])


def test_the_best_q_is_a_clear_one():
    """At least .009 nats above the next: rounding to single precision costs a thousandth of it."""
    for seed in seeds(5, 50):
        for case in cases_of("E3.5", seed):
            best, second = elbo_table(*case.args).flatten().topk(2).values
            assert best - second > 0.009, case.label
