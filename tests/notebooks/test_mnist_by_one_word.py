"""The promise of the real-data cells: write "mnist" for one "digits", and the notebook runs on."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
WORDS = {"02_naive_monte_carlo": 'load("digits")', "05_vae": 'NAME = "digits"'}


@pytest.mark.skipif(not (SHARED / "mnist").is_dir(), reason="the real MNIST files are not here")
@pytest.mark.parametrize(("name", "word"), WORDS.items(), ids=WORDS)
def test_the_same_cells_run_on_mnist(name, word, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(SHARED))
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    assert sum(word in cell.source for cell in notebook.cells if cell.cell_type == "code") == 1
    for cell in notebook.cells:
        cell.source = cell.source.replace(word, word.replace("digits", "mnist"))
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=folder).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert outputs
    assert not [out for out in outputs if out.output_type == "error"]
