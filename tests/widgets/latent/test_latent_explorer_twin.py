"""What the latent explorer sends to the page, and what the page makes of it, by node."""

import base64
import json

import explorers
import numpy as np
import pytest
import torch
from explorers import digits, latents, needs_node, round_to_halves
from latent_cases import WithCodes, each_shape, expected, explorer, vae
from twins import LATENT, opening, sent

from course_utils.data import ImageData, load
from course_utils.models import VAE, Autoencoder
from course_utils.widgets import latent_explorer
from course_utils.widgets._shared.latent_decoder import (
    MOST_WEIGHTS,
    SAME_PICTURE,
    BrowserDecoder,
    KernelDecoder,
    decoder_of,
)
from course_utils.widgets.latent import LatentState, latent_picture


def by_node(run: str, *given):
    """What a function of JavaScript makes of what is given."""
    return explorers.by_node(LATENT, opening(run), *given)


# --- what is sent ---


@each_shape
def test_the_copy_of_the_decoder_draws_what_torch_draws(latent_dim, hidden, likelihood):
    model = vae(latent_dim, hidden, likelihood, side=28)
    decoder, z = decoder_of(model), latents(latent_dim, 500)
    assert isinstance(decoder, BrowserDecoder)
    assert decoder.sizes == [latent_dim, *reversed(hidden), 784]
    pictures = decoder(z.numpy()).reshape(500, 784)
    assert np.abs(pictures - expected(model, z)).max() < 1e-3
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
    np.testing.assert_allclose(
        steep(z).reshape(2000, 64), expected(model, torch.tensor(z)), atol=1e-5
    )
    round_to_halves(model)
    assert decoder_of(model).half


def test_weights_too_large_for_halves_go_as_float32():
    model = vae(hidden=(4,))
    with torch.no_grad():
        model.decoder[0].weight.mul_(1e6)
        model.decoder[2].weight.mul_(1e-6)
    assert not decoder_of(model).half


def test_the_weights_are_those_of_the_moment():
    model = vae()
    widget = latent_explorer(model)
    before = widget.picture.image
    with torch.no_grad():
        model.decoder[-1].bias.add_(3)
    np.testing.assert_array_equal(widget.picture.image, before)
    assert latent_explorer(model).picture.image.mean() > before.mean() + 0.1


def odd_decoder(change):
    model = vae()
    change(model)
    return model


class Inverted(VAE):
    """A learner's own, whose pictures its layers alone do not give."""

    def mean_x(self, z):
        return 1 - super().mean_x(z)


@pytest.mark.parametrize(
    "model",
    [
        odd_decoder(lambda m: m.decoder.append(torch.nn.Tanh())),
        odd_decoder(lambda m: m.decoder.__setitem__(1, torch.nn.Tanh())),
        odd_decoder(lambda m: setattr(m, "decoder", torch.nn.Linear(2, 64))),
        odd_decoder(lambda m: m.decoder.__setitem__(2, torch.nn.Linear(16, 64, bias=False))),
        Inverted((8, 8), 2, (16,)),
    ],
    ids=["squashed", "tanh", "bare", "no bias", "inverted"],
)
def test_what_the_browser_cannot_do_is_left_to_python(model):
    assert isinstance(decoder_of(model), KernelDecoder)


def test_a_large_decoder_is_left_to_python():
    model = vae(hidden=(1300,), side=28)
    assert sum(layer.weight.numel() for layer in model.decoder[::2]) > MOST_WEIGHTS
    decoder, z = decoder_of(model), latents(2, 5)
    assert isinstance(decoder, KernelDecoder)
    np.testing.assert_allclose(decoder(z.numpy()).reshape(5, 784), expected(model, z), atol=1e-6)


