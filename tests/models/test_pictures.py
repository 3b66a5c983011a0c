"""Pictures and draws of VAE, autoencoder and CVAE, the type of their numbers, and `fit`."""

import copy
import math

import pytest
import torch
from cvae_fixtures import (
    LABELS,
    C,
    assert_same,
    each_prior,
    each_rows,
    everything,
    image_data,
    numbers,
    small_cvae,
    train,
)
from routes import generator, lies_near
from torch.nn import functional
from torch.nn.utils import parameters_to_vector
from torch.testing import assert_close
from vae_fixtures import (
    SHAPE,
    SHORT,
    B,
    K,
    L,
    NotToBeUsed,
    each_kind,
    pictures,
    pixel_law,
    randn,
    small_vae,
)

from course_utils.models import VAE, Autoencoder

# Pictures and draws


@each_kind
def test_generation_needs_no_encoder(case, kind):
    model = case.small(kind)
    model.encoder = NotToBeUsed()
    with pytest.raises(AssertionError, match="the encoder was asked"):
        model.encode(pictures(kind), *case.y)
    made = model.generate(*case.asked(B), generator=generator())
    law = case.prior_by_hand(model)
    z = law.mean + law.stddev * randn(B, L).double()
    expected = pixel_law(model, case.seen(z)).mean.reshape(B, *SHAPE)
    assert_close(made.double(), expected, **SHORT)
    assert made.shape == model.sample_x(z, *case.y).shape == (B, *SHAPE)
    assert all(model.generate(y, z).shape == (B, *SHAPE) for y in case.y)
    assert not torch.equal(made, model.generate(*case.asked(B), generator=generator(1)))


@each_kind
def test_a_vae_draws_as_many_as_it_is_asked_for(kind):
    model = small_vae(kind)
    made = model.generate(7, generator=generator())
    assert made.shape == (7, *SHAPE)
    assert torch.equal(made, model.mean_x(model.sample_prior(7, generator=generator())))


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
def test_draws_of_x_have_the_mean_and_the_noise_of_their_pixels(case, kind):
    model, n = case.small(kind), 100_000
    z, y = randn(1, L), [y[:1] for y in case.y]
    seen = torch.cat([z, *y], dim=1)
    mean = pixel_law(model, seen).mean.reshape(SHAPE).detach()
    x = model.sample_x(z.expand(n, L), *y, generator=generator()).double()
    if kind == "bernoulli":
        assert set(x.unique().tolist()) == {0.0, 1.0}
        variance = mean * (1 - mean)
    else:
        assert (x < 0).any() and (x > 1).any()  # noise is not cut at the ends
        variance = model.pixels.sigma.detach().double().square().expand(SHAPE)
    off = x - mean
    assert lies_near(x, mean)
    assert lies_near(off**2, variance)
    assert lies_near(off[:, 0, 0] * off[:, 1, 2], 0.0)  # given z, pixels are independent


@each_kind
def test_a_reconstruction_is_the_same_every_time(any_case, kind):
    model, x, y = any_case.small(kind), pictures(kind), any_case.y
    first = model.reconstruct(x, *y)
    torch.rand(3)  # the global generator moves on
    assert torch.equal(model.reconstruct(x, *y), first)
    code = model.encode(x, *y)
    assert torch.equal(first, model.mean_x(getattr(code, "mu", code), *y))
    assert first.shape == (B, *SHAPE)


# The autoencoder


@each_kind
def test_an_autoencoder_has_no_noise_and_no_kl(kind):
    model, x = small_vae(kind, network=Autoencoder), pictures(kind)
    terms = model.elbo(x, generator=generator(0))
    assert torch.equal(terms.kl, torch.zeros(B))
    assert torch.equal(terms.elbo, terms.rec)
    assert torch.equal(terms.rec, model.elbo(x, generator=generator(1), beta=3.0).elbo)
    code = model.encode(x)
    assert code.shape == (B, L)
    law = pixel_law(model, code.detach())
    assert_close(terms.rec.double(), law.log_prob(x.double()).sum(-1), **SHORT)


def test_an_autoencoder_has_one_output_a_latent():
    vae, plain = VAE(SHAPE, L, (5,)), Autoencoder(SHAPE, L, (5,))
    assert (vae.encoder[-1].out_features, plain.encoder[-1].out_features) == (2 * L, L)
    assert repr(plain) == f"Autoencoder(6-5-2, bernoulli, {35 + 12 + 15 + 36} parameters)"


# Types


@each_kind
def test_pictures_come_flat_or_not_and_of_any_type(case, kind):
    model, x, y = case.small(kind), pictures("bernoulli"), (LABELS,) * bool(case.prior)
    expected = case.everything(model, x, *y)
    for other in (x.reshape(B, *SHAPE), x.double(), x.bool(), x.byte()):
        assert_same(case.everything(model, other, *y), expected)


@each_kind
def test_a_model_is_float32_whatever_the_default(any_case, kind, float64_by_default):
    model, x, y = any_case.small(kind), pictures(kind), any_case.y
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    double = (x.double(), *(part.double() for part in y))
    got = [*any_case.everything(model, *double), *any_case.everything(model, x, *y)]
    got += [*model.elbo(*double), model.generate(*any_case.asked(2))]
    got += [any_case.given(model).sample_prior(2)]
    if any_case.prior:
        got += [*everything(model, x, LABELS), model.generate(LABELS)]
    assert {number.dtype for number in got} == {torch.float32}
    model.elbo(x, *y).elbo.mean().backward()


def test_the_default_type_is_as_it_was():
    """Guards the test above: the fixture puts things back."""
    assert torch.get_default_dtype() == torch.float32


@each_kind
def test_a_model_made_double_takes_data_of_any_type(case, kind):
    model, x, eps = case.small(kind).double(), pictures(kind), randn(K, B, L)
    for y in (LABELS, numbers(), numbers().double()) if case.prior else ():
        assert {number.dtype for number in everything(model, x, y)} == {torch.float64}
    exact = case.elbo_by_hand(model, x, eps)
    assert_close(tuple(model.elbo(x, *case.y, eps=eps)), tuple(exact))


# Training by `fit`


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
    flat = [parameters_to_vector(model.parameters()).detach() for model in models]
    assert torch.equal(flat[0], flat[1])
    assert (flat[0] - flat[2]).abs().max() > 1e-4


@each_prior
def test_the_same_seed_trains_to_the_same_weights(prior):
    def trained(seed):
        model = small_cvae(prior=prior)
        history = train(model, image_data(), seed=seed)
        return history.test_elbo, parameters_to_vector(model.parameters()).detach()

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
