"""What every explorer has to do in a real JupyterLab, whatever it shows.

In each notebook the first cell shows an explorer `w`, and the second is for Python.
"""

import json
from pathlib import Path

import pytest
from explorer_actions import PIXELS, THEME, light_ink, press, rest
from lab_in_chromium import (
    NOTEBOOK,
    code_cell,
    new_page,
    open_notebook,
    run_all,
    run_cell,
    screenshot,
    write_notebook,
)

CELLS = f"() => {{ {NOTEBOOK} return panel.content.widgets.length; }}"
each_theme = pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])


def explorer_fixtures(maker: str, sees, *, setup: str = "", given: str = "") -> tuple:
    """Two fixtures: one notebook for all tests of a file, and its page with a fresh explorer.

    After each test no error stands on the console, and no key has reached the notebook.

    Args: maker: the name of the function that makes the explorer; sees(page): waits until the
          read-out says what Python computes for the opening state; setup: what Python does first,
          with all of tests/support; given: the arguments of maker.
    """

    @pytest.fixture(scope="module")
    def opened(browser, lab):
        found = f"import sys\nsys.path.append({str(Path(__file__).parent)!r})\n{setup}"
        opening = f"from course_utils.widgets import {maker}\n{found}\nw = {maker}({given})\nw"
        write_notebook(lab.folder / f"{maker}.ipynb", opening, "w.state")
        with new_page(browser) as page:
            open_notebook(page, lab, f"{maker}.ipynb")
            run_all(page)
            yield page

    @pytest.fixture
    def explorer(opened):
        run_cell(opened, 0)
        opened.problems.clear()
        sees(opened)
        before = opened.evaluate(CELLS)
        yield opened
        assert not opened.problems, opened.problems
        assert opened.evaluate(CELLS) == before, "keys changed the notebook"

    return opened, explorer


def other_fixture(sees, opening: str):
    """A fixture: show(given, widget) puts another explorer in place of the one made of `opening`.

    The usual one is there again afterwards. sees(page, widget): waits until the read-out says what
    Python computes for that widget.
    """

    @pytest.fixture
    def other(explorer):
        usual = explorer.evaluate(
            f"() => {{ {NOTEBOOK} return code[0].model.sharedModel.getSource(); }}"
        )

        def show(given: str, widget):
            run_cell(explorer, 0, usual.replace(f"({opening})", f"({given})"))
            sees(explorer, widget)
            return explorer

        yield show
        run_cell(explorer, 0, usual)

    return other


def light_fixture(pad: str):
    """A fixture: the page in the light theme, the pointer elsewhere, all at rest."""

    @pytest.fixture
    def light(explorer):
        explorer.mouse.move(5, 5)
        explorer.evaluate(THEME, "JupyterLab Light")
        rest(explorer, pad)
        return explorer

    return light


class AsEveryExplorer:
    """What all explorers have to do; the file of each says what is its own.

    maker, sees: as for `explorer_fixtures`; name: of its screenshots; pad: where keys move it;
    most: characters that a widget may take of a saved notebook; moved: a cell that changes every
    picture, and the state after it; themes: cells by the names of the screenshots after them;
    saved: a cell to run before it is saved, or None.
    """

    saved = None

    def test_python_moves_every_picture(self, explorer):
        """A cell changes the state: the words are those of the new one, no canvas is as it was."""
        before, (source, state) = explorer.evaluate(PIXELS), self.moved
        run_cell(explorer, 1, source)
        self.sees(explorer, **state)
        after = explorer.evaluate(PIXELS)
        same = [i for i, pixels in enumerate(before) if pixels == after[i]]
        assert before and not same, f"these of {len(before)} canvases did not change: {same}"
        self.check_moved(explorer)

    def check_moved(self, page) -> None:
        """What else is to be seen after `moved`."""

    def test_an_exception_is_shown(self, explorer):
        """Words instead of a blank picture, and the exception on the console."""
        explorer.evaluate(
            """pad => { document.querySelector(pad).getContext = () => {
            throw new Error('no paint today'); }; }""",
            self.pad,
        )
        press(explorer, self.pad, "ArrowRight")
        alert = explorer.locator(".cx-error")
        alert.wait_for(state="visible")
        assert "no paint today" in alert.inner_text(), alert.inner_text()
        problems = explorer.problems[:]
        assert any("no paint today" in problem for problem in problems), problems
        explorer.problems.clear()

    def test_a_saved_notebook_works_before_anything_is_run(self, explorer, lab):
        """A still is kept; opened anew, its kernel knows nothing of the widget."""
        if self.saved:
            run_cell(explorer, 1, self.saved)
        explorer.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        explorer.wait_for_function(
            f"() => {{ {NOTEBOOK} return panel.context.model.dirty === false; }}", timeout=10_000
        )
        saved = json.loads((lab.folder / f"{self.maker}.ipynb").read_text())
        widgets = saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
        largest = max(len(json.dumps(widget)) for widget in widgets.values())
        assert largest < self.most, f"a widget takes {largest} characters of the notebook"
        assert "image/png" in saved["cells"][0]["outputs"][0]["data"]
        # The old kernel would still hold the widget.
        explorer.evaluate(f"() => {{ {NOTEBOOK} return panel.sessionContext.shutdown(); }}")
        open_notebook(explorer, lab, f"{self.maker}.ipynb")
        self.check_opened(explorer)
        explorer.problems.clear()

    @each_theme
    def test_it_follows_the_theme(self, explorer, theme):
        """Its ink is that of the theme."""
        explorer.evaluate(THEME, theme)
        explorer.wait_for_timeout(1000)
        for state, source in self.themes.items():
            run_cell(explorer, 1, source)
            explorer.wait_for_timeout(500)
            name = f"{self.name}_{state}_{theme.split()[1].lower()}"
            screenshot(code_cell(explorer, 0), name)
        assert light_ink(explorer, ".cx") == (theme == "JupyterLab Dark")
        self.check_theme(explorer, theme)

    def check_theme(self, page, theme: str) -> None:
        """What else is to be seen in a theme, after the last of `themes`."""


def assert_fits_a_narrow_page(page, name: str, *beside: str) -> None:
    """Nothing sticks out, and these elements, if any, stand side by side; a screenshot, by name."""
    wide = page.viewport_size
    page.set_viewport_size({"width": 760, "height": 1500})
    page.wait_for_timeout(800)
    screenshot(code_cell(page, 0), f"{name}_narrow")
    full, width = page.locator(".cx").evaluate("e => [e.scrollWidth, e.clientWidth]")
    tops = [page.locator(selector).bounding_box()["y"] for selector in beside]
    page.set_viewport_size(wide)
    page.wait_for_timeout(800)
    assert full <= width < 700
    assert not tops or max(tops) - min(tops) < 30
