"""A private JupyterLab, driven in a headless Chromium: shared by the tests and the benchmark."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course_utils._door.copies import cleared_notebook

REPOSITORY = Path(__file__).resolve().parents[2]
SCREENSHOTS = REPOSITORY / "screenshots"
FLAGS = [
    "--no-sandbox",  # containers that run as root have no user namespace to sandbox with
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
]

VIEWPORT = {"width": 1400, "height": 1000}


@dataclass(frozen=True)
class Lab:
    """Where a running JupyterLab listens, and the folder it serves."""

    url: str
    token: str
    folder: Path


def chromium() -> str | None:
    """The browser to drive: COURSE_CHROMIUM, or one on the PATH."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("COURSE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def running_lab(root: Path) -> Iterator[Lab]:
    """JupyterLab on a free loopback port; all that it writes stays below root.

    Raises: RuntimeError with its log if it does not come up within a minute.
    """
    folder = root / "work"
    folder.mkdir(parents=True)
    port, token, log = _free_port(), secrets.token_hex(16), root / "lab.log"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"),
        *(f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"),
    ]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=_environment(root))
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(f"{url}/api/status?token={token}", process, log)
            yield Lab(url, token, folder)
        finally:
            _stop(process)


@contextmanager
def running_browser() -> Iterator:
    """A headless Chromium as a Playwright context; `context.browser` makes others."""
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium(), args=FLAGS) as browser,
    ):
        yield browser.new_context(viewport=VIEWPORT)


@contextmanager
def new_page(browser) -> Iterator:
    """A new tab; `page.problems` collects uncaught exceptions and errors on the console.

    In the end it shuts down the kernel of the notebook it shows: each holds 300 MB.
    """
    page = browser.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "console",
        lambda said: page.problems.append(said.text) if said.type == "error" else None,
    )
    yield page
    in_lab(page, "return kernel && panel.sessionContext.shutdown();")
    page.close()


def write_notebook(path: Path, *cells: str) -> None:
    """A notebook of these code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def copy_for_learner(lab: Lab, name: str) -> str:
    """One of the course's notebooks as a learner gets it, figures beside it; the copy's path."""
    original = REPOSITORY / "notebooks" / name
    assert original.exists(), f"the course should have notebooks/{name}"
    notebook = nbformat.from_dict(cleared_notebook(original))
    (lab.folder / "my_course").mkdir(exist_ok=True)
    shutil.copytree(REPOSITORY / "figures", lab.folder / "figures", dirs_exist_ok=True)
    nbformat.write(notebook, lab.folder / "my_course" / name)
    return f"my_course/{name}"


# Lab's own app object says when a kernel is connected and idle; prompts on the page do not.
NOTEBOOK = """const app = window.jupyterapp, panel = app && app.shell.currentWidget;
const kernel = panel && panel.sessionContext && panel.sessionContext.session
  && panel.sessionContext.session.kernel;
