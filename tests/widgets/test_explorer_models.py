"""What the explorers take of a model and its data: weights, codes, pictures, and how they open."""

import json

import explorers
import numpy as np
import pytest
import torch
from explorers import bringing_codes, cvae, digits, each_shape, halves, latents, pictures_of, vae

from course_utils.data import ImageData, load
from course_utils.models import VAE, Autoencoder
from course_utils.toys import FourPixels, Ring
from course_utils.widgets import conditional_explorer, latent_explorer
from course_utils.widgets._shared.latent_decoder import (
    MOST_WEIGHTS,
    SAME_PICTURE,
    BrowserDecoder,
    KernelDecoder,
    decoder_of,
)
from course_utils.widgets.conditional import ClassExplorer, HalfExplorer, HalfState
from course_utils.widgets.latent._explorer import shown_z, wanted

# --- weights ---


@each_shape
def test_the_copy_of_the_decoder_draws_what_torch_draws(latent_dim, hidden, likelihood):
    model = vae(latent_dim, hidden, likelihood, side=28)
    decoder, z = decoder_of(model), latents(latent_dim, 500)
    assert isinstance(decoder, BrowserDecoder)
    assert decoder.sizes == [latent_dim, *reversed(hidden), 784]
    pictures = decoder(z.numpy()).reshape(500, 784)
    assert np.abs(pictures - pictures_of(model, z)).max() < 1e-3
    assert pictures.std(axis=0).max() > 0.05, "the pictures should differ"


def test_halves_are_sent_where_no_picture_changes_by_a_thousandth():
    """Twice as large in float32, where halving would show; exact halves are always sent as such."""
    torch.manual_seed(0)
    model = VAE((8, 8), 2, (64,))
    plain = decoder_of(model)
    with torch.no_grad():
        model.decoder[-1].weight.mul_(20)
    steep = decoder_of(model)
    assert plain.half and not steep.half
    assert len(steep.weights) == 2 * len(plain.weights)
    halved = BrowserDecoder(steep.layers, (8, 8), half=True)
    z = latents(2, 2000).numpy()
    assert np.abs(halved(z) - steep(z)).max() > SAME_PICTURE
    theirs = pictures_of(model, torch.tensor(z))
    np.testing.assert_allclose(steep(z).reshape(2000, 64), theirs, atol=1e-5)
    explorers.round_to_halves(model)
    assert decoder_of(model).half


def test_weights_too_large_for_halves_go_as_float32():
    model = vae(hidden=(4,))
    with torch.no_grad():
        model.decoder[0].weight.mul_(1e6)
        model.decoder[2].weight.mul_(1e-6)
    assert not decoder_of(model).half


def test_a_prior_network_travels_as_halves_only_where_those_are_exact():
    model = halves()
    rounded = conditional_explorer(model)
    assert not rounded.recipe["prior"]["half"]
    explorers.round_to_halves(model)
    exact = conditional_explorer(model)
    assert exact.recipe["prior"]["half"] and exact.shown.decoder.half
    assert 2 * len(exact.prior_weights) == len(rounded.prior_weights)
    assert conditional_explorer(halves("fixed")).prior_weights == b""


@pytest.mark.parametrize(
    ("make", "model", "name"),
    [(latent_explorer, vae(), "image"), (conditional_explorer, halves(), "mean")],
)
def test_the_weights_are_those_of_the_moment(make, model, name):
    widget = make(model)
    before = getattr(widget.picture, name)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1)
    np.testing.assert_array_equal(getattr(widget.picture, name), before)
    assert np.abs(getattr(make(model).picture, name) - before).max() > 0.05


class Inverted(VAE):
    """A learner's own, whose pictures its layers alone do not give."""

    def mean_x(self, z):
        return 1 - super().mean_x(z)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.decoder.append(torch.nn.Tanh()),
        lambda m: m.decoder.__setitem__(1, torch.nn.Tanh()),
        lambda m: setattr(m, "decoder", torch.nn.Linear(2, 64)),
        lambda m: m.decoder.__setitem__(2, torch.nn.Linear(16, 64, bias=False)),
        lambda m: setattr(m, "__class__", Inverted),
    ],
    ids=["squashed", "tanh", "bare", "no bias", "inverted"],
)
def test_what_the_browser_cannot_do_is_left_to_python(change):
    model = vae()
    change(model)
    assert isinstance(decoder_of(model), KernelDecoder)


def test_a_large_decoder_is_left_to_python():
    model = vae(hidden=(1300,), side=28)
    assert sum(layer.weight.numel() for layer in model.decoder[::2]) > MOST_WEIGHTS
    decoder, z = decoder_of(model), latents(2, 5)
    assert isinstance(decoder, KernelDecoder)
    np.testing.assert_allclose(decoder(z.numpy()).reshape(5, 784), pictures_of(model, z), atol=1e-6)


