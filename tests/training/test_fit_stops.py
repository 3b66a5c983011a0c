"""`fit` interrupted, and `fit` where numbers are no longer finite."""

import math
import signal

import pytest
import torch
from fit_fixtures import Troubled, assert_equal_weights, interrupt, kept, tiny_vae, train, trained

from course_utils.densities import ElboTerms
from course_utils.models import VAE


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

    with monkeypatch.context() as patch:
        patch.setattr(torch, "zeros_like", broken_off)
        patch.setattr("course_utils.models._vae.torch.zeros_like", broken_off)
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
