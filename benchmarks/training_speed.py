"""How fast is `fit`, beside the loop that most people begin with and the best one by hand?

    COURSE_DATA=FOLDER python benchmarks/training_speed.py    # FOLDER holds MNIST; some 90 seconds
    python benchmarks/training_speed.py --size digits         # 64-128-2, where each step is short

All train 784-400-20 on batches of 128 with Adam at 1e-3, in turns (see turns.py):

- tutorial: vae/main.py of github.com/pytorch/examples, the items of its data set written out, since
  torchvision is not needed for anything else;
- lean: a loop by hand with nothing in it but what is needed: bytes binarised anew each time, fused
  Adam, a loss from logits, its mean noted at each step; then with denormals flushed, as in `fit`;
  then with torch's "medium" precision of matrix products, too, as in `fit(fast=True)`;
- fit: with the model of the lean loop, and with the course's VAE, which checks what it is given.

Where COURSE_DATA is set, it is MNIST, and all begin with the weights of mnist-20d, some of whose
logits have a denormal exp; where that costs time, none is timed before it has made 900 steps, when
Adam's averages at border pixels are such numbers, too. Elsewhere: random bytes and new weights.

The bars are for `fit` with the VAE. On processors with a penalty for denormals it is 1.9 times as
fast as the tutorial, 2.4 times with fast=True; on others 0.9 times as fast as a lean loop with the
same switches, 0.85 times with fast=True. It needs less than 150 MB above the data.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from turns import has_penalty, in_turns, judged, processor_time, products_round, ratio

from course_utils.data import load
from course_utils.densities import ElboTerms
from course_utils.models import VAE
from course_utils.pretrained import load_pretrained
from course_utils.training import History, fit

SIZES = {"mnist": ((28, 28), 400, 20), "digits": ((8, 8), 128, 2)}
BATCH = 128
WARM_UP = {True: 900, False: 150}  # steps, with and without a penalty
RATIOS = [  # of which to which, its bar if any, and whether that is for processors with a penalty
    ("fit, VAE", "tutorial", 1.9, True),
    ("fit fast, VAE", "tutorial", 2.4, True),
    ("fit, VAE", "lean, flushed", 0.9, False),
    ("fit fast, VAE", "lean, flushed, medium", 0.85, False),
    ("fit, lean", "lean, flushed", None, False),
    ("fit fast, lean", "lean, flushed, medium", None, False),
]


class Pictures(Dataset):
    """An item at a time, as torchvision's MNIST with its ToTensor() makes it."""

    def __init__(self, x: Tensor) -> None:
        """Hold bytes, (N, H, W)."""
        self.data, self.targets = x, torch.zeros(len(x), dtype=torch.long)

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Floats (1, H, W) in [0, 1], by way of a PIL picture, and a label."""
        picture = Image.fromarray(self.data[index].numpy())  # mode "L", as for all 2-D bytes
        x = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        x = x.view(picture.size[1], picture.size[0], 1).permute(2, 0, 1).contiguous()
        return x.to(torch.float32).div(255), int(self.targets[index])


class TutorialVAE(nn.Module):
    """The model of vae/main.py."""

    def __init__(self, pixels: int, hidden: int, latents: int) -> None:
        """Five layers, called as there."""
        super().__init__()
        self.fc1 = nn.Linear(pixels, hidden)
        self.fc21, self.fc22 = nn.Linear(hidden, latents), nn.Linear(hidden, latents)
        self.fc3 = nn.Linear(latents, hidden)
        self.fc4 = nn.Linear(hidden, pixels)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction, mu and logvar."""
        h1 = functional.relu(self.fc1(x))
        mu, logvar = self.fc21(h1), self.fc22(h1)
        std = torch.exp(0.5 * logvar)
        z = mu + torch.randn_like(std) * std
        return torch.sigmoid(self.fc4(functional.relu(self.fc3(z)))), mu, logvar

    def take(self, weights: dict[str, Tensor]) -> None:
        """Begin with the weights of a VAE of the course."""
        state = {}
        for part in ("weight", "bias"):
            state[f"fc1.{part}"] = weights[f"encoder.0.{part}"]
            state[f"fc21.{part}"], state[f"fc22.{part}"] = weights[f"encoder.2.{part}"].chunk(2)
            state[f"fc3.{part}"] = weights[f"decoder.0.{part}"]
            state[f"fc4.{part}"] = weights[f"decoder.2.{part}"]
        self.load_state_dict(state)


class TutorialLoop:
    """The function train(epoch) of vae/main.py, without its printing."""

    def __init__(self, model: TutorialVAE, x: Tensor) -> None:
        """Its loader and its Adam."""
        self.model = model
        self.loader = DataLoader(Pictures(x), batch_size=BATCH, shuffle=True)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def epoch(self) -> float:
        """One pass over the pictures; the mean loss."""
        self.model.train()
        train_loss = 0.0
        for data, _ in self.loader:
            data = data.view(len(data), -1)
            self.optimizer.zero_grad()
            recon, mu, logvar = self.model(data)
            bce = functional.binary_cross_entropy(recon, data, reduction="sum")
            kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            loss = bce + kld
            loss.backward()
            train_loss += loss.item()
            self.optimizer.step()
        return train_loss / len(self.loader.dataset)


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


