"""The conditional explorer of classes without a browser: its state, and its still."""

import numpy as np
import pytest
import torch
from conditional_cases import WithCodes, cvae, each_case, explorer
from explorers import digits
from matplotlib.colors import to_rgb

from course_utils.plots import PALETTE
from course_utils.widgets import conditional_explorer
from course_utils.widgets.conditional import ClassExplorer


@pytest.mark.parametrize("classes", [2, 10, 20])
def test_from_2_to_20_a_condition_means_classes(classes):
    widget = conditional_explorer(cvae(classes=classes), digit=classes - 1)
    assert isinstance(widget, ClassExplorer) and widget.recipe["classes"] == classes
    assert len(widget.picture.images) == classes
    small = conditional_explorer(cvae(classes=16, shape=(4, 4)))
    assert isinstance(small, ClassExplorer), "16 numbers for 16 pixels are classes still"


def test_codes_that_the_model_brings_lie_on_the_pad():
    torch.manual_seed(0)
    model = WithCodes((8, 8), 2, 10, hidden=(16,))
    widget = conditional_explorer(model, chosen=24)
    np.testing.assert_array_equal(widget.shown.codes.mu, model.codes.mu)
    assert widget.picture.original is None and widget.packed_originals == b""
    assert "mage 24, labelled 4 in the data set" in widget.picture.text
    over = conditional_explorer(model, digits())
    assert len(over.shown.codes) == 40, "data given go before the codes of the model"


def test_a_learned_prior_opens_at_its_mean_and_fits_on_the_pad():
    model = cvae(prior="learned")
    with torch.no_grad():
        model.prior_network[-1].bias[:2] = torch.tensor([9.0, -7.0])
        p = model.prior_given(torch.arange(10))
    widget = conditional_explorer(model, digit=4)
    np.testing.assert_allclose(widget.z, p.mu[4], atol=0.005 + 1e-6)
    furthest = (p.mu.abs() + 2 * (p.log_var / 2).exp()).max().item()
    assert furthest <= widget.recipe["span"] < 1.05 * furthest + 0.5
    assert conditional_explorer(model, z=(1.0, 2.0)).z == (1.0, 2.0)
    assert explorer().z == (0.0, 0.0) and explorer().recipe["span"] >= 3.5


@each_case
def test_the_still_shows_the_pad_the_digit_and_every_class(latents, prior, state):
    widget = explorer(latents, prior, **vars(state))
    picture, figure = widget.picture, widget.still()
    pad, image, original, *others = figure.axes
    np.testing.assert_array_equal(image.images[0].get_array(), picture.image)
    assert original.get_visible() == (state.chosen is not None)
    for ax, pixels in zip(others, picture.images, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), pixels)
    assert others[state.digit].get_title() == f"{state.digit} ◂"
    mu, sd = widget.shown.prior(state.digit)
    outline = [patch for patch in pad.patches if patch.get_edgecolor()[:3] == to_rgb(PALETTE["p"])]
    assert len(outline) == 2
    if prior == "learned":
        assert outline[1].width == pytest.approx(4 * sd[state.axes[0]])
        assert outline[1].center[0] == pytest.approx(mu[state.axes[0]])
    else:
        assert [ring.radius for ring in outline] == [1, 2]


@pytest.mark.parametrize("classes", [3, 20])
def test_the_still_has_a_place_for_every_class(classes):
    widget = conditional_explorer(cvae(classes=classes))
    shown = [ax for ax in widget.still().axes[3:] if ax.get_visible()]
    assert [ax.get_title().split()[0] for ax in shown] == [str(i) for i in range(classes)]
