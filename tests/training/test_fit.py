"""`fit`: what it computes, what it gives a model, and that it does the same again."""

import math
import random

import numpy as np
import pytest
import torch
from fit_fixtures import (
    CPU,
    Plain,
    Recorder,
    assert_equal_weights,
    grey,
    tiny_vae,
    train,
    trained,
    weights_of,
)
from gates import gate
from routes import generator

from course_utils.data import ImageData, load
from course_utils.densities import log_bernoulli
from course_utils.models import VAE
from course_utils.training import _batches, fit
from course_utils.training import _fit as training


def pixels():
    """Independent pixels, one logit each."""
    logits = torch.linspace(-1, 1, 16, dtype=torch.float64)
    return Plain(logits, lambda logits, x: log_bernoulli(x, logits))


def test_it_is_gradient_ascent_on_the_mean_elbo_by_adam():
    """A model without noise and whole batches, so that no random number matters."""
    x, mine, course = grey(), pixels(), pixels()
    adam = torch.optim.Adam(mine.parameters(), lr=0.05)
    for _ in range(30):
        loss = -mine.elbo(x.double()).elbo.mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    history = train(course, x, epochs=30, batch_size=99, learning_rate=0.05, binarize=False)
    torch.testing.assert_close(course.weight, mine.weight, rtol=1e-9, atol=1e-9)
    assert history.elbo[-1] == pytest.approx(-loss.item(), rel=1e-9)


def test_training_reaches_the_known_optimum_of_independent_pixels():
    """The best p of each pixel is the mean of its grey values; a random walk around it remains."""
    x, model = grey(400), pixels()
    for rate, epochs in ((0.1, 30), (0.001, 60)):
        train(model, x, batch_size=100, learning_rate=rate, epochs=epochs)
    mean = x.flatten(1).double().mean(0)
    std_error = (mean * (1 - mean) / 400).sqrt()  # of one epoch's own binarised pixels
    errors = (model.weight.sigmoid() - mean).abs() / std_error
    gate("farthest pixel [standard errors]", errors.max().item(), below=5)


def test_a_vae_learns_real_digits():
    torch.manual_seed(0)
    model, digits = VAE((8, 8), 2, (128,)), load("digits")
    (before,) = train(model, digits, epochs=1, learning_rate=1e-30).test_elbo
    history = fit(model, digits, epochs=5, batch_size=64, learning_rate=3e-3, progress=False)
    assert before < -44  # as good as 64 throws of a coin: -64 log 2 = -44.4
    gate("test ELBO", history.test_elbo[-1], above=-28)  # two seeds of a plain loop reach -26.3
    assert history.elbo[-1] == pytest.approx(history.rec[-1] - history.kl[-1], abs=1e-4)


def test_averages_are_over_images_also_where_the_last_batch_is_small():
    x = grey(7)
    history = train(Recorder(), x, epochs=1, batch_size=3, learning_rate=1e-30, binarize=False)
    rec = -x.flatten(1).sum(1).mean().item() - 1
    assert history.rec[0] == pytest.approx(rec, rel=1e-6)
    assert (history.kl[0], history.elbo[0]) == (1, pytest.approx(rec - 1, rel=1e-6))


def test_the_test_elbo_is_of_the_weights_after_the_epoch_and_fixed_pixels_and_noise(model, images):
    history = train(model, images, epochs=3, learning_rate=1e-30)
    assert history.test_elbo[0] == history.test_elbo[1] == history.test_elbo[2]
    assert history.elbo[0] != history.elbo[1]
    moved = train(model, images, epochs=1, seed=5, batch_size=3, learning_rate=0.01)
    still = train(model, images, epochs=1, seed=7, learning_rate=1e-30)
    assert still.test_elbo == moved.test_elbo != history.test_elbo[:1]


def test_the_test_elbo_agrees_with_a_long_average_over_pixels_and_noise(model):
    x = grey(600)
    images = ImageData(x, torch.zeros(600, dtype=torch.int64), n_train=100)
    history = train(model, images, epochs=1)
    test = [images.test.binarized(generator=generator(i)).images for i in range(40)]
    elbos = [model.elbo(x, generator=generator(i)).elbo for i, x in enumerate(test, start=99)]
    draws = torch.stack(elbos).detach().double()
    std_error = (draws.var(0).sum().sqrt() / 500).item()  # of one draw for each of 500 images
    error = abs(history.test_elbo[0] - draws.mean().item())
    gate("error [standard errors]", error / std_error, below=5)


