"""Exported pages: which outputs become what, and that nbconvert finds us by itself."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tomllib

import ipywidgets
import nbformat
import pytest
from exports import Shown, kept, notebook_of, page_of, read_page
from nbconvert import HTMLExporter, SlidesExporter
from places import ROOT

from course_utils._jupyter.export import HTML, PNG, STATE, VIEW, WORDS, LiveExplorers
from course_utils.widgets import elbo_explorer, gradient_explorer

OURS = {"course": {}}


def test_an_explorer_comes_with_its_code_its_looks_its_state_and_a_still():
    explorer = elbo_explorer(mu=1.25)
    page = page_of(notebook_of(explorer))
    tags = read_page(page)
    (place,) = tags.select("[data-course-view]")
    assert place["data-course-view"] == explorer.model_id
    assert kept(tags, "module") == [{"esm": explorer._esm, "css": explorer._css}]
    (model,) = kept(tags, "model")
    assert model["state"]["mu"] == 1.25 and model["state"]["model"] == "linear"
    assert "_esm" not in model["state"]
    # Without JavaScript there are the still and the words.
    (still,) = place.noscript("img")
    assert still["alt"] == repr(explorer)
    assert still["src"] == f"data:image/png;base64,{explorer._png()}"
    assert page.count(explorer._png()) == 1


def test_what_is_shared_stands_once_on_a_page():
    first, second = elbo_explorer(), elbo_explorer(mu=-1)
    other = gradient_explorer()
    page = page_of(notebook_of(first, second, other, first))
    tags = read_page(page)
    assert len(tags.select("[data-course-view]")) == 4
    assert len(kept(tags, "model")) == 3
    assert [module["esm"] for module in kept(tags, "module")] == [first._esm, other._esm]
    assert page.count("[data-course-view]") == 1


def test_bytes_and_hostile_text_arrive_as_they_were():
    text, numbers = "</script><!-- & <b> ' \" ² \u2028", bytes(range(256))
    page = read_page(page_of(notebook_of(Shown(text=text, numbers=numbers), **OURS)))
    (model,) = kept(page, "model")
    assert model["state"]["text"] == text
    (buffer,) = model["buffers"]
    assert buffer["path"] == ["numbers"] and base64.b64decode(buffer["data"]) == numbers


def test_without_saved_state_or_scripts_the_still_is_shown_with_its_words():
    explorer = elbo_explorer()
    page = page_of(notebook_of(explorer, saved=False, **OURS))
    assert [img["alt"] for img in read_page(page)("img")] == [repr(explorer)]
    assert "data-course-" not in page and "<noscript>" not in page
    page = page_of(notebook_of(explorer), sanitize_html=True)
    assert "data-course-" not in page
    assert f"data:image/png;base64,{explorer._png()}" in page


def test_other_widgets_show_their_words_and_ask_for_no_manager():
    slider = ipywidgets.IntSlider(description="steps")
    form = {VIEW: {"model_id": "gone"}, HTML: "<p>A question?</p>", WORDS: "A question?"}
    bar = {VIEW: {"model_id": "gone"}, WORDS: "100%|####| 10/10"}
    page = page_of(notebook_of(elbo_explorer(), slider, form, bar))
    assert "<p>A question?</p>" in page
    assert "100%|####| 10/10" in page
    assert "IntSlider(value=0, description='steps')" in page.replace("&#39;", "'")
    managers = ("html-manager", "unpkg", "embed-amd", "require.min.js", STATE, VIEW)
    assert [word for word in managers if word in page] == []


def test_a_widget_whose_code_is_at_an_address_is_not_fetched():
    class Far(Shown):
        _esm = "https://example.org/widget.js"

    after, _ = LiveExplorers().preprocess(notebook_of(Far(), **OURS), {})
    assert list(after.cells[0].outputs[0].data) == [WORDS]


@pytest.mark.parametrize("kind", [HTML, "application/javascript"])
def test_require_js_stays_where_an_output_asks_for_it(kind):
    asks = {kind: "<script>require(['plot'], draw)</script>"}
    assert "require.min.js" in page_of(notebook_of(elbo_explorer(), asks))
    prose = {kind: "<p>This requires_grad, as you may require.</p>"}
    assert "require.min.js" not in page_of(notebook_of(elbo_explorer(), prose))
    assert "require.min.js" not in page_of(notebook_of(elbo_explorer()))


def test_slides_keep_require_js_which_they_need():
    page = page_of(notebook_of(elbo_explorer()), SlidesExporter)
    assert "require.min.js" in page and len(kept(read_page(page), "model")) == 1


def test_notebooks_of_others_are_left_alone():
    for shown in (Shown(text="mine"), ipywidgets.IntSlider(), {PNG: "", WORDS: "a figure"}):
        notebook = notebook_of(shown, "![x](../figures/test_network.svg)")
        before = json.dumps(notebook)
        after, resources = LiveExplorers().preprocess(notebook, {})
        assert json.dumps(after) == before
        assert resources == {}


def test_figures_of_the_course_travel_with_the_page(tmp_path):
    figure, path = tmp_path / "figures" / "a-b_1.svg", tmp_path / "my_course" / "n.ipynb"
    for file in (figure, path):
        file.parent.mkdir()
    figure.write_text("<svg/>")
    links = "![one](../figures/a-b_1.svg) and ![none](../figures/gone.svg)"
    notebook = notebook_of(links, **OURS)
    notebook.cells.append(nbformat.v4.new_code_cell(links))
    nbformat.write(notebook, path)
    page, _ = HTMLExporter(preprocessors=[LiveExplorers]).from_filename(str(path))
    sources = {img["alt"]: img["src"] for img in read_page(page)("img")}
    svg = base64.b64encode(b"<svg/>").decode()
    assert sources == {"one": f"data:image/svg+xml;base64,{svg}", "none": "../figures/gone.svg"}


USERS_OWN = """
c.HTMLExporter.preprocessors.append('nbconvert.preprocessors.RegexRemovePreprocessor')
c.RegexRemovePreprocessor.patterns = ['remove me']
"""


def where_the_course_is_installed(folder):
    """The environment that finds the course's settings of nbconvert there, and a user's own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    target = folder / "prefix" / shared["jupyter_config/nbconvert.py"]
    for path in (target, folder / "user" / target.name):
        path.parent.mkdir(parents=True)
    shutil.copy(ROOT / "jupyter_config" / "nbconvert.py", target)
    (folder / "user" / target.name).write_text(USERS_OWN)
    prefix = folder / "prefix" / "etc" / "jupyter"
    found = {"JUPYTER_CONFIG_PATH": str(prefix), "JUPYTER_CONFIG_DIR": str(folder / "user")}
    return {**os.environ, **found}


def test_plain_nbconvert_finds_it_and_keeps_what_the_user_has(tmp_path):
    notebook = notebook_of(elbo_explorer(), {WORDS: "gone"})
    notebook.cells[1].source = "remove me"
    nbformat.write(notebook, tmp_path / "n.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "n.ipynb"]
    environment = where_the_course_is_installed(tmp_path)
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    page = read_page((tmp_path / "n.html").read_text(encoding="utf-8"))
    assert len(kept(page, "model")) == len(page.select("[class*=jp-CodeCell]")) == 1
