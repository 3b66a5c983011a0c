"""What the latent explorer refuses: states, models and data that do not fit."""

import math
import re

import pytest
import torch
from explorers import assert_refused_in_words, digits
from latent_cases import explorer, vae

from course_utils.data import ImageData
from course_utils.toys import FourPixels
from course_utils.widgets import latent_explorer
from course_utils.widgets.latent import LatentState


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"z": "ab"}, "z should be the numbers of a latent, but 'ab' came; try (0.5, 1.0)"),
        ({"z": ()}, "z should be the numbers of a latent, but () came"),
        ({"z": (0.0, "1")}, "z should be a number from -1000 to 1000, but '1' came"),
        ({"z": (0.0, math.nan)}, "but nan came"),
        ({"axes": (0, 0)}, "axes should be two different latents, but (0, 0) came; try (0, 1)"),
        ({"axes": (0, -1)}, "axes should be two different latents"),
        ({"axes": "01"}, "axes should be two different latents"),
        ({"axes": (0, 1, 2)}, "axes should be two different latents"),
        ({"chosen": -1}, "chosen should be the number of a code or None, but -1 came"),
        ({"other": 1.0}, "other should be the number of a code or None, but 1.0 came"),
        ({"chosen": True}, "but True came"),
        ({"mode": "dream"}, "no mode called 'dream'; known are: explore, interpolate"),
        (
            {"t": 1.5},
            "t should be a number from 0 to 1, but 1.5 came; the explorer opens with t=0.5",
        ),
    ],
)
def test_bad_state_is_refused_in_words(wrong, says):
    assert_refused_in_words(explorer, LatentState, wrong, says)


@pytest.mark.parametrize(
    ("latents", "wrong", "says"),
    [
        (2, {"z": (0.0,)}, "z should be 2 numbers, one a latent, but 1 came"),
        (2, {"axes": (0, 2)}, "axes should be two different latents, from 0 to 1, but (0, 2) came"),
        (5, {"axes": (3,)}, "axes should be two different latents, from 0 to 4, but (3,) came"),
        (1, {"axes": (0, 1)}, "axes should be (0,), the one latent, from 0 to 0, but (0, 1) came"),
        (2, {"chosen": 40}, "chosen should be a code from 0 to 39, but 40 came"),
        (2, {"other": 99}, "other should be a code from 0 to 39, but 99 came"),
    ],
)
def test_what_does_not_fit_the_model_is_refused_in_words(latents, wrong, says):
    widget = explorer(latents)
    before = widget.state
    with pytest.raises(ValueError, match=re.escape(says)):
        explorer(latents, **wrong)
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=re.escape(says)):
        setattr(widget, name, value)
    assert widget.state == before


@pytest.mark.parametrize("wrong", [{"chosen": 0}, {"other": 0}, {"mode": "interpolate"}])
def test_without_codes_there_is_none_to_choose(wrong):
    ((name, value),) = wrong.items()
    says = re.escape(f"{name}={value!r} needs codes on the pad, but there are none")
    with pytest.raises(ValueError, match=says):
        latent_explorer(vae(), **wrong)


def flat_encoder(model, result):
    model.encode = lambda x: result
    return model


@pytest.mark.parametrize(
    ("model", "data", "says"),
    [
        (object(), None, "model should have latent_dim and mean_x(z), as a VAE has, but a object"),
        (vae(), "digits", "data should be an ImageData, but a str came; try data.load('digits')"),
        (vae(side=6), digits(), "the model draws pictures of 6x6, but the images of ImageData("),
        (FourPixels(), ImageData(torch.rand(3, 2, 2), torch.arange(3)), "FourPixels has none"),
        (flat_encoder(vae(), torch.zeros(40, 3)), digits(), "codes should be (40, 2) finite"),
        (flat_encoder(vae(), torch.full((40, 2), math.nan)), digits(), "finite numbers"),
        (flat_encoder(vae(), "no"), digits(), "but a str came; does encode(x) give a"),
    ],
)
def test_models_and_data_that_do_not_fit_are_refused_in_words(model, data, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        latent_explorer(model, data)


def test_a_model_that_decodes_to_nan_is_refused():
    model = vae()
    with torch.no_grad():
        model.decoder[0].weight.fill_(math.nan)
    with pytest.raises(ValueError, match="pictures should be finite"):
        latent_explorer(model)


def test_pictures_in_colour_are_refused():
    model = vae()
    model.mean_x = lambda z: torch.zeros(len(z), 3, 8, 8)
    with pytest.raises(ValueError, match=re.escape("should be (H, W), but mean_x(z) gives (3, 8")):
        latent_explorer(model)
