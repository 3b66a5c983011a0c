"""The networks of VAE, autoencoder and CVAE, the condition as they take it, and types."""

import math

import pytest
import torch
from cvae_fixtures import (
    LABELS,
    C,
    assert_same,
    each_prior,
    everything,
    numbers,
    prior_by_hand,
    small_cvae,
)
from routes import generator
from torch import nn
from torch.nn import functional
from torch.nn.utils import parameters_to_vector
from torch.testing import assert_close
from vae_fixtures import (
    SHAPE,
    SHORT,
    B,
    D,
    K,
    L,
    each_kind,
    heads,
    pictures,
    pixel_law,
    randn,
    small_vae,
)

from course_utils.densities import DiagonalNormal
from course_utils.models import VAE
from course_utils.models._likelihoods import SIGMA_RANGE

# The networks


@each_kind
def test_the_encoder_sees_x_and_y(case, kind):
    model, x = case.small(kind), pictures(kind)
    q, (mu, log_var) = model.encode(x, *case.y), heads(model, case.seen(x))
    assert isinstance(q, DiagonalNormal)
    assert_close((q.mu.double(), q.log_var.double()), (mu, log_var), **SHORT)
    others = [model.encode(x.flip(0), *case.y)] + [model.encode(x, y.flip(0)) for y in case.y]
    for other in others:
        assert (q.mu - other.mu).abs().amax(1).min() > 1e-3
        assert (q.log_var - other.log_var).abs().amax(1).min() > 1e-3


@each_kind
def test_the_encoder_s_heads_are_linear_in_the_last_layer(kind):
    for head in small_vae(kind).encode(10 * randn(500, D)):
        assert head.min() < 0 < head.max()  # an activation on either would leave out one sign


@each_kind
def test_the_decoder_gives_the_pixels_their_law(case, kind):
    model, z = case.small(kind), 2 * randn(B, L)
    law = pixel_law(model, case.seen(z))
    expected = law.logits if kind == "bernoulli" else law.mean
    decoded = model.decode(z, *case.y)
    assert_close(decoded.double(), expected, **SHORT)
    assert_close(model.mean_x(z, *case.y).double(), law.mean.reshape(B, *SHAPE), **SHORT)
    others = [model.decode(z.flip(0), *case.y)] + [model.decode(z, y.flip(0)) for y in case.y]
    assert all((decoded - other).abs().max() > 0.1 for other in others)


