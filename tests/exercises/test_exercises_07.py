"""Notebook 07's exercises: right answers in all their forms, wrong ones and the hint they get."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from learner import assert_recognised, assert_solution_stands_alone
from torch.distributions import Independent, Normal, kl_divergence
from torch.nn import functional

from course_utils import densities
from course_utils.exercises import ex07, ex07_inputs
from course_utils.exercises._judge import NOT_YET, RIGHT, judge
from course_utils.exercises._registry import find_exercise
from course_utils.models import CVAE
from course_utils.models._conditions import make_rows
from course_utils.toys import ConditionalLinearGaussian

EXERCISES = {exercise.id: exercise for exercise in ex07.EXERCISES}
SEEDS = range(2)
STUBS = {
    "E7.1": "def my_concat(h, y, classes):",
    "E7.2": "def my_negative_bound(x, y, eps, encode, prior, log_likelihood):",
    "E7.3": "def my_same_style(x, y, encode, decode, classes):",
    "E7.4": "def my_errors(x, completions):",
}


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def mistake(exercise_id, name):
    return next(m for m in EXERCISES[exercise_id].mistakes if m.name == name)


def cvae(prior="learned"):
    torch.manual_seed(0)
    return CVAE((2, 3), latent_dim=2, condition_dim=4, prior_kind=prior, hidden=(5,)).double()


def parts_of(model):
    """Encoder, prior and likelihood, as E7.2 and the notebook call them."""

    def log_likelihood(x, z, y):
        return model.given(y).log_likelihood(x, z)

    return model.encode, model.prior_given, log_likelihood


@pytest.mark.parametrize("exercise_id", STUBS)
def test_the_solution_is_right_where_it_is_pasted_with_torch_alone(exercise_id):
    assert_solution_stands_alone(EXERCISES[exercise_id], STUBS[exercise_id])


# ------------------------------------------------- the references, by another route


def test_the_label_stands_beside_the_numbers_as_the_package_puts_it_there():
    model, h, y = cvae(), randn(5, 3).requires_grad_(), torch.tensor([3, 0, 2, 2, 1])
    ours = ex07.my_concat(h, y, 4)
    torch.testing.assert_close(ours, torch.cat([h, make_rows(model, y)], dim=1))
    (slope,) = torch.autograd.grad(ours.sum(), h)
    assert torch.equal(slope, torch.ones_like(h))
    assert ex07.my_concat(h.float(), y, 4).dtype == torch.float32


@pytest.mark.parametrize("prior", ["fixed", "learned"])
def test_the_bound_is_the_packages(prior):
    model, x, eps = cvae(prior), randn(7, 6).sigmoid(), randn(3, 7, 2, seed=1)
    y = functional.one_hot(torch.arange(7) % 4, 4).double()
    ours = ex07.my_negative_bound(x, y, eps, *parts_of(model))
    torch.testing.assert_close(ours, -model.elbo(x, y, eps=eps).elbo)
    ours.mean().backward()
    assert all(weight.grad.abs().max() > 0 for weight in model.parameters())


def linear_model():
    """W has orthogonal columns, so that the exact posterior is diagonal, (1 + s_l^2 / v)^-1."""
    columns, _ = torch.linalg.qr(randn(5, 2))
    W = columns * torch.tensor([1.5, 0.4])
    return ConditionalLinearGaussian(W, randn(5, 3, seed=1), randn(5, seed=2), 0.6)


def exact_draws(batch, n_latents):
    """2 L points with mean 0 and covariance I: quadratics have their exact expectation."""
    points = math.sqrt(n_latents) * torch.eye(n_latents, dtype=torch.float64)
    return torch.cat([points, -points])[:, None].expand(-1, batch, -1)


def bound_of_linear_model(x, y, encode):
    model = linear_model()

    def prior(y):
        return (torch.zeros(len(y), 2, dtype=torch.float64),) * 2

    return ex07.my_negative_bound(
        *(x, y, exact_draws(len(x), 2)),
        *(encode, prior, lambda x, z, y: model.given(y).log_likelihood(x, z)),
    )


def test_at_the_exact_posterior_the_bound_is_the_evidence_and_elsewhere_the_kl_short_of_it():
    model, y = linear_model(), randn(4, 3, seed=3)
    _, x = model.sample(y, generator=torch.Generator().manual_seed(4))
    posterior, exact = model.given(y).posterior(x), -model.given(y).log_px(x)
    log_var = 2 * posterior.scale_tril.diagonal().log().expand(4, 2)
    ours = bound_of_linear_model(x, y, lambda x, y: (posterior.mu, log_var))
    torch.testing.assert_close(ours, exact, rtol=1e-9, atol=1e-9)
    mu, wider = posterior.mu + randn(4, 2, seed=5), log_var + 0.7
    off = bound_of_linear_model(x, y, lambda x, y: (mu, wider))
    q, p = (Normal(m, (v / 2).exp()) for m, v in ((mu, wider), (posterior.mu, log_var)))
    torch.testing.assert_close(off - exact, kl_divergence(q, p).sum(-1), rtol=1e-9, atol=1e-9)


def test_every_digit_in_one_hand_is_what_the_package_draws():
    model, x, y = cvae(), randn(5, 6).sigmoid(), torch.tensor([3, 0, 2, 2, 1])
    logits = ex07.my_same_style(x, y, model.encode, model.decode, 4)
    for i, mu in enumerate(model.encode(x, y).mu):
        pictures = model.generate(torch.arange(4), mu)
        torch.testing.assert_close(logits[i].sigmoid(), pictures.flatten(1))
    own = logits[torch.arange(5), y].sigmoid()
    torch.testing.assert_close(own, model.reconstruct(x, y).flatten(1))


def test_one_draw_is_worse_than_the_mean_picture_by_the_spread_of_the_draws():
    """Equation 7.10 for the M completions themselves: exact, picture by picture."""
    for case in ex07_inputs.error_cases(0):
        x, completions = case.args
        one, mean_picture, best = ex07.my_errors(x, completions)
        spread = completions.var(0, correction=0).sum(-1)
        torch.testing.assert_close(one, mean_picture + spread)
        for picture, draws, smallest in zip(x, completions.transpose(0, 1), best, strict=True):
            squares = [((draw - picture) ** 2).sum().item() for draw in draws]
            assert smallest.item() == pytest.approx(min(squares), rel=1e-12)


# ------------------------------------------------- what the hints claim


def less_the_right_one(name, n=20_000):
    """A mistake's value less the right one, n times with fresh noise: (n, B)."""
    x, y, _, *networks = ex07_inputs.bound_cases(0)[0].args
    eps = randn(5, 4 * n, 2)
    args = x.repeat(n, 1), y.repeat(n, 1), eps, *networks
    difference = mistake("E7.2", name).wrong(*args) - ex07.my_negative_bound(*args)
    return difference.reshape(n, 4)


