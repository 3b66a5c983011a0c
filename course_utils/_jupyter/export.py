"""Exported pages keep their explorers alive: a preprocessor for `jupyter nbconvert --to html`.

An explorer computes in the browser, from a state that its notebook holds. nbconvert shows widgets
by a manager that each page fetches anew from the web; offline their places stay empty. We put the
explorer itself into the page, and the still or the words of every other widget.
"""

import hashlib
import json
import re
from html import escape
from pathlib import Path

from nbconvert import HTMLExporter
from nbconvert.preprocessors import Preprocessor

from course_utils._jupyter.formulas import OURS, use_mathml
from course_utils._jupyter.page import furnish

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PNG, HTML, WORDS, TEX = "image/png", "text/html", "text/plain", "text/latex"
SCRIPTS = (HTML, "application/javascript")
REQUIRE = re.compile(r"\brequire(js\b|\s*\(|\.(config|undef|specified)\b)")  # its calls, no prose
NOTHING = "data:text/javascript,"
PICTURE = re.compile(r'<img src="data:image/png;base64,([^"]+)" alt="[^"]*">')
LOADER = Path(__file__).with_name("export_loader.js").read_text(encoding="utf-8")


class LiveExplorers(Preprocessor):
    """Explorers that move without a network, in notebooks of the course and with its explorers.

    All other notebooks are exported as ever.
    """

    def preprocess(self, nb: dict, resources: dict) -> tuple[dict, dict]:
        """Replace the views of widgets by what needs no manager, and ask for none."""
        models = nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
        if not _is_ours(nb, models):
            return nb, resources
        outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
        if self._can_do_without_require(outputs):
            resources["require_js_url"] = NOTHING  # offline a page may wait long for what it lacks
        scripts, written = not resources.get("should_sanitize_html"), set()
        for output in outputs:
            _settle(output.get("data", {}), models, written, scripts=scripts)
        nb.metadata.pop("widgets", None)
        if scripts and isinstance(self.parent, HTMLExporter):
            use_mathml(self.parent)
            resources[OURS] = True
            needed = any(TEX in output.get("data", {}) for output in outputs)
            mathjax = resources["mathjax_url"] if needed else NOTHING
            # No other place in the head can be filled from here.
            head = f'{NOTHING}"></script>\n{furnish(nb, resources)}\n<script src="{mathjax}'
            resources["mathjax_url"] = head
        return nb, resources

    def _can_do_without_require(self, outputs: list) -> bool:
        """Slides and others' templates use require.js themselves; the usual one for widgets."""
        usual = getattr(self.parent, "template_name", "") == "lab"
        texts = (_text(output.get("data", {}), kind) for output in outputs for kind in SCRIPTS)
        return usual and not any(map(REQUIRE.search, texts))


def _settle(data: dict, models: dict, written: set[str], *, scripts: bool) -> None:
    """Give one output a form without a manager: live, or else its still and words.

    Args:    written: what explorers share and the page has already; scripts: may it hold any?
    """
    model = data.pop(VIEW, {}).get("model_id", "")
    code = models.get(model, {}).get("state", {}).get("_esm", "")
    if not scripts:
        # A sanitized page lets no picture through that stands in HTML.
        if picture := PICTURE.fullmatch(_text(data, HTML)):
            del data[HTML]
            data[PNG] = picture[1]
    elif code and not code.startswith(("http://", "https://")):  # these would have to be fetched
        data[HTML] = _live(model, models[model], _still(data), written)
        data.pop(PNG, None)
    elif model and PNG in data:
        data[HTML] = _still(data)


def _live(name: str, model: dict, still: str, written: set[str]) -> str:
    """The place of an explorer, with its still for readers without JavaScript."""
    state = dict(model["state"])
    code = {"esm": state.pop("_esm"), "css": state.pop("_css", "")}
    module = hashlib.sha256(json.dumps(code).encode()).hexdigest()[:16]
    saved = {"module": module, "state": state, "buffers": model.get("buffers", [])}
    place = f'<div data-course-view="{escape(name)}"><noscript>{still}</noscript></div>'
    loader = f'<script type="module">\n{LOADER}</script>'  # runs once all is there
    parts = [_kept("module", module, code), _kept("model", name, saved), loader]
    parts = [part for part in parts if part not in written]
    written.update(parts)
    return "\n".join([place, *parts])


def _kept(kind: str, name: str, content: dict) -> str:
    # A "<" could end the script early.
    text = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" data-course-{kind}="{escape(name)}">{text}</script>'


def _is_ours(nb: dict, models: dict) -> bool:
    """Whether it is a notebook of the course, or shows one of its explorers."""
    makers = [model.get("state", {}).get("_anywidget_id", "") for model in models.values()]
    return "course" in nb.metadata or any(name.startswith("course_utils.") for name in makers)


def _still(data: dict) -> str:
    """The picture, described by the words; without one, what else there is."""
    words = escape(_text(data, WORDS))
    if PNG in data:
        picture = "".join(_text(data, PNG).split())
        return f'<img src="data:image/png;base64,{picture}" alt="{words}">'
    return _text(data, HTML) or f"<pre>{words}</pre>"


def _text(data: dict, kind: str) -> str:
    """One text, also where a notebook has it as lines."""
    return "".join(data.get(kind, ""))
