"""What JavaScript computes beside Python: the same checks by node and in Chromium."""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product

import explorers
import numpy as np
import pytest
import stroke_cases
import torch
from explorers import cvae, digits, each_elbo_model, each_prior, each_shape, latents, vae

from course_utils import widgets
from course_utils.data import load
from course_utils.models import Autoencoder
from course_utils.widgets import conditional_explorer, elbo_explorer, latent_explorer
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets._shared.view import Explorer, read_esm
from course_utils.widgets.conditional import ClassState, HalfState, conditional_picture
from course_utils.widgets.elbo import e_step, elbo_picture, m_step
from course_utils.widgets.gradient import gradient_picture
from course_utils.widgets.latent import LatentState, latent_picture
from course_utils.widgets.latent._explorer import wanted
from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture
from course_utils.widgets.rate_distortion import RateDistortionState, rate_distortion_picture

needs_node = pytest.mark.skipif(
    not shutil.which("node"), reason="no node; tests/browser runs it in Chromium"
)


def by_node(files: Sequence[str], run: str, *given: object) -> object:
    """What a function of JavaScript, that may use all in these files, makes of what is given."""
    code = read_esm(*files) + "let text = ''; for await (const part of process.stdin) text += part;"
    code += f"console.log(JSON.stringify(({run})(...JSON.parse(text))))"
    command = ["node", "--input-type=module", "--eval", code]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# What a page does with what was sent: a recipe, and bytes in base64.
OPEN = """
const view = (text) => { const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new DataView(new Uint8Array([0, 0, 0, ...bytes]).buffer, 3); };
const modelOf = (sent) => ({ get: (name) => view(sent.bytes[name]) });
const codesOf = ({ recipe, bytes }) =>
  unpackedCodes(recipe, view(bytes.packed_codes), view(bytes.packed_originals));
const wholesOf = ({ recipe: { image: [h, w] }, bytes }) =>
  unpackedPictures(view(bytes.packed_originals), 2 * h * w);
"""


def files_of(widget: Explorer) -> Sequence[str]:
    """The files of its page."""
    return sys.modules[type(widget).__module__].FILES


def by_page(javascript: Callable, widget: Explorer, run: str, *given: object) -> object:
    """What a function of the widget's page, that may use OPEN too, makes of (sent, *given).

    Args: javascript(files, run, *given): as by_node; given: states among them, as objects there.
    """
    state = widget.get_state().items()
    packed = {k: base64.b64encode(v).decode() for k, v in state if isinstance(v, bytes)}
    sent = {"recipe": getattr(widget, "recipe", None), "bytes": packed}
    code = f"(...given) => {{ {OPEN} return ({run})(...given); }}"
    return javascript(files_of(widget), code, sent, *json.loads(json.dumps(given, default=vars)))


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
RATES = """(sent, states) => { const { recipe } = sent, [height, width] = recipe.image;
  const all = unpackedPictures(view(sent.bytes.packed_pixels), height * width);
  return states.map((state) => { const { samples, ...three } = pixelsOf(all, recipe, state);
    return [describe(recipe, state), ...[...Object.values(three), ...samples].map((p) => [...p])];
  }); }"""
FAR = MonteCarloState(20, 0.05, 100_000, 99)
PLAIN = {  # what Python computes, states
    widgets.monte_carlo_explorer: (monte_carlo_picture, [*explorers.MONTE_CARLO, FAR]),
    widgets.elbo_explorer: (elbo_picture, explorers.ELBO),
    widgets.gradient_explorer: (gradient_picture, explorers.GRADIENT),
}
each_decoder = pytest.mark.parametrize(
    ("hidden", "likelihood"),
    [*product(((), (128,), (256, 256)), ("bernoulli", "gaussian"))],
    ids=str,
)
each_size = pytest.mark.parametrize("latents_of", [1, 2, 5])