def size_of(widget, but=()) -> int:
    """Characters in a saved notebook."""
    saved = [value for name, value in widget.get_state().items() if name not in but]
    sizes = (4 * (len(v) + 2) // 3 if isinstance(v, bytes) else len(json.dumps(v)) for v in saved)
    return sum(sizes)


def test_exact_halves_of_the_largest_pretrained_kinds_stay_small():
    """2-256-512-784, with 400 originals of the size and sparsity of MNIST; 12-256-256-784."""
    plain, test = vae(2, (512, 256), side=28), load("strokes").test
    conditional = cvae(2, 10, hidden=(256, 256), shape=(28, 28))
    for model in (plain, conditional):
        explorers.round_to_halves(model)
    widget = latent_explorer(plain, ImageData(test.images[:400], test.labels[:400]))
    assert widget.decoder.half and len(widget.codes) == 400
    assert 1_400_000 < size_of(widget) < 1_700_000
    widget = conditional_explorer(conditional)
    assert widget.shown.decoder.half and widget.shown.decoder.sizes == [12, 256, 256, 784]
    assert 700_000 < size_of(widget, but=("_esm", "_css")) < 800_000


# --- codes and pictures ---


def test_codes_that_the_model_brings_lie_on_the_pad():
    plain, conditional = bringing_codes(vae()), bringing_codes(cvae())
    widget = latent_explorer(plain, chosen=24)
    assert "Code 24, labelled 4 in the data set" in widget.picture.text
    over = latent_explorer(plain, digits())
    classes = conditional_explorer(conditional, chosen=24)
    assert "mage 24, labelled 4 in the data set" in classes.picture.text
    for shown, codes in [(widget, widget.codes), (classes, classes.shown.codes)]:
        np.testing.assert_array_equal(codes.mu, plain.codes.mu)
        np.testing.assert_array_equal(codes.log_var, plain.codes.log_var)
        assert codes.labels == [i % 10 for i in range(25)]
        assert shown.picture.original is None and shown.packed_originals == b""
    over = [over.codes, conditional_explorer(conditional, digits()).shown.codes]
    assert [*map(len, over)] == [40, 40], "data given go before the codes of the model"


def test_codes_travel_as_halves_only_where_those_are_exact():
    model = bringing_codes(vae())
    widget = latent_explorer(model)
    assert not widget.recipe["codes"]["half"] and len(widget.packed_codes) == 25 * 2 * 2 * 4
    labels = model.codes.labels
    model.codes = type(model.codes)(*(t.half().float() for t in model.codes))
    object.__setattr__(model.codes, "labels", labels)
    widget = latent_explorer(model)
    assert widget.recipe["codes"]["half"] and len(widget.packed_codes) == 25 * 2 * 2 * 2


def test_no_more_than_400_codes_or_40_halves_are_taken():
    images = torch.rand(450, 8, 8, generator=torch.Generator().manual_seed(0))
    data = ImageData(images, torch.arange(450) % 10)
    codes = latent_explorer(vae(), data).codes
    assert len(codes) == 400 and codes.originals.shape == (400, 8, 8)
    widget = conditional_explorer(halves(), data)
    assert widget.recipe["pictures"] == 40 and widget.shown.wholes.shape == (40, 8, 8)


@pytest.mark.parametrize("classes", [2, 10, 20])
def test_from_2_to_20_a_condition_means_classes(classes):
    widget = conditional_explorer(cvae(classes=classes), digit=classes - 1)
    assert isinstance(widget, ClassExplorer) and widget.recipe["classes"] == classes
    assert len(widget.picture.images) == classes
    small = conditional_explorer(cvae(classes=16, shape=(4, 4)))
    assert isinstance(small, ClassExplorer), "16 numbers for 16 pixels are classes still"


def test_as_many_numbers_as_pixels_mean_halves():
    widget = explorers.completions()
    assert isinstance(widget, HalfExplorer) and widget.state == HalfState(0)
    assert conditional_explorer(halves()).state == HalfState(None)


# --- the opening ---


def test_of_many_latents_the_two_most_used_open():
    model = vae(5)
    with torch.no_grad():
        for latent, factor in enumerate([0.1, 5, 0.1, 0.1, 3]):
            model.encoder[-1].weight[latent] *= factor
    widget = latent_explorer(model, digits())
    assert widget.axes == (1, 4)
    kl = widget.recipe["codes"]["mean_kl"]
    assert sorted(np.argsort(kl)[-2:]) == [1, 4] and len(kl) == 5
    assert latent_explorer(model).axes == (0, 1)
    assert latent_explorer(model, digits(), axes=(2, 0)).axes == (2, 0)


def test_the_pad_holds_every_code_and_three_deviations():
    assert latent_explorer(vae()).recipe["span"] == 3.5
    model = vae(kind=Autoencoder)
    with torch.no_grad():
        model.encoder[-1].weight.mul_(30)
    widget = latent_explorer(model, digits())
    furthest = np.abs(widget.codes.mu).max()
    assert furthest > 3.5 and 1.04 * furthest <= widget.recipe["span"] <= 1.05 * furthest + 0.5


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
    fixed = explorers.classes()
    assert fixed.z == (0.0, 0.0) and fixed.recipe["span"] >= 3.5


# --- a model that Python decodes ---


def test_a_toy_is_decoded_in_python():
    widget = latent_explorer(FourPixels(), z=(0.7,))
    assert "1 latent, 0 codes" in repr(widget)
    assert widget.weights == b"" and widget.recipe["decoder"] is None
    pixels = FourPixels().mean_x(torch.tensor([0.7])).reshape(2, 2)
    np.testing.assert_allclose(widget.picture.image, pixels, atol=1e-6)
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
    for wrong in ([[0.5, 0.5]], [0.5], [[0.0]] * 33):
        with pytest.raises(ValueError, match="up to 32 latents of 1 numbers"):
            widget.asked = {"id": 1, "z": wrong}


def test_the_answer_at_the_opening_holds_all_that_is_shown():
    model = vae()
    model.decoder = torch.nn.Sequential(*model.decoder, torch.nn.Identity())
    widget = latent_explorer(model, digits(), chosen=3, other=4, mode="interpolate")
    assert widget.answer["z"] == wanted(widget.state, widget.codes)
    assert len(widget.answer["z"]) == 11 and len(widget.answer["pixels"]) == 11 * 64
    assert widget.answer["z"][0] == shown_z(widget.state, widget.codes)


def test_the_saved_state_is_text_and_bytes():
    saved = explorers.latent().get_state()
    parts = {name: value for name, value in saved.items() if isinstance(value, bytes)}
    assert set(parts) == {"weights", "packed_codes", "packed_originals"}