@pytest.mark.parametrize("name", ["the KL by draws", "one draw of the K"])
def test_what_is_said_to_be_right_on_average_is(name):
    difference = less_the_right_one(name)
    error = difference.std(0) / math.sqrt(len(difference))
    assert (difference.mean(0).abs() < 5 * error).all() and error.min() > 1e-4


def test_importance_weights_give_a_tighter_bound():
    """On average over the noise, by more than five standard errors."""
    difference = less_the_right_one("importance weights")
    error = difference.std(0) / math.sqrt(len(difference))
    assert (difference.mean(0) < -5 * error).all()


def test_the_log_of_the_mean_is_no_bound():
    """In the linear model, at the exact posterior: below -log p(x|y), on average."""
    model, n = linear_model(), 4000
    y = randn(1, 3, seed=3).expand(n, -1)
    x = model.sample(y[:1], generator=torch.Generator().manual_seed(4))[1].expand(n, -1)
    posterior = model.given(y).posterior(x)
    log_var = 2 * posterior.scale_tril.diagonal().log().expand(n, 2)
    zero = torch.zeros(n, 2, dtype=torch.float64)
    wrong = mistake("E7.2", "log of the mean").wrong(
        *(x, y, randn(50, n, 2)),
        *(lambda x, y: (posterior.mu, log_var), lambda y: (zero, zero)),
        lambda x, z, y: model.given(y).log_likelihood(x, z),
    )
    error = wrong.std() / math.sqrt(n)
    assert wrong.mean() < -model.given(y).log_px(x)[0] - 5 * error


