"""The latent explorer without a browser: its pictures, words, refusals, its view and its still."""

import base64
import json
import math
import re

import numpy as np
import pytest
import torch
from explorers import assert_refused_in_words

from course_utils.data import ImageData, load
from course_utils.densities import DiagonalNormal, kl_to_standard_normal
from course_utils.models import VAE, Autoencoder
from course_utils.plots import PALETTE
from course_utils.toys import FourPixels, Ring
from course_utils.widgets import latent_explorer
from course_utils.widgets._shared import view as _view
from course_utils.widgets._shared.latent_words import share_beyond
from course_utils.widgets._shared.view import read_esm
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.latent import LatentState, latent_picture
from course_utils.widgets.latent._explorer import FILES, shown_z, wanted


def vae(latent_dim=2, hidden=(16,), likelihood="bernoulli", *, side=8, seed=0, kind=VAE):
    """A VAE as initialised, but with weights so large that its pictures differ."""
    torch.manual_seed(seed)
    model = kind((side, side), latent_dim, hidden, likelihood)
    with torch.no_grad():
        for layer in (m for m in model.decoder if isinstance(m, torch.nn.Linear)):
            layer.weight.mul_(3)
        last = [m for m in model.encoder if isinstance(m, torch.nn.Linear)][-1]
        last.weight.mul_(6)
    return model


def digits(n=40) -> ImageData:
    """The first images of the real digits' test set."""
    test = load("digits").test
    return ImageData(test.images[:n], test.labels[:n])


class WithCodes(VAE):
    """A model that brings its own codes, as the pretrained ones do: no pixels."""

    codes = DiagonalNormal(*torch.randn(2, 25, 2, generator=torch.Generator().manual_seed(3)))
    object.__setattr__(codes, "labels", torch.arange(25) % 10)


def explorer(latent_dim=2, **state):
    """Over digits."""
    return latent_explorer(vae(latent_dim), digits(), **state)


STATES = {  # by the number of latents
    1: [
        LatentState((0.0,), (0,)),
        LatentState((-1.234,), (0,), chosen=4),
        LatentState((3.0,), (0,), chosen=4, mode="interpolate", other=0, t=0.31),
    ],
    2: [
        LatentState(),
        LatentState((0.125, -0.005), chosen=39),
        LatentState((30.0, -40.0), (1, 0)),
        LatentState((-2.5, 1.25), mode="interpolate"),
        LatentState((1, 1), chosen=3, mode="interpolate"),
        LatentState((1, 1), chosen=3, mode="interpolate", other=17, t=0),
        LatentState((1, 1), chosen=3, mode="explore", other=17, t=0.7),
    ],
    5: [
        LatentState((0.1, -0.2, 0.3, 1.4, -2.5), (3, 1), chosen=7),
        LatentState((0.0,) * 5, (0, 4), chosen=7, mode="interpolate", other=8, t=0.77),
    ],
}
CASES = [(latents, state) for latents, states in STATES.items() for state in states]
each_case = pytest.mark.parametrize(("latents", "state"), CASES, ids=str)


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


# --- refusals ---


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


# --- the view ---


def test_the_state_can_be_set_from_python_and_comes_back_as_set():
    widget = explorer(z=np.array([0.5, 1.0]))
    assert widget.state == LatentState((0.5, 1.0))
    widget.z, widget.axes, widget.chosen = torch.tensor([1.0, -2.0]), [1, 0], np.int64(3)
    widget.mode, widget.other, widget.t = "interpolate", 4, 1
    assert widget.state == LatentState((1.0, -2.0), (1, 0), 3, "interpolate", 4, 1.0)
    assert widget.z == (1.0, -2.0) and type(widget.chosen) is int and type(widget.t) is float
    widget.chosen = None
    assert widget.state.chosen is None


def test_what_the_page_says_reaches_the_state():
    widget = explorer()
    widget.set_state({"z": [0.25, 1], "axes": [1, 0], "chosen": 2})
    assert widget.state == LatentState((0.25, 1.0), (1, 0), 2)


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


def test_without_a_browser_there_are_words_and_a_still():
    data, _ = explorer(chosen=3)._repr_mimebundle_()
    again, _ = explorer(chosen=3)._repr_mimebundle_()
    words = data["text/plain"]
    assert words.startswith("latent_explorer(VAE, 2 latents, 40 codes): z = (0.00, 0.00): log p")
    assert "\n" not in words and "0x" not in words and words == again["text/plain"]
    assert data["image/png"] == again["image/png"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "1 latent, 0 codes" in repr(latent_explorer(FourPixels()))


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
    pad = latent_explorer(vae()).still().axes[0]
    circles = [patch.radius for patch in pad.patches if type(patch).__name__ == "Circle"]
    assert circles == [1, 2]
    assert latent_explorer(FourPixels()).still().axes[0].get_xlabel() == "z[0]"


def test_a_still_without_pixels_leaves_the_place_of_the_original_empty():
    widget = latent_explorer(WithCodes((8, 8), 2, (16,)), chosen=3)
    _, _, original, decoded = widget.still().axes
    assert not original.get_visible() and decoded.get_visible()


def test_one_browser_module_is_made_of_several_files():
    assert not re.search(r"^(import|//|\s)", read_esm(*FILES), re.MULTILINE)
    text = "\n".join((_view.HERE / name).read_text(encoding="utf-8") for name in FILES)
    names = re.findall(r"^(?:export )?(?:function|const) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 60  # a name twice would be a syntax error on the page


def test_the_page_and_the_still_share_their_inks():
    from course_utils.widgets._shared.latent_still import INKS

    page = (_view.HERE / "_shared/latent_pictures.js").read_text(encoding="utf-8")
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
    rest = {name: value for name, value in saved.items() if name not in parts}
    assert len(json.dumps(rest)) < 60_000
