"""The networks of each model, and the condition as they take it."""

import math

import pytest
import torch
from model_cases import assert_same, black_or_white, everything, of
from model_sizes import KINDS, LABELS, SHAPE, SHORT, B, C, D, K, L, numbers, randn
from routes import generator
from torch import nn
from torch.nn import functional
from torch.nn.utils import parameters_to_vector
from torch.testing import assert_close
from vae_fixtures import beside, heads, pictures, pixel_law, prior_by_hand, small_vae

from course_utils.densities import DiagonalNormal
from course_utils.models import VAE, Autoencoder, Regressor
from course_utils.models._likelihoods import SIGMA_RANGE

# The networks


def test_the_encoder_sees_x_and_y(model, x, y):
    q = model.encode(x, *y)
    assert isinstance(q, DiagonalNormal)
    assert_close((q.mu.double(), q.log_var.double()), heads(model, x, *y), **SHORT)
    others = [model.encode(x.flip(0), *y)] + [model.encode(x, rows.flip(0)) for rows in y]
    for other in others:
        assert (q.mu - other.mu).abs().amax(1).min() > 1e-3
        assert (q.log_var - other.log_var).abs().amax(1).min() > 1e-3


@of.all_with_a_density
def test_the_decoder_gives_the_pixels_their_law(case, kind, model, y):
    inputs = *case.latents(2 * randn(B, L)), *y
    law, decoded = pixel_law(model, beside(*inputs)), model.decode(*inputs)
    assert_close(decoded.double(), law.logits if kind == "bernoulli" else law.mean, **SHORT)
    assert_close(model.mean_x(*inputs).double(), law.mean.reshape(B, *SHAPE), **SHORT)
    for flipped in inputs:
        other = [part.flip(0) if part is flipped else part for part in inputs]
        assert (decoded - model.decode(*other)).abs().max() > 0.1


@of.vae
def test_heads_are_linear_and_far_latents_reach_black_and_white(model):
    for head in model.encoder(10 * randn(500, D)).chunk(2, dim=-1):
        assert head.min() < 0 < head.max()  # an activation on either would leave out one sign
    far = model.mean_x(50 * randn(100, L))
    assert 0 <= far.min() < 0.1
    assert 0.9 < far.max() <= 1


@of.cvaes
@black_or_white
def test_the_prior_sees_y(case, model, y):
    p, by_hand = model.prior_given(*y), prior_by_hand(model, *y)
    assert isinstance(p, DiagonalNormal)
    assert_close(p.mu.double(), by_hand.mean, **SHORT)
    assert_close(p.log_var.double(), 2 * by_hand.stddev.log(), **SHORT)
    if case.prior == "learned":
        assert p.mu.std(0).min() > 0.1 and p.log_var.std(0).min() > 0.1
        assert p.mu.min() < 0 < p.mu.max() and p.log_var.min() < 0 < p.log_var.max()


@of.any_rows
@pytest.mark.parametrize("lead", [(), (1,), (B,), (K, 1), (K, B)])
def test_latents_of_any_shape_are_decoded(case, model, y, lead):
    """Every picture as if it were decoded alone."""
    z = randn(*lead, L)
    shape = (*lead[:-1], *((B,) if case.rows > 1 else lead[-1:]))
    decoded = model.decode(z, *y)
    assert decoded.shape == (*shape, D)
    assert model.mean_x(z, *y).shape == (*shape, *SHAPE)
    assert model.sample_x(z, *y, generator=generator()).shape == (*shape, *SHAPE)
    each = [z.expand(*shape, L).reshape(-1, 1, L)]
    each += [(rows.expand(*shape, C) if shape else rows).reshape(-1, 1, C) for rows in y]
    alone = [model.decode(*one)[0] for one in zip(*each, strict=True)]
    assert_close(decoded.reshape(-1, D), torch.stack(alone), rtol=1e-5, atol=1e-5)


