"""Annealed importance sampling: from the prior to the posterior in small steps, or back again."""

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Generator, Tensor

from course_utils._require import require_count, require_finite, require_fit, require_generator
from course_utils.estimators._arithmetic import flush_denormals
from course_utils.estimators._bounds import require_model_and_x
from course_utils.estimators._evidence import Estimate, Weights, chunks, name_of
from course_utils.toys import LatentModel

LEAPS = 3  # leapfrog steps of one Hamiltonian move
TARGET = 0.65  # share of moves accepted that the pilot aims at: Neal (2011), section 4.4
FURTHEST = 1e3  # a chain that leaps beyond it stays where it was, as its way back would
KNOTS = 20  # temperatures at which the pilot notes a step size; between them it is interpolated
PILOT = 10  # chains of the pilot, at most
# log of how many times longer the last step in beta is than the first, or nearly. At the same cost
# the two sides of mnist-20d (12 images, 8 chains) were .8 nats apart, and 4 on an s-shaped way.
STEEPNESS = 4.0


@dataclass(frozen=True)
class _Path:
    """The densities p(z) p(x | z)^beta between prior (beta = 0) and posterior (beta = 1)."""

    model: LatentModel
    x: Tensor  # (B, D)
    z: Tensor | None  # (B, L), where chains begin that go back from the posterior
    generator: Generator | None

    def start(self, k: int) -> Tensor:
        """Where k chains begin: (k, B, L)."""
        batch, draw = len(self.x), partial(self.model.sample_prior, generator=self.generator)
        # A prior gives (k, L), or (k, B, L) if every x has its own.
        at = draw(k) if self.z is None else self.z.expand(k, batch, -1)
        if at.dim() == 2:
            at = draw(k * batch).unflatten(0, (k, batch))
        return at.to(self.slope(at[:1], 0.0))

    def terms(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Log p(z) and log p(x | z): z (k, B, L) -> two of (k, B)."""
        return self.model.log_prior(z), self.model.log_likelihood(self.x, z)

    def slope(self, z: Tensor, beta: float) -> Tensor:
        """Of the log-density at beta, in z: (k, B, L)."""
        with torch.enable_grad():
            z = z.detach().requires_grad_()
            log_prior, log_likelihood = self.terms(z)
            return torch.autograd.grad((log_prior + beta * log_likelihood).sum(), z)[0]

    def move(self, z: Tensor, beta: float, step: Tensor) -> tuple[Tensor, Tensor]:
        """One Hamiltonian move that leaves the density at beta as it is: z (k, B, L), step (B, 1).

        Returns: where each chain is now, and whether it accepted, (k, B).
        """

        def energy(z: Tensor, speed: Tensor) -> Tensor:
            log_prior, log_likelihood = self.terms(z)
            return 0.5 * (speed**2).sum(dim=-1) - log_prior - beta * log_likelihood  # (k, B)

        noise = {"generator": self.generator, "dtype": z.dtype, "device": z.device}
        begun = torch.randn(z.shape, **noise)
        there, speed = z, begun + 0.5 * step * self.slope(z, beta)
        lost = torch.zeros_like(z[..., 0], dtype=torch.bool)  # (k, B)
        for left in reversed(range(LEAPS)):
            there = there + step * speed
            lost |= ~(there.abs() < FURTHEST).all(dim=-1)  # also where it is NaN
            there = torch.where(lost[..., None], z, there)
            speed = speed + (step if left else 0.5 * step) * self.slope(there, beta)
        loss = energy(there, speed) - energy(z, begun)  # (k, B)
        accepted = (torch.rand(loss.shape, **noise).log() < -loss) & ~lost
        return torch.where(accepted[..., None], there, z), accepted


def _betas(n_temperatures: int) -> list[float]:
    """From 0 to 1 in n_temperatures steps, each longer than the last by the same factor."""
    way = torch.linspace(0, STEEPNESS, n_temperatures + 1, dtype=torch.float64).expm1()
    return (way / way[-1]).tolist()


@torch.no_grad()
@flush_denormals()
def annealed_importance_sampling(
    model: LatentModel,
    x: Tensor,
    n_chains: int,
    n_temperatures: int,
    *,
    z: Tensor | None = None,
    generator: Generator | None = None,
) -> Estimate:
    """Estimate p(x) by chains that go from the prior to the posterior, or with z back from it.

    A chain starts at a draw from the prior and makes a Hamiltonian move at each of many densities
    p(z) p(x | z)^beta, beta from 0 to 1; its weight is unbiased for p(x), so that log p(x) is on
    average below the truth. With z, latents from which x was drawn, hence exact draws from
    p(z | x), chains go the other way, their weights are unbiased for 1 / p(x), and log p(x) comes
    out above: the truth lies between the two.

    Args:    model: a LatentModel; x: (B, D) or (B, H, W); n_chains: weights for each x;
             n_temperatures: moves of a chain; z: None, or (B, L), x[i] having been drawn given
             z[i].
    Returns: Estimate with (B,) tensors, nats, and `acceptance`, (B,), the share of moves accepted;
             step sizes are tuned for each x in a pilot and then held, since a chain that adapts is
             no longer unbiased.
    Raises:  ValueError if a count is below 1, z is not one row for each x, or the model refuses x.
    Source:  Neal (2001); Wu et al. (2017) for both directions; Neal (2011) for Hamiltonian moves.
    """
    require_model_and_x(model, x)
    require_count(n_chains=n_chains, n_temperatures=n_temperatures)
    require_generator(generator)
    path, betas = _Path(model, x, z, generator), _betas(n_temperatures)
    if z is not None:
        shape = (len(x), model.latent_dim)
        ways = ("{}[:, None]", "{}.t()")
        require_fit(f"{shape}, one for each x", lambda t: tuple(t.shape) == shape, ways, z=z)
        require_finite(z=z)
    moves_each = min(10, 1 + n_temperatures // KNOTS)  # about as long as a short flight
    # From the prior in both directions: a step that has seen z would bias what z is weighed by.
    steps = _tune(replace(path, z=None), min(n_chains, PILOT), moves_each, n_temperatures)
    weights, moves = Weights(len(x)), torch.zeros(len(x))
    for k in chunks(n_chains, x.numel()):
        at = path.start(k)
        log_w = torch.zeros(at.shape[:2], dtype=torch.float64)  # (k, B)
        pairs = list(zip(betas, betas[1:], steps, strict=False))
        for low, high, step in pairs if z is None else reversed(pairs):
            if z is not None:
                at, accepted = path.move(at, high, step)
            change = (high - low) * path.terms(at)[1]  # (k, B)
            log_w += change if z is None else -change
            if z is None:
                at, accepted = path.move(at, high, step)
            moves += accepted.double().sum(dim=0).to(moves)
        weights.add(log_w)
    found = weights.estimate(name_of(model, x))
    log_px = found.log_px if z is None else -found.log_px
    return replace(found, log_px=log_px, acceptance=moves / (n_chains * n_temperatures))


def _tune(path: _Path, k: int, moves_each: int, n_temperatures: int) -> Tensor:
    """A step size for each temperature and x, from a pilot that adapts them: (T, B, 1)."""
    at = path.start(k)
    step, knots = torch.full((len(path.x), 1), 0.2).to(at), []
    for beta in _betas(KNOTS):
        for _ in range(moves_each):
            at, accepted = path.move(at, beta, step)
            share = accepted.double().mean(dim=0)[:, None].to(step)  # (B, 1)
            step = step * (share - TARGET).mul(0.5).exp()
        knots.append(step)
    places = torch.linspace(0, KNOTS, n_temperatures + 1)[1:]  # (T,), of the ends of all steps
    low = places.long().clamp(max=KNOTS - 1)
    logs, part = torch.stack(knots).log(), (places - low)[:, None, None].to(at)  # (KNOTS + 1, B, 1)
    return (logs[low] * (1 - part) + logs[low + 1] * part).exp()  # (T, B, 1)
