"""The numbers of a training: tallied batch by batch, shown in a bar, kept and drawn."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from course_utils._require import require_value
from course_utils.densities import ElboTerms

NAN = ElboTerms(*[float("nan")] * 3)
# The numbers stand outside the brackets, whose times a stored notebook loses.
BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} epochs [{elapsed}<{remaining}]{postfix}"


class Row(NamedTuple):
    """One epoch, or as much of it as was done: numbers, means over images, nats."""

    epoch: float
    train: ElboTerms
    test: ElboTerms | None
    seconds: float


class History:
    """One entry an epoch, in nats per image; `fit(..., history=h)` adds to h and hands it back.

    epochs: passes over the data until then, 1, 2, ...; 2.4 where an epoch was broken off.
    elbo, rec, kl: means over the training images, each as the model was when it met the image.
    test_elbo, test_rec, test_kl: means over the test images after the epoch, empty lists where
    the data have no test part, NaN for an epoch whose test was broken off.
    stopped: None, or in words why the last call ended before its last epoch.
    seconds: how long all epochs took, their tests included.

    >>> History()
    History(no epoch)
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []  # one append makes an entry, so that none is ever half there
        self.stopped: str | None = None
        self.run = None  # the optimiser and the random states; `fit` puts them here

    epochs = property(lambda self: [row.epoch for row in self.rows])
    elbo = property(lambda self: [row.train.elbo for row in self.rows])
    rec = property(lambda self: [row.train.rec for row in self.rows])
    kl = property(lambda self: [row.train.kl for row in self.rows])
    test_elbo = property(lambda self: self._test("elbo"))
    test_rec = property(lambda self: self._test("rec"))
    test_kl = property(lambda self: self._test("kl"))
    seconds = property(lambda self: sum(row.seconds for row in self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        stopped = ", stopped" * bool(self.stopped)
        if not self.rows:
            return f"History(no epoch{stopped})"
        last = self.rows[-1]
        test = f", {last.test.elbo:z.2f} test" if last.test else ""
        epochs = f"{last.epoch:.3g} epochs" if last.epoch != 1 else "1 epoch"
        return f"History({epochs}: ELBO {last.train.elbo:z.2f} train{test}{stopped})"

    def plot(self, ax: Sequence | None = None) -> tuple:
        """-rec and -ELBO above, KL below, over epochs; training solid, test dashed.

        A model whose KL is always 0, such as an Autoencoder, has the upper panel only.

        Args:    ax: two Axes to draw in, upper and lower, or None for a new figure.
        Returns: the Axes: (upper, lower), or (upper,) alone.
        Raises:  ValueError if there is no epoch yet, or ax is not as many Axes.
        """
        if not self.rows:
            raise ValueError("there is no epoch to draw yet; fit(model, data, epochs=...) first.")
        with_kl = any(self.kl)
        axes = _make_axes(ax, 1 + with_kl)
        _draw_term(axes[0], self, "rec", "−rec", sign=-1)
        if with_kl:
            _draw_term(axes[0], self, "elbo", "−ELBO", sign=-1)
            _draw_term(axes[1], self, "kl", "KL", sign=1)
            axes[1].set_ylabel("KL [nats]")
        axes[0].set_ylabel("−rec, −ELBO [nats]" if with_kl else "−rec [nats]")
        for panel in axes:
            panel.legend(fontsize="small")
        axes[-1].set_xlabel("epoch")
        axes[-1].xaxis.get_major_locator().set_params(integer=True)
        return tuple(axes)

    def _test(self, term: str) -> list[float]:
        """As long as the training lists, or empty if there was never a test."""
        if all(row.test is None for row in self.rows):
            return []
        return [getattr(row.test or NAN, term) for row in self.rows]


class Tally:
    """The batches of one epoch so far; one append a batch, so that none is ever half counted."""

    def __init__(self, n_images: int, batch_size: int, number: int) -> None:
        self.n_images, self.batch_size, self.number = n_images, batch_size, number
        self.batches: list[tuple[int, tuple[float, ...]]] = []
        self.begun = time.perf_counter()

    def average(self) -> ElboTerms:
        """Over the images so far."""
        sizes, terms = zip(*self.batches, strict=True)
        return ElboTerms(*np.average(terms, axis=0, weights=sizes).tolist())

    def __str__(self) -> str:
        return "elbo={:z.2f}, rec={:z.2f}, kl={:z.2f}".format(*self.average())

    def make_row(self, before: float, tested: ElboTerms | None) -> Row:
        """The entry, after so many passes over the data."""
        images = sum(size for size, _ in self.batches)
        part = 1 if images == self.n_images else images / self.n_images
        return Row(before + part, self.average(), tested, time.perf_counter() - self.begun)


class Bar(tqdm):
    """One bar for all epochs, redrawn a few times a second at most; its last numbers stay."""

    def __init__(self, epochs: int, *, shown: bool) -> None:
        super().__init__(total=epochs, bar_format=BAR, mininterval=0.2, disable=not shown)
        self.peeked = time.monotonic()

    def peek(self, tally: Tally) -> None:
        """The numbers of a long epoch while it lasts."""
        if time.monotonic() - self.peeked > 1:
            self.set_postfix_str(str(tally))
            self.peeked = time.monotonic()

    def advance(self, tally: Tally) -> None:
        self.set_postfix_str(str(tally), refresh=False)
        self.update()


def _make_axes(ax: object, n: int) -> list:
    """New Axes above each other, or those that came if they are as many."""
    import matplotlib.pyplot as plt  # here, so that training alone does not load it
    from matplotlib.axes import Axes

    if ax is None:
        look = {"figsize": (6, 1 + 2 * n), "layout": "constrained"}
        return list(plt.subplots(n, 1, sharex=True, squeeze=False, **look)[1][:, 0])
    given = [ax] if isinstance(ax, Axes) else list(np.ravel(ax))
    expected = f"{n} Axes, rec and KL having scales of their own"
    way = f"; try plt.subplots({n}, 1, sharex=True)[1]"
    require_value("ax", len(given), len(given) == n, expected, way)
    return given


def _draw_term(ax, history: History, term: str, name: str, *, sign: int) -> None:
    """Training and test of one term; a marker where a line of one point would be no line."""
    from course_utils.plots import PALETTE

    color = {"rec": PALETTE["p"], "elbo": PALETTE["q"], "kl": PALETTE["gap"]}[term]
    width = 2.4 if term == "elbo" else 1.4  # so that they differ without colour
    for part, prefix, style in (("train", "", "-"), ("test", "test_", "--")):
        values = sign * np.array(getattr(history, prefix + term))
        if len(values):
            marker = "o" if np.isfinite(values).sum() == 1 else None
            look = {"color": color, "linestyle": style, "linewidth": width, "marker": marker}
            ax.plot(history.epochs, values, label=f"{name}, {part}", **look)
