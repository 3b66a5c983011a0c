"""The learner's copies: `my_course/` gets each notebook without outputs, and keeps the work done.

Only the first explorer leaves its picture, so that the course does not begin with a blank.

A copy counts as touched once a cell's source differs or an output stands in it that was not put
there; what JupyterLab changes by merely opening a file does not count. A touched copy is never
written to.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import time
from pathlib import Path

from course_utils._door.steps import SetupError, cannot_write, read_json, replace_text, say

MANIFEST = ".copies.json"
BEGINNING = "00"  # the notebook whose first explorer leaves its picture
VIEW = "application/vnd.jupyter.widget-view+json"
RUN_ME = "A picture, until you run this cell (Shift + Enter): then it moves.\n"


def refresh(originals: Path, copies: Path) -> list:
    """Bring `copies` up to date with `originals`; return the paths written, and say what is new.

    Raises: SetupError if an original is not a notebook, or a copy cannot be written.
    """
    try:
        copies.mkdir(exist_ok=True)
    except OSError as err:
        raise SetupError(cannot_write(copies, err)) from err
    manifest, written = read_json(copies / MANIFEST), []
    for original in notebooks_in(originals):
        cleared = cleared_notebook(original)
        if not isinstance(manifest.get(original.name), dict):
            manifest[original.name] = {}
        entry = manifest[original.name]
        target = _target(copies / original.name, fingerprint(cleared), entry)
        if target is not None:
            replace_text(target, json.dumps(cleared, indent=1, ensure_ascii=False) + "\n")
            written.append(target)
    replace_text(copies / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return written


def start_anew(originals: Path, copies: Path, name: str) -> Path:
    """Give one notebook back in its original state; the old copy is kept beside it, dated.

    Args:    name: the start of a file name, e.g. "02".
    Raises:  SetupError if there is no such notebook, with the list of those there are.
    """
    original = find_notebook(originals, name)
    copy = copies / original.name
    if os.path.lexists(str(copy)):
        backup = _free_name(copy, time.strftime("%Y-%m-%d %H%M"))
        try:
            copy.rename(backup)
        except OSError as err:
            raise SetupError(cannot_write(copy, err)) from err
        say(f"Kept your {copy.name} as {backup.name}")
    refresh(originals, copies)
    return copy


def notebooks_in(folder: Path) -> list:
    """The notebooks of a folder, in the order of the course."""
    return sorted(path for path in folder.glob("*.ipynb") if path.is_file())


def find_notebook(folder: Path, name: str) -> Path:
    """The one notebook whose file name starts so.

    Raises: SetupError if there is none or more than one, with the list.
    """
    wanted = Path(name).name
    found = [path for path in notebooks_in(folder) if wanted and path.name.startswith(wanted)]
    if len(found) != 1:
        many = "more than one" if found else "no"
        known = ", ".join(path.stem for path in notebooks_in(folder))
        raise SetupError(f"there is {many} notebook called {name!r}; there are: {known}.")
    return found[0]


def cleared_notebook(path: Path) -> dict:
    """A notebook without outputs and widget state, so that no answer stands below its question.

    Of notebook 00 the first explorer's picture stays, with words that say what to do.

    Raises: SetupError if the file is not a notebook.
    """
    notebook = _read_notebook(path)
    if notebook is None:
        mend = f'get it back with: git checkout -- "{path}"'
        raise SetupError(f"{path} is not a readable notebook; {mend}")
    missing = path.name.startswith(BEGINNING)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            still = _still(cell.get("outputs", [])) if missing else []
            missing = missing and not still
            cell.update(outputs=still, execution_count=None)
    notebook.get("metadata", {}).pop("widgets", None)
    return notebook


def fingerprint(notebook: dict) -> str:
    """What a learner can change, as one hash: sources and outputs of the cells, in order."""
    parts = [
        [one["cell_type"], "".join(one["source"]), _in_one_piece(one.get("outputs", []))]
        for one in notebook["cells"]
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _still(outputs: list) -> list:
    """What an explorer shows where it cannot run, below words to run it; [] if there is none."""
    for output in outputs:
        data = dict(output.get("data", {}))
        if data.pop(VIEW, None) and data:
            picture = {"output_type": "display_data", "metadata": output.get("metadata", {})}
            return [
                {"output_type": "stream", "name": "stdout", "text": RUN_ME},
                {**picture, "data": data},
            ]
    return []


def _in_one_piece(value):
    """Outputs with each text as one: JupyterLab stores texts line by line."""
    if isinstance(value, dict):
        return {key: _in_one_piece(inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    pieces = [_in_one_piece(inner) for inner in value]
    texts = pieces and all(isinstance(piece, str) for piece in pieces)
    return "".join(pieces) if texts else pieces


def _target(copy: Path, new: str, entry: dict) -> Path | None:
    """Where the original is to be written: the copy's place, a free one beside it, or nowhere."""
    old = ""
    if os.path.lexists(str(copy)):
        notebook = _read_notebook(copy)
        if notebook is None:
            again = f"python3 -m course_utils lab --fresh {copy.stem[:2]}"
            say(f"Your {copy.name} cannot be read, and is left as it is; for a new one: {again}")
        old = "unreadable" if notebook is None else fingerprint(notebook)  # so it counts as touched
    if old in ("", new, entry.get("copied")):
        if old not in ("", new):
            say(f"{copy.name} was updated (you had not changed it)")
        entry.update(copied=new, offered=new)
        return None if old == new else copy
    if entry.get("offered") == new:
        return None
    entry["offered"] = new
    beside = _free_name(copy, "new")
    say(f"{copy.name} has a newer version: it is in {beside.name}, yours stays")
    return beside


def _free_name(path: Path, word: str) -> Path:
    """`02 (word).ipynb`, or `02 (word 2).ipynb` where that is taken, and so on."""
    words = itertools.chain([word], (f"{word} {number}" for number in itertools.count(2)))
    candidates = (path.with_name(f"{path.stem} ({one}){path.suffix}") for one in words)
    return next(candidate for candidate in candidates if not os.path.lexists(str(candidate)))


def _read_notebook(path: Path) -> dict | None:
    """The notebook, or None for what is no file or holds no notebook."""
    notebook = read_json(path)
    cells = notebook.get("cells")
    return notebook if isinstance(cells, list) and all(map(_is_cell, cells)) else None


def _is_cell(cell) -> bool:
    if not isinstance(cell, dict):
        return False
    kind, source = cell.get("cell_type"), cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return all(isinstance(line, str) for line in (kind, *lines))
