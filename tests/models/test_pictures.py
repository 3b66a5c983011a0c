"""Pictures and draws of all models, the type of their numbers, and `fit`."""

import copy
import math

import pytest
import torch
from fit_fixtures import train
from model_cases import assert_same, black_or_white, everything, given, of
from model_sizes import LABELS, SHAPE, SHORT, B, C, D, K, L, numbers, randn
from routes import generator, lies_near
from torch.nn import functional
from torch.nn.utils import parameters_to_vector
from torch.testing import assert_close
from vae_fixtures import beside, elbo_by_hand, pictures, pixel_law, prior_by_hand

from course_utils.data import ImageData
from course_utils.models import Regressor

GREY = torch.rand(40, *SHAPE, generator=generator(), dtype=torch.float32)
IMAGES = ImageData(GREY, torch.arange(40) % C, n_train=24)

# Pictures and draws


def test_generation_needs_no_encoder(model, y):
    del model.encoder
    made = model.generate(*(y or (B,)), generator=generator())
    law = prior_by_hand(model, *y)
    z = law.mean + law.stddev * randn(B, L).double()
    expected = pixel_law(model, beside(z, *y)).mean.reshape(B, *SHAPE)
    assert_close(made.double(), expected, **SHORT)
    assert made.shape == model.sample_x(z, *y).shape == (B, *SHAPE)
    assert all(model.generate(numbers, z).shape == (B, *SHAPE) for numbers in y)
    assert not torch.equal(made, model.generate(*(y or (B,)), generator=generator(1)))


@of.vae
def test_a_vae_draws_as_many_as_it_is_asked_for(model):
    made = model.generate(7, generator=generator())
    assert made.shape == (7, *SHAPE)
    assert torch.equal(made, model.mean_x(model.sample_prior(7, generator=generator())))


@of.cvaes
@black_or_white
def test_a_fresh_style_for_each_picture(model):
    """The same y four times: four pictures."""
    made = model.generate(torch.full((B,), 3), generator=generator())
    assert torch.pdist(made.flatten(1)).min() > 0.01


@of.cvaes
@black_or_white
@pytest.mark.parametrize("rows", [1, B])
def test_one_style_for_all_pictures(model, rows):
    z, y = randn(L), numbers(rows)
    made = model.generate(y, z)
    assert made.shape == (rows, *SHAPE)
    alone = torch.stack([model.generate(row[None], z[None])[0] for row in y])
    for other in (model.generate(y, z[None]), model.generate(y, z.expand(rows, L)), alone):
        assert_close(made, other, rtol=1e-5, atol=1e-6)
    if rows > 1:
        assert torch.pdist(made.flatten(1)).min() > 0.01  # the digit changes, the style does not


@of.fixed
@black_or_white
def test_many_styles_of_one_condition(model):
    z = randn(7, L)
    made = model.generate(LABELS[:1], z)
    assert torch.equal(made, model.generate(LABELS[:1].expand(7), z))
    assert made.shape == (7, *SHAPE)


@of.all_with_a_density
def test_draws_of_x_have_the_mean_and_the_noise_of_their_pixels(case, kind, model, y):
    n = 100_000
    seen = [*case.latents(randn(1, L)), *(rows[:1] for rows in y)]
    mean = pixel_law(model, torch.cat(seen, dim=1)).mean.reshape(SHAPE).detach()
    before, inputs = torch.get_rng_state(), [part.expand(n, -1) for part in seen]
    x, again = (model.sample_x(*inputs, generator=generator()).double() for _ in range(2))
    assert torch.equal(x, again) and torch.equal(torch.get_rng_state(), before)
    if kind == "bernoulli":
        assert set(x.unique().tolist()) == {0.0, 1.0}
        variance = mean * (1 - mean)
    else:
        assert (x < 0).any() and (x > 1).any()  # noise is not cut at the ends
        variance = model.pixels.sigma.detach().double().square().expand(SHAPE)
    off = x - mean
    assert lies_near(x, mean)
    assert lies_near(off**2, variance)
    assert lies_near(off[:, 0, 0] * off[:, 1, 2], 0.0)  # given z and y, pixels are independent


@of.all_with_latents
def test_a_reconstruction_is_the_same_every_time(model, x, y):
    first = model.reconstruct(x, *y)
    torch.rand(3)  # the global generator moves on
    assert torch.equal(model.reconstruct(x, *y), first)
    code = model.encode(x, *y)
    assert torch.equal(first, model.mean_x(getattr(code, "mu", code), *y))
    assert first.shape == (B, *SHAPE)


@of.without_noise
def test_without_noise_the_bound_is_the_log_density_itself(model, x, y):
    """Of the pixels given the code, or given y; there is no KL, and nothing to weigh or draw."""
    seen, terms = y[0] if y else model.encode(x).detach(), model.elbo(x, *y)
    assert terms.elbo.shape == terms.kl.shape == (B,)
    if not y:
        assert seen.shape == (B, L)
    law = pixel_law(model, seen)
    assert_close(terms.elbo.double(), law.log_prob(x.double()).sum(-1), **SHORT)
    assert torch.equal(terms.rec, terms.elbo)
    assert torch.equal(terms.kl, torch.zeros(B))
    assert_same(model.elbo(x, *y, eps=randn(K, B, L), generator=generator(), beta=3.0), terms)


