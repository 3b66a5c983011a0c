"""One loop for every model of the course: it asks a model for its ELBO and nothing else."""

import math
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Generator, Tensor, nn

from course_utils._require import require_count
from course_utils.densities import ElboTerms
from course_utils.estimators._arithmetic import flush_denormals, round_products
from course_utils.training import _checks
from course_utils.training._batches import Batches, make_batches
from course_utils.training._history import Bar, History, Tally
from course_utils.training._objective import Objective

BEFORE = "before the first epoch"
TEST_SEED = 0  # the same for every run, so that runs compare
TEST_BATCH = 500
STOPPED = (  # where, the reason, the learning rate and a better one
    "stopped {}: {}. The weights are again those from before that epoch. Likely reasons: a "
    "learning rate too high ({:g} here; try {:g}), exp of a log_var without bounds, or "
    "values for which the model's elbo has no logarithm."
)


def fit(
    model: nn.Module,
    data: object,
    *,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
    binarize: bool = True,
    device: str = "cpu",
    progress: bool = True,
    callbacks: Sequence[Callable] = (),
    history: History | None = None,
    fast: bool = False,
    beta: float = 1.0,
    n_draws: int = 1,
) -> History:
    """Train a model by Adam on loss = -elbo.mean(); it ends in eval mode, on that device.

    Anything with elbo(x, *, generator) -> ElboTerms can be trained; with a condition it is
    elbo(x, y, *, generator). Ctrl-C, or Jupyter's stop button, ends the training, not the cell:
    the model keeps what it learned, and the history says where it stopped. A loss that is NaN or
    infinite ends it too; the weights are then those from the start of that epoch.

    Args:    model: an nn.Module such as VAE; data: an ImageData (with parts: trained on .train, and
             after each epoch the ELBO of .test is recorded, never used to choose; its labels become
             one-hot y for a model with `condition_dim`), x (N, D) or (N, H, W), or a tuple (x, y);
             x is floats in [0, 1] or bytes of 0 to 255; y is whole numbers (N,), one-hot for a
             model with `condition_dim`, or numbers such as pictures, which go in as they are;
             epochs: passes over the data in this call; batch_size: images a step; learning_rate:
             Adam's, in this call; seed: of shuffling, pixels and noise, unless a history has them;
             binarize: make each pixel of x 1 with probability its grey value, anew at each use,
             or, for gaussian decoders, leave it; device: "cpu", or e.g. "cuda";
             progress: show one bar, with the last epoch's elbo, rec and kl of training;
             callbacks: functions called with (model, history) after each epoch;
             history: of an earlier call for this model, to go on as if both calls were one;
             fast: let matrix products of the steps round inside, for trainings of minutes: to bf16
             on processors whose torch does so, a third faster there and elsewhere as fast as ever;
             log p(x) after one differs by some .002 nats;
             beta: weight of the KL, elbo = rec - beta kl, in this call: below 1 in the first calls
             is a warm-up, above 1 a beta-VAE; n_draws: of z for each image: above 1 the loss is
             minus the importance-weighted bound of as many weights, `estimators.iwae_bound`, and
             the model's own elbo is then not asked. What is maximised is what the history and the
             bar call elbo; the test ELBO stays the ELBO, with beta 1 and one draw.
    Returns: History, nats per image: the one that came, with more entries, or a new one.
    Raises:  ValueError if an argument, the data, the weights or what the model's elbo returns make
             no sense; what a callback raises.
    Source:  Kingma & Welling (2014), algorithm 1; Kingma & Ba (2015) for Adam; Burda, Grosse &
             Salakhutdinov (2016) for n_draws; eq. 5.8 of the course.

    The test ELBO has one draw of z for each image; pixels and noise are the same after each epoch
    and in all runs, so that only the weights make it differ.

    >>> from course_utils.data import load
    >>> from course_utils.models import VAE
    >>> history = fit(VAE((8, 8), latent_dim=2), load("digits"), epochs=2, progress=False)
    >>> len(history), history.epochs, history.stopped
    (2, [1, 2], None)
    """
    require_count(epochs=epochs, batch_size=batch_size)
    batch_size = int(batch_size)  # of NumPy, too
    history = History() if history is None else history
    _checks.require_options(learning_rate, seed, callbacks, history)
    device, objective = _checks.find_device(device), Objective(beta, n_draws)
    run = None
    try:
        sets = make_batches(model, data, binarize=binarize, device=device)
        objective.require_of(model, 1 if sets[0].y is None else 2)
        _checks.require_same_run(model, history, device)
        _checks.require_finite_weights(model)
        _checks.warn_of_lost_greys(model, sets[0])
        run = history.run = history.run or _Run(model, seed, device)
        run.prepare(model, learning_rate, fast, objective)
        history.stopped = None
        with Bar(epochs, shown=progress) as bar, torch.enable_grad():
            for _ in range(epochs):
                run.train_epoch(sets, batch_size, history, bar)
                for callback in callbacks:
                    callback(model, history)
    except KeyboardInterrupt:
        model.eval()
        history.stopped = f"interrupted {history.run.where if history.run else BEFORE}"
    except _checks.Diverged as reason:
        rates = learning_rate, min(learning_rate / 10, 1e-3)
        history.stopped = STOPPED.format(run.where, reason, *rates)
        warnings.warn(history.stopped, RuntimeWarning, stacklevel=2)
    finally:
        if run:
            run.rest()
    return history


