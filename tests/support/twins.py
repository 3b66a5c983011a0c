"""What JavaScript computes beside Python: the same checks by node and in Chromium."""

import base64

import conditional_cases
import elbo_cases
import gradient_cases
import halves_cases
import latent_cases
import monte_carlo_cases
import numpy as np
import pytest
import stroke_cases
import torch
from explorers import digits, latents
from halves_cases import each_prior

from course_utils.data import load
from course_utils.models import Autoencoder
from course_utils.widgets import conditional_explorer, latent_explorer, stroke_writer
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets.conditional import ClassState, HalfState, conditional_picture
from course_utils.widgets.conditional._words import CLASS_TABLES, HALF_TABLES
from course_utils.widgets.elbo import e_step, elbo_picture, m_step
from course_utils.widgets.gradient import gradient_picture
from course_utils.widgets.latent import LatentState, latent_picture
from course_utils.widgets.latent._explorer import wanted
from course_utils.widgets.latent._words import TABLES
from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture

SHARED = [
    f"_shared/{part}.js" for part in ("canvas", "view", "say", "latent_decoder", "latent_words")
]
LATENT = [*TABLES, *SHARED, "latent/words.js"]
CONDITIONAL = [
    *(*CLASS_TABLES, *HALF_TABLES, *SHARED, "_shared/normals.js"),
    *(
        f"conditional/{part}.js"
        for part in ("decoder", "classes_words", "halves_words", "halves_math")
    ),
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
PICTURES = """(sent, latents) => { const { half, sizes } = sent.recipe.decoder;
  const decode = makeDecoder(floatsOf(view(sent.bytes.weights), half), sizes);
  return latents.map((z) => [...decode(z)]); }"""
PLACES = """(sent, states) => { const codes = codesOf(sent);
  return states.map((state) => [shownZ(codes, state), ...stripOf(codes, state)]); }"""
TEXTS = """(sent, states) => { const codes = codesOf(sent);
  return states.map((state) => describe(sent.recipe, codes, state)); }"""
CLASSES = """(sent, latents) => { const { recipe } = sent;
  const decoder = conditionalOf(modelOf(sent), recipe, recipe.start.z.length);
  return latents.map((z) => { const style = decoder.fromZ(z);
    return Array.from({ length: recipe.classes }, (_, i) =>
      [...decoder.picture(style, decoder.fromY(oneHot(i, recipe.classes)))]); }); }"""
CLASS_TEXTS = TEXTS.replace("describe", "describeClasses")
COMPLETIONS = """(sent, states) => { const { recipe } = sent, { image } = recipe;
  const complete = makeCompleter(modelOf(sent), recipe), wholes = wholesOf(sent);
  return states.map((state) => {
    const y = pixelsOf(state.left, wholes, image), of = complete(y, state);
    const truth = typeof state.left === "number" ? halfOf(wholes[state.left], image, 1) : null;
    const errors = truth && errorsOf(of, truth, recipe.shown);
    return { completions: of.rights.slice(0, 9).map((right) => [...joined(y, right, image)]),
      mean: [...of.mean], variance: of.variance, errors,
      text: describeHalves(recipe, state, { variance: of.variance, errors }) }; }); }"""
PLAIN = {  # files, what Python computes, states
    "monte carlo": (
        monte_carlo_cases.MATHS,
        monte_carlo_picture,
        [*monte_carlo_cases.STATES, MonteCarloState(20, 0.05, 100_000, 99)],
    ),
    "elbo": (elbo_cases.MATHS, elbo_picture, elbo_cases.STATES),
    "gradient": (gradient_cases.MATHS, gradient_picture, gradient_cases.STATES),
}
each_decoder = pytest.mark.parametrize(
    ("hidden", "likelihood"),
    [(h, name) for h in ((), (128,), (256, 256)) for name in ("bernoulli", "gaussian")],
    ids=str,
)


def sent(widget) -> dict:
    """What the page gets, as JSON can hold it."""
    state = widget.get_state().items()
    packed = {k: base64.b64encode(v).decode() for k, v in state if isinstance(v, bytes)}
    return {"recipe": widget.recipe, "bytes": packed}


def opening(run: str) -> str:
    """The function, that may use all of OPEN too."""
    return f"(...given) => {{ {OPEN} return ({run})(...given); }}"


def written(states) -> list[dict]:
    return [vars(state) for state in states]


class Twins:
    """Of subclasses, with a fixture `javascript`.

    javascript(files, run, *given): what a function of JavaScript, that may use all in these files,
    makes of what is given.
    """

    @pytest.mark.parametrize("name", PLAIN)
    def test_it_computes_the_same_picture(self, javascript, name):
        """Python's fields, to 1e-9, and every word."""
        files, picture, states = PLAIN[name]
        made = javascript(files, "states => states.map(picture)", written(states))
        for state, theirs in zip(states, made, strict=True):
            ours = vars(picture(state))
            assert theirs.keys() == ours.keys()
            assert theirs.pop("text") == ours.pop("text")
            assert theirs.pop("state") == vars(ours.pop("state"))
            for name, value in ours.items():
                np.testing.assert_allclose(theirs[name], value, rtol=1e-9, atol=1e-12, err_msg=name)

    @elbo_cases.each_model
    @pytest.mark.parametrize(("name", "step"), [("eStep", e_step), ("mStep", m_step)])
    def test_it_takes_the_same_steps(self, javascript, model, name, step):
        states = [s for seed in (1, 2) for s in elbo_cases.random_states(model, 100, seed)]
        theirs = javascript(
            elbo_cases.MATHS, f"states => states.map(state => {name}(state))", written(states)
        )
        for state, after in zip(states, theirs, strict=True):
            ours = vars(step(state))
            assert after.pop("model") == ours.pop("model")
            assert after == pytest.approx(ours, rel=1e-9, abs=1e-12)

    def test_it_writes_the_same_digits(self, javascript):
        states = stroke_cases.cases()
        given = stroke_writer().recipe, written(states)
        stroke_cases.assert_agrees(javascript(stroke_cases.MATHS, stroke_cases.RUN, *given), states)

    # --- the latent explorer ---

    @latent_cases.each_shape
    def test_it_decodes_as_torch_does(self, javascript, latent_dim, hidden, likelihood):
        model, z = (
            latent_cases.vae(latent_dim, hidden, likelihood, side=28),
            latents(latent_dim, 30),
        )
        widget = latent_explorer(model)
        theirs = javascript(LATENT, opening(PICTURES), sent(widget), z.tolist())
        assert np.abs(np.array(theirs) - latent_cases.expected(model, z)).max() < 1e-3
        np.testing.assert_allclose(theirs, widget.decoder(z.numpy()).reshape(30, 784), atol=1e-5)

    @pytest.mark.parametrize("latents_of", [1, 2, 5])
    def test_it_goes_to_the_same_latents_and_says_the_same(self, javascript, latents_of):
        widget, states = latent_cases.explorer(latents_of), latent_cases.STATES[latents_of]
        given = sent(widget), written(states)
        for state, ours in zip(states, javascript(LATENT, opening(PLACES), *given), strict=True):
            z, *strip = wanted(state, widget.codes)
            strip = strip[1:] if state.chosen is not None else strip
            assert ours == [list(z), *map(list, strip)]
        for state, text in zip(states, javascript(LATENT, opening(TEXTS), *given), strict=True):
            assert text == latent_picture(state, widget.decoder, widget.codes).text

    @pytest.mark.parametrize("latent_dim", ["autoencoder", 3, 20])
    def test_it_says_the_same_of_many_places(self, javascript, latent_dim):
        kind = {"kind": Autoencoder} if latent_dim == "autoencoder" else {"latent_dim": latent_dim}
        model = latent_cases.vae(**kind)
        widget, rng = latent_explorer(model, digits()), np.random.default_rng(0)
        states = [
            LatentState((scale * rng.normal(size=model.latent_dim)).tolist(), widget.axes, code)
            for code, scale in enumerate([0, 0.001, 0.1, 0.5, 1, 1, 1, 1.5, 2, 3, 5, 20])
        ]
        texts = javascript(LATENT, opening(TEXTS), sent(widget), written(states))
        how = {"standard_prior": widget.standard_prior}
        for state, text in zip(states, texts, strict=True):
            assert text == latent_picture(state, widget.decoder, widget.codes, **how).text

    # --- the conditional explorers ---

    @each_prior
    @each_decoder
    @pytest.mark.parametrize("latent_dim", [2, 12])
    def test_it_decodes_every_class_as_torch_does(
        self, javascript, latent_dim, prior, hidden, likelihood
    ):
        shape = {"shape": (28, 28), "likelihood": likelihood}
        model = conditional_cases.cvae(latent_dim, 10, prior, hidden, **shape)
        z = latents(latent_dim)
        given = sent(conditional_explorer(model)), z.tolist()
        theirs = np.array(javascript(CONDITIONAL, opening(CLASSES), *given))
        with torch.no_grad():
            ours = [model.mean_x(z, torch.tensor([digit])) for digit in range(10)]
        expected = torch.stack(ours, dim=1).flatten(2).numpy()
        assert theirs.shape == expected.shape and np.abs(theirs - expected).max() < 1e-3
        assert expected.std(axis=1).max() > 0.02, "the classes should differ"

    @each_prior
    @pytest.mark.parametrize("latents_of", [1, 2, 5])
    def test_it_says_the_same_of_classes(self, javascript, latents_of, prior):
        widget = conditional_cases.explorer(latents_of, prior)
        z = [(scale * latents(latents_of)[1:]).tolist() for scale in (0.1, 0.5, 1)]
        axes = tuple(range(min(2, latents_of)))
        states = [
            *conditional_cases.STATES[latents_of],
            ClassState(widget.shown.codes.mu[7], axes, 2, 7),
            *(ClassState(row, axes, i % 10) for scaled in z for i, row in enumerate(scaled)),
        ]
        texts = javascript(CONDITIONAL, opening(CLASS_TEXTS), sent(widget), written(states))
        for state, text in zip(states, texts, strict=True):
            assert text == conditional_picture(state, widget.shown).text

    @each_prior
    @each_decoder
    def test_it_completes_as_torch_does(self, javascript, prior, hidden, likelihood):
        how = {"shape": (28, 14), "likelihood": likelihood}
        model = conditional_cases.cvae(5, 392, prior, hidden, **how)
        widget = conditional_explorer(model, load("strokes").test)
        states = written([HalfState(3, seed=5, spread=1.2)])
        (theirs,) = javascript(CONDITIONAL, opening(COMPLETIONS), sent(widget), states)
        y = torch.from_numpy(widget.shown.wholes[3][:, :14] / np.float32(255))[None]
        with torch.no_grad():
            p = model.prior_given(y)
            eps = torch.from_numpy(standard_normals(5, 64, 5)).float()
            expected = model.mean_x(p.mu + 1.2 * (p.log_var / 2).exp() * eps, y)
        shown = np.reshape(theirs["completions"], (9, 28, 28))
        assert np.abs(shown[:, :, 14:] - expected[:9].numpy()).max() < 1e-3
        assert np.abs(np.reshape(theirs["mean"], (28, 14)) - expected.mean(0).numpy()).max() < 1e-3
        np.testing.assert_allclose(shown[:, :, :14], y.expand(9, 28, 14), atol=1e-6)

    @each_prior
    def test_it_completes_halves_and_says_and_measures_the_same(self, javascript, prior):
        widget = halves_cases.explorer(prior)
        states = [*halves_cases.STATES, *(HalfState(i, seed=i, spread=i / 27) for i in range(40))]
        made = javascript(CONDITIONAL, opening(COMPLETIONS), sent(widget), written(states))
        for state, theirs in zip(states, made, strict=True):
            ours = conditional_picture(state, widget.shown)
            assert theirs["text"] == ours.text
            assert theirs["variance"] == pytest.approx(ours.variance, abs=1e-4)
            flat = ours.completions.reshape(9, 64)
            np.testing.assert_allclose(theirs["completions"], flat, atol=1e-4)
            assert (theirs["errors"] is None) == (ours.errors is None)
            if ours.errors:
                np.testing.assert_allclose(theirs["errors"], ours.errors, rtol=1e-4)

    @pytest.mark.parametrize("count", [1, 2, 5, 12])
    def test_it_draws_the_same_normals(self, javascript, count):
        theirs = javascript(CONDITIONAL, "(...given) => normalRows(...given)", 42, 64, count)
        np.testing.assert_allclose(theirs, standard_normals(42, 64, count), rtol=1e-12, atol=1e-12)
