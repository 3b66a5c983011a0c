"""The conditional explorer as figures, for places that cannot run it."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.widgets._shared.latent_still import draw_pad, draw_picture

COLUMNS = 10  # of the row of classes


def draw_classes(picture, classes) -> Figure:
    """The pad of a ClassPicture, the digit asked for, and below every class in the same style."""
    count = len(picture.images)
    rows = math.ceil(count / COLUMNS)
    figure = Figure(figsize=(8, 3.6 + 1.1 * rows), layout="constrained")
    top, below = figure.subfigures(2, 1, height_ratios=(3.6, 1.1 * rows))
    pad, image, original = top.subplots(1, 3, width_ratios=(2.2, 1.7, 1))
    draw_pad(pad, picture, classes.codes, classes.prior(picture.state.digit))
    draw_picture(image, picture.image, f"class {picture.state.digit} at z")
    draw_picture(original, picture.original, "original x")
    places = below.subplots(rows, COLUMNS if rows > 1 else max(count, 6), squeeze=False).flat
    for digit, ax in enumerate(places):
        shown = picture.images[digit] if digit < count else None
        draw_picture(ax, shown, f"{digit}" + " ◂" * (digit == picture.state.digit))
    return figure


def draw_halves(picture) -> Figure:
    """A HalfPicture: the left half, nine completions, their mean, the true picture."""
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=(1.1, 2.4, 2.2))
    draw_picture(left.subplots(), picture.left, "left half y")
    for i, ax in enumerate(middle.subplots(3, 3).flat):
        _draw_whole(ax, picture.completions[i], f"draw {i + 1}")
    mean, truth = right.subplots(1, 2)
    _draw_whole(mean, picture.mean, f"mean of {picture.draws}")
    _draw_whole(truth, picture.truth, "true picture")
    return figure


def _draw_whole(ax: Axes, pixels: np.ndarray | None, title: str) -> None:
    """A whole picture with a line where its halves meet."""
    draw_picture(ax, pixels, title)
    if pixels is not None:
        ax.axvline(pixels.shape[1] / 2 - 0.5, color="0.6", linewidth=0.6)
