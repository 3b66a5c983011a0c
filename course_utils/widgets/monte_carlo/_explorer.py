"""The explorer of notebook 02: move a model and its draws, and see an average hold or fail.

The model is z ~ N(0, I_L), x | z ~ N(z, sigma^2 I_L), with x = (1, ..., 1) observed: of typical
length, and with log p(x) known. Draws z = mu + s eps come from a q between the prior (naive Monte
Carlo) and the exact posterior. With S1 = sum_j eps_j and S2 = sum_j eps_j^2 a log-weight is
c0 + c1 S1 + c2 S2, so that a move costs one multiplication per draw and no random numbers.
"""

import math
from dataclasses import astuple, dataclass
from functools import partial

import numpy as np

from course_utils.densities import LOG_2PI
from course_utils.estimators import TRUST
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets._shared.state import State, number
from course_utils.widgets._shared.view import SHARED, explorer_of
from course_utils.widgets._shared.words import sayer, signed
from course_utils.widgets.monte_carlo._still import draw_still

LARGEST = 30  # how many weights are shown one by one
TABLE = "monte_carlo/words.toml"
OWN = ("monte_carlo/math.js", "monte_carlo/pictures.js", "monte_carlo/explorer.js")
FILES = (TABLE, *SHARED, "_shared/normals.js", "_shared/running.js", *OWN)
say = sayer(TABLE)


@dataclass(frozen=True)
class MonteCarloState(State):
    """What a learner can move.

    Args:    dimension: L = D, 1 to 20; sigma: standard deviation of the noise, 0.05 to 1;
             n: number of draws, 10 to 100 000; seed: which draws, 0 to 99;
             proposal: where they come from, 0 the prior, 1 the exact posterior, and between.
    Raises:  ValueError if a value is no number, not whole where it has to be, or out of range.
    """

    dimension: int = number(2, (1, 20))
    sigma: float = number(0.3, (0.05, 1.0))
    n: int = number(1000, (10, 100_000))
    seed: int = number(0, (0, 99))
    proposal: float = number(0.0, (0.0, 1.0))


@dataclass(frozen=True, eq=False)
class MonteCarloPicture:
    """What the explorer shows for one state.

    Args:    draws: (G,) how many draws each running value rests on, about log-spaced, up to n;
             estimate, std_error: (G,) log p(x) and its error by the delta method, nats;
             ess: (G,) effective sample size, where it is below 10 the error is void;
             exact: log p(x), nats; shares: (30,) the largest weights over the sum of all;
             others: the share of all other draws; log10_needed: log10 of the draws for which the
             relative error of p(x) is 10 %, in closed form; text: the finding in words.
    """

    state: MonteCarloState
    draws: np.ndarray
    estimate: np.ndarray
    std_error: np.ndarray
    ess: np.ndarray
    exact: float
    shares: np.ndarray
    others: float
    log10_needed: float
    text: str


def monte_carlo_picture(state: MonteCarloState) -> MonteCarloPicture:
    """Everything the explorer shows, computed without a browser; `math.js` agrees."""
    log_w, draws = log_weights(state), _running_ends(state.n)
    running = estimate, std_error, ess = _running(log_w, draws)
    top = np.sort(np.partition(log_w, -min(LARGEST, state.n))[-LARGEST:])[::-1]
    shares = np.exp(top - estimate[-1] - math.log(state.n))
    text = _finding(state, estimate[-1], std_error[-1], ess[-1], top_share=shares[0])
    weights = shares, max(0.0, 1 - shares.sum()), log10_draws_needed(state)
    return MonteCarloPicture(state, draws, *running, exact_log_px(state), *weights, text)


def log_weights(state: MonteCarloState) -> np.ndarray:
    """Log p(x | z_i) + log p(z_i) - log q(z_i) of all draws: shape (n,), nats.

    All equal to log p(x) when the draws come from the posterior.
    """
    (m, v, mu, s), sigma = _normals_of(state), state.sigma
    eps = standard_normals(state.seed, state.n, state.dimension)
    noise, residual = 0.5 * (LOG_2PI + 2 * math.log(sigma)), (1 - mu) / sigma
    c0 = state.dimension * (math.log(s) - noise - 0.5 * residual**2 - 0.5 * mu**2)
    c1, c2 = s * (m - mu) / v, 0.5 * (1 - s * s / v)
    return c0 + c1 * eps.sum(axis=1) + c2 * (eps**2).sum(axis=1)


def exact_log_px(state: MonteCarloState) -> float:
    """L log N(1; 0, 1 + sigma^2), nats."""
    variance = 1 + state.sigma**2
    return -0.5 * state.dimension * (LOG_2PI + math.log(variance) + 1 / variance)


