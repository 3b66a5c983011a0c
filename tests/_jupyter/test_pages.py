"""The notebooks as exported pages: formulas without TeX, a title, a summary, ways on."""

import re
from xml.etree import ElementTree

import nbformat
import pytest
from exports import notebook_of, page_of, read_page
from nbconvert import HTMLExporter
from places import NOTEBOOKS, markdown_of

from course_utils._jupyter.export import LiveExplorers
from course_utils._jupyter.formulas import mathml

CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)
OURS = {"course": {}}


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def exported(request):
    """A notebook of the course and its page."""
    exporter = HTMLExporter(preprocessors=[LiveExplorers])
    return request.param, exporter.from_filename(str(request.param))[0]


def test_every_formula_is_mathml_and_every_number_is_seen(exported):
    path, page = exported
    text = read_page(page)
    for unseen in text(["script", "style", "pre", "code", "noscript"]):
        unseen.decompose()
    seen = text.get_text()
    assert re.findall(r".{20}(?:\\[a-zA-Z]+|\$\S.*?\$).{20}", seen) == []
    found = FORMULA.findall(CODE.sub("", markdown_of(path)))
    formulas = [block or line for block, line in found]
    assert page.count("<math ") == len(formulas) > 0
    numbers = [number for tex in formulas for number in re.findall(r"\\tag\{(.+?)\}", tex)]
    assert [number for number in numbers if f"({number})" not in seen] == []


def test_a_page_has_a_title_a_summary_and_ways_on(exported):
    path, page = exported
    place = NOTEBOOKS.index(path)
    first = nbformat.read(path, as_version=4).cells[0].source
    assert re.search(r"<title>(.*)</title>", page)[1] == first.splitlines()[0].removeprefix("# ")
    tags = read_page(page)
    (summary,) = (tag["content"] for tag in tags.select("meta[name=description]"))
    assert len(summary) > 50 and not set("$*`") & set(summary)
    assert tags.html.attrs == {"lang": "en"} and tags.main
    ways = {link["rel"]: link["href"] for link in tags.select("a[rel]")}
    around = {"prev": NOTEBOOKS[:place][-1:], "next": NOTEBOOKS[place + 1 :][:1]}
    assert ways == {rel: f"{other[0].stem}.html" for rel, other in around.items() if other}
    links = [link["href"] for link in tags.select("a[href]")]
    assert [link for link in links if ".ipynb" in link and "://" not in link] == []


def test_nothing_is_asked_for_but_what_an_output_needs():
    page = page_of(notebook_of({"text/plain": "2"}, **OURS))
    assert "mathjax/" not in page and 'src="data:text/javascript,"' in page
    assert "mathjax/" in page_of(notebook_of({"text/latex": "$2$", "text/plain": "2"}, **OURS))
    assert "mathjax/" in page_of(notebook_of({"text/plain": "2"}))


def test_one_exporter_makes_pages_of_the_course_and_of_others():
    exporter = HTMLExporter(preprocessors=[LiveExplorers])
    text = "Is $x < 2$, see [one](01_latent_variables.ipynb#A) and [theirs](mine.ipynb)?"
    pages = []
    for metadata in (OURS, {}, OURS):
        notebook = notebook_of(text, **metadata)
        notebook.cells[0].id = "one"
        pages.append(exporter.from_notebook_node(notebook)[0])
    ours, others, again = pages
    assert "<mi>x</mi><mo>&lt;</mo><mn>2</mn>" in ours and "$x" not in ours
    assert 'href="01_latent_variables.html#A"' in ours and 'href="mine.ipynb"' in ours
    assert "$x &lt; 2$" in others and "01_latent_variables.ipynb" in others
    assert "<math" not in others and "course-formula" not in others
    assert ours == again


def test_a_sanitized_page_keeps_its_tex():
    page = page_of(notebook_of("$x^2$", **OURS), sanitize_html=True)
    assert "$x^2$" in page and "<math" not in page


def in_mathml(tex, display="inline"):
    """The elements of a formula, as (tag, text) in the order of reading, but for its rows."""
    root = ElementTree.fromstring(mathml(tex, display))
    assert root.get("display") == display
    return [(part.tag, part.text) for part in root.iter() if part.tag not in ("math", "mrow")]


THIN = ("mspace", None)


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        (r"\log p", [("mi", "log"), THIN, ("mi", "p")]),
        (r"2\log(p)", [("mn", "2"), THIN, ("mi", "log"), *in_mathml("(p)")]),
        (r"\operatorname{tr} A", [("mi", "tr"), THIN, ("mi", "A")]),
        (r"\mathrm{KL}(q)", [("mtext", "KL"), *in_mathml("(q)")]),
        (r"\mathbb E \mathcal{N} \mathcal L", [("mi", "𝔼"), ("mi", "𝒩"), ("mi", "ℒ")]),
        (r"x \mid z", [("mi", "x"), ("mo", "∣"), ("mi", "z")]),
        (r"x \sim 1; 2", [("mi", "x"), ("mo", "∼"), ("mn", "1"), ("mo", ";"), ("mn", "2")]),
        (r"\lVert x \rVert", [("mi", "‖"), ("mi", "x"), ("mi", "‖")]),
        (r"\text{at } x", [("mtext", "at\N{NO-BREAK SPACE}"), ("mi", "x")]),
        (r"x\!y", [("mi", "x"), THIN, ("mi", "y")]),
        (r"x < 1 \ge y", [("mi", "x"), ("mo", "<"), ("mn", "1"), ("mo", "≥"), ("mi", "y")]),
    ],
)
def test_a_formula_says_what_tex_says(tex, parts):
    assert in_mathml(tex) == parts


def test_lines_of_a_derivation_stand_below_each_other():
    tex = r"\begin{aligned} a &= \underbrace{b}_{\text{c}} \\ &= -d \end{aligned}"
    root = ElementTree.fromstring(mathml(tex, "block"))
    rows = [["".join(cell.itertext()) for cell in row.iter("mtd")] for row in root.iter("mtr")]
    assert rows == [["a", "=b⏟c"], ["", "=−d"]]
    (minus,) = (part for part in root.iter("mo") if part.text == "−")
    assert minus.get("form") == "prefix"


@pytest.mark.parametrize(("display", "tag"), [("block", "munder"), ("inline", "msub")])
def test_what_is_maximised_over_stands_below_or_beside(display, tag):
    root = ElementTree.fromstring(mathml(r"\arg\max_q f", display))
    (found,) = root.iter(tag)
    assert "".join(found.itertext()) == "arg\N{THIN SPACE}maxq"


def test_a_formula_in_html_is_one_and_a_dollar_alone_is_none():
    html = "<details><summary>Is $x > 0$?</summary>\n\nIt costs \\$5.\n\nIt costs \\$6.\n</details>"
    page = page_of(notebook_of(f"{html}\n\n`$y$` ![so $z$ goes](a.svg)", **OURS))
    assert "<mi>x</mi><mo>&gt;</mo><mn>0</mn>" in page and page.count("<math") == 1
    assert "It costs $5.</p>\n<p>It costs $6." in page
    assert "<code>$y$</code>" in page and 'alt="so $z$ goes"' in page
