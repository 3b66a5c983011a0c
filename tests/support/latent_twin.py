"""What a page gets of a latent explorer, and functions of JavaScript that make something of it."""

import base64

import pytest
import torch

from course_utils.widgets.latent._words import TABLES

HIDDEN = [(), (128,), (512, 256)]
PARTS = ("canvas", "view", "say", "latent_decoder", "latent_words")
MODULES = [*TABLES, *(f"_shared/{part}.js" for part in PARTS), "latent/words.js"]
each_shape = pytest.mark.parametrize(
    ("latent_dim", "hidden", "likelihood"),
    [(L, h, name) for L in (2, 20) for h in HIDDEN for name in ("bernoulli", "gaussian")],
    ids=str,
)
# What a page does with what was sent: `sent` is {recipe, weights, codes, originals} in base64.
OPEN = """
const view = (text) => { const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new DataView(new Uint8Array([0, 0, 0, ...bytes]).buffer, 3); };
const opened = ({ recipe, ...sent }) => ({ recipe,
  codes: unpackedCodes(recipe, view(sent.codes), view(sent.originals)),
  decode: makeDecoder(floatsOf(view(sent.weights), recipe.decoder.half), recipe.decoder.sizes) });
"""
PICTURES = "(sent, latents) => { const { decode } = opened(sent); "
PICTURES += "return latents.map((z) => [...decode(z)]); }"
TEXTS = """(sent, states) => { const { recipe, codes } = opened(sent);
  return states.map((state) => describe(recipe, codes, state)); }"""


def sent(widget) -> dict:
    """What the page gets, as JSON can hold it."""
    parts = {"weights": "weights", "codes": "packed_codes", "originals": "packed_originals"}
    packed = {key: base64.b64encode(getattr(widget, name)).decode() for key, name in parts.items()}
    return {"recipe": widget.recipe, **packed}


def expected(model, z):
    with torch.no_grad():
        return model.mean_x(z).flatten(1).numpy()