# ------------------------------------------------- right answers in other forms


def concat_in_numpy(h, y, classes):
    return np.hstack([h.numpy(), np.eye(classes)[y.numpy()]])


def concat_by_a_loop(h, y, classes):
    rows = []
    for numbers, label in zip(h, y, strict=True):
        row = torch.zeros(classes)
        row[label] = 1
        rows.append(torch.hstack([numbers, row]))
    return torch.stack(rows)


def concat_by_scatter(h, y, classes):
    rows = torch.zeros(len(y), classes, dtype=h.dtype)
    return torch.cat((h, rows.scatter_(1, y[:, None], 1.0)), -1)


def concat_by_comparison(h, y, classes):
    return torch.cat([h, y[:, None] == torch.arange(classes)], dim=-1)


def bound_by_distributions(x, y, eps, encode, prior, log_likelihood):
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    q = Independent(Normal(mu, log_var.exp().sqrt()), 1)
    p = Independent(Normal(mu_p, log_var_p.exp() ** 0.5), 1)
    elbo = log_likelihood(x, q.mean + q.stddev * eps, y).mean(0) - kl_divergence(q, p)
    return -elbo


def bound_by_the_package(x, y, eps, encode, prior, log_likelihood):
    q, p = densities.DiagonalNormal(*encode(x, y)), densities.DiagonalNormal(*prior(y))
    return densities.kl(q, p) - log_likelihood(x, q.rsample(eps), y).mean(dim=0)


def bound_by_a_loop(x, y, eps, encode, prior, log_likelihood):
    mu, log_var = encode(x, y)
    mu_p, log_var_p = prior(y)
    rec = 0.0
    for noise in eps:
        rec = rec + log_likelihood(x, mu + torch.exp(0.5 * log_var) * noise, y) / len(eps)
    kl = 0.0
    for i in range(mu.shape[1]):
        v, v_p = log_var[:, i].exp(), log_var_p[:, i].exp()
        kl = kl + 0.5 * ((v_p / v).log() + (v + (mu[:, i] - mu_p[:, i]) ** 2) / v_p - 1)
    return kl - rec


def bound_of_each_draw(x, y, eps, encode, prior, log_likelihood):
    """One mean at the end, of K bounds that have the KL in common."""
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    z = torch.stack([mu + (log_var / 2).exp() * noise for noise in eps])
    rec = log_likelihood(x, z, y)
    d = (mu - mu_p) * (-log_var_p / 2).exp()
    kl = (d**2 + (log_var - log_var_p).exp()).sum(1) - mu.shape[1] + (log_var_p - log_var).sum(1)
    return (kl / 2 - rec).mean(0)


def bound_in_float32(*args):
    return ex07.my_negative_bound(*args).float()


def bound_at_z_in_float32(x, y, eps, encode, prior, log_likelihood):
    q, p = (densities.DiagonalNormal(*pair) for pair in (encode(x, y), prior(y)))
    return densities.kl(q, p) - log_likelihood(x, q.rsample(eps).float(), y).mean(0)


def style_by_a_loop(x, y, encode, decode, classes):
    logits = torch.empty(len(x), classes, x.shape[1])
    rows = np.eye(classes)
    for i in range(len(x)):
        mu, _ = encode(x[i : i + 1], torch.tensor(rows[[y[i]]]))
        for digit in range(classes):
            logits[i, digit] = decode(mu[0], torch.tensor(rows[[digit]]))
    return logits


def style_by_broadcasting(x, y, encode, decode, classes):
    mu = encode(x, functional.one_hot(y, classes))[0]
    return decode(mu[:, None], torch.eye(classes, dtype=torch.long))


def style_flat(x, y, encode, decode, classes):
    mu, _ = encode(x, torch.eye(classes)[y])
    z, rows = mu.repeat_interleave(classes, 0), torch.eye(classes).repeat(len(x), 1)
    return decode(z, rows).reshape(len(x), classes, -1)


def style_digit_by_digit(x, y, encode, decode, classes):
    mu, _ = encode(x, functional.one_hot(y, classes).float())
    rows = functional.one_hot(torch.arange(classes))
    return torch.stack([decode(mu, row.expand(len(x), -1)) for row in rows], dim=1)


