"""The learner's copies: never overwritten once touched, otherwise up to date."""

import errno
import json
from unittest.mock import Mock

import nbformat
import pytest
from mini_clone import cell_of, source_of, text_of_notebook, write_notebook
from places import notebook

from course_utils._door import copies as _copies
from course_utils._door.steps import SetupError


@pytest.fixture
def copy(folders):
    """The learner's copy of 02, just made."""
    _copies.refresh(*folders)
    return folders[1] / "02_naive.ipynb"


def renew(folders, source="2 + 2"):
    """Give the original of 02 a new source; return the paths then written."""
    write_notebook(folders[0] / "02_naive.ipynb", source)
    return _copies.refresh(*folders)


PICTURE = {"image/png": "iVBORw0K\n", "text/plain": "an explorer:\nz = 0"}
EXPLORER = {
    "output_type": "execute_result",
    "execution_count": 1,
    "metadata": {"image/png": {"alt": "a map"}},
    "data": {_copies.VIEW: {"model_id": "1"}, **PICTURE},
}


@pytest.fixture
def with_a_still(folders):
    """The learner's copy of 00, whose only cell is an explorer; 02 begins with one as well."""
    for name in ("00_start_here", "02_naive"):
        write_notebook(folders[0] / f"{name}.ipynb", outputs=[{"text": "2"}, EXPLORER, EXPLORER])
    _copies.refresh(*folders)
    return folders[1] / "00_start_here.ipynb"


def names_in(folder):
    return sorted(path.name for path in folder.glob("*.ipynb"))


def test_copies_come_once_without_outputs_and_widget_state(folders):
    assert len(_copies.refresh(*folders)) == 2
    assert _copies.refresh(*folders) == []
    notebook = json.loads((folders[1] / "02_naive.ipynb").read_text())
    (cell,) = notebook["cells"]
    assert cell["outputs"] == [] and cell["execution_count"] is None
    assert "widgets" not in notebook["metadata"]


def test_the_first_explorer_leaves_its_picture_and_no_other_does(folders, with_a_still):
    words, picture = cell_of(with_a_still)["outputs"]
    assert words["text"] == _copies.RUN_ME
    assert picture["data"] == PICTURE and picture["metadata"] == EXPLORER["metadata"]
    assert cell_of(folders[1] / "02_naive.ipynb")["outputs"] == []
    nbformat.validate(nbformat.read(with_a_still, as_version=4))


def test_in_the_course_it_is_that_of_the_first_explorer_alone():
    copies = (_copies.cleared_notebook(notebook(number)) for number in ("00", "01", "05"))
    (explorer,), *others = ([c for c in copy["cells"] if c.get("outputs")] for copy in copies)
    assert others == [[], []]
    assert "latent_explorer(" in "".join(explorer["source"])
    assert "image/png" in json.dumps(explorer["outputs"][1]["data"])


def test_a_copy_with_a_picture_is_untouched_when_saved_and_touched_when_run(folders, with_a_still):
    saved = nbformat.read(with_a_still, as_version=4)
    nbformat.write(saved, with_a_still)  # as JupyterLab does, each text line by line
    assert "iVBORw0K" in with_a_still.read_text()
    write_notebook(folders[0] / "00_start_here.ipynb", "2 + 2", outputs=[EXPLORER])
    assert _copies.refresh(*folders) == [with_a_still]
    write_notebook(with_a_still, "2 + 2", outputs=[EXPLORER])
    assert _copies.refresh(*folders) == []
    write_notebook(folders[0] / "00_start_here.ipynb", "3 + 3", outputs=[EXPLORER])
    (beside,) = _copies.refresh(*folders)
    assert beside.name == "00_start_here (new).ipynb"


@pytest.mark.parametrize("opened", [False, True])
def test_an_untouched_copy_follows_its_original(folders, copy, opened, capsys):
    """What JupyterLab changes on opening is no touch."""
    if opened:
        notebook = json.loads(copy.read_text())
        notebook["metadata"]["kernelspec"] = {"name": "python3"}
        notebook["cells"][0]["source"] = "".join(notebook["cells"][0]["source"])
        copy.write_text(json.dumps(notebook, indent=2))
    renew(folders)
    assert source_of(copy) == "2 + 2"
    assert names_in(copy.parent) == ["00_start_here.ipynb", "02_naive.ipynb"]
    assert "02_naive.ipynb was updated" in capsys.readouterr().out


ODD = [None, [1], [{}], [{"cell_type": "code"}], [{"cell_type": "code", "source": [1]}]]


