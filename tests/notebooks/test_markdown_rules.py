"""What notebooks say is open to everyone: headings, tables, links; cells are short."""

import re

import pytest
from places import each_notebook, sources_of

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) |^<h([1-6])", re.MULTILINE)
TABLE = re.compile(r"^(\|.*\|) *\n\|[-:| ]+\| *$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(|<(https?:[^>]+)>|<a\b[^>]*>(.*?)</a>")
SAYS_NOTHING = re.compile(r"https?:.*|www\..*|(click )?(here|this|link|read more|more)", re.I)


def levels(text: str) -> list[str]:
    """One heading of level 1, the first; after it none more than one deeper than the last."""
    found = [len(marks) or int(level) for marks, level in HEADING.findall(text)]
    faults = [] if found[:1] == [1] and found.count(1) == 1 else [f"level 1: {found}"]
    pairs = zip(found, found[1:], strict=False)
    return faults + [f"{deeper} follows {level}" for level, deeper in pairs if deeper > level + 1]


def tables(text: str) -> list[str]:
    """Each column has a name."""
    heads = [match[1] for match in TABLE.finditer(text)]
    return [head for head in heads if not all(cell.strip() for cell in head[1:-1].split("|"))]


def links(text: str) -> list[str]:
    """Each says where it leads, read by itself."""
    names = [next(filter(None, match.groups())) for match in LINK.finditer(text)]
    return [name for name in names if SAYS_NOTHING.fullmatch(name.strip(" *`"))]


@each_notebook
@pytest.mark.parametrize("faults_of", [levels, tables, links])
def test_the_words_of_a_notebook_are_open_to_everyone(path, faults_of):
    assert faults_of(FENCED.sub("", "\n\n".join(sources_of(path, "markdown")))) == []


@pytest.mark.parametrize(
    ("faults_of", "bad", "good"),
    [
        (levels, "# A\n\n### B", "# A\n\n## B\n\n### C\n\n## D"),
        (levels, "# A\n\n# B", "# A\n\n#tag, no heading"),
        (levels, "## A", "# A"),
        (tables, "| | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|:--|---|\n| | 2 |"),
        (links, "see [here](a.md)", "see [the map](a.md), here"),
        (links, "see <https://a.b/c>", "![here](a.svg)"),
        (links, "[https://a.b](https://a.b)", "[Kingma & Welling](https://a.b)"),
    ],
)
def test_a_fault_is_found_and_nothing_else(faults_of, bad, good):
    assert len(faults_of(bad)) == 1 and faults_of(good) == []


@each_notebook
def test_a_code_cell_has_25_lines_at_most(path):
    assert [source[:60] for source in sources_of(path) if len(source.splitlines()) > 25] == []
