"""Inputs of notebook 05's exercises: B examples, D pixels, L latents, N pictures."""

import math
from typing import Any

import torch
from torch import Generator, Tensor

from course_utils.densities import ElboTerms
from course_utils.exercises._engine.compare import as_tensor, parts_of, same_outputs
from course_utils.exercises._engine.exercise import Case, Cases, curried, drawn, rand, randn
from course_utils.models import VAE

TWINS = (0, 1)  # the positions of two cases with equal inputs in E5.5


class Network(Tensor):
    """Weights (n_in + 3, n_out) that can be called: centre + spread * tanh(W inputs + b).

    Spread and centre are the last two rows, and b the one before. Being a tensor, it can stand
    among the inputs whose gradients are compared.
    """

    def __call__(self, inputs: Tensor) -> Tensor:
        """The network's output: (..., n_in) -> (..., n_out)."""
        weights = self.as_subclass(Tensor)  # a plain one, with its history
        *_, b, spread, centre = weights
        return centre + spread * torch.tanh(inputs @ weights[:-3] + b)


class Encoder(Network):
    """Weights (D + 3, 2 L) that can be called: x (B, D) -> mu, log_var (B, L)."""

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """mu within +-2; log_var within 0.6 of its centre."""
        return super().__call__(x).chunk(2, dim=-1)


@drawn
def log_bernoulli_cases(g: Generator) -> Cases:
    """E5.1: moderate logits of two sizes; a decoder that is right, whose small logs all count;
    then some logits at which float32's sigmoid is 0 or 1.

    The last two cases differ in the size of the logits alone, by a factor of 5.
    """
    for shape in ((4, 6), (3, 5)):
        logits = _signs(g, *shape) * (0.4 + 2.5 * rand(g, *shape))
        yield Case(f"x, logits {shape}", (_pixels(g, *shape), logits), (1,))
    x = _pixels(g, 4, 6)
    sizes = 5.5 + 1.7 * torch.arange(4)[:, None] + 1.5 * rand(g, 4, 6)  # grow from row to row
    label = "x, logits (4, 6) of the right sign, between 5.5 and 12.1 in size"
    yield Case(label, (x, (2 * x - 1) * sizes), (1,))
    # Each colour under each sign, in every row.
    x, signs = torch.tensor([[0, 0, 1, 1, 0], [1, -1, 1, -1, 1]], dtype=torch.float32)
    order = torch.stack([torch.randperm(5, generator=g) for _ in range(4)])
    for size in (40.0, 200.0):
        label = f"x (4, 5), logits of {size:g} and {-size:g} in float32"
        yield Case(label, (x[order], size * signs[order]), (1,))


@drawn
def normal_pixels_cases(g: Generator) -> Cases:
    """E5.2: one sigma below 1 and one above, where sigma, its square and its root differ.

    In the third case each pixel's log-density lies between -1.04 and -0.54, small enough for
    3.1416 to be seen to be no pi, and large enough for float32's rounding not to be. In the last a
    product of densities is infinite.
    """
    for shape, sigma in (((4, 5), 0.7), ((3, 6), 1.6)):
        args = rand(g, *shape), randn(g, *shape), sigma
        yield Case(f"x, mean {shape}, sigma = {sigma}", args, (1,))
    x, away = rand(g, 4, 5), _signs(g, 4, 5) * (0.93 + 0.42 * rand(g, 4, 5))
    yield Case("x, mean (4, 5), sigma = 0.45", (x, x + 0.45 * away, 0.45), (1,))
    many = rand(g, 2, 784)
    yield Case("x, mean (2, 784), sigma = 0.05", (many, many + 0.05 * randn(g, 2, 784), 0.05), (1,))


