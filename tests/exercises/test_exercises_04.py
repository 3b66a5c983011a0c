"""Notebook 04's exercises: the package's functions, right answers in other forms, natural slips."""

import numpy as np
import pytest
import torch
from learner import assert_recognised, said
from torch.distributions import Independent, Normal, kl_divergence

from course_utils import densities, estimators
from course_utils.exercises import _compare, _engine, _judge, check, ex04, ex04_inputs, ex04_paths
from course_utils.exercises._exercise import Case, Exercise, Mistake
from course_utils.exercises._judge import NOT_YET, RIGHT, judge
from course_utils.exercises._registry import find_exercise
from course_utils.toys import LinearGaussian

SEEDS = range(5)


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# ------------------------------------------------- the references are the package's functions


def test_reparameterize_is_the_packages():
    mu, log_var, eps = randn(4, 3), randn(4, 3, seed=1), randn(5, 4, 3, seed=2)
    ours = ex04.my_reparameterize(mu, log_var, eps)
    torch.testing.assert_close(ours, densities.DiagonalNormal(mu, log_var).rsample(eps))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_two_gradients_in_mu_are_the_packages(seed):
    for case in ex04_inputs.function_cases(seed):
        f, _, mu, sigma, eps = case.args
        score, path = ex04.my_mu_gradients(*case.args)
        mu, sigma = torch.tensor([mu, sigma], dtype=torch.float64)
        theirs = estimators.score_function_gradient(f, mu, sigma, eps)
        torch.testing.assert_close(score, theirs[0])
        torch.testing.assert_close(path, estimators.pathwise_gradient(f, mu, sigma, eps)[0])


