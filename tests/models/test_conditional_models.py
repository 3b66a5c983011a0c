"""The conditional VAE: each number a second way, what it refuses; and `fit` trains it unchanged.

Six pixels, two latents, eight numbers in the condition, four examples: nothing broadcasts by
accident, and the integral over z is a sum over a grid in the plane.
"""

import copy
import functools
import math

import numpy as np
import pytest
import torch
from routes import lies_near
from torch import distributions as dist
from torch import nn
from torch.nn import functional
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from vae_fixtures import (
    KINDS,
    SHAPE,
    B,
    D,
    L,
    generator,
    heads,
    pictures,
    pixel_law,
    plane,
    randn,
)

from course_utils import estimators
from course_utils.data import ImageData
from course_utils.densities import DiagonalNormal, ElboTerms
from course_utils.models import CVAE, LOG_VAR_RANGE, Regressor
from course_utils.training import fit

C, K = 8, 5
ABSENT = {"fixed": {"prior_network"}, "learned": set()}  # of the three networks, by the prior
SHORT = {"rtol": 1e-4, "atol": 1e-4}  # float32 against float64
LABELS = torch.tensor([3, 0, 7, 3])
each_kind = pytest.mark.parametrize("kind", KINDS)
each_prior = pytest.mark.parametrize("prior", ABSENT)
each_rows = pytest.mark.parametrize("rows", [1, B])


class NotToBeUsed(nn.Module):
    """Stands where the encoder was."""

    def forward(self, x):
        raise AssertionError("the encoder was asked")


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that torch makes."""

    size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        sizes = [leaf.numel() for leaf in tree_leaves(out) if isinstance(leaf, torch.Tensor)]
        self.size = max(self.size, *sizes, 0)
        return out


@pytest.fixture
def float64_by_default():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def small_cvae(kind="bernoulli", prior="fixed", seed=1):
    """6-5-2 given 8, the weights behind the encoder tripled: else z and y would hardly matter."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = CVAE(SHAPE, L, C, prior, hidden=(5,), **KINDS[kind])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter *= 1 if name.startswith("encoder") else 3
        if prior == "learned":
            model.prior_network[-1].weight /= 3  # p(z|y) stays where the grid of z looks
        if kind == "learned":
            model.pixels.position.fill_(0.5)  # not the middle of its range
    return model


def numbers(rows=B):
    """A condition that is no label: (rows, C)."""
    return randn(rows, C, seed=9)


def beside(a, y):
    """[a, y] along the last axis, y (rows, C) for each of a (..., B, n): what the networks see."""
    y = y.to(a).expand(*a.shape[:-1], C)
    return torch.cat([a, y], dim=-1)


def prior_by_hand(model, y):
    """p(z | y) by torch, in float64."""
    if model.prior_kind == "fixed":
        zero = torch.zeros(len(y), L, dtype=torch.float64)
        return dist.Normal(zero, torch.ones_like(zero))
    first, _, last = copy.deepcopy(model.prior_network).double()
    hidden = (y.double() @ first.weight.T + first.bias).clamp(min=0)
    mu, log_var = (hidden @ last.weight.T + last.bias).chunk(2, dim=-1)
    return dist.Normal(mu.detach(), (log_var / 2).exp().detach())


def elbo_by_hand(model, x, y, eps):
    """The three terms by torch.distributions, in float64: x (B, D), y (B, C), eps (K, B, L)."""
    mu, log_var = heads(model, beside(x, y))
    q, p = dist.Normal(mu, (log_var / 2).exp()), prior_by_hand(model, y)
    z = q.mean + q.stddev * eps.double()
    rec = pixel_law(model, beside(z, y)).log_prob(x.double()).sum(-1).mean(0)
    kl = dist.kl_divergence(q, p).sum(-1)
    return ElboTerms(rec - kl, rec, kl)


def log_joint_on_the_plane(model, x, y):
    """log p(x, z | y) on a grid of z: (G, B), and the area of a point."""
    z, area = plane()
    log_pz = prior_by_hand(model, y).log_prob(z[:, None]).sum(-1)
    law = pixel_law(model, beside(z[:, None].expand(-1, len(y), -1), y))
    return law.log_prob(x.double()).sum(-1) + log_pz, area


def exact_log_px(model, x, y):
    """log p(x | y) by a sum over the grid: (B,)."""
    joint, area = log_joint_on_the_plane(model, x, y)
    return (joint.logsumexp(0) + math.log(area)).detach()


@functools.cache
def integral_of(kind, prior, rows):
    """log p(x | y) of the small model, its pictures and its numbers: (B,)."""
    return exact_log_px(small_cvae(kind, prior), pictures(kind), numbers(rows).expand(B, C))


def exact_elbo(model, x, y):
    """The bound with q = encode, by a sum over the grid: (B,)."""
    joint, area = log_joint_on_the_plane(model, x, y)
    mu, log_var = heads(model, beside(x, y))
    q = dist.Normal(mu, (log_var / 2).exp()).log_prob(plane()[0][:, None]).sum(-1)
    return ((q.exp() * (joint - q)).sum(0) * area).detach()


# The networks


