"""What the explorers refuse, and in which words: states, models and data that do not fit."""

import math
import re
from functools import partial

import numpy as np
import pytest
import torch
from explorers import classes, completions, cvae, digits, few, halves, latent, networks, rates, vae

from course_utils import widgets
from course_utils.data import ImageData
from course_utils.models import CVAE, VAE, Autoencoder, Regressor
from course_utils.toys import FourPixels
from course_utils.widgets import conditional_explorer, latent_explorer, rate_distortion_explorer

PAD = [  # by every explorer with a pad
    ({"z": "ab"}, "z should be the numbers of a latent, but 'ab' came; try (0.5, 1.0)"),
    ({"z": ()}, "z should be the numbers of a latent, but () came"),
    ({"z": (0.0, "1")}, "z should be a number from -1000 to 1000, but '1' came"),
    ({"z": (0.0, math.nan)}, "but nan came"),
    ({"axes": (0, 0)}, "axes should be two different latents, but (0, 0) came; try (0, 1)"),
    ({"axes": (0, -1)}, "axes should be two different latents"),
    ({"axes": "01"}, "axes should be two different latents"),
    ({"axes": (0, 1, 2)}, "axes should be two different latents"),
    ({"chosen": -1}, "chosen should be the number of a code or None, but -1 came"),
    ({"chosen": True}, "but True came"),
]
# By no state, whatever the explorer shows.
BAD_STATES = {
    widgets.monte_carlo_explorer: [
        ({"dimension": 0}, "dimension should be a whole number from 1 to 20, but 0 came"),
        ({"dimension": 2.0}, "dimension should be a whole number"),
        ({"sigma": 0}, "sigma should be a number from 0.05 to 1.0, but 0 came"),
        ({"sigma": math.nan}, "but nan came"),
        ({"sigma": "0.3"}, "but '0.3' came"),
        ({"n": 1e5}, "n should be a whole number from 10 to 100000"),
        ({"n": 5}, "opens with n=1000"),
        ({"seed": 100}, "seed should be a whole number from 0 to 99"),
        ({"proposal": True}, "proposal should be a number from 0.0 to 1.0, but True came"),
        ({"sigma": None}, "sigma should be a number from 0.05 to 1.0, but None came"),
    ],
    widgets.elbo_explorer: [
        ({"model": "cubic"}, "no model called 'cubic'; known are: linear, two roots"),
        ({"model": ["linear"]}, "no model called ['linear']"),
        ({"mu": 4.5}, "mu should be a number from -4 to 4, but 4.5 came"),
        ({"log_var": -7}, "log_var should be a number from -6 to 2, but -7 came"),
        ({"mu": None}, "but None came"),
        ({"log_var": math.nan}, "but nan came; the explorer opens with log_var=-0.6931"),
        ({"a": "1"}, "a should be a number from -3 to 3, but '1' came"),
        ({"a": True}, "but True came"),
    ],
    widgets.gradient_explorer: [
        ({"f": "z^3"}, "there is no f called 'z^3'; known are: z^2, z^2 + 10, sin 3z, |z|, step"),
        ({"parameter": "log_var"}, "no parameter called 'log_var'; known are: mu, sigma"),
        ({"mu": 3.5}, "mu should be a number from -3.0 to 3.0, but 3.5 came"),
        ({"mu": math.nan}, "but nan came"),
        ({"sigma": 0}, "sigma should be a number from 0.1 to 2.0, but 0 came"),
        ({"sigma": "0.5"}, "but '0.5' came"),
        ({"n": 1e4}, "n should be a whole number from 10 to 10000"),
        ({"n": 5}, "opens with n=1000"),
        ({"seed": 100}, "seed should be a whole number from 0 to 99"),
        ({"mu": True}, "but True came"),
        ({"mu": None}, "mu should be a number from -3.0 to 3.0, but None came"),
        ({"baseline": 1}, "baseline should be True or False, but 1 came"),
    ],
    widgets.stroke_writer: [
        ({"digit": 10}, "digit should be a whole number from 0 to 9, but 10 came"),
        ({"digit": 3.0}, "digit should be a whole number"),
        ({"digit": True}, "but True came"),
        ({"slant": 0.6}, "slant should be a number from -0.4 to 0.55, but 0.6 came"),
        ({"weight": math.nan}, "but nan came; the explorer opens with 2.5"),
        ({"size": "1"}, "size should be a number from 0.8 to 1.05, but '1' came"),
        ({"angle": None}, "angle should be a number from -0.2 to 0.2, but None came"),
        ({"wobble": [0.0] * 7}, "wobble should be 8 numbers"),
        ({"wobble": 0.0}, "wobble should be 8 numbers, but 0.0 came; try [0.0] * 8"),
        ({"wobble": [3] + [0] * 7}, "wobble should be a number from -2.0 to 2.0, but 3 came"),
    ],
    latent: [
        *PAD,
        ({"other": 1.0}, "other should be the number of a code or None, but 1.0 came"),
        ({"mode": "dream"}, "no mode called 'dream'; known are: explore, interpolate"),
        (
            {"t": 1.5},
            "t should be a number from 0 to 1, but 1.5 came; the explorer opens with t=0.5",
        ),
    ],
    classes: [
        *PAD,
        ({"digit": -1}, "digit should be a whole number from 0 to 19, but -1 came"),
        ({"digit": 3.0}, "but 3.0 came; the explorer opens with digit=0"),
        ({"digit": True}, "but True came"),
    ],
    partial(completions, left=3): [
        ({"left": "ab"}, "left should be the number of a picture, (H, W) pixels in [0, 1] or None"),
        ({"left": -1}, "but -1 came; try left=torch.zeros(28, 14)"),
        ({"left": True}, "but True came"),
        ({"left": torch.full((8, 4), 1.1)}, "but an array (8, 4) came"),
        ({"left": np.full((8, 4), math.nan)}, "but an array (8, 4) came"),
        ({"left": torch.zeros(32)}, "but an array (32,) came"),
        ({"left": [[0.1], [0.1, 0.2]]}, "but [[0.1], [0.1, 0.2]] came"),
        ({"seed": 100}, "seed should be a whole number from 0 to 99, but 100 came"),
        ({"spread": 2}, "spread should be a number from 0 to 1.5, but 2 came; the explorer opens"),
    ],
    rates: [
        ({"model": -1}, "model should be a whole number from 0 to 11, but -1 came"),
        ({"model": 1.0}, "but 1.0 came; the explorer opens with model=0"),
        ({"image": True}, "image should be a whole number from 0 to 11, but True came"),
        ({"seed": 5}, "seed should be a whole number from 0 to 4, but 5 came"),
        ({"seed": None}, "but None came"),
    ],
}
# By an explorer, since it shows a model and data that these do not fit.
UNFIT_PAD = [
    ({"z": (0.0,)}, "z should be 2 numbers, one a latent, but 1 came"),
    ({"axes": (0, 2)}, "axes should be two different latents, from 0 to 1, but (0, 2) came"),
    ({"chosen": 40}, "chosen should be a code from 0 to 39, but 40 came"),
]
NO_CODES = "needs codes on the pad, but there are none"
UNFIT_STATES = {
    latent: [*UNFIT_PAD, ({"other": 99}, "other should be a code from 0 to 39, but 99 came")],
    partial(latent, 5): [
        ({"axes": (3,)}, "axes should be two different latents, from 0 to 4, but (3,) came"),
    ],
    partial(latent, 1): [
        ({"axes": (0, 1)}, "axes should be (0,), the one latent, from 0 to 0, but (0, 1) came"),
    ],
    partial(latent_explorer, vae()): [
        ({"chosen": 0}, f"chosen=0 {NO_CODES}"),
        ({"other": 0}, f"other=0 {NO_CODES}"),
        ({"mode": "interpolate"}, f"mode='interpolate' {NO_CODES}"),
    ],
    classes: [*UNFIT_PAD, ({"digit": 10}, "digit should be a class from 0 to 9, but 10 came")],
    partial(conditional_explorer, cvae()): [({"chosen": 0}, f"chosen=0 {NO_CODES}")],
    partial(completions, left=3): [
        ({"left": 40}, "left should be a picture from 0 to 39, but 40 came"),
        (
            {"left": torch.ones(8, 8)},
            "left should be a half of 8x4 pixels, but 8x8 came; of whole pictures take [:, :4]",
        ),
    ],
    partial(conditional_explorer, halves()): [
        ({"left": 0}, "left=0 needs pictures to pick from, but there are none"),
    ],
    partial(rate_distortion_explorer, networks(), few(test=5)): [
        ({"model": 5}, "model should be from 0 to 4, but 5 came"),
        ({"image": 5}, "image should be from 0 to 4, but 5 came"),
    ],
}


