"""Each notebook once with all reference solutions injected: every exercise must say [right]."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils.exercises._engine.registry import all_exercises, find_exercise, registries

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
CHECK = re.compile(r"""\bcheck\(\s*["'](E\d+\.\d+)["']\s*,\s*(\w+)""")


def solve(source, exercise_id, name):
    """A cell's source with the stub `name` replaced by the reference; its def line must agree."""
    lines = source.splitlines()
    stubs = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name]
    assert len(stubs) == 1, f"the cell of {exercise_id} should define {name} once"
    start, end = stubs[0].lineno - 1, stubs[0].end_lineno
    reference = find_exercise(exercise_id).source.splitlines()
    assert lines[start].split("#")[0].strip() == reference[0].split("#")[0].strip()
    return "\n".join(lines[:start] + reference + lines[end:])


def inject(notebook):
    """Solve all exercises of a notebook in place; returns their ids."""
    found = []
    for cell in notebook.cells:
        for exercise_id, name in CHECK.findall(cell.source if cell.cell_type == "code" else ""):
            cell.source = solve(cell.source, exercise_id, name)
            found.append(exercise_id)
    return found


def execute(notebook, folder):
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    return "\n".join(out.get("data", {}).get("text/plain", "") for out in outputs)


@pytest.fixture(autouse=True)
def strict(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))


def test_a_stub_is_replaced_and_runs_strictly(tmp_path):
    """The injection itself, on a notebook of one exercise."""
    stub = 'def my_average(p):\n    """Docstring."""\n    ...  # your code\n\n\n'
    cells = [
        "import torch\nfrom course_utils.exercises import check",
        stub + 'average = check("E0.1", my_average)\nprint(average is my_average)',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    assert inject(notebook) == ["E0.1"]
    assert "[right] E0.1" in execute(notebook, tmp_path)
    assert notebook.cells[1].outputs[-1].text == "True\n"


def test_a_notebook_exists_for_every_registry():
    """No exercise without its notebook."""
    assert {path.name[:2] for path in NOTEBOOKS} >= set(registries())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_exercise_is_right_when_solved(path):
    notebook = nbformat.read(path, as_version=4)
    number = path.name[:2]
    expected = list(all_exercises(number)) if number in registries() else []
    assert inject(notebook) == expected
    text = execute(notebook, path.parent)
    for exercise_id in expected:
        assert f"[right] {exercise_id} " in text
