"""What the tests of this folder begin with: the models that are alike, under one way to ask."""

from typing import NamedTuple

import cvae_fixtures
import pytest
import torch
import vae_fixtures
from routes import generator
from torch import distributions as dist
from vae_fixtures import B, K, L, pictures, randn

from course_utils.models import CVAE, VAE, Autoencoder


class Case(NamedTuple):
    """A kind of model, and its y for the calls: (numbers,), or () where nothing is given."""

    network: type
    prior: str | None = None
    rows: int = B

    def __repr__(self):
        given = f"-{self.prior}-{self.rows}" if self.prior else ""
        return self.network.__name__ + given

    def small(self, kind="bernoulli", **seed):
        if self.prior:
            return cvae_fixtures.small_cvae(kind, self.prior, **seed)
        return vae_fixtures.small_vae(kind, network=self.network, **seed)

    @property
    def y(self):
        return (cvae_fixtures.numbers(self.rows),) if self.prior else ()

    def asked(self, n):
        """What `generate` takes for B pictures given y, or for n pictures of nothing."""
        return self.y or (n,)

    def given(self, model):
        """What has the densities of z, and of x given z."""
        return model.given(*self.y) if self.prior else model

    def seen(self, a):
        """What a network sees with x or z."""
        return cvae_fixtures.beside(a, *self.y) if self.prior else a

    def prior_by_hand(self, model):
        if self.prior:
            return cvae_fixtures.prior_by_hand(model, *self.y)
        return dist.Normal(torch.zeros(B, L, dtype=torch.float64), 1.0)

    def elbo_by_hand(self, model, x, eps):
        fixtures = cvae_fixtures if self.prior else vae_fixtures
        return fixtures.elbo_by_hand(model, x, *self.y, eps)

    def exact_log_px(self, kind):
        """The log evidence of the small model's pictures by a sum over a grid: (B,)."""
        if self.prior:
            return cvae_fixtures.integral_of(kind, self.prior, self.rows)
        return vae_fixtures.exact_log_px(self.small(kind), pictures(kind)).detach()

    def everything(self, model, x, *y):
        """All that a model says of x and y, as tensors."""
        if self.prior:
            return cvae_fixtures.everything(model, x, *y)
        z = randn(B, L).double()
        return [
            *model.elbo(x, eps=randn(K, B, L)),
            model.reconstruct(x),
            model.decode(z[0].float()),
            model.generate(2, generator=generator()),
            model.sample_prior(2, generator=generator()),
            model.sample_x(z, generator=generator()),
            model.log_likelihood(x, randn(K, 1, L).double()),
        ]


VAES = [Case(VAE), Case(CVAE, "fixed"), Case(CVAE, "learned")]


@pytest.fixture(params=VAES, ids=repr)
def case(request):
    """The models with a bound."""
    return request.param


@pytest.fixture(params=[*VAES, Case(CVAE, "fixed", 1), Case(CVAE, "learned", 1)], ids=repr)
def case_of_rows(request):
    """The same, also with one y for all x."""
    return request.param


@pytest.fixture(params=[Case(Autoencoder), *VAES], ids=repr)
def any_case(request):
    """The same, and the autoencoder."""
    return request.param


@pytest.fixture
def float64_by_default():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