TOUCHED = {
    "edited": text_of_notebook("my answer"),
    "run": text_of_notebook(outputs=[{"text": "mine"}]),
    "damaged": "not json",
    "no notebook": "[]",
    **{f"cells {cells}": json.dumps({"cells": cells}) for cells in ODD},
}


@pytest.mark.parametrize("mine", TOUCHED.values(), ids=TOUCHED)
def test_a_touched_copy_is_never_written_to(folders, copy, mine, capsys):
    copy.write_text(mine)
    assert _copies.refresh(*folders) == []
    (beside,) = renew(folders)
    assert beside.name == "02_naive (new).ipynb"
    assert source_of(beside) == "2 + 2"
    assert copy.read_text() == mine
    told = "02_naive.ipynb has a newer version: it is in 02_naive (new).ipynb, yours stays"
    assert told in capsys.readouterr().out


def test_a_newer_version_is_offered_once_and_the_next_beside_it(folders, copy):
    write_notebook(copy, "my answer")
    for source in ("2 + 2", "2 + 2", "3 + 3"):
        renew(folders, source)
    assert source_of(copy.with_name("02_naive (new).ipynb")) == "2 + 2"
    assert source_of(copy.with_name("02_naive (new 2).ipynb")) == "3 + 3"
    assert len(names_in(copy.parent)) == 4


@pytest.mark.parametrize("manifest", ["{", "[]", '{"02_naive.ipynb": 1}', "\udcff"])
def test_a_lost_manifest_costs_no_work(folders, copy, manifest):
    write_notebook(copy, "my answer")
    (folders[1] / _copies.MANIFEST).write_bytes(manifest.encode("utf-8", "surrogateescape"))
    _copies.refresh(*folders)
    assert source_of(copy) == "my answer"


def test_fresh_gives_the_original_back_and_keeps_the_old(folders, copy, capsys):
    answers = ["my answer", "my second answer"]
    for answer in answers:
        write_notebook(copy, answer)
        _copies.start_anew(*folders, "02")
    assert sorted(map(source_of, copy.parent.glob("02_naive (*"))) == answers
    assert source_of(copy) == "1 + 1"
    assert "Kept your 02_naive.ipynb as 02_naive (" in capsys.readouterr().out


def test_fresh_works_before_there_are_copies(folders):
    assert _copies.start_anew(*folders, "02_naive.ipynb").exists()


@pytest.mark.parametrize("name", ["07", "0", ""])
def test_fresh_needs_the_name_of_one_notebook(folders, name):
    with pytest.raises(SetupError, match="there are: 00_start_here, 02_naive"):
        _copies.start_anew(*folders, name)


def test_a_damaged_original_is_named(folders):
    (folders[0] / "02_naive.ipynb").write_text("{")
    with pytest.raises(SetupError, match="git checkout"):
        _copies.refresh(*folders)


@pytest.mark.parametrize("broken", [False, True])
def test_a_folder_or_a_broken_link_in_a_copys_place_is_told(folders, copy, broken, capsys):
    copy.unlink()
    copy.symlink_to("nowhere") if broken else copy.mkdir()
    assert _copies.refresh(*folders) == []
    assert copy.is_symlink() == broken
    told = "Your 02_naive.ipynb cannot be read, and is left as it is; for a new one: python3 -m"
    assert told in capsys.readouterr().out
    _copies.start_anew(*folders, "02")
    assert source_of(copy) == "1 + 1"


@pytest.mark.parametrize("place", ["a file", "a dangling link", "another user's"])
def test_a_place_that_cannot_hold_the_copies_is_one_sentence(folders, place, monkeypatch):
    if place == "a file":
        folders[1].write_text("")
    elif place == "a dangling link":
        folders[1].symlink_to("nowhere")
    else:
        refuse = Mock(side_effect=PermissionError(errno.EACCES, "Permission denied"))
        monkeypatch.setattr(type(folders[1]), "mkdir", refuse)
    why = "rename or delete it" if place != "another user's" else "clone into a folder of your own"
    with pytest.raises(SetupError, match=f"my_course cannot be written, since .*{why}"):
        _copies.refresh(*folders)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full: free some space"),
        (errno.EDQUOT, "your quota is used up"),
        (errno.EROFS, "it is read-only or another user's"),
        (errno.EISDIR, "a folder is in its place"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_cannot_be_written_is_told_and_leaves_nothing(folders, monkeypatch, number, why):
    def fail(draft, *_, **__):
        draft.touch()
        raise OSError(number, "Input/output error")

    monkeypatch.setattr(type(folders[1]), "write_text", fail)
    with pytest.raises(SetupError, match=f"00_start_here.ipynb cannot be written, since {why}"):
        _copies.refresh(*folders)
    assert list(folders[1].iterdir()) == []
