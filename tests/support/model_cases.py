"""The models that are alike, under one way to ask; and what all of them say."""

import functools
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import torch
from model_sizes import B, C, K, L, numbers, randn
from routes import generator
from vae_fixtures import exact_log_px, pictures, small

from course_utils.models import CVAE, VAE, Autoencoder, Regressor


class Case(NamedTuple):
    """A kind of model, and its y for the calls: (numbers,), or () where nothing is given."""

    network: type
    prior: str | None = None
    rows: int = 0

    def __repr__(self):
        given = f"-{self.prior}-{self.rows}" if self.prior else ""
        return self.network.__name__ + given

    @property
    def sizes(self):
        """What a model of this kind is made with, beside the shape of its pictures."""
        sizes = {} if self.network is Regressor else {"latent_dim": L}
        sizes |= {"condition_dim": C} if self.rows else {}
        return sizes | ({"prior_kind": self.prior} if self.prior else {})

    @property
    def y(self):
        return (numbers(self.rows),) if self.rows else ()

    def small(self, kind="bernoulli", seed=None):
        """Seed 0 where nothing is given, else 1."""
        return small(self.network, kind, bool(self.rows) if seed is None else seed, **self.sizes)

    def latents(self, z):
        """What goes with y into the decoder: nothing for the one model without latents."""
        return () if self.network is Regressor else (z,)


@functools.cache
def evidence_of(case, kind):
    """log p(x | y) of the small model and its pictures, by a sum over a grid: (B,)."""
    return exact_log_px(case.small(kind), pictures(kind), *case.y)


def kinds(*cases):
    """Runs a test for these kinds of models, in place of those with a bound."""
    return pytest.mark.parametrize("case", cases, ids=repr)


CVAES = [Case(CVAE, "fixed", B), Case(CVAE, "learned", B)]
VAES = [Case(VAE), *CVAES]
AUTOENCODER, REGRESSOR = Case(Autoencoder), Case(Regressor, rows=B)
of = SimpleNamespace(
    vae=kinds(VAES[0]),
    regressor=kinds(REGRESSOR),
    without_noise=kinds(AUTOENCODER, REGRESSOR, REGRESSOR._replace(rows=1)),
    fixed=kinds(CVAES[0]),
    learned=kinds(CVAES[1]),
    cvaes=kinds(*CVAES),
    any_rows=kinds(*VAES, Case(CVAE, "fixed", 1), Case(CVAE, "learned", 1)),
    all_with_latents=kinds(AUTOENCODER, *VAES),
    all_with_y=kinds(*CVAES, REGRESSOR),
    all_with_a_density=kinds(*VAES, REGRESSOR),
    all=kinds(AUTOENCODER, *VAES, REGRESSOR),
)
black_or_white = pytest.mark.parametrize("kind", ["bernoulli"])


def given(model, *y):
    """What has the densities of z, and of x given z."""
    return model.given(*y) if y else model


def everything(model, x, *y):
    """All that a model says of x and y, as tensors."""
    eps, z = randn(K, B, L), () if isinstance(model, Regressor) else (randn(B, L).double(),)
    said = [*model.elbo(x, *y, eps=eps), model.decode(*z, *y), model.mean_x(*z, *y)]
    said.append(model.sample_x(*z, *y, generator=generator()))
    if isinstance(model, Regressor):
        return [*said, model.generate(*y)]
    code, left = model.encode(x, *y), given(model, *y)
    return [
        *said,
        *((code,) if torch.is_tensor(code) else code),
        model.reconstruct(x, *y),
        model.generate(*y, randn(B, L)) if y else model.generate(2, generator=generator()),
        model.decode(randn(B, L), *y),
        left.log_likelihood(x, randn(K, 1, L).double()),
        left.log_prior(randn(B, L)),
        left.mean_x(randn(K, B, L)),
    ]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a, b)
