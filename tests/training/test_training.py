"""`fit`: what it trains on, that it repeats itself, goes on, stops well, and says what is wrong."""

import copy
import math
import random
import signal
import time
import warnings

import numpy as np
import pytest
import torch
from gates import gate
from torch import nn

from course_utils.data import ImageData, load
from course_utils.densities import ElboTerms, log_bernoulli
from course_utils.models import VAE, Autoencoder
from course_utils.training import History, _batches, _history, fit
from course_utils.training import _fit as training
from course_utils.training import _options as _fit_options

CPU = torch.device("cpu")


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def grey(n=20, side=4):
    return torch.rand(n, side, side, generator=generator(), dtype=torch.float32)


def image_data(n=20, n_train=14):
    labels = torch.arange(n) % 3
    return ImageData(grey(n), labels, n_train=n_train)


def tiny_vae(seed=0, **kwargs):
    torch.manual_seed(seed)
    return VAE((4, 4), latent_dim=2, hidden=(8,), **kwargs)


def weights_of(model):
    return [weight.detach().clone() for weight in model.parameters()]


def assert_equal_weights(model, weights):
    assert all(map(torch.equal, weights_of(model), weights))


def train(model, x=None, **kwargs):
    """`fit` in short: 5 images a batch, no bar."""
    options = {"epochs": 2, "batch_size": 5, "progress": False} | kwargs
    return fit(model, grey() if x is None else x, **options)


class Pixels(nn.Module):
    """No latent at all: independent pixels, one logit each."""

    def __init__(self, n_pixels=16, dtype=torch.float64):
        super().__init__()
        self.logits = nn.Parameter(torch.linspace(-1, 1, n_pixels, dtype=dtype))

    def elbo(self, x, *, generator=None):
        rec = log_bernoulli(x.flatten(1), self.logits)
        return ElboTerms(rec, rec, torch.zeros_like(rec))


class Recorder(nn.Module):
    """Notes what it is given and whether it is in training mode."""

    def __init__(self, condition_dim=None):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(1.0))
        self.seen = []
        if condition_dim is not None:
            self.condition_dim = condition_dim

    def elbo(self, x, y=None, *, generator=None):
        self.seen.append((self.training, x, y))
        rec = -self.weight.square() + x.flatten(1).sum(1)
        return ElboTerms(rec - 1, rec, torch.ones_like(rec))

    def given(self, training):
        return [(x, y) for mode, x, y in self.seen if mode == training]


class Troubled(VAE):
    """A VAE to which something happens at one of its calls, counted from 1."""

    def __init__(self, at, what):
        torch.manual_seed(0)
        super().__init__((4, 4), latent_dim=2, hidden=(8,))
        self.at, self.what, self.calls = at, what, 0

    def elbo(self, x, **kwargs):
        self.calls += 1
        terms = super().elbo(x, **kwargs)
        return self.what(self, terms) if self.calls == self.at else terms


def interrupt(*_):
    raise KeyboardInterrupt


# --- what it computes ----------------------------------------------------------------------


def test_it_is_gradient_ascent_on_the_mean_elbo_by_adam():
    """A model without noise and whole batches, so that no random number matters."""
    x, mine, course = grey(), Pixels(), Pixels()
    adam = torch.optim.Adam(mine.parameters(), lr=0.05)
    for _ in range(30):
        loss = -mine.elbo(x.double()).elbo.mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    history = train(course, x, epochs=30, batch_size=99, learning_rate=0.05, binarize=False)
    torch.testing.assert_close(course.logits, mine.logits, rtol=1e-9, atol=1e-9)
    assert history.elbo[-1] == pytest.approx(-loss.item(), rel=1e-9)


def test_training_reaches_the_known_optimum_of_independent_pixels():
    """The best p of each pixel is the mean of its grey values; a random walk around it remains."""
    x = grey(400)
    model = Pixels()
    for rate, epochs in ((0.1, 30), (0.001, 60)):
        train(model, x, batch_size=100, learning_rate=rate, epochs=epochs)
    mean = x.flatten(1).double().mean(0)
    std_error = (mean * (1 - mean) / 400).sqrt()  # of one epoch's own binarised pixels
    errors = (model.logits.sigmoid() - mean).abs() / std_error
    gate("farthest pixel [standard errors]", errors.max().item(), below=5)


def test_a_vae_learns_real_digits():
    torch.manual_seed(0)
    model, digits = VAE((8, 8), 2, (128,)), load("digits")
    before = training._test(
        model, _batches.make_batches(model, digits, binarize=True, device=CPU)[1]
    )
    history = fit(model, digits, epochs=5, batch_size=64, learning_rate=3e-3, progress=False)
    assert before[0] < -44  # as good as 64 throws of a coin: -64 log 2 = -44.4
    gate("test ELBO", history.test_elbo[-1], above=-28)  # two seeds of a plain loop reach -26.3
    assert history.elbo[-1] == pytest.approx(history.rec[-1] - history.kl[-1], abs=1e-4)


