"""What do the classic mistakes look like? Trains a small VAE with each, prints their numbers.

    python benchmarks/symptoms.py                            # some five minutes on one core
    python benchmarks/symptoms.py --runs correct,relu --seeds 5

Each run trains 64-128-8 on the real 8x8 digits, 3000 steps of Adam at 1e-3 on batches of 64, with
one line wrong. Each is judged by the right ELBO on 300 pictures that it never saw. Pixels are made
0 or 1 with P(1) = grey value: the training set's afresh in each batch, the test set's once. Two
mistakes are part of the network (the second sigmoid, the ReLU) and stay when it is judged; the
others are part of the loss and go. Columns, means over the test set, in nats but for the last
three; a-b is the range over seeds:
-rec, KL, -ELBO = -rec + KL; -IW100: minus log p(x) by importance sampling, 100 draws from q;
squared error of the picture decoded from z = mu(x); active: latents whose mu varies over the
pictures by more than 0.01; variance of the aggregated q(z), its lowest and highest latent.
"""

import argparse
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.data import load
from course_utils.densities import DiagonalNormal, kl_to_standard_normal, log_bernoulli
from course_utils.estimators import importance_sampling
from course_utils.models import VAE

D, L, DRAWS = 64, 8, 100
GATE = "Gate: -ELBO < 23.8, KL > 2, -ELBO - (-IW100) < 0.5"


def draw(q: DiagonalNormal) -> Tensor:
    """z = mu + sigma eps, eq. 4.4."""
    return q.rsample(torch.randn_like(q.mu))


def loss(rec: Tensor, kl: Tensor) -> Tensor:
    """Minus the mean ELBO, eq. 5.8: both terms have one number per picture."""
    return -(rec - kl).mean()


class SigmoidTwice(VAE):
    """Its decoder ends in a sigmoid, though the likelihood takes logits."""

    def decode(self, z: Tensor) -> Tensor:
        """Numbers in (0, 1), in the place of logits."""
        return super().decode(z).sigmoid()


class ReluOnLogVar(VAE):
    """Its encoder holds log_var above 0: no variance below that of the prior."""

    def encode(self, x: Tensor) -> DiagonalNormal:
        """q(z | x) with every variance at least 1."""
        q = super().encode(x)
        return DiagonalNormal(q.mu, q.log_var.relu())


class Run(NamedTuple):
    """A line of the table: its name there, and how z, the loss and the network are made."""

    label: str
    draw: Callable[[DiagonalNormal], Tensor] = draw
    loss: Callable[[Tensor, Tensor], Tensor] = loss
    network: type[VAE] = VAE


def sample(q: DiagonalNormal) -> Tensor:
    """A draw that no gradient passes."""
    return torch.distributions.Normal(q.mu, (0.5 * q.log_var).exp()).sample()


RUNS = {
    "correct": Run("correct"),
    "pixels": Run("mean over pixels", loss=lambda rec, kl: -(rec / D - kl).mean()),
    "batch": Run("KL summed over the batch", loss=lambda rec, kl: -rec.mean() + kl.sum()),
    "sample": Run("`.sample()`", draw=sample),
    "latents": Run("KL mean over latents", loss=lambda rec, kl: -(rec - kl / L).mean()),
    "sigmoid": Run("sigmoid twice", network=SigmoidTwice),
    "sigma": Run(
        "`exp(log_var)` as sigma",
        draw=lambda q: q.mu + q.log_var.exp() * torch.randn_like(q.mu),
    ),
    "relu": Run("ReLU on `log_var`", network=ReluOnLogVar),
    "no-eps": Run("no eps", draw=lambda q: q.mu),
    "shared": Run("one eps for the batch", draw=lambda q: q.rsample(torch.randn_like(q.mu[:1]))),
    "rand": Run("`rand` for `randn`", draw=lambda q: q.rsample(torch.rand_like(q.mu))),
    "sign": Run("rec - KL", loss=lambda rec, kl: (-rec - kl).mean()),
}


class Scores(NamedTuple):
    """The numbers of one trained model, in the order of the table's columns."""

    rec: float
    kl: float
    loss: float
    iw: float
    squared_error: float
    active: int
    lowest_variance: float
    highest_variance: float


