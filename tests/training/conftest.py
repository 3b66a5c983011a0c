"""What the tests of this folder begin with."""

import pytest
from fit_fixtures import image_data, tiny_vae


@pytest.fixture
def model():
    return tiny_vae()


@pytest.fixture
def images():
    return image_data()
