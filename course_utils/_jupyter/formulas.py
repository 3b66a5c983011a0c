"""Text of exported pages: what needs no network, above all MathML instead of TeX."""

import re
from base64 import b64encode
from html import escape, unescape
from itertools import pairwise
from pathlib import Path
from string import ascii_uppercase
from xml.etree.ElementTree import Element, tostring

from jinja2 import pass_context
from latex2mathml.converter import Converter
from nbconvert import HTMLExporter

OURS = "page_of_the_course"
FIGURE = re.compile(r'src="(\.\./figures/[\w-]+\.svg)"')
LINK = re.compile(r'href="(\d\d_\w+)\.ipynb')
# Formulas in HTML, after what holds none: code and tags.
FORMULA = re.compile(
    r"(?s)<(code|pre)\b.*?</\1>|<[^>]*>|\$\$(?P<block>[^<]+?)\$\$|\$(?P<inline>[^$<]+)\$"
)
TAG = re.compile(r"\\tag\{([^{}]*)\}")
# What the converter does not know, in words that it does.
SAID_OTHERWISE = (
    (re.compile(r"\\!"), r"\\hspace{-0.167em}"),
    (re.compile(r"\{aligned\}"), "{align*}"),
    (re.compile(r"\\arg\s*\\(max|min)"), r"\\arg\1"),
    (re.compile(r"\\mathrm\{([A-Za-z]+)\}"), r"\\text{\1}"),  # else letter by letter
)
LETTERS = {  # browsers take them from Unicode alone
    "double-struck": dict(zip(ascii_uppercase, "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ", strict=True)),
    "script": dict(zip(ascii_uppercase, "𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐ𝒥𝒦ℒℳ𝒩𝒪𝒫𝒬ℛ𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵", strict=True)),
}
NAME = re.compile(r"[^\W\d_]{2,}(\u2009[^\W\d_]+)?")  # log, tr, arg max
LIMITS = re.compile(r".*(max|min|sup|inf|lim)")  # these have their index below
THIN = "0.167em"


def use_mathml(exporter: HTMLExporter) -> None:
    """Let an exporter make the text of pages of the course, marked in their resources, so.

    Links lead to other notebooks' pages; figures come along, since a page travels alone.
    """

    @pass_context
    def markdown2html(context: dict, source: str) -> str:
        html, resources = exporter.markdown2html(context, source), context["resources"]
        if not resources.get(OURS):
            return html
        folder = Path(resources["metadata"].get("path", ""))
        html = FIGURE.sub(lambda found: _carried(found, folder), html)
        return FORMULA.sub(_formula, LINK.sub(r'href="\1.html', html))

    exporter.register_filter("markdown2html", markdown2html)


def _carried(found: re.Match, folder: Path) -> str:
    if not (folder / found[1]).is_file():
        return found[0]
    return f'src="data:image/svg+xml;base64,{b64encode((folder / found[1]).read_bytes()).decode()}"'


def _formula(found: re.Match) -> str:
    """MathML for one of `FORMULA`: of its own it scrolls if it is wide, its number beside it."""
    if found["inline"]:
        return mathml(unescape(found["inline"]), "inline")
    if not found["block"]:
        return found[0]
    tex = unescape(found["block"])
    numbers = "".join(f"<span>({escape(number)})</span>" for number in TAG.findall(tex))
    formula = mathml(TAG.sub("", tex), "block")
    return f'<span class="course-formula"><span>{formula}</span>{numbers}</span>'


def mathml(tex: str, display: str) -> str:
    """One formula, without dollars and number, as MathML; display: "inline" or "block"."""
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
    text = LETTERS.get(element.get("mathvariant"), {"~": "∼"}).get(text, text)
    if element.tag == "mo" and (NAME.fullmatch(text) or text in (*"‖⊤.…",)):
        element.tag = "mi"  # an operator would stand apart from what is beside it
        element.attrib.pop("movablelimits", None)
    elif element.tag == "mi" and text in (*";:∼±",):
        element.tag = "mo"
    if element.tag == "mo" and text == "∣":
        element.attrib.update(stretchy="false", lspace="0.278em", rspace="0.278em")
    if "minsize" in element.attrib:
        element.attrib.update(stretchy="true", form="postfix" if text in ")]}" else "prefix")
    element.text = text or None


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
