"""The notebooks as a learner meets them: opened, run, moved, answered.

Of each the cells that it takes for what is tried in it are run, weekly all before; nbval runs all.
"""

import json
import re

import nbformat
import pytest
from explorer_actions import drag, said
from lab_in_chromium import (
    code_cell,
    copy_for_learner,
    errors_shown,
    find_cell,
    in_lab,
    open_notebook,
    run_all,
    run_cell,
    screenshot,
    sources_in,
)
from reach import needed
from thorough import thorough

from course_utils._door.copies import RUN_ME, fingerprint
from course_utils.exercises._engine.registry import find_exercise

# Of each lesson its explorer, an exercise and a mistake; what to return for it: the most natural
# wrong answer, to be recognised as that mistake, and a right one.
LESSONS = {
    ("01_latent_variables", "stroke_writer", "E1.4", "norm of the whole tensor"): (
        "z / 10 + z / z.norm()",
        "z / 10 + z / (z**2).sum(1, keepdim=True) ** 0.5",
    ),
    ("02_naive_monte_carlo", "monte_carlo_explorer", "E2.1", "naive"): (
        "a.exp().mean(dim).log()",
        "a.logsumexp(dim) - torch.tensor(a.shape[dim]).log()",
    ),
    ("03_kl_and_elbo", "elbo_explorer", "E3.1", "mean over latents"): (
        "0.5 * (mu**2 + log_var.exp() - 1 - log_var).mean(-1)",
        "(0.5 * mu**2 + 0.5 * log_var.exp() - 0.5 - 0.5 * log_var).sum(-1)",
    ),
    ("04_reparameterization", "gradient_explorer", "E4.1", "variance as sigma"): (
        "mu + log_var.exp() * eps",
        "mu + log_var.exp().sqrt() * eps",
    ),
    ("05_vae", "latent_explorer", "E5.1", "sigmoid, then log"): (
        "(x * logits.sigmoid().log() + (1 - x) * (1 - logits.sigmoid()).log()).sum(-1)",
        "(x * logits - torch.nn.functional.softplus(logits)).sum(-1)",
    ),
    ("06_latent_space", "latent_explorer", "E6.3", "variance of mu alone"): (
        "mu.mean(0), mu.var(0)",
        "mu.mean(0), mu.var(0) + log_var.exp().mean(0)",
    ),
    ("07_cvae", "conditional_explorer", "E7.1", "the label as a number"): (
        "torch.cat([h, y[:, None]], dim=1)",
        "torch.cat([h, torch.eye(classes)[y].to(h)], dim=1)",
    ),
    ("09_rate_distortion", "rate_distortion_explorer", "E9.1", "negative rates"): (
        "0.5 * (eigenvalues / theta).log().sum(), eigenvalues.clamp(max=theta).sum()",
        "(eigenvalues / theta).log().relu().sum() / 2, eigenvalues.clamp(max=theta).sum()",
    ),
}


def open_lesson(page, lab, name: str, *texts: str) -> list[int]:
    """A notebook as a learner gets it, run as far as the cells with these texts; their numbers."""
    copy = copy_for_learner(lab, f"{name}.ipynb")
    if not thorough():
        leave_out_others(lab.folder / copy, texts)
    open_notebook(page, lab, copy)
    cells = [find_cell(page, text) for text in texts]
    run_all(page, until=max(cells))
    assert errors_shown(page) == []
    return cells


def leave_out_others(path, texts) -> None:
    """Of the cells of code only those with these texts stay, and those that these need."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = needed([cell.source for cell in code], lambda source: any(t in source for t in texts))
    gone = [cell.id for n, cell in enumerate(code) if n not in kept]
    notebook.cells = [cell for cell in notebook.cells if cell.id not in gone]
    nbformat.write(notebook, path)


def answer(page, cell: int, stub: str, value: str) -> str:
    """What the check says once the stub's dots are replaced by the return of a value."""
    returned = rf"\g<1>return {value}"
    source, dots = re.subn(r"^( +)\.\.\..*$", returned, stub, flags=re.MULTILINE)
    assert dots == 1, f"expected one line of dots in the stub, but it is:\n{stub}"
    said = run_cell(page, cell, source)
    screenshot(code_cell(page, cell), "exercise_" + re.search(r"def (\w+)", stub)[1])
    return re.sub(r"\s+", " ", said)


