"""Notebook 04, E4.5: losses whose gradient arrives or not, and what people write to find out.

Each loss is the negative ELBO of one small decoder that is not linear, with its own way from mu
and log_var to z. Every weight of the decoder is positive and every x lies above (or below) all
that it can draw: so wherever a gradient arrives, it arrives in every entry, and the gradient in mu
is negative (positive) throughout.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.distributions import Normal

from course_utils.exercises._exercise import Case, Mistake

Shape = tuple[int, int]
Loss = Callable[[Tensor, Tensor], Tensor]
Verdicts = tuple[Tensor, Tensor]


def _reparameterized(mu: Tensor, std: Tensor) -> Tensor:
    return mu + std * torch.randn_like(std)


def _sampled(mu: Tensor, std: Tensor) -> Tensor:
    return Normal(mu, std).sample()


def _resampled(mu: Tensor, std: Tensor) -> Tensor:
    return Normal(mu, std).rsample()


def _mu_cut(mu: Tensor, std: Tensor) -> Tensor:
    return mu.detach() + std * torch.randn_like(std)


def _std_cut(mu: Tensor, std: Tensor) -> Tensor:
    return mu + std.detach() * torch.randn_like(std)


def _without_grad(mu: Tensor, std: Tensor) -> Tensor:
    with torch.no_grad():
        return mu + std * torch.randn_like(std)


def _torch_normal(mu: Tensor, std: Tensor) -> Tensor:
    return torch.normal(mu, std)


def _no_noise(mu: Tensor, std: Tensor) -> Tensor:
    return mu


class _Path(NamedTuple):
    """A way to z, what to call it, on which side of the decoder x lies, whether with a KL."""

    draw: Callable[[Tensor, Tensor], Tensor]
    label: str
    side: int = 1
    with_kl: bool = True


PATHS = (
    _Path(_reparameterized, "z = mu + std * eps", side=-1),
    _Path(_sampled, "z = Normal(mu, std).sample()"),
    _Path(_mu_cut, "z = mu.detach() + std * eps"),
    _Path(_std_cut, "z = mu + std.detach() * eps"),
    _Path(_without_grad, "z = mu + std * eps under torch.no_grad()"),
    _Path(_torch_normal, "z = torch.normal(mu, std)"),
    _Path(_no_noise, "z = mu"),
    _Path(_resampled, "z = Normal(mu, std).rsample()"),
    _Path(_torch_normal, "z = torch.normal(mu, std) and no KL in the loss", with_kl=False),
)


def path_cases(seed: int) -> list[Case]:
    """E4.5: a loss for each path."""
    return [
        Case(f"{path.label}, shape {shape}", (loss, shape))
        for path, (loss, shape) in zip(PATHS, _losses(seed), strict=True)
    ]


@functools.lru_cache(maxsize=32)  # one answer is compared with every known mistake
def _losses(seed: int) -> list[tuple[Loss, Shape]]:
    """Losses and shapes; batch and latents change from one to the next."""
    g = Generator().manual_seed(seed)
    shapes = [((4, 3), (3, 2))[i % 2] for i in range(len(PATHS))]
    return [
        (_negative_elbo(path, shape, g), shape) for path, shape in zip(PATHS, shapes, strict=True)
    ]


def _negative_elbo(path: _Path, shape: Shape, g: Generator) -> Loss:
    """The loss (B,) of one path; its noise is the same in every call."""
    (batch, latent_dim), noise_seed = shape, int(torch.randint(2**31, (), generator=g))
    weights = 0.2 + torch.rand(latent_dim, 5, generator=g, dtype=torch.float64)
    x = path.side * (3 + torch.rand(batch, 5, generator=g, dtype=torch.float64))

    def negative_elbo(mu: Tensor, log_var: Tensor) -> Tensor:
        with torch.random.fork_rng(devices=[]):  # the learner's own generator is left alone
            torch.default_generator.manual_seed(noise_seed)
            z = path.draw(mu, (log_var / 2).exp())
        mean = 2 * torch.tanh(0.5 * z.double() @ weights)  # (B, 5), between -2 and 2
        rec = -0.5 * ((x - mean) ** 2).sum(-1)
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
        return kl - rec if path.with_kl else -rec

    return negative_elbo


def _point(shape: Shape, value: float) -> Tensor:
    return torch.full(shape, value, requires_grad=True)


@functools.lru_cache(maxsize=2048)
def _gradients(loss: Loss, shape: Shape, mu: float, log_var: float) -> tuple[Tensor, ...]:
    """The gradients where every mu and every log_var has that value."""
    at = _point(shape, mu), _point(shape, log_var)
    return torch.autograd.grad(loss(*at).sum(), at, materialize_grads=True)


def _verdicts(verdict: Callable[[Tensor], Tensor], *at: float) -> Callable[..., Verdicts]:
    """A verdict on each of the gradients there; at the origin, if nothing else is said."""
    return lambda loss, shape: tuple(map(verdict, _gradients(loss, shape, *(at or (0.0, 0.0)))))


def _at(mu: float, log_var: float) -> Callable[..., Verdicts]:
    return _verdicts(lambda gradient: (gradient != 0).any(), mu, log_var)


def _changed(change: Callable[[Tensor, Tensor], tuple]) -> Callable[..., tuple]:
    """The right two verdicts, then made something else of."""
    return lambda loss, shape: change(*_at(0.0, 0.0)(loss, shape))


def _exist(loss: Loss, shape: Shape) -> Verdicts:
    at = _point(shape, 0.0), _point(shape, 0.0)
    found = torch.autograd.grad(loss(*at).sum(), at, allow_unused=True)
    return tuple(torch.tensor(gradient is not None) for gradient in found)


GETS_GRADIENT = (
    Mistake(
        "the KL answers",
        _at(0.5, 0.7),
        "You find a gradient everywhere, even behind `.sample()`: it is the KL's. Is there a point "
        "(mu, log_var) where the KL has no slope at all? Whatever arrives there comes from x.",
        also_wrong=(_at(1.0, 1.0), _at(-0.3, -2.0)),
    ),
    Mistake(
        "asks whether a gradient exists",
        _exist,
        "You ask whether there is a gradient (`is not None`, `requires_grad`), not what it is. The "
        "KL always leaves one, and `torch.normal` hands back zeros. Ask whether it differs from 0.",
        also_wrong=(lambda loss, shape: (torch.tensor(True), torch.tensor(True)),),
    ),
    Mistake(
        "log_var away from 0",
        _at(0.0, 1.0),
        "Your verdict on log_var still comes from the KL, whose derivative is (exp(log_var) - 1)/2."
        " For which log_var is that 0? (Sigma is 1 there, log_var is not.)",
        also_wrong=(_at(0.0, -2.0),),
    ),
    Mistake(
        "mu away from 0",
        _at(1.0, 0.0),
        "Your verdict on mu still comes from the KL, whose derivative in mu is mu. For which mu is "
        "that 0?",
        also_wrong=(_at(-0.5, 0.0),),
    ),
    Mistake(
        "the two exchanged",
        _changed(lambda mu, log_var: (log_var, mu)),
        "Both verdicts are right, in the wrong order: mu comes first, then log_var.",
    ),
    Mistake(
        "upside down",
        _changed(lambda mu, log_var: (~mu, ~log_var)),
        "Upside down: true where a gradient arrives, false where none does.",
    ),
    Mistake(
        "only mu is asked",
        _changed(lambda mu, log_var: (mu, mu)),
        "log_var's verdict is that of mu. One may be cut off and the other not: look at two "
        "gradients.",
        also_wrong=(_changed(lambda mu, log_var: (mu, torch.tensor(True))),),
    ),
    Mistake(
        "only log_var is asked",
        _changed(lambda mu, log_var: (log_var, log_var)),
        "Mu's verdict is that of log_var. One may be cut off and the other not: look at two "
        "gradients.",
        also_wrong=(_changed(lambda mu, log_var: (torch.tensor(True), log_var)),),
    ),
    Mistake(
        "one verdict for both: or",
        _changed(lambda mu, log_var: (mu | log_var, mu | log_var)),
        "One verdict for both: yours is true as soon as either gets a gradient. Keep the two "
        "gradients apart, their sum does not tell where it came from.",
        also_wrong=(_changed(lambda mu, log_var: mu | log_var),),
    ),
    Mistake(
        "one verdict for both: and",
        _changed(lambda mu, log_var: (mu & log_var, mu & log_var)),
        "One verdict for both: yours is true only where both get a gradient. Keep the two "
        "gradients apart.",
        also_wrong=(_changed(lambda mu, log_var: mu & log_var),),
    ),
    Mistake(
        "only a positive gradient",
        _verdicts(lambda gradient: gradient.sum() > 0),
        "You miss gradients that are negative: `sum() > 0` or `max() > 0` asks for a sign. A "
        "gradient of -3 has arrived too: ask for `!= 0`, or take `.abs()` first.",
        also_wrong=(
            _verdicts(lambda gradient: gradient.amax() > 0),
            _verdicts(lambda gradient: gradient.mean() > 0),
        ),
    ),
    Mistake(
        "a verdict per entry",
        _verdicts(lambda gradient: gradient != 0),
        "Your verdicts have the shape of mu. One true or false for mu and one for log_var is "
        "asked: does any entry get a gradient?",
        also_wrong=(_verdicts(lambda gradient: (gradient != 0).any(-1)),),
    ),
    Mistake(
        "sizes instead of verdicts",
        _verdicts(lambda gradient: gradient.abs().sum()),
        "You return how large the gradients are. Asked is true or false: compare with 0.",
        also_wrong=(
            _verdicts(lambda gradient: gradient.norm()),
            _verdicts(lambda gradient: gradient.abs().mean()),
            _verdicts(lambda gradient: gradient.abs().amax()),
            _verdicts(lambda gradient: (gradient != 0).sum()),
        ),
    ),
)