def style_with_a_row_for_each_z(x, y, encode, decode, classes):
    mu, _ = encode(x, torch.eye(classes)[y])
    z, rows = mu[:, None].repeat(1, classes, 1), torch.eye(classes).repeat(len(x), 1, 1)
    return decode(z, rows)


def style_transposed(x, y, encode, decode, classes):
    mu, _ = encode(x, torch.eye(classes)[y])
    rows = torch.eye(classes)[:, None].expand(-1, len(x), -1)
    return decode(mu.expand(classes, -1, -1), rows).transpose(0, 1).numpy()


def errors_in_numpy(x, completions):
    x, completions = x.numpy(), completions.numpy()
    errors = ((completions - x) ** 2).sum(-1)
    return errors.mean(0), ((completions.mean(0) - x) ** 2).sum(-1), errors.min(0)


def errors_by_a_loop(x, completions):
    errors = torch.stack([functional.mse_loss(c, x, reduction="none").sum(1) for c in completions])
    mean = sum(completions) / len(completions)
    mean_picture = torch.stack([(a - b) @ (a - b) for a, b in zip(mean, x, strict=True)])
    return [sum(errors) / len(errors), mean_picture, errors.sort(0).values[0]]


def errors_by_the_spread(x, completions):
    """The mean picture by equation 7.10, the best by its index."""
    errors = (completions - x[None]).pow(2).sum(2)
    spread = completions.var(0, correction=0).sum(1)
    best = errors.gather(0, errors.argmin(0, keepdim=True)).squeeze(0)
    return errors.mean(0), errors.mean(0) - spread, best


def errors_in_float32(x, completions):
    return ex07.my_errors(x.float(), completions.float())


OTHER_FORMS = [
    *(("E7.1", form) for form in (concat_in_numpy, concat_by_a_loop, concat_by_scatter)),
    ("E7.1", concat_by_comparison),
    ("E7.1", lambda h, y, classes: torch.cat([h, functional.one_hot(y, classes)], dim=1)),
    ("E7.1", lambda h, y, classes: torch.cat([h, torch.eye(classes)[y]], dim=1)),
    ("E7.1", lambda h, y, classes: ex07.my_concat(h.float(), y, classes)),
    *(("E7.2", form) for form in (bound_by_distributions, bound_by_the_package, bound_by_a_loop)),
    *(("E7.2", form) for form in (bound_of_each_draw, bound_in_float32, bound_at_z_in_float32)),
    *(("E7.3", form) for form in (style_by_a_loop, style_by_broadcasting, style_flat)),
    *(("E7.3", form) for form in (style_digit_by_digit, style_transposed)),
    ("E7.3", style_with_a_row_for_each_z),
    *(("E7.4", form) for form in (errors_in_numpy, errors_by_a_loop, errors_by_the_spread)),
    ("E7.4", errors_in_float32),
    ("E7.4", lambda *args: np.stack(errors_in_numpy(*args))),
    ("E7.4", lambda *args: torch.stack(errors_by_the_spread(*args))),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_FORMS)
def test_right_answers_in_other_forms_pass(exercise_id, answer):
    for seed in SEEDS:
        verdict = judge(EXERCISES[exercise_id], answer, seed)
        assert verdict.status == RIGHT, (seed, verdict.says)


def test_a_wrong_stack_is_told_what_is_expected_and_other_exercises_want_their_parts_apart():
    wrong = mistake("E7.4", "half of it").wrong
    verdict = judge(EXERCISES["E7.4"], lambda *args: torch.stack(wrong(*args)))
    assert verdict.status == NOT_YET and "expected 3 values, `one`" in verdict.says
    moments = find_exercise("E6.3")
    stacked = judge(moments, lambda *args: torch.stack(moments.reference(*args)))
    assert stacked.status == NOT_YET and "expected 2 values" in stacked.says


def test_numpy_is_refused_where_training_goes_through_the_answer():
    verdict = judge(EXERCISES["E7.2"], lambda *args: ex07.my_negative_bound(*args).numpy())
    assert verdict.status == NOT_YET
    assert verdict.says.startswith("The values are right, but the gradient is cut")


# ------------------------------------------------- wrong answers get the hint that was meant


