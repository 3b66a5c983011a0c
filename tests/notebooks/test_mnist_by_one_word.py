"""The promise of the real-data cells: write "mnist" for one "digits", and the notebook runs on.

Only what follows the word is run, as far as it needs nothing from before but the first cell: the
whole notebook is run by nbval and in its solved form.
"""

import ast
import builtins
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
WORDS = {"02_naive_monte_carlo": 'load("digits")', "05_vae": 'NAME = "digits"'}


def names_in(source: str) -> tuple[set[str], set[str]]:
    """(bound, needed): what a cell gives a name to, and what it takes from elsewhere."""
    nodes = list(ast.walk(ast.parse(source)))
    bound = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return bound, {node.id for node in names} - bound - {*dir(builtins)}


def that_can_run(first: str, later: list[str]) -> list[str]:
    """The first cell, and all later ones whose names are known by then."""
    known, cells = names_in(first)[0], [first]
    for source in later:
        bound, needed = names_in(source)
        if needed <= known:
            known |= bound
            cells.append(source)
    return cells


@pytest.mark.skipif(not (SHARED / "mnist").is_dir(), reason="the real MNIST files are not here")
@pytest.mark.parametrize(("name", "word"), WORDS.items(), ids=WORDS)
def test_the_same_cells_run_on_mnist(name, word, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(SHARED))
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (start,) = [i for i, source in enumerate(code) if word in source]
    there = code[start].replace(word, word.replace("digits", "mnist"))
    cells = that_can_run(code[0], [there, *code[start + 1 :]])
    assert {there, code[start + 1], code[start + 2]} <= {*cells}
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=folder).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert outputs
    assert not [out for out in outputs if out.output_type == "error"]
