"""The latent explorer without a browser: its pictures, and its words."""

import math

import numpy as np
import pytest
import torch
from explorers import digits
from latent_cases import each_case, explorer, vae

from course_utils.densities import kl_to_standard_normal
from course_utils.models import Autoencoder
from course_utils.toys import FourPixels
from course_utils.widgets import latent_explorer
from course_utils.widgets._shared.latent_words import share_beyond
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.latent import latent_picture

# --- the picture ---


@each_case
def test_the_picture_is_what_the_model_decodes_at_z(latents, state):
    model, widget = vae(latents), explorer(latents)
    picture = latent_picture(state, widget.decoder, widget.codes)
    with torch.no_grad():
        expected = model.mean_x(torch.tensor([picture.z]))[0]
    np.testing.assert_allclose(picture.image, expected, atol=1e-3)
    assert picture.image.shape == (8, 8)
    z = torch.tensor([picture.z], dtype=torch.float64)
    assert picture.log_pz == pytest.approx(model.log_prior(z).item(), rel=1e-12)


@each_case
def test_a_chosen_code_shows_its_original_its_reconstruction_and_its_kl(latents, state):
    model, data, widget = vae(latents), digits(), explorer(latents)
    picture = latent_picture(state, widget.decoder, widget.codes)
    if state.chosen is None:
        assert picture.original is picture.reconstruction is picture.kl is None
        return
    x = data.images[state.chosen][None]
    np.testing.assert_allclose(picture.original, x[0], atol=0.5 / 255 + 1e-7)
    np.testing.assert_allclose(picture.reconstruction, model.reconstruct(x)[0], atol=1e-3)
    q = model.encode(x)
    expected = kl_to_standard_normal(q.mu.double(), q.log_var.double()).item()
    assert picture.kl == pytest.approx(expected, rel=1e-4)
    assert f"= {two_decimals(picture.kl)} nats" in picture.text or state.mode == "interpolate"


def test_a_walk_goes_straight_from_one_code_to_the_other():
    """At t the latent is (1 - t) mu_A + t mu_B, and the strip holds t = 0, 1/8, ... 1."""
    model, widget = vae(), explorer(chosen=3, other=17, mode="interpolate", t=0.25)
    mu = model.encode(digits().images).mu.detach()
    a, b = mu[3], mu[17]
    np.testing.assert_allclose(widget.picture.z, a + 0.25 * (b - a), rtol=1e-5)
    steps = torch.linspace(0, 1, 9)[:, None]
    with torch.no_grad():
        expected = model.mean_x((1 - steps) * a + steps * b)
    np.testing.assert_allclose(widget.picture.strip, expected, atol=1e-3)
    # Rows of one product in float32, which a library may add in ways of their own.
    rounding = {"rtol": 0, "atol": 16 * 10 * np.finfo(np.float32).eps}  # 16 terms, 10 together
    np.testing.assert_allclose(widget.picture.strip[2], widget.picture.image, **rounding)
    np.testing.assert_allclose(widget.picture.strip[0], widget.picture.reconstruction, **rounding)


def test_without_two_codes_there_is_no_walk():
    widget = explorer(chosen=3, z=(1.0, 2.0), mode="interpolate")
    assert widget.picture.strip is None and widget.picture.z == (1.0, 2.0)
    widget.other = 5
    assert widget.picture.strip.shape == (9, 8, 8)
    widget.mode = "explore"
    assert widget.picture.strip is None and widget.picture.z == (1.0, 2.0)


@pytest.mark.parametrize("latents", [1, 2, 3, 7, 20, 101])
@pytest.mark.parametrize("length", [0.0, 0.3, 1.0, 3.0, 9.0, 40.0])
def test_the_share_further_out_is_a_chi_squared_tail(latents, length):
    z = np.linspace(1, 2, latents)
    z *= length / np.linalg.norm(z)
    halves = torch.tensor([latents / 2, (z**2).sum() / 2], dtype=torch.float64)
    expected = torch.special.gammaincc(*halves).item()
    assert share_beyond(tuple(z)) == pytest.approx(expected, rel=1e-9, abs=1e-200)  # below: 0


# --- words ---


def test_words_for_a_place_and_a_code():
    widget = explorer(z=(0.5, -1.2))
    log_pz = two_decimals(-math.log(2 * math.pi) - 0.5 * (0.25 + 1.44))
    beyond = 100 * math.exp(-0.5 * (0.25 + 1.44))
    start = f"z = (0.50, −1.20): log p(z) = {log_pz} nats; {beyond:.0f} % of draws from the prior"
    assert widget.picture.text == f"{start} lie further out."
    widget.chosen = 7
    mu, log_var = widget.codes.mu[7], widget.codes.log_var[7]
    code = f"Code 7, labelled {digits().labels[7]} in the data set: q(z|x) has mean "
    assert code in widget.picture.text
    sd = ", ".join(map(two_decimals, np.exp(log_var / 2)))
    mean = ", ".join(map(two_decimals, mu))
    assert f"mean ({mean}) and standard deviation ({sd}), KL(q‖N(0, I))" in widget.picture.text


def test_words_lead_through_a_walk():
    widget = explorer(mode="interpolate")
    assert widget.picture.text.endswith(". Choose the first code.")
    widget.chosen = 3
    label = digits().labels[3]
    start = f"From code 3, labelled {label} in the data set"
    assert widget.picture.text.startswith(f"{start}: choose the second code. z = ")
    widget.other, widget.t = 4, 0.25
    assert widget.picture.text.startswith(f"{start}, to code 4, labelled {digits().labels[4]}: ")
    assert ": t = 0.25, z = (" in widget.picture.text


def test_words_for_many_latents_name_those_shown():
    widget = explorer(5, z=(0.0, 3.0, 4.0, 0.0, 1.0), axes=(4, 3), chosen=2)
    start = "z[4] = 1.00, z[3] = 0.00, the other 3 of length 5.00: log p(z) = "
    assert widget.picture.text.startswith(start)
    assert " on these axes, KL(q‖N(0, I)) = " in widget.picture.text
    assert widget.picture.text.endswith(" nats in all 5 latents.")
    three = latent_explorer(vae(3), z=(0, 0, -2)).picture.text
    assert three.startswith("z[0] = 0.00, z[1] = 0.00, the other of length 2.00: ")


def test_no_label_is_claimed_for_a_decoded_z():
    assert "label" not in explorer(z=(1.0, 1.0)).picture.text


def test_an_autoencoder_has_neither_prior_nor_q():
    widget = latent_explorer(vae(kind=Autoencoder), digits(), chosen=1)
    assert ": log N(z; 0, I) = −1.84 nats; 100 % of draws from N(0, I) lie" in widget.picture.text
    assert widget.picture.text.endswith(" is a point: this encoder gives no q(z|x).")
    assert widget.picture.kl is None and widget.recipe["codes"]["spread"] is False
    assert "log p(z)" in explorer().picture.text


def test_a_prior_of_another_kind_is_not_called_the_prior():
    class Wider(FourPixels):
        def log_prior(self, z):
            return super().log_prior(z / 2) - math.log(2)

    assert "log N(z; 0, I)" in latent_explorer(Wider()).picture.text
    assert "log p(z)" in latent_explorer(FourPixels()).picture.text


def test_far_out_the_share_is_put_in_words():
    assert "fewer than 1 in 1000 of draws" in explorer(z=(3.0, 3.0)).picture.text
    assert "; 1.1 % of draws" in explorer(z=(3.0, 0.0)).picture.text
