"""Numbers too small to be normal, and products that may round: inside only, and put back after."""

from contextlib import nullcontext

import pytest
import torch
from fit_fixtures import CPU, Recorder, Troubled, image_data, interrupt, train
from routes import generator

from course_utils.densities import DiagonalNormal
from course_utils.estimators import importance_sampling, naive_monte_carlo
from course_utils.estimators._arithmetic import flush_denormals, round_products
from course_utils.models import VAE
from course_utils.toys import LinearGaussian

MATMUL = torch.backends.mkldnn.matmul
TINY = 2.0**-140  # of float32's denormal numbers


def tiny_is_kept():
    return torch.full((), TINY, dtype=torch.float32).item() == TINY


@pytest.fixture(autouse=True)
def as_torch_begins():
    """Whatever a test does to these settings, it does to itself."""
    yield
    torch.set_flush_denormal(False)
    MATMUL.fp32_precision = "none"


def test_tiny_numbers_are_0_inside_and_themselves_afterwards():
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush denormal numbers")
    torch.set_flush_denormal(False)
    assert tiny_is_kept()
    with flush_denormals():
        assert not tiny_is_kept()
        with flush_denormals():
            pass
        assert not tiny_is_kept()
    assert tiny_is_kept()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize(("flushed", "products"), [(False, "none"), (True, "ieee")])
def test_what_was_set_comes_back_whatever_happens_inside(error, flushed, products):
    torch.set_flush_denormal(flushed)
    MATMUL.fp32_precision = products
    with pytest.raises(error), flush_denormals(), round_products(CPU):
        assert MATMUL.fp32_precision == "bf16"
        raise error
    assert tiny_is_kept() is not flushed
    assert MATMUL.fp32_precision == products


def test_threads_that_torch_starts_inside_do_not_keep_it():
    """A new thread inherits the setting of the one that starts it."""
    before = torch.get_num_threads()
    torch.set_num_threads(before + 2)
    try:
        with flush_denormals():
            torch.zeros(2**20).exp_()
        many = torch.full((2**20,), TINY, dtype=torch.float32)
        assert (many * 1).count_nonzero() == len(many)
    finally:
        torch.set_num_threads(before)


class Watcher(Recorder):
    """Notes at each call what is in force."""

    def elbo(self, x, *, generator=None):
        terms = super().elbo(x)
        self.seen[-1] = (self.training, tiny_is_kept(), MATMUL.fp32_precision)
        return terms


def watched(model, **options):
    return train(model, image_data(6, n_train=4), epochs=1, **options)


def test_fit_flushes_and_rounds_where_it_trains_and_never_rounds_a_test():
    """The next call decides anew whether it is fast."""
    model, history = Watcher(), None
    for options, products in (({"fast": True}, "bf16"), ({}, "none"), ({"fast": False}, "none")):
        model.seen.clear()
        note = lambda *_: model.seen.append(tiny_is_kept())  # noqa: E731
        history = watched(model, callbacks=[note], history=history, **options)
        assert model.seen == [(True, False, products), (False, False, "none"), True]
        assert tiny_is_kept() and MATMUL.fp32_precision == "none"


def refuse(*_):
    raise ValueError("no")


@pytest.mark.parametrize("what", [refuse, interrupt])
def test_fit_puts_back_what_was_set_when_it_is_stopped(what):
    with pytest.raises(ValueError, match="no") if what is refuse else nullcontext():
        stopped = watched(Troubled(1, what), fast=True).stopped
        assert stopped == "interrupted in epoch 1, batch 1 of 1"
    assert tiny_is_kept() and MATMUL.fp32_precision == "none"


def test_fast_training_learns_the_same_up_to_rounding():
    """Rounded to 8 bits each step moves a little elsewhere; the loss ends where it ends."""
    x = torch.rand(64, 16, 16, generator=generator(), dtype=torch.float32)
    elbos = []
    for fast in (False, True):
        torch.manual_seed(0)
        model = VAE((16, 16), 2, (64,))
        elbos.append(train(model, x, epochs=20, batch_size=128, fast=fast).elbo)
    assert elbos[0][-1] > elbos[0][0] + 1  # nats: something was learned
    assert elbos[1] == pytest.approx(elbos[0], abs=0.5)


@pytest.mark.parametrize("estimate", [naive_monte_carlo, importance_sampling])
def test_estimators_flush_while_they_draw(estimate):
    inside, model = [], LinearGaussian([[1.5]], [0.3], 0.5)
    x = torch.tensor([[2.0]], dtype=torch.float64)
    model.log_likelihood = lambda *_: inside.append(tiny_is_kept()) or torch.zeros(10, 1)
    q = [DiagonalNormal(x, 0 * x)] * (estimate is importance_sampling)
    estimate(model, x, *q, 10)
    assert inside == [False] and tiny_is_kept()
    with pytest.raises(ValueError):
        estimate(model, x, *q, 0)
    assert tiny_is_kept()