@each_kind
def test_the_encoder_sees_x_and_y(kind):
    model, x, y = small_cvae(kind), pictures(kind), numbers()
    q, (mu, log_var) = model.encode(x, y), heads(model, beside(x, y))
    assert isinstance(q, DiagonalNormal)
    assert_close((q.mu.double(), q.log_var.double()), (mu, log_var), **SHORT)
    for other in (model.encode(x, y.flip(0)), model.encode(x.flip(0), y)):
        assert (q.mu - other.mu).abs().amax(1).min() > 1e-3
        assert (q.log_var - other.log_var).abs().amax(1).min() > 1e-3


@each_kind
def test_the_decoder_sees_z_and_y(kind):
    model, z, y = small_cvae(kind), 2 * randn(B, L), numbers()
    law = pixel_law(model, beside(z, y))
    expected = law.logits if kind == "bernoulli" else law.mean
    assert_close(model.decode(z, y).double(), expected, **SHORT)
    assert_close(model.mean_x(z, y).double(), law.mean.reshape(B, *SHAPE), **SHORT)
    assert (model.decode(z, y) - model.decode(z, y.flip(0))).abs().max() > 0.1
    assert (model.decode(z, y) - model.decode(z.flip(0), y)).abs().max() > 0.1


@each_prior
def test_the_prior_sees_y(prior):
    model, y = small_cvae(prior=prior), numbers()
    p, by_hand = model.prior_given(y), prior_by_hand(model, y)
    assert isinstance(p, DiagonalNormal)
    assert_close(p.mu.double(), by_hand.mean, **SHORT)
    assert_close(p.log_var.double(), 2 * by_hand.stddev.log(), **SHORT)
    if prior == "learned":
        assert p.mu.std(0).min() > 0.1 and p.log_var.std(0).min() > 0.1
        assert p.mu.min() < 0 < p.mu.max() and p.log_var.min() < 0 < p.log_var.max()


@each_kind
@each_rows
@pytest.mark.parametrize("lead", [(), (1,), (B,), (K, 1), (K, B)])
def test_latents_of_any_shape_are_decoded(kind, rows, lead):
    """Every picture as if it were decoded alone."""
    model, z, y = small_cvae(kind), randn(*lead, L), numbers(rows)
    one_row = lead[-1:] if rows == 1 else (B,)
    shape = (*lead[:-1], *one_row)
    assert model.decode(z, y).shape == (*shape, D)
    assert model.mean_x(z, y).shape == (*shape, *SHAPE)
    assert model.sample_x(z, y, generator=generator()).shape == (*shape, *SHAPE)
    each_z = z.expand(*shape, L).reshape(-1, L)
    each_y = y.expand(*shape, C).reshape(-1, C) if shape else y
    alone = [model.decode(a[None], b[None])[0] for a, b in zip(each_z, each_y, strict=True)]
    assert_close(model.decode(z, y).reshape(-1, D), torch.stack(alone), rtol=1e-5, atol=1e-5)


@each_prior
@pytest.mark.parametrize("hidden", [(), (7,), (7, 5, 3)])
def test_layers_and_repr(prior, hidden):
    model = CVAE(SHAPE, L, C, prior, hidden)
    expected = {"encoder": (D + C, *hidden), "decoder": (L + C, *reversed(hidden))}
    if prior == "learned":
        expected["prior_network"] = (C, *hidden)
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == set(expected)
    for name, sizes in expected.items():
        linear = [layer for layer in getattr(model, name) if isinstance(layer, nn.Linear)]
        assert tuple(layer.in_features for layer in linear) == sizes
        assert linear[-1].out_features == (D if name == "decoder" else 2 * L)
    counted = sum(parameter.numel() for parameter in model.parameters())
    layers, ending = "-".join(map(str, (D, *hidden, L))), ", learned prior" * (prior == "learned")
    assert repr(model) == f"CVAE({layers} given 8{ending}, bernoulli, {counted} parameters)"
    assert repr(model.given(LABELS)) == f"{model!r} with y of 4 rows"
    assert repr(model.given(LABELS[:1])) == f"{model!r} with y of 1 row"
    assert model.elbo(pictures("bernoulli"), LABELS).elbo.shape == (B,)


@each_prior
def test_the_seed_of_torch_decides_where_a_model_begins(prior):
    def start(seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return torch.cat([p.flatten() for p in CVAE(SHAPE, L, C, prior).parameters()])

    assert torch.equal(start(0), start(0))
    assert (start(0) != start(1)).all()


@each_prior
@each_kind
def test_a_state_dict_carries_the_whole_model(kind, prior):
    first, second = small_cvae(kind, prior, 0), small_cvae(kind, prior, 1)
    x, y, eps = pictures(kind), numbers(), randn(B, L)
    assert (first.elbo(x, y, eps=eps).elbo != second.elbo(x, y, eps=eps).elbo).all()
    second.load_state_dict(first.state_dict())
    assert torch.equal(first.elbo(x, y, eps=eps).elbo, second.elbo(x, y, eps=eps).elbo)


# The condition


def everything(model, x, y):
    """All that a model says of x and y, as tensors."""
    eps, z = randn(K, B, L), randn(K, 1, L)
    given = model.given(y)
    return [
        *model.encode(x, y),
        *model.elbo(x, y, eps=eps),
        model.decode(randn(B, L), y),
        model.reconstruct(x, y),
        model.generate(y, randn(B, L)),
        model.sample_x(randn(B, L), y, generator=generator()),
        given.log_likelihood(x, z),
        given.log_prior(randn(B, L)),
        given.mean_x(randn(K, B, L)),
    ]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a, b)


WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


