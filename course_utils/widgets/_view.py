"""What every explorer shares: its files for the browser, and a still for where there is none."""

import base64
import io
from pathlib import Path

import anywidget
from matplotlib.figure import Figure

HERE = Path(__file__).parent
DPI = 80


def read_esm(*names: str) -> str:
    """One browser module out of several files, each of which may import from those before it.

    A widget's code travels as a single text inside each notebook: the imports between the files
    are left out, and so are indents and comments, to keep it small.
    """
    text = "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("import ", "//")))


class Explorer(anywidget.AnyWidget):
    """A view on a pure picture; subclasses give `__repr__` and `still` their words and figure.

    A notebook keeps the words and the still beside the widget: GitHub, a plain export and a
    screen reader without JavaScript show those.
    """

    _css = (HERE / "explorer.css").read_text(encoding="utf-8")

    def still(self) -> Figure:
        """The picture of the present state, drawn by matplotlib."""
        raise NotImplementedError(f"{type(self).__name__} should define still().")

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        """The view for JupyterLab, with a still and the words for all other places."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/plain": repr(self), "image/png": self._png()}, metadata

    def _png(self) -> str:
        """Base64; the same for the same figure, with no date and no version inside."""
        out = io.BytesIO()
        self.still().savefig(out, format="png", dpi=DPI, metadata={"Software": None})
        return base64.b64encode(out.getvalue()).decode("ascii")
