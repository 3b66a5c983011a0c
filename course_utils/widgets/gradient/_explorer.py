"""The explorer of notebook 04: two unbiased gradients of E f(z), and how far their draws scatter.

Draws z = mu + sigma eps keep their eps while mu and sigma move. The score function multiplies f by
the slope of log q, the pathwise gradient follows each draw: eq. 4.2 and 4.5 of the course.
"""

import math
from dataclasses import astuple, dataclass

import numpy as np

from course_utils._require import require_value
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets._shared.state import State, checked, choice, number
from course_utils.widgets._shared.view import SHARED, explorer_of
from course_utils.widgets.gradient._functions import FUNCTIONS, draws, exact_numbers
from course_utils.widgets.gradient._still import draw_still as draw
from course_utils.widgets.gradient._words import TABLE, finding

OWN = ("gradient/math.js", "gradient/pictures.js", "gradient/explorer.js")
FILES = (TABLE, *SHARED, "_shared/normals.js", "_shared/running.js", *OWN)
CSS = ("gradient/explorer.css",)
STEPS = [float(f"{m}e{e}") for e in range(-4, 7) for m in (1, 2, 5)]


def _truth(name: str, value: object) -> bool:
    require_value(name, value, isinstance(value, (bool, np.bool_)), "True or False", "")
    return bool(value)


@dataclass(frozen=True)
class GradientState(State):
    """What a learner can move.

    Args:    f: "z^2", "z^2 + 10", "sin 3z", "|z|" or "step" (1 where z > 0, else 0);
             mu: mean of q, -3 to 3; sigma: its standard deviation, 0.1 to 2;
             n: number of draws, 10 to 10 000; seed: which draws, 0 to 99;
             parameter: "mu" or "sigma", what the gradient is taken in;
             baseline: whether the score function first subtracts from f the mean of f over the
             other draws, which leaves it unbiased.
    Raises:  ValueError if a value is of the wrong kind, unknown, or out of range.
    """

    f: str = choice("z^2", FUNCTIONS)
    mu: float = number(1.0, (-3.0, 3.0))
    sigma: float = number(0.5, (0.1, 2.0))
    n: int = number(1000, (10, 10_000))
    seed: int = number(0, (0, 99))
    parameter: str = choice("mu", ("mu", "sigma"))
    baseline: bool = checked(False, _truth)


@dataclass(frozen=True, eq=False)
class GradientPicture:
    """What the explorer shows for one state.

    Args:    draws: (G,) how many draws each running average rests on, about log-spaced, 2 to n;
             score_mean, score_error, path_mean, path_error: (G,) the two running averages and
             their standard errors; exact: the gradient; score_variance, path_variance: of one
             draw, exact; edges: (B + 1,) bins of both histograms; score_counts, path_counts:
             (B + 2,) draws in each bin, the first and the last are those beyond the edges;
             text: the finding in words.
    """

    state: GradientState
    draws: np.ndarray
    score_mean: np.ndarray
    score_error: np.ndarray
    path_mean: np.ndarray
    path_error: np.ndarray
    exact: float
    score_variance: float
    path_variance: float
    edges: np.ndarray
    score_counts: np.ndarray
    path_counts: np.ndarray
    text: str


def gradient_picture(state: GradientState) -> GradientPicture:
    """Everything the explorer shows, computed without a browser; `math.js` agrees."""
    ends, running = _running(state)
    exact, *variances = exact_numbers(state)
    edges = _edges(exact, math.sqrt(max(*variances, 1e-6)))
    counts = [_counts(terms, edges) for terms in gradients(state)]
    text = finding(state, exact, running[:, -1], variances)
    return GradientPicture(state, ends, *running, exact, *variances, edges, *counts, text)


def gradients(state: GradientState) -> tuple[np.ndarray, np.ndarray]:
    """What each draw says: score function and pathwise, shape (n,) each.

    Source:  eq. 4.3 and 4.5 of the course.
    """
    f, score, path = _parts(state)
    return _score_terms(f, score, baseline=state.baseline), path


class GradientExplorer(explorer_of(GradientState, gradient_picture, draw, files=FILES, css=CSS)):
    """The thin view: its traits are the state, everything else is computed where it is shown.

    Raises:  ValueError, as GradientState does, on assignment too.
    """

    def __repr__(self) -> str:
        *values, parameter, baseline = astuple(self.state)
        call = f"{', '.join(map(repr, values))}, {parameter=}, {baseline=}"
        return f"gradient_explorer({call}): {self.picture.text}"


def gradient_explorer(
    f: str = "z^2",
    mu: float = 1.0,
    sigma: float = 0.5,
    n: int = 1000,
    seed: int = 0,
    *,
    parameter: str = "mu",
    baseline: bool = False,
) -> GradientExplorer:
    """An explorer of the score-function and the pathwise gradient of E f(z), z ~ N(mu, sigma^2).

    Args:    as in GradientState; each can be moved on the page and set from Python (w.mu = 2).
    Raises:  ValueError if a value is unknown or out of its range.
    """
    return GradientExplorer(
        f=f, mu=mu, sigma=sigma, n=n, seed=seed, parameter=parameter, baseline=baseline
    )


def _parts(state: GradientState) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f(z), the slope of log q in the parameter, and the pathwise gradient: shape (n,) each."""
    eps, z = standard_normals(state.seed, state.n, 1)[:, 0], draws(state)
    f, slope = FUNCTIONS[state.f].value(z), FUNCTIONS[state.f].slope(z)
    if state.parameter == "mu":
        return f, eps / state.sigma, slope
    return f, (eps * eps - 1) / state.sigma, slope * eps


def _score_terms(f: np.ndarray, score: np.ndarray, *, baseline: bool) -> np.ndarray:
    """f minus the mean of the others is n / (n - 1) times f minus the mean of all."""
    return (f - f.mean()) * (len(f) / (len(f) - 1)) * score if baseline else f * score


def _running(state: GradientState) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of draws (G,); mean and error of the score function and of pathwise: (4, G)."""
    ends = np.unique(np.floor(10 ** (np.arange(161) / 40) + 0.5).astype(int))
    ends = np.append(ends[(ends > 1) & (ends < state.n)], state.n)
    f, score, path = _parts(state)
    rows = []
    for n in ends.tolist():  # the baseline of n draws knows nothing of those to come
        terms = _score_terms(f[:n], score[:n], baseline=state.baseline)
        rows.append((*_mean_and_error(terms), *_mean_and_error(path[:n])))
    return ends, np.array(rows).T


def _mean_and_error(terms: np.ndarray) -> tuple[float, float]:
    n, mean = len(terms), terms.mean()
    return mean, math.sqrt(((terms - mean) ** 2).sum() / (n - 1) / n)


def _edges(exact: float, sd: float) -> np.ndarray:
    """Bins over three standard deviations to each side, at places that read well."""
    width = next(step for step in STEPS if step >= 0.075 * sd)
    low = 5 * math.floor((exact - 3 * sd) / (5 * width))
    high = 5 * math.ceil((exact + 3 * sd) / (5 * width))
    return width * np.arange(low, high + 1)


def _counts(terms: np.ndarray, edges: np.ndarray) -> np.ndarray:
    bins = len(edges) - 1
    place = np.floor((terms - edges[0]) / ((edges[-1] - edges[0]) / bins))
    return np.bincount(np.clip(place, -1, bins).astype(int) + 1, minlength=bins + 2)
