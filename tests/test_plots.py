"""Pictures hold what they were given, in the colour of its role."""

import base64
import io
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from exports import read_page
from IPython.core.formatters import DisplayFormatter
from matplotlib.colors import to_hex

from course_utils import plots

TWO = np.zeros((2, 5, 5))  # pictures


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_line_has_the_colour_and_style_of_its_role():
    ax = plots.plot_line([1, 2], [3, 4], role="q", label="estimate")
    line = ax.lines[0]
    assert to_hex(line.get_color()).upper() == plots.PALETTE["q"]
    assert line.get_linestyle() == "--"
    assert line.get_ydata().tolist() == [3, 4]
    assert plots.plot_line([1], [1], role="p", ax=ax) is ax


def test_colours_differ_in_grey_or_in_style():
    """No two roles share a line style, so that greyscale keeps them apart."""
    marks = [(s.get("linestyle"), s.get("marker"), s.get("hatch")) for s in plots.STYLE.values()]
    assert len(set(marks)) == len(plots.STYLE)
    assert set(plots.STYLE) == set(plots.PALETTE)


def test_weights_are_shares_sorted_by_size():
    log_w = np.array([-800.0, -801.0, -np.inf, -850.0])
    ax = plots.plot_weights(log_w)
    heights = [bar.get_height() for bar in ax.patches]
    assert sum(heights) == pytest.approx(1)
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert len(plots.plot_weights(np.zeros(100), largest=7).patches) == 7


def test_image_grid_shows_every_picture_in_its_place():
    images = np.stack([np.full((28, 20), v) for v in (0.2, 0.4, 0.6)])
    ax = plots.image_grid(images, columns=2, titles=["a", "b", "c"])
    sheet = ax.images[0].get_array()
    assert [np.isclose(sheet, v).sum() for v in (0.2, 0.4, 0.6)] == [560, 560, 560]
    assert [t.get_text() for t in ax.texts] == ["a", "b", "c"]
    below, above = np.argwhere(np.isclose(sheet, 0.6)), np.argwhere(np.isclose(sheet, 0.2))
    assert below[:, 0].min() > above[:, 0].max()


def test_a_density_map_has_its_first_row_below_and_its_axes_in_units():
    table = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    ax = plots.density_image(table, extent=(-1, 1, 0, 6), xlabel="a", ylabel="b")
    assert ax.images[0].get_array().tolist() == table.tolist()
    assert ax.images[0].origin == "lower" and list(ax.images[0].get_extent()) == [-1, 1, 0, 6]
    assert ax.images[0].get_cmap().name == "viridis"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "b")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: plots.plot_line([1], [1], role="gap"), "known are: p, q, samples, data"),
        (lambda: plots.plot_line([1, 2], [1], role="p"), "equally long"),
        (lambda: plots.plot_weights(np.zeros((3, 2))), "pick one example"),
        (lambda: plots.plot_weights(np.full(3, -np.inf)), "not all -inf"),
        (lambda: plots.image_grid(np.zeros((28, 28))), "batch of one"),
        (lambda: plots.image_grid(np.zeros((0, 28, 28))), "N >= 1"),
        (lambda: plots.image_grid(TWO, titles=["one"]), "titles should be a list"),
        (lambda: plots.image_grid(TWO, titles="ab"), "titles should be a list"),
        (lambda: plots.image_grid(np.full((2, 5, 5), 255)), "largest grey level"),
        (lambda: plots.image_grid(TWO, columns=0), "columns should be"),
        (lambda: plots.plot_weights(np.array([np.nan, 0.0])), "without NaN"),
        (lambda: plots.plot_weights(np.zeros(3), largest=-1), "largest should be"),
        (lambda: plots.density_image(np.zeros(4), extent=(0, 1, 0, 1)), "reshape"),
        (lambda: plots.density_image(np.full((2, 2), np.inf), extent=(0, 1, 0, 1)), "finite"),
        (lambda: plots.density_image(np.zeros((2, 2)), extent=(1, 0, 0, 1)), "left, right"),
    ],
)
def test_a_plot_refuses_bad_input_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def kinds_of(numbers):
    """The same numbers as people have them at hand: with a graph, in short floats, in lists."""
    t = torch.tensor(numbers, dtype=torch.float32)
    with_graph = (t.clone().requires_grad_() * 1, torch.nn.Parameter(t.clone()))
    lists = (list(with_graph[0]), tuple(with_graph[0]), [t[0], *t[1:].tolist()])
    return (t.numpy(), *with_graph, with_graph[0].bfloat16(), t.half(), t.double(), *lists)