@each_prior
@pytest.mark.parametrize("dtype", WHOLE)
def test_labels_of_any_whole_type_are_one_hot_rows(prior, dtype):
    model, x = small_cvae(prior=prior), pictures("bernoulli")
    rows = functional.one_hot(LABELS, C)
    expected = everything(model, x, rows.float())
    assert_same(everything(model, x, LABELS.to(dtype)), expected)
    for kind in (torch.int64, torch.bool, torch.float64):
        assert_same(everything(model, x, rows.to(kind)), expected)


@each_prior
def test_a_number_alone_is_a_label(prior):
    model, z = small_cvae(prior=prior), randn(1, L)
    label = torch.tensor(3)
    assert torch.equal(model.decode(z, label), model.decode(z, LABELS[:1]))
    assert torch.equal(model.generate(label, z), model.generate(LABELS[:1], z))
    assert model.generate(label, generator=generator()).shape == (1, *SHAPE)


@each_prior
@pytest.mark.parametrize("shape", [(2, 4), (4, 2), (1, 8)])
def test_pictures_as_a_condition_are_flattened(prior, shape):
    model, x = small_cvae(prior=prior), pictures("bernoulli")
    y = torch.rand(B, C, generator=generator(9))
    assert_same(everything(model, x, y.reshape(B, *shape)), everything(model, x, y))


@each_prior
@each_kind
def test_y_of_one_row_holds_for_all(kind, prior):
    model, x, y = small_cvae(kind, prior), pictures(kind), numbers(1)
    for one, each in zip(
        everything(model, x, y), everything(model, x, y.expand(B, C)), strict=True
    ):
        assert_close(one, each, rtol=1e-5, atol=1e-5)


@each_prior
@each_kind
def test_each_y_belongs_to_its_own_x(kind, prior):
    """A batch in another order, and one example alone, say the same of each."""
    model, x, y, eps = small_cvae(kind, prior), pictures(kind), numbers(), randn(B, L)
    together, turned = model.elbo(x, y, eps=eps), [2, 0, 3, 1]
    other = model.elbo(x[turned], y[turned], eps=eps[turned])
    alone = [model.elbo(x[i : i + 1], y[i : i + 1], eps=eps[i : i + 1]) for i in range(B)]
    for name in ("elbo", "rec", "kl"):
        expected = getattr(together, name)
        assert_close(getattr(other, name), expected[turned], rtol=1e-6, atol=1e-6)
        one_by_one = torch.cat([getattr(terms, name) for terms in alone])
        assert_close(one_by_one, expected, rtol=1e-5, atol=1e-5)
    assert (model.elbo(x, y.roll(1, 0), eps=eps).rec - together.rec).abs().min() > 1e-3


@each_kind
def test_pictures_come_flat_or_not_and_of_any_type(kind):
    model, x = small_cvae(kind, "learned"), pictures("bernoulli")
    expected = everything(model, x, LABELS)
    for other in (x.reshape(B, *SHAPE), x.double(), x.bool(), x.byte()):
        assert_same(everything(model, other, LABELS), expected)


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


# What is left once y is known


@each_prior
@each_kind
@each_rows
def test_the_three_shapes_of_latents_agree(kind, prior, rows):
    model, x, y, z = small_cvae(kind, prior), pictures(kind), numbers(rows), randn(K, 1, L)
    given = model.given(y)
    shared, each = given.log_likelihood(x, z), given.log_likelihood(x, z.expand(K, B, L))
    by_rows = torch.stack([given.log_likelihood(x, row.expand(B, L)) for row in z])
    law = pixel_law(model, beside(z.expand(K, B, L), y))
    assert shared.shape == each.shape == (K, B)
    assert_close(shared, each, rtol=1e-5, atol=1e-5)
    assert_close(by_rows, each, rtol=1e-5, atol=1e-5)
    assert_close(each.double(), law.log_prob(x.double()).sum(-1), **SHORT)
    for i in range(B):  # a batch of one, and one draw for several x
        alone = model.given(y[i % rows : i % rows + 1]).log_likelihood(x[i : i + 1], z)
        assert_close(alone[:, 0], each[:, i], rtol=1e-5, atol=1e-5)
    assert_close(given.log_likelihood(x, z[:1]), each[:1], rtol=1e-5, atol=1e-5)


@each_kind
def test_the_shapes_of_latents_agree_in_their_gradients(kind):
    model, x, y, z = small_cvae(kind), pictures(kind), numbers(), randn(K, 1, L)

    def gradients(latents):
        value = model.given(y).log_likelihood(x, latents).square().sum()
        return torch.autograd.grad(value, [*model.decoder.parameters(), *model.pixels.parameters()])

    assert_close(gradients(z), gradients(z.expand(K, B, L)), rtol=1e-3, atol=1e-2)


@each_prior
@each_kind
@each_rows
def test_the_prior_s_density_and_draws(kind, prior, rows):
    model, y, n = small_cvae(kind, prior), numbers(rows), 50_000
    given, law = model.given(y), prior_by_hand(model, y)
    z = given.sample_prior(n, generator=generator())
    differs = prior == "learned" and rows > 1
    assert (z.shape, z.dtype) == ((n, rows, L) if differs else (n, L), torch.float32)
    mean, var = (law.mean, law.variance) if differs else (law.mean[0], law.variance[0])
    assert lies_near(z.double(), mean)
    assert lies_near((z.double() - mean) ** 2, var)
    if differs:  # every row has noise of its own
        off = z.double() - mean
        assert lies_near(off[:, 0] * off[:, 1], torch.zeros(L))
    assert isinstance(given.prior, DiagonalNormal) and given.latent_dim == L
    assert given.prior.mu.shape == ((rows, L) if differs else (L,))
    assert_close(given.prior.mu.double(), mean, **SHORT)
    for lead in ((B,), (K, B), (K, 1)):
        z = randn(*lead, L)
        expected = law.log_prob(z.double()).sum(-1)
        if not differs:
            assert given.log_prior(z).shape == lead
            assert given.log_prior(z[..., 0, :]).shape == lead[:-1]
        assert_close(given.log_prior(z).double().expand(expected.shape), expected, **SHORT)


