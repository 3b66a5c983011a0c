"""What an exported page of the course has around its cells: a title, a summary, ways on."""

import re
from html import escape
from pathlib import Path

from nbformat.v4 import new_markdown_cell

CSS, SCRIPT = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("page.css", "page.js")
)
NUMBERED = re.compile(r"\d\d_\w+")
SAID = {"prev": "Before", "next": "Next"}
OPENING = re.compile(r"# (?P<title>.+)\n+(?P<summary>(?:.+\n?)+)")
MARKUP = re.compile(r"[$*`\\]|\[|\]\([^)]*\)")


def furnish(nb: dict, resources: dict) -> str:
    """Give a page its title and the links to the pages before and after it; return its head.

    The title stands in the first cell, and the first paragraph below it is the summary.
    """
    first = nb.cells[0] if nb.cells else {}
    found = OPENING.match(first.get("source", "")) if first.get("cell_type") == "markdown" else None
    texts = found.groups() if found else ("", "")
    title, summary = (" ".join(MARKUP.sub("", text).split()) for text in texts)
    if title:
        nb.metadata.setdefault("title", title)
    it = resources.get("metadata", {})
    ways = _ways_on(Path(it.get("path", "")), it.get("name", ""))
    nb.cells.append(new_markdown_cell(f"{ways}<script>\n{SCRIPT}</script>", id="ways-on"))
    about = f'<meta name="description" content="{escape(summary)}">' if summary else ""
    return f"{about}\n<style>\n{CSS}</style>"


def _ways_on(folder: Path, name: str) -> str:
    """Links to the pages of the numbered notebooks beside this one, as they will be named."""
    stems = sorted(path.stem for path in folder.glob("*.ipynb") if NUMBERED.fullmatch(path.stem))
    if name not in stems:
        return ""
    place = stems.index(name)
    around = {"prev": stems[:place][-1:], "next": stems[place + 1 :][:1]}
    links = [
        f'<a rel="{way}" href="{stem}.html">{SAID[way]}: {stem.replace("_", " ")}</a>'
        for way, stems in around.items()
        for stem in stems
    ]
    return f'<nav aria-label="Notebooks">{"".join(links)}</nav>\n'
