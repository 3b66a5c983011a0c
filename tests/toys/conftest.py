"""What the tests of this folder begin with."""

import pytest
from conditional_toy import B, C, D, model_of
from routes import randn


@pytest.fixture
def wide():
    return model_of()


@pytest.fixture
def x():
    return 2 * randn(B, D, seed=4)


@pytest.fixture
def y():
    return randn(B, C, seed=5)
