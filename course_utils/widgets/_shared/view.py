"""What every explorer shares: its files for the browser, and a still for where there is none."""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields

import anywidget
import traitlets
from matplotlib.figure import Figure

from course_utils.plots import html_picture, small_png
from course_utils.widgets._shared.words import HERE, read_words

DPI = 100
SHARED = tuple(f"_shared/{part}.js" for part in ("canvas", "view", "controls", "say"))
# Line ends at brackets and semicolons, and before a declaration; each takes two characters of JSON.
SPARE = re.compile(r",?\n(?=[})\]])|(?<=[{(\[;])\n|(?<=})\n(?=(?:const|function) )")
LEFT_OUT = re.compile(r"^import [^;]*;$|(?:^|\s)// .*|^export (?!default )", re.MULTILINE)


def read_esm(*names: str) -> str:
    """One browser module out of several files, each of which may import from those before it.

    A widget's code travels as a single text inside each notebook: imports and exports between the
    files are left out, and so are indents, comments and most spaces, to keep it small. The
    sentences of tables (.toml) come first, as one constant.
    """
    words = read_words(*(name for name in names if name.endswith(".toml")))
    code = [(HERE / name).read_text(encoding="utf-8") for name in names if name.endswith(".js")]
    lines = (line.strip() for line in LEFT_OUT.sub("", "\n".join(code)).splitlines())
    table = f"const WORDS = {json.dumps(words, ensure_ascii=False)};" if words else ""
    code = "\n".join(line for line in (table, *_tightened(lines)) if line)
    return SPARE.sub("", code).replace(",\n", ", ")


def _tightened(lines: Iterable[str]) -> Iterator[str]:
    """Without spaces around operators, on lines that neither have a text nor stand in one."""
    inside = False
    for line in lines:
        is_code = not inside and not {*line} & {*"\"'`/"}
        yield re.sub(r" ?([=*<>{}(),;:?&|]) ?", r"\1", line) if is_code else line
        inside ^= bool(line.count("`") % 2)


def read_css(*names: str) -> str:
    """The looks of every explorer, and of this one, without the spaces that CSS does not need."""
    files = [HERE / name for name in ("_shared/explorer.css", *names)]
    text = " ".join(" ".join(file.read_text(encoding="utf-8").split()) for file in files)
    return re.sub(r";? ?([{};,]) ?|: ", lambda match: match[1] or ":", text)


class Explorer(anywidget.AnyWidget):
    """A view on a pure picture; a subclass's `__repr__` says how it is made, and what it shows.

    A notebook keeps the words and the still beside the widget: GitHub, a plain export and a
    screen reader without JavaScript show those.
    """

    _css = read_css()
    beside: tuple = ()  # the state: what else its pictures are made of

    def require_fit(self, name: str, value: object) -> None:
        """Refuse a value of the state that is well formed, but does not fit the model or data."""

    def send_once(self, recipe: dict, **packed: bytes) -> None:
        """Hand the page what it needs to compute on its own: a table as JSON, and bytes by name."""
        for name, value in {"recipe": recipe, **packed}.items():
            self.set_trait(name, value)

    def still(self) -> Figure:
        """The picture of the present state, drawn by matplotlib."""
        raise NotImplementedError(f"{type(self).__name__} should define still().")

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        """The view for JupyterLab, with a still and the words for all other places."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        words = repr(self)
        still = html_picture(self._png(), words)
        return data | {"text/plain": words, "text/html": still}, metadata

    def _png(self) -> str:
        """Base64; the same for the same figure, with no date and no version inside."""
        drawn = io.BytesIO()
        self.still().savefig(drawn, format="png", dpi=DPI)
        return small_png(drawn.getvalue())


def explorer_of(
    state: type,
    picture: Callable,
    draw: Callable[..., Figure],
    *,
    files: Sequence[str],
    css: Sequence[str] = (),
    sends: Sequence[str] = (),
) -> type[Explorer]:
    """The base of one explorer: each field of its state, a frozen dataclass, is a synced trait.

    A trait takes what the state takes and `require_fit` lets pass, raises what they raise, and
    holds what the state makes of a value; `explorer.state` is all of them.

    Args:    picture(state, *beside): everything shown, `explorer.picture`; draw(picture, *beside):
             its still; files, css: of the page, as in `read_esm` and `read_css`; sends: the names
             of bytes that go to the page once, beside a recipe.
    """
    names = [field.name for field in fields(state)]

    def accepted(explorer: Explorer, proposal: dict) -> object:
        name = proposal["trait"].name
        value = getattr(state(**{name: proposal["value"]}), name)
        explorer.require_fit(name, value)
        return value

    def present(explorer: Explorer) -> object:
        return state(*(getattr(explorer, name) for name in names))

    # Not traitlets.Any, which takes None unasked.
    traits = {f.name: traitlets.TraitType(f.default).tag(sync=True) for f in fields(state)}
    body = traits | {"_accepted": traitlets.validate(*names)(accepted)}
    body |= {"_esm": read_esm(*files), "_css": read_css(*css)}
    if sends:
        body["recipe"] = traitlets.Dict(read_only=True).tag(sync=True)
        body |= {name: traitlets.Bytes(read_only=True).tag(sync=True) for name in sends}
    body["state"] = property(present, doc="The present state, as values.")
    body["picture"] = property(
        lambda explorer: picture(explorer.state, *explorer.beside),
        doc="Everything shown at present, as arrays.",
    )
    body["still"] = lambda explorer: draw(explorer.picture, *explorer.beside)
    return type(f"{state.__name__}Explorer", (Explorer,), body)
