"""Pictures of the course: arrays in, matplotlib Axes out; a colour means one thing everywhere."""

import base64
import io
from collections.abc import Sequence
from functools import partial
from html import escape

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor, bfloat16

from course_utils._require import require_count, require_known, require_tensor

# Each colour is doubled by a line style, so that nothing depends on seeing colour.
PALETTE = {
    "p": "#0072B2",  # the model, exact values
    "q": "#D55E00",  # what is learned or estimated
    "gap": "#CC79A7",  # a KL divergence, a gap
    "samples": "#009E73",  # draws
    "data": "#4D4D4D",  # observed data
}
STYLE = {
    "p": {"color": PALETTE["p"], "linestyle": "-"},
    "q": {"color": PALETTE["q"], "linestyle": "--"},
    "gap": {"color": PALETTE["gap"], "hatch": "///"},
    "samples": {"color": PALETTE["samples"], "linestyle": "none", "marker": "."},
    "data": {"color": PALETTE["data"], "linestyle": ":"},
}


def plot_line(x, y, *, role: str, ax: Axes | None = None, alt: str = "", **kwargs) -> Axes:
    """A curve in the colour and style of its role ("p", "q", "samples", "data").

    Args:    x, y: arrays of one length; ax: where to draw, or None for a new figure;
             alt: see `describe`; kwargs: for Axes.plot, e.g. label.
    Raises:  ValueError if the role is unknown or the lengths differ.
    """
    require_known("line", role, [name for name, style in STYLE.items() if "hatch" not in style])
    x, y = _as_array("x", x), _as_array("y", y)
    if x.shape != y.shape:
        raise ValueError(f"x and y should be equally long, but {x.shape} and {y.shape} came.")
    ax = ax or _new_axes()
    ax.plot(x, y, **(STYLE[role] | kwargs))
    return describe(ax, alt)


def plot_weights(log_w, *, largest: int = 30, ax: Axes | None = None, alt: str = "") -> Axes:
    """The share of the total weight that each of the largest draws has, as bars.

    Args:    log_w: (K,) log-weights; largest: how many bars; alt: see `describe`.
    Raises:  ValueError if log_w is not one list of draws, or all its weights are 0.
    """
    log_w = _as_array("log_w", log_w).astype(float)
    require_count(largest=largest)
    if log_w.ndim != 1 or not np.isfinite(log_w.max(initial=-np.inf)):
        expected = "the (K,) log-weights of one x, not all -inf and without NaN"
        came = f"shape {log_w.shape} came; pick one example: log_w[:, 0]."
        raise ValueError(f"log_w should be {expected}, but {came}")
    w = np.exp(log_w - log_w.max())
    share = np.sort(w / w.sum())[::-1][:largest]
    ax = ax or _new_axes()
    ax.bar(np.arange(1, len(share) + 1), share, color=PALETTE["samples"])
    ax.set(xlabel="rank of the draw", ylabel="share of all weight", ylim=(0, 1))
    return describe(ax, alt)


def density_image(
    density,
    *,
    extent: Sequence[float],
    xlabel: str = "",
    ylabel: str = "",
    ax: Axes | None = None,
    alt: str = "",
) -> Axes:
    """A density over two variables as a map, brighter where it is higher.

    Args:    density: (rows, columns), the first row lowest; extent: left, right, bottom, top;
             alt: see `describe`.
    Raises:  ValueError if density is no finite table, or extent not four rising numbers.
    """
    density, ends = _as_array("density", density), _as_array("extent", extent)
    if density.ndim != 2 or not density.size or not np.isfinite(density).all():
        came = f"shape {density.shape} came; a flat grid becomes one by .reshape(rows, columns)."
        raise ValueError(f"density should be a finite (rows, columns) table, but {came}")
    if ends.shape != (4,) or not (ends[0] < ends[1] and ends[2] < ends[3]):
        came = f"{str(extent)[:80]} came; try (-3, 3, -3, 3)."
        raise ValueError(f"extent should be (left, right, bottom, top), but {came}")
    ax = ax or _new_axes(figsize=(3.6, 3.6))
    ax.imshow(density, origin="lower", extent=ends, cmap="viridis", aspect="auto")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return describe(ax, alt)


