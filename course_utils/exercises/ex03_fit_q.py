"""Notebook 03, E3.5: what people maximise instead of the ELBO, and the hint for each."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from course_utils.exercises._exercise import Mistake


@dataclass(frozen=True)
class Table:
    """The inputs of E3.5 and, for every q of its grid (M, V), what an answer may need."""

    log_joint: Tensor
    z: Tensor
    mus: Tensor
    log_vars: Tensor

    @property
    def step(self) -> Tensor:
        """The spacing of z."""
        return self.z[1] - self.z[0]

    def log_q_with(self, variance: Tensor) -> Tensor:
        """Log N(z; mu, variance), (M, V, G), for another reading of log_vars (V,)."""
        squared = (self.z - self.mus[:, None, None]) ** 2
        return -0.5 * ((2 * math.pi * variance).log()[:, None] + squared / variance[:, None])

    @cached_property
    def log_q(self) -> Tensor:
        """Log q(z), (M, V, G)."""
        return self.log_q_with(self.log_vars.exp())

    @cached_property
    def expected(self) -> Tensor:
        """E_q log p(x, z), (M, V)."""
        return self.mean(self.log_joint)

    @property
    def entropy(self) -> Tensor:
        """H(q), (V,)."""
        return 0.5 * (math.log(2 * math.pi) + 1 + self.log_vars)

    def mean(self, of: Tensor) -> Tensor:
        """E_q of a function on the grid."""
        return (self.log_q.exp() * of).sum(-1) * self.step

    def elbo(self) -> Tensor:
        """What the task asks to maximise."""
        return self.expected + self.entropy

    def at(self, i: Tensor | int, j: Tensor | int) -> tuple[Tensor, Tensor]:
        """The q of row i and column j."""
        return self.mus[i], self.log_vars[j]

    def best(self, score: Tensor) -> tuple[Tensor, Tensor]:
        """The q with the largest score (M, V)."""
        return self.at(*divmod(int(score.argmax()), len(self.log_vars)))


def _by(score: Callable[[Table], Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    """Another score in place of the ELBO."""

    def wrong(*args: Tensor) -> tuple[Tensor, Tensor]:
        table = Table(*args)
        return table.best(score(table))

    return wrong


def _from_elbo(pick: Callable[[Table, Tensor], tuple]) -> Callable[..., tuple[Tensor, Tensor]]:
    """The right ELBO, read in another way."""

    def wrong(*args: Tensor) -> tuple[Tensor, Tensor]:
        table = Table(*args)
        return pick(table, table.elbo())

    return wrong


def _mu_first(table: Table, elbo: Tensor, column: int) -> tuple[Tensor, Tensor]:
    i = elbo[:, column].argmax()
    return table.at(i, elbo[i].argmax())


def _width_first(table: Table, elbo: Tensor, row: int) -> tuple[Tensor, Tensor]:
    j = elbo[row].argmax()
    return table.at(elbo[:, j].argmax(), j)


def _indices(table: Table, elbo: Tensor) -> tuple[Tensor, Tensor]:
    i, j = divmod(int(elbo.argmax()), len(table.log_vars))
    return torch.tensor(i), torch.tensor(j)


def _rows_mistaken(table: Table, elbo: Tensor) -> tuple[Tensor, Tensor]:
    i, j = divmod(int(elbo.argmax()), len(table.mus))
    return table.at(i, j)


def _columns_mistaken(table: Table, elbo: Tensor) -> tuple[Tensor, Tensor]:
    j, i = divmod(int(elbo.argmax()), len(table.mus))
    return table.at(i, j)


def _with_variance(of: Callable[[Tensor], Tensor]) -> Callable[[Table], Tensor]:
    """The ELBO of a q whose variance is another function of log_var, in both terms."""

    def score(table: Table) -> Tensor:
        log_q = table.log_q_with(of(table.log_vars))
        return (log_q.exp() * (table.log_joint - log_q)).sum(-1) * table.step

    return score


def _density_with_variance(of: Callable[[Tensor], Tensor]) -> Callable[[Table], Tensor]:
    """The same in the density alone; the entropy is right."""

    def score(table: Table) -> Tensor:
        q = table.log_q_with(of(table.log_vars)).exp()
        return (q * table.log_joint).sum(-1) * table.step + table.entropy

    return score


def _forward(table: Table) -> Tensor:
    """E of log q under the posterior."""
    return (torch.softmax(table.log_joint, 0) * table.log_q).sum(-1)


def _moments(table: Table, elbo: Tensor) -> tuple[Tensor, Tensor]:
    """The candidates nearest to the posterior's own mean and log-variance."""
    p = torch.softmax(table.log_joint, 0)
    mean = (p * table.z).sum()
    log_var = (p * (table.z - mean) ** 2).sum().log()
    return table.at((table.mus - mean).abs().argmin(), (table.log_vars - log_var).abs().argmin())


