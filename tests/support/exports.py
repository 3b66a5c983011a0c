"""Notebooks with widgets, and what stands on the pages they are exported to."""

import json
from html.parser import HTMLParser
from pathlib import Path

import anywidget
import ipywidgets
import nbformat
import traitlets
from ipywidgets.embed import dependency_state
from nbconvert import HTMLExporter

from course_utils._jupyter.export import STATE, LiveExplorers


class Shown(anywidget.AnyWidget):
    """Somebody's widget, with text and bytes of its own."""

    _esm = "export default { render({ model, el }) { el.textContent = model.get('text'); } }"
    text = traitlets.Unicode("").tag(sync=True)
    numbers = traitlets.Bytes(b"").tag(sync=True)


class Tags(HTMLParser):
    """The start tags of a page, as (tag, attributes), and its scripts, with their text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), []))

    def handle_data(self, data):
        if self.cdata_elem == "script":
            self.scripts[-1][1].append(data)

    def kept(self, kind: str) -> list:
        """What the page keeps of this kind, module or model, in its order."""
        return [
            json.loads("".join(text)) for had, text in self.scripts if f"data-course-{kind}" in had
        ]

    def having(self, name: str) -> list[dict]:
        """The attributes of all tags that have this one."""
        return [attributes for _, attributes in self.tags if name in attributes]


def notebook_of(*shown, saved=True, **metadata) -> nbformat.NotebookNode:
    """A notebook with one widget, or one bundle of data, as the output of each cell.

    Args: saved: whether it holds their state.
    """
    notebook = nbformat.v4.new_notebook(metadata=metadata)
    widgets = [item for item in shown if isinstance(item, ipywidgets.Widget)]
    for item in shown:
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


def page_of(notebook, **settings) -> str:
    """The notebook as a page, with the preprocessor that the course installs."""
    exporter = HTMLExporter(preprocessors=[LiveExplorers], **settings)
    return exporter.from_notebook_node(notebook)[0]
