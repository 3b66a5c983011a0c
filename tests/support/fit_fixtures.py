"""Small models for `fit`: without latents, taking notes, getting into trouble."""

from contextlib import contextmanager

import torch
from routes import generator
from torch import nn

from course_utils.data import ImageData
from course_utils.densities import ElboTerms
from course_utils.models import VAE
from course_utils.training import fit

CPU = torch.device("cpu")


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


def assert_equal_weights(model, other):
    assert all(map(torch.equal, weights_of(model), weights_of(other)))


@contextmanager
def kept(model):
    """The model, whose weights have to be afterwards what they were before."""
    before = weights_of(model)
    yield model
    assert all(map(torch.equal, weights_of(model), before))


def train(model, x=None, **kwargs):
    """`fit` in short: 5 images a batch, no bar."""
    options = {"epochs": 2, "batch_size": 5, "progress": False} | kwargs
    return fit(model, grey() if x is None else x, **options)


def trained(*args, **kwargs):
    """A fresh model after `train`."""
    model = tiny_vae()
    train(model, *args, **kwargs)
    return model


class Plain(nn.Module):
    """No latent at all: log_px of its only weight and of x, a number for each row of pixels."""

    def __init__(self, weight, log_px):
        super().__init__()
        self.weight, self.log_px = nn.Parameter(weight), log_px

    def elbo(self, x, *, generator=None):
        rec = self.log_px(self.weight, x.flatten(1))
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
        rec = -self.weight.square() - x.flatten(1).sum(1)
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
