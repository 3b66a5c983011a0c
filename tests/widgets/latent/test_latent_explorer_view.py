"""The latent explorer without a browser: its state, its still, models that Python decodes."""

import math
import re

import numpy as np
import pytest
import torch
from explorers import digits
from latent_cases import WithCodes, each_case, explorer, vae

from course_utils.data import ImageData
from course_utils.models import Autoencoder
from course_utils.plots import PALETTE
from course_utils.toys import FourPixels, Ring
from course_utils.widgets import latent_explorer
from course_utils.widgets._shared.latent_still import INKS
from course_utils.widgets._shared.view import HERE
from course_utils.widgets.latent._explorer import shown_z, wanted

# --- the state ---


def test_of_many_latents_the_two_most_used_open():
    model = vae(5)
    with torch.no_grad():
        last = model.encoder[-1]
        for latent, factor in enumerate([0.1, 5, 0.1, 0.1, 3]):
            last.weight[latent] *= factor
    widget = latent_explorer(model, digits())
    assert widget.axes == (1, 4)
    kl = widget.recipe["codes"]["mean_kl"]
    assert sorted(np.argsort(kl)[-2:]) == [1, 4] and len(kl) == 5
    assert latent_explorer(model).axes == (0, 1)
    assert latent_explorer(model, digits(), axes=(2, 0)).axes == (2, 0)


def test_codes_that_the_model_brings_lie_on_the_pad():
    torch.manual_seed(0)
    model = WithCodes((8, 8), 2, (16,))
    widget = latent_explorer(model, chosen=24)
    np.testing.assert_array_equal(widget.codes.mu, model.codes.mu)
    np.testing.assert_array_equal(widget.codes.log_var, model.codes.log_var)
    assert widget.codes.labels == [i % 10 for i in range(25)]
    assert widget.picture.original is None and widget.packed_originals == b""
    assert "Code 24, labelled 4 in the data set" in widget.picture.text
    over = latent_explorer(model, digits())
    assert len(over.codes) == 40, "data given go before the codes of the model"


def test_no_more_than_400_images_are_taken():
    images = torch.rand(450, 8, 8, generator=torch.Generator().manual_seed(0))
    widget = latent_explorer(vae(), ImageData(images, torch.arange(450) % 10))
    assert len(widget.codes) == 400 and widget.codes.originals.shape == (400, 8, 8)


def test_the_pad_holds_every_code_and_three_deviations():
    assert latent_explorer(vae()).recipe["span"] == 3.5
    model = vae(kind=Autoencoder)
    with torch.no_grad():
        model.encoder[-1].weight.mul_(30)
    widget = latent_explorer(model, digits())
    furthest = np.abs(widget.codes.mu).max()
    assert furthest > 3.5 and 1.04 * furthest <= widget.recipe["span"] <= 1.05 * furthest + 0.5


# --- the still, and the page ---


@each_case
def test_the_still_shows_the_picture_and_what_is_chosen(latents, state):
    widget = explorer(latents, **vars(state))
    picture, figure = widget.picture, widget.still()
    pad, image, *others = figure.axes
    np.testing.assert_array_equal(image.images[0].get_array(), picture.image)
    expected = [] if state.chosen is None else [picture.original, picture.reconstruction]
    expected += [] if picture.strip is None else list(picture.strip)
    assert len(others) == len(expected)
    for ax, pixels in zip(others, expected, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), pixels)
    points = np.concatenate([group.get_offsets() for group in pad.collections])
    assert sorted(points[:, 0]) == sorted(widget.codes.mu[:, state.axes[0]])
    rings = [patch for patch in pad.patches if type(patch).__name__ == "Ellipse"]
    assert len(rings) == 2 * (state.chosen is not None)
    for deviations, ring in enumerate(rings, start=1):
        width = 2 * deviations * math.exp(widget.codes.log_var[state.chosen, state.axes[0]] / 2)
        assert ring.width == pytest.approx(width, rel=1e-6)


def test_a_still_without_codes_shows_the_prior():
    assert "1 latent, 0 codes" in repr(latent_explorer(FourPixels()))
    pad = latent_explorer(vae()).still().axes[0]
    circles = [patch.radius for patch in pad.patches if type(patch).__name__ == "Circle"]
    assert circles == [1, 2]
    assert latent_explorer(FourPixels()).still().axes[0].get_xlabel() == "z[0]"


def test_a_still_without_pixels_leaves_the_place_of_the_original_empty():
    widget = latent_explorer(WithCodes((8, 8), 2, (16,)), chosen=3)
    _, _, original, decoded = widget.still().axes
    assert not original.get_visible() and decoded.get_visible()


def test_the_page_and_the_still_share_their_inks():
    page = (HERE / "_shared/latent_pictures.js").read_text(encoding="utf-8")
    listed = re.search(r"INKS = \[(.*?)\]", page, re.DOTALL)[1]
    assert re.findall(r"#\w{6}", listed) == INKS and len(set(INKS)) == 10
    assert not {ink.upper() for ink in INKS} & set(PALETTE.values())


# --- a model that Python decodes ---


def test_a_toy_is_decoded_in_python():
    widget = latent_explorer(FourPixels(), z=(0.7,))
    assert widget.weights == b"" and widget.recipe["decoder"] is None
    expected = FourPixels().mean_x(torch.tensor([0.7])).reshape(2, 2)
    np.testing.assert_allclose(widget.picture.image, expected, atol=1e-6)
    assert np.frombuffer(widget.answer["pixels"], np.uint8).shape == (4,)
    ring = latent_explorer(Ring(sigma=0.1), z=(-3.0, 0.0))
    assert ring.picture.image.shape == (1, 2), "no square: a row"
    assert ring.picture.image.min() >= 0 and ring.picture.image.max() <= 1


def test_python_answers_with_the_pixels_of_the_latents_asked_for():
    widget, z = latent_explorer(FourPixels()), [[0.5], [-1.25], [2.0]]
    widget.set_state({"asked": {"id": 7, "z": z}})
    assert widget.answer["id"] == 7 and widget.answer["z"] == z
    pixels = np.frombuffer(widget.answer["pixels"], np.uint8).reshape(3, 4) / 255
    np.testing.assert_allclose(pixels, FourPixels().mean_x(torch.tensor(z)), atol=0.5 / 255 + 1e-6)


def test_the_answer_at_the_opening_holds_all_that_is_shown():
    model = vae()
    model.decoder = torch.nn.Sequential(*model.decoder, torch.nn.Identity())
    widget = latent_explorer(model, digits(), chosen=3, other=4, mode="interpolate")
    assert widget.answer["z"] == wanted(widget.state, widget.codes)
    assert len(widget.answer["z"]) == 11 and len(widget.answer["pixels"]) == 11 * 64
    assert widget.answer["z"][0] == shown_z(widget.state, widget.codes)


@pytest.mark.parametrize("z", [[[0.5, 0.5]], [0.5], [[0.0]] * 33])
def test_a_question_that_is_none_is_refused(z):
    widget = latent_explorer(FourPixels())
    with pytest.raises(ValueError, match="up to 32 latents of 1 numbers"):
        widget.asked = {"id": 1, "z": z}


def test_the_saved_state_is_text_and_bytes():
    saved = explorer().get_state()
    parts = {name: value for name, value in saved.items() if isinstance(value, bytes)}
    assert set(parts) == {"weights", "packed_codes", "packed_originals"}
