"""The explorer of notebook 03: drag q over the exact posterior, and see log p(x) = ELBO + gap.

One latent z ~ N(0, 1) and one observation x. The model's parameter is a, q is N(mu, exp(log_var));
every number has a closed form or a quadrature that is exact to rounding (`_math.py`).
"""

import math
from dataclasses import astuple, dataclass, replace
from functools import cache

import numpy as np

from course_utils.widgets._shared.state import State, choice, number
from course_utils.widgets._shared.view import SHARED, explorer_of
from course_utils.widgets._shared.words import sayer, signed
from course_utils.widgets.elbo import _math as maths
from course_utils.widgets.elbo._still import draw_still

TABLE = "elbo/words.toml"
FILES = (TABLE, *SHARED, "elbo/math.js", "elbo/pictures.js", "elbo/explorer.js")
CSS = ("elbo/explorer.css",)
RANGES = {"mu": (-4, 4), "log_var": (-6, 2), "a": (-3, 3)}
Z = np.arange(-200, 201) / 50
A = np.arange(-60, 61) / 20
SAME = 1e-9  # nats: rounding, not a difference
say = sayer(TABLE)


@dataclass(frozen=True)
class ElboState(State):
    """What a learner can move.

    Args:    model: "linear", x | z ~ N(a z + 0.3, 0.5^2) with x = 2, or "two roots",
             x | z ~ N(a z^2, 0.3^2) with x = 1.5; mu: mean of q, -4 to 4; log_var: log of the
             variance of q, -6 to 2; a: the model's parameter, -3 to 3.
    Raises:  ValueError if the model is unknown, or a value is no number or out of range.
    """

    model: str = choice("linear", maths.MODELS)
    mu: float = number(0.5, RANGES["mu"])
    log_var: float = number(math.log(0.5), RANGES["log_var"])
    a: float = number(0.5, RANGES["a"])


@dataclass(frozen=True, eq=False)
class ElboPicture:
    """What the explorer shows for one state; everything in nats but the densities.

    Args:    z: (401,) -4 to 4; prior, posterior, q: (401,) densities p(z), p(z | x) and q(z);
             log_px: log p(x); elbo = rec - kl; rec: E_q log p(x | z); kl: KL(q || p(z));
             gap: KL(q || p(z | x)), computed from q and the posterior alone;
             a_grid: (121,) -3 to 3; log_px_of_a, elbo_of_a: (121,) the same q with another a;
             best_a, best_elbo: where the ELBO of this q is highest, and how high;
             text: the finding in words.
    """

    state: ElboState
    z: np.ndarray
    prior: np.ndarray
    posterior: np.ndarray
    q: np.ndarray
    log_px: float
    elbo: float
    rec: float
    kl: float
    gap: float
    a_grid: np.ndarray
    log_px_of_a: np.ndarray
    elbo_of_a: np.ndarray
    best_a: float
    best_elbo: float
    text: str


def elbo_picture(state: ElboState) -> ElboPicture:
    """Everything the explorer shows, computed without a browser; `math.js` agrees."""
    model, mu, log_var, a = astuple(state)
    rec, kl = maths.reconstruction(model, mu, log_var, a), maths.kl_to_prior(mu, log_var)
    log_px, gap = maths.log_evidence(model, a), maths.gap_to_posterior(model, mu, log_var, a)
    terms = {"log_px": log_px, "elbo": rec - kl, "rec": rec, "kl": kl, "gap": gap}
    posterior = np.exp(maths.log_posterior_at(model, Z, a))
    densities = _normal(Z, 0.0, 0.0), posterior, _normal(Z, mu, log_var)
    best_a = m_step(state).a
    *elbo_of_a, best = (maths.reconstruction(model, mu, log_var, b) - kl for b in (*A, best_a))
    of_a = _evidence_of_a(model), np.array(elbo_of_a), best_a, best
    text = _finding(state, **terms)
    return ElboPicture(state, Z, *densities, *terms.values(), A, *of_a, text)


def e_step(state: ElboState) -> ElboState:
    """The same a, and the q to which gradient ascent of the ELBO leads from the present one.

    Linear: the posterior. Two roots: one of the tops that a normal can reach, and which one depends
    on where q is now.
    """
    mu, log_var = maths.best_q(*astuple(state))
    return replace(state, mu=mu, log_var=log_var)


def m_step(state: ElboState) -> ElboState:
    """The same q, and the a with the highest ELBO, between -3 and 3; eq. 3.14."""
    low, high = RANGES["a"]
    a = maths.best_a(state.model, state.mu, state.log_var)
    return replace(state, a=min(high, max(low, a)))


class ElboExplorer(explorer_of(ElboState, elbo_picture, draw_still, files=FILES, css=CSS)):
    """The thin view: its traits are the state, everything else is computed where it is shown.

    Raises:  ValueError, as ElboState does, on assignment too.
    """

    def __repr__(self) -> str:
        model, *values = astuple(self.state)
        call = ", ".join([repr(model), *(f"{value:.4g}" for value in values)])
        return f"elbo_explorer({call}): {self.picture.text}"


def elbo_explorer(
    model: str = ElboState.model,
    mu: float = ElboState.mu,
    log_var: float = ElboState.log_var,
    a: float = ElboState.a,
) -> ElboExplorer:
    """An explorer of log p(x) = ELBO + gap and ELBO = rec - KL, on models whose posterior is known.

    Args:    as in ElboState; each can be moved on the page and set from Python (w.mu = 0.3).
    Raises:  ValueError if the model is unknown or a value is out of its range.
    """
    return ElboExplorer(model=model, mu=mu, log_var=log_var, a=a)


def _normal(z: np.ndarray, mu: float, log_var: float) -> np.ndarray:
    return np.exp(-0.5 * (maths.LOG_2PI + log_var + (z - mu) ** 2 / math.exp(log_var)))


@cache
def _evidence_of_a(model: str) -> np.ndarray:
    return np.array([maths.log_evidence(model, a) for a in A])


def _finding(state: ElboState, **terms: float) -> str:
    """Where q is, the two identities in numbers, and what the gap means."""
    model, *q_and_a = astuple(state)
    values = dict(zip(RANGES, q_and_a, strict=True)) | terms
    numbers = {name: signed(value) for name, value in values.items()}
    sd, meaning = signed(math.exp(state.log_var / 2)), _meaning(state, terms["gap"])
    return say("finding", **numbers, name=model.capitalize(), sd=sd, meaning=meaning)


def _meaning(state: ElboState, gap: float) -> str:
    if gap < SAME:
        return say("posterior")
    below, best = say("little") if gap < 0.005 else signed(gap), e_step(state)
    if max(abs(best.mu - state.mu), abs(best.log_var - state.log_var)) > SAME:
        return say("not_posterior", below=below)
    return say("at_a_top", below=below, why=say(_why_short(state, gap)))


def _why_short(state: ElboState, gap: float) -> str:
    """What a normal at a top of its ELBO still lacks; the posterior of two roots is not normal."""
    if state.mu:
        return "half" if abs(gap - math.log(2)) < 0.05 else "one_mode"
    return "not_normal" if maths.tops(state.a)[1] is None else "both_modes"
