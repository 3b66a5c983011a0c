"""Figures in JupyterLab are pictures with words, once each, also in a notebook from elsewhere."""

import nbformat
from lab_in_chromium import code_cell, open_notebook, run_all, write_notebook

from course_utils.plots import html_picture
from course_utils.widgets import elbo_explorer

WORDS = 'The line rises from 1 to "2" & stays <3.'
DRAW = f"""from course_utils.plots import plot_line
ax = plot_line([0, 1], [1, 2], role="p")
plot_line([0, 1], [2, 2], role="q", ax=ax, alt={WORDS!r});"""
SHOW = "from course_utils.widgets import elbo_explorer\nelbo_explorer()"
PICTURES = "area => [...area.querySelectorAll('img')].map(i => [i.alt, i.naturalWidth > 50])"


def shown(page) -> list:
    """The pictures in the output of each cell of the notebook, as (words, whether seen)."""
    page.wait_for_selector(".jp-OutputArea-output")
    cells = [code_cell(page, i) for i in range(page.locator(".jp-CodeCell").count())]
    found = [cell.locator(".jp-OutputArea").evaluate(PICTURES) for cell in cells]
    assert not page.problems, page.problems
    return found


def test_a_described_figure_has_its_words_and_an_explorer_is_no_picture(page, opened_with):
    run_all(opened_with("pictures", DRAW, SHOW))
    assert shown(page) == [[[WORDS, True]], []]


def test_a_stored_picture_that_nobody_trusts_is_seen_all_the_same(page, lab):
    path = lab.folder / "stored_pictures.ipynb"
    write_notebook(path, "")
    notebook = nbformat.read(path, as_version=4)
    data = {"text/html": html_picture(elbo_explorer()._png(), WORDS), "text/plain": WORDS}
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data=data)]
    nbformat.write(notebook, path)
    open_notebook(page, lab, path.name)
    assert shown(page) == [[[WORDS, True]]]