def test_the_state_of_the_largest_pretrained_kind_stays_below_1_7_mb():
    """2-256-512-784 in exact halves, with 400 originals of the size and sparsity of MNIST."""
    model = vae(2, (512, 256), side=28)
    round_to_halves(model)
    test = load("strokes").test
    widget = latent_explorer(model, ImageData(test.images[:400], test.labels[:400]))
    assert widget.decoder.half and len(widget.codes) == 400
    saved = widget.get_state()
    size = sum(4 * (len(v) + 2) // 3 if isinstance(v, bytes) else len(json.dumps(v))
               for v in saved.values())  # fmt: skip
    assert 1_400_000 < size < 1_700_000


# --- the twin ---


@needs_node
def test_javascript_reads_every_kind_of_half():
    """Zeros, subnormals, powers, fractions, both signs: bit for bit."""
    bits = np.arange(65536, dtype=np.uint16)
    halves = bits.view(np.float16)
    finite = halves[np.isfinite(halves)]
    text = base64.b64encode(finite.astype("<f2").tobytes()).decode()
    theirs = by_node("(text) => [...floatsOf(view(text), true)]", text)
    np.testing.assert_array_equal(np.array(theirs, np.float32), finite.astype(np.float32))


@needs_node
def test_javascript_unpacks_the_codes_and_the_originals():
    for widget in (
        explorer(),
        explorer(5),
        latent_explorer(WithCodes((8, 8), 2, (16,))),
        latent_explorer(vae(kind=Autoencoder), digits()),
        latent_explorer(vae()),
    ):
        run = "(sent) => { const codes = codesOf(sent);"
        run += "return { ...codes, originals: codes.originals.map((o) => [...o]) }; }"
        theirs, ours = by_node(run, sent(widget)), widget.codes
        np.testing.assert_array_equal(np.reshape(theirs["mu"], ours.mu.shape), ours.mu)
        spread = [] if ours.log_var is None else ours.log_var.tolist()
        assert theirs["logVar"] == spread and theirs["labels"] == ours.labels
        pixels = np.zeros((0, 64)) if ours.originals is None else ours.originals.reshape(-1, 64)
        np.testing.assert_allclose(np.reshape(theirs["originals"], pixels.shape), pixels / 255)


def test_codes_travel_as_halves_only_where_those_are_exact():
    model = WithCodes((8, 8), 2, (16,))
    widget = latent_explorer(model)
    assert not widget.recipe["codes"]["half"] and len(widget.packed_codes) == 25 * 2 * 2 * 4
    model.codes = type(model.codes)(*(t.half().float() for t in model.codes))
    object.__setattr__(model.codes, "labels", torch.arange(25))
    widget = latent_explorer(model)
    assert widget.recipe["codes"]["half"] and len(widget.packed_codes) == 25 * 2 * 2 * 2


@needs_node
def test_javascript_unpacks_dark_light_and_long_runs():
    """Runs of zeros longer than 255, runs at both ends, and none at all."""
    images = torch.zeros(4, 28, 28)
    images[1] = 1
    images[2, 0, 0] = images[2, 27, 27] = 0.5
    images[3, ::2, ::3] = 0.25
    widget = latent_explorer(vae(side=28), ImageData(images, torch.arange(4)))
    run = "(sent) => codesOf(sent).originals.map((o) => [...o])"
    theirs = by_node(run, sent(widget))
    np.testing.assert_allclose(theirs, widget.codes.originals.reshape(4, 784) / 255)
    assert len(widget.packed_originals) < 1500


def changed(widget, before: LatentState, state: LatentState) -> str:
    run = """(sent, before, state) =>
      describeChange(sent.recipe, codesOf(sent), { before, state })"""
    return by_node(run, sent(widget), vars(before), vars(state))


@needs_node
def test_words_about_a_move_come_before_what_it_means():
    widget = explorer()
    before, after = LatentState(), LatentState((0.5, -1.0), (1, 0), 3, "interpolate", 4, 0.25)
    text = latent_picture(after, widget.decoder, widget.codes).text
    assert changed(widget, before, after) == (
        "mode explore → interpolate, axes z[0], z[1] → z[1], z[0], code none → 3, "
        f"second code none → 4, t 0.50 → 0.25, z (0.00, 0.00) → (0.50, −1.00). {text}"
    )
    assert changed(widget, before, before) == widget.picture.text
