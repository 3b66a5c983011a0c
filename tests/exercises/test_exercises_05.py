"""Notebook 05's exercises: the package's functions, right answers in other forms, natural slips."""

import numpy as np
import pytest
import torch
from learner import assert_recognised, said
from torch.distributions import Bernoulli, Independent, MultivariateNormal, Normal, kl_divergence
from torch.nn import functional

from course_utils import densities
from course_utils.exercises import _engine, check, ex05, ex05_inputs
from course_utils.exercises._judge import NOT_YET, RIGHT, WAITING, judge
from course_utils.exercises._registry import find_exercise
from course_utils.models import VAE

SEEDS = range(5)
each_exercise = pytest.mark.parametrize("exercise", ex05.EXERCISES, ids=lambda e: e.id)


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def cases_of(exercise_id, seed=0):
    return find_exercise(exercise_id).cases(seed)


# ------------------------------------------------- the references are the package's functions


@pytest.mark.parametrize("seed", SEEDS)
def test_log_bernoulli_is_the_packages_and_torchs(seed):
    for case in ex05_inputs.log_bernoulli_cases(seed):
        x, logits = case.args
        ours = ex05.my_log_bernoulli(x, logits)
        torch.testing.assert_close(ours, densities.log_bernoulli(x, logits))
        theirs = Bernoulli(logits=logits).log_prob(x).sum(-1)
        torch.testing.assert_close(ours, theirs)


def test_the_formula_takes_grey_pixels_too():
    x, logits = randn(4, 6).sigmoid(), 3 * randn(4, 6, seed=1)
    ours = ex05.my_log_bernoulli(x, logits)
    torch.testing.assert_close(ours, densities.log_bernoulli(x, logits))


def test_large_logits_cost_themselves():
    """A decoder that is sure and wrong pays its logit, one that is sure and right nothing."""
    for case in ex05_inputs.log_bernoulli_cases(0)[3:]:
        x, logits = case.args
        wrong = (x == 1) != (logits > 0)
        assert ex05.my_log_bernoulli(x, logits).tolist() == (-logits.abs() * wrong).sum(1).tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_log_normal_pixels_is_the_packages(seed):
    for case in ex05_inputs.normal_pixels_cases(seed):
        x, mean, sigma = case.args
        log_var = torch.full_like(x, 2 * np.log(sigma))
        theirs = densities.log_normal(x, mean, log_var)
        torch.testing.assert_close(ex05.my_log_normal_pixels(x, mean, sigma), theirs)
        float32 = ex05.my_log_normal_pixels(x.float(), mean.float(), sigma)
        torch.testing.assert_close(float32, theirs.float())


def test_log_normal_pixels_takes_a_sigma_that_is_learned():
    x, mean, sigma = randn(4, 5), randn(4, 5, seed=1), torch.tensor(0.7).double().requires_grad_()
    (slope,) = torch.autograd.grad(ex05.my_log_normal_pixels(x, mean, sigma).sum(), sigma)
    squared = ((x - mean) ** 2).sum()
    torch.testing.assert_close(slope, squared / 0.7**3 - 20 / torch.tensor(0.7).double())


def vae_and_data():
    torch.manual_seed(0)
    model = VAE((2, 3), latent_dim=2, hidden=(5,))
    x = (torch.rand(7, 6) < 0.5).float()
    return model, x, torch.randn(7, 2)


def test_negative_elbo_is_the_packages():
    model, x, eps = vae_and_data()
    ours = ex05.my_negative_elbo(x, model.encode, model.decode, eps)
    torch.testing.assert_close(ours, -model.elbo(x, eps=eps).elbo)
    ours.mean().backward()
    assert all(weight.grad.abs().max() > 0 for weight in model.parameters())


def test_an_epoch_is_gradient_descent_by_hand():
    """The losses, and the weights that are left, the last step included."""
    model, optimizer, x, eps, batches = cases_of("E5.4")[0].args
    losses = ex05.my_epoch(model, optimizer, x, eps, batches)
    byhand, _, x, eps, batches = cases_of("E5.4")[0].args
    weights = list(byhand.parameters())
    for loss, batch in zip(losses, batches, strict=True):
        want = -byhand.elbo(x[batch], eps=eps[batch]).elbo.mean()
        torch.testing.assert_close(loss, want.detach())
        for weight, slope in zip(weights, torch.autograd.grad(want, weights), strict=True):
            weight.data -= 0.1 * slope
    torch.testing.assert_close(list(model.parameters()), weights)
    assert not losses.requires_grad


def test_generated_means_are_the_packages():
    model, _, z = vae_and_data()
    means, x = ex05.my_generate(model.decode, z, torch.rand(7, 6))
    torch.testing.assert_close(means, model.mean_x(z).flatten(1))
    assert set(x.unique().tolist()) == {0.0, 1.0} and x.dtype == means.dtype


