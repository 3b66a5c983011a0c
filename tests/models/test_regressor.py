"""No latents at all: the regressor, each number a second way, and what it refuses."""

import math

import pytest
import torch
from cvae_fixtures import LABELS, NEITHER, C, assert_same, each_rows, image_data, numbers, train
from routes import generator, lies_near
from torch.nn import functional
from torch.nn.utils import parameters_to_vector
from torch.testing import assert_close
from vae_fixtures import (
    KINDS,
    ONES,
    SHAPE,
    SHORT,
    B,
    D,
    K,
    L,
    each_kind,
    pictures,
    pixel_law,
    randn,
)

from course_utils.models import Regressor


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
        return parameters_to_vector(model.parameters()).detach()

    first = trained(0)
    assert torch.equal(first, trained(0))
    assert not torch.equal(first, trained(1))
    start = parameters_to_vector(small_regressor().parameters())
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
