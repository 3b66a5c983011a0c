"""JupyterLab and Chromium for the tests of this folder."""

import os

import pytest
from axe import in_colours
from explorer_actions import show_light
from lab_in_chromium import (
    chromium,
    in_lab,
    new_page,
    open_notebook,
    run_all,
    run_cell,
    running_browser,
    running_lab,
    sources_in,
    write_notebook,
)
from offline import asking_tab
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
def browser(_chromium):
    """One headless Chromium for all tests."""
    with running_browser() as context:
        yield context


@pytest.fixture(scope="session")
def tab(browser, lab):
    """One tab for all notebooks, which are opened one after the other: see `open_notebook`."""
    with new_page(browser) as page:
        yield page


@pytest.fixture
def page(tab):
    """The tab, in which nothing has gone wrong."""
    in_colours(tab, "light")
    tab.problems.clear()
    return tab


@pytest.fixture
def offline(browser):
    """A new tab without a network, see `asking_tab`."""
    with asking_tab(browser) as page:
        yield page


@pytest.fixture(scope="module")
def opened_with(tab, lab):
    """opened_with(name, *cells): the tab, with a notebook of these cells, opened but not run."""

    def opened(name: str, *cells: str):
        write_notebook(lab.folder / f"{name}.ipynb", *cells)
        open_notebook(tab, lab, f"{name}.ipynb")
        return tab

    return opened


@pytest.fixture(scope="module")
def case(request):
    """What a file says of its explorer: see `explorer_cases.AsEveryExplorer`."""
    return request.module.TestAsEveryExplorer()


@pytest.fixture(scope="module")
def opened(case, opened_with):
    """One notebook for all tests of a file: its first cell shows `w`, the second is for Python."""
    found = f"import sys\nsys.path.append({str(TESTS / 'support')!r})\nimport kept_stills\n"
    made = f"from course_utils.widgets import {case.maker}\nw = {case.maker}({case.given})\nw"
    page = opened_with(case.name, f"{found}{case.setup}\n{made}", "w.state")
    run_all(page)
    return page


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
    show_light(explorer, case.pad)
    return explorer


@pytest.fixture
def other(case, explorer):
    """show(given, widget) puts another explorer in place of the usual one, there again after it."""
    usual = sources_in(explorer)[0]

    def show(given: str, widget):
        run_cell(explorer, 0, usual.replace(f"({case.given})", f"({given})"))
        case.sees(explorer, widget)
        return explorer

    yield show
    run_cell(explorer, 0, usual)