class LeanLoop:
    """What one would write for this model and these data alone."""

    def __init__(self, model: LeanVAE, x: Tensor) -> None:
        """Keep the bytes; make Adam."""
        self.model, self.x = model, x.flatten(1)
        self.adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        self.noise = np.random.default_rng(0)

    def epoch(self) -> float:
        """One pass over the images; the mean ELBO."""
        total, order = 0.0, torch.randperm(len(self.x))
        for start in range(0, len(self.x), BATCH):
            grey = self.x.index_select(0, order[start : start + BATCH]).numpy()
            noise = self.noise.integers(0, 255, grey.shape, dtype=np.uint8)
            loss = -self.model.elbo(torch.from_numpy(noise < grey).float()).elbo.mean()
            self.adam.zero_grad()
            loss.backward()
            self.adam.step()
            total -= loss.item() * len(grey)
        return total / len(self.x)


def by_hand(loop: TutorialLoop | LeanLoop, *, flush: bool = False, fast: bool = False) -> Callable:
    """A function that trains for one more epoch, with the switches that `fit` sets itself."""

    def epoch() -> None:
        torch.set_flush_denormal(flush)
        torch.set_float32_matmul_precision("medium" if fast else "highest")
        loop.epoch()
        torch.set_flush_denormal(False)
        torch.set_float32_matmul_precision("highest")

    return epoch


def by_fit(model: nn.Module, x: Tensor, *, fast: bool = False) -> Callable:
    """The same by `fit`."""
    history = History()
    return lambda: fit(
        model, x, epochs=1, batch_size=BATCH, progress=False, history=history, fast=fast
    )


def contenders(
    x: Tensor, size: str, weights: dict[str, Tensor] | None, models: dict | None = None
) -> dict[str, Callable]:
    """A function for each that trains it for one more epoch, all from the same weights.

    Where models is a dict, it is filled with what each of them trains.
    """
    shape, hidden, latents = SIZES[size]
    torch.manual_seed(0)
    sizes = (x[0].numel(), hidden, latents)
    weights = weights or LeanVAE(*sizes).state_dict()
    tutorial, lean = TutorialVAE(*sizes), [LeanVAE(*sizes) for _ in range(5)]
    course = [VAE(shape, latents, (hidden,)) for _ in range(2)]
    for model in lean + course:
        model.load_state_dict(weights)
    tutorial.take(weights)
    if models is not None:
        names = ("lean", "lean, flushed", "lean, flushed, medium", "fit, lean", "fit fast, lean")
        models |= dict(zip(names, lean, strict=True)) | {"tutorial": tutorial}
        models |= dict(zip(("fit, VAE", "fit fast, VAE"), course, strict=True))
    return {
        "tutorial": by_hand(TutorialLoop(tutorial, x)),
        "lean": by_hand(LeanLoop(lean[0], x)),
        "lean, flushed": by_hand(LeanLoop(lean[1], x), flush=True),
        "lean, flushed, medium": by_hand(LeanLoop(lean[2], x), flush=True, fast=True),
        "fit, lean": by_fit(lean[3], x),
        "fit, VAE": by_fit(course[0], x),
        "fit fast, lean": by_fit(lean[4], x, fast=True),
        "fit fast, VAE": by_fit(course[1], x, fast=True),
    }


def pictures(size: str, n: int) -> tuple[Tensor, dict[str, Tensor] | None]:
    """Bytes (N, H, W) and weights to begin with: MNIST and mnist-20d, or random bytes and None."""
    if size == "mnist" and "COURSE_DATA" in os.environ:
        grey = load("mnist").train.images[:n]
        return (grey * 255).round().to(torch.uint8), load_pretrained("mnist-20d").state_dict()
    shape = SIZES[size][0]
    grey = torch.randint(0, 256, (n, *shape), dtype=torch.uint8)
    return grey * (torch.rand(n, *shape) < 0.2), None  # mostly black, as digits are


def memory(fast: bool) -> float:
    """MB that one epoch over 60 000 images takes above them, at its highest."""
    import resource  # which Windows does not have

    x = torch.randint(0, 256, (60_000, 28, 28), dtype=torch.uint8)
    model = VAE((28, 28), 20, (400,))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fit(model, x, epochs=1, batch_size=BATCH, progress=False, fast=fast)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (after - before) / (1024 if sys.platform != "darwin" else 1024**2)


def report(times: dict[str, list[float]], images: int, penalty: bool) -> None:
    """Pictures a second of each; then the ratios, beside the bars that this processor has."""
    for name, seconds in times.items():
        speed = images / statistics.median(seconds)
        print(f"{name:21s} {speed:8,.0f} images/s, {ratio(times, name, 'tutorial'):.2f} tutorials")
    for name, other, bar, with_penalty in RATIOS:
        value = ratio(times, name, other)
        words = judged(value, bar) if bar and penalty == with_penalty else f"{value:.2f}"
        print(f"{name} / {other}: {words}")


def main() -> None:
    """Measure in turns and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="mnist")
    parser.add_argument("--images", type=int, default=6_400, help="in a turn")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", choices=("fit", "fit fast"), help="measure that alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.memory:
        print(memory(fast=options.memory == "fit fast"))
        return
    for name in ("fit", "fit fast"):  # in processes of their own, while this one is still small
        command = [sys.executable, __file__, "--memory", name]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"{name}: {float(run.stdout):.0f} MB above the data (bar: under 150)")
    penalty, _ = has_penalty(), products_round()
    x, weights = pictures(options.size, options.images)
    print(f"{'Random bytes' if weights is None else 'MNIST'}, {len(x):,} pictures a turn")
    work = contenders(x, options.size, weights)
    for epoch in work.values():
        for _ in range(math.ceil(WARM_UP[penalty] * BATCH / len(x))):
            epoch()
    turns = {name: partial(processor_time, epoch) for name, epoch in work.items()}
    report(in_turns(turns, options.rounds), len(x), penalty)


if __name__ == "__main__":
    main()