def train(run: Run, images: Tensor, seed: int, options: argparse.Namespace) -> VAE:
    """One model; the seed decides where it begins, the batches, their pixels and the noise."""
    torch.manual_seed(seed)
    model = run.network((8, 8), L, hidden=(128,))
    optimizer = torch.optim.Adam(model.parameters(), options.learning_rate, fused=True)
    order: list[Tensor] = []
    for _ in range(options.steps):
        order = order or list(torch.randperm(len(images)).split(options.batch_size))
        x = torch.bernoulli(images[order.pop()])
        q = model.encode(x)
        rec, kl = model.log_likelihood(x, run.draw(q)), kl_to_standard_normal(*q)
        optimizer.zero_grad()
        run.loss(rec, kl).backward()
        optimizer.step()
    return model


@torch.no_grad()
def scores(model: VAE, x: Tensor) -> Scores:
    """The right ELBO and its parts on test pictures, averaged over 100 draws for each."""
    generator = torch.Generator().manual_seed(1)
    q = model.encode(x)
    terms = model.elbo(x, eps=torch.randn(DRAWS, *q.mu.shape, generator=generator))
    evidence = importance_sampling(model, x, q, DRAWS, generator=generator).log_px
    variance = q.mu.var(dim=0, correction=0) + q.log_var.exp().mean(dim=0)
    return Scores(
        -terms.rec.mean().item(),
        terms.kl.mean().item(),
        -terms.elbo.mean().item(),
        -evidence.mean().item(),
        (model.reconstruct(x) - x).square().sum(dim=(1, 2)).mean().item(),
        int((q.mu.var(dim=0, correction=0) > 0.01).sum()),
        variance.min().item(),
        variance.max().item(),
    )


def mean_image(images: Tensor, x: Tensor) -> tuple[float, float]:
    """What knows no z: -log p(x) by each pixel's frequency in training, and its squared error."""
    p = (images.sum(dim=0) + 0.5) / (len(images) + 1)  # never 0 or 1
    rec = log_bernoulli(x.flatten(1), p.logit().flatten().expand(len(x), D))
    return -rec.mean().item(), (p - x).square().sum(dim=(1, 2)).mean().item()


def spread(values: list[float], digits: int = 1) -> str:
    """A range over seeds, or one number where all print alike."""
    if not all(math.isfinite(value) and abs(value) < 1e4 for value in values):
        return f"{max(values):.0e}"
    ends = dict.fromkeys(f"{end:.{digits}f}" for end in (min(values), max(values)))
    return "-".join(ends)


def line(label: str, found: list[Scores]) -> str:
    """A line of the table."""
    rec, kl, loss, iw, error, active, lowest, highest = map(list, zip(*found, strict=True))
    cells = [spread(rec), spread(kl), spread(loss, 2), spread(iw, 2), spread(error, 2)]
    cells += [spread(active, 0), f"{spread(lowest + highest, 2)}"]
    return f"| {' | '.join([label, *cells])} |"


def parsed() -> argparse.Namespace:
    """The options, with the runs as a list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", default=",".join(RUNS), help=f"some of {','.join(RUNS)}")
    parser.add_argument("--seeds", type=int, help="how many; without it 3, and 5 for correct")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    options = parser.parse_args()
    options.runs = options.runs.split(",")
    if unknown := set(options.runs) - set(RUNS):
        parser.error(f"no run called {', '.join(unknown)}; known are: {', '.join(RUNS)}")
    return options


def main() -> None:
    """Print the table, a line as soon as it is known, and whether `correct` meets the gate."""
    options = parsed()
    torch.set_num_threads(1)
    data = load("digits")
    x = data.test.binarized(generator=torch.Generator().manual_seed(0)).images
    rec, error = mean_image(data.train.images, x)
    print("| run | -rec | KL | -ELBO | -IW100 | squared error | active | variance of q(z) |")
    print("|---|---|---|---|---|---|---|---|")
    print(f"| mean image, no z | {rec:.1f} | - | {rec:.2f} | {rec:.2f} | {error:.2f} | - | - |")
    gate = ""
    for name in options.runs:
        seeds = range(options.seeds or (5 if name == "correct" else 3))
        found = [scores(train(RUNS[name], data.train.images, s, options), x) for s in seeds]
        print(line(RUNS[name].label, found), flush=True)
        if name == "correct":
            met = [s.loss < 23.8 and s.kl > 2 and s.loss - s.iw < 0.5 for s in found]
            gate = f"\n{GATE}: met by {sum(met)} of {len(met)} seeds of the correct one"
    print(gate)


if __name__ == "__main__":
    main()