def log10_draws_needed(state: MonteCarloState) -> float:
    """log10 of the n for which p(x) has a relative error of 10 %; 0 if one draw does.

    n = relvar / 0.01, where 1 + relvar = E_q[w^2] / p(x)^2 is a product over the dimensions. It
    is finite for every q here, since none is narrower than the posterior.
    """
    m, v, mu, s = _normals_of(state)
    a, b = 1 / v, 1 / s**2
    moment = math.log(a) - 0.5 * math.log(b * (2 * a - b)) + a * b * (m - mu) ** 2 / (2 * a - b)
    y = state.dimension * moment
    if y < 1e-12:
        return 0.0
    return max(0.0, 2 + (y + math.log(-math.expm1(-y))) / math.log(10))


draw = partial(draw_still, log10_needed=log10_draws_needed)


class MonteCarloExplorer(explorer_of(MonteCarloState, monte_carlo_picture, draw, files=FILES)):
    """The thin view: its traits are the state, everything else is computed where it is shown.

    Raises:  ValueError, as MonteCarloState does, on assignment too.
    """

    def __repr__(self) -> str:
        return f"monte_carlo_explorer{astuple(self.state)}: {self.picture.text}"


def monte_carlo_explorer(
    dimension: int = 2, sigma: float = 0.3, n: int = 1000, seed: int = 0, proposal: float = 0.0
) -> MonteCarloExplorer:
    """An explorer of naive Monte Carlo and importance sampling on a model whose log p(x) is known.

    Args:    as in MonteCarloState; each can be moved on the page and set from Python (w.sigma = 1).
    Raises:  ValueError if a value is out of its range.
    """
    return MonteCarloExplorer(dimension=dimension, sigma=sigma, n=n, seed=seed, proposal=proposal)


def _normals_of(state: MonteCarloState) -> tuple[float, float, float, float]:
    """Mean and variance of the posterior, mean and sd of q, the same in each dimension."""
    m = 1 / (1 + state.sigma**2)
    v = state.sigma**2 / (1 + state.sigma**2)
    return m, v, state.proposal * m, math.exp(state.proposal * 0.5 * math.log(v))


def _running_ends(n: int) -> np.ndarray:
    """About 40 counts a decade up to n; the same ones for every n, so that a curve only grows."""
    ends = np.unique(np.floor(10 ** (np.arange(201) / 40) + 0.5).astype(int))
    return np.append(ends[ends < n], n)


def _running(log_w: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Log mean w, its standard error and ESS after each of the ends: shape (3, G).

    Chunks are merged by Chan's formula: with equal weights the error is exactly zero.
    """
    rows, start, top, mean, dev = [], 0, -math.inf, 0.0, 0.0
    for end in ends.tolist():
        chunk, k = log_w[start:end], end - start
        new_top = max(top, chunk.max())
        w = np.exp(chunk - new_top)
        shrink = math.exp(top - new_top)
        delta = w.mean() - mean * shrink
        dev = dev * shrink**2 + ((w - w.mean()) ** 2).sum() + delta**2 * (start * k / end)
        mean = mean * shrink + delta * (k / end)
        top, start = new_top, end
        relative = dev / (end * mean**2)
        rows.append((math.log(mean) + top, math.sqrt(relative / end), end / (1 + relative)))
    return np.array(rows).T


def _finding(
    state: MonteCarloState, value: float, error: float, ess: float, *, top_share: float
) -> str:
    """One sentence each for the estimate, and for what it rests on."""
    exact, n = exact_log_px(state), _needed(log10_draws_needed(state))
    end = {0.0: "prior", 1.0: "posterior"}.get(state.proposal, "between")
    source = say(end, percent=math.floor(100 * state.proposal + 0.5))
    noun = say("dimension" if state.dimension == 1 else "dimensions")
    asked = {"n": state.n, "source": source, "dimension": state.dimension, "noun": noun}
    bar = say("void" if ess < TRUST else "bar", error=f"{error:z.2f}")
    found = {"value": signed(value), "bar": bar, "exact": signed(exact)}
    share = f"{100 * top_share:z.{1 if top_share < 0.1 else 0}f} %"
    size = f"{ess:z.1f}" if ess < 100 else f"{math.floor(ess + 0.5):,}"
    rests_on = {"miss": _miss(value - exact), "ess": size, "share": share}
    needed = say("one_draw" if n == "1" else "draws", n=n)
    return say("finding", sigma=f"{state.sigma:.3g}", **asked, **found, **rests_on, needed=needed)


def _miss(miss: float) -> str:
    size = f"{abs(miss):z.2f}"
    return say("right" if size == "0.00" else "low" if miss < 0 else "high", size=size)


def _needed(log10: float) -> str:
    n = math.floor(10 ** min(log10, 3) + 0.5)
    return str(n) if n < 1000 else f"10^{log10:z.1f}"
