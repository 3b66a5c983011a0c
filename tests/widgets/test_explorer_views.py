"""What every explorer is without its page: a state, words and a still, one module of JavaScript."""

import base64
import json
import re
from functools import partial

import numpy as np
import pytest
import torch
from explorers import HALF, classes, completions, latent, rates
from matplotlib.colors import to_rgb
from twins import files_of

from course_utils import widgets
from course_utils.plots import PALETTE, html_picture
from course_utils.widgets._shared.latent_still import INKS
from course_utils.widgets._shared.view import HERE, Explorer, read_esm
from course_utils.widgets.conditional import ClassState, HalfState
from course_utils.widgets.elbo import ElboState
from course_utils.widgets.gradient import GradientState
from course_utils.widgets.latent import LatentState
from course_utils.widgets.monte_carlo import MonteCarloState
from course_utils.widgets.rate_distortion import RateDistortionState
from course_utils.widgets.strokes import StrokeState

# An explorer, its opening state, the most bytes of its still and characters in a saved notebook,
# and how many names its files have at their top level at the least.
OPENINGS = {
    "monte carlo": (widgets.monte_carlo_explorer, MonteCarloState(), 25_000, 30_000, 30),
    "elbo": (widgets.elbo_explorer, ElboState(), 25_000, 40_000, 30),
    "gradient": (widgets.gradient_explorer, GradientState(), 25_000, 40_000, 50),
    "strokes": (widgets.stroke_writer, StrokeState(), 25_000, 40_000, 40),
    "latent": (partial(latent, chosen=3), LatentState(chosen=3), 25_000, 60_000, 60),
    "classes": (partial(classes, chosen=3), ClassState(chosen=3), 25_000, 60_000, 60),
    "halves": (completions, HalfState(0), 25_000, 60_000, 60),
    "rates": (rates, RateDistortionState(), 25_000, 60_000, 60),
}
CALLS = {  # what its words begin with
    "monte carlo": "monte_carlo_explorer(2, 0.3, 1000, 0, 0.0)",
    "elbo": "elbo_explorer('linear', 0.5, -0.6931, 0.5)",
    "gradient": "gradient_explorer('z^2', 1.0, 0.5, 1000, 0, parameter='mu', baseline=False)",
    "strokes": "stroke_writer(3, 0.1, 2.5, 0.96, 0.0)",
    "latent": "latent_explorer(VAE, 2 latents, 40 codes)",
    "classes": "conditional_explorer(CVAE, 2 latents, 10 classes, 40 codes)",
    "halves": "conditional_explorer(CVAE, halves of 8x4, 40 pictures)",
    "rates": "rate_distortion_explorer(5 networks, 12 pictures of 8x8)",
}
each_explorer = pytest.mark.parametrize("name", OPENINGS)


@each_explorer
def test_without_a_browser_there_are_words_and_a_still(name):
    """The same each time, and a notebook grows by little."""
    make, state, most, most_saved, _ = OPENINGS[name]
    widget = make()
    assert widget.state == state
    data, again = (each._repr_mimebundle_()[0] for each in (widget, make()))
    words = f"{CALLS[name]}: {widget.picture.text}"
    assert data["text/plain"] == words == again["text/plain"]
    assert "\n" not in words and "0x" not in words
    assert data["text/html"] == again["text/html"] == html_picture(widget._png(), words)
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    png = base64.b64decode(widget._png())
    assert png.startswith(b"\x89PNG") and len(png) < most
    saved = {k: v for k, v in widget.get_state().items() if not isinstance(v, bytes)}
    assert len(json.dumps(saved)) < most_saved


