"""What `load_pretrained` refuses before it reads it."""

import hashlib
import json
import shutil

import pytest
import safetensors.torch

from course_utils.pretrained import NAMES, load_pretrained
from course_utils.pretrained import _load as pretrained


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


DAMAGES = {
    "first byte": lambda content: flipped(content, 0),
    "a byte": lambda content: flipped(content, len(content) // 2),
    "last byte": lambda content: flipped(content, -1),
    "one byte short": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "one byte more": lambda content: content + b"\0",
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_before_anything_is_read_from_it(name, damage, copy, monkeypatch):
    monkeypatch.setattr(safetensors.torch, "load", lambda data: pytest.fail("it was parsed"))
    path = copy / f"{name}.safetensors"
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    content = DAMAGES[damage](path.read_bytes())
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


CARD_DAMAGES = {
    "half": lambda text: text[: len(text) // 2],
    "no object": lambda text: "[]",
    "other field": lambda text: text.replace('"seed"', '"sead"'),
    "other kind": lambda text: text.replace('"VAE"', '"Unpickler"'),
}


@pytest.mark.parametrize("damage", CARD_DAMAGES)
def test_a_damaged_card_is_refused_by_name(damage, copy):
    path = copy / "mnist-2d.json"
    path.write_text(CARD_DAMAGES[damage](path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=r"mnist-2d.json should hold a model card, but: "):
        load_pretrained("mnist-2d", folder=copy)


def other_values(card):
    """(what is changed, the card so): each field taken away, and of other types and values."""
    odd = [None, True, 1e400, float("nan"), 10**400, "x", "", [], {}, {"a": 1}]
    for part in (card, card["architecture"]):
        for field in part:
            changes = [
                {},
                *({field: value} for value in odd if type(value) is not type(part[field])),
            ]
            for change in changes:
                changed = {name: part[name] for name in part if name != field} | change
                yield field, changed if part is card else {**card, "architecture": changed}


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-cvae"])
def test_a_tampered_card_is_a_value_error_that_names_file_and_field(name, copy):
    path = copy / f"{name}.json"
    card, optional = json.loads(path.read_text(encoding="utf-8")), ("condition", "prior_kind")
    for field, changed in other_values(card):
        path.write_text(json.dumps(changed), encoding="utf-8")
        if field in optional and field not in str(changed):
            continue
        with pytest.raises(ValueError) as told:
            load_pretrained(name, folder=copy)
        assert str(path) in str(told.value), field
        whole = {"latent_dim", "condition_dim", "image_shape", "hidden", "prior_kind"}
        assert (field if field not in whole else "architecture") in str(told.value), field


def test_a_card_of_another_name_is_refused(copy):
    shutil.copy(copy / "mnist-2d.json", copy / "mnist-20d.json")
    with pytest.raises(ValueError, match="name should be 'mnist-20d', but 'mnist-2d' came"):
        load_pretrained("mnist-20d", folder=copy)


def test_a_bundled_file_is_brought_back_by_git_or_a_new_installation(copy, monkeypatch):
    monkeypatch.setattr(pretrained, "WEIGHTS", copy)
    path = copy / "mnist-20d.safetensors"
    path.write_bytes(flipped(path.read_bytes(), 9))
    with pytest.raises(ValueError) as caught:
        load_pretrained("mnist-20d")
    assert f'`git checkout -- "{path}"`' in str(caught.value)
    assert "install it again" in str(caught.value)