@each_kind
def test_far_latents_reach_black_and_white(kind):
    far = small_vae(kind).mean_x(50 * randn(100, L))
    assert 0 <= far.min() < 0.1
    assert 0.9 < far.max() <= 1


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
@pytest.mark.parametrize("lead", [(), (1,), (B,), (K, 1), (K, B)])
def test_latents_of_any_shape_are_decoded(case_of_rows, kind, lead):
    """Every picture as if it were decoded alone."""
    case = case_of_rows
    model, z = case.small(kind), randn(*lead, L)
    one_row = (B,) if case.prior and case.rows > 1 else lead[-1:]
    shape = (*lead[:-1], *one_row)
    decoded = model.decode(z, *case.y)
    assert decoded.shape == (*shape, D)
    assert model.mean_x(z, *case.y).shape == (*shape, *SHAPE)
    assert model.sample_x(z, *case.y, generator=generator()).shape == (*shape, *SHAPE)
    each = [z.expand(*shape, L).reshape(-1, 1, L)]
    each += [(y.expand(*shape, C) if shape else y).reshape(-1, 1, C) for y in case.y]
    alone = [model.decode(*one)[0] for one in zip(*each, strict=True)]
    assert_close(decoded.reshape(-1, D), torch.stack(alone), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("hidden", [(), (7,), (7, 5, 3)])
def test_layers_and_repr(case, hidden):
    """The decoder has the encoder's layers in reverse."""
    given, ending = ((C, case.prior), f" given {C}") if case.prior else ((), "")
    model, c = case.network(SHAPE, L, *given, hidden), C * bool(given)
    expected = {"encoder": (D + c, *hidden), "decoder": (L + c, *reversed(hidden))}
    if case.prior == "learned":
        expected["prior_network"] = (C, *hidden)
        ending += ", learned prior"
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == set(expected)
    for name, sizes in expected.items():
        linear = [layer for layer in getattr(model, name) if isinstance(layer, nn.Linear)]
        assert tuple(layer.in_features for layer in linear) == sizes
        assert linear[-1].out_features == (D if name == "decoder" else 2 * L)
    counted = sum(parameter.numel() for parameter in model.parameters())
    layers, kind = "-".join(map(str, (D, *hidden, L))), case.network.__name__
    assert repr(model) == f"{kind}({layers}{ending}, bernoulli, {counted} parameters)"
    assert model.elbo(pictures("bernoulli"), *case.y).elbo.shape == (B,)


@each_prior
def test_what_is_left_given_y_names_its_rows(prior):
    model = small_cvae(prior=prior)
    assert repr(model.given(LABELS)) == f"{model!r} with y of 4 rows"
    assert repr(model.given(LABELS[:1])) == f"{model!r} with y of 1 row"


def test_the_seed_of_torch_decides_where_a_model_begins(any_case):
    given = (C, any_case.prior) if any_case.prior else ()

    def start(seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = any_case.network(SHAPE, L, *given)
        return parameters_to_vector(model.parameters())

    assert torch.equal(start(0), start(0))
    assert (start(0) != start(1)).all()


@each_kind
def test_a_state_dict_carries_the_whole_model(any_case, kind):
    first, second = any_case.small(kind, seed=0), any_case.small(kind, seed=1)
    if kind == "learned":
        with torch.no_grad():
            second.pixels.position.fill_(-1)

    def bound(model):
        return model.elbo(pictures(kind), *any_case.y, eps=randn(B, L)).elbo

    assert (bound(first) != bound(second)).all()
    second.load_state_dict(first.state_dict())
    assert torch.equal(bound(first), bound(second))
    assert ("pixels.position" in first.state_dict()) == (kind == "learned")


# The variances


@pytest.mark.parametrize("position", [-math.inf, -1e4, -30.0, -1.0, 0.0, 1.0, 30.0, 1e4, math.inf])
def test_a_learned_sigma_stays_in_its_range(position):
    model = small_vae("learned")
    with torch.no_grad():
        model.pixels.position.fill_(position)
    low, high = SIGMA_RANGE
    sigma = model.pixels.sigma.item()
    assert low * (1 - 1e-6) <= sigma <= high * (1 + 1e-6)
    share = 1 / (1 + math.exp(-max(-700.0, min(position, 700.0))))
    assert sigma == pytest.approx(low * (high / low) ** share, rel=1e-5)
    assert model.elbo(pictures("learned")).elbo.isfinite().all()


def test_a_learned_sigma_rests_at_the_error_it_sees():
    """d rec / d sigma = 0 where sigma^2 is the mean squared error of a pixel, and only there."""
    model, x, z = small_vae("learned"), pictures("learned"), randn(B, L)
    rms = (x - model.decode(z)).square().mean().sqrt().item()
    low, high = map(math.log, SIGMA_RANGE)
    share = (math.log(rms) - low) / (high - low)

    def slope(shift):
        with torch.no_grad():
            model.pixels.position.fill_(math.log(share / (1 - share)) + shift)
        rec = model.log_likelihood(x, z).sum()
        return torch.autograd.grad(rec, model.pixels.position)[0].item()

    assert slope(-0.5) > 1
    assert abs(slope(0.0)) < 1e-3
    assert slope(0.5) < -1


def test_weights_bring_their_fixed_sigma_along():
    fixed = {"hidden": (), "likelihood": "gaussian"}
    source, other = (VAE((2, 3), 2, **fixed, sigma=sigma) for sigma in (0.3, 0.9))
    other.load_state_dict(source.state_dict())
    assert other.pixels.sigma.item() == pytest.approx(0.3, rel=1e-6)


# The condition

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
