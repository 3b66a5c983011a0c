"""The writer of digits as a figure, for places that cannot run the explorer."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.plots import STYLE
from course_utils.widgets._shared.latent_still import GREYS
from course_utils.widgets.strokes._knobs import BY_NAME, value_of


def draw_still(picture) -> Figure:
    """A StrokePicture: the digit, and what one knob does, under the prior of that knob."""
    figure = Figure(figsize=(9, 2.3), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 3.6))
    image = left.subplots()
    image.imshow(picture.image, **GREYS)
    image.set(xticks=[], yticks=[], title="the picture x")
    density, strip = right.subplots(2, 1, sharex=True, height_ratios=(1, 1.1))
    _draw_density(density, picture)
    _draw_strip(strip, picture)
    return figure


def _draw_density(ax: Axes, picture) -> None:
    """p(knob), up to its height, with the present value on it."""
    values, value = picture.strip_values, value_of(picture.state, picture.knob)
    if picture.knob == "digit":
        ax.bar(values, np.full(len(values), 0.1), width=0.5, color=STYLE["p"]["color"])
        ax.set_ylabel("p(digit)")
    else:
        knob = BY_NAME[picture.knob]
        z = np.linspace(knob.low, knob.high, 101)
        root = knob.deviation * np.sqrt(2 * np.pi)
        ax.plot(z, np.exp(-0.5 * ((z - knob.mean) / knob.deviation) ** 2) / root, **STYLE["p"])
        ax.set_ylabel(f"density\n[1/{knob.unit}]" if knob.unit else "density")
    ax.axvline(value, color="black", linewidth=1.5)
    ax.set_ylim(bottom=0)
    ax.set_title(f"this knob alone: {picture.knob}, all others held")
    ax.spines[["top", "right"]].set_visible(False)


def _draw_strip(ax: Axes, picture) -> None:
    """Each small picture stands below its value."""
    values = picture.strip_values
    step = values[1] - values[0]
    for value, image in zip(values, picture.strip, strict=True):
        inset = ax.inset_axes((value - 0.48 * step, 0, 0.96 * step, 1), transform=ax.transData)
        inset.imshow(image, **GREYS)
        inset.set(xticks=[], yticks=[])
    unit = BY_NAME[picture.knob].unit if picture.knob in BY_NAME else ""
    ax.set(xlim=(values[0] - 0.55 * step, values[-1] + 0.55 * step), ylim=(0, 1), yticks=[])
    ax.set_xticks(values, [f"{value:.3g}".replace("-", "−") for value in values])
    ax.set_xlabel(f"{picture.knob} [{unit}]" if unit else picture.knob)
    ax.spines[:].set_visible(False)
