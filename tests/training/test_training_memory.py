"""What `fit` costs beside its arithmetic: memory, and a notebook's second run."""

import json
import subprocess
import sys

import nbformat
import pytest

from course_utils._door import notebooks as _notebooks

MEBIBYTE = 1024 if sys.platform != "darwin" else 1024**2  # in the units of ru_maxrss

PEAKS = """
import resource, torch
from course_utils.models import VAE
from course_utils.training import fit

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

x = {pictures}
torch.manual_seed(0)
model = VAE((28, 28), latent_dim=20, hidden=(50,))
before = peak()
history = fit(model, x, epochs=1, batch_size=512, progress=False)
print(before, peak(), len(history))
"""


BYTES = "torch.randint(0, 256, (60_000, 28, 28), dtype=torch.uint8)"
FLOATS = "torch.rand(60_000, 28, 28)"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a process its peak")
@pytest.mark.parametrize(
    "pictures, megabytes", [(BYTES, 47), (FLOATS, 188)], ids=["bytes", "floats"]
)
def test_training_takes_less_than_150_megabytes_above_the_data(pictures, megabytes):
    """So that there is no copy of the bytes in floats."""
    code = PEAKS.format(pictures=pictures)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    before, after, epochs = map(int, run.stdout.split())
    assert epochs == 1 and before > megabytes * MEBIBYTE
    assert after - before < 150 * MEBIBYTE


LESSON = """
import torch
from course_utils.data import load
from course_utils.models import VAE
from course_utils.training import fit

torch.manual_seed(0)
model = VAE((8, 8), latent_dim=2, hidden=(16,))
history = fit(model, load("digits"), epochs=3)
history
"""


def test_a_notebook_that_trains_is_stored_the_same_twice(tmp_path):
    """The bar is a widget there; its times go, its numbers stay."""
    path, stored = tmp_path / "05_lesson.ipynb", []
    cells = [nbformat.v4.new_code_cell(LESSON.strip())]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    for _ in range(2):
        assert _notebooks.notebooks([], folder=tmp_path) == 0
        stored.append(path.read_text(encoding="utf-8"))
    assert stored[0] == stored[1]
    notebook = json.loads(stored[0])
    last = "".join(notebook["cells"][0]["outputs"][-1]["data"]["text/plain"])
    widgets = notebook["metadata"]["widgets"][_notebooks.STATE]["state"].values()
    texts = [w["state"]["value"] for w in widgets if w["model_name"] == "HTMLModel"]
    assert last.startswith("History(3 epochs: ELBO -")
    assert any("3/3" in text and "[done]" in text and "elbo=-" in text for text in texts)