@each_prior
@each_kind
@each_rows
@pytest.mark.parametrize("estimator", ["prior", "encoder"])
def test_estimates_of_the_evidence_meet_the_integral(kind, prior, rows, estimator):
    model, x, y, n = small_cvae(kind, prior), pictures(kind), numbers(rows), 50_000
    given, exact = model.given(y), integral_of(kind, prior, rows)
    if estimator == "prior":
        found = estimators.naive_monte_carlo(given, x, n, generator=generator())
    else:
        q = model.encode(x, y)
        wide = DiagonalNormal(q.mu, q.log_var + 1)  # a q too narrow has weights without variance
        found = estimators.importance_sampling(given, x, wide, n, generator=generator())
    assert (found.ess > 500).all() and (found.std_error > 0).all()
    assert ((found.log_px - exact).abs() < 5 * found.std_error).all()


def test_the_grid_sees_the_whole_prior():
    """Guards the tests above: p(z | y) sums to one on the plane, and differs from row to row."""
    model, y = small_cvae(prior="learned"), numbers()
    z, area = plane()
    law = prior_by_hand(model, y)
    total = law.log_prob(z[:, None]).sum(-1).exp().sum(0) * area
    assert_close(total, torch.ones(B).double(), rtol=0, atol=1e-5)
    assert (law.mean.std(0) > 0.1).all()


def largest_tensor(batch, prior):
    model = CVAE((8, 8), L, C, prior, hidden=(16,))
    x, y = torch.zeros(batch, 64), torch.arange(batch) % C
    with torch.no_grad(), Largest() as seen:
        model.given(y).log_likelihood(x, randn(1000, 1, L))
    return seen.size


@each_prior
def test_each_z_against_each_x_takes_little_memory(prior):
    """K times D, or K times B, but not their product: 1000 x 50 x 64 numbers would be 13 MB."""
    assert largest_tensor(5, prior) == largest_tensor(50, prior) == 1000 * 64
    assert largest_tensor(100, prior) == 1000 * 100  # the answer itself


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


# Pictures and draws


@each_prior
@each_kind
def test_generation_needs_no_encoder(kind, prior):
    model, y = small_cvae(kind, prior), numbers()
    model.encoder = NotToBeUsed()
    with pytest.raises(AssertionError, match="the encoder was asked"):
        model.encode(pictures(kind), y)
    made = model.generate(y, generator=generator())
    law = prior_by_hand(model, y)
    z = law.mean + law.stddev * randn(B, L).double()
    expected = pixel_law(model, beside(z, y)).mean.reshape(B, *SHAPE)
    assert_close(made.double(), expected, **SHORT)
    assert model.generate(y, z).shape == model.sample_x(z, y).shape == (B, *SHAPE)


@each_prior
def test_a_fresh_style_for_each_picture(prior):
    """The same y four times: four pictures."""
    made = small_cvae(prior=prior).generate(torch.full((B,), 3), generator=generator())
    distances = torch.cdist(made.flatten(1), made.flatten(1)) + torch.eye(B)
    assert distances.min() > 0.01


@each_prior
@each_rows
def test_one_style_for_all_pictures(prior, rows):
    model, z, y = small_cvae(prior=prior), randn(L), numbers(rows)
    made = model.generate(y, z)
    assert made.shape == (rows, *SHAPE)
    alone = torch.stack([model.generate(row[None], z[None])[0] for row in y])
    for other in (model.generate(y, z[None]), model.generate(y, z.expand(rows, L)), alone):
        assert_close(made, other, rtol=1e-5, atol=1e-6)
    if rows > 1:
        assert torch.pdist(made.flatten(1)).min() > 0.01  # the digit changes, the style does not


def test_many_styles_of_one_condition():
    model, z = small_cvae(), randn(7, L)
    made = model.generate(LABELS[:1], z)
    assert torch.equal(made, model.generate(LABELS[:1].expand(7), z))
    assert made.shape == (7, *SHAPE)


@each_kind
def test_draws_of_x_have_the_mean_and_the_noise_of_their_pixels(kind):
    model, n = small_cvae(kind), 100_000
    z, y = randn(1, L), numbers(1)
    mean = pixel_law(model, beside(z, y)).mean.reshape(SHAPE).detach()
    x = model.sample_x(z.expand(n, L), y, generator=generator()).double()
    if kind == "bernoulli":
        assert set(x.unique().tolist()) == {0.0, 1.0}
        variance = mean * (1 - mean)
    else:
        variance = model.pixels.sigma.detach().double().square().expand(SHAPE)
    assert lies_near(x, mean)
    assert lies_near((x - mean) ** 2, variance)


