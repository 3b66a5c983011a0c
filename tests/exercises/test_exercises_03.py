"""Notebook 03's exercises: right answers in all their forms, wrong ones and the hint they get."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from course_utils import densities
from course_utils.exercises import ex03, ex03_fit_q, ex03_inputs, ex03_order
from course_utils.exercises._engine import solution_source
from course_utils.exercises._judge import NOT_YET, RIGHT, judge
from course_utils.toys import LinearGaussian, TwoRoots

EXERCISES = {exercise.id: exercise for exercise in ex03.EXERCISES}
SEEDS = range(3)
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_kl_and_elbo.ipynb"
M1 = {"a": 1.5, "b": 0.3, "sigma": 0.5}  # eq. 1.3
LINEAR = LinearGaussian(W=[[1.5]], b=[0.3], sigma=0.5)


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def sd(log_var):
    return (log_var / 2).exp()


# ------------------------------------------------- the references are the package's functions


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
    elbo = LINEAR.exact_elbo(x, q).elbo
    torch.testing.assert_close(ex03.my_exact_elbo(*args, **M1), elbo, rtol=1e-12, atol=1e-12)


def test_the_gap_is_the_packages_kl_to_the_posterior():
    args, x, q = a_thousand_q()
    gap = densities.kl(q, LINEAR.posterior(x))
    torch.testing.assert_close(ex03.my_gap(*args, **M1), gap, rtol=1e-12, atol=1e-12)


def test_evidence_minus_gap_is_the_elbo():
    """Eq. 3.10 for a thousand q."""
    args, x, _ = a_thousand_q()
    left = LINEAR.log_px(x) - ex03.my_gap(*args, **M1)
    assert (left - ex03.my_exact_elbo(*args, **M1)).abs().max() < 1e-9


def test_the_gap_is_zero_at_the_posterior_and_nowhere_near_it():
    x, mu, log_var = (torch.tensor([n], dtype=torch.float64) for n in (2, 1.02, math.log(0.1)))
    assert ex03.my_gap(x, mu, log_var, **M1).abs().item() < 1e-15
    for step in (-0.1, 0.1):
        assert ex03.my_gap(x, mu + step, log_var, **M1).item() > 1e-3
        assert ex03.my_gap(x, mu, log_var + step, **M1).item() > 1e-3


def grid(low, high, size):
    return torch.linspace(low, high, size, dtype=torch.float64)


def log_joint(model, x, z):
    z = z[:, None]
    x = torch.tensor([[x]], dtype=torch.float64)
    return model.log_likelihood(x, z[:, None])[:, 0] + model.log_prior(z)


def test_the_best_q_of_the_linear_model_is_its_posterior():
    z, mus, log_vars = grid(-8, 8, 801), grid(0.72, 1.32, 31), math.log(0.1) + grid(-1, 1, 21)
    mu, log_var = ex03.my_fit_q(log_joint(LINEAR, 2.0, z), z, mus, log_vars)
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


# ------------------------------------------------- the derivation of E3.6


def test_all_six_lines_are_the_same_number():
    """By quadrature on M1 at x = 2 with q = N(.8, .2): a shuffled line would not be noticed."""
    z, q = grid(-8, 8, 4001), Normal(torch.tensor(0.8).double(), 0.2**0.5)
    log_q, log_pz = q.log_prob(z), Normal(0.0, 1.0).log_prob(z)
    log_px_z = log_joint(LINEAR, 2.0, z) - log_pz
    log_px, joint = LINEAR.log_px(torch.tensor([[2.0]])).item(), log_joint(LINEAR, 2.0, z)
    values = {
        1: average(log_q, z, log_px + log_q - joint),
        2: log_px + average(log_q, z, log_q - log_px_z - log_pz),
        3: average(log_q, z, log_q - (joint - log_px)),
        4: log_px + average(log_q, z, log_q - log_pz) - average(log_q, z, log_px_z),
        5: average(log_q, z, log_q + log_px - joint),
        6: log_px + average(log_q, z, log_q - joint),
    }
    assert values.keys() == ex03_order.LINES.keys()
    for value in values.values():
        assert value == pytest.approx(0.3954264, abs=1e-7)


def average(log_q, z, of):
    return ((log_q.exp() * of).sum() * (z[1] - z[0])).item()


def test_the_lines_say_what_their_steps_bring():
    """Bayes brings p(z, x), the split p(x), and so on: each line's text beside its place."""
    first, bayes, split, pulled, factored, regrouped = (
        ex03_order.LINES[line] for line in ex03_order.ORDER
    )
    assert r"{p_\theta(z \mid x)}" in first
    assert r"p_\theta(x)}{p_\theta(z, x)}" in bayes and "log p" not in bayes
    assert r"( \log p_\theta(x)" in split
    assert pulled.startswith(r"= \log p_\theta(x)") and "(z, x)" in pulled
    assert factored.startswith(r"= \log p_\theta(x)") and "(z, x)" not in factored
    assert r"\mathrm{KL}" in regrouped and r"\int" not in regrouped


