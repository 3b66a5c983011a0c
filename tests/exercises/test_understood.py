"""Slips that any exercise may meet: each error or kind gets the hint that fits it, and its name."""

import math

import numpy as np
import pytest
import torch
from answers_04 import elbo_of
from learner import changed, my_average, my_log_mean_exp, said
from torch.distributions import Bernoulli, Normal

from course_utils.exercises import check, verdict
from course_utils.exercises._engine import state
from course_utils.exercises._engine.families import _slips
from course_utils.exercises.ex01 import my_log_normal as log_normal
from course_utils.models import VAE

pytestmark = pytest.mark.usefixtures("fresh_learner")


def made_later(p):
    if p.sum() < -1e9:
        late = 0
    return p.mean(0) + late


def twice(p):
    w = torch.ones(3).requires_grad_()
    loss = (w**2).sum()
    loss.backward()
    loss.backward()


def step_between(p):
    w = torch.ones(3).requires_grad_()
    loss, moved = (w.exp() * w).sum(), w.detach()
    moved += 1
    loss.backward()


def alone(p, *of):
    return torch.autograd.grad(p.exp().sum(), *of)


def no_history(p):
    with torch.no_grad():
        loss = p.sum() * 2
    loss.backward()


def two_of_four(p):
    first, second = p.mean(0)
    return first


MET = [  # by answers to E0.1, p (6, 4) -> (4,)
    ("one number wanted", lambda p: math.exp(p)),
    ("one number wanted", lambda p: float(p)),
    ("one number wanted", lambda p: p.mean(0).item()),
    ("one number wanted", lambda p: torch.tensor([p[0], p[1]])),
    ("a method without brackets", lambda p: p.mean),
    ("a method without brackets", lambda p: 1 + p.exp),
    ("a method without brackets", lambda p: p.exp.sum(0)),
    ("a method without brackets", lambda p: -p.exp),
    ("a method without brackets", lambda p: p.size[0] * p),
    ("a method without brackets", lambda p: Normal(p, 1.0).log_prob * 2),
    ("a method without brackets", lambda p: my_average),
    ("values and indices", lambda p: p.max(0)),
    ("values and indices", lambda p: p - p.max(0)),
    ("values and indices", lambda p: p.max(0).exp()),
    ("nothing came back", lambda p: print(p.mean(0))),
    ("no return", lambda p: [].append(p.mean(0))),
    ("something is None", lambda p: p.mean(0) + [1.0].append(2.0)),
    ("something is None", lambda p: p.grad.sum()),
    ("numbers for torch's function", lambda p: torch.exp(2.0)),
    ("numbers for torch's function", lambda p: torch.stack([1.0, 2.0])),
    ("NumPy on the way of a gradient", lambda p: np.exp(p.requires_grad_())),
    ("under no_grad", no_history),
    ("nothing asks for a gradient", lambda p: p.sum().backward()),
    ("not in the graph", lambda p: alone(p.requires_grad_(), p.clone())),
    ("several numbers differentiated", lambda p: p.requires_grad_().exp().backward()),
    ("backward after step", step_between),
    ("backward twice", twice),
    ("in place on a tensor that asks", lambda p: p.clone().requires_grad_().add_(1)),
    ("shapes that do not meet", lambda p: p + torch.ones(3)),
    ("shapes that do not meet", lambda p: p.expand(3, 4)),
    ("cat or stack", lambda p: torch.cat([p, torch.ones(2, 3)])),
    ("cat or stack", lambda p: torch.cat([p[0, 0], p[0, 1]])),
    ("cat or stack", lambda p: torch.cat([p[0], p])),
    ("cat or stack", lambda p: torch.stack([p[0], p[:, 0]])),
    ("a matrix product", lambda p: p @ p),
    ("one answer of many", lambda p: max(p)),
    ("one answer of many", lambda p: min(p)),
    ("one answer of many", lambda p: 1 if p > 0 else 0),
    ("one answer of many", lambda p: max(p.numpy())),
    ("no power", lambda p: p ^ 2),
    ("no power", lambda p: p * 2.0 ^ 2),
    ("a place that is not there", lambda p: p.mean(2)),
    ("a place that is not there", lambda p: p[0, 0, 0]),
    ("a place that is not there", lambda p: p[100]),
    ("a place that is not there", lambda p: [0.0][len(p)]),
    ("brackets that call", lambda p: 2 * p(1)),
    ("brackets that call", lambda p: p / p.shape(0)),
    ("all sizes for one", lambda p: p / p.shape),
    ("all sizes for one", lambda p: range(p.shape)),
    ("a list for a tensor", lambda p: [1.0] - p),
    ("a list for a tensor", lambda p: (p, p) - p),
    ("a list for a tensor", lambda p: [p, p].mean(0)),
    ("an axis from NumPy", lambda p: np.mean(p, axis=0)),
    ("other arguments", lambda p: p.var(ddof=0)),
    ("too few or too many arguments", lambda: 1),
    ("too few or too many arguments", lambda p: p.exp(0)),
    ("too few or too many arguments", lambda p: torch.logsumexp(p)),
    ("no such name behind the dot", lambda p: p.astype(float)),
    ("no such name behind the dot", lambda p: torch.average(p)),
    ("one tensor for several", lambda p: torch.stack(p)),
    ("no tensor to differentiate in", lambda p: alone(p.requires_grad_(), (2.0,))),
    ("a number of another kind", lambda p: p.amax(p)),
    ("a number of another kind", lambda p: p.mean(0, keepdim=1)),
    ("nothing to index", lambda p: p.sum().item()[0]),
    ("two that do not calculate", lambda p: p * torch.Generator()),
    ("a plain number", lambda p: math.exp(2).sum()),
    ("an unknown name", lambda p: p.mean(0) + undefined_name),  # noqa: F821 - the point
    ("used before it is made", made_later),
    ("no logarithm", lambda p: math.log(0)),
    ("no logarithm", lambda p: math.sqrt(-1)),
    ("a scale below zero", lambda p: Normal(p, -1.0).log_prob(p)),
    ("a probability outside", lambda p: Bernoulli(probs=p - 2)),
    ("a probability outside", lambda p: Bernoulli(logits=p).log_prob(p)),
    ("whole numbers have no mean", lambda p: p.long().mean(0)),
    ("two precisions", lambda p: p @ p.float().T),
    ("a reshape that loses entries", lambda p: p.view(5, 5)),
    ("another number of values", two_of_four),
    ("NumPy's function on a tensor", lambda p: np.var(p, axis=0)),
    ("one row for a batch", lambda p: VAE((2, 2), 2, (4,)).encode(p[0])),
    ("one of several values", lambda p: p.split(1)[:, 0]),
    ("another number of values", lambda p: sum(p.mean())),
    ("another number of values", lambda p: sum(row for row in len(p))),
    ("no index", lambda p: p[1.5]),
    ("no index", lambda p: torch.nn.functional.one_hot(p)),
    ("text for numbers", lambda p: str(p.mean(0))),
    ("text for numbers", lambda p: "mean " + p.mean(0)),
    ("a comma behind the value", lambda p: (p.mean(0),)),
    ("several values for one", lambda p: p.mean(0).tolist()),
    ("several values for one", lambda p: (p.mean(0), p)),
    ("true and false", lambda p: p.mean(0) > 0),
    ("changed in place", lambda p: p.mul_(1.0).add_(1.0).mean(0) - 1.0),
    ("no tensor of numbers", lambda p: {"mean": p.mean(0)}),
    ("another shape", lambda p: p[:3]),
    ("not a number", lambda p: (p - 5).mean(0).log()),
    ("infinite", lambda p: (1000 * (p + 1)).exp().mean(0)),
    ("infinite", lambda p: (0 * p).mean(0).log()),
]


