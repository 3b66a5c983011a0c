"""The verb `notebooks`: run the originals again, so that a second run changes nothing.

What differs between two runs for no good reason is made the same: cell ids, widget ids, object
addresses, the times in progress bars. What a learner reads is left as it came.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from course_utils._door.copies import VIEW, find_notebook, notebooks_in
from course_utils._door.setup import ROOT
from course_utils._door.steps import SetupError, learners_environment, replace_text, say

BAR = re.compile(r"\[\d+:\d+(?::\d+)?(?:<|&lt;)[^\]]{0,80}\]")  # tqdm's elapsed time and rate
ADDRESS = re.compile(r"(?<![+/])\b0x[0-9a-f]{8,16}\b")  # not in base64, of a picture in HTML
MODEL = re.compile(r"IPY_MODEL_([0-9a-f]{32})")
STATE = "application/vnd.jupyter.widget-state+json"
CODE = ("_esm", "_css")  # of a widget; its numbers may look like addresses
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_TIMEOUT = 600  # seconds


def notebooks(names: list[str], *, check: bool = False, folder: Path = ROOT / "notebooks") -> int:
    """Re-execute the originals, or with `check` only say which are stale.

    Args:    names: starts of file names, e.g. ["02"]; all notebooks if empty.
    Returns: exit code: 0, or 1 if a notebook is stale (`check`) or stops with an error.
    Raises:  SetupError for a name that is not there.
    """
    paths = [find_notebook(folder, name) for name in names] or notebooks_in(folder)
    if not paths:
        raise SetupError(f"there are no notebooks in {folder}.")
    work = report_stale if check else renew
    good = [work(path) for path in paths]
    return int(not all(good))


def report_stale(path: Path) -> bool:
    """Whether a notebook's outputs belong to its cells; if not, say so."""
    fresh = not is_stale(path)
    say(f"{'ok   ' if fresh else 'STALE'} {path.name}")
    return fresh


def renew(path: Path) -> bool:
    """Execute, normalise and store one notebook; leave it alone and say why if a cell fails."""
    start = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    try:
        execute(notebook, path.parent)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as err:
        say(f"FAILED {path.name} (left as it was)\n{err}")
        return False
    document = nbformat.from_dict(normalised(notebook, path.stem))
    nbformat.validate(document)
    replace_text(path, nbformat.writes(document) + "\n")
    say(f"ok     {path.name} {time.monotonic() - start:z.0f} s")
    return True


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells in place, in a fresh kernel with an empty state and a single thread.

    Raises: nbclient's exceptions if a cell fails or hangs, or the kernel dies.
    """
    quiet = ["--log-level=ERROR"]  # ipykernel warns of plain TCP at each start
    place = {"metadata": {"path": str(folder)}}
    settings = {"timeout": CELL_TIMEOUT, "kernel_name": "python3", "record_timing": False}
    client = NotebookClient(notebook, extra_arguments=quiet, resources=place, **settings)
    with tempfile.TemporaryDirectory(prefix="vae-course-state-") as state:
        client.execute(env={**learners_environment(state), "PYTHONHASHSEED": "0"})


def sources_hash(notebook: dict) -> str:
    """One hash of all cells' types and sources, in order."""
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def is_stale(path: Path) -> bool:
    """Whether the cells were changed after `notebooks` last ran them; nothing is executed."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    stored = notebook["metadata"].get("course", {}).get("sources")
    return stored != sources_hash(notebook)


def normalised(notebook: nbformat.NotebookNode, name: str) -> dict:
    """A plain dict of the notebook, without anything that differs from run to run.

    Args:    name: makes the ids, so it is to stay the same between runs.
    """
    document = json.loads(json.dumps(notebook))
    for position, cell in enumerate(document["cells"]):
        cell["id"] = _id(f"{name}-{position}", 8)
        cell["metadata"].pop("execution", None)
        if "outputs" in cell:
            cell["outputs"] = _join_streams(cell["outputs"])
        for output in cell.get("outputs", []):
            _quieten_output(output)
    document["metadata"].update(kernelspec=KERNEL, language_info={"name": "python"})
    document["metadata"]["course"] = {"sources": sources_hash(document)}
    document["metadata"] = dict(sorted(document["metadata"].items()))
    return _rename_widgets(document, name)


def _join_streams(outputs: list[dict]) -> list[dict]:
    """Text printed in a row as one output; into how many it came apart is a matter of timing."""
    joined: list[dict] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and output["name"] == last.get("name"):
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _quieten_output(output: dict) -> None:
    """Text only: in a picture's base64 a look-alike of an address is part of the picture."""
    if "text" in output:
        output["text"] = _quieten(output["text"])
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/"):
            output["data"][kind] = _quieten(content)


def _quieten(content):
    """Remove addresses and times from a string, or from all strings in lists and dicts."""
    if isinstance(content, str):
        return ADDRESS.sub("0x0", BAR.sub("[done]", content))
    if isinstance(content, list):
        return [_quieten(item) for item in content]
    if isinstance(content, dict):
        return {key: _quieten(value) for key, value in content.items()}
    return content


def _rename_widgets(document: dict, name: str) -> dict:
    """Give widget models ids by the order in which they are shown; drop those never shown."""
    widgets = document["metadata"].get("widgets", {}).get(STATE, {})
    state = widgets.get("state", {})
    shown = _models_shown(document["cells"], state)
    kept = {model: _quieten_model(state[model]) for model in shown if model in state}
    if not kept:
        document["metadata"].pop("widgets", None)
    else:
        widgets["state"] = kept
    text = json.dumps(document, ensure_ascii=False)
    for position, model in enumerate(shown):
        text = text.replace(model, _id(f"{name}-widget-{position}", 32))
    return json.loads(text)


def _models_shown(cells: list[dict], state: dict) -> list[str]:
    """Ids of the models in the outputs, then of those they refer to, breadth first."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    views = [output["data"][VIEW] for output in outputs if VIEW in output.get("data", {})]
    queue = list(dict.fromkeys(view["model_id"] for view in views))
    for model in queue:
        referred = MODEL.findall(json.dumps(state.get(model, {}), sort_keys=True))
        queue += [other for other in dict.fromkeys(referred) if other not in queue]
    return queue


def _quieten_model(model: dict) -> dict:
    """Outputs kept inside a widget hold text as well; code stays, and so do buffers in base64."""
    state = model.get("state", {})
    code = {name: state[name] for name in CODE if name in state}
    return {**model, "state": _quieten(state) | code} if state else model


def _id(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
