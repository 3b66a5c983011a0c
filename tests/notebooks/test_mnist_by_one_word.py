"""The promise of the real-data cells: write "mnist" for "digits", and the notebook runs on."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
REAL_DATA = sorted(
    path
    for path in ROOT.glob("notebooks/*.ipynb")
    if 'load(\\"digits\\")' in path.read_text("utf-8")
)


def test_some_notebook_reads_real_digits():
    assert [path.stem for path in REAL_DATA][:1] == ["02_naive_monte_carlo"]


@pytest.mark.skipif(not (SHARED / "mnist").is_dir(), reason="the real MNIST files are not here")
@pytest.mark.parametrize("path", REAL_DATA, ids=lambda path: path.stem)
def test_the_same_cells_run_on_mnist(path, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(SHARED))
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace('load("digits")', 'load("mnist")')
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=folder).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert outputs
    assert not [out for out in outputs if out.output_type == "error"]
