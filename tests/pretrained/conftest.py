"""What the tests of this folder begin with: each bundled model, where a test names no others."""

import pytest

from course_utils.pretrained import NAMES, load_pretrained


@pytest.fixture(scope="session")
def models():
    return {name: load_pretrained(name) for name in NAMES}


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def model(models, name):
    return models[name]


@pytest.fixture
def card(model):
    return model.card
