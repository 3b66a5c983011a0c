"""`fit`: what it computes, and that it does the same again."""

import random

import numpy as np
import pytest
import torch
from fit_fixtures import CPU, Plain, Recorder, assert_equal_weights, grey, tiny_vae, train
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
    _, test = _batches.make_batches(model, digits, binarize=True, device=CPU)
    before, *_ = training._test(model, test)
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
    sets = _batches.make_batches(model, images, binarize=True, device=CPU)
    fit(model, images, epochs=1, seed=5, batch_size=3, learning_rate=0.01, progress=False)
    history = train(model, images, epochs=1, learning_rate=1e-30, seed=7)
    assert history.test_elbo == [training._test(model, sets[1])[0]]


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
