"""Each notebook as its readers change it: all exercises solved, or one word changed for MNIST."""

import ast
import builtins
import itertools
import re

import nbformat
import pytest
from core_pieces import needs_and_makes
from nbclient import NotebookClient
from places import NOTEBOOKS, ROOT, each_notebook
from reach import needed
from thorough import thorough

from course_utils.exercises._engine.registry import all_exercises, find_exercise, registries

CHECK = re.compile(r"""\bcheck\(\s*["'](E\d+\.\d+)["']\s*,\s*(\w+)""")
SHARED = ROOT.parent / "shared" / "data"
WORDS = {"02_naive_monte_carlo": 'load("digits")', "05_vae": 'NAME = "digits"'}


def execute(notebook, folder) -> list:
    """The outputs of all cells."""
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    return [out for cell in notebook.cells for out in cell.get("outputs", [])]


def text_of(outputs) -> str:
    return "\n".join(out.get("data", {}).get("text/plain", "") for out in outputs)


@pytest.fixture(autouse=True)
def strict(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))


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


def test_a_stub_is_replaced_and_runs_strictly(tmp_path):
    """The injection itself, on a notebook of one exercise."""
    stub = 'def my_average(p):\n    """Docstring."""\n    ...  # your code\n\n\n'
    cells = [
        "import torch\nfrom course_utils.exercises import check",
        stub + 'average = check("E0.1", my_average)\nprint(average is my_average)',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    assert inject(notebook) == ["E0.1"]
    assert "[right] E0.1" in text_of(execute(notebook, tmp_path))
    assert notebook.cells[1].outputs[-1].text == "True\n"


def test_a_notebook_exists_for_every_registry():
    """No exercise without its notebook."""
    assert {path.name[:2] for path in NOTEBOOKS} >= set(registries())


def test_cells_that_no_check_needs_are_known():
    cells = [
        "import torch",
        "def f(x): ...\n\ng = check('E1.1', f)",
        "x = torch.ones(3)",
        "y = g(x)",
        "z = torch.zeros(3)",
        "print(z)",
        "w = 2 * torch.ones(3)",
        "h = check('E1.2', lambda x: f(x + z))",
        "print(h(y))",
    ]
    assert sorted(needed(cells)) == [0, 1, 4, 7]


@each_notebook
def test_every_exercise_is_right_when_solved(path):
    """Run with all answers right, as far as a check needs it; the weekly job runs every cell."""
    notebook = nbformat.read(path, as_version=4)
    if not thorough():
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        kept = needed([cell.source for cell in code])
        notebook.cells = [cell for n, cell in enumerate(code) if n in kept]
    number = path.name[:2]
    expected = list(all_exercises(number)) if number in registries() else []
    assert inject(notebook) == expected
    text = text_of(execute(notebook, path.parent))
    for exercise_id in expected:
        assert f"[right] {exercise_id} " in text


def that_can_run(first: str, later: list[str]) -> list[str]:
    """The first cell, and all later ones whose names are known by then."""
    known, cells = {*dir(builtins)} | needs_and_makes(first)[1], [first]
    for source in later:
        needs, makes = needs_and_makes(source)
        if needs <= known:
            known |= makes
            cells.append(source)
    return cells


@pytest.mark.skipif(not (SHARED / "mnist").is_dir(), reason="the real MNIST files are not here")
@pytest.mark.parametrize(("name", "word"), WORDS.items(), ids=WORDS)
def test_the_same_cells_run_on_mnist(name, word, monkeypatch):
    """The promise of the real-data cells: write "mnist" for one "digits", and the notebook runs on.

    Only what follows the word is run, as far as it needs nothing from before but the imports.
    """
    monkeypatch.setenv("COURSE_DATA", str(SHARED))
    monkeypatch.delenv("COURSE_STRICT")  # here the exercises stay unsolved
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (start,) = [i for i, source in enumerate(code) if word in source]
    there = code[start].replace(word, word.replace("digits", "mnist"))
    setup = itertools.takewhile(re.compile("import |from ").match, code)
    cells = that_can_run("\n".join(setup), [there, *code[start + 1 :]])
    assert {there, code[start + 1], code[start + 2]} <= {*cells}
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    outputs = execute(notebook, ROOT / "notebooks")
    assert outputs
    assert not [out for out in outputs if out.output_type == "error"]