def test_generated_pixels_have_the_probabilities_that_are_shown():
    """20 000 draws for each of 6 pixels, within five standard errors."""
    n, decode, z = 20_000, cases_of("E5.5")[0].args[0], randn(1, 3)
    u = torch.rand(n, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    means, x = ex05.my_generate(decode, z.expand(n, -1), u)
    error = (means[0] * (1 - means[0]) / n).sqrt()
    assert ((x.mean(0) - means[0]).abs() < 5 * error).all()


@each_exercise
def test_a_solution_as_it_is_shown_is_right_with_torch_alone(exercise):
    space = {"torch": torch}
    exec(_engine.solution_source(exercise), space)
    assert judge(exercise, space[exercise.reference.__name__]).status == RIGHT


# ------------------------------------------------- sums are sums


def networks(n_latents=3):
    """Case 0 of E5.3, and the same with one latent more, which no pixel depends on."""
    x, encode, decode, eps = cases_of("E5.3")[0].args
    if n_latents == 3:
        return x, encode, decode, eps

    def wider(x):
        mu, log_var = encode(x)
        extra = torch.full((len(x), 1), 0.8, dtype=torch.float64)
        return torch.cat([mu, extra], 1), torch.cat([log_var, -extra], 1)

    return x, wider, lambda z: decode(z[:, :3]), torch.cat([eps, eps[:, :1]], 1)


def test_each_pixel_that_comes_twice_counts_twice():
    x, encode, decode, eps = networks()
    once = ex05.my_negative_elbo(x, encode, decode, eps)
    twice = ex05.my_negative_elbo(
        x.repeat(1, 2), lambda x: encode(x[:, :5]), lambda z: decode(z).repeat(1, 2), eps
    )
    mu, log_var = encode(x)
    torch.testing.assert_close(2 * once - twice, densities.kl_to_standard_normal(mu, log_var))


def test_one_more_latent_costs_its_own_kl():
    before, after = (ex05.my_negative_elbo(*networks(n)) for n in (3, 4))
    own = 0.5 * (0.8**2 + np.exp(-0.8) - 1 + 0.8)
    torch.testing.assert_close(after - before, torch.full_like(before, own))


def test_a_batch_that_comes_twice_changes_no_picture():
    x, encode, decode, eps = networks()
    once = ex05.my_negative_elbo(x, encode, decode, eps)
    twice = ex05.my_negative_elbo(x.repeat(2, 1), encode, decode, eps.repeat(2, 1))
    torch.testing.assert_close(twice, once.repeat(2))


def test_three_log_densities_are_right_on_average_as_their_hint_says():
    """Equation 5.6 less equation 5.7 over 20 000 draws: within five standard errors of 0."""
    x, encode, decode, _ = networks()
    n = 20_000
    eps = randn(4 * n, 3)
    mistake = next(m for m in find_exercise("E5.3").mistakes if m.name == "three log-densities")
    args = x.repeat(n, 1), encode, decode, eps
    difference = (mistake.wrong(*args) - ex05.my_negative_elbo(*args)).reshape(n, 4)
    error = difference.std(0) / n**0.5
    assert (difference.mean(0).abs() < 5 * error).all() and error.min() > 1e-4


# ------------------------------------------------- right answers in other forms


def bernoulli_in_numpy(x, logits):
    x, logits = x.numpy().astype(float), logits.detach().numpy().astype(float)
    return (x * logits - np.logaddexp(0, logits)).sum(-1)


def bernoulli_by_a_loop(x, logits):
    rows = []
    for picture, row in zip(x, logits, strict=True):
        pixels = [
            functional.logsigmoid(one if black_or_white == 1 else -one)
            for black_or_white, one in zip(picture, row, strict=True)
        ]
        rows.append(torch.stack(pixels).sum())
    return torch.stack(rows)


def by_the_largest(x, logits):
    return (x * logits - logits.clamp(min=0) - (-logits.abs()).exp().log1p()).sum(1)


def pixel_costs(x, logits):
    return functional.binary_cross_entropy_with_logits(logits, x, reduction="none")


def bce(x, logits):
    return pixel_costs(x, logits).sum(-1)


def normal_in_numpy(x, mean, sigma):
    x, mean = x.numpy(), mean.detach().numpy()
    return (-0.5 * ((x - mean) / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi))).sum(1)


def normal_by_a_loop(x, mean, sigma):
    q = MultivariateNormal(torch.zeros(x.shape[1]).double(), sigma**2 * torch.eye(x.shape[1]))
    return torch.stack([q.log_prob(row) for row in x - mean])


def normal_in_float32(x, mean, sigma):
    return Normal(mean.float(), sigma).log_prob(x.float()).sum(-1)


