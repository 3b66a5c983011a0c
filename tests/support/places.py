"""Where things lie, and what a page says: for the tests that read the repository itself."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "course_utils"
FIGURES = ROOT / "figures"
TESTS = ROOT / "tests"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = sorted([*ROOT.glob("*.md"), *FIGURES.glob("*.md"), *(ROOT / "notebooks").glob("*.md")])

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def notebook(number: str) -> Path:
    """The notebook that begins so, such as "05"."""
    return next(path for path in NOTEBOOKS if path.name.startswith(f"{number}_"))


def cells_of(path: Path) -> list[dict]:
    """The cells of a notebook."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def sources_of(path: Path, kind: str = "code") -> list[str]:
    """The texts of a notebook's cells of one kind, code or markdown; the whole of a module."""
    if path.suffix == ".py":
        return [path.read_text(encoding="utf-8")]
    return ["".join(cell["source"]) for cell in cells_of(path) if cell["cell_type"] == kind]


def markdown_of(path: Path) -> str:
    """All that a page or a notebook says in words."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n".join(sources_of(path, "markdown"))
