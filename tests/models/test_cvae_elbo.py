"""The conditional VAE's bound and its gradients, each number a second way."""

import copy

import pytest
import torch
from cvae_fixtures import (
    ABSENT,
    LABELS,
    C,
    beside,
    each_prior,
    each_rows,
    elbo_by_hand,
    integral_of,
    log_joint_on_the_plane,
    numbers,
    prior_by_hand,
    small_cvae,
)
from routes import generator, lies_near
from torch import distributions as dist
from torch.testing import assert_close
from vae_fixtures import SHORT, B, K, L, each_kind, heads, pictures, plane, randn

from course_utils import estimators
from course_utils.models import LOG_VAR_RANGE


def exact_elbo(model, x, y):
    """The bound with q = encode, by a sum over the grid: (B,)."""
    joint, area = log_joint_on_the_plane(model, x, y)
    mu, log_var = heads(model, beside(x, y))
    q = dist.Normal(mu, (log_var / 2).exp()).log_prob(plane()[0][:, None]).sum(-1)
    return ((q.exp() * (joint - q)).sum(0) * area).detach()


# The bound


@each_prior
@each_kind
def test_the_bound_and_its_terms_agree_with_torch(kind, prior):
    model, x, y, eps = small_cvae(kind, prior), pictures(kind), numbers(), randn(K, B, L)
    by_hand = elbo_by_hand(model, x, y, eps)
    one_draw = elbo_by_hand(model, x, y, eps[:1])
    for terms, expected in (
        (model.elbo(x, y, eps=eps), by_hand),
        (model.elbo(x, y, eps=eps[0]), one_draw),
    ):
        for name in ("elbo", "rec", "kl"):
            got = getattr(terms, name)
            assert (got.shape, got.dtype) == ((B,), torch.float32)
            assert_close(got.double(), getattr(expected, name), **SHORT)
    exact = copy.deepcopy(model).double().elbo(x, y, eps=eps.double())
    assert_close(tuple(exact), tuple(by_hand), rtol=1e-6, atol=1e-6)  # x and y are float32
    assert (by_hand.rec - one_draw.rec).abs().max() > 1e-3


@each_prior
@each_kind
@each_rows
def test_the_estimator_of_notebook_03_runs_on_it(kind, prior, rows):
    model, x, y, eps = small_cvae(kind, prior), pictures(kind), numbers(rows), randn(K, B, L)
    given, q, own = model.given(y), model.encode(x, y), model.elbo(x, y, eps=eps)
    assert_close(tuple(estimators.elbo(given, x, q, eps)), tuple(own), **SHORT)
    from_draws = estimators.elbo(given, x, q, eps, analytic_kl=False)
    assert_close(from_draws.rec, own.rec, **SHORT)
    p = prior_by_hand(model, y)
    z = q.mu + (q.log_var / 2).exp() * eps
    log_ratio = q.log_prob(z).double() - p.log_prob(z.double()).sum(-1)
    assert_close(from_draws.kl.double(), log_ratio.mean(0), **SHORT)


@each_prior
@each_kind
def test_the_bound_lies_below_the_evidence_by_its_gap(kind, prior):
    """Both by a grid over z; the mean over draws meets the one, and stays below the other."""
    model, x, y, n = small_cvae(kind, prior), pictures(kind), numbers(), 20_000
    bound, log_px = exact_elbo(model, x, y), integral_of(kind, prior, B)
    assert (log_px - bound > 0.01).all()
    draws = model.elbo(
        x.repeat_interleave(n, 0), y.repeat_interleave(n, 0), generator=generator()
    ).elbo
    draws = draws.detach().double().reshape(B, n).T
    assert lies_near(draws, bound)
    assert (draws.mean(0) < log_px).all()


@each_prior
def test_beta_weighs_the_kl_in_the_bound_alone(prior):
    model, x, eps = small_cvae(prior=prior), pictures("bernoulli"), randn(K, B, L)
    plain, heavy = model.elbo(x, LABELS, eps=eps), model.elbo(x, LABELS, eps=eps, beta=4.0)
    assert torch.equal(heavy.rec, plain.rec)
    assert torch.equal(heavy.kl, plain.kl)
    assert_close(heavy.elbo, plain.rec - 4 * plain.kl)
    assert_close(plain.elbo, plain.rec - plain.kl)
    assert plain.kl.min() > 0.01


@each_prior
@each_kind
def test_noise_comes_from_the_generator_and_from_nowhere_else(kind, prior):
    model, x, y = small_cvae(kind, prior), pictures(kind), numbers()
    before = torch.get_rng_state()
    drawn = model.elbo(x, y, generator=generator(3)).elbo
    for _ in range(2):
        made = model.generate(y, generator=generator(3))
        noisy = model.sample_x(randn(B, L), y, generator=generator(3))
        z = model.given(y).sample_prior(7, generator=generator(3))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(drawn, model.elbo(x, y, eps=randn(B, L, seed=3)).elbo)
    assert torch.equal(made, model.generate(y, generator=generator(3)))
    assert torch.equal(noisy, model.sample_x(randn(B, L), y, generator=generator(3)))
    assert torch.equal(z, model.given(y).sample_prior(7, generator=generator(3)))
    assert not torch.equal(made, model.generate(y, generator=generator(4)))
    assert not torch.equal(z, model.given(y).sample_prior(7, generator=generator(4)))
    assert (drawn != model.elbo(x, y, generator=generator(4)).elbo).all()


# Gradients


@each_prior
@each_kind
def test_gradients_reach_every_parameter(kind, prior):
    model = small_cvae(kind, prior)
    model.elbo(pictures(kind), numbers(), eps=randn(B, L)).elbo.mean().backward()
    names = {name.split(".")[0] for name, _ in model.named_parameters()}
    assert {"encoder", "decoder", "prior_network"} - names == ABSENT[prior]
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


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


@each_prior
@each_kind
def test_pictures_and_draws_carry_no_graph(kind, prior):
    model, x, z = small_cvae(kind, prior), pictures(kind), randn(B, L)
    assert model.mean_x(z, LABELS).requires_grad  # to follow a picture's slope in z
    for picture in (
        model.generate(LABELS),
        model.generate(LABELS, z),
        model.sample_x(z, LABELS),
        model.reconstruct(x, LABELS),
    ):
        assert not picture.requires_grad


@each_prior
@each_kind
@pytest.mark.parametrize(("weight", "end"), [(1e4, 1), (-1e4, 0)])
def test_absurd_weights_leave_finite_numbers(kind, prior, weight, end):
    model, x = small_cvae(kind, prior), pictures(kind)
    y = torch.ones(B, C)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(("encoder", "prior")):
                parameter.fill_(weight if name.startswith("encoder") else -weight)
    assert torch.equal(model.encode(x, y).log_var, torch.full((B, L), LOG_VAR_RANGE[end]))
    if prior == "learned":
        other = torch.full((B, L), LOG_VAR_RANGE[1 - end])
        assert torch.equal(model.prior_given(y).log_var, other)
    terms = model.elbo(x, y, eps=randn(B, L))
    assert all(term.isfinite().all() for term in terms)
    terms.elbo.mean().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
