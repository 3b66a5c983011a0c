"""What the tests of the explorers share."""

import json
import shutil
import subprocess
from collections.abc import Sequence

import pytest
import torch

from course_utils.data import ImageData, load
from course_utils.widgets._shared.view import read_esm

needs_node = pytest.mark.skipif(
    not shutil.which("node"), reason="no node; tests/browser runs it in Chromium"
)


def by_node(files: Sequence[str], run: str, *given: object) -> object:
    """What a function of JavaScript, that may use all in these files, makes of what is given."""
    code = read_esm(*files) + "let text = ''; for await (const part of process.stdin) text += part;"
    code += f"console.log(JSON.stringify(({run})(...JSON.parse(text))))"
    command = ["node", "--input-type=module", "--eval", code]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def latents(latent_dim, n=20):
    """Latents twice as wide as the prior, zero among them."""
    z = 2 * torch.randn(n, latent_dim, generator=torch.Generator().manual_seed(1))
    z[0] = 0
    return z


def digits(n=40) -> ImageData:
    """The first images of the real digits' test set."""
    test = load("digits").test
    return ImageData(test.images[:n], test.labels[:n])


def round_to_halves(model) -> None:
    """Each parameter becomes a number that a float of 16 bits holds exactly."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
