"""The still of every explorer shows its picture: the same curves, bars and pixels."""

import math

import explorers
import numpy as np
import pytest
import torch
from explorers import cvae, each, each_prior, vae
from matplotlib.colors import to_rgb

from course_utils import widgets
from course_utils.plots import PALETTE
from course_utils.toys import FourPixels
from course_utils.widgets import conditional_explorer, latent_explorer, stroke_writer
from course_utils.widgets.monte_carlo import MonteCarloState
from course_utils.widgets.monte_carlo._explorer import log10_draws_needed
from course_utils.widgets.strokes._knobs import value_of


def assert_curves(ax, **expected):
    """Lines by their labels, _ for a blank; a number means a level line."""
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    for label, values in expected.items():
        shown = lines[label.replace("_", " ")]
        assert len(shown)
        np.testing.assert_array_equal(shown, values)


def assert_pixels(figure, *expected):
    """All images to be seen, in their order; None means one that is not there."""
    axes = [each for ax in figure.axes for each in (ax, *ax.child_axes)]
    shown = [ax.images[0].get_array() for ax in axes if ax.images and ax.get_visible()]
    expected = [pixels for pixels in expected if pixels is not None]
    for ours, theirs in zip(shown, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def heights(ax):
    return [bar.get_height() for bar in ax.patches]


def rings(pad, role):
    """Centre, width and height of the ellipses in that colour, one and two deviations out."""
    colour = to_rgb(PALETTE[role])
    found = [patch for patch in pad.patches if patch.get_edgecolor()[:3] == colour]
    return [(*ring.center, ring.width, ring.height) for ring in found]


def test_the_still_of_monte_carlo_shows_shares_and_the_running_estimate():
    widget = widgets.monte_carlo_explorer(dimension=8, n=3000)
    picture, (needed, weights, running) = widget.picture, widget.still().axes
    rows = needed.collections[0].get_array()
    states = [MonteCarloState(dimension, 1.0, 3000) for dimension in range(1, 21)]
    np.testing.assert_allclose(rows[-1], [log10_draws_needed(state) for state in states])
    assert rows.shape == (25, 20) and needed.lines[-1].get_xydata().tolist() == [[8, 0.3]]
    assert [*needed.collections[-1].levels] == [np.log10(3000)]
    np.testing.assert_allclose(heights(weights), [*picture.shares, picture.others])
    assert_curves(running, estimate=picture.estimate, exact=picture.exact)
    assert running.get_ylabel() == "log p(x) [nats]"


def test_the_still_of_the_elbo_shows_densities_sums_and_curves():
    widget = widgets.elbo_explorer(mu=0.4, a=1.2)
    picture, (densities, sums, curves) = widget.picture, widget.still().axes
    assert_curves(densities, **{"p(z|x)": picture.posterior, "q(z)": picture.q})
    assert_curves(curves, **{"ELBO": picture.elbo_of_a, "log p(x)": picture.log_px_of_a})
    assert curves.texts[0].xy == (picture.best_a, picture.best_elbo)
    spans = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in sums.patches]
    log_px, elbo, rec = picture.log_px, picture.elbo, picture.rec
    expected = [(log_px, 0), (elbo, log_px), (elbo, 0), (elbo, rec), (rec, 0)]
    np.testing.assert_allclose(spans, expected)


@each(explorers.GRADIENT)
def test_the_still_of_the_gradient_shows_draws_histograms_and_averages(state):
    widget = widgets.gradient_explorer(**vars(state))
    picture, (function, _, score, path, running) = widget.picture, widget.still().axes
    assert len(function.lines[1].get_xdata()) == min(200, state.n)
    for ax, counts in ((score, picture.score_counts), (path, picture.path_counts)):
        expected = np.append(counts[1:-1], counts[[0, -1]]) / state.n
        np.testing.assert_allclose(heights(ax), expected)
    means = {"score_function": picture.score_mean, "pathwise": picture.path_mean}
    assert_curves(running, **means, exact=picture.exact)


@pytest.mark.parametrize("knob", ["weight", "wobble 2", "digit"])
def test_the_still_of_the_writer_shows_the_digit_and_its_strip(knob):
    widget = stroke_writer(digit=6, weight=3.1)
    widget.knob = knob
    picture, figure = widget.picture, widget.still()
    assert_pixels(figure, picture.image, *picture.strip)
    _, density, strip = figure.axes[:3]
    np.testing.assert_allclose(strip.get_xticks(), picture.strip_values)
    assert set(density.lines[-1].get_xdata()) == {value_of(widget.state, knob)}
    assert strip.get_xlabel() == {"weight": "weight [px]"}.get(knob, knob)


def test_the_density_of_the_still_is_that_of_the_prior():
    density = stroke_writer().still().axes[1]
    z, p = density.lines[0].get_data()
    mean, deviation = torch.tensor([0.1, 0.2], dtype=torch.float64)
    expected = torch.distributions.Normal(mean, deviation).log_prob(torch.as_tensor(z)).exp()
    np.testing.assert_allclose(p, expected)


