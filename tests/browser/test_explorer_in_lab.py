"""The Monte Carlo explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import explorer_cases
import pytest
from explorer_actions import (
    drag,
    drag_and_listen,
    in_chromium,
    in_python,
    press,
    said,
    says,
    tab_stops,
)
from explorer_views import assert_same_picture
from monte_carlo_cases import MATHS

from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture

MAKER = "monte_carlo_explorer"
SAID = ".mc-said"


def sees(page, **state) -> None:
    """The read-out comes to say what Python computes for this state."""
    says(page, SAID, monte_carlo_picture(MonteCarloState(**state)).text)


opened, explorer = explorer_cases.explorer_fixtures(MAKER, sees)


@pytest.mark.parametrize(
    "state",
    [
        MonteCarloState(),
        MonteCarloState(dimension=20, sigma=0.05, n=100_000, seed=99),
        MonteCarloState(dimension=7, sigma=0.123, n=1234, seed=42, proposal=0.37),
        MonteCarloState(dimension=12, sigma=0.2, n=500, seed=3, proposal=1.0),
    ],
    ids=str,
)
def test_chromium_computes_the_same_picture(page, state):
    theirs = in_chromium(page, MATHS, "picture", vars(state))
    assert_same_picture(theirs, monte_carlo_picture(state))


def test_a_drag_on_the_pad_moves_dimension_and_sigma_and_reaches_python(explorer):
    first = said(explorer, SAID)
    heard = drag_and_listen(explorer, ".mc-pad", SAID, (0.25, 0.3), (0.9, 0.5))
    assert first not in heard
    assert heard[0].startswith("dimension 2 →")
    moved = in_python(explorer)
    assert moved["dimension"] > 15 and 0.1 < moved["sigma"] < 0.4
    sees(explorer, **moved)
    assert not explorer.problems


def test_arrow_keys_move_the_pad_and_never_reach_the_notebook(explorer):
    cells = explorer.locator(".jp-Cell").count()
    press(explorer, ".mc-pad", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "b", "d", "d")
    sees(explorer, dimension=7)
    press(explorer, "input[data-field=n]", "ArrowRight", "b", "d", "d")
    sees(explorer, dimension=7, n=1100)
    assert explorer.locator(".jp-Cell").count() == cells
    assert not explorer.problems


def test_every_slider_and_button_answers_the_keyboard(explorer):
    explorer.locator(".mc-pad").focus()
    stops = ["dimension", "sigma", "n", "proposal", "seed", "draw", "reset"]
    assert tab_stops(explorer, 7) == stops
    press(explorer, "input[data-field=proposal]", "End")
    sees(explorer, proposal=1.0)
    press(explorer, "[data-do=draw]", "Enter")
    sees(explorer, proposal=1.0, seed=1)
    press(explorer, "[data-do=reset]", "Enter")
    sees(explorer)
    assert not explorer.problems


def test_a_drag_on_the_running_estimate_sets_the_number_of_draws(explorer):
    drag(explorer, ".mc-running", (0.5, 0.5), (0.99, 0.5))
    sees(explorer, n=100_000)
    assert not explorer.problems


def test_python_moves_the_picture(explorer):
    explorer_cases.assert_python_moves_every_picture(
        explorer,
        "w.dimension = 20; w.sigma = 0.5",
        lambda: sees(explorer, dimension=20, sigma=0.5),
    )
    assert explorer.locator("[data-number=bar]").inner_text().startswith("void: ESS")


def test_an_exception_is_shown(explorer):
    explorer_cases.assert_an_exception_is_shown(explorer, ".mc-pad")


def test_a_saved_notebook_works_before_anything_is_run(explorer, lab):
    explorer_cases.assert_saved_small(explorer, lab, MAKER, most=30_000)
    press(explorer, ".mc-pad", "ArrowRight")
    sees(explorer, dimension=3)


@explorer_cases.each_theme
def test_it_follows_the_theme(explorer, theme):
    states = {
        "opening": "w.n = 10_000",
        "collapsed": "w.dimension, w.sigma = 20, 0.3",
        "repaired": "w.proposal = 0.9",
    }
    explorer_cases.assert_it_follows_the_theme(explorer, theme, "explorer", states)