@each_prior
def test_a_reconstruction_is_the_same_every_time(prior):
    model, x = small_cvae(prior=prior), pictures("bernoulli")
    first = model.reconstruct(x, LABELS)
    torch.rand(3)  # the global generator moves on
    assert torch.equal(model.reconstruct(x, LABELS), first)
    assert torch.equal(first, model.mean_x(model.encode(x, LABELS).mu, LABELS))
    assert first.shape == (B, *SHAPE)


# Types


@each_prior
@each_kind
def test_a_model_is_float32_whatever_the_default(kind, prior, float64_by_default):
    model, x, y = small_cvae(kind, prior), pictures(kind), numbers()
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    got = everything(model, x.double(), y.double()) + everything(model, x, LABELS)
    got += [model.generate(LABELS), model.given(y).sample_prior(2)]
    assert {number.dtype for number in got} == {torch.float32}
    model.elbo(x, y).elbo.mean().backward()


def test_the_default_type_is_as_it_was():
    """Guards the test above: the fixture puts things back."""
    assert torch.get_default_dtype() == torch.float32


@each_prior
@each_kind
def test_a_model_made_double_takes_data_of_any_type(kind, prior):
    model, x, eps = small_cvae(kind, prior).double(), pictures(kind), randn(K, B, L)
    for y in (LABELS, numbers(), numbers().double()):
        assert {number.dtype for number in everything(model, x, y)} == {torch.float64}
    exact = elbo_by_hand(model, x, numbers(), eps)
    assert_close(tuple(model.elbo(x, numbers(), eps=eps)), tuple(exact))


# Refusals


GREY = {"likelihood": "gaussian"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image_shape": 28}, "image_shape should be a tuple of sizes, but 28 came"),
        ({"image_shape": ()}, "image_shape should name at least one size"),
        ({"latent_dim": 0}, "latent_dim should be a whole number of at least 1, but 0 came"),
        ({"latent_dim": 2.0}, "latent_dim should be a whole number"),
        ({"condition_dim": 0}, "condition_dim should be a whole number of at least 1"),
        ({"condition_dim": -1}, "condition_dim should be a whole number"),
        ({"condition_dim": 10.0}, "condition_dim should be a whole number"),
        ({"condition_dim": (8, 4)}, r"condition_dim should be .* but \(8, 4\) came"),
        ({"prior_kind": "standard"}, "no prior called 'standard'; known are: fixed, learned"),
        ({"prior_kind": None}, "no prior called None"),
        ({"prior_kind": True}, "no prior called True"),
        ({"prior_kind": (128,)}, r"no prior called \(128,\)"),  # hidden by its place
        ({"prior": "learned"}, "no longer takes prior; write prior_kind='learned'"),
        ({"hidden": 400}, r"hidden should be a tuple of sizes, but 400 came; try \(400,\)"),
        ({"hidden": (400, -1)}, "hidden should be a whole number of at least 1"),
        ({"likelihood": "normal"}, "no likelihood called 'normal'; known are: bernoulli"),
        (GREY | {"sigma": 0}, "sigma should be a number above 0, but 0 came"),
    ],
)
def test_what_is_no_model_is_refused(change, says):
    whole = {"image_shape": SHAPE, "latent_dim": L, "condition_dim": C, "hidden": (5,)}
    with pytest.raises(ValueError, match=says):
        CVAE(**whole | change)


NEITHER = r"y should be \(B,\) labels or 8 numbers for each picture, but "


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (torch.tensor([0, 1, 2, 8]), r"from 0 to 7, since .* condition_dim 8, but .* 0 to 8 came"),
        (torch.tensor([-1, 1, 2, 3]), "from 0 to 7, .* but labels from -1 to 3 came"),
        (torch.tensor(8), "labels from 8 to 8 came"),
        (LABELS.float(), NEITHER + r"torch.float32 of shape \(4,\) came; .* \(y\.long\(\)\)"),
        (torch.tensor(3.0), NEITHER + r"torch.float32 of shape \(\) came"),
        (torch.zeros(C), NEITHER + r"torch.float32 of shape \(8,\) .* a row of its own \(y\[None"),
        (LABELS[:, None], NEITHER + r"torch.int64 of shape \(4, 1\) came"),
        (torch.zeros(B, C + 1), NEITHER + r"torch.float32 of shape \(4, 9\) came"),
        (torch.zeros(B, 2, 3), NEITHER + r"torch.float32 of shape \(4, 2, 3\) came"),
        (torch.zeros(B, C, dtype=torch.uint8), r"y should be floats, but bytes .* try y / 255"),
        (torch.zeros(B, 2, 4, dtype=torch.uint8), r"bytes came.* y\.float\(\) for the other"),
        (torch.full((B, C), math.nan), "y should be finite, but 32 of 32"),
        (torch.full((B, C), math.inf), "y should be finite"),
        (torch.zeros(0, C), "y should hold at least one example"),
        (torch.zeros(0, dtype=torch.int64), "y should hold at least one example"),
        (LABELS.numpy(), "y should be a torch tensor, but a ndarray came; try torch.as_tensor"),
        ([3, 0, 7, 3], "y should be a torch tensor, but a list came"),
        (3, "y should be a torch tensor, but a int came"),
        (None, "y should be a torch tensor, but a NoneType came"),
    ],
)
@each_prior
def test_what_is_no_condition_is_refused(prior, y, says):
    model, x, z = small_cvae(prior=prior), pictures("bernoulli"), randn(B, L)
    for use in (
        model.given,
        model.prior_given,
        model.generate,
        lambda y: model.encode(x, y),
        lambda y: model.elbo(x, y),
        lambda y: model.reconstruct(x, y),
        lambda y: model.decode(z, y),
        lambda y: model.mean_x(z, y),
        lambda y: model.sample_x(z, y),
        lambda y: model.generate(y, z),
    ):
        with pytest.raises(ValueError, match=says):
            use(y)


