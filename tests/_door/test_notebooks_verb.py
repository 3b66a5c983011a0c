"""`notebooks`: a second run changes nothing, stale notebooks are named, failures leave no trace."""

import base64
import os

import nbformat
import pytest

from course_utils._door import notebooks as _notebooks
from course_utils._door.steps import SetupError

LESSON = (
    "print(object(), 0x0123456789abcdef)",
    "import ipywidgets\n\nipywidgets.VBox([ipywidgets.IntSlider(), ipywidgets.Label('a')])",
    "hidden = ipywidgets.Text()\nipywidgets.IntSlider()",
    "import os\n\nos.environ.get('COURSE_STRICT'), os.environ['MPLBACKEND']",
    "os.listdir(os.environ['COURSE_STATE']), os.environ['OMP_NUM_THREADS']",
)


def write_notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """A folder with one notebook, and its bytes after a first and a second run."""
    folder = tmp_path_factory.mktemp("with space")
    path = write_notebook(folder / "01_lesson.ipynb", *LESSON)
    stored = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_STRICT", "1")
        patch.setenv("MPLBACKEND", "agg")
        for _ in range(2):
            assert _notebooks.notebooks([], folder=folder) == 0
            stored.append(path.read_bytes())
    return path, stored


@pytest.fixture
def lesson(twice):
    return nbformat.read(twice[0], as_version=4)


def test_a_second_run_changes_not_one_byte(twice):
    assert twice[1][0] == twice[1][1]


def test_addresses_go_from_outputs_but_not_from_sources(lesson):
    cell = lesson.cells[0]
    assert cell.outputs[0]["text"].startswith("<object object at 0x0>")
    assert "0x0123456789abcdef" in cell.source


def test_only_widgets_that_are_shown_are_stored_under_new_ids(lesson):
    models = lesson.metadata.widgets[_notebooks.STATE].state
    names = [model["model_name"] for model in models.values()]
    assert names.count("IntSliderModel") == 2
    assert {"VBoxModel", "LabelModel", "LayoutModel"} <= {*names}
    assert "TextModel" not in names
    view = lesson.cells[1].outputs[0]["data"][_notebooks.VIEW]
    first, second = models[view["model_id"]].state.children
    assert {child.removeprefix("IPY_MODEL_") for child in (first, second)} <= {*models}


def test_the_kernel_gets_an_empty_state_and_no_strictness(lesson):
    strictness, state = (cell.outputs[0].data["text/plain"] for cell in lesson.cells[3:])
    assert strictness.startswith("(None, 'module://matplotlib_inline")
    assert state == "(['ipython'], '1')"


def test_a_notebook_just_run_is_fresh_and_an_edited_one_is_stale(twice, tmp_path, capsys):
    path = tmp_path / "01_lesson.ipynb"
    path.write_bytes(twice[1][0])
    assert _notebooks.notebooks([], check=True, folder=tmp_path) == 0
    path.write_bytes(twice[1][0].replace(b"import os", b"import os  # edited"))
    assert _notebooks.notebooks(["01"], check=True, folder=tmp_path) == 1
    assert capsys.readouterr().out == "ok    01_lesson.ipynb\nSTALE 01_lesson.ipynb\n"


def test_a_failing_cell_leaves_the_file_alone_and_is_shown(tmp_path, capsys):
    path = write_notebook(tmp_path / "03_broken.ipynb", "1 + 1", "1 / 0")
    before = path.read_bytes()
    assert _notebooks.notebooks(["03"], folder=tmp_path) == 1
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert os.listdir(tmp_path) == ["03_broken.ipynb"]


def test_a_folder_without_notebooks_is_refused_and_a_name_that_is_not_there(tmp_path):
    with pytest.raises(SetupError, match="there are no notebooks"):
        _notebooks.notebooks([], folder=tmp_path)
    write_notebook(tmp_path / "03_broken.ipynb")
    with pytest.raises(SetupError, match=r"no notebook called '07'; there are: 03_broken"):
        _notebooks.notebooks(["07"], folder=tmp_path)


def normalised(*outputs):
    """The outputs of a notebook's only cell, as they are stored."""
    cell = nbformat.v4.new_code_cell("draw()", outputs=list(outputs))
    notebook = _notebooks.normalised(nbformat.v4.new_notebook(cells=[cell]), "01_lesson")
    return notebook["cells"][0]["outputs"]


@pytest.mark.parametrize("kind", ["image/png", "text/html"])
def test_a_picture_is_no_address(kind):
    """Base64 may hold 0x and eight hex digits by chance; rewriting it would break the picture."""
    picture = base64.b64encode(base64.b64decode("ab+0x123456789a+")).decode()
    data = picture if kind == "image/png" else f'<img src="data:image/png;base64,{picture}">'
    (output,) = normalised(nbformat.v4.new_output("display_data", data={kind: data}))
    assert output["data"][kind] == data


def test_the_code_of_a_widget_is_not_touched():
    """A constant such as 0x9e3779b9 is no address; without it an explorer draws nothing."""
    code = "const GOLDEN = 0x9e3779b9;"
    model = {"state": {"_esm": code, "text": "at 0x7f0123456789"}, "buffers": []}
    assert _notebooks._quieten_model(model)["state"] == {"_esm": code, "text": "at 0x0"}


def test_text_printed_in_a_row_is_stored_as_one():
    printed = [("stdout", "1"), ("stdout", "\n2\n"), ("stderr", "3"), ("stdout", "4")]
    streams = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in printed]
    assert [output["text"] for output in normalised(*streams)] == ["1\n2\n", "3", "4"]


def test_times_go_from_progress_bars_also_inside_widgets():
    text = "100%|###| 3/3 [00:00&lt;00:00, 512.03it/s]"
    assert _notebooks._quieten({"value": [text]}) == {"value": ["100%|###| 3/3 [done]"]}
    assert _notebooks._quieten(3.5) == 3.5


def test_the_hash_sees_sources_and_types_but_not_outputs():
    cells = [nbformat.v4.new_code_cell("a = 1"), nbformat.v4.new_markdown_cell("b")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    first = _notebooks.sources_hash(notebook)
    cells[0]["outputs"] = [nbformat.v4.new_output("stream", text="1")]
    assert _notebooks.sources_hash(notebook) == first
    cells[0]["cell_type"] = "raw"
    assert _notebooks.sources_hash(notebook) != first