class _Run:
    """What one call hands on to the next: the optimiser, the random states, the place."""

    def __init__(self, model: nn.Module, seed: int, device: torch.device) -> None:
        self.model, self.device, self.objective = model, device, Objective()
        model.to(device)
        self.draws, self.noise = _make_random_states(seed, device)
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        try:
            self.optimizer = torch.optim.Adam(weights, fused=True)  # in one kernel
        except RuntimeError:  # which not every device has
            self.optimizer = torch.optim.Adam(weights)
        self.where, self.started = BEFORE, False
        self.untrained: float | None = None  # the ELBO of the first batch, before any step

    def prepare(
        self, model: nn.Module, learning_rate: float, fast: bool, objective: Objective
    ) -> None:
        """For a call, which may train the same weights by another objective or module."""
        if (model, objective) != (self.model, self.objective):
            self.untrained = None  # the ELBO of before has no meaning for it
        self.model, self.fast, self.objective = model.to(self.device), fast, objective
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate

    def rest(self) -> None:
        """End a call, however it came to its end."""
        self.model.eval()
        self.optimizer.zero_grad()
        if not self.started:  # a first step that was broken off leaves half of Adam's averages
            self.optimizer.state.clear()

    @flush_denormals()
    def train_epoch(self, sets: tuple, batch_size: int, history: History, bar: Bar) -> None:
        """One pass over the training images, one over the test images: one entry."""
        (train, test), tally = sets, Tally(len(sets[0]), batch_size, len(history) + 1)
        before = history.epochs[-1] if len(history) else 0
        kept = self._keep()
        try:
            with round_products(self.device) if self.fast else nullcontext():
                self._train(train, tally, bar)
            self.where = f"in epoch {tally.number}, during its test"
            tested = None if test is None else _test(self.model, test)
        except (_checks.Diverged, ValueError) as error:
            self._go_back(*kept)
            raise _checks.explain(error, len(train), batch_size) from error.__cause__
        except KeyboardInterrupt:
            if tally.batches:
                history.rows.append(tally.make_row(before, None))
            raise
        history.rows.append(tally.make_row(before, tested))
        self.where = f"after epoch {tally.number}"
        bar.advance(tally)

    def _train(self, batches: Batches, tally: Tally, bar: Bar) -> None:
        """A step for each batch of the shuffled images."""
        self.model.train()
        order = torch.from_numpy(self.draws.permutation(len(batches))).split(tally.batch_size)
        for number, index in enumerate(order, start=1):
            self.where = f"in epoch {tally.number}, batch {number} of {len(order)}"
            means = self._step(batches.take(index, self.draws), batches.binarize)
            tally.batches.append((len(index), means))
            bar.peek(tally)
        if not all(weight.isfinite().all() for weight in self.model.parameters()):
            raise _checks.Diverged("the step made a weight NaN or infinite")
        # Worse than before training, on average and still at the end: a step that is too long makes
        # an honest run's ELBO dive for a batch or two, by up to thrice `far`.
        far = abs(self.untrained) + batches.x[0].numel()  # as much again and a nat a pixel
        elbo, last = tally.average().elbo, tally.batches[-1][1][0]
        if elbo < self.untrained - 10 * far and last < self.untrained - far:
            came = f"the mean ELBO of this epoch is {elbo:z,.1f} nats"
            raise _checks.Diverged(f"{came}, far below the {self.untrained:z,.1f} before training")

    def _step(self, inputs: tuple[Tensor, ...], binarize: bool) -> tuple[float, ...]:
        """One step of Adam; returns the means of elbo, rec and kl before it."""
        elbo, rec, kl = self.objective.ask(self.model, inputs, self.noise)
        loss = -elbo.mean()  # eq. 5.8
        means = -loss.item(), rec.detach().mean().item(), kl.detach().mean().item()
        if not math.isfinite(means[0]):
            raise _checks.Diverged(f"the loss is {-means[0]}")
        _checks.require_possible((elbo, rec, kl), means, self.model, binarize)
        self.untrained = means[0] if self.untrained is None else self.untrained
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.started = True
        return means

    def _keep(self) -> tuple[list[tuple[Tensor, Tensor]], bool]:
        """Weights and Adam's averages with their copies, and whether Adam has begun to average."""
        averages = (t for state in self.optimizer.state.values() for t in state.values())
        live = [*self.model.parameters(), *self.model.buffers(), *averages]
        return [(tensor, tensor.detach().clone()) for tensor in live], self.started

    @torch.no_grad()
    def _go_back(self, kept: list[tuple[Tensor, Tensor]], started: bool) -> None:
        """Undo all steps since the copies were made."""
        for tensor, copy in kept:
            tensor.copy_(copy)
        self.started = started


@torch.no_grad()
def _test(model: nn.Module, batches: Batches) -> ElboTerms:
    """Mean elbo, rec and kl, always with the same pixels and noise."""
    model.eval()
    draws, noise = _make_random_states(TEST_SEED, batches.device)
    sums = np.zeros(3)
    for index in torch.arange(len(batches), device="cpu").split(TEST_BATCH):
        terms = _checks.ask_elbo(model, batches.take(index, draws), noise)
        sums += [term.sum(dtype=torch.float64).item() for term in terms]
    return ElboTerms(*(sums / len(batches)).tolist())


def _make_random_states(seed: int, device: torch.device) -> tuple[np.random.Generator, Generator]:
    """For shuffling and pixels, and for the model's noise."""
    draws = np.random.default_rng(seed)
    # Not the seed itself: a learner gives it to torch.manual_seed as well, and the noise would be
    # the numbers that the weights began as.
    return draws, Generator(device).manual_seed(int(draws.integers(2**62)))
