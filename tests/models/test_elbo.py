"""The bound of VAE and CVAE and its gradients, each number a second way."""

import copy
import math

import pytest
import torch
from linear_with_y import EXACT
from model_cases import assert_same, black_or_white, evidence_of, given, of
from model_sizes import LABELS, SHORT, B, C, K, L, randn
from routes import generator, lies_near
from torch import distributions as dist
from torch.autograd import grad
from torch.nn import init
from torch.testing import assert_close
from vae_fixtures import elbo_by_hand, exact_elbo, exact_log_px, heads, normal, prior_by_hand

from course_utils import estimators
from course_utils.models import LOG_VAR_RANGE, Regressor

# The bound


@pytest.mark.equation("7.7")
def test_the_bound_and_its_terms_agree_with_torch(model, x, y):
    eps = randn(K, B, L)
    by_hand, one_draw = (elbo_by_hand(model, x, noise, *y) for noise in (eps, eps[:1]))
    for noise, expected in ((eps, by_hand), (eps[0], one_draw)):
        for got, right in zip(model.elbo(x, *y, eps=noise), expected, strict=True):
            assert (got.shape, got.dtype) == ((B,), torch.float32)
            assert_close(got.double(), right, **SHORT)
    double = copy.deepcopy(model).double()
    exact = elbo_by_hand(double, x, eps, *y)
    assert_close(tuple(double.elbo(x, *y, eps=eps.double())), tuple(exact), **EXACT)
    assert (by_hand.rec - one_draw.rec).abs().max() > 1e-3


@of.any_rows
def test_the_estimator_of_notebook_03_runs_on_it(model, x, y):
    left, eps, q = given(model, *y), randn(K, B, L), model.encode(x, *y)
    own = model.elbo(x, *y, eps=eps)
    assert_close(tuple(estimators.elbo(left, x, q, eps)), tuple(own), **SHORT)
    from_draws = estimators.elbo(left, x, q, eps, analytic_kl=False)
    assert_close(from_draws.rec, own.rec, **SHORT)
    z = q.mu + (q.log_var / 2).exp() * eps
    log_ratio = q.log_prob(z).double() - prior_by_hand(model, *y).log_prob(z.double()).sum(-1)
    assert_close(from_draws.kl.double(), log_ratio.mean(0), **SHORT)


def test_the_bound_lies_below_the_evidence_by_its_gap(case, kind, model, x, y):
    """Both by a grid over z; the mean over draws meets the one, and stays below the other."""
    n, bound, log_px = 50_000, exact_elbo(model, x, *y), evidence_of(case, kind)
    assert (log_px - bound > 0.01).all()
    repeated = [part.repeat_interleave(n, 0) for part in (x, *y)]
    draws = model.elbo(*repeated, generator=generator()).elbo.detach().double().reshape(B, n).T
    assert lies_near(draws, bound)
    assert (draws.mean(0) < log_px).all()


@of.vae
def test_a_coarser_grid_sees_the_same_evidence(model, x):
    """Halving the step quarters the error: a third of this is left, less than any error bar."""
    assert_close(exact_log_px(model, x), exact_log_px(model, x, n=201), rtol=0, atol=1e-3)


def test_examples_do_not_know_of_each_other(model, x, y):
    """A batch in another order, one twice as long, and one example alone say the same of each."""
    inputs, eps = (x, *y), randn(B, L)
    together = torch.stack(model.elbo(*inputs, eps=eps))  # (3, B)

    def of_rows(order):
        return torch.stack(model.elbo(*(part[order] for part in inputs), eps=eps[order]))

    for order in ([2, 0, 3, 1], [*range(B)] * 2):
        assert_close(of_rows(order), together[:, order], rtol=1e-6, atol=1e-6)
    alone = torch.cat([of_rows([i]) for i in range(B)], dim=1)
    assert_close(alone, together, rtol=1e-5, atol=1e-5)
    for numbers in y:
        other = model.elbo(x, numbers.roll(1, 0), eps=eps)
        assert (other.rec - together[1]).abs().min() > 1e-3