def test_the_notebook_shows_these_lines_under_these_numbers():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    text = "".join("".join([*cell["source"], "\n"]) for cell in notebook["cells"])
    for number, line in ex03_order.LINES.items():
        shown = f"\n{number}. $\\displaystyle {line}$\n"
        assert "".join(shown.split()) in "".join(text.split())


def test_the_right_order_is_neither_rising_nor_falling_and_its_own_inverse():
    """So nobody gets it by luck, and whoever writes places instead of numbers is right too."""
    order = ex03_order.ORDER
    assert ex03.my_order() == order
    assert all(abs(a - b) > 1 for a, b in itertools.pairwise(order))
    assert tuple(order.index(n) + 1 for n in range(1, 7)) == order


def test_of_all_orders_one_is_right_and_every_other_names_the_first_wrong_line():
    right = ex03_order.ORDER
    for order in itertools.permutations(right):
        says = ex03_order.judge_order([order])
        place = next((i for i in range(6) if order[i] != right[i]), None)
        if place is None:
            assert says is None
            continue
        assert says.startswith(f"Line {order[place]} cannot ")
        assert ("come first" if place == 0 else f"at place {place + 1}:") in says
        named = judge(EXERCISES["E3.6"], lambda order=order: order).mistake
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
    verdict = judge(EXERCISES["E3.6"], lambda: answer)
    assert verdict.status == NOT_YET and says in verdict.says


# ------------------------------------------------- right answers in other forms


def kl_by_torch(mu, log_var):
    return kl_divergence(Normal(mu, sd(log_var)), Normal(0, 1)).sum(1)


def kl_by_loops(mu, log_var):
    result = []
    for m, lv in zip(mu, log_var, strict=True):
        result.append(sum(0.5 * (m[i] ** 2 + lv[i].exp() - 1 - lv[i]) for i in range(len(m))))
    return torch.stack(result)


def kl_by_numpy(mu, log_var):
    m, lv = mu.numpy(), log_var.numpy()
    return -0.5 * np.sum(1 + lv - m**2 - np.exp(lv), axis=1)


def kl_normal_by_sigma(m_q, l_q, m_p, l_p):
    s_q, s_p = torch.sqrt(torch.exp(l_q)), torch.sqrt(torch.exp(l_p))
    return ((s_p / s_q).log() + (s_q**2 + (m_q - m_p) ** 2) / (2 * s_p**2) - 0.5).sum(dim=1)


def elbo_by_my_kl(x, mu, log_var, a, b, sigma):
    kl = ex03.my_kl(mu[:, None], log_var[:, None])
    square = (x - a * mu - b) ** 2 + a**2 * torch.exp(log_var)
    return -0.5 * math.log(2 * math.pi * sigma**2) - square / (2 * sigma**2) - kl


def elbo_by_quadrature(x, mu, log_var, a, b, sigma):
    z = torch.linspace(-12, 12, 4801, dtype=torch.float64)[:, None]
    log_q = Normal(mu, sd(log_var)).log_prob(z)
    joint = Normal(a * z + b, sigma).log_prob(x) + Normal(0.0, 1.0).log_prob(z)
    return torch.trapezoid(log_q.exp() * (joint - log_q), dx=24 / 4800, dim=0)