@pytest.mark.parametrize("n", [2, 3, 5])
@each_prior
def test_x_and_y_of_different_lengths_are_refused(prior, n):
    model, x, z = small_cvae(prior=prior), pictures("bernoulli"), randn(B, L)
    y = numbers(n)
    says = (
        rf"y should have 4 rows, one for each {{}}, or one row for all, but {n} came; .*{{}}\[i\]"
    )
    for use in (
        lambda: model.encode(x, y),
        lambda: model.elbo(x, y),
        lambda: model.reconstruct(x, y),
        lambda: model.given(y).log_likelihood(x, randn(K, 1, L)),
        lambda: model.given(y).log_likelihood(x, randn(K, B, L)),
        lambda: estimators.naive_monte_carlo(model.given(y), x, 10),
    ):
        with pytest.raises(ValueError, match=says.format("x", "x")):
            use()
    for use in (
        lambda: model.decode(z, y),
        lambda: model.mean_x(z, y),
        lambda: model.sample_x(z, y),
        lambda: model.generate(y, z),
        lambda: model.given(y).mean_x(randn(K, B, L)),
    ):
        with pytest.raises(ValueError, match=says.format("z", "z")):
            use()


ONES = torch.ones(B, D)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (torch.full((B, D), math.nan), "x should be finite, but 24 of 24"),
        (torch.ones(B, D + 1), "6 numbers an example, but 7 came"),
        (torch.ones(B, 3, 3), "6 numbers an example, but 9 came"),
        (torch.ones(B, 3, 2), r"x should be pictures of \(2, 3\), but \(3, 2\) came"),
        (torch.ones(D), r"x should be \(B, D\) or \(B, H, W\)"),
        (torch.ones(0, D), "x should hold at least one example"),
        (np.ones((B, D)), "x should be a torch tensor, but a ndarray came"),
    ],
)
@each_kind
def test_what_is_no_data_is_refused(kind, x, says):
    model = small_cvae(kind)
    for use in (
        lambda: model.encode(x, LABELS),
        lambda: model.elbo(x, LABELS),
        lambda: model.reconstruct(x, LABELS),
        lambda: model.given(LABELS).log_likelihood(x, torch.zeros(K, 1, L)),
    ):
        with pytest.raises(ValueError, match=says):
            use()


@pytest.mark.parametrize("x", [255 * ONES, -ONES, 1.01 * ONES], ids=["bytes", "signed", "over"])
@pytest.mark.parametrize("lead", [(B,), (K, B), (K, 1)])
def test_black_or_white_refuses_pixels_outside(x, lead):
    model = small_cvae()
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
        model.given(LABELS).log_likelihood(x, torch.zeros(*lead, L))
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
        model.elbo(x, LABELS)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m.decode(torch.zeros(B, L + 1), LABELS), r"z should be \(\.\.\., 2\)"),
        (lambda m: m.decode(torch.tensor(1.0), LABELS), r"but \(\) came"),
        (lambda m: m.decode([0.0, 1.0], LABELS), "z should be a torch tensor"),
        (lambda m: m.generate(LABELS, torch.zeros(B, 1)), r"but \(4, 1\) came"),
        (lambda m: m.generate(LABELS, 0.5), "z should be a torch tensor, but a float"),
        (lambda m: m.sample_x(torch.zeros(B, D), LABELS), r"try z\.reshape\(-1, 2\)"),
        (lambda m: m.given(LABELS).log_likelihood(ONES, torch.zeros(3, L)), r"z\[:, None\]"),
        (lambda m: m.given(LABELS).log_likelihood(ONES, torch.zeros(K, 3, L)), "z should be"),
        (lambda m: m.given(LABELS).log_likelihood(ONES, torch.zeros(L)), "z should be"),
        (lambda m: m.given(LABELS).log_prior(torch.zeros(B, L + 1)), "equal last axes"),
        (lambda m: m.given(LABELS).sample_prior(0), "n should be a whole number of at least 1"),
        (lambda m: m.given(LABELS).sample_prior(1e3), r"write 10\*\*5, not 1e5"),
        (lambda m: m.given(LABELS).mean_x(torch.zeros(B, L + 1)), "z should be"),
        (lambda m: m.elbo(ONES, LABELS, eps=torch.zeros(1, L)), "fresh noise for each x"),
        (lambda m: m.elbo(ONES, LABELS, eps=torch.zeros(K, 1, L)), "eps should be"),
        (lambda m: m.elbo(ONES, LABELS, eps=torch.zeros(L)), "eps should be"),
        (lambda m: m.elbo(ONES, LABELS, eps=torch.full((B, L), math.nan)), "eps should be finite"),
        (lambda m: m.elbo(ONES, LABELS, eps=0.5), "eps should be a torch tensor, but a float"),
    ],
)
@each_prior
def test_latents_and_noise_that_do_not_fit_are_refused(prior, call, says):
    with pytest.raises(ValueError, match=says):
        call(small_cvae(prior=prior))


# Training by `fit`


