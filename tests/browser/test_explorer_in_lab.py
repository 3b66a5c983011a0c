"""The Monte Carlo explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

import explorer_cases
from explorer_actions import (
    drag,
    drag_and_listen,
    in_python,
    press,
    reading,
    said,
    tab_stops,
)

from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture

MAKER = "monte_carlo_explorer"
SAID = ".mc-said"

sees, answers = reading(SAID, lambda **state: monte_carlo_picture(MonteCarloState(**state)).text)
opened, explorer = explorer_cases.explorer_fixtures(MAKER, sees)


def test_a_drag_on_the_pad_moves_dimension_and_sigma_and_reaches_python(explorer):
    first = said(explorer, SAID)
    heard = drag_and_listen(explorer, ".mc-pad", SAID, (0.25, 0.3), (0.9, 0.5))
    assert first not in heard
    assert heard[0].startswith("dimension 2 →")
    moved = in_python(explorer)
    assert moved["dimension"] > 15 and 0.1 < moved["sigma"] < 0.4
    sees(explorer, **moved)


def test_arrow_keys_move_the_pad_and_never_reach_the_notebook(explorer):
    press(explorer, ".mc-pad", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "d", "d", "b", "b")
    sees(explorer, dimension=7)
    answers(explorer, "input[data-field=n]", "ArrowRight", "d", "d", "b", "b", dimension=7, n=1100)


def test_every_slider_and_button_answers_the_keyboard(explorer):
    explorer.locator(".mc-pad").focus()
    stops = ["dimension", "sigma", "n", "proposal", "seed", "draw", "reset"]
    assert tab_stops(explorer, 7) == stops
    answers(explorer, "input[data-field=proposal]", "End", proposal=1.0)
    answers(explorer, "[data-do=draw]", "Enter", proposal=1.0, seed=1)
    answers(explorer, "[data-do=reset]", "Enter")


def test_a_drag_on_the_running_estimate_sets_the_number_of_draws(explorer):
    drag(explorer, ".mc-running", (0.5, 0.5), (0.99, 0.5))
    sees(explorer, n=100_000)


class TestAsEveryExplorer(explorer_cases.AsEveryExplorer):
    maker, sees, name, pad, most = MAKER, staticmethod(sees), "explorer", ".mc-pad", 30_000
    moved = "w.dimension = 20; w.sigma = 0.5", {"dimension": 20, "sigma": 0.5}
    themes = {
        "opening": "w.n = 10_000",
        "collapsed": "w.dimension, w.sigma = 20, 0.3",
        "repaired": "w.proposal = 0.9",
    }

    def check_moved(self, page):
        assert page.locator("[data-number=bar]").inner_text().startswith("void: ESS")

    def check_opened(self, page):
        answers(page, self.pad, "ArrowRight", dimension=3)
