"""JupyterLab and Chromium for the tests of this folder."""

import os

import pytest
from lab_in_chromium import chromium, new_page, running_browser, running_lab


@pytest.fixture(scope="session")
def _chromium():
    if chromium():
        return
    why = "no Chromium: install one (apt-get install chromium), or set COURSE_CHROMIUM to its path"
    if os.environ.get("COURSE_REQUIRE_BROWSER") == "1":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def lab(_chromium, tmp_path_factory):
    """A private JupyterLab with an empty state folder."""
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def browser(_chromium, tmp_path_factory):
    """One headless Chromium for all tests."""
    with running_browser(tmp_path_factory.mktemp("profile")) as context:
        yield context


@pytest.fixture
def page(browser):
    """A new tab, see `new_page`."""
    with new_page(browser) as page:
        yield page
