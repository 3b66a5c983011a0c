"""The notebooks as exported pages in Chromium, offline: open to everyone, on any screen."""

from pathlib import Path

import pytest
from axe import COLOURS, in_colours, issues
from lab_in_chromium import screenshot
from nbconvert import HTMLExporter
from offline import open_file
from places import NOTEBOOKS

from course_utils._jupyter.export import LiveExplorers

# What of a page is wider than the page and does not scroll by keys in itself.
STICKS_OUT = """() => {
    const width = document.documentElement.clientWidth;
    const scrolls = part => part.tabIndex === 0 && getComputedStyle(part).overflowX === 'auto';
    const held = part => part.closest('main') && (scrolls(part) || held(part.parentElement));
    return [...document.querySelectorAll('main *')]
      .filter(part => part.getBoundingClientRect().right > width + 1 && !held(part.parentElement))
      .map(part => part.outerHTML.slice(0, 200)); }"""


def shown_in(page, theme: str, folder: Path, notebook: Path) -> None:
    """The page of one of the course's notebooks, in a theme of JupyterLab, all unfolded."""
    exporter = HTMLExporter(preprocessors=[LiveExplorers], theme=theme)
    path = folder / f"{notebook.stem}.html"
    path.write_text(exporter.from_filename(str(notebook))[0], encoding="utf-8")
    open_file(page, path)
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-course-view]')].every(e => e.children[1])"
    )
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shuts_nobody_out_and_fits_a_phone(offline, tmp_path, notebook):
    shown_in(offline, "light", tmp_path, notebook)
    assert issues(offline) == []
    usual = offline.viewport_size
    offline.set_viewport_size({"width": 320, "height": 800})
    offline.wait_for_timeout(500)
    screenshot(offline, f"phone_{notebook.stem}")
    whole = offline.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert whole == [320, 320] and offline.evaluate(STICKS_OUT) == []
    offline.set_viewport_size(usual)
    assert offline.asked == [] and not offline.problems, offline.problems


@pytest.mark.parametrize("colours", [name for name in COLOURS if name != "light"])
def test_other_colours_shut_nobody_out(offline, tmp_path, colours):
    in_colours(offline, colours)
    shown_in(offline, "dark", tmp_path, NOTEBOOKS[0])
    assert issues(offline) == []
    screenshot(offline, f"page_{colours}")
