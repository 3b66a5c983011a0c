"""The seeds that the inputs of the exercises are tried with."""

import pytest
from thorough import seeds


@pytest.fixture(params=seeds(1, 20))
def seed(request):
    """One at each change, twenty in the weekly job."""
    return request.param
