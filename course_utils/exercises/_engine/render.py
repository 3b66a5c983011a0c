"""What the exercises show: the same words as HTML and as plain text.

No meaning by colour alone, nothing random, nothing timed, so that a stored notebook compares equal.
"""

import html
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from IPython.display import display

from course_utils.exercises._engine.lessons import mathml, plain

WIDTH = 88
# The words [right], [not yet] say the same.
COLOURS = {"right": "#009E73", "not yet": "#D55E00", "outside the band": "#D55E00"}


class Page:
    """A short text with a status, built block by block and shown by `show`.

    Args:    title: the first line; status: "right", "waiting", "not yet" or "", shown in words.
    """

    def __init__(self, title: str, status: str = "") -> None:
        """Begin with the title."""
        self.status = status
        head = f"[{status}] {title}" if status else title
        self._text = [_wrap(head)]
        self._html: list[str | Callable[[], str]] = [f"<p><strong>{inline(head)}</strong></p>"]

    def say(self, text: str, label: str = "") -> "Page":
        """Add a paragraph; `code` in backticks; label stands before it in bold."""
        start = f"{label}: " if label else ""
        bold = f"<strong>{inline(label)}:</strong> " if label else ""
        return self._add(_wrap(start + text), f"<p>{bold}{inline(text)}</p>")

    def math(self, tex: str) -> "Page":
        """Add a formula, for a terminal in words."""
        return self._add(textwrap.indent(plain(tex), "    "), partial(mathml, tex))

    def code(self, text: str) -> "Page":
        """Add lines of code or of printed text as they are."""
        markup = f"<pre><code>{html.escape(text)}</code></pre>"
        return self._add(textwrap.indent(text, "    "), markup)

    def fold(self, summary: str, text: str, *, code: bool = False) -> "Page":
        """Add text that is folded away in HTML until the summary is opened."""
        inner = f"<pre>{html.escape(text)}</pre>" if code else f"<p>{inline(text)}</p>"
        body = text if code else _wrap(text)
        return self._add(
            f"{_wrap(summary)}\n{textwrap.indent(body, '    ')}",
            f"<details><summary>{inline(summary)}</summary>{inner}</details>",
        )

    def items(self, lines: Sequence[str]) -> "Page":
        """Add a numbered list."""
        numbered = [_wrap(f"{i}. {line}") for i, line in enumerate(lines, 1)]
        entries = "".join(f"<li>{inline(line)}</li>" for line in lines)
        return self._add("\n".join(numbered), f"<ol>{entries}</ol>")

    def table(self, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> "Page":
        """Add a table; the first entry of a row is its heading."""
        return self._add(*table_of(head, rows, caption, "left"))

    def __repr__(self) -> str:
        """The page as plain text."""
        return "\n".join(self._text)

    def _repr_html_(self) -> str:
        """The page as HTML that a screen reader announces."""
        colour = COLOURS.get(self.status, "#4D4D4D")
        style = f"border-left: 4px solid {colour}; padding-left: 0.8em"
        parts = (part if isinstance(part, str) else part() for part in self._html)
        return f'<div role="status" style="{style}">{"".join(parts)}</div>'

    def _add(self, text: str, markup: str | Callable[[], str]) -> "Page":
        self._text.append(text)
        self._html.append(markup)
        return self


@dataclass(frozen=True)
class Shown:
    """Words without a title, and the same as HTML."""

    text: str
    markup: str

    def __repr__(self) -> str:
        """The words, however long."""
        return self.text

    def _repr_html_(self) -> str:
        return self.markup


def line(text: str) -> Shown:
    """One quiet line, small and grey: by opacity, as no grey is legible on white and on black."""
    style = "font-size: 85%; opacity: 0.75; margin: 0"
    return Shown(text, f'<p style="{style}">{inline(text)}</p>')


def show(page: object) -> None:
    """Display a page: HTML and plain text in a notebook, plain text elsewhere."""
    display(page)


def table_of(
    head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "", side: str = "right"
) -> tuple[str, str]:
    """A table as text and as HTML: the headings of rows to the left, all else to one side."""
    put = {"left": str.ljust, "right": str.rjust}[side]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(put, row[1:], widths[1:])]).rstrip()
        for row in (head, *rows)
    ]
    start, to = (f' style="text-align: {one}"' for one in ("left", side))
    names = enumerate(map(inline, head))
    top = [f'<th scope="col"{to if i else start}>{n}</th>' if n else "<td></td>" for i, n in names]
    body = "".join(
        f'<tr><th scope="row"{start}>{inline(row[0])}</th>'
        + "".join(f"<td{to}>{inline(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    words = f"<caption{start}><strong>{inline(caption)}</strong></caption>" if caption else ""
    markup = f"<table>{words}<thead><tr>{''.join(top)}</tr></thead><tbody>{body}</tbody></table>"
    return "\n".join([caption, *lines] if caption else lines), markup


def inline(text: str) -> str:
    """Escape, and set what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
