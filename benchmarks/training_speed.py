"""Is `fit` as fast as a loop written by hand? The course's bar: level with it within 10 %.

    python benchmarks/training_speed.py                 # 60 000 random images
    python benchmarks/training_speed.py --data mnist    # the real ones
    python benchmarks/training_speed.py --size digits   # 64-128-2, where each step is short

All do the same work: 784-400-20, batches of 128, bytes of 0 to 255 binarised anew each time, fused
Adam, a loss from logits, its mean noted at each step. They take turns, an epoch each, since other
programs slow all of them alike, and it is the processor's time that is compared:

- by hand: a loop with nothing in it but what is needed;
- fit, lean: `fit` with the networks and the ELBO of that loop, so that the loops alone differ;
- fit, VAE: `fit` with the course's VAE, whose densities check what they are given at each step.

On a machine busy with eight other programs, one thread, the medians of the ratios to the loop by
hand were 1.02 (lean) and 1.15 (VAE); of the small networks 1.02 and 1.5.
"""

import argparse
import statistics
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils.data import load
from course_utils.densities import ElboTerms
from course_utils.models import VAE
from course_utils.training import History, fit

SIZES = {"mnist": ((28, 28), 400, 20), "digits": ((8, 8), 128, 2)}


class LeanVAE(nn.Module):
    """A VAE without a check."""

    def __init__(self, pixels: int, hidden: int, latents: int) -> None:
        """Networks of the course's sizes."""
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, 2 * latents)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latents, hidden), nn.ReLU(), nn.Linear(hidden, pixels)
        )

    def elbo(self, x: Tensor, *, generator: torch.Generator | None = None) -> ElboTerms:
        """One draw for each image."""
        x = x.flatten(1)
        mu, log_var = self.encoder(x).chunk(2, dim=1)
        z = mu + (0.5 * log_var).exp() * torch.randn(mu.shape, generator=generator)
        bits = functional.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="none")
        rec = -bits.sum(1)
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)
        return ElboTerms(rec - kl, rec, kl)


class LoopByHand:
    """What one would write for this model and these data alone."""

    def __init__(self, model: LeanVAE, x: Tensor, batch_size: int) -> None:
        """Keep the bytes; make Adam."""
        self.model, self.x, self.batch_size = model, x, batch_size
        self.adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        self.noise = np.random.default_rng(0)

    def epoch(self) -> float:
        """One pass over the images; the mean ELBO."""
        total, order = 0.0, torch.randperm(len(self.x))
        for start in range(0, len(self.x), self.batch_size):
            grey = self.x[order[start : start + self.batch_size]].numpy()
            noise = self.noise.integers(0, 255, grey.shape, dtype=np.uint8)
            loss = -self.model.elbo(torch.from_numpy(noise < grey).float()).elbo.mean()
            self.adam.zero_grad()
            loss.backward()
            self.adam.step()
            total -= loss.item() * len(grey)
        return total / len(self.x)


def images(name: str, shape: tuple[int, int], n: int) -> Tensor:
    """Bytes, (N, H, W): random ones, mostly black as digits are, or real ones."""
    if name == "mnist":
        return (load("mnist").train.images[:n] * 255).round().to(torch.uint8)
    grey = torch.randint(0, 256, (n, *shape), dtype=torch.uint8)
    return grey * (torch.rand(n, *shape) < 0.2)


def processor_time(work) -> float:
    """Seconds that all threads of this program computed."""
    start = time.process_time()
    work()
    return time.process_time() - start


def epochs_by_fit(model: nn.Module, x: Tensor, batch_size: int):
    """A function of no arguments that trains for one more epoch."""
    history = History()
    return lambda: fit(model, x, epochs=1, batch_size=batch_size, progress=False, history=history)


def main() -> None:
    """Print the median time of an epoch, and its ratio to the loop by hand."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", choices=("random", "mnist"), default="random")
    parser.add_argument("--size", choices=SIZES, default="mnist")
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=128)
    options = parser.parse_args()
    torch.manual_seed(0)
    shape, hidden, latents = SIZES[options.size]
    x = images(options.data, shape, options.images)
    sizes = (x[0].numel(), hidden, latents)
    work = {
        "by hand": LoopByHand(LeanVAE(*sizes), x.flatten(1), options.batch_size).epoch,
        "fit, lean": epochs_by_fit(LeanVAE(*sizes), x, options.batch_size),
        "fit, VAE": epochs_by_fit(VAE(shape, latents, (hidden,)), x, options.batch_size),
    }
    for epoch in work.values():
        epoch()  # the first step loads libraries
    rounds = [[processor_time(epoch) for epoch in work.values()] for _ in range(options.rounds)]
    for name, times in zip(work, zip(*rounds, strict=True), strict=True):
        ratio = statistics.median(t / row[0] for t, row in zip(times, rounds, strict=True))
        print(f"{name:10s} {statistics.median(times):.2f} s of processor time; ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
