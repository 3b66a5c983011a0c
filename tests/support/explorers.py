"""What the tests of the explorers share."""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import fields

import pytest
import torch

from course_utils.data import ImageData, load
from course_utils.widgets._shared.view import HERE


def assert_refused_in_words(make, state, wrong, says):
    """By the state, by the call, and by assignment to an explorer, which then stays as it was."""
    widget = make()
    for refuse in (
        lambda: state(**wrong),
        lambda: make(**wrong),
        lambda: [setattr(widget, name, value) for name, value in wrong.items()],
    ):
        with pytest.raises(ValueError, match=re.escape(says)):
            refuse()
    assert widget.state == state()


def by_node(module: str, run: str, *given: object) -> object:
    """What a function of JavaScript, that may use all in this module, makes of what is given."""
    code = module + "let text = ''; for await (const part of process.stdin) text += part;"
    code += f"console.log(JSON.stringify(({run})(...JSON.parse(text))))"
    command = ["node", "--input-type=module", "--eval", code]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_read_as_sent(recipe: type, files: Sequence[str]) -> None:
    """The page lists the fields of a recipe, reads each of them, and nothing else."""
    names = {field.name for field in fields(recipe)}
    *others, page = [(HERE / name).read_text(encoding="utf-8") for name in files]
    (listed,) = re.findall(r"^// recipe: \{ ([\w, ]+?),? \}$", page, re.MULTILINE)
    assert listed.split(", ") == [field.name for field in fields(recipe)]
    code = re.sub(r"^ *//.*", "", "".join([*others, page]), flags=re.MULTILINE)
    assert {*re.findall(r"recipe\.(\w+)", code)} <= names <= {*re.findall(r"\w+", code)}


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