def gaussian_nll(x, mean, sigma):
    var = torch.full_like(x, sigma**2)
    return -functional.gaussian_nll_loss(mean, x, var, full=True, reduction="none").sum(-1)


def elbo_by_distributions(x, encode, decode, eps):
    mu, log_var = encode(x)
    q = Independent(Normal(mu, torch.exp(0.5 * log_var)), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    z = q.mean + q.stddev * eps
    return -(Independent(Bernoulli(logits=decode(z)), 1).log_prob(x) - kl_divergence(q, p))


def elbo_by_the_package(x, encode, decode, eps):
    q = densities.DiagonalNormal(*encode(x))
    kl = densities.kl_to_standard_normal(q.mu, q.log_var)
    return kl - densities.log_bernoulli(x, decode(q.rsample(eps)))


def elbo_by_a_loop(x, encode, decode, eps):
    values = []
    for i in range(len(x)):
        mu, log_var = encode(x[i : i + 1])
        logits = decode(mu + torch.exp(log_var / 2) * eps[i])
        kl = (mu**2 + log_var.exp() - 1 - log_var).sum() / 2
        values.append(bce(x[i], logits[0]) + kl)
    return torch.stack(values)


def elbo_in_float32(x, encode, decode, eps):
    return ex05.my_negative_elbo(x, encode, decode, eps).float()


def elbo_without_gradient_in_x(x, encode, decode, eps):
    """Where x picks a branch, it has no gradient, and needs none."""
    mu, log_var = encode(x)
    logits = decode(mu + (log_var / 2).exp() * eps)
    rec = torch.where(x > 0.5, functional.logsigmoid(logits), functional.logsigmoid(-logits))
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1) - rec.sum(1)


def epoch_of_numbers(model, optimizer, x, eps, batches):
    losses = torch.empty(len(batches))
    for i, batch in enumerate(batches):
        loss = -model.elbo(x[batch], eps=eps[batch]).elbo.mean()
        loss.backward()
        losses[i] = loss.item()
        optimizer.step()
        optimizer.zero_grad()
    return losses