def test_beta_weighs_the_kl_in_the_bound_alone(model, x, y):
    eps = randn(K, B, L)
    plain, heavy = (model.elbo(x, *y, eps=eps, beta=beta) for beta in (1.0, 4.0))
    assert torch.equal(model.elbo(x, *y, eps=eps).elbo, plain.elbo)
    assert_same(heavy[1:], plain[1:])
    assert_close(heavy.elbo, plain.rec - 4 * plain.kl)
    assert_close(plain.elbo, plain.rec - plain.kl)
    assert plain.kl.min() > 0.01


def test_noise_comes_from_the_generator_and_from_nowhere_else(model, x, y):
    draw = {
        "elbo": lambda seed: model.elbo(x, *y, generator=generator(seed)).elbo,
        "generate": lambda seed: model.generate(*(y or (2,)), generator=generator(seed)),
        "sample_prior": lambda seed: given(model, *y).sample_prior(7, generator=generator(seed)),
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


@of.all
def test_gradients_reach_every_parameter_of_a_model(case, model, x, y):
    model.elbo(x, *y, eps=randn(B, L)).elbo.mean().backward()
    names = {name.split(".")[0] for name, _ in model.named_parameters()}
    assert ("encoder" in names) == (case.network is not Regressor) and "decoder" in names
    assert ("prior_network" in names) == (case.prior == "learned")
    for name, parameter in model.named_parameters():
        assert 0 < parameter.grad.abs().max() < math.inf, name


@of.vae
def test_the_reconstruction_reaches_both_heads(model, x):
    """At mu = 0, log_var = 0 the KL has no slope: what arrives there came through z."""
    last = model.encoder[-1]
    init.zeros_(last.weight), init.zeros_(last.bias)
    terms = model.elbo(x, eps=randn(B, L))
    (from_kl,) = grad(terms.kl.sum(), last.bias, retain_graph=True)
    (from_rec,) = grad(terms.rec.sum(), last.bias)
    assert_close(from_kl, torch.zeros(2 * L), rtol=0, atol=0)
    assert from_rec.abs().min() > 1e-3


@of.learned
@black_or_white
def test_the_prior_is_learned_by_the_kl_alone(model, x, y):
    """And its gradients are those of torch's KL."""
    terms = model.elbo(x, LABELS, eps=randn(B, L))
    weights = list(model.prior_network.parameters())
    for slope in grad(terms.kl.sum(), weights, retain_graph=True):
        assert slope.abs().max() > 1e-3
    assert set(grad(terms.rec.sum(), weights, allow_unused=True)) == {None}
    double = model.double()
    by_torch = dist.kl_divergence(normal(*heads(double, x, *y)), prior_by_hand(double, *y))
    slopes = grad(double.elbo(x, *y).kl.sum(), weights)
    assert_close(slopes, grad(by_torch.sum(), weights))


def test_pictures_and_draws_carry_no_graph(model, x, y):
    z = randn(B, L)
    assert model.mean_x(z, *y).requires_grad  # to follow a picture's slope in z
    made = [model.generate(*(y or (2,))), model.sample_x(z, *y), model.reconstruct(x, *y)]
    made += [model.generate(numbers, z) for numbers in y]
    assert not any(picture.requires_grad for picture in made)


@pytest.mark.parametrize(("weight", "end"), [(1e4, 1), (-1e4, 0)])
def test_absurd_weights_leave_finite_numbers(case, model, x, weight, end):
    y = (torch.ones(B, C),) * len(case.y)
    for name, parameter in model.named_parameters():
        if name.startswith(("encoder", "prior")):
            init.constant_(parameter, weight if name.startswith("encoder") else -weight)
    assert torch.equal(model.encode(x, *y).log_var, torch.full((B, L), LOG_VAR_RANGE[end]))
    if case.prior == "learned":
        other = torch.full((B, L), LOG_VAR_RANGE[1 - end])
        assert torch.equal(model.prior_given(*y).log_var, other)
    terms = model.elbo(x, *y, eps=randn(B, L))
    assert all(term.isfinite().all() for term in terms)
    terms.elbo.mean().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
