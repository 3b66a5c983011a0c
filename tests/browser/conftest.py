"""JupyterLab and Chromium for the tests of this folder."""

import os

import pytest
from axe import in_colours
from explorer_actions import THEME, rest
from lab_in_chromium import (
    chromium,
    in_lab,
    new_page,
    open_notebook,
    run_all,
    run_cell,
    running_browser,
    running_lab,
    source_of,
    write_notebook,
)
from places import TESTS

CELLS = "return panel.content.widgets.length;"


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


@pytest.fixture(scope="module")
def case(request):
    """What a file says of its explorer: see `explorer_cases.AsEveryExplorer`."""
    return request.module.TestAsEveryExplorer()


@pytest.fixture(scope="module")
def opened(case, browser, lab):
    """One notebook for all tests of a file: its first cell shows `w`, the second is for Python."""
    found = f"import sys\nsys.path.append({str(TESTS / 'support')!r})\n{case.setup}"
    made = f"from course_utils.widgets import {case.maker}\nw = {case.maker}({case.given})\nw"
    write_notebook(lab.folder / f"{case.maker}.ipynb", f"{found}\n{made}", "w.state")
    with new_page(browser) as page:
        open_notebook(page, lab, f"{case.maker}.ipynb")
        run_all(page)
        yield page


@pytest.fixture
def explorer(case, opened):
    """Its page with a fresh explorer; then no error is on the console, no key in the notebook."""
    in_colours(opened, "light")
    run_cell(opened, 0)
    opened.problems.clear()
    case.sees(opened)
    before = in_lab(opened, CELLS)
    yield opened
    assert not opened.problems, opened.problems
    assert in_lab(opened, CELLS) == before, "keys changed the notebook"


@pytest.fixture
def light(case, explorer):
    """The page in the light theme, the pointer elsewhere, all at rest."""
    explorer.mouse.move(5, 5)
    explorer.evaluate(THEME, "JupyterLab Light")
    rest(explorer, case.pad)
    return explorer


@pytest.fixture
def other(case, explorer):
    """show(given, widget) puts another explorer in place of the usual one, there again after it."""
    usual = source_of(explorer, 0)

    def show(given: str, widget):
        run_cell(explorer, 0, usual.replace(f"({case.given})", f"({given})"))
        case.sees(explorer, widget)
        return explorer

    yield show
    run_cell(explorer, 0, usual)
