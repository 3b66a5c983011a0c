"""What a page gets of a conditional explorer, and functions of JavaScript that make use of it."""

import base64

from course_utils.widgets.conditional._words import CLASS_TABLES, HALF_TABLES

MODULES = [
    *CLASS_TABLES,
    *HALF_TABLES,
    *(f"_shared/{part}.js" for part in ("canvas", "view", "say", "normals")),
    "_shared/latent_decoder.js",
    "_shared/latent_words.js",
    "conditional/decoder.js",
    "conditional/classes_words.js",
    "conditional/halves_words.js",
    "conditional/halves_math.js",
]
# What a page does with what was sent; `sent` holds a recipe, and bytes in base64.
OPEN = """
const view = (text) => { const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new DataView(new Uint8Array([0, 0, 0, ...bytes]).buffer, 3); };
const modelOf = (sent) => ({ get: (name) => view(sent.bytes[name]) });
const codesOf = ({ recipe, bytes }) =>
  unpackedCodes(recipe, view(bytes.packed_codes), view(bytes.packed_originals));
const wholesOf = ({ recipe: { image: [h, w] }, bytes }) =>
  unpackedPictures(view(bytes.packed_originals), 2 * h * w);
"""
CLASSES = """(sent, latents) => { const { recipe } = sent;
  const decoder = conditionalOf(modelOf(sent), recipe, recipe.start.z.length);
  return latents.map((z) => { const style = decoder.fromZ(z);
    return Array.from({ length: recipe.classes }, (_, i) =>
      [...decoder.picture(style, decoder.fromY(oneHot(i, recipe.classes)))]); }); }"""
COMPLETIONS = """(sent, states) => { const { recipe } = sent, { image } = recipe;
  const complete = makeCompleter(modelOf(sent), recipe), wholes = wholesOf(sent);
  return states.map((state) => {
    const y = pixelsOf(state.left, wholes, image), of = complete(y, state);
    const truth = typeof state.left === "number" ? halfOf(wholes[state.left], image, 1) : null;
    const errors = truth && errorsOf(of, truth, recipe.shown);
    return { completions: of.rights.slice(0, 9).map((right) => [...joined(y, right, image)]),
      mean: [...of.mean], variance: of.variance, errors,
      text: describeHalves(recipe, state, { variance: of.variance, errors }) }; }); }"""


def sent(widget) -> dict:
    """What the page gets, as JSON can hold it."""
    state = widget.get_state().items()
    packed = {k: base64.b64encode(v).decode() for k, v in state if isinstance(v, bytes)}
    return {"recipe": widget.recipe, "bytes": packed}