def epoch_in_numpy(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        model.zero_grad()
        terms = model.elbo(x[batch], eps=eps[batch])
        loss = (terms.kl - terms.rec).sum() / len(batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


def epoch_with_a_closure(model, optimizer, x, eps, batches):
    def step(batch):
        def closure():
            optimizer.zero_grad(set_to_none=False)
            loss = torch.mean(-model.elbo(x[batch], eps=eps[batch]).elbo)
            loss.backward()
            return loss

        return optimizer.step(closure)

    return torch.stack([step(batch) for batch in batches])


def epoch_by_parts(model, optimizer, x, eps, batches):
    model.train()
    losses = []
    for batch in batches:
        q = model.encode(x[batch])
        rec = model.log_likelihood(x[batch], q.rsample(eps[batch]))
        loss = (densities.kl_to_standard_normal(q.mu, q.log_var) - rec).mean(dim=0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses += [loss.tolist()]
    return torch.tensor(losses)


def epoch_on_e5_3(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        loss = ex05.my_negative_elbo(x[batch], model.encode, model.decode, eps[batch]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().double())
    return torch.stack(losses)


def generate_in_numpy(decode, z, u):
    means = 1 / (1 + np.exp(-decode(z).detach().numpy()))
    return means, np.where(u.numpy() < means, 1.0, 0.0)


def generate_in_float32(decode, z, u):
    means = torch.sigmoid(decode(z)).float()
    return [means, (u.float() <= means).float()]


def generate_by_a_loop(decode, z, u):
    means = torch.stack([Bernoulli(logits=decode(one)).mean for one in z])
    x = torch.zeros_like(means)
    x[u < means] = 1
    return means, x


OTHER_FORMS = [
    *(("E5.1", form) for form in (bernoulli_in_numpy, bernoulli_by_a_loop, by_the_largest)),
    ("E5.1", lambda x, lo: -bce(x, lo)),
    ("E5.1", lambda x, lo: Bernoulli(logits=lo).log_prob(x).sum(-1)),
    ("E5.1", lambda x, lo: Independent(Bernoulli(logits=lo), 1).log_prob(x)),
    ("E5.1", densities.log_bernoulli),
    ("E5.1", lambda x, lo: (x * lo).sum(1) - torch.logaddexp(lo, torch.zeros_like(lo)).sum(1)),
    ("E5.1", lambda x, lo: -functional.softplus((1 - 2 * x) * lo).sum(1)),
    ("E5.1", lambda x, lo: functional.logsigmoid(torch.where(x == 1, lo, -lo)).sum(1)),
    ("E5.1", lambda x, lo: ex05.my_log_bernoulli(x.double(), lo.double())),
    ("E5.1", lambda x, lo: ex05.my_log_bernoulli(x.float(), lo.float())),
    *(("E5.2", form) for form in (normal_in_numpy, normal_by_a_loop, normal_in_float32)),
    ("E5.2", gaussian_nll),
    ("E5.2", lambda x, mean, sigma: Normal(mean, sigma).log_prob(x).sum(-1)),
    ("E5.2", lambda x, mean, s: densities.log_normal(x, mean, torch.full_like(x, 2 * np.log(s)))),
    *(("E5.3", form) for form in (elbo_by_distributions, elbo_by_the_package, elbo_by_a_loop)),
    *(("E5.3", form) for form in (elbo_in_float32, elbo_without_gradient_in_x)),
    *(("E5.4", form) for form in (epoch_of_numbers, epoch_in_numpy, epoch_with_a_closure)),
    *(("E5.4", form) for form in (epoch_by_parts, epoch_on_e5_3)),
    *(("E5.5", form) for form in (generate_in_numpy, generate_in_float32, generate_by_a_loop)),
    ("E5.5", lambda decode, z, u: (decode(z).sigmoid(), u < decode(z).sigmoid())),
    ("E5.5", lambda decode, z, u: (decode(z).sigmoid(), (u < decode(z).sigmoid()).long())),
    ("E5.5", lambda decode, z, u: (decode(z).sigmoid(), torch.ceil(decode(z).sigmoid() - u))),
    ("E5.5", lambda decode, z, u: (decode(z).sigmoid(), (u.logit() < decode(z)).double())),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_FORMS)
def test_right_answers_in_other_forms_pass(exercise_id, answer):
    for seed in SEEDS:
        verdict = judge(find_exercise(exercise_id), answer, seed)
        assert verdict.status == RIGHT, (seed, verdict.says)


def test_numpy_is_refused_where_training_goes_through_the_answer():
    verdict = judge(
        find_exercise("E5.3"), lambda *args: ex05.my_negative_elbo(*args).detach().numpy()
    )
    assert verdict.status == NOT_YET
    assert verdict.says.startswith("The values are right, but the gradient is cut")


def test_a_list_of_losses_is_told_how_to_become_a_tensor():
    verdict = judge(find_exercise("E5.4"), lambda *args: ex05.my_epoch(*args).tolist())
    assert verdict.status == NOT_YET and "`torch.tensor(...)` makes one of it" in verdict.says


@each_exercise
def test_the_untouched_stub_waits_and_the_notebook_goes_on(exercise, shown):
    def stub(*args):
        """The stub as the notebook has it."""
        ...  # your code

    assert judge(exercise, stub).status == WAITING
    assert check(exercise.id, stub) is exercise.reference
    assert f"{exercise.id} is waiting for you" in said(shown)


# ------------------------------------------------- natural slips get the hint that was meant


def normal_with(pi, x, mean, sigma):
    return (-((x - mean) ** 2) / (2 * sigma**2) - 0.5 * np.log(2 * pi * sigma**2)).sum(1)


def the_classic(x, encode, decode, eps):
    """torch's averages over everything, the KL summed."""
    mu, log_var = encode(x)
    p = decode(mu + (log_var / 2).exp() * eps).sigmoid()
    kl = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=-1)
    return functional.binary_cross_entropy(p, x) + kl


def the_examples_of_old(x, encode, decode, eps):
    """Both summed over the batch."""
    mu, log_var = encode(x)
    p = decode(mu + (log_var / 2).exp() * eps).sigmoid()
    kl = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp())
    return functional.binary_cross_entropy(p, x, reduction="sum") + kl


def elbo_with(loss=None, bound=lambda log_var: log_var):
    """The right answer with another cost of a pixel, of x and the logits, or another log_var."""

    def answer(x, encode, decode, eps):
        mu, log_var = encode(x)
        log_var = bound(log_var)
        logits = decode(mu + torch.exp(0.5 * log_var) * eps)
        rec = bce(x, logits) if loss is None else loss(x, logits).sum(1)
        return rec - 0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1)

    return answer


def cost_by_log_of_sigmoid(x, logits):
    p = torch.sigmoid(logits)
    return -(x * p.log() + (1 - x) * (1 - p).log())


def cost_by_probability(x, logits):
    return functional.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none")


def elbo_with_the_wrong_kl_and_nan(x, encode, decode, eps):
    mu, log_var = encode(x)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)
    return cost_by_log_of_sigmoid(x, decode(mu + (log_var / 2).exp() * eps)).sum(1) - kl


def elbo_of_a_sample(x, encode, decode, eps):
    mu, log_var = encode(x)
    z = Normal(mu, (log_var / 2).exp()).sample()
    return bce(x, decode(z)) + densities.kl_to_standard_normal(mu, log_var)