def test_averages_are_over_images_also_where_the_last_batch_is_small():
    x = grey(7)
    history = train(Recorder(), x, epochs=1, batch_size=3, learning_rate=1e-30, binarize=False)
    rec = x.flatten(1).sum(1).mean().item() - 1
    assert history.rec[0] == pytest.approx(rec, rel=1e-6)
    assert (history.kl[0], history.elbo[0]) == (1, pytest.approx(rec - 1, rel=1e-6))


def test_the_test_elbo_is_of_the_weights_after_the_epoch_and_of_fixed_pixels_and_noise():
    model, images = tiny_vae(), image_data()
    history = train(model, images, epochs=3, learning_rate=1e-30)
    assert history.test_elbo[0] == history.test_elbo[1] == history.test_elbo[2]
    assert history.elbo[0] != history.elbo[1]
    sets = _batches.make_batches(model, images, binarize=True, device=CPU)
    fit(model, images, epochs=1, seed=5, batch_size=3, learning_rate=0.01, progress=False)
    assert train(model, images, epochs=1, learning_rate=1e-30, seed=7).test_elbo == [
        training._test(model, sets[1])[0]
    ]


def test_the_test_elbo_agrees_with_a_long_average_over_pixels_and_noise():
    model, x = tiny_vae(), grey(600)
    images = ImageData(x, torch.zeros(600, dtype=torch.int64), n_train=100)
    history = train(model, images, epochs=1)
    draws = (
        torch.stack(
            [
                model.elbo(
                    images.test.binarized(generator=generator(i)).images,
                    generator=generator(i + 99),
                ).elbo
                for i in range(40)
            ]
        )
        .detach()
        .double()
    )
    std_error = (draws.var(0).sum().sqrt() / 500).item()  # of one draw for each of 500 images
    error = abs(history.test_elbo[0] - draws.mean().item())
    gate("error [standard errors]", error / std_error, below=5)


# --- what the model is given ---------------------------------------------------------------


def test_every_image_comes_once_an_epoch_in_an_order_of_its_own():
    model, x = Recorder(), torch.arange(1.0, 12).div(11).repeat(4, 1).T.contiguous()
    train(model, x, epochs=3, batch_size=4, binarize=False)
    batches = [given[:, 0] for given, _ in model.given(training=True)]
    assert [len(batch) for batch in batches] == [4, 4, 3] * 3
    epochs = [torch.cat(batches[i : i + 3]) for i in (0, 3, 6)]
    assert all(torch.equal(epoch.sort().values, x[:, 0]) for epoch in epochs)
    assert len({tuple(epoch.tolist()) for epoch in [x[:, 0], *epochs]}) == 4


def test_pixels_are_drawn_anew_each_time_for_training_and_never_for_testing():
    model, images = Recorder(), image_data()
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


def test_without_binarising_values_go_in_as_they_are():
    for x in (grey(3), (grey(3) * 255).to(torch.uint8)):
        model = Recorder()
        train(model, x, epochs=1, binarize=False)
        expected = x.float() / 255 if x.dtype == torch.uint8 else x
        came = model.seen[0][1]
        assert came.dtype == torch.float32 and came.shape == x.shape
        assert sorted(came.flatten(1).tolist()) == sorted(expected.flatten(1).tolist())


def test_pixels_of_0_and_1_stay_what_they_are():
    x, model = grey(40).round(), Recorder()
    train(model, x, epochs=1, batch_size=99)
    order = {tuple(row.flatten().tolist()) for row in x}
    assert {tuple(row.flatten().tolist()) for row in model.seen[0][1]} == order


def test_labels_become_one_hot_rows_for_a_model_with_a_condition():
    model, images = Recorder(condition_dim=4), image_data()
    train(model, images, epochs=1, binarize=False)
    rows = {tuple(x.flatten().tolist()): label for x, label in zip(*images, strict=True)}
    given = [*model.given(training=True), *model.given(training=False)]
    assert sum(len(x) for x, _ in given) == 20
    for x, y in given:
        assert y.dtype == torch.float32 and y.shape == (len(x), 4)
        assert y.sum(1).tolist() == [1] * len(x)
        assert y.argmax(1).tolist() == [rows[tuple(row.flatten().tolist())] for row in x]


