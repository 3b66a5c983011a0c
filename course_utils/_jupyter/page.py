"""What an exported page of the course has around its cells: a title, a summary, ways on."""

import re
from html import escape
from pathlib import Path

from nbformat.v4 import new_markdown_cell

CSS = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
NUMBERED = re.compile(r"\d\d_\w+\.ipynb")
OPENING = re.compile(r"# (?P<title>.+)\n+(?P<summary>(?:.+\n?)+)")
MARKUP = re.compile(r"[$*`\\]|\[|\]\([^)]*\)")
LONGEST = 200  # letters of a summary
# A part that scrolls has to be reached by keys.
SCROLLS = """<script>
for (const part of document.querySelectorAll(".course-wide, .course-formula > :first-child, pre"))
  new ResizeObserver(() => {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }).observe(part);
</script>"""


def furnish(nb: dict, resources: dict) -> str:
    """Give a page its title and the links to the pages before and after it; return its head."""
    title, summary = _opening(nb)
    if title:
        nb.metadata.setdefault("title", title)
    it = resources.get("metadata", {})
    ways = _ways_on(Path(it.get("path", "")), f"{it.get('name', '')}.ipynb")
    nb.cells.append(new_markdown_cell(f"{ways}{SCROLLS}", id="ways-on"))
    about = f'<meta name="description" content="{escape(summary)}">' if summary else ""
    return f"{about}\n<style>\n{CSS}</style>"


def _opening(nb: dict) -> tuple[str, str]:
    """The title in the first cell and the first paragraph below it, as plain text."""
    first = nb.cells[0] if nb.cells else {}
    found = OPENING.match(first.get("source", "")) if first.get("cell_type") == "markdown" else None
    if not found:
        return "", ""
    title, words = (" ".join(MARKUP.sub("", text).split()) for text in found.groups())
    if len(words) > LONGEST:
        words = words[:LONGEST].rpartition(" ")[0] + " …"
    return title, words


def _ways_on(folder: Path, name: str) -> str:
    """Links to the pages of the numbered notebooks beside this one, as they will be named."""
    names = sorted(path.name for path in folder.glob("*.ipynb") if NUMBERED.fullmatch(path.name))
    if name not in names:
        return ""
    place = names.index(name)
    links = [
        f'<a rel="{rel}" href="{other.replace(".ipynb", ".html")}">'
        f"{arrow} {other.removesuffix('.ipynb').replace('_', ' ')}</a>"
        for rel, arrow, other in (
            *(("prev", "Before:", before) for before in names[max(place - 1, 0) : place]),
            *(("next", "Next:", after) for after in names[place + 1 : place + 2]),
        )
    ]
    return f'<nav aria-label="Notebooks">{"".join(links)}</nav>\n'