@pytest.mark.parametrize(("name", "answer"), MET, ids=[f"{n} {i}" for i, (n, _) in enumerate(MET)])
def test_what_any_exercise_may_meet_has_a_name_and_a_hint(name, answer):
    found = verdict("E0.1", answer)
    assert (found.status, found.mistake) == ("not yet", name), found.says
    assert found.hint == _slips()[name].hint and found.hint not in found.says


def backward_in_place(x, mu, log_var, *rest):
    mu.requires_grad_(), log_var.requires_grad_()
    elbo_of(x, mu, log_var, *rest).sum().backward()
    return mu.grad, log_var.grad


def half_detached(a, dim):
    return 2 * my_log_mean_exp(a, dim) - my_log_mean_exp(a.detach(), dim)


def likelihood_by_log_normal(x, grid, a, b, sigma):
    log_var = torch.full((len(grid), len(x)), 2 * math.log(sigma), dtype=x.dtype)
    likelihood = log_normal(x, a * grid[:, None] + b, log_var).exp()
    return (grid[1] - grid[0]) * (likelihood * Normal(0.0, 1.0).log_prob(grid).exp()).sum(0)


def by_log_normal_of_a_number(x, grid, a, b, sigma):
    return log_normal(x, a * grid[:, None] + b, 2 * math.log(sigma)).exp().sum(0)


ELSEWHERE = [
    ("E1.3", "a sum inside log_normal", likelihood_by_log_normal),
    ("E1.3", "a sum inside log_normal", by_log_normal_of_a_number),
    ("E4.3", "mu does not ask", lambda x, mu, log_var, *rest: alone(mu, (mu,))),
    ("E4.3", "a gradient left behind", backward_in_place),
    (
        "E5.4",
        "under no_grad",
        "`loss =` → `torch.set_grad_enabled(False); torch.no_grad(); loss =`",
    ),
    ("E8.6", "no longer asking", "`q = torch` → `mu.detach_(); q = torch`"),
    ("E5.4", "several numbers differentiated", "`.mean()` → nothing"),
    ("E5.4", "history kept", "`.detach()` → nothing"),
    ("E6.3", "not all values", "`return mean`"),
    ("E2.5", "what a model wants", "`model.log_likelihood(x, z)` → `model.log_likelihood(z, x)`"),
    ("E4.1", "gradient cut", "`return (mu + sigma * eps).numpy()`"),
    ("E2.1", "another gradient", half_detached),
]


@pytest.mark.parametrize(("exercise", "name", "answer"), ELSEWHERE)
def test_so_it_is_in_other_exercises(exercise, name, answer):
    found = verdict(exercise, changed(exercise, answer) if isinstance(answer, str) else answer)
    assert (found.status, found.mistake) == ("not yet", name), found.says


def test_every_slip_of_any_exercise_is_met_by_a_test():
    met = {"too slow", *(name for name, _ in MET), *(name for _, name, _ in ELSEWHERE)}
    assert {n for n, s in _slips().items() if "(known by" not in s.items[0].code} - met == set()


def test_an_error_that_is_understood_is_remembered_as_a_slip(shown):
    check("E0.1", lambda p: math.exp(p))
    assert state.read()["exercises"]["E0.1"]["slips"] == ["one number wanted"]
    assert said(shown).count("torch.exp(x)") == 1 and "Hint: `math.exp`" in said(shown)


def test_only_mu_is_spoken_of_where_there_is_one():
    told = verdict("E0.1", lambda p: p.sum().backward()).hint
    assert "`mu" not in told and "no tensor that went into it" in told