def test_a_model_without_a_condition_is_never_given_labels():
    model = Recorder()
    train(model, image_data(), epochs=1)
    assert {y for _, _, y in model.seen} == {None}


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool])
def test_labels_beside_x_may_be_of_any_whole_type(dtype):
    model, labels = Recorder(condition_dim=2), torch.arange(20) % 2
    train(model, (grey(), labels.to(dtype)), epochs=1, batch_size=99)
    assert model.seen[0][2].shape == (20, 2) and model.seen[0][2].sum(0).tolist() == [10, 10]


def test_only_x_is_binarised_when_the_condition_is_a_picture():
    x, model = grey(), Recorder(condition_dim=8)
    halves = (x[:, :2] * 255).to(torch.uint8)
    train(model, (x, halves), epochs=1, batch_size=99)
    _, seen_x, seen_y = model.seen[0]
    assert set(seen_x.unique().tolist()) == {0, 1} and seen_y.shape == (20, 2, 4)
    mine = (halves.float() / 255).flatten(1)
    assert sorted(seen_y.flatten(1).tolist()) == sorted(mine.tolist())


def test_labels_stay_whole_numbers_for_a_model_that_names_no_classes():
    model, labels = Recorder(), torch.arange(20)
    train(model, (grey(), labels), epochs=1, batch_size=99)
    y = model.seen[0][2]
    assert y.dtype == torch.int64 and y.sort().values.tolist() == labels.tolist()


def test_x_and_y_stay_together_when_shuffled():
    x, model = grey(), Recorder(condition_dim=16)
    train(model, (x, x.clone()), epochs=2, binarize=False)
    assert all(torch.equal(given, y) for _, given, y in model.seen)
    assert not torch.equal(model.seen[0][1], x[:5])


def test_batches_come_in_the_type_of_the_weights():
    model = Recorder(condition_dim=3).double()
    train(model, (grey(), torch.arange(20) % 3), epochs=1)
    assert model.seen[0][1].dtype == model.seen[0][2].dtype == torch.float64


def test_a_set_without_parts_has_no_test():
    history = train(tiny_vae(), image_data().train)
    assert len(history.elbo) == 2
    assert history.test_elbo == history.test_rec == history.test_kl == []


def test_a_model_trains_in_training_mode_and_is_left_ready_for_use():
    model = Recorder()
    model.eval()
    train(
        model, image_data(), callbacks=[lambda model, _: model.seen.append((model.training, 0, 0))]
    )
    assert [mode for mode, _, _ in model.seen] == [True, True, True, False, False] * 2
    assert not model.training and model.weight.grad is None


def test_it_trains_inside_no_grad_too():
    model = tiny_vae()
    before = weights_of(model)
    with torch.no_grad():
        train(model)
    assert not torch.equal(before[0], weights_of(model)[0])


def test_frozen_weights_stay():
    model = tiny_vae()
    model.decoder.requires_grad_(False)
    before = weights_of(model)
    train(model)
    changed = [not torch.equal(*pair) for pair in zip(before, weights_of(model), strict=True)]
    assert changed == [name.startswith("encoder") for name, _ in model.named_parameters()]


def test_where_a_device_has_no_fused_adam_the_plain_one_serves(monkeypatch):
    fused, plain, adam = tiny_vae(), tiny_vae(), torch.optim.Adam

    def refuses(weights, fused=False):
        if fused:
            raise RuntimeError("`fused=True` requires all the params to be of supported devices")
        return adam(weights)

    train(fused)
    monkeypatch.setattr(torch.optim, "Adam", refuses)
    train(plain)
    torch.testing.assert_close(weights_of(plain), weights_of(fused), rtol=1e-4, atol=1e-6)


# --- the same again ------------------------------------------------------------------------


def test_the_seed_decides_everything():
    runs = []
    for start, seed in ((0, 3), (0, 3), (0, 4)):
        model = tiny_vae(start)
        history = train(model, image_data(), seed=seed)
        runs.append((weights_of(model), history.elbo, history.test_elbo))
    assert all(map(torch.equal, runs[0][0], runs[1][0])) and runs[0][1:] == runs[1][1:]
    assert not torch.equal(runs[0][0][0], runs[2][0][0])


def test_no_random_state_but_its_own_is_touched():
    model = tiny_vae()
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    expected = torch.rand(1), np.random.rand(), random.random()
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    train(model, image_data())
    assert (torch.rand(1), np.random.rand(), random.random()) == expected


def test_the_noise_is_not_what_the_weights_began_as():
    """A learner gives torch.manual_seed and fit the same seed."""
    torch.manual_seed(0)
    start = torch.randn(100)
    _, noise = training._make_random_states(0, CPU)
    assert not torch.isin(torch.randn(100, generator=noise), start).any()