@drawn
def negative_elbo_cases(g: Generator) -> Cases:
    """E5.3: two sizes; then what makes rounding and clamps seen, and free bits.

    Gradients of both networks' weights. Two cases have each colour under each sign of a logit, in
    every picture; in the last, every q is close to the prior.
    """
    yield Case("x (4, 5), eps (4, 3)", _networks_and_data(g, (4, 5, 3)), (1, 2))
    yield Case("x (3, 6), eps (3, 2)", _networks_and_data(g, (3, 6, 2)), (1, 2))
    far = _networks_and_data(g, (5, 6, 2), log_var=6, spread=12)
    yield Case("log_var near 6 and -6, x (5, 6)", far, (1, 2))
    for size in (40, 200):
        yield Case(f"logits near {size} and {-size} in float32, x (3, 4)", _sure(g, size), (1, 2))
    close = _networks_and_data(g, (4, 5, 3), log_var=0)
    close[1][-2] = 0.1
    yield Case("mu and log_var within 0.1 of 0, x (4, 5)", close, (1, 2))


def _networks_and_data(
    g: Generator, sizes: tuple[int, int, int], *, log_var: float = 1, spread: float = 3
) -> tuple[Tensor, ...]:
    """log_var near +-log_var, one sign for each latent; logits between +-spread.

    The decoder is gentle along latents with a large sigma: it is not to see their sign alone.
    """
    batch, n_pixels, n_latents = sizes
    encode, decode = _weights(g, n_pixels, 2 * n_latents), _weights(g, n_latents, n_pixels)
    encode[-2, :n_latents], encode[-2, n_latents:] = 2, 0.6
    encode[-1, n_latents::2], encode[-1, n_latents + 1 :: 2] = log_var, -log_var
    decode[:n_latents:2] *= math.exp((1 - log_var) / 2)
    decode[-2] = spread
    networks = encode.as_subclass(Encoder), decode.as_subclass(Network)
    return _pixels(g, batch, n_pixels), *networks, randn(g, batch, n_latents)


def _weights(g: Generator, n_in: int, n_out: int) -> Tensor:
    """A network's: those of a layer, spread 3, centre 0."""
    rest = torch.tensor([[3.0], [0.0]], dtype=torch.float64).expand(-1, n_out)
    return torch.cat([0.7 * randn(g, n_in + 1, n_out), rest])


def _sure(g: Generator, size: int) -> tuple[Tensor, ...]:
    """Logits within a tenth of +-size, in single precision."""
    _, encode, decode, eps = _networks_and_data(g, (3, 4, 2), spread=size / 10)
    decode[-1] = size * torch.tensor([1, 1, -1, -1])
    turned = torch.randint(0, 2, (3, 2), generator=g)
    x = torch.stack([turned, 1 - turned], dim=-1).reshape(3, 4)
    return tuple(arg.float() for arg in (x, encode, decode, eps))


class LeanVAE(VAE):
    """The course's VAE with nothing checked on the way to its ELBO, in a third of the time.

    An answer that is wrong in a new way is compared with some seventy known ones, each of which
    trains three models.
    """

    def elbo(self, x: Tensor, *, eps: Tensor | None = None, **options: Any) -> ElboTerms:
        """The lower bound as VAE.elbo has it, which also takes whatever is not plain."""
        if options or eps is None or eps.shape != (len(x), self.latent_dim):
            return super().elbo(x, eps=eps, **options)
        mu, log_var = self.encoder(x).chunk(2, dim=-1)
        logits = self.decoder(mu + (log_var / 2).exp() * eps)
        rec = (x * logits - torch.nn.functional.softplus(logits)).sum(-1)
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
        return ElboTerms(rec - kl, rec, kl)


def epoch_cases(seed: int) -> list[Case]:
    """E5.4: batches of two sizes, out of order; fresh models in every call.

    The last case takes up the model that the one before has left: its losses tell whether the
    weights are those after one epoch, the last step included.
    """
    long, short = _epoch(seed, (2, 3), (4, 3, 3)), _epoch(seed, (5,), (4, 3), adam=True)
    return [
        Case("x (10, 6), three batches, SGD", long),
        Case("x (7, 5), two batches, Adam", short),
        Case("the model of the call before, in its second epoch", short),
    ]


