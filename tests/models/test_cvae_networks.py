"""The conditional VAE's networks, and the condition as they take it."""

import pytest
import torch
from cvae_fixtures import (
    LABELS,
    C,
    assert_same,
    beside,
    each_prior,
    each_rows,
    everything,
    numbers,
    prior_by_hand,
    small_cvae,
)
from routes import generator
from torch import nn
from torch.nn import functional
from torch.testing import assert_close
from vae_fixtures import SHAPE, SHORT, B, D, K, L, each_kind, heads, pictures, pixel_law, randn

from course_utils.densities import DiagonalNormal
from course_utils.models import CVAE

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


WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)

# The condition


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