def test_the_default_dtype_does_not_matter():
    plain, other = tiny_vae(), tiny_vae()
    history = train(plain, image_data())
    torch.set_default_dtype(torch.float64)
    try:
        again = train(other, image_data())
    finally:
        torch.set_default_dtype(torch.float32)
    assert_equal_weights(other, weights_of(plain))
    assert again.elbo == history.elbo and again.test_elbo == history.test_elbo


# --- going on ------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [(1, 3), (2, 2), (1, 1, 2)])
def test_calls_in_a_row_equal_one_long_call(parts):
    whole, pieces, images = tiny_vae(), tiny_vae(), image_data()
    expected = train(whole, images, epochs=4, learning_rate=0.01)
    history = None
    for epochs in parts:
        history = train(pieces, images, epochs=epochs, learning_rate=0.01, history=history)
    assert_equal_weights(pieces, weights_of(whole))
    assert history.epochs == expected.epochs == [1, 2, 3, 4]
    for name in ("elbo", "rec", "kl", "test_elbo", "test_rec", "test_kl"):
        assert getattr(history, name) == getattr(expected, name)


def test_going_on_keeps_the_make_random_states_whatever_the_seed_says():
    whole, pieces = tiny_vae(), tiny_vae()
    train(whole, epochs=4, seed=3)
    train(pieces, history=train(pieces, seed=3), seed=99)
    assert_equal_weights(pieces, weights_of(whole))


def test_without_the_history_adam_begins_anew():
    whole, pieces = tiny_vae(), tiny_vae()
    train(whole, epochs=4)
    for _ in range(2):
        train(pieces)
    assert not torch.equal(weights_of(whole)[0], weights_of(pieces)[0])


def test_the_learning_rate_is_that_of_the_call():
    model = tiny_vae()
    history = train(model, learning_rate=0.01)
    before = weights_of(model)
    train(model, learning_rate=1e-30, history=history)
    assert_equal_weights(model, before)


def test_a_history_is_extended_in_place_also_an_empty_one():
    model, mine = tiny_vae(), History()
    assert train(model, history=mine) is mine and len(mine) == 2
    assert train(model, history=mine) is mine and len(mine) == 4


def test_test_numbers_stay_beside_their_epochs():
    model, images = tiny_vae(), image_data()
    history = train(model, images.train, epochs=1)
    train(model, images, epochs=1, history=history)
    train(model, images.train, epochs=1, history=history)
    assert [math.isnan(value) for value in history.test_elbo] == [True, False, True]


def test_a_model_and_its_history_can_be_copied_together():
    model = tiny_vae()
    twin, twin_history = copy.deepcopy((model, train(model)))
    train(twin, history=twin_history)
    assert len(twin_history) == 4
    whole = tiny_vae()
    train(whole, epochs=4)
    assert_equal_weights(twin, weights_of(whole))


def test_a_history_of_another_model_is_refused():
    history = train(tiny_vae())
    with pytest.raises(ValueError, match=r"another model, of 340 .* one of 340 .* made anew"):
        train(tiny_vae(), history=history)
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=r"another model, of 340 .* one of 660 "):
        train(VAE((4, 4), 2, (16,)), history=history)
    with pytest.raises(ValueError, match="what fit handed back, but a list came"):
        train(tiny_vae(), history=[1, 2])


def test_a_model_whose_layers_were_replaced_is_another_model():
    model = tiny_vae()
    history = train(model)
    model.decoder = tiny_vae(1).decoder
    with pytest.raises(ValueError, match="another model"):
        train(model, history=history)


# --- Ctrl-C --------------------------------------------------------------------------------


def stop_after(epochs, how):
    def callback(model, history):
        if len(history) == epochs:
            how()

    return callback


