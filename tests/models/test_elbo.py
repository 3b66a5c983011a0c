"""The bound of VAE and CVAE and its gradients, each number a second way."""

import copy

import pytest
import torch
from cvae_fixtures import (
    ABSENT,
    LABELS,
    C,
    beside,
    log_joint_on_the_plane,
    numbers,
    small_cvae,
)
from linear_with_y import EXACT
from routes import generator, lies_near
from torch import distributions as dist
from torch.testing import assert_close
from vae_fixtures import (
    SHORT,
    B,
    K,
    L,
    each_kind,
    exact_elbo,
    exact_log_px,
    heads,
    pictures,
    plane,
    randn,
    small_vae,
)

from course_utils import estimators
from course_utils.models import LOG_VAR_RANGE

# The bound


@pytest.mark.equation("7.7")
@each_kind
def test_the_bound_and_its_terms_agree_with_torch(case, kind):
    model, x, eps = case.small(kind), pictures(kind), randn(K, B, L)
    by_hand = case.elbo_by_hand(model, x, eps)
    one_draw = case.elbo_by_hand(model, x, eps[:1])
    for terms, expected in (
        (model.elbo(x, *case.y, eps=eps), by_hand),
        (model.elbo(x, *case.y, eps=eps[0]), one_draw),
    ):
        for name in ("elbo", "rec", "kl"):
            got = getattr(terms, name)
            assert (got.shape, got.dtype) == ((B,), torch.float32)
            assert_close(got.double(), getattr(expected, name), **SHORT)
    double = copy.deepcopy(model).double()
    exact = case.elbo_by_hand(double, x, eps)
    assert_close(tuple(double.elbo(x, *case.y, eps=eps.double())), tuple(exact), **EXACT)
    assert (by_hand.rec - one_draw.rec).abs().max() > 1e-3


@each_kind
def test_the_estimator_of_notebook_03_runs_on_it(case_of_rows, kind):
    case = case_of_rows
    model, x, eps = case.small(kind), pictures(kind), randn(K, B, L)
    given, q, own = case.given(model), model.encode(x, *case.y), model.elbo(x, *case.y, eps=eps)
    assert_close(tuple(estimators.elbo(given, x, q, eps)), tuple(own), **SHORT)
    from_draws = estimators.elbo(given, x, q, eps, analytic_kl=False)
    assert_close(from_draws.rec, own.rec, **SHORT)
    z = q.mu + (q.log_var / 2).exp() * eps
    log_ratio = q.log_prob(z).double() - case.prior_by_hand(model).log_prob(z.double()).sum(-1)
    assert_close(from_draws.kl.double(), log_ratio.mean(0), **SHORT)


def exact_bound(model, x, *y):
    """The bound with q = encode, by a sum over the grid: (B,)."""
    if not y:
        return exact_elbo(model, x).detach()
    joint, area = log_joint_on_the_plane(model, x, *y)
    mu, log_var = heads(model, beside(x, *y))
    q = dist.Normal(mu, (log_var / 2).exp()).log_prob(plane()[0][:, None]).sum(-1)
    return ((q.exp() * (joint - q)).sum(0) * area).detach()


@each_kind
def test_the_bound_lies_below_the_evidence_by_its_gap(case, kind):
    """Both by a grid over z; the mean over draws meets the one, and stays below the other."""
    model, x, n = case.small(kind), pictures(kind), 50_000
    bound, log_px = exact_bound(model, x, *case.y), case.exact_log_px(kind)
    assert (log_px - bound > 0.01).all()
    repeated = [part.repeat_interleave(n, 0) for part in (x, *case.y)]
    draws = model.elbo(*repeated, generator=generator()).elbo.detach().double().reshape(B, n).T
    assert lies_near(draws, bound)
    assert (draws.mean(0) < log_px).all()


@each_kind
def test_a_coarser_grid_sees_the_same_evidence(kind):
    """Halving the step quarters the error: a third of this is left, less than any error bar."""
    model, x = small_vae(kind), pictures(kind)
    assert_close(exact_log_px(model, x), exact_log_px(model, x, n=201), rtol=0, atol=1e-3)


@each_kind
def test_examples_do_not_know_of_each_other(case, kind):
    """A batch in another order, one twice as long, and one example alone say the same of each."""
    model, inputs, eps = case.small(kind), (pictures(kind), *case.y), randn(B, L)
    together = model.elbo(*inputs, eps=eps)
    for order in ([2, 0, 3, 1], [*range(B)] * 2):
        other = model.elbo(*(part[order] for part in inputs), eps=eps[order])
        for one, expected in zip(other, together, strict=True):
            assert_close(one, expected[order], rtol=1e-6, atol=1e-6)
    alone = [model.elbo(*(part[[i]] for part in inputs), eps=eps[[i]]) for i in range(B)]
    for one_by_one, expected in zip(zip(*alone, strict=True), together, strict=True):
        assert_close(torch.cat(one_by_one), expected, rtol=1e-5, atol=1e-5)
    for y in case.y:
        other = model.elbo(inputs[0], y.roll(1, 0), eps=eps)
        assert (other.rec - together.rec).abs().min() > 1e-3


