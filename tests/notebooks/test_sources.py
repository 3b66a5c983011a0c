"""The page of sources: what it says a notebook computes is there."""

import re

import pytest
from places import ROOT, notebook, sources_of

LINES = (ROOT / "notebooks" / "SOURCES.md").read_text(encoding="utf-8").splitlines()
ROWS = [line.split("|")[1:-1] for line in LINES if re.match(r"\| (?!claim)", line)]
PLACE = re.compile(r"\[(\d\d)\]\((\S+?)\) ([^\[]*)")
LABEL = re.compile(r"\((\d+\.\d+)\)|\b([EP]\d+\.\d+)|section (\d+)")


def is_there(path, equation: str, item: str, section: str) -> bool:
    """Whether a notebook states the equation, has the exercise or prediction, or the section."""
    words, code = ("\n".join(sources_of(path, kind)) for kind in ("markdown", "code"))
    if equation:
        return f"\\tag{{{equation}}}" in words
    if item:
        return f'("{item}"' in code
    return re.search(rf"(?m)^## [●○] {section} ", words) is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:40])
def test_a_claim_is_computed_where_the_page_says(row):
    claim, notes, where, mended = (entry.strip() for entry in row)
    places = PLACE.findall(where)
    assert claim and mended and re.fullmatch(r"[A-E](, [B-E])*|A to E|–", notes)
    assert places
    for number, file, labels in places:
        path, found = notebook(number), LABEL.findall(labels)
        assert found and path.name == file
        assert [label for label in found if not is_there(path, *label)] == []


def test_all_five_notes_have_their_rows():
    assert len(ROWS) > 50
    for note in "ABCDE":
        assert any(note in row[1] for row in ROWS if "to" not in row[1])


def test_what_is_not_there_is_noticed():
    labels = LABEL.findall("(1.4), E1.3, P1.1, section 1; (1.99), E9.9, P9.9, section 99")
    found = [is_there(notebook("01"), *label) for label in labels]
    assert found == [True] * 4 + [False] * 4
