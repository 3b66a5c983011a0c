"""Text of exported pages: formulas from TeX to MathML, which browsers show without a network."""

import re
import unicodedata
from contextlib import suppress
from html import escape, unescape
from itertools import pairwise
from xml.etree.ElementTree import Element, tostring

from jinja2 import pass_context
from latex2mathml.converter import Converter
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

OURS = "page_of_the_course"
NOTEBOOK = re.compile(r"^(\d\d_\w+)\.ipynb")
IN_HTML = re.compile(r"(?<![$\\])\$([^$\n]+)\$(?!\$)")
TAG = re.compile(r"\\tag\{([^{}]*)\}")
# What the converter does not know, in words that it does.
SAID_OTHERWISE = (
    (re.compile(r"\{aligned\}"), "{align*}"),
    (re.compile(r"\\arg\s*\\(max|min)"), r"\\arg\1"),
    (re.compile(r"\\mathrm\{([A-Za-z]+)\}"), r"\\text{\1}"),  # else letter by letter
)
LETTERS = {"double-struck": "DOUBLE-STRUCK", "script": "SCRIPT"}  # browsers take them from Unicode
NAME = re.compile(r"[^\W\d_]{2,}(\u2009[^\W\d_]+)?")  # log, tr, arg max
LIMITS = re.compile(r".*(max|min|sup|inf|lim)")  # these have their index below
THIN = "0.167em"
FENCES = {"(": "prefix", "[": "prefix", "{": "prefix", ")": "postfix", "]": "postfix"}


class PageRenderer(IPythonRenderer):
    """Markdown as nbconvert has it, for a page without a network, of any width."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Notebooks lead to each other's pages."""
        return super().link(text, NOTEBOOK.sub(r"\1.html", url), title)

    def table(self, text: str) -> str:
        """A table that scrolls in itself."""
        return f'<div class="course-wide"><table>{text}</table></div>\n'

    def block_html(self, html: str) -> str:
        """Formulas in HTML, too, as in the line that unfolds an answer."""
        return super().block_html(IN_HTML.sub(lambda it: mathml(unescape(it[1]), "inline"), html))

    def inline_math(self, body: str) -> str:
        """A formula in a line of text."""
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        """A formula of its own, which scrolls where it is too wide, its number beside it."""
        numbers = "".join(f"<span>({escape(number)})</span>" for number in TAG.findall(body))
        formula = mathml(TAG.sub("", body), "block")
        return f'<span class="course-formula"><span>{formula}</span>{numbers}</span>'


def use_mathml(exporter: HTMLExporter) -> None:
    """Let an exporter make pages of the course, marked as such in their resources, so."""

    @pass_context
    def markdown2html(context: dict, source: str) -> str:
        resources = context.get("resources", {})
        if not resources.get(OURS):
            return exporter.markdown2html(context, source)
        renderer = PageRenderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=exporter.embed_images,
            path=resources.get("metadata", {}).get("path", ""),
            anchor_link_text=exporter.anchor_link_text,
            exclude_anchor_links=exporter.exclude_anchor_links,
            **exporter.lexer_options,
        )
        return MarkdownWithMath(renderer=renderer).render(source)

    exporter.register_filter("markdown2html", markdown2html)


def mathml(tex: str, display: str) -> str:
    """One formula as MathML.

    Args:    tex: without dollars and number; display: "inline" or "block".
    """
    for unknown, known in SAID_OTHERWISE:
        tex = unknown.sub(known, tex)
    math = Converter(display=display).convert_to_element(tex)
    del math.attrib["xmlns"]
    for element in math.iter():
        _mend_text(element)
    for element in list(math.iter()):
        if (display, element.tag) == ("block", "msub") and _is_name(element, LIMITS):
            element.tag = "munder"
        if element.tag in ("mrow", "mstyle", "mtd"):
            _space(element)
    return tostring(math, encoding="unicode")


def _mend_text(element: Element) -> None:
    """Into one element, what browsers understand."""
    text = unescape(element.text or "").removeprefix("\\")
    style = LETTERS.get(element.get("mathvariant", ""))
    if style and len(text) == 1:
        del element.attrib["mathvariant"]
        text = _letter(style, text)
    text = "∼" if text == "~" else text
    if element.tag == "mo" and (NAME.fullmatch(text) or text in (*"‖⊤.…",)):
        element.tag = "mi"  # an operator would stand apart from what is beside it
        element.attrib.pop("movablelimits", None)
    elif element.tag == "mi" and text in (*";:∼±",):
        element.tag = "mo"
    if element.tag == "mo" and text == "∣":
        element.attrib.update(stretchy="false", lspace="0.278em", rspace="0.278em")
    if "minsize" in element.attrib and text in FENCES:
        element.attrib.update(stretchy="true", form=FENCES[text])
    if element.get("width") == "negativethinmathspace":
        element.set("width", f"-{THIN}")
    element.text = text or None


def _letter(style: str, letter: str) -> str:
    """A letter of Unicode's mathematical alphabets; some stand among older signs."""
    case = "CAPITAL" if letter.isupper() else "SMALL"
    for name in (f"MATHEMATICAL {style} {case} {letter}", f"{style} {case} {letter}"):
        with suppress(KeyError):
            return unicodedata.lookup(name)
    return letter


def _space(row: Element) -> None:
    """As TeX has it: a thin space between log and a letter beside it, none after a sign."""
    parts = [part for part in row if part.tag != "mspace"]
    for left, right in pairwise(parts):
        if right.tag == "mo" and right.text in ("−", "+") and _is_open(left):
            right.set("form", "prefix")
    for place in reversed(range(1, len(row))):
        left, right = row[place - 1], row[place]
        after = _is_name(left) and right.tag not in ("mo", "mspace")
        before = _is_name(right) and left.tag != "mspace" and not _is_open(left)
        if after or before:
            row.insert(place, Element("mspace", width=THIN))


def _is_open(element: Element) -> bool:
    """Whether it is an operator or bracket that something has to follow."""
    return element.tag == "mo" and element.text not in (")", "]", "}")


def _is_name(element: Element, names: re.Pattern = NAME) -> bool:
    """Whether it is one of these names, perhaps with an index."""
    base = element[0] if element.tag in ("msub", "msup", "munder", "msubsup") else element
    return base.tag == "mi" and names.fullmatch(base.text or "") is not None
