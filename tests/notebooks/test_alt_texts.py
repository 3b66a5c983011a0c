"""Every picture of a notebook has words that stand for it where it is not seen."""

import re
from html import escape
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from places import each_notebook

SHORTEST = 20  # letters
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
MARKDOWN_PICTURE = re.compile(r"!\[(.*?)\]\(", re.DOTALL)
FILE_NAME = re.compile(r"[\w./ -]+\.\w{2,4}|<?Figure size .*")


class Alts(HTMLParser):
    """The alt of each picture in HTML, None where it has none."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.found.append(dict(attrs).get("alt"))


def alts_in(cell) -> list[str | None]:
    """The words of every picture in a cell, None where a picture has none."""
    if cell.cell_type == "markdown":
        text = CODE.sub("", cell.source)
        return [*MARKDOWN_PICTURE.findall(text), *Alts(text).found]
    shown = [output.get("data", {}) for output in cell.get("outputs", [])]
    bare = [None for data in shown if any(kind.startswith("image/") for kind in data)]
    return bare + [alt for data in shown for alt in Alts(data.get("text/html", "")).found]


def wordless(notebook) -> list[str]:
    """The cells whose pictures want words, with what they have."""
    return [
        f"cell {number}: {alt!r}"
        for number, cell in enumerate(notebook.cells)
        for alt in alts_in(cell)
        if alt is None or len(alt.strip()) < SHORTEST or FILE_NAME.fullmatch(alt.strip())
    ]


@each_notebook
def test_every_picture_says_what_it_shows(path):
    assert wordless(nbformat.read(path, as_version=4)) == [], path.name


def unseen(notebook) -> list[str]:
    """The core sections in which nothing is to be seen: no picture, no explorer's still."""
    seen, heading = {}, ""
    for cell in notebook.cells:
        for part in re.split(r"(?m)^(?=## )", cell.source if cell.cell_type == "markdown" else ""):
            heading = part.partition("\n")[0] if part.startswith("## ") else heading
            seen[heading] = seen.get(heading, 0) + len(MARKDOWN_PICTURE.findall(part))
        seen[heading] += len(alts_in(cell)) if cell.cell_type == "code" else 0
    return [title for title, pictures in seen.items() if title.startswith("## ●") and not pictures]


@each_notebook
def test_there_is_something_to_see_in_each_section_of_the_core(path):
    assert unseen(nbformat.read(path, as_version=4)) == []


def test_a_section_without_a_picture_is_named():
    shown = new_output("display_data", data={"text/html": f'<img src="x" alt="{WORDS}">'})
    texts = ["# A\n## ● 1", "## ○ 2", "## ● 3\n![a](b.svg)\n## ● 4"]
    cells = [new_markdown_cell(text) for text in texts]
    cells.insert(1, new_code_cell(outputs=[shown]))
    assert unseen(new_notebook(cells=cells)) == ["## ● 4"]
    assert unseen(new_notebook(cells=[cells[0], *cells[2:]])) == ["## ● 1", "## ● 4"]


WORDS = "The bound lies 0.704 nats below log p(x)."
SHOWN = f'<img src="data:image/png;base64,AAAA" alt="{WORDS}">'
BARE = "<Figure size 900x270 with 1 Axes>"


def showing(**data):
    """A cell whose output has these kinds of data, `_` for the slash."""
    named = {kind.replace("_", "/"): content for kind, content in data.items()}
    return new_code_cell(outputs=[new_output("display_data", data=named)])


@pytest.mark.parametrize(
    ("cell", "alts"),
    [
        (new_markdown_cell(f"![{WORDS}](../figures/a.svg) and `![](code.svg)`"), []),
        (new_markdown_cell("![](../figures/a.svg)"), [""]),
        (new_markdown_cell("![ ](a.svg)"), [" "]),
        (new_markdown_cell("Look: ![a small picture](../figures/a.svg)"), ["a small picture"]),
        (new_markdown_cell("![graphical_model_free.svg](a.svg)"), ["graphical_model_free.svg"]),
        (new_markdown_cell('<img src="a.svg"> <img src="a.svg" width="9">'), [None, None]),
        (new_markdown_cell(f'<img src="a.svg" alt="{WORDS}" width="9">'), []),
        (showing(text_html=SHOWN), []),
        (showing(text_html=SHOWN + '<img src="b.png" alt=" ">'), [" "]),
        (showing(text_html=SHOWN.replace(WORDS, escape(BARE))), [BARE]),
        (showing(image_png="AAAA", text_plain=BARE), [None]),
    ],
)
def test_a_picture_without_words_is_found(cell, alts):
    found = wordless(new_notebook(cells=[new_markdown_cell("# One"), cell]))
    assert found == [f"cell 1: {alt!r}" for alt in alts]
