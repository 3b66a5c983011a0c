"""Notebook 03's exercises: the references by another route, and what their judges say."""

import itertools
import math

import pytest
import torch
from answers_03 import sd
from places import cells_of, notebook
from routes import M1, SHIFT, SIGMA, A, randn
from thorough import seeds
from torch.distributions import Normal, kl_divergence

from course_utils import densities
from course_utils.exercises import ex03, ex03_inputs, ex03_judges
from course_utils.exercises._engine.judge import NOT_YET, judge
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


def test_kl_to_the_prior_is_the_packages():
    mu, log_var = randn(7, 3), randn(7, 3, seed=1)
    ours = ex03.my_kl(mu, log_var)
    torch.testing.assert_close(ours, densities.kl_to_standard_normal(mu, log_var))


def test_kl_of_two_normals_is_the_packages_and_torchs():
    args = [randn(7, 3, seed=seed) for seed in range(4)]
    ours = ex03.my_kl_normal(*args)
    torch.testing.assert_close(ours, densities.kl_normal(*args))
    mu_q, log_var_q, mu_p, log_var_p = args
    theirs = kl_divergence(Normal(mu_q, sd(log_var_q)), Normal(mu_p, sd(log_var_p)))
    torch.testing.assert_close(ours, theirs.sum(-1))


def test_the_two_directions_between_the_printed_normals():
    """KL(N(.5, .4) || N(0, 1)) = .2831, the other way .6044: the pair of the prediction."""
    q, p = ([[0.5]], [[math.log(0.4)]]), ([[0.0]], [[0.0]])
    q, p = (tuple(torch.tensor(part, dtype=torch.float64) for part in pair) for pair in (q, p))
    assert ex03.my_kl_normal(*q, *p).item() == pytest.approx(0.2831454, abs=1e-7)
    assert ex03.my_kl_normal(*p, *q).item() == pytest.approx(0.6043546, abs=1e-7)


def a_thousand_q():
    """x from M1 and as many q, as (1000,) and for the package as (1000, 1)."""
    x, mu, log_var = 2 * randn(1000), 1.5 * randn(1000, seed=1), 1.5 * randn(1000, seed=2) - 1
    return (x, mu, log_var), x[:, None], densities.DiagonalNormal(mu[:, None], log_var[:, None])


def test_the_exact_elbo_is_the_packages():
    args, x, q = a_thousand_q()
    elbo = M1.exact_elbo(x, q).elbo
    torch.testing.assert_close(ex03.my_exact_elbo(*args, *OF_M1), elbo, rtol=1e-12, atol=1e-12)


def test_the_gap_is_the_packages_kl_to_the_posterior():
    args, x, q = a_thousand_q()
    gap = densities.kl(q, M1.posterior(x))
    torch.testing.assert_close(ex03.my_gap(*args, *OF_M1), gap, rtol=1e-12, atol=1e-12)


def test_evidence_minus_gap_is_the_elbo():
    """Eq. 3.10 for a thousand q."""
    args, x, _ = a_thousand_q()
    left = M1.log_px(x) - ex03.my_gap(*args, *OF_M1)
    assert (left - ex03.my_exact_elbo(*args, *OF_M1)).abs().max() < 1e-9


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
    z, q = grid(-8, 8, 4001), Normal(torch.tensor(0.8).double(), 0.2**0.5)
    log_q, log_pz = q.log_prob(z), Normal(0.0, 1.0).log_prob(z)
    log_px_z = log_joint(M1, 2.0, z) - log_pz
    log_px, joint = M1.log_px(torch.tensor([[2.0]])).item(), log_joint(M1, 2.0, z)
    values = {
        1: average(log_q, z, log_px + log_q - joint),
        2: log_px + average(log_q, z, log_q - log_px_z - log_pz),
        3: average(log_q, z, log_q - (joint - log_px)),
        4: log_px + average(log_q, z, log_q - log_pz) - average(log_q, z, log_px_z),
        5: average(log_q, z, log_q + log_px - joint),
        6: log_px + average(log_q, z, log_q - joint),
    }
    assert values.keys() == LINES.keys()
    for value in values.values():
        assert value == pytest.approx(0.3954264, abs=1e-7)


def average(log_q, z, of):
    return ((log_q.exp() * of).sum() * (z[1] - z[0])).item()


def test_the_lines_say_what_their_steps_bring():
    """Bayes brings p(z, x), the split p(x), and so on: each line's text beside its place."""
    first, bayes, split, pulled, factored, regrouped = (LINES[line] for line in ex03_judges.ORDER)
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
    order = ex03_judges.ORDER
    assert ex03.my_order() == order
    assert all(abs(a - b) > 1 for a, b in itertools.pairwise(order))
    assert tuple(order.index(n) + 1 for n in range(1, 7)) == order


def test_of_all_orders_one_is_right_and_every_other_names_the_first_wrong_line():
    right = ex03_judges.ORDER
    for order in itertools.permutations(right):
        says = ex03_judges.judge_order([order])
        place = next((i for i in range(6) if order[i] != right[i]), None)
        if place is None:
            assert says is None
            continue
        assert says.startswith(f"Line {order[place]} cannot ")
        assert ("come first" if place == 0 else f"at place {place + 1}:") in says
        named = judge(find_exercise("E3.6"), lambda order=order: order).mistake
        assert named is not None


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((3, 5, 1, 6, 2), "4: missing"),
        ((3, 5, 1, 6, 2, 2), "4: missing; 2: there twice or more"),
        ((3, 5, 1, 6, 2, 7), "4: missing; 7: no line's number"),
        ("35162", "4: missing"),
        ({3, 5, 1}, "a set that cannot be read so"),
        ((3, 5, 1, 6, 2, "four"), "a tuple that cannot be read so"),
        ((3, 5, 1, 6, 2, None), "a tuple that cannot be read so"),
        ((3, 5, 1, 6, 2, 4.5), "a tuple that cannot be read so"),
        (torch.tensor(3), "missing"),
    ],
    ids=str,
)
def test_what_is_no_order_of_six_lines_is_said(answer, says):
    verdict = judge(find_exercise("E3.6"), lambda: answer)
    assert verdict.status == NOT_YET and says in verdict.says


def elbo_table(log_joint, z, mus, log_vars):
    """Equation 3.15 for all pairs, (M, V)."""
    q = Normal(mus[:, None, None], (log_vars[:, None] / 2).exp())
    log_q = q.log_prob(z)
    return (log_q.exp() * (log_joint - log_q)).sum(-1) * (z[1] - z[0])


def test_the_best_q_is_a_clear_one():
    """At least .009 nats above the next: rounding to single precision costs a thousandth of it."""
    for seed in seeds(5, 50):
        for case in ex03_inputs.fit_q_cases(seed):
            best, second = elbo_table(*case.args).flatten().topk(2).values
            assert best - second > 0.009, case.label