def image_data(n=40):
    grey = torch.rand(n, *SHAPE, generator=generator(), dtype=torch.float32)
    return ImageData(grey, torch.arange(n) % C, n_train=24)


def train(model, data, **options):
    return fit(model, data, **{"epochs": 2, "batch_size": 8, "progress": False} | options)


@each_prior
@each_kind
def test_fit_trains_it_on_labels(kind, prior):
    model, binarize = small_cvae(kind, prior), kind == "bernoulli"
    before = copy.deepcopy(model.state_dict())
    history = train(model, image_data(), binarize=binarize)
    assert len(history) == len(history.test_elbo) == 2
    assert all(map(math.isfinite, [*history.elbo, *history.test_elbo]))
    changed = model.state_dict()
    for name in dict(model.named_parameters()):
        assert not torch.equal(changed[name], before[name]), name


@each_prior
def test_labels_of_the_images_are_labels_beside_them(prior):
    data, one, two = image_data(), small_cvae(prior=prior), small_cvae(prior=prior)
    train(one, data)
    rows = functional.one_hot(data.train.labels, C).float()
    history = train(two, (data.train.images, rows))
    assert history.test_elbo == []
    assert_same(one.state_dict().values(), two.state_dict().values())


@each_prior
def test_fit_trains_it_on_pictures_as_a_condition(prior):
    x, y = image_data().images, torch.rand(40, 2, 4, generator=generator(1))
    models = [small_cvae(prior=prior) for _ in range(3)]
    for model, condition in zip(models, (y, y.flatten(1), y.flip(0)), strict=True):
        assert len(train(model, (x, condition))) == 2
    flat = [torch.cat([p.detach().flatten() for p in model.parameters()]) for model in models]
    assert torch.equal(flat[0], flat[1])
    assert (flat[0] - flat[2]).abs().max() > 1e-4


@each_prior
def test_the_same_seed_trains_to_the_same_weights(prior):
    def trained(seed):
        model = small_cvae(prior=prior)
        history = train(model, image_data(), seed=seed)
        return history.test_elbo, torch.cat([p.detach().flatten() for p in model.parameters()])

    (first, weights), (again, same), (other, different) = map(trained, (0, 0, 1))
    assert first == again and torch.equal(weights, same)
    assert first != other and not torch.equal(weights, different)


def test_training_learns_what_the_label_says():
    """Eight pictures, one for each label: nothing is left for z to say."""
    x = (torch.rand(C, *SHAPE, generator=generator()) > 0.5).float()
    model, y = small_cvae(), torch.arange(C)
    train(model, (x.repeat(50, 1, 1), y.repeat(50)), epochs=30, batch_size=50, learning_rate=0.02)
    terms = model.elbo(x, y, generator=generator())
    assert terms.rec.min() > -0.5 and terms.kl.max() < 0.5
    assert torch.equal(model.generate(y, generator=generator()).round(), x)


# No latents at all: the regressor


