"""The Monte Carlo explorer in a real JupyterLab: moved by mouse, by keyboard, from Python."""

from explorer_actions import drag, drag_and_listen, in_python, reading, said
from explorer_cases import ARROWS, AsEveryExplorer

from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture

SAID = ".mc-said"
sees, answers = reading(SAID, lambda **state: monte_carlo_picture(MonteCarloState(**state)).text)


def test_a_drag_on_the_pad_moves_dimension_and_sigma_and_reaches_python(explorer):
    first = said(explorer, SAID)
    heard = drag_and_listen(explorer, ".mc-pad", SAID, (0.25, 0.3), (0.9, 0.5))
    assert first not in heard
    assert heard[0].startswith("dimension 2 →")
    moved = in_python(explorer)
    assert moved["dimension"] > 15 and 0.1 < moved["sigma"] < 0.4
    sees(explorer, **moved)


def test_a_drag_on_the_running_estimate_sets_the_number_of_draws(explorer):
    drag(explorer, ".mc-running", (0.5, 0.5), (0.99, 0.5))
    sees(explorer, n=100_000)


class TestAsEveryExplorer(AsEveryExplorer):
    maker, sees, name = "monte_carlo_explorer", staticmethod(sees), "explorer"
    pad, most = ".mc-pad", 30_000
    moved = "w.dimension = 20; w.sigma = 0.5", {"dimension": 20, "sigma": 0.5}
    themes = {
        "opening": "w.n = 10_000",
        "collapsed": "w.dimension, w.sigma = 20, 0.3",
        "repaired": "w.proposal = 0.9",
    }
    stops = "dimension sigma n proposal seed draw reset"
    keys = [
        (".mc-pad", ARROWS, {"dimension": 7}),
        ("[data-field=n]", "ArrowRight d d b b", {"n": 1100}),
        ("[data-do=reset]", "Enter", None),
        ("[data-field=proposal]", "End", {"proposal": 1.0}),
        ("[data-do=draw]", "Enter", {"seed": 1}),
        ("[data-do=reset]", "Enter", None),
    ]

    def check_moved(self, page):
        assert page.locator("[data-number=bar]").inner_text().startswith("void: ESS")

    def check_opened(self, page):
        answers(page, ".mc-pad", "ArrowRight", dimension=3)