@pytest.fixture
def ctrl_c():
    """Ctrl-C as a learner's Python hears it; one started in the background may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("how", [interrupt, lambda: signal.raise_signal(signal.SIGINT)])
def test_an_interrupt_between_epochs_keeps_them(how):
    model, whole = tiny_vae(), tiny_vae()
    history = train(model, image_data(), epochs=9, callbacks=[stop_after(2, how)])
    assert history.stopped == "interrupted after epoch 2"
    assert history.epochs == [1, 2] and len(history.test_elbo) == 2
    train(whole, image_data(), epochs=2)
    assert_equal_weights(model, weights_of(whole))
    assert not model.training


def test_an_interrupt_in_an_epoch_keeps_the_part_that_was_done():
    model = Troubled(7, interrupt)  # 4 batches an epoch
    history = train(model, epochs=9)
    assert history.stopped == "interrupted in epoch 2, batch 3 of 4"
    assert history.epochs == [1, 1.5] and len(history.elbo) == 2
    assert repr(history).startswith("History(1.5 epochs: ELBO -")
    assert repr(history).endswith(" train, stopped)")
    assert not model.training and torch.isfinite(model.generate(1)).all()


def test_an_interrupt_in_a_test_keeps_the_epoch_without_it():
    model = Troubled(8, interrupt)  # 3 batches and a test an epoch
    history = train(model, image_data(), epochs=9)
    assert history.stopped == "interrupted in epoch 2, during its test"
    assert history.epochs == [1, 2] and math.isfinite(history.elbo[1])
    assert math.isfinite(history.test_elbo[0]) and math.isnan(history.test_elbo[1])
    assert not model.training


@pytest.mark.parametrize("at", range(1, 9))
def test_after_an_interrupt_anywhere_it_goes_on(at):
    model = Troubled(at, interrupt)
    history = train(model, image_data(), epochs=2)
    n = len(history)
    assert n == {1: 0, 2: 1, 3: 1, 4: 1}.get(at, 1 + (at > 5))
    assert train(model, image_data(), epochs=2, history=history) is history
    assert len(history) == n + 2 and history.stopped is None
    assert history.epochs[-1] == pytest.approx(history.epochs[-3] + 2 if n else 2)
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


def test_an_interrupt_before_the_first_step_is_done_changes_nothing():
    model = Troubled(1, interrupt)
    before = weights_of(model)
    history = train(model)
    assert history.stopped == "interrupted in epoch 1, batch 1 of 4" and len(history) == 0
    assert repr(history) == "History(no epoch, stopped)"
    assert_equal_weights(model, before)


def test_an_interrupt_that_hits_adam_while_it_begins_does_no_harm(monkeypatch):
    """Its averages are made weight by weight; half of them would be an error at the next step."""
    model, zeros_like = tiny_vae(), torch.zeros_like
    calls = []

    def broken_off(*args, **kwargs):
        calls.append(args)
        return zeros_like(*args, **kwargs) if len(calls) != 4 else interrupt()

    with monkeypatch.context() as patch:
        patch.setattr(torch, "zeros_like", broken_off)
        patch.setattr("course_utils.models._vae.torch.zeros_like", broken_off)
        history = train(model)
    assert len(calls) == 4 and history.stopped == "interrupted in epoch 1, batch 1 of 4"
    train(model, history=history)
    assert len(history) == 2 and history.stopped is None


# --- NaN -----------------------------------------------------------------------------------


def poisoned(value):
    return lambda model, terms: ElboTerms(terms.elbo * value, *terms[1:])


def nan_gradient(model, terms):
    """A finite loss, whose gradient is NaN: 0 * inf in the derivative of the root at 0."""
    root = (model.decoder[0].weight[0, 0] * 0).sqrt() * 0
    return ElboTerms(terms.elbo + root, *terms[1:])


@pytest.mark.parametrize("value, said", [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "inf")])
def test_a_loss_that_is_no_number_ends_training_with_the_last_good_weights(value, said):
    model, whole = Troubled(11, poisoned(value)), tiny_vae()
    with pytest.warns(RuntimeWarning, match="epoch 3, batch 3 of 4") as warned:
        history = train(model, epochs=9)
    assert warned[0].filename == __file__  # where fit was called, not inside it
    assert history.stopped.startswith("stopped in epoch 3, batch 3 of 4: the loss is ")
    for word in (said, "learning rate", "0.001 here", "log_var", "before that epoch"):
        assert word in history.stopped
    assert history.epochs == [1, 2] and not model.training
    train(whole, epochs=2)
    assert_equal_weights(model, weights_of(whole))


@pytest.mark.parametrize("at", [1, 3, 4, 5, 8])
def test_a_gradient_that_is_nan_is_found_in_the_same_epoch(at):
    """At 4 and 8 it is the epoch's last step, after which no loss of the epoch could tell."""
    model, whole = Troubled(at, nan_gradient), tiny_vae()
    with pytest.warns(RuntimeWarning, match="NaN|nan"):
        history = train(model, epochs=3)
    assert len(history) == (at - 1) // 4
    if len(history):
        train(whole, epochs=len(history))
    assert_equal_weights(model, weights_of(whole))