def small_regressor(kind="bernoulli", seed=1):
    """8-5-6, its weights tripled."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Regressor(SHAPE, C, hidden=(5,), **KINDS[kind])
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter *= 3
        if kind == "learned":
            model.pixels.position.fill_(0.5)
    return model


@each_kind
@each_rows
def test_a_regressor_s_bound_is_the_log_density_itself(kind, rows):
    model, x, y = small_regressor(kind), pictures(kind), numbers(rows)
    law = pixel_law(model, y)
    terms = model.elbo(x, y)
    assert terms.elbo.shape == terms.kl.shape == (B,)
    assert_close(terms.elbo.double(), law.log_prob(x.double()).sum(-1), **SHORT)
    assert torch.equal(terms.rec, terms.elbo)
    assert torch.equal(terms.kl, torch.zeros(B))
    other = model.elbo(x, y, eps=randn(K, B, L), generator=generator(), beta=3.0)
    assert_same(other, terms)


def test_a_regressor_s_probabilities_sum_to_one():
    """Over all 64 pictures of six pixels, given one y."""
    model, y = small_regressor(), numbers()
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * D)
    for row in y:
        total = model.elbo(every, row[None]).elbo.exp().sum()
        assert total.item() == pytest.approx(1, abs=1e-5)


@each_kind
def test_a_regressor_has_one_guess_for_each_y(kind):
    model, y = small_regressor(kind), numbers()
    law = pixel_law(model, y)
    assert_close(model.decode(y).double(), law.logits if kind == "bernoulli" else law.mean, **SHORT)
    made = model.generate(y)
    assert_close(made.double(), law.mean.reshape(B, *SHAPE), **SHORT)
    assert torch.equal(made, model.mean_x(y)) and torch.equal(made, model.generate(y))
    assert model.mean_x(y).requires_grad
    assert not made.requires_grad and not model.sample_x(y).requires_grad
    assert torch.pdist(made.flatten(1)).min() > 0.01


@each_kind
def test_a_regressor_s_draws_have_the_mean_and_the_noise_of_their_pixels(kind):
    model, y, n = small_regressor(kind), numbers(1), 100_000
    mean = pixel_law(model, y).mean.reshape(SHAPE).detach()
    before = torch.get_rng_state()
    x = model.sample_x(y.expand(n, C), generator=generator())
    assert torch.equal(x, model.sample_x(y.expand(n, C), generator=generator()))
    assert torch.equal(torch.get_rng_state(), before)
    if kind == "bernoulli":
        assert set(x.unique().tolist()) == {0.0, 1.0}
        variance = mean * (1 - mean)
    else:
        variance = model.pixels.sigma.detach().double().square().expand(SHAPE)
    squares = (x.double() - mean) ** 2
    assert lies_near(x.double(), mean) and lies_near(squares, variance)
    pair = (x.double() - mean)[:, 0, 0] * (x.double() - mean)[:, 1, 2]
    assert lies_near(pair, 0.0)  # every pixel for itself


@each_kind
def test_a_regressor_takes_the_same_conditions(kind):
    model, x = small_regressor(kind), pictures(kind)

    def said(y):
        return [*model.elbo(x, y), model.decode(y), model.generate(y)]

    rows = functional.one_hot(LABELS, C)
    for y in (LABELS, LABELS.byte(), rows, rows.bool(), rows.double()):
        assert_same(said(y), said(rows.float()))
    grey = torch.rand(B, 2, 4, generator=generator(9))
    assert_same(said(grey), said(grey.flatten(1)))
    one, each = model.elbo(x, LABELS[:1]), model.elbo(x, LABELS[:1].expand(B))
    assert_close(tuple(one), tuple(each), rtol=1e-5, atol=1e-5)


@each_kind
def test_a_regressor_s_gradients_types_and_words(kind, float64_by_default):
    model, x = small_regressor(kind), pictures(kind)
    terms = model.elbo(x.double(), numbers().double())
    assert {n.dtype for n in (*terms, model.generate(LABELS))} == {torch.float32}
    terms.elbo.mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.abs().max() > 0, name
    counted = sum(parameter.numel() for parameter in model.parameters())
    likelihood = KINDS[kind]["likelihood"]
    assert repr(model) == f"Regressor(8-5-6, {likelihood}, {counted} parameters)"
    deep = Regressor(SHAPE, C, (7, 3))
    assert repr(deep).startswith("Regressor(8-3-7-6, bernoulli")  # hidden in reverse, as a decoder
    assert model.double().elbo(x, LABELS).elbo.dtype == torch.float64


@pytest.mark.parametrize("condition", ["labels", "pictures"])
def test_fit_trains_a_regressor(condition):
    data = image_data()
    y = torch.rand(24, 2, 4, generator=generator(1)) if condition == "pictures" else None
    given = data if y is None else (data.train.images, y)

    def trained(seed):
        model = small_regressor()
        history = train(model, given, seed=seed)
        assert history.kl == [0.0, 0.0]
        assert len(history.test_elbo) == (2 if y is None else 0)
        return torch.cat([p.detach().flatten() for p in model.parameters()])

    first = trained(0)
    assert torch.equal(first, trained(0))
    assert not torch.equal(first, trained(1))
    start = torch.cat([p.detach().flatten() for p in small_regressor().parameters()])
    assert (first - start).abs().max() > 1e-3


def test_a_regressor_learns_the_mean_of_the_pictures_that_fit():
    """Two pictures for one label: it answers with both, grey where they differ."""
    pair = (torch.rand(2, *SHAPE, generator=generator()) > 0.5).float()
    model = small_regressor()
    labels = torch.zeros(100, dtype=torch.int64)
    train(model, (pair.repeat(50, 1, 1), labels), epochs=200, batch_size=100, learning_rate=0.05)
    assert_close(model.generate(labels[:1])[0], pair.mean(0), rtol=0, atol=0.02)
    assert (pair.mean(0) == 0.5).any()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: Regressor(SHAPE, 0), "condition_dim should be a whole number of at least 1"),
        (lambda m: Regressor(28, C), "image_shape should be a tuple of sizes, but 28 came"),
        (lambda m: Regressor(SHAPE, C, 400), r"hidden should be a tuple .* try \(400,\)"),
        (lambda m: Regressor(SHAPE, C, likelihood="normal"), "no likelihood called 'normal'"),
        (lambda m: m.elbo(ONES, torch.tensor([0, 1, 2, 8])), "labels from 0 to 8 came"),
        (lambda m: m.elbo(ONES, LABELS.float()), NEITHER + r"torch.float32 of shape \(4,\)"),
        (lambda m: m.elbo(ONES, numbers(3)), "4 rows, one for each x, .* but 3 came"),
        (lambda m: m.elbo(ONES, torch.full((B, C), math.nan)), "y should be finite"),
        (lambda m: m.elbo(torch.ones(B, 3, 2), LABELS), r"x should be pictures of \(2, 3\)"),
        (lambda m: m.elbo(2 * ONES, LABELS), r"pixels in \[0, 1\]"),
        (lambda m: m.generate(torch.zeros(C)), r"a row of its own \(y\[None\]\)"),
        (lambda m: m.generate(torch.zeros(B, C, dtype=torch.uint8)), "but bytes came"),
        (lambda m: m.sample_x([3]), "y should be a torch tensor, but a list came"),
    ],
)
def test_a_regressor_refuses_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call(small_regressor())


@pytest.mark.parametrize("batch", [5, 50])
@each_prior
def test_naive_monte_carlo_takes_chunks_of_one_size(prior, batch):
    """Also where each y has a prior of its own, and every draw so meets one picture alone."""
    model, x = CVAE((8, 8), L, C, prior, hidden=(16,)), torch.zeros(batch, 64)
    with Largest() as seen:
        estimators.naive_monte_carlo(model.given(torch.arange(batch) % C), x, 20_000)
    assert seen.size <= estimators.CHUNK