@pytest.mark.parametrize("kind", range(9))
def test_every_plot_takes_arrays_and_tensors_of_any_kind(kind):
    values = [0.0, 0.25, 0.5, 1.0]  # exact in short floats as well
    line = plots.plot_line(range(4), kinds_of(values)[kind], role="q").lines[0]
    assert line.get_ydata().tolist() == values
    assert plots.plot_line(kinds_of(values)[kind], values, role="q").lines[0]
    ax = plots.plot_weights(kinds_of(values)[kind])
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1)
    table = kinds_of([values, values[::-1]])[kind]
    drawn = plots.density_image(table, extent=(0, 1, 0, 1)).images[0].get_array()
    assert drawn.tolist() == [values, values[::-1]]
    sheet = plots.image_grid(kinds_of([[values, values]] * 3)[kind]).images[0].get_array()
    assert np.isclose(sheet, 0.25).sum() == 6


@pytest.fixture
def published(monkeypatch):
    """What is sent to the notebook, one bundle of data after the other."""
    bundles = []
    monkeypatch.setattr("IPython.display.publish_display_data", bundles.append)
    return bundles


def test_a_described_figure_is_shown_once_with_its_words(published):
    """As IPython shows the figures of a cell; the words stand in quotes, and for other places."""
    ax = plots.plot_line([1, 2], [3, 4], role="q", alt='It rises to "4" & stays <5.')
    plots.plot_line([1, 2], [3, 3], role="p", ax=ax, alt="The other is level.")
    words = 'It rises to "4" & stays <5. The other is level.'
    assert ax.figure.alt == words
    assert DisplayFormatter().format(ax.figure) == ({}, {})
    (bundle,) = published
    assert set(bundle) == {"text/html", "text/plain"} and bundle["text/plain"] == words
    (picture,) = read_page(bundle["text/html"])(True)
    kind, _, png = picture["src"].partition(",")
    assert (picture.name, kind, picture["alt"]) == ("img", "data:image/png;base64", words)
    pixels = plt.imread(io.BytesIO(base64.b64decode(png)))[:, :, :3]
    colours = {to_hex(colour).upper() for colour in pixels.reshape(-1, 3)}
    assert colours >= {plots.PALETTE["p"], plots.PALETTE["q"]}


def test_a_picture_is_kept_in_a_third_of_the_room_and_looks_the_same():
    figure, ax = plt.subplots(figsize=(3, 2))
    for power in range(8):  # with hundreds of colours along the edges of ink
        ax.plot(np.linspace(0, 1, 50) ** power)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    small = base64.b64decode(plots.small_png(drawn.getvalue()))
    assert len(small) < len(drawn.getvalue()) / 2
    before, after = (plt.imread(io.BytesIO(png))[:, :, :3] for png in (drawn.getvalue(), small))
    assert np.abs(after - before).mean() < 1 / 255


def test_a_figure_without_words_is_shown_as_ever(published):
    figure = plots.plot_weights(np.zeros(3)).figure
    shown, _ = DisplayFormatter().format(figure)
    assert shown["text/plain"] == repr(figure) and "text/html" not in shown
    assert published == []


def test_words_of_all_axes_and_of_the_figure_add_up():
    figure, (left, right) = plt.subplots(1, 2)
    (part,) = figure.subfigures(1, 1, squeeze=False).ravel()
    for where in (left, right, figure, part.subplots()):
        assert plots.describe(where, f"{type(where).__name__}.") is where
        plots.describe(where, "")
    assert figure.alt == "Axes. Axes. Figure. Axes."


@pytest.mark.parametrize(
    "plot",
    [
        partial(plots.plot_weights, np.zeros(4)),
        partial(plots.image_grid, TWO),
        partial(plots.density_image, TWO[0], extent=(0, 1, 0, 1)),
    ],
)
def test_every_plot_takes_words(plot):
    assert plot(alt="All are equal.").figure.alt == "All are equal."