@pytest.mark.parametrize("at", [2, 6])
def test_after_nan_it_goes_on_with_good_averages(at):
    model = Troubled(at, nan_gradient)
    with pytest.warns(RuntimeWarning):
        history = train(model, epochs=3)
    train(model, epochs=2, history=history)
    assert history.stopped is None and all(map(math.isfinite, history.elbo))
    state = history.run.optimizer.state.values()
    assert {float(entry["step"]) for entry in state} == {4.0 * (at // 4 + 2)}


@pytest.mark.filterwarnings("error")
def test_a_huge_learning_rate_is_named():
    torch.manual_seed(0)
    model = VAE((4, 4), 2, (8, 8, 8, 8))
    before = weights_of(model)
    with pytest.raises(RuntimeWarning):
        train(model, epochs=30, learning_rate=1e6)
    assert_equal_weights(model, before)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = train(model, epochs=30, learning_rate=1e6)
    assert "1e+06 here; try a tenth" in history.stopped
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


def test_numbers_that_the_model_itself_refuses_end_training_too():
    """A check inside a model raises before there is a loss."""
    model = tiny_vae()
    model.encoder[-1].weight.data.fill_(3e38)
    with pytest.warns(RuntimeWarning, match="batch 1 of 4: mu should be finite, but .* infinite"):
        history = train(model)
    assert len(history) == 0 and "mu should be finite, but" in history.stopped


def test_buffers_go_back_as_well():
    model = Troubled(6, poisoned(math.nan))
    model.register_buffer("calls_seen", torch.zeros(()))
    inner = model.elbo
    model.elbo = lambda x, **kwargs: (model.calls_seen.add_(1), inner(x, **kwargs))[1]
    with pytest.warns(RuntimeWarning):
        train(model)
    assert model.calls_seen.item() == 4


def test_an_infinite_test_elbo_is_recorded_and_no_reason_to_stop():
    model = Troubled(4, poisoned(math.inf))  # its first test
    history = train(model, image_data())
    assert history.test_elbo[0] == -math.inf and len(history) == 2 and history.stopped is None


# --- callbacks -----------------------------------------------------------------------------


def test_callbacks_are_called_after_each_epoch_with_its_numbers():
    seen, model = [], tiny_vae()

    def first(given, history):
        seen.append((given is model, len(history), len(history.test_elbo), given.training))

    train(model, image_data(), epochs=2, callbacks=[first, lambda *_: seen.append("second")])
    assert seen == [(True, 1, 1, False), "second", (True, 2, 2, False), "second"]


def test_what_a_callback_raises_comes_out_with_the_model_and_the_history_whole():
    model, mine = tiny_vae(), History()

    def fail(*_):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        train(model, history=mine, callbacks=[fail])
    assert len(mine) == 1 and not model.training
    assert train(model, epochs=1, history=mine).epochs == [1, 2]


def test_what_a_model_raises_comes_out_as_it_is():
    def fail(*_):
        raise ValueError("my own words")

    with pytest.raises(ValueError, match="^my own words$"):
        train(Troubled(6, fail))


# --- the history ---------------------------------------------------------------------------


def test_a_history_reads_the_same_every_time():
    digits = [repr(train(tiny_vae(), image_data(), epochs=n)) for n in (1, 2, 2)]
    assert digits[1] == digits[2] and digits[0].startswith("History(1 epoch: ELBO -")
    assert " train, -" in digits[1] and digits[1].endswith(" test)") and "\n" not in digits[1]


def test_the_seconds_are_those_of_the_epochs():
    start = time.perf_counter()
    history = train(tiny_vae(), epochs=2)
    assert 0 < history.seconds < time.perf_counter() - start


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_the_plot_keeps_rec_and_kl_apart():
    history = train(tiny_vae(), image_data(), epochs=3)
    upper, lower = history.plot()
    above, below = lines_of(upper), lines_of(lower)
    assert list(above) == ["−rec, train", "−rec, test", "−ELBO, train", "−ELBO, test"]
    assert list(below) == ["KL, train", "KL, test"]
    np.testing.assert_allclose(above["−rec, test"].get_ydata(), -np.array(history.test_rec))
    np.testing.assert_allclose(above["−ELBO, train"].get_ydata(), -np.array(history.elbo))
    np.testing.assert_allclose(below["KL, train"].get_ydata(), history.kl)
    assert list(below["KL, train"].get_xdata()) == [1, 2, 3]
    assert upper.get_ylabel() == "−rec, −ELBO [nats]" and lower.get_ylabel() == "KL [nats]"
    assert lower.get_xlabel() == "epoch" and upper.get_shared_x_axes().joined(upper, lower)
    styles = {label.split()[-1]: line.get_linestyle() for label, line in (above | below).items()}
    assert styles == {"train": "-", "test": "--"}
    looks = {(line.get_color(), line.get_linewidth()) for line in above.values()}
    assert len(looks) == 2 and len({width for _, width in looks}) == 2


def test_the_plot_of_one_epoch_shows_points_and_of_a_broken_one_what_there_is():
    upper, _ = train(tiny_vae(), image_data(), epochs=1).plot()
    assert {line.get_marker() for line in upper.get_lines()} == {"o"}
    model = Troubled(8, interrupt)
    broken = train(model, image_data(), epochs=9)
    upper, lower = broken.plot()
    assert list(lines_of(lower)["KL, train"].get_xdata()) == [1, 2]
    assert lines_of(upper)["−rec, test"].get_marker() == "o"


def test_the_plot_has_no_panel_for_a_kl_that_is_always_0():
    torch.manual_seed(0)
    axes = train(Autoencoder((4, 4), 2, (8,))).plot()
    assert len(axes) == 1 and list(lines_of(axes[0])) == ["−rec, train"]
    assert axes[0].get_ylabel() == "−rec [nats]" and axes[0].get_xlabel() == "epoch"


def test_the_plot_goes_into_axes_that_are_given():
    import matplotlib.pyplot as plt

    history = train(tiny_vae())
    axes = plt.subplots(2, 1)[1]
    assert history.plot(ax=axes) == tuple(axes) and len(axes[1].get_lines()) == 1
    with pytest.raises(ValueError, match=r"should be 2 Axes, .* but 1 came; try plt.subplots\(2"):
        history.plot(ax=plt.subplots()[1])
    with pytest.raises(ValueError, match="no epoch to draw yet"):
        History().plot()


# --- the bar -------------------------------------------------------------------------------


def test_one_bar_ends_with_the_numbers_of_the_last_epoch(capsys):
    history = train(tiny_vae(), epochs=3, progress=True)
    last = capsys.readouterr().err.split("\r")[-1]
    assert last.startswith("100%|") and last.endswith("\n") and last.count("\n") == 1
    assert "| 3/3 epochs [" in last
    numbers = f"elbo={history.elbo[-1]:.2f}, rec={history.rec[-1]:.2f}, kl={history.kl[-1]:.2f}"
    assert numbers in last
    assert train(tiny_vae()) and capsys.readouterr() == ("", "")


def test_many_short_epochs_are_not_drawn_one_by_one(capsys):
    start = time.perf_counter()
    train(tiny_vae(), epochs=300, batch_size=99, progress=True)
    drawn = capsys.readouterr().err.count("\r")
    assert drawn <= 8 + 7 * (time.perf_counter() - start)  # five times a second, and once a second


def test_a_long_epoch_shows_its_numbers_while_it_lasts(capsys, monkeypatch):
    clock = iter(range(10**6))
    monkeypatch.setattr(_history.time, "monotonic", lambda: 2 * next(clock))
    train(tiny_vae(), epochs=1, progress=True)
    assert capsys.readouterr().err.count(" 0/1 epochs [00:00<?], elbo=") >= 4


def test_an_interrupted_bar_stays_where_it_was(capsys):
    train(Troubled(7, interrupt), epochs=9, progress=True)
    assert "| 1/9 epochs [" in capsys.readouterr().err.split("\r")[-1]


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "option, value, words",
    [
        ("epochs", 0, "epochs should be a whole number of at least 1, but 0 came"),
        ("epochs", 2.0, "epochs should be a whole number"),
        ("batch_size", -1, "batch_size should be a whole number"),
        ("learning_rate", 0, "learning_rate should be a number above 0, but 0 came; 1e-3 suits"),
        ("learning_rate", math.nan, "learning_rate should be a number above 0"),
        ("learning_rate", math.inf, "learning_rate should be a number above 0"),
        ("learning_rate", "fast", "learning_rate should be a number above 0, but 'fast'"),
        ("seed", -1, "seed should be a whole number from 0 on, but -1 came"),
        ("seed", 1.5, "seed should be a whole number"),
        ("callbacks", print, r"a list of functions .* in brackets: \[f\]"),
        ("callbacks", [1], r"a list of functions of \(model, history\), but \[1\] came"),
        ("device", "gpu", r"there is no device 'gpu' here; there is: cpu"),
        ("device", "cpu:99", "there is no device 'cpu:99' here"),
        ("device", None, "there is no device 'None' here"),
    ],
)
def test_options_that_make_no_sense_are_refused(option, value, words):
    model = tiny_vae()
    before = weights_of(model)
    with pytest.raises(ValueError, match=words):
        train(model, **{option: value})
    assert_equal_weights(model, before)


def test_an_accelerator_that_is_absent_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: None)
    with pytest.raises(ValueError, match="no device 'cuda' here; there is: cpu. .* 'cpu' in min"):
        train(tiny_vae(), device="cuda")