class Twins:
    """Of subclasses, with a fixture `javascript`.

    javascript(files, run, *given): what a function of JavaScript, that may use all in these files,
    makes of what is given.
    """

    @pytest.fixture
    def page(self, javascript):
        """page(widget, run, *given): as in by_page."""
        return partial(by_page, javascript)

    @pytest.mark.parametrize("make", PLAIN)
    def test_it_computes_the_same_picture(self, page, make):
        """Python's fields, to 1e-9, and every word."""
        picture, states = PLAIN[make]
        made = page(make(), "(_, states) => states.map(picture)", states)
        for state, theirs in zip(states, made, strict=True):
            ours = vars(picture(state))
            assert theirs.keys() == ours.keys()
            assert theirs.pop("text") == ours.pop("text")
            assert theirs.pop("state") == vars(ours.pop("state"))
            for name, value in ours.items():
                np.testing.assert_allclose(theirs[name], value, rtol=1e-9, atol=1e-12, err_msg=name)

    @each_elbo_model
    @pytest.mark.parametrize(("name", "step"), [("eStep", e_step), ("mStep", m_step)])
    def test_it_takes_the_same_steps(self, page, model, name, step):
        states = [s for seed in (1, 2) for s in explorers.elbo_states(model, 100, seed)]
        run = f"(_, states) => states.map(state => {name}(state))"
        for state, after in zip(states, page(elbo_explorer(), run, states), strict=True):
            ours = vars(step(state))
            assert after.pop("model") == ours.pop("model")
            assert after == pytest.approx(ours, rel=1e-9, abs=1e-12)

    def test_it_writes_the_same_digits(self, page):
        states = stroke_cases.cases()
        theirs = page(widgets.stroke_writer(), stroke_cases.RUN, states)
        stroke_cases.assert_agrees(theirs, states)

    # --- the latent explorer ---

    @each_shape
    def test_it_decodes_as_torch_does(self, page, latent_dim, hidden, likelihood):
        model = vae(latent_dim, hidden, likelihood, side=28)
        z, widget = latents(latent_dim, 30), latent_explorer(model)
        theirs = page(widget, PICTURES, z.tolist())
        assert np.abs(np.array(theirs) - explorers.pictures_of(model, z)).max() < 1e-3
        np.testing.assert_allclose(theirs, widget.decoder(z.numpy()).reshape(30, 784), atol=1e-5)

    @each_size
    def test_it_goes_to_the_same_latents_and_says_the_same(self, page, latents_of):
        widget, states = explorers.latent(latents_of), explorers.LATENT[latents_of]
        for state, ours in zip(states, page(widget, PLACES, states), strict=True):
            z, *strip = wanted(state, widget.codes)
            strip = strip[1:] if state.chosen is not None else strip
            assert ours == [list(z), *map(list, strip)]
        texts = [latent_picture(state, *widget.beside).text for state in states]
        assert page(widget, TEXTS, states) == texts

    @pytest.mark.parametrize("latent_dim", ["autoencoder", 3, 20])
    def test_it_says_the_same_of_many_places(self, page, latent_dim):
        kind = {"kind": Autoencoder} if latent_dim == "autoencoder" else {"latent_dim": latent_dim}
        model = vae(**kind)
        widget, rng = latent_explorer(model, digits()), np.random.default_rng(0)
        states = [
            LatentState((scale * rng.normal(size=model.latent_dim)).tolist(), widget.axes, code)
            for code, scale in enumerate([0, 0.001, 0.1, 0.5, 1, 1, 1, 1.5, 2, 3, 5, 20])
        ]
        texts = [latent_picture(state, *widget.beside).text for state in states]
        assert page(widget, TEXTS, states) == texts

    # --- the conditional explorers ---

    @each_prior
    @each_decoder
    @pytest.mark.parametrize("latent_dim", [2, 12])
    def test_it_decodes_every_class_as_torch_does(
        self, page, latent_dim, prior, hidden, likelihood
    ):
        shape = {"shape": (28, 28), "likelihood": likelihood}
        model = cvae(latent_dim, 10, prior, hidden, **shape)
        z = latents(latent_dim)
        theirs = np.array(page(conditional_explorer(model), CLASSES, z.tolist()))
        with torch.no_grad():
            ours = [model.mean_x(z, torch.tensor([digit])) for digit in range(10)]
        expected = torch.stack(ours, dim=1).flatten(2).numpy()
        assert theirs.shape == expected.shape and np.abs(theirs - expected).max() < 1e-3
        assert expected.std(axis=1).max() > 0.02, "the classes should differ"

    @each_prior
    @each_size
    def test_it_says_the_same_of_classes(self, page, latents_of, prior):
        widget = explorers.classes(latents_of, prior)
        z = [(scale * latents(latents_of)[1:]).tolist() for scale in (0.1, 0.5, 1)]
        axes = tuple(range(min(2, latents_of)))
        states = [
            *explorers.CLASSES[latents_of],
            ClassState(widget.shown.codes.mu[7], axes, 2, 7),
            *(ClassState(row, axes, i % 10) for scaled in z for i, row in enumerate(scaled)),
        ]
        texts = [conditional_picture(state, widget.shown).text for state in states]
        assert page(widget, CLASS_TEXTS, states) == texts

    @each_prior
    @each_decoder
    def test_it_completes_as_torch_does(self, page, prior, hidden, likelihood):
        how = {"shape": (28, 14), "likelihood": likelihood}
        model = cvae(5, 392, prior, hidden, **how)
        widget = conditional_explorer(model, load("strokes").test)
        (theirs,) = page(widget, COMPLETIONS, [HalfState(3, seed=5, spread=1.2)])
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
    def test_it_completes_halves_and_says_and_measures_the_same(self, page, prior):
        widget = explorers.completions(prior)
        states = [*explorers.HALVES, *(HalfState(i, seed=i, spread=i / 27) for i in range(40))]
        for state, theirs in zip(states, page(widget, COMPLETIONS, states), strict=True):
            ours = conditional_picture(state, widget.shown)
            assert theirs["text"] == ours.text
            assert theirs["variance"] == pytest.approx(ours.variance, abs=1e-4)
            flat = ours.completions.reshape(9, 64)
            np.testing.assert_allclose(theirs["completions"], flat, atol=1e-4)
            assert (theirs["errors"] is None) == (ours.errors is None)
            if ours.errors:
                np.testing.assert_allclose(theirs["errors"], ours.errors, rtol=1e-4)

    @pytest.mark.parametrize("count", [1, 2, 5, 12])
    def test_it_draws_the_same_normals(self, page, count):
        run = "(_, ...given) => normalRows(...given)"
        theirs = page(explorers.completions(), run, 42, 64, count)
        np.testing.assert_allclose(theirs, standard_normals(42, 64, count), rtol=1e-12, atol=1e-12)

    # --- the explorer of rate and distortion ---

    def test_it_finds_the_same_pictures_and_says_the_same_of_each_network(self, page):
        widget = explorers.rates()
        states = [RateDistortionState(*at) for at in np.ndindex(5, 12, 5)]
        for state, (text, *theirs) in zip(states, page(widget, RATES, states), strict=True):
            ours = rate_distortion_picture(state, widget.shown)
            assert text == ours.text
            pixels = [ours.original, ours.decoded, ours.optimum, *ours.samples]
            np.testing.assert_allclose(theirs, np.reshape(pixels, (13, 64)), atol=1e-6)