const code = panel && panel.content && panel.content.widgets
  ? panel.content.widgets.filter(cell => cell.model.type === 'code') : [];"""


def in_lab(page, body: str, given: object = None) -> object:
    """What a function of JavaScript returns, that may use all these and what is `given`."""
    return page.evaluate(f"given => {{ {NOTEBOOK} {body} }}", given)


def wait_for_lab(page, condition: str, given: object = None, *, within_ms: int) -> None:
    """Wait until a condition holds, written as for `in_lab`."""
    function = f"given => {{ {NOTEBOOK} return {condition}; }}"
    page.wait_for_function(function, arg=given, timeout=within_ms)


CHANGE = """return app.commands.execute('docmanager:open', {path: given})
    .then(() => panel.dispose());"""


def open_notebook(page, lab: Lab, name: str) -> None:
    """Open a notebook and wait for its live kernel.

    In place of one that is open, whose kernel ends: to load Lab takes far longer. But what is open
    already is opened again in a Lab loaded anew, which remembers nothing of it.
    """
    is_open = in_lab(page, "return panel && panel.context.path;")
    in_lab(page, "return kernel && panel.sessionContext.shutdown();")
    page.problems.clear()
    if is_open and is_open != name:
        in_lab(page, CHANGE, name)
    else:
        page.goto(f"{lab.url}/lab/tree/{name}?token={lab.token}&reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook-cell", timeout=90_000)
    ready = "kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle'"
    wait_for_lab(page, ready, within_ms=90_000)


# Of the code cells up to the one with this number; of all if it is null.
UNFINISHED = """return code.slice(0, given === null ? code.length : given + 1)
    .filter(cell => cell.model.sharedModel.getSource().trim())
    .filter(cell => cell.model.executionCount === null || cell.model.executionState !== 'idle')
    .map(cell => [cell.model.executionState, cell.model.sharedModel.getSource().slice(0, 60)])
    .concat(kernel.status === 'idle' ? [] : [['kernel', kernel.status]]);"""


def run_all(page, *, until: int | None = None, timeout_s: int = 240) -> None:
    """Run All Cells, or those up to a code cell, and wait until each has run and the kernel idles.

    Raises: AssertionError if a cell ends with an exception, since Lab runs none after it;
            TimeoutError that says what is still unfinished.
    """
    in_lab(
        page,
        """if (given === null) return void app.commands.execute('notebook:run-all-cells');
        panel.content.activeCellIndex = panel.content.widgets.indexOf(code[given]) + 1;
        app.commands.execute('notebook:run-all-above');""",
        until,
    )
    deadline = time.monotonic() + timeout_s
    while unfinished := in_lab(page, UNFINISHED, until):
        errors = errors_shown(page)
        assert not errors, f"the run stopped at {errors}"
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout_s} s not finished: {unfinished}")
        page.wait_for_timeout(100)


def errors_shown(page) -> list[str]:
    """What ended a cell with an exception, one line each."""
    return in_lab(
        page,
        """return code.flatMap(cell => cell.model.outputs.toJSON())
        .filter(output => output.output_type === 'error')
        .map(output => `${output.ename}: ${output.evalue}`);""",
    )


def sources_in(page) -> list[str]:
    """The sources of the code cells."""
    return in_lab(page, "return code.map(cell => cell.model.sharedModel.getSource());")


def find_cell(page, text: str) -> int:
    """The number, among the code cells, of the first that contains the text.

    Raises: ValueError if no cell does.
    """
    sources = sources_in(page)
    for number, source in enumerate(sources):
        if text in source:
            return number
    raise ValueError(f"expected a code cell with {text!r}, but none of {len(sources)} has it.")


def run_cell(page, index: int, source: str | None = None) -> str:
    """Give a code cell a new source, run it, and return the text of its outputs."""
    in_lab(
        page,
        """const [i, source] = given;
        if (source !== null) code[i].model.sharedModel.setSource(source);
        code[i].model.executionCount = null;
        panel.content.activeCellIndex = panel.content.widgets.indexOf(code[i]);
        return app.commands.execute('notebook:run-cell');""",
        [index, source],
    )
    has_run = """kernel.status === 'idle' && code[given].model.executionCount !== null
        && code[given].model.executionState === 'idle'"""
    wait_for_lab(page, has_run, index, within_ms=60_000)
    return code_cell(page, index).locator(".jp-OutputArea").first.inner_text()


def code_cell(page, index: int):
    """The element of a code cell, scrolled into view: Lab does not lay out cells far from it."""
    number = "panel.content.widgets.indexOf(code[given])"
    in_lab(page, f"return panel.content.scrollToItem({number}, 'center');", index)
    cell = page.locator(".jp-NotebookPanel .jp-CodeCell").nth(index)
    cell.locator(".jp-InputArea-editor").first.wait_for(state="visible", timeout=10_000)
    cell.scroll_into_view_if_needed()
    return cell


def screenshot(target, name: str) -> Path:
    """A picture of a page or an element, in the folder that git ignores."""
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    target.screenshot(path=path)
    return path


def _environment(root: Path) -> dict[str, str]:
    moved = ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    moved += ("JUPYTER_DATA_DIR", "IPYTHONDIR", "COURSE_STATE")
    # A check must not raise here: a learner's notebook runs on after a wrong answer.
    strict = ("COURSE_STRICT", "NBGRADER_EXECUTION")
    kept = {name: value for name, value in os.environ.items() if name not in strict}
    return kept | {name: str(root / name.lower()) for name in moved}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_up(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not come up; its log says:\n{log.read_text()}")


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