def test_the_seed_decides_everything(images):
    models, seeds = [tiny_vae() for _ in range(3)], (3, 3, 4)
    runs = [train(model, images, seed=seed) for model, seed in zip(models, seeds, strict=True)]
    assert_equal_weights(*models[:2])
    assert runs[0].elbo == runs[1].elbo and runs[0].test_elbo == runs[1].test_elbo
    assert not torch.equal(*(next(model.parameters()) for model in models[1:]))


def test_no_random_state_but_its_own_is_touched(model, images):
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    expected = torch.rand(1), np.random.rand(), random.random()
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    train(model, images)
    assert (torch.rand(1), np.random.rand(), random.random()) == expected


def test_the_noise_is_not_what_the_weights_began_as():
    """A learner gives torch.manual_seed and fit the same seed."""
    torch.manual_seed(0)
    start = torch.randn(100)
    _, noise = training._make_random_states(0, CPU)
    assert not torch.isin(torch.randn(100, generator=noise), start).any()


def test_the_default_dtype_does_not_matter(model, images, set_default_dtype):
    plain = tiny_vae()
    history = train(plain, images)
    set_default_dtype(torch.float64)
    again = train(model, images)
    assert_equal_weights(model, plain)
    assert again.elbo == history.elbo and again.test_elbo == history.test_elbo


def test_every_image_comes_once_an_epoch_in_an_order_of_its_own():
    model, x = Recorder(), torch.arange(1.0, 12).div(11).repeat(4, 1).T.contiguous()
    train(model, x, epochs=3, batch_size=4, binarize=False)
    batches = [given[:, 0] for given, _ in model.given(training=True)]
    assert [len(batch) for batch in batches] == [4, 4, 3] * 3
    epochs = [torch.cat(batches[i : i + 3]) for i in (0, 3, 6)]
    assert all(torch.equal(epoch.sort().values, x[:, 0]) for epoch in epochs)
    assert len({tuple(epoch.tolist()) for epoch in [x[:, 0], *epochs]}) == 4


def test_pixels_are_drawn_anew_each_time_for_training_and_never_for_testing(images):
    model = Recorder()
    train(model, images, epochs=2, batch_size=99)
    first, second = (x.flatten().sort().values for x, _ in model.given(training=True))
    assert set(first.tolist()) == set(second.tolist()) == {0.0, 1.0}
    assert first.sum() != second.sum()
    tests = [x for x, _ in model.given(training=False)]
    assert len(tests) == 2 and torch.equal(*tests) and set(tests[0].unique().tolist()) == {0, 1}


@pytest.mark.parametrize("kind", ["bytes", "floats"])
def test_a_pixel_is_1_with_probability_its_grey_value(kind):
    """v / 255, not v / 256: at 255 it is always 1; at 0 never."""
    values = torch.arange(256, dtype=torch.uint8).repeat(40, 1)
    x = values if kind == "bytes" else values.float() / 255
    batches = _batches.Batches(x, None, None, True, CPU, torch.float32)
    draws, index, n = np.random.default_rng(0), torch.arange(40), 40 * 1000
    ones = sum(batches.take(index, draws)[0].double().sum(0) for _ in range(1000))
    p = torch.arange(256, dtype=torch.float64) / 255
    assert ones[0] == 0 and ones[255] == n
    std_error = (p * (1 - p) / n).sqrt()
    assert ((ones / n - p).abs() <= 5 * std_error).all()
    # All levels together tell 255 from 256, whose sum of probabilities is half a pixel smaller.
    assert abs(ones.sum() / n - p.sum()) < 5 * std_error.square().sum().sqrt() < 0.2


def test_pixels_of_a_row_do_not_depend_on_each_other():
    batches = _batches.Batches(torch.full((1000, 6), 0.5), None, None, True, CPU, torch.float32)
    pixels = batches.take(torch.arange(1000), np.random.default_rng(0))[0].double()
    correlation = torch.corrcoef(torch.cat([pixels, pixels.roll(1, 0)], dim=1).T)
    off_diagonal = correlation - torch.eye(12, dtype=torch.float64)
    assert off_diagonal.abs().max() < 5 / math.sqrt(1000)


def first_batch(data, condition_dim=None, **options):
    """x and y as a model is given them, all in one batch."""
    model = Recorder(condition_dim)
    train(model, data, epochs=1, batch_size=99, **options)
    return model.seen[0][1:]