def test_the_slopes_of_the_functions_are_their_derivatives():
    z = randn(9).requires_grad_()
    for case in ex04_inputs.function_cases(0):
        f, df, *_ = case.args
        torch.testing.assert_close(df(z), torch.autograd.grad(f(z).sum(), z)[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_of_the_elbo_is_the_packages(seed):
    for case in ex04_inputs.elbo_gradient_cases(seed):
        x, mu, log_var, eps, a, b, sigma = case.args
        leaves = [mu[:, None].clone().requires_grad_(), log_var[:, None].clone().requires_grad_()]
        model, q = LinearGaussian([[a]], [b], sigma), densities.DiagonalNormal(*leaves)
        elbo = estimators.elbo(model, x[:, None], q, eps[..., None]).elbo
        theirs = torch.autograd.grad(elbo.sum(), leaves)
        for ours, want in zip(ex04.my_elbo_gradient(*case.args), theirs, strict=True):
            torch.testing.assert_close(ours, want[:, 0])


def test_the_gradient_of_the_elbo_is_8_2_and_minus_1_95_on_average():
    """Equation 4.8 at mu = .2, v = .49: n examples of one draw each give n independent values."""
    n = 10_000
    x, mu, log_var = (torch.full((n,), value).double() for value in (2.0, 0.2, np.log(0.49)))
    gradients = ex04.my_elbo_gradient(x, mu, log_var, randn(1, n), 1.5, 0.3, 0.5)
    for values, exact in zip(gradients, (8.2, -1.95), strict=True):
        assert abs(values.mean() - exact) < 5 * values.std() / n**0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_sgvb_is_the_packages(seed):
    for case in ex04_inputs.sgvb_cases(seed):
        model, x, mu, log_var, eps = case.args
        q = densities.DiagonalNormal(mu, log_var)
        for ours, analytic in zip(ex04.my_sgvb(*case.args), (False, True), strict=True):
            theirs = estimators.elbo(model, x, q, eps, analytic_kl=analytic).elbo
            torch.testing.assert_close(ours, theirs)


def test_references_leave_a_callers_gradients_alone():
    """Also for mu and log_var that come out of a network."""
    x, eps = randn(4), randn(5, 4, seed=1)
    leaf = randn(4, seed=2).requires_grad_()
    d_mu, d_log_var = ex04.my_elbo_gradient(x, 2 * leaf, leaf - 1, eps, 1.5, 0.3, 0.5)
    plain = leaf.detach()
    want = ex04.my_elbo_gradient(x, 2 * plain, plain - 1, eps, 1.5, 0.3, 0.5)
    torch.testing.assert_close((d_mu, d_log_var), want)
    assert leaf.grad is None and not d_mu.requires_grad


@pytest.mark.parametrize("exercise", ex04.EXERCISES, ids=lambda exercise: exercise.id)
def test_a_solution_as_it_is_shown_is_right_with_torch_alone(exercise):
    space = {"torch": torch}
    exec(_engine.solution_source(exercise), space)
    assert judge(exercise, space[exercise.reference.__name__]).status == RIGHT


# ------------------------------------------------- right answers in other forms


def sigma_of(log_var):
    return log_var.exp().sqrt()


def loop_over_draws(mu, log_var, eps):
    return torch.stack([mu + sigma_of(log_var) * one for one in eps])


def in_numpy(mu, log_var, eps):
    return mu.numpy() + np.exp(log_var.numpy() / 2) * eps.numpy()


def by_the_package(mu, log_var, eps):
    return densities.DiagonalNormal(mu, log_var).rsample(eps)


def by_a_loop_over_draws(f, df, mu, sigma, eps):
    z = [mu + sigma * e for e in eps.tolist()]
    score = [f(one) * (one - mu) / sigma**2 for one in z]
    return torch.tensor(score), torch.tensor([df(one) for one in z])


def by_autograd(f, df, mu, sigma, eps):
    centre = torch.full_like(eps, mu, requires_grad=True)
    z = centre + sigma * eps
    log_q = Normal(centre, sigma).log_prob(z.detach())
    (score,) = torch.autograd.grad((f(z.detach()) * log_q).sum(), centre)
    (path,) = torch.autograd.grad(f(z).sum(), centre)
    return score, path


def gradients_in_numpy(f, df, mu, sigma, eps):
    z = mu + sigma * eps.numpy()
    return f(z) * (z - mu) / sigma**2, df(z)


def gradients_in_float32(f, df, mu, sigma, eps):
    return ex04.my_mu_gradients(f, df, mu, sigma, eps.float())


def elbo_of(x, mu, log_var, eps, a, b, sigma):
    z = mu + sigma_of(log_var) * eps
    rec = Normal(a * z + b, sigma).log_prob(x).mean(0)
    return rec - kl_divergence(Normal(mu, sigma_of(log_var)), Normal(0.0, 1.0))


def backward_on_clones(x, mu, log_var, *rest):
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    elbo_of(x, mu, log_var, *rest).sum().backward()
    return mu.grad, log_var.grad


def backward_in_place(x, mu, log_var, *rest):
    mu.requires_grad_()
    log_var.requires_grad_()
    elbo_of(x, mu, log_var, *rest).sum().backward()
    return mu.grad, log_var.grad


def backward_per_example(x, mu, log_var, *rest):
    mu, log_var = mu.detach().requires_grad_(), log_var.detach().requires_grad_()
    for one in elbo_of(x, mu, log_var, *rest):
        one.backward(retain_graph=True)
    return [mu.grad, log_var.grad]


def with_create_graph(x, mu, log_var, *rest):
    mu, log_var = (torch.tensor(t.tolist(), requires_grad=True) for t in (mu, log_var))
    elbo = elbo_of(x, mu, log_var, *rest)
    return torch.autograd.grad(elbo, (mu, log_var), torch.ones_like(elbo), create_graph=True)


def by_functorch(x, mu, log_var, *rest):
    return torch.func.grad(lambda *q: elbo_of(x, *q, *rest).sum(), argnums=(0, 1))(mu, log_var)


def by_the_chain_rule(x, mu, log_var, eps, a, b, sigma):
    noise = sigma_of(log_var) * eps
    slope = a * (x - a * (mu + noise) - b) / sigma**2
    d_log_var = (slope * noise / 2).mean(0) - (log_var.exp() - 1) / 2
    return slope.mean(0) - mu, d_log_var


def by_the_chain_rule_in_numpy(x, mu, log_var, eps, a, b, sigma):
    x, mu, log_var, eps = (t.numpy() for t in (x, mu, log_var, eps))
    noise = np.exp(log_var / 2) * eps
    slope = a * (x - a * (mu + noise) - b) / sigma**2
    return slope.mean(0) - mu, (slope * noise / 2).mean(0) - (np.exp(log_var) - 1) / 2


def by_the_chain_rule_in_float32(x, mu, log_var, eps, a, b, sigma):
    tensors = (t.float() for t in (x, mu, log_var, eps))
    return by_the_chain_rule(*tensors, a, b, sigma)


def sgvb_by_distributions(model, x, mu, log_var, eps):
    q = Independent(Normal(mu, sigma_of(log_var)), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    z = mu + sigma_of(log_var) * eps
    log_px_z = model.log_likelihood(x, z)
    a = (log_px_z + p.log_prob(z) - q.log_prob(z)).mean(0)
    return a, (log_px_z - kl_divergence(q, p)).mean(0)


def sgvb_by_the_package(model, x, mu, log_var, eps):
    q = densities.DiagonalNormal(mu, log_var)
    bounds = (estimators.elbo(model, x, q, eps, analytic_kl=exact) for exact in (False, True))
    return tuple(bound.elbo for bound in bounds)


def sgvb_by_a_loop(model, x, mu, log_var, eps):
    pairs = [sgvb_by_distributions(model, x, mu, log_var, one[None]) for one in eps]
    return [torch.stack(values).mean(0) for values in zip(*pairs, strict=True)]


def sgvb_in_numpy(*args):
    return tuple(value.detach().numpy() for value in ex04.my_sgvb(*args))


def sgvb_in_float32(*args):
    return tuple(value.float() for value in ex04.my_sgvb(*args))


def by_backward(negative_elbo, shape):
    mu, log_var = torch.zeros(shape, requires_grad=True), torch.zeros(shape, requires_grad=True)
    negative_elbo(mu, log_var).mean().backward()
    return bool(mu.grad.abs().sum() > 0), bool(log_var.grad.abs().max() > 1e-6)


def by_numpy_bools(negative_elbo, shape):
    mu = torch.nn.Parameter(torch.zeros(*shape, dtype=torch.float64))
    log_var = torch.nn.Parameter(torch.zeros_like(mu))
    negative_elbo(mu, log_var).sum().backward()
    return np.any(mu.grad.numpy() != 0), np.linalg.norm(log_var.grad.numpy()) > 0


def in_two_calls(negative_elbo, shape):
    found = []
    for i in range(2):
        leaves = [torch.zeros(shape).requires_grad_() for _ in range(2)]
        loss = negative_elbo(*leaves).sum()
        (gradient,) = torch.autograd.grad(loss, leaves[i], allow_unused=True)
        found.append(gradient is not None and bool((gradient != 0).all()))
    return found


def by_one_example(negative_elbo, shape):
    mu, log_var = torch.zeros(2, *shape).requires_grad_()
    mu.retain_grad()
    log_var.retain_grad()
    negative_elbo(mu, log_var)[0].backward()
    return not torch.allclose(mu.grad, mu), not torch.allclose(log_var.grad, log_var)


OTHER_FORMS = [
    *(("E4.1", form) for form in (loop_over_draws, by_the_package)),
    ("E4.1", lambda mu, lv, eps: torch.addcmul(mu, lv.mul(0.5).exp(), eps)),
    ("E4.1", lambda mu, lv, eps: mu + torch.exp(lv) ** 0.5 * eps),
    ("E4.1", lambda mu, lv, eps: mu.float() + (lv.float() / 2).exp() * eps.float()),
    ("E4.1", lambda mu, lv, eps: mu[None] + torch.einsum("bl,kbl->kbl", sigma_of(lv), eps)),
    ("E4.2", by_a_loop_over_draws),
    *(("E4.2", form) for form in (by_autograd, gradients_in_numpy, gradients_in_float32)),
    *(("E4.3", form) for form in (backward_on_clones, backward_per_example)),
    *(("E4.3", form) for form in (with_create_graph, by_functorch, by_the_chain_rule)),
    *(("E4.3", form) for form in (by_the_chain_rule_in_numpy, by_the_chain_rule_in_float32)),
    *(("E4.4", form) for form in (sgvb_by_distributions, sgvb_by_the_package, sgvb_by_a_loop)),
    ("E4.4", sgvb_in_float32),
    *(("E4.5", form) for form in (by_backward, by_numpy_bools, in_two_calls)),
    ("E4.5", by_one_example),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_FORMS)
def test_right_answers_in_other_forms_pass(exercise_id, answer):
    for seed in SEEDS:
        verdict = judge(find_exercise(exercise_id), answer, seed)
        assert verdict.status == RIGHT, (seed, verdict.says)


def test_a_gradient_left_in_the_input_is_refused():
    """The notebook calls the function twice with the same tensors: gradients would add up."""
    verdict = judge(find_exercise("E4.3"), backward_in_place)
    assert verdict.status == NOT_YET
    assert "leaves a gradient in its input number 2" in verdict.says


@pytest.mark.parametrize(("exercise_id", "answer"), [("E4.1", in_numpy), ("E4.4", sgvb_in_numpy)])
def test_numpy_is_refused_where_the_notebook_differentiates_through_the_answer(exercise_id, answer):
    verdict = judge(find_exercise(exercise_id), answer)
    assert verdict.status == NOT_YET
    assert verdict.says.startswith("The values are right, but the gradient is cut")


# ------------------------------------------------- natural slips get the hint that was meant


def forgot_the_sum(x, mu, log_var, *rest):
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    return torch.autograd.grad(elbo_of(x, mu, log_var, *rest).mean(), (mu, log_var))


def of_the_loss(x, mu, log_var, *rest):
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    (-elbo_of(x, mu, log_var, *rest)).sum().backward()
    return mu.grad, log_var.grad


def with_sample(x, mu, log_var, eps, a, b, sigma):
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    with torch.no_grad():
        z = mu + sigma_of(log_var) * eps
    rec = Normal(a * z + b, sigma).log_prob(x).mean(0)
    elbo = rec - 0.5 * (mu**2 + log_var.exp() - 1 - log_var)
    elbo.sum().backward()
    return mu.grad, log_var.grad


def chain_rule_up_to_sigma(x, mu, log_var, eps, a, b, sigma):
    s = sigma_of(log_var)
    slope = a * (x - a * (mu + s * eps) - b) / sigma**2
    return slope.mean(0) - mu, (slope * eps).mean(0) - (s - 1 / s)


def two_slips(f, df, mu, sigma, eps):
    z = mu + sigma * eps
    return f(z) * eps, df(z) * eps


def two_slips_in_sgvb(model, x, mu, log_var, eps):
    z = mu + sigma_of(log_var) * eps
    log_px_z = model.log_likelihood(x, z)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
    return (log_px_z + model.log_prior(z)).mean(0), log_px_z.mean(0) + kl


def variance_as_scale(model, x, mu, log_var, eps):
    z = mu + sigma_of(log_var) * eps
    log_qz = Normal(mu, log_var.exp()).log_prob(z).sum(-1)
    log_px_z = model.log_likelihood(x, z)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
    return (log_px_z + model.log_prior(z) - log_qz).mean(0), log_px_z.mean(0) - kl


def at_a_random_point(negative_elbo, shape):
    mu, log_var = torch.randn(shape, requires_grad=True), torch.randn(shape, requires_grad=True)
    negative_elbo(mu, log_var).sum().backward()
    return bool((mu.grad != 0).any()), bool((log_var.grad != 0).any())


def not_none(negative_elbo, shape):
    mu, log_var = torch.zeros(shape, requires_grad=True), torch.zeros(shape, requires_grad=True)
    negative_elbo(mu, log_var).sum().backward()
    return mu.grad is not None, log_var.grad is not None


def loss_requires_grad(negative_elbo, shape):
    mu, log_var = torch.zeros(shape, requires_grad=True), torch.zeros(shape, requires_grad=True)
    needs = negative_elbo(mu, log_var).requires_grad
    return needs, needs


def sigma_one_is_log_var_one(negative_elbo, shape):
    mu, log_var = torch.zeros(shape, requires_grad=True), torch.ones(shape, requires_grad=True)
    negative_elbo(mu, log_var).sum().backward()
    return mu.grad.any(), log_var.grad.any()


def log_var_forgotten(negative_elbo, shape):
    mu, log_var = torch.zeros(shape, requires_grad=True), torch.zeros(shape, requires_grad=True)
    negative_elbo(mu, log_var).sum().backward()
    return mu.grad.any(), mu.grad.any()


SLIPS = [
    ("E4.1", "variance as sigma", lambda mu, lv, eps: mu + lv.exp() * eps),
    ("E4.1", "fresh noise", lambda mu, lv, eps: Normal(mu, sigma_of(lv)).rsample(eps.shape[:1])),
    ("E4.1", "fresh noise", lambda mu, lv, eps: Normal(mu, sigma_of(lv)).sample()),
    ("E4.1", "root of the logarithm", lambda mu, lv, eps: mu + lv.sqrt().exp() * eps),
    ("E4.1", "mu cut off", lambda mu, lv, eps: mu.data + sigma_of(lv) * eps),
    ("E4.1", "log_var cut off", lambda mu, lv, eps: mu + sigma_of(lv).detach() * eps),
    ("E4.1", "both cut off", lambda mu, lv, eps: torch.tensor((mu + sigma_of(lv) * eps).tolist())),
    ("E4.2", "not divided by sigma", two_slips),
    ("E4.3", "averaged over the batch", forgot_the_sum),
    ("E4.3", "gradient of the loss", of_the_loss),
    ("E4.3", "only the KL", with_sample),
    ("E4.3", "in another variable", chain_rule_up_to_sigma),
    ("E4.4", "A without q", two_slips_in_sgvb),
    ("E4.4", "log q with another variance", variance_as_scale),
    ("E4.5", "the KL answers", at_a_random_point),
    ("E4.5", "asks whether a gradient exists", not_none),
    ("E4.5", "asks whether a gradient exists", loss_requires_grad),
    ("E4.5", "log_var away from 0", sigma_one_is_log_var_one),
    ("E4.5", "only mu is asked", log_var_forgotten),
]


@pytest.mark.parametrize(("exercise_id", "name", "answer"), SLIPS)
def test_natural_slips_get_the_hint_that_was_meant(exercise_id, name, answer):
    assert_recognised(find_exercise(exercise_id), answer, name, SEEDS)


CUTS = [
    pytest.param(exercise, mistake, wrong, id=f"{exercise.id} {mistake.name} {number}")
    for exercise in ex04.EXERCISES
    for mistake in exercise.gradient_mistakes
    for number, wrong in enumerate((mistake.wrong, *mistake.also_wrong))
]


@pytest.mark.parametrize(("exercise", "mistake", "wrong"), CUTS)
def test_a_gradient_that_is_cut_has_right_values_and_its_own_hint(exercise, mistake, wrong):
    for seed in SEEDS:
        verdict = judge(exercise, wrong, seed)
        assert verdict.status == NOT_YET and verdict.says.startswith("The values are right, but")
        assert verdict.mistake is mistake


# ------------------------------------------------- what the engine learned for this notebook


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
    check("E4.5", log_var_forgotten)
    assert "`log_var`: the shape is right, a value is not: expected " in said(shown)
    assert "expected True, yours False" in said(shown)


def pair(**changes):
    """An exercise whose answer is x + 1 and 2 x, with gradients."""
    parts = {
        "reference": lambda x: (x + 1, 2 * x),
        "cases": lambda seed: [Case("x (3,)", (randn(3, seed=seed),), (0,))],
        "mistakes": (
            Mistake("first", lambda x: (x - 1, 2 * x), "Plus."),
            Mistake("both", lambda x: (x - 1, x), "Plus, and twice."),
            Mistake("one part", lambda x: x - 1, "Two."),
        ),
        "gradient_mistakes": (Mistake("cut", lambda x: (x + 1, 2 * x.detach()), "Cut."),),
        "parts": ("sum", "double"),
    }
    fixed = {"id": "E4.9", "title": "", "difficulty": 1, "minutes": 1, "points": 1, "hints": ()}
    return Exercise(**fixed, **{**parts, **changes})


def name_of(verdict):
    return verdict.mistake and verdict.mistake.name


def test_the_whole_answer_is_matched_before_a_part_of_it():
    assert name_of(judge(pair(), lambda x: (x - 1, x))) == "both"
    assert name_of(judge(pair(), lambda x: (x - 1, 3 * x))) == "first"
    assert name_of(judge(pair(), lambda x: (x + 1, x))) is None
    assert name_of(judge(pair(), lambda x: (x + 1, 3 * x))) is None
    assert name_of(judge(pair(), lambda x: x - 1)) == "one part"


def test_a_right_part_is_no_mistake():
    """`first` gives the same double; that is no reason to show its hint."""
    assert name_of(judge(pair(), lambda x: (x + 5, 2 * x))) is None


def test_gradients_of_each_part_count():
    assert judge(pair(), pair().reference).status == RIGHT
    cut = judge(pair(), lambda x: (1 + x, 2 * x.detach()))
    assert cut.status == NOT_YET and name_of(cut) == "cut"
    other = judge(pair(), lambda x: (1 + x.detach(), 2 * x))
    assert other.status == NOT_YET and name_of(other) is None
    gone = judge(pair(), lambda x: ((1 + x).detach(), (2 * x).detach()))
    assert "the gradient is cut" in gone.says


def test_a_gradient_that_differs_between_the_parts_is_seen():
    """Its sum over the parts is right: 1 + 2 = 2 + 1."""

    def exchanged(x):
        return x + 1 + (x - x.detach()), 2 * x.detach() + (x - x.detach())

    assert judge(pair(), exchanged).status == NOT_YET


def test_gradient_mistakes_share_no_name_with_the_others():
    with pytest.raises(ValueError, match="should have different names"):
        pair(gradient_mistakes=(Mistake("first", lambda x: x, ""),))


def test_same_gradients_asks_where_they_are_cut():
    one, two = torch.ones(2), torch.zeros(2)
    assert _compare.same_gradients([one, None], [one.clone(), None])
    assert not _compare.same_gradients([two, None], [None, None])
    assert not _compare.same_gradients([one, two], [one, one])


def test_an_answer_whose_gradients_fail_later_gets_no_hint_of_a_mistake():
    calls = []

    def breaks_later(x):
        calls.append(x)
        if len(calls) > 2:
            raise RuntimeError("later")
        return x + 1, 2 * x.detach()

    verdict = _judge.judge(pair(), breaks_later)
    assert verdict.status == NOT_YET and verdict.mistake is None


# ------------------------------------------------- the inputs


@pytest.mark.parametrize("seed", range(20))
def test_no_variance_is_near_one_and_both_sides_of_it_occur(seed):
    everywhere = [case.args[1] for case in ex04_inputs.reparameterize_cases(seed)]
    everywhere += [case.args[2] for case in ex04_inputs.elbo_gradient_cases(seed)]
    everywhere += [case.args[3] for case in ex04_inputs.sgvb_cases(seed)]
    for log_var in everywhere:
        assert log_var.abs().min() >= 0.6 and log_var.min() < 0 < log_var.max()


@pytest.mark.parametrize("seed", range(20))
def test_a_gradient_that_arrives_arrives_in_every_entry(seed):
    """So that `.any()` and `.all()` are both right, and no tolerance matters."""
    for case in ex04_paths.path_cases(seed):
        loss, shape = case.args
        leaves = [torch.zeros(shape, requires_grad=True) for _ in range(2)]
        found = torch.autograd.grad(loss(*leaves).sum(), leaves, materialize_grads=True)
        for gradient, arrives in zip(found, ex04.my_gets_gradient(loss, shape), strict=True):
            smallest = gradient.abs().min()
            assert smallest > 1e-5 if arrives else (gradient == 0).all()


def test_which_paths_let_the_gradient_through():
    verdicts = [ex04.my_gets_gradient(*case.args) for case in ex04_paths.path_cases(0)]
    said_so = dict(zip([path.label for path in ex04_paths.PATHS], verdicts, strict=True))
    assert {label: (bool(mu), bool(log_var)) for label, (mu, log_var) in said_so.items()} == {
        "z = mu + std * eps": (True, True),
        "z = Normal(mu, std).sample()": (False, False),
        "z = mu.detach() + std * eps": (False, True),
        "z = mu + std.detach() * eps": (True, False),
        "z = mu + std * eps under torch.no_grad()": (False, False),
        "z = torch.normal(mu, std)": (False, False),
        "z = mu": (True, False),
        "z = Normal(mu, std).rsample()": (True, True),
        "z = torch.normal(mu, std) and no KL in the loss": (False, False),
    }


def test_a_loss_draws_the_same_noise_again_and_leaves_the_learners_generator_alone():
    mu, log_var = torch.full((4, 3), 0.3), torch.full((4, 3), -0.4)
    loss = ex04_paths.path_cases(0)[0].args[0]
    before = torch.get_rng_state()
    first = loss(mu, log_var)
    assert first.shape == (4,) and torch.equal(first, loss(mu, log_var))
    assert torch.equal(before, torch.get_rng_state())