@each_explorer
def test_one_browser_module_is_made_of_several_files(name):
    """Without imports, and with no name twice: a syntax error there."""
    make, *_, least = OPENINGS[name]
    widget = make()
    files, sent = files_of(widget), widget._esm
    assert sent == read_esm(*files)
    assert not re.search(r"^(import|//|\s)|\s// ", sent, re.MULTILINE)
    assert re.findall(r"^export.*", sent, re.MULTILINE) == ["export default{render};"]
    text = "\n".join((HERE / name).read_text(encoding="utf-8") for name in files)
    names = re.findall(r"^(?:export )?(?:function|const|let) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)) > least


def test_an_explorer_without_a_still_says_so():
    with pytest.raises(NotImplementedError, match="Explorer should define still"):
        Explorer(_esm="export default {}").still()


# Changes of a state, one after the other, each with how the state holds it.
CHANGES = {
    widgets.monte_carlo_explorer: [
        (
            {"dimension": np.int64(3), "sigma": 1, "n": 200, "seed": 7, "proposal": 0.25},
            {"dimension": 3, "sigma": 1.0},
        )
    ],
    widgets.elbo_explorer: [
        ({"model": "two roots", "mu": 0.25, "log_var": -2}, {"log_var": -2.0}),
        ({"a": np.float64(1.5)}, {"a": 1.5}),
        ({"mu": 1}, {"mu": 1.0}),
        ({"model": "linear"}, {}),
    ],
    widgets.gradient_explorer: [
        ({"f": "|z|", "mu": -1, "sigma": 0.4, "n": 200, "seed": 7}, {"mu": -1.0}),
        ({"parameter": "sigma", "baseline": True}, {}),
        (
            {"mu": -0.0, "n": np.int64(50), "baseline": np.bool_(False)},
            {"mu": 0.0, "n": 50, "baseline": False},
        ),
    ],
    widgets.stroke_writer: [
        (
            {"digit": 1, "slant": 0.2, "weight": 3, "size": 1, "angle": 0.1, "wobble": [0.5] * 8},
            {"weight": 3.0, "size": 1.0, "wobble": (0.5,) * 8},
        ),
        *(
            ({"wobble": kind([0.25, -1] + [0] * 6)}, {"wobble": (0.25, -1.0) + (0.0,) * 6})
            for kind in (list, tuple, np.array, torch.tensor)
        ),
    ],
    latent: [
        ({"z": np.array([0.5, 1.0])}, {"z": (0.5, 1.0)}),
        (
            {"z": torch.tensor([1.0, -2.0]), "axes": [1, 0], "chosen": np.int64(3), "other": 4},
            {"z": (1.0, -2.0), "axes": (1, 0), "chosen": 3},
        ),
        ({"mode": "interpolate", "t": 1}, {"t": 1.0}),
        ({"chosen": None}, {}),
        ({"z": [0.25, 1], "chosen": 2}, {"z": (0.25, 1.0)}),
    ],
    classes: [
        ({"z": np.array([0.5, 1.0])}, {"z": (0.5, 1.0)}),
        (
            {"z": torch.tensor([1.0, -2.0]), "axes": [1, 0], "digit": np.int64(3), "chosen": 5},
            {"z": (1.0, -2.0), "axes": (1, 0), "digit": 3},
        ),
        ({"z": [0.25, 1], "digit": 8, "chosen": None}, {"z": (0.25, 1.0)}),
    ],
    completions: [
        ({"left": np.array(HALF)}, {"left": HALF}),
        ({"left": np.int64(4), "seed": 2, "spread": 0}, {"left": 4, "spread": 0.0}),
        ({"left": torch.full((8, 4), 0.123456)}, {"left": ((0.12,) * 4,) * 8}),  # hundredths
        ({"left": torch.full((8, 4), 0.004)}, {"left": None}),  # no ink at all
        ({"left": [[0.5] * 4] * 8, "spread": 1}, {"left": ((0.5,) * 4,) * 8, "spread": 1.0}),
    ],
    rates: [
        ({"model": np.int64(3), "image": 11, "seed": 4}, {"model": 3}),
        ({"image": 0, "seed": 0}, {}),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("make", "changes"), CHANGES.items())
def test_a_state_is_held_by_its_own_kinds_of_numbers(make, changes):
    """Given at the opening, set one by one from Python, and said by the page."""
    by_python, by_page = make(), make()
    opening = held = vars(make().state)
    for given, kinds in changes:
        held = held | given | kinds
        assert repr(vars(make(**given).state)) == repr(opening | given | kinds)
        by_page.set_state(json.loads(json.dumps(given, default=lambda value: value.tolist())))
        assert repr(vars(by_page.state)) == repr(held)
        for name, value in given.items():
            setattr(by_python, name, value)
        touched = {"knob": by_python.knob} if make is widgets.stroke_writer else {}
        assert repr(vars(by_python.state)) == repr(held | touched)
        saved = by_python.get_state()
        assert {name: saved[name] for name in held} == held | touched


@pytest.mark.parametrize("make", [*CHANGES][:4])
def test_words_begin_with_the_call_that_makes_the_explorer(make):
    widget = make(**CHANGES[make][0][0])
    call = repr(widget).partition("): ")[0] + ")"
    assert eval(call, {make.__name__: make}).state == widget.state


# --- what the page reads ---


@pytest.mark.parametrize(
    ("make", "own"),
    [
        (widgets.stroke_writer, ""),
        (latent, ""),
        (classes, ""),
        (completions, "conditional/"),  # without pad and codes
        (rates, "rate_distortion/"),
    ],
)
def test_the_page_reads_what_is_sent(make, own):
    """It lists the names of a recipe, reads each of them, and nothing else."""
    widget = make()
    names, files = [*widget.recipe], [name for name in files_of(widget) if name.startswith(own)]
    *others, page = [(HERE / name).read_text(encoding="utf-8") for name in files]
    (listed,) = re.findall(r"^// recipe: \{ ([\w, ]+?),? \}$", page, re.MULTILINE)
    assert listed.split(", ") == names
    code = re.sub(r"^ *//.*", "", "".join([*others, page]), flags=re.MULTILINE)
    assert {*re.findall(r"recipe\.(\w+)", code)} <= {*names} <= {*re.findall(r"\w+", code)}


@pytest.mark.parametrize(
    ("file", "roles"),
    [
        ("_shared/explorer.css", ["p", "q"]),
        ("elbo/pictures.js", ["gap"]),
        ("elbo/explorer.css", ["gap"]),
        ("gradient/explorer.css", ["samples", "q"]),
        ("rate_distortion/plane.js", ["gap"]),
        ("rate_distortion/explorer.css", ["gap"]),
    ],
)
def test_the_page_uses_the_colours_of_the_course(file, roles):
    text = (HERE / file).read_text(encoding="utf-8").upper()
    assert all(PALETTE[role] in text for role in roles)


def contrast(one: str, other: str) -> float:
    """Of two colours, by WCAG 2."""
    channels = [[c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(x)]
                for x in (one, other)]  # fmt: skip
    low, high = sorted(float(np.dot(c, (0.2126, 0.7152, 0.0722))) for c in channels)
    return (high + 0.05) / (low + 0.05)


def test_rings_lines_and_priors_stand_out_in_both_themes():
    """Three to one against what lies beside them."""
    css = "".join(path.read_text(encoding="utf-8") for path in HERE.rglob("*.css"))
    (ring,) = re.findall(r"--ring: 3px solid (#\w{6})", css)
    light, dark = re.findall(r"--near: (#\w{6}); --far: (#\w{6})", css)
    for paper, (near, far) in (("#ffffff", light), ("#111111", dark)):
        colours = [ring, near, *(PALETTE[role] for role in ("p", "q", "samples", "gap"))]
        assert [colour for colour in colours if contrast(colour, paper) < 3] == []
        assert contrast(near, far) >= 3
    assert contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.01)  # as WebAIM has it


def test_every_canvas_uses_the_colours_of_the_course():
    text = (HERE / "_shared/canvas.js").read_text(encoding="utf-8")
    roles = dict(re.findall(r'(\w+): "(#[0-9A-F]{6})"', text))
    assert roles == {name: PALETTE[name] for name in ("p", "q", "samples", "data")}


def test_the_page_and_the_still_share_their_inks():
    page = (HERE / "_shared/latent_pictures.js").read_text(encoding="utf-8")
    listed = re.search(r"INKS = \[(.*?)\]", page, re.DOTALL)[1]
    assert re.findall(r"#\w{6}", listed) == INKS and len(set(INKS)) == 10
    assert not {ink.upper() for ink in INKS} & set(PALETTE.values())
