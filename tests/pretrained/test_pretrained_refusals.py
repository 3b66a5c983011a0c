"""What `load_pretrained` refuses before it reads it, and what it never brings in."""

import ast
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
from bundled_models import each

from course_utils.pretrained import NAMES, load_pretrained
from course_utils.pretrained import _card as _model_card
from course_utils.pretrained import _load as pretrained
from course_utils.pretrained import _train as _pretraining


@pytest.fixture
def copy(tmp_path):
    """A folder with the bundled files, to be spoilt."""
    return shutil.copytree(pretrained.WEIGHTS, tmp_path / "weights")


@pytest.mark.parametrize("name", ["mnist", "mnist-2D", "", None, "../weights/mnist-2d"])
def test_an_unknown_name_is_refused_with_the_list(name):
    known = ", ".join(NAMES)
    with pytest.raises(ValueError, match=f"no pretrained model called .*{known}"):
        load_pretrained(name)


def flipped(content: bytes, at: int) -> bytes:
    """The same with one bit of one byte changed."""
    at %= len(content)
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: flipped(content, 0),
        lambda content: flipped(content, len(content) // 2),
        lambda content: flipped(content, -1),
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content + b"\0",
        lambda content: b"",
    ],
    ids=["first byte", "a byte", "last byte", "one byte short", "half", "one byte more", "empty"],
)
@each
def test_a_damaged_file_is_refused_before_anything_is_read_from_it(name, spoil, copy, monkeypatch):
    monkeypatch.setattr(safetensors.torch, "load", lambda data: pytest.fail("it was parsed"))
    path = copy / f"{name}.safetensors"
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    content = spoil(path.read_bytes())
    path.write_bytes(content)
    with pytest.raises(ValueError, match="it is damaged") as caught:
        load_pretrained(name, folder=copy)
    came = hashlib.sha256(content).hexdigest()
    for part in (str(path), expected[:16], came[:16], f"{len(content):,} bytes", "--out"):
        assert part in str(caught.value)


@pytest.mark.parametrize("end", [".safetensors", ".json"])
def test_a_missing_file_is_refused_by_name(end, copy):
    (copy / f"mnist-2d{end}").unlink()
    with pytest.raises(FileNotFoundError, match=f"mnist-2d{end} should be there") as caught:
        load_pretrained("mnist-2d", folder=str(copy))
    assert f'pretrained mnist-2d --out "{copy}"` makes it anew' in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace('"seed"', '"sead"'),
        lambda text: text.replace('"VAE"', '"Unpickler"'),
    ],
    ids=["half", "no object", "other field", "other kind"],
)
def test_a_damaged_card_is_refused_by_name(spoil, copy):
    path = copy / "mnist-2d.json"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=r"mnist-2d.json should hold a model card, but: "):
        load_pretrained("mnist-2d", folder=copy)


def test_a_bundled_file_is_brought_back_by_git_or_a_new_installation(copy, monkeypatch):
    monkeypatch.setattr(pretrained, "WEIGHTS", copy)
    path = copy / "mnist-20d.safetensors"
    path.write_bytes(flipped(path.read_bytes(), 9))
    with pytest.raises(ValueError) as caught:
        load_pretrained("mnist-20d")
    assert f'`git checkout -- "{path}"`' in str(caught.value)
    assert "install it again" in str(caught.value)


@pytest.mark.parametrize("module", [pretrained, _pretraining, _model_card])
def test_no_pickle_is_involved(module):
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name
    }
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert "course_utils" in imported and called  # the search above does find what there is
    assert not imported & {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve"}
    assert not called & {"torch.load", "torch.save", "np.load", "eval", "exec"}


def test_the_loader_brings_in_neither_training_nor_data():
    """A notebook that only loads a model does not wait for what trains one."""
    code = (
        "import sys, course_utils; assert 'torch' not in sys.modules; "
        "import course_utils.pretrained; "
        "assert 'course_utils.training' not in sys.modules; "
        "assert 'course_utils.data' not in sys.modules; print('light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "light\n", done.stderr