def test_accelerators_that_are_there_are_listed_and_taken(monkeypatch):
    accelerator = lambda check_available: torch.device("cuda")  # noqa: E731
    monkeypatch.setattr(torch.accelerator, "current_accelerator", accelerator)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    assert _fit_options.find_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(ValueError, match="there is: cpu, cuda, cuda:0, cuda:1"):
        _fit_options.find_device("cuda:2")


def nan_image():
    x = grey()
    x[3, 2, 1] = math.nan
    return x


@pytest.mark.parametrize(
    "x, words",
    [
        (grey().numpy(), r"a tensor x or .* but a ndarray came; try torch.as_tensor\(data\)"),
        (
            torch.utils.data.DataLoader(torch.utils.data.TensorDataset(grey())),
            "a DataLoader came; .* takes the tensors behind a DataLoader",
        ),
        ("strokes", r"a str came; try load\(\"strokes\"\)"),
        ([grey(), grey()], "a list of 2 came"),
        ((grey(), grey(), grey()), "a tuple of 3 came"),
        (grey()[:0], "at least one example"),
        (grey()[0, 0], r"should be \(N, D\) or \(N, H, W\), but \(4,\) came"),
        (grey()[:, None], r"\(20, 1, 4, 4\) came; .* x.squeeze\(1\)"),
        (torch.rand(5, 3, 3), r"model's size, \(4, 4\) or \(16,\) in a row, but \(3, 3\) came"),
        (torch.rand(5, 2, 8), r"model's size, .* but \(2, 8\) came"),
        (torch.rand(5, 15), r"but \(15,\) came; was the model made for other data"),
        (grey() * 2, r"lie in \[0, 1\], but values from 0.* to 1.9"),
        (grey() - 0.5, r"lie in \[0, 1\], but values from -0.4"),
        (nan_image(), r"but values from nan to nan came; .* look for NaN"),
        (grey().mul(9).long(), "floats in .* or bytes .* but torch.int64 came"),
        (grey() > 0.5, "torch.bool came; try x.float"),
        ((grey() > 0.5).to(torch.uint8), "count from 0 to 255, but none is above 1; try x.float"),
        (grey().to("meta"), r"in main memory, but it is on meta; try x.cpu\(\)"),
        ((grey(), grey()), r"should have elbo\(x, y, \*, generator\), but .*too many"),
    ],
)
def test_data_that_make_no_sense_are_refused(x, words):
    model = tiny_vae()
    before = weights_of(model)
    with pytest.raises(ValueError, match=words):
        train(model, x)
    assert_equal_weights(model, before)


