"""`fit` interrupted, where numbers are no longer finite, and called again with its history."""

import copy
import math
import signal

import pytest
import torch
from fit_fixtures import Troubled, assert_equal_weights, interrupt, kept, tiny_vae, train, trained

from course_utils.densities import ElboTerms
from course_utils.models import VAE
from course_utils.training import History


@pytest.fixture
def ctrl_c():
    """Ctrl-C as a learner's Python hears it; one started in the background may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("how", [interrupt, lambda: signal.raise_signal(signal.SIGINT)])
def test_an_interrupt_between_epochs_keeps_them(how, model, images):
    stop = [lambda _, history: len(history) == 2 and how()]
    history = train(model, images, epochs=9, callbacks=stop)
    assert history.stopped == "interrupted after epoch 2"
    assert history.epochs == [1, 2] and len(history.test_elbo) == 2
    assert_equal_weights(model, trained(images, epochs=2))
    assert not model.training


def test_an_interrupt_in_an_epoch_keeps_the_part_that_was_done():
    model = Troubled(7, interrupt)  # 4 batches an epoch
    history = train(model, epochs=9)
    assert history.stopped == "interrupted in epoch 2, batch 3 of 4"
    assert history.epochs == [1, 1.5] and len(history.elbo) == 2
    assert repr(history).startswith("History(1.5 epochs: ELBO -")
    assert repr(history).endswith(" train, stopped)")
    assert not model.training and torch.isfinite(model.generate(1)).all()


def test_an_interrupt_in_a_test_keeps_the_epoch_without_it(images):
    model = Troubled(8, interrupt)  # 3 batches and a test an epoch
    history = train(model, images, epochs=9)
    assert history.stopped == "interrupted in epoch 2, during its test"
    assert history.epochs == [1, 2] and math.isfinite(history.elbo[1])
    assert math.isfinite(history.test_elbo[0]) and math.isnan(history.test_elbo[1])
    assert not model.training


@pytest.mark.parametrize("at", range(1, 9))
def test_after_an_interrupt_anywhere_it_goes_on(at, images):
    model = Troubled(at, interrupt)
    history = train(model, images, epochs=2)
    n = len(history)
    assert n == {1: 0, 2: 1, 3: 1, 4: 1}.get(at, 1 + (at > 5))
    assert train(model, images, epochs=2, history=history) is history
    assert len(history) == n + 2 and history.stopped is None
    assert history.epochs[-1] == pytest.approx(history.epochs[-3] + 2 if n else 2)
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


def test_an_interrupt_before_the_first_step_is_done_changes_nothing():
    with kept(Troubled(1, interrupt)) as model:
        history = train(model)
    assert history.stopped == "interrupted in epoch 1, batch 1 of 4" and len(history) == 0
    assert repr(history) == "History(no epoch, stopped)"


def test_an_interrupt_that_hits_adam_while_it_begins_does_no_harm(model, monkeypatch):
    """Its averages are made weight by weight; half of them would be an error at the next step."""
    zeros_like, calls = torch.zeros_like, []

    def broken_off(*args, **kwargs):
        calls.append(args)
        return zeros_like(*args, **kwargs) if len(calls) != 4 else interrupt()

    monkeypatch.setattr(torch, "zeros_like", broken_off)
    history = train(model)
    assert len(calls) == 4 and history.stopped == "interrupted in epoch 1, batch 1 of 4"
    train(model, history=history)
    assert len(history) == 2 and history.stopped is None


def poisoned(value):
    return lambda model, terms: ElboTerms(terms.elbo * value, *terms[1:])


def nan_gradient(model, terms):
    """A finite loss, whose gradient is NaN: 0 * inf in the derivative of the root at 0."""
    root = (model.decoder[0].weight[0, 0] * 0).sqrt() * 0
    return ElboTerms(terms.elbo + root, *terms[1:])


@pytest.mark.parametrize("value, said", [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "inf")])
def test_a_loss_that_is_no_number_ends_training_with_the_last_good_weights(value, said):
    model = Troubled(11, poisoned(value))
    with pytest.warns(RuntimeWarning, match="epoch 3, batch 3 of 4") as warned:
        history = train(model, epochs=9)
    assert warned[0].filename == train.__code__.co_filename  # where fit was called, not inside it
    assert history.stopped.startswith("stopped in epoch 3, batch 3 of 4: the loss is ")
    for word in (said, "learning rate", "0.001 here; try 0.0001", "log_var", "before that epoch"):
        assert word in history.stopped
    assert history.epochs == [1, 2] and not model.training
    assert_equal_weights(model, trained(epochs=2))


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6, 8])
def test_a_gradient_that_is_nan_is_found_in_the_same_epoch_and_it_goes_on(at):
    """At 4 and 8 it is the epoch's last step, after which no loss of the epoch could tell."""
    model, good = Troubled(at, nan_gradient), (at - 1) // 4
    with pytest.warns(RuntimeWarning, match="NaN|nan"):
        history = train(model, epochs=3)
    assert len(history) == good
    assert_equal_weights(model, trained(epochs=good) if good else tiny_vae())
    train(model, epochs=2, history=history)
    assert history.stopped is None and all(map(math.isfinite, history.elbo))
    state = history.run.optimizer.state.values()
    assert {float(entry["step"]) for entry in state} == {4.0 * (good + 2)}