@pytest.mark.parametrize(
    ("x", "binarize"),
    [(grey(3), False), ((grey(3) * 255).to(torch.uint8), False), (grey(40).round(), True)],
    ids=["grey", "bytes", "black and white"],
)
def test_values_go_in_as_they_are_unless_they_are_grey_and_binarised(x, binarize):
    came, _ = first_batch(x, binarize=binarize)
    expected = x.float() / 255 if x.dtype == torch.uint8 else x
    assert came.dtype == torch.float32 and came.shape == x.shape
    assert sorted(came.flatten(1).tolist()) == sorted(expected.flatten(1).tolist())


def test_labels_become_one_hot_rows_for_a_model_with_a_condition(images):
    model = Recorder(condition_dim=4)
    train(model, images, epochs=1, binarize=False)
    rows = {tuple(x.flatten().tolist()): label for x, label in zip(*images, strict=True)}
    given = [*model.given(training=True), *model.given(training=False)]
    assert sum(len(x) for x, _ in given) == 20
    for x, y in given:
        assert y.dtype == torch.float32 and y.shape == (len(x), 4)
        assert y.sum(1).tolist() == [1] * len(x)
        assert y.argmax(1).tolist() == [rows[tuple(row.flatten().tolist())] for row in x]


def test_a_model_without_a_condition_is_never_given_labels(images):
    model = Recorder()
    train(model, images, epochs=1)
    assert {y for _, _, y in model.seen} == {None}


LABELS, HALVES = torch.arange(20) % 2, (grey()[:, :2] * 255).to(torch.uint8)
CONDITIONS = {  # what comes as y, to a model of which condition_dim, and what that is given
    "whole": (LABELS, 2, torch.eye(2)[LABELS]),
    "bytes": (LABELS.to(torch.uint8), 2, torch.eye(2)[LABELS]),
    "bools": (LABELS.to(torch.bool), 2, torch.eye(2)[LABELS]),
    "of a model that names no classes": (torch.arange(20), None, torch.arange(20)),
    "pictures": (HALVES, 8, HALVES.float() / 255),
}


@pytest.mark.parametrize(("y", "condition_dim", "expected"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_of_any_type_and_only_x_is_binarised(y, condition_dim, expected):
    seen_x, seen_y = first_batch((grey(), y), condition_dim)
    assert set(seen_x.unique().tolist()) == {0, 1}
    assert (seen_y.dtype, seen_y.shape) == (expected.dtype, expected.shape)
    assert sorted(seen_y.tolist()) == sorted(expected.tolist())


def test_x_and_y_stay_together_when_shuffled():
    x, model = grey(), Recorder(condition_dim=16)
    train(model, (x, x.clone()), epochs=2, binarize=False)
    assert all(torch.equal(given, y) for _, given, y in model.seen)
    assert not torch.equal(model.seen[0][1], x[:5])


def test_batches_come_in_the_type_of_the_weights():
    model = Recorder(condition_dim=3).double()
    train(model, (grey(), torch.arange(20) % 3), epochs=1)
    assert model.seen[0][1].dtype == model.seen[0][2].dtype == torch.float64


def test_a_set_without_parts_has_no_test(model, images):
    history = train(model, images.train)
    assert len(history.elbo) == 2
    assert history.test_elbo == history.test_rec == history.test_kl == []


def test_a_model_trains_in_training_mode_and_is_left_ready_for_use(images):
    model = Recorder().eval()
    train(model, images, callbacks=[lambda model, _: model.seen.append((model.training, 0, 0))])
    assert [mode for mode, _, _ in model.seen] == [True, True, True, False, False] * 2
    assert not model.training and model.weight.grad is None


def test_it_trains_inside_no_grad_too(model):
    before = weights_of(model)
    with torch.no_grad():
        train(model)
    assert not torch.equal(before[0], weights_of(model)[0])


def test_frozen_weights_stay(model):
    model.decoder.requires_grad_(False)
    before = weights_of(model)
    train(model)
    changed = [not torch.equal(*pair) for pair in zip(before, weights_of(model), strict=True)]
    assert changed == [name.startswith("encoder") for name, _ in model.named_parameters()]


def test_where_a_device_has_no_fused_adam_the_plain_one_serves(model, monkeypatch):
    fused, adam = weights_of(trained()), torch.optim.Adam

    def refuses(weights, fused=False):
        if fused:
            raise RuntimeError("`fused=True` requires all the params to be of supported devices")
        return adam(weights)

    monkeypatch.setattr(torch.optim, "Adam", refuses)
    train(model)
    torch.testing.assert_close(weights_of(model), fused, rtol=1e-4, atol=1e-6)