@pytest.mark.parametrize(
    "y, words",
    [
        (torch.arange(19), r"equally long, but 20 images came with y of shape \(19,\)"),
        (torch.tensor(1), r"equally long, but 20 images came with y of shape \(\)"),
        (torch.arange(20), "from 0 to 3, .* but labels from 0 to 19 came; .* condition_dim=20"),
        (torch.full((20,), -1), "from 0 to 3, .* but labels from -1 to -1 came"),
        (torch.ones(20), r"\(N,\) labels or 4 numbers .* torch.float32 .* try y.long\(\)"),
        (torch.ones(20, 5), r"labels or 4 numbers for each image, but .* \(20, 5\) came"),
        (torch.full((20, 4), math.nan), "y should be finite"),
        (torch.full((20, 4), math.inf), "y should be finite"),
        (np.arange(20), "y should be a torch tensor, but a ndarray came"),
        (torch.ones(20, 4, device="meta"), "y should be in main memory, but it is on meta"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(y, words):
    with pytest.raises(ValueError, match=words):
        train(Recorder(condition_dim=4), (grey(), y))


def test_a_condition_that_is_missing_is_asked_for():
    with pytest.raises(ValueError, match=r"a condition y of 4 numbers .* try fit\(model, \(x, y\)"):
        train(Recorder(condition_dim=4), grey())


class NoGenerator(Recorder):
    def elbo(self, x):
        raise AssertionError("never called")


class Summed(Recorder):
    def elbo(self, x, *, generator=None):
        return ElboTerms(*(term.mean() for term in super().elbo(x)))


@pytest.mark.parametrize(
    "model, words",
    [
        (VAE, "with a method elbo, but a type came; try VAE"),
        (nn.Linear(2, 2), "with a method elbo, but a Linear came"),
        (NoGenerator(), r"should have elbo\(x, \*, generator\), but .* 'generator'"),
        (Recorder().requires_grad_(False), "should have weights to train, .* nn.ModuleList"),
        (Summed(), r"elbo should be one number per image, \(5,\), but \(\) came; sum over"),
    ],
)
def test_models_that_cannot_be_trained_are_refused(model, words):
    with pytest.raises(ValueError, match=words):
        train(model)


def test_a_history_goes_on_where_it_began(monkeypatch):
    model = tiny_vae()
    history = train(model)
    monkeypatch.setattr(training, "find_device", lambda name: torch.device("meta"))
    with pytest.raises(ValueError, match="on cpu, but device meta came; try device='cpu'"):
        train(model, history=history, device="meta")


def test_a_batch_larger_than_the_data_is_all_of_them():
    model = Recorder()
    train(model, grey(3), batch_size=1000, epochs=1)
    assert [len(x) for x, _ in model.given(training=True)] == [3]
