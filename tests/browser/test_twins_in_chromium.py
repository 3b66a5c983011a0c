"""What JavaScript computes beside Python, in Chromium."""

from functools import partial

import pytest
from explorer_actions import in_chromium
from lab_in_chromium import new_page
from twins import Twins


@pytest.fixture(scope="module")
def javascript(browser):
    with new_page(browser) as page:
        yield partial(in_chromium, page)


class TestInChromium(Twins):
    """In one tab."""