def elbo_at_mu(x, encode, decode, eps):
    mu, log_var = encode(x)
    return bce(x, decode(mu)) + densities.kl_to_standard_normal(mu, log_var)


def elbo_with_z_under_no_grad(x, encode, decode, eps):
    mu, log_var = encode(x)
    with torch.no_grad():
        z = mu + (log_var / 2).exp() * eps
    return bce(x, decode(z)) + densities.kl_to_standard_normal(mu, log_var)


def elbo_all_under_no_grad(*args):
    with torch.no_grad():
        return ex05.my_negative_elbo(*args)


def epoch(rows=lambda values, batch: values[batch], sign=-1, clear=True):
    def answer(model, optimizer, x, eps, batches):
        losses = []
        for batch in batches:
            if clear:
                optimizer.zero_grad()
            loss = sign * model.elbo(x[batch], eps=rows(eps, batch)).elbo.mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return torch.tensor(losses)

    return answer


def epoch_that_clears_too_late(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        loss = -model.elbo(x[batch], eps=eps[batch]).elbo.mean()
        losses.append(loss.item())
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return torch.tensor(losses)


def epoch_without_the_last_step(model, optimizer, x, eps, batches):
    losses = []
    for i, batch in enumerate(batches):
        loss = -model.elbo(x[batch], eps=eps[batch]).elbo.mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        if i < len(batches) - 1:
            optimizer.step()
    return torch.tensor(losses)


def epoch_that_steps_before_the_next_loss(model, optimizer, x, eps, batches):
    losses = []
    for batch in batches:
        if losses:
            optimizer.zero_grad()
            losses[-1].backward()
            optimizer.step()
            losses[-1] = losses[-1].detach()
        losses.append(-model.elbo(x[batch], eps=eps[batch]).elbo.mean())
    return torch.stack(losses).detach()


def two_epochs(model, optimizer, x, eps, batches):
    first = ex05.my_epoch(model, optimizer, x, eps, batches)
    ex05.my_epoch(model, optimizer, x, eps, batches)
    return first


def two_steps_for_a_batch(model, optimizer, x, eps, batches):
    doubled = [batch for batch in batches for _ in range(2)]
    return ex05.my_epoch(model, optimizer, x, eps, doubled)[::2]


def epoch_that_leaves_no_trace(model, optimizer, x, eps, batches):
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    losses = ex05.my_epoch(model, optimizer, x, eps, batches)
    model.load_state_dict(before)
    return losses


def epoch_with_noise_of_its_own(model, optimizer, x, eps, batches):
    return ex05.my_epoch(model, optimizer, x, torch.randn_like(eps), batches)


def likeliest(decode, z, u):
    means = torch.sigmoid(decode(z))
    return means, means.round()


def tossed_inside(decode, z, u):
    p = Bernoulli(logits=decode(z))
    return p.probs, p.sample()


def two_slips_in_generate(decode, z, u):
    logits = decode(z)
    return logits, torch.sigmoid(logits) > 0.5


def mixed_logits(x, logits):
    p = torch.sigmoid(logits) + 1e-6
    return torch.sum(x * torch.log(p) + (1 - x) * torch.log(1 + 2e-6 - p), dim=1)


SLIPS = [
    (
        "E5.1",
        "one number for all",
        lambda x, lo: functional.binary_cross_entropy_with_logits(lo, x),
    ),
    (
        "E5.1",
        "one number for all",
        lambda x, lo: -functional.binary_cross_entropy(lo.sigmoid(), x),
    ),
    (
        "E5.1",
        "arguments exchanged",
        lambda x, lo: -functional.binary_cross_entropy_with_logits(x, lo),
    ),
    (
        "E5.1",
        "arguments exchanged",
        lambda x, lo: functional.binary_cross_entropy_with_logits(x, lo, reduction="sum"),
    ),
    (
        "E5.1",
        "sigmoid twice",
        lambda x, lo: -functional.binary_cross_entropy_with_logits(lo.sigmoid(), x),
    ),
    ("E5.1", "cut short", lambda x, lo: (x * lo - functional.softplus(lo, threshold=5.0)).sum(1)),
    ("E5.1", "cut short", lambda x, lo: (x * lo - functional.softplus(lo, threshold=10)).sum(1)),
    ("E5.1", "the loss", bce),
    ("E5.1", "sigmoid twice", lambda x, lo: bce(x, lo.sigmoid())),
    ("E5.1", "sigmoid twice", lambda x, lo: Bernoulli(logits=lo.sigmoid()).log_prob(x).sum(-1)),
    ("E5.1", "clamped", lambda x, lo: Bernoulli(probs=lo.sigmoid()).log_prob(x).sum(-1)),
    ("E5.1", "clamped", mixed_logits),
    ("E5.1", "arguments exchanged", lambda x, lo: bce(lo, x)),
    ("E5.1", "mean over the pixels", lambda x, lo: bce(x, lo) / x.shape[1]),
    ("E5.1", "exp overflows", lambda x, lo: (x * lo - torch.log(1 + torch.exp(lo))).sum(1)),
    ("E5.1", "cut off", lambda x, lo: torch.tensor((-bce(x, lo)).tolist(), dtype=lo.dtype)),
    ("E5.2", "squared error alone", lambda x, m, s: ((x - m) ** 2).sum(1)),
    ("E5.2", "squared error alone", lambda x, m, s: functional.mse_loss(m, x)),
    ("E5.2", "squared twice", lambda x, m, s: Normal(m, s**2).log_prob(x).sum(-1)),
    ("E5.2", "not added up", lambda x, m, s: Normal(m, s).log_prob(x)),
    ("E5.2", "sigma not used", lambda x, m, s: Normal(m, 1.0).log_prob(x).sum(-1)),
    ("E5.2", "one number for all", lambda x, m, s: Normal(m, s).log_prob(x).sum()),
    ("E5.2", "pi rounded", lambda x, m, s: normal_with(3.14, x, m, s)),
    ("E5.2", "pi rounded", lambda x, m, s: normal_with(3.1416, x, m, s)),
    ("E5.2", "mean cut off", lambda x, m, s: Normal(m.data, s).log_prob(x).sum(-1)),
    ("E5.3", "mean over the pixels", the_classic),
    ("E5.3", "averaged over the batch", the_examples_of_old),
    ("E5.3", "sigmoid, then log", elbo_with(cost_by_log_of_sigmoid)),
    ("E5.3", "logits held up", elbo_with(cost_by_probability)),
    ("E5.3", "exp overflows", elbo_with(lambda x, lo: (1 + lo.exp()).log() - x * lo)),
    *(
        ("E5.3", "logits held up", elbo_with(lambda x, lo, c=c: pixel_costs(x, lo.clamp(-c, c))))
        for c in (3, 20, 100)
    ),
    *(
        ("E5.3", "log_var held", elbo_with(bound=lambda log_var, c=c: log_var.clamp(-c, c)))
        for c in (2, 5)
    ),
    ("E5.3", "KL subtracted", elbo_with_the_wrong_kl_and_nan),
    ("E5.3", "fresh noise", elbo_of_a_sample),
    ("E5.3", "no noise", elbo_at_mu),
    ("E5.3", "z cut off", elbo_with_z_under_no_grad),
    ("E5.3", "all cut off", elbo_all_under_no_grad),
    ("E5.4", "uphill", epoch(sign=1)),
    ("E5.4", "gradients pile up", epoch(clear=False)),
    ("E5.4", "noise by position", epoch(rows=lambda eps, batch: eps[: len(batch)])),
    ("E5.4", "nothing changes", epoch_that_clears_too_late),
    ("E5.4", "fresh noise", epoch_with_noise_of_its_own),
    ("E5.4", "the last step is missing", epoch_without_the_last_step),
    ("E5.4", "the last step is missing", epoch_that_steps_before_the_next_loss),
    ("E5.4", "trained more than once", two_epochs),
    ("E5.4", "trained more than once", two_steps_for_a_batch),
    ("E5.4", "the weights are put back", epoch_that_leaves_no_trace),
    ("E5.5", "threshold at 1/2", likeliest),
    ("E5.5", "coins of its own", tossed_inside),
    ("E5.5", "logits as means", two_slips_in_generate),
    ("E5.5", "not both", lambda decode, z, u: (u < decode(z).sigmoid()).float()),
    ("E5.5", "not both", lambda decode, z, u: Bernoulli(logits=decode(z)).sample()),
    ("E5.5", "not both", lambda decode, z, u: decode(z).sigmoid().numpy()),
]


@pytest.mark.parametrize(("exercise_id", "name", "answer"), SLIPS)
def test_natural_slips_get_the_hint_that_was_meant(exercise_id, name, answer):
    assert_recognised(find_exercise(exercise_id), answer, name, SEEDS)


MISTAKES = [
    pytest.param(exercise, mistake, wrong, id=f"{exercise.id} {mistake.name} {number}")
    for exercise in ex05.EXERCISES
    for mistake in (*exercise.mistakes, *exercise.gradient_mistakes)
    for number, wrong in enumerate((mistake.wrong, *mistake.also_wrong))
]


@pytest.mark.parametrize(("exercise", "mistake", "wrong"), MISTAKES)
def test_every_spelling_of_a_mistake_gets_its_own_hint_on_other_inputs_too(
    exercise, mistake, wrong
):
    for seed in (1, 2):
        verdict = judge(exercise, wrong, seed)
        assert verdict.status == NOT_YET and verdict.mistake is mistake, (seed, verdict.says)
        cut = mistake in exercise.gradient_mistakes
        assert verdict.says.startswith("The values are right, but") == cut


def test_a_loss_that_is_a_vector_is_told_of_the_mean():
    def answer(model, optimizer, x, eps, batches):
        for batch in batches:
            (-model.elbo(x[batch], eps=eps[batch]).elbo).backward()

    verdict = judge(find_exercise("E5.4"), answer)
    assert "only for scalar" in verdict.says
    assert "the `.mean()` if it is the loss of a batch" in verdict.says


@pytest.mark.parametrize("threshold", [5.0, 10.0])
def test_a_logarithm_cut_short_is_refused_in_the_whole_objective_too(threshold):
    def cost(x, logits):
        return functional.softplus(logits, threshold=threshold) - x * logits

    for seed in range(20):
        assert judge(find_exercise("E5.3"), elbo_with(cost), seed).status == NOT_YET, seed


def test_pi_may_have_six_digits_and_the_logarithm_single_precision():
    """Where the check draws its line: 3.14159 passes, 3.1416 does not."""

    def in_single_precision(x, mean, sigma):
        constant = torch.tensor(2 * torch.pi * sigma**2, dtype=torch.float32).log()
        return (-((x - mean) ** 2) / (2 * sigma**2) - 0.5 * constant).sum(1)

    for seed in range(20):
        for right in (in_single_precision, lambda x, m, s: normal_with(3.14159, x, m, s)):
            assert judge(find_exercise("E5.2"), right, seed).status == RIGHT
        rounded = judge(find_exercise("E5.2"), lambda *args: normal_with(3.1416, *args), seed)
        assert rounded.mistake is not None and rounded.mistake.name == "pi rounded"


def test_what_is_swapped_and_averaged_is_not_called_a_clamp():
    """One number for the batch never is, nor is one for each pixel."""
    clamped = next(m for m in find_exercise("E5.1").mistakes if m.name == "clamped")
    held = [torch.full((4,), -100.0)] * 5
    assert clamped.looks_like(held)
    assert not clamped.looks_like([value.mean() for value in held])
    assert not clamped.looks_like([value[:, None] for value in held])


def test_noise_of_the_wrong_shape_is_refused_by_the_model_itself():
    """One row for all, or the whole of eps: as in the notebook, `elbo` says what it wants."""
    for rows in (lambda eps, batch: eps[:1], lambda eps, batch: eps):
        verdict = judge(find_exercise("E5.4"), epoch(rows=rows))
        assert verdict.status == NOT_YET and "eps should be (4, 3)" in verdict.says


def test_a_weight_that_is_changed_inside_is_noticed():
    def answer(x, encode, decode, eps):
        value = ex05.my_negative_elbo(x, encode, decode, eps)
        decode *= 0.9
        return value

    verdict = judge(find_exercise("E5.3"), answer)
    assert verdict.status == NOT_YET and "changes its input number 3" in verdict.says


# ------------------------------------------------- the inputs


@pytest.mark.parametrize("seed", range(20))
def test_sizes_differ_and_pixels_are_of_both_colours(seed):
    for x, logits in (case.args for case in ex05_inputs.log_bernoulli_cases(seed)):
        assert x.shape == logits.shape and x.shape[0] != x.shape[1]
        assert x.unique().tolist() == [0, 1] and logits.min() < 0 < logits.max()
    for x, encode, decode, eps in (case.args for case in ex05_inputs.negative_elbo_cases(seed)):
        mu, log_var = encode(x)
        assert len({*x.shape, mu.shape[1]}) == 3 and mu.shape == log_var.shape == eps.shape
        assert log_var.abs().min() >= 0.4 and log_var.min() < 0 < log_var.max()
        assert x.unique().tolist() == [0, 1] and decode(mu).shape == x.shape


@pytest.mark.parametrize("seed", range(20))
def test_the_whole_objective_is_asked_near_0_and_far_from_it(seed):
    networks = [case.args for case in ex05_inputs.negative_elbo_cases(seed)]
    for x, encode, decode, eps in networks[:3]:
        mu, log_var = encode(x)
        assert log_var.abs().max() <= 2 and decode(mu + eps).abs().max() <= 3
    x, encode, decode, eps = networks[3]
    mu, log_var = encode(x)
    assert log_var.abs().min() >= 5.4 and mu.dtype == torch.float64
    for size, (x, encode, decode, eps) in zip((40, 200), networks[4:], strict=True):
        mu, log_var = encode(x)
        logits = decode(mu + (log_var / 2).exp() * eps)
        assert logits.dtype == torch.float32 and (logits.abs() / size - 1).abs().max() <= 0.11
        for sign in (-1, 1):
            colours = torch.where(logits.sign() == sign, x, torch.nan)
            assert ((colours == 0).sum(1) == 1).all() and ((colours == 1).sum(1) == 1).all()
        assert ((1 - logits.sigmoid()).log() == -torch.inf).any(dim=1).all()


@pytest.mark.parametrize("seed", range(20))
def test_between_moderate_and_large_a_sure_decoder_is_right(seed):
    """So that its log-probability is small, and the last digits of log(1 + e^l) count."""
    x, logits = ex05_inputs.log_bernoulli_cases(seed)[2].args
    assert ((logits > 0) == (x == 1)).all() and 5.5 <= logits.abs().min() <= logits.abs().max()
    assert (logits.abs() >= 10.6).all(1).any() and logits.abs().max() <= 12.1
    assert (ex05.my_log_bernoulli(x, logits) > -0.03).all()


@pytest.mark.parametrize("seed", range(20))
def test_a_pixel_s_log_density_is_small_where_pi_is_looked_at(seed):
    x, mean, sigma = ex05_inputs.normal_pixels_cases(seed)[2].args
    each = Normal(mean, sigma).log_prob(x)
    assert -1.04 <= each.min() <= each.max() <= -0.53


@pytest.mark.parametrize("seed", range(20))
def test_no_uniform_number_is_close_to_its_probability(seed):
    """So that single precision, or <= instead of <, changes no pixel."""
    for case in ex05_inputs.generate_cases(seed):
        decode, z, u = case.args
        means, x = ex05.my_generate(decode, z, u)
        assert (u - means).abs().min() >= 0.02 and u.min() >= 0 and u.max() < 1
        assert (x != (means > 0.5)).any() and (x == (means > 0.5)).any()


def test_every_call_makes_an_untrained_model_and_leaves_the_learners_generator_alone():
    before = torch.get_rng_state()
    first, again = cases_of("E5.4"), cases_of("E5.4")
    assert torch.equal(before, torch.get_rng_state())
    one = first[0].args
    weights = [weight.clone() for weight in one[0].parameters()]
    ex05.my_epoch(*one)
    torch.testing.assert_close(list(again[0].args[0].parameters()), weights, rtol=0, atol=0)
    short, twin = (first[i].args for i in ex05_inputs.SHORT_TWINS)
    torch.testing.assert_close(list(short[0].parameters()), list(twin[0].parameters()))
    torch.testing.assert_close([*short[2:4], *short[4]], [*twin[2:4], *twin[4]])


def test_the_last_case_takes_up_the_model_that_the_one_before_has_left():
    """Two epochs by hand give its losses; a model that is not trained on gives others."""
    *_, before, second = cases_of("E5.4")
    assert second.args is before.args
    by_hand, optimizer, x, eps, batches = cases_of("E5.4")[-2].args
    losses = [ex05.my_epoch(by_hand, optimizer, x, eps, batches) for _ in range(2)]
    torch.testing.assert_close(ex05.my_epoch(*before.args), losses[0])
    torch.testing.assert_close(ex05.my_epoch(*second.args), losses[1])
    assert ((losses[0] - losses[1]).abs() > 0.01).all()


def test_batches_hold_each_picture_once_and_are_neither_equal_nor_in_order():
    for case in cases_of("E5.4"):
        batches = case.args[4]
        assert sorted(torch.cat(batches).tolist()) == list(range(len(case.args[2])))
        assert len({len(batch) for batch in batches}) == 2
        assert torch.cat(batches).tolist() != list(range(len(case.args[2])))


def test_the_lean_vae_computes_what_the_vae_computes():
    model, _, x, eps, _ = cases_of("E5.4")[0].args
    theirs = VAE.elbo(model, x, eps=eps)
    torch.testing.assert_close(model.elbo(x, eps=eps), theirs)
    pictures = x.reshape(-1, 2, 3)
    torch.testing.assert_close(VAE.elbo(model, pictures, eps=eps), theirs)
    draws = torch.stack([eps, -eps])
    torch.testing.assert_close(model.elbo(x, eps=draws), VAE.elbo(model, x, eps=draws))
    free = model.elbo(x, eps=eps, beta=0.0)
    torch.testing.assert_close(free.elbo, theirs.rec)


def test_a_network_is_its_own_weights_and_gradients_reach_them():
    _, encode, decode, eps = cases_of("E5.3")[0].args
    encode.requires_grad_()
    mu, log_var = encode(torch.ones(4, 5).double())
    assert type(mu) is torch.Tensor and type(decode(eps)) is torch.Tensor
    slope = torch.autograd.grad((mu + log_var).sum(), encode)[0]
    assert slope.shape == (8, 6) and (slope != 0).all()
