"""Notebooks with widgets, and what stands on the pages they are exported to."""

import json
from pathlib import Path

import anywidget
import ipywidgets
import nbformat
import traitlets
from bs4 import BeautifulSoup
from ipywidgets.embed import dependency_state
from nbconvert import HTMLExporter

from course_utils._jupyter.export import STATE, LiveExplorers


class Shown(anywidget.AnyWidget):
    """Somebody's widget, with text and bytes of its own."""

    _esm = "export default { render({ model, el }) { el.textContent = model.get('text'); } }"
    text = traitlets.Unicode("").tag(sync=True)
    numbers = traitlets.Bytes(b"").tag(sync=True)


def read_page(html: str) -> BeautifulSoup:
    """A page whose tags can be searched, every attribute a text."""
    return BeautifulSoup(html, "html.parser", multi_valued_attributes=None)


def kept(page: BeautifulSoup, kind: str) -> list:
    """What the page keeps of this kind, module or model, in its order."""
    return [json.loads(script.string) for script in page.select(f"script[data-course-{kind}]")]


def notebook_of(*shown, saved=True, **metadata) -> nbformat.NotebookNode:
    """A notebook with one widget or bundle of data as the output of each cell, or with texts.

    Args: saved: whether it holds the widgets' state.
    """
    notebook = nbformat.v4.new_notebook(metadata=metadata)
    widgets = [item for item in shown if isinstance(item, ipywidgets.Widget)]
    for item in shown:
        if isinstance(item, str):
            notebook.cells.append(nbformat.v4.new_markdown_cell(item))
            continue
        data = item._repr_mimebundle_() if item in widgets else item
        data = data[0] if isinstance(data, tuple) else data
        output = nbformat.v4.new_output("display_data", data=data)
        notebook.cells.append(nbformat.v4.new_code_cell("w", outputs=[output]))
    if saved and widgets:
        state = dependency_state(widgets, drop_defaults=False)
        notebook.metadata["widgets"] = {STATE: {"state": state, "version_major": 2}}
    return notebook


def exported_to(folder: Path, *shown, **metadata) -> Path:
    """The page of a notebook that shows all this, as a file."""
    path = folder / "page.html"
    path.write_text(page_of(notebook_of(*shown, **metadata)), encoding="utf-8")
    return path


def page_of(notebook, kind=HTMLExporter, **settings) -> str:
    """The notebook as a page, with the preprocessor that the course installs."""
    exporter = kind(preprocessors=[LiveExplorers], **settings)
    return exporter.from_notebook_node(notebook)[0]
