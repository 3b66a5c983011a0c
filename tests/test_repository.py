"""What holds for the repository as a whole: notebooks as stored, links, lock."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "course_utils"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "figures").glob("*.md")])

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def tags_of(cell: dict) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def test_there_are_notebooks_and_the_first_is_where_lab_begins():
    """Guards the tests below: over an empty list they would pass without looking at anything."""
    assert NOTEBOOKS
    assert NOTEBOOKS[0].name == "00_start_here.ipynb"


@each_notebook
def test_a_notebook_is_stored_executed_from_top_to_bottom(path):
    """nbval passes a notebook that was never run: it compares nothing then."""
    code = [cell for cell in cells_of(path) if cell["cell_type"] == "code"]
    run = [cell for cell in code if "".join(cell["source"]).strip()]
    run = [cell for cell in run if not tags_of(cell) & {"nbval-skip", "skip-execution"}]
    assert [cell["execution_count"] for cell in run] == list(range(1, len(run) + 1))


@each_notebook
def test_a_notebook_holds_no_error_but_those_it_teaches(path):
    stopped = [
        "".join(cell["source"])
        for cell in cells_of(path)
        for output in cell.get("outputs", [])
        if output["output_type"] == "error" and "raises-exception" not in tags_of(cell)
    ]
    assert stopped == []


@each_notebook
def test_a_notebook_is_small(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert path.stat().st_size <= 2_000_000
    notebook["metadata"].pop("widgets", None)
    bare = json.dumps(notebook, indent=1, ensure_ascii=False).encode()
    assert len(bare) <= 300_000


@each_notebook
def test_cell_ids_are_there_and_differ(path):
    """Stable ids keep the diffs of notebooks readable."""
    ids = [cell.get("id") for cell in cells_of(path)]
    assert None not in ids
    assert len(set(ids)) == len(ids)


@each_notebook
def test_stored_outputs_belong_to_the_cells(path):
    from course_utils._door.notebooks import is_stale

    assert not is_stale(path), f"run: python3 -m course_utils notebooks {path.stem}"


def markdown_of(path: Path) -> str:
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    texts = ["".join(cell["source"]) for cell in cells_of(path) if cell["cell_type"] == "markdown"]
    return "\n".join(texts)


def local_links(text: str) -> list[str]:
    """Targets inside the repository of links, pictures and reference definitions."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    targets = re.findall(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)", text)
    targets += re.findall(r"^\[[^\]]+\]:\s*(\S+)", text, flags=re.MULTILINE)
    targets += re.findall(r"""(?:src|href)=["']([^"']+)["']""", text)
    return [target for target in targets if not re.match(r"[a-z]+:|#|data:", target)]


def test_local_links_are_found_and_others_are_not():
    text = "[a](x.md#top) ![b](../f.svg 'c') [d](https://e.org) [f](#g) `[h](i)`\n[j]: k.md"
    assert local_links(text) == ["x.md#top", "../f.svg", "k.md"]


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(path):
    targets = [target.partition("#")[0] for target in local_links(markdown_of(path))]
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_notebook_links_also_work_from_the_copies():
    """`../figures/` works from both folders; a link to a path inside notebooks/ would not."""
    leading_back = [
        (path.name, target)
        for path in NOTEBOOKS
        for target in local_links(markdown_of(path))
        if "notebooks/" in target
    ]
    assert leading_back == []


def test_modules_are_small():
    """A newcomer reads the whole helper package in an evening."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


def test_the_lock_names_every_direct_dependency():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[<>=!~ ]", line)[0].lower() for line in direct}
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert names <= {line.partition("==")[0].lower() for line in lines}


def test_the_bounds_of_python_are_the_same_everywhere():
    import tomllib

    from course_utils.__main__ import OLDEST, TOO_NEW

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest, too_new = (".".join(map(str, pair)) for pair in (OLDEST, TOO_NEW))
    assert project["requires-python"] == f">={oldest},<{too_new}"