def _epoch(seed: int, shape: tuple, sizes: tuple, *, adam: bool = False) -> tuple:
    g = Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):  # the learner's own generator is left alone
        model = LeanVAE(shape, latent_dim=3, hidden=())
    for weight in model.parameters():
        weight.data.normal_(0.0, 0.5, generator=g)
    make, rate = (torch.optim.Adam, 0.05) if adam else (torch.optim.SGD, 0.1)
    n, optimizer = sum(sizes), make(model.parameters(), lr=rate)
    x, eps = _pixels(g, n, model.data_dim).float(), randn(g, n, model.latent_dim).float()
    return model, optimizer, x, eps, list(torch.randperm(n, generator=g).split(sizes))


@drawn
def generate_cases(g: Generator) -> Cases:
    """E5.5: the same inputs twice, then other sizes."""
    first = _prior_draws(g, 4, 3, 6)
    yield Case("z (4, 3), u (4, 6)", first)
    yield Case("the same inputs once more", tuple(arg.clone() for arg in first))
    yield Case("z (3, 2), u (3, 5)", _prior_draws(g, 3, 2, 5))


def _prior_draws(g: Generator, n: int, n_latents: int, n_pixels: int) -> tuple[Tensor, ...]:
    decode = _weights(g, n_latents, n_pixels).as_subclass(Network)
    z, u = randn(g, n, n_latents), rand(g, n, n_pixels)
    p = decode(z).sigmoid()
    u[0, 0] = p[0, 0] / 2 if p[0, 0] < 0.5 else (1 + p[0, 0]) / 2  # not the likelier colour
    # No u so close to its probability that the last digits decide.
    return decode, z, torch.where((u - p).abs() < 0.02, (u + 0.5) % 1, u)


def _pixels(g: Generator, *shape: int) -> Tensor:
    """Of 0 and 1, both of them in every row."""
    x = torch.randint(0, 2, shape, generator=g).double()
    x[:, 0], x[:, -1] = 1, 0
    return x


def _signs(g: Generator, *shape: int) -> Tensor:
    return 2 * torch.randint(0, 2, shape, generator=g).double() - 1


# --- what slips are known by ---


def held_up(outputs):
    """Whether logits five times as large cost less than three times as much (E5.1).

    And more than 6, for the three pixels that are sure and wrong: what adds up errors of at most 1
    holds no logarithm up.
    """
    some, five_times = (as_tensor(output).double().abs() for output in outputs[-2:])
    if some.dim() != 1 or some.shape != five_times.shape:
        return False
    held = (some > 6) & (five_times < 3 * some) & (some + five_times).isfinite()
    return bool(held.all())


def held_up_beside_a_kl(outputs):
    """The same, where a KL is added, and whatever its weight (E5.3)."""
    some, five_times = (as_tensor(output).double().abs() for output in outputs[3:5])
    # 320 for two pixels that pay
    return held_up((some, five_times)) and bool(((some > 12) & (five_times - some < 190)).all())


@curried
def _twins(outputs, holds):
    """Whether it holds of: equal inputs gave equal means, and equal pixels (E5.5)."""
    pairs = [parts_of(outputs[i]) for i in TWINS]
    if any(len(pair) != 2 for pair in pairs):
        return False
    return holds(*(same_outputs([one], [two]) for one, two in zip(*pairs, strict=True)))


means_vary = _twins(lambda means, pixels: not means)
pixels_vary = _twins(lambda means, pixels: means and not pixels)


def not_both(outputs):
    """Whether the means are missing: one thing comes back, or pixels and what is no mean (E5.5)."""
    found = [[as_tensor(part) for part in parts_of(output)] for output in outputs]
    return all(len(parts) == 1 for parts in found) or all(map(_pixels_and_no_mean, found))


def _pixels_and_no_mean(parts):
    """Whether the first of two is of 0 and 1, and the second leaves [0, 1]."""
    if len(parts) != 2:
        return False
    x, other = (part.double() for part in parts)
    return bool(((x == 0) | (x == 1)).all()) and bool((other - 0.5).abs().max() > 0.5)
