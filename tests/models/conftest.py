"""What the tests of this folder begin with: each kind of model with each kind of pixels."""

import pytest
from model_cases import VAES
from model_sizes import KINDS
from vae_fixtures import pictures


@pytest.fixture(params=VAES, ids=repr)
def case(request):
    """The models with a bound, where a test does not name others."""
    return request.param


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def model(case, kind):
    return case.small(kind)


@pytest.fixture
def x(kind):
    return pictures(kind)


@pytest.fixture
def y(case):
    return case.y
