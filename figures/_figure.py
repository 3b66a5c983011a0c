"""What the figures share: a white card measured in inches, boxes, arrows, and how they are saved.

Colour is meaning (PALETTE); whatever means nothing is grey.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon

INK, GREY, PALE = "#222222", "#6E6E6E", "#A6A6A6"
HERE = Path(__file__).parent


def save(make: Callable[[], Figure], script: str | Path, folder: Path = HERE) -> Path:
    """Write make_<name>.py's figure to <name>.svg: the same bytes on every run, from any folder.

    Args:    make: draws the figure; script: its file, which gives the name; folder: where to.
    Returns: the file written.
    """
    name = Path(script).stem.removeprefix("make_")
    path = folder / f"{name}.svg"
    # "default": a reader's own matplotlibrc must not change the picture
    with style.context(["default", {"svg.hashsalt": name}]):
        make().savefig(path, metadata={"Date": None})
    return path


def new_card(width: float, height: float) -> Axes:
    """An empty page whose coordinates are inches; opaque white, so legible on a dark page too."""
    ax = Figure(figsize=(width, height)).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return ax


def add_text(ax: Axes, xy: tuple, text: str, size: float = 13, **kwargs) -> None:
    """Centred words at xy; matplotlib's names for all else."""
    ax.text(*xy, text, **({"ha": "center", "va": "center", "size": size, "color": INK} | kwargs))


def add_box(ax: Axes, xy: tuple, size: tuple, text: str = "", **look) -> None:
    """A box with round corners and words in it.

    Args:    xy: its centre; size: (width, height);
             look: fontsize and textcolor, and what FancyBboxPatch takes (ec, fc, ls, lw, hatch).
    """
    words = {"size": look.pop("fontsize", 13), "color": look.pop("textcolor", INK)}
    corner = (xy[0] - size[0] / 2, xy[1] - size[1] / 2)
    round_corners = f"round,pad=0,rounding_size={min(0.09, min(size) / 2)}"
    look = {"ec": INK, "fc": "white", "lw": 1.6} | look
    ax.add_patch(FancyBboxPatch(corner, *size, round_corners, **look))
    add_text(ax, xy, text, **words)


def add_arrow(ax: Axes, *points: tuple, color: str = GREY, head: bool = True, **line) -> None:
    """An arrow along straight pieces to the last point; its head stays solid when the line is not.

    Args:    points: corners of the way, in inches; head: False for a line without one;
             line: what Axes.plot takes (ls, lw).
    """
    way = np.array(points, dtype=float)
    tip, ahead = way[-1].copy(), (way[-1] - way[-2]) / np.linalg.norm(way[-1] - way[-2])
    line = {"lw": 1.6, "solid_capstyle": "butt", "dash_capstyle": "butt"} | line
    length, aside = 0.09 + 0.022 * line["lw"], np.array([-ahead[1], ahead[0]])
    if head:
        way[-1] = tip - 0.8 * length * ahead
        wings = [tip - length * ahead + side * 0.45 * length * aside for side in (1, -1)]
        ax.add_patch(Polygon([tip, *wings], color=color, lw=0))
    ax.plot(*way.T, color=color, **line)