def elbo_by_numpy(x, mu, log_var, a, b, sigma):
    x, mu, v = x.numpy(), mu.numpy(), np.exp(log_var.numpy())
    rec = -0.5 * np.log(2 * np.pi * sigma**2) - ((x - a * mu - b) ** 2 + a**2 * v) / sigma**2 / 2
    return rec - (mu**2 + v - 1 - np.log(v)) / 2


def elbo_with_constants_in_single_precision(x, mu, log_var, a, b, sigma):
    constant = 0.5 * torch.log(torch.tensor(2 * math.pi * sigma**2))
    square = (x - a * mu - b) ** 2 + a**2 * log_var.exp()
    return -constant - square / (2 * sigma**2) - 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


def gap_as_a_difference(x, mu, log_var, a, b, sigma):
    log_px = Normal(b, (a**2 + sigma**2) ** 0.5).log_prob(x)
    return log_px - elbo_by_my_kl(x, mu, log_var, a, b, sigma)


def gap_with_constants_in_single_precision(x, mu, log_var, a, b, sigma):
    variance = torch.tensor(a**2 + sigma**2)
    log_px = -0.5 * (torch.log(2 * torch.pi * variance) + (x - b) ** 2 / variance)
    return log_px - elbo_with_constants_in_single_precision(x, mu, log_var, a, b, sigma)


def gap_by_my_kl_normal(x, mu, log_var, a, b, sigma):
    v = 1 / (1 + (a / sigma) ** 2)
    m = v * a * (x - b) / sigma**2
    log_v = torch.full_like(mu, math.log(v))
    columns = (part[:, None] for part in (mu, log_var, m, log_v))
    return ex03.my_kl_normal(*columns)


def gap_by_torch(x, mu, log_var, a, b, sigma):
    v = sigma**2 / (sigma**2 + a**2)
    posterior = Normal(a * (x - b) / (sigma**2 + a**2), v**0.5)
    return kl_divergence(Normal(mu, sd(log_var)), posterior)


def fit_q_by_loops(log_joint, z, mus, log_vars):
    best, step = (-math.inf, None, None), z[1] - z[0]
    for mu in mus:
        for log_var in log_vars:
            q = Normal(mu, sd(log_var)).log_prob(z).exp()
            elbo = (q * log_joint).sum() * step + 0.5 * (math.log(2 * math.pi * math.e) + log_var)
            best = max(best, (elbo.item(), mu.item(), log_var.item()))
    return best[1:]


def fit_q_by_numpy(log_joint, z, mus, log_vars):
    log_joint, z, mus, log_vars = (t.numpy() for t in (log_joint, z, mus, log_vars))
    log_w = -((z - mus[:, None, None]) ** 2) / (2 * np.exp(log_vars)[:, None])
    w = np.exp(log_w)
    w /= w.sum(-1, keepdims=True)
    elbo = (w * log_joint).sum(-1) + log_vars / 2  # constants do not move the best
    i, j = np.unravel_index(elbo.argmax(), elbo.shape)
    return np.array([mus[i], log_vars[j]]).tolist()


def fit_q_on_pairs(log_joint, z, mus, log_vars):
    pairs = torch.cartesian_prod(mus, log_vars)
    log_q = Normal(pairs[:, :1], sd(pairs[:, 1:])).log_prob(z)
    elbo = torch.trapezoid(log_q.exp() * (log_joint - log_q), z)
    return tuple(pairs[elbo.argmax()])