def kl_of(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp(), dim=-1)


def bound_of_notebook_05(x, y, eps, encode, prior, log_likelihood):
    """As E5.3 has it, with y in the networks; the prior is asked and not used."""
    mu, log_var = encode(x, y)
    prior(y)
    rec = log_likelihood(x, mu + torch.exp(0.5 * log_var) * eps, y).mean(0)
    return kl_of(mu, log_var) - rec


def bound_with(*, kl=lambda q, p: kl_divergence(q, p).sum(-1), rec=lambda recs: recs.mean(0)):
    def answer(x, y, eps, encode, prior, log_likelihood):
        q, p = (Normal(mu, (lv / 2).exp()) for mu, lv in (encode(x, y), prior(y)))
        return kl(q, p) - rec(log_likelihood(x, q.mean + q.stddev * eps, y))

    return answer


def bound_of_samples(x, y, eps, encode, prior, log_likelihood):
    q, p = (Normal(mu, (lv / 2).exp()) for mu, lv in (encode(x, y), prior(y)))
    return kl_divergence(q, p).sum(-1) - log_likelihood(x, q.rsample(eps.shape[:1]), y).mean(0)


def iwae(x, y, eps, encode, prior, log_likelihood):
    q, p = (Normal(mu, (lv / 2).exp()) for mu, lv in (encode(x, y), prior(y)))
    z = q.mean + q.stddev * eps
    log_w = log_likelihood(x, z, y) + (p.log_prob(z) - q.log_prob(z)).sum(-1)
    return math.log(len(eps)) - torch.logsumexp(log_w, dim=0)


def bound_at_mu(x, y, eps, encode, prior, log_likelihood):
    q, p = (densities.DiagonalNormal(*pair) for pair in (encode(x, y), prior(y)))
    return densities.kl(q, p) - log_likelihood(x, q.mu, y)


def bound_with_z_under_no_grad(x, y, eps, encode, prior, log_likelihood):
    q, p = (densities.DiagonalNormal(*pair) for pair in (encode(x, y), prior(y)))
    with torch.no_grad():
        z = q.rsample(eps)
    return densities.kl(q, p) - log_likelihood(x, z, y).mean(0)


def bound_with_the_prior_under_no_grad(x, y, eps, encode, prior, log_likelihood):
    with torch.no_grad():
        p = densities.DiagonalNormal(*prior(y))
    q = densities.DiagonalNormal(*encode(x, y))
    return densities.kl(q, p) - log_likelihood(x, q.rsample(eps), y).mean(0)


def bound_all_under_no_grad(*args):
    with torch.no_grad():
        return ex07.my_negative_bound(*args)


def bound_with_logs_of_log_var(x, y, eps, encode, prior, log_likelihood):
    """As E3.2 might have been copied, with variances for arguments."""
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    rec = log_likelihood(x, mu + torch.exp(0.5 * log_var) * eps, y).mean(0)
    logs = torch.log(log_var_p) - torch.log(log_var)
    return 0.5 * (logs + (log_var + (mu - mu_p) ** 2) / log_var_p - 1).sum(-1) - rec


def hot_columns(h, y, classes):
    rows = torch.zeros(len(h), classes)
    rows[:, y] = 1
    return torch.cat([h, rows], 1)


def embedded(h, y, classes):
    return torch.cat([h, torch.nn.Embedding(classes, classes)(y)], 1)


def style_sampled(x, y, encode, decode, classes):
    mu, log_var = encode(x, functional.one_hot(y, classes))
    z = Normal(mu, (log_var / 2).exp()).sample((classes,)).transpose(0, 1)
    return decode(z, torch.eye(classes))


