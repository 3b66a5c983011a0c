"""`fit` called again with a history, and with callbacks."""

import copy
import math

import pytest
import torch
from fit_fixtures import Troubled, assert_equal_weights, kept, tiny_vae, train, trained, weights_of

from course_utils.models import VAE
from course_utils.training import History


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
    assert not torch.equal(weights_of(trained(epochs=4))[0], weights_of(model)[0])


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