def test_the_first_notebook_begins_with_the_doctor_and_an_explorer(page, lab):
    _, explorer, _ = open_lesson(page, lab, "00_start_here", "doctor", "latent_explorer(", "E0.1")
    move_explorer(page, explorer, "latent_explorer")
    assert not page.problems
    screenshot(page, "00_start_here")


def test_its_explorer_is_seen_before_anything_runs_and_saving_is_no_touch(page, lab):
    name = copy_for_learner(lab, "00_start_here.ipynb")
    open_notebook(page, lab, name)
    picture = page.locator(".jp-NotebookPanel .jp-CodeCell").nth(1).locator("img").first
    picture.wait_for(state="visible", timeout=10_000)
    screenshot(page, "00_before_it_runs")
    box, screen = picture.bounding_box(), page.viewport_size
    assert box["width"] > 200 and box["y"] + box["height"] / 2 < screen["height"]
    assert RUN_ME.strip() in code_cell(page, 1).inner_text()
    copy = lab.folder / name
    given, when = fingerprint(json.loads(copy.read_text())), copy.stat().st_mtime_ns
    in_lab(page, "return app.commands.execute('docmanager:save').then(() => null);")
    assert copy.stat().st_mtime_ns > when
    assert fingerprint(json.loads(copy.read_text())) == given


@pytest.mark.parametrize(("lesson", "answers"), LESSONS.items(), ids=[one[0] for one in LESSONS])
def test_a_lesson_runs_moves_and_answers(page, lab, lesson, answers):
    (name, maker, exercise, mistake), (wrong, right) = lesson, answers
    explorer, cell = open_lesson(page, lab, name, f"{maker}(", f'check("{exercise}"')
    move_explorer(page, explorer, maker)
    hints = {known.name: known.hint for known in find_exercise(exercise).slips}
    stub = sources_in(page)[cell]
    assert "waiting" in code_cell(page, cell).inner_text()
    refused = answer(page, cell, stub, wrong)
    assert hints[mistake].replace("`", "") in refused  # the page shows code without backticks
    assert "[not yet]" in refused
    assert "[right]" in answer(page, cell, stub, right)
    assert errors_shown(page) == [] and not page.problems


def move_explorer(page, cell: int, name: str) -> None:
    """By mouse, then by keyboard; each time it says something new."""
    pad, words = (
        f".jp-CodeCell >> nth={cell} >> .cx [{part}] >> nth=0"
        for part in ("role=application", "aria-live")
    )
    explorer = code_cell(page, cell)
    explorer.locator("[role=application]").first.scroll_into_view_if_needed()
    first = said(page, words)
    drag(page, pad, (0.3, 0.3), (0.7, 0.6))
    dragged = said(page, words)
    page.keyboard.press("ArrowLeft")
    assert len({first, dragged, said(page, words)}) == 3
    screenshot(explorer, f"{name}_in_its_lesson")


def test_a_prediction_is_made_by_keyboard(page, lab):
    (cell,) = open_lesson(page, lab, "02_naive_monte_carlo", 'predict("P2.1"')
    form = code_cell(page, cell)
    form.locator("input[name=choice]").first.focus()
    for key in ("Space", "Tab", "ArrowRight"):
        page.keyboard.press(key)
    form.get_by_role("status").get_by_text("Kept.", exact=True).wait_for(timeout=10_000)
    screenshot(form, "prediction")
    assert not page.problems