def changed(model, change):
    """The model, after a change that it is not ready for."""
    with torch.no_grad():
        change(model)
    return model


def encodes_to(result):
    return changed(vae(), lambda model: setattr(model, "encode", lambda x: result))


def to_nan(model):
    model.decoder[0].weight.fill_(math.nan)


def in_colour(model):
    model.mean_x = lambda z: torch.zeros(len(z), 3, 8, 8)


def with_tanh(model):
    model.decoder[1] = torch.nn.Tanh()


def with_a_wide_prior(model):
    layers = torch.nn.Linear(32, 30_000), torch.nn.ReLU(), torch.nn.Linear(30_000, 4)
    model.prior_network = torch.nn.Sequential(*layers)


NARROW = ImageData(digits().images[:, :, :4].contiguous(), digits().labels)
LARGE = cvae(hidden=(1300,), shape=(28, 28))
WITH_PRIOR = cvae(prior="learned", shape=(8, 4), classes=32)
NO_DATA = "data should be an ImageData, but a str came"
IN_BROWSER = "should run in the browser: linear layers with ReLU between them"
AT_MOST = "1,000,000 weights at most, but Sequential with"
SWEEP = "models should be a list of 2 to 12 VAEs with likelihood='gaussian', for pictures (H, W) "
SWEEP += "of one size, "
UNFIT_MODELS = {
    latent_explorer: [
        (object(), None, "model should have latent_dim and mean_x(z), as a VAE has, but a object"),
        (vae(), "digits", "data should be an ImageData, but a str came; try data.load('digits')"),
        (vae(side=6), digits(), "the model draws pictures of 6x6, but the images of ImageData("),
        (FourPixels(), ImageData(torch.rand(3, 2, 2), torch.arange(3)), "FourPixels has none"),
        (encodes_to(torch.zeros(40, 3)), digits(), "codes should be (40, 2) finite"),
        (encodes_to(torch.full((40, 2), math.nan)), digits(), "finite numbers"),
        (encodes_to("no"), digits(), "but a str came; does encode(x) give a"),
        (changed(vae(), to_nan), None, "pictures should be finite"),
        (changed(vae(), in_colour), None, "should be (H, W), but mean_x(z) gives (3, 8"),
    ],
    conditional_explorer: [
        (VAE((8, 8), 2), None, "cvae should be a CVAE, but a VAE came; try models.CVAE((28, 28)"),
        (Regressor((8, 8), 10), None, "cvae should be a CVAE, but a Regressor came"),
        (None, None, "cvae should be a CVAE, but a NoneType came"),
        (
            *(CVAE((8, 8), 2, 21), None),
            "condition_dim should be 2 to 20 for classes, or 64 for left halves as large as x, "
            "but 21 came; try CVAE((8, 8), latent_dim=2, condition_dim=10)",
        ),
        (CVAE((8, 8), 2, 1), None, "but 1 came"),
        (CVAE((64,), 2, 10), None, "pictures should be (H, W), but its image_shape is (64,)"),
        (cvae(), "digits", NO_DATA),
        (cvae(shape=(6, 6)), digits(), "the model draws pictures of 6x6, but the images of"),
        (cvae(classes=5), digits(), "labels y should lie from 0 to 4"),
        (changed(cvae(), to_nan), None, "pictures should be finite"),
        (changed(cvae(), with_tanh), None, f"the decoder {IN_BROWSER}, {AT_MOST} 1,216 came"),
        (LARGE, None, f"{AT_MOST} 1,034,800 came; try a CVAE with hidden=(256, 256)"),
        (changed(WITH_PRIOR, with_a_wide_prior), None, f"the prior network {IN_BROWSER}"),
        (halves(), "digits", f"{NO_DATA}; try data.load('digits').test"),
        (
            halves(),
            NARROW,
            "data should be whole pictures of 8x8, whose left halves are y and right halves x, but",
        ),
    ],
    rate_distortion_explorer: [
        (networks()[0], few(), f"{SWEEP}but VAE(64-16-3, gaussian, 2,294 parameters) came; try ["),
        (networks()[:1], few(), f"{SWEEP}but [VAE(64-16-3, gaussian"),
        (3 * networks(), few(), SWEEP),
        ([vae(), vae()], few(), f"{SWEEP}but [VAE(64-16-2, bernoulli"),
        ([Autoencoder((8, 8), 2, likelihood="gaussian")] * 2, few(), SWEEP),
        ([*networks(), *networks(shape=(6, 6))], few(), SWEEP),
        ((*networks(), None), few(), SWEEP),
        (networks(shape=(64,)), few(), SWEEP),
        (networks(shape=(6, 6)), few(), "x should be pictures, (B, 36) or (B, 6, 6), but"),
        (networks(), "digits", NO_DATA),
        (networks(), digits(), "expected a set with parts, but ImageData('images', 40 images of"),
        (
            [*networks(), changed(networks()[0], to_nan)],
            few(),
            "mean should be finite, but",
        ),
    ],
}


def each_row(names, table):
    """A row of the table after the one who refuses it."""
    rows = [(make, *row) for make, rows in table.items() for row in rows]
    return pytest.mark.parametrize(("make", *names), rows, ids=[row[-1] for row in rows])


def assert_refused(widget, wrong, says, *calls):
    """By each call, and by assignment to an explorer, which then stays as it was."""
    before = widget.state
    ((name, value),) = wrong.items()
    for refuse in (partial(setattr, widget, name, value), *(partial(c, **wrong) for c in calls)):
        with pytest.raises(ValueError, match=re.escape(says)):
            refuse()
    assert widget.state == before


@each_row(("wrong", "says"), BAD_STATES)
def test_bad_state_is_refused_in_words(make, wrong, says):
    widget = make()
    assert_refused(widget, wrong, says, make, type(widget.state))


@each_row(("wrong", "says"), UNFIT_STATES)
def test_a_state_that_does_not_fit_the_model_is_refused_in_words(make, wrong, says):
    assert_refused(make(), wrong, says, make)


@each_row(("model", "data", "says"), UNFIT_MODELS)
def test_models_and_data_that_do_not_fit_are_refused_in_words(make, model, data, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        make(model, data)
