"""What every explorer has to do in a real JupyterLab, whatever it shows.

In each notebook the first cell shows an explorer `w`, and the second is for Python.
"""

import json

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

each_theme = pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])


def explorer_fixtures(maker: str, sees, *, setup: str = "", given: str = "") -> tuple:
    """Two fixtures: one notebook for all tests of a file, and its page with a fresh explorer.

    Args: maker: the name of the function that makes the explorer; sees(page): waits until the
          read-out says what Python computes for the opening state; setup: what Python does first;
          given: the arguments of maker.
    """

    @pytest.fixture(scope="module")
    def opened(browser, lab):
        opening = f"from course_utils.widgets import {maker}\n{setup}\nw = {maker}({given})\nw"
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
        return opened

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


def assert_python_moves_every_picture(page, source: str, sees) -> None:
    """A cell changes the state: the words are those of the new one, no canvas is as it was."""
    before = page.evaluate(PIXELS)
    run_cell(page, 1, source)
    sees()
    after = page.evaluate(PIXELS)
    same = [i for i, pixels in enumerate(before) if pixels == after[i]]
    assert before and not same, f"these of {len(before)} canvases did not change: {same}"
    assert not page.problems, page.problems


def assert_an_exception_is_shown(page, pad: str) -> None:
    """Words instead of a blank picture, and the exception on the console."""
    page.evaluate(
        """pad => { document.querySelector(pad).getContext = () => {
        throw new Error('no paint today'); }; }""",
        pad,
    )
    press(page, pad, "ArrowRight")
    alert = page.locator(".cx-error")
    alert.wait_for(state="visible")
    assert "no paint today" in alert.inner_text(), alert.inner_text()
    assert any("no paint today" in problem for problem in page.problems), page.problems


def assert_saved_small(page, lab, maker: str, *, most: int) -> None:
    """Save: no widget takes more characters than `most`, and a still is kept.

    Then the notebook is opened anew, with a kernel that knows nothing of the widget.
    """
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(
        f"() => {{ {NOTEBOOK} return panel.context.model.dirty === false; }}", timeout=10_000
    )
    saved = json.loads((lab.folder / f"{maker}.ipynb").read_text())
    widgets = saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    largest = max(len(json.dumps(widget)) for widget in widgets.values())
    assert largest < most, f"a widget takes {largest} characters of the notebook"
    assert "image/png" in saved["cells"][0]["outputs"][0]["data"]
    # The old kernel would still hold the widget.
    page.evaluate(f"() => {{ {NOTEBOOK} return panel.sessionContext.shutdown(); }}")
    open_notebook(page, lab, f"{maker}.ipynb")


def assert_it_follows_the_theme(page, theme: str, name: str, states: dict[str, str]) -> None:
    """Its ink is that of the theme; screenshots, by name, after each of these cells."""
    page.evaluate(THEME, theme)
    page.wait_for_timeout(1000)
    for state, source in states.items():
        run_cell(page, 1, source)
        page.wait_for_timeout(500)
        screenshot(code_cell(page, 0), f"{name}_{state}_{theme.split()[1].lower()}")
    assert light_ink(page, ".cx") == (theme == "JupyterLab Dark")
    assert not page.problems, page.problems


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
    assert not page.problems, page.problems