def fit_q_by_gap(log_joint, z, mus, log_vars):
    log_post = torch.log_softmax(log_joint, 0) - (z[1] - z[0]).log()
    log_q = Normal(mus[:, None], sd(log_vars)[:, None, None]).log_prob(z)  # (V, M, G)
    gap = (log_q.exp() * (log_q - log_post)).sum(-1)
    k = gap.argmin()
    return [mus[k % len(mus)], log_vars[k // len(mus)]]


def single(function):
    return lambda *args: function(
        *(arg.float() if isinstance(arg, torch.Tensor) else arg for arg in args)
    )


OTHER_FORMS = [
    ("E3.1", kl_by_torch),
    ("E3.1", kl_by_loops),
    ("E3.1", kl_by_numpy),
    ("E3.1", lambda mu, log_var: kl_by_numpy(mu.float(), log_var.float())),
    ("E3.1", densities.kl_to_standard_normal),
    ("E3.1", lambda mu, log_var: ex03.my_kl_normal(mu, log_var, 0 * mu, 0 * mu)),
    ("E3.1", single(ex03.my_kl)),
    ("E3.2", kl_normal_by_sigma),
    ("E3.2", densities.kl_normal),
    ("E3.2", single(ex03.my_kl_normal)),
    ("E3.2", lambda *args: kl_normal_by_sigma(*args).numpy()),
    ("E3.3", elbo_by_my_kl),
    ("E3.3", elbo_by_quadrature),
    ("E3.3", elbo_by_numpy),
    ("E3.3", elbo_with_constants_in_single_precision),
    ("E3.3", single(ex03.my_exact_elbo)),
    ("E3.3", single(elbo_by_my_kl)),
    ("E3.4", gap_as_a_difference),
    ("E3.4", gap_with_constants_in_single_precision),
    ("E3.4", gap_by_my_kl_normal),
    ("E3.4", gap_by_torch),
    ("E3.4", single(ex03.my_gap)),
    ("E3.4", single(gap_as_a_difference)),
    ("E3.4", lambda *args: gap_by_torch(*args).numpy()),
    ("E3.5", fit_q_by_loops),
    ("E3.5", fit_q_by_numpy),
    ("E3.5", fit_q_on_pairs),
    ("E3.5", fit_q_by_gap),
    ("E3.5", single(ex03.my_fit_q)),
    ("E3.5", single(fit_q_by_loops)),
    ("E3.6", lambda: [3, 5, 1, 6, 2, 4]),
    ("E3.6", lambda: "351624"),
    ("E3.6", lambda: "3, 5, 1, 6, 2, 4"),
    ("E3.6", lambda: 351624),
    ("E3.6", lambda: ("3", "5", "1", "6", "2", "4")),
    ("E3.6", lambda: torch.tensor([3, 5, 1, 6, 2, 4])),
    ("E3.6", lambda: np.array([3.0, 5, 1, 6, 2, 4])),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_FORMS)
def test_right_answers_in_other_forms_pass(exercise_id, answer):
    for seed in SEEDS:
        verdict = judge(EXERCISES[exercise_id], answer, seed)
        assert verdict.status == RIGHT, (seed, verdict.says)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_a_pasted_solution_needs_torch_alone(exercise):
    """As the notebook's cell is solved: the source, nothing else around it."""
    space = {"torch": torch}
    exec(solution_source(exercise), space)
    assert judge(exercise, space[exercise.reference.__name__]).status == RIGHT


def test_the_best_q_is_a_clear_one():
    """At least .009 nats above the next: rounding to single precision costs a thousandth of it."""
    for seed in range(50):
        for case in ex03_inputs.fit_q_cases(seed):
            best, second = ex03_fit_q.Table(*case.args).elbo().flatten().topk(2).values
            assert best - second > 0.009, case.label


# ------------------------------------------------- wrong answers as learners write them


def joint_weights(log_joint, z, mus, log_vars):
    """Log q with torch.distributions and the standard deviation where it belongs."""
    log_q = Normal(mus[:, None, None], sd(log_vars)[:, None]).log_prob(z)
    return log_q, z[1] - z[0]


def pick(score, mus, log_vars):
    i, j = divmod(score.argmax().item(), len(log_vars))
    return mus[i].item(), log_vars[j].item()


def fit_without_entropy(log_joint, z, mus, log_vars):
    log_q, step = joint_weights(log_joint, z, mus, log_vars)
    return pick((log_q.exp() * log_joint).sum(-1) * step, mus, log_vars)


def fit_by_kl_from_the_posterior(log_joint, z, mus, log_vars):
    log_q, step = joint_weights(log_joint, z, mus, log_vars)
    p = log_joint.exp() / (log_joint.exp().sum() * step)
    return pick(-(p * (p.log() - log_q)).sum(-1) * step, mus, log_vars)


def fit_with_var_as_scale(log_joint, z, mus, log_vars):
    log_q = Normal(mus[:, None, None], log_vars.exp()[:, None]).log_prob(z)
    return pick((log_q.exp() * (log_joint - log_q)).sum(-1), mus, log_vars)


def fit_with_least_loops(log_joint, z, mus, log_vars):
    least, found = math.inf, None
    for mu in mus:
        for log_var in log_vars:
            log_q = Normal(mu, sd(log_var)).log_prob(z)
            elbo = (log_q.exp() * (log_joint - log_q)).sum()
            if elbo < least:
                least, found = elbo, (mu, log_var)
    return found


def fit_without_spacing(log_joint, z, mus, log_vars):
    log_q, _ = joint_weights(log_joint, z, mus, log_vars)
    entropy = 0.5 * torch.log(2 * torch.pi * torch.e * log_vars.exp())
    return pick((log_q.exp() * log_joint).sum(-1) + entropy, mus, log_vars)


def fit_by_coordinates(log_joint, z, mus, log_vars):
    log_q, _ = joint_weights(log_joint, z, mus, log_vars)
    elbo = (log_q.exp() * (log_joint - log_q)).sum(-1)
    mu = mus[elbo[:, 0].argmax()]
    row = elbo[elbo[:, 0].argmax()]
    return mu, log_vars[row.argmax()]


def fit_with_e_of_p(log_joint, z, mus, log_vars):
    log_q, step = joint_weights(log_joint, z, mus, log_vars)
    return pick(torch.log((log_q.exp() * log_joint.exp()).sum(-1) * step), mus, log_vars)


NATURAL = [
    ("E3.1", "no half", lambda m, lv: (m.pow(2) + lv.exp() - lv - 1).sum(1)),
    ("E3.1", "sign", lambda m, lv: 0.5 * torch.sum(1 + lv - m**2 - lv.exp(), dim=1)),
    ("E3.1", "sum over the batch too", lambda m, lv: -0.5 * torch.sum(1 + lv - m**2 - lv.exp())),
    ("E3.1", "mean over latents", lambda m, lv: -0.5 * (1 + lv - m**2 - lv.exp()).mean(1)),
    ("E3.1", "not summed", lambda m, lv: kl_divergence(Normal(m, sd(lv)), Normal(0, 1))),
    ("E3.1", "sigma not squared", lambda m, lv: 0.5 * (m**2 + sd(lv) - 1 - lv).sum(1)),
    (
        "E3.1",
        "log_var as log sigma",
        lambda m, lv: kl_divergence(Normal(m, lv.exp()), Normal(0, 1)).sum(1),
    ),
    ("E3.1", "no exp", lambda m, lv: 0.5 * (lv**2 + m**2 - 1 - 2 * lv.log()).sum(1)),
    (
        "E3.1",
        "prior first",
        lambda m, lv: kl_divergence(Normal(0, 1), Normal(m, sd(lv))).sum(1),
    ),
    ("E3.1", "no minus one", lambda m, lv: 0.5 * (m**2 + lv.exp() - lv).sum(1)),
    (
        "E3.2",
        "arguments swapped",
        lambda mq, lq, mp, lp: kl_divergence(Normal(mp, sd(lp)), Normal(mq, sd(lq))).sum(1),
    ),
    (
        "E3.2",
        "sigma for variance",
        lambda mq, lq, mp, lp: kl_divergence(Normal(mq, lq.exp()), Normal(mp, lp.exp())).sum(1),
    ),
    ("E3.2", "ignores p", lambda mq, lq, mp, lp: ex03.my_kl(mq, lq)),
    (
        "E3.3",
        "plug-in mean",
        lambda x, m, lv, a, b, s: (
            Normal(a * m + b, s).log_prob(x) - ex03.my_kl(m[:, None], lv[:, None])
        ),
    ),
    (
        "E3.3",
        "sigma not squared",
        lambda x, m, lv, a, b, s: (
            Normal(a * m + b, s**2).log_prob(x)
            - a**2 * lv.exp() / (2 * s**2)
            - ex03.my_kl(m[:, None], lv[:, None])
        ),
    ),
    (
        "E3.3",
        "log of the average",
        lambda x, m, lv, a, b, s: (
            Normal(a * m + b, (a**2 * lv.exp() + s**2) ** 0.5).log_prob(x)
            - ex03.my_kl(m[:, None], lv[:, None])
        ),
    ),
    ("E3.3", "log p(x)", lambda x, m, lv, a, b, s: Normal(b, math.hypot(a, s)).log_prob(x)),
    (
        "E3.3",
        "(B, B)",
        lambda x, m, lv, a, b, s: (
            Normal(a * m + b, s).log_prob(x)
            - a**2 * lv.exp() / (2 * s**2)
            - (0.5 * (m**2 + lv.exp() - 1 - lv))[:, None]
        ),
    ),
    (
        "E3.3",
        "KL summed over the batch",
        lambda x, m, lv, a, b, s: (
            Normal(a * m + b, s).log_prob(x)
            - a**2 * lv.exp() / (2 * s**2)
            - ex03.my_kl(m[None], lv[None])
        ),
    ),
    ("E3.3", "minus the ELBO", lambda *args: -elbo_by_my_kl(*args)),
    ("E3.4", "KL to the prior", lambda x, m, lv, *rest: ex03.my_kl(m[:, None], lv[:, None])),
    ("E3.4", "sign", lambda *args: -gap_as_a_difference(*args)),
    (
        "E3.4",
        "posterior first",
        lambda x, m, lv, a, b, s: kl_divergence(
            Normal(a * (x - b) / (s**2 + a**2), (s**2 / (s**2 + a**2)) ** 0.5), Normal(m, sd(lv))
        ),
    ),
    (
        "E3.4",
        "variance and standard deviation",
        lambda x, m, lv, a, b, s: kl_divergence(
            Normal(m, sd(lv)), Normal(a * (x - b) / (s**2 + a**2), s**2 / (s**2 + a**2))
        ),
    ),
    (
        "E3.4",
        "evidence not right",
        lambda x, m, lv, a, b, s: (
            Normal(b, a**2 + s**2).log_prob(x) - elbo_by_my_kl(x, m, lv, a, b, s)
        ),
    ),
    ("E3.5", "no entropy", fit_without_entropy),
    ("E3.5", "forward KL", fit_by_kl_from_the_posterior),
    ("E3.5", "sigma for variance", fit_with_var_as_scale),
    ("E3.5", "the least", fit_with_least_loops),
    ("E3.5", "spacing forgotten", fit_without_spacing),
    ("E3.5", "one after the other", fit_by_coordinates),
    ("E3.5", "log of the average", fit_with_e_of_p),
    ("E3.6", "definition not first", lambda: [1, 2, 3, 4, 5, 6]),
    ("E3.6", "split before Bayes", lambda: np.array([3, 1, 5, 6, 2, 4])),
    ("E3.6", "counted from 0", lambda: torch.tensor([2, 4, 0, 5, 1, 3])),
]


@pytest.mark.parametrize(("exercise_id", "name", "answer"), NATURAL)
def test_natural_wrong_answers_get_the_hint_meant_for_them(exercise_id, name, answer):
    for seed in SEEDS:
        verdict = judge(EXERCISES[exercise_id], answer, seed)
        assert verdict.status == NOT_YET
        assert verdict.mistake is not None and verdict.mistake.name == name, (seed, verdict)


@pytest.mark.parametrize("exercise_id", ["E3.1", "E3.2", "E3.3", "E3.4"])
@pytest.mark.parametrize("position", [0, 1])
def test_a_detached_parameter_of_q_is_noticed(exercise_id, position):
    """Values right, a part of the gradient gone."""
    exercise = EXERCISES[exercise_id]
    position = exercise.cases(0)[0].gradients[position]

    def answer(*args):
        parts = [arg.detach() if i == position else arg for i, arg in enumerate(args)]
        return exercise.reference(*parts)

    verdict = judge(exercise, answer)
    assert verdict.status == NOT_YET and "gradient" in verdict.says
