"""What holds for the repository as a whole: notebooks as stored, links, lock."""

import ast
import json
import re
import string
import tomllib
from collections import Counter

import pytest
from mini_clone import BOOTSTRAP
from places import NOTEBOOKS, PACKAGE, PAGES, ROOT, TESTS, cells_of, markdown_of, sources_of

from course_utils.__main__ import OLDEST, TOO_NEW
from course_utils._door.notebooks import is_stale

MODULES = sorted({*PACKAGE.rglob("*.py")} - {PACKAGE / f"{name}.py" for name in BOOTSTRAP})

TEST_FILES = [*TESTS.rglob("*.py")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def tags_of(cell: dict) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def test_there_are_notebooks_and_the_first_is_where_lab_begins():
    """Guards the tests below: over an empty list they would pass without looking at anything."""
    assert NOTEBOOKS
    assert NOTEBOOKS[0].name == "00_start_here.ipynb"


@each_notebook
def test_a_notebook_is_stored_executed_and_holds_no_error_but_those_it_teaches(path):
    """nbval passes a notebook that was never run: it compares nothing then."""
    code = [cell for cell in cells_of(path) if cell["cell_type"] == "code"]
    run = [cell for cell in code if "".join(cell["source"]).strip()]
    run = [cell for cell in run if not tags_of(cell) & {"nbval-skip", "skip-execution"}]
    assert [cell["execution_count"] for cell in run] == list(range(1, len(run) + 1))
    for cell in code:
        kinds = {output["output_type"] for output in cell["outputs"]}
        assert "error" not in kinds or "raises-exception" in tags_of(cell), cell["source"]


@each_notebook
def test_a_notebook_is_small_and_its_cells_have_ids_that_differ(path):
    """Stable ids keep the diffs of notebooks readable."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell.get("id") for cell in notebook["cells"]]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    assert path.stat().st_size <= 2_000_000
    notebook["metadata"].pop("widgets", None)
    bare = json.dumps(notebook, indent=1, ensure_ascii=False).encode()
    assert len(bare) <= 300_000


@each_notebook
def test_stored_outputs_belong_to_the_cells(path):
    assert not is_stale(path), f"run: python3 -m course_utils notebooks {path.stem}"


def formats_in(source: str) -> list[str]:
    """Every format of a number: in f-strings, `format` of a text or of a number, and after a %.

    A width or a precision that is computed, as in `{x:.{digits}f}`, counts as a 1.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=parts)):
                texts = (part.value if isinstance(part, ast.Constant) else "1" for part in parts)
                found.append("".join(texts))
            case ast.Call(func=ast.Attribute(ast.Constant(str(text)), "format")):
                found += [spec for _, _, spec, _ in string.Formatter().parse(text) if spec]
            case ast.Call(func=ast.Name("format"), args=[_, ast.Constant(str(spec))]):
                found.append(spec)
            case ast.BinOp(ast.Constant(str(text)), ast.Mod()):
                found += re.findall(r"%[^%a-zA-Z]*[fF]", text)
    return found


def signs_a_zero(spec: str) -> bool:
    """Whether a format has fixed decimals (kinds f, F and %) and no z."""
    return spec[-1] in "fF%" and not re.match(r"(.?[<>=^])?+[-+ ]?z", spec)


def test_formats_that_sign_a_zero_are_told_from_those_that_do_not():
    good = """
f"{a:z.2f} {b:>+z8,.1f} {c:z.{d}f} {e:z6.0%} {f:g} {f:.1e} {g:>8} {h!r} {f'{i:z.1f}':>{j}}"
print("{:z.1f} %".format(a) + "%s, 100 %% of %d" % (b, c), format(d, "z.3f"))
"""
    bad = """
f"{a:.2f} {b:>+8,.1f} {c:.{d}f} {e:6.0%} {f:z<8.2f} {f'{g:.4f}':>{h}}"
print("{:.5f}".format(a) + "%+5.3f" % b, format(c, ".6F"))
"""
    assert len(formats_in(good)) == 11
    assert not any(map(signs_a_zero, formats_in(good)))
    signing = [".2f", ">+8,.1f", ".1f", "6.0%", "z<8.2f", ".4f", ".5f", "%+5.3f", ".6F"]
    assert sorted(filter(signs_a_zero, formats_in(bad))) == sorted(signing)


@pytest.mark.parametrize("path", [*NOTEBOOKS, *MODULES], ids=lambda path: path.stem)
def test_a_zero_has_no_sign(path):
    """A number that is 0 by theory comes out as 1e-17 or -1e-17, as the processor multiplies.

    So whatever has a fixed number of decimals is written with z: kinds f, F and %, the shares. A %
    between a text and its numbers knows no z, and is not used for decimals. Kinds e and g round
    nothing to 0 and need none. The bootstrap runs before any Python that knows z.
    """
    found = [spec for source in sources_of(path) for spec in formats_in(source)]
    assert [spec for spec in found if signs_a_zero(spec)] == []


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
    if path in NOTEBOOKS:  # from its copy `../figures/` leads there too, a path back would not
        assert [target for target in targets if "notebooks/" in target] == []


def test_every_file_is_small():
    """A newcomer reads the whole helper package in an evening."""
    files = [*PACKAGE.rglob("*.py"), *TEST_FILES]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert [(path, n) for path, n in lines.items() if n > 300] == []


def test_names_of_test_files_differ():
    """pytest imports them by their names alone."""
    names = [path.name for path in TEST_FILES if path.name != "conftest.py"]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_the_lock_names_every_direct_dependency():
    direct = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    names = {re.split(r"[<>=!~ ]", line)[0].lower() for line in direct}
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert names <= {line.partition("==")[0].lower() for line in lines}


def test_the_bounds_of_python_are_the_same_everywhere():
    oldest, too_new = (".".join(map(str, pair)) for pair in (OLDEST, TOO_NEW))
    assert PROJECT["requires-python"] == f">={oldest},<{too_new}"