def style_of_the_prior(x, y, encode, decode, classes):
    z = torch.randn(len(x), 1, encode.shape[1] // 2)
    return decode(z, torch.eye(classes))


def style_in_columns(x, y, encode, decode, classes):
    mu, _ = encode(x, functional.one_hot(y, classes))
    return torch.stack([decode(mu, row[None]) for row in torch.eye(classes)])


def style_flat_the_wrong_way(x, y, encode, decode, classes):
    mu, _ = encode(x, torch.eye(classes)[y])
    z, rows = mu.repeat(classes, 1), torch.eye(classes).repeat_interleave(len(x), 0)
    return decode(z, rows).view(len(x), classes, -1)


def errors_as_mse(x, completions):
    errors = torch.stack([functional.mse_loss(c, x, reduction="none").mean(1) for c in completions])
    return errors.mean(0), ((completions.mean(0) - x) ** 2).mean(1), errors.min(0).values


def two_slips_in_errors(x, completions):
    """The first part has a slip of its own, the third too: the first is told."""
    errors = (completions - x).pow(2).sum(-1)
    return errors.sum(0), ((completions.mean(0) - x) ** 2).sum(-1), errors.max(0).values


SLIPS = [
    ("E7.1", "the label as a number", lambda h, y, classes: torch.hstack([h, y[:, None].float()])),
    ("E7.1", "the label, scaled", lambda h, y, c: torch.cat([h, y[:, None] / (c - 1)], 1)),
    ("E7.1", "all labels in each row", hot_columns),
    ("E7.1", "random rows", embedded),
    (
        "E7.1",
        "as long as the largest label",
        lambda h, y, c: torch.hstack([h, torch.eye(y.max() + 1)[y]]),
    ),
    ("E7.1", "label first", lambda h, y, c: torch.cat([torch.eye(c)[y], h], 1)),
    (
        "E7.1",
        "h in whole numbers",
        lambda h, y, c: torch.cat([h.to(y.dtype), functional.one_hot(y, c)], 1),
    ),
    (
        "E7.1",
        "h cut off",
        lambda h, y, c: torch.cat([torch.tensor(h.tolist()), torch.eye(c)[y]], 1),
    ),
    ("E7.2", "KL to N(0, I)", bound_of_notebook_05),
    ("E7.2", "log_var taken for a variance", bound_with_logs_of_log_var),
    ("E7.2", "KL the other way round", bound_with(kl=lambda q, p: kl_divergence(p, q).sum(-1))),
    ("E7.2", "mean over the latents", bound_with(kl=lambda q, p: kl_divergence(q, p).mean(-1))),
    ("E7.2", "summed over the draws", bound_with(rec=lambda recs: recs.sum(0))),
    ("E7.2", "best of the draws", bound_with(rec=lambda recs: recs.amax(0))),
    ("E7.2", "log of the mean", bound_with(rec=lambda recs: recs.exp().mean(0).log())),
    ("E7.2", "one term reduced over the batch", bound_with(rec=torch.mean)),
    ("E7.2", "importance weights", iwae),
    ("E7.2", "fresh noise", bound_of_samples),
    ("E7.2", "no noise", bound_at_mu),
    ("E7.2", "z cut off", bound_with_z_under_no_grad),
    ("E7.2", "the prior cut off", bound_with_the_prior_under_no_grad),
    ("E7.2", "all cut off", bound_all_under_no_grad),
    ("E7.3", "a draw for z", style_sampled),
    ("E7.3", "a draw for z", style_of_the_prior),
    ("E7.3", "axes exchanged", style_in_columns),
    ("E7.3", "hands mixed", style_flat_the_wrong_way),
    ("E7.3", "not logits", lambda *args: ex07.my_same_style(*args).sigmoid().numpy()),
    ("E7.4", "mean over the pixels", errors_as_mse),
    ("E7.4", "summed over the draws", two_slips_in_errors),
]


@pytest.mark.parametrize(("exercise_id", "name", "answer"), SLIPS)
def test_natural_slips_get_the_hint_that_was_meant(exercise_id, name, answer):
    assert_recognised(EXERCISES[exercise_id], answer, name, SEEDS)


KNOWN = [
    pytest.param(exercise, known, wrong, id=f"{exercise.id} {known.name} {number}")
    for exercise in ex07.EXERCISES
    for known in (*exercise.mistakes, *exercise.gradient_mistakes)
    for number, wrong in enumerate((known.wrong, *known.also_wrong))
]


@pytest.mark.parametrize(("exercise", "known", "wrong"), KNOWN)
def test_each_spelling_of_a_mistake_gets_its_own_hint_with_other_inputs_too(exercise, known, wrong):
    verdict = judge(exercise, wrong, 1)
    assert verdict.status == NOT_YET and verdict.mistake is known, verdict.says
    cut = known in exercise.gradient_mistakes
    assert verdict.says.startswith("The values are right, but") == cut


def clamped(name, low, high):
    """mu or log_var of q and of the prior between two numbers."""
    position = ("mu", "log_var").index(name)

    def answer(x, y, eps, encode, prior, log_likelihood):
        q, p = [*encode(x, y)], [*prior(y)]
        for pair in (q, p):
            pair[position] = pair[position].clamp(low, high)
        return ex07.my_negative_bound(x, y, eps, lambda *_: q, lambda _: p, log_likelihood)

    return answer


def free_bits(least):
    """No latent's KL counts for less than `least`."""
    return bound_with(kl=lambda q, p: kl_divergence(q, p).clamp(min=least).sum(-1))


def one_hot_of(most):
    """Rows for `most` classes at most."""
    return lambda h, y, classes: torch.cat([h, torch.eye(most)[y][:, :classes]], dim=1)


# Right for numbers of moderate size, and not further out.
TAMED = [
    *(("E7.1", one_hot_of(most)) for most in (5, 10)),
    ("E7.2", lambda *args: ex07.my_negative_bound(*args).abs()),
    ("E7.2", lambda *args: ex07.my_negative_bound(*args).clamp(min=0)),
    ("E7.2", bound_with(rec=lambda recs: -recs.abs().mean(0))),
    ("E7.2", bound_with(rec=lambda recs: recs.clamp(max=0).mean(0))),
    ("E7.2", bound_with(rec=lambda recs: recs.clamp(min=-100).mean(0))),
    *(("E7.2", free_bits(least)) for least in (0.03, 0.1)),
    *(("E7.2", clamped("log_var", -limit, limit)) for limit in (1.5, 5)),
    *(("E7.2", clamped("mu", -limit, limit)) for limit in (2.5, 3)),
    *(("E7.3", lambda *args, n=n: ex07.my_same_style(*args).clamp(-n, n)) for n in (4, 10)),
    ("E7.4", lambda x, completions: ex07.my_errors(x, completions.clamp(0, 1))),
    ("E7.4", lambda x, completions: ex07.my_errors(x.clamp(0, 1), completions)),
]


@pytest.mark.parametrize(("exercise_id", "answer"), TAMED)
def test_what_is_right_for_moderate_numbers_alone_is_refused(exercise_id, answer):
    bare = dataclasses.replace(EXERCISES[exercise_id], mistakes=(), gradient_mistakes=())
    for seed in range(5):
        assert judge(bare, answer, seed).status == NOT_YET, seed


REFUSED = [
    (lambda x, y, encode, decode, mu: encode(x, y), "y should be a row for each picture, but (3,)"),
    (
        lambda x, y, encode, decode, mu: encode(x, mu),
        "9 numbers together, but x (3, 5) and y (3, 2)",
    ),
    (
        lambda x, y, encode, decode, mu: decode(mu, torch.eye(4)),
        "an axis of length 1 (`[:, None]`, `keepdim=True`) meets any other",
    ),
    (
        lambda x, y, encode, decode, mu: decode(mu[0], torch.eye(4)[1]),
        "z (2,) and rows (4,) came; a single row is a table of one",
    ),
    (
        lambda x, y, encode, decode, mu: decode(mu[None], torch.eye(4)[:, None]),
        "one row for each z, but z (1, 3, 2) and rows (4, 1, 4) came",
    ),
]


@pytest.mark.parametrize(("call", "said"), REFUSED)
def test_a_network_says_what_it_wants_and_the_package_s_refuses_the_same(call, said):
    def answer(x, y, encode, decode, classes):
        return call(x, y, encode, decode, encode(x, torch.eye(classes)[y])[0])

    assert said in judge(EXERCISES["E7.3"], answer).says
    model, x, y = cvae(), randn(3, 6).sigmoid(), torch.tensor([3, 0, 2]).double()
    with pytest.raises(ValueError, match="should"):
        call(x, y, model.encode, model.decode, randn(3, 2))


# ------------------------------------------------- the inputs


@pytest.mark.parametrize("seed", range(10))
def test_labels_repeat_and_leave_the_last_class_out_in_one_case(seed):
    first, _, last, many = (case.args for case in ex07_inputs.concat_cases(seed))
    (h, y, classes), (other, labels, n) = first, last
    assert len({*h.shape, classes}) == len({*other.shape, n}) == 3
    assert y.max() < classes - 1 and len(y.unique()) < len(y)
    assert labels.unique().tolist() == list(range(n))
    assert len({*many[0].shape, many[2]}) == 3 and many[2] > 10
    assert all(labels.max() < len(h) for h, labels, _ in (first, last, many))


@pytest.mark.parametrize("seed", range(10))
def test_sizes_differ_but_those_of_x_and_y(seed):
    for x, y, eps, encode, prior, log_likelihood in (c.args for c in ex07_inputs.bound_cases(seed)):
        (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
        assert x.shape == y.shape and len({*eps.shape, x.shape[1]}) == 4
        assert eps.shape[1:] == mu.shape == log_var.shape == mu_p.shape == log_var_p.shape
        assert log_likelihood(x, mu + eps, y).shape == eps.shape[:2]


@pytest.mark.parametrize("seed", range(10))
def test_q_and_the_prior_are_never_alike_nor_standard_where_they_are_moderate(seed):
    for x, y, _, encode, prior, _ in (c.args for c in ex07_inputs.bound_cases(seed)[:3]):
        (_, log_var), (_, log_var_p) = encode(x, y), prior(y)
        assert (log_var - log_var_p).abs().min() >= 0.9
        assert log_var.abs().min() >= 0.5 and log_var_p.abs().min() >= 0.4


@pytest.mark.parametrize("seed", range(10))
def test_one_case_goes_further_out(seed):
    """Wide and narrow, with a density above 1, a loss below 0, and a latent that hardly counts."""
    *_, far = ex07_inputs.bound_cases(seed)
    x, y, eps, encode, prior, log_likelihood = far.args
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    for spread in (log_var, log_var_p):
        assert spread[:, 0].max() < -5.5 and spread[:, 1].min() > 6
    assert mu[:, 0].min() > 3.5 and mu[:, 1].max() < -3.4
    kls = densities.kl_normal(*(part[..., None] for part in (mu, log_var, mu_p, log_var_p)))
    assert kls[:, 2].min() > 0.001 and kls[:, 2].max() < 0.03
    assert (log_var[:, 2] > 0).all() and (log_var_p[:, 2] < 0).all()
    log_px_zy = log_likelihood(x, mu + (log_var / 2).exp() * eps, y)
    assert log_px_zy[:, 0].min() > 0 and log_px_zy[:, 1].max() < -100
    assert ex07.my_negative_bound(*far.args)[0] < 0


def test_a_picture_s_density_is_that_of_independent_normal_pixels():
    x, y, eps, _, _, log_likelihood = ex07_inputs.bound_cases(0)[-1].args
    mu, log_var = log_likelihood.outputs(z=eps, y=y).chunk(2, dim=-1)
    expected = Normal(mu, (log_var / 2).exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(log_likelihood(x, eps, y), expected)


@pytest.mark.parametrize("seed", range(10))
def test_there_are_as_many_pictures_as_classes_in_one_case_alone(seed):
    sizes = [
        (len(x), classes) for x, *_, classes in (c.args for c in ex07_inputs.style_cases(seed))
    ]
    assert sizes == [(3, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("seed", range(10))
def test_the_best_draw_is_not_the_same_for_all_pictures(seed):
    """Or one smallest number for all would be right."""
    best = [
        ((completions - x) ** 2).sum(-1).argmin(0)
        for x, completions in (case.args for case in ex07_inputs.error_cases(seed))
    ]
    assert any(len(which.unique()) > 1 for which in best)


@pytest.mark.parametrize("seed", range(10))
def test_logits_and_completions_of_one_case_go_further_out(seed):
    near, _, far = (ex07.my_same_style(*case.args) for case in ex07_inputs.style_cases(seed))
    assert near.abs().max() <= 3 and far.max() > 10 and far.min() < -10
    (x, inside), (far_x, outside) = (case.args for case in ex07_inputs.error_cases(seed))
    assert min(x.min(), inside.min()) >= 0 and max(x.max(), inside.max()) <= 1
    assert min(far_x.max(), outside.max()) > 1 and max(far_x.min(), outside.min()) < 0