def image_grid(
    images,
    *,
    columns: int = 10,
    titles: Sequence[str] = (),
    ax: Axes | None = None,
    alt: str = "",
) -> Axes:
    """Pictures side by side in one Axes, ink dark on white.

    Args:    images: (N, H, W) in [0, 1]; columns: pictures a row; titles: one for each, or none;
             alt: see `describe`.
    Raises:  ValueError if images is not (N, H, W) or the number of titles differs.
    """
    images = _as_array("images", images)
    if images.ndim != 3 or not len(images):
        hint = "one picture is a batch of one: image[None]."
        raise ValueError(f"images should be (N, H, W) with N >= 1, but {images.shape} came; {hint}")
    require_count(columns=columns)
    if not (images.min() >= -1e-6 and images.max() <= 1 + 1e-6):
        came = f"{images.min():.4g} to {images.max():.4g} came; divide by the largest grey level."
        raise ValueError(f"images should lie in [0, 1], but {came}")
    titles = _as_titles(titles, len(images))
    n, height, width = images.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    gap = max(1, height // 14)
    room = gap + (height // 3 if len(titles) else 0)  # above each row
    tiles = np.pad(images.astype(float), ((0, rows * columns - n), (room, 0), (0, gap)))
    high, wide = tiles.shape[1:]
    sheet = tiles.reshape(rows, columns, high, wide).swapaxes(1, 2).reshape(rows * high, -1)
    ax = ax or _new_axes(figsize=(0.9 * columns, 0.9 * rows * high / wide))
    ax.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    for i, title in enumerate(titles):
        middle, top = i % columns * wide + width / 2, i // columns * high + room
        ax.text(middle, top - gap, title, ha="center", va="bottom", fontsize=8)
    ax.set_axis_off()
    return describe(ax, alt)


def describe(ax: Axes | Figure, alt: str) -> Axes | Figure:
    """Add to the words that stand for a figure where it cannot be seen, which a notebook keeps.

    Args:    ax: of the figure, or the figure, whose other words stay; alt: a sentence or two that
             state the finding, with the numbers that it rests on; "" adds nothing.
    """
    if alt:
        figure = ax.get_figure(root=True)
        figure.alt = " ".join([*filter(None, [getattr(figure, "alt", "")]), alt])
        figure._ipython_display_ = partial(_show, figure)
    return ax


def html_picture(png: str, alt: str) -> str:
    """A picture in base64 and its words, in the one form that passes them on everywhere."""
    return f'<img src="data:image/png;base64,{png}" alt="{escape(alt)}">'


def small_png(png: bytes) -> str:
    """The picture in at most 256 colours, a third of the bytes, in base64: notebooks keep it."""
    picture, small = Image.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    picture.quantize(256, dither=0).save(small, "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode("ascii")


def _show(figure: Figure) -> None:
    """Show a described figure in a notebook, where it would else be a picture without words."""
    from IPython.core.pylabtools import print_figure
    from IPython.display import publish_display_data

    picture = html_picture(small_png(print_figure(figure)), figure.alt)
    publish_display_data({"text/html": picture, "text/plain": figure.alt})


def _as_array(name: str, values) -> np.ndarray:
    """Numbers as an array: tensors, or a list of them, without graph and from any device."""
    if isinstance(values, list | tuple) and any(isinstance(value, Tensor) for value in values):
        return np.stack([_as_array(name, value) for value in values])
    if isinstance(values, Tensor):
        require_tensor(**{name: values})
        values = values.detach().cpu()
        values = values.float() if values.dtype == bfloat16 else values  # NumPy has none
    try:
        values = np.asarray(values)
        return values if values.dtype.kind in "iuf" else values.astype(float)
    except (TypeError, ValueError):
        came = f"a {type(values).__name__} came that holds others; try np.array([0.0, 1.0])."
        raise ValueError(f"{name} should be an array of numbers, but {came}") from None


def _as_titles(titles, n: int) -> Sequence:
    """An empty list, or a title for each image."""
    if isinstance(titles, Tensor):
        require_tensor(titles=titles)
    if isinstance(titles, np.ndarray | Tensor) and titles.ndim:
        titles = list(titles)
    listed = isinstance(titles, Sequence) and not isinstance(titles, str | bytes)
    if listed and len(titles) in (0, n):
        return titles
    came = f"{len(titles)} of them" if listed else "something else"
    way = f"try [str(i) for i in range({n})]."
    raise ValueError(f"titles should be a list of {n}, one for each image, but {came} came; {way}")


def _new_axes(figsize: tuple[float, float] = (6, 3)) -> Axes:
    return plt.subplots(figsize=figsize, layout="constrained")[1]
