"""What `fit` hands back and shows: the history, its plot, the bar."""

import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from fit_fixtures import Troubled, interrupt, tiny_vae, train

from course_utils.models import Autoencoder
from course_utils.training import History, _history


def test_a_history_reads_the_same_every_time(images):
    digits = [repr(train(tiny_vae(), images, epochs=n)) for n in (1, 2, 2)]
    assert digits[1] == digits[2] and digits[0].startswith("History(1 epoch: ELBO -")
    assert " train, -" in digits[1] and digits[1].endswith(" test)") and "\n" not in digits[1]


def test_the_seconds_are_those_of_the_epochs(model):
    start = time.perf_counter()
    history = train(model, epochs=2)
    assert 0 < history.seconds < time.perf_counter() - start


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_the_plot_keeps_rec_and_kl_apart(model, images):
    history = train(model, images, epochs=3)
    upper, lower = history.plot()
    above, below = lines_of(upper), lines_of(lower)
    assert list(above) == ["−rec, train", "−rec, test", "−ELBO, train", "−ELBO, test"]
    assert list(below) == ["KL, train", "KL, test"]
    np.testing.assert_allclose(above["−rec, test"].get_ydata(), -np.array(history.test_rec))
    np.testing.assert_allclose(above["−ELBO, train"].get_ydata(), -np.array(history.elbo))
    np.testing.assert_allclose(below["KL, train"].get_ydata(), history.kl)
    assert list(below["KL, train"].get_xdata()) == [1, 2, 3]
    assert upper.get_ylabel() == "−rec, −ELBO [nats]" and lower.get_ylabel() == "KL [nats]"
    assert lower.get_xlabel() == "epoch" and upper.get_shared_x_axes().joined(upper, lower)
    styles = {label.split()[-1]: line.get_linestyle() for label, line in (above | below).items()}
    assert styles == {"train": "-", "test": "--"}
    looks = {(line.get_color(), line.get_linewidth()) for line in above.values()}
    assert len(looks) == 2 and len({width for _, width in looks}) == 2


def test_the_plot_of_one_epoch_shows_points_and_of_a_broken_one_what_there_is(model, images):
    upper, _ = train(model, images, epochs=1).plot()
    assert {line.get_marker() for line in upper.get_lines()} == {"o"}
    upper, lower = train(Troubled(8, interrupt), images, epochs=9).plot()
    assert list(lines_of(lower)["KL, train"].get_xdata()) == [1, 2]
    assert lines_of(upper)["−rec, test"].get_marker() == "o"


def test_the_plot_has_no_panel_for_a_kl_that_is_always_0():
    torch.manual_seed(0)
    axes = train(Autoencoder((4, 4), 2, (8,))).plot()
    assert len(axes) == 1 and list(lines_of(axes[0])) == ["−rec, train"]
    assert axes[0].get_ylabel() == "−rec [nats]" and axes[0].get_xlabel() == "epoch"


def test_the_plot_goes_into_axes_that_are_given(model):
    history = train(model)
    axes = plt.subplots(2, 1)[1]
    assert history.plot(ax=axes) == tuple(axes) and len(axes[1].get_lines()) == 1
    with pytest.raises(ValueError, match=r"should be 2 Axes, .* but 1 came; try plt.subplots\(2"):
        history.plot(ax=plt.subplots()[1])
    with pytest.raises(ValueError, match="no epoch to draw yet"):
        History().plot()


def test_one_bar_ends_with_the_numbers_of_the_last_epoch(capsys):
    history = train(tiny_vae(), epochs=3, progress=True)
    last = capsys.readouterr().err.split("\r")[-1]
    assert last.startswith("100%|") and last.endswith("\n") and last.count("\n") == 1
    assert "| 3/3 epochs [" in last
    numbers = f"elbo={history.elbo[-1]:.2f}, rec={history.rec[-1]:.2f}, kl={history.kl[-1]:.2f}"
    assert numbers in last
    assert train(tiny_vae()) and capsys.readouterr() == ("", "")


def test_many_short_epochs_are_not_drawn_one_by_one(capsys):
    start = time.perf_counter()
    train(tiny_vae(), epochs=300, batch_size=99, progress=True)
    drawn = capsys.readouterr().err.count("\r")
    assert drawn <= 8 + 7 * (time.perf_counter() - start)  # five times a second, and once a second


def test_a_long_epoch_shows_its_numbers_while_it_lasts(capsys, monkeypatch):
    clock = iter(range(10**6))
    monkeypatch.setattr(_history.time, "monotonic", lambda: 2 * next(clock))
    train(tiny_vae(), epochs=1, progress=True)
    assert capsys.readouterr().err.count(" 0/1 epochs [00:00<?], elbo=") >= 4


def test_an_interrupted_bar_stays_where_it_was(capsys):
    train(Troubled(7, interrupt), epochs=9, progress=True)
    assert "| 1/9 epochs [" in capsys.readouterr().err.split("\r")[-1]