@each(explorers.LATENT)
def test_the_latent_still_shows_the_picture_and_what_is_chosen(latents, state):
    widget = explorers.latent(latents, **vars(state))
    picture, figure = widget.picture, widget.still()
    strip = [] if picture.strip is None else picture.strip
    assert_pixels(figure, picture.image, picture.original, picture.reconstruction, *strip)
    chosen, pad = state.chosen is not None, figure.axes[0]
    assert len(figure.axes) == 2 + 2 * chosen + len(strip)
    points = np.concatenate([group.get_offsets() for group in pad.collections])
    assert sorted(points[:, 0]) == sorted(widget.codes.mu[:, state.axes[0]])
    of_code = rings(pad, "q")
    ellipses = [patch for patch in pad.patches if type(patch).__name__ == "Ellipse"]
    around = len(rings(pad, "p"))
    assert len(of_code) == 2 * chosen and len(ellipses) == len(of_code) + around
    for deviations, (*_, width, _) in enumerate(of_code, start=1):
        sd = math.exp(widget.codes.log_var[state.chosen, state.axes[0]] / 2)
        assert width == pytest.approx(2 * deviations * sd, rel=1e-6)


def test_a_still_without_codes_shows_the_prior():
    pad = latent_explorer(vae()).still().axes[0]
    assert rings(pad, "p") == [(0, 0, 2, 2), (0, 0, 4, 4)]
    assert latent_explorer(FourPixels()).still().axes[0].get_xlabel() == "z[0]"


def test_a_still_without_pixels_leaves_the_place_of_the_original_empty():
    widget = latent_explorer(explorers.bringing_codes(vae()), chosen=3)
    _, _, original, decoded = widget.still().axes
    assert not original.get_visible() and decoded.get_visible()


@each_prior
@each(explorers.CLASSES)
def test_the_still_of_classes_shows_the_pad_the_digit_and_every_class(latents, prior, state):
    widget = explorers.classes(latents, prior, **vars(state))
    picture, figure = widget.picture, widget.still()
    assert_pixels(figure, picture.image, picture.original, *picture.images)
    pad, _, original, *others = figure.axes
    assert original.get_visible() == (state.chosen is not None)
    assert len(others) == 10 and others[state.digit].get_title() == f"{state.digit} ◂"
    mu, sd = (numbers[state.axes[0]] for numbers in widget.shown.prior(state.digit))
    outline = [(across, width) for across, _, width, _ in rings(pad, "p")]
    np.testing.assert_allclose(outline, [(mu, 2 * sd), (mu, 4 * sd)])
    if prior == "fixed":
        assert rings(pad, "p") == [(0, 0, 2, 2), (0, 0, 4, 4)]


@pytest.mark.parametrize("classes", [3, 20])
def test_the_still_has_a_place_for_every_class(classes):
    widget = conditional_explorer(cvae(classes=classes))
    shown = [ax for ax in widget.still().axes[3:] if ax.get_visible()]
    assert [ax.get_title().split()[0] for ax in shown] == [str(i) for i in range(classes)]


@each(explorers.HALVES)
def test_the_still_of_halves_shows_the_half_the_nine_their_mean_and_the_truth(state):
    widget = explorers.completions(**vars(state))
    picture, figure = widget.picture, widget.still()
    assert_pixels(figure, picture.left, *picture.completions, picture.mean, picture.truth)
    *_, mean, truth = figure.axes
    assert len(figure.axes) == 12 and mean.get_title() == "mean of 64"
    assert truth.get_visible() == (picture.truth is not None)


@each(explorers.RATES)
def test_the_still_of_rates_shows_the_plane_the_picture_thrice_and_the_samples(state):
    widget = explorers.rates(**vars(state))
    picture, figure, shown = widget.picture, widget.still(), widget.shown.plane
    assert_pixels(figure, picture.original, picture.decoded, picture.optimum, *picture.samples)
    plane, point = figure.axes[0], picture.point
    rates = [each.rate for each in shown.points]
    assert_curves(plane, the_Gaussian=[rate for rate, _ in shown.curve], networks=rates)
    places = {line.get_label(): line.get_xydata().tolist() for line in plane.lines}
    ends = [[point.distortion, point.needed], [point.distortion, point.rate]]
    assert places["between the two"] == ends
    assert places["linear optimum"] == [[*point.linear[1::-1]]]
    assert places["this picture"] == [point.own[state.image][::-1]]
    (left, right), (low, high) = plane.get_xlim(), plane.get_ylim()
    everything = np.array([place for line in places.values() for place in line])
    visible = everything[everything[:, 1] <= high]
    assert left == low == 0 and visible.min() >= 0 and visible[:, 0].max() < right
    assert "nats" in plane.get_ylabel() and "squared error" in plane.get_xlabel()
