"""The tables of sentences: each is said somewhere, in a form that Python and the page know."""

import re
import string

import pytest

from course_utils.widgets._shared.words import HERE, read_words

TABLES = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.toml"))
CODE = "\n".join(
    path.read_text(encoding="utf-8") for kind in ("py", "js") for path in HERE.rglob(f"*.{kind}")
)
# The kinds of places that say.js can fill in; without this, the page would stop at any other.
KNOWN = re.findall(
    r'^  "(.*?)": ', (HERE / "_shared/say.js").read_text(encoding="utf-8"), re.MULTILINE
)


def test_there_are_tables_and_kinds():
    assert len(TABLES) >= 7 and sorted(KNOWN) == ["", ",", ".2f"]


@pytest.mark.parametrize("table", TABLES)
def test_a_sentence_is_said_and_both_sides_can_fill_it_in(table):
    for name, sentence in read_words(table).items():
        assert re.search(rf"\b{name}\b", CODE), f"nobody says {name}"
        places = [part for part in string.Formatter().parse(sentence) if part[1] is not None]
        assert {spec for _, _, spec, _ in places} <= {*KNOWN}, name
        assert all(place.isidentifier() for _, place, _, _ in places), name
