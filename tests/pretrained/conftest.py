"""What the tests of this folder begin with."""

import pytest

from course_utils.pretrained import NAMES, load_pretrained


@pytest.fixture(scope="session")
def models():
    return {name: load_pretrained(name) for name in NAMES}