@of.all
@pytest.mark.parametrize("hidden", [(), (7,), (7, 5, 3)])
def test_layers_and_repr(case, kind, x, y, hidden):
    """The decoder has the encoder's layers in reverse."""
    model, c = case.network(SHAPE, *case.sizes.values(), hidden, **KINDS[kind]), C * len(y)
    expected = {"encoder": (D + c, *hidden), "decoder": (L + c, *reversed(hidden))}
    n_heads, layers = (1 if case.network is Autoencoder else 2), (D, *hidden, L)
    ending = f" given {C}" if c else ""
    if case.prior == "learned":
        expected["prior_network"] = (C, *hidden)
        ending += ", learned prior"
    if case.network is Regressor:
        layers, ending = (C, *reversed(hidden), D), ""
        expected = {"decoder": layers[:-1]}
    networks = {name.split(".")[0] for name, _ in model.named_parameters()}
    assert networks - {"pixels"} == set(expected)
    for name, sizes in expected.items():
        linear = [layer for layer in getattr(model, name) if isinstance(layer, nn.Linear)]
        assert tuple(layer.in_features for layer in linear) == sizes
        assert linear[-1].out_features == (D if name == "decoder" else n_heads * L)
    counted = sum(parameter.numel() for parameter in model.parameters())
    name, sizes = case.network.__name__, "-".join(map(str, layers)) + ending
    assert repr(model) == f"{name}({sizes}, {KINDS[kind]['likelihood']}, {counted} parameters)"
    assert model.elbo(x, *y).elbo.shape == (B,)


@of.cvaes
@black_or_white
def test_what_is_left_given_y_names_its_rows(model):
    assert repr(model.given(LABELS)) == f"{model!r} with y of 4 rows"
    assert repr(model.given(LABELS[:1])) == f"{model!r} with y of 1 row"


@of.all
def test_the_seed_of_torch_decides_where_a_model_begins(case):
    def start(seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = case.network(SHAPE, **case.sizes)
        return parameters_to_vector(model.parameters())

    assert torch.equal(start(0), start(0))
    assert (start(0) != start(1)).all()


@of.all
def test_a_state_dict_carries_the_whole_model(case, kind, x, y):
    first, second = case.small(kind, seed=0), case.small(kind, seed=1)
    if kind == "learned":
        nn.init.constant_(second.pixels.position, -1)

    def bound(model):
        return model.elbo(x, *y, eps=randn(B, L)).elbo

    assert (bound(first) != bound(second)).all()
    second.load_state_dict(first.state_dict())
    assert torch.equal(bound(first), bound(second))
    assert ("pixels.position" in first.state_dict()) == (kind == "learned")


# The variances


@pytest.mark.parametrize("position", [-math.inf, -1e4, -30.0, -1.0, 0.0, 1.0, 30.0, 1e4, math.inf])
def test_a_learned_sigma_stays_in_its_range(position):
    model = small_vae("learned")
    nn.init.constant_(model.pixels.position, position)
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
        nn.init.constant_(model.pixels.position, math.log(share / (1 - share)) + shift)
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


@of.all_with_y
def test_a_condition_may_be_of_any_type_and_shape(model, x):
    """Labels are one-hot rows, pictures are flattened."""
    rows = functional.one_hot(LABELS, C)
    expected = everything(model, x, rows.float())
    for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64):
        assert_same(everything(model, x, LABELS.to(dtype)), expected)
    for dtype in (torch.int64, torch.bool, torch.float64):
        assert_same(everything(model, x, rows.to(dtype)), expected)
    grey = torch.rand(B, C, generator=generator(9))
    expected = everything(model, x, grey)
    for shape in ((2, 4), (4, 2), (1, 8)):
        assert_same(everything(model, x, grey.reshape(B, *shape)), expected)


@of.cvaes
@black_or_white
def test_a_number_alone_is_a_label(model):
    label, z = torch.tensor(3), randn(1, L)
    assert torch.equal(model.decode(z, label), model.decode(z, LABELS[:1]))
    assert torch.equal(model.generate(label, z), model.generate(LABELS[:1], z))
    assert model.generate(label, generator=generator()).shape == (1, *SHAPE)


@of.cvaes
def test_y_of_one_row_holds_for_all(model, x):
    one, each = (everything(model, x, numbers(1).expand(n, C)) for n in (1, B))
    assert_close(one, each, rtol=1e-5, atol=1e-5)