@each_kind
def test_beta_weighs_the_kl_in_the_bound_alone(case, kind):
    model, x, eps = case.small(kind), pictures(kind), randn(K, B, L)
    plain, heavy = (model.elbo(x, *case.y, eps=eps, beta=beta) for beta in (1.0, 4.0))
    assert torch.equal(model.elbo(x, *case.y, eps=eps).elbo, plain.elbo)
    assert torch.equal(heavy.rec, plain.rec)
    assert torch.equal(heavy.kl, plain.kl)
    assert_close(heavy.elbo, plain.rec - 4 * plain.kl)
    assert_close(plain.elbo, plain.rec - plain.kl)
    assert plain.kl.min() > 0.01


@each_kind
def test_noise_comes_from_the_generator_and_from_nowhere_else(case, kind):
    model, x, y = case.small(kind), pictures(kind), case.y
    draw = {
        "elbo": lambda seed: model.elbo(x, *y, generator=generator(seed)).elbo,
        "generate": lambda seed: model.generate(*case.asked(2), generator=generator(seed)),
        "sample_prior": lambda seed: case.given(model).sample_prior(7, generator=generator(seed)),
        "sample_x": lambda seed: model.sample_x(randn(B, L), *y, generator=generator(seed)),
    }
    before = torch.get_rng_state()
    drawn = {name: of(3) for name, of in draw.items()}
    assert all(torch.equal(of(3), drawn[name]) for name, of in draw.items())
    assert all(not torch.equal(of(4), drawn[name]) for name, of in draw.items())
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(drawn["elbo"], model.elbo(x, *y, eps=randn(B, L, seed=3)).elbo)
    assert (drawn["elbo"] != draw["elbo"](4)).all()


# Gradients


@each_kind
def test_gradients_reach_every_parameter(any_case, kind):
    model = any_case.small(kind)
    model.elbo(pictures(kind), *any_case.y, eps=randn(B, L)).elbo.mean().backward()
    if any_case.prior:
        names = {name.split(".")[0] for name, _ in model.named_parameters()}
        assert {"encoder", "decoder", "prior_network"} - names == ABSENT[any_case.prior]
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


@each_kind
def test_the_reconstruction_reaches_both_heads(kind):
    """At mu = 0, log_var = 0 the KL has no slope: what arrives there came through z."""
    model = small_vae(kind)
    last = model.encoder[-1]
    with torch.no_grad():
        last.weight.zero_(), last.bias.zero_()
    terms = model.elbo(pictures(kind), eps=randn(B, L))
    (from_kl,) = torch.autograd.grad(terms.kl.sum(), last.bias, retain_graph=True)
    (from_rec,) = torch.autograd.grad(terms.rec.sum(), last.bias)
    assert_close(from_kl, torch.zeros(2 * L), rtol=0, atol=0)
    assert from_rec.abs().min() > 1e-3


def test_the_prior_is_learned_by_the_kl_alone():
    model = small_cvae(prior="learned")
    terms = model.elbo(pictures("bernoulli"), LABELS, eps=randn(B, L))
    weights = list(model.prior_network.parameters())
    for slope in torch.autograd.grad(terms.kl.sum(), weights, retain_graph=True):
        assert slope.abs().max() > 1e-3
    assert set(torch.autograd.grad(terms.rec.sum(), weights, allow_unused=True)) == {None}


def test_the_learned_prior_s_gradients_are_those_of_torch_s_kl():
    model, x, y = small_cvae(prior="learned").double(), pictures("bernoulli"), numbers()
    first, _, last = model.prior_network
    hidden = (y.double() @ first.weight.T + first.bias).clamp(min=0)
    mu_p, log_var_p = (hidden @ last.weight.T + last.bias).chunk(2, dim=-1)
    mu_q, log_var_q = heads(model, beside(x, y))
    q, p = dist.Normal(mu_q, (log_var_q / 2).exp()), dist.Normal(mu_p, (log_var_p / 2).exp())
    weights = list(model.prior_network.parameters())
    by_torch = torch.autograd.grad(dist.kl_divergence(q, p).sum(), weights)
    assert_close(torch.autograd.grad(model.elbo(x, y).kl.sum(), weights), by_torch)


@each_kind
def test_pictures_and_draws_carry_no_graph(case, kind):
    model, x, z = case.small(kind), pictures(kind), randn(B, L)
    assert model.mean_x(z, *case.y).requires_grad  # to follow a picture's slope in z
    made = [model.generate(*case.asked(2)), model.sample_x(z, *case.y)]
    made += [model.reconstruct(x, *case.y), *[model.generate(y, z) for y in case.y]]
    assert not any(picture.requires_grad for picture in made)


@each_kind
@pytest.mark.parametrize(("weight", "end"), [(1e4, 1), (-1e4, 0)])
def test_absurd_weights_leave_finite_numbers(case, kind, weight, end):
    model, x, y = case.small(kind), pictures(kind), (torch.ones(B, C),) * len(case.y)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(("encoder", "prior")):
                parameter.fill_(weight if name.startswith("encoder") else -weight)
    assert torch.equal(model.encode(x, *y).log_var, torch.full((B, L), LOG_VAR_RANGE[end]))
    if case.prior == "learned":
        other = torch.full((B, L), LOG_VAR_RANGE[1 - end])
        assert torch.equal(model.prior_given(*y).log_var, other)
    terms = model.elbo(x, *y, eps=randn(B, L))
    assert all(term.isfinite().all() for term in terms)
    terms.elbo.mean().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
