"""What the tests of the explorers share."""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest
import torch

from course_utils.data import ImageData, load
from course_utils.densities import DiagonalNormal
from course_utils.widgets._shared.view import Explorer, read_esm

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


# What a page does with what was sent: a recipe, and bytes in base64.
OPEN = """
const view = (text) => { const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new DataView(new Uint8Array([0, 0, 0, ...bytes]).buffer, 3); };
const modelOf = (sent) => ({ get: (name) => view(sent.bytes[name]) });
const codesOf = ({ recipe, bytes }) =>
  unpackedCodes(recipe, view(bytes.packed_codes), view(bytes.packed_originals));
const wholesOf = ({ recipe: { image: [h, w] }, bytes }) =>
  unpackedPictures(view(bytes.packed_originals), 2 * h * w);
"""


def files_of(widget: Explorer) -> Sequence[str]:
    """The files of its page."""
    return sys.modules[type(widget).__module__].FILES


def by_page(javascript: Callable, widget: Explorer, run: str, *given: object) -> object:
    """What a function of the widget's page, that may use OPEN too, makes of (sent, *given).

    Args: javascript(files, run, *given): as by_node; given: states among them, as objects there.
    """
    state = widget.get_state().items()
    packed = {k: base64.b64encode(v).decode() for k, v in state if isinstance(v, bytes)}
    sent = {"recipe": getattr(widget, "recipe", None), "bytes": packed}
    code = f"(...given) => {{ {OPEN} return ({run})(...given); }}"
    return javascript(files_of(widget), code, sent, *json.loads(json.dumps(given, default=vars)))


def latents(latent_dim, n=20):
    """Latents twice as wide as the prior, zero among them."""
    z = 2 * torch.randn(n, latent_dim, generator=torch.Generator().manual_seed(1))
    z[0] = 0
    return z


def digits(n=40) -> ImageData:
    """The first images of the real digits' test set."""
    test = load("digits").test
    return ImageData(test.images[:n], test.labels[:n])


def enlarged(model):
    """With weights so large that its pictures and codes differ."""
    grown = [(layer, 3) for layer in model.decoder] + [(model.encoder[-1], 6)]
    if getattr(model, "prior_kind", "fixed") == "learned":
        grown.append((model.prior_network[-1], 4))
    with torch.no_grad():
        for layer, factor in grown:
            if isinstance(layer, torch.nn.Linear):
                layer.weight.mul_(factor)
    return model


def bringing_codes(model):
    """With 25 codes of its own, as the pretrained ones have: no pixels."""
    numbers = torch.randn(2, 25, 2, generator=torch.Generator().manual_seed(3))
    model.codes = DiagonalNormal(*numbers)
    object.__setattr__(model.codes, "labels", torch.arange(25) % 10)
    return model


def round_to_halves(model) -> None:
    """Each parameter becomes a number that a float of 16 bits holds exactly."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
