"""What the tests of several explorers ask of their views and of their twins in JavaScript."""

import base64
import re
import shutil

import numpy as np
import pytest
from explorers import by_node

from course_utils.widgets._shared.view import HERE, read_esm

needs_node = pytest.mark.skipif(
    not shutil.which("node"), reason="no node; tests/browser runs it in Chromium"
)


def assert_words_and_a_still(make, words: str, *, most: int) -> None:
    """What stands where there is no browser, the same each time, the still in so many bytes."""
    data, _ = make()._repr_mimebundle_()
    again, _ = make()._repr_mimebundle_()
    assert data["text/plain"] == words == again["text/plain"]
    assert "\n" not in words and "0x" not in words
    assert data["image/png"] == again["image/png"]
    assert "application/vnd.jupyter.widget-view+json" in data
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG") and len(png) < most


def assert_one_module(files: tuple[str, ...], *, least: int) -> None:
    """Several files make one module without imports, with no name twice: a syntax error there.

    Args: least: names at the top level of all files, at the least.
    """
    sent = read_esm(*files)
    assert not re.search(r"^(import|//|\s)|\s// ", sent, re.MULTILINE)
    assert re.findall(r"^export.*", sent, re.MULTILINE) == ["export default { render };"]
    text = "\n".join((HERE / name).read_text(encoding="utf-8") for name in files)
    names = re.findall(r"^(?:export )?(?:function|const|let) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)) > least


def assert_opens_as_python(files: tuple[str, ...], state: type) -> None:
    """The page's START has the fields of the state, and its opening values."""
    assert by_node(read_esm(*files), "() => START") == vars(state())


def assert_same_picture(theirs: dict, ours: object) -> None:
    """A picture from the browser has Python's fields, to 1e-9, and every word."""
    assert theirs.keys() == vars(ours).keys()
    for name, value in vars(ours).items():
        if name not in ("state", "text"):
            np.testing.assert_allclose(theirs[name], value, rtol=1e-9, atol=1e-12, err_msg=name)
    assert theirs["text"] == ours.text
    assert theirs["state"] == vars(ours.state)