@pytest.mark.filterwarnings("error")
def test_a_huge_learning_rate_is_named():
    torch.manual_seed(0)
    with kept(VAE((4, 4), 2, (8, 8, 8, 8))) as model, pytest.raises(RuntimeWarning):
        train(model, epochs=30, learning_rate=1e6)
    with pytest.warns(RuntimeWarning):
        history = train(model, epochs=30, learning_rate=1e6)
    assert "1e+06 here; try 0.001" in history.stopped
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


def test_numbers_that_the_model_itself_refuses_end_training_too(model):
    """A check inside a model raises before there is a loss."""
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


def test_an_infinite_test_elbo_is_recorded_and_no_reason_to_stop(images):
    history = train(Troubled(4, poisoned(math.inf)), images)  # its first test
    assert history.test_elbo[0] == -math.inf and len(history) == 2 and history.stopped is None


@pytest.mark.parametrize("parts", [(1, 3), (2, 2), (1, 1, 2)])
def test_calls_in_a_row_equal_one_long_call_whatever_the_later_seeds(parts, model, images):
    whole, history, seed = tiny_vae(), None, 3
    expected = train(whole, images, epochs=4, learning_rate=0.01, seed=seed)
    for epochs in parts:
        options = {"epochs": epochs, "learning_rate": 0.01, "seed": seed}
        history, seed = train(model, images, history=history, **options), 99
    assert_equal_weights(model, whole)
    assert history.epochs == expected.epochs == [1, 2, 3, 4]
    for name in ("elbo", "rec", "kl", "test_elbo", "test_rec", "test_kl"):
        assert getattr(history, name) == getattr(expected, name)


def test_without_the_history_adam_begins_anew(model):
    for _ in range(2):
        train(model)
    assert not torch.equal(*(next(one.parameters()) for one in (model, trained(epochs=4))))


def test_the_learning_rate_is_that_of_the_call(model):
    history = train(model, learning_rate=0.01)
    with kept(model):
        train(model, learning_rate=1e-30, history=history)


def test_a_history_is_extended_in_place_also_an_empty_one(model):
    mine = History()
    assert train(model, history=mine) is mine and len(mine) == 2
    assert train(model, history=mine) is mine and len(mine) == 4


def test_test_numbers_stay_beside_their_epochs(model, images):
    history = History()
    for data in (images.train, images, images.train):
        train(model, data, epochs=1, history=history)
    assert [math.isnan(value) for value in history.test_elbo] == [True, False, True]


def test_a_model_and_its_history_can_be_copied_together(model):
    twin, twin_history = copy.deepcopy((model, train(model)))
    train(twin, history=twin_history)
    assert len(twin_history) == 4
    assert_equal_weights(twin, trained(epochs=4))


def test_a_history_of_another_model_is_refused(model):
    history = train(model)
    for other, size in ((tiny_vae(), 340), (VAE((4, 4), 2, (16,)), 660)):
        words = f"another model, of 340 .* one of {size} .* made anew"
        with pytest.raises(ValueError, match=words):
            train(other, history=history)
    with pytest.raises(ValueError, match="what fit handed back, but a list came"):
        train(tiny_vae(), history=[1, 2])
    model.decoder = tiny_vae(1).decoder  # with other layers it is another model
    with pytest.raises(ValueError, match="another model"):
        train(model, history=history)


def test_callbacks_are_called_after_each_epoch_with_its_numbers(model, images):
    seen = []

    def first(given, history):
        seen.append((given is model, len(history), len(history.test_elbo), given.training))

    train(model, images, epochs=2, callbacks=[first, lambda *_: seen.append("second")])
    assert seen == [(True, 1, 1, False), "second", (True, 2, 2, False), "second"]


def test_what_a_callback_raises_comes_out_with_the_model_and_the_history_whole(model):
    mine = History()

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