def _bump(table: Table) -> Tensor:
    """Q without its normalising constant, (M, V, G)."""
    return table.log_q + 0.5 * (2 * math.pi * table.log_vars.exp()).log()[:, None]


def _kl_to_prior(table: Table) -> Tensor:
    return 0.5 * (table.mus[:, None] ** 2 + table.log_vars.exp() - 1 - table.log_vars)


FIT_Q = (
    Mistake(
        "no entropy",
        _by(lambda table: table.expected),
        "Your q has shrunk to the smallest variance on the grid: nothing in your score rewards "
        "width. Equation 3.15 has a second term, the entropy H(q), and it is added.",
        also_wrong=(_by(lambda table: table.expected - table.entropy),),
    ),
    Mistake(
        "the least",
        _by(lambda table: -table.elbo()),
        "That is the q with the *least* ELBO of the grid. Bounds are raised: which end of the "
        "list do you want?",
    ),
    Mistake(
        "forward KL",
        _by(_forward),
        "That q has the posterior's own mean and variance: it minimises KL(p || q), whose average "
        "runs under the posterior (equation 3.16). In the ELBO both averages run under q.",
        also_wrong=(_from_elbo(_moments),),
    ),
    Mistake(
        "no weights",
        _by(lambda table: (table.log_joint - table.log_q).sum(-1)),
        "The points of the z grid do not have q's weights in your sum: all count alike, or with "
        "log q(z). An expectation under q weighs each point with q(z) times the spacing.",
        also_wrong=(
            _by(
                lambda table: table.log_joint.sum() * table.step + table.entropy + 0 * table.elbo()
            ),
            _by(lambda table: -(table.log_joint - table.log_q).sum(-1)),
            _by(lambda table: (table.log_q * table.log_joint).sum(-1) * table.step + table.entropy),
            _by(lambda table: (table.log_q * (table.log_joint - table.log_q)).sum(-1)),
        ),
    ),
    Mistake(
        "sigma for variance",
        _by(_with_variance(lambda log_var: (2 * log_var).exp())),
        "A standard deviation and a variance have changed places: q's variance is exp(log_var), "
        "its standard deviation exp(log_var / 2), which `torch.distributions.Normal` wants.",
        also_wrong=(
            _by(_with_variance(lambda log_var: (log_var / 2).exp())),
            _by(_density_with_variance(lambda log_var: (2 * log_var).exp())),
            _by(_density_with_variance(lambda log_var: (log_var / 2).exp())),
        ),
    ),
    Mistake(
        "entropy of another size",
        _by(lambda table: table.expected + 2 * table.entropy),
        "The entropy has the wrong size: H(q) = 1/2 log(2 pi e v) with v the variance, so 1/2 "
        "log_var and a constant.",
        also_wrong=(
            _by(lambda table: table.expected + table.entropy / 2),
            _by(lambda table: table.expected + table.log_vars.exp()),
            _by(lambda table: table.expected + table.log_vars.exp() / 2),
        ),
    ),
    Mistake(
        "log of the average",
        _by(lambda table: table.mean(table.log_joint.exp()).log()),
        "Your first term is the log of E_q p(x, z), or that average itself. Equation 3.15 averages "
        "log p(x, z): `log_joint` as it comes, without exp.",
        also_wrong=(
            _by(lambda table: table.mean(table.log_joint.exp()).log() + table.entropy),
            _by(lambda table: table.mean(table.log_joint.exp()) + table.entropy),
        ),
    ),
    Mistake(
        "spacing forgotten",
        _by(lambda table: table.expected / table.step + table.entropy),
        "Your first term is a sum over the grid, the entropy is a number of nats: without the "
        "spacing z[1] - z[0] (or weights that add up to 1) the sum is not the integral.",
        also_wrong=(_by(lambda table: table.expected / table.step / len(table.z) + table.entropy),),
    ),
    Mistake(
        "q not normalised",
        _by(
            lambda table: (
                (_bump(table).exp() * table.log_joint).sum(-1) * table.step + table.entropy
            )
        ),
        "Your q has lost its factor 1 / sqrt(2 pi v), so its weights do not add up to 1, and a "
        "narrow q seems to pay less. Write log q with its log(2 pi v), or divide by the sum of the "
        "weights.",
        also_wrong=(
            _by(
                lambda table: (
                    (_bump(table).exp() * (table.log_joint - _bump(table))).sum(-1) * table.step
                )
            ),
        ),
    ),
    Mistake(
        "prior twice",
        _by(lambda table: table.expected - _kl_to_prior(table)),
        "p(z) is in there twice: log p(x, z) contains log p(z) already, and KL(q || p(z)) brings "
        "it again. With the joint density the second term is the entropy (equation 3.15).",
    ),
    Mistake(
        "index for value",
        _from_elbo(_indices),
        "You return the places in the lists. Asked for are the numbers there, `mus[i]` and "
        "`log_vars[j]`.",
    ),
    Mistake(
        "table misread",
        _from_elbo(_rows_mistaken),
        "The largest ELBO is right, but not read back to its row and column. The (M, V) table is "
        "flattened row by row, and a row has V entries: row `k // V`, column `k % V`.",
        also_wrong=(_from_elbo(_columns_mistaken),),
    ),
    Mistake(
        "one after the other",
        _from_elbo(lambda table, elbo: _mu_first(table, elbo, 0)),
        "You fix one of the two, find the best other, and stop. Where the posterior has two modes "
        "the best mean depends on the variance: compare all pairs.",
        also_wrong=(
            _from_elbo(lambda table, elbo: _mu_first(table, elbo, -1)),
            _from_elbo(lambda table, elbo: _width_first(table, elbo, 0)),
            _from_elbo(lambda table, elbo: _width_first(table, elbo, -1)),
            _from_elbo(lambda table, elbo: table.at(elbo[:, 0].argmax(), elbo[0].argmax())),
            _from_elbo(lambda table, elbo: table.at(elbo.mean(1).argmax(), elbo.mean(0).argmax())),
        ),
    ),
    Mistake(
        "order",
        _from_elbo(lambda table, elbo: table.best(elbo)[::-1]),
        "Both numbers are right and in the wrong order: first mu, then log_var.",
    ),
    Mistake(
        "variance returned",
        _from_elbo(lambda table, elbo: (table.best(elbo)[0], table.best(elbo)[1].exp())),
        "mu is right; the second number should be log_var as it stands in the list, not the "
        "variance or sigma.",
        also_wrong=(
            _from_elbo(lambda table, elbo: (table.best(elbo)[0], (table.best(elbo)[1] / 2).exp())),
        ),
    ),
    Mistake(
        "one of two",
        _from_elbo(lambda table, elbo: (table.best(elbo)[0], elbo.max())),
        "mu is right; the second number should be log_var, not the largest ELBO.",
    ),
)