@of.regressor
@black_or_white
def test_a_regressor_s_probabilities_sum_to_one(model):
    """Over all 64 pictures of six pixels, given one y."""
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * D)
    for row in numbers():
        total = model.elbo(every, row[None]).elbo.exp().sum()
        assert total.item() == pytest.approx(1, abs=1e-5)


@of.regressor
def test_a_regressor_has_one_guess_for_each_y(model, y):
    made = model.generate(*y)
    assert torch.equal(made, model.mean_x(*y)) and torch.equal(made, model.generate(*y))
    assert model.mean_x(*y).requires_grad
    assert not made.requires_grad and not model.sample_x(*y).requires_grad
    assert torch.pdist(made.flatten(1)).min() > 0.01


# Types


@of.all_with_a_density
def test_pictures_come_flat_or_not_and_of_any_type(case, model):
    x, y = pictures("bernoulli"), (LABELS,) * bool(case.rows)
    expected = everything(model, x, *y)
    for other in (x.reshape(B, *SHAPE), x.double(), x.bool(), (255 * x).byte()):
        assert_same(everything(model, other, *y), expected)


@of.all
def test_a_model_is_float32_whatever_the_default(case, kind, x, y, set_default_dtype):
    set_default_dtype(torch.float64)
    model, double = case.small(kind), [part.double() for part in (x, *y)]
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    got = [*everything(model, *double), *everything(model, x, *y), *model.elbo(*double)]
    if case.rows:
        got += [*everything(model, x, LABELS), model.generate(LABELS)]
    if case.network is not Regressor:
        got += [model.generate(*(y or (2,))), given(model, *y).sample_prior(2)]
    assert {number.dtype for number in got} == {torch.float32}
    model.elbo(x, *y).elbo.mean().backward()


def test_the_default_type_is_as_it_was():
    """Guards the test above: the fixture puts things back."""
    assert torch.get_default_dtype() == torch.float32


@of.all_with_a_density
def test_a_model_made_double_takes_data_of_any_type(case, model, x, y):
    model, eps = model.double(), randn(K, B, L)
    for rows in (LABELS, numbers(), numbers().double()) if case.rows else ():
        assert {number.dtype for number in everything(model, x, rows)} == {torch.float64}
    if case.network is not Regressor:
        exact = elbo_by_hand(model, x, eps, *y)
        assert_close(tuple(model.elbo(x, *y, eps=eps)), tuple(exact))


# Training by `fit`


@of.all_with_y
def test_fit_trains_it_on_labels(case, kind, model):
    before = copy.deepcopy(model.state_dict())
    history = train(model, IMAGES, binarize=kind == "bernoulli")
    assert len(history) == len(history.test_elbo) == 2
    assert all(map(math.isfinite, [*history.elbo, *history.test_elbo]))
    assert (history.kl == [0.0, 0.0]) == (case.network is Regressor)
    changed = model.state_dict()
    for name in dict(model.named_parameters()):
        assert not torch.equal(changed[name], before[name]), name


def trained(case, data, **options):
    """A history, and the weights in a row."""
    model = case.small()
    history = train(model, data, **options)
    return history, parameters_to_vector(model.parameters()).detach()


@of.all_with_y
def test_conditions_beside_the_images_train_as_well(case):
    """Labels of the images, or the same as rows; and pictures, flat or not."""
    grey = torch.rand(40, 2, 4, generator=generator(1))
    rows = functional.one_hot(IMAGES.train.labels, C).float()
    _, weights = trained(case, IMAGES)
    history, same = trained(case, (IMAGES.train.images, rows))
    assert history.test_elbo == [] and torch.equal(weights, same)
    runs = [trained(case, (IMAGES.images, y)) for y in (grey, grey.flatten(1), grey.flip(0))]
    assert [len(history) for history, _ in runs] == [2, 2, 2]
    one, same, other = (weights for _, weights in runs)
    assert torch.equal(one, same)
    assert (one - other).abs().max() > 1e-4


@of.all_with_y
def test_the_same_seed_trains_to_the_same_weights(case):
    runs = [trained(case, IMAGES, seed=seed) for seed in (0, 0, 1)]
    (one, weights), (again, same), (other, different) = runs
    assert one.test_elbo == again.test_elbo and torch.equal(weights, same)
    assert one.test_elbo != other.test_elbo and not torch.equal(weights, different)


@of.fixed
@black_or_white
def test_training_learns_what_the_label_says(model):
    """Eight pictures, one for each label: nothing is left for z to say."""
    x, y = (torch.rand(C, *SHAPE, generator=generator()) > 0.5).float(), torch.arange(C)
    train(model, (x.repeat(50, 1, 1), y.repeat(50)), epochs=30, batch_size=50, learning_rate=0.02)
    terms = model.elbo(x, y, generator=generator())
    assert terms.rec.min() > -0.5 and terms.kl.max() < 0.5
    assert torch.equal(model.generate(y, generator=generator()).round(), x)


@of.regressor
@black_or_white
def test_a_regressor_learns_the_mean_of_the_pictures_that_fit(model):
    """Two pictures for one label: it answers with both, grey where they differ."""
    pair = (torch.rand(2, *SHAPE, generator=generator()) > 0.5).float()
    labels = torch.zeros(100, dtype=torch.int64)
    train(model, (pair.repeat(50, 1, 1), labels), epochs=200, batch_size=100, learning_rate=0.05)
    assert_close(model.generate(labels[:1])[0], pair.mean(0), rtol=0, atol=0.02)
    assert (pair.mean(0) == 0.5).any()
